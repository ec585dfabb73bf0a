"""Rhythms with a P wave before each conducted beat: of the sinus node, an atrial focus, a pacemaker that wanders."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from ecglite.simulator.activity import Beat, Floats, Ints, Origin
from ecglite.simulator.conduction import ectopy, node, sinus, sites
from ecglite.simulator.conduction.draft import LONGEST_S, MARGIN_S, Draft, of_ladder
from ecglite.simulator.conduction.ladder import Ladder, Plan, climb
from ecglite.simulator.conduction.node import Node
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.rate import met
from ecglite.simulator.person import Person

Breath = tuple[float, float]

_RANGE: Final = {"SB": 0.3, "SR": 0.18, "ST": 0.14}
"""The longest less the shortest RR over their mean, at the most: 75 % of PTB-XL's sinus rhythms have up to 0.175."""
_ARRHYTHMIA: Final = 0.2
"""The same in sinus arrhythmia, at the least; the textbook's rule is 0.12 s or 10 %, PTB-XL's 5th percentile 0.23."""
_PAUSED: Final = 3.0
_RULE: Final = {"SB": (0.0, 60.0), "SR": (60.0, 100.0), "ST": (100.0, math.inf)}


def of_sinus(
    rhythm: str, person: Person, rng: np.random.Generator, duration_s: float, breath: Breath, options: Options
) -> Draft:
    """SB, SR, ST and SA."""
    low, high = _RULE.get(rhythm, (0.0, math.inf))
    if low - 1 < person.heart_rate_bpm < high + 1:  # a mean that is met nearly shall not be across the rule's line
        person = replace(person, heart_rate_bpm=min(max(person.heart_rate_bpm, low + 0.45), high - 0.45))
    rr = person.rr_s
    start, n = _start(rng, rr), _count(duration_s, rr)
    if rhythm == "SA":
        amount = 0.113 * math.exp(0.34 * float(rng.standard_normal())) * min(max(person.vagal, 0.8), 1.4) ** 0.5
        phasic = options.breathing if options.breathing is not None else bool(rng.random() < 0.75)
        if phasic:
            u = float(rng.uniform(0.55, 0.85))
            steps = sinus.intervals(
                person, rng, n, start, rr, amount, breath, duration_s, (u, 0.5 - u / 2, 0.5 - u / 2)
            )
        else:
            steps = sinus.wandering_at_random(rng, n, rr, amount)
        events: tuple[str, ...] = ("phasic sinus arrhythmia" if phasic else "non-phasic sinus arrhythmia",)
    else:
        steps = sinus.intervals(person, rng, n, start, rr, sinus.spread(person, rng), breath, duration_s)
        events = ()
    steps = _within(rhythm, steps, rr, start, duration_s)
    site = sites.sinus(rng, person.heart_rate_bpm)
    return _draft(
        person, rng, steps, start, duration_s, options, np.full(n, int(Origin.SINUS)), np.tile(site, (n, 1)), 1, events
    )


def _within(rhythm: str, steps: Floats, rr_s: float, start_s: float, duration_s: float) -> Floats:
    """The intervals, their variation scaled where the rhythm's definition asks for more or less of it."""
    at = start_s + np.cumsum(steps)
    shown = steps[(at > 0) & (at - steps < max(duration_s, 8 * rr_s))]
    mean = float(shown.mean())
    found = float(np.ptp(shown)) / mean
    if rhythm == "SA":
        least = max(_ARRHYTHMIA, 0.15 / rr_s)
        factor = max(1.0, least / found)
    else:  # of an hour the range is wider than of ten seconds
        factor = min(1.0, _RANGE[rhythm] * (1 + 0.12 * math.log(max(duration_s / 10, 1))) / found)
    return np.asarray(mean * np.clip(1 + (steps / mean - 1) * factor, 0.5, 1.9))


def tachycardia(person: Person, rng: np.random.Generator, duration_s: float, breath: Breath, options: Options) -> Draft:
    """AT: a focus that fires 100 to 250 times a minute; the node leads every beat on, or every n-th."""
    ratio = options.ratio
    if ratio is None and person.atrial_rate_bpm:
        ratio = max(1, round(person.atrial_rate_bpm / person.heart_rate_bpm))
    if ratio is None:
        ratio = max(1, math.ceil(100 / person.heart_rate_bpm))
        if ratio == 1 and person.heart_rate_bpm < 125 and rng.random() < 0.15:
            ratio = 2
    pp = person.rr_s / ratio
    start, n = _start(rng, max(pp, 0.5)), _count(duration_s, pp)
    name, site = sites.drawn(sites.FOCI, rng)
    steps = pp * (1 + float(rng.uniform(0.002, 0.012)) * np.clip(rng.standard_normal(n), -2.5, 2.5))
    at = start + pp * np.arange(n)
    steps *= 1 + 0.008 * np.sin(2 * math.pi * (float(rng.uniform(0.03, 0.12)) * at + float(rng.random())))
    warm = options.warm_up if options.warm_up is not None else bool(rng.random() < 0.15)
    events: tuple[str, ...] = (f"atrial focus: {name}", f"{ratio}:1 conduction")
    if warm:
        steps *= 1 + float(rng.uniform(0.08, 0.2)) * np.exp(-np.clip(at + 1.0, 0, None) / float(rng.uniform(2, 5)))
        events += ("warm-up",)
    origins = np.full(n, int(Origin.FOCUS))
    return _draft(person, rng, steps, start, duration_s, options, origins, np.tile(site, (n, 1)), ratio, events)


def wandering(person: Person, rng: np.random.Generator, duration_s: float, breath: Breath, options: Options) -> Draft:
    """SAAWR: the pacemaker moves from the sinus node down the atrium, and to the junction, and back.

    Vagal tone slows the node and lets lower stations take over (Boineau et al., 1988; Schamroth's Disorders of Cardiac
    Rhythm): as it moves down, RR lengthens, PR shortens and P turns over.
    """
    rr = person.rr_s
    start, n = _start(rng, rr), _count(duration_s, rr)
    at = start + rr * np.arange(n)
    period = float(rng.uniform(5.5, 10)) if duration_s <= 30 else float(rng.uniform(8, 25))
    turn = 2 * math.pi * (at / period + float(rng.random()))
    tone = 0.5 + 0.55 * np.sin(turn) + 0.12 * np.sin(2.4 * turn + float(rng.uniform(0, 6)))
    low = np.clip(tone + 0.05 * rng.standard_normal(n), 0, 1)
    to_junction = bool(rng.random() < 0.55)
    reach = 1.0 if to_junction else float(rng.uniform(0.8, 0.9))
    low *= reach
    depth = float(rng.uniform(0.1, 0.24))
    steps = rr * (1 + depth * (low - 0.5 * reach) + 0.018 * np.clip(rng.standard_normal(n), -2.5, 2.5))
    junction = low > 0.93 if to_junction else np.zeros(n, bool)
    # down the crista terminalis to the mouth of the coronary sinus
    share = np.clip(low / 0.85, 0, 1)[:, None]
    node_site, turned = (
        sites.sinus(rng, person.heart_rate_bpm),
        sites.unit(sites.LOW_ATRIUM + 0.12 * rng.normal(size=3)),
    )
    middle = sites.unit(np.array([-0.95, 0.05, -0.25]) + 0.12 * rng.standard_normal(3))
    where = sites.unit((1 - share) ** 2 * node_site + 2 * share * (1 - share) * middle + share**2 * turned)
    where[junction] = sites.SEPTUM
    origins = np.where(low < 0.25, int(Origin.SINUS), int(Origin.FOCUS))
    origins[junction] = int(Origin.RETROGRADE)
    shortest = min(max(0.12, person.pr_s - 0.06), person.pr_s)
    shift = (shortest - person.pr_s) * np.clip(low / 0.85, 0, 1)
    shift[junction] = float(rng.uniform(0.065, 0.1)) - person.pr_s
    return _draft(person, rng, steps, start, duration_s, options, origins, where, 1, ("wandering pacemaker",), shift)


def _draft(
    person: Person,
    rng: np.random.Generator,
    steps: Floats,
    start_s: float,
    duration_s: float,
    options: Options,
    origins: Ints,
    where: Floats,
    ratio: int,
    events: tuple[str, ...],
    shift_s: Floats | None = None,
) -> Draft:
    """The atria's rhythm through the node, with all that the person's traits put between."""
    traits, rr, n = person.traits, person.rr_s, steps.size
    early = ectopy.early_atrial(person, rng, n, start_s, rr / ratio, duration_s)
    below = ectopy.from_below(person, rng, n, start_s, rr, duration_s)
    _, ectopic_site = sites.drawn(sites.FOCI, rng)
    escape_s, escape = max(1.6, 1.75 * rr), Beat.JUNCTIONAL
    if "junctional beats" in traits and ratio == 1 and rr > 0.6 and rng.random() < 0.6:
        steps, below = ectopy.pauses(steps, rng, start_s, duration_s), ()
        escape_s = min(1.4 * rr, escape_s)
    dropped: frozenset[int] = frozenset()
    n_wenckebach = 0
    if "wenckebach" in traits and ratio == 1:
        n_wenckebach = options.wenckebach or int(rng.choice(np.arange(3, 7), p=[0.35, 0.3, 0.2, 0.15]))
        steps = steps.mean() * (1 + 0.3 * (steps / steps.mean() - 1)) * (n_wenckebach - 1) / n_wenckebach
        escape_s = max(escape_s, _PAUSED * rr)
        events += (f"Wenckebach {n_wenckebach}:{n_wenckebach - 1}",)
    elif "mobitz 2" in traits and ratio == 1:
        every = int(rng.integers(3, 6))
        dropped = frozenset(range(int(rng.integers(every)), 2 * n, every))
        steps = steps * (every - 1) / every
        escape_s = max(escape_s, _PAUSED * rr)
        events += (f"Mobitz II, {every}:{every - 1}",)
    elif person.pr_s > 0.2 and "paced" not in traits:
        events += ("first degree AV block",)
    pacing = (options.pacing or ("VVI" if rng.random() < 0.4 else "DDD")) if "paced" in traits else ""
    if steps.mean() * 1.01 < rr / ratio:  # more P waves than beats: as many more impulses of each list
        n = _count(duration_s, float(steps.mean()))
        steps, origins, where = (np.resize(steps, n), np.resize(origins, n), np.resize(where, (n, 3)))
        shift_s = None if shift_s is None else np.resize(shift_s, n)

    pr = min(person.pr_s, 0.75 * rr)
    if pacing == "VVI":  # behind a complete block
        steps = steps * float(rng.uniform(0.7, 0.95))
        n = _count(duration_s, float(steps.mean()))
        steps, origins, where = (np.resize(steps, n), np.resize(origins, n), np.resize(where, (n, 3)))
        shift_s, early, below = None, [], ()
        escape_s, escape, dropped = rr, Beat.PACED, frozenset(range(n))
        events += ("paced: VVI",)
    elif pacing == "DDD":
        pr = float(rng.uniform(0.13, 0.18))
        events += ("paced: DDD",)
        if rng.random() < 0.4:
            steps, origins = np.full(n, steps.mean()), np.full(n, int(Origin.PACED))
    plan = Plan(
        start_s,
        early=early,
        reset=float(rng.uniform(1.0, 1.12)),
        from_below=below,
        escape_s=escape_s,
        escape=escape,
        shift_s=() if shift_s is None else [float(x) for x in shift_s],
        dropped=dropped,
    )

    def made(factor: float) -> Ladder:
        pp = float(steps.mean()) * factor
        if pacing == "DDD":
            through = Node(pr, refractory_s=0.05, slowing_s=0.0)
        elif n_wenckebach:
            through = node.wenckebach(min(pr, 0.35 * pp), pp, n_wenckebach)
        elif ratio > 1:
            through = node.n_to_one(pr, pp, ratio)
        else:
            through = node.one_to_one(min(pr, 0.8 * pp), pp)
        return climb([float(x) for x in steps * factor], through, plan)

    ladder = made(1.0) if pacing == "VVI" else met(made, rr, duration_s)[0]
    draft = of_ladder(ladder, origins, where, ectopic_site, events)
    conducted = draft.leads_to >= 0
    if pacing == "DDD":
        draft.beats[draft.leads_to[conducted]] = Beat.PACED
    elif "preexcitation" in traits:
        draft.beats[draft.leads_to[conducted & (draft.origins != Origin.RETROGRADE)]] = Beat.PREEXCITED
    from_junction = conducted & (draft.origins == Origin.RETROGRADE)
    draft.beats[draft.leads_to[from_junction]] = Beat.JUNCTIONAL
    draft.pr_s[from_junction] = math.nan
    return draft


def _start(rng: np.random.Generator, step_s: float) -> float:
    return -MARGIN_S - LONGEST_S - step_s * (1 + float(rng.random()))


def _count(duration_s: float, step_s: float) -> int:
    """How many intervals last from the start to beyond the end, were they a third shorter."""
    return int((duration_s + 2 * MARGIN_S + LONGEST_S + 3 * step_s + 2) / step_s * 1.5) + 4
