"""Chapman-Shaoxing (Zheng et al., Scientific Data 7:48, 2020): 10,646 patients, one recording each, figshare layout.

The publisher gives every recording twice: as it was taken, and denoised.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from ecglite.edge.errors import DatasetError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets.entry import Dataset, Entry, Measurements

_TABLE = "Diagnostics.xlsx"


_MEASURED = (
    *("PatientAge", "Gender", "VentricularRate", "AtrialRate", "QRSDuration", "QTInterval", "QTCorrected"),
    *("RAxis", "TAxis", "QRSCount", "QOnset", "QOffset", "TOffset"),
)
_DENOISED = "ECGDataDenoised"
_RAW = "ECGData"
_SHOWN: Final = 5  # of the rows that are wrong

PUBLISHED: Final = {
    "SB": 3_889,
    "SR": 1_826,
    "AFIB": 1_780,
    "ST": 1_568,
    "SVT": 587,
    "AF": 445,
    "SA": 399,
    "AT": 121,
    "AVNRT": 16,
    "AVRT": 8,
    "SAAWR": 7,
}
"""The table's counts. The paper writes SI for what the table calls SA."""


def indexer(folder: str) -> Callable[[Path], list[Entry]]:
    """How the recordings of one of the two folders are found: `ECGDataDenoised` or `ECGData`."""

    def index(root: Path) -> list[Entry]:
        """The recordings that are there, each with its row of Diagnostics.xlsx.

        Raises:
            DatasetError: the workbook is missing or has other columns or rhythms.
        """
        there = {file.stem: file for file in sorted((root / folder).glob("*.csv"))}
        rows = _rows(root)
        entries = [_entry(row, there[row["FileName"]]) for row in rows if row["FileName"] in there]
        if there and not entries:
            raise DatasetError(
                f"{len(there)} recordings in {root / folder}, none of which {_TABLE} names",
                allowed=f"FileName as the file without its ending, such as {next(iter(there))}",
                do=f"its first row has {rows[0]['FileName']}" if rows else "it has no row",
            )
        return entries

    return index


def _entry(row: dict[str, Any], path: Path) -> Entry:
    age, female = _number(row.get("PatientAge")), _number(row.get("Gender"))
    return Entry(
        record_id=row["FileName"],
        patient_id=row["FileName"],
        path=path,
        words=(row["Rhythm"],),
        rhythm=row["Rhythm"],
        irregular=row["Rhythm"] == "SA",
        age_years=None if np.isnan(age) else age,
        female=None if np.isnan(female) else bool(female),
    )


def measurements(root: Path) -> Measurements:
    """Age, sex, rates, intervals and axes of all rows of Diagnostics.xlsx.

    Raises:
        DatasetError: as `indexer`.
    """
    rows = _rows(root)
    return Measurements(
        names=_MEASURED,
        rows={row["FileName"]: np.array([_number(row.get(name)) for name in _MEASURED]) for row in rows},
        rhythms={row["FileName"]: row["Rhythm"] for row in rows},
    )


def conditions(root: Path) -> dict[str, frozenset[str]]:
    """What else the readers saw, column Beat of Diagnostics.xlsx: the codes of each record id, such as RBBB and TWC.

    Raises:
        DatasetError: as `indexer`.
    """
    none = {"", "NONE"}
    return {row["FileName"]: frozenset(str(row.get("Beat") or "").upper().split()) - none for row in _rows(root)}


def _number(cell: object) -> float:
    if isinstance(cell, str) and cell.strip().upper() in ("MALE", "FEMALE"):
        return float(cell.strip().upper() == "FEMALE")
    try:
        return float(str(cell))
    except ValueError:
        return float("nan")


def _rows(root: Path) -> list[dict[str, Any]]:
    """Diagnostics.xlsx, a dictionary by column name for each row."""
    import openpyxl

    path = root / _TABLE
    try:
        book = openpyxl.load_workbook(path, read_only=True)
        table = list(book.worksheets[0].iter_rows(values_only=True))
    except (OSError, ValueError, KeyError, IndexError, SyntaxError, BadZipFile) as error:  # SyntaxError: of its XML
        raise DatasetError(f"{path} cannot be read: {error}", do="unpack Chapman-Shaoxing there") from None
    header = [str(cell) for cell in table[0]] if table else []
    if "FileName" not in header or "Rhythm" not in header:
        raise DatasetError(f"{path} has the columns {header}", allowed="FileName and Rhythm among them")
    rows, wrong = [], []
    for number, cells in enumerate(table[1:], 2):
        if all(cell is None for cell in cells):
            continue  # left over by a spreadsheet
        row = dict(zip_longest(header, cells[: len(header)]))
        row["FileName"], row["Rhythm"] = str(row["FileName"]), str(row["Rhythm"]).strip().upper()
        if row["Rhythm"] not in RHYTHMS:
            wrong.append(f"row {number}, {row['FileName']}: rhythm {row['Rhythm']!r}")
        rows.append(row)
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise DatasetError(f"{path}, {'; '.join(wrong[:_SHOWN])}{more}", allowed=", ".join(RHYTHMS))
    return rows


CHAPMAN: Final = Dataset(
    name="chapman",
    title="Chapman-Shaoxing",
    doi="10.6084/m9.figshare.c.4560497.v2",
    licence="CC BY 4.0",
    folder="chapman",
    sinus_by_rate=False,
    patients="one recording of each patient, so that the file name stands for the patient",
    unmapped="every row names one of the eleven rhythms",
    label_map={rhythm: rhythm for rhythm in PUBLISHED},
    n_records=10_646,
    published=PUBLISHED,
    is_here=lambda root: (root / _TABLE).is_file() and (root / _DENOISED).is_dir(),
    index=indexer(_DENOISED),
    measurements=measurements,
)
"""The denoised recordings."""

CHAPMAN_RAW: Final = dataclasses.replace(
    CHAPMAN,
    name="chapman-raw",
    title="Chapman-Shaoxing, raw",
    is_here=lambda root: (root / _TABLE).is_file() and (root / _RAW).is_dir(),
    index=indexer(_RAW),
)
"""The recordings as they were taken; a folder that holds both is taken for `chapman` unless this one is named."""
