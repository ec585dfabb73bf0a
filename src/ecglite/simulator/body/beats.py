"""The beats of a recording: shapes as the leads see them, put where the activity says, each a little different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Beat, Floats, Ints
from ecglite.simulator.body.ventricles import RAMP, T_SHARE, Source, U, W
from ecglite.simulator.person import Person

_SEEN: Final = 0.009
"""QRS begins and ends where its vector is this share of its greatest length: some lead shows it earlier than the vector
does, and the durations are then those of a machine that looks at all leads. Fitted on 26 recordings of
Chapman-Shaoxing's, which are therefore no unknown source to the simulator."""
AFTER_TANGENT: Final = 1.12
"""T ends, for a machine that waits for the baseline in the last lead, so many times later after J than the steepest
tangent says: 36 ms. Fitted on 15 recordings of Chapman-Shaoxing's, as above."""


OF_QRS, REPOLARISED, ATRIAL = slice(0, 13), slice(0, 9), slice(13, 16)
"""The sixteen sources that beats and P waves are added up in: the vector of QRS and ST, that of T, how far both have
moved through the chest, four half waves of the fibres near the electrodes, the vector of P. What the leads see of them
is one matrix for the whole recording."""
_MOVED_IN_QRS: Final = U[:, None] - 0.5
_MOVED_IN_STT: Final = 0.5 - W[:, None] / float(W[-1])
_NEAR: Final = np.sin(np.pi * U[:, None] * np.array([3.0, 5.0, 7.0, 9.0])) * np.sin(np.pi * U)[:, None]
"""[129, 4]: half waves of a third to a ninth of QRS."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of beat.

    Attributes:
        qrs: [129, 13], mV: its sources up to NEAR.
        stt: [171, 9], from J on.
        begin_s, step_s: of the rows of `qrs` after the onset of QRS.
        qrs_s, peak_s: its duration, and when the leads together are largest (root of the sum of squares).
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


def shape(source: Source, fields: Floats) -> Shape:
    """A source as it is put into a recording, and where a delineator sees its waves begin and end.

    Args:
        source: the heart vector.
        fields: [8, 13], what the leads see of each source of QRS.
    """
    length = np.sqrt((source.qrs**2).sum(axis=1))
    longest = int(length.argmax())
    over = np.flatnonzero(length > _SEEN * length[longest])
    first, last = _crossing(length, int(over[0]), -1), _crossing(length, int(over[-1]), 1)
    step = source.qrs_s / max(last - first, 1.0)
    wave = np.sqrt((source.stt**2).sum(axis=1))
    peak = 30 + int(wave[30:105].argmax())
    falls = np.gradient(wave)
    steepest = peak + int(falls[peak : peak + 40].argmin())
    drop = -float(falls[steepest])
    end = float(W[steepest]) + float(wave[steepest]) / drop * float(W[1]) if drop > 1e-9 else 1.0
    end = AFTER_TANGENT * min(max(end, float(W[peak]) + 0.05), 1.25)
    foot = float(wave[:peak].min())
    below = np.flatnonzero(wave[:peak] < foot + 0.2 * (float(wave[peak]) - foot))
    onset = float(W[below[-1]]) if below.size else 0.0
    begin = -first * step
    qt_to_j = source.qrs_s + source.jt_s - (begin + 128 * step)  # J of the grid is a little after the end that is seen
    st = RAMP * source.stt[0]
    moved = _MOVED_IN_QRS * source.qrs + float(_MOVED_IN_STT[0, 0]) * st
    qrs = np.concatenate([source.qrs + st, np.zeros_like(st), moved, _NEAR * length[longest]], axis=1)
    t = T_SHARE * source.stt
    return Shape(
        qrs,
        np.concatenate([source.stt - t, t, _MOVED_IN_STT * source.stt], axis=1),
        begin,
        step,
        source.qrs_s,
        begin + int(((qrs @ fields.T) ** 2).sum(axis=1).argmax()) * step,
        qt_to_j,
        min(max(onset, 0.02), float(W[peak]) - 0.05) / end,
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


@dataclass(frozen=True, slots=True)
class Placed:
    """Where and how every beat of a recording is drawn.

    Attributes:
        shapes: by Beat.
        onset_s, kinds: [n_beats].
        gains: [n_beats, 2], of the shape, and by how many radians it sways in the frontal plane.
        t_gains: [n_beats], more of ST and T.
        jt_s: [n_beats], from the grid's J to the end of T.
    """

    shapes: dict[int, Shape]
    onset_s: Floats
    kinds: Ints
    gains: Floats
    t_gains: Floats
    jt_s: Floats

    def add(self, out: Floats, first: int, rate_hz: float) -> None:
        """Adds to `out` [n, 16], whose first row is sample `first` of the recording."""
        begin, end = first / rate_hz, (first + len(out)) / rate_hz
        near = (self.onset_s > begin - 1.8) & (self.onset_s < end + 0.2)
        for kind, form in self.shapes.items():
            these = np.flatnonzero(near & (self.kinds == kind))
            if not these.size:
                continue
            onset = self.onset_s[these]
            start, middle = onset + form.begin_s, onset + form.j_s
            unit = self.jt_s[these] / form.t_rows
            stop = middle + unit * (len(form.stt) - 1)
            at = np.ceil(np.stack([start, middle, stop]) * rate_hz - 1e-9).astype(np.int64)
            swayed = _swayed(self.gains[these])
            step = np.full(these.size, form.step_s)
            _put(out[:, OF_QRS], first, rate_hz, at[:2], start, step, form.qrs, swayed)
            turned_t = swayed[:, :9, :9] * self.t_gains[these, None, None]
            _put(out[:, REPOLARISED], first, rate_hz, at[1:], middle, unit, form.stt, turned_t)

    def paced_s(self) -> Floats:
        """[n]: the onsets of the beats that a pacemaker makes."""
        return np.asarray(self.onset_s[self.kinds == Beat.PACED])


def _swayed(gains: Floats) -> Floats:
    """[n_beats, 13, 13]: what a row of sources up to NEAR becomes; the vectors sway, the half waves do not."""
    out = gains[:, 0, None, None] * np.eye(13)
    for x in (0, 3, 6):
        out[:, x, x + 1], out[:, x + 1, x] = gains[:, 1], -gains[:, 1]
    return out


def add_spikes(out: Floats, first: int, rate_hz: float, onset_s: Floats, spike_mv: Floats) -> None:
    """Adds to `out` [8, n] pacemaker pulses of 0.5 ms that end 2 ms before the onsets, and the electrode's recharge."""
    if not onset_s.size:
        return
    at = np.round((onset_s - 0.0025) * rate_hz).astype(np.int64) - first
    n = out.shape[1]
    at = at[(at > -0.05 * rate_hz) & (at < n)]
    width = min(1.0, 0.0005 * rate_hz + 0.25)
    for after in range(max(2, int(0.02 * rate_hz))):
        samples = at + after
        height = width if after == 0 else -0.06 * width * np.exp(-after / (0.006 * rate_hz))
        out[:, samples[(samples >= 0) & (samples < n)]] += (height * spike_mv)[:, None]


def _put(
    out: Floats,
    first: int,
    rate_hz: float,
    between: Ints,
    start_s: Floats,
    unit_s: Floats,
    rows: Floats,
    becomes: Floats,
) -> None:
    """Adds `rows` [m, k] from `start_s` on, `unit_s` per row, once per beat, to the samples `between` [2, n_beats].

    `becomes` [n_beats, k, k] is what each beat makes of a row.
    """
    begins, ends = between
    n = int((ends - begins).max())
    if n <= 0:
        return
    samples = begins[:, None] + np.arange(n)  # [n_beats, n]
    where = (samples / rate_hz - start_s[:, None]) / unit_s[:, None]
    where = np.minimum(np.maximum(where, 0), len(rows) - 1.000001)
    low = where.astype(np.int64)
    share = (where - low)[:, :, None]
    lower = rows.take(low, axis=0)
    values = (lower + share * (rows.take(low + 1, axis=0) - lower)) @ becomes
    for beat, (begin, end) in enumerate(zip((begins - first).tolist(), (ends - first).tolist(), strict=True)):
        low_row, high_row = max(begin, 0), min(end, len(out))
        if low_row < high_row:
            out[low_row:high_row] += values[beat, low_row - begin : high_row - begin]


def gains(activity: Activity, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """[n_beats, 2], amplitude and sway of each beat, and [n_beats] for its T: respiration, chance, alternans."""
    at, n = activity.qrs_s, activity.qrs_s.size
    depth, swing, late = rng.uniform(0.0, 0.045), rng.uniform(0.01, 0.07), rng.uniform(-0.6, 0.6)
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
