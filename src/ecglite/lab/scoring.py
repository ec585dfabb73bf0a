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
from ecglite.lab import evaluation, parts
from ecglite.lab.baselines import named_by_beats
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.evaluation import OTHER, Figure, Predictions
from ecglite.lab.prepare import Prepared, Progress
from ecglite.lab.variants import AS_RECORDED, Variant, Varied, gain_figures, leads_figures
from ecglite.lab.workers import pool
from ecglite.lab.worst import worst

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
    """A bundle on a database, or on several.

    Attributes:
        predictions: of the labelled recordings.
        record_ids, beats_s, female, ages_years: of the same recordings, in the same order; None where nobody says.
        own_words: the publisher's rhythm of each, before the sinus-rate rule.
        failed: record id and reason of each that could not be classified.
        unlabelled: answered or not, of each recording without a rhythm of the eleven.
        patients_known: the publisher says whose each recording is.
        varied: the recordings once more, by how they were changed.
    """

    predictions: Predictions
    record_ids: tuple[str, ...]
    beats_s: tuple[npt.NDArray[np.float64], ...]
    female: tuple[bool | None, ...]
    ages_years: tuple[float | None, ...]
    own_words: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    unlabelled: tuple[bool, ...]
    patients_known: bool
    varied: Mapping[Variant, Varied]


def score(
    bundle: Path,
    which: Dataset,
    root: Path,
    prepared: Prepared,
    folds: Sequence[int],
    progress: Progress,
    runner: Callable[[Bundle], Runner] | None = None,
    variants: Sequence[Variant] = (),
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
        variants: how each recording is changed and classified once more.

    Raises:
        LabError: no record of these folds has a label.
        LeadError: a recording has not the leads of a variant.
        BundleError: the bundle is missing or damaged.
    """
    entries = [e for e in which.index(root) if not folds or e.fold in folds]
    rhythms = dict(zip(prepared.record_ids, prepared.rhythms, strict=True))
    # a recording that could not be prepared still has its publisher's label, and counts as wrong below
    truths = [rhythms.get(e.record_id, e.rhythm or "") for e in entries]
    rows = [k for k, truth in enumerate(truths) if truth]
    if not rows:
        raise LabError(f"no labelled record of {which.name} in folds {list(folds)}")
    all_said, *again = zip(
        *classify_all(bundle, which.read, entries, progress, runner, (AS_RECORDED, *variants)), strict=True
    )
    labels = Classifier(bundle).manifest.labels
    owners = [e.patient_id or e.record_id for e in entries]

    def predictions(said: Sequence[_Said], of: Sequence[int], truth: Sequence[str]) -> Predictions:
        return Predictions(
            labels=labels,
            truth=tuple(truth[k] for k in of),
            named=tuple(said[k].named for k in of),
            probabilities=np.array([said[k].probabilities for k in of]).reshape(len(of), len(labels)),
            abstained=np.array([said[k].abstained for k in of], np.bool_),
            groups=tuple(owners[k] for k in of),
        )

    named = [s.named for s in all_said]
    classified = [k for k, name in enumerate(named) if name != OTHER]
    before = np.array([all_said[k].abstained for k in classified], np.bool_)
    kept = [entries[k] for k in rows]
    people = dict(zip(prepared.record_ids, prepared.people, strict=True))
    of_kept = [people.get(e.record_id, (e.age_years, e.female)) for e in kept]
    return Scored(
        predictions(all_said, rows, truths),
        record_ids=tuple(e.record_id for e in kept),
        beats_s=tuple(all_said[k].beats_s for k in rows),
        female=tuple(female for _, female in of_kept),
        ages_years=tuple(age for age, _ in of_kept),
        own_words=tuple(e.rhythm or "" for e in kept),
        failed=tuple((entries[k].record_id, all_said[k].reason) for k in rows if all_said[k].reason),
        unlabelled=tuple(not s.abstained for s, truth in zip(all_said, truths, strict=True) if not truth),
        patients_known=all(e.patient_id for e in kept),
        varied={
            variant: Varied(predictions(said, rows, truths), predictions(said, classified, named), before)
            for variant, said in zip(variants, again, strict=True)
        },
    )


def together(some: Mapping[str, Scored]) -> Scored:
    """A bundle on several databases as on one.

    Args:
        some: by the database's name, which goes before its recordings' names; all with the same variants.
    """
    names, scored = [*some], [*some.values()]
    return Scored(
        parts.together([s.predictions for s in scored], names),
        record_ids=tuple(f"{name}/{one}" for name, s in some.items() for one in s.record_ids),
        beats_s=tuple(times for s in scored for times in s.beats_s),
        female=tuple(one for s in scored for one in s.female),
        ages_years=tuple(one for s in scored for one in s.ages_years),
        own_words=tuple(word for s in scored for word in s.own_words),
        failed=tuple((f"{name}/{one}", reason) for name, s in some.items() for one, reason in s.failed),
        unlabelled=tuple(answered for s in scored for answered in s.unlabelled),
        patients_known=all(s.patients_known for s in scored),
        varied={variant: Varied.together([s.varied[variant] for s in scored], names) for variant in scored[0].varied},
    )


def classify_all(
    bundle: Path,
    read: Callable[[Entry], Record],
    entries: Sequence[Entry],
    progress: Progress,
    runner: Callable[[Bundle], Runner] | None = None,
    variants: Sequence[Variant] = (AS_RECORDED,),
) -> list[tuple[_Said, ...]]:
    """What the bundle says of each recording, in order, once for each variant; one process per core.

    Raises:
        LeadError: a recording has not the leads of a variant.
    """
    said = []
    with pool(_start, (bundle, read, runner, variants)) as workers:
        results = workers.map(_one, entries, chunksize=_CHUNK)
        for done, result in enumerate(results, 1):
            said.append(result)
            progress("classifying", done, len(entries))
    return said


_worker: tuple[Classifier, Callable[[Entry], Record], Sequence[Variant]] | None = None  # of a process, loaded once


def _start(
    bundle: Path,
    read: Callable[[Entry], Record],
    runner: Callable[[Bundle], Runner] | None,
    variants: Sequence[Variant],
) -> None:
    global _worker
    _worker = Classifier(bundle, runner=runner), read, variants


def _one(entry: Entry) -> tuple[_Said, ...]:
    """The file is read once, whatever the number of variants."""
    if _worker is None:
        raise RuntimeError("a worker process was not started through _start")
    classifier, read, variants = _worker
    try:
        record = read(entry)
    except EcgliteError as error:
        return (_not_classified(classifier, error),) * len(variants)
    return tuple(_classified(classifier, variant.of(record), beats_too=variant == AS_RECORDED) for variant in variants)


def _classified(classifier: Classifier, record: Record, *, beats_too: bool) -> _Said:
    try:
        finding = classifier.classify(record)
    except EcgliteError as error:
        return _not_classified(classifier, error)
    times = beats(next(windows(record)).signal_mv) if beats_too else np.zeros(0)
    return _Said(finding.rhythm, tuple(finding.probabilities.values()), finding.abstained, times)


def _not_classified(classifier: Classifier, error: EcgliteError) -> _Said:
    return _Said(OTHER, (0.0,) * len(classifier.manifest.labels), True, np.zeros(0), str(error))


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

    With them those by sex and age, the worst of the recordings named wrongly, and what each variant changes.

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
        **parts.by_sex_and_age(p, scored.female, scored.ages_years),
        "worst": worst(p, scored.record_ids),
        "gain": {v.name: gain_figures(varied) for v, varied in scored.varied.items() if not v.leads},
        "leads": {v.name: leads_figures(varied, p) for v, varied in scored.varied.items() if v.leads},
    }
