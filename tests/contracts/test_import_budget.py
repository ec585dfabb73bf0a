"""What a bare device can do: the data's path needs numpy and LiteRT, the help needs neither, and nothing goes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from ecglite.cli import cli
from ecglite.simulator import simulate, write_chapman_csv

HEAVY = {
    *("torch", "scipy", "pandas", "matplotlib", "wfdb", "sklearn", "openpyxl", "neurokit2", "tensorflow", "jax"),
    *("h5py", "pooch", "requests"),
}
MAKERS = {"litert_torch", "litert_quantizer", "safetensors"}

# Runs the command, then prints what was imported as the last line of stderr.
SPY = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from ecglite.cli import main
main()
"""

# Ends the process at the first sign of a network: sockets of any kind but the local ones that asyncio may make.
OFFLINE = """
import os, sys
def audit(event, arguments):
    if event.startswith("socket.") or event in {"urllib.Request", "http.client.connect", "ftplib.connect"}:
        os.write(2, f"NETWORK: {event} {arguments}\\n".encode())
        os._exit(99)
sys.addaudithook(audit)
from ecglite.cli import main
main()
"""


def command(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)


DEVICE_VERBS = ("classify", "inspect", "demo")
OTHER_VERBS = (
    *("simulate", "app", "fetch", "dataset", "dataset check", "train", "export", "evaluate", "study"),
    *("bench", "bench io", "bench cache", "bench models", "bench gate"),
    *("realism", "realism tell-apart", "realism transfer", "realism ablation", "realism add", "realism distributions"),
)
"""Every verb, in the words that a person types."""


def imported(*arguments: object) -> set[str]:
    done = command(SPY, *arguments)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def tops(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one") / "one.csv"
    write_chapman_csv(simulate("SR", seed=1), path)
    return path


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_next_to_nothing(arguments: list[str]) -> None:
    modules = imported(*arguments)
    assert not tops(modules) & ({"numpy", "ai_edge_litert"} | HEAVY | MAKERS)
    assert {m for m in modules if m.startswith("ecglite")} <= {
        "ecglite",
        "ecglite.cli",
        "ecglite.cli.group",
        "ecglite.edge",
        "ecglite.edge.errors",
    }


@pytest.mark.parametrize("verb", [*DEVICE_VERBS, *OTHER_VERBS])
def test_the_help_of_a_verb_is_light(verb: str) -> None:
    """Those of the data's path may load what they run on, the others nothing at all."""
    modules = imported(*verb.split(), "--help")
    assert not tops(modules) & (HEAVY | MAKERS)
    assert not {m for m in modules if m.startswith("ecglite.lab")}
    if verb in OTHER_VERBS:
        assert not tops(modules) & {"numpy", "ai_edge_litert"}


def test_no_verb_is_left_out() -> None:
    def named(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
        if words:
            yield " ".join(words)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from named(found, (*words, name))

    assert sorted(named(cli)) == sorted([*DEVICE_VERBS, *OTHER_VERBS])


def test_import_ecglite_is_light() -> None:
    code = "import ecglite, sys, json; dir(ecglite); print(json.dumps(sorted(sys.modules)))"
    modules = tops(set(json.loads(command(code).stdout)))
    assert not modules & ({"numpy", "ai_edge_litert"} | HEAVY | MAKERS)


def test_classify_needs_numpy_and_litert_only(csv: Path) -> None:
    modules = imported("classify", csv, "--json", "--report", csv.parent / "r.html")
    assert tops(modules) >= {"numpy", "ai_edge_litert"}
    assert not tops(modules) & (HEAVY | MAKERS)
    assert not {m for m in modules if m.startswith(("ecglite.app", "ecglite.lab", "ecglite.simulator"))}
    assert not modules & {"http.server", "socketserver", "webbrowser"}


def test_inspect_needs_no_model(csv: Path) -> None:
    modules = imported("inspect", csv)
    assert not tops(modules) & (HEAVY | MAKERS | {"ai_edge_litert"})
    assert "ecglite.edge.bundle" not in modules


def test_demo_needs_no_lab(tmp_path: Path) -> None:
    modules = imported("demo", tmp_path / "demo")
    assert not tops(modules) & (HEAVY | MAKERS)
    assert not {m for m in modules if m.startswith("ecglite.lab")}


@pytest.mark.parametrize("verb", ["--help", "classify", "inspect", "demo"])
def test_nothing_goes_out(verb: str, csv: Path, tmp_path: Path) -> None:
    arguments: dict[str, list[Any]] = {
        "--help": ["--help"],
        "classify": ["classify", csv.parent, "--json", "--report", tmp_path / "r.html"],
        "inspect": ["inspect", csv],
        "demo": ["demo", tmp_path / "demo"],
    }
    done = command(OFFLINE, *arguments[verb])
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr


def test_the_watch_for_the_network_works() -> None:
    spied = OFFLINE.replace(
        "from ecglite.cli import main\nmain()", "import socket; socket.create_connection(('::1', 9))"
    )
    done = command(spied)
    assert done.returncode == 99
    assert "NETWORK: socket." in done.stderr


def test_environment_is_not_needed(csv: Path) -> None:
    """No HOME, no cache folder, no locale: a service on a device has none."""
    keep = {key: os.environ[key] for key in ("PATH", "PYTHONPATH", "SYSTEMROOT") if key in os.environ}
    code = "from ecglite.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "classify", str(csv)], env=keep, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
