"""`ecglite train`: a recipe -> a run."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress


@click.command("train")
@click.argument("recipe", type=click.Path(path_type=Path))
@data_option
@click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where runs are kept.",
)
@click.option("--seed", type=click.IntRange(min=0), help="In place of the recipe's: a repeat, in a run of its own.")
def train(recipe: Path, data: Path | None, runs: Path, seed: int | None) -> None:
    """Fit the network of RECIPE, a .toml file, and first its teachers where it names any.

    Interrupt it when you like: the same command goes on after the last finished epoch.
    """
    require_lab()
    from ecglite.lab import datasets, prepare, splits, training
    from ecglite.lab import recipe as recipes

    described = recipes.load(recipe)
    if seed is not None:
        described = replace(described, seed=seed)
    which = datasets.dataset(described.data.dataset)
    prepared = prepare.prepare(which, datasets.root_of(which, data), Progress())
    made = splits.splits_of(prepared, described)
    folder = training.run_folder(described, runs)
    click.echo(f"{len(made.training.y)} records to fit, {len(made.validation.y)} to choose by; run {folder}")
    start = time.monotonic()
    training.train(
        described,
        made,
        folder,
        lambda line: click.echo(f"{time.monotonic() - start:7.0f} s  {line}"),
    )
    click.echo(f"finished; next: ecglite export {folder}")
