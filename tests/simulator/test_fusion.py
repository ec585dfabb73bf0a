"""Beats over an accessory pathway, from hardly to wholly pre-excited, as the leads show them."""

from __future__ import annotations

import numpy as np
import pytest

from ecglite.simulator import body
from ecglite.simulator.activity import USUAL_PREEXCITATION, Activity, Beat
from ecglite.simulator.conduction import activity
from ecglite.simulator.person import Person

RATE = 500.0


def of_degrees(who: Person, degrees: np.ndarray) -> Activity:
    """A beat of each degree, two seconds apart, 0 through the node alone."""
    n = degrees.size
    return Activity(
        rhythm="AFIB",
        duration_s=2.0 * n,
        qrs_s=np.arange(1.0, 2.0 * n, 2.0),
        beats=np.where(degrees > 0, int(Beat.PREEXCITED), int(Beat.NORMAL)),
        p_s=np.zeros(0),
        origins=np.zeros(0, np.int64),
        sites=np.zeros((0, 3)),
        leads_to=np.zeros(0, np.int64),
        preexcitation=degrees,
        pr_s=np.zeros(0),
        breath_hz=0.25,
        breath_phase=0.0,
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_more_of_the_pathway_the_wider(seed: int) -> None:
    who = Person(qrs_s=0.124, pr_s=0.1, heart_rate_bpm=60, qt_s=0.42, traits=frozenset({"preexcitation"}))
    degrees = np.array([0.0, 0.25, USUAL_PREEXCITATION, 0.75, 1.0])
    signal, waves = body.leads(of_degrees(who, degrees), who, np.random.default_rng(seed), RATE)
    wide = waves.qrs_s[:, 2] - waves.qrs_s[:, 0]
    assert (np.diff(wide) > 0.005).all()
    assert wide[0] < 0.11
    assert wide[2] == pytest.approx(who.qrs_s)
    assert 0.13 < wide[-1] < 0.19
    # each is between its neighbours: a step of the degree changes the beat a little, two steps more
    at = np.round(waves.qrs_s[:, 2] * RATE).astype(int)[:, None] + np.arange(-80, 5)  # aligned at the end of QRS
    beats = signal[at]  # [5, 85, 12]
    one = np.abs(np.diff(beats, axis=0)).max(axis=(1, 2))
    two = np.abs(beats[2:] - beats[:-2]).max(axis=(1, 2))
    assert (two > 0.8 * np.maximum(one[:-1], one[1:])).all()
    assert np.abs(beats[-1] - beats[0]).max() > 1.5 * one.max()


@pytest.mark.parametrize("seed", range(4))
def test_the_slope_of_the_first_30_ms_is_slower_over_the_pathway(seed: int) -> None:
    who = Person(qrs_s=0.124, pr_s=0.1, heart_rate_bpm=60, qt_s=0.42, traits=frozenset({"preexcitation"}))
    signal, waves = body.leads(of_degrees(who, np.array([0.0, 1.0])), who, np.random.default_rng(seed), RATE)
    steepest = []
    for onset, end in waves.qrs_s[:, [0, 2]]:
        a, b = round(onset * RATE), round(end * RATE)
        slope = np.abs(np.diff(signal[a:b], axis=0)).max(axis=1)
        steepest.append(slope[: round(0.03 * RATE)].max() / slope.max())
    assert steepest[1] < steepest[0]


def test_fibrillation_over_a_pathway_has_wide_and_narrow_beats() -> None:
    who = Person(heart_rate_bpm=150, qrs_s=0.124, pr_s=0.1, qt_s=0.26, traits=frozenset({"preexcitation"}))
    made = activity("AFIB", who, np.random.default_rng(5), 20.0)
    _, waves = body.leads(made, who, np.random.default_rng(6), RATE)
    wide = waves.qrs_s[:, 2] - waves.qrs_s[:, 0]
    assert wide[made.beats == Beat.NORMAL].max() < 0.11
    assert np.ptp(wide[made.beats == Beat.PREEXCITED]) > 0.03
    assert np.unique(wide.round(4)).size > 5
