"""The whole data's path: file, array and Record agree, and nothing but a Finding or an EcgliteError comes out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import ecglite
from ecglite.edge.errors import EcgliteError, FileAccessError, LeadError, QualityError, RecordError, UnitsError
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

CLASSIFIER = ecglite.load()


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recordings") / "SB.csv"
    write_chapman_csv(simulate("SB", seed=1), path)
    return path


def test_file_record_and_array_agree(csv: Path) -> None:
    record = ecglite.read(csv)
    of_file = CLASSIFIER.classify(str(csv))
    of_path = CLASSIFIER.classify(csv)
    of_record = CLASSIFIER.classify(record)
    of_array = CLASSIFIER.classify(np.loadtxt(csv, delimiter=","), sampling_rate_hz=500, units="uV")
    assert of_file.to_dict() == of_path.to_dict() == of_record.to_dict()
    assert of_array.probabilities == pytest.approx(of_file.probabilities, abs=1e-5)
    assert of_array.heart_rate_bpm == of_file.heart_rate_bpm
    assert of_file.rhythm == "SB"


def test_csv_and_wfdb_agree(csv: Path, tmp_path: Path) -> None:
    header = write_wfdb(ecglite.read(csv), tmp_path, "SB")
    of_wfdb, of_csv = CLASSIFIER.classify(header), CLASSIFIER.classify(csv)
    assert of_wfdb.rhythm == of_csv.rhythm
    assert of_wfdb.probabilities == pytest.approx(of_csv.probabilities, abs=0.02)


@pytest.mark.parametrize(("units", "scale"), [("V", 1e-3), ("mV", 1), ("uV", 1e3), ("nV", 1e6)])
def test_units_do_not_change_the_finding(units: str, scale: float) -> None:
    signal = simulate("AFIB", seed=2).signal_mv.astype(np.float64)
    a = CLASSIFIER.classify(signal, sampling_rate_hz=500, units="mV")
    b = CLASSIFIER.classify(signal * scale, sampling_rate_hz=500, units=units)
    assert b.probabilities == pytest.approx(a.probabilities, abs=1e-4)


def test_order_of_leads_does_not_change_the_finding() -> None:
    record = simulate("AF", seed=2)
    order = np.random.default_rng(0).permutation(12)
    a = CLASSIFIER.classify(record)
    leads = [f"Lead {record.leads[k]}" for k in order]
    b = CLASSIFIER.classify(record.signal_mv[:, order], sampling_rate_hz=500, units="mV", leads=leads)
    assert a.probabilities == b.probabilities


@pytest.mark.parametrize("given", [{}, {"units": "mV"}, {"sampling_rate_hz": 500}])
def test_samples_need_rate_and_units(given: dict[str, object]) -> None:
    with pytest.raises(RecordError, match="without a sampling rate or units"):
        CLASSIFIER.classify(np.zeros((5000, 12)), **given)  # type: ignore[arg-type]


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match=r"none\.csv"):
        CLASSIFIER.classify(tmp_path / "none.csv")
    short = tmp_path / "short.csv"
    short.write_text("I,II\n" + "0.1,0.2\n0.3,-0.1\n" * 500)
    with pytest.raises(QualityError, match=r"short\.csv: a recording of 2 s"):
        CLASSIFIER.classify(short, sampling_rate_hz=500, units="mV")


def test_each_refusal_of_an_array() -> None:
    good = simulate("SR", seed=1).signal_mv
    usual = {"sampling_rate_hz": 500.0, "units": "mV"}
    for samples, facts, error in (
        (good, usual | {"units": "bananas"}, UnitsError),
        (good, usual | {"sampling_rate_hz": 50.0}, RecordError),
        (good[:, :3], usual, RecordError),
        (good[:, :2], usual | {"leads": ["I", "V7"]}, LeadError),
        (good[:1000], usual, QualityError),
        (good * 0, usual, QualityError),
        (good, usual | {"units": "V"}, UnitsError),
        ("12 leads", usual, EcgliteError),
    ):
        with pytest.raises(error):
            CLASSIFIER.classify(samples, **facts)  # type: ignore[arg-type]


def test_strict_and_lenient() -> None:
    record = simulate("SR", seed=1)
    two = replace(record, signal_mv=record.signal_mv[:, :2], leads=record.leads[:2])
    assert any("derived from I and II" in note for note in CLASSIFIER.classify(two).quality.notes)
    with pytest.raises(QualityError, match="--strict"):
        CLASSIFIER.classify(two, strict=True)


def test_a_long_recording_is_pooled() -> None:
    record = simulate("ST", seed=4, duration_s=45)
    finding = CLASSIFIER.classify(record)
    assert [window.start_s for window in finding.windows] == [0, 10, 20, 30, 35]
    assert finding.rhythm == "ST"
    alone = [
        CLASSIFIER.classify(record.signal_mv[k * 5000 :][:5000], sampling_rate_hz=500, units="mV") for k in range(4)
    ]
    for window, one in zip(finding.windows, alone, strict=False):
        assert (window.rhythm, window.probability) == (one.rhythm, pytest.approx(one.probability, abs=1e-5))


@pytest.mark.parametrize("rhythm", ["SB", "SR", "ST", "AFIB"])
@pytest.mark.parametrize("scale", [0.5, 0.8, 1.25, 2])
def test_the_gain_does_not_change_the_rhythm_of_a_simulation(rhythm: str, scale: float) -> None:
    record = simulate(rhythm, seed=7)
    plain, scaled = (
        CLASSIFIER.classify(replace(record, signal_mv=record.signal_mv * np.float32(s))) for s in (1, scale)
    )
    assert plain.abstained or plain.rhythm == scaled.rhythm


def test_the_gain_does_not_change_the_rhythm_of_real_recordings(ecg_data: Path) -> None:
    files = sorted((ecg_data / "chapman" / "ECGDataDenoised").glob("*.csv"))
    for file in files:
        record = ecglite.read(file)
        plain = CLASSIFIER.classify(record)
        for scale in (0.5, 2):
            scaled = CLASSIFIER.classify(replace(record, signal_mv=record.signal_mv * np.float32(scale)))
            assert plain.abstained or scaled.abstained or plain.rhythm == scaled.rhythm, (file.name, scale)


@pytest.mark.parametrize("rate_hz", [128.5, 250, 1000])
def test_the_rate_does_not_change_the_rhythm(rate_hz: float) -> None:
    for rhythm in ("SB", "ST"):
        assert CLASSIFIER.classify(simulate(rhythm, seed=4, sampling_rate_hz=rate_hz)).rhythm == rhythm


@settings(deadline=None, max_examples=150)
@given(
    data=st.data(),
    rate_hz=st.sampled_from([100.0, 128.5, 250.0, 500.0, 1000.0]),
    n_leads=st.integers(1, 12),
    duration_s=st.floats(0.01, 21),
    dtype=st.sampled_from([np.float64, np.float32, np.int16, np.int64, np.bool_]),
    units=st.sampled_from(["V", "mV", "uV", "nV"]),
    tail=st.sampled_from([None, np.nan, np.inf, 1e300]),
)
def test_any_array_gives_a_finding_or_an_ecglite_error(
    data: st.DataObject,
    rate_hz: float,
    n_leads: int,
    duration_s: float,
    dtype: type[np.generic],
    units: str,
    tail: float | None,
) -> None:
    n = max(1, round(duration_s * rate_hz))
    few = data.draw(hnp.arrays(dtype, (data.draw(st.integers(1, 9)), n_leads)))
    signal = np.resize(few, (n, n_leads))
    if tail is not None and np.issubdtype(dtype, np.floating):
        with np.errstate(over="ignore"):
            signal[-n // 20 :] = np.array(tail).astype(dtype)
    leads = data.draw(st.permutations(ecglite.LEADS))[:n_leads]
    try:
        finding = CLASSIFIER.classify(signal, sampling_rate_hz=rate_hz, leads=leads, units=units)
    except EcgliteError:
        return
    assert sum(finding.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert 0 <= finding.probability <= 1
    assert finding.heart_rate_bpm is None or 0 < finding.heart_rate_bpm <= 250


def made_up(kind: str) -> np.ndarray:
    """[5000, 12], mV: what no heart made, and a model that must name a rhythm names all the same."""
    rng, time = np.random.default_rng(4), np.arange(5000)[:, None] / 500
    if kind == "noise":
        return rng.normal(size=(5000, 12)) * 0.1
    if kind == "hum":
        return 0.5 * np.sin(2 * np.pi * 50 * time) * np.ones(12)
    if kind == "fast sine":
        return 0.8 * np.sin(2 * np.pi * 8 * time) * np.linspace(0.5, 1, 12)
    return rng.integers(-1000, 1000, (5000, 12)) / 1000


@pytest.mark.parametrize("kind", ["noise", "hum", "fast sine", "random integers"])
def test_what_no_heart_made_is_not_answered(kind: str) -> None:
    try:
        finding = ecglite.load().classify(made_up(kind), sampling_rate_hz=500, units="mV")
    except EcgliteError:
        return
    assert finding.abstained, (finding.rhythm, finding.probability, finding.heart_rate_bpm)


@pytest.mark.parametrize("lost", [np.nan, 0.0])
def test_a_second_without_a_signal_is_not_passed_over(lost: float) -> None:
    record = simulate("SR", seed=2)
    signal = record.signal_mv.copy()
    signal[2000:2450] = lost
    finding = ecglite.load().classify(replace(record, signal_mv=signal))
    assert "the signal is interrupted" in finding.reasons
    whole = ecglite.load().classify(record).heart_rate_bpm
    assert finding.heart_rate_bpm == pytest.approx(whole, abs=3)
