"""`ecglite simulate`: recordings of the eleven rhythms, made on the spot, into files."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecglite.cli.files import write_text
from ecglite.cli.progress import Progress
from ecglite.edge.errors import FileAccessError, SimulationError

if TYPE_CHECKING:
    from ecglite.simulator.recorder import Recorder
    from ecglite.simulator.series import Series

_WHOLE = 10_646  # rows of Chapman's table


@click.command("simulate")
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--rhythm", "rhythms", multiple=True, metavar="NAME", help="May be repeated; without it all eleven.")
@click.option("--n", type=click.IntRange(min=1), metavar="N", show_default="1", help="Recordings of each rhythm.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["chapman", "wfdb", "csv"]),
    show_default="wfdb",
    help="chapman: its denoised CSV, 10 s at 500 Hz.",
)
@click.option("--rate", default=500.0, show_default=True, metavar="HZ", help="Sampling rate, 100 to 1000.")
@click.option("--duration", default=10.0, show_default=True, metavar="S", help="Seconds, up to a day.")
@click.option("--noise", default=1.0, show_default=True, metavar="LEVEL", help="0 is none, 1 a good recording at rest.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Of the first of each rhythm.")
@click.option("--heart-rate", type=float, metavar="BPM", help="Ventricular rate, for everybody.")
@click.option("--age", type=float, metavar="YEARS", help="For everybody.")
@click.option("--sex", type=click.Choice(["female", "male"]), help="For everybody.")
@click.option("--pr", type=float, metavar="MS", help="PR interval, for everybody.")
@click.option("--qrs", type=float, metavar="MS", help="Duration of QRS, for everybody.")
@click.option("--qt", type=float, metavar="MS", help="QT interval, uncorrected, for everybody.")
@click.option("--axis", type=float, metavar="DEG", help="Axis of QRS, for everybody.")
@click.option("--trait", "traits", multiple=True, metavar="WORD", help="Such as rbbb, lvh or pvc; may be repeated.")
@click.option("--ratio", type=int, metavar="N", help="Waves of the atria to a beat in AF (0 is variable) and AT.")
@click.option("--mechanism", metavar="WORDS", help="Of SVT, AVNRT or AVRT, such as AVNRT, fast-slow or posteroseptal.")
@click.option("--lead-error", metavar="WORDS", help="Electrodes in the wrong places, such as 'arms reversed'.")
@click.option("--lost", metavar="ELECTRODE", help="One that is off, such as LA or V3.")
@click.option("--lost-as", metavar="LOOK", help="What the leads of --lost show: flat (by default), noise, railed.")
@click.option("--lost-from", type=float, metavar="S", help="Since when --lost is off; without it from the start.")
@click.option("--lost-to", type=float, metavar="S", help="Until when --lost is off; without it to the end.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    metavar="NAME=FACTOR",
    help="Of one part of the noise, times --noise: baseline, muscle, mains, electrode or motion; 0 is none, 1 usual; "
    "may be repeated.",
)
@click.option(
    "--range",
    "range_mv",
    type=float,
    metavar="MV",
    help="Of an amplifier that saturates, either side, behind filters of 0.05 to 150 Hz.",
)
@click.option("--mains", type=click.Choice(["50", "60"]), metavar="HZ", help="50 or 60; without it either.")
@click.option(
    "--population",
    type=click.Choice(["chapman", "broad"]),
    help="chapman: the figshare release's whole layout with its Diagnostics.xlsx, rhythms and people as frequent as "
    f"there; --n is then all recordings, {_WHOLE} without it. broad: people at the edges are more frequent.",
)
@click.option("--force", is_flag=True, help="Make what contradicts the rhythm's rules; the truth says so.")
@click.option("--truth", is_flag=True, help="Write each one's truth too, as JSON in the folder truth.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw the first one on ECG paper.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: what was written.")
def simulate(
    out: Path | None,
    rhythms: tuple[str, ...],
    n: int | None,
    file_format: str | None,
    rate: float,
    duration: float,
    noise: float,
    seed: int,
    heart_rate: float | None,
    age: float | None,
    sex: str | None,
    pr: float | None,
    qrs: float | None,
    qt: float | None,
    axis: float | None,
    traits: tuple[str, ...],
    ratio: int | None,
    mechanism: str | None,
    lead_error: str | None,
    lost: str | None,
    lost_as: str | None,
    lost_from: float | None,
    lost_to: float | None,
    levels: tuple[str, ...],
    range_mv: float | None,
    mains: str | None,
    population: str | None,
    force: bool,
    truth: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Simulate recordings of each rhythm into the folder OUT.

    The same request gives the same samples. What is there already is kept, so that an
    interrupted run goes on where it stopped. What contradicts the rhythm, such as SB at 120/min, is refused.

    No recording is in the package and none is replayed. The shapes are statistical: the mean and principal modes of
    averaged beats, lead fields, P and f waves, RR variability and noise levels were estimated on PTB-XL folds 1 to 8,
    the spread of ST and parts of the noise on its fold 9 (CC BY 4.0), rates and intervals on Chapman-Shaoxing's table
    (CC BY 4.0).
    """
    if out is None and plot is None:
        raise click.UsageError("give a folder OUT to write to, or --plot FILE.svg")
    whole = population == "chapman"
    if whole and (rhythms or file_format not in (None, "chapman")):
        raise click.UsageError("--population chapman has rhythms and a format of its own: leave those options out")
    from ecglite.simulator import RHYTHMS_MADE, series
    from ecglite.simulator.conduction import Options

    facts = {
        "heart_rate_bpm": heart_rate,
        "age_years": age,
        "sex": sex,
        "pr_s": None if pr is None else pr / 1000,
        "qrs_s": None if qrs is None else qrs / 1000,
        "qt_s": None if qt is None else qt / 1000,
        "qrs_axis_deg": axis,
        "traits": traits or None,
    }
    arguments: dict[str, Any] = {"duration_s": duration, "sampling_rate_hz": rate, "noise": noise}
    arguments |= {"population_name": population or "chapman", "force": force}
    if ratio is not None or mechanism is not None:
        arguments["options"] = Options(ratio=ratio, mechanism=mechanism)
    recorder = _recorder(
        lead_error=lead_error,
        lost=lost,
        lost_as=lost_as,
        lost_from_s=lost_from,
        lost_to_s=lost_to,
        levels=levels,
        range_mv=range_mv,
        mains_hz=None if mains is None else float(mains),
    )
    if recorder is not None:
        arguments["how"] = recorder
    arguments |= {name: value for name, value in facts.items() if value is not None}
    counts = series.shares(n or _WHOLE) if whole else dict.fromkeys(rhythms or RHYTHMS_MADE, n or 1)
    asked = series.Series(
        counts,
        "chapman" if whole else file_format or "wfdb",
        seed,
        series.DENOISED if whole else "",
        truth,
        arguments,
    )
    if whole:
        _require_workbook()
    targets = _plot_paths(plot, asked) if plot is not None else {}
    if out is not None:
        series.check_place(asked, out)
    # From here on nothing is refused, and what is there already is not written over.
    facts_of_run: dict[str, Any] = {"plots": [str(path) for path in targets.values()]}
    if out is not None:
        started = time.monotonic()
        done = series.write(asked, out, Progress())
        if whole:
            _write_workbook(out / series.TABLE, asked)
        facts_of_run |= {
            "folder": str(out.resolve()),
            "written": done.written,
            "kept": done.kept,
            "seconds": round(time.monotonic() - started, 2),
            "rhythms": counts,
            "request": asked.request(),
        }
    _plot(targets, asked)
    if as_json:
        click.echo(json.dumps(facts_of_run))
        return
    for path in targets.values():
        click.echo(f"drawn: {path}")
    if out is not None:
        kept = f", {done.kept} were there" if done.kept else ""
        click.echo(f"{done.written} recordings written to {out.resolve()}{kept}. They are simulated, no patient's.")


def _recorder(levels: tuple[str, ...], range_mv: float | None, **asked: Any) -> Recorder | None:
    """What is asked of the recorder; None where nothing is."""
    from ecglite.simulator.recorder import Levels, Machine, Recorder

    said = {name: value for name, value in asked.items() if value is not None}
    if any(name.startswith("lost_") for name in said) and "lost" not in said:
        raise SimulationError("an electrode that is off, and none is named", do="name it by --lost, such as --lost V3")
    if levels:
        said["levels"] = Levels(**dict(map(_level, levels)))
    if range_mv is not None:
        said["machine"] = Machine(range_mv=range_mv)
    return Recorder(**said) if said else None


def _level(words: str) -> tuple[str, float]:
    """Of "muscle=3" the name and the factor."""
    from ecglite.simulator.recorder import Levels

    name, _, factor = words.partition("=")
    if name not in Levels.__slots__:
        raise SimulationError(f"--level {words}: no part of the noise {name!r}", allowed=", ".join(Levels.__slots__))
    try:
        return name, float(factor)
    except ValueError:
        raise SimulationError(
            f"--level {words}: the factor {factor!r}", allowed="a number, 0 (none) or more, such as muscle=3"
        ) from None


def _plot_paths(path: Path, asked: Series) -> dict[str, Path]:
    """Where the first recording of each rhythm is drawn; of several rhythms each name gets its abbreviation."""
    if path.suffix.lower() != ".svg":
        raise SimulationError(f"--plot {path}", allowed="a file name ending in .svg")
    there = [rhythm for rhythm, count in asked.counts.items() if count]
    alone = len(there) == 1
    targets = {rhythm: path if alone else path.with_name(f"{path.stem}-{rhythm}{path.suffix}") for rhythm in there}
    for target in targets.values():
        if target.exists():
            raise FileAccessError(f"--plot {target} is there already", do="name another file")
    return targets


def _plot(targets: dict[str, Path], asked: Series) -> None:
    """Draw the first recording of each rhythm as an SVG file, all of them or, where one is refused, none."""
    from ecglite.edge.tracing import tracing_svg
    from ecglite.simulator import make

    drawn = {path: tracing_svg(make(rhythm, asked.seed, **asked.arguments).record) for rhythm, path in targets.items()}
    for path, svg in drawn.items():
        write_text(path, svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def _require_workbook() -> None:
    from ecglite.cli.lab import require_lab

    require_lab("openpyxl")


def _write_workbook(path: Path, asked: Series) -> None:
    """Diagnostics.xlsx, whole or not at all."""
    import io

    import openpyxl

    from ecglite.simulator import series
    from ecglite.simulator.table import COLUMNS
    from ecglite.simulator.writers import write_whole

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for cells in (COLUMNS, *series.rows(asked)):
        sheet.append(list(cells))
    content = io.BytesIO()
    book.save(content)
    write_whole(path, [content.getvalue()])
