"""What each piece of the simulator's realism brings: `transfer` with one piece after the other left out, and all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ecglite.lab.evaluation import ENOUGH
from ecglite.lab.realism import source
from ecglite.lab.realism.source import Switches
from ecglite.lab.realism.transfer import FULL, figure_text
from ecglite.simulator import Realism

PLAIN: Final = "plain generator"
_FIGURE: Final = f"balanced_accuracy_n{ENOUGH}"


def arms(always: Switches) -> dict[str, Switches]:
    """The trainings of `transfer.run`: as it is, without each piece of realism, and without any.

    Args:
        always: switches of all of them; a piece that they leave out already has no training of its own.

    Raises:
        SimulationError: the simulator refuses a switch.
    """
    left_out = source.keywords(always).get("realism", Realism())
    pieces = [field.name for field in dataclasses.fields(Realism) if getattr(left_out, field.name)]

    def without(*some: str) -> Switches:
        return {**always, "realism": {**always.get("realism", {}), **dict.fromkeys(some, False)}}

    return {FULL: always} | {f"without {piece}": without(piece) for piece in pieces} | {PLAIN: without(*pieces)}


def text(found: Mapping[str, Any]) -> str:
    """The findings of `transfer.run` as Markdown: of each test set the arms, what is missed most first."""
    seeds = len(found["trained_on"][FULL])
    lines = [
        f"{found['parameters']:,} parameters, fitted on simulated recordings alone, {seeds} "
        f"{'training' if seeds == 1 else 'trainings'} of each simulator; balanced accuracy over the rhythms with "
        f"{ENOUGH} recordings and more, the mean of the trainings. Differences on the same recordings, 95 % bootstrap "
        "over patients, which says nothing of how one training differs from the next.",
        "",
        f"| test set | n | simulator | balanced accuracy | over {FULL} | accuracy over {FULL} |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for test in found["tests"]:
        for arm, of in sorted(test["arms"].items(), key=_missed):
            whole, gains = of["all_outputs"], of["over_first"] or {}
            each = [value for value in whole["seeds"] if value is not None]
            cells = [
                f"{np.mean(each):.3f}" if each else "-",
                *(figure_text(gains.get(name), sign=True) for name in (_FIGURE, "accuracy")),
            ]
            lines.append(f"| {test['title']} | {whole['n']} | {arm} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _missed(arm: tuple[str, Mapping[str, Any]]) -> tuple[bool, float]:
    """The first arm, then by what an arm has over it, the least first."""
    gains = arm[1]["over_first"]
    gain = gains and gains.get(_FIGURE)
    return gains is not None, gain["value"] if gain else 0.0
