"""Record: what is refused, how leads may be spelled, and what units do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecglite.edge.errors import EcgliteError, LeadError, RecordError, UnitsError
from ecglite.edge.record import LEADS, Record, lead_of, millivolts_per, standard_lead

ZEROS = np.zeros((1000, 12), np.float32)


@pytest.mark.parametrize(
    ("spelling", "lead"),
    [
        ("II", "II"),
        ("ii", "II"),
        (" Lead II ", "II"),
        ("lead_ii", "II"),
        ("Lead-aVF", "aVF"),
        ("ECG I", "I"),
        ("ECG_AVR", "aVR"),
        ("MDC_ECG_LEAD_V1", "V1"),
        ("MDC_ECG_LEAD_AVL", "aVL"),
        ("v6", "V6"),
        ("V1 (mV)", "V1"),
        ("V1 [uV]", "V1"),
        ("aVR_uV", "aVR"),
        ("I_mV", "I"),
        ("MLII", "II"),
        ("DI", "I"),
        ("DII", "II"),
        ("DIII", "III"),
    ],
)
def test_a_usual_spelling_is_known(spelling: str, lead: str) -> None:
    assert standard_lead(spelling) == lead
    assert lead_of(spelling) == lead


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "V",
        "V0",
        "V7",
        "V10",
        "IV",
        "2",
        "4",
        "ECG1",
        "ECG 2",
        "Lead 1",
        "lead_2",
        "D3",
        "MDC_ECG_LEAD_2",
        "-aVR",
        "lead -aVR",
        "aVF-",
        "V1V2",
        "time",
        "mV",
        "Lead",
        "IIII",
    ],
)
def test_another_name_is_not(name: str) -> None:
    assert standard_lead(name) is None
    with pytest.raises(LeadError, match="unknown lead"):
        lead_of(name)


@given(
    lead=st.sampled_from(LEADS),
    prefix=st.sampled_from(["", "Lead ", "lead_", "LEAD-", "ECG ", "ecg_", "MDC_ECG_LEAD_", "Lead: "]),
    unit=st.sampled_from(["", " (mV)", "_uV", " [µV]"]),
    case=st.sampled_from([str.upper, str.lower, str]),
    space=st.sampled_from(["", " ", "\t"]),
)
def test_any_usual_spelling(lead: str, prefix: str, unit: str, case: type[str], space: str) -> None:
    assert standard_lead(space + case(prefix + lead + unit) + space) == lead


@given(st.text(max_size=80))
def test_any_text_is_a_lead_or_none(text: str) -> None:
    assert standard_lead(text) in {None, *LEADS}


@pytest.mark.parametrize(
    ("unit", "millivolts"),
    [("mV", 1), ("MV", 1), (" uv ", 1e-3), ("µV", 1e-3), ("μV", 1e-3), ("V", 1e3), ("nV", 1e-6), ("microvolt", 1e-3)],
)
def test_units(unit: str, millivolts: float) -> None:
    assert millivolts_per(unit) == pytest.approx(millivolts)
    signal = np.random.default_rng(0).standard_normal((1000, 12))
    record = Record.from_array(signal, sampling_rate_hz=500, units=unit)
    np.testing.assert_allclose(record.signal_mv, signal * millivolts, rtol=1e-6)
    assert record.units == {1: "mV", 1e-3: "uV", 1e3: "V", 1e-6: "nV"}[millivolts]


@pytest.mark.parametrize("unit", ["", "mm", "mV/s", "kV", "x" * 100])
def test_an_unknown_unit_is_refused(unit: str) -> None:
    with pytest.raises(UnitsError, match="unknown unit"):
        Record.from_array(ZEROS, sampling_rate_hz=500, units=unit)


@pytest.mark.parametrize("shape", [(0, 12), (1000, 0), (1000, 11), (1000,), (12, 1000), (1, 1000, 12)])
def test_a_shape_that_does_not_fit_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(RecordError, match="shape"):
        Record(np.zeros(shape, np.float32), 500.0, LEADS)


@pytest.mark.parametrize("rate", [0, -500, 99.9, 1000.1, float("nan"), float("inf")])
def test_a_rate_outside_the_limits_is_refused(rate: float) -> None:
    with pytest.raises(RecordError, match="Hz"):
        Record(ZEROS, rate, LEADS)


@pytest.mark.parametrize("rate", [100, 128.5, 1000])
def test_the_limits_are_allowed(rate: float) -> None:
    assert Record(ZEROS, rate, LEADS).duration_s == pytest.approx(1000 / rate)


def test_a_lead_twice_unknown_or_in_another_spelling_is_refused() -> None:
    two = ZEROS[:, :2]
    with pytest.raises(LeadError, match="V1 comes twice"):
        Record.from_array(two, sampling_rate_hz=500, leads=["V1", "lead v1"])
    with pytest.raises(LeadError, match="unknown lead 'V9'"):
        Record.from_array(two, sampling_rate_hz=500, leads=["V1", "V9"])
    with pytest.raises(LeadError, match="standard spelling"):
        Record(two, 500.0, ("I", "AVF"))


def test_integers_are_no_millivolts() -> None:
    with pytest.raises(RecordError, match="int16"):
        Record(np.zeros((1000, 12), np.int16), 500.0, LEADS)  # type: ignore[arg-type]
    assert Record.from_array(np.ones((1000, 12), np.int16), sampling_rate_hz=500, units="uV").signal_mv[0, 0] == (
        np.float32(0.001)
    )


@pytest.mark.parametrize(
    "samples",
    [
        [[1.0, 2.0], [3.0]],
        [["a"] * 12] * 1000,
        [["1"] * 12] * 1000,
        np.zeros((1000, 12), np.complex128),
        np.full((1000, 12), None),
        "I,II",
        None,
    ],
)
def test_what_is_no_numeric_array_is_refused(samples: object) -> None:
    with pytest.raises(RecordError):
        Record.from_array(samples, sampling_rate_hz=500)  # type: ignore[arg-type]


def test_what_is_infinite_masked_or_beyond_float32_is_missing() -> None:
    signal = np.ones((1000, 12))
    signal[0, 0], signal[1, 0], signal[2, 0] = np.inf, -np.inf, 1e300
    for record in (Record(signal, 500.0, LEADS), Record.from_array(signal, sampling_rate_hz=500)):  # type: ignore[arg-type]
        assert np.isnan(record.signal_mv[:3, 0]).all()
        assert np.isnan(record.signal_mv).sum() == 3
    masked = np.ma.masked_greater(np.arange(12000.0).reshape(1000, 12), 11990)
    assert np.isnan(Record.from_array(masked, sampling_rate_hz=500).signal_mv).sum() == 9


def test_a_column_mismatch_says_how_to_name_the_columns() -> None:
    with pytest.raises(EcgliteError, match="leads="):
        Record.from_array(ZEROS[:, :2], sampling_rate_hz=500)
