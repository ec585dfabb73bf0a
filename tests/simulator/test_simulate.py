"""The simulator against an independent detector and the rhythms' definitions."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest

from ecglite.edge.errors import RecordError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import RHYTHMS_MADE, simulate

SEEDS = range(4)
# Per rhythm: the lowest and the highest mean rate of its definition, per minute.
RATES = {
    "SB": (40, 60),
    "SR": (60, 100),
    "AFIB": (55, 155),
    "ST": (100, 151),
    "SVT": (140, 221),
    "AF": (60, 170),
    "SA": (60, 100),
    "AT": (110, 200),
    "AVNRT": (140, 220),
    "AVRT": (140, 220),
    "SAAWR": (50, 90),
}


def r_peaks_s(record: Record) -> npt.NDArray[np.float64]:
    """R peaks in seconds, by neurokit2, in lead V5 (an upright R for any axis drawn)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        rate = int(record.sampling_rate_hz)
        clean = neurokit2.ecg_clean(record.signal_mv[:, LEADS.index("V5")].astype(float), rate)
        # Its default of 0.3 s between peaks would halve rates above 200/min.
        found = neurokit2.ecg_findpeaks(clean, rate, mindelay=0.2)
    return np.asarray(found["ECG_R_Peaks"]) / rate


def lead(record: Record, name: str) -> npt.NDArray[np.float64]:
    return record.signal_mv[:, LEADS.index(name)].astype(np.float64)


def around(record: Record, name: str, after_s: float) -> npt.NDArray[np.float64]:
    """[n_beats]: the lead `after_s` seconds after each R peak but the outermost."""
    at = np.rint((r_peaks_s(record)[1:-1] + after_s) * record.sampling_rate_hz).astype(int)
    return lead(record, name)[at]


def test_all_eleven_are_made() -> None:
    assert set(RHYTHMS_MADE) == set(RHYTHMS) == set(RATES)


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_shape_and_determinism(rhythm: str) -> None:
    one, same, other = (simulate(rhythm, seed=seed) for seed in (5, 5, 6))
    assert one.signal_mv.shape == (5000, 12)
    assert one.leads == LEADS
    assert (one.format, one.notes) == ("simulated", ("simulated",))
    assert one.comments == (f"Dx: {RHYTHMS[rhythm].snomed}",)
    np.testing.assert_array_equal(one.signal_mv, same.signal_mv)
    assert np.abs(one.signal_mv - other.signal_mv).max() > 0.1
    assert np.isfinite(one.signal_mv).all()
    assert 0.5 < np.ptp(one.signal_mv, axis=0).max() < 6


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_einthoven_and_goldberger(rhythm: str) -> None:
    record = simulate(rhythm, seed=1, noise=0)
    one, two, three, avr, avl, avf = record.signal_mv[:, :6].T.astype(np.float64)
    for left, right in (
        (one + three, two),
        (avr, -(one + two) / 2),
        (avl, one - two / 2),
        (avf, two - one / 2),
    ):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_rate_is_within_the_definition(rhythm: str, seed: int) -> None:
    low, high = RATES[rhythm]
    intervals = np.diff(r_peaks_s(simulate(rhythm, seed=seed)))
    assert low <= 60 / intervals.mean() <= high


@pytest.mark.parametrize("seed", SEEDS)
def test_fibrillation_is_irregular_and_reentry_is_not(seed: int) -> None:
    def spread(rhythm: str) -> float:
        intervals = np.diff(r_peaks_s(simulate(rhythm, seed=seed)))
        return float(intervals.std() / intervals.mean())

    assert spread("AFIB") > 0.1
    assert max(spread(rhythm) for rhythm in ("SVT", "AVNRT", "AVRT", "ST", "AT")) < 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_sinus_arrhythmia_sways_and_sinus_rhythm_does_not(seed: int) -> None:
    swaying, steady = (np.diff(r_peaks_s(simulate(rhythm, seed=seed))) for rhythm in ("SA", "SR"))
    assert np.ptp(swaying) >= 0.12
    assert np.ptp(steady) < 0.12


@pytest.mark.parametrize("seed", SEEDS)
def test_atria(seed: int) -> None:
    """P upright in II before a sinus beat; none in fibrillation; turned over after the beat in re-entry."""
    sinus = simulate("SR", seed=seed, noise=0)
    mean = [around(sinus, "II", -after).mean() for after in np.arange(0.08, 0.2, 0.01)]
    assert max(mean) - mean[0] > 0.06
    reentry, none = simulate("AVRT", seed=seed, noise=0), simulate("SVT", seed=seed, noise=0)
    dip = [min(around(r, "III", after).mean() for after in np.arange(0.09, 0.15, 0.01)) for r in (reentry, none)]
    assert dip[0] < dip[1] - 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_flutter_and_fibrillation_waves(seed: int) -> None:
    """Between 3 and 10 Hz flutter has one line at 250 to 330/min in III, fibrillation a band in V1."""
    for rhythm, name in (("AF", "III"), ("AFIB", "V1")):
        record = simulate(rhythm, seed=seed, noise=0, duration_s=60)
        signal = lead(record, name)
        peaks = np.rint(r_peaks_s(record) * 500).astype(int)
        for peak in peaks:  # QRS out, so that the atria are heard
            signal[max(peak - 40, 0) : peak + 40] = np.median(signal)
        power = np.abs(np.fft.rfft(signal - signal.mean())) ** 2
        hz = np.fft.rfftfreq(signal.size, 1 / 500)
        band = (hz > 3.8) & (hz < 9.5)
        if rhythm == "AF":
            assert 250 / 60 - 0.1 < hz[band][power[band].argmax()] < 330 / 60 + 0.1
        else:
            line = power[band].max() / power[band].sum()
            assert line < 0.3


@pytest.mark.parametrize("seed", range(8))
def test_r_grows_and_s_shrinks_across_the_chest(seed: int) -> None:
    record = simulate("SR", seed=seed, noise=0)
    tall = {name: lead(record, name).max() - np.median(lead(record, name)) for name in LEADS[6:]}
    deep = {name: np.median(lead(record, name)) - lead(record, name).min() for name in LEADS[6:]}
    assert tall["V1"] < deep["V1"]
    assert tall["V5"] > deep["V5"]
    assert tall["V1"] < tall["V3"] < tall["V4"] + 0.3
    assert deep["V2"] > deep["V4"] > deep["V6"]


def test_noise_rate_and_length_change_nothing_else() -> None:
    quiet, loud = (simulate("SR", seed=3, noise=noise) for noise in (0.0, 3.0))
    difference = (loud.signal_mv - quiet.signal_mv)[:, 0]
    assert 0.02 < difference.std() < 0.3
    coarse = simulate("SR", seed=3, noise=0, sampling_rate_hz=250)
    np.testing.assert_allclose(coarse.signal_mv, quiet.signal_mv[::2], atol=1e-6)
    assert simulate("SR", seed=3, duration_s=61.5).signal_mv.shape[0] == 30750


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"rhythm": "VT"}, "'VT'"),
        ({"rhythm": "sr"}, "'sr'"),
        ({"duration_s": 0.0}, "0 s"),
        ({"duration_s": float("nan")}, "nan s"),
        ({"noise": -1.0}, "noise -1"),
        ({"noise": float("inf")}, "noise inf"),
        ({"seed": -1}, "seed -1"),
        ({"sampling_rate_hz": 50.0}, "50 Hz"),
    ],
)
def test_refuses(arguments: dict[str, object], word: str) -> None:
    with pytest.raises(RecordError, match=word):
        simulate(**({"rhythm": "SR", "seed": 0} | arguments))  # type: ignore[arg-type]
