"""One rhythm of a record's codes, and the sinus-rate rule."""

from __future__ import annotations

import itertools

import pytest

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.labels import PRIORITY, SINUS, by_rate, rhythm_of

MAP = {"sinus": "SR", "slow": "SB", "fib": "AFIB", "flutter": "AF", "irregular": "SA"}


@pytest.mark.parametrize(
    ("codes", "rhythm"),
    [
        (["sinus"], "SR"),
        (["sinus", "slow"], "SB"),
        (["slow", "fib", "sinus"], "AFIB"),
        (["flutter", "fib"], "AFIB"),
        (["sinus", "irregular"], "SA"),
        (["slow", "irregular"], "SB"),
        (["infarction", "sinus"], "SR"),
        (["infarction"], None),
        ([], None),
    ],
)
def test_the_rhythm_of_codes(codes: list[str], rhythm: str | None) -> None:
    for order in itertools.permutations(codes):
        assert rhythm_of(order, MAP) == rhythm


def test_each_rhythm_has_its_place() -> None:
    assert sorted(PRIORITY) == sorted(RHYTHMS)
    assert set(PRIORITY[-4:]) == SINUS


@pytest.mark.parametrize(
    ("rate", "regular", "irregular"),
    [
        (30, "SB", "SB"),
        (59.99, "SB", "SB"),
        (60, "SR", "SA"),
        (100, "SR", "SA"),
        (100.01, "ST", "ST"),
        (180, "ST", "ST"),
    ],
)
@pytest.mark.parametrize("rhythm", sorted(SINUS))
def test_a_sinus_rhythm_goes_by_its_rate(rhythm: str, rate: float, regular: str, irregular: str) -> None:
    assert by_rate(rhythm, rate, irregular=False) == regular
    assert by_rate(rhythm, rate, irregular=True) == irregular


@pytest.mark.parametrize("rhythm", sorted(set(RHYTHMS) - SINUS))
def test_another_rhythm_does_not(rhythm: str) -> None:
    assert {by_rate(rhythm, rate, irregular=False) for rate in (30.0, 80.0, 150.0, None)} == {rhythm}


@pytest.mark.parametrize("rhythm", sorted(SINUS))
def test_without_a_rate_the_label_stays(rhythm: str) -> None:
    assert by_rate(rhythm, None, irregular=True) == rhythm
