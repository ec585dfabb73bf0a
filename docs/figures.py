"""Writes the tables of figures in the pages from the results that are kept here: `python docs/figures.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecglite.edge.bundle import DEFAULT, load_bundle

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BENCH = ROOT / "docs" / "bench.md"
STUDY = ROOT / "docs" / "results" / "ptb-xl" / "results.json"
TRANSFER = ROOT / "docs" / "results" / "simulator" / "transfer.json"
MODELS = ROOT / "docs" / "results" / "bench" / "models.json"
START, END = "<!-- figures of {}: python docs/figures.py -->", "<!-- end of figures -->"


def benchmark() -> str:
    """The benchmark's table as Markdown, from the bundle that ships for it."""
    from ecglite.lab.card import benchmark_section

    bundle = load_bundle("ptb-xl-rhythm")
    result: dict[str, Any] = json.loads((bundle.folder / "results.json").read_text(encoding="utf-8"))["ptb-xl-rhythm"]
    head, _, rest = benchmark_section(result).partition("| model |")
    return f"{head.split(chr(10), 2)[2].strip()}\n\n| model |{rest.split(chr(10) * 2)[0]}"


def study() -> str:
    """The study's accuracies as Markdown, from the run that is kept."""
    from ecglite.lab.study.figures import title

    found: dict[str, Any] = json.loads(STUDY.read_text(encoding="utf-8"))
    lines = ["| network, method | epochs | int8 file, bytes | MACs | accuracy of int8 (95 %) | macro-F1, n >= 100 |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    arms = sorted(found["arms"].values(), key=lambda arm: -arm["int8"]["accuracy"]["value"])
    for arm in arms:
        lines.append(
            f"| {title(arm)} | {arm['epochs']} | {arm['costs']['int8_bytes']:,} | {arm['costs']['macs'] / 1e6:.1f} M "
            f"| {_interval(arm['int8']['accuracy'])} | {_interval(arm['int8']['macro_f1_n100'])} |"
        )
    for name, of in found["baselines"].items():
        lines.append(f"| {name} | - | - | - | {_interval(of['accuracy'])} | {_interval(of['macro_f1_n100'])} |")
    return "\n".join(lines)


def simulator() -> str:
    """What a network reaches that has seen simulated recordings alone, as Markdown."""
    from ecglite.lab.realism.transfer import FULL

    found: dict[str, Any] = json.loads(TRANSFER.read_text(encoding="utf-8"))
    lines = [
        f"`{found['command']}`; {found['parameters']:,} parameters, float.",
        "",
        "| recordings of patients | n | accuracy (95 %) | balanced accuracy, n >= 10 | beats-only baseline: accuracy "
        "| balanced |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for test in found["tests"]:
        of, base = test["arms"][FULL]["all_outputs"], test["baseline"]
        cells = [_interval(one[name]) for one in (of, base) for name in ("accuracy", "balanced_accuracy_n10")]
        lines.append(f"| {test['title']} | {of['n']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def model() -> str:
    """The table as Markdown, one row per evaluation in the shipped results.json."""
    manifest = load_bundle().manifest
    results: dict[str, Any] = json.loads((DEFAULT / "results.json").read_text(encoding="utf-8"))
    lines = [
        f"Model {manifest.name} {manifest.version}, the int8 file of {manifest.size_bytes:,} bytes as it ships, every "
        "labelled recording read from its file. `rhythm` names the bundle that ships; `ecglite evaluate` needs the "
        "`lab` extra and the database. For int8 - float add `--beside runs/rhythm-*/bundle-float`, which "
        "`ecglite export` makes. A class of under three records leaves an average over classes without an interval.",
        "",
        "| recordings | n | accuracy (95 % interval) | beats-only baseline | int8 - float | macro-F1, all classes "
        "| macro-F1, n >= 100 | printed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results.values():
        if not isinstance(result, dict):
            continue
        accuracy = result["accuracy"]
        baseline = result["baselines"]["rate and regularity of the beats"]["accuracy"]["value"]
        loss = _interval(result["beside"]["difference"]["accuracy"], "+")
        lines.append(
            f"| {result['title']} | {result['n']} | {_interval(accuracy)} | {baseline:.3f} | {loss} "
            f"| {_interval(result['macro_f1_all'])} | {_interval(result['macro_f1_n100'])} | `{result['command']}` |"
        )
    return "\n".join(lines)


def side_by_side() -> str:
    """Both tables of `ecglite bench models`, from the run that is kept."""
    from ecglite.lab.bench import report

    return report.markdown(json.loads(MODELS.read_text(encoding="utf-8")))


def _interval(figure: dict[str, float] | None, sign: str = "") -> str:
    if figure is None:
        return "-"
    value, *ends = (format(figure[part], f"{sign}.3f") for part in ("value", "low", "high") if part in figure)
    return f"{value} ({ends[0]} to {ends[1]})" if ends else value


Tables = Mapping[str, Callable[[], str]]
TABLES: dict[Path, Tables] = {
    README: {"the model": model, "the benchmark": benchmark, "the study": study, "the simulator": simulator},
    BENCH: {"the models side by side": side_by_side},
}


def with_table(text: str, tables: Tables = TABLES[README]) -> str:
    """A page's text with the tables in their places."""
    for name, table in tables.items():
        start = START.format(name)
        head, rest = text.split(start)
        text = f"{head}{start}\n{table()}\n{END}{rest.split(END, 1)[1]}"
    return text


if __name__ == "__main__":
    for page, tables in TABLES.items():
        page.write_text(with_table(page.read_text(encoding="utf-8"), tables), encoding="utf-8")
