"""`ecglite realism`: the simulator held against real recordings."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress

F = TypeVar("F", bound=Callable[..., Any])


@click.group("realism")
def realism() -> None:
    """Hold the simulator against real recordings: four experiments.

    Each prints a table and keeps it as Markdown and JSON, with what it was made from. Interrupt it when you like: the
    same command goes on where it was.
    """


def _shared(command: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="All results as one JSON object."),
        click.option(
            "--out", type=click.Path(path_type=Path), default=Path("realism"), show_default=True, metavar="FOLDER"
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything drawn."),
        click.option(
            "--switch",
            "switches",
            multiple=True,
            metavar="NAME=VALUE",
            help="A keyword of the simulator, its value as in JSON; may be given several times.",
        ),
        data_option,
    ):
        command = option(command)
    return command


def _switches(given: tuple[str, ...]) -> dict[str, Any]:
    out = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"--switch {one!r}: NAME=VALUE, as noise=0")
        try:
            out[name] = json.loads(value)
        except ValueError:
            out[name] = value
    return out


def _folds(given: str) -> tuple[int, ...]:
    try:
        return tuple(int(fold) for fold in given.split(",")) if given != "all" else ()
    except ValueError:
        raise click.UsageError(f"--folds {given!r}: numbers with commas between them, as 1,2,3, or all") from None


def _rhythms(given: str | None) -> tuple[str, ...]:
    from ecglite.edge.rhythms import RHYTHMS

    some = tuple(RHYTHMS) if given is None else tuple(given.split(","))
    if strangers := [rhythm for rhythm in some if rhythm not in RHYTHMS]:
        raise click.UsageError(f"--rhythms {','.join(strangers)}: of {', '.join(RHYTHMS)}")
    return some


def _say(name: str, folder: Path, found: dict[str, Any], text: str, as_json: bool) -> None:
    from ecglite.lab.fitting import write
    from ecglite.lab.realism import source
    from ecglite.lab.training import commit

    command = shlex.join(["ecglite", *sys.argv[1:]])
    found = {"command": command, "commit": commit(), **found}
    source.keep(folder, name, found)
    write(folder / f"{name}.md", f"{text}\n\n`{command}`, commit {found['commit'] or 'unknown'}\n")
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else text)


_CHOSEN: Final = "1,2,3,4,5,6,7,8"


@realism.command("tell-apart")
@click.option("--on", default="ptb-xl", show_default=True, metavar="DATABASE", help="Where the real recordings are.")
@click.option("--folds", default=_CHOSEN, show_default=True, metavar="N,N", help="The publisher's folds; or all.")
@click.option("--rhythms", metavar="R,R", help="Without it every rhythm that the database has ten patients of.")
@click.option("--per-rhythm", type=click.IntRange(10), default=200, show_default=True, help="At most, of each kind.")
@click.option("--quick", is_flag=True, help="Gradient boosting on named measures alone: seconds for each rhythm.")
@_shared
def tell_apart(
    on: str,
    folds: str,
    rhythms: str | None,
    per_rhythm: int,
    quick: bool,
    data: Path | None,
    switches: tuple[str, ...],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Let classifiers separate simulated from real recordings of the same rhythm, and see what they go by."""
    require_lab()
    from ecglite.lab.realism import apart, source

    wanted, chosen = _rhythms(rhythms), _switches(switches)
    kind = source.real(on, data, _folds(folds), Progress())
    found = apart.quick(kind, per_rhythm, wanted, chosen, seed, out, Progress())
    _say("tell-apart", out, found, apart.text(found), as_json)
