"""What the electrodes see of what fires: the heart as a vector in the chest, and twelve leads of it.

Axes: x to the left arm, y to the feet, z to the front. `tables` has what hearts are like, `ventricles` and `atria` make
the vectors, `torso` the leads, `beats` puts each beat where the activity says.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Floats, Ints, Origin
from ecglite.simulator.body.atria import END, PWaves, SawTooth, Wavelets, p_waves, saw_tooth, wavelets
from ecglite.simulator.body.beats import AFTER_TANGENT, Placed, Shape, add_spikes, gains, qt_s, shape
from ecglite.simulator.body.fusion import sources, ways
from ecglite.simulator.body.torso import draw_torso, twelve
from ecglite.simulator.body.ventricles import normal
from ecglite.simulator.person import Person

_CHUNK_S: Final = 60.0
_P_SEEN: Final = (0.01, 1.0)
"""Where P, as drawn, begins and ends for a delineator."""


@dataclass(frozen=True, slots=True)
class Waves:
    """When every wave begins, is highest and ends: seconds after the first sample, of events outside the record too.

    Attributes:
        p_s: [n_p, 3].
        qrs_s: [n_beats, 3].
        t_s: [n_beats, 3]; T begins at a fifth of its height, and ends where the steepest tangent meets the baseline,
            which is about 30 ms before the end of a machine's QT, that of Person.qt_s.
    """

    p_s: Floats
    qrs_s: Floats
    t_s: Floats


def leads(
    activity: Activity, person: Person, rng: np.random.Generator, sampling_rate_hz: float
) -> tuple[Floats, Waves]:
    """The recording without noise.

    Args:
        activity: what fires when.
        person: who.
        rng: the body's own stream.
        sampling_rate_hz: of the samples.

    Returns:
        [n_samples, 12], mV, in the order of ecglite.edge.record.LEADS, I + III = II to rounding; and its waves.
    """
    rate = float(sampling_rate_hz)
    n_samples = round(activity.duration_s * rate)
    # Streams of their own, so that one more beat of a kind does not change the person.
    of_torso, of_heart, of_kinds, of_beats, of_atria = rng.spawn(5)
    chest = draw_torso(person, of_torso)
    before = copy.deepcopy(of_heart)
    usual, chest = normal(person, chest, of_heart)
    own, rough = of_kinds.random(8), np.clip(of_kinds.standard_normal((4, 8)), -2, 2)
    rough *= np.where(np.arange(8) < 2, 0.006, 0.014) * (5.0 if "fragmented qrs" in person.traits else 1.0)
    kinds = ways(activity)
    vectors = sources(kinds, person, chest, usual, before, own)
    shapes = {kind: shape(source, chest, rough) for kind, source in vectors.items()}
    beat_gains, t_gains = gains(activity, of_beats)
    qt = qt_s(activity, person)
    spike = chest.ventricles @ (np.array([0.5, -0.8, -0.3]) * (0.3 + 2.2 * own[6] ** 3))
    jt = np.empty(qt.size)
    for kind, form in shapes.items():
        these = kinds == kind
        jt[these] = np.maximum(form.jt_s + (qt[these] - person.qt_s), 0.45 * form.jt_s)
    placed = Placed(shapes, activity.qrs_s, kinds, beat_gains, t_gains, jt, spike)
    p = p_waves(activity, person, chest, of_atria)
    spike_p = chest.ventricles @ (np.array([-0.3, -0.7, -0.1]) * (0.2 + 1.2 * own[6] ** 3))
    paced_p = activity.p_s[activity.origins == Origin.PACED]
    atria: list[SawTooth | Wavelets] = []
    if activity.flutter is not None:
        atria.append(saw_tooth(activity.flutter, chest, of_atria))
    if activity.fibrillation is not None:
        atria.append(wavelets(activity.fibrillation, chest, of_atria))
    out = np.empty((n_samples, 12))
    step = max(1, round(_CHUNK_S * rate))
    for first in range(0, n_samples, step):
        eight = np.zeros((min(step, n_samples - first), 8))
        time_s = (first + np.arange(len(eight))) / rate
        placed.add(eight, first, rate)
        _add_p(eight, first, rate, activity.p_s, p)
        add_spikes(eight, first, rate, paced_p, spike_p)
        breath = np.sin(2 * np.pi * activity.breath_hz * time_s + activity.breath_phase)
        for wave in atria:
            eight += wave.leads(time_s) * (1 + 0.04 * breath)[:, None]
        out[first : first + len(eight)] = twelve(eight)
    return out, _waves(activity, p, shapes, kinds, jt)


def _add_p(out: Floats, first: int, rate_hz: float, onset_s: Floats, p: PWaves) -> None:
    """Adds the P waves to `out` [n, 8]."""
    unit = p.duration_s / (_P_SEEN[1] - _P_SEEN[0])
    start = onset_s - _P_SEEN[0] * unit
    begins = np.ceil(start * rate_hz - 1e-9).astype(np.int64) - first
    ends = np.ceil((start + END * unit) * rate_hz).astype(np.int64) - first
    these = np.flatnonzero((ends > 0) & (begins < len(out)))
    if not these.size:
        return
    n = int((ends - begins)[these].max())
    at = (begins[these, None] + first + np.arange(n)) / rate_hz
    values = p.course((at - start[these, None]) / unit[these, None]) @ p.parts_mv[these]  # [n_p, n, 8]
    for k, begin in enumerate(begins[these].tolist()):
        low, high = max(begin, 0), min(begin + n, len(out))
        if low < high:
            out[low:high] += values[k, low - begin : high - begin]


def _waves(activity: Activity, p: PWaves, shapes: dict[int, Shape], kinds: Ints, jt_s: Floats) -> Waves:
    at = np.linspace(0, 1, 101)
    heights = np.sqrt(((p.course(at)[:, :2] @ p.parts_mv[:, :2]) ** 2).sum(axis=2))  # [n_p, 101]
    peak = (at[np.argmax(heights, axis=1)] - _P_SEEN[0]) / (_P_SEEN[1] - _P_SEEN[0])
    p_s = activity.p_s[:, None] + p.duration_s[:, None] * np.stack([0 * peak, peak, 0 * peak + 1], axis=1)
    qrs, t = np.empty((activity.qrs_s.size, 3)), np.empty((activity.qrs_s.size, 3))
    for kind, form in shapes.items():
        these = kinds == kind
        onset = activity.qrs_s[these, None]
        qrs[these] = onset + np.array([0.0, form.peak_s, form.qrs_s])
        t[these] = onset + form.j_s + jt_s[these, None] * np.array([form.t_onset, form.t_peak, 1 / AFTER_TANGENT])
    return Waves(p_s.reshape(-1, 3), qrs, t)
