"""Networks fitted for the experiments, and what they say of real recordings; resumable at every epoch."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.errors import LabError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.conditioning import Condition
from ecglite.lab.evaluation import Predictions
from ecglite.lab.fitting import Fit, predict, write
from ecglite.lab.models import network_of
from ecglite.lab.prepare import Progress
from ecglite.lab.realism.source import Real
from ecglite.lab.recipe import AugmentationRecipe, NetworkRecipe, Recipe, SimulatedRecipe, TrainingRecipe
from ecglite.lab.training import note_origin

LABELS: Final = tuple(RHYTHMS)

MOST_PARAMETERS: Final = 100_000
"""Of a network that shows what the simulator teaches."""

DEFAULT: Final = Recipe(
    name="realism",
    version="0.1.0",
    labels=LABELS,
    network=NetworkRecipe(
        stem=32,
        blocks=(
            *((48, 2, 1), (48, 1, 1), (72, 2, 1), (72, 1, 1), (72, 1, 2)),
            *((96, 2, 1), (96, 1, 1), (96, 1, 2), (96, 1, 3), (96, 1, 1)),
        ),
    ),
    training=TrainingRecipe(epochs=12, balance=0.0, mixup=0.2),
    augmentation=AugmentationRecipe(few_leads=0.0, lead_dropout=0.02, gap=0.0, knock=0.05, shorten=0.0),
    simulated=SimulatedRecipe(rhythms=(*LABELS, *LABELS[:7], *LABELS[:7]), per_rhythm=800),
)
"""What the experiments fit where no recipe is named: whole recordings. A rhythm named three times is made three times
as often, so that the four which hardly anyone has (AT, AVNRT, AVRT, SAAWR) do not take the place of the others."""


@dataclass(frozen=True)
class Set:
    """Recordings to fit.

    Attributes:
        x: [n, 12, 1, 1000], millivolts at 100 Hz.
        y: int64 [n], indices of the recipe's labels.
        facts: plain values: where they come from, and a checksum of them.
    """

    x: Tensor
    y: Tensor
    facts: dict[str, Any]


def set_of(x: npt.NDArray[np.float16], rhythms: Sequence[str], labels: Sequence[str], facts: dict[str, Any]) -> Set:
    """Recordings [n, 12, 1000] and their rhythms as a set to fit."""
    return Set(torch.from_numpy(x)[:, :, None, :], torch.tensor([labels.index(name) for name in rhythms]), facts)


def network(recipe: Recipe) -> nn.Module:
    """The untrained network of a recipe.

    Raises:
        LabError: it has over `MOST_PARAMETERS` parameters.
    """
    made = network_of(recipe)
    n = parameters(made)
    if n > MOST_PARAMETERS:
        raise LabError(f"a network of {n:,} parameters", allowed=f"at most {MOST_PARAMETERS:,}", do="narrow its blocks")
    return made


def parameters(made: nn.Module) -> int:
    """Numbers that are fitted."""
    return sum(p.numel() for p in made.parameters())


def fitted(
    recipe: Recipe, training: Set, steps: int, runs: Path, name: str, progress: Progress
) -> tuple[nn.Module, nn.Module]:
    """The averaged network after the last epoch, and its conditioning; no recording chooses an epoch.

    Args:
        recipe: see `DEFAULT`; its data are not looked at.
        training: what is fitted.
        steps: batches in an epoch, so that arms with other numbers of recordings have the same budget.
        runs: a folder, which keeps each fit in a folder of its own.
        name: of the fit.
        progress: counts the epochs.

    Raises:
        LabError: the network is too large, or the run of that name was begun with other recordings.
    """
    told = json.dumps([dataclasses.asdict(recipe), training.facts, steps], sort_keys=True).encode()
    folder = runs / f"{name}-{hashlib.sha256(told).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "recipe.json", json.dumps(dataclasses.asdict(recipe), indent=1))
    fit = Fit(
        lambda: network(recipe),
        recipe.training,
        recipe.augmentation,
        n_labels=len(recipe.labels),
        steps_per_epoch=steps,
        seed=recipe.seed,
    )
    return finished(fit, training, torch.arange(len(training.y)), folder, name, progress)


def finished(
    fit: Fit, training: Set, rows: Tensor, folder: Path, name: str, progress: Progress
) -> tuple[nn.Module, nn.Module]:
    """All epochs of a fit, going on after the last that its folder has: the averaged network and its conditioning.

    Args:
        fit: not yet begun.
        training: the recordings.
        rows: those of them to fit.
        folder: of this fit alone.
        name: of the fit.
        progress: counts the epochs.

    Raises:
        LabError: the folder's fit was begun with other recordings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note_origin(folder, training.facts)
    condition = Condition()
    history = fit.resume(folder)
    for epoch in range(len(history), fit.recipe.epochs):
        loss = fit.epoch(epoch, training.x, training.y, rows, condition)
        history.append({"epoch": epoch + 1, "train_loss": loss})
        fit.save(folder, history)
        progress(f"fitting {name}", epoch + 1, fit.recipe.epochs)
    return fit.average.eval(), condition


def said(fit: tuple[nn.Module, nn.Module], labels: Sequence[str], kind: Real, *, known: bool = False) -> Predictions:
    """What a fitted network says of real recordings.

    Args:
        fit: from `fitted`.
        labels: of its outputs.
        kind: the recordings.
        known: only the rhythms that the recordings have may be named.
    """
    made, condition = fit
    logits = predict(made, condition, torch.from_numpy(np.asarray(kind.x))[:, :, None, :])
    if known:
        absent = [k for k, label in enumerate(labels) if label not in kind.rhythms]
        logits[:, absent] = -np.inf
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return Predictions(
        labels=tuple(labels),
        truth=kind.rhythms,
        named=tuple(labels[k] for k in p.argmax(axis=1)),
        probabilities=p,
        abstained=np.zeros(len(p), np.bool_),
        groups=kind.patients,
    )


def pooled(kinds: Sequence[Real]) -> Real:
    """Several databases as one."""
    return Real(
        " + ".join(kind.name for kind in kinds),
        np.concatenate([kind.x for kind in kinds]),
        tuple(rhythm for kind in kinds for rhythm in kind.rhythms),
        tuple(patient for kind in kinds for patient in kind.patients),
        tuple(times for kind in kinds for times in kind.beats_s),
        {"parts": [kind.facts for kind in kinds]},
    )
