"""What a database is to the lab, and what one of its recordings is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording of a database.

    Attributes:
        record_id: unique in the database.
        patient_id: whose it is; None where the publisher does not say.
        path: for `ecglite.edge.formats.read`.
        rhythm: one of the eleven, by the database's label map; None where no word of the record maps.
        irregular: the record's words name sinus arrhythmia (see `labels.by_rate`).
        fold: the publisher's own fold, 1 to 10; None where there is none.
    """

    record_id: str
    patient_id: str | None
    path: Path
    rhythm: str | None
    irregular: bool = False
    fold: int | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A database.

    Attributes:
        name: as commands take it.
        title, doi, licence: the publisher's.
        folder: below the data folder.
        sinus_by_rate: its sinus labels must be rewritten by the measured rate.
        index: every recording below the database's folder, in a fixed order.
        named_by_measurements: a baseline that names records from what the publisher measured; None where nothing is.
    """

    name: str
    title: str
    doi: str
    licence: str
    folder: str
    sinus_by_rate: bool
    index: Callable[[Path], list[Entry]]
    named_by_measurements: Callable[[Path, Sequence[str]], list[str]] | None = None
