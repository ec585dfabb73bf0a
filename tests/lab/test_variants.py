"""Recordings changed after they are read, and predictions taken apart and put together, against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from ecglite.edge.errors import LabError, LeadError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import windows
from ecglite.lab import parts
from ecglite.lab.evaluation import OTHER, Predictions, figures
from ecglite.lab.variants import Variant, Varied, gain_figures, leads_figures
from ecglite.lab.worst import worst

LABELS = ("SB", "SR")


def predictions(truth: str, named: str, *, abstained: str = "", top: tuple[float, ...] = ()) -> Predictions:
    """One recording a letter: b SB, r SR, - not classified; where `abstained` has an x, the bundle did."""
    words = {"b": "SB", "r": "SR", "-": OTHER}
    n = len(named)
    high = np.array(top or (0.9,) * n)
    rows = [
        [0.0, 0.0] if c == "-" else [p, 1 - p] if c == "b" else [1 - p, p] for c, p in zip(named, high, strict=True)
    ]
    return Predictions(
        LABELS,
        tuple(words[c] for c in truth),
        tuple(words[c] for c in named),
        np.array(rows),
        np.array([c == "x" for c in abstained.ljust(n)]),
        tuple(map(str, range(n))),
    )


def record(leads: tuple[str, ...] = LEADS) -> Record:
    """Two independent limb leads, so that the other four follow from them, and six chest leads."""
    time = np.arange(5000) / 500
    one, two = np.sin(2 * np.pi * 1.2 * time), 0.7 * np.cos(2 * np.pi * 2.1 * time)
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    signal = np.stack([*limb, *(np.sin(2 * np.pi * f * time) for f in range(3, 9))], axis=1).astype(np.float32)
    return Record(signal[:, [LEADS.index(lead) for lead in leads]], 500, leads)


def test_a_gain_multiplies_every_lead() -> None:
    np.testing.assert_array_equal(Variant(gain=5).of(record()).signal_mv, record().signal_mv * np.float32(5))
    assert Variant(gain=0.5).name == "0.5"


def test_leads_that_are_gone_are_derived_or_zero_as_in_a_file_without_them() -> None:
    six = Variant(leads=("I", "II")).of(record())
    assert six.leads == ("I", "II")
    window = next(windows(six)).signal_mv
    np.testing.assert_allclose(window[:, :6], record().signal_mv[:, :6], atol=1e-5)
    assert not window[:, 6:].any()
    [one] = windows(Variant(leads=("I",)).of(record()))
    assert one.signal_mv.any(axis=0).tolist() == [lead == "I" for lead in LEADS]


def test_a_lead_upside_down() -> None:
    down = Variant(-1.0, ("I",))
    assert down.name == "-I"
    np.testing.assert_array_equal(down.of(record()).signal_mv[:, 0], -record().signal_mv[:, 0])
    with pytest.raises(LabError, match="a gain of -1"):
        Variant(gain=-1.0)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LeadError, match=r"has no lead I; allowed: .* this one has II, V1"):
        Variant(leads=("I", "II")).of(record(("II", "V1")))
    with pytest.raises(LeadError, match="unknown lead 'X'"):
        Variant(leads=("X",))
    with pytest.raises(LeadError, match="II comes twice"):
        Variant(leads=("II", "II"))
    for gain in (0.0, -1.0, math.nan, math.inf, 1e6):
        with pytest.raises(LabError, match="a gain of"):
            Variant(gain=gain)


def test_what_a_gain_changes_is_counted() -> None:
    # of ten recordings the fifth is named otherwise and the ninth is refused; eight others are labelled
    before = "bbbbbrrrrr"
    after = predictions(before, "bbbbrrrr-r", abstained="x   x   x ")
    labelled = predictions("bbbbbbbb", "bbbbrrrr")
    found = gain_figures(Varied(labelled, after, np.array([True, True] + [False] * 8)))
    assert (found["n"], found["not_classified"], found["abstained"], found["abstained_as_recorded"]) == (10, 1, 2, 2)
    of = binomtest(8, 10).proportion_ci(method="wilson")
    assert found["unchanged"] == pytest.approx({"value": 0.8, "low": of.low, "high": of.high})
    # answered both times: all but 0, 1, 4 and 8, and the changed ones were 4 and 8
    assert found["answered"]["n"] == 6
    assert found["answered"]["unchanged"]["value"] == 1
    assert found["accuracy"]["value"] == 0.5


def test_lost_leads_are_compared_record_by_record() -> None:
    truth = "b" * 20 + "r" * 10
    twelve = predictions(truth, "b" * 20 + "r" * 10)
    fewer = predictions(truth, "b" * 16 + "r" * 4 + "r" * 10)
    found = leads_figures(Varied(fewer, fewer, np.zeros(30, np.bool_)), twelve)
    lost = found["difference"]
    assert found["accuracy"]["value"] == pytest.approx(26 / 30)
    assert found["balanced_accuracy_n10"]["value"] == pytest.approx((0.8 + 1) / 2)
    assert lost["names_changed"] == 4
    assert lost["accuracy"]["value"] == pytest.approx(-4 / 30)
    assert lost["accuracy"]["low"] < -4 / 30 < lost["accuracy"]["high"] < 0
    assert lost["balanced_accuracy_n10"]["value"] == pytest.approx(-0.1)


def test_ages_fall_into_their_bands() -> None:
    ages = (0, 17.9, 18, 39.9, 40, 64, 65, 79.5, 80, 90, 300, -1, None, math.nan)
    under, young, middle, old, oldest, unknown = parts.AGES
    assert [*map(parts.age_band, ages)] == [
        *(under, under, young, young, middle, middle, old, old, oldest, oldest, unknown, unknown, unknown, unknown)
    ]


def test_by_sex_and_age_is_what_each_part_is_alone() -> None:
    p = predictions("b" * 12 + "r" * 12, "b" * 10 + "r" * 14)
    female = [True, False, None] * 8
    found = parts.by_sex_and_age(p, female, [30.0] * 23 + [70.0])
    assert [*found["sex"]] == ["female", "male", "unknown"]
    assert {band: of["n"] for band, of in found["age"].items()} == {"18 to 39": 23, "65 to 79": 1}
    wrong = (10, 11)  # recordings 10 and 11: male and of unknown sex
    assert found["sex"]["female"]["accuracy"]["value"] == 1
    assert found["sex"]["male"]["accuracy"]["value"] == pytest.approx(1 - sum(k % 3 == 1 for k in wrong) / 8)
    assert found["sex"]["male"]["balanced_accuracy_n10"] is None  # four of each class
    of_23 = found["age"]["18 to 39"]["balanced_accuracy_n10"]
    assert of_23["value"] == pytest.approx((10 / 12 + 1) / 2)


def test_a_summary_is_part_of_the_figures() -> None:
    p = predictions("b" * 12 + "r" * 12, "b" * 9 + "r" * 12 + "b-b", abstained="x x")
    whole = figures(p)
    assert parts.summary(p) == {name: whole[name] for name in parts.summary(p)}


def test_patients_of_two_databases_stay_apart() -> None:
    p = predictions("br", "br")
    both = parts.together([p, p], ["one", "other"])
    assert both.truth == ("SB", "SR", "SB", "SR")
    assert len(set(both.groups)) == 4
    assert both.probabilities.shape == (4, 2)


def test_the_worst_are_the_surest_of_the_wrong() -> None:
    p = predictions("bbbrr", "rbr-b", top=(0.6, 0.99, 0.8, 0.9, 0.7), abstained="x")
    found = worst(p, ["a", "b", "c", "d", "e"])
    assert [(one["record"], one["truth"], one["named"], one["abstained"]) for one in found] == [
        ("c", "SB", "SR", False),
        ("e", "SR", "SB", False),
        ("a", "SB", "SR", True),
    ]
    assert [one["probability"] for one in found] == pytest.approx([0.8, 0.7, 0.6])
    many = predictions("b" * 30, "r" * 30, top=tuple(np.linspace(0.5, 0.99, 30).tolist()))
    assert [one["record"] for one in worst(many, [*map(str, range(30))])] == [str(k) for k in range(29, 19, -1)]
