"""AF: one circuit around the tricuspid valve, 240 to 340 turns a minute, and an AV node that leads every n-th on.

The node has two levels (Zipes and Jalife, Cardiac Electrophysiology; Page et al., 2015): an upper one that halves, and
a lower one that lets all of that through, or every second, or beats its Wenckebach period on it. So 2:1 and 4:1 are
common, odd ratios rare, and a varying conduction mixes them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from ecglite.simulator.activity import USUAL_PREEXCITATION, Beat, Floats, Flutter
from ecglite.simulator.conduction import ectopy
from ecglite.simulator.conduction.draft import LONGEST_S, MARGIN_S, Draft, of_ventricles
from ecglite.simulator.conduction.ladder import Ladder, Plan, descend
from ecglite.simulator.conduction.node import Node
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.rate import mean_rr_s, met, stretch
from ecglite.simulator.person import Person
from ecglite.simulator.rules import CIRCUIT, PACING_S

_USUAL: Final = (290.0, 28.0)
_WEIGHTS: Final = {1: 0.03, 2: 1.0, 3: 0.22, 4: 0.6, 5: 0.06, 6: 0.05, 8: 0.02}
_VARIABLE: Final = 0.22
"""Weights of n:1, and of a conduction that varies; the atria's rate weighs beside them."""
_ODD: Final = 0.35
"""How often an odd ratio in the mean is a fixed one."""


def flutter(person: Person, rng: np.random.Generator, duration_s: float, options: Options) -> Draft:
    """A circuit, and a conduction that gives the person's ventricular rate."""
    hertz, ratio = _circuit(person, rng, options)
    amplitude = 0.16 * math.exp(0.4 * float(rng.standard_normal()))
    phase, counterclockwise = float(rng.random()), bool(rng.random() < 0.88)
    delay, start_turn = float(rng.uniform(0.14, 0.24)), -math.ceil((MARGIN_S + LONGEST_S) * hertz)
    n = int((duration_s + MARGIN_S + 1) * hertz * 1.5) - start_turn
    jitter = 0.0012 * np.clip(rng.standard_normal(n), -2.5, 2.5)
    events: tuple[str, ...] = ("counterclockwise" if counterclockwise else "clockwise",)
    paced = "paced" in person.traits
    below = ectopy.from_below(person, rng, n, start_turn / hertz, person.rr_s, duration_s)
    plan = Plan(0.0, from_below=below, escape_s=max(2.2, 2.2 * person.rr_s))
    if paced:
        plan = replace(plan, escape_s=min(max(person.rr_s, PACING_S[0]), PACING_S[1]), escape=Beat.PACED)
        events += ("paced: VVI",)
        if (
            person.rr_s < PACING_S[0] and options.ratio is None
        ):  # the pacemaker fills the pauses of a conduction that varies
            hertz, ratio = max(hertz, 1.25 / person.rr_s), 0
    if paced and person.rr_s >= PACING_S[0]:
        ladder = descend(
            [1 / hertz] * n,
            Node(delay, 0.2),
            replace(plan, start_s=start_turn / hertz, dropped=frozenset(range(n))),
        )
    elif ratio:

        def fixed(factor: float) -> Ladder:
            turn = factor / hertz
            refractory = (ratio - 0.5) * turn - delay
            node = Node(delay, refractory, slowing_s=0.0, depolarised_s=max(refractory, 0.3 if ratio > 1 else 0.1))
            return descend([turn] * n, node, replace(plan, start_s=(start_turn - phase) * turn - turn))

        ladder, factor = met(fixed, person.rr_s, duration_s)
        hertz /= factor
        ladder.qrs_s = [at + float(late) for at, late in zip(ladder.qrs_s, jitter, strict=False)]
        events += (f"{ratio}:1 conduction",)
    else:
        hertz, ladder = _variable(person, rng, hertz, phase, delay, start_turn, n, plan, duration_s)
        found = {round((b - a) * hertz) for a, b in pairwise(ladder.qrs_s)}
        events += ("variable conduction" if len(found) > 1 else f"{found.pop()}:1 conduction",)
    draft = of_ventricles(ladder, events)
    draft.flutter = Flutter(
        round(hertz, 9), round(min(max(amplitude, 0.05), 0.45), 6), counterclockwise, round(phase, 9)
    )
    if "preexcitation" in person.traits:
        over = draft.beats == Beat.NORMAL
        draft.beats[over] = Beat.PREEXCITED
        draft.preexcitation[over] = float(rng.uniform(USUAL_PREEXCITATION, 1))
    return draft


def _circuit(person: Person, rng: np.random.Generator, options: Options) -> tuple[float, int]:
    """Turns per second, and n of n:1, or 0 where it varies."""
    rate, atria = person.heart_rate_bpm, person.atrial_rate_bpm
    usual = float(np.clip(_USUAL[0] + _USUAL[1] * rng.standard_normal(), 235, 345))
    draws = rng.random(2)
    if options.ratio:
        return rate * options.ratio / 60, options.ratio
    if options.ratio == 0:
        return max(atria or usual, rate * 1.25) / 60, 0
    if atria:
        ratio = round(atria / rate)
        fixed = ratio in _WEIGHTS and abs(atria / rate - ratio) < 0.03 * ratio
        # what looks like an odd ratio in the mean is more often a mixture of the even ones beside it
        fixed = fixed and (ratio == 1 or ratio % 2 == 0 or draws[0] < _ODD)
        return (rate * ratio / 60, ratio) if fixed else (max(atria, rate) / 60, 0)
    fitting, weights = [], []
    for ratio, weight in _WEIGHTS.items():
        if CIRCUIT[0] <= rate * ratio <= CIRCUIT[1]:
            fitting.append(ratio)
            weights.append(weight * math.exp(-0.5 * ((rate * ratio - _USUAL[0]) / _USUAL[1]) ** 2))
    total = sum(weights)
    if not fitting or draws[0] * (total + _VARIABLE) >= total:
        return max(usual, rate * 1.25) / 60, 0
    ratio = fitting[int(np.searchsorted(np.cumsum(weights), draws[1] * total))]
    return rate * ratio / 60, ratio


def _variable(
    person: Person,
    rng: np.random.Generator,
    hertz: float,
    phase: float,
    delay_s: float,
    start_turn: int,
    n: int,
    plan: Plan,
    duration_s: float,
) -> tuple[float, Ladder]:
    """The circuit's rate and the ladder of a conduction that varies, its lower level found by halving."""
    rr, turn = person.rr_s, 1 / hertz
    wanted = rr * hertz
    # upper level: refractory for so many turns, a little more or less each time
    if wanted > 2.15:
        upper = np.clip(float(rng.uniform(1.35, 1.9)) + 0.12 * rng.standard_normal(n), 1.05, 3.0)
    else:
        upper = np.zeros(n)
    turns = _through(upper, n)
    at = (start_turn + turns - phase) * turn
    steps = np.diff(at, prepend=at[0] - turn)
    noise = 0.1 * np.clip(rng.standard_normal(turns.size), -2, 2)
    slow = 0.12 * np.sin(2 * math.pi * (float(rng.uniform(0.06, 0.2)) * at + float(rng.random())))
    plan = replace(plan, start_s=float(at[0]) - float(steps[0]), noise=[float(x) for x in noise + slow])
    if wanted < 2:
        delay_s = min(delay_s, 0.5 * turn)
    node = Node(
        delay_s, refractory_s=rr, slowing_s=float(rng.uniform(0.06, 0.14)), slowing_tau_s=0.16, concealment=0.05
    )
    intervals = [float(x) for x in steps]
    low, high, least = 0.005, 2.2 * rr, math.inf
    for _ in range(12):
        middle = 0.5 * (low + high)
        tried = descend(intervals, node.with_refractory(middle), plan)
        ratio = mean_rr_s(tried.qrs_s, duration_s) / rr
        miss = abs(ratio - 1) if ratio == ratio else 1e9
        if miss < least:
            least, ladder = miss, tried
        if miss < 0.008:
            break
        if ratio > 1 or ratio != ratio:
            high = middle
        else:
            low = middle
    # the rest is the circuit's: all times and the turns alike
    factor = stretch(np.array(ladder.qrs_s), rr, duration_s)
    factor = factor if 0.9 < factor < 1.1 and plan.escape != Beat.PACED else 1.0
    ladder.qrs_s = [at * factor for at in ladder.qrs_s]
    return hertz / factor, ladder


def _through(refractory_turns: Floats, n: int) -> Floats:
    """Which turns the upper level lets through: the first after as many as it is refractory for."""
    out, ready = [], 0.0
    refractory = refractory_turns.tolist()
    for k in range(n):
        if k >= ready:
            out.append(k)
            ready = k + refractory[k]
    return np.array(out, np.float64)
