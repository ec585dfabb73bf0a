"""What a textbook says of each rhythm, measured on simulated recordings by a delineator that is not ours (neurokit2).

The recordings are of people without further findings: a block or an old infarction changes what a rhythm looks like.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import LEADS, Record
from ecglite.simulator import Made, body, make, plan
from ecglite.simulator.activity import Activity, Beat

Floats = npt.NDArray[np.float64]

_SEARCHED: Final = 20_000
_FAST_BPM: Final = 140
_CLOSE_S: Final = 0.33


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on a recording; NaN where the measure found nothing.

    Attributes:
        rate_bpm: by the mean RR.
        rr_spread: longest less shortest RR, over the mean.
        rr_variation: standard deviation of RR over its mean.
        pr_ms: median from P onset to QRS onset in lead II.
        p_strays_ms: median distance of P's place before R from its median place, in lead II: small where P belongs to
            the beat.
        p_axis_deg: of the mean P in leads I and aVF; in a beat's own P, `p_axes_spread_deg` between the tenth and the
            ninetieth percentile.
        p_axes_spread_deg: see above.
        qrs_ms: median of QRS over the beats, in the one of II, V2 and V5 where it is longest.
        wave_bpm: the strongest oscillation between 3 and 10 Hz outside QRS, per minute, in the one of II, III, aVF and
            V1 where it is purest.
        f_bpm: the mean frequency of V1 between 3.5 and 10 Hz without its mean beat, per minute.
        after_qrs_ms: where from 90 to 210 ms after R the mean beat of III and aVF has its sharpest dip.
        after_qrs_mv: its height against its surroundings.
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
    f_bpm: float
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
    """Measures a recording at 500 Hz with all twelve leads."""
    rate = record.sampling_rate_hz
    peaks = r_peaks(record)
    rr = np.diff(peaks) / rate
    of_two = delineated(record, "II", peaks)
    p, onset, qrs_on = of_two["ECG_P_Peaks"], of_two["ECG_P_Onsets"], of_two["ECG_R_Onsets"]
    before = _until(p, peaks.astype(np.float64)) / rate * 1000
    axes, axis = _p_axes(record, p)
    after_ms, after_mv = _after_qrs(record, peaks)
    qrs = [_until(of["ECG_R_Onsets"], of["ECG_R_Offsets"]) for of in (delineated(record, n, peaks) for n in _OF_QRS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a median of nothing, which is NaN
        return Measured(
            rate_bpm=float(60 / rr.mean()),
            rr_spread=float(np.ptp(rr) / rr.mean()),
            rr_variation=float(rr.std() / rr.mean()),
            pr_ms=float(np.median(_until(onset, qrs_on) / rate * 1000)),
            p_strays_ms=float(np.median(np.abs(before - np.median(before)))),
            p_axis_deg=axis,
            p_axes_spread_deg=float(np.ptp(np.percentile(axes, [10, 90]))) if axes.size > 2 else float("nan"),
            qrs_ms=float(max(np.median(of) for of in qrs) / rate * 1000),
            wave_bpm=_wave_bpm(record, peaks),
            f_bpm=_f_bpm(record, peaks),
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


def mean_beat(record: Record, name: str, peaks: npt.NDArray[np.int64], before_s: float, after_s: float) -> Floats:
    """The median over the beats of a lead around R."""
    rate, signal = record.sampling_rate_hz, lead(record, name)
    places = peaks[:, None] + np.arange(round(-before_s * rate), round(after_s * rate))
    inside = (places >= 0).all(axis=1) & (places < signal.size).all(axis=1)
    return np.asarray(np.median(signal[places[inside]], axis=0))


def _wave_bpm(record: Record, peaks: npt.NDArray[np.int64]) -> float:
    """Per minute: of the leads II, III, aVF and V1 the one that oscillates most purely."""
    rate = record.sampling_rate_hz
    best = (float("nan"), 0.0)
    for name in ("II", "III", "aVF", "V1"):
        signal = lead(record, name) - np.median(lead(record, name))
        for peak in peaks:  # QRS is bridged by a straight line
            first, last = max(peak - round(0.05 * rate), 0), min(peak + round(0.07 * rate), signal.size - 1)
            signal[first : last + 1] = np.linspace(signal[first], signal[last], last - first + 1)
        hertz, power = _spectrum(signal, rate, 3.0)
        top = hertz[power.argmax()]
        share = float(power[np.abs(hertz - top) < 0.25].sum() / power.sum())
        if share > best[1]:
            best = (float(top * 60), share)
    return best[0]


def _f_bpm(record: Record, peaks: npt.NDArray[np.int64]) -> float:
    """Per minute, of V1: what is left when the mean beat is taken away, which an irregular rhythm allows."""
    rate, signal = record.sampling_rate_hz, lead(record, "V1")
    shortest = float(np.diff(peaks).min() / rate)
    before, after = min(0.1, 0.25 * shortest), min(0.5, 0.75 * shortest)
    beat = mean_beat(record, "V1", peaks, before, after)
    beat -= np.linspace(beat[0], beat[-1], beat.size)
    for peak in peaks:
        first = peak - round(before * rate)
        if first >= 0 and first + beat.size <= signal.size:
            signal[first : first + beat.size] -= beat
    hertz, power = _spectrum(signal - signal.mean(), rate, 3.5)
    return float((hertz * power).sum() / power.sum() * 60)


def _spectrum(signal: Floats, rate_hz: float, from_hz: float) -> tuple[Floats, Floats]:
    """Frequencies from `from_hz` to 10 Hz and the power at them."""
    power = np.abs(np.fft.rfft(signal * np.hanning(signal.size), 4 * signal.size)) ** 2
    hertz = np.fft.rfftfreq(4 * signal.size, 1 / rate_hz)
    band = (hertz > from_hz) & (hertz < 10)
    return np.asarray(hertz[band]), np.asarray(power[band])


def _after_qrs(record: Record, peaks: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The sharpest dip after QRS in III and aVF, ms and mV: a retrograde P."""
    rate = record.sampling_rate_hz
    reach = round(0.035 * rate)
    beat = np.mean([mean_beat(record, name, peaks, 0.0, 0.26) for name in ("III", "aVF")], axis=0)
    dips = np.zeros(beat.size)
    dips[reach:-reach] = beat[reach:-reach] - (beat[: -2 * reach] + beat[2 * reach :]) / 2
    window = slice(round(0.09 * rate), round(0.21 * rate))
    at = int(dips[window].argmin())
    return float((at + window.start) / rate * 1000), float(dips[window][at])


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

    def met(self, found: list[Measured], *, exactly: bool = False) -> float:
        """Share of the recordings within the limits and their tolerance, or within the limits alone."""
        less, more = (0.0, 0.0) if exactly else (self.less, self.more)
        return float(np.mean([self.low - less <= self.value(one) <= self.high + more for one in found]))


def markdown(rhythm: str, found: list[Measured]) -> str:
    """A table of a rhythm's criteria and the recordings that are within their limits, and within the tolerance too."""
    lines = [
        "| textbook | measured | limits | median (10 to 90 %) | within | tolerance | within it |",
        "|---|---|---|---:|---:|---|---:|",
    ]
    for criterion in CRITERIA:
        if criterion.rhythm == rhythm:
            low, middle, high = np.percentile([criterion.value(one) for one in found], [10, 50, 90])
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
            rhythm,
            "a P before each QRS, at the same distance",
            "stray of P before R in II, ms",
            lambda m: m.p_strays_ms,
            0,
            10,
        ),
        Criterion(
            rhythm, "PR 120 to 200 ms", "PR in II, ms", lambda m: m.pr_ms, 120, 200,
            less=20, more=15, reason="the error of neurokit2's PR against the truth",
        ),
    )  # fmt: skip


def _sinus_p(rhythm: str) -> Criterion:
    return Criterion(
        rhythm, "P upright in I and II: its axis 0 to 75 degrees", "axis of P, degrees", lambda m: m.p_axis_deg, 0, 75,
        less=15, more=15, reason="the error of the angle against the truth",
    )  # fmt: skip


def _ratio_error(m: Measured) -> float:
    """How far the waves to a beat are from a whole number, in percent of one; 0 where the conduction varies."""
    ratio = m.wave_bpm / m.rate_bpm
    return 0.0 if m.rr_variation > 0.04 else 100 * abs(ratio - round(ratio))


_OF_QRS: Final = ("II", "V2", "V5")

CRITERIA: Final = (
    _rate("SB", "sinus rhythm below 60/min", -np.inf, 60),
    *_with_p("SB"),
    _sinus_p("SB"),
    _narrow("SB"),
    _rate("SR", "60 to 100/min", 60, 100),
    _steady("SR", "regular", 8),
    *_with_p("SR"),
    _sinus_p("SR"),
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
        "mean frequency of V1 without its mean beat, per minute",
        lambda m: m.f_bpm,
        240,
        600,
    ),
    _narrow("AFIB"),
    _rate("ST", "sinus rhythm above 100/min", 100, np.inf),
    _steady("ST", "regular", 6),
    *_with_p("ST"),
    _sinus_p("ST"),
    _narrow("ST"),
    _rate("SVT", "100 to 250/min", 100, 250),
    _steady("SVT", "regular", 5),
    _narrow("SVT"),
    Criterion(
        "AF",
        "F waves of 190 to 350/min, without a pause between them",
        "strongest oscillation outside QRS, per minute",
        lambda m: m.wave_bpm,
        190,
        350,
        less=5,
        more=5,
        reason="the spectrum of 10 s resolves no more",
    ),
    Criterion(
        "AF",
        "conduction 2:1, 3:1, 4:1, or variable",
        "waves to a beat, % from a whole number where RR is regular",
        _ratio_error,
        0,
        8,
    ),
    _narrow("AF"),
    Criterion(
        "SA",
        "RR varies by over 10 %, with the breath",
        "longest less shortest RR, %",
        lambda m: 100 * m.rr_spread,
        10,
        200,
    ),
    *_with_p("SA"),
    _sinus_p("SA"),
    _narrow("SA"),
    Criterion(
        "AT",
        "the atria beat 100 to 250 times a minute, 1:1 or with block",
        "mean rate of the ventricles, per minute",
        lambda m: m.rate_bpm,
        40,
        250,
    ),
    _steady("AT", "regular", 6),
    Criterion(
        "AT",
        "a P of its own axis before each QRS",
        "stray of P before R in II, ms",
        lambda m: m.p_strays_ms,
        0,
        15,
        0.75,
    ),
    _narrow("AT"),
    _reentry_rate("AVNRT"),
    _steady("AVNRT", "regular", 4),
    _narrow("AVNRT"),
    _reentry_rate("AVRT"),
    _steady("AVRT", "regular", 4),
    _narrow("AVRT"),
    Criterion(
        "AVRT",
        "a negative P in the inferior leads after QRS, RP over 70 ms and under half of RR",
        "the dip's place after R, ms",
        lambda m: m.after_qrs_ms,
        85,
        200,
    ),
    Criterion("AVRT", "the same", "the dip's depth in III and aVF, mV", lambda m: m.after_qrs_mv, -2, -0.03, 0.75),
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
        "PR changes with it",
        "stray of P before R in II, ms",
        lambda m: m.p_strays_ms,
        4,
        np.inf,
    ),
    _narrow("SAAWR"),
)
"""After Surawicz and Knilans, Chou's Electrocardiography in Clinical Practice (2008), and Page et al. (2015)."""


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


def retrograde_p(rhythm: str, seed: int) -> RetrogradeP:
    """Of a recording without noise; a delineator cannot see a P that lies within QRS."""
    planned = plan(rhythm, seed)
    waves = [
        body.leads(activity, planned.person, np.random.default_rng(0), 500.0)[0]
        for activity in (planned.activity, _without_atria(planned.activity))
    ]
    p = waves[0] - waves[1]
    inferior = p[:, [LEADS.index(name) for name in ("II", "III", "aVF")]].mean(axis=1)
    size = np.abs(inferior) + np.abs(p[:, LEADS.index("V1")])
    rp = []
    for onset in planned.inside:
        first = round(onset * 500)
        beat = size[first : first + 125]
        if beat.size == 125:
            rp.append(2.0 * beat.argmax())
    return RetrogradeP(float(np.median(rp)), float(p[:, LEADS.index("V1")].max()), float(inferior.min()))


def _without_atria(activity: Activity) -> Activity:
    none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    return dataclasses.replace(activity, p_s=none, origins=no, sites=np.zeros((0, 3)), leads_to=no, pr_s=none)
