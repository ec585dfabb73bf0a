"""A database -> arrays that training reads: once, in parallel, kept on disk until what made them changes.

A recording passes the very steps of the data's path (reader, windows) and, at 100 Hz, the graph's own decimation, so
that training sees what the device will. Chunks are kept as they are made: an interrupted preparation goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge import heart_rate, windows
from ecglite.edge.errors import DatasetError, EcgliteError
from ecglite.edge.record import LEADS, Record
from ecglite.lab import conditioning, labels, rates
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.workers import locked, pool

RATE_HZ: Final = windows.RATE_HZ / conditioning.DECIMATION
N_TIME: Final = windows.N_SAMPLES // conditioning.DECIMATION
RATES_HZ: Final = (int(RATE_HZ), windows.RATE_HZ)
"""What arrays can be prepared at: after the graph's decimation, or before it."""

_CHUNK: Final = 512
_FLAT_MV: Final = 0.001  # a lead whose samples span less than this holds no signal

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a recording beside its samples.

    Attributes:
        rate_bpm: heart rate by NeuroKit2, NaN where it found too few beats.
        beats_s: times of the beats by the data's path, seconds from the window's start.
        empty_leads: leads of the twelve that the file lacks or that are flat all through.
        duration_s: of the whole recording.
        digest: sha256 over the samples as read, the same for bit-identical recordings.
        age_years, female: from the file, where the database's table has neither; NaN and None where both are silent.
    """

    rate_bpm: float
    beats_s: tuple[float, ...]
    empty_leads: tuple[str, ...]
    duration_s: float
    digest: str
    age_years: float
    female: bool | None


@dataclass(frozen=True)
class Prepared:
    """A database, ready to train on.

    Attributes:
        signal_mv: float16 [n, 12, n_time], the first ten seconds in millivolts, memory-mapped, each lead centred; at
            100 Hz low-passed at 42 Hz.
        sampling_rate_hz: 100 or 500.
        entries: of the n recordings.
        facts: of the n recordings.
        rhythms: one of the eleven each, "" where no word of the record maps; sinus by rate where the database asks.
        failed: record id and reason of each recording that could not be read; they are not in the arrays.
        fingerprint: changes with the files and with what preparing computes.
        sha256: of the file of the samples.
        file: where they lie.
    """

    signal_mv: npt.NDArray[np.float16]
    sampling_rate_hz: int
    entries: tuple[Entry, ...]
    facts: tuple[Facts, ...]
    rhythms: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    fingerprint: str
    sha256: str
    file: Path

    @cached_property
    def rates_bpm(self) -> npt.NDArray[np.float64]:
        """[n], measured heart rate, NaN where too few beats were found."""
        return np.array([facts.rate_bpm for facts in self.facts], np.float64)

    @cached_property
    def patients(self) -> tuple[str, ...]:
        """Whose each recording is; the recording's own name where the publisher does not say."""
        return tuple(entry.patient_id or entry.record_id for entry in self.entries)

    @cached_property
    def people(self) -> tuple[tuple[float | None, bool | None], ...]:
        """Age in years, and whether female: by the database's table, else by the file; None where both are silent."""
        return tuple(
            (
                entry.age_years if entry.age_years is not None else None if np.isnan(of.age_years) else of.age_years,
                of.female if entry.female is None else entry.female,
            )
            for entry, of in zip(self.entries, self.facts, strict=True)
        )

    @cached_property
    def folds(self) -> npt.NDArray[np.int64]:
        """[n], the publisher's fold, 0 where it has none."""
        return np.array([entry.fold or 0 for entry in self.entries], np.int64)

    @cached_property
    def record_ids(self) -> tuple[str, ...]:
        """The name of each recording."""
        return tuple(entry.record_id for entry in self.entries)


def cache_folder() -> Path:
    """Where prepared arrays are kept: $ECGLITE_CACHE, or ecglite below the user's cache folder."""
    base = os.environ.get("ECGLITE_CACHE")
    return Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ecglite"


def prepare(which: Dataset, root: Path, progress: Progress, *, rate_hz: int = RATES_HZ[0]) -> Prepared:
    """The prepared arrays of a database, from the cache where nothing has changed.

    Args:
        which: the database.
        root: its folder.
        progress: see `Progress`.
        rate_hz: one of `RATES_HZ`.

    Raises:
        DatasetError: the database's folder is not what its publisher describes, or holds no recording.
    """
    if rate_hz not in RATES_HZ:
        raise DatasetError(f"a preparation at {rate_hz} Hz", allowed=" or ".join(map(str, RATES_HZ)))
    entries = which.index(root)
    if not entries:
        raise DatasetError(f"{root} holds no recording of {which.title}", do=f"ecglite fetch {which.name}")
    twice = [name for name, n in Counter(entry.record_id for entry in entries).items() if n > 1]
    if twice:
        raise DatasetError(f"{root} has {len(twice)} record names twice, first {twice[0]}", allowed="each name once")
    fingerprint = _fingerprint(which, entries, rate_hz)
    folder = cache_folder() / "prepared" / f"{which.name}-{rate_hz}hz-{fingerprint}-{_stamp(entries)}"
    table = _table(folder)
    if table is None:
        table = _made(which, entries, folder, rate_hz, progress)
        if table is None:
            raise DatasetError(f"{folder} was damaged while it was made", do="check the disk, and try again")
    kept = tuple(entry for entry in entries if entry.record_id not in table["failed"])
    facts = tuple(map(_facts, table["facts"]))
    return Prepared(
        signal_mv=np.load(folder / "signal.npy", mmap_mode="c"),  # copy on write, as torch wants it
        sampling_rate_hz=rate_hz,
        entries=kept,
        facts=facts,
        rhythms=tuple(rhythm(which, e, f.rate_bpm) for e, f in zip(kept, facts, strict=True)),
        failed=tuple(table["failed"].items()),
        fingerprint=fingerprint,
        sha256=table["sha256"],
        file=folder / "signal.npy",
    )


def _made(
    which: Dataset, entries: Sequence[Entry], folder: Path, rate_hz: int, progress: Progress
) -> dict[str, Any] | None:
    """Make the cache, unless another process has while this one waited for it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_name(f"{folder.name}.lock")):
            table = _table(folder)
            if table is None:
                _make(which, entries, folder, rate_hz, progress)
                table = _table(folder)
            return table
    except OSError as error:
        raise DatasetError(
            f"the cache {folder.parent} cannot be written: {error.strerror}",
            do="free some space, or name another place with ECGLITE_CACHE",
        ) from None


def _table(folder: Path) -> dict[str, Any] | None:
    """What stands beside the arrays of a cache; None where there is none, or its samples are not those that it had."""
    try:
        table: dict[str, Any] = json.loads((folder / "records.json").read_text(encoding="utf-8"))
        with (folder / "signal.npy").open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
    return table if found == table["sha256"] else None


def _facts(kept: dict[str, Any]) -> Facts:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Facts(**values)


def rhythm(which: Dataset, entry: Entry, rate_bpm: float) -> str:
    """One of the eleven, sinus by the measured rate where the database asks; "" where no word of the record maps."""
    if entry.rhythm is None:
        return ""
    if not which.sinus_by_rate:
        return entry.rhythm
    return labels.by_rate(entry.rhythm, None if np.isnan(rate_bpm) else rate_bpm, irregular=entry.irregular)


def _fingerprint(which: Dataset, entries: Sequence[Entry], rate_hz: int) -> str:
    """Over the recordings' names and sizes, and over what preparing makes of known recordings.

    Labels are joined when the cache is read and may change; a change to what the steps compute may not go unseen.
    """
    digest = hashlib.sha256()
    for known_hz in (100.0, 360.0, 500.0, 1000.0):
        x, facts = prepared(_known(known_hz), rate_hz)
        digest.update(np.round(x.astype(np.float32) * 500).astype(np.int32).tobytes())  # 2 uV: coarser than rounding
        digest.update(f"{facts.rate_bpm:.2f} {np.round(facts.beats_s, 2).tolist()} {len(asdict(facts))}".encode())
    for entry in entries:
        part = f"{entry.start_s:g}+{entry.duration_s:g}"
        digest.update(f"{which.name}|{entry.record_id}|{entry.path.name}|{_sizes(entry.path)}|{part}\n".encode())
    return digest.hexdigest()[:16]


def _known(rate_hz: float) -> Record:
    """Ten seconds of beats in millivolts that never change, whatever the simulator learns: thirteen bumps on a wave."""
    time = np.arange(round(10 * rate_hz))[:, None] / rate_hz
    beats = 0.2 + 0.76 * np.arange(13) + 0.05 * np.sin(np.arange(13))
    sizes = np.array([0.6, 1.0, 0.4, -0.8, 0.1, 0.7, -0.5, -1.2, 0.5, 1.1, 1.4, 1.0])
    bumps = sum(np.exp(-0.5 * ((time - at) / 0.012) ** 2) + 0.2 * np.exp(-0.5 * ((time - at - 0.28) / 0.04) ** 2)
                for at in beats)  # fmt: skip
    signal = sizes * bumps + 0.05 * np.sin(2 * np.pi * 0.3 * time)
    return Record(signal.astype(np.float32), rate_hz, LEADS, format="known")


def _files(path: Path) -> list[Path]:
    """A recording's files: a WFDB header has its samples beside it."""
    return [path, path.with_suffix(".dat"), path.with_suffix(".mat")] if path.suffix == ".hea" else [path]


def _sizes(path: Path) -> list[int]:
    """Bytes of a recording's files, -1 for one that is not there."""
    return [file.stat().st_size if file.exists() else -1 for file in _files(path)]


def _stamp(entries: Sequence[Entry]) -> str:
    """Over when the files were written: one that was mended or changed and kept its size is read anew.

    It is no part of the fingerprint: a copy of the database elsewhere is the same data.
    """
    digest = hashlib.sha256()
    for path in dict.fromkeys(entry.path for entry in entries):
        times = [file.stat().st_mtime_ns if file.exists() else 0 for file in _files(path)]
        digest.update(f"{path.name}{times}".encode())
    return digest.hexdigest()[:8]


def prepared(record: Record, rate_hz: int) -> tuple[npt.NDArray[np.float16], Facts]:
    """The first window of a recording as training reads it, and what is known of it.

    Args:
        record: what was read.
        rate_hz: one of `RATES_HZ`.

    Returns:
        float16 [12, n_time], millivolts; the facts.

    Raises:
        QualityError: the recording is shorter than five seconds.
    """
    window = next(windows.windows(record)).signal_mv
    low = _decimated(window)
    with np.errstate(over="ignore"):
        # float16 has three digits: they are for the heart, not for an electrode's offset
        centred = window.T - window.T.mean(axis=1, keepdims=True)
        signal = low if rate_hz == RATES_HZ[0] else np.clip(centred, -60_000, 60_000).astype(np.float16)
    known = np.isfinite(record.signal_mv)
    high = np.max(record.signal_mv, axis=0, where=known, initial=-np.inf)
    spans = dict(zip(record.leads, high - np.min(record.signal_mv, axis=0, where=known, initial=np.inf), strict=True))
    age = record.patient.age_years
    return signal, Facts(
        rate_bpm=rates.heart_rate_bpm(low.astype(np.float32), RATE_HZ),
        beats_s=tuple(round(float(t), 2) for t in heart_rate.beats(window)),
        empty_leads=tuple(lead for lead in LEADS if not spans.get(lead, 0.0) > _FLAT_MV),
        duration_s=record.duration_s,
        digest=hashlib.sha256(record.signal_mv.tobytes()).hexdigest()[:32],
        age_years=float("nan") if age is None else age,
        female=None if record.patient.sex is None else record.patient.sex == "female",
    )


def decimated(record: Record) -> npt.NDArray[np.float16]:
    """The first window of a recording as training at 100 Hz reads it: float16 [12, 1000], millivolts."""
    return _decimated(next(windows.windows(record)).signal_mv)


def _decimated(window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    window = window_mv.T  # [12, 5000]
    window = window - window.mean(axis=1, keepdims=True)
    taps = conditioning.decimation_taps()
    padded = np.pad(window, ((0, 0), (len(taps) // 2, len(taps) // 2)))
    out = np.zeros((len(LEADS), N_TIME), np.float32)
    for k, tap in enumerate(taps):
        out += tap * padded[:, k : k + windows.N_SAMPLES : conditioning.DECIMATION]
    return out.clip(-60_000, 60_000).astype(np.float16)


def _chunk(read: Callable[[Entry], Record], entries: Sequence[Entry], rate_hz: int, at: Path) -> None:
    """Prepare some recordings and keep them as a .npy and a .json, the latter last."""
    signals, facts, failed = [], [], {}
    for entry in entries:
        try:
            signal, known = prepared(read(entry), rate_hz)
        except EcgliteError as error:
            failed[entry.record_id] = str(error)
            continue
        signals.append(signal)
        facts.append(asdict(known))
    shape = (0, len(LEADS), windows.N_SAMPLES * rate_hz // windows.RATE_HZ)
    part = at.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, np.stack(signals) if signals else np.zeros(shape, np.float16))
    part.replace(at.with_suffix(".npy"))
    part.write_text(json.dumps({"facts": facts, "failed": failed}), encoding="utf-8")
    part.replace(at.with_suffix(".json"))


def _make(which: Dataset, entries: Sequence[Entry], folder: Path, rate_hz: int, progress: Progress) -> None:
    """Write the cache, a chunk at a time, then put the chunks together: an interrupted run goes on at its chunk."""
    work = folder.with_name(f"{folder.name}.chunks")
    work.mkdir(parents=True, exist_ok=True)
    chunks = {work / f"{k:06d}": entries[k : k + _CHUNK] for k in range(0, len(entries), _CHUNK)}
    todo = {at: some for at, some in chunks.items() if not at.with_suffix(".json").exists()}
    done = len(entries) - sum(map(len, todo.values()))
    with pool() as workers:
        jobs = {workers.submit(_chunk, which.read, some, rate_hz, at): len(some) for at, some in todo.items()}
        for job in _as_completed(jobs):
            job.result()
            done += jobs[job]
            progress(f"preparing {which.name}", done, len(entries))
    _join(list(chunks), folder)
    shutil.rmtree(work)


def _as_completed(jobs: dict[Any, int]) -> Iterator[Any]:
    from concurrent.futures import as_completed

    try:
        yield from as_completed(jobs)
    finally:
        for job in jobs:
            job.cancel()


def _join(chunks: Sequence[Path], folder: Path) -> None:
    parts = [np.load(at.with_suffix(".npy"), mmap_mode="r") for at in chunks]
    tables = [json.loads(at.with_suffix(".json").read_text(encoding="utf-8")) for at in chunks]
    made = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    shape = (sum(map(len, parts)), *parts[0].shape[1:])
    signal = np.lib.format.open_memmap(made / "signal.npy", mode="w+", dtype=np.float16, shape=shape)
    at = 0
    for part in parts:
        signal[at : at + len(part)] = part
        at += len(part)
    signal.flush()
    del signal
    with (made / "signal.npy").open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    table = {
        "sha256": sha256,
        "facts": [facts for table in tables for facts in table["facts"]],
        "failed": {name: reason for table in tables for name, reason in table["failed"].items()},
    }
    (made / "records.json").write_text(json.dumps(table), encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)  # damaged, or another process was faster
    made.rename(folder)
