"""Chapman-Shaoxing (Zheng et al., Scientific Data 7:48, 2020): 10,646 patients, one recording each, figshare layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecglite.edge.errors import DatasetError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets.entry import Dataset, Entry

_TABLE = "Diagnostics.xlsx"


_MEASURED = (
    *("PatientAge", "Gender", "VentricularRate", "AtrialRate", "QRSDuration", "QTInterval", "QTCorrected"),
    *("RAxis", "TAxis", "QRSCount", "QOnset", "QOffset", "TOffset"),
)


def index(root: Path) -> list[Entry]:
    """The denoised recordings that are there, each with its row of Diagnostics.xlsx.

    Raises:
        DatasetError: the workbook is missing or has other columns or rhythms.
    """
    there = {file.stem: file for file in sorted((root / "ECGDataDenoised").glob("*.csv"))}
    return [
        Entry(row["FileName"], row["FileName"], there[row["FileName"]], row["Rhythm"], irregular=row["Rhythm"] == "SA")
        for row in _rows(root)
        if row["FileName"] in there
    ]


def named_by_measurements(root: Path, record_ids: Sequence[str]) -> list[str]:
    """The baseline without a sample of signal: what gradient boosting on age, sex, rates, intervals and axes names.

    It is fitted on all rows of Diagnostics.xlsx but those it is asked for.

    Args:
        root: the database's folder.
        record_ids: file names without their ending.

    Raises:
        DatasetError: as `index`.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = _rows(root)
    x = np.array([[_number(row.get(name)) for name in _MEASURED] for row in rows])
    y = np.array([row["Rhythm"] for row in rows])
    at = {row["FileName"]: k for k, row in enumerate(rows)}
    asked = np.array([at[record_id] for record_id in record_ids])
    others = np.setdiff1d(np.arange(len(rows)), asked)
    model = HistGradientBoostingClassifier(random_state=0).fit(x[others], y[others])
    return [str(name) for name in model.predict(x[asked])]


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
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path} cannot be read: {error}", do="unpack Chapman-Shaoxing there") from None
    header = [str(cell) for cell in table[0]] if table else []
    if "FileName" not in header or "Rhythm" not in header:
        raise DatasetError(f"{path} has the columns {header}", allowed="FileName and Rhythm among them")
    rows = [dict(zip(header, cells, strict=True)) for cells in table[1:]]
    for row in rows:
        row["FileName"], row["Rhythm"] = str(row["FileName"]), str(row["Rhythm"]).strip()
        if row["Rhythm"] not in RHYTHMS:
            raise DatasetError(f"{path}, {row['FileName']}: rhythm {row['Rhythm']!r}", allowed=", ".join(RHYTHMS))
    return rows


CHAPMAN: Final = Dataset(
    name="chapman",
    title="Chapman-Shaoxing",
    doi="10.6084/m9.figshare.c.4560497.v2",
    licence="CC BY 4.0",
    folder="chapman",
    sinus_by_rate=False,
    index=index,
    named_by_measurements=named_by_measurements,
)
