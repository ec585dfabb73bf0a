"""A finished run -> a model bundle: files, manifest, figures, model card."""

from __future__ import annotations

import copy
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.bundle import MANIFEST, RHYTHM, Manifest, MicroFile, load_bundle
from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import windows
from ecglite.lab import benchmark, card, export, firmware, micro
from ecglite.lab.conditioning import Condition
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.evaluation import Figure
from ecglite.lab.fitting import predict, write
from ecglite.lab.labels import STATEMENTS
from ecglite.lab.models.depthwise import Depthwise
from ecglite.lab.prepare import N_TIME, Prepared, Progress
from ecglite.lab.recipe import Recipe
from ecglite.lab.scoring import classify_all
from ecglite.lab.splits import split_of
from ecglite.lab.training import commit, score

RESULTS: Final = "results.json"
CARD: Final = "MODEL_CARD.md"
MICRO: Final = "micro: "
"""Begins the name of a figure of the file for microcontrollers."""

_MODEL: Final = "model.tflite"
_TOOLS: Final = ("torch", "litert-torch", "litert-quantizer", "ai-edge-litert", "numpy")
_PARITY_EXAMPLES: Final = 16

MAX_LOST_ACCURACY: Final = 0.005
MAX_WORSE_LOG_LOSS: Final = 0.02
"""What int8 may cost against float on the validation folds."""


def ship(
    recipe: Recipe,
    network: Depthwise,
    origin: dict[str, Any],
    which: Dataset,
    root: Path,
    prepared: Prepared,
    folder: Path,
    progress: Progress,
) -> None:
    """Write the bundle of a run into `folder`, and its float twin beside it into `folder`-float.

    Calibration of the probabilities, ranges of the activations and the threshold to abstain are set on the training
    and validation folds; no test fold is opened.

    Raises:
        LabError: the float file differs from torch, or int8 costs more than `MAX_LOST_ACCURACY` and the other allow.
        FileAccessError: the folder cannot be written.
    """
    twin = folder.with_name(f"{folder.name}-float")
    for place in (folder, twin):
        refuse_others_folder(place)
    entries = {entry.record_id: entry for entry in which.index(root)}
    network = with_frequencies(recipe, network, origin["data"])
    temperature = _temperature(recipe, network, prepared) if recipe.one_of_many else 1.0
    drawn = [entries[prepared.record_ids[row]] for row in _rows_drawn(recipe, prepared)]
    examples = _windows(which, drawn, progress)
    graph = export.Graph(network, temperature, one_of_many=recipe.one_of_many)
    float_model = export.to_float(graph, examples[:_PARITY_EXAMPLES])
    int8_model = export.to_int8(float_model, examples)
    validation = _labelled(recipe, prepared, entries)
    scores = []
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        made = [Path(name) / "float", Path(name) / "int8"]
        for model, place in zip((float_model, int8_model), made, strict=True):
            small = export.stripped(model)
            _write_bundle(recipe, origin, small, place, 0.0)
            if recipe.one_of_many:
                threshold, reached = _judged(recipe, place, which, validation, progress)
                _write_bundle(recipe, origin, small, place, threshold)
            else:
                reached = _statements_judged(recipe, place, which, validation, progress)
            scores.append(reached)
            write_card(place, {})
        refuse_lossy(*scores)  # before anything replaces a bundle that was good
        for work, place in zip(made, (twin, folder), strict=True):
            if place.exists():
                shutil.rmtree(place)
            work.rename(place)


def ship_micro(
    recipe: Recipe, network: Depthwise, origin: dict[str, Any], prepared: Prepared, folder: Path
) -> tuple[MicroFile, dict[str, tuple[float, float]]]:
    """Add the file for microcontrollers, and the C that goes with it, to the bundle in `folder`.

    The run may be another one than the bundle's own, as long as it names the same labels. Ranges, calibration and the
    threshold to abstain are set as in `ship`.

    Returns:
        What the manifest says of it; and of "float" and "int8" accuracy (macro-AUC, where labels stand each on its own)
        and log loss on the validation folds.

    Raises:
        BundleError: the folder holds no bundle.
        LabError: the labels are others, TFLM and LiteRT disagree, or int8 costs more than `ship` allows.
    """
    manifest = load_bundle(folder).manifest
    if (manifest.task, manifest.labels) != (recipe.task, recipe.labels):
        raise LabError(
            f"a run that names {', '.join(recipe.labels)}",
            allowed=f"the bundle's labels: {', '.join(manifest.labels)}",
            do="name the bundle of a run with the same labels by --bundle",
        )
    network = with_frequencies(recipe, network, origin["data"])
    temperature = _temperature(recipe, network, prepared) if recipe.one_of_many else 1.0
    rows = _rows_drawn(recipe, prepared)
    examples = _conditioned(torch.from_numpy(np.asarray(prepared.signal_mv[rows]))[:, :, None, :])
    made = micro.convert(network, temperature, examples, one_of_many=recipe.one_of_many)

    validation = split_of(prepared, recipe.data.validation_folds, recipe)
    truth = validation.y.numpy()
    of_float = predict(network, Condition(), validation.x) / temperature
    said = made.probabilities(_conditioned(validation.x)).astype(np.float64).clip(made.output.scale / 2, 1.0)
    if recipe.one_of_many:
        reached = score(np.log(said), truth)
        right = said.argmax(axis=1) == truth
        threshold = abstain_below(said.max(axis=1), right, recipe.export.answer_accuracy)
    else:
        said = said.clip(max=1 - made.output.scale / 2)
        reached, threshold = score(np.log(said / (1 - said)), truth), 0.0
    first = "accuracy" if recipe.one_of_many else "macro_auc"
    costs = {name: (of[first], of["log_loss"]) for name, of in (("float", score(of_float, truth)), ("int8", reached))}
    refuse_lossy(costs["float"], costs["int8"])

    known = MicroFile(
        model_file=firmware.MODEL,
        sha256=hashlib.sha256(made.model).hexdigest(),
        size_bytes=len(made.model),
        abstain_below=threshold,
        arena_bytes=made.arena_bytes,
        trained_on=origin["data"],
        recipe=asdict(recipe),
        commit=", ".join(origin["commits"]),
        exported_at=commit(),
        made_with={tool: importlib.metadata.version(tool) for tool in (*_TOOLS, "tflite-micro")},
    )
    names = STATEMENTS if recipe.task != RHYTHM else {label: RHYTHMS[label].name for label in recipe.labels}
    word = first.replace("_", "-").replace("auc", "AUC")
    figures = {
        f"{word}, {len(truth):,} validation records": f"{costs['int8'][0]:.4f}; {costs['float'][0]:.4f} in float",
        "log loss on them": f"{costs['int8'][1]:.4f}; {costs['float'][1]:.4f} in float",
    }
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        work = Path(name) / "bundle"
        shutil.copytree(folder, work)
        firmware.write(
            made, work, title=f"{recipe.name} {recipe.version}", labels=recipe.labels, names=names,
            abstain_below=threshold, figures=figures,
        )  # fmt: skip
        (work / MANIFEST).write_text(replace(manifest, micro=known).to_json(), encoding="utf-8")
        write_card(work, {})
        shutil.rmtree(folder)
        work.rename(folder)
    return known, costs


def _conditioned(x: Tensor) -> npt.NDArray[np.float32]:
    """[n, 12, 1, 1000], millivolts -> [n, 1000, 12], as the file for microcontrollers takes it before int8."""
    condition = Condition()
    out = np.empty((len(x), N_TIME, len(LEADS)), np.float32)
    for k, record in enumerate(x):
        out[k] = condition(record[None].float())[0, :, 0].T.numpy()
    return out


def _labelled(recipe: Recipe, prepared: Prepared, entries: dict[str, Entry]) -> list[tuple[Entry, str]]:
    """The validation records that have a label, each with its rhythm."""
    chosen = np.isin(prepared.folds, recipe.data.validation_folds)
    return [
        (entries[prepared.record_ids[row]], prepared.rhythms[row])
        for row in np.flatnonzero(chosen)
        if (
            prepared.rhythms[row] in recipe.labels
            if recipe.one_of_many
            else any(word in recipe.labels for word in prepared.entries[row].words)
        )
    ]


def _judged(
    recipe: Recipe, place: Path, which: Dataset, validation: Sequence[tuple[Entry, str]], progress: Progress
) -> tuple[float, tuple[float, float]]:
    """The threshold to abstain, and accuracy and log loss, of a bundle on the validation records."""
    said = [one for (one,) in classify_all(place, which.read, [entry for entry, _ in validation], progress)]
    right = np.array([s.named == truth for s, (_, truth) in zip(said, validation, strict=True)])
    top = np.array([max(s.probabilities) for s in said])
    of_truth = [s.probabilities[recipe.labels.index(truth)] for s, (_, truth) in zip(said, validation, strict=True)]
    loss = float(-np.log(np.maximum(of_truth, 1e-7)).mean())
    return abstain_below(top, right, recipe.export.answer_accuracy), (float(right.mean()), loss)


def _statements_judged(
    recipe: Recipe, place: Path, which: Dataset, validation: Sequence[tuple[Entry, str]], progress: Progress
) -> tuple[float, float]:
    """Macro-AUC and log loss of a bundle whose labels stand each on its own."""
    entries = [entry for entry, _ in validation]
    said, _ = benchmark.probabilities(place, which.read, entries, progress)
    truth = benchmark.multi_hot(entries, recipe.labels).astype(np.int64)
    said = np.clip(said, 1e-7, 1 - 1e-7)
    reached = score(np.log(said / (1 - said)), truth)
    return reached["macro_auc"], reached["log_loss"]


def refuse_others_folder(folder: Path) -> None:
    """Raise LabError if a folder is there that holds something else than a bundle."""
    if folder.exists() and not (folder / MANIFEST).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LabError(f"{folder} is there and holds no bundle", do="name another folder")


def refuse_lossy(of_float: tuple[float, float], of_int8: tuple[float, float]) -> None:
    """Raise LabError if int8 costs too much: accuracy and log loss of each, on the validation folds."""
    lost, worse = of_float[0] - of_int8[0], of_int8[1] - of_float[1]
    if lost > MAX_LOST_ACCURACY or worse > MAX_WORSE_LOG_LOSS:
        raise LabError(
            f"int8 costs {100 * lost:.2f} points of accuracy (of macro-AUC, where labels stand each on its own) and "
            f"{worse:.3f} of log loss on the validation folds",
            allowed=f"at most {100 * MAX_LOST_ACCURACY:.1f} points and {MAX_WORSE_LOG_LOSS:g}",
            do="do not ship it; more calibration records, or a network with narrower ranges, may help",
        )


def write_card(folder: Path, results: dict[str, Figure]) -> None:
    """Keep figures in a bundle beside those it has, by their name, and write its model card again."""
    path = folder / RESULTS
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    bundle = load_bundle(folder)
    # figures of another model file are not this one's
    known = known if known.get("sha256") == bundle.manifest.sha256 else {"sha256": bundle.manifest.sha256}
    if bundle.manifest.micro is not None:
        if known.get("micro_sha256") != bundle.manifest.micro.sha256:
            known = {name: figure for name, figure in known.items() if not name.startswith(MICRO)}
        known["micro_sha256"] = bundle.manifest.micro.sha256
    known |= results
    write(path, json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    write(folder / CARD, card.render(bundle, export.operations(bundle.model), known))


def abstain_below(top: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], accuracy: float) -> float:
    """The least probability such that the records at or above it are named right this often.

    Args:
        top: [n], the probability of the rhythm named.
        right: [n], whether it is the true one.
        accuracy: what is asked; where no threshold reaches it, 0.99.
    """
    order = np.argsort(-top)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(reached >= accuracy)
    if not len(good):
        return 0.99
    return float(min(np.floor(top[order][good[-1]] * 100) / 100, 0.99))


def with_frequencies(recipe: Recipe, network: Depthwise, trained_on: dict[str, Any]) -> Depthwise:
    """A copy of a network whose last bias knows how frequent the labels are among patients, where the recipe says so.

    Args:
        recipe: of the network.
        network: conditioned signal -> logits.
        trained_on: counts of the records that it was fitted on, as `splits.Splits.facts`.

    Raises:
        LabError: a label was never drawn in training.
    """
    network = copy.deepcopy(network)
    if recipe.export.frequency:
        counts = [trained_on["train_records"][k] + trained_on["simulated_records"][k] for k in recipe.labels]
        if not all(counts):
            never = ", ".join(label for label, n in zip(recipe.labels, counts, strict=True) if not n)
            raise LabError(f"no record of {never} was trained on", do="simulate some, or leave export.frequency out")
        drawn = torch.tensor(counts).double() ** (1 - recipe.training.balance)  # see fitting.draw_weights
        wanted = torch.tensor([recipe.export.frequency[label] for label in recipe.labels]).double()
        change = torch.log(wanted / drawn)
        network.head.bias.data += (change - change.mean()).float()
    return network


def _temperature(recipe: Recipe, network: nn.Module, prepared: Prepared) -> float:
    """The divisor of the logits that makes the validation folds' log loss least (Guo et al., 2017).

    Where the recipe says how frequent the labels are, each of the folds weighs as much as that.
    """
    split = split_of(prepared, recipe.data.validation_folds, recipe)
    logits = predict(network, Condition(), split.x)
    y = split.y.numpy()
    wanted = np.array([recipe.export.frequency.get(label, 1.0) for label in recipe.labels])
    counts = np.bincount(y, minlength=len(recipe.labels)).clip(1)
    weights = (wanted / counts)[y] if recipe.export.frequency else np.ones(len(y))

    def loss(temperature: float) -> float:
        z = logits / temperature
        z = z - z.max(axis=1, keepdims=True)
        log_p = z[np.arange(len(y)), y] - np.log(np.exp(z).sum(axis=1))
        return float(-(weights * log_p).sum() / weights.sum())

    candidates = np.geomspace(0.2, 5, 400)
    return float(candidates[np.argmin([loss(float(t)) for t in candidates])])


def _rows_drawn(recipe: Recipe, prepared: Prepared) -> list[int]:
    """Training records for the ranges of the activations, the same for the same recipe, every label among them."""
    rows = np.flatnonzero(np.isin(prepared.folds, recipe.data.train_folds))
    rng = np.random.default_rng(recipe.seed)
    rng.shuffle(rows)
    if recipe.one_of_many:
        has = {row: {prepared.rhythms[row]} for row in rows}
    else:
        has = {row: set(prepared.entries[row].words) for row in rows}
    rare = {label: [row for row in rows if label in has[row]][:10] for label in recipe.labels}
    chosen = dict.fromkeys([r for some in rare.values() for r in some] + list(rows))
    return [int(row) for row in list(chosen)[: recipe.export.calibration_records]]


def _windows(which: Dataset, entries: Sequence[Entry], progress: Progress) -> npt.NDArray[np.float32]:
    out = []
    for done, entry in enumerate(entries, 1):
        out.append(next(windows(which.read(entry))).signal_mv)
        progress("reading calibration records", done, len(entries))
    return np.stack(out)


def _write_bundle(recipe: Recipe, origin: dict[str, Any], model: bytes, folder: Path, threshold: float) -> None:
    manifest = Manifest(
        name=recipe.name,
        version=recipe.version,
        model_file=_MODEL,
        sha256=hashlib.sha256(model).hexdigest(),
        size_bytes=len(model),
        labels=recipe.labels,
        task=recipe.task,
        abstain_below=threshold,
        trained_on=origin["data"],
        recipe=asdict(recipe),
        commit=", ".join(origin["commits"]),
        exported_at=commit(),
        made_with={tool: importlib.metadata.version(tool) for tool in _TOOLS},
    )
    folder.mkdir(exist_ok=True)
    (folder / _MODEL).write_bytes(model)
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
