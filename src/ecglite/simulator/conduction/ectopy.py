"""Beats out of turn, as the person's traits ask for them: which come early, from where, how early."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.simulator.activity import Beat, Floats
from ecglite.simulator.person import Person

Bools = npt.NDArray[np.bool_]

Below = Sequence[tuple[float, Beat] | None]

_SOONEST_S: Final = 0.27  # after a QRS complex at which a beat from below can come
_EARLY: Final = 0.2  # of the people with premature atrial beats have very early ones
_INTERPOLATED: Final = 0.4


def _some(rng: np.random.Generator, n: int, start_s: float, step_s: float, duration_s: float) -> Bools:
    """[n], which ones: a share that differs from person to person, and at least one within the recording."""
    share = min(0.012 + 0.07 * float(rng.exponential()), 0.3)
    which = rng.random(n) < share
    first, last = (-start_s + 0.15 * duration_s) / step_s, (-start_s + 0.8 * duration_s) / step_s
    which[min(n - 1, max(0, int(rng.uniform(first, last))))] = True
    return which


def early_atrial(
    person: Person, rng: np.random.Generator, n: int, start_s: float, step_s: float, duration_s: float
) -> list[float]:
    """[n], the share of its interval after which the i-th impulse of the atria comes; 0 where it is on time.

    The later half of the diastole more often than the earlier; the faster the rhythm, the later.
    """
    coupling = float(rng.uniform(0.52, 0.82)) if step_s > 0.65 else float(rng.uniform(0.7, 0.88))
    if "pac" in person.traits and step_s > 0.5 and rng.random() < _EARLY:
        coupling = float(rng.uniform(0.32, 0.46)) / step_s  # on the T wave before: blocked, aberrant or led on late
    coupling = max(coupling, min(0.3 / step_s, 0.9))
    at = coupling + np.clip(0.03 * rng.standard_normal(n), -0.08, 0.08)
    if "atrial bigeminy" in person.traits:
        which = np.arange(n) % 2 == 1
    elif "pac" in person.traits:
        which = _some(rng, n, start_s, step_s, duration_s)
        # after one the next is on time
        which[1:] &= ~which[:-1]
    else:
        return []
    return [float(x) for x in np.where(which, at, 0.0)]


def from_below(
    person: Person, rng: np.random.Generator, n: int, start_s: float, step_s: float, duration_s: float
) -> Below:
    """[n], after which time a ventricular or junctional beat follows the k-th conducted one; None where none does.

    A focus keeps its coupling to within some 10 ms.
    """
    traits = person.traits
    longest = 0.82 * step_s
    if longest < _SOONEST_S:
        return ()
    coupling = (0.4 + 0.18 * float(rng.random())) * math.sqrt(min(step_s, 1.2) / 0.8)
    coupling = min(max(coupling, _SOONEST_S), longest)
    kind, which = Beat.VENTRICULAR, np.zeros(n, bool)
    if "ventricular bigeminy" in traits:
        which[:] = True
    elif "ventricular trigeminy" in traits:
        which[::2] = True
    elif "pvc" in traits:
        which = _some(rng, n, start_s, step_s, duration_s)
    elif "junctional beats" in traits:
        which, kind = _some(rng, n, start_s, step_s, duration_s), Beat.JUNCTIONAL
        coupling = min(max(coupling * 1.25, _SOONEST_S), 0.85 * step_s)
    else:
        return ()
    at = np.clip(coupling + 0.008 * rng.standard_normal(n), _SOONEST_S, max(longest, _SOONEST_S))
    return [(float(x), kind) if it else None for x, it in zip(at, which.tolist(), strict=True)]


def depolarised_s(person: Person, rng: np.random.Generator) -> float:
    """How long a beat from below leaves the AV node refractory, in seconds.

    In most people longer than until the next sinus impulse, which is blocked: the pause is fully compensatory. In the
    others the penetration is brief, and at a slow sinus rate the impulse is led on: the beat is interpolated
    (Langendorf, 1948). Bigeminy is kept up by its pauses.
    """
    brief, seconds = float(rng.random()), float(rng.uniform(0.3, 0.38))
    geminy = person.traits & {"ventricular bigeminy", "ventricular trigeminy"}
    return seconds if brief < _INTERPOLATED and not geminy else math.inf


def pauses(intervals_s: Floats, rng: np.random.Generator, start_s: float, duration_s: float) -> Floats:
    """The intervals with some, and at least one in the recording, in which the sinus node misses its time."""
    out = intervals_s.copy()
    step = float(intervals_s.mean())
    which = _some(rng, out.size, start_s, step, duration_s)
    out[which] *= rng.uniform(1.6, 2.1)
    return out
