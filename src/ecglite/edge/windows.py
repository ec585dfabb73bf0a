"""Record -> the model's windows: twelve leads, 500 Hz, ten seconds each.

What happens to a recording here, in order: missing samples are filled, absent limb leads are derived, other absent
leads become zeros, each window is resampled. Nothing is filtered or scaled: that is inside the model's graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import QualityError
from ecglite.edge.record import LEADS, Record

RATE_HZ: Final = 500
WINDOW_S: Final = 10
N_SAMPLES: Final = RATE_HZ * WINDOW_S
MIN_DURATION_S: Final = 5.0

_LIMB: Final = LEADS[:6]
# Each limb lead as a sum of leads I and II (Einthoven 1908, Goldberger 1942).
_LIMB_OF_I_II: Final = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
_ZERO_CROSSINGS: Final = 16  # of the interpolating sinc, on each side
_BLOCK: Final = 50  # output samples made by one matrix product: a loop over the taps takes five times as long


@dataclass(frozen=True, slots=True)
class Window:
    """Ten seconds for the model.

    Attributes:
        signal_mv: float32 [5000, 12], millivolts at 500 Hz, leads in the order of `record.LEADS`, no NaN.
        start_s: where it begins in the recording, seconds.
    """

    signal_mv: npt.NDArray[np.float32]
    start_s: float


def refuse_short(record: Record) -> None:
    """Refuses what is too short to hold a rhythm.

    Raises:
        QualityError: the recording is shorter than five seconds.
    """
    if len(record.signal_mv) < int(MIN_DURATION_S * record.sampling_rate_hz):
        raise QualityError(
            f"a recording of {record.duration_s:.4g} s",
            allowed=f"at least {MIN_DURATION_S:g} s",
            do="record for ten seconds",
        )


def window_starts(duration_s: float) -> list[float]:
    """Starts of the windows in seconds: every ten, and a last one that ends with the recording."""
    n = int(duration_s / WINDOW_S + 1e-9)
    starts = [float(WINDOW_S * k) for k in range(max(n, 1))]
    # Under a second left over holds no rhythm that the window before it lacks.
    if n and duration_s - n * WINDOW_S >= 1.0:
        starts.append(duration_s - WINDOW_S)
    return starts


def windows(record: Record, bad: Collection[str] = ()) -> Iterator[Window]:
    """The windows of a recording, one at a time, so that a day's recording needs the memory of ten seconds.

    Args:
        record: what was read.
        bad: leads that are taken as not recorded.

    Raises:
        QualityError: the recording is shorter than five seconds.
    """
    refuse_short(record)
    rate, leads = record.sampling_rate_hz, _usable(record, bad)
    columns = [record.leads.index(lead) for lead in leads]
    signal = record.signal_mv[:, columns] if bad else record.signal_mv
    for start_s in window_starts(record.duration_s):
        first = round(start_s * rate)
        part = _resampled(signal, first, rate)
        yield Window(twelve_leads(part, leads), first / rate)


def derived_leads(record: Record, bad: Collection[str] = ()) -> tuple[str, ...]:
    """The limb leads that `windows` derives from two others, in the standard order."""
    there = _usable(record, bad)
    return tuple(lead for lead in _LIMB if lead not in there) if len(_limb_pair(there)) == 2 else ()


def lead_notes(record: Record, bad: Collection[str] = ()) -> tuple[str, ...]:
    """Which leads `windows` derives, and which it leaves at zero, in words."""
    derived = derived_leads(record, bad)
    absent = [lead for lead in LEADS if lead not in record.leads and lead not in derived]
    unused = [lead for lead in LEADS if lead in bad and lead not in derived]
    notes = []
    if derived:
        notes.append(f"{', '.join(derived)} derived from {' and '.join(_limb_pair(_usable(record, bad)))}")
    if absent:
        notes.append(f"{', '.join(absent)} not recorded, taken as zero")
    if unused:
        notes.append(f"{', '.join(unused)} not usable, taken as zero")
    return tuple(notes)


def _usable(record: Record, bad: Collection[str]) -> list[str]:
    return [lead for lead in record.leads if lead not in bad]


def _limb_pair(leads: Sequence[str]) -> tuple[str, ...]:
    """The first two limb leads; fewer where there are fewer."""
    return tuple([lead for lead in leads if lead in _LIMB][:2])


def twelve_leads(part: npt.NDArray[np.float32], leads: Sequence[str]) -> npt.NDArray[np.float32]:
    """[n, n_leads] -> [n, 12]: in the standard order, limb leads derived where two are there, the rest zero."""
    full = np.zeros((part.shape[0], len(LEADS)), np.float32)
    for column, lead in enumerate(leads):
        full[:, LEADS.index(lead)] = part[:, column]
    pair = _limb_pair(leads)
    if len(pair) == 2:
        given = _LIMB_OF_I_II[[_LIMB.index(lead) for lead in pair]]
        transform = _LIMB_OF_I_II @ np.linalg.inv(given)  # [6, 2]: all six from the two that are there
        two = full[:, [LEADS.index(lead) for lead in pair]]
        for row, lead in enumerate(_LIMB):
            if lead not in leads:
                full[:, row] = two @ transform[row].astype(np.float32)
    return full


def fill_missing(signal_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """[n, n_leads]: NaN replaced by a straight line between neighbours; a lead of NaN only becomes zeros."""
    missing = np.isnan(signal_mv)
    if not missing.any():
        return signal_mv
    filled = signal_mv.copy()
    at = np.arange(len(filled))
    for column in np.flatnonzero(missing.any(axis=0)):
        gap = missing[:, column]
        filled[gap, column] = 0.0 if gap.all() else np.interp(at[gap], at[~gap], filled[~gap, column])
    return filled


@lru_cache(maxsize=8)
def _kernel(rate_hz: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Windowed-sinc interpolation from `rate_hz` to 500 Hz (Smith and Gossett, ICASSP 1984), in blocks of 50 samples.

    Returns:
        rows: [100, n_inputs], the input samples of each block, counted from the window's start.
        matrix: float32 [100, 50, n_inputs], from them to the block; each row sums to one, so that an offset stays
            what it is.
    """
    cutoff = min(1.0, 0.95 * RATE_HZ / rate_hz)  # as a share of the input's Nyquist frequency
    half = int(np.ceil(_ZERO_CROSSINGS / cutoff))
    position = np.arange(N_SAMPLES) * (rate_hz / RATE_HZ)
    base = np.floor(position).astype(np.intp) - half + 1
    distance = position[:, None] - (base[:, None] + np.arange(2 * half))
    weights = np.sinc(distance * cutoff) * np.cos(np.pi / 2 * np.clip(distance / half, -1, 1)) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    blocks = base.reshape(-1, _BLOCK)
    first = blocks[:, 0]
    n_inputs = int((blocks[:, -1] - first).max()) + 2 * half
    matrix = np.zeros((len(first), _BLOCK, n_inputs), np.float32)
    into = (blocks - first[:, None])[..., None] + np.arange(2 * half)  # [100, 50, n_taps]
    np.put_along_axis(matrix, into, weights.reshape(len(first), _BLOCK, -1).astype(np.float32), axis=2)
    return first[:, None] + np.arange(n_inputs), matrix


def _resampled(signal_mv: npt.NDArray[np.float32], first: int, rate_hz: float) -> npt.NDArray[np.float32]:
    """[n, n_leads] from sample `first` on -> [5000, n_leads]; past the end each lead rests at its median."""
    here = signal_mv[first : first + int(np.ceil(WINDOW_S * rate_hz))]
    n_out = min(N_SAMPLES, round(len(here) / rate_hz * RATE_HZ))
    if rate_hz == RATE_HZ:
        out = fill_missing(here)[:n_out]
    else:
        rows, matrix = _kernel(rate_hz)
        low, high = max(first + int(rows[0, 0]), 0), first + int(rows[-1, -1]) + 1
        context = fill_missing(signal_mv[low:high])
        # before the first and past the last sample of the recording its edge goes on
        inputs = context[np.clip(first + rows - low, 0, len(context) - 1)]  # [100, n_inputs, n_leads]
        out = np.matmul(matrix, inputs).reshape(N_SAMPLES, -1)[:n_out]
    if n_out == N_SAMPLES:
        return np.ascontiguousarray(out)
    rest = np.median(out, axis=0, keepdims=True)
    return np.concatenate([out, np.repeat(rest, N_SAMPLES - n_out, axis=0)]).astype(np.float32)
