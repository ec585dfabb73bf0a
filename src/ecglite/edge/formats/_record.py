"""What every reader ends with: a Record whose amplitudes can be a heart's."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, MalformedFileError, QualityError, RecordError, UnitsError
from ecglite.edge.record import (
    LEADS,
    UNITS,
    Patient,
    Record,
    lead_of,
    millivolts_per,
    plain,
    standard_lead,
    standard_unit,
)

MAX_SPAN_MV: Final = 100.0
"""Peak to peak, median over leads. A raw Chapman lead that saturates spans 65.5 mV (int16 at 1 µV);
microvolts taken for millivolts span 500 to 3000."""

MIN_SPAN_MV: Final = 0.01
"""Peak to peak, median over leads. The faintest real records span 0.1 mV; millivolts taken for microvolts
0.003."""

_USUAL_SPAN_MV: Final = 1.5
"""Peak to peak, median over leads, of a usual recording: what units are guessed from, for advice only."""

MAX_ABSOLUTE_MV: Final = 1e6
"""A kilovolt in one sample is no lead's, whatever the others say."""

SKIP: Final = "-"
"""In place of a name in --leads: the column is left out."""

TIME: Final = "time"
"""In place of a name in --leads: the column holds the time."""

RATE_TOLERANCE: Final = 0.01
"""Two statements of a sampling rate within 1 % agree."""

_AGE = re.compile(r"^<?age>?\s*[:=]\s*(\d{1,3}(?:\.\d{1,3})?)", re.IGNORECASE | re.ASCII)
_SEX = re.compile(r"^<?(?:sex|gender)>?\s*[:=]\s*(f|m|female|male)\b", re.IGNORECASE | re.ASCII)
_AGE_AND_SEX = re.compile(r"^(-?\d{1,3}) ([MF])\b", re.ASCII)  # "68 M 1960 2851 x1", as MIT-BIH writes it
_MAX_AGE: Final = 120.0
_WIDE: Final = 768
_SHOWN: Final = 16  # columns named in a message


@dataclass(frozen=True, slots=True)
class Hints:
    """What the person says of a file: a hint adds what is open, and does not override what the file states.

    Units alone do, where the amplitudes are absurd in the file's and plausible in the hint's.

    Attributes:
        units: "mV", "uV" and so on, or None.
        rate_hz: the sampling rate, or None.
        leads: what each column or signal of the file is, in its order: a lead's standard name, SKIP or TIME. Or None.
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
            raise RecordError(f"a sampling rate of {plain(rate_hz)} Hz", allowed="100 to 1000 Hz", do="correct --rate")
        rate = None if rate_hz is None else float(rate_hz)
        return cls(units, rate, None if leads is None else _checked_leads(leads))

    def counted_leads(self, columns: Sequence[str]) -> tuple[str, ...] | None:
        """The names of --leads, None without any.

        Args:
            columns: what to call each column in a message.

        Raises:
            LeadError: there are more or fewer names than columns.
        """
        if self.leads is not None and len(self.leads) != len(columns):
            raise LeadError(
                f"{_counted(len(self.leads), 'name')} given for {_counted(len(columns), 'column')} "
                f"({', '.join(columns[:_SHOWN])}{', ...' if len(columns) > _SHOWN else ''})",
                allowed="one name per column, time for one of seconds, - for one to leave out",
                do="correct --leads",
            )
        return self.leads

    def agreed_rate(self, stated: float | None, where: str) -> float | None:
        """The rate of the file, or else the hint's.

        Raises:
            RecordError: they differ by more than 1 %.
        """
        if stated is None:
            return self.rate_hz
        if self.rate_hz is not None and abs(self.rate_hz - stated) > RATE_TOLERANCE * stated:
            raise RecordError(
                f"{where} says {plain(stated)} Hz and {plain(self.rate_hz)} Hz was given",
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
            raise _units_differ(stated, self.units, where)
        return scale


def _checked_leads(leads: Sequence[str]) -> tuple[str, ...]:
    words = (lead.strip().lower() for lead in leads)
    names = tuple(word if word in (SKIP, TIME) else lead_of(lead) for word, lead in zip(words, leads, strict=True))
    for name in names:
        if name != SKIP and names.count(name) > 1:
            raise LeadError(f"{name} is given twice", allowed="each once", do="put - for a column to leave out")
    if {SKIP, TIME}.issuperset(names):
        raise LeadError("no lead among the names given", allowed=", ".join(LEADS), do="name at least one")
    return names


def _units_differ(stated: str, given: str, where: str) -> UnitsError:
    return UnitsError(
        f"{where} says {standard_unit(stated)} and {standard_unit(given)} was given",
        do="leave out --units, or correct the file",
    )


def agreed_lead(own: str, given: str, what: str) -> str:
    """The lead that --leads gives to a column which does not say itself what it is.

    Args:
        own: the column's own name.
        given: a lead of --leads.
        what: what to call the column in a message.

    Raises:
        LeadError: the column's own name is that of another lead.
    """
    lead = standard_lead(own)
    if lead is not None and lead != given:
        raise contradiction(what, f"lead {lead}", f"lead {given}")
    return given


def contradiction(what: str, own: str, given: str) -> LeadError:
    """The refusal of a name in --leads that the file contradicts."""
    return LeadError(
        f"{what} is {own} by the file, and was given as {given}",
        allowed="names for what the file leaves open",
        do="correct --leads or the file, or put - in --leads to leave that column out",
    )


def _counted(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def build(
    signal_mv: npt.NDArray[np.floating],
    rate_hz: float,
    leads: Sequence[str],
    *,
    file_format: str,
    path: str,
    units: Sequence[str],
    units_stated: bool,
    given: str | None = None,
    where: str = "the header",
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
        units: of each lead in the file, in any spelling.
        units_stated: whether the file states them itself.
        given: the hint's, which the file's must agree with, unless the amplitudes are absurd in those alone.
        where: what states the file's.
        comments: header comments, without their mark.
        notes: what the reader assumed.

    Raises:
        MalformedFileError: there is no sample at all.
        UnitsError: the amplitudes are absurd for the units, or `given` is another unit than the file's, without need.
        LeadError, RecordError: as Record says.
    """
    units = list(dict.fromkeys(standard_unit(unit) for unit in dict.fromkeys(units)))
    with np.errstate(over="ignore", invalid="ignore"):
        signal = np.ascontiguousarray(signal_mv, dtype=np.float32)
        low, high = extremes(signal)
        notes = list(notes)
        if given is not None and len(units) == 1 and standard_unit(given) != units[0]:
            factor = np.float32(millivolts_per(given) / millivolts_per(units[0]))
            notes.append(_overruled(low, high, float(factor), units[0], given, where))
            signal, low, high, units = signal * factor, low * factor, high * factor, [standard_unit(given)]
        _check_amplitude(low, high, units, units_stated)
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
        units=", ".join(units),
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


def likely_unit(signal: npt.NDArray[np.floating]) -> str | None:
    """The unit in which samples have a heart's size, for advice; None where there is none.

    Args:
        signal: [n_samples, n_leads], in the unit that is sought.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = extremes(np.ascontiguousarray(signal, dtype=np.float32))
        return _unit_of_span(_median_span(low, high))


def _unit_of_span(span: float) -> str | None:
    if not 0 < span < math.inf:
        return None
    unit = min(UNITS, key=lambda unit: abs(math.log(span * millivolts_per(unit) / _USUAL_SPAN_MV)))
    return unit if MIN_SPAN_MV <= span * millivolts_per(unit) <= MAX_SPAN_MV else None


def _median_span(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> float:
    """Peak to peak, median over the leads that are neither flat nor empty, which say nothing of units; 0 without."""
    span = high - low
    span = span[span > 0]
    return float(np.sort(span)[span.size // 2]) if span.size else 0.0


def _overruled(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], factor: float, stated: str, given: str, where: str
) -> str:
    """The note on a unit given in place of the one that the file states.

    Args:
        low: [n_leads], millivolts by the file's unit, NaN for an empty lead.
        high: [n_leads], as low.
        factor: by which the unit given makes other millivolts of them.
        stated: the file's unit.
        given: the other.
        where: what states the file's.

    Raises:
        UnitsError: the amplitudes can be a heart's in the file's unit, or cannot in the other either.
    """
    span = _median_span(low, high)
    if not span or _absurd(low, high) is None or _absurd(low * factor, high * factor) is not None:
        raise _units_differ(stated, given, where)
    given = standard_unit(given)
    return f"{where} says {stated}, which makes {plain(span, 3)} mV peak to peak; read as {given}, as given"


def _absurd(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]) -> tuple[str, str] | None:
    """What no electrode gives, and what would be allowed, in words; None where there is nothing of it."""
    largest = float(np.fmax.reduce(np.fmax(np.abs(low), np.abs(high))))
    span = _median_span(low, high)
    if largest > MAX_ABSOLUTE_MV:
        return f"a sample of {plain(largest, 3)} mV", f"up to {plain(MAX_ABSOLUTE_MV)} mV"
    if span and not MIN_SPAN_MV <= span <= MAX_SPAN_MV:
        return (
            f"the leads span {plain(span, 3)} mV from peak to peak (median)",
            f"{MIN_SPAN_MV:g} to {MAX_SPAN_MV:g} mV",
        )
    return None


def _check_amplitude(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], units: Sequence[str], stated: bool
) -> None:
    """Refuses spans that no electrode gives.

    Args:
        low: [n_leads], millivolts, NaN for an empty lead.
        high: [n_leads], as low.
        units: those of the file, each once.
        stated: whether the file states them.
    """
    absurd = _absurd(low, high)
    if absurd is None:
        return
    came, allowed = absurd
    taken = " and ".join(units)
    likely = _unit_of_span(_median_span(low, high) / millivolts_per(taken)) if len(units) == 1 else None
    if likely in (None, taken):
        do = "check the samples, and the units or the gain" + (" that the file states" if stated else "")
    else:
        do = f"the values look like {likely}: give --units {likely} if they are"
    raise UnitsError(
        f"{came} with the samples in {taken}{', as the file states' if stated else ''}", allowed=allowed, do=do
    )
