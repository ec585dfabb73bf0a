"""What the electrodes see of what fires: the heart as a vector in the chest, and twelve leads of it.

Axes: x to the left arm, y to the feet, z to the front. `tables` has what hearts are like, `ventricles`, `ectopic` and
`atria` make the vectors, `torso` the leads, `axes` what these show, `beats` puts each beat where the activity says.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Floats, Ints, Origin
from ecglite.simulator.body.atria import END, PWaves, SawTooth, Sine, Wavelets, f_waves, p_waves
from ecglite.simulator.body.beats import AFTER_TANGENT, ATRIAL, OF_QRS, Placed, Shape, add_spikes, gains, qt_s, shape
from ecglite.simulator.body.fusion import sources, ways
from ecglite.simulator.body.torso import Torso, draw_torso, twelve
from ecglite.simulator.body.ventricles import normal, of_the_node
from ecglite.simulator.person import Person
from ecglite.simulator.realism import MEANS, Realism

_CHUNK_S: Final = 60.0
_WHOLE: Final = Realism()
_P_SEEN: Final = (0.01, 1.0)
"""Where P, as drawn, begins and ends for a delineator."""


@dataclass(frozen=True, slots=True)
class Waves:
    """When every wave begins, is highest and ends: seconds after the first sample, of events outside the record too.

    A wave is highest where the leads I, II and V1 to V6 together are, by the root of the sum of their squares; T where
    its vector is.

    Attributes:
        p_s: [n_p, 3], onset, peak, end.
        qrs_s: [n_beats, 3], the same.
        t_s: [n_beats, 4]: T begins at a fifth of its height, and has two ends; see `t_end_tangent_s` and `t_end_s`.
    """

    p_s: Floats
    qrs_s: Floats
    t_s: Floats

    @property
    def t_end_tangent_s(self) -> Floats:
        """[n_beats]: where the steepest tangent to the falling limb of T meets the baseline."""
        return self.t_s[:, 2]

    @property
    def t_end_s(self) -> Floats:
        """[n_beats]: where a machine that waits for the last lead's baseline sees the end of T, about 30 ms later.

        In a beat of the person's usual kind at the person's rate it is Person.qt_s after the onset of QRS.
        """
        return self.t_s[:, 3]


COLUMNS: Final = {
    "p_s": ("onset", "peak", "end"),
    "qrs_s": ("onset", "peak", "end"),
    "t_s": ("onset", "peak", "end_tangent", "end"),
}
"""What the columns of Waves are."""


@dataclass(frozen=True, slots=True)
class Heart:
    """A recording without noise, of which any piece can be asked for.

    Attributes:
        n_samples: of the whole recording.
        sampling_rate_hz: of the samples.
        waves: when each wave begins, is highest and ends.
    """

    n_samples: int
    sampling_rate_hz: float
    waves: Waves
    _activity: Activity
    _beats: Placed
    _p: PWaves
    _atria: SawTooth | Wavelets | Sine | None
    _breathes: bool  # beats and f waves change with respiration
    _fields: Floats  # [8, 16], what the leads see of each source
    _spikes_mv: tuple[Floats, Floats]  # [8] each: a pacemaker's in the ventricles, in the atria

    def leads(self, first: int, stop: int) -> Floats:
        """[8, stop - first], mV: I, II and V1 to V6, the samples from `first` to before `stop`."""
        rate, made = self.sampling_rate_hz, self._activity
        sources = np.zeros((stop - first, 16))
        self._beats.add(sources, first, rate)
        _add_p(sources[:, ATRIAL], first, rate, made.p_s, self._p)
        out = np.asarray(self._fields @ sources.T)
        paced_p = made.p_s[made.origins == Origin.PACED]
        for onset_s, spike_mv in zip((self._beats.paced_s(), paced_p), self._spikes_mv, strict=True):
            add_spikes(out, first, rate, onset_s, spike_mv)
        if self._atria is not None:
            time_s = np.arange(first, stop) / rate
            breath = np.sin(2 * np.pi * made.breath_hz * time_s + made.breath_phase)
            out += self._atria.leads(time_s) * (1 + 0.04 * self._breathes * breath)
        return out


def heart(
    activity: Activity, person: Person, rng: np.random.Generator, sampling_rate_hz: float, realism: Realism = _WHOLE
) -> Heart:
    """The recording without noise, before its samples are computed.

    Args:
        activity: what fires when.
        person: who.
        rng: the body's own stream.
        sampling_rate_hz: of the samples.
        realism: of hearts, beats and atria.
    """
    # Streams of their own, so that one more beat of a kind does not change the person.
    of_torso, of_heart, of_kinds, of_beats, of_atria = rng.spawn(5)
    if not realism.hearts:
        of_torso = of_heart = of_kinds = MEANS
    node = of_the_node(person)
    chest = draw_torso(node, of_torso)
    before = copy.deepcopy(of_heart)
    usual, chest = normal(node, chest, of_heart)
    # Each lead's own small part of QRS, in shares of the vector's length.
    own, rough = of_kinds.random(8), np.clip(of_kinds.standard_normal((4, 8)), -2, 2)
    rough *= np.where(np.arange(8) < 2, 0.006, 0.014) * (5.0 if "fragmented qrs" in person.traits else 1.0)
    fields = np.concatenate([chest.ventricles, chest.repolarisation, chest.drift, rough.T, chest.atria], axis=1)
    kinds = ways(activity)
    vectors = sources(kinds, person, chest, usual, before, own)
    shapes = {kind: shape(source, fields[:, OF_QRS]) for kind, source in vectors.items()}
    beat_gains, t_gains = gains(activity, of_beats)
    qt = qt_s(activity, person)
    if not realism.beats:
        beat_gains, t_gains, qt = np.tile([1.0, 0.0], (qt.size, 1)), np.ones(qt.size), np.full(qt.size, person.qt_s)
    jt = np.empty(qt.size)
    for kind, form in shapes.items():
        these = kinds == kind
        jt[these] = np.maximum(form.jt_s + (qt[these] - person.qt_s), 0.45 * form.jt_s)
    placed = Placed(shapes, activity.qrs_s, kinds, beat_gains, t_gains, jt)
    p = p_waves(activity, person, chest, of_atria if realism.atria else MEANS, alike=not realism.beats)
    atria = f_waves(activity, chest, of_atria, sines=not realism.atria)
    spikes = (
        chest.ventricles @ (np.array([0.5, -0.8, -0.3]) * (0.3 + 2.2 * own[6] ** 3)),
        chest.ventricles @ (np.array([-0.3, -0.7, -0.1]) * (0.2 + 1.2 * own[6] ** 3)),
    )
    rate = float(sampling_rate_hz)
    waves = _waves(activity, p, chest, shapes, kinds, jt)
    return Heart(
        round(activity.duration_s * rate), rate, waves, activity, placed, p, atria, realism.beats, fields, spikes
    )


def leads(
    activity: Activity, person: Person, rng: np.random.Generator, sampling_rate_hz: float, realism: Realism = _WHOLE
) -> tuple[Floats, Waves]:
    """The whole recording without noise; arguments as heart().

    Returns:
        [n_samples, 12], mV, in the order of ecglite.edge.record.LEADS, I + III = II to rounding; and its waves.
    """
    made = heart(activity, person, rng, sampling_rate_hz, realism)
    out = np.empty((made.n_samples, 12))
    step = max(1, round(_CHUNK_S * made.sampling_rate_hz))
    for first in range(0, made.n_samples, step):
        stop = min(first + step, made.n_samples)
        out[first:stop] = twelve(made.leads(first, stop)).T
    return out, made.waves


def _add_p(out: Floats, first: int, rate_hz: float, onset_s: Floats, p: PWaves) -> None:
    """Adds the vector of the P waves to `out` [n, 3]."""
    unit = p.duration_s / (_P_SEEN[1] - _P_SEEN[0])
    start = onset_s - _P_SEEN[0] * unit
    begins = np.ceil(start * rate_hz - 1e-9).astype(np.int64) - first
    ends = np.ceil((start + END * unit) * rate_hz).astype(np.int64) - first
    these = np.flatnonzero((ends > 0) & (begins < len(out)))
    if not these.size:
        return
    n = int((ends - begins)[these].max())
    at = (begins[these, None] + first + np.arange(n)) / rate_hz
    values = p.course((at - start[these, None]) / unit[these, None]) @ p.parts_mv[these]  # [n_p, n, 3]
    for k, begin in enumerate(begins[these].tolist()):
        low, high = max(begin, 0), min(begin + n, len(out))
        if low < high:
            out[low:high] += values[k, low - begin : high - begin]


def _waves(activity: Activity, p: PWaves, torso: Torso, shapes: dict[int, Shape], kinds: Ints, jt_s: Floats) -> Waves:
    at = np.linspace(0, 1, 101)
    peak = (at[p.peaks(at, torso)] - _P_SEEN[0]) / (_P_SEEN[1] - _P_SEEN[0])
    p_s = activity.p_s[:, None] + p.duration_s[:, None] * np.stack([0 * peak, peak, 0 * peak + 1], axis=1)
    qrs, t = np.empty((activity.qrs_s.size, 3)), np.empty((activity.qrs_s.size, 4))
    for kind, form in shapes.items():
        these = kinds == kind
        onset = activity.qrs_s[these, None]
        qrs[these] = onset + np.array([0.0, form.peak_s, form.qrs_s])
        t[these] = onset + form.j_s + jt_s[these, None] * np.array([form.t_onset, form.t_peak, 1 / AFTER_TANGENT, 1])
    return Waves(p_s.reshape(-1, 3), qrs, t)
