"""What is asked of a person beyond the rhythm: one fact is set, and those that hang on it follow."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed
from ecglite.simulator.growth import aged
from ecglite.simulator.person import Person
from ecglite.simulator.rules import (
    ATRIAL_RATES,
    CIRCUIT,
    EXCLUDE,
    FROM_BELOW,
    PACING_S,
    RATES,
    SECOND_DEGREE,
    fastest_with_beats,
    kept_to_criteria,
    many_to_one,
    rates_of,
    unmet,
    wide_s,
)

FACTS: Final = tuple(field.name for field in dataclasses.fields(Person))
"""What may be asked for, by the name of the attribute of Person; `traits` are added to those drawn."""

BLOCKS: Final = frozenset({"rbbb", "incomplete rbbb", "lbbb", "intraventricular delay", "preexcitation", "paced"})
"""One at a time gives QRS its width."""

SCARS: Final = frozenset({"prior anterior infarction", "prior inferior infarction", "prior lateral infarction"})
"""Whoever asks for one asks for that wall."""


def checked(facts: dict[str, Any]) -> dict[str, Any]:
    """Those of the facts that ask for something.

    Raises:
        SimulationError: no such fact, or a value of a type that it has not.
    """
    wanted = {name: value for name, value in facts.items() if value is not None}
    for name, value in wanted.items():
        if name not in FACTS:
            raise SimulationError(f"a person has no {name!r}", allowed=", ".join(FACTS))
        {"traits": typed.words, "sex": typed.text}.get(name, typed.number)(name, value)
    return wanted


def asked(person: Person, rhythm: str = "", /, **facts: Any) -> Person:
    """A person with some facts replaced.

    An age that is asked for makes the person older or younger first, as growth.aged() does. Where the rate is asked for
    and QT is not, QT follows by Fridericia's cube root of RR, and PR and P stay within half of RR. A trait that is
    asked for meets its criterion (rules.CRITERIA) by the facts that are not asked for too: a block makes QRS wide, a
    long QT is long. A block, a pacemaker or a scar takes the place of one that was
    drawn. A QRS that is asked for without a
    reason to be that wide takes the blocks away or adds a delay. Whatever else was drawn and contradicts what is asked
    for gives way: traits that it excludes or whose criterion it does not meet, P or PR, QT, and the rate where an
    interval would not fit into RR.

    Args:
        person: as drawn.
        rhythm: within whose rates the rate may give way; "" leaves it as it is.
        facts: names of FACTS; None asks for nothing; `traits` is any collection of words.

    Raises:
        SimulationError: no such fact, or a value that no person has.
    """
    wanted = checked(facts)
    if not wanted:
        return person
    if "age_years" in wanted:
        valid = dataclasses.replace(person, age_years=wanted["age_years"])
        person = aged(person, valid.age_years, rhythm)
    new = dataclasses.replace(person, **{name: value for name, value in wanted.items() if name != "traits"})
    new = _traits(person, new, frozenset(wanted.get("traits", ())), wanted)
    if "heart_rate_bpm" in wanted:
        new = _at_rate(person, new, wanted)
    elif rhythm and "atrial_rate_bpm" not in wanted:
        new = _led_on(person, new, rhythm, wanted)
    return _fitted(person, new, rhythm, wanted)


def at_ratio(person: Person, rhythm: str, ratio: int, keeps_rate: bool, /, **facts: Any) -> Person:
    """A person of AF or AT whose atria beat `ratio` times to each beat of the ventricles; 0 is a ratio that varies.

    The atrial rate is the ventricles' times the ratio, for rules.check to judge. Where the ventricles' rate is not
    asked for, it is one at which the circuit turns 200 to 350 times a minute, and the focus of AT has its range.

    Args:
        person: as drawn.
        rhythm: AF or AT.
        ratio: 0 to 8.
        keeps_rate: whether the person's rate is asked for though it is not among the facts.
        facts: as asked() takes them.

    Raises:
        SimulationError: as asked(), or both rates are asked for and are not in this ratio.
    """
    wanted = checked(facts)
    atrial, rate = wanted.get("atrial_rate_bpm"), wanted.get("heart_rate_bpm")
    fixed = rate is not None or keeps_rate
    if rate is None:
        rate = person.heart_rate_bpm
    low, high = CIRCUIT if rhythm == "AF" else ATRIAL_RATES[rhythm]
    least, most = RATES[rhythm]
    if not ratio:  # it varies: more than one turn to a beat
        if atrial is None and not fixed and rate > high / 1.25:
            rate = wanted["heart_rate_bpm"] = high / 1.25
        if atrial is None:
            wanted["atrial_rate_bpm"] = max(person.atrial_rate_bpm, 1.25 * rate)
        elif not fixed:
            wanted["heart_rate_bpm"] = min(rate, max(atrial / 1.25, least))
        return asked(person, rhythm, **wanted)
    if fixed and atrial and abs(rate * ratio / atrial - 1) > 0.03:
        raise SimulationError(
            f"{ratio}:1 conduction of {atrial:g}/min is {atrial / ratio:g}/min, and {rate:g}/min is asked for",
            do="ask for two of the three",
        )
    if not fixed and atrial:
        rate = atrial / ratio
    elif not fixed and not low <= rate * ratio <= high:
        # The drawn circuit at this ratio; from 300/min on 1:1 conduction wears the node out.
        aim = min(max(person.atrial_rate_bpm, low), 300.0 if ratio == 1 else high) / ratio
        longest = 60 * 0.92 / wanted["qt_s"] if "qt_s" in wanted else most  # per minute, that a QT asked for leaves
        rate = max(min(aim, most, max(longest, low / ratio)), least)
    wanted |= {"heart_rate_bpm": rate, "atrial_rate_bpm": min(rate * ratio, 700.0)}
    return asked(person, rhythm, **wanted)


def _traits(drawn: Person, new: Person, words: frozenset[str], wanted: dict[str, Any]) -> Person:
    traits = set(drawn.traits)
    if words & BLOCKS or "qrs_s" in wanted:
        traits -= BLOCKS
    if words & SCARS:
        traits -= SCARS
    # A scar takes the forces that make the axis of these.
    if "left anterior fascicular block" in words:
        traits.discard("prior lateral infarction")
    if words & {"left posterior fascicular block", "rvh"}:
        traits.discard("prior inferior infarction")
    traits |= words
    for pair in EXCLUDE:
        for one, other in (pair, pair[::-1]):
            if one in words and other not in words:
                traits.discard(other)
    if words & BLOCKS == {"preexcitation"}:
        traits.discard("left atrial enlargement")  # P ends before the short PR does
    return kept_to_criteria(dataclasses.replace(new, traits=frozenset(traits)), words, wanted)


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
        least = wide_s(new.age_years) if BLOCKS & set(wanted.get("traits", ())) else 0.03
        follow["qrs_s"] = min(new.qrs_s, max(least, follow.get("qt_s", new.qt_s) - 0.1))
    if "atrial_rate_bpm" not in wanted and drawn.atrial_rate_bpm:
        follow["atrial_rate_bpm"] = max(drawn.atrial_rate_bpm, new.heart_rate_bpm)
    return dataclasses.replace(new, **follow)


def _led_on(drawn: Person, new: Person, rhythm: str, wanted: dict[str, Any]) -> Person:
    """The ventricles' rate follows what is asked for between them and the atria: a pacemaker, a block, a pathway.

    Pre-excited fibrillation is faster than what the node alone lets through (Josephson's Clinical Cardiac
    Electrophysiology: a mean of 150 to 220/min).
    """
    words, (low, high) = frozenset(wanted.get("traits", ())), rates_of(rhythm, new.traits)
    rate = new.heart_rate_bpm
    if rhythm == "AFIB" and "preexcitation" in words and "preexcitation" not in drawn.traits:
        fastest = 60 * 0.92 / wanted["qt_s"] if "qt_s" in wanted else 200.0
        rate = max(rate, min(1.6 * rate, fastest), min(130.0, fastest))
    if "paced" in words:  # nothing inhibits the pacemaker
        high = min(high, 60 / PACING_S[0])
    if not words.isdisjoint(FROM_BELOW):
        high = min(high, fastest_with_beats(rhythm))
    rate = min(max(rate, low), high)
    if rate == new.heart_rate_bpm or not words:
        return new
    return _at_rate(drawn, dataclasses.replace(new, heart_rate_bpm=rate), wanted)


def _fitted(drawn: Person, new: Person, rhythm: str, wanted: dict[str, Any]) -> Person:
    """What was drawn gives way to what is asked for."""
    words = frozenset(wanted.get("traits", ()))
    if "paced" in words and "age_years" not in wanted:
        new = dataclasses.replace(new, age_years=max(new.age_years, 16.0))
    new = _atria(new, rhythm, wanted)
    if rhythm == "AT" and words & SECOND_DEGREE and "atrial_rate_bpm" not in wanted and many_to_one(new) > 1:
        new = dataclasses.replace(new, atrial_rate_bpm=0.0)  # the block of one wave in several says it
    new = kept_to_criteria(new, words, wanted)
    new = _p_and_pr(new, words, wanted)
    new = _room(new, rhythm, words, wanted)
    crowded = frozenset(FROM_BELOW if new.heart_rate_bpm > fastest_with_beats(rhythm) else ())
    new = dataclasses.replace(new, traits=new.traits - ((unmet(rhythm, new) | crowded) - words))
    if drawn.traits & BLOCKS and not new.traits & BLOCKS and new.qrs_s >= wide_s(new.age_years):
        new = dataclasses.replace(new, traits=new.traits | {"intraventricular delay"})  # what is wide has a reason
    return new


def _atria(new: Person, rhythm: str, wanted: dict[str, Any]) -> Person:
    """The ventricles' rate follows that of the atria where only the latter is asked for."""
    atrial = wanted.get("atrial_rate_bpm")
    if not atrial or not rhythm or "heart_rate_bpm" in wanted:
        return new
    if rhythm not in ATRIAL_RATES:
        rate = atrial
    elif new.heart_rate_bpm > atrial:
        rate = atrial / 2 if atrial / 2 >= RATES[rhythm][0] else atrial
    else:
        return new
    low, high = RATES[rhythm]
    if not low <= rate <= high:
        return new
    return _at_rate(new, dataclasses.replace(new, heart_rate_bpm=rate), wanted)


def _p_and_pr(new: Person, words: frozenset[str], wanted: dict[str, Any]) -> Person:
    """P is shorter than PR."""
    if new.p_s <= new.pr_s - 0.004:
        return new
    if ("p_s" in wanted or "left atrial enlargement" in words) and "pr_s" not in wanted:
        return dataclasses.replace(new, pr_s=new.p_s + 0.004)
    if "p_s" not in wanted and wanted.keys() & {"pr_s", "heart_rate_bpm", "traits"}:
        return dataclasses.replace(new, p_s=max(0.02, new.pr_s - 0.004))
    return new


def _room(new: Person, rhythm: str, words: frozenset[str], wanted: dict[str, Any]) -> Person:
    """QRS has a T wave after it, and QT and PR fit into RR: by what is not asked for."""
    wide = bool(words & BLOCKS) or "qrs_s" in wanted
    if new.qrs_s > new.qt_s - 0.1:
        if "qt_s" not in wanted and wide:
            new = dataclasses.replace(new, qt_s=new.qrs_s + 0.1)
        elif "qrs_s" not in wanted and "qt_s" in wanted:
            new = dataclasses.replace(new, qrs_s=max(0.03, new.qt_s - 0.1))
    of_p = words & {"first degree av block", "left atrial enlargement"}
    qtc = new.qt_s / new.rr_s ** (1 / 3)
    longest = max(
        new.qt_s / 0.92 if wide or "qt_s" in wanted else 0.0,
        (qtc / 0.92) ** 1.5 if "long qt" in words else 0.0,  # QT grows with RR
        new.pr_s / 0.6 if wanted.keys() & {"pr_s", "p_s"} or of_p else 0.0,
    )
    if longest <= new.rr_s or not rhythm:
        return new
    if "heart_rate_bpm" in wanted:  # as far as RR lets it
        shortest = new.qrs_s + 0.081
        return new if "qt_s" in wanted else dataclasses.replace(new, qt_s=max(min(new.qt_s, 0.98 * new.rr_s), shortest))
    low, high = RATES[rhythm]
    rate = min(max(60 / longest, low), high)
    atrial = new.atrial_rate_bpm
    if rhythm not in ATRIAL_RATES and atrial:  # one rate for both
        return new
    slower = dataclasses.replace(new, heart_rate_bpm=min(rate, new.heart_rate_bpm))
    return kept_to_criteria(slower, words & {"long qt"}, wanted)
