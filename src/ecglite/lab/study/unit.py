"""One unit of a study: fit a network on four folds, name the records of the fifth, in float and as an int8 file.

Each step is kept as it is done; a unit that was killed goes on after its last finished epoch, and a finished one is
left alone.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.windows import WINDOW_S
from ecglite.lab import export
from ecglite.lab.conditioning import conditioning_of
from ecglite.lab.fitting import Fit, device, predict, save_tensors, write
from ecglite.lab.models import depthwise_of, studied
from ecglite.lab.study import plan as plans
from ecglite.lab.study.description import OURS
from ecglite.lab.study.plan import Plan, Unit

RESULT: Final = "result.json"
FLOAT: Final = "float.npy"
INT8: Final = "int8.npy"
FLOAT_MODEL: Final = "float.tflite"
INT8_MODEL: Final = "int8.tflite"
_WEIGHTS: Final = "weights.safetensors"
OPERATIONS: Final = (
    *export.OPERATIONS,
    *("AVERAGE_POOL_2D", "MAX_POOL_2D", "FULLY_CONNECTED", "MEAN", "PADV2", "RELU", "RESHAPE", "TANH", "TRANSPOSE"),
)
"""What is int8 in the networks of a study, head and all."""
PARTS: Final = ("stem", "blocks", "head")
_EXAMPLES: Final = 16


def run(out: Path, name: str) -> None:
    """Do what is left of a unit.

    Args:
        out: the study's folder.
        name: of the unit.
    """
    torch.set_num_threads(1)
    plan = plans.load(out)
    unit = next(unit for unit in plan.units() if unit.name == name)
    folder = out / "units" / name
    if (folder / RESULT).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    x = signals(plan, unit)
    condition = conditioning(plan, unit, x.shape[3])
    network, history = _fitted(plan, unit, folder, x, condition)
    test = torch.from_numpy(plan.row[plan.test(unit)])
    probabilities = torch.softmax(torch.from_numpy(predict(network.cpu(), condition, x, test)), dim=1)
    save_array(probabilities.numpy().astype(np.float32), folder / FLOAT)
    sizes = _exported(plan, unit, folder, x, condition, network)
    result = {
        "unit": name,
        "trained_on": len(plan.training(unit)),
        "tested_on": len(test),
        "history": history,
        "device": str(device()),
        **sizes,
    }
    write(folder / RESULT, json.dumps(result, indent=1))  # last: its presence says that the unit is whole
    for checkpoint in folder.glob("last-*.safetensors"):
        checkpoint.unlink()


def network(plan: Plan, unit: Unit, n_time: int) -> nn.Module:
    """The untrained network of a unit: [batch, 12, 1, n_time], conditioned -> [batch, n_labels], logits."""
    if unit.arm.network == OURS:
        return depthwise_of(plan.recipe.ours, len(plan.labels))
    return studied(unit.arm.network, unit.arm.dimension, len(plan.labels), n_time)


def signals(plan: Plan, unit: Unit) -> Tensor:
    """float16 [n, 12, 1, n_time], millivolts, of all recordings of the database, memory-mapped."""
    path = plan.arrays[plan.method(unit.arm).preparation.rate_hz]
    return torch.from_numpy(np.load(path, mmap_mode="c"))[:, :, None, :]


def conditioning(plan: Plan, unit: Unit, n_time: int) -> nn.Module:
    """What a unit's preparation does to a batch."""
    scaling = plan.method(unit.arm).preparation.scaling
    return conditioning_of(scaling, n_time / WINDOW_S)


def _fitted(
    plan: Plan, unit: Unit, folder: Path, x: Tensor, condition: nn.Module
) -> tuple[nn.Module, list[dict[str, Any]]]:
    """The network after its last epoch: their number is the recipe's, so that the test fold chooses nothing."""
    method, n_time = plan.method(unit.arm), x.shape[3]
    rows = torch.from_numpy(plan.row[plan.training(unit)])
    test = plan.test(unit)
    watched = np.sort(np.random.default_rng(0).permutation(test)[: plan.recipe.watched])
    y = torch.zeros(len(x), dtype=torch.long)
    y[torch.from_numpy(plan.row)] = torch.from_numpy(plan.y)
    fit = Fit(
        lambda: network(plan, unit, n_time),
        method.training,
        method.augmentation if method.augmented else None,
        n_labels=len(plan.labels),
        steps_per_epoch=max(1, len(rows) // method.training.batch_size),
        seed=1000 * unit.seed + unit.fold,
    )
    history = fit.resume(folder)
    for epoch in range(len(history), method.training.epochs):
        start = time.process_time()
        loss = fit.epoch(epoch, x, y, rows, condition)
        seconds = time.process_time() - start
        logits = predict(fit.average, condition, x, torch.from_numpy(plan.row[watched]))
        history.append(
            {
                "epoch": epoch + 1,
                "train_loss": loss,
                "test_loss": log_loss(logits, plan.y[watched]),
                "cpu_seconds": round(seconds, 2),
            }
        )
        fit.save(folder, history)
    save_tensors(fit.average.state_dict(), folder / _WEIGHTS)
    return fit.average, history


def _exported(
    plan: Plan, unit: Unit, folder: Path, x: Tensor, condition: nn.Module, network: nn.Module
) -> dict[str, int]:
    """Write the float and the int8 file, and what the int8 file says of the test fold."""
    rng = np.random.default_rng(unit.seed)
    chosen = plan.row[rng.permutation(plan.training(unit))[: plan.recipe.calibration_records]]
    examples = windows(x, chosen)
    float_model = export.to_float(export.Graph(network, before=condition), examples[:_EXAMPLES])
    int8_model = export.to_int8(float_model, examples, parts=PARTS, operations=OPERATIONS)
    for model, name in ((float_model, FLOAT_MODEL), (int8_model, INT8_MODEL)):
        part = folder / f"{name}.part"
        part.write_bytes(export.stripped(model))
        part.replace(folder / name)
    said = export.run((folder / INT8_MODEL).read_bytes(), windows(x, plan.row[plan.test(unit)]))
    save_array(said, folder / INT8)
    return {f"{kind}_bytes": (folder / f"{kind}.tflite").stat().st_size for kind in ("float", "int8")}


def windows(x: Tensor, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 [n, n_time, 12] of some recordings, as a model file takes them."""
    chosen: npt.NDArray[np.float32] = x[torch.from_numpy(rows)][:, :, 0].float().permute(0, 2, 1).contiguous().numpy()
    return chosen


def log_loss(logits: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> float:
    """Mean cross-entropy in nats."""
    return float(nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y)))


def save_array(array: npt.NDArray[np.float32], path: Path) -> None:
    """Write an array whole or not at all."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, array)
    part.replace(path)
