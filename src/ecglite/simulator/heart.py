"""One person's heart as a vector in the chest, and what the electrodes see of it.

Axes: x to the left arm, y to the feet, z to the front. All amplitudes are in millivolts. QRS and T are bumps
of a 3-D vector, each with its own direction, moment and width: the septum fires first, to the right and front
(r in V1, q in V5), then the apex, then the free left wall to the left and back (R in V5, S in V1), last the
base.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def _field(azimuths: tuple[float, ...], gains: tuple[float, ...]) -> Array:
    """[8, 3]: what I, II, V1..V6 see of a vector; `azimuths` in degrees from the left towards the front."""
    angle = np.deg2rad(azimuths)
    chest = np.stack([np.cos(angle), np.full(6, 0.12), np.sin(angle)], axis=1) * np.array(gains)[:, None]
    return np.concatenate([[[0.75, -0.1, 0.05], [0.36, 0.72, -0.1]], chest])


# The atria lie behind the right edge of the breastbone: near V1, far from V4 to V6.
VENTRICLE_FIELD = _field((120, 92, 62, 34, 10, -14), (1.05, 1.8, 1.5, 1.3, 1.1, 0.9))
ATRIA_FIELD = _field((118, 100, 80, 50, 25, 5), (1.15, 0.75, 0.5, 0.45, 0.45, 0.45))

# Moment after the R peak and width (ms), then the vector (mV).
_QRS = np.array(
    [
        # at_ms, width_ms, x, y, z
        [-25.0, 7.0, -0.16, -0.04, 0.22],  # septum
        [-9.0, 8.0, 0.55, 0.45, 0.42],  # apex and anterior wall
        [3.0, 9.0, 0.85, 0.70, -0.55],  # free left wall
        [21.0, 9.0, -0.18, -0.10, -0.52],  # base
    ]
)
_T_AXIS = np.array([0.24, 0.20, 0.13])


@dataclass(frozen=True, slots=True)
class Heart:
    """One person: what stays the same from beat to beat.

    Attributes:
        qrs: [4, 5], rows as _QRS, turned and scaled for this person.
        t_axis: [3], mV at the peak of T.
        qtc_s: QT at a rate of 60/min.
        breath_hz, breath_phase: respiration.
        breath_depth: relative swing of all amplitudes with respiration.
    """

    qrs: Array
    t_axis: Array
    qtc_s: float
    breath_hz: float
    breath_phase: float
    breath_depth: float

    def breath(self, time_s: Array) -> Array:
        """Respiration at `time_s`, -1 to 1."""
        return np.sin(2 * np.pi * self.breath_hz * time_s + self.breath_phase)


def draw_heart(rng: np.random.Generator) -> Heart:
    """A person at random: heart axis, amplitudes, durations."""
    turn = _turn(np.deg2rad(np.clip(rng.normal(-5, 22), -50, 40)), np.deg2rad(np.clip(rng.normal(0, 12), -25, 25)))
    qrs = _QRS.copy()
    qrs[:, :2] *= rng.uniform(0.9, 1.12)
    qrs[:, 2:] = qrs[:, 2:] @ turn.T * rng.uniform(0.7, 1.35) * rng.uniform(0.8, 1.2, (4, 1))
    return Heart(
        qrs=qrs,
        t_axis=_T_AXIS @ turn.T * rng.uniform(0.75, 1.4) + rng.normal(0, 0.02, 3),
        qtc_s=rng.uniform(0.38, 0.43),
        breath_hz=rng.uniform(0.18, 0.3),
        breath_phase=rng.uniform(0, 2 * np.pi),
        breath_depth=rng.uniform(0.02, 0.06),
    )


def _turn(frontal: float, horizontal: float) -> Array:
    """[3, 3]: a rotation in the frontal plane, then one in the horizontal plane, in radians."""
    cf, sf, ch, sh = np.cos(frontal), np.sin(frontal), np.cos(horizontal), np.sin(horizontal)
    frontal_plane = np.array([[cf, -sf, 0.0], [sf, cf, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(np.array([[ch, 0.0, -sh], [0.0, 1.0, 0.0], [sh, 0.0, ch]]) @ frontal_plane)


def bumps(time_s: Array, peaks_s: Array, vectors: Array, rise_s: float | Array, fall_s: float | Array) -> Array:
    """The sum of one bump per peak, Gaussian on either side.

    Args:
        time_s: [n_samples].
        peaks_s: [n_peaks].
        vectors: [n_peaks, 3], mV at the peak.
        rise_s: standard deviation before the peak, one or [n_peaks].
        fall_s: standard deviation after it.

    Returns:
        [n_samples, 3], mV.
    """
    out = np.zeros((time_s.size, 3))
    reach = 5 * max(float(np.max(rise_s)), float(np.max(fall_s)))
    starts, stops = np.searchsorted(time_s, peaks_s - reach), np.searchsorted(time_s, peaks_s + reach)
    rises, falls = np.broadcast_to(rise_s, peaks_s.shape), np.broadcast_to(fall_s, peaks_s.shape)
    for peak, vector, rise, fall, start, stop in zip(peaks_s, vectors, rises, falls, starts, stops, strict=True):
        after = time_s[start:stop] - peak
        out[start:stop] += np.exp(-0.5 * (after / np.where(after < 0, rise, fall)) ** 2)[:, None] * vector
    return out


def ventricles(heart: Heart, time_s: Array, beats_s: Array, rng: np.random.Generator) -> Array:
    """QRS and T of the beats at `beats_s` (R peaks), as a vector [n_samples, 3] in mV."""
    size = 1 + rng.normal(0, 0.015, (beats_s.size, 1))
    out = np.zeros((time_s.size, 3))
    for at_ms, width_ms, *vector in heart.qrs:
        width_s = width_ms / 1000
        out += bumps(time_s, beats_s + at_ms / 1000, size * np.array(vector), width_s, width_s)
    # The action potential follows the running mean of RR, not one pause alone; QT by Fridericia's cube root.
    rr = np.diff(beats_s, prepend=2 * beats_s[0] - beats_s[1])
    rr = 0.5 * rr + 0.5 * rr.mean()
    scale = np.cbrt(rr)
    t_end = -0.04 + heart.qtc_s * scale
    tall = np.clip(0.45 + 0.6 * rr, 0.6, 1.1)[:, None]
    t_width = 0.036 * scale
    return out + bumps(time_s, beats_s + t_end - 2.1 * t_width, size * tall * heart.t_axis, 1.55 * t_width, t_width)
