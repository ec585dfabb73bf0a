"""What the writers write, read back by numpy and the wfdb package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecglite.edge.errors import EcgliteError, RecordError
from ecglite.edge.record import LEADS, Patient, Record
from ecglite.simulator import simulate, write_chapman_csv, write_csv, write_wfdb


def test_chapman_csv_as_numpy_reads_it(tmp_path: Path) -> None:
    record = simulate("AFIB", seed=2)
    path = tmp_path / "a.csv"
    write_chapman_csv(record, path)
    values = np.loadtxt(path, delimiter=",")
    assert values.shape == (5000, 12)
    np.testing.assert_allclose(values, record.signal_mv * 1000.0, rtol=5.1e-5)  # five digits
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    first = path.read_text().splitlines()[0].split(",")
    assert len(first) == 12
    assert max(len(re.sub(r"[-.]|^-?0\.0*", "", cell)) for cell in first) == 5


def test_chapman_csv_puts_leads_in_order(tmp_path: Path) -> None:
    record = simulate("SR", seed=2)
    turned = replace(record, signal_mv=record.signal_mv[:, ::-1], leads=LEADS[::-1])
    write_chapman_csv(record, tmp_path / "a.csv")
    write_chapman_csv(turned, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize(
    "record",
    [
        simulate("SR", seed=0, duration_s=9.9),
        simulate("SR", seed=0, duration_s=20, sampling_rate_hz=250),
        Record(np.zeros((5000, 2), np.float32), 500.0, ("I", "II")),
        Record(np.full((5000, 12), np.nan, np.float32), 500.0, LEADS),
    ],
)
def test_chapman_csv_refuses(record: Record, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="Chapman CSV"):
        write_chapman_csv(record, tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rate", [100.0, 257.5, 500.0])
def test_wfdb_as_the_wfdb_package_reads_it(rate: float, tmp_path: Path) -> None:
    record = replace(simulate("AF", seed=2, sampling_rate_hz=rate), patient=Patient(63.0, "female"))
    header = write_wfdb(record, tmp_path, "rec_1")
    assert header == tmp_path / "rec_1.hea"
    read = wfdb.rdrecord(str(tmp_path / "rec_1"), physical=False)
    assert (read.fs, read.sig_len, tuple(read.sig_name)) == (rate, record.signal_mv.shape[0], LEADS)
    assert read.calc_checksum() == read.checksum
    assert read.init_value == read.d_signal[0].tolist()
    assert read.comments == ["Age: 63", "Sex: female", "Dx: 164890007"]
    physical = wfdb.rdrecord(str(tmp_path / "rec_1"))
    assert set(physical.units) == {"mV"}
    np.testing.assert_allclose(physical.p_signal, record.signal_mv, atol=0.0005001)


def test_pieces_make_the_file_of_the_whole(tmp_path: Path) -> None:
    record = replace(simulate("AF", seed=2, duration_s=900, sampling_rate_hz=100), patient=Patient(63.0, "female"))
    assert len(record.signal_mv) == 90_000

    def pieces() -> Iterator[Record]:
        for first in (0, 5, 70_000):
            stop = {0: 5, 5: 70_000, 70_000: 90_000}[first]
            yield replace(record, signal_mv=record.signal_mv[first:stop])

    write_csv(record, tmp_path / "whole.csv")
    write_csv(pieces(), tmp_path / "pieces.csv")
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "pieces.csv").read_bytes()
    for folder, what in (("whole", record), ("pieces", pieces())):
        (tmp_path / folder).mkdir()
        write_wfdb(what, tmp_path / folder, "a")
    for name in ("a.dat", "a.hea"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "pieces" / name).read_bytes()
    read = wfdb.rdrecord(str(tmp_path / "pieces" / "a"), physical=False)
    assert (read.sig_len, read.calc_checksum()) == (90_000, read.checksum)


def test_a_piece_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[Record]:
        yield Record(np.zeros((1000, 1), np.float32), 500.0, ("I",))
        yield Record(np.full((1000, 1), 33, np.float32), 500.0, ("I",))

    with pytest.raises(RecordError, match=r"33 mV"):
        write_wfdb(pieces(), tmp_path, "a")
    assert not list(tmp_path.iterdir())


def test_wfdb_keeps_gaps(tmp_path: Path) -> None:
    signal = np.zeros((1000, 1), np.float32)
    signal[10:20] = np.nan
    write_wfdb(Record(signal, 500.0, ("V1",)), tmp_path, "gap")
    read = wfdb.rdrecord(str(tmp_path / "gap")).p_signal
    np.testing.assert_array_equal(np.isnan(read), np.isnan(signal))


@pytest.mark.parametrize("name", ["", "../x", "a b", "a.b", "a\nb"])
def test_wfdb_refuses_names(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="letters, digits"):
        write_wfdb(simulate("SR", seed=0), tmp_path, name)


def test_wfdb_refuses_what_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"33 mV"):
        write_wfdb(Record(np.full((1000, 1), 33, np.float32), 500.0, ("I",)), tmp_path, "a")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EcgliteError, match=r"a\.csv cannot be written: No space left"):
        write_chapman_csv(simulate("SR", seed=0), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(EcgliteError, match="cannot be written: No such file"):
        write_wfdb(simulate("SR", seed=0), tmp_path / "none", "a")
