"""The machine behind the electrodes: filters, range, resolution."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed

Floats = npt.NDArray[np.float64]


_SHORT = 1 << 15
"""Transforms up to this length are met again and again, and what depends on their frequencies alone is kept."""


@functools.lru_cache(256)
def fast_length(n: int) -> int:
    """The next length with no prime factor above 5, which a Fourier transform likes."""
    while True:
        rest = n
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1


@dataclass(frozen=True, slots=True)
class Machine:
    """How a machine is set.

    Attributes:
        high_pass_hz: 0 for none; 0.05 keeps ST (IEC 60601-2-25), 0.5 is a monitor's.
        causal: the high-pass is a resistor and a capacitor, which bends ST; else without phase, as stored records have.
        low_pass_hz: 0 for none; 35, 40, 100 or 150 as a rule.
        notch_hz: 0 for none, or the mains.
        range_mv: the amplifier's, either side.
        step_mv: of the converter; 0 for none.

    Raises:
        SimulationError: a number is negative or not finite, or the range is 0.
    """

    high_pass_hz: float = 0.05
    causal: bool = False
    low_pass_hz: float = 150.0
    notch_hz: float = 0.0
    range_mv: float = 16.0
    step_mv: float = 0.001

    def __post_init__(self) -> None:
        for name in ("high_pass_hz", "low_pass_hz", "notch_hz", "range_mv", "step_mv"):
            value = getattr(self, name)
            typed.number(name, value)
            if not (math.isfinite(value) and value >= 0) or (name == "range_mv" and value == 0):
                raise SimulationError(
                    f"a machine with {name} {value:g}", allowed="above 0" if name == "range_mv" else "0 (none) or more"
                )

    def words(self) -> list[str]:
        """What it does to the signal."""
        out = []
        if self.high_pass_hz:
            out.append(f"high-pass {self.high_pass_hz:g} Hz" + (", causal" if self.causal else ""))
        if self.low_pass_hz:
            out.append(f"low-pass {self.low_pass_hz:g} Hz")
        if self.notch_hz:
            out.append(f"notch {self.notch_hz:g} Hz")
        return out

    @property
    def settles_s(self) -> float:
        """After how many seconds a millionth is left of what the filters make of a step."""
        # A pole of the high-pass without phase is at 0.7 of its frequency, and the notch is 0.6 Hz wide.
        return max(14 / (2 * np.pi * 0.7 * self.high_pass_hz) if self.high_pass_hz else 0.0, 2.0)

    def filtered(self, rows: Floats, rate_hz: float) -> Floats:
        """[n_channels, n] as they come; before the first sample and after the last stand mirror images."""
        if not (self.high_pass_hz or self.low_pass_hz or self.notch_hz):
            return rows
        n = rows.shape[1]
        pad = min(n - 1, round(1.5 * rate_hz))
        length = fast_length(n + 3 * pad)
        whole = np.empty((len(rows), length))
        # A mirror, not a point reflection: where a recording begins within QRS, its height is not the baseline's.
        whole[:, :pad] = rows[:, pad:0:-1]
        whole[:, pad : pad + n] = rows
        whole[:, pad + n : 2 * pad + n] = rows[:, -2 : -pad - 2 : -1]
        # Between the end and the beginning a slope, so that the two need not meet.
        gap = np.linspace(0, 1, length - n - 2 * pad + 2)[1:-1]
        gap = gap**2 * (3 - 2 * gap)
        end, begin = whole[:, 2 * pad + n - 1 : 2 * pad + n], whole[:, :1]
        whole[:, 2 * pad + n :] = end + (begin - end) * gap
        spectrum = np.fft.rfft(whole, axis=1)
        response = _response if length <= _SHORT else _response.__wrapped__
        spectrum *= response(self.high_pass_hz, self.causal, self.low_pass_hz, self.notch_hz, length, rate_hz)
        return np.asarray(np.fft.irfft(spectrum, length, axis=1)[:, pad : pad + n])

    def clip(self, signal: Floats) -> None:
        """To the amplifier's range, in place."""
        np.minimum(np.maximum(signal, -self.range_mv, out=signal), self.range_mv, out=signal)

    def convert(self, signal: Floats) -> None:
        """To whole steps of the converter, in place."""
        if self.step_mv:
            signal /= self.step_mv
            np.rint(signal, out=signal)
            signal *= self.step_mv


@functools.lru_cache(96)
def _response(
    high_pass_hz: float, causal: bool, low_pass_hz: float, notch_hz: float, length: int, rate_hz: float
) -> Floats | npt.NDArray[np.complex128]:
    """[length // 2 + 1], of a machine so set, by frequency; what 0 stands for is no filter."""
    f = np.fft.rfftfreq(length, 1 / rate_hz)
    out: Floats | npt.NDArray[np.complex128] = np.ones(f.size)
    if high_pass_hz:
        ratio = f / high_pass_hz
        out = (1j * ratio / (1 + 1j * ratio)) if causal else ratio**2 / np.sqrt(1 + ratio**4)
    if low_pass_hz:
        out = out / np.sqrt(1 + (f / low_pass_hz) ** 4)
    if notch_hz:
        out = out * (1 - np.exp(-0.5 * ((f - notch_hz) / 0.6) ** 2))
    return out


def usual_machine(rng: np.random.Generator, mains_hz: float) -> Machine:
    """A machine as hospitals have them."""
    high, low, causal, notch, step = rng.random(5).tolist()
    return Machine(
        high_pass_hz=0.05 if high < 0.45 else 0.15 if high < 0.65 else 0.5,
        causal=causal < 0.15,
        low_pass_hz=35.0 if low < 0.07 else 40.0 if low < 0.15 else 100.0 if low < 0.35 else 150.0,
        notch_hz=mains_hz if notch < 0.6 else 0.0,
        step_mv=(0.001, 0.00244, 0.00488)[int(step * 2.999)],
    )
