"""The ladder diagram: impulses of the atria go down through the AV node, ectopic beats and escapes come between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ecglite.simulator.activity import Beat
from ecglite.simulator.conduction.node import PENETRATED_TAU_S, Node
from ecglite.simulator.conduction.pathway import Pathway, preexcitation

VENTRICLE_REFRACTORY_S: Final = 0.2
"""From QRS onset on, no other QRS complex begins."""
_ATRIUM_REFRACTORY_S: Final = 0.2
_RETROGRADE_S: Final = 0.06  # from a beat that begins below to its reaching the node


@dataclass(frozen=True, slots=True)
class Plan:
    """What else than the atria's rhythm and the node is to happen.

    Attributes:
        start_s: when the atria's first interval begins.
        early: share of its interval after which the i-th atrial impulse comes prematurely; 0 where it is on time. May
            be shorter than the intervals: the rest is on time.
        reset: by which the interval after a premature atrial impulse is multiplied.
        from_below: after which time a beat from below follows the k-th conducted one, and which; None where none does.
        escape_s: after which time without a beat the ventricles get one from below.
        escape: how that one is made.
        noise: by which share the refractory period that the i-th impulse meets differs from the node's.
        shift_s: what is added to the delay of the i-th impulse.
        dropped: indices of impulses that are blocked below the node.
        pathway: beside the node, or None.
    """

    start_s: float
    early: Sequence[float] = ()
    reset: float = 1.05
    from_below: Sequence[tuple[float, Beat] | None] = ()
    escape_s: float = math.inf
    escape: Beat = Beat.JUNCTIONAL
    noise: Sequence[float] = ()
    shift_s: Sequence[float] = ()
    dropped: frozenset[int] = frozenset()
    pathway: Pathway | None = None


@dataclass(slots=True)
class Ladder:
    """Lists as in Activity: of the atria's impulses the first four (-1, NaN: blocked), of the beats the others."""

    p_s: list[float] = field(default_factory=list)
    premature: list[bool] = field(default_factory=list)
    leads_to: list[int] = field(default_factory=list)
    pr_s: list[float] = field(default_factory=list)
    qrs_s: list[float] = field(default_factory=list)
    beats: list[int] = field(default_factory=list)
    preexcitation: list[float] = field(default_factory=list)


def descend(intervals_s: Sequence[float], node: Node, plan: Plan) -> Ladder:
    """Follows every impulse of the atria.

    Args:
        intervals_s: from one impulse of the atria's own rhythm to the next.
        node: what they pass.
        plan: what else happens.
    """
    out = Ladder()
    early = list(plan.early) + [0.0] * (len(intervals_s) - len(plan.early))
    noise = list(plan.noise) + [0.0] * (len(intervals_s) - len(plan.noise))
    shift = list(plan.shift_s) + [0.0] * (len(intervals_s) - len(plan.shift_s))
    from_below, n_from_below, dropped = plan.from_below, len(plan.from_below), plan.dropped
    base, slowing, tau, conceal = node.delay_s, node.slowing_s, node.slowing_tau_s, node.concealment
    most, penetrating = 2.5 * node.refractory_s, node.penetrated_s
    pathway, n_impulses = plan.pathway, len(intervals_s)
    over_s, over_refractory = (pathway.delay_s, pathway.refractory_s) if pathway else (0.0, 0.0)
    over_noise = list(pathway.noise if pathway else ()) + [0.0] * n_impulses
    over_shift = list(pathway.shift_s if pathway else ()) + [0.0] * n_impulses
    add_p, add_early, add_to, add_pr = out.p_s.append, out.premature.append, out.leads_to.append, out.pr_s.append
    qrs, beats, shares, exp = out.qrs_s, out.beats, out.preexcitation, math.exp
    now, scale = plan.start_s, 1.0
    passed, refractory = now - 10.0, node.refractory_s  # when the node was last passed, how long it takes it
    over_passed, penetrated = now - 10.0, 0.0
    last, due, kind = now - 10.0, now + plan.escape_s, int(plan.escape)
    conducted, normal, escape_s, escape = 0, int(Beat.NORMAL), plan.escape_s, int(plan.escape)
    preexcited = int(Beat.PREEXCITED)

    for i, interval in enumerate(intervals_s):
        premature = early[i] > 0 and early[i] * interval >= _ATRIUM_REFRACTORY_S
        now += interval * (early[i] if premature else scale)
        scale = plan.reset if premature else 1.0
        at, share = math.nan, 0.0
        while True:
            if due > now:
                recovery = now - passed
                if recovery < refractory * (1 + noise[i]):
                    if conceal and recovery > 0:
                        refractory = min(refractory + conceal * node.refractory_s * (recovery / refractory) ** 2, most)
                elif i not in dropped:
                    at = now + base + slowing * exp(-recovery / tau) + shift[i]
                    if penetrated:
                        at += penetrated * exp((refractory - recovery) / PENETRATED_TAU_S)
                if pathway and now - over_passed >= over_refractory * (1 + over_noise[i]):
                    over = now + over_s + over_shift[i]
                    share = preexcitation(at - over)
                    if share:
                        at = over
                if due > at or at != at:
                    break
            # a beat from below comes first: it meets the impulse on its way, or leaves the node refractory
            qrs.append(due)
            beats.append(kind)
            shares.append(0.0)
            passed, refractory, last = due + _RETROGRADE_S, node.depolarised_s, due
            over_passed, penetrated = passed, penetrating
            blocked = due > now
            due, kind = due + escape_s, escape
            if blocked:
                at = math.nan
                break
        if at - last < VENTRICLE_REFRACTORY_S:
            at = math.nan
        add_p(now)
        add_early(premature)
        if at != at:
            add_to(-1)
            add_pr(math.nan)
            continue
        add_to(len(qrs))
        add_pr(at - now)
        qrs.append(at)
        beats.append(preexcited if share else normal)
        shares.append(share)
        passed = over_passed = last = at
        refractory, penetrated = node.refractory_s, 0.0
        if share == 1:  # the node is met from below
            passed, refractory = at + _RETROGRADE_S, node.depolarised_s
        after = from_below[conducted] if conducted < n_from_below else None
        conducted += 1
        due, kind = (at + after[0], int(after[1])) if after else (at + escape_s, escape)
    return out
