"""The model card: what a model is, what it was made from, every figure with its n and interval, its limits."""

from __future__ import annotations

import json
from typing import Any

from ecglite.edge.bundle import Bundle, Manifest
from ecglite.edge.rhythms import RHYTHMS

Results = dict[str, Any]


def render(bundle: Bundle, operations: dict[str, int], results: Results) -> str:
    """The card as Markdown. `results` holds the figures of each evaluation by its name, and the model's sha256."""
    m = bundle.manifest
    evaluations = [r for r in results.values() if isinstance(r, dict)]
    parts = [_head(m), _labels(m), _use(m), *map(evaluation_section, evaluations)]
    parts.append(_making(m, operations))
    return "\n\n".join(parts) + "\n"


def _head(m: Manifest) -> str:
    return (
        f"# Model card: {m.name} {m.version}\n\n"
        f"Names the rhythm of ten seconds of a 12-lead ECG. **Not a medical device**: for research and teaching, never "
        f"for the care of a patient.\n\n"
        f"| | |\n|---|---|\n"
        f"| file | `{m.model_file}`, {m.size_bytes:,} bytes, sha256 `{m.sha256}` |\n"
        f"| input | `ecg` float32 [1, {m.n_samples}, {len(m.leads)}]: {m.units} at {m.sampling_rate_hz:g} Hz, leads "
        f"{' '.join(m.leads)}, an absent lead as zeros |\n"
        f"| output | `probabilities` float32 [1, {len(m.labels)}], summing to one |\n"
        f"| inside the graph | decimation to 100 Hz, baseline removal, scaling per lead, int8 network, calibration |\n"
        f"| abstains | where no probability reaches {m.abstain_below:.2f} |"
    )


def _labels(m: Manifest) -> str:
    absent = [rhythm for rhythm in RHYTHMS if rhythm not in m.labels]
    lines = ["## Rhythms", "", "| label | rhythm | SNOMED CT |", "|---|---|---|"]
    lines += [f"| {label} | {RHYTHMS[label].name} | {RHYTHMS[label].snomed} |" for label in m.labels]
    if absent:
        names = ", ".join(f"{RHYTHMS[rhythm].name} ({rhythm})" for rhythm in absent)
        lines += [
            "",
            f"It has not learned {names}; a recording of one of these is named wrongly, and scored so below.",
        ]
    return "\n".join(lines)


def _use(m: Manifest) -> str:
    return (
        "## Use and limits\n\n"
        f"For adults' resting recordings with up to twelve leads. It was fitted on one hospital group's recordings "
        f"({m.trained_on.get('dataset')}) and follows Chapman-Shaoxing's rule for sinus rhythms: SB below 60/min, ST "
        "above 100. Premature beats, blocks, paced rhythm and ventricular rhythms are not among its labels: a "
        "recording with them gets the nearest label that it has, sometimes with high probability. Rare classes rest "
        "on few recordings; their counts stand in the tables. Recordings of other machines, populations and electrode "
        "positions may fare worse than the figures here."
    )


def evaluation_section(r: Results) -> str:
    """The figures of one evaluation as Markdown."""
    lines = [f"## {r['title']}", "", f"`{r['command']}`", ""]
    lines.append(
        f"n = {r['n']} labelled recordings; {r['unlabelled']} more have no label among the eleven rhythms; "
        f"{r['not_classified']} could not be classified and count as wrong. Intervals are 95 %: Wilson's "
        "over the patients for accuracy, bootstrap over patients for the averages over classes."
    )
    floats = r.get("float", {})
    twin = "float | int8 - float | " if floats else ""
    lines += ["", f"| figure | int8 | {twin}baseline: beats only | baseline: {_always(r)} |"]
    lines.append("|---" * (6 if floats else 4) + "|")
    for key, title in (
        ("accuracy", "accuracy"),
        ("macro_f1_all", "macro-F1, all classes"),
        ("macro_f1_n100", "macro-F1, classes with n >= 100"),
        ("balanced_accuracy_n10", "balanced accuracy, classes with n >= 10"),
        ("macro_auc", "macro-AUC"),
        ("log_loss", "log loss"),
        ("calibration_error", "expected calibration error"),
    ):
        if r.get(key) is None:
            continue
        row = [title, _figure(r[key])]
        if floats:
            row += [_figure(floats[key]), f"{_value(r[key]) - _value(floats[key]):+.4f}"]
        row += [_figure(b[key]) if b.get(key) else "-" for b in r["baselines"].values()]
        lines.append(f"| {' | '.join(row)} |")
    answered = r["answered"]
    share = f"{100 * answered['n'] / r['n']:.1f} %"
    if answered["n"]:
        right = f"{100 * answered['accuracy']:.1f} %"
        lines += ["", f"Answered without abstaining: {share} of the recordings, {right} of those right."]
    lines += [
        "",
        "| class | n | named | right | sensitivity | precision | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for label, c in r["per_class"].items():
        precision = "-" if c["precision"] is None else f"{c['precision']:.3f}"
        counts = f"{c['n']} | {c['named']} | {c['right']}"
        lines.append(f"| {label} | {counts} | {c['sensitivity']:.3f} | {precision} | {c['f1']:.3f} |")
    table = r["confusion"]
    lines += [
        "",
        "Confusion, truth in rows:",
        "",
        f"| | {' | '.join(table['columns'])} |",
        "|---" * (len(table["columns"]) + 1) + "|",
    ]
    lines += [f"| {label} | {' | '.join(map(str, row))} |" for label, row in table["rows"].items()]
    if r["failed"]:
        lines += ["", "Not classified: " + "; ".join(f"{k}: {v}" for k, v in list(r["failed"].items())[:20])]
    return "\n".join(lines)


def _always(r: Results) -> str:
    return next(str(name) for name in r["baselines"] if name.startswith("always"))


def _value(figure: Any) -> float:
    return float(figure["value"] if isinstance(figure, dict) else figure)


def _figure(figure: Any) -> str:
    if isinstance(figure, dict) and "low" in figure:
        return f"{figure['value']:.4f} ({figure['low']:.4f} to {figure['high']:.4f})"
    return f"{_value(figure):.4f}"


def _making(m: Manifest, operations: dict[str, int]) -> str:
    tools = ", ".join(f"{tool} {version}" for tool, version in m.made_with.items())
    counts = ", ".join(f"{n} {name}" for name, n in operations.items())
    return (
        "## How it was made\n\n"
        f"From {m.trained_on.get('dataset')}, folds {m.trained_on.get('train_folds')} to fit, folds "
        f"{m.trained_on.get('validation_folds')} to choose the epoch, calibrate the probabilities and set the "
        f"threshold to abstain; prepared data {m.trained_on.get('fingerprint')}; commit {m.commit or 'unknown'}; "
        f"{tools}. The same recipe and data make it again: `ecglite train recipes/{m.name}.toml`, then "
        f"`ecglite export`.\n\n"
        f"Operations: {counts}.\n\n"
        f"Recipe:\n\n```json\n{json.dumps(m.recipe, indent=1)}\n```"
    )
