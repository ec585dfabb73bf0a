"""`ecglite classify` and `inspect`: what they print is a contract."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecglite.edge.bundle import DEFAULT
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

KEYS = {"path", "rhythm", "name", "probability", "probabilities", "heart_rate_bpm", "quality", "model"}


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def ecglite(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command as its entry point runs it."""
    from ecglite.cli import main

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["ecglite", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for rhythm in ("SB", "AFIB"):
        write_chapman_csv(simulate(rhythm, seed=1), folder / f"{rhythm}.csv")
    (folder / "deeper").mkdir()
    write_wfdb(simulate("ST", seed=1), folder / "deeper", "ST")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "recordings"))


def test_json_is_one_object_a_line_with_the_keys_of_the_contract(ecglite: Any, folder: Path) -> None:
    done = ecglite("classify", folder, "--json")
    assert (done.code, done.err) == (0, "")
    assert [Path(d["path"]).name for d in done.lines] == ["AFIB.csv", "SB.csv", "ST.hea"]
    for d in done.lines:
        assert set(d) >= KEYS
        assert "error" not in d
        assert d["rhythm"] in RHYTHMS
        assert d["name"] == RHYTHMS[d["rhythm"]].name
        assert d["probability"] == max(d["probabilities"].values())
        assert set(d["probabilities"]) <= set(RHYTHMS)
        assert d["quality"]["verdict"] == "good"
        assert set(d["quality"]["leads"]) == set(LEADS)
        assert 30 < d["heart_rate_bpm"] < 200
        name, version = d["model"].split()
        assert name
        assert version[0].isdigit()
    assert done.lines[1]["rhythm"] == "SB"


def test_json_of_a_failure_has_an_error_in_place_of_the_finding(ecglite: Any, folder: Path) -> None:
    (folder / "B bad.csv").write_bytes(b"")
    done = ecglite("classify", "--json", folder)
    assert (done.code, done.err) == (1, "")
    bad = done.lines[1]
    assert set(bad) == {"path", "error", "error_type", "model"}
    assert bad["error_type"] == "UnknownFormatError"
    assert "B bad.csv" in bad["error"]
    assert [set(d) >= KEYS for d in done.lines] == [True, False, True, True]


def test_csv_is_a_table(ecglite: Any, folder: Path) -> None:
    (folder / 'odd, "name".csv').write_bytes(b"")
    done = ecglite("classify", "--csv", folder)
    assert done.code == 1
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [Path(row["path"]).name for row in rows] == ["AFIB.csv", "SB.csv", 'odd, "name".csv', "ST.hea"]
    assert rows[1]["rhythm"] == "SB"
    assert rows[2]["rhythm"] == ""
    assert "empty file" in rows[2]["error"]
    columns = [name for name in rows[0] if name.startswith("p_")]
    assert sum(float(rows[0][name]) for name in columns) == pytest.approx(1, abs=1e-4)
    assert None not in rows[2]
    assert None not in rows[2].values()


def test_text_names_the_rhythm_and_says_what_this_is_not(ecglite: Any, folder: Path) -> None:
    done = ecglite("classify", folder)
    assert (done.code, done.err) == (0, "")
    assert "Sinus bradycardia (SB)" in done.out
    assert "3 of 3 classified by model " in done.out
    assert "Not a medical device" in done.out
    assert "100 %" not in done.out


def test_notes_are_not_repeated(ecglite: Any, folder: Path) -> None:
    done = ecglite("classify", folder / "AFIB.csv", folder / "SB.csv", folder / "deeper")
    assert done.out.count("microvolts are assumed") == 1
    assert done.out.count("notes: as above") == 1


def test_a_bad_file_among_good_ones(ecglite: Any, folder: Path) -> None:
    (folder / "bad.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = ecglite("classify", folder)
    assert done.code == 1
    assert "3 of 4 classified" in done.out
    (line,) = done.err.splitlines()
    assert line.startswith(f"not classified: {folder / 'bad.csv'}: ")
    assert "PNG" in line


def test_globs_folders_and_files_each_once(ecglite: Any, folder: Path) -> None:
    done = ecglite("classify", "--json", folder / "*.csv", folder, folder / "SB.csv")
    assert [Path(d["path"]).name for d in done.lines] == ["AFIB.csv", "SB.csv", "ST.hea"]
    done = ecglite("classify", "--json", folder / "**" / "*.hea")
    assert [Path(d["path"]).name for d in done.lines] == ["ST.hea"]


def test_a_file_whose_name_looks_like_a_pattern(ecglite: Any, folder: Path) -> None:
    (folder / "SB.csv").rename(folder / "SB [1].csv")
    done = ecglite("classify", "--json", folder / "SB [1].csv")
    assert done.lines[0]["rhythm"] == "SB"


@pytest.mark.parametrize("name", ["ärztlich 心电图.csv", "line\nbreak.csv", " .csv", "-.csv", "a'b\"c.csv"])
def test_odd_names(ecglite: Any, folder: Path, name: str) -> None:
    path = (folder / "SB.csv").rename(folder / name)
    done = ecglite("classify", "--json", path)
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert done.lines[0]["path"] == str(path)
    assert ecglite("classify", "--csv", path).code == 0
    assert ecglite("inspect", path).code == 0
    report = folder / "r.html"
    assert ecglite("classify", path, "--report", report).code == 0
    assert report.is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
@pytest.mark.parametrize("options", [[], ["--json"], ["--csv"], ["--report", "r.html"]])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_name_that_no_terminal_can_print(folder: Path, options: list[str], encoding: str) -> None:
    name = os.fsdecode(b"caf\xe9 \xc3\xa9.csv")
    (folder / "SB.csv").rename(folder / name)
    done = subprocess.run(
        [sys.executable, "-c", "from ecglite.cli import main; main()", "classify", name, *options],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    if options == ["--json"]:
        assert json.loads(done.stdout)["path"] == name


def test_hidden_files_of_a_folder_are_left_alone(ecglite: Any, folder: Path) -> None:
    (folder / "._SB.csv").write_bytes(b"\x00\x05\x16\x07")
    assert ecglite("classify", folder).code == 0


def test_a_report_beside_the_results(ecglite: Any, folder: Path) -> None:
    (folder / "bad.csv").write_bytes(b"")
    report = folder / "report.html"
    done = ecglite("classify", folder, "--json", "--report", report)
    assert done.code == 1
    assert done.err == f"report: {report}\n"
    assert len(done.lines) == 4
    text = report.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "Sinus bradycardia" in text
    assert "empty file" in text


@pytest.mark.parametrize("place", ["none/report.html", "page.html", "SB.csv/report.html"])
def test_a_report_that_cannot_be_written_is_said_before_the_work(ecglite: Any, folder: Path, place: str) -> None:
    (folder / "page.html").mkdir()
    done = ecglite("classify", folder, "--report", folder / place)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert "cannot be written" in line or "no regular file" in line


def test_a_report_replaces_no_recording(ecglite: Any, folder: Path) -> None:
    recording = folder / "SB.csv"
    before = recording.read_bytes()
    done = ecglite("classify", folder / "SR.csv", "--report", recording)  # as the shell makes of `--report *.csv`
    assert done.code == 2
    assert "ending in .html" in done.err
    (folder / "link.html").symlink_to(recording)
    done = ecglite("classify", recording, "--report", folder / "link.html")
    assert done.code == 2
    assert "is one of the recordings" in done.err
    assert recording.read_bytes() == before


def test_one_empty_folder_does_not_stop_the_others(ecglite: Any, folder: Path) -> None:
    (folder / "empty").mkdir()
    done = ecglite("classify", folder / "SB.csv", folder / "empty", "--json")
    assert done.code == 1
    assert len(done.lines) == 2


def test_a_record_named_by_both_its_files_is_one(ecglite: Any, tmp_path: Path) -> None:
    write_wfdb(simulate("SR", seed=1), tmp_path, "one")
    assert len(ecglite("classify", tmp_path / "one.hea", tmp_path / "one.dat", "--json").lines) == 1


def test_a_report_that_fails_at_last_does_not_lose_the_results(
    ecglite: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ecglite.cli.files.os.replace", full)
    done = ecglite("classify", folder, "--json", "--report", folder / "r.html")
    assert done.code == 2
    assert len(done.lines) == 3
    assert "No space left" in done.err
    assert not list(folder.glob(".r.html*"))


def test_json_and_csv_exclude_each_other(ecglite: Any, folder: Path) -> None:
    done = ecglite("classify", folder, "--json", "--csv")
    assert done.code == 2
    assert "exclude each other" in done.err


def test_strict(ecglite: Any, folder: Path) -> None:
    cells = np.loadtxt(folder / "SB.csv", delimiter=",")[:, :2]
    np.savetxt(folder / "two.csv", cells, delimiter=",", header="I,II", comments="", fmt="%.5g")
    options = (folder / "two.csv", "--units", "uV", "--rate", 500)
    done = ecglite("classify", *options)
    assert done.code == 0
    assert "derived from I and II" in done.out
    done = ecglite("classify", *options, "--strict")
    assert done.code == 2
    assert "V1 (not recorded)" in done.err


def test_leads_units_and_rate_of_the_options(ecglite: Any, folder: Path) -> None:
    cells = np.loadtxt(folder / "SB.csv", delimiter=",")[::2, 1] / 1000
    np.savetxt(folder / "one.csv", cells, fmt="%.5f")
    done = ecglite("inspect", "--json", folder / "one.csv", "--leads", "II", "--units", "mV", "--rate", "250")
    (d,) = done.lines
    assert (d["n_leads"], d["sampling_rate_hz"], d["duration_s"]) == (1, 250, 10)


def test_another_model(ecglite: Any, folder: Path) -> None:
    bundle = Path(shutil.copytree(DEFAULT, folder / "bundle"))
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"name": "other", "version": "9"}))
    done = ecglite("classify", folder / "SB.csv", "--json", "--model", bundle)
    assert done.lines[0]["model"] == "other 9"
    model = bundle / manifest["model_file"]
    model.write_bytes(model.read_bytes() + b"\0")
    done = ecglite("classify", folder, "--json", "--model", bundle)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert "sha256" in line


def test_inspect_says_what_was_read(ecglite: Any, folder: Path) -> None:
    (folder / "bad.csv").write_bytes(b"")
    done = ecglite("inspect", folder)
    assert done.code == 1
    assert "chapman-csv, 12 leads, 500 Hz, 10.00 s (5000 samples), file in uV" in done.out
    assert "wfdb, 12 leads, 500 Hz" in done.out
    assert len(done.err.splitlines()) == 1
    done = ecglite("inspect", folder, "--json")
    assert done.code == 1
    good = [d for d in done.lines if "error" not in d]
    assert len(good) == 3
    for d in good:
        assert [lead["lead"] for lead in d["leads"]] == list(LEADS)
        assert all(lead["min_mv"] < lead["max_mv"] for lead in d["leads"])
        assert (d["quality"], d["refused"]) == ("good", None)


def test_inspect_says_what_would_not_be_classified(ecglite: Any, folder: Path) -> None:
    np.savetxt(folder / "short.csv", np.loadtxt(folder / "SB.csv", delimiter=",")[:1000], delimiter=",", fmt="%.5g")
    done = ecglite("inspect", folder / "short.csv", "--units", "uV", "--rate", "500")
    assert done.code == 0
    assert "would not be classified: a recording of 2 s" in done.out


def test_the_real_chapman_recordings_are_all_named(ecglite: Any, ecg_data: Path) -> None:
    done = ecglite("classify", "--json", ecg_data / "chapman")
    assert done.code == 0
    assert len(done.lines) == len(list((ecg_data / "chapman" / "ECGDataDenoised").glob("*.csv"))) >= 35
    assert {d["rhythm"] for d in done.lines} <= set(RHYTHMS)
