"""The readers of the data's path beside others, turn by turn on the same files: `ecglite bench io`."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge import formats
from ecglite.edge.record import LEADS, Record
from ecglite.simulator.writers import write_chapman_csv, write_wfdb

_N_SAMPLES: Final = 5000
_RATE_HZ: Final = 500.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reader beside another on the same file: median milliseconds, and how many times faster ours is."""

    file: str
    other: str
    ours_ms: float
    other_ms: float
    times_faster: float


def compare_readers(repeats: int) -> list[Comparison]:
    """Each reader beside its rivals, turn by turn, on files made for it in a temporary folder.

    Args:
        repeats: readings of each file by each reader.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record = _recording()
        csv = folder / "chapman.csv"
        write_chapman_csv(record, csv)
        for label, rival in _numpy_readers(csv).items():
            rows.append(_compare("chapman.csv", label, partial(formats.read, csv), rival, repeats))
        for header in (write_wfdb(record, folder, "format16"), _write_212(record, folder)):
            wfdb_reader = _wfdb_reader(header)
            if wfdb_reader is not None:
                ours = partial(formats.read, header)
                rows.append(_compare(header.stem, "wfdb.rdrecord", ours, wfdb_reader, repeats))
    return rows


def _numpy_readers(path: Path) -> dict[str, Callable[[], object]]:
    """Every text reader of numpy, each in its fastest form for this file."""

    def fromstring() -> npt.NDArray[np.float64]:
        text = path.read_bytes().replace(b"\n", b",").rstrip(b",").decode()
        return np.fromstring(text, sep=",").reshape(-1, len(LEADS))

    one_line = path.with_name("one-line.csv")  # np.fromfile stops at a line's end
    one_line.write_bytes(path.read_bytes().replace(b"\n", b",").rstrip(b","))
    return {
        "np.loadtxt": lambda: np.loadtxt(path, delimiter=","),
        "np.loadtxt float32": lambda: np.loadtxt(path, delimiter=",", dtype=np.float32),
        "np.fromstring": fromstring,
        "np.fromfile, lines joined": lambda: np.fromfile(one_line, sep=",").reshape(-1, len(LEADS)),
        "np.genfromtxt": lambda: np.genfromtxt(path, delimiter=","),
    }


def _wfdb_reader(header: Path) -> Callable[[], object] | None:
    """The wfdb package's reader, or None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of its own dependencies
            import wfdb
    except ImportError:
        return None
    name = str(header.with_suffix(""))
    return lambda: wfdb.rdrecord(name)


def _compare(
    file: str, label: str, ours: Callable[[], object], other: Callable[[], object], repeats: int
) -> Comparison:
    """Takes turns, so that whatever slows the machine slows both."""
    clocks: tuple[list[float], list[float]] = ([], [])
    ours()
    other()
    for _ in range(repeats):
        for clock, reader in zip(clocks, (ours, other), strict=True):
            start = time.perf_counter()
            reader()
            clock.append(1000 * (time.perf_counter() - start))
    mine, others = median(clocks[0]), median(clocks[1])
    return Comparison(file, label, mine, others, others / mine)


def _recording() -> Record:
    """Noise of a heart's size, the same on every run: a reader does not look at the shape."""
    noise = np.random.default_rng(1).normal(0, 0.3, (_N_SAMPLES, len(LEADS)))
    return Record.from_array(noise, sampling_rate_hz=_RATE_HZ)


def _write_212(record: Record, folder: Path) -> Path:
    """The record in format 212 at 200 steps per mV."""
    steps = np.clip(np.rint(record.signal_mv * 200), -2047, 2047).astype(np.int64)
    pairs = steps.reshape(-1, 2) & 0xFFF
    packed = np.stack([pairs[:, 0], pairs[:, 0] >> 8 | pairs[:, 1] >> 8 << 4, pairs[:, 1]], axis=1) & 0xFF
    (folder / "format212.dat").write_bytes(packed.astype(np.uint8).tobytes())
    sums = steps.sum(axis=0) % 65536
    lines = [f"format212 {len(LEADS)} {_RATE_HZ:g} {_N_SAMPLES}"]
    lines += [
        f"format212.dat 212 200 12 0 {first} {total} 0 {lead}"
        for lead, first, total in zip(record.leads, steps[0], sums, strict=True)
    ]
    header = folder / "format212.hea"
    header.write_text("\n".join(lines) + "\n", encoding="ascii")
    return header
