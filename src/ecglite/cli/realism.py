"""`ecglite realism`: the simulator held against real recordings."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress

if TYPE_CHECKING:
    from ecglite.lab.realism.source import Real
    from ecglite.lab.recipe import Recipe

F = TypeVar("F", bound=Callable[..., Any])


@click.group("realism")
def realism() -> None:
    """Hold the simulator against real recordings: five experiments.

    Each prints a table and keeps it as Markdown and JSON, with what it was made from. Interrupt it when you like: the
    same command goes on where it was.
    """


def _shared(command: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="All results as one JSON object."),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            default=Path("realism"),
            show_default=True,
            metavar="FOLDER",
            help="Keeps results, simulated recordings and fits.",
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything drawn."),
        click.option(
            "--switch",
            "switches",
            multiple=True,
            metavar="NAME=VALUE",
            help="A keyword of the simulator, its value as in JSON, an object for how (fields of Recorder), "
            "options (of the conduction's Options) and realism (of Realism); may be given several times.",
        ),
        data_option,
    ):
        command = option(command)
    return command


def _switches(given: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for one in given for name, value in _pairs(one, "--switch", several=False)}


def _pairs(text: str, option: str, *, several: bool) -> list[tuple[str, Any]]:
    """Keywords and values: JSON, or a word as it stands; the commas within a value's brackets are its own."""
    out: list[tuple[str, Any]] = []
    rest = text
    while rest or not out:
        name, equals, rest = rest.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"{option} {text!r}: NAME=VALUE, as noise=0")
        try:
            value, end = json.JSONDecoder().raw_decode(rest)
        except ValueError as error:
            if rest[:1] in ("{", "[", '"'):
                raise click.UsageError(f"{option} {text!r}: {name} is no JSON ({error})") from None
            value, end = None, -1
        if end < 0 or rest[end : end + 1] not in ("", ","):
            value = rest.partition(",")[0] if several else rest
            end = len(value)
        if rest[end:] and not several:
            raise click.UsageError(f"{option} {text!r}: one NAME=VALUE")
        out.append((name, value))
        rest = rest[end + 1 :]
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


def _fitting(command: F) -> F:
    """Options of the experiments that fit networks to rhythms."""
    for option in (
        click.option(
            "--external",
            default="georgia,cpsc-extra,cpsc2018",
            show_default=True,
            metavar="DATABASE,DATABASE",
            help="Test sets beside PTB-XL, each alone and all together but those that the simulator was calibrated on.",
        ),
        click.option("--folds", default="9", show_default=True, metavar="N,N", help="PTB-XL's folds to test on."),
        click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Trainings of each kind."),
        click.option("--epochs", type=click.IntRange(1), help="In place of the recipe's."),
        click.option("--per-rhythm", type=click.IntRange(1), help="Simulated recordings, in place of the recipe's."),
        click.option("--recipe", type=click.Path(path_type=Path), help="A .toml file in place of the built-in recipe."),
    ):
        command = option(command)
    return command


def _recipe(given: Path | None, default: Recipe, epochs: int | None, per_rhythm: int | None, seed: int) -> Recipe:
    from ecglite.lab import recipe as recipes

    described = default if given is None else recipes.load(given)
    training = dataclasses.replace(described.training, epochs=epochs or described.training.epochs)
    simulated = dataclasses.replace(described.simulated, per_rhythm=per_rhythm or described.simulated.per_rhythm)
    return dataclasses.replace(described, training=training, simulated=simulated, seed=seed)


def _tests(folds: str, external: str, data: Path | None) -> list[Real]:
    from ecglite.lab.realism import fitted, source

    wanted = _folds(folds)
    seen = " (used to calibrate)" if source.calibrated_on("ptb-xl", wanted) else ""
    some = source.real("ptb-xl", data, wanted, Progress())
    ptb_xl = dataclasses.replace(some, name=f"ptb-xl, fold {folds}{seen}")
    others = {name: source.real(name, data, (), Progress()) for name in external.split(",")}
    unseen = [kind for name, kind in others.items() if name not in source.CALIBRATED]
    named = [
        dataclasses.replace(kind, name=f"{name} ({source.CALIBRATED[name]})") if name in source.CALIBRATED else kind
        for name, kind in others.items()
    ]
    return [ptb_xl, *named, *([fitted.pooled(unseen)] if len(unseen) > 1 else [])]


@realism.command("transfer")
@click.option(
    "--ablate",
    multiple=True,
    metavar="NAME=VALUE[,NAME=VALUE]",
    help="Train once more with these keywords of the simulator, the same budget; may be given several times.",
)
@_fitting
@_shared
def transfer(
    ablate: tuple[str, ...],
    external: str,
    folds: str,
    seeds: int,
    epochs: int | None,
    per_rhythm: int | None,
    recipe: Path | None,
    data: Path | None,
    switches: tuple[str, ...],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Train on simulated recordings alone, test on real ones, beside what the beats alone tell."""
    require_lab()
    from ecglite.lab.realism import fitted
    from ecglite.lab.realism import transfer as experiment

    described = _recipe(recipe, fitted.DEFAULT, epochs, per_rhythm, seed)
    always = _switches(switches)
    arms = {experiment.FULL: always} | {one: always | dict(_pairs(one, "--ablate", several=True)) for one in ablate}
    found = experiment.run(described, _tests(folds, external, data), arms, seeds, out, Progress())
    _say("transfer", out, found, experiment.text(found), as_json)


@realism.command("ablation")
@_fitting
@_shared
def ablation(
    external: str,
    folds: str,
    seeds: int,
    epochs: int | None,
    per_rhythm: int | None,
    recipe: Path | None,
    data: Path | None,
    switches: tuple[str, ...],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Leave out each piece of the simulator's realism in turn, then all: what does it bring to transfer?

    Trainings and simulated recordings are those of transfer where both have the same folder.
    """
    require_lab()
    from ecglite.lab.realism import ablation as experiment
    from ecglite.lab.realism import fitted, transfer

    described = _recipe(recipe, fitted.DEFAULT, epochs, per_rhythm, seed)
    arms = experiment.arms(_switches(switches))
    found = transfer.run(described, _tests(folds, external, data), arms, seeds, out, Progress())
    _say("ablation", out, found, experiment.text(found), as_json)


@realism.command("add")
@click.option(
    "--fit-folds", default="1,2,3,4,5,6,7,8", show_default=True, metavar="N,N", help="PTB-XL's folds to train on."
)
@_fitting
@_shared
def add(
    fit_folds: str,
    external: str,
    folds: str,
    seeds: int,
    epochs: int | None,
    per_rhythm: int | None,
    recipe: Path | None,
    data: Path | None,
    switches: tuple[str, ...],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Train on real recordings with and without simulated ones of the thin rhythms, the same budget."""
    require_lab()
    from ecglite.lab.realism import add as experiment
    from ecglite.lab.realism import source

    described = _recipe(recipe, experiment.DEFAULT, epochs, per_rhythm, seed)
    training = source.real("ptb-xl", data, _folds(fit_folds), Progress())
    tests = _tests(folds, external, data)
    found = experiment.run(described, training, tests, _switches(switches), seeds, out, Progress())
    _say("add", out, found, experiment.text(found), as_json)


@realism.command("tell-apart")
@click.option("--on", default="ptb-xl", show_default=True, metavar="DATABASE", help="Where the real recordings are.")
@click.option(
    "--folds",
    metavar="N,N",
    help="The publisher's folds, or all; without it PTB-XL's fold 9 (the simulator was held against 1 to 9; 10 is for "
    "one last look), and all of another database.",
)
@click.option("--rhythms", metavar="R,R", help="Without it every rhythm that the database has ten patients of.")
@click.option("--per-rhythm", type=click.IntRange(10), default=200, show_default=True, help="At most, of each kind.")
@click.option("--quick", is_flag=True, help="Gradient boosting on named measures alone: seconds for each rhythm.")
@click.option("--epochs", type=click.IntRange(1), default=12, show_default=True, help="Of the network.")
@_shared
def tell_apart(
    on: str,
    folds: str | None,
    rhythms: str | None,
    per_rhythm: int,
    quick: bool,
    epochs: int,
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
    kind = source.real(on, data, _folds(folds or ("9" if on == "ptb-xl" else "all")), Progress())
    found = apart.quick(kind, per_rhythm, wanted, chosen, seed, out, Progress())
    if not quick:
        found["network"] = apart.by_network(kind, per_rhythm, wanted, chosen, seed, epochs, out, Progress())
    _say("tell-apart", out, found, apart.text(found), as_json)


@realism.command("distributions")
@click.option("--rhythms", metavar="R,R", help="Without it all eleven.")
@click.option("--per-rhythm", type=click.IntRange(2), default=100, show_default=True, help="Simulated recordings.")
@_shared
def distributions(
    rhythms: str | None,
    per_rhythm: int,
    data: Path | None,
    switches: tuple[str, ...],
    seed: int,
    out: Path,
    as_json: bool,
) -> None:
    """Put rates, intervals, axes and RR variability beside Chapman's table, with quantile plots."""
    require_lab()
    from ecglite.lab.realism import distributions as experiment

    wanted, chosen = _rhythms(rhythms), _switches(switches)
    found = experiment.run(wanted, per_rhythm, chosen, seed, data, out, Progress())
    _say("distributions", out, found, experiment.text(found), as_json)
