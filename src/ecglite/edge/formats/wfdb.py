"""WFDB records: a .hea header with signal files in format 16 or 212, or MATLAB 4 matrices of int16.

Every record of PTB-XL, Chapman-Shaoxing, CPSC, Georgia and MIT-BIH that was looked at states the right
checksum for every signal, so checksums are verified; one of 0 is what writers leave that do not compute
any, and is noted instead.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import (
    ChecksumError,
    FileAccessError,
    LeadError,
    MalformedFileError,
    UnitsError,
    UnsupportedError,
)
from ecglite.edge.formats._record import SKIP, TIME, Hints, agreed_lead, build, contradiction, over_rows
from ecglite.edge.formats._source import HEADER_LIMIT, SIGNAL_LIMIT, decoded, read_bytes, utf_8
from ecglite.edge.formats.wfdb_header import DEFAULT_GAIN, Header, Signal, parse_header
from ecglite.edge.record import LEADS, Record, lead_of, millivolts_per

_BLOCK: Final = 65_536  # rows decoded or scaled at once: what bounds the memory for it
_MAT_HEADER: Final = 20
_MAT_INT16: Final = 30  # MATLAB 4: little-endian, full matrix, int16
_PLAIN: Final = {lead.upper(): lead for lead in LEADS}  # sparing most names the closer look of lead_of
_SINGLE_NAMES: Final = frozenset({"ecg", "ekg"})


def read_wfdb(path: str, hints: Hints, head: bytes | None = None) -> Record:
    """One WFDB record.

    Args:
        path: the .hea file; the signal files lie beside it.
        hints: the rate must agree with the header, units as `build` has it; leads name signals without a name.
        head: the bytes of the .hea file where they were read before.

    Raises:
        ReadError: header or signal files are missing, damaged, or use what is not read.
        LeadError, UnitsError, RecordError: they make no recording.
    """
    header = parse_header(decoded(utf_8(read_bytes(path, HEADER_LIMIT) if head is None else head)))
    notes: list[str] = []
    files = _files(header)
    scales = _scales(header, hints, notes)
    leads = _leads(header, scales, hints, notes)
    rate = hints.agreed_rate(header.rate_hz, "the header") or header.rate_hz

    folder = os.path.dirname(path)
    parts = []
    at = 0
    for file, signals in files:
        mine = scales[at : at + len(signals)]
        at += len(signals)
        if any(mine):
            steps = _steps(os.path.join(folder, file), signals, header.n_samples)
            _verify(steps, signals, notes)
            parts.append(_millivolts(steps, signals, mine))
    lengths = sorted({len(part) for part in parts})
    if len(lengths) > 1:
        raise MalformedFileError(
            f"the signal files hold {lengths[0]} and {lengths[-1]} samples per signal",
            allowed="as many in each",
        )
    millivolts = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return build(
        millivolts,
        rate,
        leads,
        file_format="wfdb",
        path=path,
        units=[signal.units for signal, scale in zip(header.signals, scales, strict=True) if scale],
        units_stated=True,
        given=hints.units,
        comments=header.comments,
        notes=notes,
    )


def _files(header: Header) -> list[tuple[str, list[Signal]]]:
    """The signal files with their signals, in the order of the header; refuses what is not read."""
    if header.n_segments is not None:
        raise UnsupportedError(
            f"a record in {header.n_segments} segments",
            allowed="records in one piece",
            do="read its segments one by one, or join them with the WFDB tool xform",
        )
    files: dict[str, list[Signal]] = {}
    last = ""
    for signal in header.signals:
        _check_supported(signal)
        if signal.file == last:
            first = files[last][0]
            if (signal.format, signal.offset) != (first.format, first.offset):
                raise MalformedFileError(f"{last} is stated in two formats or offsets", allowed="one per file")
            files[last].append(signal)
            continue
        last = signal.file
        if last in files:
            raise MalformedFileError(f"the signals of {last} do not stand together in the header")
        if last in {".", ".."} or not last.isprintable() or any(mark in last for mark in "/\\:"):
            raise MalformedFileError(
                f"the header names the signal file {last!r}", allowed="a plain name, beside the header"
            )
        files[last] = [signal]
    return list(files.items())


def _check_supported(signal: Signal) -> None:
    if signal.format not in _DECODERS:
        raise UnsupportedError(
            f"signal format {signal.format}", allowed="16 and 212", do="convert it with the WFDB tool xform"
        )
    if signal.samples_per_frame != 1:
        raise UnsupportedError(
            f"a multi-frequency record: {signal.samples_per_frame} samples of {signal.description} per frame",
            allowed="one rate for all signals",
            do="resample it with the WFDB tool xform",
        )
    if signal.skew:
        raise UnsupportedError(f"a skew of {signal.skew} samples in {signal.description}", allowed="no skew")
    if not math.isfinite(signal.gain):
        raise MalformedFileError(f"a gain of {signal.gain} in {signal.description}", allowed="a finite number")


def _scales(header: Header, hints: Hints, notes: list[str]) -> list[float]:
    """Millivolts per unit of each signal, 0 where it is left out: no voltage, or "-" in --leads."""
    titles = [signal.description or f"number {number}" for number, signal in enumerate(header.signals, 1)]
    given = hints.counted_leads(titles)
    wanted = [given is None or given[at] != SKIP for at in range(len(titles))]
    known: dict[str, float] = {}
    for unit in dict.fromkeys(signal.units for signal, want in zip(header.signals, wanted, strict=True) if want):
        try:
            known[unit] = millivolts_per(unit)
        except UnitsError:
            known[unit] = 0.0
    stated = [unit for unit in known if known[unit]]
    if len({known[unit] for unit in stated}) > 1:  # one unit for all is `build`'s matter
        for unit in stated:
            hints.agreed_units(unit, "the header")
    scales = [known[signal.units] if want else 0.0 for signal, want in zip(header.signals, wanted, strict=True)]
    other = [at for at, want in enumerate(wanted) if want and not scales[at]]
    if other and given is not None:
        at = other[0]
        named = TIME if given[at] == TIME else f"lead {given[at]}"
        raise contradiction(f"signal {titles[at]!r}", f"in {header.signals[at].units}", named)
    if other:
        left_out = (
            f"{header.signals[at].description or header.signals[at].file} ({header.signals[at].units})" for at in other
        )
        notes.append(f"left out, not a voltage: {', '.join(left_out)}")
    if not any(scales):
        raise LeadError(
            f"no voltage among {len(scales)} signals",
            allowed="at least one signal in V, mV, uV or nV",
            do="take another record",
        )
    return scales


def _leads(header: Header, scales: Sequence[float], hints: Hints, notes: list[str]) -> list[str]:
    """The leads of the signals that are read; what is assumed of them goes to the notes."""
    wanted = [at for at, scale in enumerate(scales) if scale]
    names = [header.signals[at].description for at in wanted]
    if hints.leads is not None:
        leads = [_agreed(name, hints.leads[at]) for name, at in zip(names, wanted, strict=True)]
    elif len(names) == 1 and names[0].lower() in _SINGLE_NAMES:
        notes.append(f"the only signal, {names[0]}, is taken as lead I")
        leads = ["I"]
    else:
        leads = [_PLAIN.get(name.upper()) or lead_of(name[:64] or "(no name)") for name in names]
    if not all(signal.gain_stated for signal in header.signals):
        _note_gains([header.signals[at] for at in wanted], leads, notes)
    return leads


def _agreed(name: str, given: str) -> str:
    what = f"signal {name[:40]!r}"
    if given == TIME:
        raise contradiction(what, "a voltage", TIME)
    return agreed_lead(name, given, what)


def _note_gains(signals: Sequence[Signal], leads: Sequence[str], notes: list[str]) -> None:
    """Says which leads are scaled by the default gain."""
    for unit in dict.fromkeys(signal.units for signal in signals if not signal.gain_stated):
        named = [
            lead for lead, signal in zip(leads, signals, strict=True) if signal.units == unit and not signal.gain_stated
        ]
        what = f"{DEFAULT_GAIN:g} per {unit} is assumed, the WFDB default"
        notes.append(
            f"the header states no gain for {'lead' if len(named) == 1 else 'leads'} {', '.join(named)}: {what}"
        )


def _steps(path: str, signals: Sequence[Signal], n_samples: int | None) -> npt.NDArray[np.int16]:
    """The digital samples of one file: int16 [n_samples, n_signals]."""
    offset, code, n_signals = signals[0].offset, signals[0].format, len(signals)
    name = signals[0].file
    end = None if n_samples is None else offset + -(-n_samples * n_signals * _BITS[code] // 8)
    try:
        data = read_bytes(path, SIGNAL_LIMIT, at_most=end)
    except FileAccessError as error:
        raise FileAccessError(f"the header's signal file {error.came}", do=f"put {name} beside the header") from None
    in_file = max(len(data) - offset, 0) * 8 // (_BITS[code] * n_signals)
    n_samples = in_file if n_samples is None else n_samples
    if in_file < n_samples or not n_samples:
        raise MalformedFileError(
            f"{name} holds {in_file} samples per signal where the header states {n_samples or 'none'}",
            allowed="as many as stated",
            do="download it again",
        )
    if name.lower().endswith(".mat"):
        _check_matlab(name, data[:_MAT_HEADER], offset, n_signals, n_samples)
    return _DECODERS[code](data, offset, n_samples * n_signals).reshape(n_samples, n_signals)


def _check_matlab(name: str, head: bytes, offset: int, n_signals: int, n_samples: int) -> None:
    """A MATLAB 4 matrix is five int32 (type, rows, columns, imaginary, length of name), name and values."""
    if len(head) < _MAT_HEADER:
        raise MalformedFileError(f"{name} is shorter than the header of a MATLAB 4 matrix")
    kind, rows, columns, imaginary, name_length = struct.unpack("<5i", head)
    if kind != _MAT_INT16 or imaginary:
        raise UnsupportedError(
            f"{name} is no MATLAB 4 matrix of real int16 (type {kind})",
            allowed=f"type {_MAT_INT16}, not imaginary",
        )
    if (rows, columns) != (n_signals, n_samples) or offset != _MAT_HEADER + name_length:
        raise MalformedFileError(
            f"{name} holds {rows} x {columns} values from byte {_MAT_HEADER + name_length}, "
            f"the header states {n_signals} x {n_samples} from byte {offset}",
            allowed="the same in both",
            do="download both again",
        )


def _decode_16(data: bytes, offset: int, n_values: int) -> npt.NDArray[np.int16]:
    return np.frombuffer(data, dtype="<i2", count=n_values, offset=offset)


def _decode_212(data: bytes, offset: int, n_values: int) -> npt.NDArray[np.int16]:
    """Two values of 12 bits in three bytes: the low byte of each outside, both high nibbles in the middle."""
    n_pairs, odd = divmod(n_values, 2)
    packed = np.frombuffer(data, dtype=np.uint8, count=3 * n_pairs + 2 * odd, offset=offset)
    if odd:
        packed = np.append(packed, np.uint8(0))
    packed = packed.reshape(-1, 3)
    values = np.empty((len(packed), 2), dtype=np.int16)
    for start in range(0, len(packed), _BLOCK):
        block = packed[start : start + _BLOCK]
        middle = block[:, 1].astype(np.int16)
        # a nibble goes to the top, and the arithmetic shift back extends its sign
        values[start : start + _BLOCK, 0] = (middle << 12 >> 4) | block[:, 0]
        values[start : start + _BLOCK, 1] = (middle >> 4 << 12 >> 4) | block[:, 2]
    return values.reshape(-1)[:n_values]


_DECODERS: Final[dict[int, Callable[[bytes, int, int], npt.NDArray[np.int16]]]] = {
    16: _decode_16,
    212: _decode_212,
}
_BITS: Final = {16: 16, 212: 12}
_MISSING: Final = {16: -32768, 212: -2048}


def _verify(steps: npt.NDArray[np.int16], signals: Sequence[Signal], notes: list[str]) -> None:
    """Compares each signal's sum, modulo 2**16, with its checksum."""
    # modulo 2**16 the sum may overflow in 16 bits all the way
    sums = over_rows(np.add, steps.view(np.uint16)).astype(np.int64) & 0xFFFF
    for signal, total in zip(signals, sums.tolist(), strict=True):
        if signal.checksum in (None, total):
            continue
        if signal.checksum == 0:
            notes.append(f"{signal.description or signal.file}: a checksum of 0 is taken as not computed")
            continue
        raise ChecksumError(
            f"the samples of {signal.description} in {signal.file} add up to {total} where the header "
            f"states {signal.checksum}",
            allowed="equal sums modulo 65536",
            do="download both files again",
        )


def _millivolts(
    steps: npt.NDArray[np.int16], signals: Sequence[Signal], scales: Sequence[float]
) -> npt.NDArray[np.float32]:
    """(steps - baseline) / gain of the voltages in mV; the lowest step of the format is a missing sample."""
    wanted = [at for at, scale in enumerate(scales) if scale]
    if len(wanted) < len(signals):
        steps = steps[:, wanted]
    baseline = np.array([signals[at].baseline for at in wanted], dtype=np.float64)
    per_mv = np.array([signals[at].gain / scales[at] for at in wanted])
    with np.errstate(all="ignore"):  # a wild gain makes infinities, which the amplitude check refuses
        if _uniform(baseline, 2**23) and _uniform(per_mv, 2**127) and np.float32(per_mv[0]) == per_mv[0]:
            # all three are exact in float32, so its one rounding is that of the division
            out = steps.astype(np.float32)
            if baseline[0]:
                out -= np.float32(baseline[0])
            out /= np.float32(per_mv[0])
        else:
            out = np.empty(steps.shape, dtype=np.float32)
            for start in range(0, len(steps), _BLOCK):
                out[start : start + _BLOCK] = (steps[start : start + _BLOCK] - baseline) / per_mv
    lowest = _MISSING[signals[0].format]
    if steps.min() == lowest:
        out[steps == lowest] = np.nan
    return out


def _uniform(values: npt.NDArray[np.float64], limit: float) -> bool:
    """Whether all values are one, of a size below `limit`."""
    return abs(values[0]) < limit and bool((values == values[0]).all())
