"""CSV recordings: any delimiter, any order of leads, with or without header, time column and units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, RecordError, UnitsError
from ecglite.edge.formats import chapman_csv
from ecglite.edge.formats._columns import Column, columns_of, rate_of_time
from ecglite.edge.formats._layout import Layout, layout_of
from ecglite.edge.formats._numbers import parse_table
from ecglite.edge.formats._record import Hints, build, likely_unit
from ecglite.edge.record import Record, millivolts_per, plain

_RATE: Final = re.compile(
    r"(?:(?:^|[;,])\s*f_?s|(?:^|[;,\s])sampl(?:e|ing)[ _-]?(?:rate|freq(?:uency)?))\s*(?:[\[(]?hz[\])]?)?\s*[:=]?\s*"
    r"(\d{1,6}(?:\.\d{1,6})?)\s*(hz|khz)?\b",
    re.IGNORECASE | re.ASCII,
)
"""Only what says "sampling": a comment on a filter's frequency or a heart rate is none of it."""

_RATES: Final = "a time column, a comment such as '# fs=500', or --rate"
_UNITS: Final = re.compile(r"\bunits?\s*[:=]\s*([^\s,;]{1,20})", re.IGNORECASE | re.ASCII)


def read_csv(data: bytes, path: str, hints: Hints) -> Record:
    """A recording out of the bytes of a CSV.

    Args:
        data: the whole file.
        path: as the person gave it.
        hints: fill in what the file leaves open.

    Raises:
        UnknownFormatError, MalformedFileError: it is prose, ragged, or holds text among the numbers.
        LeadError, UnitsError, RecordError: leads, units or rate are unknown, or contradict each other.
    """
    layout = layout_of(data)
    notes: list[str] = []
    columns = columns_of(layout.names, layout.units, layout.n_columns, hints, notes)
    table = parse_table(
        layout.rows,
        n_columns=layout.n_columns,
        delimiter=layout.delimiter,
        decimal=layout.decimal,
        first_line=layout.first_line,
        ignored={at for at, column in enumerate(columns) if column.role == "other"},
        clocks=_clocks(layout, columns),
    )
    if layout.n_columns > len(columns):  # a delimiter at the end of every line
        if not np.isnan(table[:, -1]).all():
            raise MalformedFileError("the last column has no name", do="name it in the header")
        table = table[:, :-1]

    signals = [at for at, column in enumerate(columns) if column.role == "lead"]
    leads = [columns[at].lead for at in signals]
    names = None if layout.names is None else layout.names[: len(columns)]
    if chapman_csv.fits(table, names, hints, stated=bool(layout.comments or layout.units)):
        chapman_csv.check_amplitude(table)
        return build(
            table * chapman_csv.MV_PER_STEP,
            chapman_csv.RATE_HZ,
            leads,
            file_format=chapman_csv.FORMAT,
            path=path,
            units=["uV"],
            units_stated=False,
            notes=chapman_csv.notes(names, hints),  # they say what the columns were taken for, too
        )
    rate = _rate(table, columns, layout, hints, notes)
    signal = table if len(signals) == table.shape[1] else table[:, signals]
    units, where = _units([columns[at] for at in signals], layout.comments, hints)
    if None in units and hints.units is None:
        raise _no_units(leads[units.index(None)], signal, rate)
    if rate is None:
        raise RecordError("no sampling rate", allowed=_RATES, do="give --rate 500, or whatever it is")
    known = [unit or hints.units or "" for unit in units]
    with np.errstate(over="ignore"):
        signal = signal * np.array([millivolts_per(unit) for unit in known])
    return build(
        signal,
        rate,
        leads,
        file_format="csv",
        path=path,
        units=known,
        units_stated=None not in units,
        given=None if None in units else hints.units,
        where=where,
        comments=layout.comments,
        notes=notes,
    )


def _units(columns: Sequence[Column], comments: Sequence[str], hints: Hints) -> tuple[list[str | None], str]:
    """What the file states of each lead's units, and where; --units must agree, unless it is one unit for all."""
    said = next((found[1] for comment in comments if (found := _UNITS.search(comment)) is not None), None)
    units = [column.unit or said for column in columns]
    where = ["the header" if column.unit else "a comment" for column in columns]
    alike = len({None if unit is None else millivolts_per(unit) for unit in units}) == 1
    for unit, place in zip(units, where, strict=True):
        if unit is not None and not alike:
            hints.agreed_units(unit, place)
    return units, where[0]


def _no_units(lead: str, signal: npt.NDArray[np.float64], rate: float | None) -> UnitsError:
    """The refusal of a table that states no units; where it states no rate either, that is said at once."""
    likely = likely_unit(signal)
    look = f"the values look like {likely}: if they are, " if likely else ""
    flags = f"--units {likely}" if likely else "--units uV or --units mV"
    return UnitsError(
        f"lead {lead} has no units, and mV can't be told from uV" + ("" if rate else "; nor is there a sampling rate"),
        allowed="units in the header, such as 'I (uV)', or as a flag" + ("" if rate else f"; {_RATES}"),
        do=f"{look}give {flags}" + ("" if rate else ", and the rate, such as --rate 500"),
    )


def _clocks(layout: Layout, columns: Sequence[Column]) -> frozenset[int]:
    """The time columns that hold times of day."""
    return layout.clocks & {at for at, column in enumerate(columns) if column.role == "time"}


def _rate(
    table: npt.NDArray[np.float64],
    columns: Sequence[Column],
    layout: Layout,
    hints: Hints,
    notes: list[str],
) -> float | None:
    """The sampling rate from the time column, a comment, or --rate, which must agree; None without any."""
    stated = None
    for found in (found for comment in layout.comments for found in _RATE.finditer(comment)):
        rate = float(found[1]) * (1000 if (found[2] or "").lower() == "khz" else 1)
        if stated is not None and rate != stated:
            raise RecordError(
                f"comments that state {plain(stated)} and {plain(rate)} Hz",
                allowed="one sampling rate",
                do="correct the comments",
            )
        stated = hints.agreed_rate(rate, "a comment")
        notes.append(f"the sampling rate is that of the comment {found[0].strip(' ,;')!r}")
    times = [at for at, column in enumerate(columns) if column.role == "time"]
    if len(times) > 1:
        raise LeadError("two time columns", allowed="one", do="remove one of them")
    if times:
        known = hints if stated is None else Hints(hints.units, stated, hints.leads)
        clock = times[0] in _clocks(layout, columns)
        of_time = rate_of_time(table[:, times[0]], columns[times[0]].unit, known, notes, clock=clock)
        return known.agreed_rate(of_time, "the time column")
    return stated if stated is not None else hints.rate_hz
