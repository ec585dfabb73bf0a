"""What a vector is, and the files that it is made of: a recording as CSV or WFDB, in each way of writing it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

import numpy as np
import numpy.typing as npt

from ecglite.edge.record import Record, millivolts_per

_LOWEST: Final = {16: -32768, 212: -2048}


class Hints(TypedDict, total=False):
    """What the person says of a file, as the arguments of `ecglite.read`."""

    units: str
    rate_hz: float
    leads: list[str]


@dataclass(frozen=True, slots=True)
class Vector:
    """One input.

    Attributes:
        name: of the vector, and of the folder that holds its files.
        open: which of the files is opened.
        files: all that a person picks together: name to content.
        hints: what the person says.
    """

    name: str
    open: str
    files: Mapping[str, bytes]
    hints: Hints = field(default_factory=Hints)


def only(record: Record, *leads: str) -> Record:
    """The record with some of its leads, in the order given."""
    return replace(record, signal_mv=record.signal_mv[:, [record.leads.index(lead) for lead in leads]], leads=leads)


def with_signal(record: Record, signal_mv: npt.NDArray[np.floating]) -> Record:
    """The record with other samples."""
    return replace(record, signal_mv=signal_mv.astype(np.float32))


def csv(
    record: Record,
    *,
    unit: str = "uV",
    number: str = "%.5g",
    above: str = "",
    header: Sequence[str] | None = None,
    delimiter: str = ",",
    decimal: str = ".",
    time_step: float | None = None,
    clock: Callable[[float], str] = "{:.10g}".format,
    missing: str = "",
    end: str = "\n",
) -> bytes:
    """A table of the record, one row per sample.

    Args:
        record: NaN becomes `missing`.
        unit: of the cells.
        number: how a cell is formatted.
        above: lines above the header.
        header: one name per column; None for none.
        delimiter: between cells.
        decimal: the decimal mark.
        time_step: what a first column of times counts up by; None for no such column.
        clock: how a time is written.
        missing: how a missing sample is written.
        end: of each line.
    """
    lines = [above.rstrip("\n")] if above else []
    lines += [delimiter.join(header)] if header is not None else []
    for k, row in enumerate((record.signal_mv.astype(np.float64) / millivolts_per(unit)).tolist()):
        cells = [missing if value != value else number % value for value in row]
        if time_step is not None:
            cells.insert(0, clock(k * time_step))
        lines.append(delimiter.join(cell.replace(".", decimal) for cell in cells))
    return (end.join(lines) + end).encode()


def clock(start_s: float = 36_900, decimals: int = 3, form: str = "{}") -> Callable[[float], str]:
    """How a time of day is written: 10:15:00.002, within `form`.

    Args:
        start_s: time of day of the first sample.
        decimals: of the seconds, to which they are rounded.
        form: what stands around it, such as a date.
    """

    def written(seconds: float) -> str:
        whole, part = divmod(round((start_s + seconds) * 10**decimals), 10**decimals)
        time = f"{whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}"
        return form.format(f"{time}.{part:0{decimals}}" if decimals else time)

    return written


def wfdb(
    record: Record,
    *,
    name: str = "r",
    code: int = 16,
    gain: float = 1000.0,
    baseline: int = 0,
    units: str = "mV",
    ending: str = "dat",
    comments: Sequence[str] = (),
    edits: Sequence[tuple[str, str]] = (),
) -> dict[str, bytes]:
    """A WFDB record: its header and its signal file.

    Args:
        record: NaN becomes the lowest step of the format, WFDB's missing sample.
        name: of the record.
        code: 16 or 212.
        gain: steps per unit.
        baseline: the step that is 0 units.
        units: of the physical values.
        ending: "dat", or "mat" for a MATLAB 4 matrix.
        comments: lines after "#".
        edits: pattern and replacement, by which the finished header is changed.
    """
    missing = np.isnan(record.signal_mv)
    millivolts = np.where(missing, 0, record.signal_mv).astype(np.float64)
    steps = np.where(missing, _LOWEST[code], np.rint(millivolts / millivolts_per(units) * gain) + baseline)
    samples = steps.astype("<i2")
    n_samples, n_leads = samples.shape
    file, offset = f"{name}.{ending}", "+24" if ending == "mat" else ""
    lines = [f"{name} {n_leads} {record.sampling_rate_hz:.10g} {n_samples}"]
    lines += [
        f"{file} {code}{offset} {gain:.10g}({baseline})/{units} 16 0 {column[0]} "
        f"{int(column.sum(dtype=np.int64)) % 65536} 0 {lead}"
        for lead, column in zip(record.leads, samples.T, strict=True)
    ]
    lines += [f"#{comment}" for comment in comments]
    text = "\n".join(lines) + "\n"
    for pattern, replacement in edits:
        text, n_changed = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        if not n_changed:
            raise ValueError(f"{pattern!r} is not in the header of {name}")
    data = samples.tobytes() if code == 16 else _packed_212(samples)
    if ending == "mat":
        data = struct.pack("<5i", 30, n_leads, n_samples, 0, 4) + b"val\0" + data
    return {f"{name}.hea": text.encode(), file: data}


def _packed_212(samples: npt.NDArray[np.int16]) -> bytes:
    """Two values of 12 bits in three bytes; an odd last one takes two."""
    values = samples.reshape(-1).astype(np.int32) & 0xFFF
    pairs = np.append(values, 0)[: len(values) // 2 * 2 + 2 * (len(values) % 2)].reshape(-1, 2)
    packed = np.stack([pairs[:, 0] & 0xFF, pairs[:, 0] >> 8 | pairs[:, 1] >> 8 << 4, pairs[:, 1] & 0xFF], axis=1)
    data = packed.astype(np.uint8).tobytes()
    return data[:-1] if len(values) % 2 else data
