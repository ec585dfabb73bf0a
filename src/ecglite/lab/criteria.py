"""What a textbook says of each rhythm, measured on simulated recordings by a delineator that is not ours (neurokit2).

The recordings are of people without further findings: a block or an old infarction changes what a rhythm looks like.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import Made, make, plan
from ecglite.simulator.activity import Beat

Floats = npt.NDArray[np.float64]

_SEARCHED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a recording; NaN where the measure found nothing.

    Attributes:
        rate_bpm: by the mean RR.
        rr_spread: longest less shortest RR, over the mean.
        rr_variation: standard deviation of RR over its mean.
        pr_ms: median from P onset to QRS onset in lead II.
        p_strays_ms: median distance of the P peak's place before R from its median, in lead II: small where P belongs to
            the beat.
        p_axis_deg: of the mean P in leads I and aVF; in a beat's own P, `p_axes_spread_deg` between the tenth and the
            ninetieth percentile.
        p_axes_spread_deg: see above.
        qrs_ms: median over the leads of the mean beat's QRS.
        wave_bpm: the strongest oscillation of the atria between 3 and 10 Hz, per minute, in II, III, aVF and V1.
        wave_purity: its share, with its harmonics' neighbourhood left out, of the power from 3 to 10 Hz.
        after_qrs_ms: where after R the mean beat has its sharpest small deflection, in III and aVF (down) or V1 (up).
        after_qrs_mv: its height against its surroundings, negative in III and aVF.
        after_v1_mv: the same of V1 within 90 ms of R, positive for a pseudo-r'.
    """

    rate_bpm: float
    rr_spread: float
    rr_variation: float
    pr_ms: float
    p_strays_ms: float
    p_axis_deg: float
    p_axes_spread_deg: float
    qrs_ms: float
    wave_bpm: float
    wave_purity: float
    after_qrs_ms: float
    after_qrs_mv: float
    after_v1_mv: float


def plain(rhythm: str, n: int, *, seed: int = 0, duration_s: float = 10.0, noise: float = 1.0) -> list[Made]:
    """The first `n` recordings from `seed` on of people without further findings, all of whose beats are normal.

    Args:
        rhythm: abbreviation of one of the eleven.
        n: how many.
        seed: the first to be looked at.
        duration_s: of each.
        noise: as make().
    """
    found: list[Made] = []
    for number in range(seed, seed + _SEARCHED):
        planned = plan(rhythm, number, duration_s=duration_s)
        person = planned.person
        usual = person.qrs_s < 0.11 and -20 <= person.qrs_axis_deg <= 90 and -30 <= person.t_axis_deg <= 110
        if person.traits or not usual or person.age_years < 16 or (planned.activity.beats != Beat.NORMAL).any():
            continue
        found.append(make(rhythm, number, duration_s=duration_s, noise=noise))
        if len(found) == n:
            break
    return found


def lead(record: Record, name: str) -> Floats:
    """One lead in mV."""
    return record.signal_mv[:, LEADS.index(name)].astype(np.float64)


def r_peaks(record: Record) -> npt.NDArray[np.int64]:
    """Samples of the R peaks by neurokit2, in the one of II, V2 and V5 that has the largest QRS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        rate = int(record.sampling_rate_hz)
        tallest = max(("II", "V2", "V5"), key=lambda name: float(np.ptp(lead(record, name))))
        clean = neurokit2.ecg_clean(lead(record, tallest), rate)
        # Its default of 0.3 s between peaks would halve rates above 200/min.
        found = neurokit2.ecg_findpeaks(clean, rate, mindelay=0.2)
    return np.asarray(found["ECG_R_Peaks"], dtype=np.int64)


def measured(record: Record) -> Measured:
    """Measures a recording at 500 Hz with all twelve leads."""
    rate = record.sampling_rate_hz
    peaks = r_peaks(record)
    rr = np.diff(peaks) / rate
    of_two = _delineated(record, peaks)
    p, onset, qrs_on = of_two["ECG_P_Peaks"], of_two["ECG_P_Onsets"], of_two["ECG_R_Onsets"]
    before = (peaks[: p.size] - p) / rate * 1000
    before = before[np.isfinite(before)]
    axes, axis = _p_axes(record, p)
    wave, purity = _atrial_waves(record, peaks)
    after_ms, after_mv, v1_mv = _after_qrs(record, peaks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a median of nothing, which is NaN
        return Measured(
            rate_bpm=float(60 / rr.mean()),
            rr_spread=float(np.ptp(rr) / rr.mean()),
            rr_variation=float(rr.std() / rr.mean()),
            pr_ms=float(np.nanmedian((qrs_on - onset) / rate * 1000)),
            p_strays_ms=float(np.median(np.abs(before - np.median(before)))),
            p_axis_deg=axis,
            p_axes_spread_deg=float(np.ptp(np.percentile(axes, [10, 90]))) if axes.size > 2 else float("nan"),
            qrs_ms=_qrs_ms(record, peaks),
            wave_bpm=wave,
            wave_purity=purity,
            after_qrs_ms=after_ms,
            after_qrs_mv=after_mv,
            after_v1_mv=v1_mv,
        )


def _delineated(record: Record, peaks: npt.NDArray[np.int64]) -> dict[str, Floats]:
    """neurokit2's places of the waves in lead II, in samples, NaN where it finds none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        rate = int(record.sampling_rate_hz)
        clean = neurokit2.ecg_clean(lead(record, "II"), rate)
        _, found = neurokit2.ecg_delineate(clean, peaks, sampling_rate=rate, method="dwt")
    return {name: np.asarray(places, dtype=np.float64) for name, places in found.items()}


def _p_axes(record: Record, p: Floats) -> tuple[Floats, float]:
    """The axis of each P that was found, and of their mean: against the line 60 ms before to 60 ms after the peak."""
    reach = round(0.06 * record.sampling_rate_hz)
    at = p[np.isfinite(p)].astype(np.int64)
    at = at[(at >= reach) & (at < record.signal_mv.shape[0] - reach)]
    if not at.size:
        return np.zeros(0), float("nan")
    height = [lead(record, n)[at] - (lead(record, n)[at - reach] + lead(record, n)[at + reach]) / 2 for n in ("I", "aVF")]
    axes = np.rad2deg(np.arctan2(height[1] * 2 / np.sqrt(3), height[0]))
    mean = np.rad2deg(np.arctan2(np.median(height[1]) * 2 / np.sqrt(3), np.median(height[0])))
    return np.asarray(axes), float(mean)


def mean_beat(record: Record, name: str, peaks: npt.NDArray[np.int64], before_s: float, after_s: float) -> Floats:
    """The median over the beats of a lead around R."""
    rate, signal = record.sampling_rate_hz, lead(record, name)
    places = peaks[:, None] + np.arange(round(-before_s * rate), round(after_s * rate))
    inside = (places >= 0).all(axis=1) & (places < signal.size).all(axis=1)
    return np.asarray(np.median(signal[places[inside]], axis=0))


def _qrs_ms(record: Record, peaks: npt.NDArray[np.int64]) -> float:
    """From the first to the last time that the mean beat's twelve leads together move faster than a tenth of their best."""
    beat = np.stack([mean_beat(record, name, peaks, 0.1, 0.14) for name in LEADS], axis=1)
    speed = np.sqrt((np.diff(beat, axis=0) ** 2).sum(axis=1))
    smooth = np.convolve(speed, np.ones(5) / 5, mode="same")
    fast = np.flatnonzero(smooth > 0.1 * smooth.max())
    return float((fast[-1] - fast[0]) / record.sampling_rate_hz * 1000)


def _atrial_waves(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Per minute and share of power: of the leads II, III, aVF and V1 the one that oscillates most purely."""
    rate = record.sampling_rate_hz
    best = (float("nan"), 0.0)
    for name in ("II", "III", "aVF", "V1"):
        signal = lead(record, name) - np.median(lead(record, name))
        for peak in peaks:  # QRS is bridged by a straight line
            first, last = max(peak - round(0.05 * rate), 0), min(peak + round(0.07 * rate), signal.size - 1)
            signal[first : last + 1] = np.linspace(signal[first], signal[last], last - first + 1)
        power = np.abs(np.fft.rfft(signal * np.hanning(signal.size), 4 * signal.size)) ** 2
        hertz = np.fft.rfftfreq(4 * signal.size, 1 / rate)
        band = (hertz > 3) & (hertz < 10)
        top = hertz[band][power[band].argmax()]
        near = band & (np.abs(hertz - top) < 0.25)
        share = float(power[near].sum() / power[band].sum())
        if share > best[1]:
            best = (float(top * 60), share)
    return best


def _after_qrs(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """The sharpest small deflection after QRS: a retrograde P, down in III and aVF, up in V1."""
    rate = record.sampling_rate_hz
    reach = round(0.03 * rate)

    def against_chord(name: str) -> Floats:
        beat = mean_beat(record, name, peaks, 0.0, 0.24)
        out = np.zeros(beat.size)
        out[reach:-reach] = beat[reach:-reach] - (beat[: -2 * reach] + beat[2 * reach :]) / 2
        return out

    down = against_chord("III") + against_chord("aVF")
    window = slice(round(0.07 * rate), round(0.2 * rate))
    at = int(down[window].argmin())
    early = against_chord("V1")[round(0.035 * rate) : round(0.09 * rate)]
    return float((at + window.start) / rate * 1000), float(down[window][at] / 2), float(early.max())
