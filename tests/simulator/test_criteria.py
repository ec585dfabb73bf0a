"""Each rhythm against the textbook, by a delineator that knows nothing of the simulator."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import criteria, criteria_of
from ecglite.lab.criteria import CRITERIA, Criterion, Measured
from ecglite.simulator import Made, make
from ecglite.simulator.activity import Activity

N = 30


@pytest.fixture(scope="session")
def found() -> dict[str, list[Measured]]:
    """Of each rhythm, other people than those of the gallery."""
    return {
        rhythm: [criteria.measured(made.record) for made in criteria.plain(rhythm, N, seed=5000)] for rhythm in RHYTHMS
    }


@pytest.fixture(scope="session")
def matrix(found: dict[str, list[Measured]]) -> dict[tuple[str, str], float]:
    """By whose recordings and whose criteria."""
    shares = criteria.matrix(found)
    return {(of, asked): shares[i, j] for i, of in enumerate(RHYTHMS) for j, asked in enumerate(RHYTHMS)}


@pytest.mark.parametrize(
    ("rhythm", "seed"),
    [("SB", 20), ("SB", 28), ("SB", 72), ("SB", 84), ("AF", 63), ("SVT", 0), ("SVT", 7), ("SAAWR", 54)],
)
def test_slow_and_fast_beats_are_counted(rhythm: str, seed: int) -> None:
    """Tall T waves are no beats, and beats faster than 200/min are not halved; those at the edges may be missed."""
    made = make(rhythm, seed)
    assert 0 <= len(made.truth.plan.inside) - len(criteria.r_peaks(made.record)) <= 2


def test_without_beats_there_is_nothing_to_measure_and_no_criterion_holds() -> None:
    one = criteria.measured(Record(np.zeros((5000, 12), np.float32), 500.0, LEADS))
    assert np.isnan(dataclasses.astuple(one)).all()
    assert not any(criterion.holds(one) for criterion in CRITERIA)


def test_real_recordings_meet_the_criteria_of_their_rhythm(ecg_data: Path) -> None:
    """Of anybody, with their findings, so that fewer do than of simulated people without; and hardly another's."""
    seen = criteria_of.real("chapman", ecg_data)
    sinus, fibre = ("SB", "SR", "ST"), ("AFIB", "AF")

    def met(of: tuple[str, ...], asked: Callable[[str], tuple[str, ...]]) -> float:
        ones = [(rhythm, one) for rhythm in of for one in seen[rhythm]]
        return float(np.mean([any(criteria_of.meets(one, name) for name in asked(rhythm)) for rhythm, one in ones]))

    assert sum(map(len, seen.values())) >= 20
    assert met(sinus, lambda rhythm: (rhythm,)) >= 0.6
    assert met(fibre, lambda rhythm: (rhythm,)) >= 0.4
    assert met(sinus, lambda _: (*fibre, "AVNRT", "AVRT")) <= 0.1
    assert met(fibre, lambda _: (*sinus, "AVNRT", "AVRT")) <= 0.15
    rows = criteria_of.markdown([seen, seen]).splitlines()[2:]
    for row, rhythm in zip(rows, [rhythm for rhythm in RHYTHMS if rhythm in seen], strict=True):
        assert row.startswith(f"| {rhythm} | {2 * len(seen[rhythm])} |")


def test_every_rhythm_has_criteria() -> None:
    assert {criterion.rhythm for criterion in CRITERIA} == set(RHYTHMS)


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: f"{criterion.rhythm}-{criterion.measure}")
def test_the_textbook_holds(criterion: Criterion, found: dict[str, list[Measured]]) -> None:
    measured = found[criterion.rhythm]
    assert len(measured) == N
    assert criterion.met(measured) >= criterion.share


def test_the_limits_that_are_printed_are_those_that_count() -> None:
    (made,) = criteria.plain("SR", 1)
    one = criteria.measured(made.record)
    known = [dataclasses.replace(one, pr_ms=pr) for pr in (110.0, 150.0, 210.0, 90.0)]
    (row,) = (line for line in criteria.markdown("SR", known).splitlines() if line.startswith("| PR"))
    assert "| 120 to 200 |" in row
    assert "| 1 of 4 | 20 below and 15 above: " in row
    assert row.endswith("| 3 of 4 |")
    for criterion in CRITERIA:
        assert bool(criterion.reason) == bool(criterion.less or criterion.more)
        numbers = [float(word) for word in re.findall(r"(\d+)(?: ms| degrees|/min| to )", criterion.words)]
        if criterion.reason and numbers and "narrow" not in criterion.words:
            assert numbers == [limit for limit in (criterion.low, criterion.high) if np.isfinite(limit)]


@pytest.mark.parametrize(("rhythm", "low_ms", "high_ms", "v1_mv"), [("AVNRT", 40, 110, 0.02), ("AVRT", 110, 220, -1.0)])
def test_the_retrograde_p_is_in_its_place(rhythm: str, low_ms: float, high_ms: float, v1_mv: float) -> None:
    """Against the same recording without atria: at the end of QRS, or in the ST segment; inferiorly negative."""
    p = [criteria.retrograde_p(rhythm, seed) for seed in range(N)]
    assert low_ms < np.median([one.rp_ms for one in p]) < high_ms
    assert np.median([one.v1_mv for one in p]) > v1_mv
    assert np.mean([one.inferior_mv < -0.04 for one in p]) > 0.9


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_a_rhythm_meets_its_own_criteria(rhythm: str, matrix: dict[tuple[str, str], float]) -> None:
    assert matrix[rhythm, rhythm] >= criteria.DIAGONAL[rhythm]


@pytest.mark.parametrize("asked", RHYTHMS)
def test_no_other_rhythm_meets_them_unless_the_definitions_overlap(
    asked: str, matrix: dict[tuple[str, str], float]
) -> None:
    overlap = {of for whose, by, _ in criteria.OVERLAPS if whose == asked for of in by}
    for of in RHYTHMS.keys() - overlap - {asked}:
        assert matrix[of, asked] <= criteria.OTHERS, of


def test_the_overlaps_that_are_listed_are_seen(matrix: dict[tuple[str, str], float]) -> None:
    for asked, by, _ in criteria.OVERLAPS:
        assert all(matrix[of, asked] > 0 for of in by), (asked, by)


@pytest.mark.parametrize(
    ("rhythm", "sees"),
    [
        ("ST", lambda m: m.p_mv >= 0.05),
        ("AT", lambda m: m.p_mv >= 0.05),
        ("AF", lambda m: m.wave_share >= 0.55),
        ("AFIB", lambda m: m.f_mv >= 0.02),
        ("AVNRT", lambda m: m.after_qrs_mv >= 0.07 and m.after_qrs_ms < 88),
        ("AVRT", lambda m: m.after_qrs_mv >= 0.04 and m.after_qrs_ms >= 88),
    ],
    ids=["ST", "AT", "AF", "AFIB", "AVNRT", "AVRT"],
)
def test_what_is_measured_of_the_atria_is_gone_without_them(rhythm: str, sees: Callable[[Measured], bool]) -> None:
    plans = [made.truth.plan for made in criteria.plain(rhythm, 12, seed=9000)]
    seen = {
        atria: np.mean([sees(criteria.measured(criteria.noiseless(one, atria=atria))) for one in plans])
        for atria in (True, False)
    }
    assert seen[True] >= 0.5  # in a part of AVNRT it is hidden in QRS
    assert seen[False] <= 0.2


@pytest.mark.parametrize("f_bpm", [230, 300])
def test_an_oscillation_is_found_beneath_qrs_and_t(f_bpm: int) -> None:
    """Waves of 0.1 mV that nothing else of the simulator made, at three a beat, so that the mean beat has them too."""
    (made,) = criteria.plain("SR", 1, seed=100)
    time_s = np.arange(5000) / 500
    record = criteria.noiseless(dataclasses.replace(made.truth.plan, activity=_beating(made, f_bpm / 3)), atria=False)
    alone = criteria.measured(record)
    waves = (
        0.1 * np.sin(2 * np.pi * f_bpm / 60 * time_s)[:, None] * np.array([0, 1, 1, -0.5, -0.5, 1, -0.5, 0, 0, 0, 0, 0])
    )
    both = criteria.measured(dataclasses.replace(record, signal_mv=record.signal_mv + waves.astype(np.float32)))
    assert alone.wave_share < 0.5 < 0.7 < both.wave_share
    assert both.wave_bpm == pytest.approx(f_bpm, abs=3)


def _beating(made: Made, bpm: float) -> Activity:
    activity = made.truth.plan.activity
    return dataclasses.replace(activity, qrs_s=activity.qrs_s[0] + 60 / bpm * np.arange(activity.qrs_s.size))


def test_fewer_people_than_asked_for_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecglite.lab.criteria.simulated._SEARCHED", 3)
    with pytest.raises(SimulationError, match=r"\d of 4 people without further findings in SR from seed 7 on"):
        criteria.plain("SR", 4, seed=7)
