"""A model bundle on a database: every recording from its file through the data's path, as a device would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecglite.edge import formats
from ecglite.edge.errors import EcgliteError, LabError
from ecglite.edge.heart_rate import beats
from ecglite.edge.pipeline import Classifier
from ecglite.edge.windows import windows
from ecglite.lab import evaluation
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.evaluation import OTHER, Figure, Predictions
from ecglite.lab.prepare import Prepared, Progress
from ecglite.lab.workers import pool

_CHUNK = 16


@dataclass(frozen=True, slots=True)
class _Said:
    """What the bundle said of one recording; `reason` where it could not."""

    named: str
    probabilities: tuple[float, ...]
    abstained: bool
    beats_s: npt.NDArray[np.float64]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A bundle's predictions on a database, the beats of each record, and what could not be classified and why."""

    predictions: Predictions
    beats_s: tuple[npt.NDArray[np.float64], ...]
    failed: tuple[tuple[str, str], ...]
    unlabelled: int


def score(
    bundle: Path, which: Dataset, root: Path, prepared: Prepared, folds: Sequence[int], progress: Progress
) -> Scored:
    """Classify every labelled recording of a database, or of some of its folds.

    Args:
        bundle: folder of the model bundle.
        which: the database.
        root: its folder.
        prepared: the same database's labels.
        folds: the publisher's folds; empty for all records.
        progress: called as the work goes on.

    Raises:
        LabError: no record of these folds has a label.
        BundleError: the bundle is missing or damaged.
    """
    entries = [e for e in which.index(root) if not folds or e.fold in folds]
    rhythms = dict(zip(prepared.record_ids, prepared.rhythms, strict=True))
    # a recording that could not be prepared still has its publisher's label, and counts as wrong below
    truths = [rhythms.get(e.record_id, e.rhythm or "") for e in entries]
    rows = [k for k, truth in enumerate(truths) if truth]
    if not rows:
        raise LabError(f"no labelled record of {which.name} in folds {list(folds)}")
    kept = [entries[k] for k in rows]
    said = classify_all(bundle, kept, progress)
    classifier = Classifier(bundle)
    return Scored(
        Predictions(
            labels=classifier.manifest.labels,
            truth=tuple(truths[k] for k in rows),
            named=tuple(s.named for s in said),
            probabilities=np.array([s.probabilities for s in said]),
            abstained=np.array([s.abstained for s in said]),
            groups=tuple(e.patient_id or e.record_id for e in kept),
        ),
        beats_s=tuple(s.beats_s for s in said),
        failed=tuple((e.record_id, s.reason) for e, s in zip(kept, said, strict=True) if s.reason),
        unlabelled=len(entries) - len(kept),
    )


def classify_all(bundle: Path, entries: Sequence[Entry], progress: Progress) -> list[_Said]:
    """What the bundle says of each recording, in order; one process per core."""
    said = []
    with pool(_start, (bundle,)) as workers:
        results = workers.map(_one, [str(entry.path) for entry in entries], chunksize=_CHUNK)
        for done, result in enumerate(results, 1):
            said.append(result)
            progress("classifying", done, len(entries))
    return said


_classifier: Classifier | None = None  # of a worker process, loaded once


def _start(bundle: Path) -> None:
    global _classifier
    _classifier = Classifier(bundle)


def _one(path: str) -> _Said:
    if _classifier is None:
        raise RuntimeError("a worker process was not started through _start")
    try:
        record = formats.read(path)
        finding = _classifier.classify(record)
    except EcgliteError as error:
        n_labels = len(_classifier.manifest.labels)
        return _Said(OTHER, (0.0,) * n_labels, True, np.zeros(0), str(error))
    first = next(windows(record)).signal_mv
    return _Said(finding.rhythm, tuple(finding.probabilities.values()), finding.abstained, beats(first))


def report(scored: Scored, most_frequent: str) -> Figure:
    """The figures of a scored bundle beside its baselines', and what was left unscored and why."""
    rule = evaluation.by_rate_and_regularity(scored.predictions, scored.beats_s)
    always = evaluation.majority(scored.predictions, most_frequent)
    short = ("accuracy", "macro_f1_all", "balanced_accuracy_n10")
    return {
        **evaluation.figures(scored.predictions),
        "unlabelled": scored.unlabelled,
        "failed": dict(scored.failed),
        "baselines": {
            "rate and regularity of the beats": {k: v for k, v in evaluation.figures(rule).items() if k in short},
            f"always {most_frequent}": {k: v for k, v in evaluation.figures(always).items() if k in short},
        },
    }
