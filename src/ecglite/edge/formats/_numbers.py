"""Delimited text to numbers, all cells of a block at once.

A cell such as "-119.11" is cut at its decimal point, and up to eight digits on either side are taken as one
64-bit word each, whose digits are combined pairwise: eight digits cost three multiplications, and numpy
does them for every cell at once. The whole number divided by a power of ten is then rounded once, as IEEE
754 demands of a correct parser, so values equal `float(text)`. A cell of any other shape (empty, "nan",
"1e-3", padded, quoted) is parsed on its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Container
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import MalformedFileError

BLOCK: Final = 64 * 1024
"""Bytes parsed at once, and of the longest line: the working arrays stay in the processor's cache."""

MISSING: Final = frozenset({b"", b"nan", b"na", b"n/a", b"null", b"none", b"-"})
"""How a missing sample is written, in lower case."""

_WORD: Final = 8
_NEWLINE: Final = 10
_EXACT_DIGITS: Final = 15  # below 2**53 in any case
_CLOCK: Final = re.compile(
    rb"(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[T ])?"  # a date
    rb"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d(?:[.,]\d{1,9})?)"
    rb"(?:Z|[-+]\d\d:?\d\d)?"  # a time zone
)
_POWERS: Final = np.array([10**k for k in range(_WORD + 1)], dtype=np.uint64)


def parse_cell(cell: bytes, decimal: bytes = b".") -> float | None:
    """One cell as a number; NaN where it is missing or infinite, None where it is text."""
    text = cell.strip().strip(b"\"'").strip()
    if text.lower() in MISSING:
        return math.nan
    if decimal != b".":
        text = text.replace(decimal, b".")
    if b"_" in text:  # float() takes 1_000
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else math.nan


def is_clock(cell: bytes) -> bool:
    """Whether a cell is a time of day or an elapsed time, such as 10:15:00.002, with or without a date."""
    return _CLOCK.fullmatch(cell) is not None


def parse_clock(cell: bytes) -> float | None:
    """A time of day in seconds, whatever its date; NaN where it is missing, None where it is something else."""
    text = cell.strip().strip(b"\"'").strip()
    if text.lower() in MISSING:
        return math.nan
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return 3600.0 * int(hours or 0) + 60.0 * int(minutes) + float(seconds.replace(b",", b"."))


def parse_table(
    text: bytes,
    *,
    n_columns: int,
    delimiter: bytes,
    decimal: bytes = b".",
    first_line: int = 1,
    ignored: Container[int] = (),
    clocks: Collection[int] = (),
) -> npt.NDArray[np.float64]:
    r"""Rows of delimited numbers.

    Args:
        text: lines that end in "\n", the last one too.
        n_columns: cells per line.
        delimiter: one byte.
        decimal: one byte, "." or ",".
        first_line: the line number of the first row in its file, for messages.
        ignored: columns that may hold text, which becomes NaN.
        clocks: columns of times of day, which become seconds.

    Returns:
        float64 [n_rows, n_columns], NaN where a cell is missing or infinite.

    Raises:
        MalformedFileError: a line has more or fewer cells, or is too long, or a cell holds text.
    """
    # a row takes a byte per cell at least, so ragged text can't ask for more memory than that
    table = np.empty((min(text.count(b"\n"), len(text) // n_columns), n_columns))
    start = row = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + BLOCK) + 1
        if not end:
            raise MalformedFileError(
                f"line {first_line + row} is longer than {BLOCK} bytes", allowed="one row of samples per line"
            )
        rows = _parse_block(text[start:end], n_columns, delimiter, decimal, first_line + row, ignored, clocks)
        table[row : row + len(rows)] = rows
        start, row = end, row + len(rows)
    return table


def _parse_block(
    text: bytes,
    n_columns: int,
    delimiter: bytes,
    decimal: bytes,
    first_line: int,
    ignored: Container[int],
    clocks: Collection[int],
) -> npt.NDArray[np.float64]:
    padded = b"0" * _WORD + text  # so that the word before any position exists
    char = np.frombuffer(padded, dtype=np.uint8)[_WORD:]
    # word[p] holds the eight bytes that end before position p, the last of them in the highest byte
    word = np.ndarray((len(char) + 1,), dtype="<u8", buffer=padded, strides=(1,))

    newline = char == _NEWLINE
    mark = np.flatnonzero(newline | (char == delimiter[0]) | (char == decimal[0]))
    separator = np.flatnonzero(char[mark] != decimal[0])  # which marks end a cell
    points = np.diff(separator, prepend=-1) - 1  # decimal points in each cell
    end = mark[separator]
    last = newline[end].nonzero()[0]  # the last cell of each row
    _check_rows(np.diff(last, prepend=-1), n_columns, first_line)

    start = np.empty_like(end)
    start[0] = 0
    start[1:] = end[:-1] + 1
    negative = char[start] == ord("-")
    digits = start + (negative | (char[start] == ord("+")))
    point = np.where(points > 0, mark[separator - 1], end)
    n_whole = point - digits
    n_fraction = np.maximum(end - point - 1, 0)

    whole, plain = _combine(word[point], n_whole)
    fraction, plain_fraction = _combine(word[end], n_fraction)
    n_digits = n_whole + n_fraction
    plain &= plain_fraction & (points <= 1) & (n_digits >= 1) & (n_digits <= _EXACT_DIGITS)
    for column in clocks:
        plain[column::n_columns] = False
    power = _POWERS[np.minimum(n_fraction, _WORD)]
    value = (whole * power + fraction) / power.astype(np.float64)
    np.negative(value, out=value, where=negative)

    for cell in np.flatnonzero(~plain).tolist():
        raw = text[start[cell] : end[cell]]
        row, column = divmod(cell, n_columns)
        number = parse_clock(raw) if column in clocks else parse_cell(raw, decimal)
        if number is None and column in ignored:
            number = math.nan
        if number is None:
            raise MalformedFileError(
                f"line {first_line + row}, column {column + 1} holds {raw[:40].decode('latin-1')!r}",
                allowed="a number, or an empty cell where a sample is missing",
                do="mend or remove that line; if it is no column of samples, put - for it in --leads",
            )
        value[cell] = number
    return value.reshape(-1, n_columns)


def _check_rows(n_cells: npt.NDArray[np.intp], n_columns: int, first_line: int) -> None:
    ragged = np.flatnonzero(n_cells != n_columns)
    if ragged.size:
        row = int(ragged[0])
        raise MalformedFileError(
            f"line {first_line + row} has {n_cells[row]} cells where the lines before have {n_columns}",
            allowed=f"{n_columns} cells on every line",
            do="mend or remove that line",
        )


def _combine(
    word: npt.NDArray[np.uint64], n_digits: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """The number in the last `n_digits` characters of each word, and whether these are 0 to 8 digits."""
    # bits before the digits; a shift by 64 gives 0 in numpy
    drop = ((_WORD - np.clip(n_digits, 0, _WORD)) * 8).astype(np.uint64)
    x = ((word ^ np.uint64(0x3030303030303030)) >> drop) << drop  # "0".."9" become 0..9
    plain = ((x | (x + np.uint64(0x0606060606060606))) & np.uint64(0xF0F0F0F0F0F0F0F0)) == 0
    plain &= (n_digits >= 0) & (n_digits <= _WORD)
    # the first character is the lowest byte: each step joins a lane with its neighbour above
    x = (x * np.uint64(10) + (x >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    x = (x * np.uint64(100) + (x >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    x = (x * np.uint64(10_000) + (x >> np.uint64(32))) & np.uint64(0x00000000FFFFFFFF)
    return x, plain
