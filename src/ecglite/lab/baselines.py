"""What is reached without a network: majority, a rule on the beats, gradient boosting on what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.lab.datasets import Measurements
from ecglite.lab.prepare import Prepared

Floats = npt.NDArray[np.float64]

IRREGULAR: Final = 0.15
"""Coefficient of variation of the RR intervals above which the rule on the beats says fibrillation."""

BEAT_FEATURES: Final = (
    *("age", "female", "heart rate (NeuroKit2)", "beats", "mean RR", "SD of RR", "RMSSD", "shortest RR", "longest RR"),
    "correlation of successive RR",
)


def named_by_beats(beats_s: Sequence[float]) -> str:
    """The rhythm by textbook limits on the beats alone, with nothing fitted.

    AFIB where the RR intervals' coefficient of variation is above 0.15, else SB below 60/min, ST above 100, SR.

    Args:
        beats_s: times of the beats in seconds.
    """
    intervals = np.diff(np.asarray(beats_s, np.float64))
    if len(intervals) >= 2 and intervals.std() / intervals.mean() > IRREGULAR:
        return "AFIB"
    return named_by_rate(beats_s)


def named_by_rate(beats_s: Sequence[float]) -> str:
    """The sinus rhythm that the heart rate alone gives: SB below 60/min, ST above 100, else SR."""
    intervals = np.diff(np.asarray(beats_s, np.float64))
    if len(intervals) < 2:
        return "SR"
    rate = 60 / intervals.mean()
    return "SB" if rate < 60 else "ST" if rate > 100 else "SR"


def beat_features(prepared: Prepared) -> Floats:
    """[n, len(BEAT_FEATURES)]: age, sex, and what the beats of each recording say; NaN where nothing is known."""
    rows = []
    for entry, facts in zip(prepared.entries, prepared.facts, strict=True):
        age = facts.age_years if entry.age_years is None else entry.age_years
        female = facts.female if entry.female is None else entry.female
        rr = np.diff(facts.beats_s)
        of_beats = [np.nan] * 6
        if len(rr) >= 3:
            turns = np.diff(rr)
            spread = rr.std()
            successive = float(np.mean((rr[1:] - rr.mean()) * (rr[:-1] - rr.mean())) / spread**2) if spread else 0.0
            of_beats = [rr.mean(), spread, float(np.sqrt((turns**2).mean())), rr.min(), rr.max(), successive]
        rows.append(
            [age, np.nan if female is None else float(female), facts.rate_bpm, float(len(facts.beats_s)), *of_beats]
        )
    return np.array(rows, np.float64)


def boosted(x: Floats, y: Sequence[str], fold: npt.NDArray[np.int64]) -> tuple[tuple[str, ...], Floats]:
    """Gradient boosting (scikit-learn's, as it comes), each fold named by a model fitted on the others.

    Args:
        x: [n, n_features].
        y: the rhythm of each.
        fold: [n], numbers of the folds.

    Returns:
        The labels, and the probabilities [n, n_labels] of each record by the model that has not seen its fold.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    names = np.array(y)
    labels = tuple(dict.fromkeys(sorted(set(y))))
    out = np.zeros((len(x), len(labels)))
    for number in np.unique(fold):
        inside = fold == number
        model = HistGradientBoostingClassifier(random_state=0).fit(x[~inside], names[~inside])
        columns = [labels.index(str(name)) for name in model.classes_]
        found = np.zeros((int(inside.sum()), len(labels)))
        found[:, columns] = model.predict_proba(x[inside])
        out[inside] = found
    return labels, out


def boosted_outside(measured: Measurements, record_ids: Sequence[str]) -> list[str]:
    """What gradient boosting on a publisher's measurements names records, fitted on all its rows but theirs.

    Args:
        measured: of the whole database.
        record_ids: of the records asked for.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    others = [name for name in measured.rows if name not in set(record_ids)]
    x = np.stack([measured.rows[name] for name in others])
    model = HistGradientBoostingClassifier(random_state=0).fit(x, [measured.rhythms[name] for name in others])
    asked = np.stack([measured.rows[name] for name in record_ids])
    return [str(name) for name in model.predict(asked)]
