"""LUDB 1.0.1 (Kalyakulina et al., IEEE Access 8:186181, 2020): 200 recordings of 200 patients, rhythm in the header.

Below the comment "<diagnoses>:" each line is one diagnosis; that of the rhythm begins with "Rhythm:".
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

LABEL_MAP: Final = {
    "Sinus rhythm": "SR",
    "Sinus bradycardia": "SB",
    "Sinus tachycardia": "ST",
    "Sinus arrhythmia": "SA",
    "Irregular sinus rhythm": "SA",
    "Atrial fibrillation": "AFIB",
    "Atrial flutter, typical": "AF",
    "Wandering atrial pacemaker": "SAAWR",
}
"""Diagnosis -> rhythm. The tables of SNOMED codes write a wandering pacemaker and SAAWR with one code."""

PUBLISHED: Final = {
    "Sinus rhythm": 143,
    "Sinus bradycardia": 25,
    "Sinus tachycardia": 4,
    "Sinus arrhythmia": 8,
    "Irregular sinus rhythm": 2,
}
"""The publisher counts its other rhythms together. A recording may carry two."""

_FOLDER = "data"


def index(root: Path) -> list[Entry]:
    """Every header of the folder, in the order of its numbers.

    Raises:
        DatasetError: there is none, or one cannot be read.
    """
    paths = sorted((p for p in (root / _FOLDER).glob("*.hea") if p.stem.isdecimal()), key=lambda p: int(p.stem))
    if not paths:
        raise DatasetError(f"no header {_FOLDER}/*.hea in {root}", do="unpack LUDB there")
    return [_entry(path) for path in paths]


def _entry(path: Path) -> Entry:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error}") from None
    words = _diagnoses([line.lstrip("# \t").strip() for line in lines if line.lstrip().startswith("#")])
    irregular = any(LABEL_MAP.get(word) == "SA" for word in words)
    return Entry(path.stem, path.stem, path, words, rhythm_of(words, LABEL_MAP), irregular=irregular)


def _diagnoses(comments: list[str]) -> tuple[str, ...]:
    at = next((k for k, comment in enumerate(comments) if comment.startswith("<diagnoses>")), len(comments))
    return tuple(c.removeprefix("Rhythm:").strip().removesuffix(".") for c in comments[at + 1 :] if c)


def _is_here(root: Path) -> bool:
    return (root / "ludb.csv").is_file() or (root / _FOLDER / "1.hea").is_file()


LUDB: Final = Dataset(
    name="ludb",
    title="Lobachevsky University Electrocardiography Database 1.0.1",
    doi="10.13026/eegm-h675",
    licence="ODC-By 1.0",
    folder="ludb",
    sinus_by_rate=True,  # what rates its words stand for is not stated
    patients="200 recordings of 200 patients, so that the record's number stands for the patient",
    unmapped="diagnoses other than the rhythm, and pacing, give no label",
    label_map=LABEL_MAP,
    n_records=200,
    published=PUBLISHED,
    is_here=_is_here,
    index=index,
)
