"""Recordings into files: Chapman's denoised CSV, a CSV that says what it holds, and WFDB format 16.

A file appears whole or not at all. What is too long for the memory is written piece by piece: each is a Record that
differs from the others in its samples alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import FileAccessError, RecordError
from ecglite.edge.record import LEADS, Record

_ROWS: Final = 60_000


def write_chapman_csv(record: Record, path: str | os.PathLike[str]) -> None:
    """Write a Record as Chapman's denoised CSVs are: 5000 rows of 12 leads, µV, 5 digits, no header.

    Raises:
        RecordError: it is not 12 leads of 5000 samples at 500 Hz, or a sample is missing.
        FileAccessError: the file cannot be written.
    """
    n_samples, rate = record.signal_mv.shape[0], record.sampling_rate_hz
    if set(record.leads) != set(LEADS) or n_samples != 5000 or rate != 500:
        raise RecordError(
            f"{len(record.leads)} leads of {n_samples} samples at {rate:g} Hz",
            allowed="a Chapman CSV is 12 leads of 5000 samples at 500 Hz",
            do="write WFDB instead",
        )
    microvolts = record.signal_mv[:, [record.leads.index(lead) for lead in LEADS]].astype(np.float64) * 1000
    if not np.isfinite(microvolts).all():
        raise RecordError("missing samples (NaN)", allowed="a Chapman CSV has a number in each cell")
    row = ",".join(["%.5g"] * 12) + "\n"
    write_whole(Path(path), ["".join([row % tuple(cells) for cells in microvolts.tolist()]).encode("ascii")])


def write_csv(record: Record | Iterable[Record], path: str | os.PathLike[str]) -> None:
    """Write a Record of any rate and length: a column of seconds and one per lead in mV, the units in the header.

    A missing sample (NaN) is an empty cell. Comments stand above the header, each after "# ".

    Args:
        record: a recording, or its pieces.
        path: of the file.

    Raises:
        FileAccessError: the file cannot be written.
    """
    write_whole(Path(path), _csv_lines(_parts(record)))


def _csv_lines(parts: Iterable[Record]) -> Iterator[bytes]:
    first = 0
    for part in parts:
        n_samples, n_leads = part.signal_mv.shape
        if not first:
            yield "".join(f"# {' '.join(comment.split())}\n" for comment in (*part.notes, *part.comments)).encode()
            yield (",".join(["time_s", *(f"{lead} (mV)" for lead in part.leads)]) + "\n").encode()
        row = "%.6f," + ",".join(["%.4f"] * n_leads) + "\n"
        time_s = np.arange(first, first + n_samples) / part.sampling_rate_hz
        cells = np.column_stack([time_s, part.signal_mv.astype(np.float64)])
        yield "".join([row % tuple(line) for line in cells.tolist()]).replace("nan", "").encode()
        first += n_samples


def write_wfdb(record: Record | Iterable[Record], folder: str | os.PathLike[str], name: str) -> Path:
    """Write `name`.dat and `name`.hea, format 16 at 1000 steps per mV, into an existing folder.

    Args:
        record: a recording, or its pieces, of up to 32.767 mV to either side; a missing sample (NaN) becomes WFDB's
            -32768.
        folder: where.
        name: letters, digits, "_" and "-".

    Returns:
        The path of the header.

    Raises:
        RecordError: the name or an amplitude is outside that.
        FileAccessError: a file cannot be written.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise RecordError(f"record name {name[:40]!r}", allowed="letters, digits, _ and -")
    header = Path(folder, f"{name}.hea")
    seen = _Seen()
    write_whole(header.with_suffix(".dat"), seen.samples(_parts(record)))
    write_whole(header, [seen.header(name).encode()])  # last: a header never stands without its samples
    return header


class _Seen:
    """What a WFDB header says of the samples that have gone into the file."""

    def __init__(self) -> None:
        self._n = 0
        self._part: Record
        self._first: list[int]
        self._sums: npt.NDArray[np.int64]

    def samples(self, parts: Iterable[Record]) -> Iterator[bytes]:
        """The samples as the file has them."""
        for part in parts:
            missing = ~np.isfinite(part.signal_mv)
            steps = np.rint(np.where(missing, 0, part.signal_mv).astype(np.float64) * 1000)
            largest = np.abs(steps).max()
            if largest > 32767:
                raise RecordError(
                    f"{largest / 1000:g} mV",
                    allowed="up to 32.767 mV in format 16",
                    do="use --format csv or less --noise",
                )
            samples = np.where(missing, -32768, steps).astype("<i2")
            if not self._n:
                self._part, self._first = part, samples[0].tolist()
                self._sums = np.zeros(samples.shape[1], np.int64)
            self._n += len(samples)
            self._sums += samples.sum(axis=0, dtype=np.int64)
            yield samples.tobytes()

    def header(self, name: str) -> str:
        """The header's text."""
        of = self._part
        lines = [f"{name} {len(of.leads)} {of.sampling_rate_hz:.10g} {self._n}"]
        lines += [
            f"{name}.dat 16 1000/mV 16 0 {first} {total} 0 {lead}"
            for lead, first, total in zip(of.leads, self._first, self._sums % 65536, strict=True)
        ]
        facts = [f"Age: {of.patient.age_years:g}"] if of.patient.age_years is not None else []
        facts += [f"Sex: {of.patient.sex}"] if of.patient.sex else []
        lines += ["#" + " ".join(fact.split()) for fact in (*facts, *of.comments)]
        return "\n".join(lines) + "\n"


def _parts(record: Record | Iterable[Record]) -> Iterator[Record]:
    """The pieces, each short enough to be put into words at once."""
    for piece in (record,) if isinstance(record, Record) else record:
        for first in range(0, len(piece.signal_mv), _ROWS):
            yield replace(piece, signal_mv=piece.signal_mv[first : first + _ROWS])


def write_whole(path: Path, content: Iterable[bytes]) -> None:
    """Write beside the target, then rename, so that nobody ever reads half a file.

    Raises:
        FileAccessError: it cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise FileAccessError(f"{path} cannot be written: {error.strerror}", do="choose another folder") from None
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
