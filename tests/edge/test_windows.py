"""Windows, against sines whose values are known and against Einthoven's and Goldberger's sums."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglite.edge.errors import QualityError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import N_SAMPLES, fill_missing, lead_notes, window_starts, windows

LIMB = LEADS[:6]


def sine(rate_hz: float, frequency_hz: float, duration_s: float = 10.0) -> Record:
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    wave = np.sin(2 * np.pi * frequency_hz * t)
    return Record(np.stack([wave, 0.5 * wave + 2], axis=1).astype(np.float32), rate_hz, ("V1", "V2"))


def limb_leads(n: int = N_SAMPLES) -> np.ndarray:
    """[n, 6]: I and II at random, the others by their definitions."""
    one, two = np.random.default_rng(0).standard_normal((2, n))
    return np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2], axis=1).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [100, 128, 128.5, 200, 240, 250, 257, 360, 400, 499, 500, 501, 600, 977, 1000])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_a_sine_of_any_rate_is_the_same_sine_at_500_hz(rate_hz: float, share: float) -> None:
    frequency_hz = share * min(rate_hz, 500) / 2
    (window,) = windows(sine(rate_hz, frequency_hz))
    t = np.arange(N_SAMPLES) / 500
    inside = slice(200, -200)  # at the recording's edges an interpolator guesses
    expected = np.sin(2 * np.pi * frequency_hz * t)[inside]
    got = window.signal_mv[inside]
    np.testing.assert_allclose(got[:, LEADS.index("V1")], expected, atol=5e-3)
    np.testing.assert_allclose(got[:, LEADS.index("V2")], 0.5 * expected + 2, atol=5e-3)


@pytest.mark.parametrize("rate_hz", [600, 977, 1000])
def test_what_500_hz_cannot_hold_is_filtered_out(rate_hz: float) -> None:
    (window,) = windows(sine(rate_hz, 0.97 * rate_hz / 2))
    assert np.abs(window.signal_mv[200:-200, LEADS.index("V1")]).max() < 0.01


def test_500_hz_is_left_as_it_is() -> None:
    record = sine(500, 40)
    (window,) = windows(record)
    np.testing.assert_array_equal(window.signal_mv[:, 6:8], record.signal_mv)


@pytest.mark.parametrize(
    ("duration_s", "starts"),
    [(5, [0]), (9.99, [0]), (10, [0]), (10.9, [0]), (17.5, [0, 7.5]), (20, [0, 10]), (31, [0, 10, 20, 21])],
)
def test_starts_of_windows(duration_s: float, starts: list[float]) -> None:
    assert window_starts(duration_s) == pytest.approx(starts)


@settings(deadline=None, max_examples=40)
@given(st.floats(5, 60), st.sampled_from([100.0, 128.5, 257.0, 360.0, 500.0, 1000.0]))
def test_windows_of_any_length_cover_the_recording(duration_s: float, rate_hz: float) -> None:
    record = sine(rate_hz, 1.0, duration_s)
    found = list(windows(record))
    assert [w.signal_mv.shape for w in found] == [(N_SAMPLES, 12)] * len(found)
    assert all(w.signal_mv.dtype == np.float32 and np.isfinite(w.signal_mv).all() for w in found)
    assert all(b.start_s - a.start_s <= 10 + 1e-9 for a, b in itertools.pairwise(found))
    assert found[-1].start_s + 10 >= record.duration_s - 1
    for window in found:
        n = min(N_SAMPLES, int((record.duration_s - window.start_s) * 500))
        t = window.start_s + np.arange(n) / 500
        error = window.signal_mv[:n, LEADS.index("V1")] - np.sin(2 * np.pi * t)
        assert np.abs(error[200:-200]).max() < 5e-3


@pytest.mark.parametrize("duration_s", [0.002, 1, 4.99, 4.998])
def test_under_five_seconds_is_refused(duration_s: float) -> None:
    with pytest.raises(QualityError, match="at least 5 s"):
        list(windows(sine(500, 1, duration_s)))


@pytest.mark.parametrize("rate_hz", [100, 360, 500])
def test_a_short_recording_rests_at_its_median(rate_hz: float) -> None:
    record = sine(rate_hz, 1.0, 5.0)
    (window,) = windows(record)
    rest = window.signal_mv[2501:]
    assert (rest == rest[0]).all()
    assert rest[0, LEADS.index("V2")] == pytest.approx(2.0, abs=0.02)
    assert rest[0, LEADS.index("V1")] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("pair", [(a, b) for a in range(6) for b in range(6) if a != b])
def test_limb_leads_are_derived_from_any_two(pair: tuple[int, int]) -> None:
    limb = limb_leads()
    record = Record(limb[:, list(pair)], 500.0, tuple(LIMB[k] for k in pair))
    (window,) = windows(record)
    np.testing.assert_allclose(window.signal_mv[:, :6], limb, atol=2e-5)
    assert not window.signal_mv[:, 6:].any()
    derived = ", ".join(lead for lead in LIMB if lead not in record.leads)
    assert lead_notes(record) == (
        f"{derived} derived from {LIMB[pair[0]]} and {LIMB[pair[1]]}",
        "V1, V2, V3, V4, V5, V6 not recorded, taken as zero",
    )


def test_given_leads_are_kept_and_absent_ones_are_zero() -> None:
    rng = np.random.default_rng(1)
    leads = ("V6", "aVF", "I", "V1")
    signal = rng.standard_normal((N_SAMPLES, 4)).astype(np.float32)
    (window,) = windows(Record(signal, 500.0, leads))
    for column, lead in enumerate(leads):
        np.testing.assert_array_equal(window.signal_mv[:, LEADS.index(lead)], signal[:, column])
    assert not window.signal_mv[:, [LEADS.index(lead) for lead in ("V2", "V3", "V4", "V5")]].any()


def test_one_limb_lead_derives_nothing() -> None:
    record = Record(limb_leads()[:, :1], 500.0, ("I",))
    (window,) = windows(record)
    assert not window.signal_mv[:, 1:].any()
    assert lead_notes(record) == ("II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6 not recorded, taken as zero",)


def test_all_twelve_leave_nothing_to_say() -> None:
    assert lead_notes(Record(np.zeros((5000, 12), np.float32), 500.0, LEADS)) == ()


def test_missing_samples_lie_on_a_line() -> None:
    x = np.array([[np.nan, np.nan], [1, np.nan], [np.nan, np.nan], [np.nan, np.nan], [4, np.nan], [np.nan, np.nan]])
    filled = fill_missing(x.astype(np.float32))
    np.testing.assert_allclose(filled[:, 0], [1, 1, 2, 3, 4, 4])
    assert not filled[:, 1].any()


@pytest.mark.parametrize("rate_hz", [250, 500])
def test_a_gap_does_not_reach_the_model(rate_hz: float) -> None:
    record = sine(rate_hz, 1.0, 20.0)
    signal = record.signal_mv.copy()
    signal[: int(rate_hz * 12), 0] = np.nan
    for window in windows(Record(signal, rate_hz, record.leads)):
        assert np.isfinite(window.signal_mv).all()


def test_a_day_needs_the_memory_of_ten_seconds() -> None:
    record = sine(100, 1.0, 3600.0)
    first = next(windows(record))  # a generator: the other 359 are not made
    assert first.start_s == 0
