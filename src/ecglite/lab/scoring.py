"""A model bundle on a database: every recording from its file through the data's path, as a device would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import EcgliteError, LabError
from ecglite.edge.heart_rate import beats
from ecglite.edge.pipeline import Classifier, Runner
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab import evaluation
from ecglite.lab.baselines import named_by_beats
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
    """A bundle on a database.

    Attributes:
        predictions: of the labelled recordings.
        record_ids, beats_s: of the same recordings, in the same order.
        own_words: the publisher's rhythm of each, before the sinus-rate rule.
        failed: record id and reason of each that could not be classified.
        unlabelled: answered or not, of each recording without a rhythm of the eleven.
        patients_known: the publisher says whose each recording is.
    """

    predictions: Predictions
    record_ids: tuple[str, ...]
    beats_s: tuple[npt.NDArray[np.float64], ...]
    own_words: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    unlabelled: tuple[bool, ...]
    patients_known: bool


def score(
    bundle: Path,
    which: Dataset,
    root: Path,
    prepared: Prepared,
    folds: Sequence[int],
    progress: Progress,
    runner: Callable[[Bundle], Runner] | None = None,
) -> Scored:
    """Classify every labelled recording of a database, or of some of its folds.

    Args:
        bundle: folder of the model bundle.
        which: the database.
        root: its folder.
        prepared: the same database's labels.
        folds: the publisher's folds; empty for all records.
        progress: called as the work goes on.
        runner: see `Classifier`.

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
    all_said = classify_all(bundle, which.read, entries, progress, runner)
    kept, said = [entries[k] for k in rows], [all_said[k] for k in rows]
    return Scored(
        Predictions(
            labels=Classifier(bundle).manifest.labels,
            truth=tuple(truths[k] for k in rows),
            named=tuple(s.named for s in said),
            probabilities=np.array([s.probabilities for s in said]),
            abstained=np.array([s.abstained for s in said]),
            groups=tuple(e.patient_id or e.record_id for e in kept),
        ),
        record_ids=tuple(e.record_id for e in kept),
        beats_s=tuple(s.beats_s for s in said),
        own_words=tuple(e.rhythm or "" for e in kept),
        failed=tuple((e.record_id, s.reason) for e, s in zip(kept, said, strict=True) if s.reason),
        unlabelled=tuple(not s.abstained for s, truth in zip(all_said, truths, strict=True) if not truth),
        patients_known=all(e.patient_id for e in kept),
    )


def classify_all(
    bundle: Path,
    read: Callable[[Entry], Record],
    entries: Sequence[Entry],
    progress: Progress,
    runner: Callable[[Bundle], Runner] | None = None,
) -> list[_Said]:
    """What the bundle says of each recording, in order; one process per core."""
    said = []
    with pool(_start, (bundle, read, runner)) as workers:
        results = workers.map(_one, entries, chunksize=_CHUNK)
        for done, result in enumerate(results, 1):
            said.append(result)
            progress("classifying", done, len(entries))
    return said


_worker: tuple[Classifier, Callable[[Entry], Record]] | None = None  # of a worker process, loaded once


def _start(bundle: Path, read: Callable[[Entry], Record], runner: Callable[[Bundle], Runner] | None) -> None:
    global _worker
    _worker = Classifier(bundle, runner=runner), read


def _one(entry: Entry) -> _Said:
    if _worker is None:
        raise RuntimeError("a worker process was not started through _start")
    classifier, read = _worker
    try:
        record = read(entry)
        finding = classifier.classify(record)
    except EcgliteError as error:
        n_labels = len(classifier.manifest.labels)
        return _Said(OTHER, (0.0,) * n_labels, True, np.zeros(0), str(error))
    first = next(windows(record)).signal_mv
    return _Said(finding.rhythm, tuple(finding.probabilities.values()), finding.abstained, beats(first))


def most_frequent(trained_on: Mapping[str, Any]) -> str:
    """The rhythm that most of the recordings have that a model was fitted on; SR where its manifest does not say.

    Args:
        trained_on: of the manifest.
    """
    counts = trained_on.get("train_records")
    known = {str(k): n for k, n in counts.items() if isinstance(n, int) and n > 0} if isinstance(counts, dict) else {}
    return max(known, key=lambda rhythm: known[rhythm]) if known else "SR"


def report(scored: Scored, most_frequent: str, measured: Sequence[str] | None = None) -> Figure:
    """The figures of a scored bundle beside its baselines', and what was left unscored and why.

    Args:
        scored: from `score`.
        most_frequent: what the majority baseline always names.
        measured: what gradient boosting on the publisher's measurements names each record, where there are any.
    """
    p = scored.predictions
    baselines = {
        "rate and regularity of the beats": evaluation.always(
            p, [named_by_beats(times.tolist()) for times in scored.beats_s]
        ),
        f"always {most_frequent}": evaluation.always(p, [most_frequent] * len(p.truth)),
    }
    if measured is not None:
        baselines["gradient boosting on the publisher's measurements"] = evaluation.always(p, measured)
    short = ("accuracy", "macro_f1_all", "balanced_accuracy_n10")
    rewritten = sum(own != truth for own, truth in zip(scored.own_words, p.truth, strict=True))
    in_own_words = evaluation.Predictions(p.labels, scored.own_words, p.named, p.probabilities, p.abstained, p.groups)
    return {
        **evaluation.figures(p),
        "patients_known": scored.patients_known,
        "rewritten": rewritten,
        "accuracy_in_own_words": evaluation.accuracy(in_own_words) if rewritten else None,
        "unlabelled": len(scored.unlabelled),
        "unlabelled_answered": sum(scored.unlabelled),
        "failed": dict(scored.failed),
        "baselines": {
            name: {k: v for k, v in evaluation.figures(b).items() if k in short} for name, b in baselines.items()
        },
    }
