"""`ecglite export`: a finished run -> a model bundle."""

from __future__ import annotations

from pathlib import Path

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@data_option
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where to write it, in place of RUN/bundle.",
)
def export(run: Path, data: Path | None, bundle: Path | None) -> None:
    """Turn a finished RUN into a model bundle: int8 .tflite, manifest, model card.

    A float twin, to measure what int8 costs, is written beside it, with -float after its name.
    """
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab import datasets, prepare, ship, training

    recipe, network, origin = training.load_run(run)
    which = datasets.dataset(recipe.data.dataset)
    root = datasets.root_of(which, data)
    folder = bundle or run / "bundle"
    ship.ship(recipe, network, origin, which, root, prepare.prepare(which, root, Progress()), folder, Progress())
    manifest = load_bundle(folder).manifest
    click.echo(f"{folder}: {manifest.size_bytes:,} bytes, sha256 {manifest.sha256[:16]}...")
    if recipe.one_of_many:
        click.echo(
            f"abstains below {manifest.abstain_below:.2f}; next: ecglite evaluate {folder} {recipe.data.dataset}"
        )
    else:
        click.echo(f"next: ecglite evaluate {folder} --benchmark {recipe.task}")
