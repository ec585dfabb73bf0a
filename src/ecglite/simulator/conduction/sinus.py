"""The sinus node: its mean rate, and how breathing, blood pressure and slower things sway it.

Variability of the whole is set by age as measured (see `spread`); its parts are respiratory sinus arrhythmia at the
breath's frequency, Mayer waves about 0.1 Hz, and noise whose power falls as 1/f below them (Kobayashi and Musha, 1982;
Task Force of the ESC and NASPE, 1996).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ecglite.simulator.activity import Floats
from ecglite.simulator.person import Person

_SLOWEST_HZ: Final = 0.002
_PER_OCTAVE: Final = 2  # sinusoids of the 1/f noise
_WHITE: Final = 0.0035  # of the mean: jitter from beat to beat


def breath(person: Person, rng: np.random.Generator) -> tuple[float, float]:
    """Frequency in hertz and phase in radians of the breathing sin(2 pi f t + phase), which rises with inspiration."""
    return person.breaths_per_min / 60, float(rng.uniform(0, 2 * math.pi))


def spread(person: Person, rng: np.random.Generator) -> float:
    """Standard deviation of RR over its mean, in ten seconds of sinus rhythm without arrhythmia.

    Its median falls with age from 0.05 at ten to 0.018 at seventy-five, and with the rate; people of one age differ by
    a factor of 1.7: as in folds 1 to 8 of PTB-XL (11,305 recordings in sinus rhythm).
    """
    rr = person.rr_s / 0.83
    slow = rr**0.5 if rr > 1 else rr**1.3
    middle = (0.013 + 0.05 * math.exp(-person.age_years / 33)) * slow
    return float(middle) * person.vagal * math.exp(0.45 * float(rng.standard_normal()))


def intervals(
    person: Person,
    rng: np.random.Generator,
    n: int,
    start_s: float,
    mean_s: float,
    spread: float,
    breath: tuple[float, float],
    duration_s: float,
    shares: tuple[float, float, float] | None = None,
) -> Floats:
    """[n], seconds from one impulse of the sinus node to the next, the first of them beginning at `start_s`.

    Args:
        person: whose.
        rng: the stream.
        n: how many.
        start_s: when.
        mean_s: of the intervals.
        spread: standard deviation over mean.
        breath: from `breath`.
        duration_s: of the recording, within which the mean is to be `mean_s`.
        shares: of respiration, Mayer waves and slower noise in the variance; drawn by age where None.
    """
    if shares is None:
        u = rng.uniform(0.6, 1.4, 3)
        young = math.exp(-person.age_years / 45)
        respiratory, mayer, slow = (0.35 + 0.35 * young) * u[0], 0.22 * u[1], (0.33 - 0.15 * young) * u[2]
    else:
        respiratory, mayer, slow = shares
    total = respiratory + mayer + slow
    amount = spread / math.sqrt(total)
    frequency, phase = breath
    # [k] sinusoids: frequency, amplitude, phase
    f_mayer = 0.1 + 0.018 * np.array([-1.0, 0.1, 1.0]) * rng.uniform(0.7, 1.3, 3)
    f_slow = _SLOWEST_HZ * 2.0 ** (np.arange(5 * _PER_OCTAVE + 1) / _PER_OCTAVE)
    f_slow *= rng.uniform(0.9, 1.1, f_slow.size)
    hertz = np.concatenate([f_mayer, f_slow])
    # equal power per octave is 1/f; of the slowest only a part shows in ten seconds
    size = np.concatenate(
        [
            np.full(3, amount * math.sqrt(2 * mayer / 3)),
            np.full(f_slow.size, amount * math.sqrt(2 * slow / 4)),
        ]
    )
    turns = rng.uniform(0, 2 * math.pi, hertz.size)
    depth = amount * math.sqrt(2 * respiratory)
    wobble_hz, wobble = 0.23 * frequency, float(rng.uniform(0, 2 * math.pi))
    sway, middle = np.zeros(n), 0.0
    at = start_s + mean_s * np.arange(n)
    for _ in range(3):
        angle = 2 * math.pi * frequency * at + phase
        # a little of the second harmonic: of one breath's intervals a few are short and more are long, as measured
        breathing = -np.sin(angle) - 0.12 * np.sin(2 * angle - 0.6)
        deep = 1 + 0.25 * np.sin(2 * math.pi * wobble_hz * at + wobble)
        sway = depth * deep * breathing + np.sin(np.outer(2 * math.pi * at, hertz) + turns) @ size
        middle = float(sway[(at >= 0) & (at < max(duration_s, 8 * mean_s))].mean())
        at = start_s + np.concatenate([[0.0], np.cumsum(mean_s * (1 + sway - middle))[:-1]])
    white = _WHITE + 0.15 * spread
    return np.asarray(
        mean_s * (1 + np.clip(sway - middle, -0.45, 0.7) + white * np.clip(rng.standard_normal(n), -3, 3))
    )


def wandering_at_random(rng: np.random.Generator, n: int, mean_s: float, spread: float) -> Floats:
    """[n] intervals of a sinus arrhythmia that does not follow the breath: from beat to beat, half remembered."""
    steps = rng.standard_normal(n)
    memory = float(rng.uniform(0.1, 0.6))
    sway, last = np.zeros(n), 0.0
    for i, step in enumerate(steps.tolist()):
        last = memory * last + math.sqrt(1 - memory * memory) * step
        sway[i] = last
    return np.asarray(mean_s * np.exp(spread * np.clip(sway, -2.5, 2.5)))
