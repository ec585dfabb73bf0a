"""Which records train and which choose: by patient, with what is simulated kept apart in the count."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS
from ecglite.lab.labels import SIMULATED, Asked
from ecglite.lab.prepare import N_TIME, Prepared, decimated
from ecglite.lab.recipe import Recipe
from ecglite.lab.workers import pool
from ecglite.simulator import make

_CHUNK = 1024
_FIRST_SEED = 1_000_000  # far from the small seeds that the demo and the tests use


@dataclass(frozen=True, slots=True)
class Split:
    """Records for one purpose.

    Attributes:
        x: float16 [n, 12, 1, 1000], millivolts; who reads a batch makes it float32.
        y: int64 [n], label indices; or float32 [n, n_labels], where each label stands on its own.
    """

    x: Tensor
    y: Tensor


@dataclass(frozen=True, slots=True)
class Splits:
    """What a recipe trains on and chooses by.

    Attributes:
        training, validation: the records; no patient is in both, nor in the test folds.
        facts: plain values for the manifest: counts by label, real and simulated apart, and the sha256 of every
            sample and label, so that a run on other data is never taken for this one.
    """

    training: Split
    validation: Split
    facts: dict[str, Any]


def splits_of(prepared: Prepared, recipe: Recipe) -> Splits:
    """The records of a recipe.

    Raises:
        LabError: a patient is on two sides, or a side has no record.
    """
    of = recipe.data
    assert_patients_apart(prepared, of.train_folds, of.validation_folds, of.test_folds)
    real = split_of(prepared, of.train_folds, recipe, of.limit)
    made = _simulated(recipe)
    validation = split_of(prepared, of.validation_folds, recipe)
    training = Split(torch.cat([real.x, made.x]), torch.cat([real.y, made.y])) if len(made.y) else real
    digest = hashlib.sha256()
    for part in (training, validation):
        for first in range(0, len(part.x), _CHUNK):
            digest.update(part.x[first : first + _CHUNK].float().numpy().data)
        digest.update(part.y.numpy().data)
    facts = {
        "dataset": of.dataset,
        "train_folds": list(of.train_folds),
        "validation_folds": list(of.validation_folds),
        "prepared": prepared.fingerprint,
        "sha256": digest.hexdigest(),
        "train_records": _counts(real, recipe.labels),
        "simulated_records": _asked(recipe),
        "validation_records": _counts(validation, recipe.labels),
    }
    return Splits(training, validation, facts)


def split_of(prepared: Prepared, folds: tuple[int, ...], recipe: Recipe, limit: int = 0) -> Split:
    """The records of these folds that have a label of the recipe, the first `limit` of them (0: all).

    Raises:
        LabError: there is none.
    """
    labels = recipe.labels
    if recipe.one_of_many:
        known = np.array([rhythm in labels for rhythm in prepared.rhythms])
    else:
        known = np.array([any(word in labels for word in entry.words) for entry in prepared.entries])
    rows = np.flatnonzero(np.isin(prepared.folds, folds) & known)[: limit or None]
    if not len(rows):
        raise LabError(f"no record of folds {folds} has one of the labels {', '.join(labels)}")
    x = torch.from_numpy(np.asarray(prepared.signal_mv[rows]))[:, :, None, :]
    if recipe.one_of_many:
        return Split(x, torch.tensor([labels.index(prepared.rhythms[row]) for row in rows]))
    return Split(x, torch.tensor([[float(label in prepared.entries[row].words) for label in labels] for row in rows]))


def assert_patients_apart(prepared: Prepared, *groups: tuple[int, ...]) -> None:
    """Raise LabError if a patient has records in two groups of folds."""
    seen: dict[str, int] = {}
    for number, folds in enumerate(groups):
        for row in np.flatnonzero(np.isin(prepared.folds, folds)):
            if seen.setdefault(prepared.patients[row], number) != number:
                raise LabError(f"patient {prepared.patients[row]} is on two sides of the split")


def _simulated(recipe: Recipe) -> Split:
    of, labels = recipe.simulated, recipe.labels
    if recipe.one_of_many:
        asked: list[Asked] = [(rhythm, (), {}) for rhythm in of.rhythms for _ in range(of.per_rhythm)]
        y = torch.tensor([labels.index(rhythm) for rhythm, _, _ in asked], dtype=torch.long)
    else:
        turns = ((k, SIMULATED[statement]) for statement in of.statements for k in range(of.per_rhythm))
        asked = [kinds[k % len(kinds)] for k, kinds in turns]
        y = torch.tensor([[said.get(label, 0.0) for label in labels] for _, _, said in asked])
    if not asked:
        return Split(torch.zeros(0, len(LEADS), 1, N_TIME, dtype=torch.float16), y)
    with pool() as workers:
        made = workers.map(_one, asked, range(_FIRST_SEED, _FIRST_SEED + len(asked)), chunksize=16)
        x = torch.from_numpy(np.stack(list(made)))[:, :, None, :]
    return Split(x, y)


def _one(asked: Asked, seed: int) -> npt.NDArray[np.float16]:
    rhythm, traits, _ = asked
    return decimated(make(rhythm, seed, traits=traits).record)


def _asked(recipe: Recipe) -> dict[str, int]:
    """How many records were simulated for each label; one for a statement may have others beside it."""
    of = recipe.simulated
    names = Counter(of.rhythms if recipe.one_of_many else of.statements)
    return {label: names[label] * of.per_rhythm for label in recipe.labels}


def _counts(split: Split, labels: tuple[str, ...]) -> dict[str, int]:
    if split.y.ndim == 2:
        return {label: int(n) for label, n in zip(labels, split.y.sum(dim=0).tolist(), strict=True)}
    counts = Counter(split.y.tolist())
    return {label: counts[k] for k, label in enumerate(labels)}
