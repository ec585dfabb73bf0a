"""`ecglite evaluate`: a bundle on a database, with intervals and baselines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecglite.cli.files import check_report, write_text
from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress

if TYPE_CHECKING:
    from ecglite.lab.variants import Variant


@click.command("evaluate")
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@click.argument("dataset", required=False)
@data_option
@click.option(
    "--folds",
    metavar="N,N",
    help="The publisher's folds to score; without it the recipe's test folds, or all.",
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    metavar="BUNDLE",
    help="Score this bundle too, as the float twin.",
)
@click.option(
    "--benchmark",
    type=click.Choice(["ptb-xl-rhythm"]),
    help="Score a model of PTB-XL's rhythm statements by the field's protocol; BUNDLE may be left out.",
)
@click.option("--micro", is_flag=True, help="Score the bundle's file for microcontrollers in place of its first.")
@click.option(
    "--gain",
    metavar="X,X",
    help="Every recording once more with all leads multiplied by each factor: is its rhythm the same?",
)
@click.option(
    "--leads",
    multiple=True,
    metavar="NAMES",
    help="Every recording once more with these leads only, as I,II: what is lost? -I is lead I upside down. May be "
    "given several times.",
)
@click.option(
    "--worst",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Also write a page with the tracings that were named wrongly with the highest probability.",
)
@click.option("--card", is_flag=True, help="Keep the figures in the bundle and write its model card again.")
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object.")
def evaluate(
    bundle: Path | None,
    dataset: str | None,
    data: Path | None,
    folds: str | None,
    beside: Path | None,
    benchmark: str | None,
    micro: bool,
    gain: str | None,
    leads: tuple[str, ...],
    page: Path | None,
    card: bool,
    as_json: bool,
) -> None:
    """Score the model file of BUNDLE on DATASET, a database's name.

    Every labelled recording is read from its file and classified as a device would; none is left out. Several
    databases, with commas between them, are scored one by one and then together.
    """
    if benchmark is not None:
        if dataset is not None or folds is not None or micro:
            raise click.UsageError(
                f"--benchmark {benchmark} has a database and folds of its own: give BUNDLE and --beside at most"
            )
        if gain is not None or leads or page is not None:
            raise click.UsageError("--gain, --leads and --worst are for a bundle that names rhythms, not --benchmark")
        _benchmark(bundle, beside, data, card, as_json)
        return
    if bundle is None or dataset is None:
        raise click.UsageError("give BUNDLE and DATASET, or --benchmark")
    names = [name.strip() for name in dataset.split(",")]
    if folds is not None and len(names) > 1:
        raise click.UsageError("--folds goes with one DATASET: the folds of several are not the same")
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab import datasets, ship
    from ecglite.lab.evaluating import Evaluation

    asked = Evaluation(
        load_bundle(bundle),
        tuple(map(datasets.dataset, names)),
        data,
        folds=_folds(folds),
        beside=beside,
        micro=micro,
        variants=_variants(gain, leads),
    )
    if page is not None:
        check_report(page, ())
    results, drawn = asked.run(Progress())
    if card:
        ship.write_card(asked.bundle.folder, results)
    if page is not None:
        write_text(page, asked.page(drawn))
        click.echo(f"report: {page}", err=True)
    if as_json:
        click.echo(json.dumps(results if len(names) > 1 else next(iter(results.values())), ensure_ascii=False))
    else:
        click.echo(_text(results))


def _benchmark(bundle: Path | None, beside: Path | None, data: Path | None, card: bool, as_json: bool) -> None:
    require_lab()
    from ecglite.edge.bundle import load_bundle
    from ecglite.lab import benchmark, datasets, prepare, ship
    from ecglite.lab.card import benchmark_section

    loaded = load_bundle(bundle or benchmark.NAME)
    which = datasets.dataset("ptb-xl")
    root = datasets.root_of(which, data)
    benchmark.split(which.index(root))  # before long work: is it the release that everybody uses?
    prepared = prepare.prepare(which, root, Progress())
    result = benchmark.score(loaded.folder, which, root, prepared, Progress(), beside)
    if card:
        ship.write_card(loaded.folder, {benchmark.NAME: result})
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else benchmark_section(result))


def _folds(given: str | None) -> tuple[int, ...] | None:
    if given is None:
        return None
    try:
        return tuple(int(fold) for fold in given.split(","))
    except ValueError:
        raise click.UsageError(f"--folds {given!r}: numbers with commas between them, as 9,10") from None


def _variants(gain: str | None, leads: Sequence[str]) -> tuple[Variant, ...]:
    """Each once, gains first."""
    from ecglite.edge.record import standard_lead
    from ecglite.lab.variants import Variant

    try:
        factors = [float(factor) for factor in gain.split(",")] if gain is not None else []
    except ValueError:
        raise click.UsageError(f"--gain {gain!r}: factors with commas between them, as 0.5,2") from None
    only = [
        Variant(-1.0 if names.startswith("-") else 1.0, tuple(standard_lead(x) or x.strip() for x in some.split(",")))
        for names, some in ((names, names.removeprefix("-")) for names in leads)
    ]
    return tuple(dict.fromkeys([*(Variant(gain=f) for f in factors), *only]))


def _text(results: dict[str, Any]) -> str:
    from ecglite.lab.card import evaluation_sections

    return "\n\n".join(evaluation_sections(results))
