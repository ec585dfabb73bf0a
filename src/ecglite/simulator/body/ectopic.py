"""QRS, ST and T of a beat that is not the person's usual one: ectopic, paced, aberrant, over a pathway."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.simulator.activity import Beat
from ecglite.simulator.body.axes import to_axis
from ecglite.simulator.body.tables import RBBB_LATE
from ecglite.simulator.body.torso import Torso, turned
from ecglite.simulator.body.ventricles import RAMP, Source, U, bump, lbbb_qrs, preexcited_qrs, with_secondary_t
from ecglite.simulator.person import Person

Floats = npt.NDArray[np.float64]

_PACED_SHARE: Final = 0.38


def _turns(*rows: tuple[tuple[float, float, float], tuple[float, float, float]]) -> list[tuple[Floats, Floats]]:
    return [(np.array(along), np.array(bend)) for along, bend in rows]


_FOCI: Final = _turns(
    ((0.25, 0.95, -0.55), (-0.1, 0.3, -0.5)),  # right outflow tract: like LBBB, axis down
    ((0.25, 0.95, -0.55), (0.1, 0.2, -0.6)),
    ((0.65, -0.55, -0.75), (0.2, -0.4, -0.4)),  # right ventricle, wall or apex: like LBBB, axis up
    ((-0.35, -0.75, 0.75), (-0.3, -0.2, 0.3)),  # left posterior papillary muscle: like RBBB, axis up
    ((-0.75, 0.5, 0.65), (-0.3, 0.1, 0.3)),  # left free wall: like RBBB, axis right
)
_APEX: Final = _turns(((0.4, -0.85, -0.65), (0.2, -0.5, -0.35)))[0]


def of_kind(kind: int, person: Person, torso: Torso, usual: Source, size: float, own: Floats) -> Source:
    """The vector of a beat that is not the person's usual one.

    Args:
        kind: a Beat.
        person: who.
        torso: what the leads see.
        usual: the person's own beat.
        size: greatest length of its QRS vector.
        own: [8], uniform numbers that stay with the person: which site, which side.
    """
    traits = person.traits
    if kind in (Beat.NORMAL, Beat.JUNCTIONAL):
        return usual
    if kind == Beat.PREEXCITED:
        if "preexcitation" in traits:
            return usual
        qrs_s = float(np.clip(person.qrs_s + 0.035, 0.11, 0.16))
        main, slow = preexcited_qrs(usual.qrs, size, own[0], qrs_s)
        qrs = main + slow
    elif kind == Beat.ABERRANT:
        qrs_s = float(np.clip(usual.qrs_s + 0.04, 0.12, 0.16))
        if own[1] < 0.85:  # the right bundle branch recovers last (Gouaux and Ashman 1947)
            early = 0.6
            main = np.stack([np.interp(U / early, U, lead, right=0.0) for lead in usual.qrs.T], axis=1)
            qrs = main * (1, 1, 0.8) + bump(U, 0.66, 0.33) * RBBB_LATE * (0.6 + 0.6 * own[2]) * (0.5 + 0.35 * size)
        else:
            qrs = lbbb_qrs(size)
    else:
        paced = kind == Beat.PACED
        qrs_s = float(np.clip(usual.qrs_s + 0.055 + 0.03 * own[3], 0.13 if paced else 0.125, 0.19))
        along, bend = _APEX if paced else _FOCI[int(own[4] * (len(_FOCI) - 0.001))]
        if paced:  # the tip lies at the apex or nearer to the septum
            along = along + (own[2] - 0.5) * np.array([0.4, 0.25, 0.1])
        course = bump(U, 0.46, 0.46) + 0.25 * bump(U, 0.3, 0.2)
        late = bump(U, 0.72, 0.28)
        qrs = course * along * (1.15 * max(size, 0.9)) + late * bend * (0.6 * max(size, 0.9))
        qrs = qrs - bump(U, 0.5, 0.12) * along * (0.18 * own[5] * size)
    source = Source(np.asarray(qrs), usual.stt, qrs_s, usual.jt_s + 0.25 * (qrs_s - usual.qrs_s))
    if kind == Beat.PACED and "paced" in traits:
        return _as_paced(source, person, torso, usual)
    return with_secondary_t(source, usual, _PACED_SHARE if kind == Beat.PACED else 0.6)


def _as_paced(source: Source, person: Person, torso: Torso, usual: Source) -> Source:
    """A paced beat with QRS, QT and axis of the person, whose usual beat it is."""
    source = replace(source, qrs_s=person.qrs_s, jt_s=max(person.qt_s - person.qrs_s, 0.1))
    st = np.zeros_like(source.qrs)
    for _ in range(2):  # ST follows from QRS, and what it adds to QRS counts for the axis too
        turn, _ = to_axis(torso, source.qrs, st, person.qrs_axis_deg)
        source = with_secondary_t(replace(source, qrs=turned(source.qrs, turn), stt=usual.stt), usual, _PACED_SHARE)
        st = RAMP * source.stt[0]
    return source
