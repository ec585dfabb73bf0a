"""Heart rate from the QRS complexes of all leads together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.windows import RATE_HZ

_STEP: Final = 5  # the detector works at 100 Hz: a QRS complex lasts 80 to 120 ms
_RATE: Final = RATE_HZ // _STEP
_REGULAR: Final = 0.1  # quartiles of the intervals within this share of the median
_REFRACTORY_S: Final = 0.24  # no ventricle beats faster than 250/min for long
_BEAT_SHARE: Final = 0.4  # of the level of the beats around
_LEAST_SHARE: Final = 0.6  # of the recording's level, which the level around does not fall below
_T_WAVE_S: Final = 0.36  # so soon after a beat a peak of under six tenths of it is its T wave (Pan and Tompkins)
_T_WAVE_SHARE: Final = 0.6


def beats(window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Times of the QRS complexes in seconds, in order.

    The leads' slopes at 100 Hz are squared, scaled to the same weight, added and smoothed over 100 ms (after Pan and
    Tompkins, 1985); a peak that stands above a share of its neighbourhood's peaks is a beat.

    Args:
        window_mv: float32 [5000, 12], millivolts at 500 Hz.
    """
    x = _smooth(window_mv.reshape(-1, _STEP, window_mv.shape[1]).mean(axis=1), 3)  # [1000, 12] at 100 Hz
    slope = (x[2:] - x[:-2]) ** 2
    scale = np.quantile(slope, 0.98, axis=0)
    leads = scale > 1e-8
    if not leads.any():
        return np.zeros(0)
    energy = _smooth(np.minimum(slope[:, leads] / scale[leads], 4.0), 10).mean(axis=1)
    energy = np.sqrt(energy)
    reach = int(_REFRACTORY_S * _RATE)
    padded = np.pad(energy, reach, constant_values=-1.0)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    peaks = np.flatnonzero((energy == highest) & (energy > 0))
    if not len(peaks):
        return np.zeros(0)
    around = [np.sort(energy[peaks[np.abs(peaks - p) <= 1.5 * _RATE]]) for p in peaks]
    # the second highest peak of three seconds around is a beat even beside one wild artefact
    level = np.array([heights[-2:][0] for heights in around])
    # of a slow rhythm three seconds can hold one beat only, beside T waves
    least = _LEAST_SHARE * np.median([heights[-1] for heights in around])
    level = np.clip(level, least, max(2.0 * np.median(level), least))
    found: list[int] = []
    for peak in peaks[energy[peaks] > _BEAT_SHARE * level]:
        since = peak - found[-1] if found else len(energy)
        t_wave = since < _T_WAVE_S * _RATE and energy[peak] < _T_WAVE_SHARE * energy[found[-1]]
        if since > reach and not t_wave:  # of equal peaks the first
            found.append(int(peak))
    return (np.array(found, np.float64) + 1) / _RATE


def rate_bpm(times_s: npt.NDArray[np.float64], gaps_s: Sequence[tuple[float, float]] = ()) -> float | None:
    """Beats per minute; None for under three beats.

    It is 60 / the mean interval, as a person counts; in a regular rhythm 60 / the median, so that one artefact taken
    for a beat does not change it.

    Args:
        times_s: from `beats`.
        gaps_s: stretches without a signal, on the same clock: an interval across one tells nothing.
    """
    intervals = np.diff(times_s)
    across = [any(a < end and b > start for start, end in gaps_s) for a, b in pairwise(times_s)]
    intervals = intervals[~np.array(across, bool)]
    if len(intervals) < 2:
        return None
    low, middle, high = np.quantile(intervals, [0.25, 0.5, 0.75])
    return float(60.0 / (middle if high - low < _REGULAR * middle else intervals.mean()))


def _smooth(x: npt.NDArray[np.float32], n: int) -> npt.NDArray[np.float32]:
    """Moving mean over `n` rows of [n_time, n_leads], same length."""
    padded = np.pad(x, ((n // 2 + 1, n - 1 - n // 2), (0, 0)), mode="edge")
    total = np.cumsum(padded, axis=0, dtype=np.float64)
    return ((total[n:] - total[:-n]) / n).astype(np.float32)
