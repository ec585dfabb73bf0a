"""Each rhythm against the textbook, by a delineator that knows nothing of the simulator."""

from __future__ import annotations

import dataclasses
import functools
import re

import numpy as np
import pytest

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import criteria
from ecglite.lab.criteria import CRITERIA, Criterion, Measured
from ecglite.simulator import make

N = 24


@functools.cache
def found(rhythm: str) -> list[Measured]:
    """Other people than those of the gallery."""
    return [criteria.measured(made.record) for made in criteria.plain(rhythm, N, seed=5000)]


@pytest.mark.parametrize(
    ("rhythm", "seed"),
    [("SB", 20), ("SB", 28), ("SB", 72), ("SB", 84), ("AF", 63), ("SVT", 0), ("SVT", 7), ("SAAWR", 54)],
)
def test_slow_and_fast_beats_are_counted(rhythm: str, seed: int) -> None:
    """Tall T waves are no beats, and beats faster than 200/min are not halved; those at the edges may be missed."""
    made = make(rhythm, seed)
    assert 0 <= len(made.truth.plan.inside) - len(criteria.r_peaks(made.record)) <= 2


def test_every_rhythm_has_criteria() -> None:
    assert {criterion.rhythm for criterion in CRITERIA} == set(RHYTHMS)


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: f"{criterion.rhythm}-{criterion.measure}")
def test_the_textbook_holds(criterion: Criterion) -> None:
    measured = found(criterion.rhythm)
    assert len(measured) == N
    assert criterion.met(measured) >= criterion.share


def test_the_limits_that_are_printed_are_those_that_count() -> None:
    known = [
        dataclasses.replace(one, pr_ms=pr) for one, pr in zip(found("SR"), (110.0, 150.0, 210.0, 90.0), strict=False)
    ]
    (row,) = (line for line in criteria.markdown("SR", known).splitlines() if line.startswith("| PR"))
    assert "| 120 to 200 |" in row
    assert "| 1 of 4 | 20 below and 15 above: " in row
    assert row.endswith("| 3 of 4 |")
    for criterion in CRITERIA:
        assert bool(criterion.reason) == bool(criterion.less or criterion.more)
        numbers = [float(word) for word in re.findall(r"(\d+)(?: ms| degrees|/min| to )", criterion.words)]
        if criterion.reason and "narrow" not in criterion.words:
            assert numbers == [limit for limit in (criterion.low, criterion.high) if np.isfinite(limit)]


@pytest.mark.parametrize(("rhythm", "low_ms", "high_ms", "v1_mv"), [("AVNRT", 40, 110, 0.02), ("AVRT", 110, 220, -1.0)])
def test_the_retrograde_p_is_in_its_place(rhythm: str, low_ms: float, high_ms: float, v1_mv: float) -> None:
    """Against the same recording without atria: at the end of QRS, or in the ST segment; inferiorly negative."""
    p = [criteria.retrograde_p(rhythm, seed) for seed in range(N)]
    assert low_ms < np.median([one.rp_ms for one in p]) < high_ms
    assert np.median([one.v1_mv for one in p]) > v1_mv
    assert np.mean([one.inferior_mv < -0.04 for one in p]) > 0.9


def test_the_criteria_tell_rhythms_apart() -> None:
    """What is asked of AFIB is not met by SR, nor what is asked of SR by AFIB: else a criterion would say nothing."""
    for asked, other in (("AFIB", "SR"), ("SR", "AFIB"), ("SAAWR", "SR"), ("SB", "ST"), ("AVRT", "SB")):
        worst = min(criterion.met(found(other)) for criterion in CRITERIA if criterion.rhythm == asked)
        assert worst < 0.3
