"""From what a rhythm made to an Activity: cut to the recording, aberrant where need be, told in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ecglite.simulator.activity import Activity, Beat, Fibrillation, Floats, Flutter, Ints, Origin
from ecglite.simulator.conduction.ladder import Ladder
from ecglite.simulator.person import Person

MARGIN_S: Final = 2.5
"""Events are kept from so long before the first sample to so long after the last."""
LONGEST_S: Final = 4.0
"""Rhythms begin this long before the margin, at least, so that the node has forgotten its start."""


@dataclass(slots=True)
class Draft:
    """Arrays as in Activity, of any length, in order."""

    qrs_s: Floats
    beats: Ints
    p_s: Floats = field(default_factory=lambda: np.zeros(0))
    origins: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    sites: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    leads_to: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    pr_s: Floats = field(default_factory=lambda: np.zeros(0))
    fibrillation: Fibrillation | None = None
    flutter: Flutter | None = None
    preexcitation: Floats = field(default_factory=lambda: np.zeros(0))
    """As in Activity; empty where no beat is pre-excited."""
    events: tuple[str, ...] = ()


def of_ladder(ladder: Ladder, origins: Ints, sites: Floats, early_site: Floats, events: tuple[str, ...] = ()) -> Draft:
    """A draft with P waves.

    Args:
        ladder: of n impulses.
        origins: [n], of the atria's own rhythm.
        sites: [n, 3], of the same.
        early_site: [3], where the premature ones come from.
        events: in words.
    """
    premature = np.array(ladder.premature, bool)
    sites = np.where(premature[:, None], early_site, sites)
    origins = np.where(premature, int(Origin.FOCUS), origins)
    draft = of_ventricles(ladder, events)
    draft.p_s, draft.origins, draft.sites = np.array(ladder.p_s), origins, sites
    draft.leads_to, draft.pr_s = np.array(ladder.leads_to, np.int64), np.array(ladder.pr_s)
    n = draft.p_s.size
    early = premature & (draft.p_s < ladder.qrs_s[-1] if ladder.qrs_s else np.zeros(n, bool))
    draft.events += tuple(
        f"premature atrial beat at {at:.2f} s" + (", blocked" if to < 0 else "")
        for at, to in zip(draft.p_s[early].tolist(), draft.leads_to[early].tolist(), strict=True)
    )
    return draft


def of_ventricles(ladder: Ladder, events: tuple[str, ...] = ()) -> Draft:
    """A draft without P waves."""
    return Draft(
        np.array(ladder.qrs_s),
        np.array(ladder.beats, np.int64),
        preexcitation=np.array(ladder.preexcitation),
        events=events,
    )


_WORDS: Final = {
    Beat.VENTRICULAR: "ventricular premature beat",
    Beat.ABERRANT: "aberrant beat",
    Beat.JUNCTIONAL: "junctional beat",
}


def complete(
    draft: Draft,
    rhythm: str,
    person: Person,
    rng: np.random.Generator,
    duration_s: float,
    aberrancy: float,
    breath: tuple[float, float],
) -> Activity:
    """The Activity; times are rounded to the microsecond, so that they are the same on any platform.

    Args:
        draft: what the rhythm made.
        rhythm: its abbreviation.
        person: whose.
        rng: draws which of the beats that may be aberrant are.
        duration_s: of the recording.
        aberrancy: with which probability a beat that comes early after a long interval finds a bundle branch
            refractory (Gouaux and Ashman, 1947).
        breath: frequency in hertz and phase in radians.
    """
    qrs, beats = draft.qrs_s, draft.beats.copy()
    preexcitation = draft.preexcitation if draft.preexcitation.size else np.zeros(qrs.size)
    rr = np.diff(qrs, prepend=qrs[:1] - person.rr_s)
    before = np.concatenate([rr[:1], rr[:-1]])
    # the bundle branches' refractory period follows the interval before: long after long ones (Ashman's rule)
    may = (beats == Beat.NORMAL) & (rr < 0.68 * before) & (rr < 0.75)
    beats[may & (rng.random(rr.size) < aberrancy)] = Beat.ABERRANT

    keep = (qrs >= -MARGIN_S) & (qrs <= duration_s + MARGIN_S)
    keep |= np.arange(qrs.size) == np.searchsorted(qrs, 0.0) - 1  # and the last beat before and the first after
    keep |= np.arange(qrs.size) == np.searchsorted(qrs, duration_s, side="right")
    index = np.where(keep, np.cumsum(keep) - 1, -1)
    leads_to = np.where(draft.leads_to >= 0, index[draft.leads_to], -1) if qrs.size else draft.leads_to
    inside = (draft.p_s >= -MARGIN_S) & (draft.p_s <= duration_s + MARGIN_S)
    kept_p = np.where(draft.leads_to >= 0, leads_to >= 0, inside)
    events = list(draft.events)
    shown = (qrs >= 0) & (qrs < duration_s)
    for kind, word in _WORDS.items():
        events += [f"{word} at {at:.2f} s" for at in qrs[shown & (beats == kind)].tolist()]
    return Activity(
        rhythm=rhythm,
        duration_s=duration_s,
        qrs_s=qrs[keep].round(6),
        beats=beats[keep],
        p_s=draft.p_s[kept_p].round(6),
        origins=draft.origins[kept_p],
        sites=draft.sites[kept_p],
        leads_to=leads_to[kept_p],
        preexcitation=preexcitation[keep].round(6),
        pr_s=draft.pr_s[kept_p].round(6),
        breath_hz=breath[0],
        breath_phase=breath[1],
        fibrillation=draft.fibrillation,
        flutter=draft.flutter,
        events=tuple(e for e in events if _in_record(e, duration_s)),
    )


def _in_record(event: str, duration_s: float) -> bool:
    """Whether an event that says when it was says a time of the recording."""
    _, at, when = event.partition(" at ")
    return not at or 0 <= float(when.split(" ")[0]) < duration_s
