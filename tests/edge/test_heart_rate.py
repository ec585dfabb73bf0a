"""Beats and rates, against the annotations of cardiologists (MIT-BIH) and of the recorder's maker (Chapman)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ecglite.edge import formats
from ecglite.edge.heart_rate import beats, rate_bpm
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab.rates import heart_rate_bpm
from ecglite.simulator import simulate

TOLERANCE_S = 0.15  # ANSI/AAMI EC57
BEATS = set("NLRBAaJSVrFejnE/fQ")
# 207 holds ventricular flutter, which has no QRS complexes
MITDB = ["201", "202", "203", "210", "219", "221", "222"]


def matched(found: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> int:
    """How many of the truth are found, each by a beat of its own."""
    n, k = 0, 0
    for time in truth:
        while k < len(found) and found[k] < time - TOLERANCE_S:
            k += 1
        if k < len(found) and found[k] <= time + TOLERANCE_S:
            n, k = n + 1, k + 1
    return n


def inside(times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return times[(times >= 0.3) & (times < 9.7)]


def test_beats_of_mitdb(ecg_data: Path) -> None:
    wfdb = pytest.importorskip("wfdb")
    n_truth = n_found = n_sensitive = n_precise = 0
    for name in MITDB:
        annotation = wfdb.rdann(str(ecg_data / "mitdb" / name), "atr")
        times = np.array([s for s, c in zip(annotation.sample, annotation.symbol, strict=True) if c in BEATS]) / 360
        for window in list(windows(formats.read(ecg_data / "mitdb" / f"{name}.hea")))[:-1]:
            found, truth = beats(window.signal_mv), times - window.start_s
            # of each side only beats clear of the window's edges are asked for, among all of the other
            n_truth += len(inside(truth))
            n_sensitive += matched(found, inside(truth))
            n_found += len(inside(found))
            n_precise += matched(truth, inside(found))
    assert n_truth > 15000
    assert n_sensitive / n_truth >= 0.99
    assert n_precise / n_found >= 0.99


def test_rates_of_chapman(ecg_data: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.load_workbook(ecg_data / "chapman" / "Diagnostics.xlsx", read_only=True)
    rows = iter(list(workbook.active.iter_rows(values_only=True)))
    workbook.close()
    header = next(rows)
    name, rate = header.index("FileName"), header.index("VentricularRate")
    stated = {row[name]: float(row[rate]) for row in rows}
    files = sorted((ecg_data / "chapman" / "ECGDataDenoised").glob("*.csv"))
    assert len(files) >= 35
    near = 0
    for file in files:
        (window,) = windows(formats.read(file))
        found = rate_bpm(beats(window.signal_mv))
        near += found is not None and abs(found - stated[file.stem]) <= 5
    assert near >= len(files) - 1


def test_rates_of_other_hospitals(ecg_data: Path) -> None:
    """Against NeuroKit2: slow rhythms with tall T waves, of which each could be taken for a beat."""
    pytest.importorskip("neurokit2")
    files = sorted((ecg_data / "cinc" / "georgia").glob("*.hea"))
    assert len(files) >= 20
    differences = []
    for file in files:
        window = next(windows(formats.read(file)))
        found = rate_bpm(beats(window.signal_mv))
        assert found is not None
        differences.append(abs(found - heart_rate_bpm(window.signal_mv.T, 500)))
    assert np.mean(np.array(differences) <= 3) >= 0.95


@pytest.mark.parametrize("rate_hz", [100, 250, 500, 1000])
@pytest.mark.parametrize("bpm", [30, 45, 75, 120, 180, 220])
def test_regular_spikes_are_counted(bpm: float, rate_hz: float) -> None:
    t = np.arange(int(10 * rate_hz)) / rate_hz
    phase = (t - 0.2) % (60 / bpm)
    spikes = np.exp(-(np.minimum(phase, 60 / bpm - phase) ** 2) / (2 * 0.015**2))
    (window,) = windows(Record(spikes[:, None].astype(np.float32), rate_hz, ("II",)))
    found = beats(window.signal_mv)
    expected = np.arange(0.2, 9.95, 60 / bpm)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, atol=0.03)
    assert rate_bpm(found) == pytest.approx(bpm, rel=0.02)


@pytest.mark.parametrize("scale", [0.1, 0.5, 2, 10])
def test_the_rate_does_not_hang_on_the_gain(scale: float) -> None:
    x = simulate("AFIB", seed=1).signal_mv
    np.testing.assert_array_equal(beats(x), beats((x * np.float32(scale)).astype(np.float32)))


def test_silence_has_no_beats() -> None:
    assert len(beats(np.zeros((5000, 12), np.float32))) == 0
    assert len(beats(np.full((5000, 12), 1.5, np.float32))) == 0


@pytest.mark.parametrize("times", [[], [1.0], [1.0, 2.0]])
def test_under_three_beats_have_no_rate(times: list[float]) -> None:
    assert rate_bpm(np.array(times)) is None


def test_rate_is_of_the_mean_interval() -> None:
    assert rate_bpm(np.array([0.0, 0.5, 2.0])) == pytest.approx(60.0)


def test_an_interval_across_a_gap_tells_nothing() -> None:
    times = np.array([0.5, 1.5, 2.5, 5.5, 6.5, 7.5])
    assert rate_bpm(np.delete(times, [1, 4]), [(2.8, 5.2)]) == pytest.approx(60 / 2)
    assert rate_bpm(times, [(2.8, 5.2)]) == pytest.approx(60)
    assert rate_bpm(times[1:4], [(2.8, 5.2)]) is None


def test_one_artefact_does_not_change_a_regular_rhythms_rate() -> None:
    times = np.arange(0.4, 10, 0.8)
    assert rate_bpm(np.sort([*times, 3.1])) == pytest.approx(75)
    irregular = np.cumsum([0.4, 0.9, 0.5, 1.2, 0.6, 1.0])
    assert rate_bpm(irregular) == pytest.approx(60 / np.diff(irregular).mean())
