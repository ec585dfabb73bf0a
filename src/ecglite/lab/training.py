"""Fit one network on the training folds and choose its epoch on the validation folds; resumable at every epoch."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional

from ecglite.edge.errors import LabError
from ecglite.lab.augmentation import augmented, mixed
from ecglite.lab.conditioning import Condition
from ecglite.lab.models import network_of
from ecglite.lab.prepare import N_TIME
from ecglite.lab.recipe import Recipe, TrainingRecipe, from_mapping
from ecglite.lab.splits import Split, Splits

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
    folder.mkdir(parents=True, exist_ok=True)
    training, validation = splits.training, splits.validation
    _write(folder / "recipe.json", json.dumps(asdict(recipe), indent=1))
    _note_origin(folder, splits.facts)
    torch.manual_seed(recipe.seed)  # the network's first weights
    state = _State(recipe, steps_per_epoch=max(1, len(training.y) // recipe.training.batch_size))
    history = state.resume(folder)
    condition = Condition(training.x.shape[1], N_TIME)
    weights = _draw_weights(training.y, recipe.training.balance)
    for epoch in range(len(history), recipe.training.epochs):
        loss = state.epoch(epoch, training, condition, weights)
        scores = score(predict(state.average, condition, validation.x), validation.y.numpy())
        history.append({"epoch": epoch + 1, "train_loss": loss, **scores})
        if scores["log_loss"] <= min(line["log_loss"] for line in history):
            _save(state.average.state_dict(), folder / "best.safetensors")
        state.save(folder, history)
        log(
            f"epoch {epoch + 1}/{recipe.training.epochs}  train loss {loss:.4f}  validation: "
            f"loss {scores['log_loss']:.4f}  macro-AUC {scores['macro_auc']:.4f}  "
            f"accuracy {scores['accuracy']:.4f}  balanced {scores['balanced_accuracy']:.4f}"
        )


def _note_origin(folder: Path, facts: dict[str, Any]) -> None:
    """Keep what the run is made from; the commits of the source tree add up where it is resumed at another.

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
    known["commits"] = list(dict.fromkeys([*known["commits"], commit()]))
    _write(path, json.dumps(known, indent=1))


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


def load_run(folder: Path) -> tuple[Recipe, nn.Module, dict[str, Any]]:
    """The recipe, the chosen network and the origin of a finished run.

    Raises:
        LabError: the folder holds no finished run.
    """
    try:
        recipe = from_mapping(Recipe, json.loads((folder / "recipe.json").read_text()))
        history = (folder / "history.jsonl").read_text().splitlines()
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


def predict(network: nn.Module, condition: nn.Module, x: Tensor, batch: int = 256) -> npt.NDArray[np.float64]:
    """[n, 12, 1, 1000], millivolts -> [n, n_labels], logits."""
    network.eval()
    with torch.inference_mode():
        parts = [network(condition(x[k : k + batch])).double().numpy() for k in range(0, len(x), batch)]
    return np.concatenate(parts)


def score(logits: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> dict[str, float]:
    """Validation figures; macro-AUC is one against the rest over the labels that `y` has."""
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


class _State:
    """Everything that changes while training, and how it is kept."""

    def __init__(self, recipe: Recipe, steps_per_epoch: int) -> None:
        self.recipe: TrainingRecipe = recipe.training
        self.augmentation = recipe.augmentation
        self.steps_per_epoch = steps_per_epoch
        self.network = network_of(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = network_of(recipe)
        self.average.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.recipe.learning_rate, weight_decay=self.recipe.weight_decay
        )
        self.seed = recipe.seed
        self.n_labels = len(recipe.labels)
        self.step = 0

    def epoch(self, number: int, data: Split, condition: nn.Module, weights: Tensor) -> float:
        """One pass; the mean training loss. Its random draws hang on its number, so a resumed run makes the same."""
        self.network.train()
        torch.manual_seed(self.seed * 100_003 + number)  # dropout
        rng = torch.Generator().manual_seed(self.seed * 100_003 + number)
        size, total = self.recipe.batch_size, 0.0
        drawn = torch.multinomial(weights, self.steps_per_epoch * size, replacement=True, generator=rng)
        for rows in drawn.view(-1, size):
            x = augmented(data.x[rows], self.augmentation, rng)
            y = functional.one_hot(data.y[rows], self.n_labels).float()
            x, y = mixed(condition(x), y, self.recipe.mixup, rng)
            for group in self.optimizer.param_groups:
                group["lr"] = self._learning_rate()
            logits = self.network(x.contiguous(memory_format=torch.channels_last))
            loss = functional.cross_entropy(logits, y, label_smoothing=self.recipe.label_smoothing)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimizer.step()
            self.step += 1
            self._average()
            total += loss.item()
        return total / self.steps_per_epoch

    def _learning_rate(self) -> float:
        """One cycle: a linear rise over the first tenth, then half a cosine down to nothing."""
        at = self.step / (self.steps_per_epoch * self.recipe.epochs)
        if at < 0.1:
            return self.recipe.learning_rate * (0.04 + 0.96 * at / 0.1)
        return self.recipe.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (at - 0.1) / 0.9)))

    def _average(self) -> None:
        """Exponential average of weights and batch-norm statistics; short at first, so that it leaves the start."""
        decay = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        current = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1 - decay)
            else:
                value.copy_(current[name])

    def save(self, folder: Path, history: list[dict[str, Any]]) -> None:
        """Checkpoint after an epoch; the history is written last and names the epochs that count."""
        tensors = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for number, slot in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": v for k, v in slot.items()}
        tensors["step"] = torch.tensor(self.step)
        _save(tensors, folder / f"last-{len(history)}.safetensors")
        _write(folder / "history.jsonl", "".join(json.dumps(line) + "\n" for line in history))
        for old in folder.glob("last-*.safetensors"):
            if old.name != f"last-{len(history)}.safetensors":
                old.unlink()

    def resume(self, folder: Path) -> list[dict[str, Any]]:
        """Take up the last checkpoint; the history so far, empty for a new run."""
        try:
            history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
        except FileNotFoundError:
            return []
        tensors = load_file(folder / f"last-{len(history)}.safetensors")
        for prefix, module in (("network.", self.network), ("average.", self.average)):
            module.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("optimizer."):
                _, number, slot = key.split(".")
                state.setdefault(int(number), {})[slot] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})
        self.step = int(tensors["step"])
        return history


def _draw_weights(y: Tensor, balance: float) -> Tensor:
    counts = torch.bincount(y).double()
    return counts[y] ** -balance


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    part = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, part)
    os.replace(part, path)


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    os.replace(part, path)
