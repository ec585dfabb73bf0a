"""What is measured on a recording, by code that knows nothing of the simulator.

R peaks, PR, the axis of P and QRS are neurokit2's. What it cannot see is measured here: P in the mean beat, F waves and
f waves beneath QRS and T, a retrograde P after QRS.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import LEADS, Record

Floats = npt.NDArray[np.float64]

_FAST_BPM: Final = 140
_CLOSE_S: Final = 0.33
_OF_QRS: Final = ("II", "V2", "V5")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a recording; NaN where the measure found nothing.

    Attributes:
        rate_bpm: by the mean RR.
        rr_range_ms: longest less shortest RR.
        rr_variation: standard deviation of RR over its mean.
        pr_ms: median from P onset to QRS onset in lead II.
        p_strays_ms: median distance of P's place before R from its median place, in lead II: small where P belongs to
            the beat.
        p_axis_deg: of the mean P in leads I and aVF; in a beat's own P, `p_axes_spread_deg` between the tenth and the
            ninetieth percentile.
        p_axes_spread_deg: see above.
        p_jumps: mean square of how P differs from the one before, over twice the variance of all (von Neumann's ratio):
            1 where it changes by chance, less where it wanders.
        p_mv: how far the most prominent wave of the mean beat rises or falls between the end of a usual T and QRS, in
            any of I, II, aVF and V1.
        p_angle_deg: of that wave, between its vector and that of a P from the sinus node; see _before_qrs().
        qrs_ms: median of QRS over the beats, in the one of II, V2 and V5 where it is longest.
        wave_bpm: the rate of the steadiest oscillation of the leads, faster than the beats; see _oscillation().
        wave_share: its share of all that the leads do outside QRS.
        f_bpm: the strongest frequency of V1 without its mean beat, per minute; see _f_waves().
        f_mv: the amplitude of what is left there.
        after_qrs_ms: where from 30 to 160 ms after R the mean beat has its most prominent peak in V1 less II, III and
            aVF: a retrograde P is upright there and inferiorly negative.
        after_qrs_mv: its prominence.
    """

    rate_bpm: float
    rr_range_ms: float
    rr_variation: float
    pr_ms: float
    p_strays_ms: float
    p_axis_deg: float
    p_axes_spread_deg: float
    p_jumps: float
    p_mv: float
    p_angle_deg: float
    qrs_ms: float
    wave_bpm: float
    wave_share: float
    f_bpm: float
    f_mv: float
    after_qrs_ms: float
    after_qrs_mv: float


def lead(record: Record, name: str) -> Floats:
    """One lead in mV."""
    return record.signal_mv[:, LEADS.index(name)].astype(np.float64)


def r_peaks(record: Record) -> npt.NDArray[np.int64]:
    """Samples of the R peaks by neurokit2's ecg_peaks, a vote of I, II and V1 to V6: half of them see a beat.

    Its 0.3 s between peaks would halve rates above 200/min: where those of `_fast_peaks` are closer, they are taken.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        rate = int(record.sampling_rate_hz)
        cleaned = np.stack([neurokit2.ecg_clean(lead(record, name), rate) for name in ("I", "II", *LEADS[6:])], axis=1)
        votes = np.zeros(len(cleaned))
        for signal in cleaned.T:
            seen = np.asarray(neurokit2.ecg_peaks(signal, rate)[1]["ECG_R_Peaks"], dtype=np.int64)
            near = np.zeros(len(cleaned))
            for at in seen:
                near[max(at - round(0.05 * rate), 0) : at + round(0.05 * rate)] = 1
            votes += near
        edges = np.flatnonzero(np.diff(np.concatenate([[0], votes >= cleaned.shape[1] / 2, [0]]).astype(np.int64)))
        found = edges.reshape(-1, 2).sum(axis=1) // 2
        fast = _fast_peaks(cleaned, rate)
        rr = np.diff(fast) / rate
        if found.size < 3 or (rr.size > 2 and 60 / rr.mean() > _FAST_BPM and np.quantile(rr, 0.25) < _CLOSE_S):
            found = fast
    height = np.abs(cleaned).sum(axis=1)
    reach = round(0.04 * rate)
    inside = found[(found >= reach) & (found < len(height) - reach)]  # the delineator needs some samples on both sides
    peaks = np.array([at - reach + int(height[at - reach : at + reach].argmax()) for at in inside], dtype=np.int64)
    beats = np.split(peaks, np.flatnonzero(np.diff(peaks) > 0.15 * rate) + 1)  # leads may see one beat at two places
    return np.array([of[height[of].argmax()] for of in beats if of.size], dtype=np.int64)


def _fast_peaks(cleaned: Floats, rate: int) -> npt.NDArray[np.int64]:
    """Peaks 0.2 s apart and more, by neurokit2, which is given how fast all leads together move: a tall T is no beat.

    Where the beats are so close that it sees none in that, a lead at a time is looked at.
    """
    import neurokit2

    speed = np.sqrt((np.diff(cleaned, axis=0, prepend=cleaned[:1]) ** 2).sum(axis=1))
    smooth = np.convolve(speed, np.hanning(round(0.06 * rate)), mode="same")
    for signal in (smooth, cleaned[:, 6], cleaned[:, 1]):
        found = np.asarray(neurokit2.ecg_findpeaks(signal, rate, mindelay=0.2)["ECG_R_Peaks"], dtype=np.int64)
        if found.size >= 4:
            break
    return found


def measured(record: Record) -> Measured:
    """Measures a recording at 500 Hz with all twelve leads; NaN throughout where it has under three beats."""
    rate = record.sampling_rate_hz
    peaks = r_peaks(record) if np.ptp(record.signal_mv, axis=0).all() else np.zeros(0, np.int64)
    if peaks.size < 3:
        return Measured(**{field.name: float("nan") for field in dataclasses.fields(Measured)})
    rr = np.diff(peaks) / rate
    of_two = delineated(record, "II", peaks)
    p, onset, qrs_on = of_two["ECG_P_Peaks"], of_two["ECG_P_Onsets"], of_two["ECG_R_Onsets"]
    before = _until(p, peaks.astype(np.float64)) / rate * 1000
    axes, axis = _p_axes(record, p)
    p_mv, p_angle = _before_qrs(record, peaks)
    wave_bpm, wave_share = _oscillation(record, peaks)
    f_bpm, f_mv = _f_waves(record, peaks)
    after_ms, after_mv = _after_qrs(record, peaks)
    qrs = [_until(of["ECG_R_Onsets"], of["ECG_R_Offsets"]) for of in (delineated(record, n, peaks) for n in _OF_QRS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a median of nothing, which is NaN
        return Measured(
            rate_bpm=float(60 / rr.mean()),
            rr_range_ms=float(np.ptp(rr) * 1000),
            rr_variation=float(rr.std() / rr.mean()),
            pr_ms=float(np.median(_until(onset, qrs_on) / rate * 1000)),
            p_strays_ms=float(np.median(np.abs(before - np.median(before)))),
            p_axis_deg=axis,
            p_axes_spread_deg=float(np.ptp(np.percentile(axes, [10, 90]))) if axes.size > 2 else float("nan"),
            p_jumps=_p_jumps(record, p),
            p_mv=p_mv,
            p_angle_deg=p_angle,
            qrs_ms=float(max(np.median(of) for of in qrs) / rate * 1000),
            wave_bpm=wave_bpm,
            wave_share=wave_share,
            f_bpm=f_bpm,
            f_mv=f_mv,
            after_qrs_ms=after_ms,
            after_qrs_mv=after_mv,
        )


def delineated(record: Record, name: str, peaks: npt.NDArray[np.int64]) -> dict[str, Floats]:
    """neurokit2's places of the waves in a lead, in samples, NaN where it finds none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        rate = int(record.sampling_rate_hz)
        clean = neurokit2.ecg_clean(lead(record, name), rate)
        _, found = neurokit2.ecg_delineate(clean, peaks, sampling_rate=rate, method="prominence")
    return {name: np.asarray(places, dtype=np.float64) for name, places in found.items()}


def _until(first: Floats, then: Floats) -> Floats:
    """From each of `first` that was found to the next of `then`, in samples."""
    first, then = first[np.isfinite(first)], np.sort(then[np.isfinite(then)])
    at = np.searchsorted(then, first)
    return np.asarray(then[at[at < then.size]] - first[at < then.size])


def _p_axes(record: Record, p: Floats) -> tuple[Floats, float]:
    """The axis of each P that was found, and of their mean: against the line 60 ms before to 60 ms after the peak."""
    reach = round(0.06 * record.sampling_rate_hz)
    at = p[np.isfinite(p)].astype(np.int64)
    at = at[(at >= reach) & (at < record.signal_mv.shape[0] - reach)]
    if not at.size:
        return np.zeros(0), float("nan")
    height = [
        lead(record, n)[at] - (lead(record, n)[at - reach] + lead(record, n)[at + reach]) / 2 for n in ("I", "aVF")
    ]
    axes = np.rad2deg(np.arctan2(height[1] * 2 / np.sqrt(3), height[0]))
    mean = np.rad2deg(np.arctan2(np.median(height[1]) * 2 / np.sqrt(3), np.median(height[0])))
    return np.asarray(axes), float(mean)


def _p_jumps(record: Record, p: Floats) -> float:
    """Of P in leads I and aVF, a mean over 40 ms, against the line between means of 20 ms 60 ms before and after it."""
    rate, n = record.sampling_rate_hz, record.signal_mv.shape[0]
    reach, around = round(0.06 * rate), np.arange(round(-0.02 * rate), round(0.02 * rate) + 1)
    at = p[np.isfinite(p)].astype(np.int64)
    at = at[(at >= reach + around[-1]) & (at < n - reach - around[-1])]
    if at.size < 4:
        return float("nan")
    both = np.stack([lead(record, "I"), lead(record, "aVF") * 2 / np.sqrt(3)], axis=1)
    low, high = (both[at[:, None] + off + around // 2].mean(axis=1) for off in (-reach, reach))
    vectors = both[at[:, None] + around].mean(axis=1) - (low + high) / 2  # [n_p, 2]
    spread = float(((vectors - vectors.mean(axis=0)) ** 2).mean(axis=0).sum())
    return float((np.diff(vectors, axis=0) ** 2).mean(axis=0).sum() / max(2 * spread, 1e-12))


def mean_beat(record: Record, names: Sequence[str], peaks: npt.NDArray[np.int64], from_s: float, to_s: float) -> Floats:
    """[n_samples, n_leads], mV: the median over the beats, from and to so long after R, between 0.5 and 25 Hz."""
    from scipy.signal import butter, sosfiltfilt

    rate = record.sampling_rate_hz
    signal = np.stack([lead(record, name) for name in names], axis=1)
    signal = sosfiltfilt(butter(2, [0.5, 25], "band", fs=rate, output="sos"), signal, axis=0)
    places = peaks[:, None] + np.arange(round(from_s * rate), round(to_s * rate))
    inside = (places >= 0).all(axis=1) & (places < len(signal)).all(axis=1)
    return np.asarray(np.median(signal[places[inside]], axis=0))


def _prominent(wave: Floats, first: int = 0, last: int | None = None, reach: int | None = None) -> tuple[int, float]:
    """The sample and the prominence of the most prominent peak from `first` to `last`, -1 and 0 where there is none.

    Its feet are looked for within `reach` samples, or in all of the wave.
    """
    from scipy.signal import find_peaks

    at, of = find_peaks(wave, prominence=0.0, wlen=reach)
    inside = (at >= first) & (at <= (len(wave) if last is None else last))
    if not inside.any():
        return -1, 0.0
    best = int(np.where(inside, of["prominences"], -1.0).argmax())
    return int(at[best]), float(of["prominences"][best])


def _before_qrs(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """A P that stands apart before QRS, in the mean beat: its height in mV, and its angle to a P of the sinus node.

    It is looked for from where T usually ends (QT of 410 ms at 60/min, after Fridericia; R comes 40 ms after QRS began)
    to 50 ms before R. The vector is the mean over 60 ms on both sides of the peak against the line between their ends:
    of I, of aVF, and of V1 up to the peak. From the sinus node it has an axis of 45 degrees and V1 is biphasic, first
    up, then down: up to the peak about level. A P from a focus may have that axis too, and be down in V1 from its onset
    on (tricuspid annulus) or upright throughout (left atrium; Kistler et al., JACC 48:1010, 2006).
    """
    names, rate = ("I", "II", "aVF", "V1"), record.sampling_rate_hz
    rr = float(np.median(np.diff(peaks)) / rate)
    free = float(np.clip(rr - 0.41 * np.cbrt(rr) + 0.04, 0.09, 0.26))
    beat = mean_beat(record, names, peaks, -free - 0.03, -0.05)
    found = [_prominent(sign * wave) for wave in beat.T for sign in (1.0, -1.0)]
    at, height = max(found, key=lambda one: one[1])
    if at < 0:
        return 0.0, float("nan")
    reach = round(0.06 * rate)
    first, last = max(at - reach, 0), min(at + reach, len(beat) - 1)
    wave = beat[first : last + 1]
    wave = wave - wave[0] - (wave[-1] - wave[0]) * np.linspace(0, 1, len(wave))[:, None]
    vector = np.array([wave[:, 0].mean(), wave[:, 2].mean() * 2 / np.sqrt(3), wave[: max(at - first, 1), 3].mean()])
    sinus = (vector[0] + vector[1]) / np.sqrt(2) / np.linalg.norm(vector)
    return height, float(np.rad2deg(np.arccos(np.clip(sinus, -1, 1))))


def _oscillation(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The steadiest oscillation of the leads that is faster than the beats, per minute, and its share of what they do.

    F waves that are conducted n to one are in the mean beat too, so that QRS and T cannot be taken away beat by beat.
    They are taken away in space: QRS is bridged, and of all weighted sums of I, II, V1, V2 and V5 that one is looked at
    whose power is most that of the rate and its double (periodic component analysis; Sameni et al., IEEE Trans Biomed
    Eng 55:1935, 2008). T has another direction than the F waves, and another rate, and is left out of that sum. The
    rate is looked for from 1.4 times the beats' on, and from 120 to 420/min, in steps of 2.
    """
    from scipy.signal import butter, sosfiltfilt

    rate = record.sampling_rate_hz
    signal = np.stack([lead(record, name) for name in ("I", "II", "V1", "V2", "V5")], axis=1)
    signal = sosfiltfilt(butter(2, [0.7, 20], "band", fs=rate, output="sos"), signal, axis=0)
    for peak in peaks:
        first, last = max(peak - round(0.05 * rate), 0), min(peak + round(0.07 * rate), len(signal) - 1)
        bridge = np.linspace(0, 1, last - first + 1)[:, None]
        signal[first : last + 1] = signal[first] + (signal[last] - signal[first]) * bridge
    step = round(rate / 50)
    signal = signal[::step]
    time_s = np.arange(len(signal)) * step / rate
    power = signal.T @ signal / len(signal) + np.eye(signal.shape[1]) * 0.005**2  # as much as the recorder's noise
    whiten = np.linalg.inv(np.linalg.cholesky(power))
    best = (float("nan"), 0.0)
    for bpm in np.arange(max(120.0, 1.4 * 60 * rate / np.diff(peaks).mean()), 420.0, 2.0):
        turns = 2 * np.pi * bpm / 60 * time_s
        waves = np.stack([np.cos(turns), np.sin(turns), np.cos(2 * turns), np.sin(2 * turns)], axis=1)
        fitted = waves @ np.linalg.lstsq(waves, signal, rcond=None)[0]
        share = float(np.linalg.eigvalsh(whiten @ (fitted.T @ fitted / len(signal)) @ whiten.T)[-1])
        if share > best[1]:
            best = (float(bpm), share)
    return best


def _f_waves(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """What is left of V1 without its mean QRS-T, which an irregular rhythm allows: its rate per minute, and mV.

    Both outside QRS, between 3 and 12 Hz: the rate is the strongest, the amplitude that of normal deviates of the
    median power, as a sine's.
    """
    from scipy.signal import butter, sosfiltfilt

    rate, signal = record.sampling_rate_hz, lead(record, "V1")
    shortest = float(np.diff(peaks).min() / rate)
    before, after = min(0.3, 0.4 * shortest), min(0.5, 0.6 * shortest)
    signal = sosfiltfilt(butter(2, [3, 12], "band", fs=rate, output="sos"), signal)
    places = peaks[:, None] + np.arange(round(-before * rate), round(after * rate))
    places = places[(places >= 0).all(axis=1) & (places < signal.size).all(axis=1)]
    left, counted = signal.copy(), np.zeros(signal.size, bool)
    left[places] -= np.median(signal[places], axis=0)
    counted[places] = True
    for peak in peaks:
        counted[max(peak - round(0.06 * rate), 0) : peak + round(0.08 * rate)] = False
    power = np.abs(np.fft.rfft(np.where(counted, left, 0.0) * np.hanning(left.size), 4 * left.size))
    hertz = np.fft.rfftfreq(4 * left.size, 1 / rate)
    power[(hertz < 3) | (hertz > 12)] = 0
    of_normal = 0.455  # the median of the square of a normal deviate
    amplitude = np.sqrt(2 * np.median(left[counted] ** 2) / of_normal) if counted.any() else np.nan
    return float(hertz[power.argmax()] * 60), float(amplitude)


def _after_qrs(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """A retrograde P after QRS, in V1 less the mean of II, III and aVF: ms after R, and prominence in mV."""
    rate = record.sampling_rate_hz
    beat = mean_beat(record, ("V1", "II", "III", "aVF"), peaks, 0.0, 0.28)
    both = beat[:, 0] - beat[:, 1:].mean(axis=1)
    at, height = _prominent(both, round(0.03 * rate), round(0.16 * rate), round(0.1 * rate))
    return (float(at / rate * 1000), height) if at >= 0 else (float("nan"), 0.0)
