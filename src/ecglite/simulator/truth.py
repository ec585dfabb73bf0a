"""What is true of a simulated recording: who, which rhythm, what fired when, what was added, and the seed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ecglite import __version__
from ecglite.simulator.activity import Activity, Beat, Floats, Origin
from ecglite.simulator.body import COLUMNS, Waves
from ecglite.simulator.person import Person


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a recording will be, before any wave has a shape. Times are in seconds from its first sample.

    Attributes:
        rhythm: abbreviation of one of the eleven.
        seed: with the rhythm and the options it makes the same recording again.
        population: the person was drawn from it; "" where the person was given.
        person: who.
        activity: what fires when.
        broken_rules: the rules that the request breaks, where it was forced.
        printed_atrial_rate_bpm: the atrial rate that a machine would print; see population.draw.
    """

    rhythm: str
    seed: int
    population: str
    person: Person
    activity: Activity
    broken_rules: tuple[str, ...]
    printed_atrial_rate_bpm: float

    @property
    def inside(self) -> Floats:
        """[n]: the onsets of the QRS complexes within the recording."""
        qrs = self.activity.qrs_s
        return np.asarray(qrs[(qrs >= 0) & (qrs < self.activity.duration_s)])

    @property
    def ventricular_rate_bpm(self) -> float:
        """By the mean RR of the beats within the recording; NaN where fewer than two are."""
        qrs = self.inside
        return float(60 / np.diff(qrs).mean()) if qrs.size > 1 else math.nan

    @property
    def atrial_s(self) -> Floats:
        """[n]: activations of the atria within the recording: P onsets, or turns of flutter; none in fibrillation."""
        made = self.activity
        if made.flutter is not None:
            first, last = made.flutter.phase, made.flutter.phase + made.duration_s * made.flutter.rate_hz
            return np.asarray((np.arange(math.ceil(first), math.ceil(last)) - first) / made.flutter.rate_hz)
        return np.asarray(made.p_s[(made.p_s >= 0) & (made.p_s < made.duration_s)])

    @property
    def av_relation(self) -> str:
        """How the ventricles follow the atria, in words: "1:1", "2:1", "variable", or "none" and why."""
        made = self.activity
        if made.fibrillation is not None:
            return "none: fibrillation"
        qrs, atria = self.inside, self.atrial_s
        if qrs.size < 2 or atria.size == 0:
            return "none seen"
        if not self._conducted:
            return "none: AV dissociation"
        if made.origins.size and (made.origins == Origin.RETROGRADE).mean() > 0.5:
            return "1:1, the atria after the ventricles"
        counts = np.histogram(atria, qrs)[0]
        values, how_often = np.unique(counts, return_counts=True)
        usual = int(values[how_often.argmax()])
        return f"{usual}:1" if how_often.max() >= 0.9 * counts.size else f"variable, {counts.mean():.1f}:1 in the mean"

    @property
    def _conducted(self) -> bool:
        """Whether any beat within the recording has to do with the atria; a single P in it says nothing."""
        made = self.activity
        if made.flutter is not None:
            beats = made.beats[(made.qrs_s >= 0) & (made.qrs_s < made.duration_s)]
            return not np.isin(beats, (Beat.PACED, Beat.VENTRICULAR, Beat.JUNCTIONAL)).all()
        inside = (made.p_s >= 0) & (made.p_s < made.duration_s)
        return bool((made.leads_to[inside] >= 0).any()) or int(inside.sum()) < 2


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth of one recording.

    Attributes:
        plan: who, which rhythm, what fired when.
        waves: onsets, peaks and ends of P, QRS and T, in seconds from the first sample; T has two ends.
        noise: what the recorder added or did, in words; empty where nothing.
        request: what was asked for beside rhythm, seed, population and duration, by the arguments' names; None and
            empty where it was left to chance.
    """

    plan: Plan
    waves: Waves
    noise: tuple[str, ...]
    request: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: plain values, NaN as null; events outside the recording are left out of beats and atria.

        The waves' `columns` say what each number of a row is. Their rows have those outside too: `atrium` is the index
        of each P among the atria, `beat` that of each QRS and T among the beats, null outside.
        """
        plan, made = self.plan, self.plan.activity
        beats = [
            {"qrs_s": round(float(at), 5), "kind": Beat(int(kind)).name.lower()}
            | ({"preexcitation": round(float(share), 3)} if share else {})
            for at, kind, share in zip(made.qrs_s, made.beats, made.preexcitation, strict=True)
            if 0 <= at < made.duration_s
        ]
        number = np.cumsum(made.qrs_s >= 0) - 1  # of a beat among those within the recording
        waves = {of.name: _plain(getattr(self.waves, of.name)) for of in dataclasses.fields(self.waves)}
        waves |= {"columns": _plain(COLUMNS)}
        waves |= {"atrium": _numbers(made.p_s, made.duration_s), "beat": _numbers(made.qrs_s, made.duration_s)}
        atria = [
            {
                "p_s": round(float(at), 5),
                "origin": Origin(int(origin)).name.lower(),
                "beat": int(number[to]) if to >= 0 and 0 <= made.qrs_s[to] < made.duration_s else None,
                "pr_s": _plain(pr),
            }
            for at, origin, to, pr in zip(made.p_s, made.origins, made.leads_to, made.pr_s, strict=True)
            if 0 <= at < made.duration_s
        ]
        return {
            "simulated": True,
            "ecglite_version": __version__,
            "request": _plain(dict(self.request)),
            "rhythm": plan.rhythm,
            "seed": plan.seed,
            "population": plan.population,
            "duration_s": made.duration_s,
            "person": plan.person.to_dict(),
            "ventricular_rate_bpm": _plain(plan.ventricular_rate_bpm),
            "av_relation": plan.av_relation,
            "beats": beats,
            "atria": atria,
            "atrial_s": _plain(plan.atrial_s),
            "fibrillation": None if made.fibrillation is None else dataclasses.asdict(made.fibrillation),
            "flutter": None if made.flutter is None else dataclasses.asdict(made.flutter),
            "events": list(made.events),
            "waves": waves,
            "noise": list(self.noise),
            "broken_rules": list(plan.broken_rules),
        }


def _numbers(at_s: Floats, duration_s: float) -> list[int | None]:
    """Of each event its number among those within the recording; None outside."""
    inside = (at_s >= 0) & (at_s < duration_s)
    return [int(k) if here else None for k, here in zip(np.cumsum(inside) - 1, inside, strict=True)]


def _plain(value: Any) -> Any:
    """As JSON has it: numbers rounded to 10 microseconds or microvolts, NaN and infinity as None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(of) for name, of in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 5) if math.isfinite(value) else None
    return value
