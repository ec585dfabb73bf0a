"""Writes the tables of figures in the pages from the results that are kept here: `python docs/figures.py`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ecglite.edge.bundle import DEFAULT, Bundle, load_bundle
from ecglite.edge.record import LEADS
from ecglite.lab.bench import targets as goals
from ecglite.lab.conditioning import decimation_taps
from ecglite.lab.evaluating import EXTERNAL
from ecglite.lab.evaluation import ENOUGH, share
from ecglite.lab.prepare import N_TIME

Row = tuple[str, str, str, str, str, str]
"""What, published, target, reached, verdict, printed by."""

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BENCH = ROOT / "docs" / "bench.md"
STEPS = ROOT / "docs" / "models.md"
STUDY = ROOT / "docs" / "results" / "ptb-xl" / "results.json"
TRANSFER = ROOT / "docs" / "results" / "simulator" / "transfer.json"
MODELS = ROOT / "docs" / "results" / "bench" / "models.json"
KEPT_RUNS = ROOT / "docs" / "results" / "models"
STATEMENTS = "ptb-xl-rhythm"
_MOST = 8  # of the eleven: below it, "met" would say more than the recordings do
NOT_MEASURED, NO_FILE, BENCHED = "not measured", "no such file ships", "`ecglite bench models`"
START, END = "<!-- figures of {}: python docs/figures.py -->", "<!-- end of figures -->"


def benchmark() -> str:
    """The benchmark's table as Markdown, from the bundle that ships for it."""
    from ecglite.lab.card import benchmark_section

    bundle = load_bundle(STATEMENTS)
    result: dict[str, Any] = json.loads((bundle.folder / "results.json").read_text(encoding="utf-8"))[STATEMENTS]
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
        "`ecglite export` makes. A class of under three patients leaves an average over classes without an interval. "
        "PTB-XL is read from its files at 100 Hz, brought to 500 Hz as any recording is.",
        "",
        "| recordings | n | accuracy (95 % interval) | beats-only baseline | balanced accuracy, n >= 10 | int8 - float "
        "| macro-F1, all classes | printed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    evaluations = {name: result for name, result in results.items() if isinstance(result, dict)}
    pooled = {part for result in evaluations.values() for part in result.get("parts", ())}
    for name, result in evaluations.items():
        if name in pooled:
            continue
        accuracy = result["accuracy"]
        baseline = result["baselines"]["rate and regularity of the beats"]["accuracy"]["value"]
        loss = _interval(result["beside"]["difference"]["accuracy"], "+") if "beside" in result else "-"
        lines.append(
            f"| {result['title']} | {result['n']} | {_interval(accuracy)} | {baseline:.3f} "
            f"| {_interval(result['balanced_accuracy_n10'])} | {loss} | {_interval(result['macro_f1_all'])} "
            f"| `{result['command']}` |"
        )
    return "\n".join(lines)


def targets() -> str:
    """What was asked of the models that ship, and what the kept results say of it, as Markdown."""
    lines = ["| what | published | target | reached | | printed by |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in (*_accuracies(), *_losses(), *_costs(), *_changes())]
    return "\n".join(lines)


def _accuracies() -> Iterator[Row]:
    """On PTB-XL's test fold by the field's protocol, and on hospitals never trained on."""
    statements = load_bundle(STATEMENTS)
    of = _kept(statements).get(STATEMENTS)
    asked = f">= {goals.MACRO_AUC} at <= {goals.BYTES:,} bytes"
    what = "PTB-XL's twelve rhythm statements, fold 10: macro-AUC"
    if of is None:
        yield what, "-", asked, NOT_MEASURED, "", "`ecglite evaluate --benchmark ptb-xl-rhythm`"
    else:
        best = max(of["published"], key=lambda one: one["macro_auc"])
        size = statements.manifest.size_bytes
        met = of["macro_auc"]["value"] >= goals.MACRO_AUC and size <= goals.BYTES
        reached = f"{_interval(of['macro_auc'])}, n = {of['n']:,}, {size:,} bytes"
        published = f"{best['macro_auc']} ({best['what']}; {best['source']})"
        yield what, published, asked, reached, _verdict(met), f"`{of['command']}`"
    what = "rhythm on hospitals never trained on: balanced accuracy, n >= 10"
    of = _kept(load_bundle()).get(EXTERNAL)
    command = "`ecglite evaluate rhythm chapman,georgia,cpsc-extra,cpsc2018`"
    if of is None:
        yield what, "-", f">= {goals.EXTERNAL}", NOT_MEASURED, "", command
        return
    balanced = of["balanced_accuracy_n10"]
    reached = f"accuracy {_interval(of['accuracy'])}, n = {of['n']:,}"
    if balanced is None:
        reached += "; fewer than two rhythms have ten recordings, so that there is no balanced accuracy"
    else:
        reached = f"{_interval(balanced)} over {', '.join(balanced['classes'])}; {reached}"
    # four rhythms that the rate and regularity of the beats all but name are not eleven
    met = None if balanced is None or len(balanced["classes"]) < _MOST else balanced["value"] >= goals.EXTERNAL
    yield what, "-", f">= {goals.EXTERNAL}", reached, _verdict(met), f"`{of['command']}`"
    elsewhere = [name for name in of["parts"] if name != "chapman"]
    parts = [_kept(load_bundle())[name] for name in elsewhere]
    right, n = (sum(label[key] for part in parts for label in part["per_class"].values()) for key in ("right", "n"))
    figure = share(np.arange(n) < right, [str(k) for k in range(n)])
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update({label: one["n"] for label, one in part["per_class"].items()})
    enough = [label for label, many in counts.items() if many >= ENOUGH]
    what = "the same without Chapman-Shaoxing, whose table the simulator follows"
    reached = f"accuracy {_interval(figure)}, n = {n}; "
    reached += "fewer than two rhythms have ten" if len(enough) < 2 else f"{', '.join(enough)} have ten"
    yield what, "-", f">= {goals.EXTERNAL}", reached, _verdict(None), f"`ecglite evaluate rhythm {','.join(elsewhere)}`"


def _losses() -> Iterator[Row]:
    """What int8 costs."""
    published = "macro-AUC 0.893 to 0.513, 75 statements ([BSN 2025](https://openreview.net/forum?id=Rj4T7JQ3jW))"
    found = [of for of in _kept(load_bundle()).values() if isinstance(of, dict) and "beside" in of]
    of = max(found, key=lambda one: one["n"], default=None)
    what, asked = "int8 against float: accuracy lost", f"<= {100 * goals.LOST_ACCURACY:g} points"
    command = "`ecglite evaluate rhythm ptb-xl --beside runs/rhythm-*/bundle-float`"
    if of is None:
        yield what, published, asked, NOT_MEASURED, "", command
    else:
        change = of["beside"]["difference"]["accuracy"]
        reached = f"int8 - float {_interval(change, '+')}, {of['title']}, n = {of['n']:,}"
        yield what, published, asked, reached, _verdict(-change["value"] <= goals.LOST_ACCURACY), command
    what, asked = "the same: macro-AUC of the statements lost", f"<= {goals.LOST_AUC:g}"
    of = _kept(load_bundle(STATEMENTS)).get(STATEMENTS, {})
    command = "`ecglite evaluate --benchmark ptb-xl-rhythm --beside runs/ptb-xl-rhythm-*/bundle-float`"
    if "beside" not in of:
        yield what, published, asked, NOT_MEASURED, "", command
        return
    change = of["beside"]["difference"]
    reached = f"int8 - float {_interval(change, '+', digits=4)}, fold 10, n = {of['n']:,}"
    yield what, published, asked, reached, _verdict(-change["value"] <= goals.LOST_AUC), command


def _costs() -> Iterator[Row]:
    """Bytes, operations, times and memory of every file that ships."""
    rows = {row["name"]: row for row in json.loads(MODELS.read_text(encoding="utf-8"))["rows"]}
    mobilenet, other = rows["MobileNet 1-D, float"], rows["HeartKit, 4 rhythms, int8"]
    sizes = [
        (f"{m.name} {m.version}", m.size_bytes) for m in (load_bundle(name).manifest for name in ("rhythm", STATEMENTS))
    ]
    for name, size in sizes:
        row = _measured(name, size)
        published = "76,592 bytes: HeartKit, one lead, 4 rhythms (Ambiq, helia-model-zoo)"
        met = _verdict(size <= goals.BYTES)
        yield f"{name}: file", published, f"<= {goals.BYTES:,} bytes", f"{size:,} bytes", met, BENCHED
        yield _operations(name, row, f"{mobilenet['macs'] / 1e6:,.0f} M: the study's MobileNet", goals.MACS)
        asked = f">= {goals.TIMES_FASTER:g} times faster"
        speed = row["speed"]["1"] if row else None
        if speed is None:
            yield f"{name}: time, one thread", "1: the study's MobileNet, float", asked, NOT_MEASURED, "", BENCHED
            continue
        times = [speed[f"times_faster{end}"] for end in ("", "_low", "_high")]
        reached = "{:.1f} times (quartiles {:.1f} to {:.1f})".format(*times)
        met = _verdict(times[0] >= goals.TIMES_FASTER)
        yield f"{name}: time, one thread", "1: the study's MobileNet, float", asked, reached, met, BENCHED
    manifest = load_bundle().manifest
    micro, name = manifest.micro, f"{manifest.name} {manifest.version}, micro"
    row = _measured(name, micro.size_bytes if micro else 0)
    held = NO_FILE if micro is None else f"{micro.size_bytes:,} bytes"
    met = "" if micro is None else _verdict(micro.size_bytes <= goals.MICRO_BYTES)
    published = f"{other['bytes']:,} bytes: HeartKit rebuilt, one lead, 4 rhythms"
    yield "file for microcontrollers", published, f"<= {goals.MICRO_BYTES:,} bytes", held, met, BENCHED
    in_c = len(decimation_taps()) * len(LEADS) * N_TIME / 1e6
    what = f"file for microcontrollers, without its conditioning in C ({in_c:.1f} M)"
    yield _operations(what, row, f"{other['macs'] / 1e6:.1f} M: the same", goals.MICRO_MACS)
    arena = row["arena_bytes"] if row else None
    yield (
        "its arena in TensorFlow Lite Micro",
        "-" if other["arena_bytes"] is None else f"{other['arena_bytes']:,} bytes: the same",
        f"<= {goals.MICRO_ARENA_BYTES:,} bytes at 12 x 1000",
        NOT_MEASURED if arena is None else f"{arena:,} bytes",
        "" if arena is None else _verdict(arena <= goals.MICRO_ARENA_BYTES),
        BENCHED,
    )


def _operations(name: str, row: dict[str, Any] | None, published: str, most: int) -> Row:
    asked = f"<= {most / 1e6:g} M"
    if row is None:
        return f"{name}: MACs for 10 s", published, asked, NOT_MEASURED, "", BENCHED
    macs = row["macs"] + row["conditioning_macs"]
    of_which = f", {row['conditioning_macs'] / 1e6:.1f} M of them condition" if row["conditioning_macs"] else ""
    return f"{name}: MACs for 10 s", published, asked, f"{macs / 1e6:.1f} M{of_which}", _verdict(macs <= most), BENCHED


def _changes() -> Iterator[Row]:
    """A gain that is wrong, and leads that are not there."""
    kept = [of for of in _kept(load_bundle()).values() if isinstance(of, dict)]
    asked = f"rhythm unchanged in >= {100 * goals.GAIN_UNCHANGED:g} %"
    of = max((of for of in kept if of.get("gain")), key=lambda one: one["n"], default=None)
    command = "`ecglite evaluate rhythm ptb-xl --gain 0.2,0.5,2,5`"
    if of is None:
        yield "gain wrong by 5, or by 0.5 to 2", "-", asked, NOT_MEASURED, "", command
    else:
        pooled = next((one for one in kept if one.get("parts") and one.get("gain")), None)
        for one, where in ((of, of["title"]), (pooled, "the hospitals never trained on")):
            if one is None:
                continue
            shares = {gain: figure["unchanged"] for gain, figure in one["gain"].items()}
            reached = "; ".join(f"x {gain}: {_interval(share)}" for gain, share in shares.items())
            n = next(iter(one["gain"].values()))["n"]
            met = all(share is not None and share["value"] >= goals.GAIN_UNCHANGED for share in shares.values())
            yield (
                "gain wrong by 5, or by 0.5 to 2", "-", asked, f"{reached}; {where}, n = {n:,}", _verdict(met),
                f"`{one['command']}`",
            )  # fmt: skip
    for leads, words, most in (
        ("I,II", "leads I and II alone", goals.LOST_BY_TWO_LEADS),
        ("I", "lead I alone", None),
        ("-I", "lead I alone, upside down", None),
    ):
        asked = "stated" if most is None else f"<= {100 * most:g} points of accuracy lost"
        of = max((of for of in kept if leads in of.get("leads", {})), key=lambda one: one["n"], default=None)
        if of is None:
            yield words, "-", asked, NOT_MEASURED, "", f"`ecglite evaluate rhythm ptb-xl --leads {leads}`"
            continue
        figures = of["leads"][leads]
        change = figures["difference"]["accuracy"]
        reached = f"{_interval(figures['accuracy'])}, {_interval(change, '+')} beside all leads; {of['title']}"
        verdict = "" if most is None else _verdict(-change["value"] <= most)
        yield words, "-", asked, f"{reached}, n = {figures['n']:,}", verdict, f"`{of['command']}`"


def _kept(bundle: Bundle) -> dict[str, Any]:
    """The figures that are kept of a bundle's file; none where they are another file's."""
    found: dict[str, Any] = json.loads((bundle.folder / "results.json").read_text(encoding="utf-8"))
    return found if found.get("sha256") == bundle.manifest.sha256 else {}


def _measured(name: str, size: int) -> dict[str, Any] | None:
    """Row of a file in the run that is kept; None where that run had another file of the name."""
    rows = json.loads(MODELS.read_text(encoding="utf-8"))["rows"]
    return next((row for row in rows if (row["name"], row["bytes"]) == (f"{name}, int8", size)), None)


def _verdict(met: bool | None) -> str:
    return "cannot be said" if met is None else "met" if met else "not met"


def side_by_side() -> str:
    """Both tables of `ecglite bench models`, from the run that is kept."""
    from ecglite.lab.bench import report

    return report.markdown(json.loads(MODELS.read_text(encoding="utf-8")))


def _interval(figure: dict[str, float] | None, sign: str = "", digits: int = 3) -> str:
    if figure is None:
        return "-"
    value, *ends = (format(figure[part], f"{sign}.{digits}f") for part in ("value", "low", "high") if part in figure)
    return f"{value} ({ends[0]} to {ends[1]})" if ends else value


def steps() -> str:
    """What `ecglite train` said of fold 9 for each run that is kept, as Markdown."""
    lines = [
        "| run | seed | parameters | simulated | teachers | epoch | macro-AUC | accuracy | balanced | log loss |",
        "|---|---:|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for path in sorted(KEPT_RUNS.glob("*-seed*.json"), key=_kin):
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        recipe, epochs = kept["recipe"], kept["epochs"]
        best = min(epochs, key=lambda epoch: epoch["log_loss"])
        made = recipe["simulated"]
        simulated = made["per_rhythm"] * len([*made["rhythms"], *made.get("statements", ())])
        scores = (f"{best[key]:.4f}" if key in best else "-" for key in ("macro_auc", "accuracy", "balanced_accuracy"))
        lines.append(
            f"| {recipe['name']} | {recipe['seed']} | {kept['parameters']:,} | {simulated:,} "
            f"| {len(recipe.get('teacher', {}).get('seeds', ())) or '-'} | {best['epoch']} of {len(epochs)} "
            f"| {' | '.join(scores)} | {best['log_loss']:.4f} |"
        )
    return "\n".join(lines)


def _kin(path: Path) -> tuple[bool, str]:
    """The eleven rhythms first, then the statements; within them by name."""
    return "ptb-xl" in path.name, path.name.removeprefix("teacher-")


def repeats() -> str:
    """The recipes with another seed on the test fold, beside what ships, as Markdown."""
    lines = ["| bundle | seed | n | accuracy | balanced accuracy, n >= 10 | macro-AUC |", "|---|---:|---:|---|---|---|"]
    for name, entry in (("rhythm", "ptb-xl, fold 10"), (STATEMENTS, STATEMENTS)):
        repeat = json.loads((KEPT_RUNS / f"repeat-{name}.json").read_text(encoding="utf-8"))
        for seed, of in ((1, _kept(load_bundle(name))[entry]), (2, repeat)):
            cells = [_interval(of.get(key)) for key in ("accuracy", "balanced_accuracy_n10", "macro_auc")]
            lines.append(f"| {name} | {seed} | {of['n']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


Tables = Mapping[str, Callable[[], str]]
TABLES: dict[Path, Tables] = {
    README: {
        "the model": model,
        "the targets": targets,
        "the benchmark": benchmark,
        "the study": study,
        "the simulator": simulator,
    },
    BENCH: {"the models side by side": side_by_side},
    STEPS: {"the steps": steps, "the repeats": repeats},
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
