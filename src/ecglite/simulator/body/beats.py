"""The beats of a recording: shapes as the leads see them, put where the activity says, each a little different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Beat, Floats, Ints
from ecglite.simulator.body.torso import Torso, turned
from ecglite.simulator.body.ventricles import RAMP, T_SHARE, Source, U, W
from ecglite.simulator.person import Person

_SEEN: Final = 0.009
"""QRS begins and ends where its vector is this share of its greatest length: some lead shows it earlier than the vector
does, and the durations are then those of a machine that looks at all leads. Fitted on 26 recordings of
Chapman-Shaoxing's, which are therefore no unknown source to the simulator."""
AFTER_TANGENT: Final = 1.12
"""T ends, for a machine that waits for the baseline in the last lead, so many times later after J than the steepest
tangent says: 36 ms. Fitted on 15 recordings of Chapman-Shaoxing's, as above."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of beat in the eight leads.

    Attributes:
        qrs: [129, 16], mV: the leads, then how they change per radian that the heart sways in the frontal plane.
        stt: [171, 16], from J on.
        begin_s, step_s: of the rows of `qrs` after the onset of QRS.
        qrs_s, peak_s: its duration, and when the vector is longest.
        jt_s: from J to the end of T at the person's rate.
        t_onset, t_peak: in shares of jt_s.
        t_rows: the row of `stt`, in parts, where T ends.
    """

    qrs: Floats
    stt: Floats
    begin_s: float
    step_s: float
    qrs_s: float
    peak_s: float
    jt_s: float
    t_onset: float
    t_peak: float
    t_rows: float

    @property
    def j_s(self) -> float:
        """Where `stt` begins, after the onset of QRS."""
        return self.begin_s + (len(self.qrs) - 1) * self.step_s


def shape(source: Source, torso: Torso, rough: Floats) -> Shape:
    """What the leads see of a source; `rough` [4, 8] is each lead's own small part, by nearness, in shares."""
    length = np.sqrt((source.qrs**2).sum(axis=1))
    over = np.flatnonzero(length > _SEEN * length.max())
    first, last = _crossing(length, int(over[0]), -1), _crossing(length, int(over[-1]), 1)
    step = source.qrs_s / max(last - first, 1.0)
    stt = torso.of_stt(source.stt, T_SHARE)
    # Half waves of a third to a ninth of QRS, as the fibres near an electrode make them.
    near = np.sin(np.pi * U[:, None] * np.array([3.0, 5.0, 7.0, 9.0])) * np.sin(np.pi * U)[:, None]
    stt_sway = torso.of_stt(_sway(source.stt), T_SHARE)
    leads = torso.of_qrs(source.qrs) + RAMP * stt[0] + near @ rough * float(length.max())
    wave = np.sqrt((source.stt**2).sum(axis=1))
    peak = 30 + int(np.argmax(wave[30:105]))
    falls = np.gradient(wave)
    steepest = peak + int(np.argmin(falls[peak : peak + 40]))
    drop = -float(falls[steepest])
    end = float(W[steepest]) + float(wave[steepest]) / drop * float(W[1]) if drop > 1e-9 else 1.0
    end = AFTER_TANGENT * float(np.clip(end, W[peak] + 0.05, 1.25))
    foot = float(wave[:peak].min())
    below = np.flatnonzero(wave[:peak] < foot + 0.2 * (float(wave[peak]) - foot))
    onset = float(W[below[-1]]) if below.size else 0.0
    begin = -first * step
    qt_to_j = source.qrs_s + source.jt_s - (begin + 128 * step)  # J of the grid is a little after the end that is seen
    return Shape(
        np.concatenate([leads, torso.of_qrs(_sway(source.qrs)) + RAMP * stt_sway[0]], axis=1),
        np.concatenate([stt, stt_sway], axis=1),
        begin,
        step,
        source.qrs_s,
        begin + int(np.argmax(length)) * step,
        qt_to_j,
        float(np.clip(onset, 0.02, float(W[peak]) - 0.05)) / end,
        float(W[peak]) / end,
        end / float(W[1]),
    )


def _crossing(length: Floats, index: int, outward: int) -> float:
    """Where the length crosses, between `index` and its outer neighbour."""
    out = index + outward
    if not 0 <= out < len(length):
        return float(index)
    level, inside, outside = _SEEN * float(length.max()), float(length[index]), float(length[out])
    return index + outward * (inside - level) / max(inside - outside, 1e-12)


def _sway(vectors: Floats) -> Floats:
    return np.asarray(turned(vectors, 90.0) * np.array([1.0, 1.0, 0.0]))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where and how every beat of a recording is drawn.

    Attributes:
        shapes: by Beat.
        onset_s, kinds: [n_beats].
        gains: [n_beats, 2], of the shape and of its sway.
        t_gains: [n_beats], more of ST and T.
        jt_s: [n_beats], from the grid's J to the end of T.
        spike_mv: [8], of the pacemaker.
    """

    shapes: dict[int, Shape]
    onset_s: Floats
    kinds: Ints
    gains: Floats
    t_gains: Floats
    jt_s: Floats
    spike_mv: Floats

    def add(self, out: Floats, first: int, rate_hz: float) -> None:
        """Adds to `out` [n, 8], whose first row is sample `first` of the recording."""
        begin, end = first / rate_hz, (first + len(out)) / rate_hz
        near = (self.onset_s > begin - 1.8) & (self.onset_s < end + 0.2)
        for kind, form in self.shapes.items():
            these = np.flatnonzero(near & (self.kinds == kind))
            if not these.size:
                continue
            onset, gains, t_gains = self.onset_s[these], self.gains[these], self.t_gains[these, None]
            n = these.size
            start, middle = onset + form.begin_s, onset + form.j_s
            unit = self.jt_s[these] / form.t_rows
            stop = middle + unit * (len(form.stt) - 1)
            at = [np.ceil(when * rate_hz - 1e-9).astype(np.int64) for when in (start, middle, stop)]
            _put(out, first, rate_hz, (at[0], at[1]), start, np.full(n, form.step_s), form.qrs, gains)
            _put(out, first, rate_hz, (at[1], at[2]), middle, unit, form.stt, gains * t_gains)
            if kind == Beat.PACED:
                add_spikes(out, first, rate_hz, onset, self.spike_mv)


def add_spikes(out: Floats, first: int, rate_hz: float, onset_s: Floats, spike_mv: Floats) -> None:
    """Adds to `out` [n, 8] pacemaker pulses of 0.5 ms that end 2 ms before the onsets, and the electrode's recharge."""
    at = np.round((onset_s - 0.0025) * rate_hz).astype(np.int64) - first
    at = at[(at > -0.05 * rate_hz) & (at < len(out))]
    width = min(1.0, 0.0005 * rate_hz + 0.25)
    for after in range(max(2, int(0.02 * rate_hz)) if at.size else 0):
        rows = at + after
        height = width if after == 0 else -0.06 * width * np.exp(-after / (0.006 * rate_hz))
        out[rows[(rows >= 0) & (rows < len(out))]] += height * spike_mv


def _put(
    out: Floats,
    first: int,
    rate_hz: float,
    between: tuple[Ints, Ints],
    start_s: Floats,
    unit_s: Floats,
    rows: Floats,
    gains: Floats,
) -> None:
    """Adds `rows` [m, 16] from `start_s` on, `unit_s` per row, once per beat, to the samples `between`."""
    begins, ends = between
    n = int((ends - begins).max())
    if n <= 0:
        return
    samples = begins[:, None] + np.arange(n)  # [n_beats, n]
    where = np.clip((samples / rate_hz - start_s[:, None]) / unit_s[:, None], 0, len(rows) - 1.000001)
    low = where.astype(np.int64)
    share = (where - low)[:, :, None]
    lower = np.take(rows, low, axis=0)
    values = lower + share * (np.take(rows, low + 1, axis=0) - lower)
    values = values[:, :, :8] * gains[:, :1, None] + values[:, :, 8:] * gains[:, 1:, None]
    for beat, (begin, end) in enumerate(zip((begins - first).tolist(), (ends - first).tolist(), strict=True)):
        low_row, high_row = max(begin, 0), min(end, len(out))
        if low_row < high_row:
            out[low_row:high_row] += values[beat, low_row - begin : high_row - begin]


def gains(activity: Activity, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """[n_beats, 2], amplitude and sway of each beat, and [n_beats] for its T: respiration, chance, alternans."""
    at, n = activity.qrs_s, activity.qrs_s.size
    depth, swing, late = rng.uniform(0.01, 0.07), rng.uniform(0.01, 0.07), rng.uniform(-0.6, 0.6)
    chance, t_chance = rng.standard_normal(n), rng.standard_normal(n)
    alternates, height = rng.random(), rng.uniform(0.03, 0.12)
    breath = 2 * np.pi * activity.breath_hz * at + activity.breath_phase
    gain = 1 + depth * np.sin(breath) + 0.012 * np.clip(chance, -3, 3)
    if activity.rhythm in ("SVT", "AVRT", "AVNRT") and n > 2 and np.median(np.diff(at)) < 0.35:
        # QRS alternans in fast re-entry, oftener over a pathway (Kay 1987).
        often = {"AVRT": 0.45, "AVNRT": 0.15}.get(activity.rhythm, 0.25)
        gain = gain * (1 + (alternates < often) * height * np.where(np.arange(n) % 2, 1.0, -1.0))
    sway = swing * np.sin(breath + late)
    return np.stack([gain, sway], axis=1), 1 + 0.025 * np.clip(t_chance, -3, 3)


def qt_s(activity: Activity, person: Person) -> Floats:
    """[n_beats], QT in seconds: the cube root of RR (Fridericia), of which the last RR is a part, the past the rest.

    The past fades over about twenty beats (Franz 1988: the action potential adapts over minutes; its first, fast part
    follows the last interval).
    """
    rr = np.diff(activity.qrs_s, prepend=activity.qrs_s[:1] - person.rr_s)
    past, out = person.rr_s, np.empty(rr.size)
    for beat, last in enumerate(np.clip(rr, 0.15, 3.0).tolist()):
        out[beat] = 0.82 * past + 0.18 * last
        past += (last - past) / 20
    return np.asarray(person.qt_s * np.cbrt(out / person.rr_s))
