"""What fires when: the electrical events of a recording, before any of them has a shape.

The conduction stage makes an Activity, the body gives its events shapes and projects them to the leads, and both
together are the truth of the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

USUAL_PREEXCITATION: Final = 0.5
"""How far the usual beat of a person with an accessory pathway is pre-excited, as Activity.preexcitation has it."""


class Beat(IntEnum):
    """How the ventricles were activated."""

    NORMAL = 0
    ABERRANT = 1  # through the AV node, one bundle branch still refractory: wide
    VENTRICULAR = 2  # premature, from a ventricular focus
    PREEXCITED = 3  # partly over an accessory pathway: delta wave
    PACED = 4  # from the right ventricle's tip, after a spike
    JUNCTIONAL = 5  # an escape or a premature beat of the junction: narrow, no P of its own before it


class Origin(IntEnum):
    """Where the atria were activated from."""

    SINUS = 0
    FOCUS = 1  # an ectopic atrial focus: AT, a premature beat, a station of a wandering pacemaker
    RETROGRADE = 2  # from the AV node or an accessory pathway, upwards
    PACED = 3


@dataclass(frozen=True, slots=True)
class Fibrillation:
    """f waves, while nothing else activates the atria: fundamental in hertz, amplitude in mV in lead V1."""

    rate_hz: float
    amplitude_mv: float
    organised: float
    """0 is fine and chaotic, 1 coarse and nearly regular."""


@dataclass(frozen=True, slots=True)
class Flutter:
    """F waves: one re-entrant circuit that never rests."""

    rate_hz: float
    amplitude_mv: float
    counterclockwise: bool
    """The typical circuit: negative saw teeth in II, III, aVF and upright in V1; clockwise has them the other way."""
    phase: float
    """Of the circuit at time 0, in turns from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Activity:
    """The events of one recording, from some seconds before its first sample to after its last.

    Attributes:
        rhythm: abbreviation of one of the eleven.
        duration_s: of the recording.
        qrs_s: [n_beats], onset of the QRS complex in seconds, increasing.
        beats: [n_beats], a Beat for each.
        p_s: [n_p], onset of the P wave in seconds, increasing; empty in fibrillation and flutter.
        origins: [n_p], an Origin for each.
        sites: [n_p, 3], where in the atria it begins (RETROGRADE: where it enters them), unit vectors from their middle
            (x to the left arm, y to the feet, z to the front); the sinus node lies up, right and back of the middle.
        leads_to: [n_p], index of the beat that this P was conducted to, or that it belongs to where it is RETROGRADE
            (which it follows, or in the junction precedes by a little); -1 where it was blocked.
        preexcitation: [n_beats], 0 to 1, how much of the ventricles an accessory pathway activated before the AV node
            did; 0 unless the beat is PREEXCITED, 1 where the node had no part in it.
        fibrillation: or None.
        flutter: or None; each of its turns is an atrial activation at `(k - phase) / rate_hz`.
        breath_hz, breath_phase: respiration, which sways rate, axis and amplitude: sin(2 pi breath_hz t + breath_phase)
            rises with inspiration.
        pr_s: [n_p], from P onset to QRS onset where it was conducted, else NaN.
    """

    rhythm: str
    duration_s: float
    qrs_s: Floats
    beats: Ints
    p_s: Floats
    origins: Ints
    sites: Floats
    leads_to: Ints
    preexcitation: Floats
    pr_s: Floats
    breath_hz: float
    breath_phase: float
    fibrillation: Fibrillation | None = None
    flutter: Flutter | None = None
    events: tuple[str, ...] = field(default_factory=tuple)
    """What happened on purpose, in words: "Wenckebach 4:3", "2:1 block", "ventricular premature beat at 3.2 s"."""
