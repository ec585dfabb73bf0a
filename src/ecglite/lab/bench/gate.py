"""The bundles that ship, held to their targets and gates in a short run: `ecglite bench gate`.

A target that is not met is said; only a gate that does not hold is a failure: it is a matter of what was built, not of
how good the model or how fast the machine is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import LabError
from ecglite.lab import export, micro, tflm
from ecglite.lab.bench import comparison, contenders, parity, targets
from ecglite.lab.bench.comparison import Row
from ecglite.lab.bench.contenders import Twins
from ecglite.lab.bench.parity import Parity, Recordings
from ecglite.lab.bench.race import race
from ecglite.lab.prepare import Progress

TARGET: Final = "target"
GATE: Final = "gate"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is asked of a file.

    Attributes:
        file: name and version of the bundle, and which of its files where it is not the first.
        kind: "target" or "gate".
        what: is asked, with its unit.
        at_least: whether `limit` is the least that is allowed, else the greatest.
        limit: see there.
        value: what was found; None where it could not be.
        low, high: the ends of its interval, where it has one; the quartiles of a ratio of times.
        ok: whether it is within the limit; None where it could not be found.
        note: what it was found on, or why it was not found.
    """

    file: str
    kind: str
    what: str
    at_least: bool
    limit: float
    value: float | None
    low: float | None = None
    high: float | None = None
    ok: bool | None = None
    note: str = ""


def check(
    bundles: Sequence[Bundle], data: Path | None, *, turns: int, calls: int, records: int, progress: Progress
) -> list[Line]:
    """Everything that is asked of some bundles.

    Args:
        bundles: ours.
        data: where the databases are, see `parity.recordings`.
        turns: how often each model's turn comes.
        calls: runs of a turn.
        records: at most so many recordings.
        progress: counts what is done.

    Raises:
        LabError: a file has not the layers of its recipe, or no float file agrees with torch.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, twins = contenders.ours(bundles, {}, folder, progress, elsewhere=False)
        shipped = [contender for contender in mine if contender.kind == "int8"]
        laps = race([*shipped, contenders.reference(folder)], 1, turns, calls, progress)
        rows = [comparison.row(contender, {1: laps}) for contender in shipped]
    lines = []
    for row, twin, on in zip(rows, twins, parity.drawn(twins, data, records, progress), strict=True):
        lines += lines_of(row, parity.compare(twin, on), micro=twin.micro)
        if twin.micro:
            lines.append(_tflm(twin, on))
    return sorted(lines, key=lambda line: line.kind == GATE)


def failed(lines: Sequence[Line]) -> list[Line]:
    """The gates that do not hold. One that could not be checked, as its package is not installed, is none of them."""
    return [line for line in lines if line.kind == GATE and line.ok is False]


def lines_of(row: Row, found: Parity, *, micro: bool) -> list[Line]:
    """What is asked of one file.

    Args:
        row: what it costs.
        found: what converting it changes.
        micro: it is the file for microcontrollers.
    """
    file, before = found.bundle, row.conditioning_macs
    most_bytes, most_macs = (targets.MICRO_BYTES, targets.MICRO_MACS) if micro else (targets.BYTES, targets.MACS)
    lines = [
        _at_most(file, "bytes", most_bytes, row.bytes),
        _at_most(
            file, "MACs for 10 s", most_macs, row.macs + before, note=f"{before:,} of them condition" if before else ""
        ),
    ]
    if micro:
        lines.append(_at_most(file, "arena, bytes", targets.MICRO_ARENA_BYTES, row.arena_bytes, note=row.arena_absent))
    else:
        speed = row.speed["1"]
        lines.append(
            Line(
                file, TARGET, f"times faster than {contenders.REFERENCE}", True, targets.TIMES_FASTER, None,
                note=row.absent,
            )
            if speed is None
            else Line(
                file, TARGET, f"times faster than {contenders.REFERENCE}", True, targets.TIMES_FASTER,
                speed.times_faster, speed.times_faster_low, speed.times_faster_high,
                speed.times_faster >= targets.TIMES_FASTER, "one thread, the processor's time",
            )
        )  # fmt: skip
    return [*lines, *_of_parity(found)]


def _at_most(file: str, what: str, limit: float, value: float | None, *, kind: str = TARGET, note: str = "") -> Line:
    return Line(file, kind, what, False, limit, value, ok=None if value is None else value <= limit, note=note)


def _of_parity(found: Parity) -> list[Line]:
    """Torch to float is a gate. Of int8 the loss is a target, and that it is the target's by its interval a gate."""
    on = f"n = {found.n}: {found.recordings}"
    file = found.bundle
    lines = [
        _at_most(file, "torch to float .tflite, probability", export.PARITY, found.torch_to_float, kind=GATE, note=on)
    ]
    if found.metric_change is None:
        return lines
    limit = targets.LOST_ACCURACY if found.metric == "accuracy" else targets.LOST_AUC
    change: Mapping[str, float] = found.metric_change
    lost = 0.0 - change["value"]
    ends = (0.0 - change["high"], 0.0 - change["low"]) if "low" in change else (lost, lost)
    said = (
        f"float {found.metric_float:.4f}, greatest change of a probability {found.float_to_int8:.4f}, "
        f"renamed {found.renamed}; {on}"
    )
    return [
        Line(file, TARGET, f"{found.metric} lost by int8", False, limit, lost, *ends, lost <= limit, said),
        *lines,
        Line(
            file, GATE, f"{found.metric} lost by int8, low end of its interval", False, limit, ends[0],
            ok=ends[0] <= limit, note="of the loss above",
        ),
    ]  # fmt: skip


def _tflm(twin: Twins, on: Recordings) -> Line:
    """TensorFlow Lite Micro beside LiteRT's reference kernels, on the same int8 inputs."""
    source, _ = micro.quantisation_of(twin.int8_model)
    inputs = source.quantised(micro.conditioned(on.windows_mv))
    what = "TFLM and LiteRT apart, steps of 256"
    if not tflm.is_installed():
        return Line(twin.name, GATE, what, False, micro.PARITY, None, note="tflite-micro is not installed")
    try:
        of_tflm = tflm.run(twin.int8_model, inputs).outputs
    except LabError as error:
        return Line(twin.name, GATE, what, False, micro.PARITY, None, ok=False, note=str(error))
    steps = micro.steps_apart(export.run(twin.int8_model, inputs, reference=True), of_tflm)
    return _at_most(twin.name, what, micro.PARITY, steps, kind=GATE, note=f"n = {len(inputs)}: {on.name}")


def text(lines: Sequence[Line]) -> str:
    """Both kinds as Markdown tables, and in a last line whether all gates hold."""
    words = {TARGET: {True: "met", False: "not met"}, GATE: {True: "holds", False: "FAILS"}}
    parts = []
    for kind, said in words.items():
        rows = [f"| {kind} | of | asked | found | | |", "|---|---|---:|---:|---|---|"]
        rows += [
            f"| {line.what} | {line.file} | {_asked(line)} | {_found(line)} "
            f"| {'not checked' if line.ok is None else said[line.ok]} | {line.note} |"
            for line in lines
            if line.kind == kind
        ]
        parts.append("\n".join(rows))
    bad = failed(lines)
    unknown = sum(line.ok is None for line in lines if line.kind == GATE)
    last = f"{len(bad)} of the gates do not hold." if bad else "Every gate that was checked holds."
    return "\n\n".join([*parts, last + (f" {unknown} could not be checked." if unknown else "")])


def _asked(line: Line) -> str:
    return f"{'>=' if line.at_least else '<='} {number(line.limit)}"


def _found(line: Line) -> str:
    if line.value is None:
        return "-"
    ends = "" if line.low is None or line.high is None else f" ({number(line.low)} to {number(line.high)})"
    return number(line.value) + (ends if line.low != line.high else "")


def number(value: float) -> str:
    """Counts whole, with commas; ratios with a digit behind the point; what is below one with four digits."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.3g}"
    return f"{value:.4f}" if abs(value) >= 0.001 else f"{value:.1e}"
