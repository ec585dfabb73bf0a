"""What age does to rate, intervals and axis: medians by age, and a person made older or younger.

Children: medians of Rijnbeek et al., 2001 (1,912 children of 11 days to 16 years; rate, PR, P, QRS), and of Davignon et
al., 1979 (2,141 children from birth on; QRS axis, R and S in V1), smoothed so that each rises or falls throughout.
Adults: PR and P 0.25 and 0.1 ms a year from 52 on (ELSA-Brasil, Pinto-Filho 2017); the axis 0.6 degrees a year
to the left, as in Chapman-Shaoxing's table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any, Final

import numpy as np

from ecglite.simulator.person import Person
from ecglite.simulator.rules import rates_of

ADULT: Final = 16.0
"""Years; from here on QRS, the heart rate and the chest leads are those of adults."""

_YEARS: Final = (0.0, 0.05, 0.17, 0.4, 0.75, 2.0, 4.0, 6.5, 10.0, 14.0, 18.0, 52.0, 92.0)
_MEDIANS: Final[dict[str, tuple[float, ...]]] = {
    "rate": (155, 152, 147, 141, 134, 119, 104, 95, 85, 78, 72, 72, 72),  # per minute
    "pr_s": (0.098, 0.099, 0.1, 0.106, 0.112, 0.118, 0.122, 0.129, 0.135, 0.142, 0.157, 0.157, 0.167),
    "p_s": (0.072, 0.073, 0.075, 0.077, 0.079, 0.082, 0.087, 0.092, 0.098, 0.102, 0.108, 0.108, 0.112),
    "qrs_s": (0.063, 0.064, 0.065, 0.066, 0.068, 0.071, 0.075, 0.08, 0.085, 0.089, 0.091, 0.091, 0.091),
    "axis": (135, 115, 80, 68, 66, 65, 64, 64, 63, 62, 61, 41, 17),  # degrees
    "transition": (0.2, 0.2, 0.2, 0.25, 0.3, 0.5, 0.8, 1.2, 2.1, 3.0, 3.5, 3.4, 3.2),  # 1 where R and S of V1 are equal
}


def median(name: str, age_years: float) -> float:
    """Of `rate`, `pr_s`, `p_s`, `qrs_s`, `axis` or `transition` at an age."""
    return float(np.interp(age_years, _YEARS, _MEDIANS[name]))


MEASURED: Final = ("heart_rate_bpm", "qrs_s", "qt_s", "qrs_axis_deg")
"""What Chapman-Shaoxing's table states of its children."""


def aged(person: Person, age_years: float, rhythm: str, keep: Collection[str] = ()) -> Person:
    """The same person at another age: each fact keeps its distance from the median of the age.

    Breathing follows too. The rate comes nearer to the highest that the rhythm allows as a child's is faster, so that
    it stays within the definition; in flutter it hangs on the circuit and stays. QT follows it by the cube root of RR.

    Args:
        person: as they are at their age.
        age_years: the other age.
        rhythm: within whose rates the rate stays; "" leaves it as it is.
        keep: facts that stay as they are, such as MEASURED.
    """
    old, new = person.age_years, age_years
    if old == new:
        return person
    ratio = {name: median(name, new) / median(name, old) for name in ("rate", "pr_s", "p_s", "qrs_s")}
    turned = person.qrs_axis_deg + median("axis", new) - median("axis", old)
    follow: dict[str, Any] = {
        "age_years": new,
        "qrs_s": min(max(person.qrs_s * ratio["qrs_s"], 0.04), 0.3),
        "pr_s": min(max(person.pr_s * ratio["pr_s"], 0.07), 0.6),
        "p_s": min(max(person.p_s * ratio["p_s"], 0.04), 0.25),
        "qrs_axis_deg": (turned + 180) % 360 - 180,
        "transition": min(max(person.transition + median("transition", new) - median("transition", old), 0.2), 5.8),
        "breaths_per_min": min(max(person.breaths_per_min * _breaths(new) / _breaths(old), 8.0), 60.0),
    }
    rate = person.heart_rate_bpm
    alone = not person.atrial_rate_bpm or rhythm == "AFIB" or abs(person.atrial_rate_bpm - rate) < 0.5
    if rhythm and rhythm != "AF" and alone:
        low, high = rates_of(rhythm, person.traits)
        follow["heart_rate_bpm"] = faster = min(max(high - (high - rate) / ratio["rate"], low), high)
        follow["qt_s"] = min(max(person.qt_s * (rate / faster) ** (1 / 3), 0.1), 0.92 * 60 / faster)
        if rhythm != "AFIB" and person.atrial_rate_bpm:
            follow["atrial_rate_bpm"] = faster
    older = dataclasses.replace(person, **{name: value for name, value in follow.items() if name not in keep})
    pr = max(min(older.pr_s, 0.45 * older.rr_s), 0.05)  # with room for it all
    qrs = min(older.qrs_s, max(older.qt_s - 0.1, 0.04))
    return dataclasses.replace(older, pr_s=pr, p_s=min(older.p_s, pr - 0.004), qrs_s=qrs)


def _breaths(age_years: float) -> float:
    """Per minute: adults 12 to 20, children of four about 24 (Fleming 2011)."""
    return 15 + max(0.0, 16 - age_years) * 0.75
