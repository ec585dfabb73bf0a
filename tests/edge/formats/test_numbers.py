"""Delimited text to numbers: Python's float() and numpy's loadtxt are the truth."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglite.edge.errors import MalformedFileError
from ecglite.edge.formats import _numbers
from ecglite.edge.formats._numbers import parse_table

CELLS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"\A[-+]?[0-9]{1,12}(\.[0-9]{0,12})?\Z"),
    st.from_regex(r"\A[-+]?\.[0-9]{1,9}\Z"),
    st.from_regex(r"\A {0,3}[0-9]{1,3}\.[0-9]{1,3} {0,3}\Z"),
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_values_equal_float_to_the_last_bit(rows: list[tuple[str, str, str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows).encode()
    table = parse_table(text, n_columns=3, delimiter=b",")
    np.testing.assert_array_equal(table, [[float(cell) for cell in row] for row in rows])


@pytest.mark.parametrize("fmt", ["%.5g", "%d", "%.18e", "%.3f", "%+.2f", "%10.4f"])
def test_values_equal_loadtxt_over_many_blocks(fmt: str) -> None:
    values = np.random.default_rng(3).normal(0, 900, (5000, 12))
    buffer = io.BytesIO()
    np.savetxt(buffer, values, fmt=fmt, delimiter=",")
    assert len(buffer.getvalue()) > 2 * _numbers.BLOCK
    expected = np.loadtxt(io.BytesIO(buffer.getvalue()), delimiter=",")
    np.testing.assert_array_equal(parse_table(buffer.getvalue(), n_columns=12, delimiter=b","), expected)


def test_sign_of_zero_and_decimal_comma() -> None:
    table = parse_table(b"-0;-0,5\n1,25;+3\n", n_columns=2, delimiter=b";", decimal=b",")
    np.testing.assert_array_equal(table, [[0, -0.5], [1.25, 3]])
    assert math.copysign(1, table[0, 0]) == -1


@pytest.mark.parametrize("cell", [b"", b" ", b"nan", b"NaN", b"NA", b"null", b"inf", b"-Infinity", b"1e999"])
def test_missing_and_infinite_cells_are_nan(cell: bytes) -> None:
    table = parse_table(b"1," + cell + b"\n3,4\n", n_columns=2, delimiter=b",")
    np.testing.assert_array_equal(table, [[1, np.nan], [3, 4]])


@pytest.mark.parametrize("cell", [b"x", b"1_0", b"0x10", b"1 2", b"--1", b"1.2.3", b"-+4", b"5-", b"1.-5", b"\xff"])
def test_text_names_line_and_column(cell: bytes) -> None:
    with pytest.raises(MalformedFileError, match="line 12, column 2"):
        parse_table(b"1,2\n3," + cell + b"\n", n_columns=2, delimiter=b",", first_line=11)


@pytest.mark.parametrize("line", [b"1", b"1,2,3", b""])
@pytest.mark.parametrize("row", [0, 7, 19_999])
def test_ragged_rows_name_their_line(line: bytes, row: int) -> None:
    lines = [b"1.5,-2.5"] * 20_000
    lines[row] = line
    with pytest.raises(MalformedFileError, match=f"line {row + 3} has"):
        parse_table(b"\n".join(lines) + b"\n", n_columns=2, delimiter=b",", first_line=3)


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(MalformedFileError, match="line 2 is longer"):
        parse_table(b"1\n" + b"1" * 2 * _numbers.BLOCK + b"\n", n_columns=1, delimiter=b",")


def test_memory_is_bounded_by_the_text() -> None:
    with pytest.raises(MalformedFileError, match="line 1 has 1 cells"):
        parse_table(b"\n" * 1_000_000, n_columns=64, delimiter=b",")
