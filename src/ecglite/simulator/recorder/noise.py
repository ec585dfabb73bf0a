"""What electrodes pick up beside the heart: drift and breath, muscle, mains, the electrode itself, motion.

The spread of all levels is that of resting recordings: the power below 0.7 Hz and above 15 Hz, lead by lead, of records
made at level 1 has the quantiles of PTB-XL's (folds 1 to 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecglite.simulator.recorder.machine import fast_length

Floats = npt.NDArray[np.float64]


_BLOCK_S, _FADE_S = 120.0, 4.0


@dataclass(frozen=True, slots=True)
class Levels:
    """How much of each there is; 1 is as usual, 0 none. What is usual differs from record to record.

    Attributes:
        baseline: drift of the electrodes and respiration.
        muscle: 20 to 150 Hz, and its bursts.
        mains: 50 or 60 Hz and harmonics.
        electrode: the noise of electrode and amplifier, white and 1/f.
        motion: steps and spikes that decay; they are rare at rest.
    """

    baseline: float = 1.0
    muscle: float = 1.0
    mains: float = 1.0
    electrode: float = 1.0
    motion: float = 1.0


def noise(
    n: int, rate_hz: float, rng: np.random.Generator, levels: Levels, mains_hz: float, breath_hz: float | None
) -> tuple[Floats, list[str]]:
    """[n, 9], mV at each electrode, and words for what there is of it."""
    draws, people = rng.random(16), rng.standard_normal(8)
    each = rng.standard_normal((5, 9))
    words: list[str] = []
    drift = levels.baseline * 0.0040 * np.exp(1.15 * people[0] + 0.45 * each[0])
    drift[:3] *= 0.75  # the limbs drift less than the chest
    drift[3:] *= 1.2
    muscle = levels.muscle * 0.00040 * np.exp(0.5 * people[1] + 0.3 * each[1])
    white = levels.electrode * 0.00022 * np.exp(0.35 * people[2] + 0.2 * each[2])
    densities = np.stack([drift, muscle, white], axis=1)
    block, fade = round(_BLOCK_S * rate_hz), round(_FADE_S * rate_hz)
    if n <= block + fade:
        out = _stationary(n, rate_hz, rng, densities)
    else:  # block by block, each fading into the next with the power kept
        out = np.zeros((9, n))
        up = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade)
        for begin in range(0, n, block):
            piece = _stationary(min(block + fade, n - begin), rate_hz, rng, densities)
            if begin:
                piece[:, :fade] *= up[: piece.shape[1]]
            if piece.shape[1] > block:
                piece[:, block:] *= up[::-1][: piece.shape[1] - block]
            out[:, begin : begin + piece.shape[1]] += piece
    time_s = np.arange(n) / rate_hz
    words += _said("baseline drift", drift.mean() / 0.0040, levels.baseline)
    words += _said("muscle noise", muscle.mean() / 0.00040, levels.muscle)
    if levels.baseline > 0:
        hertz = breath_hz if breath_hz is not None else 0.15 + 0.2 * draws[0]
        sway = 2 * np.pi * (hertz * time_s + 0.06 * np.sin(2 * np.pi * 0.05 * time_s + 6.3 * draws[1]))
        depth = levels.baseline * 0.009 * np.exp(0.8 * people[3]) * (0.5 + np.abs(each[3])) * np.sign(each[3])
        out += np.outer(depth, np.sin(sway) + 0.25 * np.sin(2 * sway + 6.3 * draws[2]))
    if levels.mains > 0:
        size = levels.mains * 0.0012 * np.exp(1.0 * people[4]) * np.exp(0.6 * each[4])
        hum = 2 * np.pi * (mains_hz * (1 + 0.0004 * people[5]) * time_s + draws[3])
        shares = (1.0, 0.12, 0.25 * draws[4])
        for k, share in zip((1, 2, 3), shares, strict=True):
            if k * mains_hz < 0.48 * rate_hz:
                out += np.outer(share * size, np.sin(k * hum + 6.3 * draws[4 + k]))
        words += _said(f"mains at {mains_hz:g} Hz", size.mean() / 0.0012, levels.mains)
    if levels.muscle > 0 and draws[8] < 1 - (1 - 0.15) ** min(levels.muscle, 10):
        words.append(_burst(out.T, rate_hz, rng, levels.muscle))
    events = rng.poisson(0.05 * levels.motion * max(n / rate_hz, 1) / 10)
    for _ in range(int(min(events, 10_000))):
        words.append(_motion(out.T, rate_hz, rng, levels.motion))
    return np.ascontiguousarray(out.T), words


def _stationary(n: int, rate_hz: float, rng: np.random.Generator, densities: Floats) -> Floats:
    """[9, n], Gaussian noise: drift, muscle and what is white, by their `densities` [9, 3] in mV per root hertz.

    It is made longer than it is used, so that its end does not meet its beginning.
    """
    long = fast_length(round(1.25 * n) + 1)
    f = np.fft.rfftfreq(long, 1 / rate_hz)
    at = np.maximum(f, 1 / 40)
    courses = np.stack([at**-2.2, 1 / ((1 + (25 / at) ** 4) * (1 + (f / 120) ** 4)), 1 + 6 / at])
    power = densities**2 @ courses  # [9, n_frequencies]
    spectrum = rng.standard_normal((9, 2 * f.size)).view(np.complex128)
    spectrum *= np.sqrt(power * (0.25 * rate_hz * long))
    spectrum[:, 0] = 0
    spectrum[:, -1] = 0
    return np.asarray(np.fft.irfft(spectrum, long, axis=1)[:, :n])


def _said(what: str, times: float, level: float) -> list[str]:
    if level <= 0 or times < 1.8:
        return []
    return [f"{'much' if times > 4 else 'some'} {what}"]


def _burst(out: Floats, rate_hz: float, rng: np.random.Generator, level: float) -> str:
    """Muscle for half a second to three, in some electrodes: white noise without what is slow."""
    n = len(out)
    begin, length = int(rng.integers(n)), int(rng.uniform(0.5, 3.0) * rate_hz)
    size = level * 0.012 * np.exp(0.6 * rng.standard_normal()) * (rng.random(9) < 0.45) * rng.uniform(0.4, 1.2, 9)
    stop = min(begin + length, n)
    raw = rng.standard_normal((stop - begin + 2, 9))
    # A difference over 4 ms or one sample is the least that takes the slow part away.
    fast = (raw[1:] - raw[:-1])[: stop - begin] / np.sqrt(2)
    envelope = np.sin(np.pi * (np.arange(stop - begin) + 0.5) / length)[:, None]
    out[begin:stop] += size * envelope * fast
    return f"a burst of muscle noise at {begin / rate_hz:.2f} s"


def _motion(out: Floats, rate_hz: float, rng: np.random.Generator, level: float) -> str:
    """A step that decays, or a spike, of one electrode."""
    begin, electrode = int(rng.integers(len(out))), int(rng.integers(9))
    size = level * 0.35 * np.exp(0.7 * rng.standard_normal()) * (1 if rng.random() < 0.5 else -1)
    spike = rng.random() < 0.4
    tau = (rng.uniform(0.02, 0.08) if spike else rng.uniform(0.3, 2.0)) * rate_hz
    after = np.arange(min(len(out) - begin, int(8 * tau) + 1))
    rise = 1 - np.exp(-after / (0.012 * rate_hz + 0.3))
    out[begin : begin + after.size, electrode] += size * rise * np.exp(-after / tau)
    return f"a {'spike' if spike else 'step'} by motion at {begin / rate_hz:.2f} s"
