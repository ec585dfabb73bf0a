"""The field's benchmark on PTB-XL's rhythm statements: a model file beside what has been published.

The protocol is that of Strodthoff et al. (IEEE J. Biomed. Health Inform. 25:1519, 2021; arXiv:2004.13701): the twelve
rhythm statements, each on its own; records with at least one of them; folds 1 to 8 to fit, 9 to choose, 10 to test;
the mean over the statements of the area under the ROC curve. The interval is ours: the bootstrap over patients within
their rarest statement. A statement of two positives cannot show its own uncertainty that way, so that the interval is a
lower bound of it; the mean over the statements with ten positives and more stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.bundle import load_bundle
from ecglite.edge.errors import DatasetError, EcgliteError, LabError
from ecglite.edge.model import Model
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab import baselines, evaluation
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.evaluation import Figure
from ecglite.lab.labels import STATEMENTS
from ecglite.lab.prepare import Prepared, Progress
from ecglite.lab.workers import pool

NAME: Final = "ptb-xl-rhythm"
SIZES: Final = {"training": 16_832, "validation": 2_100, "test": 2_098}
"""Records with a rhythm statement in folds 1 to 8, 9 and 10 of PTB-XL 1.0.3; the published figures are on these."""

_CHUNK: Final = 16


@dataclass(frozen=True, slots=True)
class Published:
    """A figure of others: macro-AUC on the test fold, parameters where stated, and where it stands."""

    what: str
    macro_auc: float
    parameters: str
    source: str


_SURVEY: Final = "Al-Masud, Strodthoff et al., ICLR 2026"
PUBLISHED: Final = (
    Published("ECG-JEPA, linear probe", 0.9685, "-", _SURVEY),
    Published("ECGFounder", 0.9652, "-", _SURVEY),
    Published("ECG-FM, fine-tuned", 0.9594, "90.9 M", _SURVEY),
    Published("xresnet1d101", 0.957, "-", "Strodthoff et al., 2021"),
    Published("S4", 0.9564, "-", _SURVEY),
)


def score(
    bundle: Path | str,
    which: Dataset,
    root: Path,
    prepared: Prepared,
    progress: Progress,
    beside: Path | None = None,
) -> Figure:
    """A bundle on the benchmark: every test record read from its file and run through the model file.

    Args:
        bundle: folder or name of a bundle whose labels are the statements.
        which: PTB-XL, at 100 or 500 Hz.
        root: its folder.
        prepared: its arrays, for the baseline.
        progress: counts the test records.
        beside: another bundle of the same labels, as the float twin.

    Raises:
        LabError: a bundle names something else.
        DatasetError: the folder is not the release that the sizes belong to.
    """
    loaded = load_bundle(bundle)
    if loaded.manifest.task != NAME or set(loaded.manifest.labels) != set(STATEMENTS):
        raise LabError(
            f"bundle {loaded.manifest.name} names {', '.join(loaded.manifest.labels)}",
            allowed=f"the statements {', '.join(STATEMENTS)}",
            do="train recipes/ptb-xl-rhythm.toml and export it, or leave the bundle out for the one that ships",
        )
    labels = loaded.manifest.labels
    entries = split(which.index(root))
    test = entries["test"]
    said, failed = probabilities(loaded.folder, which.read, test, progress)
    truth = multi_hot(test, labels)
    patients = [entry.patient_id or entry.record_id for entry in test]
    twin = {}
    if beside is not None:
        other = load_bundle(beside)
        if other.manifest.labels != labels:
            raise LabError(
                f"bundle {beside} names {', '.join(other.manifest.labels)}", allowed=f"the same: {', '.join(labels)}"
            )
        of_twin, _ = probabilities(other.folder, which.read, test, progress)
        twin = {
            "beside": {
                "title": f"{other.manifest.size_bytes:,} bytes",
                "macro_auc": evaluation.statement_figures(of_twin, truth, labels, patients)["macro_auc"],
                "difference": evaluation.statement_difference(said, of_twin, truth, patients),
            }
        }
    return {
        "benchmark": NAME,
        "command": f"ecglite evaluate --benchmark {NAME}",
        "title": f"{which.title}, the twelve rhythm statements",
        "model": {"name": loaded.manifest.name, "version": loaded.manifest.version, "bytes": len(loaded.model)},
        "sizes": {name: len(some) for name, some in entries.items()},
        **evaluation.statement_figures(said, truth, labels, patients),
        **twin,
        "failed": failed,
        "baseline": _baseline(prepared, labels),
        "published": [
            {"what": p.what, "macro_auc": p.macro_auc, "parameters": p.parameters, "source": p.source}
            for p in PUBLISHED
        ],
    }


def split(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The benchmark's records: with a rhythm statement, by the publisher's folds.

    Raises:
        DatasetError: there are not as many as in the release that everybody uses.
    """
    stated = [entry for entry in entries if any(word in STATEMENTS for word in entry.words)]
    of_fold = {"training": range(1, 9), "validation": (9,), "test": (10,)}
    found = {name: [entry for entry in stated if entry.fold in folds] for name, folds in of_fold.items()}
    sizes = {name: len(some) for name, some in found.items()}
    if sizes != SIZES:
        raise DatasetError(
            f"{sizes} records with a rhythm statement",
            allowed=f"{SIZES}, as in PTB-XL 1.0.3",
            do="unpack that release whole: ecglite fetch ptb-xl",
        )
    return found


def multi_hot(entries: Sequence[Entry], labels: Sequence[str]) -> npt.NDArray[np.bool_]:
    """[n, n_labels], whether each record has each statement."""
    return np.array([[label in entry.words for label in labels] for entry in entries])


def probabilities(
    bundle: Path, read: Callable[[Entry], Record], entries: Sequence[Entry], progress: Progress
) -> tuple[npt.NDArray[np.float64], dict[str, str]]:
    """What a bundle's model file says of the first ten seconds of each recording; one process per core.

    Returns:
        [n, n_labels], zeros where a recording could not be read; and why not, by its id.
    """
    rows, failed = [], {}
    with pool(_start, (bundle, read)) as workers:
        for done, (entry, (row, reason)) in enumerate(
            zip(entries, workers.map(_one, entries, chunksize=_CHUNK), strict=True), 1
        ):
            rows.append(row)
            if reason:
                failed[entry.record_id] = reason
            progress("classifying", done, len(entries))
    return np.array(rows, np.float64), failed


_worker: tuple[Model, Callable[[Entry], Record]] | None = None  # of a worker process, loaded once


def _start(bundle: Path, read: Callable[[Entry], Record]) -> None:
    global _worker
    _worker = Model(load_bundle(bundle)), read


def _one(entry: Entry) -> tuple[list[float], str]:
    if _worker is None:
        raise RuntimeError("a worker process was not started through _start")
    model, read = _worker
    try:
        window = next(windows(read(entry)))
    except EcgliteError as error:
        return [0.0] * len(model.manifest.labels), str(error)
    return [float(p) for p in model.probabilities(window.signal_mv)], ""


def _baseline(prepared: Prepared, labels: Sequence[str]) -> Figure:
    """Gradient boosting on age, sex and the beats, a model for each statement, fitted on folds 1 to 8."""
    x, y = baselines.beat_features(prepared), multi_hot(prepared.entries, labels)
    stated = y.any(axis=1)
    fit, test = stated & (prepared.folds <= 8), stated & (prepared.folds == 10)
    x = baselines.filled(x, fit)
    said = np.stack(
        [baselines.classifier().fit(x[fit], y[fit, k]).predict_proba(x[test])[:, 1] for k in range(len(labels))],
        axis=1,
    )
    patients = [patient for patient, inside in zip(prepared.patients, test, strict=True) if inside]
    found = evaluation.statement_figures(said, y[test], labels, patients)
    return {"title": "gradient boosting on age, sex and the beats", "macro_auc": found["macro_auc"]}
