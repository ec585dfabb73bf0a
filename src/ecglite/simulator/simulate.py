"""simulate(): heart, beats and noise put together into a Record."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ecglite.edge.errors import RecordError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator.beats import MAKERS
from ecglite.simulator.heart import ATRIA_FIELD, VENTRICLE_FIELD, Array, draw_heart, ventricles

RHYTHMS_MADE: Final[tuple[str, ...]] = tuple(MAKERS)
"""The abbreviations that simulate() knows."""

# Rows: the twelve leads; columns: I, II, V1..V6. III, aVR, aVL and aVF by Einthoven and Goldberger.
_TWELVE: Final = np.zeros((12, 8))
_TWELVE[:6, :2] = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
_TWELVE[6:, 2:] = np.eye(6)


def simulate(
    rhythm: str, *, seed: int, duration_s: float = 10.0, sampling_rate_hz: float = 500.0, noise: float = 1.0
) -> Record:
    """A simulated resting 12-lead ECG of one person in one rhythm.

    Args:
        rhythm: one of RHYTHMS_MADE.
        seed: 0 or more. The same seed gives the same samples; another one another person and other beats.
        duration_s: 1 to 3600 seconds.
        sampling_rate_hz: 100 to 1000.
        noise: 0 is none, 1 that of a good recording at rest; it changes nothing but the noise.

    Returns:
        A Record of format "simulated", [duration_s * sampling_rate_hz, 12], mV, in the order of LEADS.

    Raises:
        RecordError: an argument outside what is said above.
    """
    if rhythm not in MAKERS:
        raise RecordError(f"no rhythm {rhythm!r} to simulate", allowed=", ".join(RHYTHMS_MADE))
    if not 1 <= duration_s <= 3600:
        raise RecordError(f"a duration of {duration_s:g} s to simulate", allowed="1 to 3600 s")
    if not (noise >= 0 and math.isfinite(noise)):
        raise RecordError(f"noise {noise:g}", allowed="0 (none) or more")
    if seed < 0:
        raise RecordError(f"seed {seed}", allowed="0 or more")
    # One stream each, so that another noise or rate leaves person and beats as they are.
    person, timing, shape, hum = np.random.default_rng([seed, RHYTHMS_MADE.index(rhythm)]).spawn(4)
    heart = draw_heart(person)
    beats = MAKERS[rhythm](timing, heart, duration_s)
    time_s = np.arange(round(duration_s * sampling_rate_hz)) / sampling_rate_hz
    eight = ventricles(heart, time_s, beats.qrs_s, shape) @ VENTRICLE_FIELD.T + beats.atria(time_s) @ ATRIA_FIELD.T
    eight *= 1 + heart.breath_depth * heart.breath(time_s)[:, None]
    eight += noise * _noise(hum, time_s, sampling_rate_hz)
    return Record(
        (eight @ _TWELVE.T).astype(np.float32),
        float(sampling_rate_hz),
        LEADS,
        format="simulated",
        comments=(f"Dx: {RHYTHMS[rhythm].snomed}",),
        notes=("simulated",),
    )


def _noise(rng: np.random.Generator, time_s: Array, rate_hz: float) -> Array:
    """[n_samples, 8], mV: wandering baseline, muscle, mains, amplifier."""
    n = time_s.size
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)[:, None]

    def band(low_hz: float, high_hz: float, slope: float, rms_mv: Array) -> Array:
        inside = (frequency >= low_hz) & (frequency <= high_hz)
        weight = np.where(inside, np.maximum(frequency, low_hz) ** -slope, 0.0)
        noise = np.fft.irfft(np.fft.rfft(rng.normal(size=(n, 8)), axis=0) * weight, n, axis=0)
        return np.asarray(rms_mv * noise / max(float(noise.std()), 1e-12))

    wander = band(1 / 20, 0.5, 1.0, rng.uniform(0.01, 0.05, 8))
    muscle = band(20, 120, 0.3, rng.uniform(0.002, 0.008, 8))
    mains = rng.uniform(0, 0.003, 8) * np.sin(2 * np.pi * 50 * time_s[:, None] + rng.uniform(0, 2 * np.pi, 8))
    return wander + muscle + mains + rng.normal(0, 0.002, (n, 8))
