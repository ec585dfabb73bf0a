"""PTB-XL (Wagner et al., Scientific Data 7:154, 2020): 21,799 recordings of 18,869 patients, ten folds by patient."""

from __future__ import annotations

import ast
import csv
import dataclasses
from collections.abc import Callable
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
"""Rhythm statement -> rhythm. PACE, SVARR, BIGU and TRIGU name none of the eleven."""

PUBLISHED: Final = {
    "SR": 16_748,
    "AFIB": 1_514,
    "STACH": 826,
    "SARRH": 772,
    "SBRAD": 637,
    "PACE": 294,
    "SVARR": 157,
    "BIGU": 82,
    "AFLT": 73,
    "SVTAC": 27,
    "PSVT": 24,
    "TRIGU": 20,
}
"""The twelve rhythm statements and their counts in release 1.0.3."""

_TABLE = "ptbxl_database.csv"
_COLUMNS = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr", "filename_hr")


def indexer(filename_column: str) -> Callable[[Path], list[Entry]]:
    """How the recordings of one of the two sampling rates are found: `filename_lr` 100 Hz, `filename_hr` 500 Hz."""

    def index(root: Path) -> list[Entry]:
        """The recordings of the table.

        Raises:
            DatasetError: the table is missing, or a row of it cannot be understood.
        """
        try:
            with (root / _TABLE).open(newline="", encoding="utf-8") as file:
                rows = csv.DictReader(file)
                absent = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
                if absent:
                    raise DatasetError(f"{root / _TABLE} has no column {absent[0]}", allowed=", ".join(_COLUMNS))
                return [_entry(root, row, filename_column) for row in rows]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{root / _TABLE} cannot be read: {error}", do="unpack PTB-XL there") from None

    return index


def _entry(root: Path, row: dict[str, str], filename_column: str) -> Entry:
    try:
        codes = ast.literal_eval(row["scp_codes"])
        return Entry(
            record_id=row["ecg_id"],
            patient_id=str(int(float(row["patient_id"]))),
            path=root / f"{row[filename_column]}.hea",
            words=tuple(codes),
            rhythm=rhythm_of(codes, LABEL_MAP),
            irregular="SARRH" in codes,
            fold=int(row["strat_fold"]),
            age_years=min(float(row["age"]), 90.0) if row["age"] else None,  # 300 stands for over 89
            female=row["sex"] == "1" if row["sex"] else None,
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
    patients="the table's patient_id; a patient's recordings share one of the publisher's ten folds",
    unmapped="PACE, SVARR, BIGU and TRIGU, and no rhythm statement at all, give no label",
    label_map=LABEL_MAP,
    n_records=21_799,
    published=PUBLISHED,
    is_here=lambda root: (root / _TABLE).is_file(),
    index=indexer("filename_lr"),
)
"""The recordings at 100 Hz."""

PTB_XL_500: Final = dataclasses.replace(
    PTB_XL, name="ptb-xl-500", title="PTB-XL 1.0.3, 500 Hz", index=indexer("filename_hr"), is_here=lambda root: False
)
"""The same recordings at 500 Hz; a folder is taken for `ptb-xl` unless this one is named."""
