"""Who is recorded: people drawn per rhythm as the 10,646 of Chapman-Shaoxing are distributed.

`description` says how these are. What their table does not state comes from other studies, named where they are used.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.simulator.description import DELAY, OF_STRATA, OFTEN, STRATA, WORDS, check, described, latent, oftener
from ecglite.simulator.growth import ADULT, MEASURED, aged, median
from ecglite.simulator.person import Person
from ecglite.simulator.rules import (
    CIRCUIT,
    FROM_BELOW,
    NOT_IN_REENTRY,
    P_TRAITS,
    REENTRY,
    WITHOUT_P,
    fastest_with_beats,
    kept_to_criteria,
    rates_of,
    unmet,
    wide_s,
)

Floats = npt.NDArray[np.float64]


_ALONE: Final = (
    # Of each group one word is kept, the first.
    ("lbbb", "rbbb", "intraventricular delay", "preexcitation"),
    ("lbbb", "left anterior fascicular block", "left posterior fascicular block"),
    ("left anterior fascicular block", "rvh"),
    ("left anterior fascicular block", "prior lateral infarction"),
    ("left posterior fascicular block", "prior inferior infarction"),
    ("low voltage", "low voltage limb"),
    ("low voltage", "low voltage chest"),
    ("lvh", "low voltage", "low voltage chest"),
    ("lvh", "low voltage limb"),
    ("lvh", "rvh"),
    ("clockwise rotation", "counterclockwise rotation"),
    ("st elevation", "st depression"),
    ("early repolarisation", "st depression"),
    ("t inversion", "t flat"),
    ("preexcitation", "left atrial enlargement"),
    ("right atrial enlargement", "left atrial enlargement"),
    ("mobitz 2", "wenckebach", "preexcitation", "first degree av block"),
    ("ventricular bigeminy", "ventricular trigeminy", "pvc"),
    ("atrial bigeminy", "pac"),
)
_INVERTED: Final = {True: 0.8, False: 0.12}
"""How often a change of T that the table does not call by its name is an inversion, where the T axis is outside -15 to
105 degrees and where it is not; else T is flat."""
_WIDE_S: Final = 0.12
"""QRS from which on the table's rows are of the stratum of a delay, whatever their age."""
_CODES: Final = tuple(WORDS)


def person(rhythm: str, rng: np.random.Generator, population: str = "chapman") -> Person:
    """One person in a rhythm.

    Args:
        rhythm: abbreviation of one of the eleven.
        rng: the person's own stream; a fixed number of draws is not promised.
        population: one of description.POPULATIONS.

    Raises:
        SimulationError: no such population or rhythm.
    """
    return draw(rhythm, rng, population)[0]


def draw(
    rhythm: str, rng: np.random.Generator, population: str = "chapman", words: Collection[str] = ()
) -> tuple[Person, float]:
    """One person, and the atrial rate per minute that a machine would print for the rhythm, as in Chapman's table.

    The machine's is a guess in flutter, fibrillation and tachycardia (it is below the ventricles' in a third of the
    table's fibrillation); the person's own atrial rate is what the atria do.

    Args:
        rhythm: as person().
        rng: as person().
        population: as person().
        words: of TRAITS; QRS and the axes are those of people with the first of them that says something on these. The
            words themselves are for asked() to add.
    """
    check(rhythm, population)
    z, values, (stratum,) = latent(rhythm, rng, 1, population, words)
    age, rate, printed, qrs_ms, qt_ms, r_axis, t_axis, woman = values[0].tolist()
    qrs_ms = min(qrs_ms, 2 * math.floor((0.9 * 60_000 / rate - 112) / 2))  # leaves the fastest a T wave
    traits = _traits(rhythm, rng, z[0], stratum, t_axis, OFTEN[population])
    tabled = age
    rate = min(rate, rates_of(rhythm, traits)[1])
    if population == "broad" and rng.random() < 0.1:
        age = float(np.rint(rng.uniform(1, 95)))
    g = rng.standard_normal(9).tolist()
    sex = "female" if woman else "male"
    grown = max(age, ADULT)
    pr, p = _atrial_times_s(grown, sex, rate, rhythm, g[0], g[1], traits)
    qt = _possible_qt(qt_ms / 1000, rate, qrs_ms / 1000)
    if rhythm == "AF":
        atrial = _flutter_rate(rate, rng)
    elif rhythm == "AFIB":  # Holm 1998, Bollmann 2006: 4 to 9 Hz at the surface, slower in the old; here 4.5 to 9.3
        atrial = float(np.clip(400 - 0.8 * (age - 65) + 45 * g[2], 270, 560))
    elif rhythm == "AT":
        atrial = _focus_rate(rate, rng)
    else:
        atrial = 0.0
    young_man = sex == "male" and 15 <= age < 40
    someone = Person(
        age_years=grown,
        sex=sex,
        heart_rate_bpm=rate,
        atrial_rate_bpm=atrial,
        pr_s=pr,
        p_s=p,
        qrs_s=qrs_ms / 1000,
        qt_s=qt,
        qrs_axis_deg=r_axis,
        t_axis_deg=t_axis,
        # ELSA-Brasil (Pinto-Filho 2017), 11,094 without heart disease: median 57 in women and 54 in men.
        p_axis_deg=float(np.clip((57 if woman else 54) + 16 * g[4] + 0.1 * (rate - 70), -20, 95)),
        # R and S are equal between V3 and V4; earlier in women and in the old (Macfarlane 2010).
        transition=float(np.clip(3.4 - 0.004 * (grown - 50) - 0.1 * woman + 0.65 * g[5], 1.5, 5.8)),
        p_scale=float(np.clip(math.exp(0.25 * g[6]), 0.45, 2.2)),
        qrs_scale=float(np.clip((1.08 if young_man else 1.0) * math.exp(0.22 * g[7]), 0.45, 2.2)),
        t_scale=float(np.clip((1.25 if young_man else 1.0) * math.exp(0.28 * g[8]), 0.3, 2.5)),
        vagal=float(np.clip(math.exp(0.35 * rng.standard_normal()), 0.3, 2.5)),
        # Adults breathe 12 to 20 times a minute.
        breaths_per_min=float(np.clip(15 * math.exp(0.17 * g[3]), 8, 40)),
        traits=frozenset(traits),
    )
    if age < grown:
        # The table says what rate, QRS and axis of the children are whom it has.
        someone = aged(someone, age, rhythm, keep=MEASURED if age == tabled else ())
    return _consistent(rhythm, someone), printed


def _consistent(rhythm: str, person: Person) -> Person:
    """With the criteria of each trait met, a reason for each wide QRS, and without what there is no room for."""
    person = dataclasses.replace(person, traits=_with_width(person))
    person = kept_to_criteria(person)
    longest_pr, longest_qt = min(0.33, 0.45 * person.rr_s), 0.92 * person.rr_s
    pr = min(max(person.pr_s, person.p_s + 0.004), longest_pr)
    person = dataclasses.replace(
        person,
        pr_s=pr,
        p_s=min(person.p_s, pr - 0.004),
        qt_s=min(max(person.qt_s, person.qrs_s + 0.1), longest_qt),
    )
    crowded = FROM_BELOW if person.heart_rate_bpm > fastest_with_beats(rhythm) else ()
    return dataclasses.replace(person, traits=person.traits - unmet(rhythm, person) - frozenset(crowded))


def _with_width(person: Person) -> frozenset[str]:
    """A block of a bundle is wide by definition; and what is wide has a reason."""
    traits, wide = set(person.traits), wide_s(person.age_years)
    if person.qrs_s < wide and "rbbb" in traits:
        traits.discard("rbbb")
        if person.qrs_s >= wide - 0.01:
            traits.add("incomplete rbbb")
    elif person.qrs_s >= _WIDE_S and not traits & {"rbbb", "lbbb", "preexcitation"}:
        traits.add("intraventricular delay")
    return frozenset(traits)


def _traits(rhythm: str, rng: np.random.Generator, z: Floats, stratum: str, t_axis: float, often: float) -> set[str]:
    of = described(rhythm)
    scores = of.weights @ z + of.rest * rng.standard_normal(of.rest.size)
    choice, chance = rng.random(of.rest.size), rng.random(len(OF_STRATA))
    codes = {_CODES[index] for index in np.flatnonzero(scores > of.thresholds - often).tolist()}
    shares = of.strata[stratum].findings
    spare = {code: oftener(shares[code], often) - chance[at] for at, code in enumerate(OF_STRATA) if code in shares}
    codes |= {code for code, left in spare.items() if left > 0}
    for group in STRATA[stratum]:
        if stratum != DELAY and not codes & set(group):
            codes.add(max((code for code in group if code in spare), key=lambda code: spare[code]))
    found = set()
    inverted = _INVERTED[not -15 <= t_axis <= 105]
    for index, (code, words) in enumerate(WORDS.items()):
        if code == "TWC":
            words = (("t inversion", inverted), ("t flat", 1 - inverted))
        if code in codes:
            bounds = np.cumsum([share for _, share in words])
            found.add(words[int(np.searchsorted(bounds, choice[index] * bounds[-1], side="right"))][0])
    if rhythm in WITHOUT_P:
        found -= frozenset(P_TRAITS)
    if rhythm not in ("SB", "SR", "SA", "ST"):
        found -= {"preexcitation", "wenckebach", "mobitz 2", "first degree av block"}
    if rhythm not in ("SB", "SR"):  # a block of beats would take the rate out of the others' definition
        found -= {"wenckebach", "mobitz 2"}
    if rhythm in REENTRY:
        found -= frozenset(NOT_IN_REENTRY)
    for group in _ALONE:
        there = [word for word in group if word in found]
        found -= set(there[1:])
    return found


def _atrial_times_s(
    age: float, sex: str, rate: float, rhythm: str, g_pr: float, g_p: float, traits: set[str]
) -> tuple[float, float]:
    """PR and the duration of P of an adult in seconds.

    Medians of ELSA-Brasil (Pinto-Filho 2017: PR 164 ms in men, 158 in women, P 112 and 108, n = 11,094), spread as
    WHI's women (Rautaharju 2013: 2nd and 98th percentile 118 and 212), longer with age and shorter with rate.
    """
    male = 1000 * (sex == "male")
    pr, p = 1000 * median("pr_s", age) + 0.006 * male, 1000 * median("p_s", age) + 0.004 * male
    pr = pr * math.exp(0.125 * g_pr) - 0.2 * (rate - 68)
    if "first degree av block" in traits:
        pr = 212 + 18 * abs(g_pr)
    if rhythm == "AT":  # the node delays what comes early
        pr += 15
    p = p * math.exp(0.1 * (0.6 * g_p + 0.5 * g_pr)) + (14 if "left atrial enlargement" in traits else 0)
    pr = float(np.clip(pr, 105, min(330, 0.45 * 60_000 / rate)))
    if "preexcitation" in traits:
        pr = 88 + min(14 * abs(g_pr), 30)  # under 120 ms: the pathway does not delay
        p = min(p, pr - 6)
    return pr / 1000, float(np.clip(p, 55, pr - 4)) / 1000


def _possible_qt(qt_s: float, rate: float, qrs_s: float) -> float:
    """QT as drawn, within what fits between two beats."""
    return float(np.clip(qt_s, qrs_s + 0.11, 0.92 * 60 / rate))


def _flutter_rate(rate: float, rng: np.random.Generator) -> float:
    """The circuit's rate per minute: a multiple of the ventricles' where one is in CIRCUIT, even ones rather."""
    low, high = CIRCUIT
    drawn = float(np.clip(rng.normal(280, 28), low, high))
    fits = [(k, k * rate) for k in (1, 2, 3, 4, 5, 6) if low <= k * rate <= high]
    if not fits or rng.random() < 0.25:  # the ratio changes
        return max(drawn, rate)
    weights = np.array([{1: 0.3, 2: 3.0, 3: 0.7, 4: 2.0, 5: 0.3, 6: 0.4}[k] for k, _ in fits])
    weights *= np.exp(-0.5 * ((np.array([turn for _, turn in fits]) - 280) / 35) ** 2) + 1e-6
    return fits[int(np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random()))][1]


def _focus_rate(rate: float, rng: np.random.Generator) -> float:
    """The focus fires 100 to 250 times a minute (Page 2015); under 100 beats a minute some of its waves are blocked."""
    if rate >= 100 and (rate > 125 or rng.random() < 0.85):
        return rate
    return float(min(2 * rate, 240.0)) if rate < 100 or rng.random() < 0.6 else float(min(1.5 * rate, 240.0))
