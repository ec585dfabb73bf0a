"""Rhythms with a P wave before each conducted beat: of the sinus node, an atrial focus, a pacemaker that wanders."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecglite.simulator.activity import USUAL_PREEXCITATION, Beat, Floats, Ints, Origin
from ecglite.simulator.conduction import ectopy, node, sinus, sites
from ecglite.simulator.conduction.draft import LONGEST_S, MARGIN_S, Draft, of_ladder
from ecglite.simulator.conduction.ladder import Ladder, Plan, descend
from ecglite.simulator.conduction.node import Node
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.pathway import Pathway
from ecglite.simulator.conduction.rate import met
from ecglite.simulator.person import Person
from ecglite.simulator.rules import AT_REST, PACING_S, SECOND_DEGREE, SINUS_BPM, TRACKED_S

Breath = tuple[float, float]

_RANGE: Final = {"SB": 0.3, "SR": 0.18, "ST": 0.14}
"""The longest less the shortest RR over their mean, at the most: 75 % of PTB-XL's sinus rhythms have up to 0.175."""
_ARRHYTHMIA: Final = 0.2
"""The same in sinus arrhythmia, at the least; the textbook's rule is 0.12 s or 10 %, PTB-XL's 5th percentile 0.23."""
_PAUSED: Final = 3.0
_BEHIND_PATHWAY_S: Final = 0.05
"""By which the node is slower than an accessory pathway in sinus rhythm: half of the ventricles are the pathway's."""
_BLOCKED_EVERY: Final = 14
_BLOCKED: Final = 5
"""So many impulses of so many are blocked where a pacemaker is there for a block that comes and goes."""
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
    atria = _Atria(steps, np.full(n, int(Origin.SINUS)), np.tile(site, (n, 1)), np.zeros(n))
    return _draft(rhythm, person, rng, atria, start, duration_s, options, 1, events)


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
    if options.ratio is None and not person.atrial_rate_bpm and person.traits & SECOND_DEGREE:
        ratio = 1  # the block is of one wave in several
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
    atria = _Atria(steps, np.full(n, int(Origin.FOCUS)), np.tile(site, (n, 1)), np.zeros(n))
    return _draft("AT", person, rng, atria, start, duration_s, options, ratio, events)


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
    atria = _Atria(steps, origins, where, shift)
    return _draft("SAAWR", person, rng, atria, start, duration_s, options, 1, ("wandering pacemaker",))


@dataclass(frozen=True, slots=True)
class _Atria:
    """The atria's own rhythm: of each impulse the interval before it, an Origin, a site, and what PR differs by."""

    steps: Floats
    origins: Ints
    where: Floats
    shift_s: Floats

    def faster(self, factor: float, duration_s: float) -> _Atria:
        """With intervals so many times as long, and as many more of them as the recording then needs."""
        steps = self.steps * factor
        n = max(steps.size, _count(duration_s, float(steps.mean())))
        return _Atria(
            np.resize(steps, n), np.resize(self.origins, n), np.resize(self.where, (n, 3)), np.resize(self.shift_s, n)
        )


def _second_degree(rhythm: str, person: Person, rng: np.random.Generator, asked: int | None) -> tuple[int, float]:
    """Of a person with a second degree block n of the n:(n-1) conduction, and the ventricles' mean interval.

    The sinus node keeps its own rate, 55 to 95/min at rest, and the ventricles are slower; where theirs leaves it no
    room for that, they give way. A tachycardia keeps the ventricles' rate.
    """
    own = rhythm in AT_REST
    ns = np.arange(3, 9)
    often = np.array([0.35, 0.3, 0.2, 0.15, 0, 0] if "wenckebach" in person.traits else [1, 1, 1, 0.5, 0, 0])
    sinus = person.heart_rate_bpm * ns / (ns - 1)
    fits = often * ((sinus >= SINUS_BPM[0]) & (sinus <= SINUS_BPM[1])) if own else often
    u = float(rng.random())
    if asked is not None:
        n = asked
    elif fits.any():
        n = int(ns[np.searchsorted(np.cumsum(fits), u * fits.sum(), side="right")])
    else:  # as little block as there is, or as much
        n = 8 if sinus[-1] > SINUS_BPM[0] else 3
    most = SINUS_BPM[1] * (n - 1) / n if own else math.inf
    low, high = _RULE.get(rhythm, (0.0, math.inf))
    # of some groups the mean jumps with each beat: it shall not jump across the rule's line
    return n, 60 / min(person.heart_rate_bpm, max(most, low + 0.45), 0.965 * high)


def _pacing(rhythm: str, person: Person, rng: np.random.Generator, options: Options) -> str:
    """How a paced person's pacemaker works, "" for others; an atrial tachycardia is not followed."""
    if "paced" not in person.traits:
        return ""
    mode = "DDD" if rng.random() >= 0.4 or rhythm in ("SA", "SAAWR") else "VVI"
    return options.pacing or ("VVI" if rhythm == "AT" else mode)


def _draft(
    rhythm: str,
    person: Person,
    rng: np.random.Generator,
    atria: _Atria,
    start_s: float,
    duration_s: float,
    options: Options,
    ratio: int,
    events: tuple[str, ...],
) -> Draft:
    """The atria's rhythm through the node, with all that the person's traits put between."""
    traits, rr, n = person.traits, person.rr_s, atria.steps.size
    early = ectopy.early_atrial(person, rng, n, start_s, rr / ratio, duration_s)
    below = ectopy.from_below(person, rng, n, start_s, rr, duration_s)
    _, ectopic_site = sites.drawn(sites.FOCI, rng)
    escape_s, escape = max(1.6, 1.75 * rr), Beat.JUNCTIONAL
    if "junctional beats" in traits and ratio == 1 and rr > 0.7 and rng.random() < 0.6:
        atria, below = replace(atria, steps=ectopy.pauses(atria.steps, rng, start_s, duration_s)), ()
        escape_s = min(max(1.4 * rr, 1.0), 1.5)  # the junction's own rate is 40 to 60/min
    pacing = _pacing(rhythm, person, rng, options)
    pr = min(person.pr_s, 0.75 * rr)
    dropped: frozenset[int] = frozenset()
    n_wenckebach = 0
    pathway = None
    if pacing:
        events += (f"paced: {pacing}",)
    elif traits & SECOND_DEGREE and ratio == 1:
        every, rr = _second_degree(rhythm, person, rng, options.wenckebach if "wenckebach" in traits else None)
        atria = atria.faster((rr / person.rr_s) * (every - 1) / every, duration_s)
        escape_s = max(escape_s, _PAUSED * rr)
        if "wenckebach" in traits:
            n_wenckebach = every
            mean = atria.steps.mean()
            atria = replace(atria, steps=mean * (1 + 0.3 * (atria.steps / mean - 1)))
            events += (f"Wenckebach {every}:{every - 1}",)
        else:
            dropped = frozenset(range(int(rng.integers(every)), atria.steps.size, every))
            events += (f"Mobitz II, {every}:{every - 1}",)
    elif "preexcitation" in traits and ratio == 1:
        pathway = Pathway(pr, float(rng.uniform(0.22, 0.3)), shift_s=[float(x) for x in atria.shift_s])
    elif person.pr_s > 0.2:
        events += ("first degree AV block",)

    base_s = min(max(rr, PACING_S[0]), PACING_S[1])
    if pacing:
        escape_s, escape, atria = base_s, Beat.PACED, replace(atria, shift_s=np.zeros(n))
    tracked = pacing == "DDD" and rr >= TRACKED_S
    dissociated = pacing == "VVI" and rr >= PACING_S[0]
    if dissociated:  # behind a complete block
        atria = atria.faster(float(rng.uniform(0.7, 0.95)) * base_s / rr, duration_s)
        early, below, dropped = [], (), frozenset(range(atria.steps.size))
    elif pacing == "VVI":  # behind a block that comes and goes
        first = int(-start_s / rr) + int(rng.integers(1, 5))
        dropped = frozenset(k for k in range(n) if (k - first) % _BLOCKED_EVERY < _BLOCKED)
    elif tracked:
        pr = float(rng.uniform(0.13, 0.18))
        escape_s = PACING_S[1] + pr
        if rng.random() < 0.4 and rr >= PACING_S[0]:
            atria = replace(atria, steps=np.full(n, base_s), origins=np.full(n, int(Origin.PACED)))
        late = atria.steps > PACING_S[1]
        atria = replace(
            atria,
            steps=np.where(late, PACING_S[1], atria.steps),
            origins=np.where(late, int(Origin.PACED), atria.origins),
        )
    plan = Plan(
        start_s,
        early=early,
        reset=float(rng.uniform(1.0, 1.12)),
        from_below=below,
        escape_s=escape_s,
        escape=escape,
        shift_s=[float(x) for x in atria.shift_s],
        dropped=dropped,
        pathway=pathway,
    )
    depolarised_s = ectopy.depolarised_s(person, rng)

    def made(factor: float) -> Ladder:
        pp = float(atria.steps.mean()) * factor
        if tracked:
            through = Node(pr, refractory_s=0.05, slowing_s=0.0)
        elif n_wenckebach:
            through = node.wenckebach(min(pr, 0.35 * pp), pp, n_wenckebach)
        elif ratio > 1:
            through = node.n_to_one(pr, pp, ratio)
        else:
            behind = _BEHIND_PATHWAY_S if pathway else 0.0
            through = node.one_to_one(min(pr + behind, 0.8 * pp), pp, depolarised_s)
        return descend([float(x) for x in atria.steps * factor], through, plan)

    ladder = made(1.0) if dissociated else met(made, min(rr, PACING_S[1]) if tracked else rr, duration_s)[0]
    draft = of_ladder(ladder, atria.origins, atria.where, ectopic_site, events)
    conducted = draft.leads_to >= 0
    if tracked:
        draft.beats[draft.leads_to[conducted]] = Beat.PACED
    elif "preexcitation" in traits and not pathway and not pacing:
        over = draft.leads_to[conducted & (draft.origins != Origin.RETROGRADE)]
        draft.beats[over], draft.preexcitation[over] = Beat.PREEXCITED, USUAL_PREEXCITATION
    from_junction = conducted & (draft.origins == Origin.RETROGRADE)
    draft.beats[draft.leads_to[from_junction]] = Beat.JUNCTIONAL
    draft.preexcitation[draft.leads_to[from_junction]] = 0.0
    draft.pr_s[from_junction] = math.nan
    return draft


def _start(rng: np.random.Generator, step_s: float) -> float:
    return -MARGIN_S - LONGEST_S - step_s * (1 + float(rng.random()))


def _count(duration_s: float, step_s: float) -> int:
    """How many intervals last from the start to beyond the end, were they a third shorter."""
    return int((duration_s + 2 * MARGIN_S + LONGEST_S + 3 * step_s + 2) / step_s * 1.5) + 4
