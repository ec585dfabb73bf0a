"""Pooling, abstention and the words of a Finding."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ecglite.edge.bundle import DEFAULT, Manifest, load_bundle
from ecglite.edge.decision import Finding, decide
from ecglite.edge.quality import LeadQuality, Quality
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS

LABELS = ("SB", "SR", "AFIB", "ST")
QUALITY = Quality("poor", (LeadQuality("I", "good"), LeadQuality("II", "bad", ("flat",))), ("lead II (flat)",))


def manifest(abstain_below: float = 0.0) -> Manifest:
    return Manifest("toy", "1.2", "m.tflite", "0" * 64, 1, LABELS, abstain_below)


def found(*rows: list[float], abstain_below: float = 0.0, rates: list[float | None] | None = None) -> Finding:
    starts = [10.0 * k for k in range(len(rows))]
    probabilities = np.array(rows, np.float32)
    return decide(probabilities, starts, rates or [60.0] * len(rows), QUALITY, manifest(abstain_below))


def test_one_window() -> None:
    finding = found([0.1, 0.6, 0.26, 0.04])
    assert (finding.rhythm, finding.name) == ("SR", "Sinus rhythm")
    assert finding.probability == pytest.approx(0.6)
    assert finding.probabilities == pytest.approx({"SB": 0.1, "SR": 0.6, "AFIB": 0.26, "ST": 0.04})
    assert [label for label, _ in finding.alternatives] == ["AFIB", "SB"]
    assert not finding.abstained
    assert finding.model == "toy 1.2"


def test_windows_are_averaged() -> None:
    finding = found([0.9, 0.1, 0, 0], [0.2, 0.8, 0, 0], [0.3, 0.7, 0, 0], rates=[50.0, None, 70.0])
    assert finding.rhythm == "SR"
    assert finding.probability == pytest.approx(1.6 / 3)
    assert finding.heart_rate_bpm == pytest.approx(60)
    assert [window.rhythm for window in finding.windows] == ["SB", "SR", "SR"]
    assert [window.start_s for window in finding.windows] == [0, 10, 20]
    assert [window.heart_rate_bpm for window in finding.windows] == [50.0, None, 70.0]


def test_no_rate_in_any_window() -> None:
    assert found([1, 0, 0, 0], rates=[None]).heart_rate_bpm is None


@pytest.mark.parametrize(("limit", "abstains"), [(0.59, False), (0.61, True)])
def test_abstention_keeps_its_guess_and_says_why(limit: float, abstains: bool) -> None:
    finding = found([0.1, 0.6, 0.26, 0.04], abstain_below=limit)
    assert finding.abstained is abstains
    assert finding.rhythm == "SR"
    assert finding.reasons == (("no rhythm reaches a probability of 61 %",) if abstains else ())


def test_equal_probabilities_go_to_the_first_label() -> None:
    assert found([0.25] * 4).rhythm == "SB"


def test_to_dict_is_plain_json() -> None:
    d = found([0.1, 0.6, 0.26, 0.04], [0.3, 0.6, 0.1, 0], abstain_below=0.7, rates=[61.234, None]).to_dict()
    assert json.loads(json.dumps(d, allow_nan=False)) == d
    assert list(d) == [
        "rhythm",
        "name",
        "probability",
        "probabilities",
        "heart_rate_bpm",
        "abstained",
        "reasons",
        "quality",
        "windows",
        "model",
    ]
    assert d["probability"] == d["probabilities"]["SR"] == pytest.approx(0.6)
    assert sum(d["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert d["heart_rate_bpm"] == 61.2
    assert d["quality"] == {"verdict": "poor", "notes": ["lead II (flat)"], "leads": {"I": "good", "II": "bad"}}
    assert d["windows"][1] == {"start_s": 10, "rhythm": "SR", "probability": 0.6, "heart_rate_bpm": None}
    assert d["abstained"] is True


def test_the_eleven_rhythms() -> None:
    assert list(RHYTHMS) == ["SB", "SR", "AFIB", "ST", "SVT", "AF", "SA", "AT", "AVNRT", "AVRT", "SAAWR"]
    assert len({rhythm.snomed for rhythm in RHYTHMS.values()}) == len({r.name for r in RHYTHMS.values()}) == 11
    assert set(load_bundle(DEFAULT).manifest.labels) <= set(RHYTHMS)


def decided(row: list[float], *, rate: float | None = 70.0, quality: Quality = QUALITY) -> Finding:
    return decide(np.array([row], np.float32), [0.0], [rate], quality, manifest())


@pytest.mark.parametrize(
    ("rhythm", "rate", "believed"),
    [("SB", 55, True), ("SB", 72, False), ("SR", 72, True), ("SR", 130, False), ("ST", 110, True), ("ST", 70, False)],
)
def test_a_rate_that_contradicts_the_rhythm(rhythm: str, rate: float, believed: bool) -> None:
    finding = decided([float(label == rhythm) for label in LABELS], rate=rate)
    assert finding.rhythm == rhythm
    assert finding.abstained != believed
    assert believed or f"a heart rate of {rate}/min is not that of" in finding.reasons[0]


def test_more_beats_than_a_heart_has() -> None:
    assert decided([0, 0, 1, 0], rate=240).reasons == (
        "240 beats a minute are more than a heart's QRS complexes come at",
    )
    assert not decided([0, 0, 1, 0], rate=170).abstained
    assert not decided([0, 0, 1, 0], rate=None).abstained


def test_mostly_poor_leads() -> None:
    leads = tuple(LeadQuality(lead, "poor" if k < 7 else "good", ("noisy",)) for k, lead in enumerate(LEADS))
    assert decided([0, 1, 0, 0], quality=Quality("poor", leads, ())).reasons == ("most of the leads are poor",)


def test_windows_with_a_gap_are_left_out() -> None:
    rows = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]], np.float32)
    gap = Quality("poor", QUALITY.leads, (), ((14.0, 15.0),))
    finding = decide(rows, [0.0, 10.0, 20.0], [70.0] * 3, gap, manifest())
    assert finding.probabilities["SR"] == 1
    assert not finding.abstained
    only = decide(rows[:1], [10.0], [70.0], gap, manifest())
    assert only.reasons == ("the signal is interrupted",)


def test_a_last_window_counts_for_the_seconds_that_it_adds() -> None:
    rows = np.array([[0, 1, 0, 0], [0, 0, 1, 0]], np.float32)
    finding = decide(rows, [0.0, 2.0], [70.0] * 2, QUALITY, manifest())
    assert finding.probabilities["SR"] == pytest.approx(10 / 12)
