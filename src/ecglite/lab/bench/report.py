"""A comparison as Markdown."""

from __future__ import annotations

from typing import Any

Result = dict[str, Any]


def markdown(result: Result) -> str:
    """Both tables of a comparison, and what they were measured on.

    Args:
        result: of `comparison.measure`, or the same read from JSON.
    """
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return "\n\n".join(
        [
            costs(result),
            f"Times faster than {result['reference']}, in LiteRT with as many threads: median over {result['turns']} "
            f"turns of {result['calls']} runs, quartiles in brackets; with one thread of the processor's time, with "
            "two of the clock's, which a busy machine distorts. Energy is an estimate, not a measurement.",
            conversions(result),
            f"On {result['machine']}, {result['cores']} cores{_load(result['load'])}; {versions}.",
        ]
    )


def costs(result: Result) -> str:
    """A row for each model and runtime."""
    head = [
        *("network", "runtime", "input", "file, bytes", "parameters", "MACs for 10 s", "times faster, 1 thread"),
        *("2 threads", "peak RSS, MB (of the model)", "arena, bytes", "energy, mJ, estimate"),
    ]
    lines = [f"| {' | '.join(head)} |", "|---|---|---|" + "---:|" * (len(head) - 3)]
    for row in result["rows"]:
        cells = [row["name"], row["runtime"], " x ".join(map(str, row["input"][1:])), _count(row["bytes"])]
        cells += [_count(row["parameters"]), _macs(row)]
        if row["absent"]:
            cells += [f"absent: {row['absent']}", *("-",) * 3]
        else:
            cells += [_ratio(row["speed"]["1"]), _ratio(row["speed"]["2"]), _memory(row), _count(row["arena_bytes"])]
        energy = row["energy_estimate_mj"]
        cells.append("-" if energy is None else f"{energy:.2g}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def conversions(result: Result) -> str:
    """A row for each of our files: what changes from torch to float to int8; an older run has no interval."""
    head = [
        *("model", "recordings", "n", "torch to float .tflite", "float .tflite to ONNX", "float to int8, greatest"),
        *("mean", "renamed", "metric", "float", "int8", "int8 - float", "weights of torch and float"),
    ]
    lines = [f"| {' | '.join(head)} |", "|---|---|" + "---:|" * 6 + "---|---:|---:|---:|---|"]
    for one in result["parity"]:
        cells = [one["bundle"], one["recordings"], _count(one["n"]), f"{one['torch_to_float']:.1e}"]
        cells.append("-" if one["float_to_onnx"] is None else f"{one['float_to_onnx']:.1e}")
        cells += [f"{one['float_to_int8']:.4f}", f"{one['float_to_int8_mean']:.5f}", _count(one["renamed"])]
        cells.append(one["metric"] or "-")
        cells += ["-" if one[key] is None else f"{one[key]:.4f}" for key in ("metric_float", "metric_int8")]
        cells.append(change(one.get("metric_change")))
        cells.append(one["weights"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def change(figure: Result | None) -> str:
    """A difference with its interval, where it has one."""
    if figure is None:
        return "-"
    ends = f" ({figure['low']:+.4f} to {figure['high']:+.4f})" if "low" in figure else ""
    return f"{figure['value']:+.4f}{ends}"


def _load(load: float | None) -> str:
    return "" if load is None else f" with a load of {load:.1f} when it began"


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _macs(row: Result) -> str:
    before = f" + {row['conditioning_macs'] / 1e6:.1f}" if row["conditioning_macs"] else ""
    return f"{row['macs'] / 1e6:.1f}{before} M"


def _ratio(speed: Result | None) -> str:
    if speed is None:
        return "-"
    return " ".join(
        [
            _three(speed["times_faster"]),
            f"({_three(speed['times_faster_low'])} to {_three(speed['times_faster_high'])})",
        ]
    )


def _three(value: float) -> str:
    """Two digits behind the point below ten, one below a hundred, none above."""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _memory(row: Result) -> str:
    peak, runtime = row["peak_rss_bytes"], row["runtime_rss_bytes"]
    return f"{peak / 1e6:.0f} ({(peak - runtime) / 1e6:.1f})"
