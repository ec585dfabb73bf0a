"""What the columns of a CSV are: leads with their units, a time column, or a sample index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, RecordError
from ecglite.edge.formats._record import RATE_TOLERANCE, Hints
from ecglite.edge.record import LEADS, MAX_RATE_HZ, MIN_RATE_HZ, lead_of, standard_lead

MAX_NAME: Final = 64
"""Characters of a column name; a longer one is prose."""

_SECONDS: Final = {
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "msec": 1e-3,
    "millisecond": 1e-3,
    "milliseconds": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "microseconds": 1e-6,
}
_VOLTS: Final = ("mv", "uv", "µv", "μv", "nv", "v", "millivolt", "microvolt", "volt")
_INDEX: Final = frozenset({"", "sample", "samples", "sample #", "sample no", "sample number", "index", "idx", "n", "#"})
_TIME: Final = frozenset({"time", "t", "elapsed time", "timestamp", "elapsed"})
_SINGLE: Final = frozenset({"ecg", "ekg"})
_BRACKETS: Final = re.compile(r"[\[(]([^\])]*)[\])]\s*$")
_SUFFIX: Final = re.compile(r"^(.*?)[_ ]+([^\s_]+)$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `lead` and the `unit` its name states for a lead, `unit` alone for time."""

    role: Literal["lead", "time", "index"]
    lead: str = ""
    unit: str | None = None


def is_unit(cell: str) -> bool:
    """Whether a cell is a unit of voltage or time, or blank: what a second header line consists of."""
    return cell.strip("[]() ").lower() in {"", "-", *_SECONDS, *_VOLTS}


def columns_of(
    names: Sequence[str] | None, units: Sequence[str] | None, n_columns: int, hints: Hints, notes: list[str]
) -> list[Column]:
    """The role of each column.

    Args:
        names: the header line, or None.
        units: the line of units below it, or None.
        n_columns: how many columns there are.
        hints: leads names the signals in their order.
        notes: what is assumed is appended.

    Raises:
        LeadError: a name is unknown, or the count is not that of the leads.
    """
    if names is None:
        return _unnamed(n_columns, hints, notes)
    columns = [_column(name, hints) for name in names]
    if units is not None:
        stated = [unit.strip("[]() ").lower() or None for unit in units]
        columns = [Column(c.role, c.lead, c.unit or u) for c, u in zip(columns, stated, strict=True)]
    signals = [at for at, column in enumerate(columns) if column.role == "lead"]
    if hints.leads is not None:
        if len(hints.leads) != len(signals):
            raise LeadError(
                f"{len(hints.leads)} names in --leads for {len(signals)} signals",
                allowed="one name per signal",
            )
        for at, lead in zip(signals, hints.leads, strict=True):
            columns[at] = Column("lead", lead, columns[at].unit)
    elif len(signals) == 1 and _split(names[signals[0]])[0].lower() in _SINGLE:
        notes.append(f"the only signal, {names[signals[0]]}, is taken as lead I")
        columns[signals[0]] = Column("lead", "I", columns[signals[0]].unit)
    if not signals:
        raise LeadError("no column of the header is a lead", allowed=", ".join(LEADS), do="name the leads with --leads")
    for at in signals:
        if not columns[at].lead:
            lead_of(names[at][:MAX_NAME] or "(blank)")  # a long one takes its patterns quadratic time
    return columns


def rate_of_time(time: npt.NDArray[np.float64], unit: str | None, hints: Hints, notes: list[str]) -> float:
    """The sampling rate of a time column: [n_samples], in `unit`, or in seconds where none is stated.

    Raises:
        MalformedFileError: it has gaps, runs backwards, or is not even.
        RecordError: its steps make no rate that is read.
    """
    if len(time) < 2 or np.isnan(time).any():
        raise MalformedFileError(
            "the time column has a gap or a single row", do="fill it, or remove the column and give --rate"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.diff(time)
        step = float(time[-1] - time[0]) / len(steps)
        usual = float(np.median(steps))
        drift = np.abs(time - (time[0] + step * np.arange(len(time)))).max()
    bad = np.flatnonzero(~((steps > 0.5 * usual) & (steps < 1.5 * usual)))
    if not usual > 0 or bad.size or not drift < 1.5 * step:
        where = f" at sample {int(bad[0]) + 2}" if bad.size else ""
        raise MalformedFileError(
            f"the time column is not even{where}",
            allowed="one step throughout, forwards",
            do="resample the recording, or remove the column and give --rate",
        )
    rate = _rate_without_unit(step, hints, notes) if unit is None else 1 / (step * _SECONDS[unit])
    return float(round(rate)) if abs(rate - round(rate)) < 5e-4 * rate else rate


def _rate_without_unit(step: float, hints: Hints, notes: list[str]) -> float:
    """Seconds, unless --rate shows that the column counts milliseconds, microseconds or samples."""
    if hints.rate_hz is not None:
        for scale in (1.0, 1e-3, 1e-6):
            if abs(1 / (step * scale) - hints.rate_hz) <= RATE_TOLERANCE * hints.rate_hz:
                return 1 / (step * scale)
        if step == 1:
            notes.append("the time column counts samples; the rate is that of --rate")
            return hints.rate_hz
    if not MIN_RATE_HZ <= 1 / step <= MAX_RATE_HZ:
        raise RecordError(
            f"a time column in steps of {step:g}, which in seconds makes {1 / step:g} Hz",
            allowed=f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
            do="state its unit in the header, such as 'time (ms)', or give --rate",
        )
    return 1 / step


def _unnamed(n_columns: int, hints: Hints, notes: list[str]) -> list[Column]:
    if hints.leads is not None:
        leads = hints.leads
    elif n_columns == len(LEADS):
        leads = LEADS
        notes.append("no header: twelve columns are taken as I, II, III, aVR, aVL, aVF, V1 to V6")
    else:
        raise LeadError(
            f"{n_columns} columns without a header",
            allowed="12 without a header, any number with one",
            do="name the columns in order with --leads, for example --leads I,II",
        )
    if len(leads) != n_columns:
        raise LeadError(f"{len(leads)} names in --leads for {n_columns} columns", allowed="one name per column")
    return [Column("lead", lead) for lead in leads]


def _split(name: str) -> tuple[str, str | None]:
    """A name and the unit that it ends with: "I (uV)", "I [mV]", "V1_uV", "time_ms"."""
    name = name.strip()[:MAX_NAME]
    found = _BRACKETS.search(name)
    if found is not None:
        return name[: found.start()].strip(), found[1].strip().lower()
    found = _SUFFIX.match(name)
    if found is not None and found[2].lower() in {*_SECONDS, *_VOLTS} - {"v", "s"}:
        return found[1].strip(), found[2].lower()
    return name, None


def _column(name: str, hints: Hints) -> Column:
    """One header cell; its lead is "" where --leads may still name it."""
    base, unit = _split(name)
    word = base.lower().replace("_", " ").strip()
    if word in _TIME or (unit is None and word in _SECONDS and word not in {"s"}):
        stated = unit if word in _TIME else word
        return Column("time", unit=stated if stated in _SECONDS else None)
    if word in _INDEX or word.startswith("unnamed:"):
        return Column("index")
    lead = standard_lead(name.strip()[:MAX_NAME]) if len(name.strip()) <= MAX_NAME else None
    return Column("lead", lead or "", unit if unit in _VOLTS else None)
