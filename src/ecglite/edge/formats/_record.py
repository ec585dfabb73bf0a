"""What every reader ends with: a Record whose amplitudes can be a heart's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, QualityError, RecordError, UnitsError
from ecglite.edge.record import LEADS, Patient, Record, lead_of, millivolts_per

MAX_SPAN_MV: Final = 100.0
"""Peak to peak, median over leads. A raw Chapman lead that saturates spans 65.5 mV (int16 at 1 µV);
microvolts taken for millivolts span 500 to 3000."""

MIN_SPAN_MV: Final = 0.01
"""Peak to peak, median over leads. The faintest real records span 0.1 mV; millivolts taken for microvolts
0.003."""

MAX_ABSOLUTE_MV: Final = 1e6
"""A kilovolt in one sample is no lead's, whatever the others say."""

RATE_TOLERANCE: Final = 0.01
"""Two statements of a sampling rate within 1 % agree."""

_AGE = re.compile(r"^<?age>?\s*[:=]\s*(\d{1,3}(?:\.\d{1,3})?)", re.IGNORECASE)
_SEX = re.compile(r"^<?(?:sex|gender)>?\s*[:=]\s*(f|m|female|male)\b", re.IGNORECASE)
_AGE_AND_SEX = re.compile(r"^(-?\d{1,3}) ([MF])\b")  # "68 M 1960 2851 x1", as MIT-BIH writes it
_MAX_AGE: Final = 120.0
_WIDE: Final = 1024


@dataclass(frozen=True, slots=True)
class Hints:
    """What the person says of a file: a hint adds what is open, and never overrides what the file states.

    Attributes:
        units: "mV", "uV" and so on, or None.
        rate_hz: the sampling rate, or None.
        leads: standard names of the signals in the order of the file, or None.
    """

    units: str | None = None
    rate_hz: float | None = None
    leads: tuple[str, ...] | None = None

    @classmethod
    def checked(cls, units: str | None, rate_hz: float | None, leads: Sequence[str] | None) -> Hints:
        """Hints whose words are known.

        Raises:
            UnitsError, LeadError, RecordError: one of them is not.
        """
        if units is not None:
            millivolts_per(units)
        if rate_hz is not None and not 0 < rate_hz < float("inf"):
            raise RecordError(f"a sampling rate of {rate_hz:g} Hz", allowed="100 to 1000 Hz", do="correct --rate")
        return cls(units, rate_hz, None if leads is None else tuple(lead_of(lead) for lead in leads))

    def agreed_rate(self, stated: float | None, where: str) -> float | None:
        """The rate of the file, or else the hint's.

        Raises:
            RecordError: they differ by more than 1 %.
        """
        if stated is None:
            return self.rate_hz
        if self.rate_hz is not None and abs(self.rate_hz - stated) > RATE_TOLERANCE * stated:
            raise RecordError(
                f"{where} says {stated:g} Hz and --rate says {self.rate_hz:g} Hz",
                allowed="two rates within 1 %",
                do="leave out --rate, or correct it",
            )
        return stated

    def agreed_units(self, stated: str, where: str) -> float:
        """Millivolts per unit of the file.

        Raises:
            UnitsError: the hint says another unit.
        """
        scale = millivolts_per(stated)
        if self.units is not None and millivolts_per(self.units) != scale:
            raise UnitsError(
                f"{where} says {stated} and --units says {self.units}",
                do="leave out --units, or correct the file",
            )
        return scale


def build(
    signal_mv: npt.NDArray[np.floating],
    rate_hz: float,
    leads: Sequence[str],
    *,
    file_format: str,
    path: str,
    units: Sequence[str],
    comments: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Record:
    """A Record of what a file held; wholly empty leads are left out and noted.

    Args:
        signal_mv: [n_samples, n_leads], millivolts, NaN where a sample is missing.
        rate_hz: the sampling rate.
        leads: standard names, one per column.
        file_format: the reader's name.
        path: as the person gave it.
        units: of each lead in the file.
        comments: header comments, without their mark.
        notes: what the reader assumed.

    Raises:
        MalformedFileError: there is no sample at all.
        UnitsError: the amplitudes are absurd for the units.
        LeadError, RecordError: as Record says.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        signal = np.ascontiguousarray(signal_mv, dtype=np.float32)
        low, high = extremes(signal)
        _check_amplitude(low, high)
    notes = list(notes)
    empty = np.isnan(high)
    if empty.all():
        raise MalformedFileError("no lead holds a sample", do="export the recording again")
    if empty.any():
        names = [lead for lead, gone in zip(leads, empty, strict=True) if gone]
        notes.append(f"left out, no sample in it: {', '.join(names)}")
        leads = [lead for lead, gone in zip(leads, empty, strict=True) if not gone]
        signal = signal[:, ~empty]
    return Record(
        signal,
        rate_hz,
        tuple(leads),
        patient=patient_of(comments),
        path=path,
        format=file_format,
        units=", ".join(dict.fromkeys(units)),
        comments=tuple(comments),
        notes=tuple(notes),
    )


def over_rows(ufunc: np.ufunc, table: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """`ufunc.reduce(table, axis=0)` in the table's own type, fast for tall and narrow tables.

    Rows are joined in groups first: numpy's inner loop then runs over hundreds of columns, not over two or
    twelve.
    """
    n_rows, n_columns = table.shape
    group = max(_WIDE // n_columns, 1)
    whole = n_rows - n_rows % group
    if not whole:
        return np.asarray(ufunc.reduce(table, axis=0, dtype=table.dtype))
    wide = ufunc.reduce(table[:whole].reshape(-1, group * n_columns), axis=0, dtype=table.dtype)
    rest = np.concatenate([wide.reshape(group, n_columns), table[whole:]])
    return np.asarray(ufunc.reduce(rest, axis=0, dtype=table.dtype))


def extremes(signal: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The lowest and highest sample of each column, NaN only where a column has no other."""
    low, high = over_rows(np.minimum, signal), over_rows(np.maximum, signal)
    if np.isnan(low).any():  # fmin and fmax look past NaN, and take longer
        low, high = over_rows(np.fmin, signal), over_rows(np.fmax, signal)
    return low.astype(np.float64), high.astype(np.float64)


def patient_of(comments: Sequence[str]) -> Patient:
    """Age in years and sex out of comments such as "Age: 69" and "Sex: Male"."""
    age: float | None = None
    sex: str | None = None
    for comment in comments:
        if (found := _AGE_AND_SEX.match(comment)) is not None:
            age, sex = age or float(found[1]), sex or found[2]
        if (found := _AGE.match(comment)) is not None:
            age = float(found[1])
        if (found := _SEX.match(comment)) is not None:
            sex = found[1]
    return Patient(
        age if age is not None and 0 <= age <= _MAX_AGE else None,
        None if sex is None else "female" if sex[0] in "fF" else "male",
    )


def refuse_incomplete(record: Record) -> None:
    """What the study dropped: a record with a missing or empty lead, or a missing sample.

    Raises:
        LeadError: fewer than twelve leads, or one that never changes.
        QualityError: a sample is missing.
    """
    do = "leave out --strict to read it all the same"
    missing = [lead for lead in LEADS if lead not in record.leads]
    if missing:
        raise LeadError(f"no {', '.join(missing)}", allowed="all twelve leads under --strict", do=do)
    low, high = extremes(record.signal_mv)
    empty = [lead for lead, flat in zip(record.leads, low == high, strict=True) if flat]
    if empty:
        raise LeadError(f"nothing in {', '.join(empty)}", allowed="a signal in each lead under --strict", do=do)
    n_missing = int(np.isnan(record.signal_mv).sum())
    if n_missing:
        raise QualityError(f"{n_missing} samples are missing", allowed="none under --strict", do=do)


def _check_amplitude(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> None:
    """Refuses spans that no electrode gives; low, high: [n_leads], millivolts, NaN for an empty lead."""
    do = "give the right units with --units, or mend the gain in the header"
    largest = float(np.fmax.reduce(np.fmax(np.abs(low), np.abs(high))))
    if largest > MAX_ABSOLUTE_MV:
        raise UnitsError(
            f"a sample of {largest:.3g} mV in the stated units",
            allowed=f"up to {MAX_ABSOLUTE_MV:g} mV",
            do=do,
        )
    span = high - low
    span = span[span > 0]  # leads that are flat or empty say nothing of the units
    if not span.size:
        return
    median = float(np.sort(span)[span.size // 2])
    if not MIN_SPAN_MV <= median <= MAX_SPAN_MV:
        raise UnitsError(
            f"the leads span {median:.3g} mV from peak to peak (median) in the stated units",
            allowed=f"{MIN_SPAN_MV:g} to {MAX_SPAN_MV:g} mV",
            do=do,
        )
