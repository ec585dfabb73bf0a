"""Who is recorded: people drawn per rhythm as the 10,646 of Chapman-Shaoxing are distributed.

`chapman.json` holds, per rhythm, quantiles of what that database's table states (age, rates, intervals, axes), the
correlations between them and the share of each other finding; `ecglite.lab.population_of` makes it from the table.
QRS and the axes of whoever has a finding of the ventricles are those of the table's rows with that finding.
What the table does not state comes from other studies, named where they are used.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator.growth import ADULT, MEASURED, aged, median
from ecglite.simulator.person import Person
from ecglite.simulator.rules import (
    CIRCUIT,
    FROM_BELOW,
    NOT_IN_REENTRY,
    P_TRAITS,
    RATES,
    REENTRY,
    WITHOUT_P,
    fastest_with_beats,
    kept_to_criteria,
    rates_of,
    unmet,
    wide_s,
)

Floats = npt.NDArray[np.float64]

FEATURES: Final = ("PatientAge", "VentricularRate", "AtrialRate", "QRSDuration", "QTInterval", "RAxis", "TAxis")
"""Columns of Chapman's table that are drawn: years, per minute, milliseconds, degrees."""

POPULATIONS: Final = ("chapman", "broad")
"""As the database is; or the same with every feature spread wider, and each finding more often."""

WORDS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    # code of the table's column Beat -> words of TRAITS, with the share of each where the code leaves it open
    "RBBB": (("rbbb", 1),),
    "LBBB": (("lbbb", 1),),
    "LFBBB": (("left anterior fascicular block", 1),),
    "LBBBB": (("left posterior fascicular block", 1),),
    "IVB": (("intraventricular delay", 1),),
    "FQRS": (("fragmented qrs", 1),),
    "VPE": (("preexcitation", 1),),
    "WPW": (("preexcitation", 1),),
    "LVHV": (("lvh", 1),),
    "LVH": (("lvh", 1),),
    "RVH": (("rvh", 1),),
    "LVQRSAL": (("low voltage", 1),),
    "LVQRSLL": (("low voltage limb", 1),),
    "LVQRSCL": (("low voltage chest", 1),),
    "MIFW": (("prior anterior infarction", 1),),
    "MILW": (("prior inferior infarction", 1),),
    "MISW": (("prior lateral infarction", 1),),
    "AQW": (
        ("prior inferior infarction", 0.5),
        ("prior anterior infarction", 0.35),
        ("prior lateral infarction", 0.15),
    ),
    "CR": (("clockwise rotation", 1),),
    "CCR": (("counterclockwise rotation", 1),),
    "STDD": (("st depression", 1),),
    "STE": (("st elevation", 1),),
    "STTU": (("st elevation", 1),),
    "STTC": (("st depression", 0.5), ("t flat", 0.5)),
    "ERV": (("early repolarisation", 1),),
    "JPS": (("early repolarisation", 1),),
    "TWC": (("t flat", 0.7), ("t inversion", 0.3)),
    "TWO": (("t inversion", 1),),
    "UW": (("u wave", 1),),
    "QTIE": (("long qt", 1),),
    "RAH": (("right atrial enlargement", 1),),
    "RAHV": (("right atrial enlargement", 1),),
    "PWC": (("right atrial enlargement", 0.5), ("left atrial enlargement", 0.5)),
    "1AVB": (("first degree av block", 1),),
    "PRIE": (("first degree av block", 1),),
    "2AVB": (("wenckebach", 1),),
    "2AVB1": (("wenckebach", 1),),
    "2AVB2": (("mobitz 2", 1),),
    "APB": (("pac", 1),),
    "ABI": (("atrial bigeminy", 1),),
    "VPB": (("pvc", 1),),
    "VB": (("ventricular bigeminy", 1),),
    "VET": (("ventricular trigeminy", 1),),
    "JEB": (("junctional beats", 1),),
    "JPT": (("junctional beats", 1),),
}

DELAY: Final = "delay"
CHILD: Final = "child"
STRATA: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    # name -> groups of codes, of each of which a row has one; the first that fits is the row's, the last is the rest
    "bifascicular": (("RBBB",), ("LFBBB",)),
    "lbbb": (("LBBB",),),
    "rbbb": (("RBBB",),),
    "preexcitation": (("WPW", "VPE"),),
    DELAY: (("IVB",),),
    "lafb": (("LFBBB",),),
    CHILD: (),  # below 16 years
    "infarction": (("AQW", "MIFW", "MILW", "MISW"),),
    "lvh": (("LVHV", "LVH"),),
    "t inversion": (("TWO",),),
    "st depression": (("STDD",),),
    "st and t": (("STTC",),),
    "t": (("TWC",),),
    "rest": (),
}
"""What QRS and the axes hang on. What is wide for no reason that is noted is a delay too."""
DISCORDANT: Final = ("lbbb",)
"""Strata whose T axis is described by its angle from the QRS axis, to which it is opposite."""
OF_STRATA: Final = tuple(code for groups in STRATA.values() for codes in groups for code in codes)
R_AXIS: Final = 5
T_AXIS: Final = 6
OWN: Final = (0, 3, R_AXIS, T_AXIS)
"""Of FEATURES and sex, those with quantiles of their own in each stratum: age, QRS and the axes."""
MOVED: Final = (1, 2, 4, 7)
"""The others, which are moved."""
_BRINGS: Final = {
    # word that is asked for -> the stratum that is drawn from; where there is none, words of QRS take the rest
    "lbbb": "lbbb",
    "rbbb": "rbbb",
    "preexcitation": "preexcitation",
    "intraventricular delay": DELAY,
    "left anterior fascicular block": "lafb",
    "prior anterior infarction": "infarction",
    "prior inferior infarction": "infarction",
    "prior lateral infarction": "infarction",
    "lvh": "lvh",
    "t inversion": "t inversion",
    "st depression": "st depression",
    "t flat": "t",
    "left posterior fascicular block": "rest",
    "rvh": "rest",
    "incomplete rbbb": "rest",
    "paced": "rest",
    "low voltage": "rest",
    "low voltage chest": "rest",
    "low voltage limb": "rest",
    "t tall": "rest",
    "early repolarisation": "rest",
}

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
_SINUS: Final = ("SB", "SR", "ST", "SA", "SAAWR")
_INVERTED: Final = {True: 0.8, False: 0.12}
"""How often a change of T that the table does not call by its name is an inversion, where the T axis is outside -15 to
105 degrees and where it is not; else T is flat."""
_WIDE_S: Final = 0.12
"""QRS from which on the table's rows are of the stratum of a delay, whatever their age."""
_CODES: Final = tuple(WORDS)
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Those of a rhythm with the same finding of the ventricles."""

    share: float
    quantiles: Floats  # [4, n_levels], of OWN
    angle: Floats | None  # [n_levels], from the QRS axis to the T axis, where it is what is drawn
    root: Floats  # [8, 8], of the correlations within
    moved: Floats  # [8], mean scores; 0 where quantiles are its own
    findings: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Described:
    """One rhythm of the description, ready to be drawn from."""

    scores: Floats  # [n_levels], of the levels
    quantiles: Floats  # [n_features, n_levels]
    female: float
    strata: dict[str, _Stratum]
    seen: Floats  # [8, n_grid]: the values, or scores, at which `scored` says what score they are in the whole rhythm
    scored: Floats  # [8, n_grid]
    weights: Floats  # [n_codes, 8]: the latent score of a finding is weights @ z plus rest times its own
    rest: Floats  # [n_codes]
    thresholds: Floats  # [n_codes]


@functools.cache
def description() -> dict[str, Any]:
    """chapman.json."""
    text = resources.files("ecglite.simulator").joinpath("chapman.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@functools.cache
def _described(rhythm: str) -> _Described:
    whole = description()
    of = whole["rhythms"][rhythm]
    correlation = np.array(of["correlation"])
    toward = np.array([whole["findings"][code] for code in WORDS])
    weights = np.linalg.solve(correlation, toward.T).T
    explained = np.einsum("ij,ij->i", weights, toward)
    shrink = np.sqrt(np.minimum(1.0, 0.95 / np.maximum(explained, 1e-9)))
    weights, explained = weights * shrink[:, None], explained * shrink**2
    shares = [0.0 if code in OF_STRATA else of["findings"].get(code, 0.0) for code in WORDS]
    scores = np.array([_NORMAL.inv_cdf(level) for level in whole["levels"]])
    quantiles = np.array([of["quantiles"][name] for name in FEATURES])
    strata = {name: whole["strata"].get(name, {}) | own for name, own in of["strata"].items()}
    seen, scored, within = _mixture(list(strata.values()), scores, quantiles, correlation)
    return _Described(
        scores,
        quantiles,
        of["female"],
        {name: _stratum(stratum, within) for name, stratum in strata.items()},
        seen,
        scored,
        weights,
        np.sqrt(1 - explained),
        np.array([_NORMAL.inv_cdf(1 - share) if share else np.inf for share in shares]),
    )


def _mixture(
    strata: list[dict[str, Any]], scores: Floats, quantiles: Floats, correlation: Floats
) -> tuple[Floats, Floats, Floats]:
    """`seen` and `scored` of _Described, so that all strata together are distributed as the rhythm is.

    By themselves they are not, as the few rows of a stratum are described by those of other rhythms. Third, [8, 8], the
    correlations within strata that make up those of the rhythm together with the distances of the strata.
    """
    n, grid, steps = len(FEATURES) + 1, np.linspace(-4, 4, 161), np.linspace(-2.5, 2.5, 51)
    weight = np.exp(-0.5 * steps**2) / np.exp(-0.5 * steps**2).sum()
    shares = np.array([stratum["share"] for stratum in strata])
    shares /= shares.sum()
    seen, scored, means = np.empty((n, grid.size)), np.empty((n, grid.size)), np.empty((len(strata), n))
    for column in range(n):
        if column in OWN:
            row = OWN.index(column)
            seen[column] = np.linspace(quantiles[column, 0] - 20, quantiles[column, -1] + 20, grid.size)
            inside = [np.interp(seen[column], of["quantiles"][row], scores, left=-4, right=4) for of in strata]
            drawn = np.array([np.interp(steps, scores, of["quantiles"][row]) for of in strata])
        else:
            moved = np.array([of["moved"][MOVED.index(column)] for of in strata])
            seen[column], inside, drawn = grid, list(grid - moved[:, None]), steps + moved[:, None]
        below = np.array([[_NORMAL.cdf(score) for score in of.tolist()] for of in inside])
        scored[column] = [_NORMAL.inv_cdf(level) for level in np.clip(shares @ below, 1e-4, 1 - 1e-4).tolist()]
        means[:, column] = np.interp(drawn, seen[column], scored[column]) @ weight
    between = (means * shares[:, None]).T @ means
    spread = np.sqrt(np.maximum(1 - np.diag(between), 0.1))
    return seen, scored, np.clip((correlation - between) / np.outer(spread, spread), -1, 1)


def _stratum(of: dict[str, Any], within: Floats) -> _Stratum:
    moved, correlation = np.zeros(len(FEATURES) + 1), within.copy()
    moved[list(MOVED)] = of["moved"]
    for (one, other), rho in zip(itertools.combinations(OWN, 2), of["correlation"], strict=True):
        correlation[one, other] = correlation[other, one] = rho
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)  # the nearest that is one of correlations
    root = vectors * np.sqrt(np.maximum(values, 0.02))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    angle = np.array(of["angle"]) if "angle" in of else None
    return _Stratum(of["share"], np.array(of["quantiles"]), angle, root, moved, of["findings"])


def _latent(
    rhythm: str, rng: np.random.Generator, n: int, population: str, words: Collection[str] = ()
) -> tuple[Floats, Floats, list[str]]:
    """[n, 8] normal scores, [n, 8] what they stand for (FEATURES, then 1 for a woman), and n names of STRATA."""
    of, spread = _described(rhythm), _SPREAD[population]
    own, chance = rng.standard_normal((n, len(FEATURES) + 1, 1)), rng.random(n)
    names = list(of.strata)
    which = np.searchsorted(_bounds(rhythm, population), chance, side="right")
    brought = [_BRINGS[word] for word in _BRINGS if word in words]
    if brought:
        which[:] = names.index(brought[0] if brought[0] in names else "rest")
    z, values = np.empty((n, len(FEATURES) + 1)), np.empty((n, len(FEATURES) + 1))
    for index in sorted(set(which.tolist())):
        these, stratum = which == index, of.strata[names[index]]
        scores = (stratum.root @ own[these])[:, :, 0]
        found = np.empty_like(scores)
        for column in range(len(FEATURES) + 1):
            at, wider = scores[:, column], 1.0 if column in OWN else spread
            if column == T_AXIS and stratum.angle is not None:
                at = found[:, R_AXIS] + np.interp(at * spread, of.scores, stratum.angle)
                at = (at + 90) % 360 - 90  # as the machine prints it
            elif column in OWN:
                at = np.interp(at * spread, of.scores, stratum.quantiles[OWN.index(column)])
            else:
                at = at + stratum.moved[column]
            scores[:, column] = np.interp(at, of.seen[column], of.scored[column])
            if column < len(FEATURES):
                found[:, column] = np.interp(scores[:, column] * wider, of.scores, of.quantiles[column])
        z[these], values[these] = scores, found
    values[:, -1] = z[:, -1] > _NORMAL.inv_cdf(1 - of.female)
    values[:, :-1] = np.rint(values[:, :-1])
    values[:, 3:5] = 2 * np.rint(values[:, 3:5] / 2)
    low, high = RATES[rhythm]
    values[:, 1] = np.clip(values[:, 1], low, high)
    if rhythm in _SINUS:  # of the table's sinus rhythms 98 % have one rate for both
        values[:, 2] = values[:, 1]
    return z, values, [names[index] for index in which.tolist()]


@functools.cache
def _bounds(rhythm: str, population: str) -> Floats:
    """[n_strata]: the cumulated shares."""
    often = _OFTEN[population]
    strata = _described(rhythm).strata
    shares = np.cumsum([_oftener(of.share, often if name != "rest" else 0.0) for name, of in strata.items()])
    return np.asarray(shares / shares[-1])


def _oftener(share: float, by: float) -> float:
    return _NORMAL.cdf(_NORMAL.inv_cdf(share) + by) if by and share < 1 else share


def features(rhythm: str, rng: np.random.Generator, n: int, *, population: str = "chapman") -> Floats:
    """[n, 8]: FEATURES as the table's machine would print them, then 1 for a woman and 0 for a man.

    Raises:
        SimulationError: no such population or rhythm.
    """
    _check(rhythm, population)
    return _latent(rhythm, rng, n, population)[1]


_SPREAD: Final = {"chapman": 1.0, "broad": 1.4}
_OFTEN: Final = {"chapman": 0.0, "broad": 0.6}
"""How far the threshold of a finding is lowered: a share of 2 % becomes 7 %, one of 10 % becomes 25 %."""


def _check(rhythm: str, population: str) -> None:
    if population not in POPULATIONS:
        raise SimulationError(f"no population {population!r}", allowed=", ".join(POPULATIONS))
    if rhythm not in RATES:
        raise SimulationError(f"no rhythm {rhythm!r} to simulate", allowed=", ".join(RATES))


def person(rhythm: str, rng: np.random.Generator, population: str = "chapman") -> Person:
    """One person in a rhythm.

    Args:
        rhythm: abbreviation of one of the eleven.
        rng: the person's own stream; a fixed number of draws is not promised.
        population: one of POPULATIONS.

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
    _check(rhythm, population)
    z, values, (stratum,) = _latent(rhythm, rng, 1, population, words)
    age, rate, printed, qrs_ms, qt_ms, r_axis, t_axis, woman = values[0].tolist()
    qrs_ms = min(qrs_ms, 2 * math.floor((0.9 * 60_000 / rate - 112) / 2))  # leaves the fastest a T wave
    traits = _traits(rhythm, rng, z[0], stratum, t_axis, _OFTEN[population])
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
    elif rhythm == "AFIB":  # Holm 1998, Bollmann 2006: 4 to 9 Hz at the surface, slower in the old
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
    of = _described(rhythm)
    scores = of.weights @ z + of.rest * rng.standard_normal(of.rest.size)
    choice, chance = rng.random(of.rest.size), rng.random(len(OF_STRATA))
    codes = {_CODES[index] for index in np.flatnonzero(scores > of.thresholds - often).tolist()}
    shares = of.strata[stratum].findings
    spare = {code: _oftener(shares[code], often) - chance[at] for at, code in enumerate(OF_STRATA) if code in shares}
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
