"""A study's results as Markdown and HTML, the same blocks in both, beside results.json and the pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ecglite.lab.fitting import write
from ecglite.lab.study import document, figures
from ecglite.lab.study.document import PICTURES, Block, Heading, Picture, Points, Table, Text
from ecglite.lab.study.figures import NAMES, title
from ecglite.lab.study.results import RESULTS

MARKDOWN: Final = "report.md"
HTML: Final = "report.html"


def write_all(out: Path, found: Mapping[str, Any]) -> None:
    """Write results.json, report.md, report.html and the pictures.

    Args:
        out: the study's folder.
        found: from `results.gather`.
    """
    (out / PICTURES).mkdir(exist_ok=True)
    captions = figures.draw_all(found, out / PICTURES)
    blocks = compose(found, captions)
    where = "" if found["by_name"] else "a folder in the layout of "
    heading = f"The study on {where}{found['data']['title']}"
    write(out / RESULTS, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    write(out / MARKDOWN, document.markdown(heading, blocks))
    write(out / HTML, document.page(heading, blocks, out / PICTURES))


def summary(found: Mapping[str, Any], out: Path) -> str:
    """A few lines for a terminal."""
    width = max(len(title(arm)) for arm in found["arms"].values())
    width = max(width, *map(len, found["baselines"]))
    lines = [f"{'':<{width}}  accuracy (95 %)           int8 file"]
    for arm in found["arms"].values():
        size = f"{arm['costs']['int8_bytes']:>12,} B"
        lines.append(f"{title(arm):<{width}}  {_interval(arm['int8']['accuracy']):<24}{size}")
    for name, of in found["baselines"].items():
        lines.append(f"{name:<{width}}  {_interval(of['accuracy']):<24}{'-':>14}")
    return "\n".join([*lines, "", f"{out / MARKDOWN}, {out / HTML}, {out / RESULTS}"])


def compose(found: Mapping[str, Any], captions: Mapping[str, str]) -> list[Block]:
    """The report's blocks, in order."""
    return [
        *_head(found),
        *_table_1(found),
        Picture("accuracy", captions["accuracy"]),
        *_table_2(found),
        Picture("size", captions["size"]),
        *_beside_published(found),
        Heading("Figure 4: loss per epoch"),
        Picture("figure-4-loss", captions["figure-4-loss"]),
        Heading("Confusion"),
        Picture("confusion", captions["confusion"]),
        *_per_class(found),
        *_audit(found),
        *_making(found),
    ]


def _head(found: Mapping[str, Any]) -> list[Block]:
    data, recipe = found["data"], found["recipe"]
    dropped = max(arm["dropped_for_empty_leads"] for arm in found["arms"].values())
    counts = ", ".join(f"{label} {n:,}" for label, n in data["counts"].items())
    left_out = (
        f" The publisher's fold {', '.join(map(str, data['left_out_folds']))} stays closed "
        f"({data['in_left_out_folds']:,} recordings)."
        if data["left_out_folds"]
        else ""
    )
    by_rate = (
        " Sinus rhythms are named by NeuroKit2's measured rate, SB below 60/min and ST above 100, whatever the "
        "publisher's word."
        if data["sinus_by_rate"]
        else ""
    )
    source = f"Licence {data['licence']}, doi {data['doi']}. " if found["by_name"] else ""
    first = ", ".join(f"{name} ({reason})" for name, reason in list(data["unreadable"].items())[:3])
    unread = f"{len(data['unreadable'])} could not be read{f', first {first},' if first else ''}"
    return [
        *([Text(f"**{recipe['note']}**")] if recipe["note"] else []),
        Text(
            f"**{data['studied']:,} recordings** of {data['audit']['patients']:,} patients ({data['patients_are']}), "
            f"{len(found['labels'])} rhythms, {recipe['folds']} folds, {_seeds(recipe)}. {source}Made by "
            f"`{found['command']}`. Not a medical device."
        ),
        Text(
            f"Counts: {counts}. Of {data['records']:,} recordings {unread} and "
            f"{data['without_a_rhythm']:,} have no rhythm of the eleven.{left_out}{by_rate} {dropped} more are dropped "
            "where a preparation wants all twelve leads whole."
        ),
        Text(
            "Every network is scored on the fold that it has not seen, as an int8 `.tflite` file through LiteRT, which "
            "takes the prepared arrays (decimation, where there is any, is done before). Intervals are 95 %: Wilson's "
            "over patients for accuracy, bootstrap over patients within the classes for the rest; none where a class "
            "has under three records. Macro-AUC and log loss pool the probabilities of all folds' networks. Within "
            "this run nothing was chosen on a test fold: the epochs stand in the recipe, and the last one counts."
        ),
    ]


def _table_1(found: Mapping[str, Any]) -> list[Block]:
    least = min(arm["training_ms_per_record"] for arm in found["arms"].values())
    rows = []
    for arm in found["arms"].values():
        int8, own = arm["int8"], arm["float"]
        change = arm["int8_minus_float"]["accuracy"]
        rows.append(
            [
                title(arm),
                f"{int8['n']:,}",
                _interval(int8["accuracy"]),
                _interval(own["accuracy"]),
                f"{change['value']:+.4f}",
                _interval(int8["macro_f1_all"]),
                _interval(int8["macro_f1_n100"]),
                _interval(int8["macro_auc"]),
                _interval(int8["log_loss"]),
                f"{arm['epochs']}",
                f"{arm['share']:.0%}".replace("%", " %"),
                f"{arm['training_ms_per_record'] / least:.1f}",
            ]
        )
    for name, of in found["baselines"].items():
        rows.append(
            [name, f"{of['n']:,}", _interval(of["accuracy"]), "-", "-"]
            + [_interval(of[key]) for key in ("macro_f1_all", "macro_f1_n100", "macro_auc", "log_loss")]
            + ["-", "-", "-"]
        )
    boosting = next(of for of in found["baselines"].values() if "columns" in of)
    circular = (
        " Its heart rate is the one that names the sinus rhythms here, so that it knows their rule."
        if found["data"]["sinus_by_rate"]
        else ""
    )
    return [
        Heading("Table 1: what each network reaches"),
        Table(
            [
                *("network, method", "n", "accuracy, int8", "accuracy, float", "int8 - float", "macro-F1, all"),
                *("macro-F1, n >= 100", "macro-AUC", "log loss", "epochs", "training patients", "training time"),
            ],
            rows,
        ),
        Text(
            "A percentage after a method's name is the part of the training patients that the network was fitted on, "
            "where it is not all of them. Training time is the processor time of the run for one record once, as a "
            "ratio to the cheapest row; one thread each. The rows without a network are fitted and scored on the same "
            "folds; gradient boosting "
            f"reads {', '.join(boosting['columns'])}.{circular}"
        ),
        *_failures(found),
    ]


def _failures(found: Mapping[str, Any]) -> list[Block]:
    """Networks that have learned nothing, in plain words: a row of a table does not say it."""
    folds = found["recipe"]["folds"]
    dead = [
        f"{title(arm)} in {arm['folds_that_name_one_rhythm']} of {folds} folds"
        for arm in found["arms"].values()
        if arm["folds_that_name_one_rhythm"]
    ]
    if not dead:
        return []
    return [
        Text(
            f"**Learned nothing: {'; '.join(dead)}.** There every recording gets the same rhythm. It says that the "
            "network did not learn from this preparation with this training, not what the study's network could do."
        )
    ]


def _table_2(found: Mapping[str, Any]) -> list[Block]:
    arms = found["arms"].values()
    fastest = {kind: min(arm["costs"][f"{kind}_ms"] for arm in arms) for kind in ("float", "int8")}
    rows = [
        [
            title(arm),
            f"{cost['parameters']:,}",
            f"{cost['macs'] / 1e6:,.1f} M",
            f"{cost['training_rss_bytes'] / 1e6:,.0f} MB",
            f"{cost['float_bytes']:,}",
            f"{cost['int8_bytes']:,}",
            f"{cost['float_ms'] / fastest['float']:.1f}",
            f"{cost['int8_ms'] / fastest['int8']:.1f}",
            f"{cost['float_ms'] / cost['int8_ms']:.1f}",
        ]
        for arm in arms
        for cost in [arm["costs"]]
    ]
    return [
        Heading("Table 2: what each network costs"),
        Table(
            [
                *("network, method", "parameters", "MACs", "peak RSS, training", "float file, bytes"),
                *("int8 file, bytes", "latency, float", "latency, int8", "float / int8"),
            ],
            rows,
        ),
        Text(
            "MACs are those of one recording, as PyTorch counts them, conditioning left out. Peak RSS is that of a "
            "process that fits at its batch size, of which "
            f"{found['import_rss_bytes'] / 1e6:,.0f} MB are there after the imports. Latency is the median in LiteRT "
            "with one thread, as a ratio to the fastest row, all rows taken in turns in one run."
        ),
    ]


def _beside_published(found: Mapping[str, Any]) -> list[Block]:
    printed = found["published"]
    rows = [
        [
            f"{NAMES[network]} {view.upper()}",
            f"{printed['parameters'][network] / 1e6:.2f} M",
            f"{cost['parameters'] / 1e6:.2f} M",
            f"{printed['flops'][network] / 1e9:.2f} G",
            f"{2 * cost['macs'] / 1e9:.3g} G",
        ]
        for name, cost in found["at_5000"].items()
        for network, view in [name.split("-")]
    ]
    on = (
        "on this database, in folds that it does not state"
        if found["data"]["dataset"].startswith("chapman")
        else "on another database than this one, Chapman-Shaoxing, in folds that it does not state"
    )
    return [
        Heading("Beside the study's own figures"),
        Table(["network", "parameters, printed", "parameters, here", "FLOPs, printed", "FLOPs, here"], rows),
        Text(
            f"The study (doi {printed['doi']}) prints one size for each network. Here are the architectures that it "
            "names, over 12 x 5000 samples and eleven rhythms as it has them; two FLOPs for each MAC. They do not fit: "
            "a standard MobileNet has 3.19 M parameters and 0.8 GMAC, 1.6 GFLOP."
        ),
        Text(
            f"It prints {100 * printed['mobilenet_accuracy']:.2f} % for MobileNet {on}; the table gives it to the 2-D "
            "network, the text to the 1-D one. On all 10,646 recordings of Chapman-Shaoxing gradient boosting on age, "
            "sex, rates, intervals and axes, without a sample of signal, reaches 86.1 %; that is a run of its own."
        ),
    ]


def _per_class(found: Mapping[str, Any]) -> list[Block]:
    labels = found["labels"]
    rows = [
        [title(arm), *(f"{arm['int8']['per_class'][label]['sensitivity']:.3f}" for label in labels)]
        for arm in found["arms"].values()
    ]
    rows += [
        [name, *(f"{of['per_class'][label]['sensitivity']:.3f}" for label in labels)]
        for name, of in found["baselines"].items()
    ]
    f1 = [
        [title(arm), *(f"{arm['int8']['per_class'][label]['f1']:.3f}" for label in labels)]
        for arm in found["arms"].values()
    ]
    f1 += [
        [name, *(f"{of['per_class'][label]['f1']:.3f}" for label in labels)] for name, of in found["baselines"].items()
    ]
    columns = ["network, method", *(f"{label} ({found['data']['counts'][label]:,})" for label in labels)]
    return [
        Heading("Per class"),
        Text("Sensitivity of the int8 files over all folds; the number of recordings stands beside each class."),
        Table(columns, rows),
        Text("F1 of the same."),
        Table(columns, f1),
    ]


def _audit(found: Mapping[str, Any]) -> list[Block]:
    audit, recipe = found["data"]["audit"], found["recipe"]
    stated = "" if audit["patients_stated"] else f" ({found['data']['patients_are']})"
    return [
        Heading("Leakage audit"),
        Table(
            ["what", "number"],
            [
                ["patients in more than one fold", f"{audit['patients_across_folds']}"],
                [f"patients with several recordings{stated}", f"{audit['patients_with_several_records']:,}"],
                ["groups of bit-identical recordings", f"{audit['groups_of_identical_records']}"],
                ["of these in more than one fold", f"{audit['identical_records_across_folds']}"],
            ],
        ),
        Points(
            [
                "Scaling: computed on each recording by itself, nothing is fitted.",
                "Weights: on the training folds. Epochs, learning rate and sizes: fixed in the recipe before the run. "
                "ecglite's own network and method were developed on PTB-XL's folds 1 to 9, the other networks were "
                "not: on PTB-XL that favours it.",
                f"Ranges of the int8 activations: on {recipe['calibration_records']} recordings of the training folds.",
                f"Test loss per epoch: on {recipe['watched']:,} recordings of the test fold, drawn, shown in figure 4, "
                "used for nothing.",
                "Majority class and gradient boosting: on the other folds. The rules on the beats: on nothing.",
                "Bit-identical recordings count as one person's, so that no copy crosses a fold.",
            ]
        ),
    ]


def _making(found: Mapping[str, Any]) -> list[Block]:
    data = found["data"]
    methods = [
        [name, _preparation(of["preparation"]), _training(of)] for name, of in found["recipe"]["methods"].items()
    ]
    units = [unit for arm in found["arms"].values() for unit in arm["units"]]
    minutes = sum(line["cpu_seconds"] for unit in units for line in unit["history"]) / 60
    arrays = ", ".join(f"{hz} Hz sha256 {of['sha256']}" for hz, of in data["prepared"].items())
    return [
        Heading("How it was made"),
        Table(["method", "preparation", "training"], methods),
        Points(
            [
                f"Data: prepared arrays {arrays}",
                f"Study: fingerprint {data['fingerprint']}, seeds {', '.join(map(str, found['recipe']['seeds']))}",
                f"Commits: {', '.join(found['commits']) or 'none known, it ran from an installed package'}",
                f"Made with: Python {found['python']} on {found['machine']}, "
                + ", ".join(f"{tool} {version}" for tool, version in found["made_with"].items()),
                f"{len(units)} units of work, {minutes:,.1f} minutes of processor time for the training",
                "All figures, curves and the whole recipe: `results.json`",
            ]
        ),
    ]


def _preparation(of: Mapping[str, Any]) -> str:
    dropped = ", records with an empty lead dropped" if of["whole_leads_only"] else ""
    return f"{of['rate_hz']} Hz, {of['scaling']}{dropped}"


def _training(method: Mapping[str, Any]) -> str:
    """A method's training, field by field; what is zero is not done, and not said."""
    of = method["training"]
    parts = [
        f"{'AdamW' if of['weight_decay'] else 'Adam'}, {of['schedule']} learning rate {of['learning_rate']:g}",
        f"batch {of['batch_size']}, {of['precision']}",
    ]
    parts += [
        f"{name.replace('_', ' ')} {of[name]:g}"
        for name in ("weight_decay", "clip", "balance", "label_smoothing", "mixup", "average")
        if of[name]
    ]
    return ", ".join([*parts, *(["augmented"] if method["augmented"] else [])])


def _seeds(recipe: Mapping[str, Any]) -> str:
    return "one seed" if len(recipe["seeds"]) == 1 else f"{len(recipe['seeds'])} seeds"


def _interval(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "-"
    if "low" not in figure:
        return f"{figure['value']:.3f}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
