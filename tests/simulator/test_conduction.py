"""What fires when: every rhythm by its definition, over many people."""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglite.edge.errors import SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import plan, rules
from ecglite.simulator.activity import USUAL_PREEXCITATION, Activity, Beat, Origin
from ecglite.simulator.conduction import Options, activity, node
from ecglite.simulator.conduction.ladder import VENTRICLE_REFRACTORY_S, Plan, descend
from ecglite.simulator.person import Person
from ecglite.simulator.population import person

SEEDS = range(60)
ECTOPIC = frozenset(
    {"pac", "atrial bigeminy", "pvc", "ventricular bigeminy", "ventricular trigeminy", "junctional beats"}
    | {"wenckebach", "mobitz 2", "paced"}
)


def make(rhythm: str, who: Person, seed: int = 0, duration_s: float = 10.0, options: Options | None = None) -> Activity:
    return activity(rhythm, who, np.random.default_rng([7, seed]), duration_s, options)


def someone(rhythm: str, seed: int, *, plain: bool = True) -> Person:
    who = person(rhythm, np.random.default_rng([seed, 3]))
    return dataclasses.replace(who, traits=who.traits - ECTOPIC - {"preexcitation"}) if plain else who


def inside(made: Activity) -> np.ndarray:
    return made.qrs_s[(made.qrs_s >= 0) & (made.qrs_s <= made.duration_s)]


def bpm(made: Activity) -> float:
    at = inside(made)
    return float(60 * (at.size - 1) / (at[-1] - at[0]))


def after(made: Activity) -> np.ndarray:
    """From each beat with a retrograde P to that P, in seconds."""
    return made.p_s - made.qrs_s[made.leads_to]


def sound(made: Activity, who: Person) -> None:
    """What holds in any rhythm."""
    n, n_p = made.qrs_s.size, made.p_s.size
    assert np.isfinite(made.qrs_s).all()
    assert (np.diff(made.qrs_s) >= VENTRICLE_REFRACTORY_S * 0.85).all()
    assert (np.diff(made.p_s) > 0).all()
    assert made.beats.shape == made.preexcitation.shape == (n,)
    assert made.origins.shape == made.leads_to.shape == made.pr_s.shape == (n_p,)
    assert made.sites.shape == (n_p, 3)
    np.testing.assert_allclose(np.linalg.norm(made.sites, axis=1), 1, atol=1e-9)
    assert ((made.preexcitation >= 0) & (made.preexcitation <= 1)).all()
    assert ((made.leads_to >= -1) & (made.leads_to < n)).all()
    led = made.leads_to >= 0
    assert len(set(made.leads_to[led].tolist())) == led.sum(), "a beat has one P at the most"
    conducted = led & (made.origins != Origin.RETROGRADE)
    np.testing.assert_allclose(
        made.qrs_s[made.leads_to[conducted]] - made.p_s[conducted], made.pr_s[conducted], atol=3e-6
    )
    assert np.isnan(made.pr_s[~conducted]).all()
    # beats before the first sample and after the last, so that the waves at the edges are there
    assert made.qrs_s[0] < 0
    assert made.qrs_s[-1] > made.duration_s
    assert set(made.beats.tolist()) <= {int(b) for b in Beat}


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_any_person_has_a_sound_activity_at_the_rate_that_is_asked_for(rhythm: str) -> None:
    for seed in SEEDS:
        who = someone(rhythm, seed, plain=False)
        made = make(rhythm, who, seed)
        sound(made, who)
        if not who.traits & ECTOPIC:
            assert bpm(made) == pytest.approx(who.heart_rate_bpm, abs=max(2.0, 0.03 * who.heart_rate_bpm)), seed


@settings(max_examples=60, deadline=None)
@given(
    rhythm=st.sampled_from(list(RHYTHMS)),
    seed=st.integers(0, 10**6),
    rate=st.floats(35, 220),
    duration_s=st.floats(1, 40),
    traits=st.frozensets(st.sampled_from(sorted(ECTOPIC | {"preexcitation"})), max_size=3),
)
def test_contradictory_people_too_have_a_sound_activity(
    rhythm: str, seed: int, rate: float, duration_s: float, traits: frozenset[str]
) -> None:
    who = Person(heart_rate_bpm=rate, pr_s=min(0.16, 30 / rate), qt_s=min(0.38, 50 / rate), traits=traits)
    sound(make(rhythm, who, seed, duration_s), who)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_the_same_seed_gives_the_same_events(rhythm: str) -> None:
    who = someone(rhythm, 5, plain=False)
    one, same, other = make(rhythm, who, 1), make(rhythm, who, 1), make(rhythm, who, 2)
    for field in dataclasses.fields(Activity):
        np.testing.assert_equal(getattr(one, field.name), getattr(same, field.name))
    assert one.qrs_s.tolist() != other.qrs_s.tolist()


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_an_hour_is_made_in_a_moment_and_a_second_has_its_beats(rhythm: str) -> None:
    who = someone(rhythm, 8)
    begun = time.perf_counter()
    hour = make(rhythm, who, duration_s=3600.0)
    assert time.perf_counter() - begun < 3.0
    sound(hour, who)
    assert bpm(hour) == pytest.approx(who.heart_rate_bpm, rel=0.02)
    sound(make(rhythm, who, duration_s=1.0), who)


@pytest.mark.parametrize(("rhythm", "low", "high"), [("SB", 0, 60), ("SR", 60, 100), ("ST", 100, 300)])
def test_sinus_rhythms_keep_their_rate_and_every_p_is_conducted(rhythm: str, low: float, high: float) -> None:
    for seed in SEEDS:
        who = someone(rhythm, seed)
        made = make(rhythm, who, seed)
        assert low <= bpm(made) <= high
        assert (made.origins == Origin.SINUS).all()
        assert (made.leads_to >= 0).all()
        assert (made.beats[1:] == Beat.NORMAL).all()
        np.testing.assert_allclose(made.pr_s, who.pr_s, atol=0.02)
        rr = np.diff(inside(made))
        assert np.ptp(rr) / rr.mean() < 0.32


def test_sinus_arrhythmia_varies_by_over_a_tenth_and_over_120_ms() -> None:
    for seed in SEEDS:
        for breathing in (True, False):
            rr = np.diff(inside(make("SA", someone("SA", seed), seed, 15.0, Options(breathing=breathing))))
            assert np.ptp(rr) > max(0.12, 0.1 * rr.mean())


def test_sinus_arrhythmia_follows_the_breath_where_it_is_phasic() -> None:
    def share(made: Activity) -> float:
        """Of the variance of RR, at the breath's frequency."""
        at = inside(made)[:-1]
        rr = np.diff(inside(made)) - np.diff(inside(made)).mean()
        wave = np.exp(2j * math.pi * made.breath_hz * at)
        return float(2 * abs((rr * wave).mean()) ** 2 / rr.var())

    of = {b: [share(make("SA", someone("SA", s), s, 60.0, Options(breathing=b))) for s in SEEDS] for b in (True, False)}
    assert np.median(of[True]) > 0.3
    assert np.median(of[False]) < 0.1


def test_respiratory_variability_falls_with_age_and_rate() -> None:
    def median_cv(**kind: float) -> float:
        who = Person(**kind)
        rhythm = "ST" if who.heart_rate_bpm > 100 else "SR"
        rr = [np.diff(inside(make(rhythm, who, seed))) for seed in SEEDS]
        return float(np.median([x.std() / x.mean() for x in rr]))

    young, old = median_cv(age_years=20, heart_rate_bpm=72), median_cv(age_years=75, heart_rate_bpm=72)
    fast = median_cv(age_years=20, heart_rate_bpm=120)
    assert young > 1.6 * old
    assert young > 1.4 * fast


def test_fibrillation_is_irregularly_irregular() -> None:
    lags, spreads, shortest = [], [], []
    for seed in SEEDS:
        who = someone("AFIB", seed)
        made = make("AFIB", who, seed, 300.0)
        rr = np.diff(inside(made))
        z = rr - rr.mean()
        lags.append([(z[k:] * z[:-k]).mean() / z.var() for k in (1, 2, 3)])
        spreads.append(rr.std() / rr.mean())
        shortest.append(np.quantile(rr, 0.005))
        assert made.fibrillation is not None
        assert 4 <= made.fibrillation.rate_hz <= 10
        assert made.p_s.size == 0
        assert made.flutter is None
    assert np.abs(np.median(lags, axis=0)).max() < 0.08
    assert np.abs(lags).max() < 0.35
    assert np.quantile(spreads, 0.25) > 0.12
    assert np.min(spreads) > 0.06
    assert np.quantile(shortest, 0.05) > 0.2


def test_fibrillation_has_more_long_intervals_than_short() -> None:
    skew = []
    for seed in SEEDS:
        rr = np.diff(inside(make("AFIB", someone("AFIB", seed), seed, 300.0)))
        skew.append(((rr - rr.mean()) ** 3).mean() / rr.std() ** 3)
    assert np.median(skew) > 0.3


@pytest.mark.parametrize("ratio", [1, 2, 3, 4, 5])
def test_fixed_flutter_intervals_are_multiples_of_the_circuit(ratio: int) -> None:
    for seed in range(10):
        made = make("AF", Person(heart_rate_bpm=290 / ratio, qt_s=0.2), seed, options=Options(ratio=ratio))
        assert made.flutter is not None
        np.testing.assert_allclose(np.diff(made.qrs_s) * made.flutter.rate_hz, ratio, atol=0.05)
        assert f"{ratio}:1 conduction" in made.events
        # and every beat comes at the same phase of it
        turns = made.qrs_s * made.flutter.rate_hz + made.flutter.phase
        assert np.std(np.mod(turns - turns[0] + 0.5, 1)) < 0.02


def test_flutter_varies_in_even_ratios_more_than_in_odd() -> None:
    found = []
    for seed in SEEDS:
        who = Person(heart_rate_bpm=80 + seed, qt_s=0.3)
        made = make("AF", who, seed, 60.0, Options(ratio=0))
        assert made.flutter is not None
        assert 200 / 60 <= made.flutter.rate_hz <= 360 / 60
        found.append(np.rint(np.diff(made.qrs_s) * made.flutter.rate_hz))
        assert (len(set(found[-1].tolist())) > 1) == ("variable conduction" in made.events)
    all_of = np.concatenate(found).astype(int)
    share = np.bincount(all_of, minlength=6) / all_of.size
    assert share[2] + share[4] > 0.6
    assert share[2] + share[4] > 3 * (share[1] + share[3] + share[5])


def test_flutter_without_a_wish_takes_a_rate_of_flutter() -> None:
    ratios = []
    for rate in np.linspace(45, 170, 126):
        made = make("AF", Person(heart_rate_bpm=float(rate), qt_s=0.25), int(rate), 20.0)
        assert made.flutter is not None
        assert 190 / 60 <= made.flutter.rate_hz <= 360 / 60
        ratios.append(made.events[1])
    assert {"2:1 conduction", "4:1 conduction", "variable conduction"} <= set(ratios)


def test_atrial_tachycardia_is_100_to_280_and_conducted_one_to_one_or_less() -> None:
    for seed in SEEDS:
        who = someone("AT", seed)
        made = make("AT", who, seed, options=Options(warm_up=False))
        assert (made.origins == Origin.FOCUS).all()
        pp = np.diff(made.p_s)
        assert 97 <= 60 / pp.mean() <= 290
        assert pp.std() / pp.mean() < 0.04
        n = round(who.rr_s / pp.mean())
        assert np.mean(made.leads_to >= 0) == pytest.approx(1 / n, abs=0.07)
        pr = made.pr_s[made.leads_to >= 0]
        assert ((pr > 0.05) & (pr < 0.4)).all()
    made = make("AT", Person(heart_rate_bpm=75), options=Options(ratio=2))
    assert np.mean(made.leads_to >= 0) == pytest.approx(0.5, abs=0.05)


def test_a_focus_that_warms_up_quickens() -> None:
    made = make("AT", Person(heart_rate_bpm=150, qt_s=0.3), 3, options=Options(warm_up=True))
    pp = np.diff(made.p_s)
    assert pp[:8].mean() > 1.02 * pp[-8:].mean()


@pytest.mark.parametrize("rhythm", ["SVT", "AVNRT", "AVRT"])
def test_reentry_is_regular(rhythm: str) -> None:
    for seed in SEEDS:
        rr = np.diff(make(rhythm, someone(rhythm, seed), seed).qrs_s)
        assert rr.std() / rr.mean() < 0.04
        assert np.abs(np.diff(rr)).max() < 0.035


def test_in_avnrt_the_atria_fire_with_the_ventricles() -> None:
    for seed in SEEDS:
        who = someone("AVNRT", seed)
        made = make("AVNRT", who, seed, options=Options(mechanism="slow-fast"))
        assert (made.origins == Origin.RETROGRADE).all()
        assert (after(made) < 0.075).all()
        assert (after(made) > -0.05).all()
        made = make("AVNRT", who, seed, options=Options(mechanism="fast-slow"))
        cycle = np.diff(made.qrs_s).mean()
        assert (after(made) > 0.45 * cycle).all()


def test_in_avrt_the_atria_fire_after_the_ventricles_and_before_half_of_the_cycle() -> None:
    for seed in SEEDS:
        made = make("AVRT", someone("AVRT", seed), seed)
        cycle = np.diff(made.qrs_s).mean()
        assert ((after(made) > 0.085) & (after(made) < 0.155) & (after(made) < 0.5 * cycle)).all()
    left = make("AVRT", Person(heart_rate_bpm=180, qt_s=0.28), options=Options(mechanism="left free wall"))
    right = make("AVRT", Person(heart_rate_bpm=180, qt_s=0.28), options=Options(mechanism="right free wall"))
    assert left.sites[0, 0] > 0.4
    assert right.sites[0, 0] < -0.4


def test_svt_has_all_three_mechanisms() -> None:
    words = {make("SVT", someone("SVT", s), s).events[0].split(",")[0].split(":")[0] for s in SEEDS}
    assert words == {"AVNRT", "AVRT", "atrial focus"}


def test_a_wandering_pacemaker_goes_down_and_comes_back() -> None:
    junction = 0
    for seed in SEEDS:
        made = make("SAAWR", someone("SAAWR", seed), seed)
        assert {int(Origin.SINUS), int(Origin.FOCUS)} <= set(made.origins.tolist())
        down = made.sites[:, 1]
        assert down.max() > 0.4 > -0.4 > down.min()
        conducted = made.origins != Origin.RETROGRADE
        pr = made.pr_s[conducted]
        assert ((pr >= 0.115) & (pr < 0.4)).all()
        # the lower the earlier
        assert np.corrcoef(down[conducted], pr)[0, 1] < -0.3
        rr = np.diff(inside(made))
        assert 0.01 < rr.std() / rr.mean() < 0.2
        assert 45 < bpm(made) < 101
        junction += bool((made.beats == Beat.JUNCTIONAL).any())
    assert 10 < junction < 55


def test_wenckebach_lengthens_pr_until_a_beat_drops() -> None:
    for n in (3, 4, 5, 6):
        who = Person(heart_rate_bpm=64, pr_s=0.19, traits=frozenset({"wenckebach"}))
        made = make("SR", who, n, 30.0, Options(wenckebach=n))
        groups = "".join("x" if to < 0 else "o" for to in made.leads_to).strip("o").strip("x").split("x")
        assert np.median([len(g) for g in groups]) == n - 1
        start = None
        for to, pr in zip(made.leads_to.tolist(), made.pr_s.tolist(), strict=True):
            if to < 0:
                start = 0.0
            elif start is not None:
                assert pr > start
                start = pr
        assert np.nanmax(made.pr_s) - np.nanmin(made.pr_s) > 0.08
        assert f"Wenckebach {n}:{n - 1}" in made.events


def test_mobitz_two_drops_beats_at_one_pr() -> None:
    made = make("SR", Person(heart_rate_bpm=64, traits=frozenset({"mobitz 2"})), 3, 30.0)
    assert 0.15 < np.mean(made.leads_to < 0) < 0.4
    assert np.nanstd(made.pr_s) < 0.01


@pytest.mark.parametrize("trait", ["wenckebach", "mobitz 2"])
@pytest.mark.parametrize("rhythm", ["SB", "SR", "SA"])
def test_behind_a_second_degree_block_the_sinus_node_keeps_its_rate(trait: str, rhythm: str) -> None:
    low, high = rules.RATES[rhythm]
    for seed in SEEDS:
        made = plan(rhythm, seed, traits=(trait,), duration_s=30.0)
        sinus = 60 / np.diff(made.activity.p_s).mean()
        assert 44 < sinus < 102, seed
        if not made.person.traits & {"pvc", "ventricular bigeminy", "ventricular trigeminy"}:  # these are more beats
            assert made.ventricular_rate_bpm < 0.96 * sinus
        assert low - 0.5 < made.ventricular_rate_bpm < min(high, 81)
    with pytest.raises(SimulationError, match=f"{trait} in Sinus rhythm leaves the ventricles 60 to 79/min"):
        plan("SR", 1, heart_rate_bpm=95.0, traits=(trait,))
    unchecked = make("SR", Person(heart_rate_bpm=95, traits=frozenset({trait})), 1, 30.0)
    assert 60 <= bpm(unchecked) < 85
    assert 60 / np.diff(unchecked.p_s).mean() < 100


def test_most_of_mobitz_two_are_wide() -> None:
    made = [plan("SR", seed, traits=("mobitz 2",)).person for seed in range(300)]
    wide = [who.qrs_s >= 0.12 for who in made]
    assert 0.65 < np.mean(wide) < 0.85
    assert all(
        bool(who.traits & {"rbbb", "lbbb", "intraventricular delay"}) == w for who, w in zip(made, wide, strict=True)
    )
    narrow = plan("SR", 1, traits=("mobitz 2",), qrs_s=0.09).person
    assert narrow.qrs_s == 0.09


def ventricular(made: Activity) -> list[tuple[float, float]]:
    """Of each single ventricular beat: the intervals around it over the usual one; by how much PR is longer then."""
    rr, found = np.diff(made.qrs_s), []
    pr = dict(zip(made.leads_to.tolist(), made.pr_s.tolist(), strict=True))
    for k in np.flatnonzero(made.beats == Beat.VENTRICULAR).tolist():
        if 0 < k < made.qrs_s.size - 1 and made.beats[k - 1] == made.beats[k + 1] == Beat.NORMAL:
            longer = pr.get(k + 1, math.nan) - float(np.nanmedian(made.pr_s))
            found.append((float(rr[k - 1] + rr[k]) / float(np.median(np.diff(made.p_s))), longer))
    return found


def test_some_ventricular_beats_are_interpolated_where_the_sinus_node_is_slow() -> None:
    def of(rate: float) -> np.ndarray:
        who = Person(age_years=70, heart_rate_bpm=rate, vagal=0.3, traits=frozenset({"pvc"}))
        return np.array([one for seed in SEEDS for one in ventricular(make("SB", who, seed, 20.0))])

    slow, usual = of(48), of(75)
    between = slow[:, 0] < 1.3
    assert 0.08 < between.mean() < 0.5
    assert np.median(slow[between, 1]) > 0.01, "the next PR is longer"
    assert np.median(slow[~between, 0]) == pytest.approx(2.0, abs=0.08)
    assert np.median(np.abs(slow[~between, 1])) < 0.01
    assert (usual[:, 0] > 1.75).all()


def test_premature_atrial_beats_of_all_kinds() -> None:
    blocked, early = 0, 0
    for seed in range(200):
        made = make("SR", Person(age_years=70, heart_rate_bpm=72, vagal=0.3, traits=frozenset({"pac"})), seed)
        at = made.origins == Origin.FOCUS
        early += int(at.sum())
        blocked += int((made.leads_to[at] < 0).sum())
    assert 0.02 < blocked / early < 0.2
    kinds = set()
    for seed in range(30):
        who = Person(age_years=70, heart_rate_bpm=72, vagal=0.3, traits=frozenset({"pac"}))
        made = make("SR", who, seed, 30.0, Options(aberrancy=1.0))
        kinds |= {int(made.beats[to]) for to in made.leads_to[made.origins == Origin.FOCUS].tolist() if to >= 0}
    assert kinds == {int(Beat.NORMAL), int(Beat.ABERRANT)}


def test_a_junctional_escape_is_no_faster_than_60_per_minute() -> None:
    escapes = []
    for seed in SEEDS:
        made = make("SR", Person(heart_rate_bpm=78, qt_s=0.36, traits=frozenset({"junctional beats"})), seed, 30.0)
        rr = np.diff(made.qrs_s)
        at = np.flatnonzero(made.beats[1:] == Beat.JUNCTIONAL)
        late = rr[at] > 60 / 78
        assert (rr[at][late] > 0.95).all()
        escapes.append(late.sum())
    assert np.sum(escapes) > 20


def test_a_ventricular_beat_is_followed_by_a_compensatory_pause() -> None:
    sums = []
    for seed in SEEDS:
        who = Person(age_years=70, heart_rate_bpm=75, vagal=0.3, traits=frozenset({"pvc"}))
        made = make("SR", who, seed)
        rr = np.diff(made.qrs_s)
        at = [k for k in np.flatnonzero(made.beats == Beat.VENTRICULAR).tolist() if 0 < k < made.qrs_s.size - 1]
        assert any(0 <= made.qrs_s[k] < 10 for k in at), "the trait shows in the recording"
        sums += [(rr[k - 1] + rr[k]) / np.median(rr) for k in at if made.beats[k - 1] == made.beats[k + 1] == 0]
        assert any(event.startswith("ventricular premature beat at") for event in made.events)
    assert np.median(sums) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(("trait", "share"), [("ventricular bigeminy", 1 / 2), ("ventricular trigeminy", 1 / 3)])
@pytest.mark.parametrize("rhythm", ["SR", "SB", "AFIB"])
def test_geminy(trait: str, share: float, rhythm: str) -> None:
    who = Person(heart_rate_bpm=55 if rhythm == "SB" else 80, traits=frozenset({trait}))
    made = make(rhythm, who, 4, 60.0)
    assert np.mean(made.beats == Beat.VENTRICULAR) == pytest.approx(share, abs=0.12)


def test_a_premature_atrial_beat_resets_the_sinus_node_and_is_conducted_late_or_not_at_all() -> None:
    blocked, longer, pauses = 0, [], []
    for seed in range(150):
        who = Person(age_years=70, heart_rate_bpm=70, vagal=0.3, traits=frozenset({"pac"}))
        made = make("SR", who, seed)
        early = np.flatnonzero(made.origins == Origin.FOCUS)
        assert early.size
        for k in early.tolist():
            if made.leads_to[k] < 0:
                blocked += 1
            elif 0 < k < made.p_s.size - 1:
                longer.append(made.pr_s[k] - made.pr_s[k - 1])
                pauses.append((made.p_s[k + 1] - made.p_s[k - 1]) / np.median(np.diff(made.p_s)))
    assert np.mean(longer) > 0.004
    assert 1.5 < np.median(pauses) < 1.98, "less than compensatory"


def test_very_early_impulses_are_blocked() -> None:
    steps, usual = [0.8] * 20, node.one_to_one(0.16, 0.8)
    late, soon = (descend(steps, usual, Plan(0.0, early=[0.0] * 10 + [share])) for share in (0.6, 0.36))
    assert late.leads_to[10] >= 0
    assert late.pr_s[10] > late.pr_s[9] + 0.01
    assert soon.leads_to[10] == -1


def test_long_then_short_is_aberrant_where_it_may_be() -> None:
    who = Person(heart_rate_bpm=95, qt_s=0.33)
    made = make("AFIB", who, 1, 120.0, Options(aberrancy=1.0))
    rr = np.diff(made.qrs_s)
    wide = np.flatnonzero(made.beats == Beat.ABERRANT)
    wide = wide[wide >= 2]
    assert wide.size > 3
    assert (rr[wide - 1] < 0.7 * rr[wide - 2]).all()
    assert not (make("AFIB", who, 1, 120.0, Options(aberrancy=0.0)).beats == Beat.ABERRANT).any()


def paced_after(made: Activity) -> np.ndarray:
    """From the beat before it to each paced beat, in seconds."""
    at = np.flatnonzero(made.beats == Beat.PACED)
    return np.diff(made.qrs_s)[at[at > 0] - 1]


@pytest.mark.parametrize("rhythm", ["SB", "SR", "SA", "AFIB", "AF", "AT", "SAAWR"])
def test_a_pacemaker_has_50_to_80_per_minute_and_waits_for_own_beats(rhythm: str) -> None:
    seen, miss = 0, []
    for seed in SEEDS:
        for rate in (None, 55.0, 90.0):
            low, high = rules.rates_of(rhythm, {"paced"})
            if rate is not None and not low <= rate <= high:
                continue
            made = plan(rhythm, seed, heart_rate_bpm=rate, traits=("paced",))
            after = paced_after(made.activity)
            seen += bool(after.size)
            assert low <= made.person.heart_rate_bpm <= (high if rate else 80)
            assert np.diff(made.activity.qrs_s).max() < 1.2 + 0.2
            if "paced: VVI" in made.activity.events:
                assert (after > 0.749).all()
            assert made.ventricular_rate_bpm == pytest.approx(made.person.heart_rate_bpm, rel=0.12)
            miss.append(made.ventricular_rate_bpm / made.person.heart_rate_bpm - 1)
    assert seen > 50
    assert np.mean(np.abs(miss)) < 0.03


def test_a_pacemaker_keeps_still_under_a_fast_rhythm() -> None:
    for rhythm in ("AFIB", "AF", "AT"):
        for rate in (146.0, 110.0):
            with pytest.raises(SimulationError, match=r"paced in .* leaves the ventricles 50 to 100/min"):
                plan(rhythm, 1, heart_rate_bpm=rate, traits=("paced",))
        for seed in SEEDS:  # whom nobody checks
            who = Person(heart_rate_bpm=146, qt_s=0.25, traits=frozenset({"paced"}))
            made = make(rhythm, who, seed)
            assert (made.beats == Beat.PACED).mean() < 0.4
            assert (paced_after(made) > 0.749).all()


def test_paced() -> None:
    who = Person(heart_rate_bpm=70, traits=frozenset({"paced"}))
    vvi = make("SR", who, 1, options=Options(pacing="VVI"))
    assert (vvi.beats == Beat.PACED).all()
    assert np.ptp(np.diff(vvi.qrs_s)) < 1e-5
    assert (vvi.leads_to == -1).all()
    ddd = make("SR", who, 1, options=Options(pacing="DDD"))
    assert (ddd.beats == Beat.PACED).all()
    assert np.nanstd(ddd.pr_s) < 1e-3
    kinds = {k for s in range(20) for k in make("AFIB", who, s).beats.tolist()}
    assert {int(Beat.PACED), int(Beat.NORMAL)} <= kinds


def test_pre_excited_beats_are_those_that_come_down_from_the_atria() -> None:
    who = Person(heart_rate_bpm=70, pr_s=0.1, traits=frozenset({"preexcitation", "pvc"}))
    made = make("SR", who, 2)
    assert set(made.beats.tolist()) == {int(Beat.PREEXCITED), int(Beat.VENTRICULAR)}
    np.testing.assert_allclose(made.pr_s[made.leads_to >= 0], 0.1, atol=1e-5)
    over = made.beats == Beat.PREEXCITED
    assert np.median(made.preexcitation[over]) == pytest.approx(USUAL_PREEXCITATION, abs=0.02)
    assert (made.preexcitation[~over] == 0).all()


def test_a_premature_atrial_beat_is_pre_excited_more_or_finds_the_pathway_refractory() -> None:
    who = Person(heart_rate_bpm=65, pr_s=0.1, traits=frozenset({"preexcitation", "pac"}))
    more, normal = 0, 0
    for seed in range(150):
        made = make("SR", who, seed)
        for k in np.flatnonzero((made.origins == Origin.FOCUS) & (made.leads_to >= 0)).tolist():
            beat = int(made.leads_to[k])
            if made.beats[beat] == Beat.PREEXCITED:
                more += bool(made.preexcitation[beat] > USUAL_PREEXCITATION + 0.02)
                assert made.preexcitation[beat] > USUAL_PREEXCITATION - 0.01
            else:
                normal += 1
                assert made.pr_s[k] > 0.13
    assert more > 20
    assert normal > 3


@pytest.mark.parametrize("rate", [110.0, 150.0, 190.0])
def test_pre_excited_fibrillation_has_its_rate_and_no_two_beats_alike(rate: float) -> None:
    shortest, alone, normal, lags = [], [], [], []
    for seed in SEEDS:
        who = Person(heart_rate_bpm=rate, atrial_rate_bpm=390, pr_s=0.1, qt_s=0.24, traits=frozenset({"preexcitation"}))
        made = make("AFIB", who, seed, 60.0)
        assert bpm(made) == pytest.approx(rate, rel=0.03)
        rr = np.diff(inside(made))
        shortest.append(rr.min())
        assert rr.std() / rr.mean() > 0.1
        z = rr - rr.mean()
        lags.append((z[1:] * z[:-1]).mean() / z.var())
        over = made.beats == Beat.PREEXCITED
        assert (made.preexcitation[over] > 0).all()
        assert (made.preexcitation[~over] == 0).all()
        assert over.mean() > 0.3
        assert np.unique(made.preexcitation[over].round(2)).size > 5
        normal.append((made.beats == Beat.NORMAL).mean())
        alone.append((made.preexcitation == 1).mean())
    assert 0.03 < np.median(normal) < 0.4
    assert 0.1 < np.median(alone) < 0.7
    assert abs(np.median(lags)) < 0.12
    if rate == 150:  # those at risk: 220 to 300 ms (Klein et al., 1979)
        assert 0.21 < np.quantile(shortest, 0.1) < np.quantile(shortest, 0.9) < 0.3
    assert np.min(shortest) > 0.18


def test_pre_excited_fibrillation_is_fast_where_no_rate_is_asked_for() -> None:
    faster = []
    for seed in SEEDS:
        made, usual = plan("AFIB", seed, traits=("preexcitation",)), plan("AFIB", seed)
        rate = made.person.heart_rate_bpm
        assert 130 <= rate <= 240
        assert made.ventricular_rate_bpm == pytest.approx(rate, rel=0.03)
        faster.append(rate - usual.person.heart_rate_bpm)
        asked = plan("AFIB", seed, traits=("preexcitation",), heart_rate_bpm=100.0)
        assert asked.ventricular_rate_bpm == pytest.approx(100, rel=0.03)
    assert np.median(faster) > 40


def test_junctional_beats_have_no_p_of_their_own() -> None:
    seen = 0
    for seed in SEEDS:
        made = make("SB", Person(heart_rate_bpm=52, traits=frozenset({"junctional beats"})), seed)
        at = np.flatnonzero(made.beats == Beat.JUNCTIONAL)
        assert not set(at.tolist()) & set(made.leads_to.tolist())
        seen += bool(at.size)
    assert seen > 45


def test_what_cannot_be_made_is_refused() -> None:
    who = Person()
    for rhythm, duration_s, options in (
        ("XX", 10.0, None),
        ("SR", 0.5, None),
        ("SR", math.nan, None),
        ("SR", 10.0, Options(ratio=2)),
        ("AT", 10.0, Options(ratio=0)),
        ("AVNRT", 10.0, Options(mechanism="left free wall")),
        ("SR", 10.0, Options(breathing=True)),
        ("SR", 10.0, Options(warm_up=True)),
    ):
        with pytest.raises(SimulationError):
            make(rhythm, who, 0, duration_s, options)
    for wrong in ({"ratio": 9}, {"wenckebach": 2}, {"aberrancy": 1.5}, {"pacing": "AAI"}):
        with pytest.raises(SimulationError):
            Options(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("trait", ["wenckebach", "mobitz 2"])
def test_a_second_degree_block_asked_for_in_at_is_made_or_refused(trait: str) -> None:
    """Whatever ratio chance would have drawn: groups of one to one, one wave in several is blocked."""
    for seed in range(12):
        made = plan("AT", seed, traits=(trait,))
        leads_to = made.activity.leads_to
        assert made.person.atrial_rate_bpm >= 99
        assert 0.1 < np.mean(leads_to < 0) < 0.45, seed
        assert not ((leads_to[:-1] < 0) & (leads_to[1:] < 0)).any(), seed
    with pytest.raises(SimulationError, match=f"'{trait}' blocks one wave .* 2:1 conduction is asked for"):
        plan("AT", 0, traits=(trait,), options=Options(ratio=2))
    with pytest.raises(SimulationError, match=f"'{trait}' blocks one wave .* 2:1 conduction is asked for"):
        plan("AT", 0, traits=(trait,), heart_rate_bpm=100, atrial_rate_bpm=200)
    with pytest.raises(SimulationError, match=f"{trait} in Atrial tachycardia leaves the ventricles 88 to"):
        plan("AT", 0, traits=(trait,), heart_rate_bpm=70)
