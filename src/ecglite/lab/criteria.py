"""What a textbook says of each rhythm, measured on recordings by code that knows nothing of the simulator.

R peaks, PR, the axis of P and QRS are neurokit2's. What it cannot see is measured here: P in the mean beat, F waves and
f waves beneath QRS and T, a retrograde P after QRS. Where the limits of those are no textbook's, they were chosen on
simulated recordings, and tests/simulator/test_criteria.py holds them against real ones.

The recordings are of people without further findings: a block or an old infarction changes what a rhythm looks like.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import Made, body, make, plan
from ecglite.simulator.activity import Beat
from ecglite.simulator.truth import Plan

Floats = npt.NDArray[np.float64]

_SEARCHED: Final = 20_000
_FAST_BPM: Final = 140
_CLOSE_S: Final = 0.33


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


@dataclass(frozen=True, slots=True)
class Criterion:
    """A sentence of the textbook, and how it is measured.

    Attributes:
        rhythm: whose.
        words: the textbook's.
        measure: what is measured, with its unit.
        value: of a measured recording.
        low, high: the limits of the words; where these name none, those that say as much of the measure.
        less, more: what the measure may be beyond them, because of `reason`.
        reason: of the tolerance.
        share: of the recordings that must be within the limits and their tolerance; the delineator errs in some.
    """

    rhythm: str
    words: str
    measure: str
    value: Callable[[Measured], float]
    low: float
    high: float
    share: float = 0.85
    less: float = 0.0
    more: float = 0.0
    reason: str = ""

    def holds(self, one: Measured, *, exactly: bool = False) -> bool:
        """Whether a recording is within the limits and their tolerance, or within the limits alone."""
        less, more = (0.0, 0.0) if exactly else (self.less, self.more)
        return self.low - less <= self.value(one) <= self.high + more

    def met(self, found: list[Measured], *, exactly: bool = False) -> float:
        """Share of the recordings for which it holds."""
        return float(np.mean([self.holds(one, exactly=exactly) for one in found]))


def matrix(found: Mapping[str, list[Measured]]) -> Floats:
    """[11, 11]: share of the recordings of each rhythm (rows) that meet all criteria of each (columns)."""
    return np.array(
        [
            [
                np.mean([all(c.holds(one) for c in CRITERIA if c.rhythm == asked) for one in found[of]])
                for asked in RHYTHMS
            ]
            for of in RHYTHMS
        ]
    )


def matrix_markdown(found: Mapping[str, list[Measured]]) -> str:
    """The matrix in percent, and why the definitions of some rhythms overlap."""
    shares = matrix(found)
    lines = [f"| of, % | {' | '.join(RHYTHMS)} |", f"|---|{'---:|' * len(RHYTHMS)}"]
    for of, row in zip(RHYTHMS, shares, strict=True):
        cells = [
            f"**{100 * share:.0f}**" if of == asked else f"{100 * share:.0f}"
            for asked, share in zip(RHYTHMS, row, strict=True)
        ]
        lines.append(f"| {of} | {' | '.join(cells)} |")
    lines += ["", "| of | meets those of | because |", "|---|---|---|"]
    lines += [f"| {', '.join(of)} | {asked} | {why} |" for asked, of, why in OVERLAPS]
    return "\n".join(lines)


def markdown(rhythm: str, found: list[Measured]) -> str:
    """A table of a rhythm's criteria and the recordings that are within their limits, and within the tolerance too."""
    lines = [
        "| textbook | measured | limits | median (10 to 90 %) | within | tolerance | within it |",
        "|---|---|---|---:|---:|---|---:|",
    ]
    for criterion in CRITERIA:
        if criterion.rhythm == rhythm:
            low, middle, high = np.nanpercentile([criterion.value(one) for one in found], [10, 50, 90])
            counts = [f"{round(criterion.met(found, exactly=e) * len(found))} of {len(found)}" for e in (True, False)]
            if criterion.reason:
                tolerance, also = f"{_beyond(criterion.less, criterion.more)}: {criterion.reason}", counts[1]
            else:
                tolerance, also = "none", ""
            lines.append(
                f"| {criterion.words} | {criterion.measure} | {_limits(criterion.low, criterion.high)} | "
                f"{_number(middle)} ({_number(low)} to {_number(high)}) | {counts[0]} | {tolerance} | {also} |"
            )
    return "\n".join(lines)


def _limits(low: float, high: float) -> str:
    if np.isinf(high):
        return f"from {low:g}"
    return f"to {high:g}" if np.isinf(low) else f"{low:g} to {high:g}"


def _beyond(less: float, more: float) -> str:
    if less == more:
        return f"{less:g}"
    return " and ".join(f"{value:g} {word}" for value, word in ((less, "below"), (more, "above")) if value)


def _number(value: float) -> str:
    return f"{value:.2f}" if 0 < abs(value) < 1 else f"{value:.0f}"


def _rate(rhythm: str, words: str, low: float, high: float) -> Criterion:
    return Criterion(
        rhythm, words, "mean rate, per minute", lambda m: m.rate_bpm, low, high,
        less=0.5, more=0.5, reason="RR of the few beats of 10 s",
    )  # fmt: skip


def _reentry_rate(rhythm: str) -> Criterion:
    return Criterion(
        rhythm, "140 to 250/min, slower in the old", "mean rate, per minute", lambda m: m.rate_bpm, 140, 250,
        less=35, more=5, reason="slower in the old; RR of the few beats of 10 s",
    )  # fmt: skip


def _steady(rhythm: str, words: str, high: float) -> Criterion:
    return Criterion(rhythm, words, "standard deviation of RR, %", lambda m: 100 * m.rr_variation, 0, high)


def _narrow(rhythm: str) -> Criterion:
    return Criterion(
        rhythm, "QRS narrow, under 120 ms", "QRS, ms", lambda m: m.qrs_ms, 40, 119, 0.75,
        more=2, reason="samples are 2 ms apart",
    )  # fmt: skip


def _with_p(rhythm: str) -> tuple[Criterion, ...]:
    return (
        Criterion(
            rhythm, "a P before each QRS, at the same distance", "stray of P before R in II, ms",
            lambda m: m.p_strays_ms, 0, 10,
        ),
        Criterion(rhythm, "the same", _P_BEFORE_QRS, lambda m: m.p_mv, _P_MV, np.inf),
        Criterion(
            rhythm, "PR 120 to 200 ms", "PR in II, ms", lambda m: m.pr_ms, 120, 200,
            less=20, more=15, reason="the error of neurokit2's PR against the truth",
        ),
    )  # fmt: skip


def _sinus_p(rhythm: str) -> tuple[Criterion, ...]:
    return (
        Criterion(
            rhythm, "P upright in I and II: its axis 0 to 75 degrees", "axis of P, degrees",
            lambda m: m.p_axis_deg, 0, 75, less=15, more=15, reason="the error of the angle against the truth",
        ),
        Criterion(
            rhythm, "and in V1 upright, then down, or flat", _P_ANGLE, lambda m: m.p_angle_deg, 0, 45,
            more=10, reason="people whose P axis is beyond the usual",
        ),
    )  # fmt: skip


def _no_p(rhythm: str, words: str, share: float = 0.85) -> Criterion:
    return Criterion(
        rhythm, words, _P_BEFORE_QRS, lambda m: m.p_mv, 0, _P_MV, share,
    )  # fmt: skip


def _retrograde(rhythm: str, words: str, from_ms: float, to_ms: float, from_mv: float) -> tuple[Criterion, ...]:
    return (
        Criterion(
            rhythm, words, "V1 less II, III and aVF: place of the peak after R, ms",
            lambda m: m.after_qrs_ms, from_ms, to_ms, 0.7,
        ),
        Criterion(rhythm, "the same", "its height, mV", lambda m: m.after_qrs_mv, from_mv, np.inf, 0.7),
    )  # fmt: skip


def _ratio_error(m: Measured) -> float:
    """How far the waves to a beat are from a whole number, in percent of one; 0 where the conduction varies."""
    if np.isnan(m.wave_bpm):
        return float("nan")
    ratio = m.wave_bpm / m.rate_bpm
    return 0.0 if m.rr_variation > 0.04 else 100 * abs(ratio - round(ratio))


def _atrial_bpm(m: Measured) -> float:
    """The atria's rate in atrial tachycardia: that of the beats, where they are fast, or of the waves between them."""
    return m.rate_bpm if m.rate_bpm >= 100 or m.wave_share < 0.5 else m.wave_bpm


def _flutter_bpm(m: Measured) -> float:
    """The rate of an oscillation that never rests; 0 where there is none."""
    return 0.0 if m.wave_share < _NEVER_RESTS else m.wave_bpm


_P_BEFORE_QRS: Final = "height of a P between T and QRS in I, II, aVF or V1, mV"
_SHARE: Final = "share of the steadiest oscillation in what the leads do outside QRS"
_P_ANGLE: Final = "angle of P in I, aVF and V1 to the sinus node's, degrees"
_P_MV: Final = 0.05
"""mV: what stands between T and QRS and is smaller is no P; P of the sinus node is 0.07 and more in nine of ten."""
_F_MV: Final = 0.02
"""mV: from which on what is left of V1 is taken for f waves; T varies by less where RR does."""
_NEVER_RESTS: Final = 0.55
"""Share of an oscillation in what the leads do outside QRS, from which on it is taken for F waves."""


_OF_QRS: Final = ("II", "V2", "V5")

CRITERIA: Final = (
    _rate("SB", "sinus rhythm below 60/min", -np.inf, 60),
    *_with_p("SB"),
    *_sinus_p("SB"),
    _narrow("SB"),
    _rate("SR", "60 to 100/min", 60, 100),
    _steady("SR", "regular", 8),
    *_with_p("SR"),
    *_sinus_p("SR"),
    _narrow("SR"),
    Criterion("AFIB", "irregularly irregular", "standard deviation of RR, %", lambda m: 100 * m.rr_variation, 8, 60),
    Criterion(
        "AFIB",
        "no P wave: what is taken for one strays",
        "stray of P before R in II, ms",
        lambda m: m.p_strays_ms,
        12,
        np.inf,
    ),
    Criterion(
        "AFIB",
        "f waves of 240 to 600/min",
        "strongest frequency of V1 without its mean beat, per minute",
        lambda m: m.f_bpm,
        240,
        600,
    ),
    Criterion("AFIB", "the same", "their amplitude, mV", lambda m: m.f_mv, _F_MV, np.inf),
    _narrow("AFIB"),
    _rate("ST", "sinus rhythm above 100/min", 100, np.inf),
    _steady("ST", "regular", 6),
    *_with_p("ST"),
    *_sinus_p("ST"),
    _narrow("ST"),
    _rate("SVT", "100 to 250/min", 100, 250),
    _steady("SVT", "regular", 5),
    Criterion("SVT", "no F waves", _SHARE, lambda m: m.wave_share, 0, _NEVER_RESTS, 0.8),  # P and T in turns look so
    _no_p("SVT", "no P of the sinus node before QRS: P is hidden, or follows QRS"),
    _narrow("SVT"),
    Criterion(
        "AF",
        "F waves of 220 to 350/min",
        "steadiest oscillation outside QRS, per minute",
        lambda m: m.wave_bpm,
        220,
        350,
        less=5,
        more=5,
        reason="the spectrum of 10 s resolves no more",
    ),
    Criterion(
        "AF",
        "without a pause between them",
        _SHARE,
        lambda m: m.wave_share,
        _NEVER_RESTS,
        1,
        0.8,
    ),
    Criterion(
        "AF",
        "conduction 2:1, 3:1, 4:1, or variable",
        "waves to a beat, % from a whole number where RR is regular",
        _ratio_error,
        0,
        8,
    ),
    Criterion("AF", "no P of the sinus node", _P_ANGLE, lambda m: m.p_angle_deg, 45, 180),
    _narrow("AF"),
    Criterion(
        "SA",
        "RR varies by over 0.12 s",
        "longest less shortest RR, ms",
        lambda m: m.rr_range_ms,
        120,
        np.inf,
    ),
    *_with_p("SA"),
    *_sinus_p("SA"),
    _narrow("SA"),
    Criterion(
        "AT",
        "the atria beat 100 to 250 times a minute, 1:1 or with block",
        "rate of the beats, or of the waves between slow ones, per minute",
        _atrial_bpm,
        100,
        250,
    ),
    Criterion(
        "AT",
        "an isoelectric line between P waves",
        "rate of an oscillation that never rests, per minute",
        _flutter_bpm,
        0,
        250,
    ),
    _steady("AT", "regular", 6),
    Criterion(
        "AT",
        "a P before each QRS, or each second",
        _P_BEFORE_QRS,
        lambda m: m.p_mv,
        _P_MV,
        np.inf,
        0.8,
    ),
    Criterion(
        "AT",
        "not that of the sinus node, unless the focus is beside it (crista terminalis: a third)",
        _P_ANGLE,
        lambda m: m.p_angle_deg,
        45,
        180,
        0.6,
    ),
    _narrow("AT"),
    _reentry_rate("AVNRT"),
    _steady("AVNRT", "regular", 4),
    _no_p("AVNRT", "no P before QRS"),
    *_retrograde(
        "AVNRT", "P at the end of QRS, RP under 70 ms: pseudo-r' in V1, pseudo-S in II, III and aVF", 30, 87, 0.07
    ),
    _narrow("AVNRT"),
    _reentry_rate("AVRT"),
    _steady("AVRT", "regular", 4),
    _no_p("AVRT", "no P before QRS"),
    *_retrograde("AVRT", "P in the ST segment, RP over 70 ms, inferiorly negative", 88, 160, 0.04),
    _narrow("AVRT"),
    _rate("SAAWR", "at most 100/min", -np.inf, 100),
    Criterion(
        "SAAWR",
        "P changes its shape from beat to beat",
        "axes of P, tenth to ninetieth percentile, degrees",
        lambda m: m.p_axes_spread_deg,
        45,
        360,
    ),
    Criterion(
        "SAAWR",
        "and gradually, over several beats",
        "change of P from beat to beat, 1 by chance",
        lambda m: m.p_jumps,
        0,
        0.9,
        0.6,
    ),
    Criterion(
        "SAAWR",
        "PR changes with it",
        "stray of P before R in II, ms",
        lambda m: m.p_strays_ms,
        4,
        np.inf,
    ),
    Criterion("SAAWR", "no f waves", "their amplitude, mV", lambda m: m.f_mv, 0, _F_MV),
    _narrow("SAAWR"),
)
"""After Surawicz and Knilans, Chou's Electrocardiography in Clinical Practice (2008), and Page et al. (2015)."""


DIAGONAL: Final = dict.fromkeys(RHYTHMS, 0.8) | {
    "SVT": 0.65,
    "AF": 0.65,
    "AT": 0.55,
    "AVNRT": 0.6,
    "AVRT": 0.6,
    "SAAWR": 0.6,
}
"""Share of a rhythm's recordings that meet all of its criteria, at the least. A third of the foci of AT lie beside the
sinus node; in some AVNRT P is hidden in QRS; in some AVRT over a left pathway P is nearly level inferiorly;
a pacemaker that wanders to and fro in 6 s has jumped in 10 s of slow beats. In some SVT P and T follow each other as F
waves do, and in some AF another oscillation is the steadier one. Of 30 recordings a share strays by 0.08."""
OTHERS: Final = 0.1
"""Share of another rhythm's recordings that meet them, at the most, where no overlap of the definitions is listed."""
OVERLAPS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("SA", ("SB", "SR"), "SA says how RR varies, SB and SR how fast it is: RR of 1 s varies by 0.12 s at rest"),
    ("SA", ("SAAWR",), "the pacemaker that wanders slows as it does, and most of its P are those of the sinus node"),
    ("SR", ("SA",), "the same; SA of 60 to 100/min whose RR strays little beside the longest and the shortest"),
    ("SB", ("SAAWR",), "slow, and most of its P waves are those of the sinus node"),
    ("ST", ("AT",), "1:1 from a focus beside the sinus node (crista terminalis): P is the sinus node's"),
    ("AF", ("AT",), "P, T and the next P at equal distances, or atria of over 220/min with block"),
    ("AFIB", ("AF",), "conduction that varies, and F waves of 240/min and more"),
    ("AF", ("SVT",), "P between two T at equal distances: two waves to a beat"),
    ("AT", ("ST",), "P of the sinus node whose axis is at the edge of the usual"),
    ("AT", ("AF",), "atria of 220 to 250/min, or F waves too small to fill the pauses"),
    ("SVT", ("AT",), "SVT contains it, where P is hidden in T or small"),
    ("SVT", ("AVNRT", "AVRT"), "SVT contains both"),
    ("AVNRT", ("SVT",), "SVT contains AVNRT"),
    ("AVRT", ("SVT",), "SVT contains AVRT"),
)
"""[whose criteria; met by; why]"""


@dataclass(frozen=True, slots=True)
class RetrogradeP:
    """What the atria add to a recording after QRS, by the difference to the same recording without them.

    Attributes:
        rp_ms: from QRS onset to the peak of that P, median.
        v1_mv: its highest in V1.
        inferior_mv: its lowest in the mean of II, III and aVF.
    """

    rp_ms: float
    v1_mv: float
    inferior_mv: float


def noiseless(planned: Plan, *, atria: bool = True) -> Record:
    """What the electrodes see of a plan before the recorder, at 500 Hz, with or without what the atria add."""
    activity = planned.activity
    if not atria:
        none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
        activity = dataclasses.replace(activity, p_s=none, origins=no, sites=np.zeros((0, 3)), leads_to=no, pr_s=none)
        activity = dataclasses.replace(activity, flutter=None, fibrillation=None)
    signal, _ = body.leads(activity, planned.person, np.random.default_rng(0), 500.0)
    return Record(signal.astype(np.float32), 500.0, LEADS)


def retrograde_p(rhythm: str, seed: int) -> RetrogradeP:
    """Of a recording without noise; a delineator cannot see a P that lies within QRS."""
    planned = plan(rhythm, seed)
    p = noiseless(planned).signal_mv - noiseless(planned, atria=False).signal_mv
    inferior = p[:, [LEADS.index(name) for name in ("II", "III", "aVF")]].mean(axis=1)
    size = np.abs(inferior) + np.abs(p[:, LEADS.index("V1")])
    rp = []
    for onset in planned.inside:
        first = round(onset * 500)
        beat = size[first : first + 125]
        if beat.size == 125:
            rp.append(2.0 * beat.argmax())
    return RetrogradeP(float(np.median(rp)), float(p[:, LEADS.index("V1")].max()), float(inferior.min()))
