"""What a plain generator does where a piece of Realism is off: who, what fires, how it is recorded."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Beat, Origin
from ecglite.simulator.asked import asked
from ecglite.simulator.conduction import sites
from ecglite.simulator.person import Person
from ecglite.simulator.realism import Realism
from ecglite.simulator.recorder import Levels, Machine, Recorder

_RATES: Final = {
    "SB": (40.0, 59.0),
    "SR": (60.0, 100.0),
    "AFIB": (60.0, 150.0),
    "ST": (101.0, 160.0),
    "SVT": (140.0, 220.0),
    "AF": (60.0, 150.0),
    "SA": (50.0, 100.0),
    "AT": (100.0, 200.0),
    "AVNRT": (140.0, 220.0),
    "AVRT": (140.0, 220.0),
    "SAAWR": (50.0, 95.0),
}
"""Ventricular rates per minute of a plain population: within rules.RATES, without what is rare."""

_NARROW_S: Final = 0.118
_LONGEST_PR_S: Final = 0.2
_F_HZ: Final = 6.0
_SILENCE: Final = Levels(0.0, 0.0, 0.0, 0.0, 0.0)
_WIRE: Final = Machine(high_pass_hz=0.0, low_pass_hz=0.0, step_mv=0.0)


def person(
    drawn: Person, printed_bpm: float, rhythm: str, rng: np.random.Generator, realism: Realism
) -> tuple[Person, float]:
    """The person, and the atrial rate that a machine would print, in the place of those that population.draw gave."""
    if not realism.findings:
        pr = min(drawn.pr_s, _LONGEST_PR_S)
        drawn = dataclasses.replace(
            drawn, qrs_s=min(drawn.qrs_s, _NARROW_S), pr_s=pr, p_s=min(drawn.p_s, pr - 0.004), traits=frozenset()
        )
    if not realism.people:
        rate = round(float(rng.uniform(*_RATES[rhythm])), 1)
        return asked(Person(), rhythm, heart_rate_bpm=rate, traits=drawn.traits), rate
    return drawn, printed_bpm


def activity(made: Activity, someone: Person, realism: Realism) -> tuple[Activity, Person]:
    """What fires, in the place of what the conduction made; and the person with the atrial rate of that."""
    if not realism.findings:
        beats = np.where(made.beats == Beat.ABERRANT, int(Beat.NORMAL), made.beats)
        events = tuple(event for event in made.events if not event.startswith("aberrant beat"))
        made = dataclasses.replace(made, beats=beats, events=events)
    if not realism.atria:
        places = np.where((made.origins == Origin.SINUS)[:, None], sites.SINUS, made.sites)
        made = dataclasses.replace(made, sites=places)
        if made.fibrillation is not None:
            f_waves = dataclasses.replace(made.fibrillation, rate_hz=_F_HZ, organised=1.0)
            made = dataclasses.replace(made, fibrillation=f_waves)
            someone = dataclasses.replace(someone, atrial_rate_bpm=60 * _F_HZ)
    return made, someone


def recorder(how: Recorder, realism: Realism) -> Recorder:
    """How it is recorded."""
    return dataclasses.replace(
        how,
        levels=how.levels if realism.noise else _SILENCE,
        machine=how.machine if realism.machine else how.machine or _WIRE,
    )
