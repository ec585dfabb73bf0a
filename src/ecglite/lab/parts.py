"""Predictions taken apart, by sex and by age, and put together over several databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.lab import evaluation
from ecglite.lab.evaluation import ENOUGH, OTHER, Figure, Predictions

UNKNOWN: Final = "unknown"
SEXES: Final = ("female", "male", UNKNOWN)
AGES: Final = ("under 18", "18 to 39", "40 to 64", "65 to 79", "80 and over", UNKNOWN)

_LIMITS: Final = (18.0, 40.0, 65.0, 80.0)
_OLDEST: Final = 130.0


def summary(p: Predictions) -> Figure:
    """Those of `evaluation.figures` that describe some of a database's recordings, or all of them changed.

    Returns:
        n, accuracy, balanced accuracy, what was answered without abstaining, how many could not be classified.
    """
    return {
        "n": len(p.truth),
        "accuracy": evaluation.accuracy(p),
        f"balanced_accuracy_n{ENOUGH}": evaluation.balanced_accuracy(p),
        "answered": evaluation.answered(p),
        "not_classified": p.named.count(OTHER),
    }


def sex(female: bool | None) -> str:
    """One of `SEXES`."""
    return UNKNOWN if female is None else "female" if female else "male"


def age_band(age_years: float | None) -> str:
    """One of `AGES`; what can be no person's age is not known."""
    if age_years is None or not 0 <= age_years <= _OLDEST:  # NaN too
        return UNKNOWN
    return AGES[int(np.searchsorted(_LIMITS, age_years, side="right"))]


def by_sex_and_age(p: Predictions, female: Sequence[bool | None], ages_years: Sequence[float | None]) -> Figure:
    """The `summary` of each sex and each band of ages that has a recording.

    Args:
        p: of the labelled recordings.
        female: of the same; None where nobody says.
        ages_years: as `female`.
    """
    of = {"sex": (SEXES, [*map(sex, female)]), "age": (AGES, [*map(age_band, ages_years)])}
    return {
        kind: {
            band: summary(rows_of(p, np.flatnonzero([one == band for one in found]))) for band in bands if band in found
        }
        for kind, (bands, found) in of.items()
    }


def rows_of(p: Predictions, rows: npt.NDArray[np.int64]) -> Predictions:
    """Some of the recordings."""

    def some(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[row] for row in rows)

    return Predictions(p.labels, some(p.truth), some(p.named), p.probabilities[rows], p.abstained[rows], some(p.groups))


def together(some: Sequence[Predictions], names: Sequence[str]) -> Predictions:
    """What one classifier said of several databases.

    Args:
        some: of each database, of the same labels.
        names: of the databases: a patient's number in one is nobody's in another.
    """
    return Predictions(
        some[0].labels,
        tuple(truth for p in some for truth in p.truth),
        tuple(named for p in some for named in p.named),
        np.concatenate([p.probabilities for p in some]),
        np.concatenate([p.abstained for p in some]),
        tuple(f"{name}/{group}" for name, p in zip(names, some, strict=True) for group in p.groups),
    )
