"""`ecglite bench`: what it prints, and the ratios that the project promises."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from ecglite.cli.bench import bench
from ecglite.cli.bench_io import compare_readers


def test_one_json_object_per_line() -> None:
    pytest.importorskip("wfdb")
    result = CliRunner().invoke(bench, ["io", "--json", "--repeats", "3"], catch_exceptions=False)
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert {row["file"] for row in rows} == {"chapman.csv", "format16", "format212"}
    assert all(row["times_faster"] == pytest.approx(row["other_ms"] / row["ours_ms"]) for row in rows)


def test_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wfdb", None)  # as if it were not installed
    result = CliRunner().invoke(bench, ["io", "--repeats", "3"], catch_exceptions=False)
    assert "np.loadtxt" in result.output
    assert "pip install wfdb" in result.output


def test_promised_ratios() -> None:
    """CSV below 2.5 times numpy's fastest, WFDB 4 times faster than wfdb, in the best of some runs.

    Beside numpy's parser it is a matter of the processor: 1.5 to 1.7 times as fast on one kind of machine, half as fast
    on another with the same numpy. The bound is there to notice when ours slows down.

    Other work on the machine costs both sides the same, and so lowers the ratio: a busy machine gets more runs.
    """
    pytest.importorskip("wfdb")
    best: dict[tuple[str, str], float] = {}
    for _ in range(20):
        for row in compare_readers(9):
            best[row.file, row.other] = max(row.times_faster, best.get((row.file, row.other), 0))
        csv = min(ratio for (file, _), ratio in best.items() if file == "chapman.csv")
        wfdb = min(ratio for (_, other), ratio in best.items() if other == "wfdb.rdrecord")
        if csv > 1 / 2.5 and wfdb >= 4:
            return
    pytest.fail(f"CSV {csv:.2f} times as fast as numpy, WFDB {wfdb:.2f} times as fast as wfdb")
