"""Many recordings into a folder: which ones, in which format, and which of them are there already."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecglite.edge.errors import FileAccessError, SimulationError
from ecglite.simulator import conduction, description, typed
from ecglite.simulator.simulate import InPieces, check, check_recorder, in_pieces, plan
from ecglite.simulator.table import row
from ecglite.simulator.truth import Plan
from ecglite.simulator.writers import write_chapman_csv, write_csv, write_wfdb, write_whole

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FORMATS: Final = ("chapman", "wfdb", "csv")
REQUEST: Final = "simulated.json"
"""Says in the folder what was asked for: an interrupted run goes on, and another request does not mix in."""

DENOISED: Final = "ECGDataDenoised"
"""The folder of the recordings in Chapman's layout, beside TABLE."""

TABLE: Final = "Diagnostics.xlsx"
"""Of Chapman's layout: a row for each recording."""

MOST: Final = 1_000_000
"""Recordings in one folder."""

_BYTES: Final = {"chapman": 60.0, "wfdb": 24.0, "csv": 96.0}  # of a sample of 12 leads, the CSVs' measured
_TRUTH_BYTES: Final = (1700.0, 175.0)  # of a recording and of each of its seconds, measured
_EVERY: Final = 100  # recordings that are checked between two reports of progress

_LENGTH: Final = (("duration_s", 10.0), ("sampling_rate_hz", 500.0))
_RECORDER: Final = ("sampling_rate_hz", "noise", "how")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Series:
    """Recordings that belong together.

    Attributes:
        counts: how many of each rhythm.
        format: one of FORMATS.
        seed: of the first recording of each rhythm; the next has the next seed.
        layout: below the folder, where the recordings go: "" or DENOISED.
        truth: write each one's truth too, into the folder "truth" as JSON.
        arguments: as make() takes them, but for rhythm and seed.

    Raises:
        SimulationError: a wrong type, an unknown rhythm or format, a count or seed below 0, more than MOST recordings,
            or a recording that the format does not hold.
    """

    counts: Mapping[str, int]
    format: str = "wfdb"
    seed: int = 0
    layout: str = ""
    truth: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, kind in (("counts", Mapping), ("format", str), ("layout", str), ("arguments", Mapping)):
            typed.one(name, getattr(self, name), kind)
        typed.words("names of arguments", self.arguments.keys())
        typed.whole("seed", self.seed)
        if self.seed < 0:
            raise SimulationError(f"seed {self.seed}", allowed="0 or more")
        if self.format not in FORMATS:
            raise SimulationError(f"no format {self.format!r} to write", allowed=", ".join(FORMATS))
        for rhythm, count in self.counts.items():
            conduction.check_rhythm(rhythm)
            typed.whole(f"a count of {rhythm}", count)
            if count < 0:
                raise SimulationError(f"{count} recordings of {rhythm}", allowed="0 or more")
        if (total := sum(self.counts.values())) > MOST:
            raise SimulationError(
                f"{total} recordings in one folder", allowed=f"up to {MOST}", do="ask for fewer, or for several folders"
            )
        rate, duration = (
            self.arguments.get(name, usual) for name, usual in (("sampling_rate_hz", 500), ("duration_s", 10))
        )
        typed.number("sampling_rate_hz", rate)
        typed.number("duration_s", duration)
        if self.format == "chapman" and (rate != 500 or duration != 10):
            raise SimulationError(
                f"{duration:g} s at {rate:g} Hz as a Chapman CSV",
                allowed="10 s at 500 Hz",
                do="use --format wfdb or csv",
            )

    def __len__(self) -> int:
        return sum(self.counts.values())

    def names(self) -> Iterator[tuple[str, str, int]]:
        """Of each recording: the name of its file without ending, its rhythm and its seed."""
        for rhythm, count in self.counts.items():
            for seed in range(self.seed, self.seed + count):
                yield f"{rhythm}_{seed:06d}", rhythm, seed

    def request(self) -> dict[str, Any]:
        """What was asked for, for JSON; not how many, so that a folder may grow."""
        said = {name: _plain(value) for name, value in sorted(self.arguments.items())}
        return {"simulated": True, "format": self.format, "seed": self.seed, "layout": self.layout, "arguments": said}


@dataclass(frozen=True, slots=True)
class Written:
    """What a run did: recordings written now and those that were there already."""

    written: int
    kept: int


def shares(total: int) -> dict[str, int]:
    """`total` recordings shared among the rhythms as among Chapman's, each rhythm at least once.

    Raises:
        SimulationError: no whole number, or fewer than there are rhythms.
    """
    typed.whole("a population of", total)
    if total > MOST:
        raise SimulationError(f"a population of {total}", allowed=f"up to {MOST}", do="ask for fewer")
    counts = {rhythm: of["n"] for rhythm, of in description.chapman()["rhythms"].items()}
    if total < len(counts):
        raise SimulationError(
            f"a population of {total}", allowed=f"{len(counts)} or more, one of each rhythm", do="ask for more"
        )
    whole = sum(counts.values())
    got = {rhythm: max(1, total * n // whole) for rhythm, n in counts.items()}
    by_rest = sorted(counts, key=lambda rhythm: -(total * counts[rhythm] / whole - got[rhythm]))
    for step in range(total - sum(got.values())):
        got[by_rest[step % len(by_rest)]] += 1
    while sum(got.values()) > total:  # where the rare ones were raised to 1
        got[max(got, key=lambda rhythm: got[rhythm])] -= 1
    return got


def check_place(series: Series, folder: Path, progress: Progress | None = None) -> None:
    """Refuses what write() would refuse, of the request and of the folder; it changes nothing.

    Raises:
        FileAccessError: the folder holds recordings of another request, files that are not ours, or, where a table
            stands beside them, recordings that this request does not ask for; or the disk has no room for them.
        SimulationError: the request contradicts itself.
    """
    _check_recorded(series)
    try:
        _check_folder(series, folder)
        _check_space(series, folder)
    except (OSError, UnicodeDecodeError) as error:
        raise FileAccessError(f"{folder} cannot be written: {error}", do="name another folder") from None
    _check_people(series, progress)


def write(series: Series, folder: Path, progress: Progress | None = None) -> Written:
    """Write what is not there yet. An interrupted run leaves whole recordings only, and goes on where it stopped.

    Raises:
        FileAccessError: the folder cannot be written, or as check_place(); nothing is written then.
        SimulationError: the request contradicts itself; nothing is written then.
        RecordError: the format does not hold a recording's amplitude; those before it are written.
    """
    check_place(series, folder, progress)
    below = folder / series.layout if series.layout else folder
    made: list[Path] = []
    written = kept = 0
    try:
        _claim(series, folder, below, made)
        for done, (name, rhythm, seed) in enumerate(series.names()):
            if progress:
                progress("simulated", done, len(series))
            if _whole(series, folder, below, name):
                kept += 1
                continue
            _write_recording(series, in_pieces(rhythm, seed, **series.arguments), folder, name)
            written += 1
    except BaseException:
        if not written:
            _unclaim(folder, made)
        raise
    if progress:
        progress("simulated", len(series), len(series))
    return Written(written, kept)


def rows(series: Series) -> list[tuple[str | int, ...]]:
    """Of each recording its row of the table, in the order of table.COLUMNS; the samples are not needed for it."""
    return [row(plan_of(series, rhythm, seed), name) for name, rhythm, seed in series.names()]


def plan_of(series: Series, rhythm: str, seed: int) -> Plan:
    """Who is recorded and what fires when."""
    return plan(rhythm, seed, **{name: value for name, value in series.arguments.items() if name not in _RECORDER})


def _plain(value: Any) -> Any:
    """An argument for JSON, which has no infinity: what is without an end, or left to chance, is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: of for name, of in fields.items() if of is not None and of != math.inf}
    return sorted(value) if isinstance(value, set | frozenset | tuple) else value


def _check_recorded(series: Series) -> None:
    """How it is recorded, which is the same for all; and the first of each rhythm, as most refusals hold for all."""
    check_recorder(**{name: of for name, of in series.arguments.items() if name in _RECORDER})
    conduction.check_duration(series.arguments.get("duration_s", 10.0))
    for rhythm, count in series.counts.items():
        if count:
            check(rhythm, series.seed, **_of_person(series))


def _check_people(series: Series, progress: Progress | None) -> None:
    """Everybody who will be recorded, so that nothing is written where one of them is refused."""
    of_person = _of_person(series)
    for done, (_, rhythm, seed) in enumerate(series.names()):
        if progress and done and done % _EVERY == 0:
            progress("checked", done, len(series))
        check(rhythm, seed, **of_person)


def _of_person(series: Series) -> dict[str, Any]:
    return {name: value for name, value in series.arguments.items() if name not in (*_RECORDER, "duration_s")}


def _check_space(series: Series, folder: Path) -> None:
    """Whether the disk has room for what is not there yet, a little underestimated."""
    duration_s, rate_hz = (series.arguments.get(name, usual) for name, usual in _LENGTH)
    each = duration_s * rate_hz * _BYTES[series.format]
    if series.truth:
        each += _TRUTH_BYTES[0] + _TRUTH_BYTES[1] * duration_s
    below, there = folder / series.layout, 0
    if (folder / REQUEST).exists():
        with contextlib.suppress(FileNotFoundError):
            there = sum(path.stat().st_size for path in below.iterdir())
    needed = each * len(series) - there
    at = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(at).free
    if free < needed:
        raise FileAccessError(
            f"{_size(free)} are free in {at}",
            allowed=f"about {_size(needed)} for {len(series)} recordings",
            do="free some, ask for less, or name another folder",
        )


def _size(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


def _check_folder(series: Series, folder: Path) -> None:
    """Whether the folder is free, or this request's own."""
    mark, below = folder / REQUEST, folder / series.layout
    needed = [path for path in (folder, below, folder / "truth") if series.truth or path.name != "truth"]
    for path in needed:
        if path.exists() and not path.is_dir():
            raise FileAccessError(f"{path} cannot be written: it is a file", do="name another folder")
    if not mark.exists():
        _check_free(series, folder, below)
        return
    found = mark.read_text(encoding="utf-8", errors="replace")
    if found != _said(series):
        if _without_stamp(found) is None:
            raise FileAccessError(
                f"{mark} is damaged, so that nobody knows which recordings are there",
                do="name another folder, or remove this one and make all of it again",
            )
        if _without_stamp(found) == series.request():
            raise FileAccessError(
                f"{folder} was begun by another version of the simulator, whose recordings do not mix with this one's",
                do="name another folder, or remove this one and make all of it again",
            )
        raise FileAccessError(
            f"{folder} holds simulated recordings of another request, see {REQUEST}",
            do="name another folder, or ask for the same",
        )
    if series.layout and below.exists():  # the table beside them has a row for each
        asked = {path.name for name, *_ in series.names() for path in _files(series, below, name)}
        more = sorted(path.name for path in below.iterdir() if path.name not in asked and path.name[0] != ".")
        if more:
            raise FileAccessError(
                f"{folder} holds more than the {len(series)} recordings asked for, such as {more[0]}; its table would "
                "not have them",
                do="ask for as many as before, or name another folder",
            )


def _check_free(series: Series, folder: Path, below: Path) -> None:
    """Without our mark nothing that is there is ours."""
    if series.layout:
        table = (folder / TABLE).exists()
        if table or (below.exists() and any(below.iterdir())):
            what = TABLE if table else f"files in {series.layout}"
            raise FileAccessError(
                f"{folder} holds {what}, not simulated as it has no {REQUEST}",
                do="name another folder",
            )
    for name, *_ in series.names():
        truth = [_truth_path(folder, name)] if series.truth else []
        there = [path for path in (*_files(series, below, name), *truth) if path.exists()]
        if there:
            raise FileAccessError(
                f"{folder} holds recordings that are not simulated, such as {there[0].name}", do="name another folder"
            )


def _claim(series: Series, folder: Path, below: Path, made: list[Path]) -> None:
    """Marks the folder as this request's, before anything else is in it; what was not there before goes to `made`."""
    mark = folder / REQUEST
    inside = [below, folder / "truth"] if series.truth else [below]
    made += [path for path in (*reversed(folder.parents), folder, mark, *inside) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if mark in made:
            write_whole(mark, [_said(series).encode()])
        for path in inside:
            path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileAccessError(f"{folder} cannot be written: {error}", do="name another folder") from None


def _unclaim(folder: Path, made: list[Path]) -> None:
    """Removes what _claim() made; a folder that holds something stays, and those that it is in."""
    with contextlib.suppress(OSError):
        for path in reversed(made):
            if path == folder / REQUEST:
                path.unlink(missing_ok=True)
            elif path.exists():
                path.rmdir()


def _said(series: Series) -> str:
    """The text of REQUEST: what was asked for, and of which simulator."""
    return (
        json.dumps(series.request() | {"simulator_sha256": stamp()}, indent=1, sort_keys=True, allow_nan=False) + "\n"
    )


def _without_stamp(text: str) -> Any:
    """What REQUEST says was asked for; None where it is no such text."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return {name: of for name, of in said.items() if name != "simulator_sha256"} if isinstance(said, dict) else None


@functools.cache
def stamp() -> str:
    """SHA-256 of the simulator's sources and of chapman.json: what makes other samples has another."""
    return digest(resources.files("ecglite.simulator"))


def digest(folder: Traversable) -> str:
    """SHA-256 of the sources and JSON files below a folder, by their names, whatever ends their lines."""
    whole = hashlib.sha256()
    for name, content in sorted(_sources(folder, "")):
        text = content.replace(b"\r\n", b"\n")
        whole.update(f"{name} {len(text)}\n".encode() + text)
    return whole.hexdigest()


def _sources(folder: Traversable, above: str) -> Iterator[tuple[str, bytes]]:
    for path in folder.iterdir():
        if path.is_dir():
            yield from _sources(path, f"{above}{path.name}/")
        elif path.name.endswith((".py", ".json")):
            yield f"{above}{path.name}", path.read_bytes()


def _files(series: Series, below: Path, name: str) -> Sequence[Path]:
    return [below / f"{name}{ending}" for ending in ((".dat", ".hea") if series.format == "wfdb" else (".csv",))]


def _truth_path(folder: Path, name: str) -> Path:
    return folder / "truth" / f"{name}.json"


def _whole(series: Series, folder: Path, below: Path, name: str) -> bool:
    """Whether all files of a recording are there, with as many samples as they should have."""
    files = _files(series, below, name)
    if not all(path.is_file() for path in files) or (series.truth and not _truth_path(folder, name).is_file()):
        return False
    n = round(series.arguments.get("duration_s", 10.0) * series.arguments.get("sampling_rate_hz", 500.0))
    if series.format == "wfdb":
        return files[0].stat().st_size == 2 * 12 * n and files[1].stat().st_size > 0
    lines, begin, last = 0, b"", b""
    with files[0].open("rb") as file:
        while block := file.read(1 << 20):
            begin = begin or block[:4000]
            lines += block.count(b"\n")
            last = block
    said = sum(line.startswith((b"#", b"time_s")) for line in begin.splitlines())
    return last.endswith(b"\n") and lines == n + said


def _write_recording(series: Series, made: InPieces, folder: Path, name: str) -> None:
    """All files of a recording, or none of them; the truth last, so that it never stands without its recording."""
    below, truth = folder / series.layout, _truth_path(folder, name)
    try:
        _write_one(series, made, below, name)
        if series.truth:
            write_whole(truth, [json.dumps(made.truth.to_dict(), separators=(",", ":")).encode()])
    except BaseException:
        with contextlib.suppress(OSError):
            for path in (*_files(series, below, name), *([truth] if series.truth else [])):
                path.unlink(missing_ok=True)
        raise


def _write_one(series: Series, made: InPieces, below: Path, name: str) -> None:
    records = (record for record, _ in made.pieces)
    if series.format == "wfdb":
        write_wfdb(records, below, name)
    elif series.format == "csv":
        write_csv(records, below / f"{name}.csv")
    else:
        write_chapman_csv(next(records), below / f"{name}.csv")
