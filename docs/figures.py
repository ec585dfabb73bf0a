"""Writes the README's table of figures from the results that ship with the model: `python docs/figures.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ecglite.edge.bundle import DEFAULT, load_bundle

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- figures: python docs/figures.py -->", "<!-- end of figures -->"


def table() -> str:
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


def _interval(figure: dict[str, float] | None, sign: str = "") -> str:
    if figure is None:
        return "-"
    value, *ends = (format(figure[part], f"{sign}.3f") for part in ("value", "low", "high") if part in figure)
    return f"{value} ({ends[0]} to {ends[1]})" if ends else value


def with_table(readme: str) -> str:
    """The README's text with the table in its place."""
    head, rest = readme.split(START)
    return f"{head}{START}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
