"""The recording of what the electrodes see: noise, lead errors, lost electrodes, the machine's filters and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed
from ecglite.simulator.body.torso import twelve
from ecglite.simulator.recorder.electrodes import ELECTRODES, ERRORS, leads, potentials
from ecglite.simulator.recorder.machine import Machine, usual_machine
from ecglite.simulator.recorder.noise import Levels, Noise, draw_noise

__all__ = ["ELECTRODES", "ERRORS", "Levels", "Machine", "Recorder", "Recording", "recorded"]

Floats = npt.NDArray[np.float64]
Clean = Callable[[int, int], Floats]

_BLOCK_S: Final = 240.0
_USUAL: Final = Levels()
_FASTEST_BREATH_HZ: Final = 2.0

LOST: Final = ("flat", "noise", "railed")
"""What a lead without its electrode shows."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """How it is recorded; what is None is drawn for each record.

    Attributes:
        levels: of each part of the noise; all are multiplied by the level of the call.
        lead_error: one of ERRORS.
        lost: an electrode of ELECTRODES that is off.
        lost_from_s, lost_to_s: since when and until when, seconds; the end of the record by default.
        lost_as: one of LOST.
        machine: filters, range, resolution.
        mains_hz: 50 or 60.
        breath_hz: of the respiration that moves the baseline.

    Raises:
        SimulationError: a word is not among its choices, or a number outside what makes sense of it.
    """

    levels: Levels = _USUAL
    lead_error: str | None = None
    lost: str | None = None
    lost_from_s: float = 0.0
    lost_to_s: float = float("inf")
    lost_as: str = "flat"
    machine: Machine | None = None
    mains_hz: float | None = None
    breath_hz: float | None = None

    def __post_init__(self) -> None:
        typed.one("levels", self.levels, Levels)
        if self.machine is not None:
            typed.one("machine", self.machine, Machine)
        for name in ("lost_from_s", "lost_to_s", "breath_hz"):
            if getattr(self, name) is not None or name != "breath_hz":
                typed.number(name, getattr(self, name))
        for value, allowed, what in (
            (self.lead_error, tuple(ERRORS), "lead error"),
            (self.lost, ELECTRODES, "lost electrode"),
            (self.lost_as, LOST, "look of a lost electrode"),
            (self.mains_hz, (50, 60), "mains frequency"),
        ):
            if value is not None and value not in allowed:
                raise SimulationError(f"a {what} {value!r}", allowed=", ".join(map(str, allowed)))
        if not 0 <= self.lost_from_s < self.lost_to_s:  # also refuses NaN
            raise SimulationError(
                f"an electrode that is off from {self.lost_from_s:g} to {self.lost_to_s:g} s",
                allowed="0 s or later, and an end after that",
            )
        if self.breath_hz is not None and not 0 < self.breath_hz <= _FASTEST_BREATH_HZ:
            raise SimulationError(
                f"a respiration of {self.breath_hz:g} Hz", allowed=f"above 0 to {_FASTEST_BREATH_HZ:g} Hz"
            )
        for name in Levels.__slots__:
            level = getattr(self.levels, name)
            typed.number(f"a level of {name}", level)
            if not (np.isfinite(level) and level >= 0):
                raise SimulationError(f"a level {level:g} of {name}", allowed="0 (none) or more")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording before its samples are made.

    Attributes:
        words: what is done to the signal.
    """

    words: tuple[str, ...]
    _clean: Clean
    _n: int
    _rate_hz: float
    _how: Recorder
    _noise: Noise | None
    _machine: Machine | None
    _of_noise: np.random.Generator
    _of_lost: np.random.Generator

    def pieces(self) -> Iterator[tuple[Floats, Floats]]:
        """One after the other, [12, k] each, mV: what is recorded, and its difference to the heart's leads. Once only.

        They are the caller's to write to.

        Up to four minutes are one piece. Of longer ones each piece is filtered with as much before and after it as the
        filters remember.
        """
        rate, machine, source = self._rate_hz, self._machine, self._amplified()
        margin = round(machine.settles_s * rate) if machine else 0
        held, true = next(source)
        begin = 0  # of what is held
        for first, stop in _blocks(self._n, round(_BLOCK_S * rate), margin):
            left, right = max(first - margin, 0), min(stop + margin, self._n)
            parts = [(held[:, left - begin :], true[:, left - begin :])]
            have = begin + held.shape[1]
            while have < right:
                parts.append(next(source))
                have += parts[-1][0].shape[1]
            if len(parts) == 1:
                held, true = parts[0]
            else:
                held, true = (np.concatenate(rows, axis=1) for rows in zip(*parts, strict=True))
            begin, here = left, slice(first - left, stop - left)
            out = held[:, : right - left]
            if machine:
                eight = machine.filtered(out, rate)[:, here].copy()
                machine.convert(eight)  # the eight that are measured; III is in whole steps then, too
                out = twelve(eight)
                machine.convert(out)
            else:
                out = twelve(out[:, here])
            clean = twelve(true[:, here])
            yield out, np.subtract(out, clean, out=clean)

    def _amplified(self) -> Iterator[tuple[Floats, Floats]]:
        """[8, k] each: what the machine makes numbers of, before it filters them, and what the heart's leads are."""
        how, noise = self._how, self._noise
        added = noise.pieces(self._n, self._rate_hz, self._of_noise) if noise else None
        lost = _Lost(how, self._rate_hz, self._of_lost) if how.lost else None
        first = 0
        while first < self._n:
            more = next(added) if added else None
            stop = min(first + (round(_BLOCK_S * self._rate_hz) if more is None else more.shape[1]), self._n)
            clean = eight = self._clean(first, stop)
            if how.lead_error or lost or self._machine or more is not None:
                electrodes = potentials(clean)
                if how.lead_error:
                    electrodes = ERRORS[how.lead_error](electrodes)
                if more is not None:
                    electrodes += more
                if lost:
                    lost.lose(electrodes, first)
                if self._machine:
                    self._machine.clip(electrodes)
                eight = leads(electrodes)
            yield eight, clean
            first = stop


def _blocks(n: int, block: int, margin: int) -> Iterator[tuple[int, int]]:
    """From where to where, as long as `block`, the last one longer by up to `margin`."""
    first = 0
    while n - first > block + margin:
        yield first, first + block
        first += block
    yield first, n


class _Lost:
    """What an amplifier has at its open input: nothing, the hum and hiss of the air, or the rail."""

    def __init__(self, how: Recorder, rate_hz: float, rng: np.random.Generator) -> None:
        self._how, self._rate_hz, self._rng = how, rate_hz, rng
        self._rail_mv = (how.machine or Machine()).range_mv * (1 if rng.random() < 0.5 else -1)
        self._phase = rng.random()

    def lose(self, electrodes: Floats, first: int) -> None:
        """In place, [9, k] from sample `first` on; pieces come in their order."""
        how, k = self._how, electrodes.shape[1]
        times = (how.lost_from_s, how.lost_to_s)
        begin, end = (round(min(max(at * self._rate_hz - first, 0.0), k)) for at in times)
        if end <= begin:
            return
        row = electrodes[ELECTRODES.index(how.lost or ""), begin:end]
        if how.lost_as == "flat":
            row[:] = 0.0
        elif how.lost_as == "railed":
            row[:] = self._rail_mv
        else:
            turn = (how.mains_hz or 50.0) * np.arange(first + begin, first + end) / self._rate_hz + self._phase
            row[:] = 0.4 * np.sin(2 * np.pi * turn) + 0.15 * self._rng.standard_normal(end - begin)


def recorded(
    clean: Clean,
    n_samples: int,
    sampling_rate_hz: float,
    rng: np.random.Generator,
    level: float = 1.0,
    how: Recorder | None = None,
) -> Recording:
    """The recording of clean leads.

    Args:
        clean: makes [8, k], mV, I, II and V1 to V6 without noise, of the numbers of a first sample and of the one
            after the last, as body.Heart.leads does.
        n_samples: altogether.
        sampling_rate_hz: of the samples.
        rng: the recorder's own stream.
        level: of all noise; 0 leaves the signal as it is but for what `how` asks for by name.
        how: errors, lost electrodes, machine and single levels.

    Raises:
        SimulationError: the level is negative or not finite.
    """
    if not (np.isfinite(level) and level >= 0):
        raise SimulationError(f"noise {level:g}", allowed="0 (none) or more")
    how, rate = how or Recorder(), float(sampling_rate_hz)
    of_noise, of_machine, of_lost = rng.spawn(3)
    mains_hz = how.mains_hz or (50.0 if of_machine.random() < 0.7 else 60.0)
    machine = how.machine or (usual_machine(of_machine, mains_hz) if level > 0 else None)
    noise = None
    if level > 0:
        parts = Levels(*(level * getattr(how.levels, name) for name in Levels.__slots__))
        noise = draw_noise(n_samples, rate, of_noise, parts, mains_hz, how.breath_hz)
    words = (
        *((how.lead_error,) if how.lead_error else ()),
        *(noise.words if noise else ()),
        *((f"electrode {how.lost} off ({how.lost_as})",) if how.lost else ()),
        *(machine.words() if machine else ()),
    )
    return Recording(words, clean, n_samples, rate, how, noise, machine, of_noise, of_lost)
