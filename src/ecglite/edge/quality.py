"""Is the recording fit to be classified: a verdict per lead, with reasons, and a refusal where there is nothing to see.

Poor leads are reported, not dropped: the model has learned to live with noise and lost leads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import QualityError, UnitsError
from ecglite.edge.record import LEADS, Record, plain
from ecglite.edge.windows import MIN_DURATION_S, derived_leads, fill_missing, lead_notes, refuse_short

MAX_MISSING_SHARE: Final = 0.1
"""A lead with more missing samples than this is bad."""

GAP_FEW_LEADS_S: Final = 1.5
"""The same for one or two live leads, which a coarse recorder can show at rest between two beats."""

HARMLESS_MISSING_SHARE: Final = 0.01
"""A lead with no more missing samples than this is good all the same; they are noted."""

EMPTY: Final = "no samples"
"""The reason given for a lead that the file names and has no sample of."""

GAP_S: Final = 0.3
"""All leads missing or at rest for so long is a gap: no living heart's recording is that still."""

CLIPPED: Final = "clipped"
"""The reason given for a lead that was cut off at the limit of the recorder's range."""

FLAT_MV: Final = 0.01
"""A lead whose samples stay within this for nine tenths of each second is flat."""

POOR_FLAT_SHARE: Final = 0.2
"""A lead that is flat in a larger share of its seconds is poor, in more than half of them bad."""

CLIPPED_SHARE: Final = 0.004
"""A lead with a larger share of its samples in plateaus at its greatest or least value is clipped: 40 ms in 10 s."""

NOISY_SHARE: Final = 0.06
"""Noise between the beats with a larger standard deviation than this share of the peak to peak is noted. Of the leads
of PTB-XL 0.2 % have so much, of Chapman, Georgia and CPSC none to 0.3 %."""

NOISY_MV: Final = 0.025
"""Noise below this, of which every recording has some, is not noted in a lead of low voltage either."""

LOW_VOLTAGE_MV: Final = 0.3
"""Median peak to peak of the limb leads below which the stated gain is doubted."""

HIGH_VOLTAGE_MV: Final = 8.0
"""Median peak to peak above which the stated gain is doubted."""

AT_ODDS_SHARE: Final = 0.4
AT_ODDS_MV: Final = 0.2
"""I + III - II beyond this, and beyond that share of the leads' own range, is not noise but a wrong order or name."""

ABSURD_MV: Final = 100.0
"""No electrode delivers this, peak to peak over one second, median over the leads: the units are wrong."""

ABSURD_SAMPLE_MV: Final = 1e6
"""Nor a kilovolt in any single sample."""

SHORT_S: Final = 9.95
"""Less than this is noted as padded; a few samples short of ten seconds are how some recorders end."""

_PLATEAU_S: Final = 0.01  # and three samples: an extreme value comes twice running now and then
_AWAY_SHARE: Final = 0.2  # of the span: a limit so near to the median is where the baseline rests


@dataclass(frozen=True, slots=True)
class LeadQuality:
    """One lead: `verdict` is "good", "poor" or "bad"; `reasons` say why, in words."""

    lead: str
    verdict: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """A recording.

    Attributes:
        verdict: "good", or "poor" where something in `notes` should make the reader doubt.
        leads: one per lead of the record, in its order.
        notes: in words, what the reader of the finding should know: of leads, length, voltage and the file.
        gaps_s: start and end, in seconds, of each stretch in which no lead carries a signal.
    """

    verdict: str
    leads: tuple[LeadQuality, ...]
    notes: tuple[str, ...]
    gaps_s: tuple[tuple[float, float], ...] = ()


def assess(record: Record, *, strict: bool = False) -> Quality:
    """The quality of a recording.

    Args:
        record: what was read.
        strict: refuse a recording with a gap or a flat, clipped, noisy, incomplete or absent lead; the published study
            dropped those with a missing one.

    Raises:
        QualityError: shorter than five seconds, too much missing, most leads flat, clipped or missing, or `strict`.
        UnitsError: amplitudes that no electrode delivers.
    """
    refuse_short(record)
    signal, rate_hz = record.signal_mv, record.sampling_rate_hz
    largest = max(float(np.fmax.reduce(signal, axis=None)), -float(np.fmin.reduce(signal, axis=None)))
    _refuse_absurd(largest, ABSURD_SAMPLE_MV, "a sample of {} mV")
    gaps = _gaps(signal, rate_hz)
    inside = _outside(gaps, len(signal), rate_hz)
    if gaps and inside.sum() < MIN_DURATION_S * rate_hz:
        raise QualityError(
            f"a signal for {inside.sum() / rate_hz:.1f} s only, and gaps in all leads",
            allowed=f"at least {MIN_DURATION_S:g} s",
            do="check the electrodes and record again",
        )
    judged = signal[inside] if gaps else signal  # what a gap does to the finding is the decision's
    leads = tuple(_lead(lead, judged[:, k], rate_hz) for k, lead in enumerate(record.leads))
    recorded = [lead for lead in leads if lead.reasons != (EMPTY,)]  # an empty column is an absent lead
    lost = [lead for lead in recorded if lead.verdict == "bad" or CLIPPED in lead.reasons]
    if not recorded or 2 * len(lost) > len(recorded):
        reasons = sorted({reason for lead in lost or leads for reason in lead.reasons})
        raise QualityError(
            f"{len(lost or leads)} of {len(recorded or leads)} leads without a usable signal: {', '.join(reasons)}",
            allowed="at least half of the leads neither flat, clipped nor missing",
            do="check the electrodes and record again",
        )
    absent = [lead for lead in LEADS if lead not in record.leads]
    if strict and (absent or gaps or any(lead.reasons for lead in leads)):
        gap = ["all leads (gaps)"] if gaps else []
        what = ", ".join([*gap, *_in_words(leads), *(f"lead {lead} (not recorded)" for lead in absent)])
        raise QualityError(
            f"not all twelve leads are good: {what}", do="leave out --strict to classify it all the same"
        )
    bad = tuple(lead.lead for lead in leads if lead.verdict == "bad")
    notes = [*record.notes, *lead_notes(record, bad), *_in_words(leads)]
    usable = [k for k, lead in enumerate(leads) if lead.verdict != "bad"]
    voltage = float(np.median([_typical_mv(judged[:, k], rate_hz) for k in usable]))
    _refuse_absurd(voltage, ABSURD_MV, "amplitudes of {} mV peak to peak")
    doubts = []
    if not LOW_VOLTAGE_MV <= voltage <= HIGH_VOLTAGE_MV:
        how = "low" if voltage < LOW_VOLTAGE_MV else "high"
        doubts.append(
            f"implausibly {how} voltage ({voltage:.2f} mV peak to peak): the stated gain or units may be wrong"
        )
    good = {lead.lead for lead in leads if lead.verdict == "good"}
    if {"I", "II", "III"} <= good and _at_odds(record):
        doubts.append("I + III is not II: the order or the names of the limb leads may be wrong")
    if record.duration_s < SHORT_S:
        doubts.append(f"only {record.duration_s:.1f} s recorded, padded to 10 s")
    if gaps:
        total = sum(end - start for start, end in gaps)
        doubts.append(f"no signal for {total:.1f} s, the first time at {gaps[0][0]:.1f} s")
    if len(usable) + len(derived_leads(record, bad)) <= len(LEADS) // 2:
        doubts.append("over half of the twelve leads are neither recorded nor derived")
    poor = bool(doubts) or any(lead.verdict != "good" for lead in leads)
    return Quality("poor" if poor else "good", leads, tuple(notes + doubts), gaps)


def _in_words(leads: tuple[LeadQuality, ...]) -> list[str]:
    """Leads with something to say of, those with the same reasons together: "leads V1, V2 (noisy)"."""
    by_reasons: dict[tuple[str, ...], list[str]] = {}
    for lead in leads:
        if lead.reasons:
            by_reasons.setdefault(lead.reasons, []).append(lead.lead)
    return [
        f"{'leads' if len(names) > 1 else 'lead'} {', '.join(names)} ({', '.join(reasons)})"
        for reasons, names in by_reasons.items()
    ]


_Lead = npt.NDArray[np.float32]


def _lead(lead: str, x: _Lead, rate_hz: float) -> LeadQuality:
    """The verdict on one lead: [n_samples], millivolts, NaN where missing."""
    missing = float(np.isnan(x).mean())
    if missing == 1:
        return LeadQuality(lead, "bad", (EMPTY,))
    reasons = []
    if missing > 0:
        reasons.append("under 0.1 % missing" if missing < 0.001 else f"{100 * missing:.1f} % missing")
    filled = fill_missing(x[:, None])[:, 0]
    second = int(rate_hz)
    parts = filled[: len(filled) // second * second].reshape(-1, second)  # [n_seconds, second]
    low, high = np.quantile(parts, [0.05, 0.95], axis=1)
    span = parts.max(axis=1) - parts.min(axis=1)
    flat = float(((high - low < FLAT_MV) & (span < 2 * FLAT_MV)).mean())
    if flat > 0.5:
        return LeadQuality(lead, "bad", ("flat",))
    line = np.linspace(filled[0], filled[-1], len(filled), dtype=np.float64)
    if float(np.abs(filled - line).max()) <= 1e-3 * float(np.ptp(filled)):
        return LeadQuality(lead, "bad", ("counts evenly, as a time or an index does",))
    if flat > POOR_FLAT_SHARE:
        reasons.append(f"flat for {100 * flat:.0f} % of the time")
    if _plateau_share(filled, rate_hz) > CLIPPED_SHARE:
        reasons.append(CLIPPED)
    noise = _noise_mv(filled, rate_hz)
    if noise > NOISY_MV and noise > NOISY_SHARE * float(np.median(span)):
        reasons.append("noisy")
    if missing > MAX_MISSING_SHARE:
        return LeadQuality(lead, "bad", tuple(reasons))
    harmless = reasons and len(reasons) == 1 and 0 < missing <= HARMLESS_MISSING_SHARE
    return LeadQuality(lead, "good" if harmless or not reasons else "poor", tuple(reasons))


def _plateau_share(x: _Lead, rate_hz: float) -> float:
    """The share of [n_samples] that rests, three samples running or longer, at the greatest or the least value."""
    top, bottom, middle = float(x.max()), float(x.min()), float(np.median(x))
    at_least = max(3, round(_PLATEAU_S * rate_hz))
    resting = 0
    for limit in (top, bottom):
        if abs(limit - middle) <= _AWAY_SHARE * (top - bottom):
            continue
        edges = np.flatnonzero(np.diff(x == limit, prepend=False, append=False))
        # a run at either end is as often a recorder that repeats its first or last sample
        starts, ends = edges[::2], edges[1::2]
        lengths = (ends - starts)[(starts > 0) & (ends < len(x))]
        resting += int(lengths[lengths >= at_least].sum())
    return resting / len(x)


def _noise_mv(x: _Lead, rate_hz: float) -> float:
    """Standard deviation of the noise of [n_samples] at 100 Hz, millivolts.

    It is told from the median distance of a sample to the line between its neighbours: at 100 Hz the waves of a heart
    are nearly straight over three samples, but for the QRS complexes, which fill less than half of the time.
    """
    k = max(1, round(rate_hz / 100))
    y = x[: len(x) // k * k].reshape(-1, k).mean(axis=1)
    bend = np.abs(y[1:-1] - (y[:-2] + y[2:]) / 2)
    of_white_noise = 0.6745 * math.sqrt(1.5)  # the normal quartile, times the deviation of 1 and two halves
    return float(np.median(bend)) / of_white_noise


def _refuse_absurd(value_mv: float, limit_mv: float, what: str) -> None:
    if value_mv > limit_mv:
        raise UnitsError(
            what.format(plain(value_mv, 3)),
            allowed=f"up to {plain(limit_mv)} mV",
            do="give the recording's true units with --units",
        )


def _typical_mv(x: _Lead, rate_hz: float) -> float:
    """Median peak to peak of the seconds of [n_samples], millivolts; a second without samples counts as nothing."""
    second = int(rate_hz)
    parts = x[: len(x) // second * second].reshape(-1, second)
    span = np.fmax.reduce(parts, axis=1) - np.fmin.reduce(parts, axis=1)
    return float(np.median(np.nan_to_num(span)))


def _at_odds(record: Record) -> bool:
    """Whether leads I, II and III are all there and contradict Einthoven's law by more than their noise."""
    if not {"I", "II", "III"} <= set(record.leads):
        return False
    i, ii, iii = (record.signal_mv[:, record.leads.index(lead)] for lead in ("I", "II", "III"))
    there = ~np.isnan(i + ii + iii)
    if there.sum() < 2:
        return False
    rest = i + iii - ii
    spread = [float(np.diff(np.quantile(x[there], [0.01, 0.99]))[0]) for x in (rest, i, ii, iii)]
    return spread[0] > AT_ODDS_SHARE * max(spread[1:]) and spread[0] > AT_ODDS_MV


def _gaps(signal: _Lead, rate_hz: float) -> tuple[tuple[float, float], ...]:
    """Where all live leads are missing or rest at exactly one value for long, in seconds.

    Args:
        signal: [n_samples, n_leads]; a lead that never moves is flat, which is another matter.
        rate_hz: its sampling rate.
    """
    signal = signal[:, np.fmax.reduce(signal, axis=0) > np.fmin.reduce(signal, axis=0)]
    if not signal.shape[1]:
        return ()
    still = ((signal[1:] == signal[:-1]) | np.isnan(signal[1:])).all(axis=1)
    edges = np.flatnonzero(np.diff(still, prepend=False, append=False))
    runs = zip(edges[::2], edges[1::2], strict=True)
    least_s = GAP_S if signal.shape[1] > 2 else GAP_FEW_LEADS_S
    return tuple((float(a / rate_hz), float(b / rate_hz)) for a, b in runs if b - a >= least_s * rate_hz)


def _outside(gaps: tuple[tuple[float, float], ...], n_samples: int, rate_hz: float) -> npt.NDArray[np.bool_]:
    """[n_samples]: true where no gap is."""
    outside = np.ones(n_samples, np.bool_)
    for start, end in gaps:
        outside[round(start * rate_hz) : round(end * rate_hz) + 1] = False
    return outside
