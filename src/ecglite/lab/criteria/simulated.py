"""The simulated recordings that are held against the textbook: of people without further findings; without atria.

A block or an old infarction changes what a rhythm looks like.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS, Record
from ecglite.simulator import Made, body, make, plan
from ecglite.simulator.activity import Beat
from ecglite.simulator.truth import Plan

_SEARCHED: Final = 20_000


def plain(rhythm: str, n: int, *, seed: int = 0, duration_s: float = 10.0, noise: float = 1.0) -> list[Made]:
    """The first `n` recordings from `seed` on of people without further findings, all of whose beats are normal.

    Args:
        rhythm: abbreviation of one of the eleven.
        n: how many.
        seed: the first to be looked at.
        duration_s: of each.
        noise: as make().

    Raises:
        SimulationError: there are not so many among the first 20,000 seeds.
    """
    found: list[Made] = []
    for number in range(seed, seed + _SEARCHED):
        planned = plan(rhythm, number, duration_s=duration_s)
        person = planned.person
        usual = person.qrs_s < 0.11 and -20 <= person.qrs_axis_deg <= 90 and -30 <= person.t_axis_deg <= 110
        if person.traits or not usual or person.age_years < 16 or (planned.activity.beats != Beat.NORMAL).any():
            continue
        found.append(make(rhythm, number, duration_s=duration_s, noise=noise))
        if len(found) == n:
            return found
    raise SimulationError(
        f"{len(found)} of {n} people without further findings in {rhythm} from seed {seed} on",
        allowed=f"as many as there are among {_SEARCHED:,} seeds",
    )


@dataclass(frozen=True, slots=True)
class RetrogradeP:
    """What the atria add to a recording after QRS, by the difference to the same recording without them.

    Attributes:
        rp_ms: from QRS onset to the peak of that P, median.
        v1_mv: its highest in V1.
        inferior_mv: its lowest in the mean of II, III and aVF.
    """

    rp_ms: float
    v1_mv: float
    inferior_mv: float


def noiseless(planned: Plan, *, atria: bool = True) -> Record:
    """What the electrodes see of a plan before the recorder, at 500 Hz, with or without what the atria add."""
    activity = planned.activity
    if not atria:
        none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
        activity = dataclasses.replace(activity, p_s=none, origins=no, sites=np.zeros((0, 3)), leads_to=no, pr_s=none)
        activity = dataclasses.replace(activity, flutter=None, fibrillation=None)
    signal, _ = body.leads(activity, planned.person, np.random.default_rng(0), 500.0)
    return Record(signal.astype(np.float32), 500.0, LEADS)


def retrograde_p(rhythm: str, seed: int) -> RetrogradeP:
    """Of a recording without noise; a delineator cannot see a P that lies within QRS."""
    planned = plan(rhythm, seed)
    p = noiseless(planned).signal_mv - noiseless(planned, atria=False).signal_mv
    inferior = p[:, [LEADS.index(name) for name in ("II", "III", "aVF")]].mean(axis=1)
    size = np.abs(inferior) + np.abs(p[:, LEADS.index("V1")])
    rp = []
    for onset in planned.inside:
        first = round(onset * 500)
        beat = size[first : first + 125]
        if beat.size == 125:
            rp.append(2.0 * beat.argmax())
    return RetrogradeP(float(np.median(rp)), float(p[:, LEADS.index("V1")].max()), float(inferior.min()))
