"""Quality: each fault is named, and real recordings that cardiologists could read are not called poor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecglite.edge import formats
from ecglite.edge.errors import QualityError, UnitsError
from ecglite.edge.quality import Quality, assess
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import windows
from ecglite.simulator import simulate

CLEAN = simulate("SR", seed=3)


def changed(column: int | slice, change: np.ufunc | object) -> Record:
    signal = CLEAN.signal_mv.copy()
    signal[:, column] = change(signal[:, column])  # type: ignore[operator]
    return replace(CLEAN, signal_mv=signal)


def reasons(quality: Quality, lead: str = "V2") -> tuple[str, ...]:
    return next(one for one in quality.leads if one.lead == lead).reasons


V2 = LEADS.index("V2")


def test_a_clean_recording_is_good() -> None:
    quality = assess(CLEAN)
    assert quality.verdict == "good"
    assert [lead.lead for lead in quality.leads] == list(LEADS)
    assert {lead.verdict for lead in quality.leads} == {"good"}
    assert quality.notes == CLEAN.notes


@pytest.mark.parametrize("rate_hz", [100, 250, 500, 1000])
def test_a_flat_lead_is_bad_at_any_rate(rate_hz: float) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(round(10 * rate_hz)) / rate_hz
    beats = np.exp(-(((t % 0.8) - 0.4) ** 2) / (2 * 0.02**2))
    flat = 0.3 + 0.001 * rng.standard_normal(len(t))
    quality = assess(Record(np.stack([beats, flat], axis=1).astype(np.float32), rate_hz, ("V1", "V2")))
    assert [lead.verdict for lead in quality.leads] == ["good", "bad"]
    assert reasons(quality) == ("flat",)
    assert quality.verdict == "poor"
    assert any("V2 (flat)" in note for note in quality.notes)


def test_a_lead_that_falls_off_for_a_while_is_poor() -> None:
    quality = assess(changed(V2, lambda x: np.where(np.arange(len(x)) < 3500, x, x[3500])))
    assert reasons(quality) == ("flat for 30 % of the time",)
    assert quality.verdict == "poor"


# at 100 Hz the tip of a QRS complex is one or two samples, of which nobody can tell whether they were cut
@pytest.mark.parametrize(("step", "share"), [(1, 0.7), (1, 0.4), (2, 0.4), (5, 0.4)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clipped_lead_is_poor(share: float, sign: int, step: int) -> None:
    def clip(x: np.ndarray) -> np.ndarray:
        x = sign * x
        return sign * np.minimum(x, share * x.max())

    record = changed(LEADS.index("V4") if sign == 1 else V2, clip)
    record = replace(record, signal_mv=record.signal_mv[::step], sampling_rate_hz=500 / step)
    lead = "V4" if sign == 1 else "V2"
    quality = assess(record)
    assert reasons(quality, lead) == ("clipped",)
    assert {one.lead for one in quality.leads if one.verdict != "good"} == {lead}


def test_a_baseline_that_rests_at_its_least_value_is_not_clipped() -> None:
    t = np.arange(5000) / 500
    spikes = np.maximum(0, 1 - np.abs((t % 0.8) - 0.4) / 0.03)
    quality = assess(Record(spikes[:, None].astype(np.float32), 500.0, ("II",)))
    assert "clipped" not in reasons(quality, "II")


def test_a_last_sample_that_is_repeated_is_not_clipped() -> None:
    record = changed(V2, lambda x: np.where(np.arange(len(x)) < 4940, x, x.max() + np.float32(0.1)))
    assert reasons(assess(record)) == ()


@pytest.mark.parametrize("step", [1, 2, 5])
def test_noise_is_named_at_any_rate(step: int) -> None:
    # an eighth of the lead's peak to peak, as seen at 100 Hz
    noise_mv = 0.125 * np.ptp(CLEAN.signal_mv[:, V2]) * (5 / step) ** 0.5
    noise = noise_mv * np.random.default_rng(2).standard_normal(5000)
    record = changed(V2, lambda x: x + noise)
    record = replace(record, signal_mv=record.signal_mv[::step], sampling_rate_hz=500 / step)
    quality = assess(record)
    assert reasons(quality) == ("noisy",)
    assert reasons(quality, "V5") == ()


@pytest.mark.parametrize("rhythm", ["SB", "SR", "AFIB", "ST", "SVT", "AF", "SA", "AT"])
def test_no_rhythm_is_noise(rhythm: str) -> None:
    assert {lead.verdict for lead in assess(simulate(rhythm, seed=5)).leads} == {"good"}


def test_missing_samples() -> None:
    def lose(n: int) -> Record:
        return changed(V2, lambda x: np.where(np.arange(len(x)) < n, np.nan, x))

    some = assess(lose(250))
    assert reasons(some) == ("5.0 % missing",)
    assert (some.verdict, some.leads[V2].verdict) == ("poor", "poor")
    many = assess(lose(1000))
    assert many.leads[V2].verdict == "bad"
    assert many.verdict == "poor"
    none = assess(lose(5000))
    assert reasons(none) == ("no samples",)
    with pytest.raises(QualityError, match=r"12 of 12 leads without a usable signal: 20\.0 % missing"):
        assess(changed(slice(None), lambda x: np.where(np.arange(len(x))[:, None] % 50 < 10, np.nan, x)))


def test_nothing_to_see_is_refused() -> None:
    with pytest.raises(QualityError, match="flat"):
        assess(replace(CLEAN, signal_mv=np.zeros((5000, 12), np.float32)))
    with pytest.raises(QualityError, match="no samples"):
        assess(replace(CLEAN, signal_mv=np.full((5000, 12), np.nan, np.float32)))


def test_low_voltage_is_doubted_and_not_refused() -> None:
    quality = assess(replace(CLEAN, signal_mv=CLEAN.signal_mv / 10))
    assert quality.verdict == "poor"
    assert any("implausibly low voltage" in note for note in quality.notes)


@pytest.mark.parametrize("scale", [1000, 1e6, 1e12, 1e30])
def test_absurd_amplitudes_are_wrong_units(scale: float) -> None:
    with pytest.raises(UnitsError, match="--units"):
        assess(replace(CLEAN, signal_mv=CLEAN.signal_mv * np.float32(scale)))


def test_one_absurd_sample_is_enough() -> None:
    signal = CLEAN.signal_mv.copy()
    signal[2500, 3] = 1e20
    with pytest.raises(UnitsError, match="a sample of over 1000000000 mV"):
        assess(replace(CLEAN, signal_mv=signal))


def test_short_recordings() -> None:
    quality = assess(replace(CLEAN, signal_mv=CLEAN.signal_mv[:3000]))
    assert quality.verdict == "poor"
    assert "only 6.0 s recorded, padded to 10 s" in quality.notes
    assert "only 9.9 s recorded, padded to 10 s" in assess(replace(CLEAN, signal_mv=CLEAN.signal_mv[:4970])).notes
    assert (
        assess(replace(CLEAN, signal_mv=CLEAN.signal_mv[:4975])).notes == CLEAN.notes
    )  # a few samples short of ten seconds
    with pytest.raises(QualityError, match=r"4\.98 s"):
        assess(replace(CLEAN, signal_mv=CLEAN.signal_mv[:2490]))


def test_strict_refuses_what_is_only_noted_otherwise() -> None:
    assert assess(CLEAN, strict=True).verdict == "good"
    flat = changed(V2, lambda x: x * 0)
    with pytest.raises(QualityError, match=r"V2 \(flat\)"):
        assess(flat, strict=True)
    with pytest.raises(QualityError, match=r"V6 \(not recorded\)"):
        assess(replace(CLEAN, signal_mv=CLEAN.signal_mv[:, :11], leads=LEADS[:11]), strict=True)
    lost = changed(V2, lambda x: np.where(np.arange(len(x)) == 7, np.nan, x))
    with pytest.raises(QualityError, match="missing"):
        assess(lost, strict=True)


REAL = {
    "chapman": "chapman/ECGDataDenoised/*.csv",
    "georgia": "cinc/georgia/*.hea",
    "cpsc": "cinc/cpsc*/*.hea",
    "ptb-xl 500 Hz": "ptb-xl/records500/*/*.hea",
    "ptb-xl 100 Hz": "ptb-xl/records100/1[05]000/*0_lr.hea",
    "mitdb": "mitdb/20[13].hea",
}


@pytest.mark.parametrize("name", REAL)
def test_real_recordings_are_mostly_good(ecg_data: Path, name: str) -> None:
    if name == "ptb-xl 100 Hz" and not (ecg_data / "ptb-xl/records100").is_dir():
        pytest.skip(f"{ecg_data}/ptb-xl holds no recordings at 100 Hz")
    files = sorted(ecg_data.glob(REAL[name]))
    assert files
    found = [assess(formats.read(file)) for file in files]
    leads = [lead for quality in found for lead in quality.leads]
    if name != "mitdb":  # whose two leads are a reason to doubt
        assert sum(quality.verdict == "good" for quality in found) >= 0.95 * len(found)
    assert not any(quality.gaps_s for quality in found)
    assert sum(lead.verdict == "good" for lead in leads) >= 0.98 * len(leads)


@pytest.mark.parametrize("lost", [np.nan, 0.0])
@pytest.mark.parametrize("rate_hz", [100, 360, 500])
def test_a_gap_in_all_leads_is_seen(lost: float, rate_hz: int) -> None:
    record = simulate("SR", seed=3, sampling_rate_hz=rate_hz)
    signal = record.signal_mv.copy()
    signal[3 * rate_hz : round(3.5 * rate_hz)] = lost
    quality = assess(replace(record, signal_mv=signal))
    ((start, end),) = quality.gaps_s
    assert (start, end) == pytest.approx((3.0, 3.5), abs=0.02)
    assert quality.verdict == "poor"
    assert any("no signal for 0.5 s, the first time at 3.0 s" in note for note in quality.notes)
    signal[:, 4] = record.signal_mv[:, 4]  # one lead went on
    assert not assess(replace(record, signal_mv=signal)).gaps_s


def test_most_leads_lost_are_refused() -> None:
    with pytest.raises(QualityError, match=r"7 of 12 leads without a usable signal: flat"):
        assess(changed(slice(0, 7), lambda x: x * 0))
    assert assess(changed(slice(0, 6), lambda x: x * 0)).verdict == "poor"
    with pytest.raises(QualityError, match="clipped"):
        assess(changed(slice(0, 7), lambda x: np.clip(x, -0.05, 0.05) * 20))


def test_leads_out_of_order_are_doubted() -> None:
    swapped = replace(CLEAN, leads=("I", "III", "II", *LEADS[3:]))
    assert any("I + III is not II" in note for note in assess(swapped).notes)
    copies = replace(CLEAN, signal_mv=np.repeat(CLEAN.signal_mv[:, :1], 12, axis=1))
    assert any("I + III is not II" in note for note in assess(copies).notes)


def test_a_column_that_counts_is_no_lead() -> None:
    counted = changed(0, lambda x: np.arange(len(x)) / 500)
    assert reasons(assess(counted), "I") == ("counts evenly, as a time or an index does",)


def test_high_voltage_is_doubted() -> None:
    assert any("implausibly high voltage" in note for note in assess(changed(slice(0, 12), lambda x: x * 20)).notes)


def test_few_leads_are_a_reason_to_doubt() -> None:
    one = replace(CLEAN, signal_mv=CLEAN.signal_mv[:, :1], leads=("I",))
    assert assess(one).verdict == "poor"
    two = replace(CLEAN, signal_mv=CLEAN.signal_mv[:, :2], leads=("I", "II"))
    assert assess(two).verdict == "poor"
    eight = replace(CLEAN, signal_mv=CLEAN.signal_mv[:, [0, 1, 6, 7, 8, 9, 10, 11]], leads=("I", "II", *LEADS[6:]))
    assert assess(eight).verdict == "good"
    empty = changed(slice(1, 12), lambda x: x * np.nan)  # named by the file, and empty: as one lead alone
    assert assess(empty).verdict == "poor"


def test_one_missing_sample_is_noted_and_no_more() -> None:
    row = changed(slice(0, 12), lambda x: np.where(np.arange(len(x))[:, None] == 700, np.nan, x))
    quality = assess(row)
    assert quality.verdict == "good"
    assert any("under 0.1 % missing" in note for note in quality.notes)
    with pytest.raises(QualityError, match="missing"):
        assess(row, strict=True)


def test_leads_are_judged_outside_the_gaps() -> None:
    long = simulate("SR", seed=3, duration_s=60)
    signal = long.signal_mv.copy()
    signal[: 15 * 500] = 0
    quality = assess(replace(long, signal_mv=signal))
    assert {lead.verdict for lead in quality.leads} == {"good"}
    assert quality.gaps_s[0] == pytest.approx((0.0, 15.0), abs=0.01)
    assert len(quality.gaps_s) == 1
    signal[: 56 * 500] = 0
    with pytest.raises(QualityError, match=r"a signal for 4\.0 s only"):
        assess(replace(long, signal_mv=signal))


@pytest.mark.parametrize(("seconds", "rate_hz"), [(10, 500), (20, 1000), (60, 500), (60, 1000)])
def test_a_time_column_is_no_lead_at_any_length(seconds: int, rate_hz: int) -> None:
    record = simulate("SR", seed=3, duration_s=seconds, sampling_rate_hz=rate_hz)
    signal = record.signal_mv.copy()
    signal[:, 0] = np.arange(len(signal)) / rate_hz
    assert "counts evenly" in reasons(assess(replace(record, signal_mv=signal)), "I")[0]


def test_leads_with_the_same_reasons_are_told_together() -> None:
    signal = CLEAN.signal_mv.copy()
    signal[:, [6, 8]] = 0
    assert "leads V1, V3 (flat)" in assess(replace(CLEAN, signal_mv=signal)).notes


def test_a_bad_limb_lead_is_not_built_on() -> None:
    flat = changed(0, lambda x: x * 0)
    notes = assess(flat).notes
    assert "I derived from II and III" in notes
    assert "lead I (flat)" in notes
    assert not any("I + III is not II" in note for note in notes)
    two = replace(CLEAN, signal_mv=flat.signal_mv[:, :2], leads=("I", "II"))
    assert any("I not usable, taken as zero" in note for note in assess(two).notes)
    (window,) = windows(two, ["I"])
    assert not window.signal_mv[:, [0, 2, 3, 4, 5]].any()
