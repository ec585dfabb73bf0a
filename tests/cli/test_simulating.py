"""`ecglite simulate`: what it writes, refuses and prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from ecglite.cli import main
from ecglite.cli import simulate as command
from ecglite.edge import formats
from ecglite.edge.record import LEADS
from ecglite.lab import datasets
from ecglite.lab.datasets import chapman
from ecglite.simulator import RHYTHMS_MADE, series
from ecglite.simulator.table import COLUMNS


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["ecglite", "simulate", *map(str, arguments)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_all_eleven(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, tmp_path / "out") == 0
    out, err = capfd.readouterr()
    assert out == f"11 recordings written to {tmp_path / 'out'}. They are simulated, no patient's.\n"
    assert err.splitlines()[-1] == "simulated: 11/11"
    assert {path.stem for path in (tmp_path / "out").glob("*.hea")} == {f"{rhythm}_000001" for rhythm in RHYTHMS_MADE}
    assert run(monkeypatch, tmp_path / "out", "--json") == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["written"], said["kept"]) == (0, 11)


def test_options_reach_the_recording(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "--rhythm AF --ratio 2 --heart-rate 140 --age 77 --sex male --rate 250 --duration 12 --trait rbbb --truth"
    error = ("--lead-error", "arms reversed", "--mains", "60", "--noise", "2", "--seed", "9")
    assert run(monkeypatch, *words.split(), *error, tmp_path) == 0
    capfd.readouterr()
    record = formats.read(tmp_path / "AF_000009.hea")
    assert (record.sampling_rate_hz, record.duration_s) == (250, 12)
    assert (record.patient.age_years, record.patient.sex) == (77, "male")
    truth = json.loads((tmp_path / "truth" / "AF_000009.json").read_text())
    assert truth["av_relation"] == "2:1"
    assert "rbbb" in truth["person"]["traits"]
    assert "arms reversed" in truth["noise"]


def test_each_part_of_the_noise_has_its_level(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against the same machine without any noise: hum is at the mains, drift is slow, a rail is the rail."""
    neither = "--level muscle=0 --level electrode=0 --level motion=0 --range 16"
    mains, drift = f"{neither} --level baseline=0 --level mains=9 --mains 50", f"{neither} --level mains=0"
    rail = "--lost V3 --lost-as railed --lost-from 4 --lost-to 6 --range 1.5"
    read = {}
    for name, words in {"none": "--noise 0 --range 16", "mains": mains, "drift": drift, "rail": rail}.items():
        assert run(monkeypatch, "--rhythm", "SR", "--seed", 3, *words.split(), tmp_path / name) == 0
        read[name] = formats.read(tmp_path / name / "SR_000003.hea").signal_mv
    hertz = np.fft.rfftfreq(5000, 1 / 500)
    power = {name: (np.abs(np.fft.rfft(read[name] - read["none"], axis=0)) ** 2).sum(axis=1) for name in read}
    assert power["mains"][(hertz > 49) & (hertz < 51)].sum() > 0.8 * power["mains"][hertz > 1].sum()
    assert power["drift"][hertz < 2].sum() > 0.9 * power["drift"].sum()
    v3 = np.abs(read["rail"][:, LEADS.index("V3")])
    assert (v3[2100:2900] > 1.0).mean() > 0.9
    assert np.median(v3[:1500]) < 0.6


def test_a_population_is_read_as_the_database(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "--population", "chapman", "--n", 24, tmp_path) == 0
    capfd.readouterr()
    sheet = openpyxl.load_workbook(tmp_path / "Diagnostics.xlsx").worksheets[0]
    assert tuple(cell.value for cell in sheet[1]) == COLUMNS
    assert sheet.max_row == 25
    entries = chapman.CHAPMAN.index(tmp_path)
    assert len(entries) == 24
    assert {entry.rhythm for entry in entries} == set(RHYTHMS_MADE)
    assert chapman.CHAPMAN.is_here(tmp_path)
    assert datasets.chapman.measurements(tmp_path).names[0] == "PatientAge"
    assert formats.read(entries[0].path).format == "chapman-csv"


def test_a_tracing_is_drawn(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--rhythm", "ST", "--plot", tmp_path / "st.svg") == 0
    assert capfd.readouterr().out == f"drawn: {tmp_path / 'st.svg'}\n"
    assert (tmp_path / "st.svg").read_text().startswith('<svg xmlns="http://www.w3.org/2000/svg" ')
    assert run(monkeypatch, "--rhythm", "ST", "--rhythm", "SB", "--plot", tmp_path / "two.svg") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"st.svg", "two-ST.svg", "two-SB.svg"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--rhythm SB --heart-rate 120 OUT", "below 60/min by definition, and 120/min is asked for"),
        ("--rhythm ST --heart-rate 80 OUT", "above 100/min by definition"),
        ("--rhythm AF --trait pac OUT", "no P wave"),
        ("--rhythm SR --trait paced --age 9 OUT", "children"),
        ("--rhythm VT OUT", "no rhythm 'VT'"),
        ("--rhythm SR --trait horns OUT", "'horns'"),
        ("--rhythm SR --rate 5000 OUT", "5000 Hz"),
        ("--rhythm SR --duration 0.5 OUT", "0.5 s"),
        ("--rhythm SR --noise -1 OUT", "noise -1"),
        ("--rhythm SR --lost V9 OUT", "'V9'"),
        ("--rhythm SR --lost-as noise OUT", "name it by --lost"),
        ("--rhythm SR --lost V3 --lost-from 3 --lost-to 2 OUT", "off from 3 to 2 s"),
        ("--rhythm SR --level hum=1 OUT", "no part of the noise 'hum'; allowed: baseline, muscle, mains, electrode"),
        ("--rhythm SR --level muscle=-1 OUT", "a level -1 of muscle; allowed: 0 (none) or more"),
        ("--rhythm SR --level muscle OUT", "--level muscle: the factor ''; allowed: a number"),
        ("--rhythm SR --range 0 OUT", "--range 0 mV; allowed: above 0 mV"),
        ("--rhythm SR --format chapman --duration 20 OUT", "20 s at 500 Hz as a Chapman CSV"),
        ("--population chapman --n 5 OUT", "--population chapman --n 5; allowed: 11 or more"),
        ("--population chapman --rhythm SR OUT", "leave those options out"),
        ("--rhythm SR --plot x.png", ".svg"),
        ("", "give a folder OUT"),
        ("--rhythm SR --qrs 500 OUT", "--qrs 500 ms; allowed: 30 to 300 ms"),
        ("--rhythm SR --rate 99 OUT", "--rate 99 Hz; allowed: 100 to 1000 Hz"),
        ("--rhythm SR --noise 900 OUT", "format 16; use --format csv or less --noise"),
        ("--rhythm SR --noise 1e9 OUT", "--noise 1e+09; allowed: 0 to 1000"),
        ("--n 1000000000 OUT", "--n 1000000000: not in the range 1<=x<=1000000; see ecglite simulate --help"),
        ("--n 100000 OUT", "1100000 recordings in one folder; allowed: up to 1000000"),
        ("--rhythm SR --lost LA --lost V3 OUT", "--lost is given 2 times"),
        ("--rhythm SR --truth --plot x.svg", "--truth is of files in a folder"),
        ("--rhythm SR --n 2 --plot x.svg", "--n is of files in a folder"),
        ("--rhythm sr OUT", "write SR"),
    ],
)
def test_refuses_and_writes_nothing(
    words: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *words.replace("OUT", "out").split()) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert list(tmp_path.iterdir()) == []


def test_what_is_forced_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, *["--rhythm", "SB", "--heart-rate", "120", "--force", "--truth", "--json"], tmp_path) == 0
    assert json.loads(capfd.readouterr().out)["request"]["arguments"]["force"] is True
    truth = json.loads((tmp_path / "truth" / "SB_000001.json").read_text())
    assert truth["broken_rules"] == ["Sinus bradycardia is below 60/min by definition, and 120/min is asked for"]


def test_a_real_database_stays_as_it_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Diagnostics.xlsx").write_bytes(b"theirs")
    words = ["--population", "chapman", "--n", "11", "--truth", "--plot", str(tmp_path / "x.svg"), str(tmp_path)]
    assert run(monkeypatch, *words) == 2
    assert "Diagnostics.xlsx, not simulated" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["Diagnostics.xlsx"]
    assert (tmp_path / "Diagnostics.xlsx").read_bytes() == b"theirs"


def test_a_database_does_not_shrink(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "--population", "chapman", "--n", 13, tmp_path) == 0
    before = (tmp_path / "Diagnostics.xlsx").read_bytes()
    assert run(monkeypatch, "--population", "chapman", "--n", 11, tmp_path) == 2
    assert "more than the 11 recordings asked for" in capfd.readouterr().err
    assert (tmp_path / "Diagnostics.xlsx").read_bytes() == before


def test_a_drawing_is_never_written_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two-SB.svg").write_text("theirs")
    words = ["--rhythm", "ST", "--rhythm", "SB", "--plot", str(tmp_path / "two.svg"), str(tmp_path / "out")]
    assert run(monkeypatch, *words) == 2
    assert "two-SB.svg is there already" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["two-SB.svg"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "ST_000001.hea").write_text("theirs")
    assert run(monkeypatch, "--rhythm", "ST", "--plot", tmp_path / "st.svg", tmp_path / "mine") == 2
    assert not (tmp_path / "st.svg").exists()


def test_it_says_what_the_shapes_come_from(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "No recording is in the package and none is replayed. The shapes are statistical: the mean and principal modes "
        "of averaged beats, lead fields, P and f waves, RR variability and noise levels were estimated on PTB-XL folds "
        "1 to 8, the spread of ST and parts of the noise on its fold 9 (CC BY 4.0), rates and intervals on "
        "Chapman-Shaoxing's table (CC BY 4.0)."
    )
    assert run(monkeypatch, "--help") == 0
    root = Path(__file__).parents[2]
    pages = [(root / name).read_text() for name in ("README.md", "docs/simulator.md", "docs/cli.md")]
    for text in (capfd.readouterr().out, *pages):
        assert said in " ".join(text.split())


def test_the_most_recordings_of_the_help_are_those_of_the_library() -> None:
    assert command._MOST == series.MOST
