"""`ecglite export`: a finished run -> a model bundle, or the file for microcontrollers in one."""

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
    help="The bundle's folder, in place of RUN/bundle.",
)
@click.option(
    "--target",
    type=click.Choice(["phone", "micro"]),
    default="phone",
    show_default=True,
    help="What the file is for: a phone or whatever runs LiteRT, or a microcontroller, with the C that goes with it.",
)
def export(run: Path, data: Path | None, bundle: Path | None, target: str) -> None:
    """Turn a finished RUN into a model bundle: int8 .tflite, manifest, model card.

    A float twin, to measure what int8 costs, is written beside it, with -float after its name.

    With --target micro the RUN becomes the file for microcontrollers in a bundle that is there, beside its model.
    """
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.edge.errors import LabError
    from ecglite.lab import datasets, firmware, prepare, ship, training

    recipe, network, origin = training.load_run(run)
    which = datasets.dataset(recipe.data.dataset)
    root = datasets.root_of(which, data)
    folder = (bundle or run / "bundle").resolve()
    if not folder.name:
        raise LabError(f"{folder} is no place for a bundle", do="name a folder of its own by --bundle")
    prepared = prepare.prepare(which, root, Progress())
    if target == "micro":
        micro, costs = ship.ship_micro(recipe, network, origin, prepared, folder)
        click.echo(
            f"{folder / micro.model_file}: {micro.size_bytes:,} bytes, arena {micro.arena_bytes:,} bytes, sha256 "
            f"{micro.sha256[:16]}..."
        )
        what = "accuracy" if recipe.one_of_many else "macro-AUC"
        click.echo(
            f"validation folds, int8 and float: {what} {costs['int8'][0]:.4f} and {costs['float'][0]:.4f}, log loss "
            f"{costs['int8'][1]:.4f} and {costs['float'][1]:.4f}; how to use it: {folder / firmware.README}"
        )
        return
    ship.ship(recipe, network, origin, which, root, prepared, folder, Progress())
    manifest = load_bundle(folder).manifest
    click.echo(f"{folder}: {manifest.size_bytes:,} bytes, sha256 {manifest.sha256[:16]}...")
    if recipe.one_of_many:
        click.echo(
            f"abstains below {manifest.abstain_below:.2f}; next: ecglite evaluate {folder} {recipe.data.dataset}"
        )
    else:
        click.echo(f"next: ecglite evaluate {folder} --benchmark {recipe.task}")
