"""What a prepared cache costs and gives: an epoch read from it in one process, beside the parsing of text.

Each step runs in a process of its own, so that none sees another's memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import torch

from ecglite.edge import formats
from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS
from ecglite.edge.windows import WINDOW_S
from ecglite.lab import prepare
from ecglite.lab.memory import Memory, memory
from ecglite.simulator import RHYTHMS_MADE, simulate, write_chapman_csv

BATCH_SIZE: Final = 64
CSV_REPEATS: Final = 40

_MB: Final = 1_000_000
_MARGIN_MB: Final = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CacheCost:
    """What was measured.

    Attributes:
        records, rate_hz: of the cache.
        batch_size: of the reading.
        bytes: of the file.
        epoch_records_per_s: each record read once, in a random order.
        before: the reading process before it opens the cache.
        peak: the most of each kind while it reads.
        csv_records_per_s: Chapman CSVs parsed, one thread.
        times_faster: the one rate over the other.
    """

    records: int
    rate_hz: int
    batch_size: int
    bytes: int
    epoch_records_per_s: float
    before: Memory
    peak: Memory
    csv_records_per_s: float
    times_faster: float


def measure(records: int, rate_hz: int, progress: prepare.Progress) -> CacheCost:
    """Make a cache in the temporary folder, read it as training does, and remove it.

    Args:
        records: how many.
        rate_hz: one of `prepare.RATES_HZ`.
        progress: counts the steps.

    Raises:
        LabError: the disk has no room.
    """
    shape = (records, len(LEADS), round(WINDOW_S * rate_hz))
    size = int(np.prod(shape)) * np.dtype(np.float16).itemsize
    with tempfile.TemporaryDirectory(prefix="ecglite-") as name:
        free = shutil.disk_usage(name).free
        if free < size + _MARGIN_MB * _MB:
            raise LabError(
                f"{free // _MB} MB are free in {Path(name).parent}",
                allowed=f"about {size // _MB + _MARGIN_MB} MB",
                do="ask for fewer records, or name another folder with TMPDIR",
            )
        path, csv = Path(name, "signal.npy"), Path(name, "chapman.csv")
        try:
            _in_a_process(_make, path, shape, rate_hz)
            write_chapman_csv(simulate("SR", seed=1), csv)
        except OSError as error:
            raise LabError(f"{name} cannot be written: {error.strerror}", do="name another with TMPDIR") from None
        progress("measuring the cache", 1, 3)
        per_s, before, peak = _in_a_process(_read_epoch, path)
        progress("measuring the cache", 2, 3)
        parsed_per_s = _in_a_process(_parse, csv)
        progress("measuring the cache", 3, 3)
        return CacheCost(
            records=records,
            rate_hz=rate_hz,
            batch_size=BATCH_SIZE,
            bytes=path.stat().st_size,
            epoch_records_per_s=per_s,
            before=before,
            peak=peak,
            csv_records_per_s=parsed_per_s,
            times_faster=per_s / parsed_per_s,
        )


def _in_a_process(function: Callable[..., T], *args: Any) -> T:
    """Its result, from a process that has done nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(function, *args).result()


def _make(path: Path, shape: tuple[int, int, int], rate_hz: int) -> None:
    """Write simulated recordings over and over, in the format of a cache and by `write`, which says where room ends."""
    block = np.stack([prepare.prepared(simulate(rhythm, seed=1), rate_hz)[0] for rhythm in RHYTHMS_MADE])
    header = {"descr": np.lib.format.dtype_to_descr(block.dtype), "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for first in range(0, shape[0], len(block)):
            file.write(block[: shape[0] - first].tobytes())
        file.flush()
        os.fsync(file.fileno())  # else the reading would share the disk with the writing


def _read_epoch(path: Path) -> tuple[float, Memory, Memory]:
    """Every record once, as `fitting.Fit.epoch` takes them: records a second, memory before and at the peak."""
    torch.set_num_threads(1)
    before = peak = memory()
    x = torch.from_numpy(np.load(path, mmap_mode="c"))[:, :, None, :]
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    seconds = 0.0
    for first in range(0, len(order), BATCH_SIZE):
        start = time.perf_counter()
        batch = x[order[first : first + BATCH_SIZE]].float()
        seconds += time.perf_counter() - start
        peak = _larger(peak, memory())  # while the batch is there
        del batch
    return len(x) / seconds, before, peak


def _parse(csv: Path) -> float:
    """Chapman CSVs parsed in a second."""
    formats.read(csv)
    start = time.perf_counter()
    for _ in range(CSV_REPEATS):
        formats.read(csv)
    return CSV_REPEATS / (time.perf_counter() - start)


def _larger(a: Memory, b: Memory) -> Memory:
    if a.anonymous_bytes is None or b.anonymous_bytes is None or a.file_bytes is None or b.file_bytes is None:
        return b
    return Memory(
        max(a.anonymous_bytes, b.anonymous_bytes),
        max(a.file_bytes, b.file_bytes),
        max(a.resident_bytes, b.resident_bytes),
    )
