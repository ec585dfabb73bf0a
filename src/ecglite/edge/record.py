"""The Record: one recording in memory, whatever file it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LeadError, RecordError, UnitsError

LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order of the model's input (IEC 60601-2-25)."""

MIN_RATE_HZ: Final = 100.0
MAX_RATE_HZ: Final = 1000.0

_OTHER_NAMES: Final = {"MLII": "II", "ML2": "II", "DI": "I", "DII": "II", "DIII": "III"}
_BY_KEY: Final = {lead.upper(): lead for lead in LEADS} | _OTHER_NAMES

_MV_PER: Final = {"V": 1000.0, "mV": 1.0, "uV": 0.001, "nV": 1e-6}
UNITS: Final = tuple(_MV_PER)
"""The units of voltage in their standard spelling."""

_UNITS_BY_KEY: Final = {unit.lower(): unit for unit in UNITS} | {
    "µv": "uV",  # U+00B5 micro sign
    "μv": "uV",  # U+03BC Greek mu
    "volt": "V",
    "millivolt": "mV",
    "microvolt": "uV",
}


def plain(value: float, digits: int = 6) -> str:
    """A number in a sentence: so many significant digits, never an exponent."""
    if 0 < abs(value) < 0.001:
        return "under 0.001"
    return "over 1000000000" if value > 1e9 else f"{float(f'{value:.{digits}g}'):.10g}"


def standard_lead(name: str) -> str | None:
    """The standard name of a lead in any usual spelling, or None.

    Knows "II", "Lead II", "lead_ii", "avf", "DII", "MDC_ECG_LEAD_V1", "ECG II", "V1 (mV)" and MIT-BIH's "MLII", a
    modified lead II. "2", "ECG2" and "Lead 2" number a recorder's channels as often as Einthoven's leads, and "-aVR"
    is another lead than aVR: none of them is known.
    """
    text = re.sub(r"[\[(].*?[\])]", "", name[:64]).strip().upper()  # no lead has a longer name
    prefix = re.match(r"(?:MDC[_ ])?(?:ECG[_ :-]?)?(?:LEAD(?:-|[_ :]*))?_*", text)
    text = text[prefix.end() :] if prefix else text
    text = re.sub(r"[_ ]*(UV|µV|ΜV|MV)$", "", text) if text not in _BY_KEY else text
    return _BY_KEY.get(text)


def lead_of(name: str) -> str:
    """As standard_lead.

    Raises:
        LeadError: the name is not a standard lead's.
    """
    lead = standard_lead(name)
    if lead is None:
        raise LeadError(
            f"unknown lead {name[:40]!r}",
            allowed=", ".join(LEADS) + " in any usual spelling",
            do="name every column in order with --leads, for example --leads I,II,- where - leaves a column out",
        )
    return lead


def standard_unit(unit: str) -> str:
    """The standard spelling of a unit of voltage, one of UNITS.

    Raises:
        UnitsError: `unit` is not a voltage.
    """
    try:
        return _UNITS_BY_KEY[unit.strip().lower()]
    except KeyError:
        raise UnitsError(f"unknown unit {unit[:40]!r}", allowed="V, mV, uV, nV", do="give --units") from None


def millivolts_per(unit: str) -> float:
    """How many millivolts one of `unit` is.

    Raises:
        UnitsError: `unit` is not a voltage.
    """
    return _MV_PER[standard_unit(unit)]


@dataclass(frozen=True, slots=True)
class Patient:
    """Patient facts as the file states them; None where it is silent."""

    age_years: float | None = None
    sex: str | None = None
    """"female", "male" or None."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One recording.

    Attributes:
        signal_mv: float32 [n_samples, n_leads], millivolts; NaN where the file marks a sample as missing, or where it
            is infinite or beyond float32.
        sampling_rate_hz: 100 to 1000.
        leads: standard names, one per column, each once, in the order of the columns.
        patient: age and sex where known.
        path: the file it came from, or "" for an array.
        format: the reader's name ("chapman-csv", "csv", "wfdb"), "array" or "simulated".
        units: of the samples in the file or array, before they became millivolts: one of UNITS, or several joined
            by ", " where the leads differ.
        comments: what the header says beyond the signal, such as WFDB's "Dx: 426177001".
        notes: what the reader assumed or changed, in words.

    Raises:
        RecordError: shape, rate or leads contradict each other or the limits above.
        LeadError: a lead is not standard, or appears twice.
    """

    signal_mv: npt.NDArray[np.float32]
    sampling_rate_hz: float
    leads: tuple[str, ...]
    patient: Patient = field(default_factory=Patient)
    path: str = ""
    format: str = "array"
    units: str = "mV"
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        signal = np.asarray(self.signal_mv)
        if signal.ndim != 2 or signal.shape[1] != len(self.leads) or 0 in signal.shape:
            raise RecordError(
                f"a signal of shape {list(signal.shape)} for {len(self.leads)} leads",
                allowed="[n_samples, n_leads], at least one of each",
                do="name the columns with leads=, and transpose the array if its leads come first",
            )
        if not np.issubdtype(signal.dtype, np.floating):
            raise RecordError(f"samples of type {signal.dtype}", allowed="floating point, in millivolts")
        rate = self.sampling_rate_hz
        if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:  # also refuses NaN
            raise RecordError(
                f"a sampling rate of {plain(rate)} Hz",
                allowed=f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
                do="check the header, or give --rate",
            )
        for lead in self.leads:
            if lead not in LEADS:
                lead_of(lead)
                raise LeadError(f"lead {lead!r} is not in its standard spelling", allowed=", ".join(LEADS))
            if self.leads.count(lead) > 1:
                raise LeadError(f"lead {lead} comes twice", allowed="each lead once", do="drop one of the columns")
        with np.errstate(over="ignore"):
            signal = np.ascontiguousarray(signal, dtype=np.float32)
        if np.isinf(signal).any():
            signal = np.where(np.isinf(signal), np.float32(np.nan), signal)
        object.__setattr__(self, "signal_mv", signal)

    @property
    def duration_s(self) -> float:
        """Seconds: n_samples / sampling_rate_hz."""
        return float(self.signal_mv.shape[0] / self.sampling_rate_hz)

    @classmethod
    def from_array(
        cls,
        signal: npt.ArrayLike,
        *,
        sampling_rate_hz: float,
        leads: Sequence[str] = LEADS,
        units: str = "mV",
    ) -> Record:
        """A Record of samples in memory.

        Args:
            signal: [n_samples, n_leads], any real dtype, in `units`; what is masked or not finite is missing.
            sampling_rate_hz: 100 to 1000.
            leads: one name per column, in any usual spelling.
            units: "V", "mV", "uV" or "nV".

        Raises:
            RecordError, LeadError, UnitsError: as the class says.
        """
        try:
            array = np.asanyarray(signal)
        except ValueError as error:
            raise RecordError(f"samples that make no array: {error}", allowed="rows of one length") from None
        if array.dtype.kind not in "biuf":
            raise RecordError(f"samples of type {array.dtype}", allowed="a numeric array")
        values = array.astype(np.float64)
        if isinstance(values, np.ma.MaskedArray):
            values = values.filled(np.nan)
        with np.errstate(over="ignore"):
            millivolts = (values * millivolts_per(units)).astype(np.float32)
        names = tuple(lead_of(lead) for lead in leads)
        return cls(millivolts, float(sampling_rate_hz), names, units=standard_unit(units))
