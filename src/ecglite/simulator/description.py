"""Chapman-Shaoxing's table, as `chapman.json` describes it: per rhythm strata of findings, from which people are drawn.

It holds, per rhythm, quantiles of what that table states (age, rates, intervals, axes), the correlations between them
and the share of each other finding; `ecglite.lab.population_of` makes it from the table. QRS and the axes of whoever
has a finding of the ventricles are those of the table's rows with that finding.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed
from ecglite.simulator.rules import RATES

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
_SINUS: Final = ("SB", "SR", "ST", "SA", "SAAWR")
_NORMAL: Final = NormalDist()
_SPREAD: Final = {"chapman": 1.0, "broad": 1.4}
OFTEN: Final = {"chapman": 0.0, "broad": 0.6}
"""How far the threshold of a finding is lowered: a share of 2 % becomes 7 %, one of 10 % becomes 25 %."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Those of a rhythm with the same finding of the ventricles."""

    share: float
    quantiles: Floats  # [4, n_levels], of OWN
    angle: Floats | None  # [n_levels], from the QRS axis to the T axis, where it is what is drawn
    root: Floats  # [8, 8], of the correlations within
    moved: Floats  # [8], mean scores; 0 where quantiles are its own
    findings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Described:
    """One rhythm of the description, ready to be drawn from."""

    scores: Floats  # [n_levels], of the levels
    quantiles: Floats  # [n_features, n_levels]
    female: float
    strata: dict[str, Stratum]
    seen: Floats  # [8, n_grid]: the values, or scores, at which `scored` says what score they are in the whole rhythm
    scored: Floats  # [8, n_grid]
    weights: Floats  # [n_codes, 8]: the latent score of a finding is weights @ z plus rest times its own
    rest: Floats  # [n_codes]
    thresholds: Floats  # [n_codes]


@functools.cache
def chapman() -> dict[str, Any]:
    """chapman.json."""
    text = resources.files("ecglite.simulator").joinpath("chapman.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@functools.cache
def described(rhythm: str) -> Described:
    """A rhythm of chapman.json."""
    whole = chapman()
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
    return Described(
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
    """`seen` and `scored` of Described, so that all strata together are distributed as the rhythm is.

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


def _stratum(of: dict[str, Any], within: Floats) -> Stratum:
    moved, correlation = np.zeros(len(FEATURES) + 1), within.copy()
    moved[list(MOVED)] = of["moved"]
    for (one, other), rho in zip(itertools.combinations(OWN, 2), of["correlation"], strict=True):
        correlation[one, other] = correlation[other, one] = rho
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)  # the nearest that is one of correlations
    root = vectors * np.sqrt(np.maximum(values, 0.02))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    angle = np.array(of["angle"]) if "angle" in of else None
    return Stratum(of["share"], np.array(of["quantiles"]), angle, root, moved, of["findings"])


def features(rhythm: str, rng: np.random.Generator, n: int, *, population: str = "chapman") -> Floats:
    """[n, 8]: FEATURES as the table's machine would print them, then 1 for a woman and 0 for a man.

    Raises:
        SimulationError: no such population or rhythm.
    """
    check(rhythm, population)
    return latent(rhythm, rng, n, population)[1]


def latent(
    rhythm: str, rng: np.random.Generator, n: int, population: str, words: Collection[str] = ()
) -> tuple[Floats, Floats, list[str]]:
    """[n, 8] normal scores, [n, 8] what they stand for (FEATURES, then 1 for a woman), and n names of STRATA."""
    of, spread = described(rhythm), _SPREAD[population]
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
    often = OFTEN[population]
    strata = described(rhythm).strata
    shares = np.cumsum([oftener(of.share, often if name != "rest" else 0.0) for name, of in strata.items()])
    return np.asarray(shares / shares[-1])


def oftener(share: float, by: float) -> float:
    """The share of a finding whose threshold is lowered by so many standard deviations."""
    return _NORMAL.cdf(_NORMAL.inv_cdf(share) + by) if by and share < 1 else share


def check(rhythm: str, population: str) -> None:
    """Refuses what is not there.

    Raises:
        SimulationError: no such population or rhythm.
    """
    typed.text("population", population)
    if population not in POPULATIONS:
        raise SimulationError(f"no population {population!r}", allowed=", ".join(POPULATIONS))
    if rhythm not in RATES:
        raise SimulationError(f"no rhythm {rhythm!r} to simulate", allowed=", ".join(RATES))
