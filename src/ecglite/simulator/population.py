"""Who is recorded: people drawn per rhythm as the 10,646 of Chapman-Shaoxing are distributed.

`chapman.json` holds, per rhythm, quantiles of what that database's table states (age, rates, intervals, axes), the
correlations between them and the share of each other finding; `ecglite.lab.population_of` makes it from the table.
What the table does not state comes from other studies, named where they are used.
"""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass
from importlib import resources
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator.person import Person
from ecglite.simulator.rules import RATES, rates_of

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

_ALONE: Final = (
    # Of each group one word is kept, the first.
    ("lbbb", "rbbb", "intraventricular delay", "preexcitation"),
    ("left anterior fascicular block", "left posterior fascicular block"),
    ("low voltage", "low voltage limb"),
    ("low voltage", "low voltage chest"),
    ("lvh", "low voltage", "low voltage chest"),
    ("lvh", "rvh"),
    ("clockwise rotation", "counterclockwise rotation"),
    ("st elevation", "st depression"),
    ("early repolarisation", "st depression"),
    ("t inversion", "t flat"),
    ("right atrial enlargement", "left atrial enlargement"),
    ("mobitz 2", "wenckebach", "preexcitation", "first degree av block"),
    ("ventricular bigeminy", "ventricular trigeminy", "pvc"),
    ("atrial bigeminy", "pac"),
)
_SINUS: Final = ("SB", "SR", "ST", "SA", "SAAWR")
_NEEDS_P: Final = frozenset(
    (
        *("pac", "atrial bigeminy", "first degree av block", "wenckebach", "mobitz 2"),
        *("right atrial enlargement", "left atrial enlargement"),
    )
)
_WIDE_MS: Final = 120.0
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class _Described:
    """One rhythm of the description, ready to be drawn from."""

    scores: Floats  # [n_levels], of the levels
    quantiles: Floats  # [n_features, n_levels]
    root: Floats  # [8, 8], of the correlations; sex is last
    female: float
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
    shares = [of["findings"].get(code, 0.0) for code in WORDS]
    return _Described(
        np.array([_NORMAL.inv_cdf(level) for level in whole["levels"]]),
        np.array([of["quantiles"][name] for name in FEATURES]),
        np.linalg.cholesky(correlation),
        of["female"],
        weights,
        np.sqrt(1 - explained),
        np.array([_NORMAL.inv_cdf(1 - share) if share else np.inf for share in shares]),
    )


def _latent(rhythm: str, rng: np.random.Generator, n: int, spread: float) -> tuple[Floats, Floats]:
    """[n, 8] correlated standard normal scores, and [n, 8] what they stand for: FEATURES, then 1 for a woman."""
    of = _described(rhythm)
    z = (of.root @ rng.standard_normal((n, len(FEATURES) + 1, 1)))[:, :, 0]
    values = np.empty_like(z)
    for column in range(len(FEATURES)):
        values[:, column] = np.interp(z[:, column] * spread, of.scores, of.quantiles[column])
    values[:, -1] = z[:, -1] > _NORMAL.inv_cdf(1 - of.female)
    values[:, :-1] = np.rint(values[:, :-1])
    values[:, 3:5] = 2 * np.rint(values[:, 3:5] / 2)
    low, high = RATES[rhythm]
    values[:, 1] = np.clip(values[:, 1], low, high)
    if rhythm in _SINUS:  # of the table's sinus rhythms 98 % have one rate for both
        values[:, 2] = values[:, 1]
    return z, values


def features(rhythm: str, rng: np.random.Generator, n: int, *, population: str = "chapman") -> Floats:
    """[n, 8]: FEATURES as the table's machine would print them, then 1 for a woman and 0 for a man.

    Raises:
        SimulationError: no such population or rhythm.
    """
    _check(rhythm, population)
    return _latent(rhythm, rng, n, _SPREAD[population])[1]


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


def draw(rhythm: str, rng: np.random.Generator, population: str = "chapman") -> tuple[Person, float]:
    """One person, and the atrial rate per minute that a machine would print for the rhythm, as in Chapman's table.

    The machine's is a guess in flutter, fibrillation and tachycardia (it is below the ventricles' in a third of the
    table's fibrillation); the person's own atrial rate is what the atria do.
    """
    _check(rhythm, population)
    z, values = _latent(rhythm, rng, 1, _SPREAD[population])
    age, rate, printed, qrs_ms, qt_ms, r_axis, t_axis, woman = values[0].tolist()
    qrs_ms = min(qrs_ms, 2 * math.floor((0.9 * 60_000 / rate - 112) / 2))  # leaves the fastest a T wave
    traits = _traits(rhythm, rng, z[0], qrs_ms, _OFTEN[population])
    rate = min(rate, rates_of(rhythm, traits)[1])
    if population == "broad" and rng.random() < 0.1:
        age = float(np.rint(rng.uniform(1, 95)))
    g = rng.standard_normal(9).tolist()
    sex = "female" if woman else "male"
    pr, p = _atrial_times_s(age, sex, rate, rhythm, g[0], g[1], traits)
    qt = _possible_qt(qt_ms / 1000, rate, qrs_ms / 1000)
    if rhythm == "AF":
        atrial = _flutter_rate(rate, rng)
    elif rhythm == "AFIB":  # Holm 1998, Bollmann 2006: 4 to 9 Hz at the surface, slower in the old
        atrial = float(np.clip(400 - 0.8 * (age - 65) + 45 * g[2], 270, 560))
    elif rhythm == "AT":
        atrial = _focus_rate(rate, rng)
    else:
        atrial = 0.0
    # Adults breathe 12 to 20 times a minute, children of four about 24 (Fleming 2011).
    breaths = float(np.clip((15 + max(0.0, 16 - age) * 0.75) * math.exp(0.17 * g[3]), 8, 40))
    young_man = sex == "male" and 15 <= age < 40
    return Person(
        age_years=age,
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
        transition=float(np.clip(3.4 - 0.004 * (age - 50) - 0.1 * woman + 0.65 * g[5], 1.5, 5.8)),
        p_scale=float(np.clip(math.exp(0.25 * g[6]), 0.45, 2.2)),
        qrs_scale=float(np.clip((1.08 if young_man else 1.0) * math.exp(0.22 * g[7]), 0.45, 2.2)),
        t_scale=float(np.clip((1.25 if young_man else 1.0) * math.exp(0.28 * g[8]), 0.3, 2.5)),
        vagal=float(np.clip(math.exp(0.35 * rng.standard_normal()), 0.3, 2.5)),
        breaths_per_min=breaths,
        traits=frozenset(traits),
    ), printed


def _traits(rhythm: str, rng: np.random.Generator, z: Floats, qrs_ms: float, often: float) -> set[str]:
    of = _described(rhythm)
    scores = of.weights @ z + of.rest * rng.standard_normal(of.rest.size)
    choice = rng.random(of.rest.size + 1)
    found = set()
    for index in np.flatnonzero(scores > of.thresholds - often).tolist():
        words = tuple(WORDS.values())[index]
        shares = np.cumsum([share for _, share in words])
        found.add(words[int(np.searchsorted(shares, choice[index] * shares[-1], side="right"))][0])
    if rhythm in ("AF", "AFIB"):
        found -= _NEEDS_P
    if rhythm not in ("SB", "SR", "SA", "ST"):
        found -= {"preexcitation", "wenckebach", "mobitz 2", "first degree av block"}
    if rhythm not in ("SB", "SR"):  # a block of beats would take the rate out of the others' definition
        found -= {"wenckebach", "mobitz 2"}
    if rhythm in ("SVT", "AVNRT", "AVRT"):
        found -= {"pac", "atrial bigeminy", "junctional beats", "ventricular bigeminy", "ventricular trigeminy"}
    # A block of a bundle is wide by definition; and what is wide has a reason.
    if qrs_ms < _WIDE_MS:
        if "rbbb" in found:
            found.add("incomplete rbbb")
        found -= {"rbbb", "lbbb"}
    elif not found & {"rbbb", "lbbb", "intraventricular delay", "preexcitation"}:
        found.add("rbbb" if choice[-1] < 0.6 else "lbbb" if choice[-1] < 0.8 else "intraventricular delay")
    for group in _ALONE:
        there = [word for word in group if word in found]
        found -= set(there[1:])
    return found


def _atrial_times_s(
    age: float, sex: str, rate: float, rhythm: str, g_pr: float, g_p: float, traits: set[str]
) -> tuple[float, float]:
    """PR and the duration of P in seconds.

    Adults: medians of ELSA-Brasil (Pinto-Filho 2017: PR 164 ms in men, 158 in women, P 112 and 108, n = 11,094),
    spread as WHI's women (Rautaharju 2013: 2nd and 98th percentile 118 and 212), longer with age and shorter with
    rate. Children are shorter: about 120 and 85 ms at four years (Davignon 1979, Rijnbeek 2001). A first degree block
    that a fast rate leaves no room for is taken from `traits`.
    """
    male = sex == "male"
    grown = min(1.0, max(0.0, (age - 1) / 17))
    pr = (115 + 42 * grown) + (6 if male else 0) * grown + 0.25 * max(0.0, age - 52)
    p = (80 + 28 * grown) + (4 if male else 0) * grown + 0.1 * max(0.0, age - 52)
    pr = pr * math.exp(0.125 * g_pr) - 0.2 * (rate - 68)
    if "first degree av block" in traits:
        pr = 212 + 18 * abs(g_pr)
    if rhythm == "AT":  # the node delays what comes early
        pr += 15
    p = p * math.exp(0.1 * (0.6 * g_p + 0.5 * g_pr)) + (14 if "left atrial enlargement" in traits else 0)
    rr = 60_000 / rate
    pr = float(np.clip(pr, 95 if age < 15 else 105, min(330, 0.45 * rr)))
    if pr <= 200:
        traits.discard("first degree av block")
    if "preexcitation" in traits:
        pr = min(pr, 88 + 14 * abs(g_p))  # under 120 ms: the pathway does not delay
        p = min(p, pr - 6)
    return pr / 1000, float(np.clip(p, 55, pr - 4)) / 1000


def _possible_qt(qt_s: float, rate: float, qrs_s: float) -> float:
    """QT as drawn, within what fits between two beats."""
    return float(np.clip(qt_s, qrs_s + 0.11, 0.92 * 60 / rate))


def _flutter_rate(rate: float, rng: np.random.Generator) -> float:
    """The circuit's rate per minute: a multiple of the ventricles' where one is between 200 and 350, even ones rather.

    Typical flutter turns 240 to 340 times a minute, under drugs and in large atria down to 190 (Saoudi 2001).
    """
    drawn = float(np.clip(rng.normal(280, 28), 205, 345))
    fits = [(k, k * rate) for k in (1, 2, 3, 4, 5, 6) if 205 <= k * rate <= 345]
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
