"""What the docs say is so: commands parse, links lead somewhere, code runs, outputs and tables are the program's."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import ecglite
from ecglite.cli import cli
from ecglite.edge import errors
from ecglite.edge.bundle import load_bundle
from ecglite.edge.formats import _source

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fences(page: Path, language: str) -> list[str]:
    return [text for name, text in _FENCE.findall(page.read_text(encoding="utf-8")) if name == language]


def command_lines(page: Path) -> Iterator[str]:
    """Every `ecglite ...` that a reader would type: in fences of sh and console."""
    for line in "".join(fences(page, "sh") + fences(page, "console")).splitlines():
        for part in re.split(r"&&|\||>", line.removeprefix("$ ")):
            if part.strip().startswith("ecglite "):
                yield part.strip()


def mentions(page: Path) -> Iterator[str]:
    """Every `ecglite ...` in running text."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from (span for span in re.findall(r"`([^`\n]+)`", text) if span.startswith("ecglite "))


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words after "ecglite" name, and the words left for it."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_shown_parses(page: Path) -> None:
    for line in command_lines(page):
        command, words = resolve(shlex.split(line)[1:])
        assert not isinstance(command, click.Group), line
        command.make_context(command.name, list(words))  # raises a UsageError for what does not parse


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_mentioned_exists(page: Path) -> None:
    for span in mentions(page):
        command, words = resolve(span.split()[1:])
        known = {name for option in command.params for name in option.opts} | {"-h", "--help", "--version"}
        assert {word.split("=")[0] for word in words if word.startswith("-")} <= known, span


def test_commands_are_found_at_all() -> None:
    """Else the two tests above would pass over nothing."""
    readme = list(command_lines(ROOT / "README.md"))
    assert "ecglite demo" in readme
    assert len(readme) >= 8
    assert len(list(mentions(ROOT / "docs" / "formats.md"))) >= 2


def test_a_command_that_does_not_exist_is_seen() -> None:
    with pytest.raises(AssertionError, match="no command 'classy'"):
        resolve(["classy", "x.csv"])
    command, words = resolve(["classify", "x.csv", "--jsonl"])
    with pytest.raises(click.NoSuchOption):
        command.make_context("classify", words)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", page.read_text(encoding="utf-8"))):
        if not target.startswith(("https://", "mailto:")):
            assert (page.parent / target.split("#")[0]).exists(), target


def test_the_reference_and_the_outputs_are_fresh(generate: ModuleType, tmp_path: Path) -> None:
    stale = [page_id(page) for page in generate.stale(tmp_path)]
    assert not stale, "run: python docs/generate.py"


def test_staleness_is_seen(generate: ModuleType, tmp_path: Path) -> None:
    generate.run("ecglite demo", tmp_path)
    page = "```console\n$ ecglite inspect ecglite-demo/SR.csv\nsomething else\n```\n"
    fresh = generate.refreshed(page, tmp_path)
    assert "chapman-csv, 12 leads, 500 Hz" in fresh
    assert generate.outline(fresh) != generate.outline(page)
    assert generate.refreshed(fresh, tmp_path) == fresh


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_the_python_blocks_run(
    name: str, generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = fences(ROOT / name, "python")
    assert blocks
    generate.run("ecglite demo", tmp_path)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, name, "exec"), namespace)


def fields(heading: str) -> set[str]:
    """The fields in the table below a heading of docs/json.md."""
    section = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_the_json_contract_names_every_field(generate: ModuleType, tmp_path: Path) -> None:
    generate.run("ecglite demo", tmp_path)
    good, bad = tmp_path / "ecglite-demo" / "SR.csv", tmp_path / "empty.csv"
    bad.write_bytes(b"")
    failed = fields("Where a recording failed")
    for verb, lacks in (("classify", set()), ("inspect", {"model"})):
        result = CliRunner().invoke(cli, [verb, "--json", str(good), str(bad)])
        assert result.exit_code == 1
        first, second = map(json.loads, result.stdout.splitlines())
        assert set(first) == fields(f"ecglite {verb} --json")
        assert set(second) == failed - lacks
        assert second["error_type"] == "UnknownFormatError"


def test_the_formats_page_states_the_limits_of_the_code() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for what, limit in (
        ("CSV", _source.CSV_LIMIT),
        ("WFDB header", _source.HEADER_LIMIT),
        ("signal file", _source.SIGNAL_LIMIT),
    ):
        assert f"a {what} over {limit // _source.MIB} MiB" in page
    for error in re.findall(r"^\| .* \| `(\w+)` \|$", page, re.MULTILINE):
        assert issubclass(getattr(errors, error), ecglite.EcgliteError)


def test_the_recipe_fields_are_all_named() -> None:
    from ecglite.lab.recipe import Recipe

    page = (ROOT / "docs" / "making-a-model.md").read_text(encoding="utf-8")
    rows = {
        head: re.findall(r"`(\w+)`", row) for head, row in re.findall(r"^\| (top|`\[\w+\]`) \| (.*) \|$", page, re.M)
    }
    tables = {field.name: field for field in dataclasses.fields(Recipe)}
    parts = {
        name: [inner.name for inner in dataclasses.fields(field.default_factory)]
        for name, field in tables.items()
        if dataclasses.is_dataclass(field.default_factory)
    }
    assert rows == {"top": [name for name in tables if name not in parts]} | {
        f"`[{name}]`": names for name, names in parts.items()
    }


def test_the_readme_names_the_rhythms_of_the_model_that_ships() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    says = re.search(
        r"The model that ships has the (\w+) rhythms of Chapman-Shaoxing for labels: (.*?)\. SB is", readme, re.DOTALL
    )
    assert says is not None
    named = re.findall(r"([A-Za-z][\w\s]*?) \((\w+)\)", re.sub(r"\s+and\s+", ", ", says[2]))
    shipped = load_bundle().manifest.labels
    assert [label for _, label in named] == list(shipped)
    assert [" ".join(name.split()).lower() for name, _ in named] == [ecglite.RHYTHMS[k].name.lower() for k in shipped]
    assert says[1] == {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven"}[len(shipped)]


def test_the_picture_is_a_small_png() -> None:
    picture = (ROOT / "docs" / "images" / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
