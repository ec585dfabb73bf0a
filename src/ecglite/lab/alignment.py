"""Whether the truth of a simulated recording is where detectors that know nothing of the simulator see the waves.

R peaks by neurokit2 and by wfdb's XQRS, the edges of P, QRS and T by neurokit2's wavelet delineator, which is asked
about waves of known edges too: what it is off there is its own.

    python -m ecglite.lab.alignment    prints the tables of docs/simulator.md
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import criteria
from ecglite.simulator import Made, make
from ecglite.simulator.activity import Beat, Origin
from ecglite.simulator.conduction import Options

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

RATE_HZ: Final = 500
NEAR_S: Final = 0.05
"""A detected R is a beat's within this distance."""
_EDGE_S: Final = 0.5  # of a recording: detectors miss what they see half of
_READ: Final = ("I", "II", *LEADS[6:])
_REACH_S: Final = 0.06

PREMATURE_ATRIAL: Final = "premature atrial"
KINDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    # kind of beat -> the rhythm and what is asked for, so that there are such beats
    "normal": ("SR", {"traits": ("pvc",)}),
    PREMATURE_ATRIAL: ("SR", {"traits": ("atrial bigeminy",)}),
    "ventricular": ("SR", {"traits": ("ventricular bigeminy",)}),
    "paced": ("SR", {"traits": ("paced",)}),
    "preexcited": ("SR", {"traits": ("preexcitation",)}),
    "aberrant": ("AFIB", {"options": Options(aberrancy=1.0), "duration_s": 30.0}),
}


@dataclass(slots=True)
class Peaks:
    """What a detector made of the R peaks of some recordings.

    Attributes:
        n: beats of the kind that is looked at, half a second and more from the edges.
        seen: what was detected there, whatever the kind.
        false: those of them that are near no beat, or near one that has a detection already.
        errors_s: detected less true, of those that were found.
        heights: how high the leads together are at the true peak, over that at the detected one.
    """

    n: int = 0
    seen: int = 0
    false: int = 0
    errors_s: list[float] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the beats that were found."""
        return len(self.errors_s) / self.n

    @property
    def precision(self) -> float:
        """Share of the detected that is beats, of any kind."""
        return 1 - self.false / self.seen

    def quantile_ms(self, share: float) -> float:
        """Of the absolute errors."""
        return float(np.quantile(np.abs(self.errors_s), share) * 1000)


def made(of: str, n: int, noise: float) -> list[Made]:
    """`n` recordings of a rhythm, or of one in which a kind of beat is, of anybody whom the population has.

    Args:
        of: one of the eleven rhythms, or one of KINDS.
        n: recordings.
        noise: as make().
    """
    rhythm, asked = KINDS.get(of, (of, {}))
    return [make(rhythm, seed, sampling_rate_hz=RATE_HZ, noise=noise, **asked) for seed in range(n)]


def peaks(recordings: list[Made], of: str, detector: str = "neurokit2") -> Peaks:
    """The R peaks of recordings, against their truth.

    Args:
        recordings: at RATE_HZ.
        of: a rhythm, all of whose beats are looked at, or one of KINDS.
        detector: "neurokit2" or "wfdb".
    """
    found = Peaks()
    for one in recordings:
        _match(found, one, _of_kind(one, of), detector)
    return found


def _of_kind(one: Made, of: str) -> Bools:
    """[n_beats], which ones are looked at."""
    activity = one.truth.plan.activity
    if of == PREMATURE_ATRIAL:
        early = activity.leads_to[(activity.origins == Origin.FOCUS) & (activity.leads_to >= 0)]
        return np.asarray(np.isin(np.arange(activity.beats.size), early))
    return np.asarray(activity.beats == Beat[of.upper()]) if of in KINDS else np.ones(activity.beats.size, np.bool_)


def _match(found: Peaks, one: Made, wanted: Bools, detector: str) -> None:
    samples, length = _detected(one.record, detector)
    seen = samples / RATE_HZ
    true = one.truth.waves.qrs_s[:, 1]
    end = one.record.duration_s - _EDGE_S
    inside = (true > _EDGE_S) & (true < end)
    found.n += int((wanted & inside).sum())
    off = np.abs(seen[:, None] - true)  # [n_seen, n_beats]
    shown = (seen > _EDGE_S) & (seen < end)
    found.seen += int(shown.sum())
    near = shown & (off.min(axis=1) <= NEAR_S)
    found.false += int(shown.sum()) - np.unique(off[near].argmin(axis=1)).size
    for beat in np.flatnonzero(wanted & inside):
        if off.shape[0] and off[:, beat].min() <= NEAR_S:
            at = seen[off[:, beat].argmin()]
            found.errors_s.append(float(at - true[beat]))
            found.heights.append(float(length[round(true[beat] * RATE_HZ)] / length[round(at * RATE_HZ)]))


def _detected(record: Record, detector: str) -> tuple[npt.NDArray[np.int64], Floats]:
    """Samples of the R peaks, and [n_samples], how large the eight leads together are.

    The detector is given how fast the leads together move, in which a tall T is small; R is their summit beside what it
    found. Of fast beats neurokit2's usual 0.3 s between two would lose every second.
    """
    import neurokit2
    from wfdb.processing import XQRS

    clean = np.stack([neurokit2.ecg_clean(criteria.lead(record, name), RATE_HZ) for name in _READ], axis=1)
    length = np.sqrt((clean**2).sum(axis=1))
    speed = np.sqrt((np.diff(clean, axis=0, prepend=0.0) ** 2).sum(axis=1))
    speed = np.convolve(speed, np.hanning(0.06 * RATE_HZ), mode="same")
    if detector == "neurokit2":
        found = neurokit2.ecg_findpeaks(speed, RATE_HZ, mindelay=0.2)["ECG_R_Peaks"]
    else:
        xqrs = XQRS(speed, RATE_HZ)
        xqrs.detect(verbose=False)
        found = xqrs.qrs_inds
    reach = round(_REACH_S * RATE_HZ)
    first = [max(int(at) - reach, 0) for at in found]
    return np.array([low + int(length[low : low + 2 * reach + 1].argmax()) for low in first], np.int64), length


EDGES: Final = ("P onset", "QRS onset", "QRS end", "T end, tangent")


def edges(leads_mv: Floats, r_s: Floats) -> dict[str, Floats]:
    """Where neurokit2's wavelet delineator sees EDGES, in seconds, a median over the leads; NaN where it sees none.

    Without a Q or an S it has no edge of QRS, and gives one of P or T: only leads with a Q before R, or an S after it,
    count for the edge beside it.

    Args:
        leads_mv: [n_samples, n_leads] at RATE_HZ.
        r_s: [n_beats].
    """
    found: dict[str, list[Floats]] = {name: [] for name in EDGES}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import neurokit2

        for lead in leads_mv.T:
            clean = neurokit2.ecg_clean(lead, RATE_HZ)
            samples = np.round(r_s * RATE_HZ).astype(np.int64)
            _, marks = neurokit2.ecg_delineate(clean, samples, sampling_rate=RATE_HZ, method="dwt")
            seen = {name[4:]: np.array(at, np.float64)[: r_s.size] / RATE_HZ for name, at in marks.items()}
            begins, ends = seen["R_Onsets"], seen["R_Offsets"]
            with_q = (begins < seen["Q_Peaks"]) & (r_s - seen["Q_Peaks"] < _REACH_S) & (r_s - begins < 0.09)
            with_s = (ends > seen["S_Peaks"]) & (seen["S_Peaks"] - r_s < 0.07) & (ends - r_s < 0.1)
            found["P onset"].append(seen["P_Onsets"])
            found["QRS onset"].append(np.where(with_q, begins, np.nan))
            found["QRS end"].append(np.where(with_s, ends, np.nan))
            found["T end, tangent"].append(seen["T_Offsets"])
        return {name: np.nanmedian(of, axis=0) for name, of in found.items()}


def edge_errors(rhythms: tuple[str, ...], n: int, noise: float) -> dict[str, Floats]:
    """Seen less true, seconds, of EDGES in the sinus beats of `n` people a rhythm without further findings."""
    errors: dict[str, list[Floats]] = {name: [] for name in EDGES}
    for rhythm in rhythms:
        for one in criteria.plain(rhythm, n, noise=noise):
            waves, activity = one.truth.waves, one.truth.plan.activity
            r = waves.qrs_s[:, 1]
            beats = np.flatnonzero((r > 0.6) & (r < one.record.duration_s - 0.6))
            signal = np.stack([criteria.lead(one.record, name) for name in _READ], axis=1)
            seen = edges(signal, r[beats])
            p = np.full(r.size, np.nan)
            p[activity.leads_to] = waves.p_s[:, 0]
            true = (p, waves.qrs_s[:, 0], waves.qrs_s[:, 2], waves.t_end_tangent_s)
            for name, at in zip(EDGES, true, strict=True):
                off = seen[name] - at[beats]
                errors[name].append(off[np.isfinite(off)])
    return {name: np.concatenate(of) for name, of in errors.items()}


def own_error_s() -> dict[str, float]:
    """What the delineator is off on waves of known edges, in seconds: the mean over four lengths of QRS of the medians.

    P and T are raised cosines of 100 and 220 ms, QRS is q, R and s in straight lines, 80 to 110 ms.
    """
    errors: dict[str, list[float]] = {name: [] for name in EDGES}
    for qrs_s in (0.08, 0.09, 0.1, 0.11):
        time_s = np.arange(10 * RATE_HZ) / RATE_HZ
        onsets = np.arange(0.7, 9.3, 0.85)
        signal = np.zeros(time_s.size)
        for onset in onsets:
            at = time_s - onset
            signal += 0.12 * _raised(at, -0.16, 0.1) + 0.3 * _raised(at, qrs_s + 0.08, 0.22)
            signal += np.interp(at / qrs_s, (0, 0.2, 0.5, 0.8, 1), (0, -0.1, 1.2, -0.2, 0))
        # A raised cosine falls fastest at three quarters, from half its height: the tangent ends 1 / 2 pi later.
        t_end = onsets + qrs_s + 0.08 + 0.22 * (0.75 + 0.5 / np.pi)
        seen = edges(signal[:, None], onsets + qrs_s / 2)
        for name, true in zip(EDGES, (onsets - 0.16, onsets, onsets + qrs_s, t_end), strict=True):
            errors[name].append(float(np.nanmedian(seen[name] - true)))
    return {name: float(np.mean(of)) for name, of in errors.items()}


def _raised(at_s: Floats, begin_s: float, lasting_s: float) -> Floats:
    return np.asarray(np.sin(np.pi * np.clip((at_s - begin_s) / lasting_s, 0, 1)) ** 2)


def _tables() -> Iterator[str]:
    yield "| beats | noise | n | recall | precision | median, ms | 90 %, ms | recall, wfdb | precision, wfdb |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for of in (*RHYTHMS, *KINDS):
        for noise in (0.0, 1.0):
            recordings = made(of, 12, noise)
            nk, wfdb = (peaks(recordings, of, detector) for detector in ("neurokit2", "wfdb"))
            yield (
                f"| {of} | {noise:g} | {nk.n} | {nk.recall:.3f} | {nk.precision:.3f} | {nk.quantile_ms(0.5):.1f} | "
                f"{nk.quantile_ms(0.9):.0f} | {wfdb.recall:.3f} | {wfdb.precision:.3f} |"
            )
    yield ""
    yield "| edge | noise | n | median, ms | 10 to 90 %, ms | the delineator's own, ms |"
    yield "|---|---:|---:|---:|---:|---:|"
    own = own_error_s()
    for noise in (0.0, 1.0):
        for name, errors in edge_errors(("SB", "SR", "ST", "SA"), 10, noise).items():
            low, middle, high = np.quantile(errors, [0.1, 0.5, 0.9]) * 1000
            spread = f"{middle:+.1f} | {low:+.0f} to {high:+.0f}"
            yield f"| {name} | {noise:g} | {errors.size} | {spread} | {1000 * own[name]:+.1f} |"


if __name__ == "__main__":
    print("\n".join(_tables()))
