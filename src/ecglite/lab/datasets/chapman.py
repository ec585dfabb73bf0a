"""Chapman-Shaoxing (Zheng et al., Scientific Data 7:48, 2020): 10,646 patients, one recording each, figshare layout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets.entry import Dataset, Entry

_TABLE = "Diagnostics.xlsx"


def index(root: Path) -> list[Entry]:
    """The denoised recordings that are there, each with its row of Diagnostics.xlsx.

    Raises:
        DatasetError: the workbook is missing or has other columns.
    """
    import openpyxl

    path = root / _TABLE
    try:
        book = openpyxl.load_workbook(path, read_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    except (OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path} cannot be read: {error}", do="unpack Chapman-Shaoxing there") from None
    header = [str(cell) for cell in rows[0]] if rows else []
    if "FileName" not in header or "Rhythm" not in header:
        raise DatasetError(f"{path} has the columns {header}", allowed="FileName and Rhythm among them")
    name, rhythm = header.index("FileName"), header.index("Rhythm")
    there = {file.stem: file for file in sorted((root / "ECGDataDenoised").glob("*.csv"))}
    entries = []
    for row in rows[1:]:
        record_id, word = str(row[name]), str(row[rhythm]).strip()
        if word not in RHYTHMS:
            raise DatasetError(f"{path}, {record_id}: rhythm {word!r}", allowed=", ".join(RHYTHMS))
        if record_id in there:
            entries.append(Entry(record_id, record_id, there[record_id], word, irregular=word == "SA"))
    return entries


CHAPMAN: Final = Dataset(
    name="chapman",
    title="Chapman-Shaoxing",
    doi="10.6084/m9.figshare.c.4560497.v2",
    licence="CC BY 4.0",
    folder="chapman",
    sinus_by_rate=False,
    index=index,
)
