"""Simulated only: networks that have seen no real recording name the rhythm of real ones.

Where switches of the simulator are named, each is turned in a training of its own, with the same budget: what it brings
is the difference, on the same recordings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecglite.lab import evaluation
from ecglite.lab.baselines import named_by_beats
from ecglite.lab.evaluation import ENOUGH, Figure, Predictions
from ecglite.lab.prepare import Progress
from ecglite.lab.realism import fitted, source
from ecglite.lab.realism.source import Real, Switches
from ecglite.lab.recipe import Recipe

FULL: Final = "as it is"
_KEPT: Final = ("n", "accuracy", f"balanced_accuracy_n{ENOUGH}", "macro_auc", "per_class", "confusion")
_WORTH_A_TABLE: Final = 50
_BEATS: Final = "rate and regularity of the beats"


def run(
    recipe: Recipe,
    tests: Sequence[Real],
    arms: Mapping[str, Switches],
    seeds: int,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Fit and score.

    Args:
        recipe: see `fitted.DEFAULT`; `simulated` says how many recordings of which rhythms.
        tests: real recordings, none of which is fitted.
        arms: a name of each training -> switches of the simulator; the first is what the others are compared with.
        seeds: trainings of each arm, each from other recordings and other first weights.
        folder: keeps simulated recordings and fits.
        progress: see `prepare.Progress`.

    Returns:
        Of each test set and arm the figures of the first seed's network, with and without the outputs of rhythms that
        the set has not; the mean over the seeds; what each arm has over the first; the baseline on the beats.
    """
    said: dict[str, list[list[tuple[Predictions, Predictions]]]] = {}
    facts: dict[str, list[dict[str, Any]]] = {}
    n_parameters = fitted.parameters(fitted.network(recipe))
    for arm, switches in arms.items():
        said[arm], facts[arm] = [], []
        for seed in range(recipe.seed, recipe.seed + seeds):
            of_seed = dataclasses.replace(recipe, seed=seed)
            training = simulated_set(of_seed, switches, folder, progress)
            steps = max(1, len(training.y) // recipe.training.batch_size)
            fit = fitted.fitted(of_seed, training, steps, folder / "runs", f"transfer-{seed}", progress)
            said[arm].append(
                [
                    (fitted.said(fit, recipe.labels, kind), fitted.said(fit, recipe.labels, kind, known=True))
                    for kind in tests
                ]
            )
            facts[arm].append(training.facts)
    first = next(iter(arms))
    return {
        "recipe": dataclasses.asdict(recipe),
        "parameters": n_parameters,
        "trained_on": facts,
        "tests": [
            {"title": kind.name, "real": kind.facts, "baseline": baseline(kind)}
            | {
                "arms": {
                    arm: {
                        "all_outputs": _figures([of_seed[k][0] for of_seed in of_arm]),
                        "known_outputs": _figures([of_seed[k][1] for of_seed in of_arm]),
                        "over_first": None
                        if arm == first
                        else evaluation.gains(
                            [of_seed[k][0] for of_seed in of_arm], [of_seed[k][0] for of_seed in said[first]]
                        ),
                    }
                    for arm, of_arm in said.items()
                }
            }
            for k, kind in enumerate(tests)
        ],
    }


def simulated_set(recipe: Recipe, switches: Switches, folder: Path, progress: Progress) -> fitted.Set:
    """The simulated recordings of a recipe, the rhythms in turn, as a set to fit."""
    names = [rhythm for _ in range(recipe.simulated.per_rhythm) for rhythm in recipe.simulated.rhythms]
    made = source.made(names, recipe.seed, switches, folder, progress)
    return fitted.set_of(made.x, made.rhythms, recipe.labels, {"simulated": made.facts, "real": None})


def baseline(kind: Real) -> Figure:
    """The figures of the rule on the beats, which has learned nothing."""
    named = tuple(named_by_beats(times) for times in kind.beats_s)
    p = Predictions(
        fitted.LABELS, kind.rhythms, named, np.zeros((len(named), len(fitted.LABELS))),
        np.zeros(len(named), np.bool_), kind.patients,
    )  # fmt: skip
    return {"title": _BEATS, **_short(p)}


def _short(p: Predictions) -> Figure:
    return {name: value for name, value in evaluation.figures(p).items() if name in _KEPT}


def _figures(of_seeds: Sequence[Predictions]) -> Figure:
    """Of the first seed's network; and, of every seed, the balanced accuracy."""
    each = [_short(p) for p in of_seeds]
    name = f"balanced_accuracy_n{ENOUGH}"
    return each[0] | {"seeds": [one[name]["value"] if one[name] else None for one in each]}


def text(found: Mapping[str, Any]) -> str:
    """The findings as Markdown."""
    lines = [
        f"{found['parameters']:,} parameters, fitted on simulated recordings alone; balanced accuracy over the rhythms "
        f"with {ENOUGH} recordings and more, 95 % bootstrap over patients.",
        "",
        "| test set | n | arm | balanced accuracy | of known rhythms only | accuracy | macro-AUC | over the first |",
        "|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    name = f"balanced_accuracy_n{ENOUGH}"
    for test in found["tests"]:
        for arm, of in test["arms"].items():
            whole, known = of["all_outputs"], of["known_outputs"]
            gain = of["over_first"] and of["over_first"][name]
            cells = [figure_text(f) for f in (whole[name], known[name], whole["accuracy"], whole["macro_auc"])]
            cells.append(figure_text(gain, sign=True))
            lines.append(f"| {test['title']} | {whole['n']} | {arm} | {' | '.join(cells)} |")
        base = test["baseline"]
        lines.append(
            f"| {test['title']} | {base['n']} | {base['title']} | {figure_text(base[name])} | - | "
            f"{figure_text(base['accuracy'])} | - | - |"
        )
    for test in found["tests"]:
        arm, of = next(iter(test["arms"].items()))
        if of["all_outputs"]["n"] < _WORTH_A_TABLE:
            continue
        lines += [
            "",
            f"Confusion, {test['title']}, {arm}: rows true, columns named.",
            "",
            _confusion(of["all_outputs"]),
        ]
    return "\n".join(lines)


def _confusion(figures: Figure) -> str:
    columns, rows = figures["confusion"]["columns"], figures["confusion"]["rows"]
    shown = [k for k, _ in enumerate(columns) if any(row[k] for row in rows.values())]
    lines = ["| | " + " | ".join(columns[k] for k in shown) + " | right |", "|---" + "|---:" * (len(shown) + 1) + "|"]
    for label, row in rows.items():
        right = figures["per_class"][label]["sensitivity"]
        lines.append(f"| {label} | " + " | ".join(str(row[k]) for k in shown) + f" | {right:.3f} |")
    return "\n".join(lines)


def figure_text(figure: Figure | None, *, sign: bool = False) -> str:
    """A figure with its interval where it has one."""
    if figure is None:
        return "-"
    plus = "+" if sign else ""
    value = f"{figure['value']:{plus}.3f}"
    return f"{value} ({figure['low']:{plus}.3f} to {figure['high']:{plus}.3f})" if "low" in figure else value
