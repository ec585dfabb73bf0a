"""PTB-XL (Wagner et al., Scientific Data 7:154, 2020): 21,799 recordings of 18,869 patients, ten folds by patient."""

from __future__ import annotations

import ast
import csv
from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

LABEL_MAP: Final = {
    "SR": "SR",
    "AFIB": "AFIB",
    "STACH": "ST",
    "SARRH": "SA",
    "SBRAD": "SB",
    "SVTAC": "SVT",
    "PSVT": "SVT",
    "AFLT": "AF",
}
"""Rhythm statement -> rhythm. PACE, SVARR, BIGU and TRIGU name none of the eleven: a record with nothing else has
no label here."""

_TABLE = "ptbxl_database.csv"
_COLUMNS = ("ecg_id", "patient_id", "scp_codes", "strat_fold", "filename_lr")


def index(root: Path) -> list[Entry]:
    """The recordings of the table, at 100 Hz.

    Raises:
        DatasetError: the table is missing, or a row of it cannot be understood.
    """
    try:
        with (root / _TABLE).open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            absent = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
            if absent:
                raise DatasetError(f"{root / _TABLE} has no column {absent[0]}", allowed=", ".join(_COLUMNS))
            return [_entry(root, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{root / _TABLE} cannot be read: {error}", do="unpack PTB-XL there") from None


def _entry(root: Path, row: dict[str, str]) -> Entry:
    try:
        codes = ast.literal_eval(row["scp_codes"])
        return Entry(
            record_id=row["ecg_id"],
            patient_id=str(int(float(row["patient_id"]))),
            path=root / f"{row['filename_lr']}.hea",
            rhythm=rhythm_of(codes, LABEL_MAP),
            irregular="SARRH" in codes,
            fold=int(row["strat_fold"]),
        )
    except (ValueError, SyntaxError, TypeError) as error:
        raise DatasetError(f"{root / _TABLE}, ecg_id {row.get('ecg_id')}: {error}") from None


PTB_XL: Final = Dataset(
    name="ptb-xl",
    title="PTB-XL 1.0.3",
    doi="10.13026/kfzx-aw45",
    licence="CC BY 4.0",
    folder="ptb-xl",
    sinus_by_rate=True,
    index=index,
)
