"""Figures with intervals for anything that names rhythms, and the plain baselines that they stand beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.rhythms import RHYTHMS

RESAMPLES: Final = 1000
MANY: Final = 100  # a macro average is also given over the classes with at least so many records
ENOUGH: Final = 10  # balanced accuracy needs so many of a class
OTHER: Final = ""  # the prediction for a record that could not be classified: wrong whatever the truth

Figure = dict[str, Any]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a classifier said of a database, one row per record that has a label.

    Attributes:
        labels: columns of `probabilities`.
        truth: one of the eleven rhythms each, which need not be among `labels`.
        named: the rhythm named, `OTHER` where the record could not be classified.
        probabilities: [n, n_labels]; a row of zeros where the record could not be classified.
        abstained: the classifier was not sure enough; its guess is scored all the same.
        groups: whose record it is, for the resampling: patients, not records, are drawn.
    """

    labels: tuple[str, ...]
    truth: tuple[str, ...]
    named: tuple[str, ...]
    probabilities: Floats
    abstained: npt.NDArray[np.bool_]
    groups: tuple[str, ...]


def figures(p: Predictions, *, seed: int = 0) -> Figure:
    """All figures of a set of predictions, with 95 % intervals.

    Of an accuracy the interval is Wilson's with the number of patients for n, of an average over classes the
    percentile bootstrap over patients.

    No record is left out: one that failed counts as wrong, one on which the classifier abstained by its guess, and
    one whose rhythm the model has never learned as wrong.
    """
    classes = [rhythm for rhythm in RHYTHMS if rhythm in p.truth]
    columns = [*dict.fromkeys([*classes, *p.labels, OTHER])]
    truth = np.array([columns.index(t) for t in p.truth])
    named = np.array([columns.index(t) for t in p.named])
    counts = np.bincount(truth, minlength=len(columns))
    draws = _draws(p.groups, seed)

    def confusion(weights: Floats) -> Floats:
        flat = np.bincount(truth * len(columns) + named, weights, minlength=len(columns) ** 2)
        return flat.astype(np.float64).reshape(len(columns), len(columns))

    def f1(table: Floats) -> Floats:
        values: Floats = 2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1e-9)
        return values

    def recall(table: Floats) -> Floats:
        values: Floats = np.diag(table) / np.maximum(table.sum(axis=1), 1e-9)
        return values

    def over(score: Callable[[Floats], Floats], least: int) -> Figure | None:
        rows = np.flatnonzero(counts[: len(classes)] >= least)
        if not len(rows):
            return None
        values = []
        for w in draws:
            table = confusion(w)
            drawn = rows[table[rows].sum(axis=1) > 0]  # a rare class can be absent from a resample
            values.append(float(score(table)[drawn].mean()) if len(drawn) else np.nan)
        return _interval(values) | {"classes": [classes[row] for row in rows]}

    whole = confusion(np.ones(len(truth)))
    per_class = {
        c: {
            "n": int(counts[k]),
            "named": int(whole[:, k].sum()),
            "right": int(whole[k, k]),
            "sensitivity": float(recall(whole)[k]),
            "precision": float(whole[k, k] / whole[:, k].sum()) if whole[:, k].sum() else None,
            "f1": float(f1(whole)[k]),
        }
        for k, c in enumerate(classes)
    }
    right = truth == named
    answered = ~p.abstained
    return {
        "n": len(truth),
        "accuracy": _wilson(int(right.sum()), len(right), len(set(p.groups))),
        "macro_f1_all": over(f1, 1),
        f"macro_f1_n{MANY}": over(f1, MANY),
        f"balanced_accuracy_n{ENOUGH}": over(recall, ENOUGH),
        "macro_auc": _macro_auc(p, draws),
        "log_loss": _log_loss(p),
        "calibration_error": _calibration_error(p, right),
        "answered": {
            "n": int(answered.sum()),
            "accuracy": float(right[answered].mean()) if answered.any() else None,
        },
        "not_classified": int(sum(name == OTHER for name in p.named)),
        "per_class": per_class,
        "confusion": {
            "columns": [column or "not classified" for column in columns],
            "rows": {c: [int(v) for v in whole[k]] for k, c in enumerate(classes)},
        },
    }


def majority(p: Predictions, most_frequent: str) -> Predictions:
    """The baseline that always names the training folds' most frequent rhythm."""
    return _always(p, [most_frequent] * len(p.truth))


def by_rate_and_regularity(p: Predictions, beats_s: Sequence[Floats]) -> Predictions:
    """The baseline that looks at the beats only, with textbook limits and nothing fitted.

    AFIB where the RR intervals' coefficient of variation is above 0.15, else SB below 60/min, ST above 100, SR.
    """
    named = []
    for times in beats_s:
        intervals = np.diff(times)
        if len(intervals) < 2:
            named.append("SR")
        elif intervals.std() / intervals.mean() > 0.15:
            named.append("AFIB")
        else:
            rate = 60 / intervals.mean()
            named.append("SB" if rate < 60 else "ST" if rate > 100 else "SR")
    return _always(p, named)


def _always(p: Predictions, named: Sequence[str]) -> Predictions:
    probabilities = np.array([[float(label == name) for label in p.labels] for name in named])
    none = np.zeros(len(named), np.bool_)
    return Predictions(p.labels, p.truth, tuple(named), probabilities.reshape(len(named), -1), none, p.groups)


def _draws(groups: Sequence[str], seed: int) -> list[Floats]:
    """Weights per record: all ones first, then one resample of the patients after the other."""
    _, member = np.unique(groups, return_inverse=True)
    n = int(member.max()) + 1
    rng = np.random.default_rng(seed)
    resamples = [np.bincount(rng.integers(0, n, n), minlength=n)[member] for _ in range(RESAMPLES)]
    return [np.ones(len(member)), *(w.astype(np.float64) for w in resamples)]


def _interval(values: Sequence[float]) -> Figure:
    """The first value, and the middle 95 % of the others."""
    finite = [value for value in values[1:] if not np.isnan(value)] or [values[0]]
    low, high = np.quantile(finite, [0.025, 0.975])
    return {"value": values[0], "low": float(low), "high": float(high)}


def _wilson(right: int, n: int, n_groups: int) -> Figure:
    """Wilson's score interval (1927): unlike a resample's it does not shrink to nothing where all are right."""
    share, z2 = right / n, 1.959964**2
    centre = (share + z2 / (2 * n_groups)) / (1 + z2 / n_groups)
    half = np.sqrt(z2 * (share * (1 - share) / n_groups + z2 / (4 * n_groups**2))) / (1 + z2 / n_groups)
    return {"value": share, "low": min(float(centre - half), share), "high": max(float(centre + half), share)}


def _macro_auc(p: Predictions, draws: Sequence[Floats]) -> Figure | None:
    """One against the rest, over the model's labels that occur in the truth."""
    truth = np.array(p.truth)
    of_label = {
        label: [_auc(p.probabilities[:, k], truth == label, w) for w in draws]
        for k, label in enumerate(p.labels)
        if 0 < (truth == label).sum() < len(truth)
    }
    if not of_label:
        return None
    table = np.array(list(of_label.values()))  # [n_labels, n_draws]
    drawn = ~np.isnan(table)  # a rare label can be absent from a resample
    means = np.where(drawn, table, 0.0).sum(axis=0) / np.where(drawn.any(axis=0), drawn.sum(axis=0), np.nan)
    return _interval([float(value) for value in means]) | {
        "per_class": {label: values[0] for label, values in of_label.items()}
    }


def _auc(scores: Floats, positive: npt.NDArray[np.bool_], weights: Floats) -> float:
    """Area under the ROC curve of weighted records, ties counted half; NaN without weight on both sides."""
    _, rank = np.unique(scores, return_inverse=True)
    up = np.bincount(rank, weights * positive)
    down = np.bincount(rank, weights * ~positive)
    if not (up.sum() and down.sum()):
        return float("nan")
    return float((up * (np.cumsum(down) - down / 2)).sum() / (up.sum() * down.sum()))


def _log_loss(p: Predictions) -> float | None:
    """Mean negative log of the truth's probability, over the records whose rhythm the model has learned."""
    rows = [k for k, (t, name) in enumerate(zip(p.truth, p.named, strict=True)) if t in p.labels and name != OTHER]
    if not rows:
        return None
    of_truth = [p.probabilities[k, p.labels.index(p.truth[k])] for k in rows]
    return float(-np.log(np.maximum(of_truth, 1e-7)).mean())


def _calibration_error(p: Predictions, right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over fifteen equal bins of the named rhythm's probability (Guo et al., 2017)."""
    top = p.probabilities.max(axis=1)
    bins = np.minimum((top * 15).astype(int), 14)
    gaps = [abs(right[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(np.sum(gaps))
