"""When the atria and the ventricles fire in each of the eleven rhythms, and what the atria look like then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ecglite.simulator.heart import Array, Heart, bumps

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Beats:
    """What fires when.

    Attributes:
        qrs_s: [n_beats], R peaks in seconds, from before the first sample to after the last.
        p_s: [n_p], P peaks in seconds (the middle of P); empty where there is none.
        p_mv: [n_p, 2, 3], the vectors of the first and the second half of each P (right, then left atrium).
        p_width_s: standard deviation of one half.
        waves: time in seconds [n_samples] to the vector [n_samples, 3] of atria that never rest, or None.
    """

    qrs_s: Array
    p_s: Array = field(default_factory=lambda: np.zeros(0))
    p_mv: Array = field(default_factory=lambda: np.zeros((0, 2, 3)))
    p_width_s: float = 0.017
    waves: Callable[[Array], Array] | None = None

    def atria(self, time_s: Array) -> Array:
        """[n_samples, 3], mV."""
        gap = 1.05 * self.p_width_s
        out = bumps(time_s, self.p_s - gap, self.p_mv[:, 0], self.p_width_s, self.p_width_s)
        out += bumps(time_s, self.p_s + gap, self.p_mv[:, 1], self.p_width_s, self.p_width_s)
        return out if self.waves is None else out + self.waves(time_s)


def _times(rng: Random, duration_s: float, rr_s: Callable[[Array], Array], mean_s: float) -> Array:
    """Beats from 2 s before to 2 s after; `rr_s` gives the intervals at about the times it is given."""
    n = int((duration_s + 6) / mean_s) + 8
    times = -2 - rng.uniform(0, mean_s) + np.cumsum(rr_s(np.arange(n, dtype=np.float64) * mean_s - 2))
    return np.asarray(times[times < duration_s + 2])


def _regular(rng: Random, duration_s: float, rate: float, jitter_s: float) -> Array:
    return _times(rng, duration_s, lambda t: 60 / rate + rng.normal(0, jitter_s, t.size), 60 / rate)


def _sinus_p(rng: Random, n: int) -> Array:
    """[n, 2, 3]: upright in I and II, first up then down in V1."""
    one = np.array([[0.040, 0.105, 0.070], [0.085, 0.100, -0.055]]) * rng.uniform(0.8, 1.25)
    return np.asarray(one * (1 + rng.normal(0, 0.03, (n, 1, 1))))


def _sinus(low: float, usual: float, high: float, sway: tuple[float, float]) -> Callable[[Random, Heart, float], Beats]:
    """Sinus rhythm at `low` to `high`/min whose RR sways with the breath by a share `sway`."""

    def make(rng: Random, heart: Heart, duration_s: float) -> Beats:
        rr, depth = 60 / rng.triangular(low, usual, high), rng.uniform(*sway)
        qrs = _times(rng, duration_s, lambda t: rr * (1 - depth * heart.breath(t)) + rng.normal(0, 0.004, t.size), rr)
        # At speed the AV node conducts faster, and the same drive makes P taller.
        pr = rng.uniform(0.135, 0.18) - 0.05 * max(0.0, 0.8 - rr)
        return Beats(qrs, qrs - pr + 0.02, _sinus_p(rng, qrs.size) * (1.3 if rr < 0.6 else 1.0))

    return make


def _fibrillation(rng: Random, heart: Heart, duration_s: float) -> Beats:
    mean, spread = 60 / rng.uniform(68, 135), rng.uniform(0.17, 0.27)
    floor = 0.3 if mean < 0.55 else 0.36  # the AV node's refractory time
    shape = ((mean - floor) / (spread * mean)) ** 2
    qrs = _times(rng, duration_s, lambda t: floor + rng.gamma(shape, (mean - floor) / shape, t.size), mean)
    rates, sizes = rng.uniform(4.5, 7.5, 3), rng.uniform(0.055, 0.11) * np.array([1.0, 0.6, 0.45])
    slow, phases = rng.uniform(0.2, 0.9, (3, 2)), rng.uniform(0, 2 * np.pi, (3, 4))
    axes = np.array([-0.15, 0.55, 0.95]) + rng.normal(0, 0.3, (3, 3))

    def waves(t: Array) -> Array:
        out = np.zeros((t.size, 3))
        for rate, size, (f1, f2), ph, axis in zip(rates, sizes, slow, phases, axes, strict=True):
            turn = 2 * np.pi * rate * t + 1.5 * np.sin(2 * np.pi * f1 * t + ph[0]) + ph[1]
            wave = np.sin(turn) + 0.35 * np.sin(2 * turn + ph[3])
            out += (size * wave * (0.7 + 0.45 * np.sin(2 * np.pi * f2 * t + ph[2])))[:, None] * axis
        return out

    return Beats(qrs, waves=waves)


def _flutter(rng: Random, heart: Heart, duration_s: float) -> Beats:
    rate, size, phase = rng.uniform(250, 330) / 60, rng.uniform(0.18, 0.32), rng.uniform(0, 1)
    ratio = int(rng.choice([2, 3, 4, 0], p=[0.4, 0.1, 0.3, 0.2]))  # 0: it changes
    n = int((duration_s + 5) * rate)
    steps = np.full(n, ratio) if ratio else rng.choice([2, 3, 4], n, p=[0.4, 0.2, 0.4])
    qrs = (np.cumsum(steps) + phase) / rate - 2.5 + rng.normal(0, 0.003, n)
    # One turn of the circuit. Inferior leads: slowly down, steeply down, steeply up; V1: one upright wave.
    turn = np.arange(128) / 128
    inferior = np.interp(turn, [0, 0.5, 0.72, 0.95, 1], [0.55, 0.05, -1.0, 0.5, 0.55])
    front = np.exp(-0.5 * ((turn - 0.74) / 0.1) ** 2) - 0.25
    kernel = np.fft.rfft(np.exp(-0.5 * ((np.minimum(turn, 1 - turn)) / 0.025) ** 2))
    inferior, front = (np.fft.irfft(np.fft.rfft(w) * kernel / kernel[0].real) for w in (inferior, front))
    shift = rng.uniform(0, 1)

    def waves(t: Array) -> Array:
        now = np.mod(t * rate + shift, 1)
        down, out = (np.interp(now, turn, w, period=1) for w in (inferior, front))
        return size * np.stack([0.25 * down, down, 0.7 * out], axis=1)

    return Beats(qrs[qrs < duration_s + 2], waves=waves)


def _no_p(rng: Random, heart: Heart, duration_s: float) -> Beats:
    return Beats(_regular(rng, duration_s, rng.uniform(145, 215), 0.002))


def _retrograde(
    after_s: tuple[float, float], rates: tuple[float, float], p_width_s: float
) -> Callable[[Random, Heart, float], Beats]:
    """Re-entry: the atria fire from below, `after_s` seconds after the R peak; down in II, up in V1."""

    def make(rng: Random, heart: Heart, duration_s: float) -> Beats:
        qrs = _regular(rng, duration_s, rng.uniform(*rates), 0.002)
        one = np.array([[-0.02, -0.18, 0.13], [0.01, -0.16, 0.10]]) * rng.uniform(0.9, 1.3)
        return Beats(qrs, qrs + rng.uniform(*after_s), np.repeat(one[None], qrs.size, 0), p_width_s)

    return make


def _atrial_tachycardia(rng: Random, heart: Heart, duration_s: float) -> Beats:
    qrs = _regular(rng, duration_s, rng.uniform(112, 195), 0.005)
    low_right, left = [[0.05, -0.15, 0.02], [0.07, -0.13, 0.0]], [[-0.11, 0.05, 0.07], [-0.12, 0.07, 0.08]]
    one = np.array(low_right if rng.random() < 0.6 else left) * rng.uniform(0.9, 1.3)
    p_mv = one * (1 + rng.normal(0, 0.03, (qrs.size, 1, 1)))
    return Beats(qrs, qrs - rng.uniform(0.095, 0.125), p_mv, 0.014)


def _wandering(rng: Random, heart: Heart, duration_s: float) -> Beats:
    """The pacemaker wanders between the sinus node and the AV node: P turns over, PR shortens."""
    rr = 60 / rng.uniform(56, 86)
    n = int((duration_s + 6) / rr) + 8
    period, start = rng.uniform(5, 9), rng.uniform(0, 2 * np.pi)  # in beats
    low = np.clip(0.5 + 0.6 * np.sin(2 * np.pi * np.arange(n) / period + start) + rng.normal(0, 0.12, n), 0, 1)
    qrs = -2 + np.cumsum(rr * (0.96 + 0.1 * low) + rng.normal(0, 0.012, n))
    keep = qrs < duration_s + 2
    qrs, low = qrs[keep], low[keep]
    nodal = np.array([[0.02, -0.13, 0.05], [0.04, -0.13, 0.05]])
    share = low[:, None, None]
    p_mv = (1 - share) * _sinus_p(rng, qrs.size) + share * nodal
    return Beats(qrs, qrs - (0.16 - 0.055 * low) + 0.02, p_mv)


MAKERS: Final[dict[str, Callable[[Random, Heart, float], Beats]]] = {
    "SB": _sinus(41, 54, 57.5, (0.0, 0.035)),
    "SR": _sinus(62, 74, 97, (0.005, 0.03)),
    "AFIB": _fibrillation,
    "ST": _sinus(102, 106, 147, (0.0, 0.01)),
    "SVT": _no_p,
    "AF": _flutter,
    "SA": _sinus(63, 70, 88, (0.16, 0.28)),
    "AT": _atrial_tachycardia,
    "AVNRT": _retrograde((0.045, 0.055), (145, 210), 0.0075),
    "AVRT": _retrograde((0.105, 0.135), (150, 205), 0.012),
    "SAAWR": _wandering,
}
"""One maker per rhythm: (random generator, heart, duration in seconds) to Beats."""
