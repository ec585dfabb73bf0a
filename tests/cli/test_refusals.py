"""Each kind of bad input through the command: exit code 2, one line on stderr, nothing on stdout, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecglite.cli import main
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

RECORD = simulate("SR", seed=1)


def rows(n_columns: int = 12, header: str = "", scale: float = 1.0) -> str:
    cells = RECORD.signal_mv[:, :n_columns] * 1000 * scale
    return header + "\n".join(",".join(f"{v:.5g}" for v in row) for row in cells) + "\n"


def text(content: str | bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "x.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def wfdb(change: Callable[[Path], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        header = write_wfdb(RECORD, folder, "x")
        change(header)
        return header

    return make


def edited(old: str, new: str) -> Callable[[Path], Path]:
    return wfdb(lambda header: header.write_text(header.read_text().replace(old, new)))


def archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "x.csv", "w") as file:
        file.writestr("a.csv", rows())
    return folder / "x.csv"


def gigabytes(folder: Path) -> Path:
    path = folder / "x.csv"
    path.touch()
    os.truncate(path, 5 << 30)
    return path


def only_other_files(folder: Path) -> Path:
    (folder / "picture.png").touch()
    return folder


def damage(header: Path) -> None:
    data = bytearray(header.with_suffix(".dat").read_bytes())
    data[5000] ^= 3
    header.with_suffix(".dat").write_bytes(data)


CHAPMAN = rows().splitlines()
KINDS: dict[str, tuple[Callable[[Path], Path], list[str], str]] = {
    "empty": (text(""), [], "an empty file"),
    "blank": (text("\n \n"), [], "a blank file"),
    "picture": (text(b"\x89PNG\r\n\x1a\n" + bytes(500)), [], "PNG"),
    "archive": (archive, [], "zip archive"),
    "ragged": (text("\n".join([*CHAPMAN[:50], CHAPMAN[50] + ",1", *CHAPMAN[51:]])), [], "51"),
    "text in a cell": (text("\n".join([*CHAPMAN[:50], "x" + CHAPMAN[50], *CHAPMAN[51:]])), [], "51"),
    "three columns": (text(rows(3)), ["--units", "uV", "--rate", "500"], "column"),
    "unknown lead": (text(rows(3, "I,II,V9\n")), ["--units", "uV", "--rate", "500"], "V9"),
    "lead twice": (text(rows(3, "I,II,lead ii\n")), ["--units", "uV", "--rate", "500"], "II"),
    "no units": (text(rows(3, "I,II,V1\n")), ["--rate", "500"], "--units"),
    "no rate": (text(rows(3, "I,II,V1\n")), ["--units", "uV"], "--rate"),
    "unknown units": (text(rows(3, "I,II,V1\n")), ["--units", "inch", "--rate", "500"], "inch"),
    "absurd units": (text(rows(3, "I,II,V1\n")), ["--units", "V", "--rate", "500"], "mV"),
    "prose": (text("Dear colleague,\nthe patient is well.\n" * 200), [], "x.csv"),
    "NaN": (text("\n".join(["nan," * 11 + "nan"] * 5000)), [], "x.csv"),
    "flat": (text("\n".join(["0," * 11 + "0"] * 5000)), [], "flat"),
    "short": (text("\n".join(["I,II", *(f"{k % 7},{k % 5}" for k in range(1000))])),
              ["--units", "mV", "--rate", "500"], "2 s"),
    "gigabytes": (gigabytes, [], "MiB"),
    "missing path": (lambda folder: folder / "none.csv", [], "no such file"),
    "missing pattern": (lambda folder: folder / "none*.csv", [], "no recording in"),
    "folder without recordings": (only_other_files, [], "no recording in"),
    "header without its signals": (wfdb(lambda header: header.with_suffix(".dat").unlink()), [], "x.dat"),
    "signals without their header": (
        lambda folder: write_wfdb(RECORD, folder, "x").rename(folder / "y.hea").with_name("x.dat"),
        [],
        "x.hea",
    ),
    "signals cut short": (wfdb(lambda header: os.truncate(header.with_suffix(".dat"), 1000)), [], "x.dat"),
    "checksum": (wfdb(damage), [], "add up to"),
    "unsupported format": (edited("x.dat 16 ", "x.dat 8 "), [], "format"),
    "several rates": (edited("x.dat 16 ", "x.dat 16x2 "), [], "x.hea"),
    "header that is none": (wfdb(lambda header: header.write_text("hello\n")), [], "x.hea"),
    "unknown lead in the header": (edited(" V6\n", " V9\n"), [], "V9"),
    "rate out of range": (edited("x 12 500 ", "x 12 50 "), [], "50 Hz"),
}  # fmt: skip


SOUND = {"flat", "short"}  # these are read, and `inspect` shows them


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("classify", kind) for kind in KINDS] + [("inspect", kind) for kind in KINDS if kind not in SOUND],
)
def test_one_bad_input_is_one_line(
    verb: str, kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, options, word = KINDS[kind]
    monkeypatch.setattr(sys, "argv", ["ecglite", verb, str(make(tmp_path)), *options])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capfd.readouterr()
    assert (stop.value.code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("ecglite: error: ")
    assert word in line
    assert len(line) < 600


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    write_chapman_csv(RECORD, path)
    path.chmod(0)
    done = subprocess.run([*COMMAND, "classify", str(path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr


def test_a_file_whose_reading_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    write_chapman_csv(RECORD, path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ecglite.edge.formats._source.open", refuse, raising=False)
    monkeypatch.setattr(sys, "argv", ["ecglite", "classify", str(path)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "Permission denied" in line


def test_a_folder_that_may_not_be_listed_is_a_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_chapman_csv(RECORD, tmp_path / "x.csv")
    locked = tmp_path / "locked"
    locked.mkdir()
    scandir = os.scandir

    def scan(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(sys, "argv", ["ecglite", "classify", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capfd.readouterr()
    assert stop.value.code == 1
    assert "1 of 2 classified" in out
    assert str(locked) in err


COMMAND = [sys.executable, "-c", "from ecglite.cli import main; main()"]


@pytest.mark.parametrize("options", [["--bogus"], [], ["x.csv", "--rate", "fast"]])
def test_wrong_usage(options: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ecglite", "classify", *options])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capfd.readouterr()
    assert (stop.value.code, out) == (2, "")
    assert "ecglite classify --help" in err


@pytest.mark.parametrize("rate", ["nan", "inf", "-500", "0"])
def test_a_rate_that_is_none(rate: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    np.savetxt(path, RECORD.signal_mv[:, :2], delimiter=",", header="I,II", comments="")
    done = subprocess.run([*COMMAND, "classify", str(path), "--units", "mV", "--rate", rate], capture_output=True)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("module", ["click", "ecglite.cli.group", "ecglite.edge.errors"])
def test_interrupted_while_it_is_imported(module: str) -> None:
    code = f"""
import sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from ecglite.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "ecglite: interrupted\n")


def test_interrupted(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    write_chapman_csv(RECORD, tmp_path / "x.csv")
    monkeypatch.setattr("ecglite.edge.pipeline.Classifier.classify", interrupt)
    monkeypatch.setattr(sys, "argv", ["ecglite", "classify", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 130
    assert capfd.readouterr().err.strip() == "ecglite: interrupted"


@pytest.mark.skipif(os.name != "posix", reason="pipes as a shell makes them")
@pytest.mark.parametrize("options", [[], ["--json"], ["--csv"]])
def test_a_reader_that_has_had_enough(tmp_path: Path, options: list[str]) -> None:
    for k in range(3):
        write_chapman_csv(RECORD, tmp_path / f"{k}.csv")
    process = subprocess.Popen(
        [*COMMAND, "classify", str(tmp_path), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert err == b""
