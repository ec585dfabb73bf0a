"""People as in Chapman's table, and the rules that a rhythm obeys."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import TRAITS, Person, population, rules
from ecglite.simulator.asked import asked

N = 4000
# Kolmogorov-Smirnov distance from the description's quantiles: what N draws stray (1.63 / sqrt(N) at 1 %), and a
# resolution of 2 ms.
BOUND = 0.045
RARE = ("AVNRT", "AVRT", "SAAWR")


def fitting_person(rhythm: str) -> Person:
    return population.person(rhythm, np.random.default_rng(1))


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_drawn_features_follow_the_description(rhythm: str) -> None:
    drawn = population.features(rhythm, np.random.default_rng(7), N)
    of = population.description()["rhythms"][rhythm]
    levels = np.array(population.description()["levels"])
    low, high = rules.RATES[rhythm]
    for column, name in enumerate(population.FEATURES):
        knots = np.array(of["quantiles"][name])
        if name.endswith("Rate"):  # the few that the table has outside the definition are drawn at its edge
            knots, inside = knots[(knots > low) & (knots < high)], (knots > low) & (knots < high)
        else:
            inside = np.ones(knots.size, bool)
        # The share at or below a knot, counting half of what is rounded to it.
        step = 2 if name in ("QRSDuration", "QTInterval") else 1
        share = ((drawn[:, column, None] - knots) / step + 0.5).clip(0, 1)
        assert np.abs((1 - share).mean(axis=0) - levels[inside]).max() < BOUND, name
    assert abs(drawn[:, -1].mean() - of["female"]) < 0.03


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_drawn_features_are_correlated_as_the_description(rhythm: str) -> None:
    drawn = population.features(rhythm, np.random.default_rng(8), N)
    wanted = np.array(population.description()["rhythms"][rhythm]["correlation"])
    for one, other in (("PatientAge", "QTInterval"), ("VentricularRate", "QTInterval"), ("RAxis", "TAxis")):
        i, j = population.FEATURES.index(one), population.FEATURES.index(other)
        ranks = np.argsort(np.argsort(drawn[:, [i, j]], axis=0), axis=0)
        pearson = 2 * np.sin(np.pi / 6 * np.corrcoef(ranks.T)[0, 1])  # of the normal scores, from Spearman's
        assert abs(pearson - wanted[i, j]) < 0.08, (one, other)


@pytest.mark.parametrize("rhythm", [rhythm for rhythm in RHYTHMS if rhythm not in RARE])
def test_drawn_features_follow_the_table(rhythm: str, ecg_data: Path) -> None:
    """The real table where it is here: n of the rhythm, bound by the two samples' sizes at 1 % and a step of 2 ms."""
    from ecglite.lab import population_of

    of = population_of.table(ecg_data / "chapman")
    n = int(of.of(rhythm).sum())
    bound = 1.63 * np.sqrt(1 / n + 1 / N) + 0.01
    for name, distance in population_of.distances(of, n=N)[rhythm].items():
        assert distance < bound, name


def test_the_description_is_made_from_the_table(ecg_data: Path) -> None:
    from ecglite.lab import population_of

    made = population_of.describe(population_of.table(ecg_data / "chapman"))
    kept = population.description()
    assert made["rhythms"]["SR"]["n"] == kept["rhythms"]["SR"]["n"] == 1826
    for rhythm in RHYTHMS:
        for name in population.FEATURES:
            found, there = (of["rhythms"][rhythm]["quantiles"][name] for of in (made, kept))
            np.testing.assert_allclose(found, there, atol=0.11)


@pytest.mark.parametrize("name", population.POPULATIONS)
@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_nobody_who_is_drawn_breaks_a_rule(rhythm: str, name: str) -> None:
    rng = np.random.default_rng(2)
    people = [population.person(rhythm, rng, name) for _ in range(400)]
    assert [broken for person in people for broken in rules.broken(rhythm, person)] == []
    assert {person.sex for person in people} == {"female", "male"}
    assert len({trait for person in people for trait in person.traits}) >= 10


def test_the_broad_population_is_broader() -> None:
    usual, broad = (
        population.features("SR", np.random.default_rng(3), N, population=name) for name in population.POPULATIONS
    )
    for column in (0, 3, 4, 5):
        assert broad[:, column].std() > 1.1 * usual[:, column].std()


def test_the_same_stream_draws_the_same_person() -> None:
    assert fitting_person("AFIB") == fitting_person("AFIB")


@pytest.mark.parametrize(("rhythm", "name", "word"), [("VT", "chapman", "'VT'"), ("SR", "mars", "'mars'")])
def test_refuses_what_is_not_described(rhythm: str, name: str, word: str) -> None:
    with pytest.raises(SimulationError, match=word):
        population.person(rhythm, np.random.default_rng(0), name)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"age_years": -1.0}, "age_years -1"),
        ({"heart_rate_bpm": float("nan")}, "heart_rate_bpm nan"),
        ({"qrs_s": 1.0}, "qrs_s 1"),
        ({"sex": "other"}, "'other'"),
        ({"traits": {"horns"}}, "'horns'"),
    ],
)
def test_a_person_is_validated(change: dict[str, Any], word: str) -> None:
    with pytest.raises(SimulationError, match=word):
        Person(**change)


@pytest.mark.parametrize(
    ("rhythm", "facts", "rule"),
    [
        ("SB", {"heart_rate_bpm": 120.0}, "below 60/min by definition"),
        ("ST", {"heart_rate_bpm": 80.0}, "above 100/min by definition"),
        ("SR", {"heart_rate_bpm": 45.0}, "60 to 100/min by definition"),
        ("AF", {"traits": ("pac",)}, "no P wave, which 'pac' needs"),
        ("AFIB", {"traits": ("right atrial enlargement",)}, "no P wave"),
        ("AF", {"atrial_rate_bpm": 500.0}, "190 to 350/min"),
        ("AF", {"atrial_rate_bpm": 200.0, "heart_rate_bpm": 240.0}, "cannot come of"),
        ("SR", {"atrial_rate_bpm": 150.0}, "one rate"),
        ("SR", {"qt_s": 0.9}, "a QT of 900 ms does not fit into an RR"),
        ("ST", {"pr_s": 0.6}, "a PR of 600 ms does not fit into an RR"),
        ("SR", {"pr_s": 0.12, "p_s": 0.15}, "longer than the PR"),
        ("SR", {"qrs_s": 0.29, "qt_s": 0.3}, "no T wave"),
        ("SR", {"traits": ("first degree av block",), "pr_s": 0.15}, "a PR above 200 ms"),
        ("SR", {"traits": ("preexcitation",), "pr_s": 0.19}, "a short PR, 120 ms or less, and 190 ms is asked for"),
        ("SR", {"traits": ("lbbb",), "qrs_s": 0.08}, "120 ms or more"),
        ("SR", {"traits": ("lbbb", "rbbb")}, "exclude each other"),
        ("SR", {"traits": ("lvh", "low voltage")}, "exclude each other"),
        ("SR", {"traits": ("paced",), "age_years": 9.0}, "children"),
        ("AVNRT", {"traits": ("paced",)}, "faster than a pacemaker"),
        ("AVNRT", {"traits": ("wenckebach",)}, "needs the AV node"),
    ],
)
def test_a_contradiction_names_the_rule(rhythm: str, facts: dict[str, Any], rule: str) -> None:
    plain = dataclasses.replace(fitting_person(rhythm), traits=frozenset())
    assert rules.broken(rhythm, plain) == ()
    person = asked(plain, **facts)
    assert any(rule in sentence for sentence in rules.broken(rhythm, person))
    with pytest.raises(SimulationError, match="force it"):
        rules.check(rhythm, person)


@pytest.mark.parametrize("trait", TRAITS)
def test_a_trait_that_is_asked_for_brings_what_it_needs(trait: str) -> None:
    plain = Person()
    person = asked(plain, traits=(trait,))
    assert trait in person.traits
    assert rules.broken("SR", person) == ()


@pytest.mark.parametrize("rate", [100.0, 150.0, 210.0])
def test_a_rate_that_is_asked_for_takes_the_intervals_along(rate: float) -> None:
    slow = Person(heart_rate_bpm=60, qt_s=0.4, pr_s=0.2)
    fast = asked(slow, heart_rate_bpm=rate)
    assert fast.heart_rate_bpm == rate
    assert fast.qt_s < slow.qt_s
    assert fast.qt_s < fast.rr_s
    assert rules.broken("SVT", fast) == ()
    assert asked(slow, heart_rate_bpm=rate, qt_s=0.25).qt_s == 0.25
    assert asked(slow) is slow


def test_only_facts_of_a_person_can_be_asked_for() -> None:
    with pytest.raises(SimulationError, match="'shoe_size'"):
        asked(Person(), shoe_size=43)
