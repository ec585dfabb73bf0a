"""CSV recordings: any delimiter, any order of leads, with or without header, time column and units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, RecordError, UnitsError, UnknownFormatError
from ecglite.edge.formats import chapman_csv
from ecglite.edge.formats._columns import Column, columns_of, is_unit, rate_of_time
from ecglite.edge.formats._numbers import BLOCK, parse_cell, parse_table
from ecglite.edge.formats._record import Hints, build
from ecglite.edge.formats._source import decoded
from ecglite.edge.record import Record, millivolts_per

MAX_COLUMNS: Final = 64
MAX_PREAMBLE: Final = 1000
"""Lines of comment, and blank ones, before the header."""

MAX_COMMENT: Final = 1000
"""Bytes kept of a comment."""

_RATE: Final = re.compile(
    r"(?:\bf_?s\b|sampl\w*[ _-]?(?:rate|freq\w*)|\brate\b|\bfrequency\b)[ _]*(?:\[?\(?hz\)?\]?)?\s*[:=]?\s*"
    r"(\d{1,6}(?:\.\d{1,6})?)\s*(hz|khz)?\b",
    re.IGNORECASE,
)
_UNITS: Final = re.compile(r"\bunits?\s*[:=]\s*([^\s,;]{1,20})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """A CSV up to its numbers.

    Attributes:
        comments: lines after "#" at the top, without it.
        names: the header line, None without one.
        units: a line of units below the header, None without one.
        delimiter: one byte.
        decimal: one byte.
        n_columns: cells per line.
        first_line: line number of the first row of numbers.
        rows: bytes of the rows, each line with its end.
    """

    comments: tuple[str, ...]
    names: tuple[str, ...] | None
    units: tuple[str, ...] | None
    delimiter: bytes
    decimal: bytes
    n_columns: int
    first_line: int
    rows: bytes


def looks_like_rows(head: bytes) -> bool:
    """Whether a text of unknown kind has a line of numbers among its first."""
    for line in head.replace(b"\r", b"\n").split(b"\n")[:-1][:64]:
        cells = _cells(line, _delimiter(line))
        if len(cells) > 1 and not line.startswith(b"#") and all(_is_number(cell) for cell in cells):
            return True
    return False


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
    layout = _layout(data)
    notes: list[str] = []
    columns = columns_of(layout.names, layout.units, layout.n_columns, hints, notes)
    table = parse_table(
        layout.rows,
        n_columns=layout.n_columns,
        delimiter=layout.delimiter,
        decimal=layout.decimal,
        first_line=layout.first_line,
    )
    if layout.n_columns > len(columns):  # a delimiter at the end of every line
        if not np.isnan(table[:, -1]).all():
            raise MalformedFileError("the last column has no name", do="name it in the header")
        table = table[:, :-1]

    signals = [at for at, column in enumerate(columns) if column.role == "lead"]
    leads = [columns[at].lead for at in signals]
    if chapman_csv.fits(table, layout.names, hints, stated=bool(layout.comments or layout.units)):
        chapman_csv.check_amplitude(table)
        return build(
            table * chapman_csv.MV_PER_STEP,
            chapman_csv.RATE_HZ,
            leads,
            file_format=chapman_csv.FORMAT,
            path=path,
            units=["uV"],
            notes=[chapman_csv.NOTE],  # it says what the columns were taken for, too
        )
    units, scale = _scales([columns[at] for at in signals], layout.comments, hints)
    rate = _rate(table, columns, layout.comments, hints, notes)
    signal = table if len(signals) == table.shape[1] else table[:, signals]
    with np.errstate(over="ignore"):
        signal = signal * scale
    return build(signal, rate, leads, file_format="csv", path=path, units=units, comments=layout.comments, notes=notes)


def _layout(data: bytes) -> Layout:
    """Finds comments, header, units, delimiter and decimal mark."""
    text = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = text.rstrip(b"\n \x1a") + b"\n"
    comments = []
    at, number = 0, 1
    while at < len(text):
        if number > MAX_PREAMBLE:
            raise MalformedFileError(f"no samples in the first {MAX_PREAMBLE} lines", allowed="a few lines of comment")
        line, after = _line(text, at, number)
        if line.startswith(b"#"):
            comments.append(decoded(line[:MAX_COMMENT]).lstrip("# ").strip())
        elif line.strip():
            break
        at, number = after, number + 1
    line, after = _line(text, at, number)
    delimiter = _delimiter(line)
    cells = _cells(line, delimiter)
    if len(cells) == 1 and len(cells[0].split()) > 1 and all(map(_is_number, cells[0].split())):
        raise MalformedFileError(
            f"line {number} separates its numbers by spaces",
            allowed="comma, semicolon or tab between the columns",
            do="replace the spaces by commas",
        )
    names = units = None
    n_texts = sum(not _is_number(cell) for cell in cells)
    if n_texts and 2 * n_texts >= sum(bool(cell.strip()) for cell in cells):
        names = tuple(decoded(cell) for cell in cells)
        at, number = after, number + 1
        line, after = _line(text, at, number)
        below = [decoded(cell) for cell in _cells(line, delimiter)]
        if len(below) == len(names) and any(cell.strip() for cell in below) and all(map(is_unit, below)):
            units = tuple(below)
            at, number = after, number + 1
            line, after = _line(text, at, number)
        if not line:
            raise MalformedFileError("a header and no samples", do="export the recording again")
        cells = _cells(line, delimiter)
        if not any(_is_number(cell) and cell.strip() for cell in cells) and not _has_number(text[at : at + BLOCK]):
            raise UnknownFormatError(
                f"text without numbers: {decoded(line)[:40]!r}", allowed="a CSV of samples, or a WFDB .hea"
            )
    decimal = b"," if delimiter in b";\t" and b"," in line and b"." not in line else b"."
    n_columns = len(cells) if names is None else len(names)
    if n_columns > MAX_COLUMNS:
        raise MalformedFileError(f"{n_columns} columns", allowed=f"up to {MAX_COLUMNS}", do="take out what is no lead")
    if names is not None and len(names) > 1 and not names[-1].strip():
        names = names[:-1]
        units = units[:-1] if units is not None else None
    return Layout(tuple(comments), names, units, delimiter, decimal, n_columns, number, text[at:])


def _line(text: bytes, at: int, number: int) -> tuple[bytes, int]:
    """The line that begins at a position, and where the next begins."""
    end = text.find(b"\n", at, at + BLOCK)
    if end < 0 and len(text) - at > BLOCK:
        raise MalformedFileError(f"line {number} is longer than {BLOCK} bytes", allowed="one row of samples per line")
    return (text[at:end], end + 1) if end >= 0 else (text[at:], len(text))


def _delimiter(line: bytes) -> bytes:
    return next((mark for mark in (b"\t", b";") if mark in line), b",")


def _cells(line: bytes, delimiter: bytes) -> list[bytes]:
    return [cell.strip().strip(b"\"'").strip() for cell in line.split(delimiter)]


def _is_number(cell: bytes) -> bool:
    """Whether a cell may stand among samples: a number, with either decimal mark, or a missing one."""
    return parse_cell(cell) is not None or parse_cell(cell, b",") is not None


def _has_number(text: bytes) -> bool:
    return re.search(rb"\d", text) is not None


def _scales(
    columns: Sequence[Column], comments: Sequence[str], hints: Hints
) -> tuple[list[str], npt.NDArray[np.float64]]:
    """The units of each lead, and how many millivolts each is: [n_leads]."""
    said = next((found[1] for comment in comments if (found := _UNITS.search(comment)) is not None), None)
    units, scales = [], []
    for column in columns:
        stated = column.unit or said
        if stated is not None:
            scales.append(hints.agreed_units(stated, "the header" if column.unit else "a comment"))
        elif hints.units is not None:
            scales.append(millivolts_per(hints.units))
        else:
            raise UnitsError(
                f"lead {column.lead} has no units, and mV can't be told from uV",
                allowed="units in the header, such as 'I (uV)', or as a flag",
                do="give --units uV or --units mV",
            )
        units.append(stated or hints.units or "")
    return units, np.array(scales)


def _rate(
    table: npt.NDArray[np.float64],
    columns: Sequence[Column],
    comments: Sequence[str],
    hints: Hints,
    notes: list[str],
) -> float:
    """The sampling rate from the time column, a comment, or --rate, which must agree."""
    stated = None
    for found in filter(None, map(_RATE.search, comments)):
        stated = hints.agreed_rate(float(found[1]) * (1000 if (found[2] or "").lower() == "khz" else 1), "a comment")
        break
    times = [at for at, column in enumerate(columns) if column.role == "time"]
    if len(times) > 1:
        raise LeadError("two time columns", allowed="one", do="remove one of them")
    if times:
        known = hints if stated is None else Hints(hints.units, stated, hints.leads)
        return (
            known.agreed_rate(rate_of_time(table[:, times[0]], columns[times[0]].unit, known, notes), "the time column")
            or 0.0
        )
    rate = stated if stated is not None else hints.rate_hz
    if rate is None:
        raise RecordError(
            "no sampling rate",
            allowed="a time column, a comment such as '# fs=500', or a flag",
            do="give --rate 500",
        )
    return rate
