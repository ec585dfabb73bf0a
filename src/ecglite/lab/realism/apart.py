"""Simulated or real? Classifiers that try to tell, rhythm by rhythm, and what gives the simulated ones away."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS
from ecglite.lab import baselines, evaluation
from ecglite.lab.fitting import Fit, predict
from ecglite.lab.models.depthwise import Depthwise
from ecglite.lab.prepare import Progress
from ecglite.lab.realism import features, fitted, source

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FOLDS: Final = 5
NETWORK_FOLDS: Final = 3
LEAST: Final = 10
"""Real recordings of a rhythm, from so many patients, below which no one can say."""

_BLOCKS: Final = ((32, 2, 1), (48, 2, 1), (64, 2, 1), (64, 1, 2))


def quick(
    kind: source.Real,
    per_rhythm: int,
    rhythms: Sequence[str],
    switches: source.Switches,
    seed: int,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Gradient boosting on named measures, each rhythm on its own, as many simulated recordings as real ones.

    Args:
        kind: the real recordings.
        per_rhythm: at most so many of each rhythm and kind.
        rhythms: those to look at.
        switches: of the simulator.
        seed: of the simulated recordings and of the choice of the real ones.
        folder: keeps the simulated recordings.
        progress: see `prepare.Progress`.

    Returns:
        For each rhythm what `told_apart` finds, None where the database has too few; and the facts.
    """
    rows = chosen(kind, per_rhythm, rhythms, seed)
    if not rows:
        raise LabError(
            f"{kind.name} has under {LEAST} patients of each of {', '.join(rhythms)}", do="name another database"
        )
    names = [rhythm for rhythm, some in rows.items() for _ in some]
    simulated = source.made(names, seed, switches, folder, progress)
    found: dict[str, Any] = {}
    start = 0
    for done, (rhythm, some) in enumerate(rows.items()):
        columns, of_real = features.measured(kind.x[some])
        _, of_made = features.measured(simulated.x[start : start + len(some)])
        start += len(some)
        patients = [kind.patients[row] for row in some]
        found[rhythm] = told_apart(columns, of_real, of_made, patients, seed)
        progress("telling apart", done + 1, len(rows))
    return {
        "rhythms": {rhythm: found.get(rhythm) for rhythm in rhythms},
        "real": kind.facts,
        "simulated": simulated.facts,
    }


def by_network(
    kind: source.Real,
    per_rhythm: int,
    rhythms: Sequence[str],
    switches: source.Switches,
    seed: int,
    epochs: int,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """A small network on conditioned signals, all rhythms together, as many simulated as real recordings of each.

    Args:
        kind: the real recordings.
        per_rhythm: at most so many of each rhythm and kind.
        rhythms: those to look at.
        switches: of the simulator.
        seed: of the simulated recordings, the choice of the real ones, the folds and the first weights.
        epochs: of each of the folds.
        folder: keeps the simulated recordings and the fits.
        progress: see `prepare.Progress`.

    Returns:
        The area under the curve of each rhythm and of all, by networks that have not seen the patient.
    """
    rows = chosen(kind, per_rhythm, rhythms, seed)
    names = [rhythm for rhythm, some in rows.items() for _ in some]
    simulated = source.made(names, seed, switches, folder, progress)
    of_real = [row for some in rows.values() for row in some]
    x = torch.from_numpy(np.concatenate([kind.x[of_real], simulated.x]))[:, :, None, :]
    y = np.arange(len(x)) >= len(of_real)
    groups = [*(kind.patients[row] for row in of_real), *(f"simulated {k}" for k in range(len(names)))]
    facts = {"real": kind.facts, "simulated": simulated.facts}
    training = fitted.Set(x, torch.from_numpy(y.astype(np.int64)), facts)
    batch = int(np.clip(len(x) // 10, 8, 64))  # a handful of recordings still makes some steps
    recipe = dataclasses.replace(
        fitted.DEFAULT.training, epochs=epochs, batch_size=batch, balance=0.0, mixup=0.0, average=0.98
    )
    fold, said = folds_of(y, groups, NETWORK_FOLDS, seed), np.zeros(len(x))
    told = json.dumps([dataclasses.asdict(recipe), facts, seed], sort_keys=True).encode()
    runs = folder / "runs" / f"tell-apart-{hashlib.sha256(told).hexdigest()[:12]}"
    for number in range(NETWORK_FOLDS):
        fit_rows, held = (torch.from_numpy(np.flatnonzero(side)) for side in (fold != number, fold == number))
        fit = Fit(
            lambda: Depthwise(len(LEADS), 2, stem=24, blocks=_BLOCKS, kernel=9, dropout=0.2),
            recipe,
            None,
            n_labels=2,
            steps_per_epoch=max(1, len(fit_rows) // recipe.batch_size),
            seed=seed,
        )
        made, condition = fitted.finished(
            fit, training, fit_rows, runs / f"fold-{number}", f"tell-apart, fold {number + 1}", progress
        )
        logits = predict(made, condition, x, held)
        said[held.numpy()] = logits[:, 1] - logits[:, 0]
    rhythm_of = np.array([*names, *names])
    return {
        "epochs": epochs,
        "all": evaluation.auc(said, y, groups),
        "rhythms": {
            rhythm: evaluation.auc(said[of], y[of], [groups[k] for k in np.flatnonzero(of)])
            for rhythm in rows
            for of in [rhythm_of == rhythm]
        },
    }


def chosen(kind: source.Real, per_rhythm: int, rhythms: Sequence[str], seed: int) -> dict[str, list[int]]:
    """Rows of each rhythm that has enough patients: at most `per_rhythm`, one of a patient before two of another."""
    rng = np.random.default_rng(seed)
    out = {}
    for rhythm in rhythms:
        rows = rng.permutation([k for k, name in enumerate(kind.rhythms) if name == rhythm]).tolist()
        seen: set[str] = set()
        first: list[int] = []
        later: list[int] = []
        for row in rows:
            (later if kind.patients[row] in seen else first).append(row)
            seen.add(kind.patients[row])
        if len(first) >= LEAST:
            out[rhythm] = sorted([*first, *later][:per_rhythm])
    return out


def told_apart(
    names: Sequence[str], of_real: Floats, of_made: Floats, patients: Sequence[str], seed: int = 0
) -> dict[str, Any]:
    """How well the measures tell two sets of recordings apart, and which measures do.

    Args:
        names: of the columns.
        of_real: [n_real, n_names].
        of_made: [n_made, n_names].
        patients: whose each of the real ones is; of the simulated ones each is somebody else.
        seed: of the folds and the permutations.

    Returns:
        n_real and n_made; `auc`, of all measures together, cross-validated with a patient on one side, with a 95 %
        interval; `families`: the area that the measures of a family reach by themselves, and what is lost of the whole
        where they are permuted among the recordings held out; `measures`: each alone, see `alone`.
    """
    x = np.concatenate([of_real, of_made])
    y = np.arange(len(x)) >= len(of_real)
    groups = [*patients, *(f"simulated {k}" for k in range(len(of_made)))]
    fold = folds_of(y, groups, FOLDS, seed)
    kinds = features.of_families(names)
    rng = np.random.default_rng(seed)
    said = np.zeros(len(x))
    without = {kind: np.zeros(len(x)) for kind in kinds}
    only = {kind: np.zeros(len(x)) for kind in kinds}
    for number in range(FOLDS):
        fit, held = fold != number, np.flatnonzero(fold == number)
        known = baselines.filled(x, fit)
        model = baselines.classifier().fit(known[fit], y[fit])
        said[held] = model.predict_proba(known[held])[:, 1]
        for kind, columns in kinds.items():
            mixed = known[held].copy()
            mixed[:, columns] = known[rng.permutation(held)][:, columns]
            without[kind][held] = model.predict_proba(mixed)[:, 1]
            small = baselines.classifier().set_params(max_iter=30).fit(known[fit][:, columns], y[fit])
            only[kind][held] = small.predict_proba(known[held][:, columns])[:, 1]
    auc = evaluation.auc(said, y, groups)
    by_kind = {kind: {"alone": _area(only[kind], y), "lost": auc["value"] - _area(without[kind], y)} for kind in kinds}
    return {
        "n_real": len(of_real),
        "n_simulated": len(of_made),
        "auc": auc,
        "families": dict(sorted(by_kind.items(), key=lambda pair: -pair[1]["alone"])),
        "measures": alone(names, of_real, of_made),
    }


def alone(names: Sequence[str], of_real: Floats, of_made: Floats) -> list[dict[str, Any]]:
    """Each measure on its own, the most telling first: its area under the curve, and quartiles of both sets.

    An area above 0.5 says that the simulated recordings have more of it. A measure that is missing in one set more
    often than in the other counts as the least value there is.
    """
    out = []
    y = np.arange(len(of_real) + len(of_made)) >= len(of_real)
    for k, name in enumerate(names):
        column = np.concatenate([of_real[:, k], of_made[:, k]])
        if np.isnan(column).all():
            continue
        column = np.where(np.isnan(column), np.nanmin(column) - 1, column)
        out.append({
            "measure": name,
            "auc": _area(column, y),
            "real": _quartiles(of_real[:, k]),
            "simulated": _quartiles(of_made[:, k]),
        })  # fmt: skip
    return sorted(out, key=lambda row: -abs(row["auc"] - 0.5))


def _area(scores: Floats, positive: Bools) -> float:
    return float(evaluation.auc(scores, positive, (), resamples=False)["value"])


def _quartiles(values: Floats) -> list[float] | None:
    known = values[np.isfinite(values)]
    return [float(v) for v in np.quantile(known, [0.25, 0.5, 0.75])] if len(known) else None


def folds_of(y: Bools, groups: Sequence[str], n_folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each recording: a group in one fold, each fold with its share of both kinds."""
    rng = np.random.default_rng(seed)
    out = np.zeros(len(y), np.int64)
    for kind in (False, True):
        rows = np.flatnonzero(y == kind).tolist()
        some = list(dict.fromkeys(groups[row] for row in rows))
        order = dict(zip(some, rng.permutation(len(some)).tolist(), strict=True))
        out[rows] = [order[groups[row]] % n_folds for row in rows]
    return out


def text(found: Mapping[str, Any]) -> str:
    """The findings as Markdown: the areas, then the most telling measure of each family."""
    kinds = list(features.FAMILIES)
    lines = [source.standing(found["real"]), ""]
    lines += [f"| rhythm | real | simulated | all measures: AUC (95 %) | {' | '.join(kinds)} |"]
    lines += ["|---" + "|---:" * (3 + len(kinds)) + "|"]
    for rhythm, one in found["rhythms"].items():
        if one is None:
            lines.append(f"| {rhythm} | under {LEAST} patients | - | - |" + " - |" * len(kinds))
            continue
        auc, by_kind = one["auc"], one["families"]
        row = [rhythm, str(one["n_real"]), str(one["n_simulated"])]
        row += [f"{auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f})"]
        row += [f"{by_kind[kind]['alone']:.3f}" for kind in kinds]
        lines.append(f"| {' | '.join(row)} |")
    if network := found.get("network"):
        lines += ["", "A network on conditioned signals, which neither gain nor a slow baseline can tell anything:", ""]
        lines += ["| rhythm | AUC (95 %) |", "|---|---:|"]
        for rhythm, auc in {**network["rhythms"], "all": network["all"]}.items():
            lines.append(f"| {rhythm} | {auc['value']:.3f} ({auc['low']:.3f}-{auc['high']:.3f}) |")
    lines += ["", "| rhythm | most telling of its family | AUC alone | real: quartiles | simulated: quartiles |"]
    lines += ["|---|---|---:|---:|---:|"]
    for rhythm, one in found["rhythms"].items():
        seen = set()
        for row in (one or {"measures": []})["measures"]:
            if (kind := features.family(row["measure"])) not in seen:
                both = " | ".join(_three(row[which]) for which in ("real", "simulated"))
                lines.append(f"| {rhythm} | {row['measure']} | {row['auc']:.3f} | {both} |")
            seen.add(kind)
    return "\n".join(lines)


def _three(values: Sequence[float] | None) -> str:
    return "-" if values is None else " / ".join(f"{value:.3g}" for value in values)
