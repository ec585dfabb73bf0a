"""What the electrodes see of the heart: one person's lead fields, and twelve leads from eight."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecglite.simulator.body.tables import ATRIA_FIELD, FIELD_MODES
from ecglite.simulator.person import Person

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Torso:
    """Leads I, II and V1 to V6 per vector in the chest.

    Attributes:
        ventricles, repolarisation, atria: [8, 3], mV in the lead per mV of the vector of QRS and ST, of T, of P (x to
            the left arm, y to the feet, z to the front).
        drift: [8, 3], by which the field of the ventricles changes during QRS, and back during ST and T.
    """

    ventricles: Floats
    repolarisation: Floats
    atria: Floats
    drift: Floats

    def with_limbs_in_front(self, share: float) -> Torso:
        """I and II see only a share of what points to the front."""
        rows = np.ones((8, 3))
        rows[:2, 2] = share
        return replace(self, ventricles=self.ventricles * rows, repolarisation=self.repolarisation * rows)

    def rotated(self, leads: float) -> Torso:
        """The heart turned about its long axis, clockwise from below: each chest lead sees what one `leads` before saw.

        Args:
            leads: -1 to 1.
        """

        def moved(rows: Floats) -> Floats:
            chest = rows[2:]
            beyond = [1.4 * chest[0] - 0.4 * chest[1]], chest, [1.4 * chest[-1] - 0.4 * chest[-2]]
            whole, at = np.concatenate(beyond), np.arange(6) + 1 - leads
            return np.concatenate([rows[:2], np.stack([np.interp(at, np.arange(8), axis) for axis in whole.T], axis=1)])

        if not leads:
            return self
        return replace(
            self,
            ventricles=moved(self.ventricles),
            repolarisation=moved(self.repolarisation),
            drift=moved(self.drift),
        )


_QRS_ROWS = np.array([1.04, 0.97, 1.0, 0.88, 1.08, 1.24, 1.13, 1.03])
_T_ROWS = np.array([1.30, 1.30, 1.12, 1.40, 1.10, 0.88, 0.90, 1.04])
"""Of I, II and V1 to V6: what the mean field lacks, because the sources of QRS and T are not in one place; medians of
R, S and T of simulated people then agree with PTB-XL's."""
_MODES = FIELD_MODES[1:] * np.where(np.arange(8)[:, None] < 2, (1.0, 1.0, 0.3), 1.0)
"""The limbs are far from the heart, and what I and II see of the front differs little between people: the rest of what
was fitted would make ST in the healthy twice as unlike as it is."""


_DRIFT = np.where(np.arange(8) < 2, 0.08, 0.45)[:, None]
"""The source moves through the chest, which the near electrodes see: without it twelve leads would have but the three
dimensions of a vector. Chosen so that the fourth and fifth are as large as in PTB-XL's averaged beats."""


def draw_torso(person: Person, rng: np.random.Generator) -> Torso:
    """One person's torso: the mean field and what differs by position of the heart, electrodes and tissue.

    The chest electrodes are near, so that a moving source is not a vector from the middle to them: the modes were
    fitted to real chest leads and hold that too.
    """
    scores = np.clip(rng.standard_normal(len(_MODES)), -2, 2)
    # A row's length varies as measured; what a thick chest takes from the chest leads, 15 % (Horacek 1974).
    field = FIELD_MODES[0] + np.tensordot(0.85 * scores, _MODES, 1)
    rows = np.ones((8, 1))
    rows[2:] *= np.clip(np.exp(0.12 * rng.standard_normal()), 0.7, 1.35)
    if "low voltage limb" in person.traits:
        rows[:2] *= 0.45
    if "low voltage chest" in person.traits:
        rows[2:] *= 0.5
    field *= rows
    # A heart that lies far from the usual axis has turned in the limb leads more than in front of the chest.
    axis = (person.qrs_axis_deg + 180) % 360 - 180
    beyond = 0.5 * (max(axis - 75, 0) + min(axis + 10, 0))
    field[:2] = turned(field[:2], -beyond)
    atria = ATRIA_FIELD * (1 + 0.15 * np.clip(rng.standard_normal((8, 3)), -2, 2))
    atria[2:4, 2] *= np.clip(np.exp(0.25 * rng.standard_normal()), 0.5, 1.7)
    drift = _DRIFT * rows * np.clip(rng.standard_normal((8, 3)), -2, 2)
    rows = np.where(rows < 0.7, rows, 1.0)
    return Torso(field * _QRS_ROWS[:, None], field * _T_ROWS[:, None], atria * rows, drift)


def twelve(eight: Floats) -> Floats:
    """[12, n_samples], mV, from [8, n_samples]: III by Einthoven, aVR, aVL and aVF by Goldberger."""
    first, second = eight[0], eight[1]
    out = np.empty((12, eight.shape[1]))
    out[:2] = eight[:2]
    out[2] = second - first
    out[3] = -0.5 * (first + second)
    out[4] = first - 0.5 * second
    out[5] = second - 0.5 * first
    out[6:] = eight[2:]
    return out


def axis_deg(eight: Floats) -> float:
    """The frontal axis of a wave [n_samples, >= 2] by its areas in I and aVF, -180 to 180 degrees."""
    first, second = float(eight[:, 0].sum()), float(eight[:, 1].sum())
    return float(np.degrees(np.arctan2((second - 0.5 * first) * 2 / np.sqrt(3), first)))


def turned(vectors: Floats, frontal_deg: float | Floats = 0.0, horizontal_deg: float | Floats = 0.0) -> Floats:
    """[..., 3] turned in the frontal plane (positive: to the feet), then in the horizontal one (to the front)."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    if np.ndim(frontal_deg) or frontal_deg:
        angle = np.radians(frontal_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        x, y = cos * x - sin * y, sin * x + cos * y
    if np.ndim(horizontal_deg) or horizontal_deg:
        angle = np.radians(horizontal_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        x, z = cos * x - sin * z, sin * x + cos * z
    out = np.empty((*x.shape, 3))
    out[..., 0], out[..., 1], out[..., 2] = x, y, z
    return out
