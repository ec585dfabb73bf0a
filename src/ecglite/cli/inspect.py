"""`ecglite inspect`: what was read, without a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from ecglite.cli.files import exit_code, lead_names, reading_options, recordings, shown
from ecglite.edge import formats
from ecglite.edge.errors import EcgliteError
from ecglite.edge.quality import Quality, assess
from ecglite.edge.record import Record


@click.command("inspect")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, one line per recording.")
@reading_options
def inspect(paths: tuple[str, ...], as_json: bool, units: str | None, rate: float | None, leads: str | None) -> None:
    """Show what was read from recordings, without a model: format, leads, rate, units, duration, quality."""
    files = recordings(paths)
    errors: list[EcgliteError] = []
    for path in files:
        try:
            record = formats.read(path, units=units, rate_hz=rate, leads=lead_names(leads))
            values = _values(path, record)
        except EcgliteError as error:
            errors.append(error)
            if as_json:
                click.echo(json.dumps({"path": str(path), "error": str(error), "error_type": type(error).__name__}))
            elif len(files) == 1:
                raise
            else:
                click.echo(f"not read: {error}", err=True)
            continue
        click.echo(json.dumps(values) if as_json else _text(values))
    sys.exit(exit_code(errors, len(files)))


def _values(path: Path, record: Record) -> dict[str, Any]:
    refused = None
    quality: Quality | None = None
    try:
        quality = assess(record)
    except EcgliteError as error:
        refused = str(error)
    verdicts = {lead.lead: lead for lead in quality.leads} if quality else {}
    leads = []
    for k, lead in enumerate(record.leads):
        x = record.signal_mv[:, k]
        seen = x[~np.isnan(x)]
        span = (float(seen.min()), float(seen.max())) if len(seen) else (None, None)
        verdict = verdicts.get(lead)
        leads.append(
            {
                "lead": lead,
                "min_mv": span[0],
                "max_mv": span[1],
                "missing": len(x) - len(seen),
                "quality": verdict.verdict if verdict else None,
                "reasons": list(verdict.reasons) if verdict else [],
            }
        )
    return {
        "path": str(path),
        "format": record.format,
        "n_leads": len(record.leads),
        "sampling_rate_hz": record.sampling_rate_hz,
        "units": record.units,
        "n_samples": len(record.signal_mv),
        "duration_s": record.duration_s,
        "age_years": record.patient.age_years,
        "sex": record.patient.sex,
        "comments": list(record.comments),
        "quality": quality.verdict if quality else None,
        "notes": list(quality.notes if quality else record.notes),
        "refused": refused,
        "leads": leads,
    }


def _text(values: dict[str, Any]) -> str:
    facts = (
        f"{values['format']}, {values['n_leads']} leads, {values['sampling_rate_hz']:g} Hz, "
        f"{values['duration_s']:.2f} s ({values['n_samples']} samples), file in {values['units']}"
    )
    lines = [shown(Path(values["path"])), f"    {facts}"]
    patient = [f"{values['age_years']:g} years"] if values["age_years"] is not None else []
    patient += [values["sex"]] if values["sex"] else []
    if patient:
        lines.append(f"    patient: {', '.join(patient)}")
    lines.extend(f"    header: {comment}" for comment in values["comments"])
    lines.append(f"    {'lead':<6}{'min mV':>9}{'max mV':>9}{'missing':>9}  quality")
    for lead in values["leads"]:
        low, high = ("-" if v is None else f"{v:.3f}" for v in (lead["min_mv"], lead["max_mv"]))
        reasons = f" ({', '.join(lead['reasons'])})" if lead["reasons"] else ""
        lines.append(f"    {lead['lead']:<6}{low:>9}{high:>9}{lead['missing']:>9}  {lead['quality'] or '-'}{reasons}")
    lines.extend(f"    note: {note}" for note in values["notes"])
    if values["refused"]:
        lines.append(f"    would not be classified: {values['refused']}")
    return "\n".join(lines)
