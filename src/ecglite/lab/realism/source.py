"""Simulated recordings as training at 100 Hz reads real ones, and which real ones they stand beside."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite import simulator
from ecglite.edge.errors import LabError, SimulationError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import datasets
from ecglite.lab.fitting import write
from ecglite.lab.prepare import N_TIME, RATE_HZ, Progress, decimated, prepare
from ecglite.lab.workers import locked, pool
from ecglite.simulator import Options, Realism, Recorder, make
from ecglite.simulator.series import digest

Halves = npt.NDArray[np.float16]
Switches = Mapping[str, Any]
"""Keywords of the simulator and their values, plain as JSON's; how, options and realism: mappings of their fields."""

_NESTED: Final[Mapping[str, type]] = {"how": Recorder, "options": Options, "realism": Realism}
_NOT_SWITCHES: Final = ("rhythm", "seed", "duration_s", "sampling_rate_hz", "person")

CHUNK: Final = 256
"""Recordings that one call of the simulator makes: one seed for each chunk."""

STEP_MV: Final = 0.001
"""To which simulated samples are rounded, as PTB-XL's and Chapman's files are."""

_SEED_STEP: Final = 1_000_003

CALIBRATED: Final[Mapping[str, str]] = {"chapman": "used to calibrate"}
"""External databases that constants of the simulator come from, some of the body's from these very recordings."""

CALIBRATED_FOLDS: Final = tuple(range(1, 10))
"""Of PTB-XL, which the simulator was held against while it was made."""

SIMULATOR: Final = Path(simulator.__file__).parent
"""Its sources, and the description of whom it draws."""


def keywords(switches: Switches) -> dict[str, Any]:
    """The arguments of the simulator's make() that switches stand for.

    Raises:
        SimulationError: a switch that an experiment sets itself, an unknown field, or a value of another kind.
    """
    if held := [name for name in switches if name in _NOT_SWITCHES]:
        raise SimulationError(f"a switch {held[0]}", allowed="keywords that an experiment does not set itself")
    return {name: _built(_NESTED[name], value, name) if name in _NESTED else value for name, value in switches.items()}


def _built(kind: type, value: Any, name: str) -> Any:
    """A dataclass from a mapping of its fields, those within it too."""
    fields = typing.get_type_hints(kind)
    if not isinstance(value, Mapping):
        raise SimulationError(f"{name}={value!r}", allowed=f"an object of {', '.join(fields)}")
    if strangers := [field for field in value if field not in fields]:
        raise SimulationError(f"{name} has no {strangers[0]!r}", allowed=", ".join(fields))
    return kind(**{field: _fitting(fields[field], one, f"{name}.{field}") for field, one in value.items()})


def _fitting(hint: Any, value: Any, name: str) -> Any:
    """A value if it is of a field's type."""
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    for kind in kinds:
        if dataclasses.is_dataclass(kind) and value is not None:
            return _built(typing.cast(type, kind), value, name)
        if type(value) is kind or (kind is float and type(value) is int):
            return value
    words = [getattr(kind, "__name__", str(kind)) for kind in kinds if kind is not types.NoneType]
    raise SimulationError(f"{name}={value!r}", allowed=" or ".join(words))


def recording(rhythm: str, seed: int, switches: Switches, rate_hz: float) -> tuple[Record, dict[str, float]]:
    """One simulated recording, rounded as a file is, and what is known of it: the one place that calls the simulator.

    Args:
        rhythm: one of the eleven.
        seed: of the recording.
        switches: of the simulator.
        rate_hz: its sampling rate.

    Returns:
        The recording; its true measures by the names of `distributions.MEASURES`, where the simulator tells them.
    """
    made = make(rhythm, seed, sampling_rate_hz=rate_hz, **keywords(switches))
    person = made.truth.plan.person
    true = {
        "heart rate": made.truth.plan.ventricular_rate_bpm,
        "QRS": 1000 * person.qrs_s,
        "QT": 1000 * person.qt_s,
        "QRS axis": person.qrs_axis_deg,
        "T axis": person.t_axis_deg,
    }
    stored = np.round(made.record.signal_mv / STEP_MV) * np.float32(STEP_MV)
    return dataclasses.replace(made.record, signal_mv=stored), true


def recordings(rhythms: Sequence[str], seed: int, switches: Switches) -> Halves:
    """Simulated recordings as float16 [n, 12, 1000], millivolts, by the steps that real ones of 100 Hz pass.

    Args:
        rhythms: of each recording.
        seed: of all of them.
        switches: of the simulator.
    """
    out = np.zeros((len(rhythms), len(LEADS), N_TIME), np.float16)
    for k, rhythm in enumerate(rhythms):
        out[k] = decimated(recording(rhythm, seed * _SEED_STEP + k, switches, RATE_HZ)[0])
    return out


@dataclass(frozen=True)
class Made:
    """Simulated recordings.

    Attributes:
        x: float16 [n, 12, 1000], millivolts at 100 Hz, memory-mapped.
        rhythms: of each.
        facts: plain values: how many of each, the seed, the switches, and the sha256 of the samples.
    """

    x: Halves
    rhythms: tuple[str, ...]
    facts: dict[str, Any]


def made(rhythms: Sequence[str], seed: int, switches: Switches, folder: Path, progress: Progress) -> Made:
    """Simulated recordings in this order, kept in a folder chunk by chunk so that an interrupted run goes on.

    Args:
        rhythms: of each recording.
        seed: 0 or more; another one makes other recordings throughout.
        switches: of the simulator.
        folder: where they are kept.
        progress: see `prepare.Progress`.

    Raises:
        SimulationError: the simulator refuses a switch or a rhythm.
    """
    at = folder / f"simulated-{stamp(rhythms, seed, switches)}"
    at.mkdir(parents=True, exist_ok=True)
    with locked(at / "lock"):
        if not (at / "signal.npy").exists():
            _make(rhythms, seed, switches, at, progress)
    with (at / "signal.npy").open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    counts = {rhythm: rhythms.count(rhythm) for rhythm in RHYTHMS if rhythm in rhythms}
    facts = {"records": counts, "seed": seed, "switches": dict(switches), "sha256": sha256}
    return Made(np.load(at / "signal.npy", mmap_mode="c"), tuple(rhythms), facts)


def stamp(rhythms: Sequence[str], seed: int, switches: Switches) -> str:
    """Sixteen digits that change with what is asked for, with the simulator, and with what it makes on this machine.

    Its sources and its description of people are read whole: one recording of each rhythm, which is made too, would not
    show a change that only others have.

    Raises:
        SimulationError: the simulator refuses a switch.
    """
    probe = recordings(sorted(set(rhythms)), seed, switches)
    told = json.dumps([list(rhythms), seed, dict(switches)], sort_keys=True).encode()
    return hashlib.sha256(told + digest(SIMULATOR).encode() + probe.tobytes()).hexdigest()[:16]


def _make(rhythms: Sequence[str], seed: int, switches: Switches, at: Path, progress: Progress) -> None:
    chunks = [rhythms[k : k + CHUNK] for k in range(0, len(rhythms), CHUNK)]
    files = [at / f"{k:05d}.npy" for k in range(len(chunks))]
    todo = [k for k, file in enumerate(files) if not file.exists()]
    done = sum(len(chunk) for chunk, file in zip(chunks, files, strict=True) if file.exists())
    if len(todo) == 1:  # no worker is worth its start
        _chunk(chunks[todo[0]], seed, todo[0], dict(switches), files[todo[0]])
    elif todo:
        with pool() as workers:
            jobs = [workers.submit(_chunk, chunks[k], seed, k, dict(switches), files[k]) for k in todo]
            for k, job in zip(todo, jobs, strict=True):
                job.result()
                done += len(chunks[k])
                progress("simulating", done, len(rhythms))
    part = at / f"signal.{os.getpid()}.part"
    signal = np.lib.format.open_memmap(part, mode="w+", dtype=np.float16, shape=(len(rhythms), len(LEADS), N_TIME))
    for k, file in enumerate(files):
        signal[k * CHUNK : k * CHUNK + len(chunks[k])] = np.load(file)
    signal.flush()
    del signal
    part.replace(at / "signal.npy")
    for file in files:
        file.unlink()


def _chunk(rhythms: Sequence[str], seed: int, number: int, switches: Switches, at: Path) -> None:
    """Make one chunk: its own seed, far from the small ones that the demo and the tests use."""
    part = at.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, recordings(rhythms, 10_000 + 1_000 * seed + number, switches))
    part.replace(at)


@dataclass(frozen=True)
class Real:
    """Real recordings with a rhythm of the eleven.

    Attributes:
        name: of the database.
        x: float16 [n, 12, 1000], millivolts at 100 Hz.
        rhythms: of each, sinus by rate where the database asks.
        patients: whose each is.
        beats_s: of each, by the data's path.
        facts: plain values: the database, its folds, the fingerprint of what was prepared, counts.
    """

    name: str
    x: Halves
    rhythms: tuple[str, ...]
    patients: tuple[str, ...]
    beats_s: tuple[tuple[float, ...], ...]
    facts: dict[str, Any]


def real(name: str, data: Path | None, folds: Sequence[int], progress: Progress) -> Real:
    """The labelled recordings of a database, or of some of the publisher's folds.

    Raises:
        LabError: there is none.
    """
    which = datasets.dataset(name)
    prepared = prepare(which, datasets.root_of(which, data), progress)
    labelled = np.array([bool(rhythm) for rhythm in prepared.rhythms])
    rows = np.flatnonzero(labelled & (np.isin(prepared.folds, folds) if folds else True))
    if not len(rows):
        raise LabError(f"no labelled record of {name} in folds {list(folds)}")
    rhythms = tuple(prepared.rhythms[row] for row in rows)
    return Real(
        name,
        prepared.signal_mv[rows],
        rhythms,
        tuple(f"{name} {prepared.patients[row]}" for row in rows),
        tuple(prepared.facts[row].beats_s for row in rows),
        {
            "database": name,
            "title": which.title,
            "doi": which.doi,
            "folds": list(folds),
            "prepared": prepared.fingerprint,
            "records": {rhythm: rhythms.count(rhythm) for rhythm in RHYTHMS if rhythm in rhythms},
        },
    )


def calibrated_on(name: str, folds: Sequence[int]) -> bool:
    """Whether constants of the simulator come from some of these recordings; no folds are all of them."""
    return name in CALIBRATED or (name == "ptb-xl" and (not folds or not set(folds).isdisjoint(CALIBRATED_FOLDS)))


def standing(facts: Mapping[str, Any]) -> str:
    """A sentence: which real recordings they are, and whether the simulator was calibrated on them."""
    name, folds = facts["database"], facts["folds"]
    which = f"{name}, folds {', '.join(map(str, folds))}" if folds else f"{name}, all that is here"
    seen = calibrated_on(name, folds)
    calibrated = "the simulator was calibrated on some of them" if seen else "the simulator was not calibrated on them"
    return f"Real recordings: {which}; {calibrated}."


def keep(folder: Path, name: str, found: Mapping[str, Any]) -> None:
    """Write results as JSON, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / f"{name}.json", json.dumps(found, indent=1, ensure_ascii=False))
