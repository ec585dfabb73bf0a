"""Switches of the simulator's realism: what each piece of it is worth to a network is measured without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np


@dataclass(frozen=True, slots=True)
class Realism:
    """Pieces of realism; False replaces one by what a plain generator does, and leaves the others as they are.

    What is asked for by name (a person, facts, options, a machine) is made in any case, and so is what a rhythm is by
    definition. All False is a plain generator, whose recordings still are of their rhythm.

    Attributes:
        people: rates, intervals, axes, ages and amplitudes as in the population, correlated. Else the ventricular rate
            is uniform within plausible limits of the rhythm, QT, PR and P follow it, and all else is as Person has it.
        findings: blocks, hypertrophy, low voltage, scars, changes of ST and T, enlarged atria, blocks of the AV node,
            premature and aberrant beats as the population has them. Else nobody has any: QRS stays under 120 ms and PR
            within 200.
        hearts: every heart and torso its own. Else each loop is the mean one for the axes, the transition, the sex, the
            age and the amplitude of the person, seen through the mean lead fields.
        beats: amplitude, axis, T and P differ from beat to beat by chance and respiration, QT follows RR, QRS may
            alternate. Else all beats of a kind are alike.
        nodes: slow and respiratory variability of the sinus node; the AV node's concealed conduction in fibrillation
            and its varying ratio in flutter. Else the sinus node has independent jitter of 0.35 % (a sinus arrhythmia
            follows the breath), fibrillation independent normal RR with a spread of 20 %, flutter a fixed ratio, and an
            atrial focus does not warm up. Re-entry and a wandering pacemaker are the same.
        atria: the P of each sinus node its own, f waves of wandering wavelets, F waves as saw teeth. Else one mean P
            for a direction of activation, f waves one sine of 6 Hz and F waves one of the circuit's rate, in II and V1.
        noise: drift, respiration, mains, muscle, electrode and motion. Else none.
        machine: filters and the converter's steps as hospitals' machines have them. Else none, and a range of 16 mV
            either side, which nothing at rest reaches. Lead errors and lost electrodes are never drawn.
    """

    people: bool = True
    findings: bool = True
    hearts: bool = True
    beats: bool = True
    nodes: bool = True
    atria: bool = True
    noise: bool = True
    machine: bool = True


class _Means:
    """In a Generator's place: each number is the mean of what would be drawn; it has the methods that are called."""

    def standard_normal(self, size: int | tuple[int, ...] = ()) -> Any:
        """[size] zeros; a number where there is no size."""
        return np.zeros(size)[()]

    def random(self, size: int | tuple[int, ...] = ()) -> Any:
        """[size] halves; a number where there is no size."""
        return np.full(size, 0.5)[()]


MEANS: Final = cast(np.random.Generator, _Means())
"""A stream by which nobody differs from the mean."""
