"""What the columns of a CSV are: leads with their units, a time column, or a sample index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, RecordError
from ecglite.edge.formats._record import RATE_TOLERANCE, SKIP, TIME, Hints, agreed_lead, contradiction
from ecglite.edge.record import LEADS, MAX_RATE_HZ, MIN_RATE_HZ, lead_of, plain, standard_lead

MAX_NAME: Final = 64
"""Characters of a column name; a longer one is prose."""

MIN_STEP: Final = 1e-9
"""Of a time column, in any unit: far below the millisecond that the highest rate takes in seconds."""

_WHOLE: Final = 5e-4
"""A rate within this share of a whole number is that number; clock times that leave more open tell no rate."""

_DAY_S: Final = 86_400.0

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
_CLOCK_UNIT: Final = "hh:mm:ss.mmm"  # as PhysioNet's tables call it
_INDEX: Final = frozenset({"", "sample", "samples", "sample #", "sample no", "sample number", "index", "idx", "n", "#"})
_TIME: Final = frozenset({"time", "t", "elapsed time", "timestamp", "elapsed", "zeit"})
_SINGLE: Final = frozenset({"ecg", "ekg"})
_BRACKETS: Final = re.compile(r"[\[(]([^\])]*)[\])]\s*$")
_SUFFIX: Final = re.compile(r"^(.*?)[_ ]+([^\s_]+)$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is, for a lead which one, and the unit of voltage or time that its name states."""

    role: Literal["lead", "time", "other"]
    lead: str = ""
    unit: str | None = None


def is_unit(cell: str) -> bool:
    """Whether a cell is a unit of voltage or time, or blank: what a second header line consists of."""
    return cell.strip("[]() ").lower() in {"", "-", _CLOCK_UNIT, *_SECONDS, *_VOLTS}


def columns_of(
    names: Sequence[str] | None, units: Sequence[str] | None, n_columns: int, hints: Hints, notes: list[str]
) -> list[Column]:
    """The role of each column.

    Args:
        names: the header line, one per column, or None.
        units: the line of units below it, or None.
        n_columns: how many columns there are.
        hints: leads says what the columns are whose own names don't.
        notes: what is assumed is appended.

    Returns:
        One per column, less the last one where its name is blank and --leads says nothing of it: a delimiter at the
        end of each line makes such a column.

    Raises:
        LeadError: a name is unknown, contradicts --leads, or the count is not that of the columns.
    """
    if names is None:
        return _unnamed(n_columns, hints, notes)
    if len(names) > 1 and not names[-1].strip() and (hints.leads is None or len(hints.leads) < len(names)):
        names = names[:-1]
    columns = [_column(name) for name in names]
    if units is not None:
        stated = [unit.strip("[]()- ").lower() or None for unit in units[: len(names)]]
        columns = [Column(c.role, c.lead, c.unit or u) for c, u in zip(columns, stated, strict=True)]
    titles = [name.strip()[:MAX_NAME] or "(blank)" for name in names]
    given = hints.counted_leads(titles)
    if given is not None:
        return [_agreed(*of) for of in zip(columns, titles, given, strict=True)]
    signals = [at for at, column in enumerate(columns) if column.role == "lead"]
    if not signals:
        raise LeadError("no column of the header is a lead", allowed=", ".join(LEADS), do="name the leads with --leads")
    if len(signals) == 1 and _split(titles[signals[0]])[0].lower() in _SINGLE:
        notes.append(f"the only signal, {titles[signals[0]]}, is taken as lead I")
        columns[signals[0]] = Column("lead", "I", columns[signals[0]].unit)
    for at in signals:
        if not columns[at].lead:
            lead_of(titles[at])  # raises
    return columns


def _agreed(column: Column, title: str, given: str) -> Column:
    """A column as --leads has it, which fills in what the header leaves open.

    Raises:
        LeadError: the header says otherwise.
    """
    what = f"column {title!r}"
    if given == SKIP:
        return Column("other")
    timed = column.role == "time" or column.unit in _SECONDS
    if given == TIME:
        if not timed and (column.lead or column.unit):
            raise contradiction(what, f"lead {column.lead}" if column.lead else "a voltage", TIME)
        return Column("time", unit=column.unit)
    if timed:
        raise contradiction(what, TIME, f"lead {given}")
    return Column("lead", agreed_lead(title, given, what), column.unit)


def rate_of_time(
    time: npt.NDArray[np.float64], unit: str | None, hints: Hints, notes: list[str], *, clock: bool = False
) -> float:
    """The sampling rate of a time column.

    Args:
        time: [n_samples], in `unit`, or in seconds where none is stated.
        unit: of the column.
        hints: the rate says what a column without a unit counts, and what clock times are too coarse to tell.
        notes: what is assumed is appended.
        clock: whether it holds times of day in seconds, which are rounded, and begin anew at midnight.

    Raises:
        MalformedFileError: it has gaps, runs backwards, or is not even.
        RecordError: its steps make no rate that is read, or clock times are too coarse to tell it.
    """
    if len(time) < 2 or np.isnan(time).any():
        raise MalformedFileError(
            "the time column has a gap or a single row", do="fill it, or remove the column and give --rate"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        rounding = _rounding_of(time) if clock else 0.0
        if clock:
            time = time + _DAY_S * np.cumsum(np.diff(time, prepend=time[0]) < -_DAY_S / 2)
        steps = np.diff(time)
        step = float(time[-1] - time[0]) / len(steps)
        usual = float(np.median(steps))
        drift = np.abs(time - (time[0] + step * np.arange(len(time)))).max()
    slack = 1.01 * rounding  # of two times that were rounded alike, and some for float64
    even = (steps > 0.5 * usual) & (steps < 1.5 * usual) | (steps >= 0) & (np.abs(steps - step) < slack)
    bad = np.flatnonzero(~even)
    if bad.size or not drift < max(1.5 * step, slack):
        where = f" at sample {int(bad[0]) + 2}" if bad.size else ""
        raise MalformedFileError(
            f"the time column is not even{where}",
            allowed="one step throughout, forwards",
            do="resample the recording, or remove the column and give --rate",
        )
    span = step * len(steps)
    if rounding > _WHOLE * span and float(np.abs(steps - usual).max()) > rounding / 2:
        if hints.rate_hz is not None:
            fits = abs(len(steps) / hints.rate_hz - span) < slack
            return hints.rate_hz if fits else 1 / step  # which the caller compares
        raise RecordError(
            f"clock times in steps of {rounding:.9g} s over {span:.6g} s, too coarse to tell the rate",
            allowed="clock times to the millisecond",
            do="give --rate 500, or whatever it is",
        )
    if step < MIN_STEP:
        raise RecordError(
            f"a time column in steps of {step:g}",
            allowed=f"steps that make {MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
            do="correct the column, or remove it and give --rate",
        )
    unit = "s" if clock else unit
    rate = 1 / (step * _SECONDS[unit]) if unit in _SECONDS else _rate_without_unit(step, hints, notes)
    return float(round(rate)) if abs(rate - round(rate)) < _WHOLE * rate else rate


def _rounding_of(time: npt.NDArray[np.float64]) -> float:
    """What times are rounded to: the largest of 1, 0.1 and so on down to 1e-9 s of which all are multiples."""
    for digits in range(9):
        scaled = time * 10.0**digits
        if float(np.abs(scaled - np.rint(scaled)).max()) < 1e-3:
            return 1 / 10.0**digits
    return 1e-9


def _rate_without_unit(step: float, hints: Hints, notes: list[str]) -> float:
    """Seconds, unless --rate shows that the column counts milliseconds, microseconds or samples."""
    if hints.rate_hz is not None:
        for scale in (1.0, 1e-3, 1e-6):
            if abs(1 / (step * scale) - hints.rate_hz) <= RATE_TOLERANCE * hints.rate_hz:
                return 1 / (step * scale)
        if step == 1:
            notes.append("the time column counts samples; the rate is the one given")
            return hints.rate_hz
    if not MIN_RATE_HZ <= 1 / step <= MAX_RATE_HZ:
        raise RecordError(
            f"a time column in steps of {step:g}, which in seconds makes {plain(1 / step)} Hz",
            allowed=f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
            do="state its unit in the header, such as 'time (ms)', or give --rate",
        )
    return 1 / step


def _unnamed(n_columns: int, hints: Hints, notes: list[str]) -> list[Column]:
    titles = [f"column {at + 1}" for at in range(n_columns)]
    given = hints.counted_leads(titles)
    if given is not None:
        return [_agreed(Column("lead"), title, word) for title, word in zip(titles, given, strict=True)]
    if n_columns != len(LEADS):
        raise LeadError(
            f"{n_columns} columns without a header",
            allowed="12 without a header, any number with one",
            do="name every column in order with --leads, for example --leads time,I,II,- where - leaves one out",
        )
    notes.append("no header: twelve columns are taken as I, II, III, aVR, aVL, aVF, V1 to V6")
    return [Column("lead", lead) for lead in LEADS]


def _split(name: str) -> tuple[str, str | None]:
    """A name and the unit that it ends with: "I (uV)", "I [mV]", "V1_uV", "time_ms", "t_s"."""
    name = name.strip()[:MAX_NAME]
    found = _BRACKETS.search(name)
    if found is not None:
        return name[: found.start()].strip(), found[1].strip().lower()
    found = _SUFFIX.match(name)
    if found is not None and found[2].lower() in {*_SECONDS, *_VOLTS}:
        base, unit = found[1].strip(), found[2].lower()
        if len(unit) > 1 or (unit == "s" and _word(base) in _TIME):  # a single letter ends other names, too
            return base, unit
    return name, None


def _word(name: str) -> str:
    return name.lower().replace("_", " ").strip()


def _column(name: str) -> Column:
    """One header cell; its lead is "" where --leads may still name it."""
    base, unit = _split(name)
    unit = unit if unit in _SECONDS or unit in _VOLTS else None
    word = _word(base)
    if word in _TIME:
        return Column("time", unit=unit if unit in _SECONDS else None)
    if unit is None and word in _SECONDS and word != "s":
        return Column("time", unit=word)
    if word in _INDEX or word.startswith("unnamed:"):
        return Column("other", unit=unit)
    lead = standard_lead(name) if len(name.strip()) <= MAX_NAME else None
    return Column("lead", lead or "", unit)
