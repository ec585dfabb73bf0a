"""Many recordings into a folder: formats, layout, going on after an interruption, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecglite.edge import formats
from ecglite.edge.errors import FileAccessError, SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import Person, Realism, make, series
from ecglite.simulator.conduction import Options
from ecglite.simulator.recorder import Levels, Recorder
from ecglite.simulator.table import COLUMNS


def of(**changes: Any) -> series.Series:
    return series.Series(**({"counts": {"SR": 2, "AF": 1}, "format": "wfdb", "seed": 4} | changes))


@pytest.mark.parametrize("file_format", series.FORMATS)
def test_each_format_reads_as_it_was_made(file_format: str, tmp_path: Path) -> None:
    done = series.write(of(format=file_format), tmp_path)
    assert (done.written, done.kept) == (3, 0)
    ending = ".hea" if file_format == "wfdb" else ".csv"
    assert sorted(path.stem for path in tmp_path.glob(f"*{ending}")) == ["AF_000004", "SR_000004", "SR_000005"]
    read = formats.read(tmp_path / f"SR_000005{ending}")
    made = make("SR", 5).record
    assert (read.sampling_rate_hz, read.leads) == (500, made.leads)
    np.testing.assert_allclose(read.signal_mv, made.signal_mv, atol=6e-4)


def test_the_csv_says_that_it_is_simulated(tmp_path: Path) -> None:
    series.write(of(counts={"ST": 1}, format="csv", arguments={"duration_s": 7.0, "sampling_rate_hz": 250.0}), tmp_path)
    text = (tmp_path / "ST_000004.csv").read_text()
    assert text.startswith(f"# simulated\n# Dx: {RHYTHMS['ST'].snomed}\ntime_s,I (mV),")
    assert formats.read(tmp_path / "ST_000004.csv").signal_mv.shape == (1750, 12)


@pytest.mark.parametrize("file_format", series.FORMATS)
def test_an_interrupted_run_goes_on(file_format: str, tmp_path: Path) -> None:
    seen: list[int] = []

    def interrupt(what: str, done: int, total: int) -> None:
        seen.append(done)
        if done == 2:
            raise KeyboardInterrupt

    asked = of(format=file_format, truth=True)
    with pytest.raises(KeyboardInterrupt):
        series.write(asked, tmp_path, interrupt)
    assert seen == [0, 1, 2]
    assert not list(tmp_path.rglob("*.part"))
    there = next(tmp_path.glob("SR_000004.[dc]*"))
    before = there.stat().st_mtime_ns
    half = next(tmp_path.glob("SR_000005.[dc]*"))
    half.write_bytes(half.read_bytes()[:1000])
    done = series.write(asked, tmp_path)
    assert (done.written, done.kept) == (2, 1)
    assert there.stat().st_mtime_ns == before
    assert formats.read(half.with_suffix(".hea") if file_format == "wfdb" else half).duration_s == 10
    assert series.write(of(format=file_format, truth=True, counts={"SR": 3, "AF": 1}), tmp_path) == series.Written(1, 3)


def test_another_request_does_not_mix_in(tmp_path: Path) -> None:
    series.write(of(), tmp_path)
    with pytest.raises(FileAccessError, match="of another request"):
        series.write(of(seed=5), tmp_path)


def test_what_is_not_simulated_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "AF_000004.hea").write_text("mine")
    with pytest.raises(FileAccessError, match="not simulated"):
        series.write(of(), tmp_path)
    assert (tmp_path / "AF_000004.hea").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"counts": {"VT": 1}}, "'VT'"),
        ({"counts": {"SR": -1}}, "-1 recordings"),
        ({"format": "edf"}, "'edf'"),
        ({"format": "chapman", "arguments": {"sampling_rate_hz": 250.0}}, "10 s at 250 Hz"),
        ({"counts": {"SR": 30}, "arguments": {"qt_s": 0.7, "heart_rate_bpm": 90.0}}, "does not fit"),
        ({"counts": {"SR": 1}, "arguments": {"options": Options(ratio=2)}}, "ratio of 2:1 in SR"),
    ],
)
def test_a_refused_request_writes_nothing(changes: dict[str, Any], word: str, tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=word):
        series.write(of(**changes), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match="cannot be written"):
        series.write(of(), tmp_path / "file" / "out")


@pytest.mark.parametrize(
    "asked",
    [
        {"how": Recorder(lost="LA", levels=Levels(muscle=2.0))},
        {"person": Person(heart_rate_bpm=70, traits=frozenset({"pvc", "u wave"}))},
        {"options": Options(aberrancy=0.5)},
        {"realism": Realism(noise=False)},
        {"traits": ("pvc", "u wave")},
    ],
)
def test_whatever_is_asked_for_is_json_and_goes_on(asked: dict[str, Any], tmp_path: Path) -> None:
    some = of(counts={"SR": 1}, arguments=asked)
    assert series.write(some, tmp_path).written == 1
    text = (tmp_path / series.REQUEST).read_text(encoding="utf-8")
    (said,) = json.loads(text, parse_constant=pytest.fail)["arguments"].items()
    assert said[0] == next(iter(asked))
    assert said[1]
    assert series.write(some, tmp_path).kept == 1
    with pytest.raises(FileAccessError, match="another request"):
        series.write(of(counts={"SR": 1}, arguments={}), tmp_path)


def test_truth_is_json_without_nan(tmp_path: Path) -> None:
    series.write(of(truth=True, arguments={"heart_rate_bpm": 130.0, "force": True}, counts={"SR": 1}), tmp_path)

    def refuse(word: str) -> None:
        raise AssertionError(word)

    truth = json.loads((tmp_path / "truth" / "SR_000004.json").read_text(), parse_constant=refuse)
    assert truth["simulated"] is True
    assert (truth["rhythm"], truth["seed"]) == ("SR", 4)
    assert truth["broken_rules"] == ["Sinus rhythm is 60 to 100/min by definition, and 130/min is asked for"]
    assert len(truth["beats"]) in (21, 22)
    assert all(atrium["beat"] is None or 0 <= atrium["beat"] < len(truth["beats"]) for atrium in truth["atria"])


@pytest.mark.parametrize("total", [11, 12, 60, 1000, 10_646])
def test_shares_are_those_of_the_database(total: int) -> None:
    got = series.shares(total)
    assert sum(got.values()) == total
    assert min(got.values()) >= 1
    if total == 10_646:
        assert got == {
            **{"SB": 3889, "SR": 1826, "AFIB": 1780, "ST": 1568, "SVT": 587, "AF": 445, "SA": 399, "AT": 121},
            **{"AVNRT": 16, "AVRT": 8, "SAAWR": 7},
        }


def test_fewer_than_the_rhythms_is_no_population() -> None:
    with pytest.raises(SimulationError, match="a population of 10"):
        series.shares(10)


def test_rows_of_the_table() -> None:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in series.rows(of(counts=series.shares(60)))]
    assert len(rows) == 60
    for row in rows:
        assert row["QRSDuration"] == 2 * (row["QOffset"] - row["QOnset"])
        assert row["QTInterval"] == 2 * (row["TOffset"] - row["QOnset"])
        assert abs(row["QTCorrected"] - row["QTInterval"] * (row["VentricularRate"] / 60) ** 0.5) < 1
        assert row["Gender"] in ("FEMALE", "MALE")
    assert all(row["VentricularRate"] < 61 for row in rows if row["Rhythm"] == "SB")


def everything(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("changes", "theirs"),
    [
        ({"format": "chapman", "layout": series.DENOISED}, "Diagnostics.xlsx"),
        ({"format": "chapman", "layout": series.DENOISED}, f"{series.DENOISED}/MUSE_20180111_155115_19000.csv"),
        ({"format": "chapman"}, "SR_000005.csv"),
        ({"format": "csv"}, "AF_000004.csv"),
        ({"format": "wfdb"}, "SR_000004.dat"),
        ({"format": "wfdb", "truth": True}, "truth/SR_000004.json"),
    ],
)
def test_a_folder_of_others_stays_as_it_is(changes: dict[str, Any], theirs: str, tmp_path: Path) -> None:
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_text("theirs")
    before = everything(tmp_path)
    with pytest.raises(FileAccessError, match="not simulated"):
        series.write(of(**({"truth": True} | changes)), tmp_path)
    assert everything(tmp_path) == before


def test_a_table_has_all_that_stands_beside_it(tmp_path: Path) -> None:
    layout = {"format": "chapman", "layout": series.DENOISED}
    series.write(of(counts={"SR": 3}, **layout), tmp_path)
    before = everything(tmp_path)
    with pytest.raises(FileAccessError, match=r"more than the 2 recordings asked for, such as SR_000006\.csv"):
        series.write(of(counts={"SR": 2}, truth=True, **layout), tmp_path)
    assert everything(tmp_path) == before
    assert series.write(of(counts={"SR": 4}, **layout), tmp_path) == series.Written(1, 3)


def test_two_versions_of_the_simulator_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series.write(of(), tmp_path)
    assert json.loads((tmp_path / series.REQUEST).read_text())["simulator_sha256"] == series.stamp()
    monkeypatch.setattr(series, "stamp", lambda: "0" * 64)
    before = everything(tmp_path)
    with pytest.raises(FileAccessError, match="another version of the simulator"):
        series.write(of(counts={"SR": 9}), tmp_path)
    with pytest.raises(FileAccessError, match="of another request"):
        series.write(of(seed=5), tmp_path)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("text", ["", "[]", "no JSON"])
def test_a_mark_that_is_not_ours(text: str, tmp_path: Path) -> None:
    (tmp_path / series.REQUEST).write_text(text)
    with pytest.raises(FileAccessError, match=r"simulated\.json is damaged"):
        series.write(of(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [series.REQUEST]


def test_the_stamp_has_every_source() -> None:
    names = {name for name, _ in series._sources(series.resources.files("ecglite.simulator"), "")}
    assert {"chapman.json", "series.py", "body/beats.py", "conduction/node.py", "recorder/noise.py"} <= names
    assert not any("__pycache__" in name for name in names)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_an_hour_needs_little_memory(tmp_path: Path) -> None:
    """86 MB of samples in a file, 346 MB of them in make(): neither is in memory at once."""
    code = (
        "import re, sys; from pathlib import Path; from ecglite.simulator.series import Series, write\n"
        "arguments = {'duration_s': 3600.0, 'sampling_rate_hz': 500.0}\n"
        "write(Series({'AFIB': 1}, 'wfdb', arguments=arguments), Path(sys.argv[1]))\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1])"
    )
    told = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True).stdout
    assert int(told) / 1024 < 330
    assert (tmp_path / "AFIB_000000.dat").stat().st_size == 2 * 12 * 1_800_000
