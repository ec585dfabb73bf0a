"""`ecglite demo`: the first command that a person runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import ecglite
from ecglite.cli import main
from ecglite.simulator import RHYTHMS_MADE


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["ecglite", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_demo(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "demo") == 0
    out, err = capfd.readouterr()
    assert err == ""
    folder = tmp_path / "ecglite-demo"
    report = folder / "report.html"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*(f"{rhythm}.csv" for rhythm in RHYTHMS_MADE), "SIMULATED.txt", "report.html"]
    )
    assert len(RHYTHMS_MADE) == 11
    assert str(report.resolve()) in out
    assert "simulated" in out.splitlines()[0]
    assert "Not a medical device" in out
    text = report.read_text(encoding="utf-8")
    assert text.count("<svg") >= 11
    assert "simulated" in text.lower()
    assert "25 mm/s" in text
    assert "10 mm/mV" in text
    for rhythm in RHYTHMS_MADE:
        assert f"{rhythm}.csv" in out
    first = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    assert run(monkeypatch, "demo") == 0
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == first
    assert run(monkeypatch, "demo", "--seed", "2") == 0
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} != first


def test_what_the_demo_prints_is_what_classify_says(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "demo", tmp_path / "a" / "b") == 0
    table = capfd.readouterr().out
    assert run(monkeypatch, "classify", "--json", tmp_path) == 0
    for line in capfd.readouterr().out.splitlines():
        d = json.loads(line)
        (row,) = [row for row in table.splitlines() if row.startswith(Path(d["path"]).name)]
        assert d["name"] in row
        assert (" ?" in row) == d["abstained"]
        shown = int(row.rpartition("/min")[0].split()[-1])
        assert abs(shown - d["heart_rate_bpm"]) <= 0.5 + 1e-6  # the JSON's own rate is rounded


def test_the_model_names_most_of_what_it_knows(tmp_path: Path) -> None:
    classifier = ecglite.load()
    labels = classifier.manifest.labels
    from ecglite.simulator import simulate

    known = [rhythm for rhythm in RHYTHMS_MADE if rhythm in labels]
    right = sum(classifier.classify(simulate(rhythm, seed=1)).rhythm == rhythm for rhythm in known)
    assert right >= 0.7 * len(known)


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_made(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    assert run(monkeypatch, "demo", tmp_path / name) == 2
    out, err = capfd.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert "cannot be made" in line


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "SIMULATED.txt").touch()
    (tmp_path / "SB.csv").mkdir()  # stands in the way, for the superuser too
    assert run(monkeypatch, "demo", tmp_path) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("ecglite: error: ")
    assert "cannot be written" in line


def test_somebodys_own_recordings_are_left_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "SB.csv").write_text("mine")
    assert run(monkeypatch, "demo", tmp_path) == 2
    assert "holds recordings that no demo made" in capfd.readouterr().err
    assert (tmp_path / "SB.csv").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
