"""What converting changes: torch to the float file to the int8 file, on the same windows, each through its runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from ecglite.edge.errors import DatasetError, EcgliteError
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab import datasets, evaluation, export, micro, prepare
from ecglite.lab.bench.contenders import Twins
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.datasets.ptb_xl import LABEL_MAP
from ecglite.lab.evaluation import Figure, Predictions
from ecglite.lab.prepare import Progress
from ecglite.lab.recipe import Recipe
from ecglite.lab.training import score
from ecglite.simulator import simulate

Floats = npt.NDArray[np.float64]

EXTERNAL: Final = ("chapman", "georgia", "cpsc-extra", "cpsc2018")
"""The databases whose recordings stand in where that of the recipe is not there."""

_STATEMENT_OF: Final = {
    rhythm: word for word, rhythm in LABEL_MAP.items() if list(LABEL_MAP.values()).count(rhythm) == 1
}
"""The one of PTB-XL's statements that says a rhythm; supraventricular tachycardia has two."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """What the forms of a model are compared on.

    Attributes:
        name: what they are, in words.
        windows_mv: float32 [n, 5000, 12], the first ten seconds of each, millivolts at 500 Hz.
        truth: bool [n, n_labels], which of the recipe's labels each has; None where that is not known.
        groups: whose each is.
    """

    name: str
    windows_mv: npt.NDArray[np.float32]
    truth: npt.NDArray[np.bool_] | None
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parity:
    """One file that ships.

    Attributes:
        bundle: its name and version, and which of its files where it is not the first.
        recordings: what they are, in words.
        n: how many.
        weights: whose weights torch and the float file have, in words.
        torch_to_float: greatest difference of a probability between torch and the float file.
        float_to_onnx: the same between the float file and onnxruntime; None where that was not made.
        float_to_int8: the same between the float and the int8 file.
        float_to_int8_mean: the mean of these differences over recordings and labels.
        renamed: recordings of which the likeliest label changes from float to int8.
        metric: "accuracy" or "macro-AUC"; "" where the recordings have no truth for it.
        metric_float, metric_int8: of the two files.
        metric_change: `value`, that of the int8 file minus the float file's, with `low` and `high` of the middle 95 %
            of a paired bootstrap over patients; None without a metric, no interval where nothing changes.
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
    metric_change: Figure | None


def drawn(twins: Sequence[Twins], data: Path | None, most: int, progress: Progress) -> list[Recordings]:
    """The recordings of each, see `recordings`; files with the same labels and data have the same."""
    found: dict[tuple[object, ...], Recordings] = {}
    for twin in twins:
        key = (twin.recipe.task, twin.recipe.labels, twin.recipe.data)
        if key not in found:
            found[key] = recordings(twin.recipe, data, most, progress)
    return [found[twin.recipe.task, twin.recipe.labels, twin.recipe.data] for twin in twins]


def compare(twins: Twins, on: Recordings) -> Parity:
    """A file's forms on the same windows."""
    x = micro.conditioned(on.windows_mv) if twins.micro else on.windows_mv
    with torch.inference_mode():
        of_torch = np.stack([twins.graph(torch.from_numpy(w[None]))["probabilities"][0].numpy() for w in x])
    of_float = export.run(twins.float_model, x).astype(np.float64)
    of_int8 = (micro.probabilities if twins.micro else export.run)(twins.int8_model, x).astype(np.float64)
    of_onnx = None if twins.onnx is None else _onnx(twins.onnx, x)
    changed = np.abs(of_float - of_int8)
    known = on.truth is not None
    return Parity(
        bundle=twins.name,
        recordings=on.name,
        n=len(x),
        weights=twins.weights,
        torch_to_float=float(np.abs(of_torch - of_float).max()),
        float_to_onnx=None if of_onnx is None else float(np.abs(of_onnx - of_float).max()),
        float_to_int8=float(changed.max()),
        float_to_int8_mean=float(changed.mean()),
        renamed=int((of_float.argmax(axis=1) != of_int8.argmax(axis=1)).sum()),
        metric="" if not known else ("accuracy" if twins.recipe.one_of_many else "macro-AUC"),
        metric_float=_metric(twins.recipe, of_float, on.truth) if on.truth is not None else None,
        metric_int8=_metric(twins.recipe, of_int8, on.truth) if on.truth is not None else None,
        metric_change=_change(twins.recipe, of_int8, of_float, on) if known else None,
    )


def _metric(recipe: Recipe, said: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """Accuracy; or macro-AUC over the labels that have positives."""
    if recipe.one_of_many:
        return float((said.argmax(axis=1) == truth.argmax(axis=1)).mean())
    said = said.clip(1e-7, 1 - 1e-7)
    return score(np.log(said / (1 - said)), truth.astype(np.int64))["macro_auc"]


def _change(recipe: Recipe, one: Floats, other: Floats, on: Recordings) -> Figure:
    """The metric of one minus the other's."""
    assert on.truth is not None
    if not recipe.one_of_many:
        return evaluation.statement_difference(one, other, on.truth, on.groups)
    truth = tuple(recipe.labels[k] for k in on.truth.argmax(axis=1))
    sure = np.zeros(len(truth), np.bool_)
    of_one, of_other = (
        Predictions(recipe.labels, truth, tuple(recipe.labels[k] for k in said.argmax(axis=1)), said, sure, on.groups)
        for said in (one, other)
    )
    found: Figure = evaluation.difference(of_one, of_other)["accuracy"]
    return found


def recordings(recipe: Recipe, data: Path | None, most: int, progress: Progress) -> Recordings:
    """Real recordings of the folds that chose a recipe's model, of `EXTERNAL` where those are absent, else simulated.

    Args:
        recipe: whose labels they have.
        data: where the databases are, see `datasets.root_of`.
        most: at most so many, drawn the same each time.
        progress: counts them.
    """
    of = recipe.data
    own = [(which, entry) for which, entry in _entries(of.dataset, data) if entry.fold in of.validation_folds]
    found = _first(recipe, own, most, progress)
    if found is not None:
        title = datasets.dataset(of.dataset).title
        return replace(found, name=f"{title}, fold {', '.join(map(str, of.validation_folds))}")
    others = [pair for name in EXTERNAL for pair in _entries(name, data)]
    return _first(recipe, others, most, progress) or _simulated(recipe, most)


def _entries(name: str, data: Path | None) -> list[tuple[Dataset, Entry]]:
    """A database's recordings, none where it is not there."""
    which = datasets.dataset(name)
    try:
        return [(which, entry) for entry in which.index(datasets.root_of(which, data))]
    except DatasetError:
        return []


def _first(recipe: Recipe, pairs: Sequence[tuple[Dataset, Entry]], most: int, progress: Progress) -> Recordings | None:
    """The first, in an order drawn once, that can be read and have a label; named by database, with counts."""
    titles, x, truth, groups = [], [], [], []
    for which, entry, record, has in islice(_labelled(recipe, pairs), most):
        titles.append(which.title)
        x.append(next(windows(record)).signal_mv)
        truth.append([label in has for label in recipe.labels])
        groups.append(f"{which.name} {entry.patient_id or entry.record_id}")
        progress("reading recordings", len(x), min(most, len(pairs)))
    if not x:
        return None
    name = ", ".join(f"{title} ({titles.count(title)})" for title in sorted(set(titles)))
    return Recordings(name, np.stack(x), np.array(truth, np.bool_), tuple(groups))


def _labelled(
    recipe: Recipe, pairs: Sequence[tuple[Dataset, Entry]]
) -> Iterator[tuple[Dataset, Entry, Record, Sequence[str]]]:
    for k in np.random.default_rng(0).permutation(len(pairs)):
        which, entry = pairs[k]
        try:
            record = which.read(entry)
            has = _truth(recipe, which, entry, record)
        except EcgliteError:
            continue  # what cannot be read is counted by `ecglite evaluate`
        if any(label in has for label in recipe.labels):
            yield which, entry, record, has


def _truth(recipe: Recipe, which: Dataset, entry: Entry, record: Record) -> Sequence[str]:
    """The labels of a recording, in the words of the recipe."""
    if not recipe.one_of_many and which.name == recipe.data.dataset:
        return entry.words
    rhythm = prepare.rhythm(which, entry, prepare.prepared(record, prepare.RATES_HZ[0])[1].rate_bpm)
    return (rhythm,) if recipe.one_of_many else (_STATEMENT_OF.get(rhythm, ""),)


def _simulated(recipe: Recipe, n: int) -> Recordings:
    rhythms = recipe.labels if recipe.one_of_many else ("SR", "SB", "ST", "AFIB", "SA")
    names = [rhythms[k % len(rhythms)] for k in range(n)]
    x = np.stack([next(windows(simulate(name, seed=k))).signal_mv for k, name in enumerate(names)])
    truth = np.array([[label == name for label in recipe.labels] for name in names]) if recipe.one_of_many else None
    return Recordings("simulated", x, truth, tuple(map(str, range(n))))


def _onnx(model: bytes, x: npt.NDArray[np.float32]) -> Floats:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    said: Floats = np.stack([session.run(None, {"ecg": w[None]})[0][0] for w in x]).astype(np.float64)
    return said
