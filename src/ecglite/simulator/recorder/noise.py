"""What electrodes pick up beside the heart: drift and breath, muscle, mains, the electrode itself, motion.

The spread of all levels is that of resting recordings: the power below 0.7 Hz and above 15 Hz, lead by lead, of records
made at level 1 has the quantiles of PTB-XL's (folds 1 to 8); how much beats differ before and after QRS, how unlike the
leads' noise is, and that it wavers, was set by its fold 9.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecglite.simulator.recorder.machine import fast_length

Floats = npt.NDArray[np.float64]

_BLOCK_S, _FADE_S = 120.0, 4.0
_WAVERS, _WAVERS_HZ = 0.9, 5.0
_TURNS = np.sqrt(2) * np.exp(2j * np.pi * np.arange(4096) / 4096)


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


@dataclass(frozen=True, slots=True)
class _Burst:
    """Muscle for half a second to three, in some electrodes: white noise without what is slow."""

    begin: int
    length: int
    sizes_mv: Floats  # [9]
    seed: int

    def add(self, out: Floats, first: int, rate_hz: float) -> None:
        """Adds to `out` [9, n], whose first column is sample `first` of the recording."""
        low, high = max(self.begin, first), min(self.begin + self.length, first + out.shape[1])
        if low >= high:
            return
        raw = np.random.default_rng(self.seed).standard_normal((9, self.length + 1))
        # A difference over one sample is the least that takes the slow part away.
        fast = np.diff(raw)[:, low - self.begin : high - self.begin] / np.sqrt(2)
        envelope = np.sin(np.pi * (np.arange(low, high) - self.begin + 0.5) / self.length)
        out[:, low - first : high - first] += self.sizes_mv[:, None] * envelope * fast

    def said(self, rate_hz: float) -> str:
        """In words."""
        return f"a burst of muscle noise at {self.begin / rate_hz:.2f} s"


@dataclass(frozen=True, slots=True)
class _Motion:
    """A step that decays, or a spike, of one electrode."""

    begin: int
    electrode: int
    size_mv: float
    spike: bool
    tau: float  # samples

    def add(self, out: Floats, first: int, rate_hz: float) -> None:
        """Adds to `out` [9, n], whose first column is sample `first` of the recording."""
        low, high = max(self.begin, first), min(self.begin + int(8 * self.tau) + 1, first + out.shape[1])
        if low >= high:
            return
        after = np.arange(low, high) - self.begin
        rise = 1 - np.exp(-after / (0.012 * rate_hz + 0.3))
        out[self.electrode, low - first : high - first] += self.size_mv * rise * np.exp(-after / self.tau)

    def said(self, rate_hz: float) -> str:
        """In words."""
        return f"a {'spike' if self.spike else 'step'} by motion at {self.begin / rate_hz:.2f} s"


@dataclass(frozen=True, slots=True)
class Noise:
    """What is added to the electrodes of one recording.

    Attributes:
        densities: [9, 3], of drift, muscle and what is white, mV per root hertz.
        depths_mv: [9, 2], of breath and mains.
        breath: its frequency, Hz; the phases, radians, of what sways it and of its second harmonic.
        mains: its frequency, Hz; of each harmonic its number, its share and its phase, radians.
        events: what happens once, in the order of the words.
        words: what there is of it, where it is much or an event.
    """

    densities: Floats
    depths_mv: Floats
    breath: tuple[float, float, float]
    mains: tuple[float, tuple[tuple[int, float, float], ...]]
    events: tuple[_Burst | _Motion, ...]
    words: tuple[str, ...]

    def pieces(self, n: int, rate_hz: float, rng: np.random.Generator) -> Iterator[Floats]:
        """[9, k] each, mV at the electrodes, n samples altogether."""
        first = 0
        for out in _stationary(n, rate_hz, rng, self.densities):
            time_s = np.arange(first, first + out.shape[1]) / rate_hz
            out += self.depths_mv @ np.stack([self._breath(time_s), self._mains(time_s)])
            for event in self.events:
                event.add(out, first, rate_hz)
            first += out.shape[1]
            yield out

    def _breath(self, time_s: Floats) -> Floats:
        hertz, swayed, second = self.breath
        sway = 2 * np.pi * (hertz * time_s + 0.06 * np.sin(2 * np.pi * 0.05 * time_s + swayed))
        return np.asarray(np.sin(sway) + 0.25 * np.sin(2 * sway + second))

    def _mains(self, time_s: Floats) -> Floats:
        hertz, harmonics = self.mains
        turn = 2 * np.pi * hertz * time_s
        out = np.zeros(time_s.size)
        for k, share, phase in harmonics:
            out += share * np.sin(k * turn + phase)
        return out


def draw_noise(
    n: int, rate_hz: float, rng: np.random.Generator, levels: Levels, mains_hz: float, breath_hz: float | None
) -> Noise:
    """The noise of one recording of `n` samples, but for its samples."""
    draws, people, each = rng.random(16), rng.standard_normal(8), rng.standard_normal((5, 9))
    drift = levels.baseline * 0.0048 * np.exp(1.0 * people[0] + 0.6 * each[0])
    drift[:3] *= 0.75  # the limbs drift less than the chest
    drift[3:] *= 1.2
    muscle = levels.muscle * 0.00040 * np.exp(0.5 * people[1] + 0.5 * each[1])
    white = levels.electrode * 0.00022 * np.exp(0.35 * people[2] + 0.45 * each[2])
    for quick in (muscle, white):
        quick[:3] *= 0.85  # what the limbs have is in Wilson's terminal too, so in every chest lead
        quick[3:] *= 1.1
    depth = levels.baseline * 0.006 * np.exp(0.8 * people[3]) * (0.5 + np.abs(each[3])) * np.sign(each[3])
    hum = levels.mains * 0.0012 * np.exp(1.0 * people[4] + 0.6 * each[4])
    harmonics = tuple(
        (k, share, k * float(draws[3]) + 6.3 * float(draws[4 + k]))
        for k, share in ((1, 1.0), (2, 0.12), (3, 0.25 * float(draws[4])))
        if levels.mains > 0 and k * mains_hz < 0.48 * rate_hz
    )
    events: list[_Burst | _Motion] = []
    tens = max(n / rate_hz, 1) / 10
    bursts = rng.binomial(max(round(tens), 1), 1 - (1 - 0.15) ** min(levels.muscle, 10))
    events += (_draw_burst(n, rate_hz, rng, levels.muscle) for _ in range(bursts))
    moves = min(int(rng.poisson(0.05 * levels.motion * tens)), 10_000)
    events += (_draw_motion(n, rate_hz, rng, levels.motion) for _ in range(moves))
    return Noise(
        np.stack([drift, muscle, white], axis=1),
        np.stack([depth, hum], axis=1),
        (breath_hz if breath_hz is not None else 0.15 + 0.2 * draws[0], 6.3 * draws[1], 6.3 * draws[2]),
        (mains_hz * (1 + 0.0004 * people[5]), harmonics),
        tuple(events),
        (
            *_said("baseline drift", drift.mean() / 0.0048, levels.baseline),
            *_said("muscle noise", muscle.mean() / 0.00040, levels.muscle),
            *_said(f"mains at {mains_hz:g} Hz", hum.mean() / 0.0012, levels.mains),
            *(event.said(rate_hz) for event in events),
        ),
    )


def _draw_burst(n: int, rate_hz: float, rng: np.random.Generator, level: float) -> _Burst:
    begin, length = int(rng.integers(n)), int(rng.uniform(0.5, 3.0) * rate_hz)
    size = level * 0.012 * np.exp(0.6 * rng.standard_normal()) * (rng.random(9) < 0.45) * rng.uniform(0.4, 1.2, 9)
    return _Burst(begin, length, size, int(rng.integers(2**63)))


def _draw_motion(n: int, rate_hz: float, rng: np.random.Generator, level: float) -> _Motion:
    begin, electrode = int(rng.integers(n)), int(rng.integers(9))
    size = level * 0.35 * float(np.exp(0.7 * rng.standard_normal())) * (1 if rng.random() < 0.5 else -1)
    spike = bool(rng.random() < 0.4)
    return _Motion(
        begin, electrode, size, spike, (rng.uniform(0.02, 0.08) if spike else rng.uniform(0.3, 2.0)) * rate_hz
    )


def _said(what: str, times: float, level: float) -> tuple[str, ...]:
    if level <= 0 or times < 1.8:
        return ()
    return (f"{'much' if times > 4 else 'some'} {what}",)


def _stationary(n: int, rate_hz: float, rng: np.random.Generator, densities: Floats) -> Iterator[Floats]:
    """[9, k] each, n samples altogether, Gaussian noise by its `densities`: one piece, or one after another.

    Each piece fades into the next with the power kept.
    """
    block, fade = round(_BLOCK_S * rate_hz), round(_FADE_S * rate_hz)
    if n <= block + fade:
        yield _piece(n, rate_hz, rng, densities)
        return
    up = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade)
    ends = np.zeros((9, 0))
    for begin in range(0, n, block):
        piece = _piece(min(block + fade, n - begin), rate_hz, rng, densities)
        if begin:
            piece[:, :fade] *= up[: piece.shape[1]]
        piece[:, block:] *= up[::-1][: max(piece.shape[1] - block, 0)]
        piece[:, : ends.shape[1]] += ends
        ends = piece[:, block:]
        yield piece[:, :block]


def _piece(n: int, rate_hz: float, rng: np.random.Generator, densities: Floats) -> Floats:
    """[9, n]. It is made longer than it is used, so that its end does not meet its beginning.

    Above 2 Hz so many lines of a spectrum are added up that phases by chance alone make Gaussian noise of them
    (Shinozuka 1972); the few below have an amplitude by chance too.
    """
    length = fast_length(round(1.25 * n) + 1)
    courses, power = _courses(length, rate_hz), densities**2
    # Drift, then what is quick and wavers.
    amplitudes = np.sqrt(np.concatenate([power[:, :1] * courses[0], power[:, 1:] @ courses[1:]]))  # [18, n_frequencies]
    spectrum = _TURNS.take(rng.integers(0, _TURNS.size, amplitudes.shape, dtype=np.uint16))
    slow = round(2 * length / rate_hz)
    spectrum[:, :slow] = rng.standard_normal((18, slow, 2)).view(np.complex128)[:, :, 0]
    spectrum *= amplitudes
    out = np.fft.irfft(spectrum, length, axis=1)[:, :n]
    return np.asarray(out[:9] + out[9:] * _tone(n, rate_hz, rng))


def _tone(n: int, rate_hz: float, rng: np.random.Generator) -> Floats:
    """[9, n], how much there is of the quick noise at each electrode: it wavers, with a mean square of 1.3."""
    knots = np.exp(_WAVERS * rng.standard_normal((9, int(n / rate_hz * _WAVERS_HZ) + 3)) - 0.7 * _WAVERS**2)
    at = np.arange(n) * (_WAVERS_HZ / rate_hz) + 0.5
    index = at.astype(np.int64)
    return np.asarray(knots[:, index] + (at - index) * np.diff(knots)[:, index])


def _flicker(f: npt.NDArray[np.floating]) -> Floats:
    """The power of what is white, and below 20 Hz of what skin and electrode add to it: most from 1.5 Hz on."""
    at = np.maximum(f, 1 / 40)
    return np.asarray(1 + 60 / (at * (1 + (1.5 / at) ** 2) * (1 + (f / 20) ** 2)))


@functools.lru_cache(8)
def _courses(length: int, rate_hz: float) -> Floats:
    """[3, length // 2 + 1]: the power of drift, muscle and what is white, as a transform of that length has it."""
    f = np.fft.rfftfreq(length, 1 / rate_hz)
    at = np.maximum(f, 1 / 40)
    courses = np.stack([at**-2.2, 1 / ((1 + (25 / at) ** 4) * (1 + (f / 120) ** 4)), _flicker(f)])
    courses[:, [0, -1]] = 0
    return np.asarray(courses * (0.25 * rate_hz * length))
