"""How far a loop is turned so that the leads show an axis, or a transition."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.simulator.body.torso import Torso, turned
from ecglite.simulator.person import Person

Floats = npt.NDArray[np.float64]

_DEGREES: Final = np.arange(-180.0, 180.0)
_RELUCTANCE: Final = 0.01 * np.abs(_DEGREES)
_ASIDE: Final = np.arange(-60.0, 86.0, 5.0)
_USUAL_TURNS: Final = 25
"""Of _ASIDE, up to 60 degrees to the front; the others are those of small children."""


def _circle(degrees: Floats) -> Floats:
    """[n, 3]: of each angle its cosine, its sine and 1."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles), np.ones_like(angles)], axis=1)


_ROUND: Final = _circle(_DEGREES)
_SIDEWAYS: Final = _circle(_ASIDE)


def axis_of(torso: Torso, areas: Floats) -> Floats:
    """[n], degrees: of the vectors [n, 3] as I and aVF see them."""
    two = areas @ torso.ventricles[:2].T
    return np.asarray(np.degrees(np.arctan2((two[:, 1] - 0.5 * two[:, 0]) * 2 / np.sqrt(3), two[:, 0])))


def to_axis(torso: Torso, main: Floats, fixed: Floats, axis_deg: float) -> tuple[float, float]:
    """By how many degrees `main` is turned so that the areas in I and aVF of both together have that axis; the rest."""
    # A vector turned is its cosine part, its sine part and what stays.
    (x, y, z), f = main.sum(axis=0).tolist(), fixed.sum(axis=0)
    have = axis_of(torso, _ROUND @ np.array([(x, y, 0.0), (-y, x, 0.0), (f[0], f[1], f[2] + z)]))
    off = np.abs((have - axis_deg + 180) % 360 - 180)
    best = int(np.argmin(off + _RELUCTANCE))
    return float(_DEGREES[best]), float(off[best])


def to_transition(person: Person, torso: Torso, main: Floats, fixed: Floats) -> tuple[Floats, float]:
    """`main` turned in the horizontal plane until R and S are equal at the person's chest lead; by how many degrees."""
    if person.traits & {"prior anterior infarction", "preexcitation", "rvh"}:
        return main, 0.0
    # Under 1 R outweighs S from V1 on, as in small children, whose right ventricle lies in front.
    target = min(person.transition, 6.2)
    # Turned as it lies at its axis, so that the horizontal plane is the chest's.
    main = turned(main, to_axis(torso, main, fixed, person.qrs_axis_deg)[0])
    some = main[::3]
    parts = np.stack([some * (1, 0, 1), some[:, ::-1] * (-1, 0, 1), some * (0, 1, 0) + fixed[::3]])  # [3, 43, 3]
    seen = torso.ventricles[2:] @ parts.transpose(0, 2, 1)  # [3, 6, 43]
    chest = (_SIDEWAYS @ seen.reshape(3, -1)).reshape(-1, *seen.shape[1:])  # [n, 6, 43]
    more = np.log(np.maximum(chest.max(axis=2), 0.01) / np.maximum(-chest.min(axis=2), 0.01))  # [n, 6]
    up = (more[:, :-1] < 0) & (more[:, 1:] >= 0)
    rows, first = np.arange(len(more)), np.argmax(up, axis=1)
    low, high = more[rows, first], more[rows, first + 1]
    at = 1 + first - low / np.where(high == low, 1.0, high - low)
    at = np.where(up.any(axis=1), at, np.where(more.mean(axis=1) > 0, 0.5, 6.5))
    # Not so far that the loop closes in the frontal plane.
    frontal = turned(main.sum(axis=0)[None], 0.0, _ASIDE) + fixed.sum(axis=0)  # [n, 3]
    area = np.sqrt(((frontal @ torso.ventricles[:2].T) ** 2).sum(axis=1))
    closed = 4 * np.maximum(0.8 - area / max(float(area[_ASIDE == 0][0]), 1e-9), 0)
    cost = np.abs(at - target) + 0.015 * np.abs(_ASIDE) + closed
    turn = float(_ASIDE[np.argmin(cost[: _USUAL_TURNS if target >= 1 else None])])
    return turned(main, 0.0, turn), turn
