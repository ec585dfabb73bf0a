"""The layout of a CSV: comments, header, units, delimiter and decimal mark, up to its rows of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ecglite.edge.errors import MalformedFileError, UnknownFormatError
from ecglite.edge.formats._columns import is_unit
from ecglite.edge.formats._numbers import BLOCK, is_clock, parse_cell
from ecglite.edge.formats._source import decoded
from ecglite.edge.record import standard_lead

MAX_COLUMNS: Final = 64
MAX_PREAMBLE: Final = 1000
"""Lines of comment, and blank ones, before the header."""

MAX_COMMENT: Final = 1000
"""Bytes kept of a comment."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A CSV up to its numbers.

    Attributes:
        comments: lines after "#" at the top, without it.
        names: the header line, None without one; its last one is "" where only the rows end in a delimiter.
        units: a line of units below the header, as long as names, None without one.
        delimiter: one byte.
        decimal: one byte.
        n_columns: cells per line.
        first_line: line number of the first row of numbers.
        clocks: columns whose first cell is a time of day.
        rows: bytes of the rows, each line with its end, up to the last one that is not blank.
    """

    comments: tuple[str, ...]
    names: tuple[str, ...] | None
    units: tuple[str, ...] | None
    delimiter: bytes
    decimal: bytes
    n_columns: int
    first_line: int
    clocks: frozenset[int]
    rows: bytes


def looks_like_rows(head: bytes) -> bool:
    """Whether a text of unknown kind has a line of numbers among its first."""
    for line in head.replace(b"\r", b"\n").split(b"\n")[:-1][:64]:
        cells = _cells(line, _delimiter(line))
        if len(cells) > 1 and not line.startswith(b"#") and all(_is_number(cell) for cell in cells):
            return True
    return False


def layout_of(data: bytes) -> Layout:
    """The layout of a whole file.

    Raises:
        UnknownFormatError, MalformedFileError: it is prose, has no rows, too many columns, or lines above its header.
    """
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
    if at == len(text):
        raise MalformedFileError("no line of samples", allowed="rows of numbers", do="export the recording again")
    line, after = _line(text, at, number)
    top, top_number = line, number
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
        _refuse_preamble(top, top_number, names, cells, text[at : at + BLOCK], number)
        names, units = _trimmed(names, units, cells)
    clocks = frozenset(at for at, cell in enumerate(cells) if is_clock(cell))
    others = b" ".join(cell for at, cell in enumerate(cells) if at not in clocks)
    decimal = b"," if delimiter in b";\t" and b"," in others and b"." not in others else b"."
    n_columns = len(cells) if names is None else len(names)
    if n_columns > MAX_COLUMNS:
        raise _too_wide(f"{n_columns} columns", text)
    rows = _without_blank_end(text[at:], delimiter)
    return Layout(tuple(comments), names, units, delimiter, decimal, n_columns, number, clocks, rows)


def _without_blank_end(rows: bytes, delimiter: bytes) -> bytes:
    """Rows without those of blank cells after the last other one, which spreadsheets write."""
    end = len(rows.rstrip(b"\t\n\x0b\x0c \"'" + delimiter))
    return rows[: rows.index(b"\n", end) + 1]


def _line(text: bytes, at: int, number: int) -> tuple[bytes, int]:
    """The line that begins at a position, and where the next begins."""
    end = text.find(b"\n", at, at + BLOCK)
    if end < 0 and len(text) - at > BLOCK:
        start = text[at : at + BLOCK]
        if (n_cells := start.count(_delimiter(start))) > MAX_COLUMNS:
            raise _too_wide(f"over {n_cells} columns", text)
        raise MalformedFileError(f"line {number} is longer than {BLOCK} bytes", allowed="one row of samples per line")
    return (text[at:end], end + 1) if end >= 0 else (text[at:], len(text))


def _too_wide(came: str, text: bytes) -> MalformedFileError:
    n_rows = text.count(b"\n")
    if n_rows > MAX_COLUMNS:
        return MalformedFileError(came, allowed=f"up to {MAX_COLUMNS}", do="take out what is no lead")
    return MalformedFileError(
        f"{came} on {n_rows} {'line' if n_rows == 1 else 'lines'}: its leads seem to be rows",
        allowed=f"up to {MAX_COLUMNS} columns, one per lead",
        do="transpose the table",
    )


def _trimmed(
    names: tuple[str, ...], units: tuple[str, ...] | None, cells: list[bytes]
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """A header as long as the first row, where a delimiter at the end of only one of them is all that differs."""
    if len(names) == len(cells) + 1 and not names[-1].strip():
        return names[:-1], units and units[:-1]
    if len(cells) == len(names) + 1 and not cells[-1]:
        return (*names, ""), units and (*units, "")
    return names, units


def _refuse_preamble(
    top: bytes, top_number: int, names: tuple[str, ...], below: list[bytes], text: bytes, number: int
) -> None:
    """Refuses a first line that is no header: no lead is in it, and what stands below is no row for it.

    Args:
        top: the line taken for a header, with its number and its cells.
        top_number: as said.
        names: as said.
        below: the cells of the first line of `text`.
        text: what follows the header, or its beginning.
        number: of the first line of `text`.
    """
    n_texts = sum(not _is_number(cell) for cell in below)
    fits = len(names) == len(below) and 2 * n_texts < sum(map(bool, below))
    if fits or any(standard_lead(name) for name in names):
        return
    for at, line in enumerate(text.split(b"\n")[:MAX_PREAMBLE], number):
        if _has_number(line) and all(map(_is_number, _cells(line, _delimiter(line)))):
            raise MalformedFileError(
                f"line {top_number} is no header of the table, whose numbers begin at line {at}: {decoded(top)[:40]!r}",
                allowed="a header of lead names right above the rows, and lines of comment after #",
                do="remove the lines above the table, or begin them with #",
            )


def _delimiter(line: bytes) -> bytes:
    return next((mark for mark in (b"\t", b";") if mark in line), b",")


def _cells(line: bytes, delimiter: bytes) -> list[bytes]:
    return [cell.strip().strip(b"\"'").strip() for cell in line.split(delimiter)]


def _is_number(cell: bytes) -> bool:
    """Whether a cell may stand among samples: a number, with either decimal mark, a missing one, or a time."""
    return parse_cell(cell) is not None or parse_cell(cell, b",") is not None or is_clock(cell)


def _has_number(text: bytes) -> bool:
    return re.search(rb"\d", text) is not None
