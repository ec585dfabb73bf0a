"""`ecglite demo`: the main job on recordings made on the spot."""

from __future__ import annotations

from pathlib import Path

import click

from ecglite.cli.files import write_text
from ecglite.edge import formats
from ecglite.edge.decision import percent
from ecglite.edge.errors import FileAccessError
from ecglite.edge.pipeline import Classifier
from ecglite.edge.report import Entry, html
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import RHYTHMS_MADE, simulate, write_chapman_csv

MADE = "SIMULATED.txt"  # marks a folder that a demo made, and tells whoever finds it later


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("ecglite-demo"))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Another seed, other patients.")
def demo(folder: Path, seed: int) -> None:
    """Simulate a recording of each rhythm into FOLDER, classify them and write a report."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(f"{folder} cannot be made: {error.strerror}", do="name another folder") from None
    _refuse_others_files(folder)
    classifier = Classifier()
    manifest = classifier.manifest
    click.echo("These recordings are simulated: no patient's heart made them.\n")
    click.echo(f"{'file':<12}{'simulated as':<46}{'classified as':<46}{'':>6}{'rate':>9}")
    entries, right, known = [], 0, 0
    for rhythm in RHYTHMS_MADE:
        path = folder / f"{rhythm}.csv"
        write_chapman_csv(simulate(rhythm, seed=seed), path)
        record = formats.read(path)
        finding = classifier.classify(record)
        known += rhythm in manifest.labels
        right += rhythm == finding.rhythm
        rate = "-" if finding.heart_rate_bpm is None else f"{finding.heart_rate_bpm:.0f}/min"
        name = f"{finding.name}{' ?' if finding.abstained else ''}"
        click.echo(f"{path.name:<12}{RHYTHMS[rhythm].name:<46}{name:<46}{percent(finding.probability):>6}{rate:>9}")
        entries.append(Entry(path.name, record, finding))
    unknown = [rhythm for rhythm in RHYTHMS_MADE if rhythm not in manifest.labels]
    click.echo("\n?: the model is not sure enough, and a person should read the tracing.")
    click.echo(f"{right} of the {known} rhythms that model {manifest.name} {manifest.version} knows are named right.")
    if sum(manifest.trained_on.get("simulated_records", {}).values()):
        click.echo(
            "It has learned from simulated recordings too, so that proves little; "
            "its model card has the figures on patients."
        )
    fitted = manifest.trained_on.get("train_records", {})
    untaught = [label for label in manifest.labels if fitted.get(label) == 0]
    if untaught:
        click.echo(f"No patient's recording taught it {', '.join(untaught)}: it knows them from simulated ones alone.")
    if unknown:
        click.echo(f"It has not learned {', '.join(unknown)}: its database of patients has none.")
    report = folder / "report.html"
    note = f"Simulated recordings, made by ecglite demo. Model {manifest.name} {manifest.version}."
    write_text(report, html(entries, title="ecglite demo: simulated recordings", note=note))
    click.echo(f"\nReport with the tracings: {report.resolve()}")
    click.echo("Not a medical device.")


def _refuse_others_files(folder: Path) -> None:
    """A recording of somebody's own that happens to be called SB.csv must not be written over."""
    if any((folder / f"{rhythm}.csv").exists() for rhythm in RHYTHMS_MADE) and not (folder / MADE).exists():
        raise FileAccessError(f"{folder} holds recordings that no demo made", do="name another folder")
    write_text(folder / MADE, "The recordings here are simulated, made by ecglite demo.\n")
