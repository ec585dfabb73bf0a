"""One run of everything, as plain values; `report` writes them as Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecglite.edge.bundle import DEFAULT, MANIFEST, SHIPPED, Bundle
from ecglite.edge.errors import LabError
from ecglite.lab import tflm
from ecglite.lab.bench import contenders, parity
from ecglite.lab.bench.contenders import REFERENCE, Contender
from ecglite.lab.bench.race import Lap, race
from ecglite.lab.prepare import Progress

THREADS: Final = (1, 2)

MACS_PER_CYCLE: Final = 0.58
"""int8 on a Cortex-M: CMSIS-NN's 249 million operations (two a MAC) a second on a Cortex-M7 at 216 MHz, measured on a
convolutional network (Lai, Suda and Chandra, 2018, arXiv:1801.06601)."""
NJ_PER_CYCLE: Final = 0.02
"""6 uA/MHz at 3.3 V, as the data sheet of Ambiq's Apollo3 Blue (a Cortex-M4F) states for running from flash."""

_PACKAGES: Final = ("ai-edge-litert", "torch", "onnxruntime", "tflite-micro", "numpy")


@dataclass(frozen=True, slots=True)
class Speed:
    """Times of a row with so many threads, all of one run.

    Attributes:
        turn_ms: milliseconds of each turn, in order; with one thread of the processor's time, with more of the clock's.
        median_ms: their median.
        times_faster: the median over the turns of the reference's time by this one's, of the same turn.
        times_faster_low, times_faster_high: the quartiles of these.
    """

    turn_ms: tuple[float, ...]
    median_ms: float
    times_faster: float
    times_faster_low: float
    times_faster_high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One model in one runtime.

    Attributes:
        name, runtime, kind, what, absent: see `contenders.Contender`.
        input: shape of what the file takes.
        bytes: of the file.
        parameters: of the network.
        macs, conditioning_macs: multiply-accumulates for ten seconds, of the network and of what stands before it in
            the file.
        speed: by the number of threads; None where the row did not run.
        peak_rss_bytes: the most that was resident in a process of its own with one thread.
        runtime_rss_bytes: what was resident there before the model was loaded.
        arena_bytes: what TensorFlow Lite Micro took for the file.
        arena_absent: why there is none; "" where there is one.
        energy_estimate_mj: an estimate from the MACs, millijoules for ten seconds; None for a float file.
    """

    name: str
    runtime: str
    kind: str
    what: str
    input: tuple[int, ...]
    bytes: int | None
    parameters: int
    macs: int
    conditioning_macs: int
    speed: dict[str, Speed | None]
    peak_rss_bytes: int | None
    runtime_rss_bytes: int | None
    arena_bytes: int | None
    arena_absent: str
    energy_estimate_mj: float | None
    absent: str


def shipped() -> list[Path]:
    """The folders of the bundles that ship, the one that `ecglite classify` uses first."""
    others = sorted(path.parent for path in SHIPPED.glob(f"*/{MANIFEST}"))
    return [DEFAULT, *(folder for folder in others if folder != DEFAULT)]


def measure(
    bundles: Sequence[Bundle],
    floats: Mapping[str, Bundle],
    data: Path | None,
    *,
    turns: int,
    calls: int,
    records: int,
    progress: Progress,
) -> dict[str, Any]:
    """Make every file, run them all in turns, weigh them, and compare our own in all their forms.

    Args:
        bundles: ours, in the order of the rows.
        floats: see `contenders.ours`.
        data: where the databases are; recordings are simulated where they are not.
        turns: how often each model's turn comes.
        calls: runs of a turn.
        records: at most so many recordings for the comparison of forms.
        progress: counts what is done.

    Returns:
        `rows` and `parity`, see `Row` and `parity.Parity`; `reference`, the row that times are compared with; `turns`
        and `calls`; `machine`, `cores`, `load` (processes that ran or waited when it began) and `versions`.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, twins = contenders.ours(bundles, floats, folder, progress)
        all_of_them = [*mine, *contenders.peers(folder, progress)]
        present = [contender for contender in all_of_them if contender.path is not None]
        laps = {threads: race(present, threads, turns, calls, progress) for threads in THREADS}
        rows = [row(contender, laps) for contender in all_of_them]
        on = parity.drawn(twins, data, records, progress)
        compared = [parity.compare(twin, some) for twin, some in zip(twins, on, strict=True)]
    return {
        "reference": REFERENCE,
        "turns": turns,
        "calls": calls,
        "machine": _machine(),
        "cores": os.cpu_count(),
        "load": load,
        "versions": {"python": platform.python_version(), **_versions()},
        "rows": [asdict(row) for row in rows],
        "parity": [asdict(one) for one in compared],
    }


def row(contender: Contender, laps: Mapping[int, Mapping[Contender, Lap]]) -> Row:
    """A contender's row.

    Args:
        contender: one that is in `laps`, or has no file.
        laps: what was measured, by the number of threads; one of them is one, and the reference is in each.
    """
    reference = {n: next(lap for c, lap in of.items() if c.name == REFERENCE) for n, of in laps.items()}
    mine = {n: of.get(contender, Lap(failed=contender.absent)) for n, of in laps.items()}
    arena, why = _arena(contender)
    return Row(
        name=contender.name,
        runtime=contender.runtime,
        kind=contender.kind,
        what=contender.what,
        input=contender.input,
        bytes=contender.bytes,
        parameters=contender.parameters,
        macs=contender.macs,
        conditioning_macs=contender.conditioning_macs,
        speed={str(n): _speed(lap, reference[n]) for n, lap in mine.items()},
        peak_rss_bytes=mine[1].peak_rss_bytes,
        runtime_rss_bytes=mine[1].runtime_rss_bytes,
        arena_bytes=arena,
        arena_absent=why,
        energy_estimate_mj=_energy_mj(contender),
        absent=next((lap.failed for lap in mine.values() if lap.failed), ""),
    )


def _speed(lap: Lap, reference: Lap) -> Speed | None:
    if not lap.turn_ms or not reference.turn_ms:
        return None
    ratios = np.array(reference.turn_ms) / np.array(lap.turn_ms)
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    return Speed(lap.turn_ms, float(np.median(lap.turn_ms)), float(middle), float(low), float(high))


def _arena(contender: Contender) -> tuple[int | None, str]:
    """What TensorFlow Lite Micro takes for a file, or why that is not known."""
    if contender.kind != "int8" or contender.path is None:
        return None, "not int8"
    model = contender.path.read_bytes()
    if not _all_int8(model):
        return None, "not int8 throughout"
    try:
        return tflm.run(model, np.zeros((1, *contender.input[1:]), np.int8)).arena_bytes, ""
    except LabError as error:
        return None, str(error)


def _all_int8(model: bytes) -> bool:
    """Whether no tensor of a .tflite is float."""
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.ModelT.InitFromPackedBuf(model, 0).subgraphs[0]
    return all(tensor.type != schema.TensorType.FLOAT32 for tensor in graph.tensors)


def _energy_mj(contender: Contender) -> float | None:
    """An estimate, as if every MAC were int8 and nothing else took time."""
    if contender.kind != "int8":
        return None
    cycles = (contender.macs + contender.conditioning_macs) / MACS_PER_CYCLE
    return cycles * NJ_PER_CYCLE / 1e6


def _machine() -> str:
    """The processor by its name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
