"""The figures of a study: every arm's over all folds, beside the baselines on the same folds.

They are those of the first seed; the accuracy of each seed stands beside them. Counts, and with them what a class is
large enough for, are of recordings.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite import __version__
from ecglite.lab import baselines, evaluation
from ecglite.lab.datasets import Dataset
from ecglite.lab.evaluation import Figure, Predictions
from ecglite.lab.prepare import Prepared, Progress
from ecglite.lab.study import plan as plans
from ecglite.lab.study import unit as units
from ecglite.lab.study.description import Arm
from ecglite.lab.study.plan import Plan, Unit

RESULTS: Final = "results.json"
_TOOLS: Final = ("torch", "litert-torch", "litert-quantizer", "ai-edge-litert", "scikit-learn", "neurokit2", "numpy")
_PARTS: Final = (
    *("n", "accuracy", "macro_f1_all", f"macro_f1_n{evaluation.MANY}", f"balanced_accuracy_n{evaluation.ENOUGH}"),
    *("macro_auc", "log_loss", "per_class", "confusion"),
)

PUBLISHED: Final = {
    "doi": "10.18280/ria.380238",
    "parameters": {"mobilenet": 64.12e6, "resnet": 192.84e6, "lenet": 102.84e6},
    "flops": {"mobilenet": 7.81e9, "resnet": 55.92e9, "lenet": 36.90e9},
    "mobilenet_accuracy": 0.8345,
}
"""What the study prints. Its table gives 83.45 % to the MobileNet in two dimensions, its text to the one in one."""


def gather(
    out: Path,
    plan: Plan,
    which: Dataset,
    root: Path,
    prepared: Mapping[int, Prepared],
    costs: Mapping[str, Any],
    command: str,
    by_name: bool,
    progress: Progress,
) -> dict[str, Any]:
    """All results of a finished study, plain values throughout.

    Args:
        out: the study's folder.
        plan: its plan.
        which: the database.
        root: its folder.
        prepared: its arrays.
        costs: from `costs.measure`.
        command: what was typed.
        by_name: the database was named, not a folder that has its layout.
        progress: counts the rows of the tables.
    """
    first = next(iter(prepared.values()))
    rows = len(plan.recipe.arms) + 1
    progress("figures", 0, rows)
    named = _baselines(plan, which, root, first)
    progress("figures", 1, rows)
    arms = {}
    for done, arm in enumerate(plan.recipe.arms, 2):
        arms[arm.name] = _arm(out, plan, arm) | {"costs": costs["arms"][arm.name]}
        progress("figures", done, rows)
    return {
        "study": plan.recipe.name,
        "command": command,
        "by_name": by_name,
        "data": plan.facts,
        "labels": list(plan.labels),
        "arms": arms,
        "baselines": named,
        "import_rss_bytes": costs["import_rss_bytes"],
        "at_5000": costs["at_5000"],
        "published": PUBLISHED,
        "recipe": plan.recipe.mapping(),
        "commits": [commit for commit in plans.commits(out) if commit],
        "made_with": {"ecglite": __version__} | {tool: importlib.metadata.version(tool) for tool in _TOOLS},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _arm(out: Path, plan: Plan, arm: Arm) -> dict[str, Any]:
    method = plan.method(arm)
    mine = [unit for unit in plan.units() if unit.arm == arm]
    of_seed = {seed: [unit for unit in mine if unit.seed == seed] for seed in plan.recipe.seeds}
    first = of_seed[plan.recipe.seeds[0]]
    said = {kind: _predictions(plan, first, out, kind) for kind in (units.INT8, units.FLOAT)}
    done = [json.loads((out / "units" / unit.name / units.RESULT).read_text(encoding="utf-8")) for unit in mine]
    seconds = sum(line["cpu_seconds"] for of in done for line in of["history"])
    steps = sum(of["trained_on"] * len(of["history"]) for of in done)
    return {
        "network": arm.network,
        "dimension": arm.dimension,
        "method": arm.method,
        "share": arm.share,
        "epochs": method.training.epochs,
        "batch_size": method.training.batch_size,
        "int8": _short(said[units.INT8]),
        "accuracy_by_seed": {
            str(seed): evaluation.accuracy(_predictions(plan, some, out, units.INT8)) for seed, some in of_seed.items()
        },
        "folds_that_name_one_rhythm": sum(_names_one(plan, unit, out) for unit in first),
        "training_ms_per_record": 1000 * seconds / steps,
        "float": _short(said[units.FLOAT]),
        "int8_minus_float": evaluation.difference(said[units.INT8], said[units.FLOAT]),
        "dropped_for_empty_leads": int((~plan.eligible(arm)).sum()),
        "units": [
            {
                "fold": unit.fold + 1,
                "seed": unit.seed,
                **{key: of[key] for key in ("trained_on", "tested_on", "history")},
                "device": of.get("device", "cpu"),
            }
            for unit, of in zip(mine, done, strict=True)
        ],
    }


def _names_one(plan: Plan, unit: Unit, out: Path) -> bool:
    """Whether a unit says the same of every record of its test fold."""
    said = np.load(out / "units" / unit.name / units.INT8, allow_pickle=False)
    return len(set(said.argmax(axis=1).tolist())) == 1


def _predictions(plan: Plan, mine: list[Unit], out: Path, kind: str) -> Predictions:
    """What an arm's networks of one seed say, each of the fold that it has not seen; one row per record."""
    rows = np.concatenate([plan.test(unit) for unit in mine])
    said = np.concatenate([np.load(out / "units" / unit.name / kind, allow_pickle=False) for unit in mine])
    probabilities: npt.NDArray[np.float64] = said.astype(np.float64)
    return _of(plan, rows, [plan.labels[k] for k in probabilities.argmax(axis=1)], probabilities)


def _of(
    plan: Plan, rows: npt.NDArray[np.int64], named: list[str], probabilities: npt.NDArray[np.float64]
) -> Predictions:
    return Predictions(
        labels=plan.labels,
        truth=tuple(plan.labels[k] for k in plan.y[rows]),
        named=tuple(named),
        probabilities=probabilities,
        abstained=np.zeros(len(rows), np.bool_),
        groups=tuple(str(k) for k in plan.group[rows]),
    )


def _short(p: Predictions) -> Figure:
    whole = evaluation.figures(p)
    return {part: whole[part] for part in _PARTS}


def _baselines(plan: Plan, which: Dataset, root: Path, prepared: Prepared) -> dict[str, Figure]:
    """What is reached without a sample of signal, on the same records and folds."""
    everything = np.arange(len(plan.y))
    names = [plan.labels[k] for k in plan.y]
    most = {
        fold: Counter(name for name, at in zip(names, plan.fold, strict=True) if at != fold).most_common(1)[0][0]
        for fold in range(plan.recipe.folds)
    }
    beats = [prepared.facts[row].beats_s for row in plan.row]
    by_rate = [baselines.named_by_rate(times) for times in beats]
    by_beats = [baselines.named_by_beats(times) for times in beats]
    if which.measurements is None:
        columns: tuple[str, ...] = baselines.BEAT_FEATURES
        x = baselines.beat_features(prepared)[plan.row]
        title = "gradient boosting on age, sex and the beats"
    else:
        measured = which.measurements(root)
        x = np.stack([measured.rows[prepared.record_ids[row]] for row in plan.row])
        columns, title = measured.names, "gradient boosting on the publisher's measurements"
    labels, p = baselines.boosted(x, names, plan.fold)
    ordered = np.stack([p[:, labels.index(label)] for label in plan.labels], axis=1)
    boosted = _of(plan, everything, [plan.labels[k] for k in ordered.argmax(axis=1)], ordered)

    def constant(named: list[str]) -> Figure:
        certain = np.array([[float(label == name) for label in plan.labels] for name in named])
        figures = _short(_of(plan, everything, named, certain))
        return figures | {"macro_auc": None, "log_loss": None}  # a rule gives no probabilities

    return {
        "most frequent rhythm": constant([most[fold] for fold in plan.fold.tolist()]),
        "heart rate alone": constant(by_rate),
        "rate and regularity of the beats": constant(by_beats),
        title: _short(boosted) | {"columns": list(columns)},
    }
