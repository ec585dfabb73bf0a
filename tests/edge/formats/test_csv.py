"""CSV recordings: numpy's reader is the truth for values; refusals one by one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from ecglite.edge.errors import (
    EcgliteError,
    FileTooLargeError,
    LeadError,
    MalformedFileError,
    QualityError,
    RecordError,
    UnitsError,
    UnknownFormatError,
)
from ecglite.edge.formats import _source, read
from ecglite.edge.record import LEADS

HEADER = ",".join(LEADS)


def microvolts(rows: int = 5000, leads: int = 12) -> np.ndarray:
    """Noise of a heart's size: [rows, leads], µV."""
    return np.round(np.random.default_rng(7).normal(0, 300, (rows, leads)), 2)


def table(values: np.ndarray, *, header: str = "", delimiter: str = ",", fmt: str = "%.7g") -> str:
    """Values as text, below a header if there is one."""
    buffer = io.StringIO()
    np.savetxt(buffer, values, fmt=fmt, delimiter=delimiter)
    return (header + "\n" if header else "") + buffer.getvalue()


def stored(folder: Path, text: str | bytes, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_real_chapman_recordings(ecg_data: Path) -> None:
    paths = sorted((ecg_data / "chapman/ECGDataDenoised").glob("*.csv"))
    assert len(paths) == 35
    for path in paths:
        record = read(path)
        assert (record.format, record.sampling_rate_hz, record.leads) == ("chapman-csv", 500, LEADS)
        expected = (np.loadtxt(path, delimiter=",") * 0.001).astype(np.float32)
        np.testing.assert_array_equal(record.signal_mv, expected)
        assert any("microvolts are assumed" in note for note in record.notes)


@pytest.mark.parametrize("header", ["", HEADER])
def test_chapman_layouts(tmp_path: Path, header: str) -> None:
    record = read(stored(tmp_path, table(microvolts(), header=header)))
    assert (record.format, record.units) == ("chapman-csv", "uV")
    np.testing.assert_array_equal(record.signal_mv, (microvolts() * 0.001).astype(np.float32))


def test_saturated_raw_chapman_reads(tmp_path: Path) -> None:
    values = microvolts()
    values[100:150] = 32767
    values[300:350] = -32768
    assert read(stored(tmp_path, table(values, header=HEADER))).signal_mv.max() == pytest.approx(32.767)


def test_chapman_layout_in_millivolts_asks_for_units(tmp_path: Path) -> None:
    path = stored(tmp_path, table(microvolts() / 1000))
    with pytest.raises(UnitsError, match="--units mV"):
        read(path)
    record = read(path, units="mV", rate_hz=500)
    assert record.format == "csv"
    np.testing.assert_allclose(record.signal_mv, microvolts() / 1000, atol=1e-6)


def test_any_other_shape_is_not_taken_for_chapman(tmp_path: Path) -> None:
    path = stored(tmp_path, table(microvolts(rows=4999)))
    with pytest.raises(UnitsError, match="--units"):
        read(path, rate_hz=500)
    with pytest.raises(RecordError, match="--rate"):
        read(path, units="uV")
    record = read(path, units="uV", rate_hz=500)
    assert (record.format, record.units) == ("csv", "uV")


@pytest.mark.parametrize(
    "header",
    [
        "I (uV),aVR (uV),V6 (uV)",
        "Lead I [µV],Lead aVR [µV],Lead V6 [µV]",
        "MDC_ECG_LEAD_I_uV,MDC_ECG_LEAD_AVR_uV,MDC_ECG_LEAD_V6_uV",
        '"i (UV)","avr (uV)","v6 (uV)"',
        "I,aVR,V6\nuV,uV,uV",
        "# units: uV\nI,aVR,V6",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", " , "])
def test_leads_and_units_from_the_header(tmp_path: Path, header: str, delimiter: str) -> None:
    values = microvolts(1500, 3)
    text = table(values, header=header.replace(",", delimiter), delimiter=delimiter)
    record = read(stored(tmp_path, text), rate_hz=250)
    assert record.leads == ("I", "aVR", "V6")
    np.testing.assert_allclose(record.signal_mv, values / 1000, rtol=1e-6)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("end", [b"", b"\n\n\n"])
def test_line_ends_and_byte_order_mark(tmp_path: Path, prefix: bytes, newline: bytes, end: bytes) -> None:
    values = microvolts(1200, 2)
    text = table(values, header="# fs=500\nII (uV),V2 (uV)").encode().rstrip() + end
    record = read(stored(tmp_path, prefix + text.replace(b"\n", newline)))
    np.testing.assert_allclose(record.signal_mv, values / 1000, rtol=1e-6)


def test_latin_1_units(tmp_path: Path) -> None:
    text = table(microvolts(1000, 1), header="# fs=500\nII (µV)")
    np.testing.assert_allclose(
        read(stored(tmp_path, text.encode("latin-1"))).signal_mv, microvolts(1000, 1) / 1000, rtol=1e-6
    )


def test_decimal_comma(tmp_path: Path) -> None:
    text = table(microvolts(1000, 2), delimiter=";").replace(".", ",")
    record = read(stored(tmp_path, "I (uV);II (uV)\n" + text), rate_hz=500)
    np.testing.assert_allclose(record.signal_mv, microvolts(1000, 2) / 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("column", "times", "rate"),
    [
        ("time", np.arange(3000) / 500, 500),
        ("Time (s)", np.round(np.arange(3600) / 360, 3), 360),
        ("time_ms", np.arange(2000) * 4, 250),
        ("t [ms]", 17 + np.arange(2000), 1000),
        ("seconds", np.arange(2000) / 257, 257),
        ("Timestamp (us)", np.arange(2000) * 2000, 500),
    ],
)
def test_rate_from_the_time_column(tmp_path: Path, column: str, times: np.ndarray, rate: float) -> None:
    values = np.column_stack([times, microvolts(len(times), 2)])
    path = stored(tmp_path, table(values, header=f"{column},I (uV),II (uV)", fmt="%.9g"))
    record = read(path)
    assert record.sampling_rate_hz == rate
    assert record.leads == ("I", "II")
    assert read(path, rate_hz=rate * 1.005).sampling_rate_hz == rate
    with pytest.raises(RecordError, match="the time column says"):
        read(path, rate_hz=rate * 1.1 if rate < 900 else 900)


@pytest.mark.parametrize("header", ["sample #", "index", "", "Unnamed: 0"])
def test_a_sample_index_is_ignored(tmp_path: Path, header: str) -> None:
    values = np.column_stack([np.arange(1000), microvolts(1000, 2)])
    path = stored(tmp_path, table(values, header=f"{header},I (uV),II (uV)"))
    assert read(path, rate_hz=500).leads == ("I", "II")


@pytest.mark.parametrize(
    "comment", ["fs=500", "Sampling rate: 500 Hz", "sampling frequency (Hz): 500", "sample rate 0.5 kHz"]
)
def test_rate_from_a_comment(tmp_path: Path, comment: str) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2), header=f"# {comment}\n# Age: 44\nI (uV),II (uV)"))
    record = read(path)
    assert record.sampling_rate_hz == 500
    assert record.patient.age_years == 44
    assert record.comments == (comment, "Age: 44")
    with pytest.raises(RecordError, match="a comment says 500 Hz and 250 Hz was given"):
        read(path, rate_hz=250)


@pytest.mark.parametrize(
    "comment",
    [
        "filter frequency: 150 Hz",
        "heart rate: 110",
        "Lowpass frequency: 150 Hz",
        "rate 180",
        "mains frequency 50 Hz",
        "low pass fs 40 Hz",
    ],
)
def test_other_rates_and_frequencies_are_not_the_sampling_rate(tmp_path: Path, comment: str) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2), header=f"# {comment}\nI (uV),II (uV)"))
    with pytest.raises(RecordError, match="no sampling rate"):
        read(path)
    assert read(path, rate_hz=250).sampling_rate_hz == 250
    both = stored(tmp_path, table(microvolts(1000, 2), header=f"# {comment}\n# fs: 250\nI (uV),II (uV)"))
    record = read(both)
    assert record.sampling_rate_hz == 250
    assert "the sampling rate is that of the comment 'fs: 250'" in record.notes


def test_comments_that_contradict_each_other(tmp_path: Path) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2), header="# fs=500\n# sampling rate: 250\nI (uV),II (uV)"))
    with pytest.raises(RecordError, match="comments that state 500 and 250 Hz"):
        read(path)


def test_a_time_column_without_unit_is_not_guessed(tmp_path: Path) -> None:
    values = np.column_stack([np.arange(2000) * 2, microvolts(2000, 1)])
    path = stored(tmp_path, table(values, header="time,II (uV)"))
    with pytest.raises(RecordError, match=r"time \(ms\)"):
        read(path)
    assert read(path, rate_hz=500).sampling_rate_hz == 500


@pytest.mark.parametrize("flaw", ["gap", "backwards", "twice", "missing", "drift"])
def test_an_uneven_time_column_is_refused(tmp_path: Path, flaw: str) -> None:
    time = np.arange(2000) / 500
    if flaw == "gap":
        time[700:] += 1 / 500
    elif flaw == "backwards":
        time = time[::-1]
    elif flaw == "twice":
        time[9] = time[8]
    elif flaw == "missing":
        time[5] = np.nan
    else:
        time[1000:] = time[1000] + np.arange(1000) / 600
    path = stored(tmp_path, table(np.column_stack([time, microvolts(2000, 1)]), header="time,II (uV)", fmt="%.9g"))
    with pytest.raises(MalformedFileError, match="time column"):
        read(path)


@pytest.mark.parametrize("step", ["1e-310", "1e-320"])
@pytest.mark.parametrize("column", ["t (us)", "t"])
def test_steps_that_make_no_finite_rate_are_refused(tmp_path: Path, column: str, step: str) -> None:
    text = f"{column},I (uV)\n0,1\n{step},-100\n{2 * float(step)},300\n"
    with pytest.raises(RecordError, match="a time column in steps of "):
        read(stored(tmp_path, text), rate_hz=500)


def clock(seconds: float, decimals: int = 3) -> str:
    """A time of day, as recorders write it: rounded."""
    whole, part = divmod(round(seconds * 10**decimals), 10**decimals)
    return f"{whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}.{part:0{decimals}}"


def clocked(times: list[str], header: str = "Time,II (uV)") -> str:
    rows = microvolts(len(times), 1)[:, 0].tolist()
    return "\n".join([header, *(f"{time},{value}" for time, value in zip(times, rows, strict=True))])


@pytest.mark.parametrize("start_s", [36_900, 86_399.2])
@pytest.mark.parametrize("rate_hz", [100, 128, 250, 257.3, 360, 500, 512, 800, 977, 1000])
def test_times_of_day(tmp_path: Path, rate_hz: float, start_s: float) -> None:
    times = [clock(start_s + k / rate_hz) for k in range(int(6 * rate_hz))]
    record = read(stored(tmp_path, clocked(times)))
    assert record.sampling_rate_hz == pytest.approx(rate_hz, rel=2e-4)
    if rate_hz != 257.3:
        assert record.sampling_rate_hz == rate_hz
    assert record.notes == ()


@pytest.mark.parametrize(
    "form",
    ["2024-05-01 {}", "2024-05-01T{}Z", "01.05.2024 {}", "5/1/2024 {}", '"{}"', " {} ", "2024-05-01T{}+02:00", "{}"],
)
def test_times_of_day_in_every_form(tmp_path: Path, form: str) -> None:
    times = [form.format(clock(36_900 + k / 500)) for k in range(3000)]
    assert read(stored(tmp_path, clocked(times))).sampling_rate_hz == 500
    bare = clocked(times).partition("\n")[2]
    assert read(stored(tmp_path, bare), leads=["time", "II"], units="uV").sampling_rate_hz == 500


def test_times_of_day_that_are_too_coarse_ask_for_the_rate(tmp_path: Path) -> None:
    path = stored(tmp_path, clocked([clock(36_900 + k / 500, 1) for k in range(3000)]))
    with pytest.raises(RecordError, match=r"steps of 0\.1 s over 6 s, too coarse to tell the rate.*--rate"):
        read(path)
    assert read(path, rate_hz=500).sampling_rate_hz == 500
    with pytest.raises(RecordError, match=r"the time column says 499\.8\d* Hz and 360 Hz was given"):
        read(path, rate_hz=360)


@pytest.mark.parametrize("flaw", ["gap", "backwards", "twice", "missing", "number"])
def test_uneven_times_of_day_are_refused(tmp_path: Path, flaw: str) -> None:
    times = [clock(36_900 + k / 500) for k in range(3000)]
    match flaw:
        case "gap":
            del times[700:705]
        case "backwards":
            times.reverse()
        case "twice":
            times[9] = times[5]
        case _:
            times[5] = "" if flaw == "missing" else "36900.01"
    with pytest.raises(MalformedFileError, match=r"time column|holds '36900\.01'"):
        read(stored(tmp_path, clocked(times)))


def test_an_hour_of_physionet_s_elapsed_times(tmp_path: Path) -> None:
    times = [f"'{k // 21_600}:{k / 360 % 60:06.3f}'" for k in range(22_000)]
    text = clocked(times, "'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'").replace(".", "0.", 0)
    record = read(stored(tmp_path, text), units="uV")  # noise in microvolts below
    assert (record.sampling_rate_hz, record.leads) == (360, ("II",))


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet(tmp_path: Path, code: str) -> None:
    text = table(microvolts(600, 2), header="I (µV)\tII (µV)", delimiter="\t").replace(".", ",").replace("\n", "\r\n")
    record = read(stored(tmp_path, f"\ufeff{text}".encode(code), "x.txt"), rate_hz=500)
    np.testing.assert_allclose(record.signal_mv, microvolts(600, 2) / 1000, rtol=1e-6)


@pytest.mark.parametrize("end", [";;\n", ";;", "; ;\r\n;;\r\n\r\n", '"";"";""\n' * 3])
def test_rows_of_blank_cells_at_the_end_are_none(tmp_path: Path, end: str) -> None:
    values = np.column_stack([np.arange(600) / 500, microvolts(600, 2)])
    text = table(values, header="time;I (uV);II (uV)", delimiter=";").replace(".", ",")
    assert len(read(stored(tmp_path, text + end)).signal_mv) == 600
    last = read(stored(tmp_path, f"{text}1,2;;\n{end}"))  # a missing sample stays one
    assert len(last.signal_mv) == 601
    assert np.isnan(last.signal_mv[-1]).all()


def test_a_handheld_recording_is_lead_i(tmp_path: Path) -> None:
    record = read(stored(tmp_path, table(microvolts(2000, 1), header="ECG (uV)")), rate_hz=300)
    assert record.leads == ("I",)
    assert any("lead I" in note for note in record.notes)


def test_missing_cells_are_nan_and_empty_leads_left_out(tmp_path: Path) -> None:
    lines = table(microvolts(1000, 3), header="I (uV),II (uV),V1 (uV)").splitlines()
    lines[1:] = [f"{line.rsplit(',', 1)[0]}," for line in lines[1:]]
    lines[4] = "NA,inf,"
    path = stored(tmp_path, "\n".join(lines))
    record = read(path, rate_hz=500)
    assert record.leads == ("I", "II")
    assert np.isnan(record.signal_mv[3]).all()
    assert np.isnan(record.signal_mv).sum() == 2
    assert any("V1" in note for note in record.notes)


def test_a_delimiter_at_the_end_of_each_line(tmp_path: Path) -> None:
    text = table(microvolts(1000, 2), header="I (uV),II (uV)").replace("\n", ",\n")
    assert read(stored(tmp_path, text), rate_hz=500).leads == ("I", "II")


def test_leads_given_by_hand(tmp_path: Path) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2)))
    assert read(path, rate_hz=500, units="uV", leads=["lead ii", "V1"]).leads == ("II", "V1")
    with pytest.raises(LeadError, match="2 columns without a header"):
        read(path, rate_hz=500, units="uV")
    with pytest.raises(LeadError, match=r"3 names given for 2 columns \(column 1, column 2\)"):
        read(path, rate_hz=500, units="uV", leads=["I", "II", "III"])
    with pytest.raises(LeadError, match=r"1 name given for 2 columns \(a, b\)"):
        read(stored(tmp_path, table(microvolts(9, 2), header="a,b")), leads=["I"])


@pytest.mark.parametrize("header", ["ch1,ch2", "ECG1,ECG2", "sample,II", "ch1,lead ii", ",II", "2,ECG (raw)"])
def test_names_by_hand_fill_in_unknown_ones(tmp_path: Path, header: str) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2), header=header))
    record = read(path, rate_hz=500, units="uV", leads=["V3", "II"])
    assert record.leads == ("V3", "II")
    np.testing.assert_allclose(record.signal_mv, microvolts(1000, 2) / 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("header", "leads", "words"),
    [
        ("I,II", ["II", "I"], "column 'I' is lead I by the file, and was given as lead II"),
        ("x,Lead II (uV)", ["I", "V2"], r"column 'Lead II \(uV\)' is lead II by the file, and was given as lead V2"),
        ("time,II", ["I", "II"], "column 'time' is time by the file, and was given as lead I"),
        ("x (ms),II", ["I", "II"], r"column 'x \(ms\)' is time by the file, and was given as lead I"),
        ("I,II", ["time", "II"], "column 'I' is lead I by the file, and was given as time"),
        ("x (uV),II", ["time", "II"], r"column 'x \(uV\)' is a voltage by the file, and was given as time"),
    ],
)
def test_names_by_hand_never_override_the_header(tmp_path: Path, header: str, leads: list[str], words: str) -> None:
    path = stored(tmp_path, table(microvolts(1000, 2), header=header))
    with pytest.raises(LeadError, match=words):
        read(path, rate_hz=500, units="uV", leads=leads)


@pytest.mark.parametrize("header", ["", "time,a,b,c", "Zeit (s),I,II,RESP", "t_s,x,II,marker", "x,I,y,z", "t (s),I,b,"])
def test_time_and_columns_to_leave_out_by_hand(tmp_path: Path, header: str) -> None:
    values = np.column_stack([np.arange(1000) / 250, microvolts(1000, 2), np.full(1000, 7e7)])
    path = stored(tmp_path, table(values, header=header))
    record = read(path, units="uV", leads=["time", "I", "II", "-"])
    assert (record.leads, record.sampling_rate_hz) == (("I", "II"), 250)
    np.testing.assert_allclose(record.signal_mv, microvolts(1000, 2) / 1000, rtol=1e-6)
    assert read(path, units="uV", rate_hz=125, leads=["-", "I", "II", "-"]).sampling_rate_hz == 125


@pytest.mark.parametrize(
    ("header", "scale", "rate"),
    [("Time (ms),a,b", 1e3, 500), ("x (ms),a,b", 1e3, 500), ("x,a,b\nms,uV,uV", 1e3, 500), ("x,a,b", 1, 500)],
)
def test_a_time_column_by_hand_keeps_its_unit(tmp_path: Path, header: str, scale: float, rate: float) -> None:
    values = np.column_stack([np.arange(1000) / rate * scale, microvolts(1000, 2)])
    assert read(
        stored(tmp_path, table(values, header=header)), units="uV", leads=["time", "I", "II"]
    ).sampling_rate_hz == (rate)


def test_a_column_left_out_may_hold_text(tmp_path: Path) -> None:
    lines = table(microvolts(1000, 2)).splitlines()
    marked = [f"12:00:{at},{line},{'N' if at % 5 == 0 else ''}" for at, line in enumerate(lines)]
    path = stored(tmp_path, "\n".join(["timestamp,I,II,marker", *marked]))
    record = read(path, units="uV", rate_hz=500, leads=["-", "I", "II", "-"])
    np.testing.assert_allclose(record.signal_mv, microvolts(1000, 2) / 1000, rtol=1e-6)
    with pytest.raises(MalformedFileError, match=r"line 2, column 1 holds '12:00:0'.* put - for it in --leads"):
        read(path, units="uV", rate_hz=500, leads=["time", "I", "II", "-"])


@pytest.mark.parametrize("in_header", [False, True])
@pytest.mark.parametrize("in_rows", [False, True])
@pytest.mark.parametrize("units", ["", "uV,uV"])
def test_a_delimiter_at_the_end_of_some_lines(tmp_path: Path, in_header: bool, in_rows: bool, units: str) -> None:
    end = "," * in_header + "\n"
    rows = table(microvolts(1000, 2)).replace("\n", "," * in_rows + "\n")
    path = stored(tmp_path, "I,II" + end + (units and units + end) + rows)
    record = read(path, rate_hz=500, units="uV")
    assert record.leads == ("I", "II")
    np.testing.assert_allclose(record.signal_mv, microvolts(1000, 2) / 1000, rtol=1e-6)
    with pytest.raises(MalformedFileError, match="the last column has no name"):
        read(stored(tmp_path, "I,II,\n" + table(microvolts(1000, 3))), rate_hz=500, units="uV")


@pytest.mark.parametrize(
    ("header", "units", "rate", "assumed"),
    [
        ("", None, None, "leads I to V6, 500 Hz and microvolts"),
        (HEADER, None, None, "500 Hz and microvolts"),
        ("", "uV", None, "leads I to V6 and 500 Hz"),
        (HEADER, "uV", None, "500 Hz"),
        (HEADER, None, 500, "microvolts"),
        (HEADER, "uV", 500, None),
    ],
)
def test_the_chapman_note_claims_only_what_is_assumed(
    tmp_path: Path, header: str, units: str | None, rate: float | None, assumed: str | None
) -> None:
    record = read(stored(tmp_path, table(microvolts(), header=header)), units=units, rate_hz=rate)
    note = f"laid out as in the Chapman database (5000 x 12): {assumed} are assumed"
    assert (record.format, record.notes) == ("chapman-csv", (note,) if assumed else ())


@pytest.mark.parametrize(("spelling", "units"), [("µv", "uV"), ("UV", "uV"), ("MV", "mV"), ("Volt", "V"), ("nv", "nV")])
def test_units_have_one_spelling(tmp_path: Path, spelling: str, units: str) -> None:
    size = {"uV": 1, "mV": 1e-3, "V": 1e-6, "nV": 1e3}[units]
    text = table(microvolts(1000, 2) * size, header=f"I ({spelling}),II ({spelling})")
    assert read(stored(tmp_path, text), rate_hz=500).units == units
    assert read(
        stored(tmp_path, table(microvolts(1000, 2) * size, header="I,II")), rate_hz=500, units=spelling
    ).units == (units)


@pytest.mark.parametrize(("size", "looks"), [(1, "uV"), (1e-3, "mV"), (1e-6, "V")])
def test_advice_on_units_goes_by_the_size(tmp_path: Path, size: float, looks: str) -> None:
    values = microvolts(1000, 2) * size
    with pytest.raises(UnitsError, match=f"look like {looks}: if they are, give --units {looks}$"):
        read(stored(tmp_path, table(values, header="I,II")), rate_hz=500)
    with pytest.raises(
        UnitsError, match=f"look like {looks}: .* give --units {looks}, and the rate, such as --rate 500$"
    ):
        read(stored(tmp_path, table(values, header="I,II")))
    wrong = "mV" if looks != "mV" else "uV"
    with pytest.raises(UnitsError, match=f"look like {looks}: give --units {looks} if they are"):
        read(stored(tmp_path, table(values, header="I,II")), rate_hz=500, units=wrong)
    with pytest.raises(UnitsError, match=f"as the file states; .* look like {looks}: give --units {looks} if they are"):
        read(stored(tmp_path, table(values, header=f"I ({wrong}),II ({wrong})")), rate_hz=500)
    if looks != "uV":
        with pytest.raises(UnitsError, match=f"look like {looks}: give --units {looks}, with --rate 500"):
            read(stored(tmp_path, table(microvolts() * size)))


WATCH = (
    'Name,Patient\nDate of Birth,"1 Jan 1980"\nSoftware Version,1.0\nSample Rate,512 hertz\n\nLead,Lead I\nUnit,uV\n\n'
)
PREAMBLES = [
    (WATCH + table(microvolts(600, 1)), 1, 9),
    ("Patient: X\n" + table(microvolts(600, 2), header="I,II"), 1, 3),
    ("# a comment\nName,Patient\nAge,44\n" + table(microvolts(600, 2), header="I,II"), 2, 5),
    ("made on,Monday,at noon\n" + table(microvolts(600, 2)), 1, 2),
]


@pytest.mark.parametrize(("text", "line", "begin"), PREAMBLES)
def test_lines_above_the_table_are_named(tmp_path: Path, text: str, line: int, begin: int) -> None:
    words = f"line {line} is no header of the table, whose numbers begin at line {begin}: .* remove the lines above"
    with pytest.raises(MalformedFileError, match=words):
        read(stored(tmp_path, text), rate_hz=500, units="uV")


@pytest.mark.parametrize("n", [500, 5000, 30_000])
@pytest.mark.parametrize("label", ["", "V1,"])
def test_a_table_of_leads_in_rows_is_told_to_be_transposed(tmp_path: Path, n: int, label: str) -> None:
    text = "".join(label + line + "\n" for line in table(microvolts(n, 12).T).splitlines())
    with pytest.raises(MalformedFileError, match=r"columns on 12 lines: its leads seem to be rows; .* transpose"):
        read(stored(tmp_path, text), rate_hz=500, units="uV")


GOOD = table(microvolts(600, 2), header="I (uV),II (uV)")
REFUSED: list[tuple[str, str | bytes, type[EcgliteError], str]] = [
    ("empty", b"", UnknownFormatError, "empty file"),
    ("blank", b" \r\n\n", UnknownFormatError, "blank file"),
    ("png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, UnknownFormatError, "PNG picture"),
    ("jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 50, UnknownFormatError, "JPEG picture"),
    ("zip", b"PK\x03\x04" + b"\0" * 50, UnknownFormatError, "zip archive"),
    ("xlsx", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", UnknownFormatError, ".xlsx"),
    ("gzip", b"\x1f\x8b\x08" + b"\0" * 50, UnknownFormatError, "gzip archive"),
    ("xz", b"\xfd7zXZ\x00" + b"\0" * 50, UnknownFormatError, "xz archive"),
    ("tar", b"x" * 257 + b"ustar" + b"0" * 200, UnknownFormatError, "tar archive"),
    ("pdf", b"%PDF-1.7\n", UnknownFormatError, "PDF"),
    ("html", b"<!DOCTYPE html><html>", UnknownFormatError, "web page"),
    ("utf-32", GOOD.encode("utf-32"), UnknownFormatError, "UTF-32"),
    ("utf-16 without its mark", GOOD.encode("utf-16-le"), UnknownFormatError, "binary data"),
    ("binary", bytes(range(256)) * 9, UnknownFormatError, "binary data"),
    ("prose", "Dear reader,\nthis is no recording,\nat all\n", EcgliteError, "x.csv"),
    ("header only", "I (uV),II (uV)\n", MalformedFileError, "no samples"),
    ("ragged", GOOD + "1,2,3\n", MalformedFileError, "line 602 has 3 cells"),
    ("short row", GOOD + "1\n2,3\n", MalformedFileError, "line 602 has 1 cells"),
    ("text", GOOD + "1,two\n", MalformedFileError, "line 602, column 2 holds 'two'"),
    ("unknown lead", GOOD.replace("II (uV)", "Pleth"), LeadError, "unknown lead 'Pleth'"),
    ("lead twice", GOOD.replace("II (uV)", "I (uV)"), LeadError, "lead I comes twice"),
    ("no units", GOOD.replace(" (uV)", ""), UnitsError, "look like uV: if they are, give --units uV"),
    ("microvolts called mV", GOOD.replace("uV", "mV"), UnitsError, "peak to peak"),
    ("microvolts called nV", GOOD.replace("uV", "nV"), UnitsError, "peak to peak"),
    ("eleven columns", table(microvolts(5000, 11)), LeadError, "11 columns without a header"),
    ("many columns", ",".join("1" * 99) + "\n", MalformedFileError, "up to 64"),
    ("spaces", table(microvolts(600, 12), delimiter=" "), MalformedFileError, "comma, semicolon or tab"),
    ("brackets", "(" * 60_000 + "\n1\n", LeadError, "unknown lead"),  # must not hang
    ("comments only", "# nothing\n" * 2000, MalformedFileError, "in the first 1000 lines"),
    ("a comment only", "# nothing\n", MalformedFileError, "no line of samples"),
    ("a form feed", "\f\n", MalformedFileError, "no line of samples"),
    ("huge numbers", GOOD + "1e300,1e300\n", UnitsError, "over 1000000000 mV"),
    ("nothing but gaps", "I (uV),II (uV)\n" + ",\n" * 700 + "NA,\n", EcgliteError, "x.csv"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusals(tmp_path: Path, text: str | bytes, error: type[EcgliteError], words: str) -> None:
    path = stored(tmp_path, text)
    with pytest.raises(error) as caught:
        read(path, rate_hz=500)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert caught.value.allowed or caught.value.do
    assert "\n" not in str(caught.value)


def test_no_rate_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="--rate 500"):
        read(stored(tmp_path, GOOD))


def test_stated_units_contradict_the_flag(tmp_path: Path) -> None:
    with pytest.raises(UnitsError, match="the header says uV and mV was given"):
        read(stored(tmp_path, GOOD), rate_hz=500, units="mV")


@pytest.mark.parametrize(("stated", "given"), [("mV", "uV"), ("nV", "µV"), ("V", "uV")])
def test_a_unit_given_overrules_one_that_makes_absurd_amplitudes(tmp_path: Path, stated: str, given: str) -> None:
    path = stored(tmp_path, GOOD.replace("uV", stated))
    with pytest.raises(UnitsError, match="the values look like uV: give --units uV if they are"):
        read(path, rate_hz=500)
    record = read(path, rate_hz=500, units=given)
    assert record.units == "uV"
    assert record.notes[0].startswith(f"the header says {stated}, which makes ")
    assert record.notes[0].endswith(" mV peak to peak; read as uV, as given")
    np.testing.assert_allclose(record.signal_mv, microvolts(600, 2) / 1000, rtol=1e-6)
    with pytest.raises(UnitsError, match=f"the header says {stated} and "):
        read(path, rate_hz=500, units="nV" if stated != "nV" else "V")


def test_a_file_of_gigabytes_is_not_loaded(tmp_path: Path) -> None:
    path = stored(tmp_path, GOOD)
    with path.open("r+b") as file:
        file.truncate(3 * 1024**3)  # sparse: takes no disk
    with pytest.raises(FileTooLargeError, match="has 3072 MiB; allowed: up to 128 MiB"):
        read(path, rate_hz=500)
    assert _source.CSV_LIMIT == 128 * 1024**2


def test_strict_drops_what_the_study_dropped(tmp_path: Path) -> None:
    assert read(stored(tmp_path, table(microvolts())), strict=True).leads == LEADS
    flat = microvolts()
    flat[:, 7] = 0
    with pytest.raises(LeadError, match="nothing in V2"):
        read(stored(tmp_path, table(flat)), strict=True)
    gap = microvolts()
    gap[5, 5] = np.nan
    with pytest.raises(QualityError, match="1 samples are missing"):
        read(stored(tmp_path, table(gap)), strict=True)
    with pytest.raises(LeadError, match="no III, aVR"):
        read(stored(tmp_path, GOOD), rate_hz=500, strict=True)
