"""The simulator against an independent detector and the rhythms' definitions."""

from __future__ import annotations

import dataclasses
import itertools
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import criteria
from ecglite.simulator import RHYTHMS_MADE, Made, Person, batches, in_pieces, make, plan, records, rules, simulate
from ecglite.simulator.activity import Origin
from ecglite.simulator.conduction import Options

SEEDS = range(4)


def lead(record: Record, name: str) -> npt.NDArray[np.float64]:
    return record.signal_mv[:, LEADS.index(name)].astype(np.float64)


def test_all_eleven_are_made() -> None:
    assert tuple(RHYTHMS_MADE) == tuple(RHYTHMS) == tuple(rules.RATES)


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_shape_and_determinism(rhythm: str) -> None:
    one, same, other = (simulate(rhythm, seed=seed) for seed in (5, 5, 6))
    assert one.signal_mv.shape == (5000, 12)
    assert one.leads == LEADS
    assert (one.format, one.notes) == ("simulated", ("simulated",))
    assert one.comments == (f"Dx: {RHYTHMS[rhythm].snomed}",)
    person = plan(rhythm, 5).person
    assert (one.patient.age_years, one.patient.sex) == (person.age_years, person.sex)
    np.testing.assert_array_equal(one.signal_mv, same.signal_mv)
    assert np.abs(one.signal_mv - other.signal_mv).max() > 0.1
    assert np.isfinite(one.signal_mv).all()
    assert 0.4 < np.ptp(one.signal_mv, axis=0).max() < 12


def test_another_process_makes_the_same_samples_with_what_older_processors_have() -> None:
    """NumPy and OpenBLAS then compute sines and products by other instructions, whose last digits differ."""
    older = {
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_ICL AVX512_SPR",
        "PYTHONWARNINGS": "ignore",  # of features that this build of NumPy does not know
        "OPENBLAS_CORETYPE": "Nehalem" if platform.machine() in ("x86_64", "AMD64") else "ARMV8",
    }
    code = (
        "from hashlib import sha256; from ecglite.simulator import simulate, RHYTHMS_MADE\n"
        "print(sha256(b''.join(simulate(r, seed=3).signal_mv.tobytes() for r in RHYTHMS_MADE)).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **older}
    ).stdout.strip()
    here = sha256(b"".join(simulate(rhythm, seed=3).signal_mv.tobytes() for rhythm in RHYTHMS_MADE))
    assert there == here.hexdigest()


def test_pieces_are_the_recording() -> None:
    made = make("AFIB", 3, duration_s=700, sampling_rate_hz=100)
    pieces = in_pieces("AFIB", 3, duration_s=700, sampling_rate_hz=100)
    assert pieces.truth.to_dict() == made.truth.to_dict()
    parts = list(pieces.pieces)
    assert len(parts) > 1
    for one, of in (
        (np.concatenate([record.signal_mv for record, _ in parts]), made.record.signal_mv),
        (np.concatenate([noise for _, noise in parts]), made.noise_mv),
    ):
        assert of.shape == (70_000, 12)
        np.testing.assert_array_equal(one, of)


def test_samples_are_whole_nanovolts() -> None:
    """So that another platform's last digits of a sine or of a sum change none of them."""
    for rhythm in ("SR", "AFIB"):
        made = make(rhythm, 2)
        for samples in (made.record.signal_mv, made.noise_mv):
            np.testing.assert_array_equal(samples, samples.astype(np.float64).round(6).astype(np.float32))


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_einthoven_and_goldberger(rhythm: str) -> None:
    record = simulate(rhythm, seed=1, noise=0)
    one, two, three, avr, avl, avf = record.signal_mv[:, :6].T.astype(np.float64)
    for left, right in (
        (one + three, two),
        (avr, -(one + two) / 2),
        (avl, one - two / 2),
        (avf, two - one / 2),
    ):
        np.testing.assert_allclose(left, right, rtol=0, atol=2e-6)  # each is rounded to 1e-6


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_rate_is_within_the_definition(rhythm: str) -> None:
    """Of 150 recordings of anybody, the mean rate of the beats; a premature one may move it by some percent."""
    low, high = rules.RATES[rhythm]
    rates = np.array([plan(rhythm, seed).ventricular_rate_bpm for seed in range(150)])
    assert ((rates > low - 1) & (rates < high + 1)).mean() > 0.97
    assert ((rates > 0.94 * low) & (rates < 1.06 * high)).all()


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_truth_is_where_the_detector_finds_it(rhythm: str) -> None:
    """R peaks of neurokit2, in the median within 5 ms of the truth's; P in lead II where P stands alone."""
    made = criteria.plain(rhythm, 12, noise=0)
    errors, p_errors = [], []
    for one in made:
        found = criteria.r_peaks(one.record) / 500
        for true in one.truth.waves.qrs_s[:, 1]:
            if 0.3 < true < 9.7:
                errors.append(float(np.abs(found - true).min()))
        if rhythm in ("SB", "SR", "SA"):
            p = criteria.delineated(one.record, "II", criteria.r_peaks(one.record))["ECG_P_Peaks"]
            p = p[np.isfinite(p)] / 500
            p_errors += [float(np.abs(p - true).min()) for true in one.truth.waves.p_s[:, 1] if 0.5 < true < 9.3]
    assert np.median(errors) <= 0.005
    assert np.mean(np.array(errors) < 0.03) > 0.9  # of one in twelve it takes S
    if p_errors:
        assert np.median(p_errors) <= 0.005


@pytest.mark.parametrize("rhythm", RHYTHMS_MADE)
def test_truth_agrees_with_itself(rhythm: str) -> None:
    for seed in range(12):
        made = make(rhythm, seed, sampling_rate_hz=100)
        activity, waves = made.truth.plan.activity, made.truth.waves
        assert waves.qrs_s.shape == (activity.qrs_s.size, 3)
        assert waves.t_s.shape == (activity.qrs_s.size, 4)
        assert waves.p_s.shape == (activity.p_s.size, 3)
        for times in (waves.qrs_s, waves.t_s, waves.p_s):
            assert (np.diff(times, axis=1) >= 0).all()
        assert (np.diff(activity.qrs_s) > 0.1).all()
        led = activity.leads_to >= 0
        assert (activity.leads_to[led] < activity.qrs_s.size).all()
        forwards = led & (activity.origins != Origin.RETROGRADE)
        assert (activity.qrs_s[activity.leads_to[forwards]] > activity.p_s[forwards]).all()
        none = rhythm in ("AF", "AFIB")
        assert (activity.p_s.size == 0) == none
        assert (activity.flutter is not None) == (rhythm == "AF")
        assert (activity.fibrillation is not None) == (rhythm == "AFIB")


def test_noise_is_what_was_added() -> None:
    quiet, usual, loud = (make("SR", 3, noise=noise) for noise in (0.0, 1.0, 4.0))
    assert (quiet.truth.noise, np.abs(quiet.noise_mv).max()) == ((), 0)
    for made in (usual, loud):
        assert made.truth.noise
        np.testing.assert_allclose(made.record.signal_mv - made.noise_mv, quiet.record.signal_mv, atol=1e-5)
        assert made.truth.plan.person == quiet.truth.plan.person
        np.testing.assert_array_equal(made.truth.plan.activity.qrs_s, quiet.truth.plan.activity.qrs_s)
    assert loud.noise_mv.std() > 1.5 * usual.noise_mv.std() > 0


def test_rate_and_length_change_nothing_else() -> None:
    fine, coarse = (simulate("SR", seed=3, noise=0, sampling_rate_hz=rate) for rate in (500, 250))
    np.testing.assert_allclose(coarse.signal_mv, fine.signal_mv[::2], atol=0.02)
    assert simulate("SR", seed=3, duration_s=61.5).signal_mv.shape[0] == 30750
    long = make("AFIB", 3, duration_s=600, sampling_rate_hz=100)
    assert long.truth.plan.inside[-1] > 595
    assert long.record.signal_mv.shape == (60_000, 12)


@pytest.mark.parametrize(
    ("rhythm", "facts", "attribute"),
    [
        ("SR", {"heart_rate_bpm": 88.0}, "heart_rate_bpm"),
        ("SB", {"age_years": 8.0, "sex": "male"}, "age_years"),
        ("AVNRT", {"heart_rate_bpm": 201.0}, "heart_rate_bpm"),
    ],
)
def test_what_is_asked_for_is_made(rhythm: str, facts: dict[str, Any], attribute: str) -> None:
    planned = plan(rhythm, 2, **facts)
    assert getattr(planned.person, attribute) == facts[attribute]
    assert abs(planned.ventricular_rate_bpm / planned.person.heart_rate_bpm - 1) < 0.06


@pytest.mark.parametrize("ratio", [2, 3, 4])
def test_flutter_conducts_as_it_is_asked_to(ratio: int) -> None:
    planned = plan("AF", 2, options=Options(ratio=ratio), heart_rate_bpm=280 / ratio)  # without premature beats
    assert planned.av_relation == f"{ratio}:1"


def test_a_person_who_is_given_is_recorded() -> None:
    person = Person(age_years=30, sex="male", heart_rate_bpm=64)
    made = make("SR", 1, person=person)
    assert made.truth.plan.person == person
    assert made.truth.plan.population == ""


def test_a_contradiction_is_refused_or_forced() -> None:
    with pytest.raises(SimulationError, match=r"below 60/min by definition, and 120/min is asked for; change"):
        make("SB", 1, heart_rate_bpm=120.0)
    forced = make("SB", 1, heart_rate_bpm=120.0, force=True)
    assert abs(forced.truth.plan.ventricular_rate_bpm - 120) < 4
    assert forced.truth.to_dict()["broken_rules"] == list(forced.truth.plan.broken_rules) != []
    assert "forced: " in forced.record.notes[1]


def test_records_without_end() -> None:
    some = list(itertools.islice(records(["AF", "SR"], seed=4), 4))
    assert [(one.truth.plan.rhythm, one.truth.plan.seed) for one in some] == [
        ("AF", 4),
        ("SR", 4),
        ("AF", 5),
        ("SR", 5),
    ]
    np.testing.assert_array_equal(some[3].record.signal_mv, simulate("SR", seed=5).signal_mv)
    with pytest.raises(SimulationError, match="no rhythm"):
        next(records([]))


def test_batches() -> None:
    first, second = itertools.islice(batches(3, ["AF", "SR"], seed=4, sampling_rate_hz=100), 2)
    assert first[0].shape == (3, 1000, 12)
    assert first[0].dtype == np.float32
    assert [*first[1], *second[1]] == [0, 1, 0, 1, 0, 1]
    np.testing.assert_array_equal(second[0][0], simulate("SR", seed=5, sampling_rate_hz=100).signal_mv)
    with pytest.raises(SimulationError, match="a batch of 0"):
        next(batches(0))


def test_speed() -> None:
    """A record of 10 s at 500 Hz takes as long as some tens of transforms of its 12 leads do on the same core.

    At 100 Hz there are a fifth of the samples; who is recorded and what fires when costs as much as ever.
    """

    def seconds(work: Callable[[], object]) -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    leads = np.random.default_rng(0).normal(size=(5000, 12))

    def each(rate_hz: float) -> list[Made]:
        return [make(rhythm, 1, sampling_rate_hz=rate_hz) for rhythm in RHYTHMS_MADE]

    def yardstick() -> list[object]:
        return [np.fft.rfft(leads, axis=0) for _ in range(20)]

    # In turns, so that what else runs on the machine slows all three.
    work = (lambda: each(500.0), lambda: each(100.0), yardstick)
    ours, fewer, transforms = np.array([[seconds(of) for of in work] for _ in range(6)]).min(axis=0)
    assert ours / len(RHYTHMS_MADE) < 60 * transforms / 20  # 20 to 30 as measured
    assert fewer < 0.75 * ours  # 0.46 to 0.6 as measured


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"rhythm": "VT"}, "'VT'"),
        ({"rhythm": "sr"}, "'sr'"),
        ({"duration_s": 0.0}, "0 s"),
        ({"duration_s": float("nan")}, "nan s"),
        ({"noise": -1.0}, "noise -1"),
        ({"noise": float("inf")}, "noise inf"),
        ({"seed": -1}, "seed -1"),
        ({"sampling_rate_hz": 50.0}, "50 Hz"),
    ],
)
def test_refuses(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(SimulationError, match=word):
        simulate(**({"rhythm": "SR", "seed": 0} | arguments))


def test_made_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make("SR", 1).record = simulate("SR", seed=2)  # type: ignore[misc]
