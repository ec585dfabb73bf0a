"""PhysioNet/CinC Challenge 2017 (Clifford et al., 2017): 8,528 recordings of one lead, of a device held in two hands.

Rhythm in a table of letters: N normal, A fibrillation, O other, ~ too noisy. The table was revised; the third revision,
REFERENCE-v3.csv, is the publisher's last word, and is read where it is there.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from ecglite.edge import formats
from ecglite.edge.errors import DatasetError
from ecglite.edge.record import Record
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

LABEL_MAP: Final = {"N": "SR", "A": "AFIB"}
PUBLISHED: Final = {"N": 5_076, "A": 758, "O": 2_415, "~": 279}
"""Of the third revision."""

_TABLES = ("REFERENCE-v3.csv", "REFERENCE.csv", "training2017/REFERENCE-v3.csv", "training2017/REFERENCE.csv")
_FOLDERS = ("training2017/*.hea", "training/*/*.hea", "*.hea")
"""As training2017.zip unpacks, as the publisher's tree is, or flat."""


def _table(root: Path) -> Path | None:
    return next((root / name for name in _TABLES if (root / name).is_file()), None)


def index(root: Path) -> list[Entry]:
    """The recordings that are there, each with its row of the table.

    Raises:
        DatasetError: the table is missing, or a row of it cannot be understood.
    """
    table = _table(root)
    if table is None:
        raise DatasetError(f"no {_TABLES[0]} in {root}", do="fetch or unpack the challenge of 2017 there")
    there = next((found for found in (sorted(root.glob(pattern)) for pattern in _FOLDERS) if found), [])
    paths = {path.stem: path for path in there}
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read: {error}") from None
    for row in rows:
        if len(row) != 2 or row[1] not in PUBLISHED:
            raise DatasetError(f"{table}: row {row}", allowed=f"a record and one of {', '.join(PUBLISHED)}")
    return [
        Entry(name, None, paths[name], (letter,), rhythm_of((letter,), LABEL_MAP))
        for name, letter in rows
        if name in paths
    ]


def read(entry: Entry) -> Record:
    """The recording of an entry: float32 [n_samples, 1], millivolts, 300 Hz.

    Its header calls the lead "ECG": between two hands it is lead I, inverted where the device was held so.

    Raises:
        EcgliteError: as `formats.read`.
    """
    return formats.read(entry.path, leads=["I"])


CINC_2017: Final = Dataset(
    name="cinc2017",
    title="AF Classification from a Short Single Lead ECG Recording: the PhysioNet/CinC Challenge 2017 1.0.0",
    doi="10.13026/d3hm-sf11",
    licence="ODC-By 1.0",
    folder="cinc2017",
    sinus_by_rate=True,
    patients="the publisher names no patients: each recording is taken as a patient of its own",
    unmapped="O (another rhythm) and ~ (too noisy) give no label",
    label_map=LABEL_MAP,
    n_records=8_528,
    published=PUBLISHED,
    any_rate=frozenset({"N"}),
    is_here=lambda root: _table(root) is not None,
    index=index,
    read=read,
)
