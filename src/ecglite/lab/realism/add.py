"""Simulated and real: the same training with and without simulated recordings of the rhythms that are thin."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecglite.edge.errors import LabError
from ecglite.lab import evaluation
from ecglite.lab.evaluation import ENOUGH, FEW, Figure, Predictions
from ecglite.lab.prepare import Progress
from ecglite.lab.realism import fitted, source
from ecglite.lab.realism.source import Real, Switches
from ecglite.lab.realism.transfer import figure_text
from ecglite.lab.recipe import Recipe, SimulatedRecipe

THIN: Final = ("SVT", "AF", "AT", "AVNRT", "AVRT", "SAAWR")
"""Of PTB-XL, 51 and 73 statements of the first two, none of the others."""

DEFAULT: Final = dataclasses.replace(
    fitted.DEFAULT,
    name="realism-add",
    training=dataclasses.replace(fitted.DEFAULT.training, balance=0.5),
    simulated=SimulatedRecipe(rhythms=fitted.LABELS, per_rhythm=300),
)
"""What is fitted where no recipe is named."""

REAL: Final = "real alone"
ARMS: Final = {REAL: (), "real and simulated, thin rhythms": THIN, "real and simulated, all rhythms": fitted.LABELS}
"""Rhythms of the simulated recordings that each training adds."""


def run(
    recipe: Recipe,
    training: Real,
    tests: Sequence[Real],
    switches: Switches,
    seeds: int,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Fit and score.

    Args:
        recipe: see `DEFAULT`; `simulated.per_rhythm` recordings are added of each rhythm of an arm.
        training: the real recordings that every arm fits.
        tests: real recordings of other patients.
        switches: of the simulator.
        seeds: trainings of each arm.
        folder: keeps simulated recordings and fits.
        progress: see `prepare.Progress`.

    Returns:
        What each training was fitted on, seed by seed; of each test set and arm the figures of the first seed's
        network, and what the arm has over the first, the mean over the seeds, each with an interval.

    Raises:
        LabError: a patient is on both sides.
    """
    for kind in tests:
        if both := set(kind.patients) & set(training.patients):
            raise LabError(f"{min(both)} is on two sides of the split")
    steps = max(1, len(training.rhythms) // recipe.training.batch_size)  # of every arm: the same budget
    said: dict[str, list[list[tuple[Predictions, Predictions]]]] = {}
    facts: dict[str, list[dict[str, Any]]] = {}
    for arm, rhythms in ARMS.items():
        said[arm], facts[arm] = [], []
        for seed in range(recipe.seed, recipe.seed + seeds):
            of_seed = dataclasses.replace(recipe, seed=seed)
            some = _set(of_seed, training, rhythms, switches, folder, progress)
            fit = fitted.fitted(of_seed, some, steps, folder / "runs", f"add-{seed}", progress)
            said[arm].append(
                [
                    (fitted.said(fit, recipe.labels, kind), fitted.said(fit, recipe.labels, kind, known=True))
                    for kind in tests
                ]
            )
            facts[arm].append(some.facts)
    return {
        "recipe": dataclasses.asdict(recipe),
        "trained_on": facts,
        "seeds": seeds,
        "tests": [
            {"title": kind.name, "real": kind.facts}
            | {
                "arms": {
                    arm: {"figures": _figures(of_arm[0][k][0]), "known_figures": _figures(of_arm[0][k][1])}
                    | (
                        {}
                        if arm == REAL
                        else {
                            name: evaluation.gains(
                                [of_seed[k][which] for of_seed in of_arm], [of_seed[k][which] for of_seed in said[REAL]]
                            )
                            for which, name in enumerate(("over_real", "known_over_real"))
                        }
                    )
                    for arm, of_arm in said.items()
                }
            }
            for k, kind in enumerate(tests)
        ],
    }


def _set(
    recipe: Recipe, training: Real, rhythms: Sequence[str], switches: Switches, folder: Path, progress: Progress
) -> fitted.Set:
    names = [rhythm for _ in range(recipe.simulated.per_rhythm) for rhythm in rhythms]
    if not names:
        return fitted.set_of(training.x, training.rhythms, recipe.labels, {"simulated": None, "real": training.facts})
    made = source.made(names, recipe.seed, switches, folder, progress)
    return fitted.set_of(
        np.concatenate([training.x, made.x]),
        [*training.rhythms, *made.rhythms],
        recipe.labels,
        {"simulated": made.facts, "real": training.facts},
    )


def _figures(p: Predictions) -> Figure:
    kept = ("n", "accuracy", f"balanced_accuracy_n{ENOUGH}", "macro_auc", "per_class", "confusion")
    return {name: value for name, value in evaluation.figures(p).items() if name in kept}


def text(found: Mapping[str, Any]) -> str:
    """The findings as Markdown: the averages, then each rhythm."""
    balanced, macro = f"balanced_accuracy_n{ENOUGH}", f"macro_auc_n{FEW}"
    lines = [
        f"Differences to {REAL}, paired, mean over {found['seeds']} training(s), 95 % bootstrap over patients; "
        f"balanced accuracy over rhythms with {ENOUGH} recordings and more, macro-AUC over those with {FEW} and more. "
        "Known only: without the outputs of rhythms that the test set has not, where they can be wrong alone.",
        "",
        "| test set | n | arm | accuracy | balanced accuracy | macro-AUC | accuracy gain | balanced gain | AUC gain "
        "| known only: accuracy gain | balanced gain |",
        "|---|---:|---|" + "---:|" * 8,
    ]
    for test in found["tests"]:
        for arm, of in test["arms"].items():
            f, gain = of["figures"], of.get("over_real", {})
            cells = [figure_text(f["accuracy"]), figure_text(f[balanced]), figure_text(f["macro_auc"])]
            cells += [figure_text(gain.get(name), sign=True) for name in ("accuracy", balanced, macro)]
            gain = of.get("known_over_real", {})
            cells += [figure_text(gain.get(name), sign=True) for name in ("accuracy", balanced)]
            lines.append(f"| {test['title']} | {f['n']} | {arm} | {' | '.join(cells)} |")
    lines += [
        "",
        "| test set | rhythm | n | arm | sensitivity | gain | AUC | gain |",
        "|---|---|---:|---|" + "---:|" * 4,
    ]
    for test in found["tests"]:
        for label in test["arms"][REAL]["figures"]["per_class"]:
            for arm, of in test["arms"].items():
                f, gain = of["figures"], of.get("over_real", {"per_class": {}})["per_class"].get(label, {})
                area = ((f["macro_auc"] or {}).get("per_class", {})).get(label)
                lines.append(
                    f"| {test['title']} | {label} | {f['per_class'][label]['n']} | {arm} | "
                    f"{f['per_class'][label]['sensitivity']:.3f} | {figure_text(gain.get('sensitivity'), sign=True)} | "
                    f"{'-' if area is None else f'{area:.3f}'} | {figure_text(gain.get('auc'), sign=True)} |"
                )
    return "\n".join(lines)
