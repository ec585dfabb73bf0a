"""activity(): the rhythm's maker, chosen and completed."""

from __future__ import annotations

from typing import Final

import numpy as np

from ecglite.edge.errors import SimulationError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import typed
from ecglite.simulator.activity import Activity
from ecglite.simulator.conduction import fibrillation, flutter, p_rhythms, reentry, sinus, static_nodes
from ecglite.simulator.conduction.draft import Draft, complete
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.person import Person

_LONGEST_S: Final = 24 * 3600.0


def check_rhythm(rhythm: str) -> None:
    """Refuses what is none of RHYTHMS.

    Raises:
        SimulationError: no such rhythm.
    """
    typed.text("rhythm", rhythm)
    if rhythm not in RHYTHMS:
        do = f"write {rhythm.upper()}" if rhythm.upper() in RHYTHMS else ""
        raise SimulationError(f"no rhythm {rhythm!r} to simulate", allowed=", ".join(RHYTHMS), do=do)


def check_duration(duration_s: float) -> None:
    """Refuses a recording of under a second or over a day.

    Raises:
        SimulationError: a duration outside that.
    """
    typed.number("duration_s", duration_s)
    if not 1 <= duration_s <= _LONGEST_S:  # also refuses NaN
        raise SimulationError(
            f"a duration of {duration_s:g} s to simulate", allowed=f"1 to {_LONGEST_S:.0f} s", do="10 s is usual"
        )


def activity(
    rhythm: str,
    person: Person,
    rng: np.random.Generator,
    duration_s: float,
    options: Options | None = None,
    *,
    nodes: bool = True,
) -> Activity:
    """What fires when in a recording of a person in a rhythm.

    The mean ventricular rate within the recording is the person's to within 3 % or 2/min wherever the rhythm allows it;
    premature beats, blocks and pacing follow the person's traits. A pacemaker keeps to its own rates, and behind a
    second degree block the ventricles give way to a sinus node of at most 95/min. No rule is checked here:
    `rules.check` does.

    Args:
        rhythm: one of RHYTHMS.
        person: whose heart.
        rng: the stage's own stream.
        duration_s: 1 to 86,400 seconds.
        options: what is not to be left to chance.
        nodes: as in Realism.

    Raises:
        SimulationError: no such rhythm, a duration outside its limits, or an option that the rhythm does not have.
    """
    check_rhythm(rhythm)
    check_duration(duration_s)
    options = options or Options()
    options.check(rhythm)
    if not nodes:
        person, options = static_nodes.still(rhythm, person, options)
    breath = sinus.breath(person, rng)
    # in one of seven a bundle branch recovers late enough for Ashman's beats
    aberrancy = options.aberrancy
    if aberrancy is None:
        aberrancy = float(rng.uniform(0.2, 0.7)) if rng.random() < 0.14 else 0.0
    draft = _draft(rhythm, person, rng, duration_s, breath, options)
    if rhythm == "AFIB" and not nodes:
        static_nodes.independent(draft, person, rng, duration_s)
    return complete(draft, rhythm, person, rng, duration_s, aberrancy, breath)


def _draft(
    rhythm: str,
    person: Person,
    rng: np.random.Generator,
    duration_s: float,
    breath: tuple[float, float],
    options: Options,
) -> Draft:
    match rhythm:
        case "AFIB":
            return fibrillation.fibrillation(person, rng, duration_s, options)
        case "AF":
            return flutter.flutter(person, rng, duration_s, options)
        case "AT":
            return p_rhythms.tachycardia(person, rng, duration_s, breath, options)
        case "SAAWR":
            return p_rhythms.wandering(person, rng, duration_s, breath, options)
        case "AVNRT":
            return reentry.nodal(person, rng, duration_s, options)
        case "AVRT":
            return reentry.atrioventricular(person, rng, duration_s, options)
        case "SVT":
            return reentry.open_label(person, rng, duration_s, options)
        case _:
            return p_rhythms.of_sinus(rhythm, person, rng, duration_s, breath, options)
