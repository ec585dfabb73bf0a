"""People as in Chapman's table, and the rules that a rhythm obeys."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import TRAITS, Person, description, growth, population, rules
from ecglite.simulator.asked import asked
from ecglite.simulator.simulate import plan
from ecglite.simulator.simulate import plan

N = 4000
# Kolmogorov-Smirnov distance from the description's quantiles: what N draws stray (1.63 / sqrt(N) at 1 %), and a
# resolution of 2 ms.
BOUND = 0.045
RARE = ("AVNRT", "AVRT", "SAAWR")


def fitting_person(rhythm: str) -> Person:
    return population.person(rhythm, np.random.default_rng(1))


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_drawn_features_follow_the_description(rhythm: str) -> None:
    drawn = description.features(rhythm, np.random.default_rng(7), N)
    of = description.chapman()["rhythms"][rhythm]
    levels = np.array(description.chapman()["levels"])
    low, high = rules.RATES[rhythm]
    for column, name in enumerate(description.FEATURES):
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
    drawn = description.features(rhythm, np.random.default_rng(8), N)
    wanted = np.array(description.chapman()["rhythms"][rhythm]["correlation"])
    for one, other in (("PatientAge", "QTInterval"), ("VentricularRate", "QTInterval"), ("RAxis", "TAxis")):
        i, j = description.FEATURES.index(one), description.FEATURES.index(other)
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


# Of Diagnostics.xlsx, all rhythms: medians of QRS and of the angle between the axes of QRS and T, in ms and degrees; of
# the fascicular block where it is alone.
FINDINGS = {
    "LBBB": ("lbbb", 148, 152),
    "RBBB": ("rbbb", 132, 52),
    "LFBBB": ("left anterior fascicular block", 94, 121),
}


def _angle(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@pytest.mark.parametrize("code", FINDINGS)
def test_qrs_and_axes_follow_the_finding(code: str) -> None:
    word, qrs_ms, angle = FINDINGS[code]
    rng = np.random.default_rng(4)
    people = [population.draw(rhythm, rng, words=(word,))[0] for rhythm in ("SB", "AFIB", "ST") for _ in range(80)]
    assert sum(word in person.traits for person in people) > 0.6 * len(people)
    assert abs(np.median([1000 * person.qrs_s for person in people]) - qrs_ms) < 16
    between = [_angle(person.qrs_axis_deg, person.t_axis_deg) for person in people]
    assert abs(np.median(between) - angle) < 20
    plain = [population.draw("SR", rng)[0] for _ in range(200)]
    assert np.median([_angle(p.qrs_axis_deg, p.t_axis_deg) for p in plain]) < 35


@pytest.mark.parametrize("word", ["lbbb", "rbbb", "lvh"])
def test_findings_are_drawn_as_often_as_in_the_table(word: str) -> None:
    codes = {"lbbb": ("LBBB",), "rbbb": ("RBBB",), "lvh": ("LVHV", "LVH")}[word]
    rng, n = np.random.default_rng(5), 1200
    drawn = (
        sum(
            bool({word, "incomplete rbbb"} & population.person("AFIB", rng).traits)
            if word == "rbbb"
            else word in population.person("AFIB", rng).traits
            for _ in range(n)
        )
        / n
    )
    table = sum(description.chapman()["rhythms"]["AFIB"]["findings"].get(code, 0.0) for code in codes)
    assert abs(drawn - table) < 3 * np.sqrt(table / n) + 0.25 * table


def test_the_description_has_no_stratum_of_a_few() -> None:
    strata = description.chapman()["strata"]
    assert min(of["n"] for of in strata.values()) >= 15
    assert set(strata) == set(description.STRATA)


@pytest.mark.parametrize("name", ["pr_s", "p_s", "qrs_s", "rate", "axis", "transition"])
def test_medians_change_with_age_in_one_direction(name: str) -> None:
    """Davignon 1979 and Rijnbeek 2001: up to 16 years intervals grow, the rate falls, the axis turns to the left."""
    steps = np.diff([growth.median(name, age) for age in (0, 0.02, 0.1, 0.3, 0.6, 1, 2, 3, 5, 8, 12, 16)])
    assert (steps <= 1e-9).all() if name in ("rate", "axis") else (steps >= -1e-9).all()
    assert growth.median(name, 0) != growth.median(name, 16)


def test_age_that_is_asked_for_changes_what_it_does() -> None:
    rng = np.random.default_rng(6)
    people = [dataclasses.replace(population.person("SR", rng), age_years=40.0, traits=frozenset()) for _ in range(40)]
    at = {age: [asked(person, "SR", age_years=age) for person in people] for age in (0.02, 2.0, 6.0, 40.0, 80.0)}
    for facts, direction in (
        (("pr_s", "p_s", "qrs_s"), 1),
        (("heart_rate_bpm", "qrs_axis_deg"), -1),
    ):
        for name in facts:
            by_age = [np.median([getattr(person, name) for person in at[age]]) for age in (0.02, 2.0, 6.0, 40.0)]
            assert (np.sign(np.diff(by_age)) == direction).all(), name
    assert np.median([person.qrs_axis_deg for person in at[0.02]]) > 90  # to the right in the newborn
    assert np.median([person.transition for person in at[6.0]]) < 1.5  # R as tall as S in V1 below eight years
    assert np.median([person.qrs_axis_deg for person in at[80.0]]) < np.median([p.qrs_axis_deg for p in at[40.0]]) - 15
    assert [asked(person, "SR", age_years=40.0) for person in people] == people
    for age, older in at.items():
        assert [broken for person in older for broken in rules.broken("SR", person)] == [], age


def test_children_of_the_table_have_its_intervals() -> None:
    rng = np.random.default_rng(7)
    children = [p for p in (population.person("SA", rng) for _ in range(600)) if p.age_years < 12]
    assert len(children) > 20
    assert np.median([p.pr_s for p in children]) < 0.14
    assert np.median([p.qrs_s for p in children]) < 0.085
    assert np.median([p.transition for p in children]) < 3


def test_the_description_is_made_from_the_table(ecg_data: Path) -> None:
    from ecglite.lab import population_of

    made = population_of.describe(population_of.table(ecg_data / "chapman"))
    kept = description.chapman()
    assert made["rhythms"]["SR"]["n"] == kept["rhythms"]["SR"]["n"] == 1826
    for rhythm in RHYTHMS:
        for name in description.FEATURES:
            found, there = (of["rhythms"][rhythm]["quantiles"][name] for of in (made, kept))
            np.testing.assert_allclose(found, there, atol=0.11)


@pytest.mark.parametrize("name", description.POPULATIONS)
@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_nobody_who_is_drawn_breaks_a_rule(rhythm: str, name: str) -> None:
    rng = np.random.default_rng(2)
    people = [population.person(rhythm, rng, name) for _ in range(500)]
    assert [broken for person in people for broken in rules.broken(rhythm, person)] == []
    assert {person.sex for person in people} == {"female", "male"}
    assert len({trait for person in people for trait in person.traits}) >= 10


def test_the_broad_population_is_broader() -> None:
    usual, broad = (
        description.features("SR", np.random.default_rng(3), N, population=name) for name in description.POPULATIONS
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
        ("SR", {"traits": ("lvh", "low voltage limb")}, "exclude each other"),
        ("SR", {"traits": ("lvh", "low voltage chest")}, "exclude each other"),
        ("SR", {"traits": ("t flat", "t inversion")}, "exclude each other"),
        ("SR", {"traits": ("paced", "first degree av block")}, "exclude each other"),
        ("SR", {"traits": ("wenckebach", "mobitz 2")}, "exclude each other"),
        ("SR", {"traits": ("long qt",), "qt_s": 0.36}, "(Fridericia) above"),
        ("SR", {"traits": ("left anterior fascicular block",), "qrs_axis_deg": 20.0}, "-45 to -90 degrees, and 20"),
        ("SR", {"traits": ("left posterior fascicular block",), "qrs_axis_deg": 20.0}, "90 to 180 degrees, and 20"),
        ("SR", {"traits": ("rvh",), "qrs_axis_deg": 20.0}, "to the right, 90 degrees or more"),
        ("SR", {"traits": ("lvh",), "qrs_scale": 0.8}, "high voltage, and qrs_scale 0.8"),
        ("SR", {"traits": ("right atrial enlargement",), "p_scale": 1.0}, "0.25 mV or more in II"),
        ("SR", {"traits": ("left atrial enlargement",), "p_s": 0.1}, "a P of 120 ms or more, and 100 ms"),
        ("SR", {"traits": ("left atrial enlargement",), "pr_s": 0.11}, "a P of 120 ms or more, and 106 ms"),
        ("SR", {"traits": ("low voltage",), "qrs_scale": 1.2}, "low voltage, and qrs_scale 1.2"),
        ("SR", {"traits": ("clockwise rotation",), "transition": 2.0}, "a late transition"),
        ("SR", {"traits": ("paced",), "age_years": 9.0}, "children"),
        ("SB", {"heart_rate_bpm": 15.0}, "Sinus bradycardia is made from 25/min on, and 15/min is asked for"),
        ("ST", {"heart_rate_bpm": 300.0}, "Sinus tachycardia is made up to 220/min, and 300/min is asked for"),
        ("AVNRT", {"traits": ("paced",)}, "'paced' and Atrioventricular node reentrant tachycardia do not go together"),
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


@pytest.mark.parametrize("rhythm", ["SVT", "AVNRT", "AVRT", "ST"])
def test_what_is_too_fast_for_a_pacemaker_is_refused_for_that(rhythm: str) -> None:
    with pytest.raises(SimulationError, match=r"^'paced' and .* do not go together"):
        plan(rhythm, 1, traits=("paced",))
    *_, slow = plan(rhythm, 1, traits=("paced",), force=True).broken_rules
    assert slow.endswith("by definition, and 80/min is the rate when paced")


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
