"""Each piece of realism that is left out takes away what it is said to, and nothing else."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import Made, Options, Person, Realism, Recorder, make, plan, records, rules
from ecglite.simulator.activity import Activity, Beat, Origin
from ecglite.simulator.recorder import Machine

PIECES = tuple(field.name for field in dataclasses.fields(Realism))
PLAIN = Realism(**dict.fromkeys(PIECES, False))


def without(piece: str) -> Realism:
    return Realism(**{piece: False})


def made(rhythm: str, seed: int, realism: Realism | None = None, **facts: float) -> Made:
    return make(rhythm, seed, sampling_rate_hz=250, realism=realism, **facts)


def same(one: Activity, other: Activity) -> bool:
    return all(
        np.array_equal(value, getattr(other, name), equal_nan=True)
        if isinstance(value := getattr(one, name), np.ndarray)
        else value == getattr(other, name)
        for name in Activity.__slots__
    )


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_all_of_it_is_the_default(rhythm: str) -> None:
    default, whole = made(rhythm, 4), made(rhythm, 4, Realism())
    np.testing.assert_array_equal(whole.record.signal_mv, default.record.signal_mv)
    np.testing.assert_array_equal(whole.noise_mv, default.noise_mv)
    assert whole.truth.plan.person == default.truth.plan.person
    assert same(whole.truth.plan.activity, default.truth.plan.activity)


@pytest.mark.parametrize("realism", [*map(without, PIECES), PLAIN], ids=[*PIECES, "all"])
@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_a_recording_stays_one_of_its_rhythm(rhythm: str, realism: Realism) -> None:
    low, high = rules.RATES[rhythm]
    for seed in range(25):
        one = plan(rhythm, seed, realism=realism)
        assert 0.94 * low < one.ventricular_rate_bpm < 1.06 * high
        rate_rules = [rule for rule in one.broken_rules if "by definition" in rule]
        assert not rate_rules
        assert (one.activity.flutter is not None) == (rhythm == "AF")
        assert (one.activity.fibrillation is not None) == (rhythm == "AFIB")
    signal = made(rhythm, 3, realism).record.signal_mv
    assert np.isfinite(signal).all()
    assert 0.3 < np.ptp(signal, axis=0).max() < 12


def test_plain_people_are_one_person_at_a_rate_of_the_rhythm() -> None:
    people = [plan("AFIB", seed, realism=Realism(people=False, findings=False)).person for seed in range(40)]
    rates = np.array([one.heart_rate_bpm for one in people])
    assert 60 <= rates.min() < 75 < 135 < rates.max() <= 150
    default = Person()
    for one in people:
        assert (one.age_years, one.sex, one.qrs_s, one.qrs_axis_deg) == (50, "female", default.qrs_s, 45)
    # findings are another piece: the population's words stay
    for seed in range(60):
        drawn = plan("SR", seed).person.traits
        assert plan("SR", seed, realism=without("people")).person.traits == drawn
    assert plan("SR", 0, realism=without("people")).population == ""
    assert plan("SR", 1, realism=PLAIN, age_years=9.0).person.age_years == 9


def test_without_findings_nobody_has_any_and_the_others_are_who_they_were() -> None:
    had = 0
    for rhythm, seed in itertools.product(("SB", "SR", "AFIB"), range(60)):
        usual, one = plan(rhythm, seed), plan(rhythm, seed, realism=without("findings"))
        assert not one.person.traits
        assert one.person.qrs_s < 0.12
        assert one.person.pr_s <= 0.2
        assert np.isin(one.activity.beats, (Beat.NORMAL, Beat.JUNCTIONAL)).all()
        assert one.person.heart_rate_bpm == usual.person.heart_rate_bpm
        had += bool(usual.person.traits)
        if usual.person == one.person:
            np.testing.assert_array_equal(one.activity.qrs_s, usual.activity.qrs_s)
    assert had > 30
    assert plan("SR", 0, realism=without("findings"), traits=("lbbb",)).person.traits == {"lbbb"}


def test_without_hearts_of_their_own_people_of_the_same_figures_look_alike() -> None:
    def qrs(seed: int, realism: Realism) -> np.ndarray:
        one = make("SR", seed, noise=0, person=Person(), realism=realism)
        onset = round(500 * float(one.truth.plan.inside[2]))
        return np.asarray(one.record.signal_mv[onset : onset + 45])

    alike = dataclasses.replace(without("hearts"), beats=False, atria=False)
    own = dataclasses.replace(alike, hearts=True)
    assert np.abs(qrs(1, alike) - qrs(2, alike)).max() < 0.1  # sampled at other phases
    assert np.abs(qrs(1, own) - qrs(2, own)).max() > 0.3
    turned = make("SR", 1, noise=0, realism=without("hearts"), person=Person(qrs_axis_deg=-60.0)).record.signal_mv
    assert turned[:, 0].max() > -turned[:, 0].min()  # R in I, S in aVF: the axis is the person's
    assert -turned[:, 5].min() > turned[:, 5].max()
    assert same(plan("SR", 5, realism=without("hearts")).activity, plan("SR", 5).activity)


def stray(realism: Realism, begin_s: float, end_s: float) -> float:
    """Of the heights in II from so long after the onset of QRS to so long, standard deviation over mean."""
    person = Person(heart_rate_bpm=62.0, pr_s=0.18, p_s=0.1)
    one = make("SR", 3, noise=0, sampling_rate_hz=1000, realism=realism, person=person)
    starts = [round(1000 * at) for at in one.truth.plan.inside[1:-1]]
    lead = one.record.signal_mv[:, 1]
    heights = [lead[at + round(1000 * begin_s) : at + round(1000 * end_s)].max() for at in starts]
    return float(np.std(heights) / np.mean(heights))


def test_without_beats_of_their_own_all_of_a_recording_are_alike() -> None:
    for window in ((0.0, 0.09), (0.2, 0.4), (-0.18, -0.07)):  # QRS, T, P
        assert stray(Realism(beats=False), *window) < 0.003 < 0.01 < stray(Realism(), *window)
    one, usual = made("AFIB", 2, without("beats")), made("AFIB", 2)
    assert same(one.truth.plan.activity, usual.truth.plan.activity)
    lasting = np.diff(one.truth.waves.t_s[one.truth.plan.activity.beats == Beat.NORMAL][:, [0, 2]], axis=1)
    assert np.ptp(lasting) < 1e-9


def test_without_dynamics_the_nodes_leave_jitter_independence_and_a_ratio() -> None:
    spreads, usual_spreads = [], []
    for seed in range(20):
        for realism, into in ((without("nodes"), spreads), (Realism(), usual_spreads)):
            rr = np.diff(plan("SR", seed, realism=realism, person=Person()).inside)
            into.append(float(rr.std() / rr.mean()))
    assert 0.001 < min(spreads) <= max(spreads) < 0.008 < np.median(usual_spreads)

    fibrillation = [
        [plan("AFIB", seed, duration_s=300, realism=realism, person=Person(heart_rate_bpm=90)) for seed in range(8)]
        for realism in (without("nodes"), None)
    ]
    intervals, usual_intervals = ([np.diff(one.inside) for one in some] for some in fibrillation)
    for one, rr in zip(fibrillation[0], intervals, strict=True):
        assert abs(one.ventricular_rate_bpm - 90) < 2
        assert 0.17 < rr.std() / rr.mean() < 0.22
        assert abs(np.corrcoef(rr[1:], rr[:-1])[0, 1]) < 0.15
    assert np.ptp([rr.std() for rr in usual_intervals]) > 3 * np.ptp([rr.std() for rr in intervals])

    def same_person(rhythm: str, seed: int) -> Activity:
        one, usual = (plan(rhythm, seed, realism=realism) for realism in (without("nodes"), None))
        assert dataclasses.replace(one.person, atrial_rate_bpm=0) == dataclasses.replace(
            usual.person, atrial_rate_bpm=0
        )
        return one.activity

    varying = 0
    for seed in range(30):
        events = same_person("AF", seed).events
        assert "variable conduction" not in events
        varying += "variable conduction" in plan("AF", seed).activity.events
        assert "phasic sinus arrhythmia" in same_person("SA", seed).events
        assert "warm-up" not in same_person("AT", seed).events
    assert varying
    asked = plan("AF", 3, realism=without("nodes"), options=Options(ratio=0))
    assert not any(":1 conduction" in event for event in asked.activity.events if event[0] in "2468")


def not_a_sine(rhythm: str, realism: Realism) -> np.ndarray:
    """[12], of what the leads show between the beats, the share of the variance that no sine of one rate makes."""
    one = make(rhythm, 1, noise=0, realism=realism, person=Person(heart_rate_bpm=40.0), duration_s=60)
    activity = one.truth.plan.activity
    hertz = activity.flutter.rate_hz if activity.flutter is not None else 6.0
    time = np.arange(len(one.record.signal_mv)) / 500
    quiet = np.all([(time < at - 0.05) | (time > at + 0.9) for at in activity.qrs_s], axis=0)
    waves = one.record.signal_mv[quiet].astype(float)
    basis = np.stack([f(2 * np.pi * hertz * time[quiet]) for f in (np.sin, np.cos, np.ones_like)], axis=1)
    rest = waves - basis @ np.linalg.lstsq(basis, waves, rcond=None)[0]
    return np.asarray(rest.var(axis=0) / waves.var(axis=0).clip(1e-12))


def test_plain_atria_make_one_p_and_sines() -> None:
    fibrillation = made("AFIB", 1, Realism(atria=False, noise=False, machine=False))
    usual = plan("AFIB", 1)
    np.testing.assert_array_equal(fibrillation.truth.plan.activity.qrs_s, usual.activity.qrs_s)
    assert fibrillation.truth.plan.person.atrial_rate_bpm == 360

    for rhythm in ("AFIB", "AF"):
        left, swaying = not_a_sine(rhythm, Realism(atria=False, beats=False)), not_a_sine(rhythm, without("atria"))
        for lead in (1, 6):  # II and V1
            assert left[lead] < 1e-5 < 2e-4 < swaying[lead] < 0.01
        assert not_a_sine(rhythm, Realism())[1] > 0.1
    assert stray(without("atria"), -0.18, -0.07) < 0.003

    sites = [plan("SR", seed, realism=without("atria")).activity for seed in range(4)]
    places = np.concatenate([one.sites[one.origins == Origin.SINUS] for one in sites])
    assert np.ptp(places, axis=0).max() == 0
    assert len({tuple(plan("AT", seed, realism=without("atria")).activity.sites[9]) for seed in range(6)}) == 6


def test_without_noise_nothing_is_added_and_the_truth_is_the_same() -> None:
    silent, usual = made("SR", 3, Realism(noise=False, machine=False)), made("SR", 3)
    np.testing.assert_allclose(silent.noise_mv, 0, atol=1e-9)
    np.testing.assert_array_equal(silent.record.signal_mv, made("SR", 3, noise=0.0).record.signal_mv)
    assert silent.truth.noise == ()
    assert silent.truth.plan.person == usual.truth.plan.person
    assert same(silent.truth.plan.activity, usual.truth.plan.activity)
    for name in ("p_s", "qrs_s", "t_s"):
        np.testing.assert_array_equal(getattr(silent.truth.waves, name), getattr(usual.truth.waves, name))
    filtered = made("SR", 3, without("noise"))
    assert all("pass" in word or "notch" in word for word in filtered.truth.noise)
    assert np.abs(filtered.noise_mv).max() > 0


def test_without_a_machine_the_noise_is_whole_and_what_is_asked_for_stays() -> None:
    raw = made("SR", 3, without("machine"))
    assert not any("pass" in word or "notch" in word for word in raw.truth.noise)
    assert np.abs(raw.noise_mv).max() > 0.005
    asked = make("SR", 3, realism=without("machine"), how=Recorder(machine=Machine(low_pass_hz=40.0)))
    assert "low-pass 40 Hz" in asked.truth.noise


def test_the_truth_says_what_was_left_out_and_records_take_it() -> None:
    one = next(records(["AF"], 2, realism=without("noise"), sampling_rate_hz=100))
    assert one.truth.to_dict()["request"]["realism"] == dataclasses.asdict(without("noise"))
    assert made("AF", 2).truth.to_dict()["request"]["realism"] is None
