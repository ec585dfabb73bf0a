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
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import fill_missing, lead_notes, refuse_short

MAX_MISSING_SHARE: Final = 0.1
"""A lead with more missing samples than this is bad; a recording with more in all is refused."""

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

ABSURD_MV: Final = 100.0
"""No electrode delivers this, peak to peak over one second, median over the leads: the units are wrong."""

ABSURD_SAMPLE_MV: Final = 1e6
"""Nor a kilovolt in any single sample."""

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
    """

    verdict: str
    leads: tuple[LeadQuality, ...]
    notes: tuple[str, ...]


def assess(record: Record, *, strict: bool = False) -> Quality:
    """The quality of a recording.

    Args:
        record: what was read.
        strict: refuse a recording with a flat, clipped, noisy, incomplete or absent lead; the published study dropped
            those with a missing one.

    Raises:
        QualityError: shorter than five seconds, too much missing, most leads flat, clipped or missing, or `strict`.
        UnitsError: amplitudes that no electrode delivers.
    """
    refuse_short(record)
    signal = record.signal_mv
    _refuse_absurd(float(np.fmax.reduce(np.abs(signal), axis=None)), ABSURD_SAMPLE_MV, "a sample of {:.3g} mV")
    missing = np.isnan(signal).mean(axis=0)
    leads = tuple(
        _lead(lead, signal[:, k], float(missing[k]), record.sampling_rate_hz) for k, lead in enumerate(record.leads)
    )
    usable = [k for k, lead in enumerate(leads) if lead.verdict != "bad"]
    lost = [lead for lead in leads if lead.verdict == "bad" or CLIPPED in lead.reasons]
    if 2 * len(lost) > len(leads):
        reasons = sorted({reason for lead in lost for reason in lead.reasons})
        raise QualityError(
            f"{len(lost)} of {len(leads)} leads without a usable signal: {', '.join(reasons)}",
            allowed="at least half of the leads neither flat, clipped nor missing",
            do="check the electrodes and record again",
        )
    absent = [lead for lead in LEADS if lead not in record.leads]
    faulty = [f"{lead.lead} ({', '.join(lead.reasons)})" for lead in leads if lead.verdict != "good"]
    if strict and (absent or faulty):
        what = ", ".join([*faulty, *(f"{lead} (not recorded)" for lead in absent)])
        raise QualityError(
            f"not all twelve leads are good: {what}", do="leave out --strict to classify it all the same"
        )
    if missing[usable].mean() > MAX_MISSING_SHARE:
        raise QualityError(
            f"{100 * missing[usable].mean():.0f} % of the samples are missing",
            allowed=f"at most {100 * MAX_MISSING_SHARE:.0f} %",
        )
    notes = [*record.notes, *lead_notes(record), *(f"lead {text}" for text in faulty)]
    voltage = _typical_mv(record, usable)
    _refuse_absurd(voltage, ABSURD_MV, "amplitudes of {:.3g} mV peak to peak")
    if voltage < LOW_VOLTAGE_MV:
        notes.append(f"implausibly low voltage ({voltage:.2f} mV peak to peak): the stated gain or units may be wrong")
    if record.duration_s < 10:
        notes.append(f"only {record.duration_s:.1f} s recorded, padded to 10 s")
    poor = len(usable) < len(leads) or voltage < LOW_VOLTAGE_MV or record.duration_s < 10
    poor = poor or any(lead.verdict == "poor" for lead in leads)
    return Quality("poor" if poor else "good", leads, tuple(notes))


_Lead = npt.NDArray[np.float32]


def _lead(lead: str, x: _Lead, missing: float, rate_hz: float) -> LeadQuality:
    """The verdict on one lead: [n_samples], millivolts, NaN where missing."""
    if missing == 1:
        return LeadQuality(lead, "bad", ("no samples",))
    reasons = []
    if missing > 0:
        reasons.append(f"{100 * missing:.1f} % missing")
    filled = fill_missing(x[:, None])[:, 0]
    second = int(rate_hz)
    parts = filled[: len(filled) // second * second].reshape(-1, second)  # [n_seconds, second]
    low, high = np.quantile(parts, [0.05, 0.95], axis=1)
    span = parts.max(axis=1) - parts.min(axis=1)
    flat = float(((high - low < FLAT_MV) & (span < 2 * FLAT_MV)).mean())
    if flat > 0.5:
        return LeadQuality(lead, "bad", ("flat",))
    if flat > POOR_FLAT_SHARE:
        reasons.append(f"flat for {100 * flat:.0f} % of the time")
    if _plateau_share(filled, rate_hz) > CLIPPED_SHARE:
        reasons.append(CLIPPED)
    noise = _noise_mv(filled, rate_hz)
    if noise > NOISY_MV and noise > NOISY_SHARE * float(np.median(span)):
        reasons.append("noisy")
    if missing > MAX_MISSING_SHARE:
        return LeadQuality(lead, "bad", tuple(reasons))
    return LeadQuality(lead, "poor" if reasons else "good", tuple(reasons))


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
            what.format(value_mv), allowed=f"up to {limit_mv:g} mV", do="give the recording's true units with --units"
        )


def _typical_mv(record: Record, usable: list[int]) -> float:
    """Median over the usable leads of the median peak to peak of a second, millivolts."""
    second = int(record.sampling_rate_hz)
    n = len(record.signal_mv) // second * second
    parts = record.signal_mv[:n, usable].reshape(-1, second, len(usable))
    with np.errstate(invalid="ignore"):
        span = np.nanmax(np.where(np.isnan(parts), -np.inf, parts), axis=1) - np.nanmin(
            np.where(np.isnan(parts), np.inf, parts), axis=1
        )
    return float(np.median(np.median(np.where(np.isfinite(span), span, 0.0), axis=0)))
