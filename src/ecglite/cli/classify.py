"""`ecglite classify`: recordings -> rhythms."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import click

from ecglite.cli.files import check_report, exit_code, lead_names, reading_options, recordings, shown, write_text
from ecglite.edge import formats
from ecglite.edge.bundle import DEFAULT, Manifest
from ecglite.edge.decision import Finding, percent
from ecglite.edge.errors import EcgliteError
from ecglite.edge.pipeline import Classifier
from ecglite.edge.record import Record
from ecglite.edge.report import Entry, html
from ecglite.edge.rhythms import RHYTHMS

_COLUMNS = (
    "path",
    "rhythm",
    "name",
    "probability",
    "heart_rate_bpm",
    "abstained",
    "quality",
    "notes",
    "model",
    "error",
)


@click.command("classify")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, one line per recording.")
@click.option("--csv", "as_csv", is_flag=True, help="A CSV table with a header.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Also write a report with tracings.",
)
@click.option("--model", "bundle", type=click.Path(path_type=Path), default=DEFAULT, metavar="BUNDLE",
              help="Folder of a model bundle, in place of the one that ships with ecglite.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Refuse recordings without twelve good leads.")
@reading_options
def classify(
    paths: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    report: Path | None,
    bundle: Path,
    strict: bool,
    units: str | None,
    rate: float | None,
    leads: str | None,
) -> None:
    """Name the rhythm of recordings.

    PATH is a file (Chapman CSV, any CSV of samples, WFDB header), a folder that is searched for them, or a pattern.
    A recording that cannot be classified is listed with the reason, and the others go on.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    files = recordings(paths)
    if report is not None:
        check_report(report, files)
    classifier = Classifier(bundle)
    show = _json if as_json else _csv if as_csv else _Text().show
    if as_csv:
        _row([*_COLUMNS, *(f"p_{label}" for label in classifier.manifest.labels)])
    errors: list[EcgliteError] = []
    entries: list[Entry] = []
    for path in files:
        record: Record | None = None
        finding: Finding | None = None
        error: EcgliteError | None = None
        try:
            record = formats.read(path, units=units, rate_hz=rate, leads=lead_names(leads))
            finding = classifier.classify(record, strict=strict)
        except EcgliteError as caught:
            error = caught
            errors.append(caught)
        if error is None or len(files) > 1 or as_json or as_csv:
            show(path, finding, error, classifier.manifest)
        if report is not None:
            entries.append(Entry(str(path), record, finding, None if error is None else str(error)))
    if report is not None:
        note = f"Model {classifier.manifest.name} {classifier.manifest.version}."
        write_text(report, html(entries, title="ECG rhythm report", note=note))
        click.echo(f"report: {report}", err=True)
    if not (as_json or as_csv):
        if errors and len(files) == 1:
            raise errors[0]
        done = f"{len(files) - len(errors)} of {len(files)} classified"
        click.echo(f"{done} by model {classifier.manifest.name} {classifier.manifest.version}. Not a medical device.")
    sys.exit(exit_code(errors, len(files)))


def _json(path: Path, finding: Finding | None, error: EcgliteError | None, manifest: Manifest) -> None:
    values: dict[str, Any] = {"path": str(path)}
    if finding is not None:
        values |= finding.to_dict()
    else:
        values |= {
            "error": str(error),
            "error_type": type(error).__name__,
            "model": f"{manifest.name} {manifest.version}",
        }
    click.echo(json.dumps(values))  # in ASCII, which passes through any terminal, pipe and file name


def _csv(path: Path, finding: Finding | None, error: EcgliteError | None, manifest: Manifest) -> None:
    model = f"{manifest.name} {manifest.version}"
    if finding is None:
        _row([path, *[""] * (len(_COLUMNS) - 3), model, error, *[""] * len(manifest.labels)])
        return
    d = finding.to_dict()
    notes = "; ".join([*finding.reasons, *finding.quality.notes])
    found = [
        d["rhythm"],
        d["name"],
        d["probability"],
        d["heart_rate_bpm"],
        d["abstained"],
        d["quality"]["verdict"],
    ]
    _row([path, *found, notes, model, "", *d["probabilities"].values()])


def _row(values: list[Any]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    click.echo(line.getvalue())


class _Text:
    """Findings for a person. Notes that repeat those of the recording before are not spelled out again."""

    def __init__(self) -> None:
        self._notes: tuple[str, ...] = ()

    def show(self, path: Path, finding: Finding | None, error: EcgliteError | None, manifest: Manifest) -> None:
        if finding is None:
            click.echo(f"not classified: {error}", err=True)
            return
        notes = finding.quality.notes
        again = notes and notes == self._notes
        self._notes = notes
        lines = [*_finding_lines(finding), *(["notes: as above"] if again else (f"note: {note}" for note in notes))]
        click.echo("\n".join([shown(path), *(f"    {line}" for line in lines)]))


def _finding_lines(finding: Finding) -> list[str]:
    """A finding for a person, a few lines of text."""
    rate = "heart rate unknown" if finding.heart_rate_bpm is None else f"{finding.heart_rate_bpm:.0f}/min"
    unsure = "uncertain, most likely " if finding.abstained else ""
    lines = [f"{unsure}{finding.name} ({finding.rhythm})  {percent(finding.probability)}  {rate}"]
    if finding.alternatives:
        others = (f"{RHYTHMS[label].name} ({label}) {percent(p)}" for label, p in finding.alternatives)
        lines.append(f"next: {', '.join(others)}")
    if len(finding.windows) > 1:
        lines.append(f"in {len(finding.windows)} windows of 10 s: {_counts(finding)}")
    lines.extend(f"note: {reason}" for reason in finding.reasons)
    return lines


def _counts(finding: Finding) -> str:
    counts: dict[str, int] = {}
    for window in finding.windows:
        counts[window.rhythm] = counts.get(window.rhythm, 0) + 1
    return ", ".join(f"{label} {n}" for label, n in sorted(counts.items(), key=lambda item: -item[1]))
