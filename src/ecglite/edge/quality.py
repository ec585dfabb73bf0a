"""Is the recording fit to be classified: a verdict per lead, with reasons, and a refusal where there is nothing to see.

Poor leads are reported, not dropped: the model has learned to live with noise and lost leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.edge.errors import QualityError, UnitsError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import MIN_DURATION_S, fill_missing, lead_notes

MAX_MISSING_SHARE: Final = 0.1
"""A lead with more missing samples than this is bad; a recording with more in all is refused."""

FLAT_MV: Final = 0.01
"""A lead whose samples stay within this for nine tenths of each second is flat."""

CLIPPED_SHARE: Final = 0.02
"""A lead with more than this share of its samples resting at its very greatest or least value is clipped."""

LOW_VOLTAGE_MV: Final = 0.3
"""Median peak to peak of the limb leads below which the stated gain is doubted."""

ABSURD_MV: Final = 100.0
"""No electrode delivers this, peak to peak over one second: the units are wrong."""

_NOISY_SHARE = (
    0.5  # of the power between neighbours' differences; an ECG's samples at 100 Hz and up are smooth
)


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
        strict: refuse a recording with a flat, clipped, incomplete or absent lead, as the published study does.

    Raises:
        QualityError: shorter than five seconds, too much missing, no lead with a signal, or `strict`.
        UnitsError: amplitudes that no electrode delivers.
    """
    signal = record.signal_mv
    if record.duration_s < MIN_DURATION_S - 1e-9:
        raise QualityError(
            f"a recording of {record.duration_s:.2f} s",
            allowed=f"at least {MIN_DURATION_S:g} s",
            do="record for ten seconds",
        )
    missing = np.isnan(signal).mean(axis=0)
    leads = tuple(
        _lead(lead, signal[:, k], float(missing[k]), record.sampling_rate_hz)
        for k, lead in enumerate(record.leads)
    )
    usable = [k for k, lead in enumerate(leads) if lead.verdict != "bad"]
    if not usable:
        reasons = sorted({reason for lead in leads for reason in lead.reasons})
        raise QualityError(
            f"no lead with a usable signal: {', '.join(reasons)}",
            allowed="at least one lead that is neither flat nor missing",
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
    if voltage > ABSURD_MV:
        raise UnitsError(
            f"amplitudes of {voltage:.3g} mV peak to peak",
            allowed=f"up to {ABSURD_MV:g} mV",
            do="give the file's true units with --units",
        )
    if voltage < LOW_VOLTAGE_MV:
        notes.append(
            f"implausibly low voltage ({voltage:.2f} mV peak to peak): the stated gain or units may be wrong"
        )
    if record.duration_s < 10:
        notes.append(f"only {record.duration_s:.1f} s recorded, padded to 10 s")
    poor = len(usable) < len(leads) or voltage < LOW_VOLTAGE_MV or record.duration_s < 10
    poor = poor or any(lead.verdict == "poor" for lead in leads)
    return Quality("poor" if poor else "good", leads, tuple(notes))


def _lead(
    lead: str, x: np.ndarray[tuple[int], np.dtype[np.float32]], missing: float, rate_hz: float
) -> LeadQuality:
    """The verdict on one lead: [n_samples], millivolts, NaN where missing."""
    if missing == 1:
        return LeadQuality(lead, "bad", ("no samples",))
    reasons = []
    if missing > 0:
        reasons.append(f"{100 * missing:.1f} % missing")
    filled = fill_missing(x[:, None])[:, 0]
    second = max(1, int(rate_hz))
    parts = filled[: len(filled) // second * second].reshape(-1, second)  # [n_seconds, second]
    low, high = np.quantile(parts, [0.05, 0.95], axis=1)
    span = parts.max(axis=1) - parts.min(axis=1)
    if ((high - low < FLAT_MV) & (span < 2 * FLAT_MV)).mean() > 0.5:
        return LeadQuality(lead, "bad", ("flat",))
    top, bottom = filled.max(), filled.min()
    at_limit = [(filled == limit) for limit in (top, bottom)]
    # a signal that rests at its limit for several samples running was cut off there
    resting = max(float((at[1:] & at[:-1] & (np.abs(filled[1:]) > 0)).mean()) for at in at_limit)
    if resting > CLIPPED_SHARE and top - bottom > 1.0:
        reasons.append("clipped")
    step = np.diff(filled)
    power = float(np.var(filled - np.convolve(filled, np.full(second, 1 / second), "same")))
    if power > 0 and float(np.var(step)) * (100 / rate_hz) > _NOISY_SHARE * 2 * power:
        reasons.append("noisy")
    if missing > MAX_MISSING_SHARE:
        return LeadQuality(lead, "bad", tuple(reasons))
    return LeadQuality(lead, "poor" if reasons else "good", tuple(reasons))


def _typical_mv(record: Record, usable: list[int]) -> float:
    """Median over the usable leads of the median peak to peak of a second, millivolts."""
    second = max(1, int(record.sampling_rate_hz))
    n = len(record.signal_mv) // second * second
    parts = record.signal_mv[:n, usable].reshape(-1, second, len(usable))
    with np.errstate(invalid="ignore"):
        span = np.nanmax(np.where(np.isnan(parts), -np.inf, parts), axis=1) - np.nanmin(
            np.where(np.isnan(parts), np.inf, parts), axis=1
        )
    return float(np.median(np.median(np.where(np.isfinite(span), span, 0.0), axis=0)))
