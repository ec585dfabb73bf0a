"""make() and simulate(): who, what fires when, its shape, and the recorder, put together."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import SimulationError
from ecglite.edge.record import LEADS, MAX_RATE_HZ, MIN_RATE_HZ, Patient, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import body, conduction, population, recorder, rules, substitutes, typed
from ecglite.simulator.activity import Activity
from ecglite.simulator.asked import BLOCKS, asked, at_ratio, checked
from ecglite.simulator.person import Person
from ecglite.simulator.realism import Realism
from ecglite.simulator.truth import Plan, Truth

RHYTHMS_MADE: Final[tuple[str, ...]] = tuple(RHYTHMS)
"""The abbreviations that can be simulated: all eleven."""

MOST_NOISE: Final = 1000.0
"""Times that of a good recording at rest: beyond it nothing of the heart is left by far."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A simulated recording.

    Attributes:
        record: as a reader would give it; format "simulated".
        truth: what is true of it.
        noise_mv: float32 [n_samples, 12], what the recorder added to the heart's signal; where leads are off or an
            amplifier is at its limit, the difference to it.
    """

    record: Record
    truth: Truth
    noise_mv: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class InPieces:
    """A simulated recording whose samples are made as they are asked for, so that a day of it needs little memory.

    Attributes:
        truth: what is true of it, of the whole.
        pieces: one after the other, of four or five minutes: the record and noise_mv of a Made.
    """

    truth: Truth
    pieces: Iterator[tuple[Record, npt.NDArray[np.float32]]]


def make(
    rhythm: str,
    seed: int,
    *,
    duration_s: float = 10.0,
    sampling_rate_hz: float = 500.0,
    noise: float = 1.0,
    person: Person | None = None,
    population_name: str = "chapman",
    options: conduction.Options | None = None,
    how: recorder.Recorder | None = None,
    realism: Realism | None = None,
    force: bool = False,
    **facts: Any,
) -> Made:
    """A simulated 12-lead ECG of one person in one rhythm, with its truth, in memory: 96 bytes a sample.

    Args:
        rhythm: one of RHYTHMS_MADE.
        seed: 0 or more. The same seed gives the same samples; another one another person and other beats. Each stage
            has random numbers of its own, so that another noise or rate leaves person and beats as they are.
        duration_s: 1 second to 24 hours.
        sampling_rate_hz: 100 to 1000.
        noise: 0 is none, 1 that of a good recording at rest, up to MOST_NOISE.
        person: who; None draws somebody from the population.
        population_name: one of description.POPULATIONS.
        options: of the conduction, what is not to be left to chance, such as Options(ratio=2).
        how: it is recorded, such as Recorder(lead_error=...); what it leaves open is drawn.
        realism: which pieces of it the recording has; None is all of them.
        force: make what contradicts the rhythm's rules; the truth then names the broken ones.
        facts: facts of the person that are asked for, as asked() takes them, such as heart_rate_bpm=52 or
            traits=("rbbb",).

    Raises:
        SimulationError: an argument is outside what is said above, or the person contradicts the rhythm.
    """
    made = in_pieces(
        rhythm,
        seed,
        duration_s=duration_s,
        sampling_rate_hz=sampling_rate_hz,
        noise=noise,
        person=person,
        population_name=population_name,
        options=options,
        how=how,
        realism=realism,
        force=force,
        **facts,
    )
    record, noise_mv = next(made.pieces)
    n, first = round(made.truth.plan.activity.duration_s * record.sampling_rate_hz), len(noise_mv)
    if first < n:
        whole = np.empty((2, n, 12), np.float32)
        whole[:, :first] = record.signal_mv, noise_mv
        for piece in made.pieces:
            stop = first + len(piece[1])
            whole[:, first:stop] = piece[0].signal_mv, piece[1]
            first = stop
        record, noise_mv = dataclasses.replace(record, signal_mv=whole[0]), whole[1]
    return Made(record, made.truth, noise_mv)


def in_pieces(
    rhythm: str,
    seed: int,
    *,
    duration_s: float = 10.0,
    sampling_rate_hz: float = 500.0,
    noise: float = 1.0,
    person: Person | None = None,
    population_name: str = "chapman",
    options: conduction.Options | None = None,
    how: recorder.Recorder | None = None,
    realism: Realism | None = None,
    force: bool = False,
    **facts: Any,
) -> InPieces:
    """What make() makes, piece by piece.

    Raises:
        SimulationError: as make().
    """
    check_recorder(sampling_rate_hz, noise, how)
    whole = realism or Realism()
    made, shape, hum = _planned(rhythm, seed, duration_s, person, population_name, options, whole, force, facts)
    someone, activity = made.person, made.activity
    heart = body.heart(activity, someone, shape, sampling_rate_hz, whole)
    request = {
        "sampling_rate_hz": float(sampling_rate_hz),
        "noise": float(noise),
        "force": force,
        "facts": {name: value for name, value in facts.items() if value is not None},
        "options": options,
        "recorder": how,
        "realism": realism,
    }
    how = substitutes.recorder(how or recorder.Recorder(), whole)
    if how.breath_hz is None:
        how = dataclasses.replace(how, breath_hz=activity.breath_hz)
    recording = recorder.recorded(heart.leads, heart.n_samples, heart.sampling_rate_hz, hum, noise, how)
    record = functools.partial(
        Record,
        sampling_rate_hz=heart.sampling_rate_hz,
        leads=LEADS,
        patient=Patient(someone.age_years, someone.sex),
        format="simulated",
        comments=(f"Dx: {RHYTHMS[rhythm].snomed}",),
        notes=("simulated", *(f"forced: {rule}" for rule in made.broken_rules)),
    )
    pieces = ((record(_single(signal)), _single(added)) for signal, added in recording.pieces())
    return InPieces(Truth(made, heart.waves, recording.words, request), pieces)


def _single(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """[n, 12] from [12, n], which is rounded to a nanovolt, then in single precision.

    What a platform's last digits of a sine do to a sample is gone then.
    """
    return np.ascontiguousarray(rows.round(6, out=rows).T, np.float32)


def plan(
    rhythm: str,
    seed: int,
    *,
    duration_s: float = 10.0,
    person: Person | None = None,
    population_name: str = "chapman",
    options: conduction.Options | None = None,
    realism: Realism | None = None,
    force: bool = False,
    **facts: Any,
) -> Plan:
    """Who is recorded and what fires when: make() before any wave has a shape, and fast.

    Raises:
        SimulationError: as make().
    """
    return _planned(rhythm, seed, duration_s, person, population_name, options, realism or Realism(), force, facts)[0]


def _planned(
    rhythm: str,
    seed: int,
    duration_s: float,
    person: Person | None,
    population_name: str,
    options: conduction.Options | None,
    realism: Realism,
    force: bool,
    facts: dict[str, Any],
) -> tuple[Plan, np.random.Generator, np.random.Generator]:
    """The plan, and the streams of the body and of the recorder."""
    conduction.check_duration(duration_s)
    _check_kinds(options, realism)
    who, beats, shape, hum = (np.random.default_rng(stream) for stream in _streams(rhythm, seed))
    someone, broken, printed = _someone(rhythm, who, person, population_name, options, realism, force, facts)
    activity = conduction.activity(rhythm, someone, beats, duration_s, options, nodes=realism.nodes)
    activity, someone = substitutes.activity(activity, someone, realism)
    someone = _with_real_atria(someone, activity)
    name = population_name if person is None and realism.people else ""
    return Plan(rhythm, seed, name, someone, activity, broken, printed), shape, hum


def simulate(
    rhythm: str, *, seed: int, duration_s: float = 10.0, sampling_rate_hz: float = 500.0, noise: float = 1.0
) -> Record:
    """The Record of make(), for whoever needs no truth.

    Raises:
        SimulationError: as make().
    """
    return make(rhythm, seed, duration_s=duration_s, sampling_rate_hz=sampling_rate_hz, noise=noise).record


def records(rhythms: Sequence[str] = RHYTHMS_MADE, seed: int = 0, **arguments: Any) -> Iterator[Made]:
    """Recordings without end: each rhythm once with `seed`, then each with `seed` + 1, and so on.

    Args:
        rhythms: of RHYTHMS_MADE, at least one.
        seed: the first.
        arguments: as make().

    Raises:
        SimulationError: as make().
    """
    typed.words("rhythms", rhythms)
    typed.whole("seed", seed)
    if not rhythms:
        raise SimulationError("no rhythm to simulate", allowed=", ".join(RHYTHMS_MADE))
    for number in itertools.count(seed):
        for rhythm in rhythms:
            yield make(rhythm, number, **arguments)


def batches(
    size: int, rhythms: Sequence[str] = RHYTHMS_MADE, seed: int = 0, **arguments: Any
) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]]:
    """Batches without end, for training: samples and what they are, in the order of records().

    Args:
        size: recordings in a batch, 1 or more.
        rhythms: of RHYTHMS_MADE.
        seed: the first.
        arguments: as make().

    Yields:
        float32 [size, n_samples, 12] in mV and int64 [size], indices into `rhythms`.

    Raises:
        SimulationError: as make(), or a batch of none.
    """
    typed.whole("size", size)
    typed.words("rhythms", rhythms)
    if size < 1:
        raise SimulationError(f"a batch of {size}", allowed="1 or more recordings")
    made = records(rhythms, seed, **arguments)
    labels = itertools.cycle(range(len(rhythms)))
    while True:
        samples = np.stack([one.record.signal_mv for one in itertools.islice(made, size)])
        yield samples, np.array(list(itertools.islice(labels, size)), dtype=np.int64)


def check(
    rhythm: str,
    seed: int,
    *,
    person: Person | None = None,
    population_name: str = "chapman",
    options: conduction.Options | None = None,
    realism: Realism | None = None,
    force: bool = False,
    **facts: Any,
) -> None:
    """Refuses what make() would refuse of the person, before anything is made.

    Raises:
        SimulationError: as make().
    """
    who = np.random.default_rng(_streams(rhythm, seed)[0])
    _check_kinds(options, realism)
    if options is not None:
        options.check(rhythm)
    _someone(rhythm, who, person, population_name, options, realism or Realism(), force, facts)


def _streams(rhythm: str, seed: int) -> list[np.random.SeedSequence]:
    """One each for the person, the conduction, the body and the recorder."""
    conduction.check_rhythm(rhythm)
    typed.whole("seed", seed)
    if seed < 0:
        raise SimulationError(f"seed {seed}", allowed="0 or more")
    return np.random.SeedSequence([seed, RHYTHMS_MADE.index(rhythm)]).spawn(4)


def _someone(
    rhythm: str,
    who: np.random.Generator,
    person: Person | None,
    population_name: str,
    options: conduction.Options | None,
    realism: Realism,
    force: bool,
    facts: dict[str, Any],
) -> tuple[Person, tuple[str, ...], float]:
    """The person, the rules that are broken on purpose, and the atrial rate that a machine would print."""
    if person is not None:
        typed.one("person", person, Person)
    facts = checked(facts)
    words = facts.get("traits") or ()
    drawn, printed = substitutes.person(*population.draw(rhythm, who, population_name, words), rhythm, who, realism)
    given = person if person is not None else drawn
    facts = _with_bundle_block(drawn if person is None else None, facts, who)
    ratio = options.ratio if options is not None and rhythm in ("AF", "AT") else None
    if ratio is None:
        someone = asked(given, rhythm, **facts)
    else:
        someone = at_ratio(given, rhythm, ratio, person is not None, **facts)
    if options is not None:
        options.check_traits(someone.traits)
    names = list(facts)
    if not force:
        rules.check(rhythm, someone, names)
    return someone, (*rules.broken(rhythm, someone), *rules.not_made(rhythm, names)), printed


def _with_bundle_block(drawn: Person | None, facts: dict[str, Any], who: np.random.Generator) -> dict[str, Any]:
    """The facts, and a block of one bundle for most of those with Mobitz II, which is a block below the node.

    QRS is wide in 65 to 80 % (Surawicz and Knilans, 2008).
    """
    words = tuple(facts.get("traits") or ())
    there = {*words, *(drawn.traits if drawn is not None else ())}
    if "mobitz 2" not in there or facts.get("qrs_s") is not None or BLOCKS & there:
        return facts
    u = float(who.random())
    return {**facts, "traits": (*words, "rbbb" if u < 0.48 else "lbbb")} if u < 0.72 else facts


def _with_real_atria(person: Person, made: Activity) -> Person:
    """The person with the rate that the circuit or the focus has, where it was aimed at only."""
    if made.flutter is not None:
        return dataclasses.replace(person, atrial_rate_bpm=round(60 * made.flutter.rate_hz, 3))
    if made.rhythm == "AT" and made.p_s.size > 2:
        return dataclasses.replace(person, atrial_rate_bpm=round(60 / float(np.median(np.diff(made.p_s))), 3))
    return person


def _check_kinds(options: conduction.Options | None, realism: Realism | None) -> None:
    if options is not None:
        typed.one("options", options, conduction.Options)
    if realism is not None:
        typed.one("realism", realism, Realism)


def check_recorder(sampling_rate_hz: float = 500.0, noise: float = 1.0, how: recorder.Recorder | None = None) -> None:
    """Refuses a sampling rate, a level of noise or a recorder that make() would refuse.

    Raises:
        SimulationError: as make().
    """
    typed.number("sampling_rate_hz", sampling_rate_hz)
    typed.number("noise", noise)
    if how is not None:
        typed.one("how", how, recorder.Recorder)
    if not MIN_RATE_HZ <= sampling_rate_hz <= MAX_RATE_HZ:
        raise SimulationError(
            f"a sampling rate of {sampling_rate_hz:g} Hz",
            allowed=f"{MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
            do="500 Hz is usual",
        )
    if not 0 <= noise <= MOST_NOISE:  # also refuses NaN
        raise SimulationError(
            f"noise {noise:g}", allowed=f"0 (none) to {MOST_NOISE:g}", do="1 is a good recording at rest"
        )
