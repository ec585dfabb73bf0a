"""What a rhythm allows: requests that contradict its definition are refused with the rule that they break."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from ecglite.edge.errors import SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator.person import Person

RATES: Final[dict[str, tuple[float, float]]] = {
    "SB": (25, 59.9),
    "SR": (60, 100),
    "AFIB": (30, 240),
    "ST": (100.1, 220),
    "SVT": (100, 280),
    "AF": (30, 350),
    "SA": (40, 115),
    "AT": (40, 250),
    "AVNRT": (100, 280),
    "AVRT": (100, 300),
    "SAAWR": (35, 100),
}
"""Beats of the ventricles per minute, lowest and highest. SB, SR and ST by the rule of the database (Zheng 2020: below
60, 60 to 100, above 100); sinus arrhythmia to 115 because children have it; the others after Page 2015 (ACC/AHA/HRS
guideline on supraventricular tachycardia); a pacemaker that wanders above 100 is multifocal atrial tachycardia."""

ATRIAL_RATES: Final = {"AF": (190.0, 350.0), "AFIB": (250.0, 650.0), "AT": (100.0, 280.0)}
"""Of the atria per minute, where it is a rate of its own: what may be asked for."""
CIRCUIT: Final = (200.0, 350.0)
"""Turns per minute of flutter where none are asked for. Typical flutter turns 240 to 340 times a minute; under drugs
and in large atria down to 190 (Saoudi 2001): so slow it is made on request only."""

_OF_P: Final = ("SB", "SR", "ST", "SA", "SAAWR", "AT")
WITHOUT_P: Final = ("AF", "AFIB")
_OF_A_P: Final = ("pr_s", "p_s", "p_axis_deg", "p_scale")
P_TRAITS: Final = (
    *("pac", "atrial bigeminy", "first degree av block", "wenckebach", "mobitz 2"),
    *("right atrial enlargement", "left atrial enlargement"),
)
REENTRY: Final = ("SVT", "AVNRT", "AVRT")
NOT_IN_REENTRY: Final = (
    *("pac", "atrial bigeminy", "first degree av block"),
    *("junctional beats", "ventricular bigeminy", "ventricular trigeminy"),
)
"""Traits that re-entry has no place for: what would enter the circuit, and the PR of a P from the sinus node."""
FROM_BELOW: Final = ("pvc", "ventricular bigeminy", "ventricular trigeminy", "junctional beats")
EXCLUDE: Final = (
    ("lbbb", "rbbb"),
    ("incomplete rbbb", "lbbb"),
    ("incomplete rbbb", "rbbb"),
    ("incomplete rbbb", "intraventricular delay"),
    ("left anterior fascicular block", "lbbb"),
    ("left posterior fascicular block", "lbbb"),
    ("left anterior fascicular block", "rvh"),
    ("lvh", "low voltage"),
    ("lvh", "low voltage chest"),
    ("lvh", "low voltage limb"),
    ("low voltage", "t tall"),
    ("low voltage chest", "t tall"),
    ("t tall", "t flat"),
    ("t tall", "t inversion"),
    ("t flat", "t inversion"),
    ("st elevation", "st depression"),
    ("clockwise rotation", "counterclockwise rotation"),
    ("left anterior fascicular block", "left posterior fascicular block"),
    ("preexcitation", "first degree av block"),
    ("preexcitation", "paced"),
    ("lbbb", "preexcitation"),
    ("first degree av block", "paced"),
    ("wenckebach", "paced"),
    ("mobitz 2", "paced"),
    ("wenckebach", "mobitz 2"),
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What makes a trait more than a word.

    Attributes:
        fact: of Person.
        low, high: between which it is; an axis is counted from `low` on, so that it may pass 180 degrees.
        usual: where it is not between them, it becomes this for whoever is usual in that fact.
        words: the criterion as a report says it.
    """

    fact: str
    low: float
    high: float
    usual: float
    words: str

    def value(self, person: Person) -> float:
        """The person's, an axis as `low` to `low` + 360."""
        found = float(getattr(person, self.fact))
        return (found - self.low) % 360 + self.low if self.fact.endswith("axis_deg") else found

    def met(self, person: Person) -> bool:
        """Whether it is."""
        return self.low - 1e-9 <= self.value(person) <= self.high + 1e-9

    def shown(self, person: Person) -> str:
        """The person's value, with its unit."""
        found = getattr(person, self.fact)
        if self.fact.endswith("_s"):
            return f"{1000 * found:.0f} ms"
        return f"{found:g} degrees" if self.fact.endswith("_deg") else f"{self.fact} {found:.2g}"


def wide_s(age_years: float) -> float:
    """Duration from which on QRS is that of a complete block (AHA/ACCF/HRS 2009: under 4 and 16 years it is less)."""
    return 0.09 if age_years < 4 else 0.1 if age_years < 16 else 0.12


def _long_qt(person: Person) -> tuple[Criterion, ...]:
    limit = 0.46 if person.sex == "female" else 0.45
    scale = math.cbrt(person.rr_s)
    words = f"a QT over the cube root of RR (Fridericia) above {1000 * limit:.0f} ms, here a QT above"
    limits = (limit + 0.002) * scale, 0.9, (limit + 0.03) * scale
    return (Criterion("qt_s", *limits, f"{words} {1000 * limit * scale:.0f} ms"),)


def _wide(usual_s: float) -> Callable[[Person], tuple[Criterion, ...]]:
    def criterion(person: Person) -> tuple[Criterion, ...]:
        least = wide_s(person.age_years)
        words = f"a QRS of {1000 * least:.0f} ms or more"
        return (Criterion("qrs_s", least, 0.3, usual_s * least / 0.12, words),)

    return criterion


def _incomplete(person: Person) -> tuple[Criterion, ...]:
    wide = wide_s(person.age_years)
    low, high = wide - 0.01, wide - 0.002
    return (Criterion("qrs_s", low, high, wide - 0.006, f"a QRS of {1000 * low:.0f} to {1000 * wide:.0f} ms"),)


def _fixed(*criteria: Criterion) -> Callable[[Person], tuple[Criterion, ...]]:
    return lambda person: criteria


CRITERIA: Final[dict[str, Callable[[Person], tuple[Criterion, ...]]]] = {
    "rbbb": _wide(0.136),
    "lbbb": _wide(0.148),
    "incomplete rbbb": _incomplete,
    "intraventricular delay": _wide(0.126),
    "preexcitation": lambda person: (
        Criterion("pr_s", 0.04, 0.12, 0.1, "a short PR, 120 ms or less"),
        Criterion("qrs_s", wide_s(person.age_years) - 0.01, 0.3, 0.124 * wide_s(person.age_years) / 0.12, "a wide QRS"),
    ),
    "left anterior fascicular block": _fixed(
        Criterion("qrs_axis_deg", -90, -45, -58, "a QRS axis of -45 to -90 degrees")
    ),
    "left posterior fascicular block": _fixed(
        Criterion("qrs_axis_deg", 90, 180, 112, "a QRS axis of 90 to 180 degrees")
    ),
    "rvh": _fixed(Criterion("qrs_axis_deg", 90, 270, 115, "a QRS axis to the right, 90 degrees or more")),
    "paced": _fixed(
        Criterion("qrs_s", 0.12, 0.3, 0.156, "a QRS of 120 ms or more"),
        Criterion("qrs_axis_deg", -100, -30, -78, "a QRS axis upwards, from the right ventricle's tip"),
        Criterion("t_axis_deg", 60, 160, 108, "a T axis opposite to QRS"),
    ),
    "lvh": _fixed(Criterion("qrs_scale", 1.15, 5, 1.35, "a high voltage")),
    "low voltage": _fixed(Criterion("qrs_scale", 0.1, 0.65, 0.55, "a low voltage")),
    "low voltage limb": _fixed(Criterion("qrs_scale", 0.1, 0.9, 0.8, "a low voltage")),
    "low voltage chest": _fixed(Criterion("qrs_scale", 0.1, 0.9, 0.75, "a low voltage")),
    "t tall": _fixed(Criterion("t_scale", 1.1, 5, 1.3, "a high T")),
    "t flat": _fixed(Criterion("t_scale", 0, 1.2, 0.9, "a low T")),
    "clockwise rotation": _fixed(Criterion("transition", 3.3, 7, 3.8, "a late transition")),
    "counterclockwise rotation": _fixed(Criterion("transition", 0, 3.2, 2.7, "an early transition")),
    "long qt": _long_qt,
    "right atrial enlargement": _fixed(
        Criterion("p_scale", 2.2, 5, 2.4, "a P of 0.25 mV or more in II"),
        Criterion("p_axis_deg", 30, 95, 65, "a P that is high in II, its axis 30 to 95 degrees"),
    ),
    "left atrial enlargement": _fixed(Criterion("p_s", 0.12, 0.25, 0.128, "a P of 120 ms or more")),
    "first degree av block": _fixed(Criterion("pr_s", 0.201, 0.6, 0.23, "a PR above 200 ms")),
}
"""Trait -> what it is of a person, after Surawicz et al. and Rautaharju et al. (AHA/ACCF/HRS 2009). The other traits
are a shape or beats, and nothing of a person. Voltages are shares of the age's and sex's; the shape does the rest."""


def kept_to_criteria(person: Person, words: Collection[str] | None = None, keep: Collection[str] = ()) -> Person:
    """The person, each fact that does not meet the criterion of a trait replaced by one that does.

    A person who is not usual in a fact is not in the new one, by a quarter of what it was.

    Args:
        person: who.
        words: of the person's traits; None is all.
        keep: facts that stay as they are.
    """
    for word in sorted(person.traits if words is None else words):
        for criterion in CRITERIA.get(word, _fixed())(person):
            if criterion.fact not in keep and not criterion.met(person):
                usual, found = getattr(_USUAL, criterion.fact), getattr(person, criterion.fact)
                off = found - usual
                if criterion.fact.endswith("axis_deg"):
                    off = (off + 180) % 360 - 180
                fact = min(max(criterion.usual + 0.25 * off, criterion.low), criterion.high)
                change: dict[str, Any] = {criterion.fact: fact}
                person = dataclasses.replace(person, **change)
    return person


_USUAL: Final = Person()


def _unmet(rhythm: str, person: Person) -> list[tuple[str, Criterion]]:
    return [
        (word, criterion)
        for word in sorted(person.traits)
        for criterion in CRITERIA.get(word, _fixed())(person)
        if not criterion.met(person) and (criterion.fact not in _OF_A_P or rhythm in (*_OF_P, ""))
    ]


def unmet(rhythm: str, person: Person) -> frozenset[str]:
    """The person's traits whose criteria the person does not meet; those of a P where the rhythm has the node's P."""
    return frozenset(word for word, _ in _unmet(rhythm, person))


def broken(rhythm: str, person: Person) -> tuple[str, ...]:
    """The rules that this person in this rhythm breaks, each in a sentence; none where all is well."""
    return tuple(sentence for rule in _RULES for sentence in rule(rhythm, person))


def not_made(rhythm: str, facts: Collection[str]) -> tuple[str, ...]:
    """Of the facts that are asked for by name, those of a wave that the rhythm has not, each in a sentence."""
    if rhythm not in WITHOUT_P:
        return ()
    return tuple(
        f"{RHYTHMS[rhythm].name} has no P wave, which {name} is of: asked for, not made"
        for name in _OF_A_P
        if name in facts
    )


def check(rhythm: str, person: Person, facts: Collection[str] = ()) -> None:
    """Refuses a contradiction.

    Args:
        rhythm: abbreviation of one of the eleven.
        person: who.
        facts: names of what is asked for of the person.

    Raises:
        SimulationError: a rule is broken; the message names the first.
    """
    found = (*broken(rhythm, person), *not_made(rhythm, facts))
    if found:
        raise SimulationError(found[0], do="change the request, or force it; the truth then says so")


def _rate(rhythm: str, person: Person) -> list[str]:
    low, high = RATES[rhythm]
    if low <= person.heart_rate_bpm <= high:
        return []
    rate, name = person.heart_rate_bpm, RHYTHMS[rhythm].name
    words = {"SB": "below 60/min", "SR": "60 to 100/min", "ST": "above 100/min"}.get(rhythm, f"{low:g} to {high:g}/min")
    if rhythm == "SB" and rate < low:
        return [f"{name} is made from {low:g}/min on, and {rate:g}/min is asked for"]
    if rhythm == "ST" and rate > high:
        return [f"{name} is made up to {high:g}/min, and {rate:g}/min is asked for"]
    paced = "paced" in person.traits and rhythm in _FAST and rate <= 60 / PACING_S[0]
    return [f"{name} is {words} by definition, and {rate:g}/min is {'the rate when paced' if paced else 'asked for'}"]


def _atria(rhythm: str, person: Person) -> list[str]:
    atrial, rate = person.atrial_rate_bpm, person.heart_rate_bpm
    if not atrial:
        return []
    if rhythm not in ATRIAL_RATES:
        return (
            [f"atria and ventricles have one rate in {RHYTHMS[rhythm].name}; {atrial:g} and {rate:g}/min are asked for"]
            if abs(atrial - rate) > 1
            else []
        )
    low, high = ATRIAL_RATES[rhythm]
    if not low <= atrial <= high:
        return [f"the atria in {RHYTHMS[rhythm].name} have {low:g} to {high:g}/min, and {atrial:g}/min is asked for"]
    if rate > atrial + 1:
        return [f"the ventricles follow the atria in {RHYTHMS[rhythm].name}: {rate:g} cannot come of {atrial:g}/min"]
    return []


def _intervals(rhythm: str, person: Person) -> list[str]:
    rr, out = person.rr_s, []
    if person.qt_s >= rr:
        out.append(f"a QT of {person.qt_s * 1000:.0f} ms does not fit into an RR of {rr * 1000:.0f} ms")
    if person.qrs_s >= person.qt_s - 0.08:
        out.append(f"a QRS of {person.qrs_s * 1000:.0f} ms leaves a QT of {person.qt_s * 1000:.0f} ms no T wave")
    if rhythm in _OF_P:
        if person.pr_s >= rr:
            out.append(f"a PR of {person.pr_s * 1000:.0f} ms does not fit into an RR of {rr * 1000:.0f} ms")
        if person.p_s > person.pr_s:
            out.append(
                f"a P of {person.p_s * 1000:.0f} ms is longer than the PR of {person.pr_s * 1000:.0f} ms it is in"
            )
    return out


def _no_p(rhythm: str, person: Person) -> list[str]:
    if rhythm not in WITHOUT_P:
        return []
    return [
        f"{RHYTHMS[rhythm].name} has no P wave, which {word!r} needs: asked for, not made"
        for word in P_TRAITS
        if word in person.traits
    ]


def many_to_one(person: Person) -> int:
    """Of a person in AT the whole number of waves of the atria to a beat, as their rates say it."""
    return max(round(person.atrial_rate_bpm / person.heart_rate_bpm), 1)


def _two_blocks(rhythm: str, person: Person) -> list[str]:
    blocked, ratio = sorted(person.traits & SECOND_DEGREE), many_to_one(person)
    if rhythm != "AT" or not blocked or ratio == 1:
        return []
    return [f"{blocked[0]!r} blocks one wave of the atria in several, and {ratio}:1 conduction is asked for: not made"]


def _blocks(rhythm: str, person: Person) -> list[str]:
    if rhythm not in REENTRY:
        return []
    name = RHYTHMS[rhythm].name
    blocked = sorted(person.traits & SECOND_DEGREE)
    out = [f"{name} needs the AV node for its circuit, which {blocked[0]!r} would end"] if blocked else []
    return out + [f"{name} has no place for {word!r}" for word in NOT_IN_REENTRY if word in person.traits]


def fastest_with_beats(rhythm: str) -> float:
    """Per minute: where the rhythm is faster, no beat from below comes between two others."""
    return 199.0 if rhythm in REENTRY else 182.0


def _room(rhythm: str, person: Person) -> list[str]:
    rate, most = person.heart_rate_bpm, fastest_with_beats(rhythm)
    if rate <= most:
        return []
    return [
        f"{word!r} has no room between beats above {most:g}/min, and {rate:g}/min is asked for"
        for word in FROM_BELOW
        if word in person.traits
    ]


def _criteria(rhythm: str, person: Person) -> list[str]:
    return [
        f"{word!r} is {criterion.words}, and {criterion.shown(person)} is asked for"
        for word, criterion in _unmet(rhythm, person)
    ]


def _together(rhythm: str, person: Person) -> list[str]:
    return [f"{one!r} and {other!r} exclude each other" for one, other in EXCLUDE if {one, other} <= person.traits]


def _pacemaker(rhythm: str, person: Person) -> list[str]:
    if "paced" not in person.traits:
        return []
    if person.age_years < 16:
        return [f"a pacemaker in the right ventricle's tip at {person.age_years:g} years; children are paced elsewhere"]
    if rhythm in _FAST:
        name = RHYTHMS[rhythm].name
        return [f"'paced' and {name} do not go together: a pacemaker keeps still where the heart is faster"]
    return []


_FAST: Final = ("SVT", "AVNRT", "AVRT", "ST")
PACING_S: Final = (0.75, 1.2)
"""The shortest and the longest interval after which a pacemaker takes over: 80 to 50/min."""
TRACKED_S: Final = 0.6
"""A DDD pacemaker follows the atria at rest up to 100/min."""
AT_REST: Final = ("SB", "SR", "SA", "SAAWR")
SINUS_BPM: Final = (55.0, 95.0)
"""Of the sinus node at rest, whatever the AV node lets through."""
_BLOCKED_BPM: Final = float(SINUS_BPM[1] * 5 // 6)
"""The most that a second degree block, 6:5 at the best, lets through of it."""
SECOND_DEGREE: Final = frozenset({"wenckebach", "mobitz 2"})
"""Blocks of one beat in n, 3 to 8: n:(n-1) conduction."""
_BLOCKED_AT_BPM: Final = 88.0
"""What a focus of 100/min and more leaves the ventricles, whichever that n is."""


def rates_of(rhythm: str, traits: Collection[str]) -> tuple[float, float]:
    """RATES as far as the traits leave them: a pacemaker sets in below 50/min and is not seen above 100/min."""
    low, high = RATES[rhythm]
    if "paced" in traits and rhythm not in _FAST:
        low, high = max(low, 60 / PACING_S[1]), min(high, 60 / TRACKED_S)
    if not SECOND_DEGREE.isdisjoint(traits):
        if rhythm in AT_REST:
            high = min(high, _BLOCKED_BPM)
        elif rhythm == "AT":
            low = max(low, _BLOCKED_AT_BPM)
    return low, high


def _led_on(rhythm: str, person: Person) -> list[str]:
    rate, (low, high) = person.heart_rate_bpm, rates_of(rhythm, person.traits)
    if low <= rate <= high or not RATES[rhythm][0] <= rate <= RATES[rhythm][1]:
        return []
    words = " and ".join(sorted(person.traits & {"paced", *SECOND_DEGREE}))
    name = RHYTHMS[rhythm].name
    return [f"{words} in {name} leaves the ventricles {low:g} to {high:g}/min, and {rate:g}/min is asked for"]


_RULES: Final[tuple[Callable[[str, Person], list[str]], ...]] = (
    _pacemaker,  # before _rate: what a pacemaker does to the rate is nobody's request
    _rate,
    _atria,
    _intervals,
    _no_p,
    _blocks,
    _two_blocks,
    _room,
    _criteria,
    _together,
    _led_on,
)
