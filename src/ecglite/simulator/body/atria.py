"""P waves by where they begin, f waves of fibrillation, F waves of flutter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Fibrillation, Floats, Flutter, Ints, Origin
from ecglite.simulator.body.tables import P_MV
from ecglite.simulator.body.torso import Torso, axis_deg, turned
from ecglite.simulator.conduction.sites import SINUS
from ecglite.simulator.person import Person

_CENTRES: Final = np.array([[-0.005, 0.21, -0.14], [0.63, 0.06, -0.85]])
"""Of the right and the left atrium, as seen from the middle of both in units of a site's distance: the P of the sinus
node points from it to them, (0.30, 0.50, 0.17), then (0.65, 0.42, -0.22), medians of 3,900 averaged P of PTB-XL."""
_UPWARDS: Final = np.array(
    [
        [[0.55, -0.55, -0.15], [0.60, -0.50, -0.40]],
        [[-0.02, -0.75, 0.45], [0.05, -0.80, 0.35]],
        [[-0.95, -0.35, 0.30], [-0.80, -0.40, 0.50]],
    ]
)
"""[from the right free wall, from the septum, from the left free wall; 2 halves; xyz]: retrograde P, negative in II,
III and aVF; in V1 and aVR positive from the septum and the left, in I and aVL negative from the left (Tai 1997)."""

END: Final = 2.6
"""Where the atria are at rest again, in durations of P after its onset."""


@dataclass(frozen=True, slots=True)
class PWaves:
    """The P waves of a recording.

    Attributes:
        parts_mv: [n_p, 3, 3]: the vector at its height of the first half, of the second half and of the atria's
            repolarisation.
        duration_s: [n_p].
        centres, half_widths: [3], in durations.
    """

    parts_mv: Floats
    duration_s: Floats
    centres: tuple[float, float, float]
    half_widths: tuple[float, float, float]

    def course(self, at: Floats) -> Floats:
        """[..., 3], the three at `at` durations after onset, 0 to END."""
        x = (at[..., None] - self.centres) / self.half_widths
        return np.asarray(np.cos(0.5 * np.pi * np.minimum(np.abs(x), 1)) ** 2)

    def peaks(self, at: Floats, torso: Torso) -> Ints:
        """[n_p]: at which of the times `at`, durations after onset, all leads together see most of each P."""
        first, second = self.course(at)[:, :2].T
        a, b = self.parts_mv[:, 0] @ torso.atria.T, self.parts_mv[:, 1] @ torso.atria.T
        squares = np.stack([(a * a).sum(axis=1), 2 * (a * b).sum(axis=1), (b * b).sum(axis=1)], axis=1)
        return np.asarray((squares @ np.stack([first**2, first * second, second**2])).argmax(axis=1))


def p_waves(
    activity: Activity, person: Person, torso: Torso, rng: np.random.Generator, *, alike: bool = False
) -> PWaves:
    """The P waves of a recording; where they are `alike`, those of one origin are the same from beat to beat."""
    n, origins = activity.p_s.size, activity.origins
    noise = rng.standard_normal((n, 2, 3)) * (0.0 if alike else 0.04) + 1
    lasting = rng.standard_normal(2)
    size = P_MV * person.p_scale
    sites = np.array(activity.sites, np.float64).reshape(n, 3)
    sites[np.abs(sites).sum(axis=1) < 0.1] = SINUS
    # The left atrium lies behind.
    sites[:, 2] = np.where(sites[:, 0] > 0.3, np.minimum(sites[:, 2], -0.4), sites[:, 2])
    parts = 0.55 * (_CENTRES - sites[:, None])  # [n_p, 2, 3]
    near = ((sites[:, None] - _CENTRES) ** 2).sum(axis=2)
    left = near[:, 1] < 0.8 * near[:, 0]
    parts[left] = parts[left][:, ::-1]  # the nearer atrium first
    # The person's P axis is that of the sinus node.
    usual = 0.55 * (_CENTRES - SINUS)
    turn = person.p_axis_deg - axis_deg(usual @ torso.atria.T)
    sinus = origins == Origin.SINUS
    parts[sinus] = turned(parts[sinus], turn)
    other = (origins == Origin.FOCUS) | (origins == Origin.PACED)
    long = np.sqrt((parts.mean(axis=1) ** 2).sum(axis=1))
    parts[other] *= (0.9 * 0.70 / np.maximum(long[other], 0.25))[:, None, None]
    duration = np.full(n, person.p_s)
    up = origins == Origin.RETROGRADE
    if up.any():
        at = activity.sites[up, 0]
        weight = np.stack([np.clip(-at / 0.5 - 0.4, 0, 1), np.zeros(at.size), np.clip(at / 0.5 - 0.4, 0, 1)], axis=1)
        weight[:, 1] = 1 - weight.sum(axis=1)
        parts[up] = np.tensordot(weight, _UPWARDS, 1) * (1 + 0.15 * lasting[0])
        duration[up] *= 0.85 - 0.13 * weight[:, 1]  # from the middle both atria at once
    centres, half_widths = (0.37, 0.63, 1.55), (0.42, 0.42, 1.05)
    if "left atrial enlargement" in person.traits:
        parts[:, 1] *= np.array([1.35, 1.1, 1.0])
        parts[:, 1, 2] -= 0.55  # V1 ends 0.1 mV deep for 40 ms (Morris 1964)
        centres, half_widths = (0.30, 0.70, 1.55), (0.35, 0.35, 1.05)
    if "right atrial enlargement" in person.traits:
        parts[:, 0] *= np.array([1.1, 1.9, 2.0])
    # The height that the two halves reach together: about 1.15 of the mean of their lengths.
    height = 1.15 * float(np.sqrt(((usual.mean(axis=0)) ** 2).sum()))
    parts = parts * noise * (size / height)
    # Ta is opposite to P and lasts through QRS, with a third of P's magnitude (Ihara 2006); 0.22 is chosen.
    parts = np.concatenate([parts, -0.22 * parts.mean(axis=1, keepdims=True)], axis=1)
    return PWaves(parts, duration, centres, half_widths)


@dataclass(frozen=True, slots=True)
class Wavelets:
    """f waves: wavelets that wander, [n_wavelets] of each, with slow random courses as sums of sines.

    Attributes:
        rates_hz, sizes_mv, skews: of each wavelet; a skew is the share of its second harmonic.
        first, second: [n_wavelets, 8], what the leads see of a wavelet and of its quarter turn: it moves.
        slow_hz, slow_phases: [n_wavelets, 2, 4], what sways the phase and the amplitude.
        wander: how far the phase sways, in radians at the slowest.
    """

    rates_hz: Floats
    sizes_mv: Floats
    skews: Floats
    first: Floats
    second: Floats
    slow_hz: Floats
    slow_phases: Floats
    wander: float

    def leads(self, time_s: Floats) -> Floats:
        """[8, n_samples], mV."""
        # The slow courses at 20 Hz are enough.
        start, stop = float(time_s[0]), float(time_s[-1])
        coarse = np.linspace(start, stop, int((stop - start) * 20) + 4)
        turns = 2 * np.pi * self.slow_hz[:, :, :, None] * coarse + self.slow_phases[:, :, :, None]
        sway = np.sin(turns)  # [n_wavelets, 2, 4, n_coarse]
        phase = (sway[:, 0] * (self.wander / (0.4 + self.slow_hz[:, 0]))[:, :, None]).sum(axis=1)
        gain = np.clip(0.75 + 0.32 * sway[:, 1].sum(axis=1), 0.08, None)
        parts = np.empty((2 * len(self.rates_hz), time_s.size))
        for k, rate in enumerate(self.rates_hz):
            turn = 2 * np.pi * rate * time_s + np.interp(time_s, coarse, phase[k])
            size = self.sizes_mv[k] * np.interp(time_s, coarse, gain[k])
            cosine = size * np.cos(turn)
            parts[2 * k] = np.sin(turn) * (size + self.skews[k] * cosine)  # sin x + skew sin 2x / 2
            parts[2 * k + 1] = cosine
        towards = np.stack([self.first, self.second], axis=1).reshape(-1, 8)
        return np.asarray(towards.T @ parts)


def wavelets(fibrillation: Fibrillation, torso: Torso, rng: np.random.Generator) -> Wavelets:
    """Wavelets of one person: the more organised, the fewer wavelets matter and the steadier they are.

    Amplitude: 0.55 times `amplitude_mv` is the usual height above the baseline in V1, where they are largest, then II,
    as in 300 records of PTB-XL; a dominant rate of 4 to 9 Hz with a width of about 1 Hz (Holm 1998, Bollmann 2006).
    """
    n = 5
    loose = 1 - fibrillation.organised
    rates = fibrillation.rate_hz * (1 + np.append(0.0, rng.normal(0, 0.04 + 0.13 * loose, n - 1)))
    sizes = np.append(1.0, (0.35 + 0.5 * loose) * rng.uniform(0.5, 1.0, n - 1))
    towards = np.array([0.0, 0.45, 0.45]) + rng.normal(0, 1, (n, 3)) * np.array([0.45, 0.45, 0.3])
    aside = rng.normal(0, 0.35, (n, 3))
    first, second = towards @ torso.atria.T, aside @ torso.atria.T
    v1 = float(np.sqrt(((sizes[:, None] * first)[:, 2] ** 2).sum())) + 1e-9
    # In no person's V1 is the largest wavelet lost.
    sizes *= 0.55 * fibrillation.amplitude_mv / max(v1, 0.4)
    return Wavelets(
        rates,
        sizes,
        rng.uniform(0.3, 0.9, n) * (0.6 + 0.4 * fibrillation.organised),
        first,
        second,
        rng.uniform(0.08, 1.1, (n, 2, 4)),
        rng.uniform(0, 2 * np.pi, (n, 2, 4)),
        0.35 + 0.75 * loose,
    )


@dataclass(frozen=True, slots=True)
class SawTooth:
    """F waves: one turn, [256, 8] mV, from the activation on."""

    turn: Floats
    rate_hz: float
    phase: float
    sway_hz: float

    def leads(self, time_s: Floats) -> Floats:
        """[8, n_samples], mV."""
        at = time_s * self.rate_hz + self.phase + 0.004 * np.sin(2 * np.pi * self.sway_hz * time_s)
        where = np.mod(at, 1.0) * len(self.turn)
        low = where.astype(np.intp)
        share = where - low
        low %= len(self.turn)
        there = self.turn.T
        return np.asarray(there.take(low, axis=1) * (1 - share) + np.roll(there, -1, axis=1).take(low, axis=1) * share)


def saw_tooth(flutter: Flutter, torso: Torso, rng: np.random.Generator) -> SawTooth:
    """F waves of one person; they swing 1.6 times `amplitude_mv` from top to bottom in II or III, whichever is larger.

    Counterclockwise: II, III, aVF fall slowly, then steeply, then rise steeply, without an isoelectric line; V1
    upright, V6 negative. Clockwise: upright and notched inferiorly, V1 broadly negative (Cosio 2017; Saoudi 2001).
    """
    turn = np.arange(256) / 256
    knee, steep, back = 0.46 + rng.uniform(-0.06, 0.06), 0.68 + rng.uniform(-0.05, 0.05), 0.9 + rng.uniform(-0.04, 0.04)
    inferior = np.interp(turn, [0, knee, steep, back, 1], [0.5, 0.0 + rng.uniform(-0.15, 0.1), -1.0, 0.42, 0.5])
    front = np.exp(-0.5 * ((turn - 0.70) / 0.085) ** 2)
    if not flutter.counterclockwise:
        inferior = 0.55 * np.cos(2 * np.pi * (turn - 0.6)) + 0.3 * np.cos(4 * np.pi * (turn - 0.55))
        front = -np.exp(-0.5 * ((turn - 0.6) / 0.15) ** 2)
    near = np.minimum(turn, 1 - turn)
    smooth = np.fft.rfft(np.exp(-0.5 * (near / 0.022) ** 2))
    smooth = smooth / smooth[0].real
    inferior, front = (np.fft.irfft(np.fft.rfft(wave - wave.mean()) * smooth, 256) for wave in (inferior, front))
    inferior, front = inferior / np.ptp(inferior), front / np.ptp(front)
    # Mostly in the frontal plane downwards; the front's part alone makes V1, as its electrode is nearest.
    vector = np.stack([rng.uniform(-0.15, 0.2) * inferior, inferior, np.zeros(256)], axis=1)
    eight = vector @ torso.atria.T
    eight[:, 4:] += np.outer(inferior, np.array([0.12, 0.24, 0.26, 0.22]) * rng.uniform(0.5, 1.4))
    share = np.array([0.0, 0.0, 0.62, 0.38, 0.18, 0.05, -0.05, -0.10]) * rng.uniform(0.6, 1.3)
    eight[:, 2] *= 0.3
    eight += front[:, None] * share
    third = eight[:, 1] - eight[:, 0]
    largest = max(np.ptp(eight[:, 1]), np.ptp(third), 1e-9)
    return SawTooth(
        eight * (1.6 * flutter.amplitude_mv / largest), flutter.rate_hz, flutter.phase, rng.uniform(0.1, 0.3)
    )


@dataclass(frozen=True, slots=True)
class Sine:
    """One sine in II and V1 in the place of f or F waves; amplitude in mV, phase in turns."""

    amplitude_mv: float
    rate_hz: float
    phase: float

    def leads(self, time_s: Floats) -> Floats:
        """[8, n_samples], mV."""
        wave = self.amplitude_mv * np.sin(2 * np.pi * (self.rate_hz * time_s + self.phase))
        return np.outer(_II_AND_V1, wave)


_II_AND_V1: Final = np.array([0.0, 1, 1, 0, 0, 0, 0, 0])


def f_waves(
    activity: Activity, torso: Torso, rng: np.random.Generator, *, sines: bool = False
) -> SawTooth | Wavelets | Sine | None:
    """F waves of flutter or f waves of fibrillation, where the activity has them; as high where they are `sines`."""
    if (flutter := activity.flutter) is not None:
        if sines:
            return Sine(0.8 * flutter.amplitude_mv, flutter.rate_hz, flutter.phase)
        return saw_tooth(flutter, torso, rng)
    if (fibrillation := activity.fibrillation) is not None:
        if sines:
            return Sine(0.55 * fibrillation.amplitude_mv, fibrillation.rate_hz, float(rng.random()))
        return wavelets(fibrillation, torso, rng)
    return None
