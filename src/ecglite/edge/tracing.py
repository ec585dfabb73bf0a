"""The tracing: twelve leads on ECG paper as one SVG in true millimetres, 25 mm/s and 10 or 5 mm/mV."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import RecordError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.windows import derived_leads, twelve_leads

MM_PER_S: Final = 25
MM_PER_MV: Final = 10
HALF_MM_PER_MV: Final = 5
"""For a sheet whose beats are tall."""
PAGE_S: Final = 10.0
"""Seconds on one sheet."""

_ROWS: Final = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
_COLUMN_S: Final = PAGE_S / 4
# Millimetres. Multiples of 5, so that every baseline runs on a thick line of the grid.
_WIDTH, _HEIGHT, _LEFT, _FIRST, _PITCH = 275, 135, 15, 25, 30
_WILD_MV: Final = 5.0  # from the baseline: within it a trace is never cut; what goes further is no heartbeat
_TALL_MV: Final = 2.5  # from the baseline: beyond it, at full gain, beats would cover the next row's
_UP, _DOWN = 11, 15  # where a lead gone wild is cut: below its name, within its row
_UNIT: Final = 100  # path coordinates are whole hundredths of a millimetre
_BIN_MM: Final = 0.1  # finer than a pen: within it only the lowest and the highest sample are drawn
_STRAIGHT_MM: Final = 0.02  # a point this near the line between its neighbours is left out

_STYLE: Final = (
    # The pale rim keeps a label legible where a tall R runs through it.
    "svg.ecg text{font-family:Helvetica,Arial,sans-serif;fill:#1b1b1f;stroke:#fff8f6;"
    "stroke-width:.7;paint-order:stroke}"
    "svg.ecg .t{fill:none;stroke:#14141a;stroke-width:28;stroke-linejoin:round;stroke-linecap:round}"
)


def tracing_svg(record: Record, *, start_s: float = 0.0) -> str:
    """Ten seconds of a recording as a cardiologist's sheet: 3 rows of 4 leads by 2.5 s, and a strip of II.

    The baseline (the median of each piece) is removed. NaN is a gap in the line. Limb leads that the record lacks
    are derived from two others and marked so; other leads are marked "not recorded". Where there is no II, the
    strip shows the first lead. Where less than ten seconds
    are left, each column still shows up to 2.5 s and the caption says that they overlap. Beats may run into the
    next row, as on any sheet; where they are tall the whole sheet is at half gain. A lead gone wild, farther than
    5 mV from its baseline, is cut off at its row, and its label says so.

    Args:
        record: any leads, rate and length.
        start_s: where the sheet begins, in seconds from the record's start.

    Returns:
        One `<svg>` element of 275 mm x 135 mm; its viewBox is in millimetres. It has no
        id but the grid's and no link; saved as a file of its own it needs an `xmlns`.

    Raises:
        RecordError: start_s is not within the record.
    """
    if not 0 <= start_s < record.duration_s:
        raise RecordError(
            f"a tracing from {start_s:g} s",
            allowed=f"0 to under {record.duration_s:g} s, the record's length",
        )
    shown_s = min(PAGE_S, record.duration_s - start_s)
    strip = "II" if "II" in (*record.leads, *derived_leads(record)) else record.leads[0]
    mm_per_mv = _gain(record, start_s)
    parts = []
    for row, leads in enumerate(_ROWS):
        for column, lead in enumerate(leads):
            begin = min(column * _COLUMN_S, max(0.0, shown_s - _COLUMN_S))
            parts.append(
                _piece(record, lead, row, column * _COLUMN_S, start_s + begin, min(_COLUMN_S, shown_s), mm_per_mv)
            )
    parts.append(_piece(record, strip, 3, 0.0, start_s, shown_s, mm_per_mv))
    parts += [_calibration(row, mm_per_mv) for row in range(4)]
    caption = f"{MM_PER_S} mm/s, {mm_per_mv} mm/mV, baseline removed for display"
    extent = f"{start_s:g} to {start_s + shown_s:.6g} s of {record.duration_s:.6g} s"
    extent += f", {record.sampling_rate_hz:g} Hz"
    if shown_s < PAGE_S:
        extent += "; columns overlap in time"
    if shown_s < record.duration_s:
        extent += "; the rest is not shown"
    label = f"Electrocardiogram, {len(record.leads)} leads, {extent}"
    return (
        f'<svg class="ecg" role="img" aria-label="{escape(label)}"'
        f' width="{_WIDTH}mm" height="{_HEIGHT}mm" viewBox="0 0 {_WIDTH} {_HEIGHT}"><style>{_STYLE}</style>'
        f"{_paper()}{''.join(parts)}"
        f'<text x="5" y="{_HEIGHT - 2}" font-size="2.9">{escape(caption)}</text>'
        f'<text x="{_WIDTH - 5}" y="{_HEIGHT - 2}" font-size="2.9" text-anchor="end">{escape(extent)}</text>'
        "</svg>"
    )


def _paper() -> str:
    thin = "".join(f"M{mm} 0V5M0 {mm}H5" for mm in range(1, 5))
    return (
        '<defs><pattern id="ecg-mm" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<path d="{thin}" stroke="#f4c3be" stroke-width=".1"/>'
        '<path d="M0 0V5M0 0H5M5 0V5M0 5H5" stroke="#e79c95" stroke-width=".22"/></pattern></defs>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff8f6"/>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="url(#ecg-mm)"/>'
    )


def _calibration(row: int, mm_per_mv: int) -> str:
    y = (_FIRST + _PITCH * row) * _UNIT
    pulse = f"M500 {y}h150v-{mm_per_mv * _UNIT}h{MM_PER_S * _UNIT // 5}v{mm_per_mv * _UNIT}h150"
    return f'<path class="t cal" transform="scale(.01)" d="{pulse}"/>'


def _piece(record: Record, lead: str, row: int, at_s: float, begin_s: float, length_s: float, mm_per_mv: int) -> str:
    """One lead's stretch: `at_s` where it stands on the sheet, `begin_s` where it is in the record."""
    x, y = _LEFT + at_s * MM_PER_S, _FIRST + _PITCH * row
    tick = f'<path d="M{x:g} {y - 4}v-4" stroke="#14141a" stroke-width=".3"/>' if at_s else ""
    derived = lead in derived_leads(record)
    if not derived and lead not in record.leads:
        return tick + _text(x, y, lead) + _text(x + 8, y, "not recorded", 'fill-opacity=".55"')
    level = _level(record, lead, begin_s, length_s)
    cut = _farthest(level) > _WILD_MV
    width = length_s * MM_PER_S
    up, down = (_UP, _DOWN) if cut else (_WILD_MV * mm_per_mv, _WILD_MV * mm_per_mv)
    # A nested svg clips to its own box and needs no id.
    return (
        f'{tick}<svg x="{x:g}" y="{y - up:g}" width="{width:.6g}" height="{up + down:g}"'
        f' viewBox="0 {-up * _UNIT:g} {width * _UNIT:.6g} {(up + down) * _UNIT:g}" data-lead="{lead}">'
        f'<path class="t" d="{_path(level * mm_per_mv, MM_PER_S / record.sampling_rate_hz, max(up, down) + 3)}"/></svg>'
        + _text(x, y, lead + " derived" * derived + " (cut off)" * cut)
    )


def _gain(record: Record, start_s: float) -> int:
    """Millimetres per millivolt of a sheet. A lead gone wild is cut anyway, and does not make the others small."""
    farthest = [_farthest(_level(record, lead, start_s, PAGE_S)) for lead in (*record.leads, *derived_leads(record))]
    return HALF_MM_PER_MV if any(_TALL_MV < mv <= _WILD_MV for mv in farthest) else MM_PER_MV


def _level(record: Record, lead: str, begin_s: float, length_s: float) -> npt.NDArray[np.float64]:
    """[n] millivolts of a recorded or derived lead from its median over a stretch; what is not a number is NaN."""
    first = round(begin_s * record.sampling_rate_hz)
    part = record.signal_mv[first : first + round(length_s * record.sampling_rate_hz)]
    level = twelve_leads(part, record.leads)[:, LEADS.index(lead)].astype(np.float64)
    level[~np.isfinite(level)] = np.nan
    return level if np.isnan(level).all() else level - np.nanmedian(level)


def _farthest(level: npt.NDArray[np.float64]) -> float:
    return float(np.abs(level[np.isfinite(level)]).max(initial=0.0))


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x + 1.5:g}" y="{y - 12:g}" font-size="3.6" font-weight="600" {more}>{words}</text>'


def _path(mm: npt.NDArray[np.float64], step_mm: float, most_mm: float) -> str:
    """SVG path data, in hundredths of a millimetre, of [n] amplitudes `step_mm` apart; up is positive."""
    keep = np.arange(mm.size)
    bins = (keep * step_mm / _BIN_MM).astype(np.int64)
    if step_mm < _BIN_MM / 2:
        keep = np.concatenate([_extremes(mm, bins, fill) for fill in (np.inf, -np.inf)])
        keep = np.unique(np.concatenate([keep, np.flatnonzero(np.isnan(mm)), [mm.size - 1]]))
    for _ in range(2):
        keep = _without_straight(keep, mm)
    x = np.rint(keep * step_mm * _UNIT).astype(np.int64)
    # Beyond the box nothing shows: a wild sample need not be written with all its digits.
    level = np.clip(mm[keep], -most_mm, most_mm)
    y = np.where(np.isnan(level), 0, np.rint(-np.nan_to_num(level) * _UNIT)).astype(np.int64)
    out: list[str] = []
    for run in np.split(np.arange(keep.size), np.flatnonzero(np.diff(np.isnan(level))) + 1):
        if run.size == 0 or np.isnan(level[run[0]]):
            continue
        out.append(f"M{x[run[0]]} {y[run[0]]}l")
        moves = np.stack([np.diff(x[run]), np.diff(y[run])], axis=1).ravel().tolist() or [0, 0]
        out.append(" ".join(map(str, moves)).replace(" -", "-"))
    return "".join(out)


def _without_straight(keep: npt.NDArray[np.int64], mm: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """`keep` less every second point that lies on the line between its neighbours; NaN stays."""
    before, middle, after = keep[:-2:2], keep[1:-1:2], keep[2::2]
    part = (middle - before) / np.maximum(after - before, 1)
    off = np.abs(mm[middle] - (1 - part) * mm[before] - part * mm[after])
    return np.delete(keep, 1 + 2 * np.flatnonzero(off <= _STRAIGHT_MM))


def _extremes(mm: npt.NDArray[np.float64], bins: npt.NDArray[np.int64], fill: float) -> npt.NDArray[np.int64]:
    """Per bin the index of the lowest (fill = inf) or the highest (fill = -inf) sample."""
    level = np.where(np.isnan(mm), fill, mm)
    order = np.lexsort((level if fill > 0 else -level, bins))
    return order[np.flatnonzero(np.diff(bins[order], prepend=-1))]
