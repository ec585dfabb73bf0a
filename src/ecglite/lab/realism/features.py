"""Named measures of a recording at 100 Hz: what a person would point at who says "this one is not real".

Each has a family, the part of the simulator that would have to change. NaN where nothing can be measured.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge import heart_rate
from ecglite.edge.record import LEADS

Floats = npt.NDArray[np.float64]

FAMILIES: Final = {
    "RR": "when the ventricles beat",
    "P": "before QRS: P waves, f and F waves in the averaged beat",
    "QRS amplitude": "largest and least voltage of QRS in each lead",
    "QRS shape": "steepness, notches, duration",
    "ST and T": "level, amplitude, timing and slopes after QRS",
    "beat to beat": "how unlike the beats of one recording are",
    "noise": "what is left above 25 Hz between the beats",
    "wander": "what moves below 0.5 Hz",
    "spectrum": "power in bands, relative to the lead's whole",
    "residual": "what is left at 3 to 12 Hz when the averaged beat is taken off: atria",
    "space": "how the leads hang together",
}
"""Each family of measures, in words."""

_RATE: Final = 100
_BEFORE, _AFTER = 30, 52  # samples around R of an averaged beat
_BANDS: Final = ((0.0, 0.5), (0.5, 1.0), (1.0, 3.0), (3.0, 6.0), (6.0, 10.0), (10.0, 15.0), (15.0, 20.0), (20.0, 25.0),
                 (25.0, 30.0), (30.0, 35.0), (35.0, 40.0), (40.0, 45.0))  # fmt: skip
_SEEN: Final = ("II", "V1", "V5")


def measured(x: npt.NDArray[np.float16]) -> tuple[tuple[str, ...], Floats]:
    """The names `family: measure`, and float64 [n, n_names].

    Args:
        x: [n, 12, 1000], millivolts at 100 Hz.
    """
    rows = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of means over nothing: they become NaN
        for signal in x:
            rows.append(_of_one(signal.astype(np.float64)))
    names = tuple(rows[0]) if rows else ()
    table = np.array([[row[name] for name in names] for row in rows], np.float64)
    return names, np.where(np.isfinite(table), table, np.nan)


def family(name: str) -> str:
    """Of a measure's name."""
    return name.partition(": ")[0]


def _of_one(x: Floats) -> dict[str, float]:
    times = heart_rate.beats(np.repeat(x.T, 5, axis=0).astype(np.float32))  # it works at 100 Hz inside
    peaks = _on_r(x, np.round(times * _RATE).astype(int))
    rr = np.diff(peaks) / _RATE
    beats = _cut(x, peaks)
    beat = np.median(beats, axis=0) if len(beats) >= 2 else np.full((len(LEADS), _BEFORE + _AFTER), np.nan)
    return (
        _rr(rr)
        | _shape(beat, float(np.median(rr)) if len(rr) else np.nan)
        | _beat_to_beat(beats, beat)
        | _noise(x)
        | _spectrum(x)
        | _residual(x, peaks, beat)
        | _space(x, beat)
    )


def _on_r(x: Floats, peaks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The detector's beats, moved to where all leads together are steepest within 60 ms."""
    slope = np.pad(np.abs(x[:, 2:] - x[:, :-2]).sum(axis=0), 1)
    slope = np.convolve(slope, np.ones(3) / 3, "same")
    inside = peaks[(peaks >= 6) & (peaks < x.shape[1] - 7)]
    around = np.arange(-6, 7)
    moved = inside + around[slope[inside[:, None] + around].argmax(axis=1)] if len(inside) else inside
    return np.unique(moved)


def _cut(x: Floats, peaks: npt.NDArray[np.int64]) -> Floats:
    """[n_beats, 12, 82], each beat less its level just before QRS."""
    inside = peaks[(peaks >= _BEFORE) & (peaks + _AFTER <= x.shape[1])]
    cut = x[:, inside[:, None] + np.arange(-_BEFORE, _AFTER)].transpose(1, 0, 2)
    return np.asarray(cut - np.median(cut[:, :, _BEFORE - 8 : _BEFORE - 5], axis=2, keepdims=True))


def _rr(rr: Floats) -> dict[str, float]:
    names = ("heart rate", "variation", "successive change", "correlation of successive", "of every other", "skew",
             "shortest", "longest")  # fmt: skip
    if len(rr) < 4:
        return {f"RR: {name}": np.nan for name in names}
    mean, spread = rr.mean(), rr.std()
    z = (rr - mean) / max(spread, 1e-6)
    values = (60 / mean, spread / mean, float(np.sqrt((np.diff(rr) ** 2).mean())) / mean, (z[1:] * z[:-1]).mean(),
              (z[2:] * z[:-2]).mean(), (z**3).mean(), rr.min() / mean, rr.max() / mean)  # fmt: skip
    return {f"RR: {name}": float(value) for name, value in zip(names, values, strict=True)}


def _shape(beat: Floats, rr_s: float) -> dict[str, float]:
    r = _BEFORE
    qrs, before = beat[:, r - 6 : r + 9], beat[:, r - 24 : r - 6]
    end = int(np.clip(0.62 * _RATE * rr_s, 24, _AFTER)) if np.isfinite(rr_s) else _AFTER
    after = beat[:, r + 12 : r + max(end, 20)]
    span = np.ptp(qrs, axis=1)
    slopes = np.diff(qrs, axis=1)
    steep = np.abs(np.diff(beat, axis=1)).sum(axis=0)
    out = {}
    t_at = np.abs(after).argmax(axis=1)
    t_mv = np.take_along_axis(after, t_at[:, None], axis=1)[:, 0]
    p_at = np.abs(before - np.median(before, axis=1, keepdims=True)).argmax(axis=1)
    p_mv = np.take_along_axis(before, p_at[:, None], axis=1)[:, 0] - np.median(before, axis=1)
    notches = ((slopes[:, 1:] * slopes[:, :-1]) < 0).sum(axis=1)
    for k, lead in enumerate(LEADS):
        out[f"QRS amplitude: highest {lead}"] = qrs[k].max()
        out[f"QRS amplitude: lowest {lead}"] = qrs[k].min()
        out[f"QRS shape: steepest over height {lead}"] = np.abs(slopes[k]).max() / span[k]
        out[f"ST and T: J+80 ms {lead}"] = beat[k, r + 10]
        out[f"ST and T: T voltage {lead}"] = t_mv[k]
        out[f"P: range {lead}"] = np.ptp(before[k])
        out[f"P: voltage {lead}"] = p_mv[k]
    out["QRS shape: turns per lead"] = notches.mean()
    out["QRS shape: most turns"] = notches.max()
    out["QRS shape: duration"] = 10.0 * (steep[r - 10 : r + 14] > 0.12 * steep[r - 10 : r + 14].max()).sum()
    out["QRS amplitude: greatest of all leads"] = span.max()
    out["QRS amplitude: V2 over V5"] = np.log(span[7] / span[10])
    out["QRS amplitude: limb over chest"] = np.log(span[:6].mean() / span[6:].mean())
    size = np.sqrt((after**2).mean(axis=0))
    top = int(size.argmax())
    out["ST and T: peak of T over root of RR"] = (top + 12) / np.sqrt(max(rr_s, 0.1))
    up, down = np.diff(size[: top + 1]), -np.diff(size[top:])
    out["ST and T: rise over fall"] = up.max() / down.max() if up.size and down.size else np.nan
    out["ST and T: width at half"] = (size > 0.5 * size.max()).sum() / max(1, len(size))
    out["ST and T: T over QRS"] = size.max() / np.sqrt((qrs**2).mean(axis=0)).max()
    out["ST and T: leads with T against QRS"] = float((np.sign(t_mv) != np.sign(qrs.max(1) + qrs.min(1))).mean())
    out["ST and T: straightness of ST"] = np.abs(np.diff(beat[:, r + 9 : r + 17], n=2, axis=1)).mean() / span.mean()
    before_size = np.sqrt(((before - before.mean(axis=1, keepdims=True)) ** 2).mean(axis=0))
    out["P: where"] = float(before_size.argmax())
    out["P: over QRS"] = before_size.max() / span.mean()
    out["P: width at half"] = float((before_size > 0.5 * before_size.max()).sum())
    out["P: II over V1"] = np.log((np.ptp(before[1]) + 1e-3) / (np.ptp(before[6]) + 1e-3))
    return {name: float(value) for name, value in out.items()}


def _beat_to_beat(beats: Floats, beat: Floats) -> dict[str, float]:
    names = ("P", "QRS", "T", "QRS height II", "QRS height V2", "QRS height V5", "QRS height all", "drift of height")
    if len(beats) < 4:
        return {f"beat to beat: {name}": np.nan for name in names}
    off = beats - beat
    r = _BEFORE
    spans = np.ptp(beats[:, :, r - 6 : r + 9], axis=2)  # [n_beats, 12]
    rough = np.median(np.abs(off), axis=0)  # [12, 82]
    change = np.asarray(spans.std(axis=0) / spans.mean(axis=0))
    all_leads = spans.mean(axis=1)
    order = np.arange(len(beats))
    values = (
        rough[:, r - 24 : r - 6].mean(), rough[:, r - 4 : r + 6].mean(), rough[:, r + 14 : r + 36].mean(),
        change[1], change[7], change[10], all_leads.std() / all_leads.mean(), np.corrcoef(order, all_leads)[0, 1],
    )  # fmt: skip
    return {f"beat to beat: {name}": float(value) for name, value in zip(names, values, strict=True)}


def _smooth(x: Floats, n: int) -> Floats:
    """Moving mean over n samples, odd, of [12, n_time]; the ends see fewer."""
    kernel = np.ones(n)
    share = np.convolve(np.ones(x.shape[1]), kernel, "same")
    return np.stack([np.convolve(row, kernel, "same") / share for row in x])


def _noise(x: Floats) -> dict[str, float]:
    high = x - _smooth(x, 3)  # from about 25 Hz
    slow = _smooth(x, 151)
    # a tenth of a second each; those without a QRS are the quieter half
    parts = np.sqrt((high.reshape(len(x), 100, -1) ** 2).mean(axis=2))
    floor = np.quantile(parts, 0.25, axis=1)
    quiet = np.abs(high) <= np.quantile(np.abs(high), 0.6, axis=1, keepdims=True)
    out = {f"noise: floor {lead}": np.log(value + 1e-5) for lead, value in zip(LEADS, floor, strict=True)}
    out |= {f"wander: size {lead}": np.log(v + 1e-4) for lead, v in zip(LEADS, slow.std(axis=1), strict=True)}
    by_second = np.quantile(parts.reshape(len(x), 10, 10), 0.3, axis=2)
    masked = np.where(quiet, high, 0.0)
    chest = np.asarray(np.corrcoef(masked[6:]))[np.triu_indices(6, 1)]
    out["noise: loudest lead over quietest"] = np.log((floor.max() + 1e-5) / (floor.min() + 1e-5))
    out["noise: loudest second over quietest"] = float(
        np.median(np.log((by_second.max(1) + 1e-5) / (by_second.min(1) + 1e-5)))
    )
    out["noise: I with II"] = np.corrcoef(masked[0], masked[1])[0, 1]
    out["noise: chest leads alike"] = np.nanmean(chest)
    out["noise: median lead"] = np.log(np.median(floor) + 1e-5)
    neighbours = (masked[:, 1:] * masked[:, :-1]).sum(axis=1) / ((masked**2).sum(axis=1) + 1e-12)
    out["noise: colour"] = np.median(neighbours)
    out["noise: heavy tails"] = np.median((masked**4).mean(1) / ((masked**2).mean(1) ** 2 + 1e-18))
    chest_slow = np.asarray(np.corrcoef(slow[6:]))[np.triu_indices(6, 1)]
    out["wander: chest leads alike"] = np.nanmean(chest_slow)
    out["wander: limb leads alike"] = np.corrcoef(slow[0], slow[1])[0, 1]
    out["wander: worst lead over median"] = np.log(slow.std(1).max() / (np.median(slow.std(1)) + 1e-4))
    out["wander: median lead"] = np.log(np.median(slow.std(axis=1)) + 1e-4)
    return {name: float(value) for name, value in out.items()}


def _spectrum(x: Floats) -> dict[str, float]:
    power = np.abs(np.fft.rfft(x * np.hanning(x.shape[1]), axis=1)) ** 2
    hz = np.fft.rfftfreq(x.shape[1], 1 / _RATE)
    share = np.stack([power[:, (hz >= a) & (hz < b)].sum(axis=1) for a, b in _BANDS], axis=1)
    share = np.log10(share / power[:, hz >= 0.5].sum(axis=1, keepdims=True) + 1e-9)
    out = {}
    for k, (a, b) in enumerate(_BANDS):
        out[f"spectrum: {a:g}-{b:g} Hz, mean"] = share[:, k].mean()
        out |= {f"spectrum: {a:g}-{b:g} Hz, {lead}": share[LEADS.index(lead), k] for lead in _SEEN}
    return {name: float(value) for name, value in out.items()}


def _residual(x: Floats, peaks: npt.NDArray[np.int64], beat: Floats) -> dict[str, float]:
    names = ("size", "peak frequency", "sharpness")
    if not np.isfinite(beat).all():
        return {f"residual: {name} {lead}": np.nan for lead in _SEEN for name in names}
    rest = x - _smooth(x, 101)
    bounds = [0, *((peaks[1:] + peaks[:-1]) // 2).tolist(), x.shape[1]]
    for peak, low, high in zip(peaks, bounds[:-1], bounds[1:], strict=True):
        first, last = max(low, peak - _BEFORE, 0), min(high, peak + _AFTER, x.shape[1])
        part = beat[:, first - peak + _BEFORE : last - peak + _BEFORE]
        rest[:, first:last] -= part - part.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(rest * np.hanning(x.shape[1]), axis=1)) ** 2
    hz = np.fft.rfftfreq(x.shape[1], 1 / _RATE)
    inside = (hz >= 3) & (hz <= 12)
    out = {}
    for lead in _SEEN:
        part = power[LEADS.index(lead), inside]
        top = int(part.argmax())
        out[f"residual: size {lead}"] = 0.5 * np.log10(part.sum() + 1e-6)
        out[f"residual: peak frequency {lead}"] = hz[inside][top]
        out[f"residual: sharpness {lead}"] = part[max(0, top - 4) : top + 5].sum() / (part.sum() + 1e-9)
    return {name: float(value) for name, value in out.items()}


def _space(x: Floats, beat: Floats) -> dict[str, float]:
    rest = x - _smooth(x, 101)
    whole = np.linalg.svd(rest, compute_uv=False)
    out = {f"space: dimension {k + 1} of the signal": np.log10(whole[k] / whole[0] + 1e-6) for k in range(1, 8)}
    beat_s = np.linalg.svd(beat, compute_uv=False) if np.isfinite(beat).all() else np.full(12, np.nan)
    out |= {f"space: dimension {k + 1} of the beat": np.log10(beat_s[k] / beat_s[0] + 1e-6) for k in range(1, 8)}
    alike = np.asarray(np.corrcoef(rest))
    for one, other in ((0, 1), (0, 10), (1, 2), (6, 7), (7, 8), (8, 9), (9, 10), (10, 11), (6, 11)):
        out[f"space: {LEADS[one]} with {LEADS[other]}"] = alike[one, other]
    out["space: I + III - II"] = np.log10(np.sqrt(((x[0] + x[2] - x[1]) ** 2).mean()) + 1e-5)
    return {name: float(value) for name, value in out.items()}


def of_families(names: Sequence[str]) -> dict[str, list[int]]:
    """Columns of each family."""
    return {
        kind: [k for k, name in enumerate(names) if family(name) == kind]
        for kind in FAMILIES
        if any(family(name) == kind for name in names)
    }
