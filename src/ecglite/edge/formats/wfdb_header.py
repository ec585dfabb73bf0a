"""WFDB headers: text to fields, as header(5) of the WFDB manual has it.

Only the syntax is judged here; what can be read of it is wfdb.py's matter. The record name may be any word:
headers of the 2020 Georgia database write "E07938.mat", which the `wfdb` package refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from ecglite.edge.errors import MalformedFileError

DEFAULT_RATE_HZ: Final = 250.0
DEFAULT_GAIN: Final = 200.0
MAX_SIGNALS: Final = 256

# bounded runs of digits: Python refuses to make an int of 4300 digits and more
_NUMBER = r"[-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,4})?"
_RECORD_LINE = re.compile(
    rf"(?P<name>[^\s/]{{1,255}})(?:/(?P<segments>\d{{1,9}}))?[ \t]+(?P<n_signals>\d{{1,9}})"
    rf"(?:[ \t]+(?P<rate>{_NUMBER})(?:/{_NUMBER}(?:\({_NUMBER}\))?)?"
    rf"(?:[ \t]+(?P<n_samples>\d{{1,18}})(?P<when>[ \t].*)?)?)?[ \t]*",
    re.ASCII,
)
_SIGNAL_LINE = re.compile(
    rf"(?P<file>\S{{1,255}})[ \t]+"
    rf"(?P<format>\d{{1,9}})(?:x(?P<per_frame>\d{{1,9}}))?(?::(?P<skew>\d{{1,9}}))?(?:\+(?P<offset>\d{{1,18}}))?"
    rf"(?:[ \t]+(?P<gain>{_NUMBER})(?:\((?P<baseline>[-+]?\d{{1,18}})\))?(?:/(?P<units>\S{{1,40}}))?"
    rf"(?:[ \t]+(?P<resolution>\d{{1,9}})"
    rf"(?:[ \t]+(?P<zero>[-+]?\d{{1,18}})"
    rf"(?:[ \t]+(?P<initial>[-+]?\d{{1,18}})"
    rf"(?:[ \t]+(?P<checksum>[-+]?\d{{1,18}})"
    rf"(?:[ \t]+(?P<block>\d{{1,18}})"
    rf"(?:[ \t]+(?P<description>.*))?)?)?)?)?)?)?[ \t]*",
    re.ASCII,
)


class Signal(NamedTuple):
    """One signal line.

    Attributes:
        file: name of the file that holds its samples.
        format: storage format, 16 for int16.
        samples_per_frame: 1 unless it is sampled faster than the frames.
        skew: samples by which it is late.
        offset: bytes before its first sample.
        gain: steps per unit, never 0.
        gain_stated: whether the header states it; without, it is the default.
        baseline: the step that is 0 units.
        units: of the physical values.
        checksum: sum of the samples as a number of 16 bits, None where not stated.
        description: the lead's name.
    """

    file: str
    format: int
    samples_per_frame: int
    skew: int
    offset: int
    gain: float
    gain_stated: bool
    baseline: int
    units: str
    checksum: int | None
    description: str


@dataclass(frozen=True, slots=True)
class Header:
    """A header.

    Attributes:
        name: the record's.
        n_segments: None for a record in one piece.
        rate_hz: frames per second.
        n_samples: per signal, None where not stated.
        signals: in the order of the lines.
        comments: lines after "#", without it.
    """

    name: str
    n_segments: int | None
    rate_hz: float
    n_samples: int | None
    signals: tuple[Signal, ...]
    comments: tuple[str, ...]


def is_header(text: str) -> bool:
    """Whether a text of unknown kind begins with a record line and a signal line."""
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    lines = (line for line in lines if line and not line.startswith("#"))
    return _RECORD_LINE.fullmatch(next(lines, "")) is not None and _SIGNAL_LINE.fullmatch(next(lines, "")) is not None


def parse_header(text: str) -> Header:
    """A header out of its text.

    Raises:
        MalformedFileError: a line breaks the syntax, or signal lines are missing.
    """
    lines: list[tuple[int, str]] = []
    comments: list[str] = []
    for number, line in enumerate(text.replace("\r", "\n").split("\n") if "\r" in text else text.split("\n"), 1):
        line = line.strip()
        if line.startswith("#"):
            comments.append(line[1:].strip())
        elif line:
            lines.append((number, line))
    if not lines:
        raise MalformedFileError("a WFDB header without a record line", allowed="such as 'a1 12 500 5000'")
    found = _RECORD_LINE.fullmatch(lines[0][1])
    if found is None:
        raise MalformedFileError(
            f"the record line is {lines[0][1][:60]!r}",
            allowed="name, number of signals, rate, number of samples, such as 'a1 12 500 5000'",
            do="download the header again",
        )
    n_signals = int(found["n_signals"])
    segments = found["segments"]
    if segments is None:
        _check_count(n_signals, len(lines) - 1)
    return Header(
        name=found["name"],
        n_segments=None if segments is None else int(segments),
        rate_hz=DEFAULT_RATE_HZ if found["rate"] is None else float(found["rate"]),
        n_samples=int(found["n_samples"] or 0) or None,
        signals=() if segments is not None else tuple(_signal(*line) for line in lines[1 : 1 + n_signals]),
        comments=tuple(comments),
    )


def _check_count(n_signals: int, n_lines: int) -> None:
    if n_signals > MAX_SIGNALS:
        raise MalformedFileError(f"the header states {n_signals} signals", allowed=f"up to {MAX_SIGNALS}")
    if n_lines < n_signals:
        raise MalformedFileError(
            f"the header states {n_signals} signals and describes {n_lines}",
            allowed="one line per signal",
            do="download the header again",
        )


def _signal(number: int, line: str) -> Signal:
    found = _SIGNAL_LINE.fullmatch(line)
    if found is None:
        raise MalformedFileError(
            f"line {number} of the header is {line[:60]!r}",
            allowed="file, format, gain, resolution, zero, first value, checksum, block size, lead",
            do="download the header again",
        )
    file, code, per_frame, skew, offset, gain, baseline, units, _, zero, _, checksum, _, description = found.groups()
    steps = float(gain) if gain is not None else 0.0
    return Signal(
        file=file,
        format=int(code),
        samples_per_frame=int(per_frame or 1),
        skew=int(skew or 0),
        offset=int(offset or 0),
        gain=steps if steps != 0 else DEFAULT_GAIN,  # header(5): 0 or absent means uncalibrated, 200 per mV
        gain_stated=steps != 0,
        baseline=int(baseline if baseline is not None else zero or 0),
        units=units or "mV",
        checksum=None if checksum is None else int(checksum) & 0xFFFF,
        description=(description or "").strip(),
    )
