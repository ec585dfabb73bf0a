"""AFIB: the atria bombard the AV node, and what it lets through is irregularly irregular.

Impulses arrive at the rate of the f waves, at uneven intervals, and meet a node that is refractory, conceals what it
blocks and is never quite the same twice (Cohen et al., 1983; Lian, Müssig and Lang, 2006). How long it is refractory is
searched for until the mean rate is the person's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from ecglite.simulator.activity import Beat, Fibrillation
from ecglite.simulator.conduction import ectopy
from ecglite.simulator.conduction.draft import LONGEST_S, MARGIN_S, Draft, of_ventricles
from ecglite.simulator.conduction.ladder import Ladder, Plan, descend
from ecglite.simulator.conduction.node import Node
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.pathway import Pathway
from ecglite.simulator.conduction.rate import mean_rr_s, stretch
from ecglite.simulator.person import Person
from ecglite.simulator.rules import PACING_S

_SEARCHED_S: Final = 60.0
"""The refractory period is searched for on the first minute of a long recording."""
_NEAR: Final = 0.03


def fibrillation(person: Person, rng: np.random.Generator, duration_s: float, options: Options) -> Draft:
    """Fine and fast or coarse and slower f waves, 4 to 9 Hz, and the ventricles' answer."""
    hertz = person.atrial_rate_bpm / 60 or float(np.clip(6.2 + 0.85 * rng.standard_normal(), 4.3, 9.0))
    organised = float(np.clip(0.75 - 0.17 * (hertz - 4.5) + 0.22 * rng.standard_normal(), 0, 1))
    # of the coarse more than 0.1 mV in V1 (Thurmann and Janney, 1962)
    amplitude = 0.045 * math.exp(0.75 * organised + 0.38 * float(rng.standard_normal()))
    waves = Fibrillation(round(hertz, 6), round(min(max(amplitude, 0.015), 0.25), 6), round(organised, 6))

    rr = person.rr_s
    arrivals_hz = max(hertz, 2.2 / rr)
    n = int((duration_s + 2 * MARGIN_S + LONGEST_S) * arrivals_hz * 1.15) + 40
    evenness = float(rng.uniform(1.2, 4.0))
    steps_np = rng.gamma(evenness, 1 / (evenness * arrivals_hz), n)
    steps = [float(x) for x in 0.04 + steps_np * (1 - 0.04 * arrivals_hz)]
    unsteady = min(0.3 * math.exp(0.4 * float(rng.standard_normal())), 0.46)
    noise = unsteady * np.clip((rng.gamma(4.0, 1.0, n) - 4) / 2, -1.5, 3.5)
    node = Node(
        delay_s=float(rng.uniform(0.12, 0.17)) * min(1.0, rr / 0.5),  # faster under adrenergic drive
        refractory_s=rr,
        slowing_s=float(rng.uniform(0.05, 0.16)),
        slowing_tau_s=0.2,
        concealment=float(rng.uniform(0.02, 0.2)),
    )
    start = -MARGIN_S - LONGEST_S
    paced = "paced" in person.traits
    blocked = (
        paced and PACING_S[0] <= rr and bool(rng.random() < 0.4)
    )  # behind an ablated node the pacemaker does it all
    plan = Plan(
        start,
        from_below=ectopy.from_below(person, rng, n, start, rr, duration_s),
        escape_s=max(1.9, 1.9 * rr),
        noise=[float(x) for x in noise],
    )
    events: tuple[str, ...] = ("coarse f waves" if waves.amplitude_mv >= 0.1 else "fine f waves",)
    if paced:
        escape_s = min(max(rr if blocked else 1.15 * rr, PACING_S[0]), PACING_S[1])
        dropped = frozenset(range(n)) if blocked else frozenset[int]()
        plan = replace(plan, escape_s=escape_s, escape=Beat.PACED, dropped=dropped)
        events += ("paced: VVI",)

    def with_refractory(seconds: float) -> tuple[Node, Plan]:
        # a paced beat penetrates the node too, or own beats would follow it closely
        below_s = max(node.depolarised_s, 0.9 * seconds) if paced else node.depolarised_s
        return replace(node, refractory_s=seconds, depolarised_s=below_s), plan

    if "preexcitation" in person.traits and not blocked:
        two_ways = _two_ways(person, rng, n, node, plan)
        ladder = _searched(steps, two_ways, rr, duration_s)
    else:
        ladder = descend(steps, node, plan) if blocked else _searched(steps, with_refractory, rr, duration_s)
    draft = of_ventricles(ladder, events)
    draft.fibrillation = waves
    if not paced:  # what the search left over, by at most some percent
        draft.qrs_s *= min(max(stretch(draft.qrs_s, rr, duration_s), 0.85), 1.15)
    return draft


def _two_ways(
    person: Person, rng: np.random.Generator, n: int, node: Node, plan: Plan
) -> Callable[[float], tuple[Node, Plan]]:
    """From the pathway's refractory period to both ways down.

    The pathway has the shorter one, as a rule, and no delay: it leads most impulses on, and the node, which they
    penetrate from below, shares in some and has a few for itself. The shortest RR is hardly longer than the pathway's
    refractory period: 220 to 300 ms in those at risk (Klein et al., 1979; Josephson's Clinical Cardiac
    Electrophysiology).
    """
    slower = float(rng.uniform(0.9, 1.25))
    noise = 0.07 * np.clip(rng.standard_normal(n), -2, 2)
    asleep = rng.random(n) < float(rng.uniform(0.15, 0.35))  # penetrated by what it blocked, unseen
    noise = np.where(asleep, noise + rng.uniform(0.2, 1.0, n), noise)
    pathway = Pathway(
        float(rng.uniform(0.06, 0.09)),
        0.3,
        noise=[float(x) for x in noise],
        shift_s=[float(x) for x in 0.025 * np.clip(rng.standard_normal(n), -1.5, 2.5)],
    )

    def both(seconds: float) -> tuple[Node, Plan]:
        return (
            replace(node, refractory_s=slower * seconds, depolarised_s=slower * seconds),
            replace(plan, pathway=replace(pathway, refractory_s=seconds)),
        )

    return both


def _searched(steps: list[float], ways: Callable[[float], tuple[Node, Plan]], rr_s: float, duration_s: float) -> Ladder:
    """The ladder of the refractory period that gives the mean interval `rr_s`, by halving."""
    some_s = min(duration_s, _SEARCHED_S)
    some = steps[: int(len(steps) * (some_s + 15) / (duration_s + 15)) + 1]
    low, high, least = math.log(0.01), math.log(2.2 * rr_s), math.inf
    best = middle = math.log(0.62 * rr_s)
    for _ in range(9):
        ladder = descend(some, *ways(math.exp(middle)))
        ratio = mean_rr_s(ladder.qrs_s, some_s) / rr_s
        miss = abs(ratio - 1) if ratio == ratio else 1e9
        if miss < least:
            best, least, found = middle, miss, ladder
        if miss < _NEAR:
            break
        if ratio > 1 or ratio != ratio:
            high = middle
        else:
            low = middle
        middle = 0.5 * (low + high)
    return found if len(some) == len(steps) else descend(steps, *ways(math.exp(best)))
