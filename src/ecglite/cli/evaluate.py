"""`ecglite evaluate`: a bundle on a database, with intervals and baselines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress


@click.command("evaluate")
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@click.argument("dataset", required=False)
@data_option
@click.option(
    "--folds",
    metavar="N,N",
    help="The publisher's folds to score; without it the recipe's test folds, or all.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="Score this bundle too, as the float twin.",
)
@click.option(
    "--benchmark",
    type=click.Choice(["ptb-xl-rhythm"]),
    help="Score a model of PTB-XL's rhythm statements by the field's protocol; BUNDLE may be left out.",
)
@click.option("--micro", is_flag=True, help="Score the bundle's file for microcontrollers in place of its first.")
@click.option("--card", is_flag=True, help="Keep the figures in the bundle and write its model card again.")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object.")
def evaluate(
    bundle: Path | None,
    dataset: str | None,
    data: Path | None,
    folds: str | None,
    beside: Path | None,
    benchmark: str | None,
    micro: bool,
    card: bool,
    as_json: bool,
) -> None:
    """Score the model file of BUNDLE on DATASET, a database's name.

    Every labelled recording is read from its file and classified as a device would; none is left out.
    """
    if benchmark is not None:
        if dataset is not None or folds is not None or beside is not None or micro:
            raise click.UsageError(f"--benchmark {benchmark} has a database and folds of its own: give BUNDLE at most")
        _benchmark(bundle, data, card, as_json)
        return
    if bundle is None or dataset is None:
        raise click.UsageError("give BUNDLE and DATASET, or --benchmark")
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab import baselines, datasets, evaluation, prepare, scoring, ship
    from ecglite.lab.micro import OnMicro

    loaded = load_bundle(bundle)
    runner = OnMicro if micro else None
    if runner:
        runner(loaded)  # before long work: has it such a file?
    manifest = loaded.manifest
    which = datasets.dataset(dataset)
    root = datasets.root_of(which, data)
    chosen = _folds(folds, manifest.recipe if which.name == manifest.trained_on.get("dataset") else {})
    prepared = prepare.prepare(which, root, Progress())
    scored = scoring.score(bundle, which, root, prepared, chosen, Progress(), runner)
    measured = baselines.boosted_outside(which.measurements(root), scored.record_ids) if which.measurements else None
    result = scoring.report(scored, scoring.most_frequent(manifest.trained_on), measured)
    of_folds = f", fold {','.join(map(str, chosen))}" if chosen else ""
    command = f"ecglite evaluate {manifest.name} {which.name}"
    command += f" --folds {','.join(map(str, chosen))}" if chosen else ""
    name = which.name + of_folds
    if micro:
        of_folds += ", on a microcontroller"
        command += " --micro"
        name = ship.MICRO + name
    result |= {"title": f"{which.title}{of_folds}", "command": command, "doi": which.doi, "data": prepared.fingerprint}
    if beside is not None:
        twin = scoring.score(beside, which, root, prepared, chosen, Progress())
        result["beside"] = {
            "title": f"{load_bundle(beside).manifest.size_bytes:,} bytes",
            "figures": {k: v for k, v in evaluation.figures(twin.predictions).items() if k not in _OURS_ONLY},
            "difference": evaluation.difference(scored.predictions, twin.predictions),
        }
    if card:
        ship.write_card(loaded.folder, {name: result})
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _text(result))


def _benchmark(bundle: Path | None, data: Path | None, card: bool, as_json: bool) -> None:
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab import benchmark, datasets, prepare, ship
    from ecglite.lab.card import benchmark_section

    loaded = load_bundle(bundle or benchmark.NAME)
    which = datasets.dataset("ptb-xl")
    root = datasets.root_of(which, data)
    benchmark.split(which.index(root))  # before long work: is it the release that everybody uses?
    prepared = prepare.prepare(which, root, Progress())
    result = benchmark.score(loaded.folder, which, root, prepared, Progress())
    if card:
        ship.write_card(loaded.folder, {benchmark.NAME: result})
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else benchmark_section(result))


_OURS_ONLY = ("confusion", "per_class")  # not repeated for the bundle beside


def _folds(given: str | None, recipe: dict[str, Any]) -> tuple[int, ...]:
    if given is None:
        return tuple(recipe.get("data", {}).get("test_folds", ()))
    try:
        return tuple(int(fold) for fold in given.split(","))
    except ValueError:
        raise click.UsageError(f"--folds {given!r}: numbers with commas between them, as 9,10") from None


def _text(result: dict[str, Any]) -> str:
    from ecglite.lab.card import evaluation_section

    return evaluation_section(result)
