"""What a rhythm allows: requests that contradict its definition are refused with the rule that they break."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

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
"""Of the atria per minute, where it is a rate of its own."""

_OF_P: Final = ("SB", "SR", "ST", "SA", "SAAWR", "AT")
WITHOUT_P: Final = ("AF", "AFIB")
_OF_A_P: Final = ("pr_s", "p_s", "p_axis_deg", "p_scale")
_P_TRAITS: Final = (
    *("pac", "atrial bigeminy", "first degree av block", "wenckebach", "mobitz 2"),
    *("right atrial enlargement", "left atrial enlargement"),
)
EXCLUDE: Final = (
    ("lbbb", "rbbb"),
    ("lvh", "low voltage"),
    ("low voltage", "t tall"),
    ("t tall", "t flat"),
    ("t tall", "t inversion"),
    ("st elevation", "st depression"),
    ("clockwise rotation", "counterclockwise rotation"),
    ("left anterior fascicular block", "left posterior fascicular block"),
    ("preexcitation", "first degree av block"),
    ("preexcitation", "paced"),
    ("lbbb", "preexcitation"),
)


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
    words = {"SB": "below 60/min", "SR": "60 to 100/min", "ST": "above 100/min"}.get(rhythm, f"{low:g} to {high:g}/min")
    return [f"{RHYTHMS[rhythm].name} is {words} by definition, and {person.heart_rate_bpm:g}/min is asked for"]


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
        if "first degree av block" in person.traits and person.pr_s <= 0.2:
            out.append(f"first degree AV block is a PR above 200 ms, and {person.pr_s * 1000:.0f} ms is asked for")
        if "preexcitation" in person.traits and person.pr_s > 0.14:
            out.append(f"pre-excitation shortens PR, and {person.pr_s * 1000:.0f} ms is asked for")
    return out


def _no_p(rhythm: str, person: Person) -> list[str]:
    if rhythm not in WITHOUT_P:
        return []
    return [
        f"{RHYTHMS[rhythm].name} has no P wave, which {word!r} needs: asked for, not made"
        for word in _P_TRAITS
        if word in person.traits
    ]


def _blocks(rhythm: str, person: Person) -> list[str]:
    blocked = sorted(person.traits & {"wenckebach", "mobitz 2"})
    if blocked and rhythm in ("SVT", "AVNRT", "AVRT"):
        return [f"{blocked[0]!r} would end a {RHYTHMS[rhythm].name}, whose circuit needs the AV node"]
    wide = sorted(person.traits & {"lbbb", "rbbb"})
    if wide and person.qrs_s < 0.11:
        return [
            f"a complete block of a bundle ({wide[0]}) makes QRS 120 ms or more, and {person.qrs_s * 1000:.0f} ms is "
            "asked for"
        ]
    return []


def _together(rhythm: str, person: Person) -> list[str]:
    return [f"{one!r} and {other!r} exclude each other" for one, other in EXCLUDE if {one, other} <= person.traits]


def _pacemaker(rhythm: str, person: Person) -> list[str]:
    if "paced" not in person.traits:
        return []
    if person.age_years < 16:
        return [f"a pacemaker in the right ventricle's tip at {person.age_years:g} years; children are paced elsewhere"]
    if rhythm in _FAST:
        return [f"{RHYTHMS[rhythm].name} is faster than a pacemaker, which then keeps still"]
    return []


_FAST: Final = ("SVT", "AVNRT", "AVRT", "ST")
_PACED_BPM: Final = (50.0, 100.0)
_BLOCKED_BPM: Final = 79.0
"""The most that a second degree block, 6:5 at the best, lets through of a sinus node at rest, which has 95/min."""


def rates_of(rhythm: str, traits: Collection[str]) -> tuple[float, float]:
    """RATES as far as the traits leave them: a pacemaker sets in below 50/min and is not seen above 100/min."""
    low, high = RATES[rhythm]
    if "paced" in traits and rhythm not in _FAST:
        low, high = max(low, _PACED_BPM[0]), min(high, _PACED_BPM[1])
    if not {"wenckebach", "mobitz 2"}.isdisjoint(traits) and rhythm in ("SB", "SR", "SA", "SAAWR"):
        high = min(high, _BLOCKED_BPM)
    return low, high


def _led_on(rhythm: str, person: Person) -> list[str]:
    rate, (low, high) = person.heart_rate_bpm, rates_of(rhythm, person.traits)
    if low <= rate <= high or not RATES[rhythm][0] <= rate <= RATES[rhythm][1]:
        return []
    words = " and ".join(sorted(person.traits & {"paced", "wenckebach", "mobitz 2"}))
    name = RHYTHMS[rhythm].name
    return [f"{words} in {name} leaves the ventricles {low:g} to {high:g}/min, and {rate:g}/min is asked for"]


_RULES: Final[tuple[Callable[[str, Person], list[str]], ...]] = (
    _rate,
    _atria,
    _intervals,
    _no_p,
    _blocks,
    _together,
    _pacemaker,
    _led_on,
)
