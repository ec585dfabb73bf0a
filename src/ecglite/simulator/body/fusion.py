"""Beats of a heart with an accessory pathway: the node's own, every degree of fusion, the pathway's alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ecglite.simulator.activity import USUAL_PREEXCITATION, Activity, Beat, Floats, Ints
from ecglite.simulator.body.ectopic import of_kind
from ecglite.simulator.body.torso import Torso
from ecglite.simulator.body.ventricles import Source, U, normal, with_secondary_t
from ecglite.simulator.person import Person

_DEGREES: Final = 16
"""So many shapes of fusion are told apart."""
_KINDS: Final = 8
_USUAL: Final = int(Beat.PREEXCITED) + _KINDS * round(_DEGREES * USUAL_PREEXCITATION)
_GAINED_S: Final = 0.03
"""By which the delta wave lengthens the usual QRS of a person with a pathway."""


def ways(activity: Activity) -> Ints:
    """[n_beats], one number for each shape of a beat: its Beat, and for fusions _KINDS times the degree besides."""
    degree = np.rint(activity.preexcitation * _DEGREES).astype(np.int64)
    return np.asarray(activity.beats + _KINDS * np.where(activity.beats == Beat.PREEXCITED, degree, 0))


def sources(
    which: Ints, person: Person, torso: Torso, usual: Source, heart: np.random.Generator, own: Floats
) -> dict[int, Source]:
    """The vector of each way.

    Args:
        which: [n_beats], from `ways`.
        person: who.
        torso: what the leads see.
        usual: the person's own beat; with the trait "preexcitation" a fusion of degree USUAL_PREEXCITATION.
        heart: the stream as it was before `usual` was drawn from it.
        own: [8], as of_kind takes them.
    """
    found = np.unique(which).tolist()
    bare = usual  # without the pathway's part
    if "preexcitation" in person.traits and any(way != _USUAL for way in found):
        narrow = replace(
            person, traits=person.traits - {"preexcitation"}, qrs_s=max(person.qrs_s - _GAINED_S, 0.6 * person.qrs_s)
        )
        bare = with_secondary_t(normal(narrow, torso, heart)[0], usual)
    size = float(np.sqrt((bare.qrs**2).sum(axis=1)).max())
    made = {}
    for way in found:
        degree, kind = divmod(way, _KINDS)
        if kind == Beat.PREEXCITED:
            over = of_kind(kind, person, torso, usual, size, own)
            made[way] = fused(bare, over, degree / _DEGREES / USUAL_PREEXCITATION)
        else:
            made[way] = of_kind(kind, person, torso, bare, size, own)
    return made


def fused(bare: Source, over: Source, share: float) -> Source:
    """A beat between two: 0 is `bare`, 1 is `over`, and beyond 1 it goes on the same way.

    The larger the share, the sooner the pathway begins. Both end together, and what the pathway activates is missing in
    the node's part.
    """
    if share == 1:
        return over
    gained = max(over.qrs_s - bare.qrs_s, 0.02)
    qrs_s = bare.qrs_s + gained * share
    begins = 1 - bare.qrs_s / qrs_s
    node = np.stack([np.interp((U - begins) / (1 - begins), U, lead, left=0.0) for lead in bare.qrs.T], axis=1)
    rest = (1 - share) * (1.0 if share < 1 else 0.5)
    qrs = (1 - rest) * over.qrs + rest * node
    jt_s = bare.jt_s + share * (over.jt_s - bare.jt_s)
    source = replace(over, qrs=np.asarray(qrs), qrs_s=qrs_s, jt_s=jt_s)
    secondary = with_secondary_t(source, over).stt
    return replace(source, stt=over.stt + min(abs(share - 1), 1.0) * (secondary - over.stt))
