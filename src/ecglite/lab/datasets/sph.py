"""SPH (Liu et al., Scientific Data 9:272, 2022): 25,770 recordings of Shandong Provincial Hospital, statements by AHA.

A record's `AHA_Code` is a list of statements parted by ";", each one code and modifiers joined by "+", as in
"22;23" or "50+346". The recordings are HDF5: `ecg`, float16 [12, n_samples], millivolts at 500 Hz, the standard order.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np

from ecglite.edge.errors import DatasetError, FileAccessError, MalformedFileError
from ecglite.edge.record import LEADS, Patient, Record
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

RATE_HZ: Final = 500.0
MAX_SAMPLES: Final = 500 * 600
"""The longest is 28,000; what is longer than ten minutes is not read."""

LABEL_MAP: Final = {"1": "SR", "21": "ST", "22": "SB", "23": "SA", "50": "AFIB", "51": "AF"}
"""AHA statement -> rhythm. 1 is a normal ECG, which is one in sinus rhythm. The database has no statement of AT, AVNRT,
AVRT or SVT."""

PUBLISHED: Final = {"1": 13_905}
"""Normal ECG, 53.96 % by the paper's text."""

_TABLE = "metadata.csv"
_COLUMNS = ("ECG_ID", "AHA_Code", "Patient_ID", "Age", "Sex")


def index(root: Path) -> list[Entry]:
    """The recordings that are there, each with its row of metadata.csv.

    Raises:
        DatasetError: the table is missing, or a row of it cannot be understood.
    """
    there = {path.stem: path for path in sorted(root.glob("**/*.h5"))}
    try:
        with (root / _TABLE).open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            absent = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
            if absent:
                raise DatasetError(f"{root / _TABLE} has no column {absent[0]}", allowed=", ".join(_COLUMNS))
            return [_entry(row, there[row["ECG_ID"]]) for row in rows if row["ECG_ID"] in there]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{root / _TABLE} cannot be read: {error}", do="unpack SPH there") from None


def _entry(row: dict[str, str], path: Path) -> Entry:
    try:
        statements = row["AHA_Code"].split(";")
        # the code of a statement; its modifiers are 200 to 499
        codes = tuple(c for s in statements for c in map(str.strip, s.split("+")) if not 200 <= int(c) < 500)
        return Entry(
            record_id=row["ECG_ID"],
            patient_id=row["Patient_ID"].strip() or None,
            path=path,
            words=codes,
            rhythm=rhythm_of(codes, LABEL_MAP),
            irregular="23" in codes,
            age_years=float(row["Age"]) if row["Age"] else None,
            female=row["Sex"] == "F" if row["Sex"] in ("F", "M") else None,
        )
    except (ValueError, AttributeError, TypeError) as error:
        raise DatasetError(f"{path.parent.parent / _TABLE}, {row.get('ECG_ID')}: {error}") from None


def read(entry: Entry) -> Record:
    """The recording of an entry: float32 [n_samples, 12], millivolts.

    Raises:
        FileAccessError: the file is missing.
        MalformedFileError: it is no HDF5 of one recording as the publisher describes it.
    """
    import h5py

    path = entry.path
    if not path.is_file():
        raise FileAccessError(f"no file {path}", do="fetch SPH again")
    try:
        with h5py.File(path, "r") as file:
            # no link out of the file is followed
            link = file.get("ecg", getlink=True)
            ecg = file["ecg"] if isinstance(link, h5py.HardLink) else None
            shape: tuple[int, ...] = getattr(ecg, "shape", None) or ()
            kind = getattr(getattr(ecg, "dtype", None), "kind", "")
            external = isinstance(ecg, h5py.Dataset) and bool(ecg.external or ecg.is_virtual)
            if kind != "f" or len(shape) != 2 or shape[0] != len(LEADS) or not 0 < shape[1] <= MAX_SAMPLES or external:
                raise MalformedFileError(
                    f"{path}: ecg is {kind or 'no'} data of shape {list(shape)}",
                    allowed=f"floating point [12, n], n to {MAX_SAMPLES}, in the file itself",
                )
            signal = np.asarray(ecg, dtype=np.float32).T  # [n_samples, 12]
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise MalformedFileError(f"{path} is no HDF5 that can be read: {error}", do="fetch SPH again") from None
    sex = None if entry.female is None else "female" if entry.female else "male"
    return Record(
        signal, RATE_HZ, LEADS, patient=Patient(entry.age_years, sex), path=str(path), format="sph-hdf5", units="mV"
    )


def _is_here(root: Path) -> bool:
    try:
        with (root / _TABLE).open(encoding="utf-8-sig") as file:
            return "AHA_Code" in file.readline(1000)
    except (OSError, UnicodeDecodeError):
        return False


SPH: Final = Dataset(
    name="sph",
    title="Shandong Provincial Hospital 12-lead ECG database",
    doi="10.6084/m9.figshare.c.5779802.v1",
    licence="CC BY 4.0",
    folder="sph",
    sinus_by_rate=False,  # the AHA statements are by the rate
    patients="the table's Patient_ID: 24,666 patients, of whom 1,066 have two to five recordings",
    unmapped="recordings that have no statement of rhythm and are not called normal give no label",
    label_map=LABEL_MAP,
    n_records=25_770,
    published=PUBLISHED,
    is_here=_is_here,
    index=index,
    read=read,
)
