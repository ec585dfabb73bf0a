"""What each network of a study costs: weights, operations, memory, bytes, and times as ratios within one run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ecglite.edge.model import without_greeting
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import N_SAMPLES, WINDOW_S
from ecglite.lab.fitting import Fit, write
from ecglite.lab.memory import memory
from ecglite.lab.models import STUDIED, studied
from ecglite.lab.prepare import Progress
from ecglite.lab.study import unit as units
from ecglite.lab.study.plan import Plan, Unit

_FILE: Final = "costs.json"
_TURNS: Final = 15
_STEPS: Final = 3


def measure(out: Path, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Measure every arm once and keep it; what is kept is not measured again.

    Args:
        out: the study's folder; its units must be done, their files are what is run.
        plan: its plan.
        progress: counts the arms.

    Returns:
        For each arm `parameters`, `macs`, `training_rss_bytes`, `float_bytes`, `int8_bytes`, and the medians
        `float_ms` and `int8_ms` per recording; `import_rss_bytes` of a process that
        has only loaded what training needs; and `at_5000`, parameters and MACs of the study's networks over
        12 x 5000 samples and eleven rhythms, as the study has them.
    """
    path = out / _FILE
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    firsts = {unit.arm.name: unit for unit in reversed(plan.units())}
    firsts = {arm.name: firsts[arm.name] for arm in plan.recipe.arms}
    found: dict[str, Any] = {
        "import_rss_bytes": _in_a_process(None, None),
        "at_5000": {
            f"{name}-{d}d": counted(studied(name, d, len(RHYTHMS), N_SAMPLES), N_SAMPLES)
            for name in STUDIED
            for d in (1, 2)
        },
        "arms": {},
    }
    for done, (name, unit) in enumerate(firsts.items(), 1):
        folder = out / "units" / unit.name
        found["arms"][name] = {
            **size(plan, unit),
            "training_rss_bytes": _in_a_process(plan, unit),
            "float_bytes": (folder / units.FLOAT_MODEL).stat().st_size,
            "int8_bytes": (folder / units.INT8_MODEL).stat().st_size,
        }
        progress("measuring memory", done, len(firsts))
    for kind, file in (("float", units.FLOAT_MODEL), ("int8", units.INT8_MODEL)):
        models = {name: _inference(out / "units" / unit.name / file) for name, unit in firsts.items()}
        for name, ms in _by_turns(models, _TURNS, progress).items():
            found["arms"][name][f"{kind}_ms"] = ms
    write(path, json.dumps(found, indent=1))
    return found


def size(plan: Plan, unit: Unit) -> dict[str, int]:
    """Weights of a network, and its multiply-accumulates for one recording, as PyTorch counts them."""
    n_time = _n_time(plan, unit)
    return counted(units.network(plan, unit, n_time), n_time)


def counted(network: nn.Module, n_time: int, n_leads: int = len(LEADS)) -> dict[str, int]:
    """Weights of a network, and its multiply-accumulates for one recording of so many samples."""
    network.eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, n_leads, 1, n_time))
    parameters = sum(weight.numel() for weight in network.parameters())
    return {"parameters": parameters, "macs": counter.get_total_flops() // 2}


def _n_time(plan: Plan, unit: Unit) -> int:
    return plan.method(unit.arm).preparation.rate_hz * WINDOW_S


def _training(plan: Plan, unit: Unit) -> Callable[[], object]:
    """One step of fitting, on noise: its time does not hang on the values."""
    method, n_time = plan.method(unit.arm), _n_time(plan, unit)
    size = method.training.batch_size
    x = torch.randn(size, len(LEADS), 1, n_time)
    y = torch.arange(size) % len(plan.labels)
    fit = Fit(
        lambda: units.network(plan, unit, n_time),
        method.training,
        method.augmentation if method.augmented else None,
        n_labels=len(plan.labels),
        steps_per_epoch=1,
        seed=0,
    )
    condition = units.conditioning(plan, unit, n_time)
    return partial(fit.epoch, 0, x, y, torch.arange(size), condition)


def _inference(path: Path) -> Callable[[], object]:
    """One recording through a model file, one thread."""
    from ai_edge_litert.interpreter import Interpreter

    with without_greeting():
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    noise = np.random.default_rng(0).normal(0, 0.3, source["shape"]).astype(np.float32)
    interpreter.set_tensor(source["index"], noise)
    return interpreter.invoke  # type: ignore[no-any-return]


def _by_turns(what: dict[str, Callable[[], object]], turns: int, progress: Progress) -> dict[str, float]:
    """Median milliseconds of each, taken in turns, so that whatever slows the machine slows all."""
    clocks: dict[str, list[float]] = {name: [] for name in what}
    for turn in range(turns + 1):
        for name, action in what.items():
            start = time.perf_counter()
            action()
            if turn:  # the first is to warm up
                clocks[name].append(1000 * (time.perf_counter() - start))
        progress("measuring time", turn + 1, turns + 1)
    return {name: median(clock) for name, clock in clocks.items()}


def _in_a_process(plan: Plan | None, unit: Unit | None) -> int:
    """Peak resident bytes of a fresh process that fits a few steps; of one that only imports where no unit is given."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_peak, args=(theirs, plan, unit))
    process.start()
    theirs.close()
    try:
        return int(ours.recv())
    finally:
        process.join()


def _peak(pipe: Any, plan: Plan | None, unit: Unit | None) -> None:
    torch.set_num_threads(1)
    if plan is not None and unit is not None:
        step = _training(plan, unit)
        for _ in range(_STEPS):
            step()
    pipe.send(memory().resident_bytes)
