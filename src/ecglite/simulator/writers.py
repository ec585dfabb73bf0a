"""Recordings into files: Chapman's denoised CSV, a CSV that says what it holds, and WFDB format 16.

A file appears whole or not at all.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from ecglite.edge.errors import FileAccessError, RecordError
from ecglite.edge.record import LEADS, Record


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
    write_whole(Path(path), "".join([row % tuple(cells) for cells in microvolts.tolist()]).encode("ascii"))


def write_csv(record: Record, path: str | os.PathLike[str]) -> None:
    """Write a Record of any rate and length: a column of seconds and one per lead in mV, the units in the header.

    A missing sample (NaN) is an empty cell. Comments stand above the header, each after "# ".

    Raises:
        FileAccessError: the file cannot be written.
    """
    n_samples, n_leads = record.signal_mv.shape
    time_s = np.arange(n_samples) / record.sampling_rate_hz
    row = "%.6f," + ",".join(["%.4f"] * n_leads) + "\n"
    cells = np.column_stack([time_s, record.signal_mv.astype(np.float64)])
    body = "".join([row % tuple(line) for line in cells.tolist()]).replace("nan", "")
    said = "".join(f"# {' '.join(comment.split())}\n" for comment in (*record.notes, *record.comments))
    header = ",".join(["time_s", *(f"{lead} (mV)" for lead in record.leads)]) + "\n"
    write_whole(Path(path), (said + header + body).encode())


def write_wfdb(record: Record, folder: str | os.PathLike[str], name: str) -> Path:
    """Write `name`.dat and `name`.hea, format 16 at 1000 steps per mV, into an existing folder.

    Args:
        record: up to 32.767 mV to either side; a missing sample (NaN) becomes WFDB's -32768.
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
    missing = ~np.isfinite(record.signal_mv)
    steps = np.rint(np.where(missing, 0, record.signal_mv).astype(np.float64) * 1000)
    if np.abs(steps).max() > 32767:
        raise RecordError(f"{np.abs(steps).max() / 1000:g} mV", allowed="up to 32.767 mV in format 16")
    samples = np.where(missing, -32768, steps).astype("<i2")
    n_samples, n_leads = samples.shape
    sums = samples.sum(axis=0, dtype=np.int64) % 65536
    lines = [f"{name} {n_leads} {record.sampling_rate_hz:.10g} {n_samples}"]
    lines += [
        f"{name}.dat 16 1000/mV 16 0 {first} {total} 0 {lead}"
        for lead, first, total in zip(record.leads, samples[0], sums, strict=True)
    ]
    facts = [f"Age: {record.patient.age_years:g}"] if record.patient.age_years is not None else []
    facts += [f"Sex: {record.patient.sex}"] if record.patient.sex else []
    lines += ["#" + " ".join(fact.split()) for fact in (*facts, *record.comments)]
    header = Path(folder, f"{name}.hea")
    write_whole(header.with_suffix(".dat"), samples.tobytes())
    write_whole(header, ("\n".join(lines) + "\n").encode())  # last: a header never stands without its samples
    return header


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, then rename, so that nobody ever reads half a file.

    Raises:
        FileAccessError: it cannot be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except KeyboardInterrupt:
        draft.unlink(missing_ok=True)
        raise
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise FileAccessError(f"{path} cannot be written: {error.strerror}", do="choose another folder") from None
