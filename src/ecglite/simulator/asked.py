"""What is asked of a person beyond the rhythm: one fact is set, and those that hang on it follow."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from ecglite.edge.errors import SimulationError
from ecglite.simulator.person import Person

FACTS: Final = tuple(field.name for field in dataclasses.fields(Person))
"""What may be asked for, by the name of the attribute of Person; `traits` are added to those drawn."""

# Trait -> what it needs, where nothing else is asked for.
_NEEDS: Final[dict[str, dict[str, float]]] = {
    "rbbb": {"qrs_s": 0.136},
    "lbbb": {"qrs_s": 0.148},
    "intraventricular delay": {"qrs_s": 0.124},
    "preexcitation": {"pr_s": 0.1, "p_s": 0.09, "qrs_s": 0.124},
    "first degree av block": {"pr_s": 0.23},
    "paced": {"qrs_s": 0.156},
}
_BLOCKS: Final = frozenset({"rbbb", "incomplete rbbb", "lbbb", "intraventricular delay", "preexcitation", "paced"})


def asked(person: Person, **facts: Any) -> Person:
    """A person with some facts replaced.

    Where the rate is asked for and QT is not, QT follows by Fridericia's cube root of RR, and PR and P stay within half
    of RR. A block or a pacemaker that is asked for takes the place of one that was drawn, and makes QRS as wide as it
    does (or PR as long or short) where that is not asked for too. A QRS that is asked for without a reason to be that
    wide takes the blocks away or adds a delay.

    Args:
        person: as drawn.
        facts: names of FACTS; None asks for nothing; `traits` is any collection of words.

    Raises:
        SimulationError: no such fact, or a value that no person has.
    """
    wanted = {name: value for name, value in facts.items() if value is not None}
    for name in wanted:
        if name not in FACTS:
            raise SimulationError(f"a person has no {name!r}", allowed=", ".join(FACTS))
    if not wanted:
        return person
    new = dataclasses.replace(person, **{name: value for name, value in wanted.items() if name != "traits"})
    new = _traits(person, new, frozenset(wanted.get("traits", ())), wanted)
    if "heart_rate_bpm" in wanted:
        new = _at_rate(person, new, wanted)
    return new


def _traits(drawn: Person, new: Person, words: frozenset[str], wanted: dict[str, Any]) -> Person:
    traits = set(drawn.traits)
    if words & _BLOCKS or "qrs_s" in wanted:
        traits -= _BLOCKS
    traits |= words
    follow: dict[str, Any] = {}
    if not words & _BLOCKS and drawn.traits & _BLOCKS and "qrs_s" in wanted and new.qrs_s >= 0.12:
        traits.add("intraventricular delay")
    for word in sorted(words):
        follow |= {name: value for name, value in _NEEDS.get(word, {}).items() if name not in wanted}
    if "qrs_s" in follow and drawn.qrs_s >= 0.12 and "preexcitation" not in words:
        follow["qrs_s"] = max(follow["qrs_s"], drawn.qrs_s)
    return dataclasses.replace(new, traits=frozenset(traits), **follow)


def _at_rate(drawn: Person, new: Person, wanted: dict[str, Any]) -> Person:
    follow: dict[str, Any] = {}
    if "qt_s" not in wanted:
        qt = drawn.qt_s * (new.rr_s / drawn.rr_s) ** (1 / 3)
        follow["qt_s"] = min(qt, max(0.92 * new.rr_s, 0.1))
    if "pr_s" not in wanted:
        follow["pr_s"] = max(0.04, min(new.pr_s, 0.45 * new.rr_s))
        if "p_s" not in wanted:
            follow["p_s"] = max(0.02, min(new.p_s, follow["pr_s"] - 0.004))
    if "qrs_s" not in wanted:
        follow["qrs_s"] = max(0.03, min(new.qrs_s, follow.get("qt_s", new.qt_s) - 0.1))
    if "atrial_rate_bpm" not in wanted and drawn.atrial_rate_bpm:
        follow["atrial_rate_bpm"] = max(drawn.atrial_rate_bpm, new.heart_rate_bpm)
    return dataclasses.replace(new, **follow)
