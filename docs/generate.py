"""Writes what the docs can hold only by being generated: docs/cli.md, and the output shown below commands.

python docs/generate.py           writes
python docs/generate.py --check   writes nothing; exit code 1 where something is stale

In README.md and docs/*.md a fence marked `console` holds commands after "$ " and what they print. A fence marked `json`
right below a comment <!-- ecglite ... --> holds the one JSON object that this command prints. All run in one temporary
folder, after `ecglite demo`.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from ecglite.cli import cli

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "cli.md"
_PROGRAM = "import sys; sys.argv[0] = 'ecglite'; from ecglite.cli import main; main()"
_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_JSON = re.compile(r"^<!-- (?P<command>ecglite [^\n]*) -->\n```json\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """README.md and the docs, without the generated one."""
    return [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").glob("*.md")) if page != REFERENCE)]


def reference() -> str:
    """docs/cli.md, from the commands themselves."""
    context = click.Context(cli, info_name="ecglite")
    parts = ["# The command line", "Generated from the program by `python docs/generate.py`.", _text(cli)]
    for names, command in _commands(cli, context, ("ecglite",)):
        parts.append(f"## {' '.join(names)}")
        parts.append(f"```text\n{' '.join([*names, *command.collect_usage_pieces(context)])}\n```")
        parts.append(_text(command))
        rows = [_row(option) for option in command.params if isinstance(option, click.Option)]
        if rows:
            parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _commands(
    group: click.Group, context: click.Context, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, context, (*names, name))
        elif command is not None:
            yield (*names, name), command


def _text(command: click.Command) -> str:
    paragraphs = (command.help or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _row(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or _metavar(option.type)}"
    remarks = []
    if isinstance(option.type, click.IntRange):
        remarks.append(f"from {option.type.min}" + ("" if option.type.max is None else f" to {option.type.max}"))
    if option.show_default:
        remarks.append(f"default {option.show_default if isinstance(option.show_default, str) else option.default}")
    remark = f" [{', '.join(remarks)}]" if remarks else ""
    return f"| `{', '.join(option.opts)}{value}` | {option.help}{remark} |"


def _metavar(kind: click.ParamType) -> str:
    if isinstance(kind, click.Choice):
        return "\\|".join(map(str, kind.choices))  # a bare bar would end the table's cell
    return {"path": "PATH", "integer range": "N"}.get(kind.name, kind.name.upper())


def run(command: str, folder: Path) -> str:
    """What an `ecglite ...` command prints when it runs in a folder; the folder's own path as "..."."""
    words = shlex.split(command)
    if words[0] != "ecglite":
        raise ValueError(f"{command!r}: only ecglite runs here")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words[1:]], cwd=folder, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"{command}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.replace(str(folder.resolve()), "...")


def refreshed(text: str, folder: Path) -> str:
    """A page with every output made anew."""

    def console(found: re.Match[str]) -> str:
        commands = [line for line in found[0].splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{run(line[2:], folder)}" for line in commands)

    def json_object(found: re.Match[str]) -> str:
        values = json.loads(run(found["command"], folder))
        return f"<!-- {found['command']} -->\n```json\n{json.dumps(values, indent=1, ensure_ascii=False)}\n```"

    return _JSON.sub(json_object, _CONSOLE.sub(console, text))


def outline(text: str) -> str:
    """A page without what may differ between processors: spaces, and numbers within JSON and before a percent sign."""
    text = _JSON.sub(lambda found: re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "0", found[0]), text)
    return " ".join(re.sub(r"[<>]? ?\d+ %", "0 %", text).split())


def stale(folder: Path) -> list[Path]:
    """The pages that do not say what the program says."""
    old = [] if REFERENCE.exists() and REFERENCE.read_text(encoding="utf-8") == reference() else [REFERENCE]
    run("ecglite demo", folder)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if outline(refreshed(text, folder)) != outline(text):
            old.append(page)
    return old


def write(folder: Path) -> None:
    """Write every page anew."""
    REFERENCE.write_text(reference(), encoding="utf-8")
    run("ecglite demo", folder)
    for page in pages():
        page.write_text(refreshed(page.read_text(encoding="utf-8"), folder), encoding="utf-8")


def main() -> None:
    """Write, or check."""
    with tempfile.TemporaryDirectory() as name:
        if sys.argv[1:] != ["--check"]:
            write(Path(name))
            return
        old = stale(Path(name))
    if old:
        names = ", ".join(str(page.relative_to(ROOT)) for page in old)
        sys.exit(f"stale: {names}; run python docs/generate.py")
    print("the docs say what the program says")


if __name__ == "__main__":
    main()
