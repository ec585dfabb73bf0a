"""What is asked for is made whatever else was drawn; only contradictions among it and the definitions are refused."""

from __future__ import annotations

from typing import Any

import pytest

from ecglite.edge.errors import SimulationError
from ecglite.simulator import RHYTHMS_MADE, TRAITS, rules
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
        p_word = value[0] in {*rules._P_TRAITS}
        blocked = value[0] in ("wenckebach", "mobitz 2") and rhythm in ("SVT", "AVNRT", "AVRT")
        paced = value[0] == "paced" and rhythm in ("SVT", "AVNRT", "AVRT", "ST")
        return not ((p_word and rhythm in FIBRE) or blocked or paced)
    return True


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_one_fact_is_refused_by_definition_alone(rhythm: str) -> None:
    for fact in FACTS:
        for seed in range(60):
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


@pytest.mark.parametrize(
    "facts",
    [
        {"pr_s": 0.11, "p_s": 0.12},
        {"traits": ("lvh", "low voltage")},
        {"traits": ("t tall", "t flat")},
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
        # Premature beats are among those whose mean rate is met, of which there are ten at 8:1, and 1:1 at 300/min
        # wears the node out.
        bound = (0.25 if ratio == 8 else 0.1) if early or ratio == 1 else 0.03
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
