"""The truth against detectors that know nothing of the simulator: R peaks by kind of beat, the edges of the waves."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import alignment
from ecglite.lab.alignment import EDGES, KINDS
from ecglite.simulator import Made, make

N = 8
OF = (*RHYTHMS, *KINDS)
EIGHT = [0, 1, 6, 7, 8, 9, 10, 11]

made = functools.cache(alignment.made)


@functools.cache
def peaks(of: str, noise: float, detector: str = "neurokit2") -> alignment.Peaks:
    return alignment.peaks(made(of, N, noise), of, detector)


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("of", OF)
def test_r_peaks_are_where_neurokit2_sees_them(of: str, noise: float) -> None:
    """In each rhythm and each kind of beat.

    F waves are taken for some beats, an early aberrant one may be lost, and in a left bundle branch block at 170/min
    (one of the eight in AVRT) the detector loses its way.
    """
    found = peaks(of, noise)
    assert found.n >= 20
    assert found.recall >= {"AF": 0.8, "AVRT": 0.85, "aberrant": 0.9}.get(of, 0.92)
    assert found.precision >= 0.9
    assert found.quantile_ms(0.5) <= 5
    assert found.quantile_ms(0.9) <= 30
    # Where it is farther off, QRS has two summits, and the detector's filter makes the other one the higher.
    assert np.mean(np.array(found.heights) > 0.7) >= 0.93


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("group", [tuple(RHYTHMS), tuple(KINDS)], ids=["rhythms", "kinds"])
def test_nine_of_ten_r_peaks_are_within_5_ms(group: tuple[str, ...], noise: float) -> None:
    errors = np.concatenate([peaks(of, noise).errors_s for of in group])
    assert np.quantile(np.abs(errors), 0.9) <= 0.005
    assert abs(np.median(errors)) < 0.002


def test_a_second_detector_sees_the_same_beats() -> None:
    """wfdb's XQRS, which loses its way in some recordings, in all of them together."""
    found = [peaks(of, 1.0, "wfdb") for of in OF]
    assert sum(len(one.errors_s) for one in found) / sum(one.n for one in found) > 0.97
    assert sum(one.false for one in found) / sum(one.seen for one in found) < 0.04
    assert np.median(np.abs(np.concatenate([one.errors_s for one in found]))) <= 0.003


def test_a_truth_that_is_off_is_found_out() -> None:
    def late(one: Made) -> Made:
        waves = dataclasses.replace(one.truth.waves, qrs_s=one.truth.waves.qrs_s + 0.012)
        return dataclasses.replace(one, truth=dataclasses.replace(one.truth, waves=waves))

    assert alignment.peaks([late(one) for one in made("SR", N, 0.0)], "SR").quantile_ms(0.5) > 9
    assert alignment.peaks(made("SR", N, 0.0), "ST").recall == peaks("SR", 0.0).recall  # all beats, whatever the name
    other = [dataclasses.replace(one, record=made("SR", N, 0.0)[0].record) for one in made("SR", N, 0.0)[1:]]
    assert alignment.peaks(other, "SR").recall < 0.5


@pytest.mark.parametrize("of", OF)
def test_r_peaks_are_the_summits_of_the_leads(of: str) -> None:
    """Without a detector: from just before QRS, the largest of the eight leads together within it."""
    off = []
    for one in made(of, N, 0.0):
        signal = one.record.signal_mv[:, EIGHT].astype(np.float64)
        for onset, peak, end in one.truth.waves.qrs_s:
            if 0.1 < peak < one.record.duration_s - 0.1:
                begin, stop = round(onset * 500), round(end * 500)
                length = ((signal[begin : stop + 1] - signal[begin - 1]) ** 2).sum(axis=1)
                off.append((begin + int(length.argmax())) / 500 - peak)
    assert np.quantile(np.abs(off), 0.5) < 0.002
    assert np.quantile(np.abs(off), 0.9) < (0.005 if of == "AF" else 0.002)  # F waves lie on QRS


LIMITS_MS = {"P onset": (7, 20), "QRS onset": (9, 50), "QRS end": (7, 30), "T end, tangent": (5, 20)}
"""Of the median without the delineator's own error, and of the distance from the tenth to the ninetieth percentile."""


@functools.cache
def own() -> dict[str, float]:
    return alignment.own_error_s()


def test_the_delineators_own_error_is_small_but_for_qrs() -> None:
    """On waves of known edges: it sees QRS some 10 ms too long at either side, and P and T later by half of that."""
    assert set(own()) == set(EDGES) == set(LIMITS_MS)
    assert 0 <= own()["P onset"] < 0.008
    assert -0.015 < own()["QRS onset"] < -0.004
    assert 0.004 < own()["QRS end"] < 0.015
    assert 0 <= own()["T end, tangent"] < 0.010


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_edges_are_where_neurokit2_sees_them(noise: float) -> None:
    errors = alignment.edge_errors(("SB", "SR", "ST", "SA"), 4, noise)
    for name, (middle, spread) in LIMITS_MS.items():
        ms = errors[name] * 1000
        assert ms.size > 60, name
        assert abs(np.median(ms) - own()[name] * 1000) <= middle + 3 * noise, name
        assert np.ptp(np.quantile(ms, [0.1, 0.9])) <= spread, name


def test_the_tangents_end_of_t_is_the_delineators() -> None:
    """The machine's end, some 30 ms later, would not agree: a delineator is not held against that one."""
    one = make("SR", 3, noise=0)
    waves = one.truth.waves
    beats = np.flatnonzero((waves.qrs_s[:, 1] > 0.6) & (waves.qrs_s[:, 1] < 9.4))
    seen = alignment.edges(one.record.signal_mv[:, EIGHT].astype(np.float64), waves.qrs_s[beats, 1])["T end, tangent"]
    assert abs(np.nanmedian(seen - waves.t_end_tangent_s[beats])) < 0.012
    assert np.nanmedian(seen - waves.t_end_s[beats]) < -0.015
