"""A database -> arrays that training reads: once, in parallel, kept on disk until what made them changes.

A recording passes the very steps of the data's path (reader, windows) and the graph's own decimation, so that
training sees what the device will.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge import formats, windows
from ecglite.edge.errors import EcgliteError
from ecglite.edge.record import LEADS, Record
from ecglite.lab import conditioning, labels, rates
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.workers import pool
from ecglite.simulator import simulate

N_TIME: Final = windows.N_SAMPLES // conditioning.DECIMATION
RATE_HZ: Final = windows.RATE_HZ / conditioning.DECIMATION
_CHUNK: Final = 64

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database, ready to train on.

    Attributes:
        signal_mv: float16 [n, 12, 1000], the first ten seconds at 100 Hz, low-passed at 42 Hz, memory-mapped.
        rhythms: one of the eleven each, "" where no word of the record maps; sinus by rate where the database asks.
        rates_bpm: measured heart rate, NaN where too few beats were found.
        patients, folds, record_ids: from the database; fold 0 where it has none.
        failed: record id and reason of each recording that could not be read; they are not in the arrays.
    """

    signal_mv: npt.NDArray[np.float16]
    rhythms: tuple[str, ...]
    rates_bpm: npt.NDArray[np.float64]
    patients: tuple[str, ...]
    folds: npt.NDArray[np.int64]
    record_ids: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    fingerprint: str


def cache_folder() -> Path:
    """Where prepared arrays are kept: $ECGLITE_CACHE, or ecglite below the user's cache folder."""
    base = os.environ.get("ECGLITE_CACHE")
    return Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ecglite"


def prepare(which: Dataset, root: Path, progress: Progress) -> Prepared:
    """The prepared arrays of a database, from the cache where nothing has changed.

    Args:
        which: the database.
        root: its folder.
        progress: see `Progress`.

    Raises:
        DatasetError: the database's folder is not what its publisher describes.
    """
    entries = which.index(root)
    fingerprint = _fingerprint(which, entries)
    folder = cache_folder() / "prepared" / f"{which.name}-{fingerprint}"
    if not (folder / "records.json").exists():
        _make(which, entries, folder, progress)
    table = json.loads((folder / "records.json").read_text())
    kept = [entry for entry in entries if entry.record_id not in table["failed"]]
    rates_bpm = np.array(table["rates_bpm"], np.float64)
    return Prepared(
        signal_mv=np.load(folder / "signal.npy", mmap_mode="r"),
        rhythms=tuple(_rhythm(which, e, rate) for e, rate in zip(kept, rates_bpm, strict=True)),
        rates_bpm=rates_bpm,
        patients=tuple(e.patient_id or e.record_id for e in kept),
        folds=np.array([e.fold or 0 for e in kept], np.int64),
        record_ids=tuple(e.record_id for e in kept),
        failed=tuple(table["failed"].items()),
        fingerprint=fingerprint,
    )


def _rhythm(which: Dataset, entry: Entry, rate_bpm: float) -> str:
    if entry.rhythm is None:
        return ""
    if not which.sinus_by_rate:
        return entry.rhythm
    return labels.by_rate(entry.rhythm, None if np.isnan(rate_bpm) else rate_bpm, irregular=entry.irregular)


def _fingerprint(which: Dataset, entries: Sequence[Entry]) -> str:
    """Over the recordings' names and sizes, and over what preparing makes of known recordings.

    Labels are joined when the cache is read and may change; a change to what the steps compute may not go unseen.
    """
    digest = hashlib.sha256()
    for rate_hz in (100.0, 360.0, 500.0, 1000.0):
        x = decimated(simulate("SA", seed=0, sampling_rate_hz=rate_hz)).astype(np.float32)
        digest.update(np.round(x * 500).astype(np.int32).tobytes())  # 2 uV: coarser than any machine's rounding
        digest.update(f"{rates.heart_rate_bpm(x, RATE_HZ):.2f}".encode())
    for entry in entries:
        size = entry.path.stat().st_size if entry.path.exists() else -1
        digest.update(f"{which.name}|{entry.record_id}|{entry.path.name}|{size}\n".encode())
    return digest.hexdigest()[:16]


def decimated(record: Record) -> npt.NDArray[np.float16]:
    """The first window of a recording, as training reads it: float16 [12, 1000], millivolts at 100 Hz."""
    window = next(windows.windows(record)).signal_mv.T  # [12, 5000]
    window = window - window.mean(axis=1, keepdims=True)
    taps = conditioning.decimation_taps()
    padded = np.pad(window, ((0, 0), (len(taps) // 2, len(taps) // 2)))
    out = np.zeros((len(LEADS), N_TIME), np.float32)
    for k, tap in enumerate(taps):
        out += tap * padded[:, k : k + windows.N_SAMPLES : conditioning.DECIMATION]
    return out.astype(np.float16)


def _one(path: str) -> tuple[npt.NDArray[np.float16] | None, float, str]:
    try:
        x = decimated(formats.read(path))
    except EcgliteError as error:
        return None, np.nan, str(error)
    return x, rates.heart_rate_bpm(x.astype(np.float32), RATE_HZ), ""


def _make(which: Dataset, entries: Sequence[Entry], folder: Path, progress: Progress) -> None:
    """Write the cache into a temporary folder, then rename it: an interrupted run leaves nothing half-made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        work = Path(name) / "work"
        work.mkdir()
        shape = (len(entries), len(LEADS), N_TIME)
        signal = np.lib.format.open_memmap(work / "signal.npy", mode="w+", dtype=np.float16, shape=shape)
        rates_bpm: list[float] = []
        failed: dict[str, str] = {}
        with pool() as workers:
            results = workers.map(_one, [str(entry.path) for entry in entries], chunksize=_CHUNK)
            for done, (entry, (x, rate, reason)) in enumerate(zip(entries, results, strict=True), 1):
                if x is None:
                    failed[entry.record_id] = reason
                else:
                    signal[len(rates_bpm)] = x
                    rates_bpm.append(rate)
                progress(f"preparing {which.name}", done, len(entries))
        signal.flush()
        if failed:
            np.save(work / "signal.npy", np.array(signal[: len(rates_bpm)]))
        (work / "records.json").write_text(json.dumps({"rates_bpm": rates_bpm, "failed": failed}))
        if not folder.exists():  # another process may have been faster
            work.rename(folder)
