"""The loop that fits a network: one step after the other, kept on disk after each epoch so that it can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from ecglite.lab.augmentation import augmented, inverted, mixed
from ecglite.lab.recipe import AugmentationRecipe, TrainingRecipe

HISTORY: Final = "history.jsonl"
_SAMPLES: Final = 256_000  # of one lead in a batch that is only looked at


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Fit:
    """Everything that changes while a network is fitted, and how it is kept.

    Args:
        make: makes the untrained network, the same each time.
        training: how it is fitted.
        augmentation: what a batch goes through first; None for nothing.
        n_labels: outputs of the network.
        steps_per_epoch: batches in an epoch.
        seed: of every random draw.
    """

    def __init__(
        self,
        make: Callable[[], nn.Module],
        training: TrainingRecipe,
        augmentation: AugmentationRecipe | None,
        *,
        n_labels: int,
        steps_per_epoch: int,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)  # the network's first weights
        self.recipe = training
        self.augmentation = augmentation
        self.steps_per_epoch = steps_per_epoch
        self.device = device()
        self.network = make().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = make().to(self.device)
        self.average.load_state_dict(self.network.state_dict())
        # Adam (Kingma and Ba, 2015) where weight_decay is 0
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
        )
        self.seed = seed
        self.n_labels = n_labels
        self.step = 0

    def epoch(
        self,
        number: int,
        x: Tensor,
        y: Tensor,
        rows: Tensor,
        condition: nn.Module,
        taught: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> float:
        """One pass; the mean training loss. Its random draws hang on its number, so a resumed run makes the same.

        Args:
            number: of the epoch, from 0.
            x: [n, n_leads, 1, n_time], millivolts, any floating type.
            y: int64 [n], label indices; or float32 [n, n_labels], each label on its own.
            rows: int64, the records to fit.
            condition: see `conditioning`.
            taught: a conditioned batch and its targets -> the targets that are learned; None for them as they are.
        """
        self.network.train()
        torch.manual_seed(self.seed * 100_003 + number)  # dropout
        rng = torch.Generator().manual_seed(self.seed * 100_003 + number)
        total = 0.0
        for batch in self._drawn(y[rows], rng).view(-1, self.recipe.batch_size):
            chosen = rows[batch]
            signal = x[chosen].float()
            if self.augmentation is not None:
                signal = augmented(signal, self.augmentation, rng)
            target = functional.one_hot(y[chosen], self.n_labels).float() if y.ndim == 1 else y[chosen]
            conditioned, target = mixed(condition(signal), target, self.recipe.mixup, rng)
            if taught is not None:
                target = taught(conditioned, target)
            if self.augmentation is not None and self.augmentation.invert:
                conditioned = inverted(conditioned, self.augmentation.invert, rng)
            total += self._step(conditioned, target, one_of_many=y.ndim == 1)
        return total / self.steps_per_epoch

    def _drawn(self, y: Tensor, rng: torch.Generator) -> Tensor:
        """Which of the rows each batch takes: each once where nothing is balanced, else drawn by their class."""
        n = self.steps_per_epoch * self.recipe.batch_size
        if self.recipe.balance == 0 and n <= len(y):
            return torch.randperm(len(y), generator=rng)[:n]
        return torch.multinomial(draw_weights(y, self.recipe.balance), n, replacement=True, generator=rng)

    def _step(self, x: Tensor, target: Tensor, *, one_of_many: bool) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        x, target = x.to(self.device).contiguous(memory_format=torch.channels_last), target.to(self.device)
        low = self.recipe.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            logits = self.network(x)
        if one_of_many:
            loss = functional.cross_entropy(logits.float(), target, label_smoothing=self.recipe.label_smoothing)
        else:
            loss = functional.binary_cross_entropy_with_logits(logits.float(), target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.step += 1
        self._average()
        return loss.item()

    def _learning_rate(self) -> float:
        """Constant, or one cycle: a linear rise over the first tenth, then half a cosine down to nothing."""
        if self.recipe.schedule == "constant":
            return self.recipe.learning_rate
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
        save_tensors(tensors, folder / f"last-{len(history)}.safetensors")
        write(folder / HISTORY, "".join(json.dumps(line) + "\n" for line in history))
        for old in folder.glob("last-*.safetensors"):
            if old.name != f"last-{len(history)}.safetensors":
                old.unlink()

    def resume(self, folder: Path) -> list[dict[str, Any]]:
        """Take up the last checkpoint; the history so far, empty for a new run."""
        history = read_history(folder)
        if not history:
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


def read_history(folder: Path) -> list[dict[str, Any]]:
    """The epochs that a run has finished, one dictionary each."""
    try:
        return [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]
    except FileNotFoundError:
        return []


def predict(network: nn.Module, condition: nn.Module, x: Tensor, rows: Tensor | None = None) -> npt.NDArray[np.float64]:
    """[n, n_leads, 1, n_time], millivolts -> [n, n_labels], logits, of all records or of `rows`."""
    network.eval()
    batch = max(1, _SAMPLES // x.shape[3])
    where = next(network.parameters()).device
    chosen = torch.arange(len(x)) if rows is None else rows
    with torch.inference_mode():
        parts = [
            network(condition(x[chosen[k : k + batch]].float()).to(where)).double().cpu().numpy()
            for k in range(0, len(chosen), batch)
        ]
    return np.concatenate(parts)


def draw_weights(y: Tensor, balance: float) -> Tensor:
    """[n], how readily each record is drawn: the count of its rarest label to the power of -`balance`.

    Args:
        y: int64 [n], or float32 [n, n_labels] of zeros and ones.
        balance: 0 all records alike, 1 all labels alike.
    """
    if y.ndim == 1:
        counts = torch.bincount(y).double()
        return counts[y] ** -balance
    counts = y.double().sum(dim=0).clamp_min(1)
    rarest = torch.where(y > 0, counts, counts.max()).min(dim=1).values
    weights: Tensor = rarest**-balance
    return weights


def save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Write safetensors whole or not at all."""
    part = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, part)
    os.replace(part, path)


def write(path: Path, text: str) -> None:
    """Write a text whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
