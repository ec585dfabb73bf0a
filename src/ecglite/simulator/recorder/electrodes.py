"""Twelve leads as the potentials of nine electrodes, and back: what an electrode does is then in the right leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ELECTRODES: Final = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


def potentials(leads: Floats) -> Floats:
    """[n_samples, 9], mV against Wilson's terminal, from [n_samples, 12]."""
    first, second = leads[:, 0], leads[:, 1]
    limbs = np.stack([-(first + second), 2 * first - second, 2 * second - first], axis=1) / 3
    return np.concatenate([limbs, leads[:, 6:]], axis=1)


def leads(electrodes: Floats) -> Floats:
    """[n_samples, 12], mV, from [n_samples, 9]: Einthoven, Goldberger, and the chest against Wilson's terminal."""
    right, left, leg = electrodes[:, 0], electrodes[:, 1], electrodes[:, 2]
    out = np.empty((len(electrodes), 12))
    out[:, 0], out[:, 1], out[:, 2] = left - right, leg - right, leg - left
    out[:, 3] = right - 0.5 * (left + leg)
    out[:, 4] = left - 0.5 * (right + leg)
    out[:, 5] = leg - 0.5 * (right + left)
    out[:, 6:] = electrodes[:, 3:] - ((right + left + leg) / 3)[:, None]
    return out


def _order(*places: int) -> Callable[[Floats], Floats]:
    """Which potential each electrode has; 9 is the right leg's, which is nearly the left one's."""

    def moved(electrodes: Floats) -> Floats:
        right_leg = 0.97 * electrodes[:, 2:3]
        return np.concatenate([electrodes, right_leg], axis=1)[:, list(places)]

    return moved


def _high(electrodes: Floats) -> Floats:
    """V leads one interspace high: they see the heart from further above, V1 and V2 most of all."""
    upwards = (electrodes[:, 0] + electrodes[:, 1]) / 2 - electrodes[:, 2]  # minus 3/2 of what aVF has
    out = electrodes.copy()
    out[:, 3:] = electrodes[:, 3:] * (0.8, 0.85, 0.9, 0.95, 1, 1) + upwards[:, None] * (
        0.32,
        0.32,
        0.28,
        0.24,
        0.18,
        0.12,
    )
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
"""Electrodes that are not where they belong: [n_samples, 9] to [n_samples, 9] (Batchvarov 2007)."""
