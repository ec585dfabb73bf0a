"""Eight leads as the potentials of nine electrodes, and back: what an electrode does is then in the right leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ELECTRODES: Final = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")

_POTENTIALS: Final = np.zeros((9, 8))
_POTENTIALS[:3, :2] = np.array([[-1, -1], [2, -1], [-1, 2]]) / 3
_POTENTIALS[3:, 2:] = np.eye(6)
_LEADS: Final = np.zeros((8, 9))
_LEADS[:2, :3] = [[-1, 1, 0], [-1, 0, 1]]
_LEADS[2:, :3], _LEADS[2:, 3:] = -1 / 3, np.eye(6)


def potentials(leads: Floats) -> Floats:
    """[9, n_samples], mV against Wilson's terminal, from [8, n_samples], the leads I, II and V1 to V6."""
    return np.asarray(_POTENTIALS @ leads)


def leads(electrodes: Floats) -> Floats:
    """[8, n_samples], mV, from [9, n_samples]: Einthoven's I and II, and the chest against Wilson's terminal."""
    return np.asarray(_LEADS @ electrodes)


def _order(*places: int) -> Callable[[Floats], Floats]:
    """Which potential each electrode has; 9 is the right leg's, which is nearly the left one's."""

    def moved(electrodes: Floats) -> Floats:
        return np.concatenate([electrodes, 0.97 * electrodes[2:3]])[list(places)]

    return moved


def _high(electrodes: Floats) -> Floats:
    """V leads one interspace high: they see the heart from further above, V1 and V2 most of all."""
    upwards = (electrodes[0] + electrodes[1]) / 2 - electrodes[2]  # minus aVF
    out = electrodes.copy()
    out[3:] *= np.array([[0.8], [0.85], [0.9], [0.95], [1], [1]])
    out[3:] += np.array([[0.32], [0.32], [0.28], [0.24], [0.18], [0.12]]) * upwards
    return out


ERRORS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "arms reversed": _order(1, 0, 2, 3, 4, 5, 6, 7, 8),
    "right arm and left leg reversed": _order(2, 1, 0, 3, 4, 5, 6, 7, 8),
    "left arm and left leg reversed": _order(0, 2, 1, 3, 4, 5, 6, 7, 8),
    "right arm and right leg reversed": _order(9, 1, 2, 3, 4, 5, 6, 7, 8),
    "left arm and right leg reversed": _order(0, 9, 2, 3, 4, 5, 6, 7, 8),
    "V1 and V2 reversed": _order(0, 1, 2, 4, 3, 5, 6, 7, 8),
    "V2 and V3 reversed": _order(0, 1, 2, 3, 5, 4, 6, 7, 8),
    "V1 and V3 reversed": _order(0, 1, 2, 5, 4, 3, 6, 7, 8),
    "V leads from V6 to V1": _order(0, 1, 2, 8, 7, 6, 5, 4, 3),
    "V leads one interspace high": _high,
}
"""Electrodes that are not where they belong: [9, n_samples] to [9, n_samples] (Batchvarov 2007)."""
