"""One simulated person: what stays the same throughout a recording, in the words and units of an ECG report."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Final

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed

TRAITS: Final = (
    # ventricles: conduction
    "rbbb",
    "incomplete rbbb",
    "lbbb",
    "left anterior fascicular block",
    "left posterior fascicular block",
    "intraventricular delay",
    "preexcitation",
    "fragmented qrs",
    # ventricles: size, voltage, scars, position
    "lvh",
    "rvh",
    "low voltage",
    "low voltage limb",
    "low voltage chest",
    "prior anterior infarction",
    "prior inferior infarction",
    "prior lateral infarction",
    "clockwise rotation",
    "counterclockwise rotation",
    # repolarisation
    "st depression",
    "st elevation",
    "early repolarisation",
    "t inversion",
    "t flat",
    "t tall",
    "u wave",
    "long qt",
    # atria
    "right atrial enlargement",
    "left atrial enlargement",
    # AV node
    "first degree av block",
    "wenckebach",
    "mobitz 2",
    # beats
    "pac",
    "atrial bigeminy",
    "pvc",
    "ventricular bigeminy",
    "ventricular trigeminy",
    "junctional beats",
    "paced",
)
"""Every word that Person.traits may have."""

LIMITS: Final[dict[str, tuple[float, float]]] = {
    "age_years": (0, 120),
    "heart_rate_bpm": (15, 350),
    "atrial_rate_bpm": (0, 700),
    "pr_s": (0.04, 0.6),
    "p_s": (0.02, 0.25),
    "qrs_s": (0.03, 0.3),
    "qt_s": (0.1, 0.9),
    "qrs_axis_deg": (-180, 270),
    "t_axis_deg": (-180, 270),
    "p_axis_deg": (-180, 270),
    "transition": (0, 7),
    "p_scale": (0.1, 5),
    "qrs_scale": (0.1, 5),
    "t_scale": (0, 5),
    "vagal": (0, 3),
    "breaths_per_min": (4, 80),
}
"""The widest values that a Person is made with; what contradicts a rhythm is refused by rules.check."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is recorded.

    Attributes:
        age_years: 0 to 120.
        sex: "female" or "male".
        heart_rate_bpm: mean ventricular rate, which the conduction aims at.
        atrial_rate_bpm: mean rate of the atria where it is not the ventricles' (AF, AFIB, AT with block), else 0.
        pr_s: from P onset to QRS onset at this rate; of a retrograde P it is drawn by the conduction.
        p_s: duration of P.
        qrs_s: duration of QRS.
        qt_s: from QRS onset to the end of T at `heart_rate_bpm`, uncorrected.
        qrs_axis_deg, t_axis_deg, p_axis_deg: in the frontal plane, 0 towards the left arm, 90 towards the feet; -180 to
            270, as the machines print them.
        transition: the chest lead where R and S are equal, 3.5 between V3 and V4.
        p_scale, qrs_scale, t_scale: amplitude, 1 being the mean of healthy people of this age and sex.
        vagal: respiratory variability of the sinus node and of the AV node, 1 being the mean at this age.
        breaths_per_min: respiration.
        traits: words from TRAITS.

    Raises:
        SimulationError: a value is no number, not finite or outside its limits, or a trait has no such word.
    """

    age_years: float = 50.0
    sex: str = "female"
    heart_rate_bpm: float = 72.0
    atrial_rate_bpm: float = 0.0
    pr_s: float = 0.155
    p_s: float = 0.104
    qrs_s: float = 0.088
    qt_s: float = 0.385
    qrs_axis_deg: float = 45.0
    t_axis_deg: float = 42.0
    p_axis_deg: float = 52.0
    transition: float = 3.5
    p_scale: float = 1.0
    qrs_scale: float = 1.0
    t_scale: float = 1.0
    vagal: float = 1.0
    breaths_per_min: float = 14.0
    traits: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.sex not in ("female", "male"):
            raise SimulationError(f"a person of sex {self.sex!r}", allowed="female, male")
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            typed.number(name, value)
            if not (math.isfinite(value) and low <= value <= high):
                raise SimulationError(f"a person with {name} {value:g}", allowed=f"{low:g} to {high:g}")
        typed.words("traits", self.traits)
        object.__setattr__(self, "traits", frozenset(self.traits))
        unknown = sorted(self.traits.difference(TRAITS))
        if unknown:
            raise SimulationError(f"a person with the trait {unknown[0]!r}", allowed=", ".join(TRAITS))

    @property
    def rr_s(self) -> float:
        """Mean distance of two beats in seconds."""
        return 60.0 / self.heart_rate_bpm

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the attributes, traits as a sorted list."""
        return {**dataclasses.asdict(self), "traits": sorted(self.traits)}
