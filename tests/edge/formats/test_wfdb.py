"""WFDB: values against the wfdb package, refusals one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecglite.edge.errors import (
    ChecksumError,
    EcgliteError,
    FileAccessError,
    FileTooLargeError,
    LeadError,
    MalformedFileError,
    RecordError,
    UnitsError,
    UnsupportedError,
)
from ecglite.edge.formats import _source, read
from ecglite.edge.record import LEADS

wfdb = pytest.importorskip("wfdb")


def agrees(path: Path) -> None:
    """Our values are the wfdb package's to 1e-6 mV and the rounding of float32."""
    record = read(path)
    theirs = wfdb.rdrecord(str(path.with_suffix("")))
    assert record.sampling_rate_hz == theirs.fs
    assert [lead.upper() for lead in record.leads] == [
        {"MLII": "II"}.get(name.upper(), name.upper()) for name in theirs.sig_name
    ]
    assert record.signal_mv.shape == theirs.p_signal.shape
    tolerance = 1e-6 + np.abs(theirs.p_signal) * 2.0**-24
    missing = np.isnan(theirs.p_signal)
    np.testing.assert_array_equal(np.isnan(record.signal_mv), missing)
    assert (np.abs(record.signal_mv - theirs.p_signal)[~missing] <= tolerance[~missing]).all()


def write(folder: Path, *, n: int = 1000, fmt: str = "16", gain: float = 1000.0, name: str = "r") -> np.ndarray:
    """A record of two leads by the wfdb package; returns its physical values."""
    values = np.cumsum(np.random.default_rng(5).normal(0, 0.02, (n, 2)), axis=0)
    values -= values.mean(axis=0)
    wfdb.wrsamp(
        name,
        fs=500,
        units=["mV", "mV"],
        sig_name=["I", "II"],
        p_signal=values,
        fmt=[fmt, fmt],
        adc_gain=[gain, gain / 2],
        baseline=[3, -40],
        comments=["Age: 69", "Sex: Female", "Dx: 426783006"],
        write_dir=str(folder),
    )
    return values


def edited(folder: Path, old: str, new: str) -> Path:
    """A good record whose header has one thing changed."""
    write(folder)
    header = folder / "r.hea"
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new))
    return header


@pytest.mark.parametrize("fmt", ["16", "212"])
@pytest.mark.parametrize("n", [1000, 1001])
def test_formats_agree_with_wfdb(tmp_path: Path, fmt: str, n: int) -> None:
    write(tmp_path, fmt=fmt, n=n, gain=200.0)
    agrees(tmp_path / "r.hea")


def test_odd_number_of_values_in_212(tmp_path: Path) -> None:
    values = np.linspace(-1, 1, 1001)[:, None]
    wfdb.wrsamp("odd", fs=250, units=["mV"], sig_name=["V1"], p_signal=values, fmt=["212"], write_dir=str(tmp_path))
    agrees(tmp_path / "odd.hea")


@pytest.mark.parametrize(("fmt", "lowest"), [("16", -32768), ("212", -2048)])
def test_missing_samples_are_nan(tmp_path: Path, fmt: str, lowest: int) -> None:
    steps = np.arange(-500, 500)[:, None] * np.ones((1, 2), dtype=np.int64)
    steps[[3, 77], 1] = lowest
    wfdb.wrsamp(
        "m", fs=500, units=["mV"] * 2, sig_name=["I", "V6"], d_signal=steps, fmt=[fmt] * 2,
        adc_gain=[200.0] * 2, baseline=[0] * 2, write_dir=str(tmp_path),
    )  # fmt: skip
    agrees(tmp_path / "m.hea")
    assert np.isnan(read(tmp_path / "m.hea").signal_mv).sum() == 2


def test_gain_per_microvolt_and_two_files(tmp_path: Path) -> None:
    a = np.arange(-800, 800, dtype="<i2")
    (tmp_path / "a.dat").write_bytes(a.tobytes())
    (tmp_path / "b.dat").write_bytes(b"head" + a[::-1].tobytes())
    (tmp_path / "two.hea").write_text(
        "two 2 500/500(0) 1600 12:00:00 01/02/2020\r\n#age: 41\r\n"
        "a.dat 16 0.5(10)/uV 16 0 -800 0 0 Lead II\r\nb.dat 16+4 1e3 16 7 799 64736 0 V1\r\n#sex: F\r\n"
    )
    record = read(tmp_path / "two.hea")
    expected = np.stack([(a - 10.0) / 0.5 / 1000, (a[::-1] - 7.0) / 1000], axis=1)
    np.testing.assert_allclose(record.signal_mv, expected, rtol=1e-6)
    assert record.leads == ("II", "V1")
    assert (record.patient.age_years, record.patient.sex) == (41, "female")
    assert any("checksum of 0" in note for note in record.notes)


def test_no_voltage_beside_voltages_is_left_out(tmp_path: Path) -> None:
    record = read(edited(tmp_path, "500.0(-40)/mV", "500.0(-40)/mmHg"))
    assert record.leads == ("I",)
    assert any("II (mmHg)" in note for note in record.notes)


def test_header_defaults(tmp_path: Path) -> None:
    steps = np.arange(-400, 400, dtype="<i2")
    (tmp_path / "d.dat").write_bytes(steps.tobytes())
    (tmp_path / "d.hea").write_text("d 1\nd.dat 16 0 12 5 0 0 0 ECG\n")
    record = read(tmp_path / "d.hea")
    assert record.sampling_rate_hz == 250
    assert record.leads == ("I",)
    np.testing.assert_allclose(record.signal_mv[:, 0], (steps - 5) / 200, rtol=1e-6)


def test_a_signal_file_is_read_through_its_header(tmp_path: Path) -> None:
    write(tmp_path)
    record = read(tmp_path / "r.dat")
    assert record.path == str(tmp_path / "r.hea")
    assert record.comments == ("Age: 69", "Sex: Female", "Dx: 426783006")
    assert record.format == "wfdb"


def test_header_without_its_suffix_is_known_by_its_content(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "r.hea").rename(tmp_path / "header.csv")
    assert read(tmp_path / "header.csv").format == "wfdb"


REFUSED = [
    ("r 2 500 1000", "r/3 2 500 1000", UnsupportedError, "3 segments"),
    ("r.dat 16 ", "r.dat 80 ", UnsupportedError, "16 and 212"),
    ("r.dat 16 ", "r.dat 16x4 ", UnsupportedError, "multi-frequency"),
    ("r.dat 16 ", "r.dat 16:3 ", UnsupportedError, "skew"),
    ("r.dat 16 ", "r.dat 16+600 ", MalformedFileError, "850 samples per signal where the header states 1000"),
    (
        "r 2 500 1000",
        "r 2 500 1001",
        MalformedFileError,
        "1000 samples per signal where the header states 1001",
    ),
    ("r 2 500 1000", f"r 2 500 {10**17}", MalformedFileError, "1000 samples per signal"),
    ("r 2 500 1000", "r 3 500 1000", MalformedFileError, "states 3 signals and describes 2"),
    ("r 2 500 1000", "r 999999 500 1000", MalformedFileError, "999999 signals"),
    ("r 2 500 1000", "r two 500 1000", MalformedFileError, "record line"),
    ("r 2 500 1000", "r 2 50 1000", RecordError, "100 to 1000 Hz"),
    ("r.dat 16 ", "../r.dat 16 ", MalformedFileError, "plain name"),
    ("r.dat 16 ", "/etc/passwd 16 ", MalformedFileError, "plain name"),
    ("r.dat 16 ", "C:\\r.dat 16 ", MalformedFileError, "plain name"),
    ("r.dat 16 ", "gone.dat 16 ", FileAccessError, "gone.dat: no such file"),
    ("r.dat 16 ", "r.dat sixteen ", MalformedFileError, "line 2 of the header"),
    (" II\n", " Pleth\n", LeadError, "unknown lead 'Pleth'"),
    (" II\n", " I\n", LeadError, "lead I comes twice"),
    ("/mV", "/bpm", LeadError, "no voltage"),
    ("/mV", "/V", UnitsError, "mV from peak to peak"),
    ("/mV", "/nV", UnitsError, "mV from peak to peak"),
    ("1000.0(3)", "1e9999(3)", MalformedFileError, "a gain of inf"),
]


@pytest.mark.parametrize(("old", "new", "error", "words"), REFUSED)
def test_refusals(tmp_path: Path, old: str, new: str, error: type[EcgliteError], words: str) -> None:
    header = edited(tmp_path, old, new)
    with pytest.raises(error) as caught:
        read(header)
    assert type(caught.value) is error
    assert str(caught.value).startswith(f"{header}: ")
    assert words in str(caught.value)
    assert caught.value.allowed or caught.value.do


def test_a_flipped_sample_breaks_the_checksum(tmp_path: Path) -> None:
    write(tmp_path)
    data = bytearray((tmp_path / "r.dat").read_bytes())
    data[100] ^= 4
    (tmp_path / "r.dat").write_bytes(data)
    with pytest.raises(ChecksumError, match=r"samples of I in r\.dat add up to .* download"):
        read(tmp_path / "r.hea")


def test_a_signal_file_without_header(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "r.hea").unlink()
    with pytest.raises(FileAccessError, match=r"without its header r\.hea"):
        read(tmp_path / "r.dat")


def test_oversized_files_are_not_loaded(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "r.dat").open("r+b") as file:
        file.truncate(_source.SIGNAL_LIMIT + 1)  # sparse: takes no disk
    with pytest.raises(FileTooLargeError, match="up to 512 MiB"):
        read(tmp_path / "r.hea")
    with (tmp_path / "r.hea").open("a") as file:
        file.write("# long\n" * (_source.HEADER_LIMIT // 7 + 1))
    with pytest.raises(FileTooLargeError, match="up to 1 MiB"):
        read(tmp_path / "r.hea")


def test_hints_must_agree_with_the_header(tmp_path: Path) -> None:
    write(tmp_path)
    header = tmp_path / "r.hea"
    assert read(header, rate_hz=500, units="mV", leads=["i", "Lead II"]).leads == ("I", "II")
    with pytest.raises(RecordError, match="500 Hz and 250 Hz was given"):
        read(header, rate_hz=250)
    with pytest.raises(UnitsError, match="says mV and uV was given"):
        read(header, units="uV")
    with pytest.raises(LeadError, match=r"3 names given for 2 columns \(I, II\)"):
        read(header, leads=["I", "II", "III"])
    with pytest.raises(LeadError, match="signal 'II' is lead II by the file, and was given as lead V6"):
        read(header, leads=["I", "V6"])
    with pytest.raises(LeadError, match="signal 'I' is lead I by the file, and was given as lead II"):
        read(header, leads=["II", "I"])


def test_leads_given_by_hand_fill_in_unknown_names(tmp_path: Path) -> None:
    header = edited(tmp_path, " II\n", " ECG2\n")
    with pytest.raises(LeadError, match=r"unknown lead 'ECG2'.*--leads"):
        read(header)
    assert read(header, leads=["I", "V5"]).leads == ("I", "V5")
    with pytest.raises(LeadError, match="signal 'ECG2' is a voltage by the file, and was given as time"):
        read(header, leads=["I", "time"])


def test_a_signal_is_left_out_by_hand(tmp_path: Path) -> None:
    header = edited(tmp_path, "500.0(-40)/mV", "500.0(-40)/V")  # a respiration in volts
    header.write_text(header.read_text().replace(" II\n", " RESP\n"))
    with pytest.raises(LeadError, match="unknown lead 'RESP'"):
        read(header)
    record = read(header, leads=["I", "-"], units="mV")
    assert (record.leads, record.units) == (("I",), "mV")
    np.testing.assert_allclose(record.signal_mv[:, 0], wfdb.rdrecord(str(tmp_path / "r")).p_signal[:, 0], atol=1e-6)


def test_what_is_no_voltage_is_no_lead_by_hand_either(tmp_path: Path) -> None:
    header = edited(tmp_path, "500.0(-40)/mV", "500.0(-40)/mmHg")
    assert read(header, leads=["I", "-"]).leads == ("I",)
    with pytest.raises(LeadError, match="signal 'II' is in mmHg by the file, and was given as lead II"):
        read(header, leads=["I", "II"])
    with pytest.raises(LeadError, match="signal 'II' is in mmHg by the file, and was given as time"):
        read(header, leads=["I", "time"])


@pytest.mark.parametrize("gain", ["0(-40)/mV ", "0 ", ""])
def test_a_gain_that_is_not_stated_is_noted(tmp_path: Path, gain: str) -> None:
    write(tmp_path)
    header = tmp_path / "r.hea"
    text = header.read_text()
    rest = "16 -40" if gain else ""  # header(5): what follows the gain can't stand without it
    line = next(line for line in text.splitlines() if line.endswith(" II"))
    header.write_text(text.replace(line, f"r.dat 16 {gain}{rest}"))
    record = read(header, leads=["I", "II"])
    assert [note for note in record.notes if "gain" in note] == [
        "the header states no gain for lead II: 200 per mV is assumed, the WFDB default"
    ]
    steps = np.fromfile(tmp_path / "r.dat", dtype="<i2").reshape(-1, 2)[:, 1]
    np.testing.assert_allclose(record.signal_mv[:, 1], (steps + (40 if gain else 0)) / 200, rtol=1e-5)


def test_a_record_is_found_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, name="E07500")
    record = read(tmp_path / "E07500")
    assert (record.format, record.path) == ("wfdb", str(tmp_path / "E07500.hea"))
    with pytest.raises(FileAccessError, match="E07501: no such file"):
        read(tmp_path / "E07501")
    (tmp_path / "E07500").write_text("I (uV),II (uV)\n" + "1,2\n300,-400\n" * 300)
    assert read(tmp_path / "E07500", rate_hz=500).format == "csv"  # a file of that very name comes first


def test_units_have_one_spelling(tmp_path: Path) -> None:
    write(tmp_path)
    header = tmp_path / "r.hea"
    text = header.read_text()
    header.write_text(text.replace("1000.0(3)/mV", "1.0(3)/µV").replace("500.0(-40)/mV", "500.0(-40)/MV"))
    assert read(header).units == "uV, mV"


def test_absurd_amplitudes_advise_what_to_correct(tmp_path: Path) -> None:
    with pytest.raises(UnitsError, match=r"the samples in V, as the file states; .* look like mV: give --units mV"):
        read(edited(tmp_path, "/mV", "/V"))
    assert read(edited(tmp_path, "/mV", "/V"), units="mV").notes[0].endswith("; read as mV, as given")


def matlab(folder: Path, **changes: int) -> Path:
    """Two leads as a MATLAB 4 matrix, as PhysioNet's challenges have them."""
    fields = {"kind": 30, "rows": 2, "columns": 400, "imaginary": 0, "name": 4} | changes
    steps = np.arange(-400, 400, dtype="<i2").reshape(400, 2)
    head = np.array(list(fields.values()), dtype="<i4").tobytes() + b"val\0"
    (folder / "E1.mat").write_bytes(head + steps.tobytes())
    (folder / "E1.hea").write_text(
        "E1.mat 2 500 400 05-May-2020 09:49:17\n"
        f"E1.mat 16+24 1000/mV 16 0 -400 {int(steps[:, 0].sum()) % 65536} 0 I\n"
        f"E1.mat 16+24 1000/mV 16 0 -399 {int(steps[:, 1].sum()) % 65536} 0 V6\n#Age: NaN\n#Sex: Unknown\n"
    )
    return folder / "E1.mat"


def test_matlab_matrix_with_a_header_that_wfdb_refuses(tmp_path: Path) -> None:
    record = read(matlab(tmp_path))
    with pytest.raises(ValueError, match="record line"):
        wfdb.rdrecord(str(tmp_path / "E1"))
    np.testing.assert_allclose(record.signal_mv, np.arange(-400, 400).reshape(400, 2) / 1000, rtol=1e-6)
    assert (record.patient.age_years, record.patient.sex) == (None, None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": 0}, UnsupportedError),
        ({"kind": 1030}, UnsupportedError),
        ({"imaginary": 1}, UnsupportedError),
        ({"rows": 400, "columns": 2}, MalformedFileError),
        ({"columns": 401}, MalformedFileError),
        ({"name": 5}, MalformedFileError),
    ],
)
def test_matlab_matrix_that_is_not_what_the_header_says(
    tmp_path: Path, changes: dict[str, int], error: type[EcgliteError]
) -> None:
    with pytest.raises(error, match=r"E1\.mat"):
        read(matlab(tmp_path, **changes))


def test_every_kind_of_real_record_agrees_with_wfdb(ecg_data: Path) -> None:
    ptb = sorted((ecg_data / "ptb-xl/records100").rglob("*.hea"))
    others = [path for path in sorted(ecg_data.rglob("*.hea")) if "records100" not in path.parts]
    assert len(ptb) in (0, 21_837)  # PTB-XL at 100 Hz may be left out
    assert len(others) == 40 + 4 + 46 + 8
    refused = []
    for path in [*ptb[:: len(ptb) // 200 or 1], *others]:
        try:
            agrees(path)
        except ValueError:  # the wfdb package's, of record names with a dot
            refused.append(path)
            assert read(path).leads == LEADS
    assert {path.parent.name for path in refused} == {"georgia"}
    assert len(refused) == 23
