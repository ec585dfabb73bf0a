"""Fit one network on the training folds and choose its epoch on the validation folds; resumable at every epoch."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score
from torch import Tensor, nn

from ecglite.edge.errors import LabError
from ecglite.lab.conditioning import Condition
from ecglite.lab.fitting import Fit, device, predict, read_history, save_tensors, write
from ecglite.lab.models import network_of
from ecglite.lab.models.depthwise import Depthwise
from ecglite.lab.recipe import Recipe, from_mapping
from ecglite.lab.splits import Splits

Log = Callable[[str], None]


def run_folder(recipe: Recipe, runs: Path) -> Path:
    """Where a recipe's run is kept: its name and fingerprint, so that another recipe never resumes it."""
    return runs / f"{recipe.name}-{recipe.fingerprint()}"


def train(recipe: Recipe, splits: Splits, folder: Path, log: Log) -> None:
    """Fit until the last epoch, going on where an interrupted run in `folder` stopped.

    `folder` then holds `recipe.json`, `origin.json` (data and commits), `history.jsonl` (one epoch a line),
    `last-N.safetensors` (everything that a resume needs) and `best.safetensors`: the averaged weights of the epoch
    with the least validation log loss, which hangs on all records, where a macro average over rare classes hangs on
    a handful.
    """
    taught = Teachers.of(recipe, splits, folder.parent, log) if recipe.teacher.seeds else None
    folder.mkdir(parents=True, exist_ok=True)
    training, validation = splits.training, splits.validation
    write(folder / "recipe.json", json.dumps(asdict(recipe), indent=1))
    finished = len(read_history(folder)) >= recipe.training.epochs
    note_origin(folder, splits.facts | ({"teachers": taught.named} if taught else {}), go_on=not finished)
    fit = Fit(
        lambda: network_of(recipe),
        recipe.training,
        recipe.augmentation,
        n_labels=len(recipe.labels),
        steps_per_epoch=max(1, len(training.y) // recipe.training.batch_size),
        seed=recipe.seed,
    )
    history = fit.resume(folder)
    condition = Condition()
    rows = torch.arange(len(training.y))
    for epoch in range(len(history), recipe.training.epochs):
        loss = fit.epoch(epoch, training.x, training.y, rows, condition, taught)
        scores = score(predict(fit.average, condition, validation.x), validation.y.numpy())
        history.append({"epoch": epoch + 1, "train_loss": loss, **scores})
        if scores["log_loss"] <= min(line["log_loss"] for line in history):
            save_tensors(fit.average.state_dict(), folder / "best.safetensors")
        fit.save(folder, history)
        log(
            f"epoch {epoch + 1}/{recipe.training.epochs}  train loss {loss:.4f}  validation: "
            + "  ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in scores.items())
        )


class Teachers:
    """Finished networks, and what they make of a batch.

    Args:
        networks: conditioned signal -> logits.
        share: of a target that is theirs.
        one_of_many: the labels exclude each other, or each stands on its own.
        named: the run of each, and the SHA-256 of its weights.
    """

    def __init__(
        self, networks: Sequence[nn.Module], share: float, *, one_of_many: bool, named: dict[str, str] | None = None
    ) -> None:
        self.named = named or {}
        self.networks = [network.eval().to(memory_format=torch.channels_last) for network in networks]  # type: ignore[call-overload]
        self.share = share
        self.one_of_many = one_of_many

    @classmethod
    def of(cls, recipe: Recipe, splits: Splits, runs: Path, log: Log) -> Teachers:
        """Those of a recipe; a run that is not finished yet is fitted first, as `train` does."""
        networks, named = [], {}
        for number, teacher in enumerate(recipe.teachers(), 1):
            folder = run_folder(teacher, runs)
            log(f"teacher {number} of {len(recipe.teacher.seeds)}: {folder}")
            train(teacher, splits, folder, log)
            networks.append(load_run(folder)[1].to(device()))
            named[folder.name] = hashlib.sha256((folder / "best.safetensors").read_bytes()).hexdigest()
        return cls(networks, recipe.teacher.share, one_of_many=recipe.one_of_many, named=named)

    def __call__(self, x: Tensor, target: Tensor) -> Tensor:
        """Targets [batch, n_labels], each drawn towards the mean of the teachers' probabilities for the same inputs.

        Args:
            x: conditioned, as the network that learns sees it.
            target: of the labels.
        """
        with torch.inference_mode():
            x = x.to(device()).contiguous(memory_format=torch.channels_last)
            logits = torch.stack([network(x) for network in self.networks])
            said = (torch.softmax(logits, dim=2) if self.one_of_many else torch.sigmoid(logits)).mean(dim=0)
        return target + self.share * (said.to(target.device) - target)


def note_origin(folder: Path, facts: dict[str, Any], *, go_on: bool = True) -> None:
    """Keep what the run is made from; the commits of the source tree add up where it is resumed at another.

    Args:
        folder: of the run.
        facts: of its records, labels and teachers.
        go_on: there are epochs left, so that this commit has a share in it.

    Raises:
        LabError: the run was begun with other records or labels.
    """
    path = folder / "origin.json"
    known = json.loads(path.read_text()) if path.exists() else {"data": facts, "commits": []}
    if known["data"] != json.loads(json.dumps(facts)):
        raise LabError(
            f"{folder} was begun with other records or labels than the database and the code give now",
            do="move that folder away to train anew",
        )
    if go_on:
        known["commits"] = list(dict.fromkeys([*known["commits"], commit()]))
    write(path, json.dumps(known, indent=1))


def commit() -> str:
    """The commit of the source tree that this module runs from; "" where it is no git checkout."""
    try:
        say = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return say.stdout.strip()


def load_run(folder: Path) -> tuple[Recipe, Depthwise, dict[str, Any]]:
    """The recipe, the chosen network and the origin of a finished run.

    Raises:
        LabError: the folder holds no finished run.
    """
    try:
        recipe = from_mapping(Recipe, json.loads((folder / "recipe.json").read_text()))
        history = read_history(folder)
        origin = json.loads((folder / "origin.json").read_text())
        weights = load_file(folder / "best.safetensors")
    except (OSError, ValueError) as error:
        raise LabError(f"{folder} holds no run: {error}", do="make one with ecglite train RECIPE") from None
    if len(history) < recipe.training.epochs:
        raise LabError(
            f"{folder} stopped after {len(history)} of {recipe.training.epochs} epochs",
            do="finish it with ecglite train and the same recipe",
        )
    network = network_of(recipe)
    network.load_state_dict(weights)
    return recipe, network.eval(), origin


def score(logits: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> dict[str, float]:
    """Validation figures; macro-AUC is one against the rest over the labels that `y` has.

    Args:
        logits: [n, n_labels].
        y: int [n], label indices; or [n, n_labels] of zeros and ones, where each label stands on its own.
    """
    if y.ndim == 2:
        aucs = [roc_auc_score(y[:, k], logits[:, k]) for k in range(y.shape[1]) if 0 < y[:, k].sum() < len(y)]
        losses = np.logaddexp(0.0, logits) - y * logits
        return {"macro_auc": float(np.mean(aucs)), "log_loss": float(losses.mean())}
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    best = p.argmax(axis=1)
    aucs = [roc_auc_score(y == k, p[:, k]) for k in np.unique(y) if 0 < (y == k).sum() < len(y)]
    return {
        "macro_auc": float(np.mean(aucs)),
        "accuracy": float((best == y).mean()),
        "balanced_accuracy": float(balanced_accuracy_score(y, np.where(np.isin(best, y), best, y.min()))),
        "log_loss": float(log_loss(y, p, labels=range(p.shape[1]))),
    }
