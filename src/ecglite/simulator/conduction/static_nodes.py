"""Nodes without dynamics, as a plain generator has them: see Realism.nodes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from ecglite.simulator.activity import Beat
from ecglite.simulator.conduction.draft import Draft
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.rate import stretch
from ecglite.simulator.person import Person

_TURNS_PER_MIN: Final = (190.0, 350.0)
_USUAL_PER_MIN: Final = 280.0
_SPREAD: Final = 0.2


def still(rhythm: str, person: Person, options: Options) -> tuple[Person, Options]:
    """A person whose sinus node does not follow breath or blood pressure, and options that leave a node no choice."""
    if rhythm == "SA" and options.breathing is None:
        options = replace(options, breathing=True)
    elif rhythm == "AF" and options.ratio is None:
        options = replace(options, ratio=_ratio(person))
    elif rhythm == "AT" and options.warm_up is None:
        options = replace(options, warm_up=False)
    return replace(person, vagal=0.0), options


def _ratio(person: Person) -> int:
    """The n of n:1 with which the circuit's rate is possible, and nearest to the person's own."""
    rate, aim = person.heart_rate_bpm, person.atrial_rate_bpm or _USUAL_PER_MIN
    low, high = _TURNS_PER_MIN

    def strange(ratio: int) -> tuple[float, float]:
        turns = ratio * rate
        return max(low - turns, turns - high, 0.0), abs(math.log(turns / aim))

    return min(range(1, 9), key=strange)


def independent(draft: Draft, person: Person, rng: np.random.Generator, duration_s: float) -> None:
    """Redraws the intervals of fibrillation, each normal about their mean whatever was before, at the person's rate.

    Those before a paced, ventricular or junctional beat are that beat's own and stay.
    """
    rr = np.diff(draft.qrs_s)
    free = np.isin(draft.beats[1:], (Beat.NORMAL, Beat.PREEXCITED))
    if not free.any():
        return
    rr[free] = rr[free].mean() * (1 + _SPREAD * np.clip(rng.standard_normal(int(free.sum())), -2.5, 2.5))
    draft.qrs_s[1:] = draft.qrs_s[0] + np.cumsum(rr)
    draft.qrs_s *= stretch(draft.qrs_s, person.rr_s, duration_s)
