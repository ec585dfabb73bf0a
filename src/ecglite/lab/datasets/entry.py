"""What a database is to the lab, and what one of its recordings is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecglite.edge import formats
from ecglite.edge.record import Record


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording of a database, or a stretch of one.

    Attributes:
        record_id: unique in the database.
        patient_id: whose it is; None where the publisher does not say.
        path: the file it is read from, by the database's `read`.
        words: the publisher's codes or words for the record, as they stand there.
        rhythm: one of the eleven, by the database's label map; None where no word of the record maps.
        irregular: the record's words name sinus arrhythmia (see `labels.by_rate`).
        fold: the publisher's own fold, 1 to 10; None where there is none.
        age_years, female: of the patient, where the database's table states them; else they are in the file.
        start_s: where the stretch begins in the file, seconds.
        duration_s: how long it is; 0 for the whole file.
    """

    record_id: str
    patient_id: str | None
    path: Path
    words: tuple[str, ...]
    rhythm: str | None
    irregular: bool = False
    fold: int | None = None
    age_years: float | None = None
    female: bool | None = None
    start_s: float = 0.0
    duration_s: float = 0.0


def read_file(entry: Entry) -> Record:
    """The recording of an entry whose file says everything: the reader of the data's path."""
    return formats.read(entry.path)


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a publisher has measured on its recordings, without their samples.

    Attributes:
        names: of the columns.
        rows: float64 [n_columns] of each record id, NaN where a cell is empty; of records whose file is not here too.
        rhythms: the rhythm of each record id.
    """

    names: tuple[str, ...]
    rows: Mapping[str, npt.NDArray[np.float64]]
    rhythms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A database.

    Attributes:
        name: as commands take it.
        title, doi, licence: the publisher's.
        folder: below the data folder.
        sinus_by_rate: its sinus labels must be rewritten by the measured rate.
        patients: whose the recordings are, as the publisher states it, in a sentence.
        unmapped: the rule for words that name none of the eleven rhythms, in a sentence.
        label_map: the publisher's word or code -> one of the eleven.
        n_records: how many recordings the publisher states for the whole database, each a file; where an index cuts
            recordings into stretches it has more entries.
        published: the publisher's word or code -> how many recordings it states to have it; what it does not count
            is absent.
        any_rate: words of a sinus rhythm of whatever rate, which no measured rate contradicts.
        is_here: whether a folder looks like this database's.
        index: every recording below the database's folder, in a fixed order.
        read: the recording of an entry.
        measurements: what the publisher has measured; None where it has not.
    """

    name: str
    title: str
    doi: str
    licence: str
    folder: str
    sinus_by_rate: bool
    patients: str
    unmapped: str
    label_map: Mapping[str, str]
    n_records: int
    is_here: Callable[[Path], bool]
    index: Callable[[Path], list[Entry]]
    published: Mapping[str, int] = field(default_factory=dict)
    any_rate: frozenset[str] = frozenset()
    read: Callable[[Entry], Record] = read_file
    measurements: Callable[[Path], Measurements] | None = None
