"""The recorder: nothing at level 0, and each artefact in the leads and at the frequencies where it belongs."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS
from ecglite.simulator import recorder
from ecglite.simulator.activity import Floats
from ecglite.simulator.body.torso import twelve
from ecglite.simulator.recorder import ERRORS, Levels, Machine, Recorder
from ecglite.simulator.recorder.electrodes import leads, potentials

AT = {lead: LEADS.index(lead) for lead in LEADS}
RATE = 500.0
WIDE = Machine(high_pass_hz=0, low_pass_hz=0, step_mv=0)
"""A machine that does nothing."""
EIGHT = [AT[lead] for lead in LEADS if lead not in ("III", "aVR", "aVL", "aVF")]


def recorded(
    signal: Floats, rate_hz: float, rng: np.random.Generator, level: float = 1.0, how: Recorder | None = None
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """[n, 12] as recorded, what was added, and the words for it, from [n, 12]."""
    eight = signal[:, EIGHT].T
    made = recorder.recorded(lambda first, stop: eight[:, first:stop], len(signal), rate_hz, rng, level, how)
    out, noise = (np.concatenate(rows, axis=1).T for rows in zip(*made.pieces(), strict=True))
    return out, noise, made.words


def clean(n: int = 5000, rate_hz: float = RATE) -> Floats:
    """[n, 12]: beats of different height in each electrode, Einthoven's triangle kept."""
    t = np.arange(n) / rate_hz
    shape = np.exp(-0.5 * ((np.mod(t, 0.8) - 0.4) / 0.012) ** 2)
    after = np.exp(-0.5 * ((np.mod(t, 0.8) - 0.65) / 0.04) ** 2)
    heights = np.array([-0.5, 0.3, 0.6, -0.9, -0.2, 0.4, 1.2, 1.1, 0.8])
    return twelve(leads(np.outer(heights, shape) + np.outer(0.25 * heights, after))).T


def noise_of(levels: Levels, seed: int = 0, n: int = 5000, rate_hz: float = RATE, **more: object) -> Floats:
    how = Recorder(levels=levels, machine=WIDE, **more)  # type: ignore[arg-type]
    return recorded(np.zeros((n, 12)), rate_hz, np.random.default_rng(seed), 1.0, how)[1]


def share(noise: Floats, low_hz: float, high_hz: float, rate_hz: float = RATE) -> float:
    """Of the power, what lies between two frequencies."""
    power = (np.abs(np.fft.rfft(noise, axis=0)) ** 2).sum(axis=1)
    hertz = np.fft.rfftfreq(len(noise), 1 / rate_hz)
    return float(power[(hertz >= low_hz) & (hertz < high_hz)].sum() / power.sum())


def test_level_0_is_identity() -> None:
    signal = clean()
    out, noise, words = recorded(signal, RATE, np.random.default_rng(0), 0.0)
    assert np.array_equal(out, signal)
    assert out is not signal
    assert not noise.any()
    assert words == ()


def test_same_seed_same_samples_and_the_noise_is_the_difference() -> None:
    signal = clean()
    one, noise, words = recorded(signal, RATE, np.random.default_rng(3))
    two, _, _ = recorded(signal, RATE, np.random.default_rng(3))
    assert np.array_equal(one, two)
    np.testing.assert_allclose(one - noise, signal, atol=1e-12)
    assert words
    other, _, _ = recorded(signal, RATE, np.random.default_rng(4))
    assert not np.array_equal(one, other)


def test_potentials_and_leads_are_inverse() -> None:
    eight = clean()[:, EIGHT].T
    np.testing.assert_allclose(leads(potentials(eight)), eight, atol=1e-12)


def test_noise_keeps_einthovens_triangle() -> None:
    out, _, _ = recorded(clean(), RATE, np.random.default_rng(5), 2.0, Recorder(machine=WIDE))
    np.testing.assert_allclose(out[:, 0] + out[:, 2], out[:, 1], atol=1e-9)


def test_more_level_more_noise() -> None:
    sizes = []
    for level in (0.5, 1.0, 4.0):
        how = Recorder(levels=Levels(motion=0), machine=WIDE)
        sizes.append(recorded(np.zeros((5000, 12)), RATE, np.random.default_rng(1), level, how)[1].std())
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize("seed", range(6))
def test_each_noise_has_its_frequencies(seed: int) -> None:
    assert share(noise_of(Levels(1, 0, 0, 0, 0), seed, 10000), 0, 1.2) > 0.9
    assert share(noise_of(Levels(0, 1, 0, 0, 0), seed), 15, 250) > 0.9
    for hertz in (50.0, 60.0):
        hum = noise_of(Levels(0, 0, 1, 0, 0), seed, mains_hz=hertz)
        assert share(hum, hertz - 1, hertz + 1) > 0.75
        assert share(hum, hertz - 1, hertz + 1) + share(hum, 2 * hertz - 2, 2 * hertz + 2) + share(
            hum, 3 * hertz - 2, 3 * hertz + 2
        ) == pytest.approx(1, abs=0.04)
    electrode = noise_of(Levels(0, 0, 0, 1, 0), seed)
    assert share(electrode, 100, 200) / share(electrode, 60, 250) == pytest.approx(100 / 190, abs=0.1)  # white
    assert 0.2 < share(electrode, 1, 20) < 0.6  # and what skin and electrode add to it
    assert share(electrode, 0, 0.5) < 0.05
    assert electrode.std() < 0.02


def test_blocks_of_a_long_recording_do_not_show() -> None:
    noise = noise_of(Levels(0, 1, 0, 1, 0), 2, 30000, 100.0)
    power = (noise[:, AT["V3"]].reshape(-1, 200) ** 2).mean(axis=1)
    at_joint = power[[60, 61, 120, 121]]  # from 120 s and from 240 s on
    assert (at_joint > 0.5 * np.median(power)).all()


def test_pieces_are_filtered_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    how = Recorder(lost="V2", lost_from_s=150.0, lost_as="railed", machine=Machine(step_mv=0))

    def pieces() -> list[Floats]:
        signal = clean(32_000, 100.0)[:, EIGHT].T
        rng = np.random.default_rng(1)
        made = recorder.recorded(lambda first, stop: signal[:, first:stop], 32_000, 100.0, rng, 3.0, how)
        return [out for out, _ in made.pieces()]

    monkeypatch.setattr(recorder, "_BLOCK_S", 400.0)
    (whole,) = pieces()
    monkeypatch.setattr(recorder, "_BLOCK_S", 45.0)
    parts = pieces()
    assert len(parts) > 3
    inside = slice(7000, -7000)  # at either end a filter without phase sees what lies beyond
    assert np.ptp(whole[AT["V2"], inside]) > 10
    np.testing.assert_allclose(np.concatenate(parts, axis=1)[:, inside], whole[:, inside], rtol=0, atol=2e-5)


def test_motion_is_in_the_leads_of_its_electrode() -> None:
    seen = 0
    for seed in range(40):
        noise = noise_of(Levels(0, 0, 0, 0, 30), seed, 1000)
        hit = np.abs(noise).max(axis=0) > 1e-6
        if not hit.any():
            continue
        seen += 1
        assert (
            hit[:6].sum() >= 5 or not hit[:6].any()
        )  # a limb electrode is in five limb leads, one of the chest in none
        if hit[:6].any():
            assert hit[6:].all()
    assert seen > 3


@pytest.mark.parametrize(
    ("electrode", "gone", "kept"),
    [
        ("V3", ("V3",), ("I", "II", "V1", "V2", "V4", "V5", "V6")),
        ("LA", (), ("II",)),
        ("LL", (), ("I",)),
        ("RA", (), ("III",)),
    ],
)
def test_a_lost_electrode_is_missing_where_it_belongs(
    electrode: str, gone: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    signal = clean()
    out, _, words = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(lost=electrode))
    assert f"electrode {electrode} off (flat)" in words
    for lead in kept:
        np.testing.assert_allclose(out[:, AT[lead]], signal[:, AT[lead]], atol=1e-12)
    for lead in gone:
        assert np.ptp(out[:, AT[lead]]) < 1e-9
    if electrode[0] != "V":  # Wilson's terminal is wrong in all chest leads
        assert (np.abs(out[:, 6:] - signal[:, 6:]).max(axis=0) > 0.05).all()
    late, _, _ = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(lost=electrode, lost_from_s=5.0))
    np.testing.assert_allclose(late[:2500], signal[:2500], atol=1e-12)
    noisy, _, _ = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(lost=electrode, lost_as="noise"))
    assert np.abs(noisy).max() > 0.3
    railed, _, _ = recorded(
        signal, RATE, np.random.default_rng(0), 0.0, Recorder(lost=electrode, lost_as="railed", machine=WIDE)
    )
    assert np.abs(railed).max() == pytest.approx(WIDE.range_mv, rel=0.4)


def test_lead_errors() -> None:
    signal = clean()

    def with_error(name: str) -> Floats:
        out, _, words = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(lead_error=name))
        assert name in words
        return out

    for name in ERRORS:
        assert np.abs(with_error(name) - signal).max() > 0.05
    arms = with_error("arms reversed")
    np.testing.assert_allclose(arms[:, AT["I"]], -signal[:, AT["I"]], atol=1e-12)
    np.testing.assert_allclose(arms[:, AT["II"]], signal[:, AT["III"]], atol=1e-12)
    np.testing.assert_allclose(arms[:, AT["aVR"]], signal[:, AT["aVL"]], atol=1e-12)
    np.testing.assert_allclose(arms[:, 6:], signal[:, 6:], atol=1e-12)
    assert np.ptp(with_error("right arm and right leg reversed")[:, AT["II"]]) < 0.1 * np.ptp(signal[:, AT["II"]])
    assert np.ptp(with_error("left arm and right leg reversed")[:, AT["III"]]) < 0.15 * np.ptp(signal[:, AT["III"]])
    swapped = with_error("V1 and V2 reversed")
    np.testing.assert_allclose(swapped[:, AT["V1"]], signal[:, AT["V2"]], atol=1e-12)
    high = with_error("V leads one interspace high")
    np.testing.assert_allclose(high[:, :6], signal[:, :6], atol=1e-12)
    assert high[:, AT["V2"]].min() < signal[:, AT["V2"]].min()  # sees less of what points to the feet


def test_filters() -> None:
    t = np.arange(5000) / RATE
    waves = np.sin(2 * np.pi * np.array([[0.1], [10], [50]]) * t).sum(axis=0)
    signal = twelve(leads(np.outer(np.arange(9.0) / 9, waves))).T

    def passed(machine: Machine, hertz: float) -> float:
        out, _, _ = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(machine=machine))
        wave = np.exp(-2j * np.pi * hertz * t)
        return float(abs(out[:, AT["V6"]] @ wave) / abs(signal[:, AT["V6"]] @ wave))

    assert passed(WIDE, 50) == pytest.approx(1)
    assert passed(Machine(0, False, 0, 50.0, step_mv=0), 50) < 0.05
    assert passed(Machine(0, False, 0, 50.0, step_mv=0), 10) == pytest.approx(1, abs=0.02)
    assert passed(Machine(0.5, False, 0, step_mv=0), 0.1) < 0.15
    assert passed(Machine(0.5, False, 0, step_mv=0), 10) == pytest.approx(1, abs=0.02)
    assert passed(Machine(0, False, 40.0, step_mv=0), 50) == pytest.approx((1 + (50 / 40) ** 4) ** -0.5, abs=0.03)


def test_a_causal_high_pass_bends_st() -> None:
    signal = clean()
    at = (np.arange(4, 9) * 0.8 + 0.5) * RATE
    at = at.round().astype(int)  # 0.1 s after R, where the signal is at rest

    def after_r(causal: bool) -> float:
        machine = Machine(0.5, causal, 0, step_mv=0)
        out, _, _ = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(machine=machine))
        before = out[at - 75, AT["V4"]]
        return float(np.mean(out[at, AT["V4"]] - before))

    assert after_r(True) < 1.5 * min(after_r(False), -0.01)


def test_steps_and_range() -> None:
    signal = 10 * clean()
    machine = Machine(0, False, 0, range_mv=5.0, step_mv=0.00488)
    out, _, _ = recorded(signal, RATE, np.random.default_rng(0), 0.0, Recorder(machine=machine))
    steps = out / 0.00488
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
    v = AT["V4"]
    assert signal[:, v].max() > 10
    assert out[:, v].max() == pytest.approx(5.0, abs=0.8)


def test_what_is_refused() -> None:
    for wrong in ({"lead_error": "upside down"}, {"lost": "V7"}, {"lost_as": "pink"}, {"mains_hz": 55.0}):
        with pytest.raises(SimulationError):
            Recorder(**wrong)
    with pytest.raises(SimulationError):
        Recorder(levels=Levels(muscle=-1))
    with pytest.raises(SimulationError):
        recorded(clean(), RATE, np.random.default_rng(0), float("nan"))
    nan = float("nan")
    for first, last in ((-1.0, 5.0), (nan, 5.0), (0.0, nan), (5.0, 5.0)):
        with pytest.raises(SimulationError, match="off from"):
            Recorder(lost="V1", lost_from_s=first, lost_to_s=last)
    for breath in (0.0, -0.2, nan, 3.0):
        with pytest.raises(SimulationError, match="respiration"):
            Recorder(breath_hz=breath)
    for name in ("high_pass_hz", "low_pass_hz", "notch_hz", "range_mv", "step_mv"):
        for value in (-1.0, nan, float("inf")):
            with pytest.raises(SimulationError, match=name):
                Machine(**{name: value})
    with pytest.raises(SimulationError, match="range_mv 0; allowed: above 0"):
        Machine(range_mv=0.0)


def test_levels_are_those_of_resting_recordings() -> None:
    # PTB-XL, folds 1 to 8 (1,200 records), medians in II: 19 uV from 0.05 to 0.3 Hz and 16 uV from 0.3 to 0.7 Hz, the
    # heart's own included.
    slow: list[float] = []
    medium: list[float] = []
    hertz = np.fft.rfftfreq(1000, 0.01)
    for seed in range(120):
        out, _, _ = recorded(np.zeros((1000, 12)), 100.0, np.random.default_rng(seed))
        spectrum = np.fft.rfft(out[:, AT["II"]] - out[:, AT["II"]].mean())
        for list_, low, high in ((slow, 0.05, 0.3), (medium, 0.3, 0.7)):
            list_.append(np.fft.irfft(spectrum * ((hertz >= low) & (hertz < high)), 1000).std())
    assert 0.007 < np.median(slow) < 0.025
    assert 0.006 < np.median(medium) < 0.020
    assert np.quantile(slow, 0.95) > 3 * np.median(slow)


def test_as_fast_as_so_many_fourier_transforms() -> None:
    signal = clean()

    def least(do: Callable[[], object]) -> float:
        times = []
        for _ in range(12):
            start = time.process_time()
            for _ in range(5):
                do()
            times.append(time.process_time() - start)
        return min(times)

    transform = least(lambda: np.fft.rfft(signal, axis=0))
    assert least(lambda: recorded(signal, RATE, np.random.default_rng(0))) < 80 * transform
