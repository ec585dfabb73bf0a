"""The model card: what a model is, what it was made from, every figure with its n and interval, its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ecglite.edge.bundle import RHYTHM, Bundle, Manifest
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.labels import STATEMENTS

Results = dict[str, Any]
_SEVERAL = 5
"""Recordings of a kind that make a known failure."""


def render(bundle: Bundle, operations: dict[str, int], results: Results) -> str:
    """The card as Markdown. `results` holds the figures of each evaluation by its name, and the model's sha256."""
    m = bundle.manifest
    if m.task == RHYTHM:
        parts = [_head(m), _labels(m), _use(m), *_failures(results), *evaluation_sections(results)]
    else:
        parts = [_head_of_statements(m), *(benchmark_section(r) for r in results.values() if isinstance(r, dict))]
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
        f"| abstains | where no probability reaches {m.abstain_below:.2f}, the signal is interrupted, most leads are "
        "poor, or the heart rate contradicts the rhythm |" + _micro(m)
    )


def _micro(m: Manifest) -> str:
    if m.micro is None:
        return ""
    return (
        f"\n| for microcontrollers | `{m.micro.model_file}`, {m.micro.size_bytes:,} bytes, sha256 `{m.micro.sha256}`, "
        f"a network of its own: int8 [1, 1000, {len(m.leads)}] at 100 Hz, conditioned by `ecglite_conditioning.h`; "
        f"arena {m.micro.arena_bytes:,} bytes; abstains below {m.micro.abstain_below:.2f} |"
    )


def _head_of_statements(m: Manifest) -> str:
    statements = ", ".join(f"{label} ({STATEMENTS[label]})" for label in m.labels)
    return (
        f"# Model card: {m.name} {m.version}\n\n"
        "Names PTB-XL's rhythm statements, each on its own, in ten seconds of a 12-lead ECG. It is here for the "
        "field's benchmark alone: `ecglite classify` does not take it. **Not a medical device**: for research and "
        "teaching, never for the care of a patient.\n\n"
        f"| | |\n|---|---|\n"
        f"| file | `{m.model_file}`, {m.size_bytes:,} bytes, sha256 `{m.sha256}` |\n"
        f"| input | `ecg` float32 [1, {m.n_samples}, {len(m.leads)}]: {m.units} at {m.sampling_rate_hz:g} Hz, leads "
        f"{' '.join(m.leads)}, an absent lead as zeros |\n"
        f"| output | `probabilities` float32 [1, {len(m.labels)}], each from 0 to 1 |\n"
        f"| labels | {statements} |\n"
        "| inside the graph | decimation to 100 Hz, baseline removal, scaling per lead, int8 network |" + _micro(m)
    )


def benchmark_section(r: Results) -> str:
    """The figures of the benchmark as Markdown, beside what has been published."""
    model, sizes = r["model"], r["sizes"]
    rows = [
        [f"**{model['name']} {model['version']}, int8, {model['bytes']:,} bytes**", _figure(r["macro_auc"]), "this"],
        *(
            [f"{p['what']}{'' if p['parameters'] == '-' else ', ' + p['parameters'] + ' parameters'}",
             f"{p['macro_auc']:.4g}", p["source"]]
            for p in r["published"]
        ),
        [r["baseline"]["title"], _figure(r["baseline"]["macro_auc"]), "this"],
    ]  # fmt: skip
    lines = [f"## {r['title']}", "", f"`{r['command']}`", ""]
    lines.append(
        f"{sizes['training']:,} records to fit, {sizes['validation']:,} to choose by, n = {r['n']:,} to test; "
        f"{len(r['failed'])} of these could not be read and stand with zeros. Interval: 95 % bootstrap over patients "
        "within their rarest statement. The mean weighs all statements alike, and the rarest have the positives "
        "counted below: two or three positives cannot show their own uncertainty, and the true interval is wider. "
        "Over the statements with ten positives and more the mean is "
        f"{_figure(r['macro_auc_n10']) if r['macro_auc_n10'] else '-'}. The published figures are single numbers on "
        "the same records."
    )
    if beside := r.get("beside"):
        lines += [
            "",
            f"The float twin ({beside['title']}) stands at {_figure(beside['macro_auc'])}; int8 - float is "
            f"{_figure(beside['difference'], '+')}.",
        ]
    lines += ["", "| model | macro-AUC | source |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    lines += ["", "| statement | positives | AUC |", "|---|---|---|"]
    lines += [f"| {label} | {of['positives']:,} | {of['auc']:.4f} |" for label, of in r["per_label"].items()]
    return "\n".join(lines)


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
    made = m.trained_on.get("simulated_records", {})
    simulated = f", and on {sum(made.values())} simulated recordings" if sum(made.values()) else ""
    return (
        "## Use and limits\n\n"
        f"For adults' resting recordings with up to twelve leads. It was fitted on one hospital group's recordings "
        f"({m.trained_on.get('dataset')}){simulated}, and follows Chapman-Shaoxing's rule for sinus rhythms: SB below "
        "60/min, ST above 100. Premature beats, blocks, paced rhythm and ventricular rhythms are not among its labels: "
        "a recording with them gets the nearest label that it has, and mostly an answer (see the unlabelled recordings "
        "below). Rare classes rest on few recordings; their counts stand in the tables. Recordings of other machines, "
        "populations and electrode positions may fare worse than the figures here." + _untaught(m)
    )


def _untaught(m: Manifest) -> str:
    fitted = m.trained_on.get("train_records", {})
    untaught = [label for label in m.labels if fitted.get(label) == 0]
    if not untaught:
        return ""
    said = f"\n\nNo patient's recording taught it {', '.join(untaught)}: it knows these from simulated ones alone."
    if m.recipe.get("export", {}).get("frequency"):
        said += (
            " They are taken to be far rarer among patients than they were in its training (export.frequency in the "
            "recipe below): one that looks like a more frequent rhythm, as AVNRT and AVRT look like SVT, goes by that "
            "name, with its own among the alternatives."
        )
    return said


def _failures(results: Results) -> list[str]:
    """Where the file is wrong more often than not, from the figures of every database that has several of a kind."""
    lines = []
    for name, r in results.items():
        pooled = not isinstance(r, dict) or name.startswith("micro: ") or "parts" in r
        for label, of in {} if pooled else r["per_class"].items():
            if of["n"] >= _SEVERAL and of["sensitivity"] < 0.5:
                row = r["confusion"]["rows"][label]
                taken = max((n, c) for n, c in zip(row, r["confusion"]["columns"], strict=True) if c != label)
                said = f"{of['right']} of {of['n']} named right; {taken[0]} were named {taken[1]}"
                lines.append(f"- {label}, {r['title']}: {said}.")
            elif of["named"] >= _SEVERAL and of["precision"] < 0.5:
                lines.append(
                    f"- {label}, {r['title']}: {of['right']} of the {of['named']} that were named so are right."
                )
        for band, of in {} if pooled else r.get("age", {}).items():
            if of["n"] >= _SEVERAL and of["accuracy"]["value"] < 0.8 and r["n"] >= 1000 and band != "unknown":
                lines.append(f"- {band} years, {r['title']}: accuracy {_figure(of['accuracy'])}, n = {of['n']}.")
    return ["\n".join(["## Known failures", "", *lines])] if lines else []


def evaluation_sections(results: Results) -> list[str]:
    """The figures of each evaluation as Markdown; what a database's part of several shows stands once, with them."""
    evaluations = {name: r for name, r in results.items() if isinstance(r, dict)}
    parts = {name for r in evaluations.values() for name in r.get("parts", ())}
    return [evaluation_section(r, part=name in parts) for name, r in evaluations.items()]


def evaluation_section(r: Results, *, part: bool = False) -> str:
    """The figures of one evaluation as Markdown.

    Args:
        r: the figures.
        part: whether by sex and age, the worst, gains and leads are left to the section of several databases.
    """
    unit = "patients" if r["patients_known"] else "recordings (the publisher names no patients)"
    lines = [f"## {r['title']}", "", f"`{r['command']}`", ""]
    of_patients = f" of {r['patients']} patients" if r["patients_known"] and r.get("patients", r["n"]) != r["n"] else ""
    lines.append(
        f"n = {r['n']} labelled recordings{of_patients}; {r['not_classified']} could not be classified and count as "
        f"wrong. Of {r['unlabelled']} more, which have no label among the eleven rhythms and are not scored, the model "
        f"answered {r['unlabelled_answered']}. Intervals are 95 % over {unit}: Wilson's for accuracy, bootstrap within "
        "the classes, given their counts, for the rest; none where a class has under three patients, or where nothing "
        "varies."
    )
    if r["rewritten"]:
        lines.append(
            f"The sinus-rate rule, with NeuroKit2's measured rate, has rewritten {r['rewritten']} of the labels. In "
            f"the publisher's own words the accuracy is {_figure(r['accuracy_in_own_words'])}."
        )
    beside = r.get("beside")
    columns = ["figure", "int8", *(["float", "int8 - float"] if beside else []), *r["baselines"]]
    lines += ["", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
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
        if beside:
            apart = beside["difference"].get(key)
            twin = beside["figures"][key]
            row += [_figure(twin), _figure(apart, "+") if apart else f"{_value(r[key]) - _value(twin):+.4f}"]
        row += [_figure(b[key]) if b.get(key) else "-" for b in r["baselines"].values()]
        lines.append(f"| {' | '.join(row)} |")
    if beside:
        lines += [
            "",
            f"Int8 and float ({beside['title']}) name {beside['difference']['names_changed']} recordings differently.",
        ]
    answered = r["answered"]
    if answered["n"]:
        share = f"{100 * answered['n'] / r['n']:.1f} %"
        right = f"{100 * answered['accuracy']:.1f} %"
        lines += ["", f"Answered without abstaining: {share} of the labelled recordings, {right} of those right."]
    lines += ["", "| class | n | named | right | sensitivity | precision | F1 |", "|---|---|---|---|---|---|---|"]
    for label, c in r["per_class"].items():
        precision = "-" if c["precision"] is None else f"{c['precision']:.3f}"
        cells = [label, c["n"], c["named"], c["right"], f"{c['sensitivity']:.3f}", precision, f"{c['f1']:.3f}"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    table = r["confusion"]
    lines += ["", "Confusion, truth in rows:", "", f"| | {' | '.join(table['columns'])} |"]
    lines.append("|---" * (len(table["columns"]) + 1) + "|")
    lines += [f"| {label} | {' | '.join(map(str, row))} |" for label, row in table["rows"].items()]
    if r["failed"]:
        lines += ["", "Not classified: " + "; ".join(f"{k}: {v}" for k, v in list(r["failed"].items())[:20])]
    if not part:
        lines += [line for more in (_people, _gains, _leads, _worst) for line in more(r)]
    return "\n".join(lines)


def _people(r: Results) -> Iterator[str]:
    """By sex and age; results of earlier versions have neither this nor what follows."""
    rows = [(kind, band, of) for kind in ("sex", "age") for band, of in r.get(kind, {}).items()]
    if rows:
        yield from ("", "| sex or age | n | accuracy | balanced accuracy, classes with n >= 10 |", "|---|---|---|---|")
    for kind, band, of in rows:
        group = f"{kind} {band}" if band == "unknown" else band if kind == "sex" else f"{band} years"
        balanced = of["balanced_accuracy_n10"]
        over = f", over {', '.join(balanced['classes'])}" if balanced else ""
        yield f"| {group} | {of['n']} | {_figure(of['accuracy'])} | {_or_dash(balanced)}{over} |"


def _gains(r: Results) -> Iterator[str]:
    gains = r.get("gain")
    if not gains:
        return
    yield from ("", "Every recording once more, labelled or not, with all leads multiplied by a gain:", "")
    yield (
        "| gain | n | rhythm unchanged | not classified | abstained, and before | of those answered both times "
        "| accuracy | balanced accuracy, classes with n >= 10 |"
    )
    yield "|---" * 8 + "|"
    for gain, of in gains.items():
        both = of["answered"]
        cells = [
            *(gain, of["n"], _or_dash(of["unchanged"]), of["not_classified"]),
            f"{of['abstained']}, {of['abstained_as_recorded']}",
            f"{_or_dash(both['unchanged'])} of {both['n']}",
            *(_figure(of["accuracy"]), _or_dash(of["balanced_accuracy_n10"])),
        ]
        yield f"| {' | '.join(map(str, cells))} |"


def _leads(r: Results) -> Iterator[str]:
    some = r.get("leads")
    if not some:
        return
    yield from ("", "The labelled recordings once more, with some of their leads only:", "")
    yield (
        "| leads | accuracy | minus all leads | balanced accuracy, classes with n >= 10 | minus all leads "
        "| named otherwise | answered | not classified |"
    )
    yield "|---" * 8 + "|"
    for leads, of in some.items():
        lost = of["difference"]
        cells = [leads]
        for key in ("accuracy", "balanced_accuracy_n10"):
            cells += [_or_dash(of[key]), _or_dash(lost[key], "+")]
        cells += [lost["names_changed"], of["answered"]["n"], of["not_classified"]]
        yield f"| {' | '.join(map(str, cells))} |"


def _worst(r: Results) -> Iterator[str]:
    worst = r.get("worst")
    if not worst:
        return
    yield ""
    yield (
        "Named wrongly with the highest probability; "
        f"`{r['command']} --worst worst.html` draws them where the database is:"
    )
    yield from ("", "| recording | labelled | named | probability | abstained |", "|---|---|---|---|---|")
    for one in worst:
        cells = [one["record"], one["truth"], one["named"], f"{one['probability']:.3f}"]
        yield f"| {' | '.join(cells)} | {'yes' if one['abstained'] else 'no'} |"


def _or_dash(figure: Any, sign: str = "") -> str:
    return "-" if figure is None else _figure(figure, sign)


def _value(figure: Any) -> float:
    return float(figure["value"] if isinstance(figure, dict) else figure)


def _figure(figure: Any, sign: str = "") -> str:
    if isinstance(figure, dict) and "low" in figure:
        value, low, high = (format(figure[part], f"{sign}.4f") for part in ("value", "low", "high"))
        return f"{value} ({low} to {high})"
    return f"{_value(figure):.4f}"


def _making(m: Manifest, operations: dict[str, int]) -> str:
    tools = ", ".join(f"{tool} {version}" for tool, version in m.made_with.items())
    counts = ", ".join(f"{n} {name}" for name, n in operations.items())
    of = m.trained_on
    kinds = ("train_records", "simulated_records", "validation_records")
    rows = [f"| {label} | {' | '.join(str(of[kind][label]) for kind in kinds)} |" for label in m.labels]
    chosen = ", calibrate the probabilities and set the threshold to abstain" if m.task == RHYTHM else ""
    return "\n".join(
        [
            "## How it was made",
            "",
            f"From {of['dataset']}: folds {', '.join(map(str, of['train_folds']))} to fit, fold "
            f"{', '.join(map(str, of['validation_folds']))} to choose the epoch{chosen}. "
            f"Samples and labels have sha256 `{of['sha256']}`. Trained at commit {m.commit}, "
            f"exported at {m.exported_at}, with {tools}. `ecglite train recipes/{m.name}.toml` and `ecglite export` "
            "make another like it; weights differ between machines in their last digits, and so do figures in theirs.",
            "",
            "| label | fitted on, real | fitted on, simulated | chosen by |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Operations: {counts}.",
            "",
            f"Recipe:\n\n```json\n{json.dumps(m.recipe, indent=1)}\n```",
        ]
    )
