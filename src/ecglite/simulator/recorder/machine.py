"""The machine behind the electrodes: filters, range, resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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
    """

    high_pass_hz: float = 0.05
    causal: bool = False
    low_pass_hz: float = 150.0
    notch_hz: float = 0.0
    range_mv: float = 16.0
    step_mv: float = 0.001

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

    def response(self, f: npt.NDArray[np.floating]) -> npt.NDArray[np.complex128]:
        """By frequency in hertz."""
        out = np.ones(f.shape, np.complex128)
        if self.high_pass_hz:
            ratio = f / self.high_pass_hz
            out *= (1j * ratio / (1 + 1j * ratio)) if self.causal else ratio**2 / np.sqrt(1 + ratio**4)
        if self.low_pass_hz:
            out /= np.sqrt(1 + (f / self.low_pass_hz) ** 4)
        if self.notch_hz:
            out *= 1 - np.exp(-0.5 * ((f - self.notch_hz) / 0.6) ** 2)
        return out

    def filtered(self, signal: Floats, rate_hz: float) -> Floats:
        """[n, n_channels]; before the first sample and after the last stand mirror images."""
        if not (self.high_pass_hz or self.low_pass_hz or self.notch_hz):
            return signal
        n = len(signal)
        pad = min(n - 1, round(1.5 * rate_hz))
        # Channels in rows, which the transform runs along.
        rows = np.ascontiguousarray(signal.T)
        first, last = rows[:, :1], rows[:, -1:]
        length = fast_length(n + 3 * pad)
        whole = np.empty((len(rows), length))
        whole[:, :pad] = 2 * first - rows[:, pad:0:-1]
        whole[:, pad : pad + n] = rows
        whole[:, pad + n : 2 * pad + n] = 2 * last - rows[:, -2 : -pad - 2 : -1]
        # Between the end and the beginning a slope, so that the two need not meet.
        gap = np.linspace(0, 1, length - n - 2 * pad + 2)[1:-1]
        gap = gap**2 * (3 - 2 * gap)
        whole[:, 2 * pad + n :] = whole[:, 2 * pad + n - 1 : 2 * pad + n] * (1 - gap) + whole[:, :1] * gap
        spectrum = np.fft.rfft(whole, axis=1)
        spectrum *= self.response(np.fft.rfftfreq(length, 1 / rate_hz))
        return np.asarray(np.fft.irfft(spectrum, length, axis=1)[:, pad : pad + n].T)

    def clipped(self, signal: Floats) -> Floats:
        """Within the amplifier's range."""
        return np.asarray(np.clip(signal, -self.range_mv, self.range_mv))

    def converted(self, signal: Floats) -> Floats:
        """In whole steps of the converter."""
        return np.asarray(np.round(signal / self.step_mv) * self.step_mv) if self.step_mv else signal


def usual_machine(rng: np.random.Generator, mains_hz: float) -> Machine:
    """A machine as hospitals have them."""
    draws = rng.random(5)
    high = float(np.select([draws[0] < 0.45, draws[0] < 0.65], [0.05, 0.15], 0.5))
    low = float(np.select([draws[1] < 0.07, draws[1] < 0.15, draws[1] < 0.35], [35.0, 40.0, 100.0], 150.0))
    return Machine(
        high_pass_hz=high,
        causal=bool(draws[2] < 0.15),
        low_pass_hz=low,
        notch_hz=mains_hz if draws[3] < 0.6 else 0.0,
        step_mv=(0.001, 0.00244, 0.00488)[int(draws[4] * 2.999)],
    )
