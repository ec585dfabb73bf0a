"""Where in the atria an activation begins: unit vectors from their middle.

x points to the left arm, y to the feet, z to the front.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ecglite.simulator.activity import Floats


def unit(vector: object) -> Floats:
    """[..., 3] scaled to length 1."""
    x = np.asarray(vector, np.float64)
    return np.asarray(x / np.sqrt((x * x).sum(axis=-1, keepdims=True)))


SINUS: Final = unit([-0.55, -0.70, -0.45])
"""Where the superior vena cava enters: up, right and back."""
LOW_ATRIUM: Final = unit([-0.15, 0.90, -0.35])
"""Beside the mouth of the coronary sinus, where P turns over in II, III and aVF."""
SEPTUM: Final = unit([-0.05, 0.95, 0.10])
"""Where the fast pathway of the AV node leaves for the atria."""

FOCI: Final[dict[str, tuple[float, tuple[float, float, float]]]] = {
    "crista terminalis": (0.33, (-0.85, -0.30, -0.30)),
    "tricuspid annulus": (0.21, (-0.60, 0.45, 0.65)),
    "coronary sinus ostium": (0.12, (-0.15, 0.85, -0.50)),
    "septum": (0.07, (-0.10, 0.30, 0.30)),
    "right atrial appendage": (0.03, (-0.60, -0.35, 0.75)),
    "right pulmonary veins": (0.08, (0.10, -0.55, -0.80)),
    "left pulmonary veins": (0.11, (0.75, -0.45, -0.50)),
    "mitral annulus": (0.04, (0.55, -0.15, 0.20)),
    "left atrial appendage": (0.01, (0.85, -0.35, 0.30)),
}
"""Foci of atrial tachycardia: how frequent, rounded after Kistler et al., 2006, and where."""

PATHWAYS: Final[dict[str, tuple[float, tuple[float, float, float]]]] = {
    "left free wall": (0.55, (0.85, 0.40, -0.35)),
    "posteroseptal": (0.25, (0.10, 0.85, -0.50)),
    "right free wall": (0.15, (-0.80, 0.40, 0.45)),
    "anteroseptal": (0.05, (-0.25, 0.55, 0.60)),
}
"""Accessory pathways: share of each place (Josephson's Clinical Cardiac Electrophysiology: left free wall about half,
posteroseptal a quarter), and where they enter the atria."""


def drawn(places: dict[str, tuple[float, tuple[float, float, float]]], rng: np.random.Generator) -> tuple[str, Floats]:
    """A place and its unit vector, moved a little from person to person."""
    names = list(places)
    at = float(rng.random()) * sum(share for share, _ in places.values())
    for name in names:
        at -= places[name][0]
        if at < 0:
            break
    return name, unit(np.asarray(places[name][1]) + 0.12 * rng.standard_normal(3))


def sinus(rng: np.random.Generator, rate_bpm: float) -> Floats:
    """The person's sinus node: the faster it beats, the higher in it the beat begins (Boineau et al., 1988)."""
    up = 0.2 * (min(max(rate_bpm, 45.0), 140.0) - 75.0) / 75.0
    return unit(SINUS + np.array([0.0, -up, 0.0]) + 0.1 * rng.standard_normal(3))
