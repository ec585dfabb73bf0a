"""MIT-BIH Arrhythmia Database (Moody and Mark, 2001): 48 recordings of half an hour, two leads, rhythm by the beat.

An entry is a stretch of ten seconds that lies wholly inside one annotated rhythm. The annotations (.atr) name a rhythm
where it begins, as "(AFIB"; it lasts until the next one begins.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import lru_cache
from pathlib import Path
from typing import Final

from ecglite.edge import formats
from ecglite.edge.errors import DatasetError, MalformedFileError
from ecglite.edge.formats.wfdb_header import parse_header
from ecglite.edge.record import Record
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

STRETCH_S: Final = 10

LABEL_MAP: Final = {"(N": "SR", "(SBR": "SB", "(AFIB": "AFIB", "(AFL": "AF", "(SVTA": "SVT"}
"""Annotated rhythm -> rhythm. Bigeminy, trigeminy, nodal, paced, pre-excited and ventricular rhythms, and block, name
none of the eleven."""

_SAME_PATIENT: Final = {"202": "201"}
"""Record 202 was taken from the same tape as 201."""


def index(root: Path) -> list[Entry]:
    """The stretches of every record of the folder, in the order of records and time.

    Raises:
        DatasetError: there is no record, or one lacks its annotations.
    """
    paths = [path for path in sorted(root.glob("*.hea")) if path.with_suffix(".atr").is_file()]
    if not paths:
        raise DatasetError(f"no .hea with its .atr in {root}", do="unpack MIT-BIH Arrhythmia there")
    return [entry for path in paths for entry in _stretches(path)]


def _stretches(path: Path) -> list[Entry]:
    rate_hz, end = _rate_and_length(path)
    rhythms = [*_rhythms(path), (end, "")]
    entries = []
    for (first, name), (last, _) in itertools.pairwise(rhythms):
        begin_s = math.ceil(first / rate_hz)
        for start_s in range(begin_s, int(last / rate_hz) - STRETCH_S + 1, STRETCH_S):
            entries.append(
                Entry(
                    record_id=f"{path.stem}-{start_s:04d}s",
                    patient_id=_SAME_PATIENT.get(path.stem, path.stem),
                    path=path,
                    words=(name,),
                    rhythm=rhythm_of((name,), LABEL_MAP),
                    start_s=float(start_s),
                    duration_s=float(STRETCH_S),
                )
            )
    return entries


def _rate_and_length(path: Path) -> tuple[float, int]:
    """Sampling rate and number of samples, from the header."""
    try:
        header = parse_header(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, MalformedFileError) as error:
        raise DatasetError(f"{path}: {error}") from None
    if not header.n_samples:
        raise DatasetError(f"{path} states no number of samples", do="download it again")
    return header.rate_hz, header.n_samples


def _rhythms(path: Path) -> list[tuple[int, str]]:
    """Where a rhythm begins, in samples, and its name."""
    import wfdb

    try:
        marks = wfdb.rdann(str(path.with_suffix("")), "atr")
        found = [(int(at), str(note).rstrip("\0")) for at, note in zip(marks.sample, marks.aux_note, strict=True)]
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path.with_suffix('.atr')} cannot be read: {error}", do="download it again") from None
    return [(at, note) for at, note in found if note.startswith("(")]


@lru_cache(maxsize=2)
def _whole(path: Path) -> Record:
    return formats.read(path)


def read(entry: Entry) -> Record:
    """The stretch of an entry: float32 [3600, 2], millivolts, 360 Hz. The record is read once for all of its stretches.

    Raises:
        EcgliteError: as `formats.read`.
    """
    record = _whole(entry.path)
    first = round(entry.start_s * record.sampling_rate_hz)
    last = first + round(entry.duration_s * record.sampling_rate_hz)
    return dataclasses.replace(
        record,
        signal_mv=record.signal_mv[first:last],
        notes=(*record.notes, f"{entry.duration_s:g} s from {entry.start_s:g} s on"),
    )


MITDB: Final = Dataset(
    name="mitdb",
    title="MIT-BIH Arrhythmia Database 1.0.0",
    doi="10.13026/C2F305",
    licence="ODC-By 1.0",
    folder="mitdb",
    sinus_by_rate=True,
    patients="47 patients: records 201 and 202 are of one man, every other record is of a patient of its own",
    unmapped="bigeminy, trigeminy, nodal, paced, pre-excited and ventricular rhythms, and block, give no label",
    label_map=LABEL_MAP,
    n_records=48,
    any_rate=frozenset({"(N"}),
    is_here=lambda root: any(path.stem.isdecimal() for path in root.glob("*.atr")),
    index=index,
    read=read,
)
