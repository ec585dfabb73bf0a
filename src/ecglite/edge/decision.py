"""Probabilities and quality -> Finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecglite.edge.bundle import Manifest
from ecglite.edge.quality import Quality
from ecglite.edge.rhythms import RHYTHMS


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
        reasons: why it abstained; empty where it did not.
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
    pooled = probabilities.astype(np.float64).mean(axis=0)
    order = np.argsort(-pooled, kind="stable")
    labels = manifest.labels
    best = labels[order[0]]
    probability = float(pooled[order[0]])
    reasons = []
    if probability < manifest.abstain_below:
        reasons.append(f"no rhythm reaches a probability of {100 * manifest.abstain_below:.0f} %")
    rates = [rate for rate in rates_bpm if rate is not None]
    return Finding(
        rhythm=best,
        name=RHYTHMS[best].name,
        probability=probability,
        probabilities={label: float(p) for label, p in zip(labels, pooled, strict=True)},
        alternatives=tuple((labels[k], float(pooled[k])) for k in order[1:] if pooled[k] >= 0.05),
        heart_rate_bpm=float(np.mean(rates)) if rates else None,
        abstained=bool(reasons),
        reasons=tuple(reasons),
        quality=quality,
        windows=tuple(
            WindowFinding(start, labels[int(p.argmax())], float(p.max()), rate)
            for start, p, rate in zip(starts_s, probabilities, rates_bpm, strict=True)
        ),
        model=f"{manifest.name} {manifest.version}",
    )
