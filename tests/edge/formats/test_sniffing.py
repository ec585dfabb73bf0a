"""Which reader a file goes to, which files of a folder are recordings, and paths that can't be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecglite.edge.errors import EcgliteError, FileAccessError, LeadError, RecordError, UnitsError
from ecglite.edge.formats import read, readable


def test_every_recording_of_the_databases_is_listed_and_nothing_else(ecg_data: Path) -> None:
    listed = {path for path in ecg_data.rglob("*") if path.is_file() and readable(path)}
    whole = (ecg_data / "ptb-xl/records100").is_dir()  # PTB-XL at 100 Hz may be left out
    assert len(listed) == 21_837 * whole + 40 + 35 + 4 + 46 + 8
    assert {path.suffix for path in listed} == {".hea", ".csv"}


@pytest.mark.parametrize("name", ["ptbxl_database.csv", "ConditionNames_SNOMED-CT.csv"])
def test_tables_of_the_databases_give_a_typed_error(ecg_data: Path, name: str) -> None:
    for path in ecg_data.rglob(name):
        assert not readable(path)
        with pytest.raises(EcgliteError, match=name):
            read(path)
    assert not readable(Path(name))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "", True),
        ("a.CSV", "", True),
        ("a.hea", "", True),
        ("a.tsv", "", True),
        ("a.dat", "", False),
        ("a.mat", "", False),
        ("RECORDS", "a\n", False),
        ("README.md", "a\n", False),
        ("Diagnostics.xlsx", "", False),
        ("a.txt", "I,II\n1.5,2.5\n", True),
        ("a.txt", "# fs=500\n1.5;2,5\n", True),
        ("a.txt", "time\tI\n10:15:00.000\t1,5\n", True),
        ("LICENSE.txt", "Copyright 2020, all rights reserved\n", False),
        ("SHA256SUMS.txt", "0123 a.dat\n", False),
        ("empty.txt", "", False),
    ],
)
def test_readable(tmp_path: Path, name: str, text: str, expected: bool) -> None:
    (tmp_path / name).write_text(text)
    assert readable(tmp_path / name) is expected


@pytest.mark.parametrize("name", ["gone.csv", "gone.hea", "gone.dat", "a\0b.csv", "n" * 5000])
def test_missing_paths(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileAccessError):
        read(tmp_path / name)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="a folder"):
        read(tmp_path)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(FileAccessError, match="a pipe"):
        read(tmp_path / "pipe.csv")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(device: str) -> None:
    with pytest.raises(FileAccessError, match="a device"):
        read(device)


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("1,2\n")
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything; /proc/self/mem refuses even root
        path = Path("/proc/self/mem")
    with pytest.raises(FileAccessError, match="cannot be read"):
        read(path)


def test_hints_are_checked_before_the_file() -> None:
    with pytest.raises(UnitsError, match="unknown unit 'furlong'"):
        read("x.csv", units="furlong")
    with pytest.raises(RecordError, match="nan Hz"):
        read("x.csv", rate_hz=float("nan"))
    with pytest.raises(LeadError, match="unknown lead 'X9'"):
        read("x.csv", leads=["X9"])
    with pytest.raises(LeadError, match="V1 is given twice"):
        read("x.csv", leads=["V1", "lead v1"])
    with pytest.raises(LeadError, match="time is given twice"):
        read("x.csv", leads=["time", "Time", "I"])
    for nothing in ([], ["-", "-"], ["time", "-"]):
        with pytest.raises(LeadError, match="no lead among the names given"):
            read("x.csv", leads=nothing)


def test_an_empty_path_is_said_to_be_empty() -> None:
    with pytest.raises(FileAccessError, match=r"^an empty path was given"):
        read("")
