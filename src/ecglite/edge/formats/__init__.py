"""Recordings from files: one reader per format, picked by what the file holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ecglite.edge.errors import EcgliteError, FileAccessError, UnknownFormatError
from ecglite.edge.formats._layout import looks_like_rows
from ecglite.edge.formats._record import Hints, refuse_incomplete
from ecglite.edge.formats._source import CSV_LIMIT, HEAD, SIGNAL_LIMIT, decoded, foreign, read_bytes, utf_8
from ecglite.edge.formats.general_csv import read_csv
from ecglite.edge.formats.wfdb import read_wfdb
from ecglite.edge.formats.wfdb_header import is_header
from ecglite.edge.record import Record

__all__ = ["read", "readable"]

_ALLOWED: Final = "a CSV of samples, or a WFDB header (.hea) with its signal files"
_SIGNAL_FILES: Final = frozenset({".dat", ".mat"})
_TABLES: Final = frozenset(
    {
        "ptbxl_database.csv",
        "scp_statements.csv",
        "conditionnames_snomed-ct.csv",
        "diagnostics.csv",
        "rhythmnames.csv",
        "conditionnames.csv",
        "attributesdictionary.csv",
    }
)
"""CSV files of the databases that hold no recording, in lower case."""


def read(
    path: str | os.PathLike[str],
    *,
    units: str | None = None,
    rate_hz: float | None = None,
    leads: Sequence[str] | None = None,
    strict: bool = False,
) -> Record:
    """One recording from a file.

    The format is told from the content: Chapman CSV (raw or denoised), any other CSV, or WFDB, whose .dat
    or .mat, or the name without an ending, may be given in place of the .hea beside it. `units`, `rate_hz` and
    `leads` fill in what the file leaves open; where the file states something itself, they must agree with it, but for
    units under which no electrode gives such amplitudes.

    Args:
        path: the file.
        units: "mV", "uV", "V" or "nV".
        rate_hz: the sampling rate in hertz.
        leads: what each column or signal is, in the order of the file: a lead in any usual spelling, "time" for a
            column of seconds, "-" to leave it out.
        strict: refuse a record that lacks a lead or a sample, as the study dropped such records.

    Raises:
        ReadError: the file did not become a Record (see its subclasses in ecglite.edge.errors).
        LeadError, UnitsError, RecordError: its leads, units or rate are unknown or contradict each other.
        QualityError: a sample is missing, under `strict`.
    """
    file = os.fspath(path)
    hints = Hints.checked(units, rate_hz, leads)
    if not file:
        raise FileAccessError("an empty path was given", allowed=_ALLOWED, do="name a file")
    try:
        record = _read(file, hints)
        if strict:
            refuse_incomplete(record)
    except EcgliteError as error:
        name = os.path.basename(file)
        itself = error.came.startswith((f"{name}: ", f"{name} "))  # it need not be named twice
        came = f"{file}{error.came[len(name) :]}" if itself else f"{file}: {error.came}"
        raise type(error)(came, allowed=error.allowed, do=error.do) from error.__cause__
    return record


def readable(path: Path) -> bool:
    """Whether a file found in a folder is a recording to try; looks at the name, and into .txt files.

    Signal files count with their header, not by themselves; the tables of the databases do not count.
    """
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return path.name.lower() not in _TABLES
    if suffix == ".txt":
        try:
            head = utf_8(read_bytes(str(path), CSV_LIMIT, at_most=HEAD))
        except EcgliteError:
            return False
        return foreign(head) is None and looks_like_rows(head)
    return suffix == ".hea"


def _read(path: str, hints: Hints) -> Record:
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _SIGNAL_FILES:
        read_bytes(path, SIGNAL_LIMIT, at_most=1)  # a file that is not there is said to be so first
        header = Path(path).with_suffix(".hea")
        if not header.is_file():
            raise FileAccessError(
                f"a signal file without its header {header.name}",
                allowed=_ALLOWED,
                do=f"put {header.name} beside it",
            )
        return read_wfdb(str(header), hints)
    if suffix != ".hea" and not os.path.exists(path) and os.path.isfile(f"{path}.hea"):
        return read_wfdb(f"{path}.hea", hints)  # a record's name, as the WFDB tools take it
    raw = read_bytes(path, CSV_LIMIT, at_most=HEAD)
    head = utf_8(raw)
    what = foreign(head)
    if what is not None:
        raise UnknownFormatError(f"it is {what}", allowed=_ALLOWED, do="export the recording as CSV or WFDB")
    if suffix == ".hea" or is_header(decoded(head)):
        return read_wfdb(path, hints, raw if len(raw) < HEAD else None)
    return read_csv(utf_8(read_bytes(path, CSV_LIMIT)), path, hints)
