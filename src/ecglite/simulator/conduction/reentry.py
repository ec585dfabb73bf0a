"""Tachycardias by re-entry through the AV node: AVNRT, AVRT, and SVT, whose label leaves the circuit open.

Times after Josephson's Clinical Cardiac Electrophysiology and the ACC/AHA/HRS guideline of 2015 (Page et al.): in
slow-fast AVNRT the atria fire with the ventricles (RP under 70 ms), in orthodromic AVRT after them (RP 90 to 150 ms,
shorter than PR), in fast-slow AVNRT shortly before the next QRS.
"""

from __future__ import annotations

import math

import numpy as np

from ecglite.simulator.activity import Beat, Floats, Origin
from ecglite.simulator.conduction import sites
from ecglite.simulator.conduction.draft import LONGEST_S, MARGIN_S, Draft
from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.rate import stretch
from ecglite.simulator.person import Person


def nodal(person: Person, rng: np.random.Generator, duration_s: float, options: Options) -> Draft:
    """AVNRT: down one pathway of the AV node and up the other."""
    qrs = _regular(person, rng, duration_s, float(rng.random()) < 0.08, 0.008)
    site = sites.unit(sites.SEPTUM + 0.1 * rng.standard_normal(3))
    variant = options.mechanism if options.mechanism in ("slow-fast", "fast-slow") else None
    variant = variant or ("slow-fast" if rng.random() < 0.92 else "fast-slow")
    cycle = person.rr_s
    if variant == "slow-fast":
        kind = float(rng.random())
        if kind < 0.6:  # seen at the end of QRS: pseudo r' in V1, pseudo s in II
            rp = min(person.qrs_s * float(rng.uniform(0.45, 0.8)), 0.068)
        elif kind < 0.92:  # hidden in QRS
            rp = float(rng.uniform(-0.01, 0.03))
        else:  # just before it: pseudo q in II
            rp = float(rng.uniform(-0.04, -0.02))
    else:
        rp = max(cycle - float(rng.uniform(0.1, 0.15)), 0.5 * cycle)
        site = sites.unit(sites.LOW_ATRIUM + 0.1 * rng.standard_normal(3))
    draft = _with_p(qrs, rp, site, rng)
    draft.events = (f"AVNRT, {variant}",)
    return _ventricular(draft, person, rng, duration_s)


def atrioventricular(person: Person, rng: np.random.Generator, duration_s: float, options: Options) -> Draft:
    """AVRT, orthodromic: down the AV node and up an accessory pathway."""
    place, site = sites.drawn(sites.PATHWAYS, rng)
    if options.mechanism in sites.PATHWAYS:
        place = options.mechanism
        site = sites.unit(np.asarray(sites.PATHWAYS[place][1]) + 0.12 * rng.standard_normal(3))
    qrs = _regular(person, rng, duration_s, float(rng.random()) < 0.35, 0.02)
    # from the septum it is nearer than from the free walls
    rp = float(rng.uniform(0.092, 0.115)) if "septal" in place else float(rng.uniform(0.105, 0.148))
    rp = max(min(rp, 0.46 * person.rr_s), min(0.09, 0.46 * person.rr_s))
    draft = _with_p(qrs, rp, site, rng)
    draft.events = (f"AVRT, orthodromic, {place}",)
    return _ventricular(draft, person, rng, duration_s)


def open_label(person: Person, rng: np.random.Generator, duration_s: float, options: Options) -> Draft:
    """SVT: AVNRT, AVRT, or a fast atrial focus whose P hides in the T wave before."""
    kind = options.mechanism or str(rng.choice(["AVNRT", "AVRT", "AT"], p=[0.55, 0.25, 0.2]))
    if kind == "AVNRT":
        return nodal(person, rng, duration_s, Options())
    if kind == "AVRT":
        return atrioventricular(person, rng, duration_s, Options())
    qrs = _regular(person, rng, duration_s, False, 0.0)
    name, site = sites.drawn(sites.FOCI, rng)
    pr = person.rr_s - min(max(person.qt_s * float(rng.uniform(0.55, 0.75)), 0.12), 0.7 * person.rr_s)
    n = qrs.size
    draft = Draft(
        qrs,
        np.full(n, int(Beat.NORMAL)),
        qrs - pr,
        np.full(n, int(Origin.FOCUS)),
        np.tile(site, (n, 1)),
        np.arange(n),
        np.full(n, pr),
        events=(f"atrial focus: {name}", "1:1 conduction"),
    )
    return _ventricular(draft, person, rng, duration_s)


def _regular(
    person: Person, rng: np.random.Generator, duration_s: float, alternates: bool, alternans_s: float
) -> Floats:
    """QRS onsets: regular to some milliseconds, with a slow drift and perhaps every second cycle a little longer."""
    rr = person.rr_s
    n = int((duration_s + 2 * (MARGIN_S + LONGEST_S)) / rr * 1.1) + 6
    start = -MARGIN_S - LONGEST_S / 2 - rr * float(rng.random())
    at = start + rr * np.arange(n)
    drift = float(rng.uniform(0.001, 0.01)) * np.sin(
        2 * math.pi * (float(rng.uniform(0.01, 0.06)) * at + float(rng.random()))
    )
    drift += float(rng.uniform(0, 0.004)) * np.sin(
        2 * math.pi * (person.breaths_per_min / 60 * at + float(rng.random()))
    )
    steps = rr * (1 + drift) + float(rng.uniform(0.0008, 0.0025)) * np.clip(rng.standard_normal(n), -3, 3)
    if alternates:
        steps += 0.5 * float(rng.uniform(0.3, 1)) * alternans_s * np.where(np.arange(n) % 2, 1.0, -1.0)
    qrs = start + np.cumsum(steps)
    return qrs * stretch(qrs, rr, duration_s)


def _with_p(qrs: Floats, rp_s: float, site: Floats, rng: np.random.Generator) -> Draft:
    n = qrs.size
    p = qrs + rp_s + 0.0007 * np.clip(rng.standard_normal(n), -3, 3)
    return Draft(
        qrs,
        np.full(n, int(Beat.NORMAL)),
        p,
        np.full(n, int(Origin.RETROGRADE)),
        np.tile(site, (n, 1)),
        np.arange(n),
        np.full(n, math.nan),
    )


def _ventricular(draft: Draft, person: Person, rng: np.random.Generator, duration_s: float) -> Draft:
    """A ventricular beat, where the person has such, takes the place of one of the circuit's, and does not enter it."""
    early = 0.17 * person.rr_s
    if not person.traits & {"pvc", "ventricular bigeminy", "ventricular trigeminy"} or person.rr_s - early < 0.25:
        return draft
    inside = np.flatnonzero((draft.qrs_s > 0.1 * duration_s) & (draft.qrs_s < 0.9 * duration_s))
    if inside.size:
        share = min(0.01 + 0.02 * float(rng.exponential()), 0.1)
        which = inside[rng.random(inside.size) < share]
        which = np.union1d(which, inside[int(rng.integers(inside.size))])
        draft.qrs_s[which] -= early
        draft.beats[which] = Beat.VENTRICULAR
        met = np.isin(draft.leads_to, which) & (draft.origins == Origin.FOCUS)  # what came down finds it refractory
        draft.leads_to[met], draft.pr_s[met] = -1, math.nan
    return draft
