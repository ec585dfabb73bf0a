"""What converting changes: torch to the float file to the int8 file, on the same windows, each through its runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ecglite.edge.errors import DatasetError, EcgliteError
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab import datasets, export, prepare
from ecglite.lab.bench.contenders import Twins
from ecglite.lab.prepare import Progress
from ecglite.lab.training import score
from ecglite.simulator import simulate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parity:
    """One bundle.

    Attributes:
        bundle: name and version.
        recordings: what they are, in words.
        n: how many.
        weights: whose weights torch and the float file have, in words.
        torch_to_float: greatest difference of a probability between torch and the float file.
        float_to_onnx: the same between the float file and onnxruntime; None where that is not installed.
        float_to_int8: the same between the float and the int8 file.
        float_to_int8_mean: the mean of these differences over recordings and labels.
        renamed: recordings of which the likeliest label changes from float to int8.
        metric: "accuracy" or "macro-AUC"; "" where the recordings have no truth for it.
        metric_float, metric_int8: of the two files.
    """

    bundle: str
    recordings: str
    n: int
    weights: str
    torch_to_float: float
    float_to_onnx: float | None
    float_to_int8: float
    float_to_int8_mean: float
    renamed: int
    metric: str
    metric_float: float | None
    metric_int8: float | None


def compare(twins: Twins, data: Path | None, records: int, progress: Progress) -> Parity:
    """A bundle's forms on the same windows: real ones of the folds that chose it, simulated where there are none.

    Args:
        twins: the bundle.
        data: where the databases are, see `datasets.root_of`.
        records: at most so many recordings.
        progress: counts the recordings.
    """
    name, x, truth = _windows(twins, data, records, progress)
    with torch.inference_mode():
        of_torch = np.stack([twins.graph(torch.from_numpy(w[None]))["probabilities"][0].numpy() for w in x])
    of_float = export.run(twins.float_model, x).astype(np.float64)
    of_int8 = export.run(twins.bundle.model, x).astype(np.float64)
    of_onnx = None if twins.onnx is None else _onnx(twins.onnx, x)
    changed = np.abs(of_float - of_int8)
    metric = "" if truth is None else ("accuracy" if twins.recipe.one_of_many else "macro-AUC")
    manifest = twins.bundle.manifest
    return Parity(
        bundle=f"{manifest.name} {manifest.version}",
        recordings=name,
        n=len(x),
        weights=twins.weights,
        torch_to_float=float(np.abs(of_torch - of_float).max()),
        float_to_onnx=None if of_onnx is None else float(np.abs(of_onnx - of_float).max()),
        float_to_int8=float(changed.max()),
        float_to_int8_mean=float(changed.mean()),
        renamed=int((of_float.argmax(axis=1) != of_int8.argmax(axis=1)).sum()),
        metric=metric,
        metric_float=None if truth is None else _metric(of_float, truth),
        metric_int8=None if truth is None else _metric(of_int8, truth),
    )


def _metric(said: Floats, truth: npt.NDArray[np.int64]) -> float:
    """Accuracy of label indices [n]; macro-AUC of [n, n_labels], over the labels that have positives."""
    if truth.ndim == 1:
        return float((said.argmax(axis=1) == truth).mean())
    said = said.clip(1e-7, 1 - 1e-7)
    return score(np.log(said / (1 - said)), truth)["macro_auc"]


def _windows(
    twins: Twins, data: Path | None, records: int, progress: Progress
) -> tuple[str, npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
    """What they are, the first ten seconds of each, and the truth."""
    of, labels = twins.recipe.data, twins.recipe.labels
    which = datasets.dataset(of.dataset)
    try:
        root = datasets.root_of(which, data)
    except DatasetError:
        return _simulated(twins, records)
    entries = [e for e in which.index(root) if e.fold in of.validation_folds]
    order = np.random.default_rng(0).permutation(len(entries))
    x: list[npt.NDArray[np.float32]] = []
    truth: list[list[int]] = []
    for entry in (entries[k] for k in order):
        if len(x) == records:
            break
        try:
            record = which.read(entry)
            has = _truth(twins, which, entry, record)
        except EcgliteError:
            continue  # what cannot be read is counted by `ecglite evaluate`
        if any(label in has for label in labels):
            x.append(next(windows(record)).signal_mv)
            truth.append([int(label in has) for label in labels])
            progress("reading recordings", len(x), records)
    if not x:
        return _simulated(twins, records)
    folds = ", ".join(map(str, of.validation_folds))
    hot = np.array(truth, np.int64)
    return f"{which.title}, fold {folds}", np.stack(x), hot.argmax(axis=1) if twins.recipe.one_of_many else hot


def _truth(twins: Twins, which: datasets.Dataset, entry: datasets.Entry, record: Record) -> Sequence[str]:
    if not twins.recipe.one_of_many:
        return entry.words
    return (prepare.rhythm(which, entry, prepare.prepared(record, prepare.RATES_HZ[0])[1].rate_bpm),)


def _simulated(twins: Twins, records: int) -> tuple[str, npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
    rhythms = twins.recipe.labels if twins.recipe.one_of_many else ("SR", "SB", "ST", "AFIB", "SA")
    names = [rhythms[k % len(rhythms)] for k in range(records)]
    x = np.stack([next(windows(simulate(name, seed=k))).signal_mv for k, name in enumerate(names)])
    truth = np.array([rhythms.index(name) for name in names]) if twins.recipe.one_of_many else None
    return "simulated", x, truth


def _onnx(model: bytes, x: npt.NDArray[np.float32]) -> Floats:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    said: Floats = np.stack([session.run(None, {"ecg": w[None]})[0][0] for w in x]).astype(np.float64)
    return said
