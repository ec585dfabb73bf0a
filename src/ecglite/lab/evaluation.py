"""Figures with intervals for anything that names rhythms, and the plain baselines that they stand beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LabError
from ecglite.edge.rhythms import RHYTHMS

RESAMPLES: Final = 1000
MANY: Final = 100  # a macro average is also given over the classes with at least so many records
ENOUGH: Final = 10  # balanced accuracy needs so many of a class
FEW: Final = 3  # a class of fewer patients leaves a resample nothing to vary
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

    Of an accuracy the interval is Wilson's with the number of patients for n, of the log loss and of averages over
    classes the percentile bootstrap over patients, drawn within the classes so that none is ever absent. An average
    that hangs on a class of under three patients has no interval.

    No record is left out: one that failed counts as wrong, one on which the classifier abstained by its guess, and
    one whose rhythm the model has never learned as wrong.
    """
    classes = [rhythm for rhythm in RHYTHMS if rhythm in p.truth]
    columns = [*dict.fromkeys([*classes, *p.labels, *sorted(set(p.named) - {OTHER}), OTHER])]
    truth = np.array([columns.index(t) for t in p.truth])
    named = np.array([columns.index(t) for t in p.named])
    counts = np.bincount(truth, minlength=len(columns))
    draws = _draws(p.groups, truth, seed)
    people = _people(p)

    def confusion(weights: Floats) -> Floats:
        flat = np.bincount(truth * len(columns) + named, weights, minlength=len(columns) ** 2)
        return flat.astype(np.float64).reshape(len(columns), len(columns))

    def f1(table: Floats) -> Floats:
        values: Floats = 2 * np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1e-9)
        return values

    def over(score: Callable[[Floats], Floats], least: int) -> Figure | None:
        rows = np.flatnonzero(counts[: len(classes)] >= least)
        if len(rows) < 2:  # one class makes no average
            return None
        values = [float(score(confusion(w))[rows].mean()) for w in draws]
        thin = min(people[classes[row]] for row in rows) < FEW
        return _spread(values, thin=thin) | {"classes": [classes[row] for row in rows]}

    whole = confusion(np.ones(len(truth)))
    per_class = {
        c: {
            "n": int(counts[k]),
            "named": int(whole[:, k].sum()),
            "right": int(whole[k, k]),
            "sensitivity": float(whole[k, k] / counts[k]),
            "precision": float(whole[k, k] / whole[:, k].sum()) if whole[:, k].sum() else None,
            "f1": float(f1(whole)[k]),
        }
        for k, c in enumerate(classes)
    }
    thin = min(people.values()) < FEW
    return {
        "n": len(truth),
        "patients": len(set(p.groups)),
        "accuracy": accuracy(p),
        "macro_f1_all": over(f1, 1),
        f"macro_f1_n{MANY}": over(f1, MANY),
        f"balanced_accuracy_n{ENOUGH}": _balanced_accuracy(p, draws),
        "macro_auc": _macro_auc(p, draws, thin=thin),
        "log_loss": _log_loss(p, draws, thin=thin),
        "calibration_error": _calibration_error(p, truth == named),
        "answered": answered(p),
        "not_classified": int(sum(name == OTHER for name in p.named)),
        "per_class": per_class,
        "confusion": {
            "columns": [column or "not classified" for column in columns],
            "rows": {c: [int(v) for v in whole[k]] for k, c in enumerate(classes)},
        },
    }


def always(p: Predictions, named: Sequence[str]) -> Predictions:
    """The predictions of something that names rhythms for the same records and gives no probabilities."""
    probabilities = np.array([[float(label == name) for label in p.labels] for name in named])
    none = np.zeros(len(named), np.bool_)
    return Predictions(p.labels, p.truth, tuple(named), probabilities.reshape(len(named), -1), none, p.groups)


def difference(one: Predictions, other: Predictions) -> Figure:
    """Of two classifiers on the same records: one's accuracy minus the other's, paired, and how many names differ.

    Where both are right on the same records there is no interval: a resample of nothing says nothing.
    """
    of_one, of_other = (np.array(p.named) == np.array(p.truth) for p in (one, other))
    gain = of_one.astype(np.float64) - of_other
    truth = np.unique(one.truth, return_inverse=True)[1]
    values = [float((w * gain).sum() / w.sum()) for w in _draws(one.groups, truth, 0)]
    return {
        "accuracy": _interval(values) if gain.any() else _value(values),
        "names_changed": int((np.array(one.named) != np.array(other.named)).sum()),
    }


def gains(ones: Sequence[Predictions], others: Sequence[Predictions], *, seed: int = 0) -> Figure:
    """What some classifiers have over others on the same records, the mean of each side, paired.

    Args:
        ones: of one side, as of networks that were fitted from other seeds.
        others: of the other side.
        seed: of the resamples.

    Returns:
        Differences of accuracy, of balanced accuracy over the classes with `ENOUGH` records, of macro-AUC over the
        labels with `FEW`, and of each class its sensitivity and area under the ROC curve, each with the middle 95 %
        of a bootstrap over patients within their rarest class; no interval below `FEW` records of a class, nor where
        no resample differs.
    """
    truth = np.array(ones[0].truth)
    draws = np.array(_draws(ones[0].groups, np.unique(truth, return_inverse=True)[1], seed))  # [resamples + 1, n]

    def side(some: Sequence[Predictions]) -> dict[str, Floats]:
        right = np.mean([np.array(p.named) == truth for p in some], axis=0)
        out = {"accuracy": draws @ right / draws.sum(axis=1)}
        for label in (rhythm for rhythm in RHYTHMS if rhythm in truth):
            of_label = truth == label
            share: Floats = draws[:, of_label] @ right[of_label] / draws[:, of_label].sum(axis=1)
            out[f"sensitivity {label}"] = share
            if label in some[0].labels and not of_label.all():
                scores = (p.probabilities[:, p.labels.index(label)] for p in some)
                out[f"auc {label}"] = np.mean([_aucs(s, of_label, list(draws)) for s in scores], axis=0)
        return out

    one, other = side(ones), side(others)
    counts = {rhythm: int((truth == rhythm).sum()) for rhythm in RHYTHMS if rhythm in truth}
    enough = [label for label, n in counts.items() if n >= ENOUGH]
    few = [label for label, n in counts.items() if n >= FEW and f"auc {label}" in one]

    def change(name: str) -> Floats:
        values: Floats = one[name] - other[name]
        return values

    def figure(values: Floats, *, thin: bool) -> Figure:
        return _value(values.tolist()) if thin or np.ptp(values[1:]) == 0 else _interval(values.tolist())

    return {
        "n": len(truth),
        "accuracy": figure(change("accuracy"), thin=False),
        f"balanced_accuracy_n{ENOUGH}": figure(
            np.mean([change(f"sensitivity {label}") for label in enough], axis=0), thin=False
        )
        if len(enough) > 1
        else None,
        f"macro_auc_n{FEW}": figure(np.mean([change(f"auc {label}") for label in few], axis=0), thin=False)
        if few
        else None,
        "per_class": {
            label: {"n": n}
            | {
                kind: figure(change(f"{kind} {label}"), thin=n < FEW)
                for kind in ("sensitivity", "auc")
                if f"{kind} {label}" in one
            }
            for label, n in counts.items()
        },
    }


def _draws(groups: Sequence[str], truth: npt.NDArray[np.int64], seed: int) -> list[Floats]:
    """Weights per record: all ones first, then one resample after the other, of patients within their rarest class."""
    _, member = np.unique(groups, return_inverse=True)
    counts = np.bincount(truth)
    rarest = np.full(int(member.max()) + 1, -1)
    for record in np.argsort(-counts[truth], kind="stable"):  # what comes last is rarest, and stays
        rarest[member[record]] = truth[record]
    strata = [np.flatnonzero(rarest == k) for k in np.unique(rarest)]
    rng = np.random.default_rng(seed)
    draws = [np.ones(len(member))]
    for _ in range(RESAMPLES):
        drawn = np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])
        draws.append(np.bincount(drawn, minlength=len(rarest))[member].astype(np.float64))
    return draws


def _value(values: Sequence[float]) -> Figure:
    return {"value": values[0]}


def _spread(values: Sequence[float], *, thin: bool) -> Figure:
    """With an interval, but where patients are too few, or where no resample says anything else."""
    return _value(values) if thin or len(set(values[1:])) == 1 else _interval(values)


def _interval(values: Sequence[float]) -> Figure:
    """The first value, and the middle 95 % of the others."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return {"value": values[0], "low": float(low), "high": float(high)}


def accuracy(p: Predictions) -> Figure:
    """The share named right, with the interval of `share`."""
    return share([t == name for t, name in zip(p.truth, p.named, strict=True)], p.groups)


def share(hits: Sequence[bool] | npt.NDArray[np.bool_], groups: Sequence[str]) -> Figure:
    """The share of records that are hits, with Wilson's score interval (1927) over the patients.

    Unlike a resample's, it does not shrink to nothing where all are hits.

    Args:
        hits: [n], at least one record.
        groups: whose each is.
    """
    n_groups = len(set(groups))
    value, z2 = sum(map(bool, hits)) / len(hits), 1.959964**2
    centre = (value + z2 / (2 * n_groups)) / (1 + z2 / n_groups)
    half = np.sqrt(z2 * (value * (1 - value) / n_groups + z2 / (4 * n_groups**2))) / (1 + z2 / n_groups)
    return {"value": value, "low": min(float(centre - half), value), "high": max(float(centre + half), value)}


def balanced_accuracy(p: Predictions, *, seed: int = 0) -> Figure | None:
    """As in `figures`: mean sensitivity over the classes with `ENOUGH` records; None where those are not two."""
    classes = [rhythm for rhythm in RHYTHMS if rhythm in p.truth]
    return _balanced_accuracy(p, _draws(p.groups, np.array([classes.index(t) for t in p.truth]), seed))


def _balanced_accuracy(p: Predictions, draws: Sequence[Floats]) -> Figure | None:
    classes = [rhythm for rhythm in RHYTHMS if p.truth.count(rhythm) >= ENOUGH]
    if len(classes) < 2:  # one class makes no average
        return None
    truth = np.array(p.truth)
    right = truth == np.array(p.named)
    rows = [(np.flatnonzero(truth == c), np.flatnonzero((truth == c) & right)) for c in classes]
    values = [float(np.mean([w[hit].sum() / w[of].sum() for of, hit in rows])) for w in draws]
    people = _people(p)
    return _spread(values, thin=min(people[c] for c in classes) < FEW) | {"classes": classes}


def _people(p: Predictions) -> dict[str, int]:
    """How many patients have a record of each class."""
    pairs = set(zip(p.truth, p.groups, strict=True))
    return {label: sum(truth == label for truth, _ in pairs) for label in set(p.truth)}


def answered(p: Predictions) -> Figure:
    """How many records were answered without abstaining, and the share of them that is right."""
    right = np.array(p.truth) == np.array(p.named)
    sure = ~p.abstained
    return {"n": int(sure.sum()), "accuracy": float(right[sure].mean()) if sure.any() else None}


def _macro_auc(p: Predictions, draws: Sequence[Floats], *, thin: bool) -> Figure | None:
    """One against the rest, over the model's labels that occur in the truth."""
    truth = np.array(p.truth)
    of_label = {
        label: _aucs(p.probabilities[:, k], truth == label, draws)
        for k, label in enumerate(p.labels)
        if 0 < (truth == label).sum() < len(truth)
    }
    if not of_label:
        return None
    means = [float(value) for value in np.mean(list(of_label.values()), axis=0)]
    return _spread(means, thin=thin) | {"per_class": {label: values[0] for label, values in of_label.items()}}


def _aucs(scores: Floats, positive: npt.NDArray[np.bool_], draws: Sequence[Floats]) -> list[float]:
    """Area under the ROC curve of weighted records for each draw of weights, ties counted half."""
    _, rank = np.unique(scores, return_inverse=True)
    found = []
    for weights in draws:
        up = np.bincount(rank, weights * positive)
        down = np.bincount(rank, weights * ~positive)
        found.append(float((up * (np.cumsum(down) - down / 2)).sum() / (up.sum() * down.sum())))
    return found


def auc(scores: Floats, positive: npt.NDArray[np.bool_], groups: Sequence[str], *, resamples: bool = True) -> Figure:
    """Area under the ROC curve, with the middle 95 % of a bootstrap over groups within the two kinds.

    Args:
        scores: [n], higher where it is thought positive.
        positive: [n].
        groups: whose each is; not looked at without resamples.
        resamples: whether an interval is wanted.
    """
    draws = _draws(groups, positive.astype(np.int64), 0) if resamples else [np.ones(len(scores))]
    values = _aucs(scores, positive, draws)
    return _interval(values) if resamples else _value(values)


def statement_figures(
    said: Floats, truth: npt.NDArray[np.bool_], labels: Sequence[str], groups: Sequence[str]
) -> Figure:
    """Figures of labels that stand each on its own.

    Args:
        said: [n, n_labels], probabilities.
        truth: [n, n_labels].
        labels: of the columns; each has a positive and a negative record.
        groups: whose record each is.

    Returns:
        The mean area under the ROC curve with the middle 95 % of a bootstrap over patients within their rarest
        label; the same over the labels with at least `ENOUGH` positives; the area of each label with its number of
        positives.
    """
    counts = truth.sum(axis=0)
    rarest = np.where(truth, counts, len(truth) + 1).argmin(axis=1)
    draws = _draws(groups, rarest, 0)
    areas = np.array([_aucs(said[:, k], truth[:, k], draws) for k in range(len(labels))])
    return {
        "n": len(truth),
        "macro_auc": _interval([float(value) for value in areas.mean(axis=0)]),
        f"macro_auc_n{ENOUGH}": _interval([float(value) for value in areas[counts >= ENOUGH].mean(axis=0)])
        if (counts >= ENOUGH).any()
        else None,
        "per_label": {
            label: {"positives": int(counts[k]), "auc": float(areas[k, 0])} for k, label in enumerate(labels)
        },
    }


def statement_difference(one: Floats, other: Floats, truth: npt.NDArray[np.bool_], groups: Sequence[str]) -> Figure:
    """One's mean area under the ROC curve minus the other's, on the same records of labels that stand each on its own.

    Args:
        one: [n, n_labels], probabilities.
        other: the same of the other.
        truth: [n, n_labels]; a label without a positive or without a negative record is left out of the mean.
        groups: whose record each is.

    Returns:
        The difference with the middle 95 % of a bootstrap over patients within their rarest label; without an interval
        where no label's order changes.

    Raises:
        LabError: no label has both.
    """
    counts = truth.sum(axis=0)
    labels = np.flatnonzero((counts > 0) & (counts < len(truth)))
    if not len(labels):
        raise LabError("no label with positive and negative records", do="score more records")
    rarest = np.where(truth, counts, len(truth) + 1).argmin(axis=1)
    draws = _draws(groups, rarest, 0)
    means = [
        np.mean([_aucs(said[:, k].astype(np.float64), truth[:, k], draws) for k in labels], axis=0)
        for said in (one, other)
    ]
    values = [float(value) for value in means[0] - means[1]]
    return _interval(values) if any(values) else _value(values)


def _log_loss(p: Predictions, draws: Sequence[Floats], *, thin: bool) -> Figure | None:
    """Mean negative log of the truth's probability, over the records whose rhythm the model has learned."""
    known = [k for k, (t, name) in enumerate(zip(p.truth, p.named, strict=True)) if t in p.labels and name != OTHER]
    if not known:
        return None
    of_truth = np.array([p.probabilities[k, p.labels.index(p.truth[k])] for k in known])
    loss = -np.log(np.maximum(of_truth, 1e-7))
    values = [float((w[known] * loss).sum() / max(w[known].sum(), 1e-9)) for w in draws]
    return _spread(values, thin=thin)


def _calibration_error(p: Predictions, right: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over fifteen equal bins of the named rhythm's probability (Guo et al., 2017)."""
    top = p.probabilities.max(axis=1)
    bins = np.minimum((top * 15).astype(int), 14)
    gaps = [abs(right[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(np.sum(gaps))
