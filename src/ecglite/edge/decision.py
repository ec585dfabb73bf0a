"""Probabilities and quality -> Finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.bundle import Manifest
from ecglite.edge.quality import Quality
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import WINDOW_S

MAX_RATE_BPM: Final = 225.0
"""Above this the detector counts something else than QRS complexes."""

PLAUSIBLE_BPM: Final = {"SB": (0.0, 66.0), "SR": (52.0, 110.0), "ST": (92.0, 225.0), "SVT": (95.0, 225.0)}
"""Heart rates with which a rhythm is believed: its definition, and some beats of doubt on either side."""


@dataclass(frozen=True, slots=True)
class WindowFinding:
    """Ten seconds of a recording: where they start, their likeliest rhythm, its probability, the heart rate."""

    start_s: float
    rhythm: str
    probability: float
    heart_rate_bpm: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a recording shows.

    Attributes:
        rhythm: abbreviation of the likeliest rhythm.
        name: the same in full.
        probability: of that rhythm, 0 to 1, calibrated on recordings that the model was not fitted on.
        probabilities: by abbreviation, over all labels of the model, summing to one.
        alternatives: the next likeliest, with probability, down to 5 %.
        heart_rate_bpm: mean over the recording; None where fewer than three beats were found.
        abstained: the model is not sure enough: the rhythm is a guess, and is to be read by a person.
        reasons: why it abstained; empty where it did not: too low a probability, an interrupted signal, mostly poor
            leads, a heart rate that contradicts the rhythm.
        quality: of the recording.
        windows: the finding of each ten seconds; one for a recording of ten.
        model: name and version.
    """

    rhythm: str
    name: str
    probability: float
    probabilities: dict[str, float]
    alternatives: tuple[tuple[str, float], ...]
    heart_rate_bpm: float | None
    abstained: bool
    reasons: tuple[str, ...]
    quality: Quality
    windows: tuple[WindowFinding, ...]
    model: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `ecglite classify --json` prints them."""
        return {
            "rhythm": self.rhythm,
            "name": self.name,
            "probability": round(self.probability, 6),
            "probabilities": {label: round(p, 6) for label, p in self.probabilities.items()},
            "heart_rate_bpm": None if self.heart_rate_bpm is None else round(self.heart_rate_bpm, 1),
            "abstained": self.abstained,
            "reasons": list(self.reasons),
            "quality": {
                "verdict": self.quality.verdict,
                "notes": list(self.quality.notes),
                "leads": {lead.lead: lead.verdict for lead in self.quality.leads},
            },
            "windows": [
                {
                    "start_s": round(window.start_s, 3),
                    "rhythm": window.rhythm,
                    "probability": round(window.probability, 6),
                    "heart_rate_bpm": None if window.heart_rate_bpm is None else round(window.heart_rate_bpm, 1),
                }
                for window in self.windows
            ],
            "model": self.model,
        }


def decide(
    probabilities: npt.NDArray[np.float32],
    starts_s: Sequence[float],
    rates_bpm: Sequence[float | None],
    quality: Quality,
    manifest: Manifest,
) -> Finding:
    """Pool the windows and name the rhythm.

    Args:
        probabilities: float32 [n_windows, n_labels].
        starts_s: where each window begins.
        rates_bpm: the heart rate in each, None where it is not known.
        quality: of the recording.
        manifest: of the model.
    """
    sound = [not _interrupted(start, quality.gaps_s) for start in starts_s]
    # seconds that each window adds to those before it: the last one may overlap; one with a gap adds none
    weights = np.diff(starts_s, prepend=starts_s[0] - WINDOW_S) * (sound if any(sound) else 1.0)
    pooled = np.average(probabilities.astype(np.float64), axis=0, weights=weights)
    order = np.argsort(-pooled, kind="stable")
    labels = manifest.labels
    best = labels[order[0]]
    probability = float(pooled[order[0]])
    heart_rate = _weighted(rates_bpm, weights)
    reasons = []
    if probability < manifest.abstain_below:
        reasons.append(f"no rhythm reaches a probability of {100 * manifest.abstain_below:.0f} %")
    if not any(sound):
        reasons.append("the signal is interrupted")
    poor = [lead for lead in quality.leads if lead.verdict != "good"]
    if 2 * len(poor) > len(quality.leads):
        reasons.append("most of the leads are poor")
    reasons += _contradiction(best, heart_rate)
    return Finding(
        rhythm=best,
        name=RHYTHMS[best].name,
        probability=probability,
        probabilities={label: float(p) for label, p in zip(labels, pooled, strict=True)},
        alternatives=tuple((labels[k], float(pooled[k])) for k in order[1:] if pooled[k] >= 0.05),
        heart_rate_bpm=heart_rate,
        abstained=bool(reasons),
        reasons=tuple(reasons),
        quality=quality,
        windows=tuple(
            WindowFinding(start, labels[int(p.argmax())], float(p.max()), rate)
            for start, p, rate in zip(starts_s, probabilities, rates_bpm, strict=True)
        ),
        model=f"{manifest.name} {manifest.version}",
    )


def _weighted(rates_bpm: Sequence[float | None], weights: npt.NDArray[np.float64]) -> float | None:
    known = [(rate, weight) for rate, weight in zip(rates_bpm, weights, strict=True) if rate is not None and weight > 0]
    if not known:
        return None
    return float(sum(rate * weight for rate, weight in known) / sum(weight for _, weight in known))


def _interrupted(start_s: float, gaps_s: Sequence[tuple[float, float]]) -> bool:
    return any(start < start_s + WINDOW_S and end > start_s for start, end in gaps_s)


def _contradiction(rhythm: str, rate_bpm: float | None) -> list[str]:
    """Why a rhythm cannot have this heart rate, in words, or nothing."""
    if rate_bpm is None:
        return []
    if rate_bpm > MAX_RATE_BPM:
        return [f"{rate_bpm:.0f} beats a minute are more than a heart's QRS complexes come at"]
    low, high = PLAUSIBLE_BPM.get(rhythm, (0.0, MAX_RATE_BPM))
    if not low <= rate_bpm <= high:
        return [f"a heart rate of {rate_bpm:.0f}/min is not that of {RHYTHMS[rhythm].name.lower()}"]
    return []


def percent(probability: float) -> str:
    """A probability for a person: whole percents, never 100 % or 0 % for what is not certain."""
    return "> 99 %" if probability >= 0.995 else "< 1 %" if probability <= 0.005 else f"{100 * probability:.0f} %"
