"""`ecglite study`: the published study on a database."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress


@click.command("study")
@click.argument("dataset")
@data_option
@click.option(
    "--recipe",
    default="published",
    show_default=True,
    metavar="NAME",
    help="A study recipe of the package (published, ptb-xl, quick), or the path of a .toml file.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="In place of studies/RECIPE-DATASET.")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Where it runs."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Units at a time; a Ray cluster of RAY_ADDRESS has its own number.",
)
@click.option("--json", "as_json", is_flag=True, help="All results as one JSON object.")
def study(
    dataset: str, data: Path | None, recipe: str, out: Path | None, engine: str, workers: int, as_json: bool
) -> None:
    """Run the published study on DATASET: a database's name, or a folder in the layout of one.

    Networks, folds, baselines, costs, tables and figures, as report.md, report.html, results.json and pictures.
    Interrupt it when you like: the same command goes on where it was, epoch by epoch.
    """
    require_lab()
    from ecglite.lab import datasets, prepare
    from ecglite.lab.study import costs, description, plan, report, results
    from ecglite.lab.study import engine as engines

    described = description.load(recipe)
    which, root = datasets.found(dataset, data)
    folder = out or Path("studies") / f"{described.name}-{which.name}"
    plan.check_out(folder)
    prepared = {
        hz: prepare.prepare(which, root, Progress(), rate_hz=hz)
        for hz in sorted({method.preparation.rate_hz for method in described.methods.values()})
    }
    made = plan.make(described, which, prepared, folder)
    units = made.units()
    click.echo(
        f"{len(made.y)} records of {len(made.labels)} rhythms, {described.folds} folds, {len(units)} units; "
        f"study {folder}, which the same command takes up again wherever it is interrupted",
        err=True,
    )
    engines.run_all(folder, made, engine, workers, Progress())
    cost = costs.measure(folder, made, Progress())
    command = shlex.join(["ecglite", "study", dataset, "--recipe", recipe])
    found = results.gather(folder, made, which, root, prepared, cost, command, dataset == which.name, Progress())
    report.write_all(folder, found)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else report.summary(found, folder))
