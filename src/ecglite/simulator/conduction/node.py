"""The AV node: a delay and a refractory period that depend on what went before.

Conduction is decremental: the sooner after the last activation an impulse comes, the slower it is led on
(delay = least + slowing * exp(-recovery / tau), as Cohen et al., 1983, and Lian, Müssig and Lang, 2006). An impulse
that comes too early is blocked and yet penetrates a little, and prolongs the refractory period (concealed conduction).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

SLOWING_S: Final = 0.3
"""What would be added to the delay directly after an activation, in a healthy node."""
SLOWING_TAU_S: Final = 0.15
"""How fast that is forgotten: at a recovery of 0.1 s PR is 0.15 s longer, at 0.6 s 5 ms."""

PENETRATED_TAU_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Node:
    """One AV node together with the bundle of His, from P onset to QRS onset.

    Attributes:
        delay_s: of an impulse that meets the node fully recovered.
        slowing_s, slowing_tau_s: what is added directly after an activation, and how it decays with recovery.
        refractory_s: from QRS onset; an impulse that arrives sooner is blocked.
        concealment: by which share of itself the refractory period grows when it is met just before its end; earlier
            impulses, which penetrate less, add less.
        depolarised_s: refractory period after an activation from below (a ventricular or junctional beat).
        penetrated_s: what is added to the delay of an impulse that comes as soon after such a one as it is led on at
            all: the beat from below left the node half refractory (Langendorf, 1948). It fades with PENETRATED_TAU_S.
    """

    delay_s: float
    refractory_s: float
    slowing_s: float = SLOWING_S
    slowing_tau_s: float = SLOWING_TAU_S
    concealment: float = 0.0
    depolarised_s: float = 0.32
    penetrated_s: float = 0.0

    def with_refractory(self, seconds: float) -> Node:
        """The same node with another refractory period."""
        return replace(self, refractory_s=seconds)


def one_to_one(pr_s: float, pp_s: float, depolarised_s: float = 0.32) -> Node:
    """A node that leads every impulse of a rhythm with the period `pp_s` on after `pr_s`.

    Single impulses that come much earlier are led on late, or blocked.
    """
    recovery = max(pp_s - pr_s, 0.02)
    slowing = min(SLOWING_S, 0.4 * pr_s * math.exp(recovery / SLOWING_TAU_S))
    delay = pr_s - slowing * math.exp(-recovery / SLOWING_TAU_S)
    return Node(
        delay,
        refractory_s=min(0.18, 0.6 * recovery),
        slowing_s=slowing,
        depolarised_s=min(depolarised_s, 0.8 * pp_s),
        penetrated_s=0.05,
    )


def n_to_one(pr_s: float, pp_s: float, n: int) -> Node:
    """A node that leads every n-th impulse of a rhythm with the period `pp_s` on after `pr_s`."""
    recovery = n * pp_s - pr_s
    slowing = min(SLOWING_S, 0.4 * pr_s * math.exp(recovery / SLOWING_TAU_S))
    delay = pr_s - slowing * math.exp(-recovery / SLOWING_TAU_S)
    refractory = (n - 0.5) * pp_s - pr_s
    return Node(delay, refractory, slowing, depolarised_s=max(refractory, 0.32))


def wenckebach(pr_s: float, pp_s: float, n: int) -> Node:
    """A node that blocks every n-th impulse after a PR that has grown from beat to beat, from `pr_s` on.

    The slowing is searched for so that the node's own equations give n:(n-1), in regular rhythm.
    """
    tau, growth = 0.35 * pp_s, min(0.26, 0.28 * pp_s)
    refractory = pp_s - pr_s - growth

    def least(most: int) -> float:
        """The least slowing at which at most so many impulses pass in a row: the more of it, the fewer."""
        low, high = math.log(0.01), math.log(20.0)
        for _ in range(22):
            middle = 0.5 * (low + high)
            if len(_delays(pr_s, math.exp(middle), tau, refractory, pp_s, most + 1)) > most:
                low = middle
            else:
                high = middle
        return math.exp(high)

    slowing = least(n - 1)
    slowing *= (least(n - 2) / slowing) ** 0.35 if n > 3 else 1.15
    rested = math.exp(-(2 * pp_s - pr_s - growth) / tau)
    return Node(pr_s - slowing * rested, refractory, slowing, tau)


def _delays(pr_s: float, slowing: float, tau: float, refractory: float, pp_s: float, most: int) -> list[float]:
    """PR after PR from the pause on, until a block; `most` of them at the most."""
    recovery = 2 * pp_s - pr_s - (pp_s - pr_s - refractory)
    base = pr_s - slowing * math.exp(-recovery / tau)
    delays: list[float] = []
    while recovery >= refractory and len(delays) < most:
        delays.append(base + slowing * math.exp(-recovery / tau))
        recovery = pp_s - delays[-1]
    return delays
