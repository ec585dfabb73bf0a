"""The recording of what the electrodes see: noise, lead errors, lost electrodes, the machine's filters and steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.simulator.recorder.electrodes import ELECTRODES, ERRORS, leads, potentials
from ecglite.simulator.recorder.machine import Machine, usual_machine
from ecglite.simulator.recorder.noise import Levels, noise

__all__ = ["ELECTRODES", "ERRORS", "Levels", "Machine", "Recorder", "recorded"]

Floats = npt.NDArray[np.float64]

_USUAL: Final = Levels()

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
        SimulationError: a word is not among its choices, or a number is negative or not finite.
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
        for value, allowed, what in (
            (self.lead_error, tuple(ERRORS), "lead error"),
            (self.lost, ELECTRODES, "lost electrode"),
            (self.lost_as, LOST, "look of a lost electrode"),
            (self.mains_hz, (50, 60), "mains frequency"),
        ):
            if value is not None and value not in allowed:
                raise SimulationError(f"a {what} {value!r}", allowed=", ".join(map(str, allowed)))
        for name in Levels.__slots__:
            level = getattr(self.levels, name)
            if not (np.isfinite(level) and level >= 0):
                raise SimulationError(f"a level {level:g} of {name}", allowed="0 (none) or more")


def recorded(
    signal_mv: Floats,
    sampling_rate_hz: float,
    rng: np.random.Generator,
    level: float = 1.0,
    how: Recorder | None = None,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """A recording of twelve clean leads.

    Args:
        signal_mv: [n_samples, 12], without noise, as body.leads makes it.
        sampling_rate_hz: of the samples.
        rng: the recorder's own stream.
        level: of all noise; 0 leaves the signal as it is but for what `how` asks for by name.
        how: errors, lost electrodes, machine and single levels.

    Returns:
        [n_samples, 12] as recorded; [n_samples, 12], what was added, the difference to `signal_mv`; and words for what
        was done.

    Raises:
        SimulationError: the level is negative or not finite.
    """
    if not (np.isfinite(level) and level >= 0):
        raise SimulationError(f"noise {level:g}", allowed="0 (none) or more")
    how, rate = how or Recorder(), float(sampling_rate_hz)
    of_noise, of_machine, of_lost = rng.spawn(3)
    words: list[str] = []
    mains_hz = how.mains_hz or (50.0 if of_machine.random() < 0.7 else 60.0)
    machine = how.machine or (usual_machine(of_machine, mains_hz) if level > 0 else None)
    electrodes = None
    if how.lead_error or how.lost or level > 0:
        electrodes = potentials(signal_mv)
    if electrodes is not None and how.lead_error:
        electrodes = ERRORS[how.lead_error](electrodes)
        words.append(how.lead_error)
    if electrodes is not None and level > 0:
        parts = Levels(*(level * getattr(how.levels, name) for name in Levels.__slots__))
        added, said = noise(len(signal_mv), rate, of_noise, parts, mains_hz, how.breath_hz)
        electrodes = electrodes + added
        words += said
    if electrodes is not None and how.lost:
        _lose(electrodes, how, rate, of_lost)
        words.append(f"electrode {how.lost} off ({how.lost_as})")
    if machine is not None:
        inputs = machine.clipped(potentials(signal_mv) if electrodes is None else electrodes)
        electrodes = machine.filtered(inputs, rate)
        words += machine.words()
    if electrodes is None:
        return signal_mv.copy(), np.zeros_like(signal_mv), ()
    out = leads(electrodes)
    if machine is not None:
        out = machine.converted(out)
    return out, out - signal_mv, tuple(words)


def _lose(electrodes: Floats, how: Recorder, rate_hz: float, rng: np.random.Generator) -> None:
    """What an amplifier has at its open input: nothing, the hum and hiss of the air, or the rail."""
    index = ELECTRODES.index(how.lost or "")
    begin, end = (round(min(max(at, 0.0) * rate_hz, len(electrodes))) for at in (how.lost_from_s, how.lost_to_s))
    n = end - begin
    if n <= 0:
        return
    if how.lost_as == "flat":
        electrodes[begin:end, index] = 0.0
    elif how.lost_as == "railed":
        electrodes[begin:end, index] = (how.machine or Machine()).range_mv * (1 if rng.random() < 0.5 else -1)
    else:
        hum = 0.4 * np.sin(2 * np.pi * ((how.mains_hz or 50.0) * np.arange(n) / rate_hz + rng.random()))
        electrodes[begin:end, index] = hum + 0.15 * rng.standard_normal(n)
