"""What is reached without a network: majority, a rule on the beats, gradient boosting on what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ecglite.lab.datasets import Measurements
from ecglite.lab.prepare import Prepared

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

Floats = npt.NDArray[np.float64]

IRREGULAR: Final = 0.15
"""Coefficient of variation of the RR intervals above which the rule on the beats says fibrillation."""

_ENOUGH: Final = 1000
_FOLDS: Final = 5

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
    for (age, female), facts in zip(prepared.people, prepared.facts, strict=True):
        rr = np.diff(facts.beats_s)
        of_beats = [np.nan] * 6
        if len(rr) >= 3:
            turns = np.diff(rr)
            spread = rr.std()
            successive = float(np.mean((rr[1:] - rr.mean()) * (rr[:-1] - rr.mean())) / spread**2) if spread else 0.0
            of_beats = [rr.mean(), spread, float(np.sqrt((turns**2).mean())), rr.min(), rr.max(), successive]
        rows.append([_or_nan(age), _or_nan(female), facts.rate_bpm, float(len(facts.beats_s)), *of_beats])
    return np.array(rows, np.float64)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def classifier() -> HistGradientBoostingClassifier:
    """Scikit-learn's gradient boosting, fitted on all records that it is given.

    As it comes it stops early above 10,000 records, by a stratified part of them, and a class of one record cannot be
    split. Without that it diverges where a class is rare (70 % of Chapman-Shaoxing named right), which a penalty on
    the leaves prevents (86 %).
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=0, early_stopping=False, l2_regularization=1.0)


def boosted(x: Floats, y: Sequence[str], fold: npt.NDArray[np.int64]) -> tuple[tuple[str, ...], Floats]:
    """Gradient boosting, each fold named by a model fitted on the others.

    Args:
        x: [n, n_features].
        y: the rhythm of each.
        fold: [n], numbers of the folds.

    Returns:
        The labels, and the probabilities [n, n_labels] of each record by the model that has not seen its fold.
    """
    names = np.array(y)
    labels = tuple(dict.fromkeys(sorted(set(y))))
    out = np.zeros((len(x), len(labels)))
    for number in np.unique(fold):
        inside = fold == number
        seen = sorted(set(names[~inside].tolist()))
        if len(seen) == 1:  # nothing to tell apart
            out[inside, labels.index(seen[0])] = 1.0
            continue
        known = filled(x, ~inside)
        model = classifier().fit(known[~inside], names[~inside])
        columns = [labels.index(str(name)) for name in model.classes_]
        found = np.zeros((int(inside.sum()), len(labels)))
        found[:, columns] = model.predict_proba(known[inside])
        out[inside] = found
    return labels, out


def filled(x: Floats, fit: npt.NDArray[np.bool_]) -> Floats:
    """The features with zeros in every column that the rows to fit leave empty: scikit-learn cannot bin it.

    Args:
        x: [n, n_features], NaN where nothing is known.
        fit: [n], the rows that are fitted.
    """
    empty = np.isnan(x[fit]).all(axis=0)
    return np.where(empty, 0.0, x)


def boosted_outside(measured: Measurements, record_ids: Sequence[str]) -> list[str] | None:
    """What gradient boosting on a publisher's measurements names records, by a model that has not seen them.

    It is fitted on all rows but theirs. Where too little is left over, under 1,000 rows or none of a rhythm that is
    asked for, it is cross-fitted: five folds over all rows, each record named by the model fitted on the others.

    Args:
        measured: of the whole database.
        record_ids: of the records asked for.

    Returns:
        A rhythm for each; None where there are no two rows to fit and to ask.
    """
    if len(measured.rows) < 2:
        return None
    asked = set(record_ids)
    others = [name for name in measured.rows if name not in asked]
    left = {measured.rhythms[name] for name in others}
    if len(others) >= _ENOUGH and left >= {measured.rhythms[name] for name in asked}:
        fit = np.arange(len(others) + len(record_ids)) < len(others)
        x = filled(np.stack([measured.rows[name] for name in (*others, *record_ids)]), fit)
        model = classifier().fit(x[fit], [measured.rhythms[name] for name in others])
        return [str(name) for name in model.predict(x[~fit])]
    # rows of a rhythm are dealt to the folds in turn, so that every fold has its share of each
    rows = sorted(measured.rows, key=lambda name: measured.rhythms[name])
    labels, p = boosted(
        np.stack([measured.rows[name] for name in rows]),
        [measured.rhythms[name] for name in rows],
        np.arange(len(rows)) % _FOLDS,
    )
    named = {name: labels[k] for name, k in zip(rows, p.argmax(axis=1).tolist(), strict=True)}
    return [named[name] for name in record_ids]
