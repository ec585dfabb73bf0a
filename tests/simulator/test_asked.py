"""What is asked for is made whatever else was drawn; only contradictions among it and the definitions are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS
from ecglite.simulator import RHYTHMS_MADE, TRAITS, Made, Person, make, population, rules
from ecglite.simulator.activity import Beat, Floats
from ecglite.simulator.conduction import Options
from ecglite.simulator.simulate import check, plan

FACTS: tuple[dict[str, Any], ...] = (
    *({"pr_s": value} for value in (0.09, 0.11, 0.13, 0.16, 0.21, 0.28)),
    *({"p_s": value} for value in (0.06, 0.1, 0.13, 0.16)),
    *({"qrs_s": value} for value in (0.07, 0.1, 0.13, 0.16)),
    *({"qt_s": value} for value in (0.26, 0.32, 0.4)),
    *({"age_years": value} for value in (2.0, 30.0, 90.0)),
    *({"sex": value} for value in ("female", "male")),
    *({name: value} for name in ("qrs_axis_deg", "t_axis_deg", "p_axis_deg") for value in (-60.0, 120.0)),
    *({"heart_rate_bpm": value} for value in (45.0, 75.0, 99.0, 105.0, 140.0, 200.0, 240.0)),
    *({"atrial_rate_bpm": value} for value in (55.0, 75.0, 120.0, 205.0, 300.0)),
    *({"traits": (word,)} for word in TRAITS),
)
P_FACTS = {"pr_s", "p_s", "p_axis_deg"}
FIBRE = {"AF", "AFIB"}


def defined(rhythm: str, fact: dict[str, Any]) -> bool:
    """Whether the rhythm's definition allows the fact, by the rules alone."""
    (name, value), *_ = fact.items()
    low, high = rules.RATES[rhythm]
    if name == "heart_rate_bpm":
        return bool(low <= value <= high)
    if name == "atrial_rate_bpm":
        low, high = rules.ATRIAL_RATES.get(rhythm, (low, high))
        return bool(low <= value <= high)
    if name in P_FACTS:
        return rhythm not in FIBRE
    if name == "traits":
        p_word = value[0] in rules.P_TRAITS
        blocked = value[0] in ("wenckebach", "mobitz 2") and rhythm in ("SVT", "AVNRT", "AVRT")
        paced = value[0] == "paced" and rhythm in ("SVT", "AVNRT", "AVRT", "ST")
        circuit = value[0] in rules.NOT_IN_REENTRY and rhythm in ("SVT", "AVNRT", "AVRT")
        return not ((p_word and rhythm in FIBRE) or blocked or paced or circuit)
    return True


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_one_fact_is_refused_by_definition_alone(rhythm: str) -> None:
    for fact in FACTS:
        for seed in range(30):
            try:
                check(rhythm, seed, **fact)
            except SimulationError:
                made = False
            else:
                made = True
            assert made == defined(rhythm, fact), (rhythm, fact, seed)


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_what_is_asked_for_stays(rhythm: str) -> None:
    for fact in FACTS:
        if defined(rhythm, fact):
            (name, value), *_ = fact.items()
            for seed in range(3):
                person = plan(rhythm, seed, **fact).person
                if name == "traits":
                    assert set(value) <= person.traits
                elif name != "atrial_rate_bpm":  # met to the nearest ratio
                    assert getattr(person, name) == value, (fact, seed)


# Trait -> its criterion, as the textbook has it (AHA/ACCF/HRS 2009).
CRITERIA: dict[str, Callable[[Person], bool]] = {
    "rbbb": lambda person: person.qrs_s >= _wide_s(person),
    "lbbb": lambda person: person.qrs_s >= _wide_s(person),
    "incomplete rbbb": lambda person: _wide_s(person) - 0.0101 <= person.qrs_s < _wide_s(person),
    "intraventricular delay": lambda person: person.qrs_s >= _wide_s(person),
    "preexcitation": lambda person: person.pr_s <= 0.12 and person.qrs_s >= _wide_s(person) - 0.01,
    "left anterior fascicular block": lambda person: -90 <= person.qrs_axis_deg <= -45,
    "left posterior fascicular block": lambda person: 90 <= person.qrs_axis_deg <= 180,
    "rvh": lambda person: 90 <= person.qrs_axis_deg % 360 <= 270,
    "lvh": lambda person: person.qrs_scale > 1.1,
    "low voltage": lambda person: person.qrs_scale < 0.7,
    "low voltage limb": lambda person: person.qrs_scale < 1,
    "low voltage chest": lambda person: person.qrs_scale < 1,
    "t tall": lambda person: person.t_scale > 1,
    "long qt": lambda person: (
        person.qt_s / (60 / person.heart_rate_bpm) ** (1 / 3) > (0.46 if person.sex == "female" else 0.45)
    ),
    "right atrial enlargement": lambda person: person.p_scale >= 2.2,
    "left atrial enlargement": lambda person: person.p_s >= 0.12,
    "first degree av block": lambda person: person.pr_s > 0.2,
    "paced": lambda person: person.qrs_s >= 0.12 and person.qrs_axis_deg <= -30 and person.t_axis_deg >= 60,
    "clockwise rotation": lambda person: person.transition >= 3.3,
    "counterclockwise rotation": lambda person: person.transition <= 3.2,
}


def _wide_s(person: Person) -> float:
    return 0.09 if person.age_years < 4 else 0.1 if person.age_years < 16 else 0.12


@pytest.mark.parametrize("trait", TRAITS)
@pytest.mark.parametrize("rhythm", ["SB", "SR"])
def test_a_trait_that_is_asked_for_meets_its_criterion(rhythm: str, trait: str) -> None:
    for seed in range(30):
        person = plan(rhythm, seed, traits=(trait,)).person
        assert trait in person.traits
        assert trait not in CRITERIA or CRITERIA[trait](person), (seed, person)


@pytest.mark.parametrize("trait", rules.FROM_BELOW)
@pytest.mark.parametrize("rhythm", ["ST", "SVT", "AVRT", "AFIB", "AF", "AT"])
def test_a_beat_that_is_asked_for_is_made(rhythm: str, trait: str) -> None:
    """Whoever was drawn at a rate that leaves no room for it is slower; the rate that is asked for is not."""
    if rhythm in rules.REENTRY and trait in rules.NOT_IN_REENTRY:
        with pytest.raises(SimulationError, match="no place for"):
            check(rhythm, 0, traits=(trait,))
        return
    kind = Beat.JUNCTIONAL if trait == "junctional beats" else Beat.VENTRICULAR
    made = [(plan(rhythm, seed, traits=(trait,)).activity.beats == kind).any() for seed in range(12)]
    assert sum(made) >= (10 if rhythm == "AF" else 12)  # a conduction that varies may have no pause for one
    fastest = rules.fastest_with_beats(rhythm)
    if rhythm not in FIBRE:  # whose shorter intervals may leave none
        assert (plan(rhythm, 0, traits=(trait,), heart_rate_bpm=fastest, qt_s=0.22).activity.beats == kind).any()
    with pytest.raises(SimulationError, match="no room between beats above"):
        check(rhythm, 0, traits=(trait,), heart_rate_bpm=fastest + 5)


def test_an_option_of_a_trait_is_refused_without_it() -> None:
    for options, word in ((Options(wenckebach=4), "wenckebach"), (Options(pacing="VVI"), "paced")):
        with pytest.raises(SimulationError, match=f"without the trait '{word}'"):
            plan("SR", 3, options=options)
        assert word in plan("SR", 3, options=options, traits=(word,)).person.traits


@pytest.mark.parametrize("population_name", ["chapman", "broad"])
def test_a_trait_that_is_drawn_meets_its_criterion(population_name: str) -> None:
    rng, seen = np.random.default_rng(11), set[str]()
    for _ in range(1500):
        person = population.person("SR", rng, population_name)
        assert all(CRITERIA[trait](person) for trait in person.traits & CRITERIA.keys()), person
        seen |= person.traits
    assert len(seen & CRITERIA.keys()) > 10


def test_a_criterion_that_is_broken_is_made_where_it_is_forced() -> None:
    facts: dict[str, Any] = {"traits": ("long qt",), "qt_s": 0.3}
    with pytest.raises(SimulationError, match="'long qt' is a QT over the cube root of RR"):
        plan("SR", 1, **facts)
    made = plan("SR", 1, **facts, force=True)
    assert made.person.qt_s == 0.3
    assert "'long qt'" in made.broken_rules[0]


def _beat(seed: int, **facts: Any) -> tuple[Made, dict[str, Floats], dict[str, Floats]]:
    """A noise-free recording, and by lead its P and its QRS less the voltage where they begin."""
    made = make("SR", seed, duration_s=5.0, noise=0.0, **facts)
    waves, signal = made.truth.waves, made.record.signal_mv
    kinds = made.truth.plan.activity.beats
    beat = next(k for k, (onset, *_) in enumerate(waves.qrs_s) if onset > 1.5 and kinds[k] == Beat.NORMAL)
    p = int(np.argmin(np.abs(waves.p_s[:, 2] - waves.qrs_s[beat, 0])))

    def cut(begin_s: float, end_s: float) -> dict[str, Floats]:
        rows = signal[round(begin_s * 500) : round(end_s * 500) + 1]
        return dict(zip(LEADS, (rows - rows[0]).T, strict=True))

    return made, cut(waves.p_s[p, 0], waves.p_s[p, 2]), cut(waves.qrs_s[beat, 0], waves.qrs_s[beat, 2])


def _axis(qrs: dict[str, Floats]) -> float:
    return float(np.degrees(np.arctan2(2 / np.sqrt(3) * qrs["aVF"].sum(), qrs["I"].sum())))


def test_the_right_atrium_makes_p_high_and_the_left_one_makes_it_long() -> None:
    right = [_beat(seed, traits=("right atrial enlargement",))[1]["II"].max() for seed in range(30)]
    assert np.mean(np.array(right) >= 0.25) >= 0.9
    for seed in range(30):
        waves = _beat(seed, traits=("left atrial enlargement",))[0].truth.waves
        assert np.median(waves.p_s[:, 2] - waves.p_s[:, 0]) >= 0.119


@pytest.mark.parametrize(
    ("trait", "low", "high"),
    [("left anterior fascicular block", -90, -45), ("left posterior fascicular block", 90, 180), ("rvh", 90, 270)],
)
def test_the_axis_of_a_trait_shows(trait: str, low: float, high: float) -> None:
    for seed in range(30):
        made, _, qrs = _beat(seed, traits=(trait,))
        if any("infarction" in word for word in made.truth.plan.person.traits):  # a scar moves what is seen of the axis
            continue
        axis = (_axis(qrs) - low + 20) % 360 + low - 20
        assert low - 12 < axis < high + 12, seed


def test_the_voltage_of_a_hypertrophy_shows() -> None:
    """Sokolow-Lyon: S in V1 and R in V5 or V6 of 3.5 mV and more."""

    def sokolow(**facts: Any) -> float:
        beats = [_beat(seed, **facts)[2] for seed in range(30)]
        return float(np.mean([max(q["V5"].max(), q["V6"].max()) - q["V1"].min() >= 3.5 for q in beats]))

    assert sokolow(traits=("lvh",), age_years=40) >= 0.65
    assert sokolow(traits=("low voltage",)) == 0


@pytest.mark.parametrize("age", [0.5, 2.0, 5.0])
def test_small_children_have_a_tall_r_in_v1(age: float) -> None:
    def r_over_s(years: float) -> float:
        beats = [_beat(seed, age_years=years)[2]["V1"] for seed in range(16)]
        return float(np.median([v1.max() / max(-v1.min(), 0.01) for v1 in beats]))

    assert r_over_s(age) > 0.9 > 0.5 > r_over_s(30)


@pytest.mark.parametrize(
    "facts",
    [
        {"pr_s": 0.11, "p_s": 0.12},
        {"traits": ("lvh", "low voltage")},
        {"traits": ("t tall", "t flat")},
        {"traits": ("t inversion", "t flat")},
        {"traits": ("lvh", "low voltage chest")},
        {"traits": ("paced", "first degree av block")},
        {"traits": ("left anterior fascicular block",), "qrs_axis_deg": 50.0},
        {"traits": ("long qt",), "qt_s": 0.35},
        {"traits": ("preexcitation",), "pr_s": 0.2},
        {"traits": ("first degree av block",), "pr_s": 0.15},
        {"traits": ("lbbb",), "qrs_s": 0.09},
        {"traits": ("paced",), "age_years": 9.0},
        {"heart_rate_bpm": 100.0, "qt_s": 0.61},
    ],
)
def test_a_contradiction_among_what_is_asked_for_is_refused(facts: dict[str, Any]) -> None:
    for seed in range(20):
        with pytest.raises(SimulationError):
            check("SR", seed, **facts)


@pytest.mark.parametrize("rhythm", ["AF", "AT", "AVNRT", "AVRT"])
@pytest.mark.parametrize("rate", [150.0, 200.0, 240.0])
def test_a_block_has_its_width_at_any_rate(rhythm: str, rate: float) -> None:
    for word in ("rbbb", "lbbb"):
        for seed in range(40):
            person = plan(rhythm, seed, heart_rate_bpm=rate, traits=(word,)).person
            assert person.qrs_s >= 0.12
            assert person.heart_rate_bpm == rate


@pytest.mark.parametrize("rhythm", sorted(FIBRE))
@pytest.mark.parametrize("fact", [{"pr_s": 0.15}, {"p_s": 0.1}, {"p_axis_deg": 50.0}])
def test_a_wave_that_the_rhythm_has_not_is_refused(rhythm: str, fact: dict[str, Any]) -> None:
    with pytest.raises(SimulationError, match="has no P wave"):
        plan(rhythm, 1, **fact)
    broken = plan(rhythm, 1, **fact, force=True).broken_rules
    assert len(broken) == 1
    assert broken[0].endswith("asked for, not made")


@pytest.mark.parametrize("rhythm", ["AF", "AT"])
@pytest.mark.parametrize("ratio", range(1, 9))
def test_a_ratio_has_a_rate_of_the_atria(rhythm: str, ratio: int) -> None:
    """Where the heart rate is not asked for it gives way; the truth has the rate that the atria have."""
    low, high = (200, 350) if rhythm == "AF" else rules.ATRIAL_RATES["AT"]
    if rhythm == "AT" and ratio == 8:
        with pytest.raises(SimulationError, match="the atria in Atrial tachycardia have 100 to 280/min, and 320/min"):
            plan(rhythm, 0, options=Options(ratio=ratio))
        return
    for seed in range(25):
        made = plan(rhythm, seed, options=Options(ratio=ratio), duration_s=20.0)
        atrial = made.person.atrial_rate_bpm
        assert 0.95 * low <= atrial <= 1.05 * high
        early = made.person.traits & {"pvc", "pac", "junctional beats"} or any("bigem" in w for w in made.person.traits)
        # Premature beats are among those whose mean rate is met, of which there are ten at 8:1; 1:1 at 300/min wears
        # the node out; and a focus that warms up is slower in the mean.
        bound = 0.25 if early else 0.1 if ratio == 1 or "warm-up" in made.activity.events else 0.03
        assert abs(atrial / made.person.heart_rate_bpm / ratio - 1) < bound
        assert made.broken_rules == ()


def test_a_ratio_that_the_rates_do_not_allow_is_refused() -> None:
    with pytest.raises(SimulationError, match="190 to 350/min, and 600/min is asked for"):
        plan("AF", 1, options=Options(ratio=4), heart_rate_bpm=150.0)
    with pytest.raises(SimulationError, match="100 to 280/min, and 60/min is asked for"):
        check("AT", 1, options=Options(ratio=1), heart_rate_bpm=60.0)
    with pytest.raises(SimulationError, match="2:1 conduction of 300/min is 150/min, and 100/min is asked for"):
        check("AF", 1, options=Options(ratio=2), heart_rate_bpm=100.0, atrial_rate_bpm=300.0)
    with pytest.raises(SimulationError, match="190 to 350/min"):
        check("AF", 1, options=Options(ratio=0), heart_rate_bpm=300.0)
    assert plan("AF", 1, options=Options(ratio=3), atrial_rate_bpm=270.0).person.heart_rate_bpm == 90
    forced = plan("AF", 1, options=Options(ratio=4), heart_rate_bpm=150.0, force=True)
    assert abs(forced.person.atrial_rate_bpm - 600) < 20
    assert "600/min" in forced.broken_rules[0]


def test_a_ratio_that_varies_has_a_circuit_of_flutter() -> None:
    for seed in range(40):
        made = plan("AF", seed, options=Options(ratio=0))
        assert 180 < made.person.atrial_rate_bpm < 360
        assert made.activity.flutter is not None
        assert abs(made.person.atrial_rate_bpm - 60 * made.activity.flutter.rate_hz) < 0.01
