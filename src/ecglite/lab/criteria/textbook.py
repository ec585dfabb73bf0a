"""The textbook's sentences of each rhythm as limits of what is measured.

Where the limits are no textbook's, they were chosen on simulated recordings, and tests/simulator/test_criteria.py holds
them against real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.lab.criteria.measures import Measured

_P_BEFORE_QRS: Final = "height of a P between T and QRS in I, II, aVF or V1, mV"
_SHARE: Final = "share of the steadiest oscillation in what the leads do outside QRS"
_P_ANGLE: Final = "angle of P in I, aVF and V1 to the sinus node's, degrees"
_P_MV: Final = 0.05
"""mV: what stands between T and QRS and is smaller is no P; P of the sinus node is 0.07 and more in nine of ten."""
_F_MV: Final = 0.02
"""mV: from which on what is left of V1 is taken for f waves; T varies by less where RR does."""
_NEVER_RESTS: Final = 0.55
"""Share of an oscillation in what the leads do outside QRS, from which on it is taken for F waves."""


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
