"""Which records a study takes, in which fold each is, and the units of work that follow: fixed before any is begun."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LabError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets import Dataset
from ecglite.lab.fitting import write
from ecglite.lab.prepare import Prepared
from ecglite.lab.recipe import from_mapping
from ecglite.lab.study.description import Arm, Method, StudyRecipe
from ecglite.lab.training import commit

_PLAN: Final = "plan.json"
_RECORDS: Final = "records.npz"
_COMMITS: Final = "commits.json"
_FOLD_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """One network fitted once: an arm, the fold that tests it, and a seed."""

    arm: Arm
    fold: int
    seed: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.arm.name}-fold{self.fold + 1}-seed{self.seed}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a study's folder says before the first unit runs.

    Attributes:
        recipe: of the study.
        labels: the rhythms that the records have, in the order of `RHYTHMS`.
        row: [n], each record's row in the prepared arrays.
        y: [n], its label.
        fold: [n], its fold, 0 to folds - 1.
        group: [n], a number for each person; what is bit-identical is taken for one person's.
        whole: [n], no lead is missing or flat.
        arrays: sampling rate -> file of the prepared arrays.
        facts: plain values for the report.
    """

    recipe: StudyRecipe
    labels: tuple[str, ...]
    row: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    fold: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    whole: npt.NDArray[np.bool_]
    arrays: dict[int, str]
    facts: dict[str, Any]

    def units(self) -> list[Unit]:
        """All units, in the order of the arms."""
        of = self.recipe
        return [Unit(arm, fold, seed) for arm in of.arms for seed in of.seeds for fold in range(of.folds)]

    def method(self, arm: Arm) -> Method:
        """How an arm's network is fitted, with its own number of epochs where it has one."""
        method = self.recipe.methods[arm.method]
        epochs = arm.epochs or method.training.epochs
        return dataclasses.replace(method, training=dataclasses.replace(method.training, epochs=epochs))

    def eligible(self, arm: Arm) -> npt.NDArray[np.bool_]:
        """[n], the records that an arm's preparation takes."""
        return self.whole if self.method(arm).preparation.whole_leads_only else np.ones_like(self.whole)

    def training(self, unit: Unit) -> npt.NDArray[np.int64]:
        """Which records a unit is fitted on."""
        inside = self.eligible(unit.arm) & (self.fold != unit.fold)
        return np.flatnonzero(inside & (drawn_share(self.group) < unit.arm.share))

    def test(self, unit: Unit) -> npt.NDArray[np.int64]:
        """Which records test a unit."""
        return np.flatnonzero(self.eligible(unit.arm) & (self.fold == unit.fold))


def drawn_share(group: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """[n], a number in [0, 1) for each record, the same for all of a person's: below `share` is a share of them."""
    order = np.random.default_rng(_FOLD_SEED).permutation(int(group.max()) + 1)
    shares: npt.NDArray[np.float64] = order[group] / len(order)
    return shares


def make(recipe: StudyRecipe, which: Dataset, prepared: Mapping[int, Prepared], out: Path) -> Plan:
    """Fix records and folds and keep them in `out`; where a study of the same lies there already, take it up.

    Args:
        recipe: of the study.
        which: the database.
        prepared: its arrays at each sampling rate that a method asks for; the same recordings in the same order.
        out: the study's folder.

    Raises:
        LabError: `out` holds another study, or there are too few records.
    """
    first = next(iter(prepared.values()))
    if any(other.record_ids != first.record_ids for other in prepared.values()):
        raise LabError("the recordings differ between sampling rates", do="study one rate at a time")
    open_ = ~np.isin(first.folds, recipe.folds_left_out)
    labelled = np.array([bool(rhythm) for rhythm in first.rhythms])
    row = np.flatnonzero(open_ & labelled)
    rhythms = [first.rhythms[k] for k in row]
    labels = tuple(rhythm for rhythm in RHYTHMS if rhythm in rhythms)
    if len(labels) < 2 or len(row) < 2 * recipe.folds:
        raise LabError(
            f"{len(row)} labelled records, rhythms {', '.join(labels) or 'none'}",
            allowed=f"at least {2 * recipe.folds} records of two rhythms for {recipe.folds} folds",
        )
    y = np.array([labels.index(rhythm) for rhythm in rhythms])
    group = persons([first.patients[k] for k in row], [first.facts[k].digest for k in row])
    if len(set(group.tolist())) < 2 * recipe.folds:
        raise LabError(
            f"{len(set(group.tolist()))} persons", allowed=f"at least {2 * recipe.folds} for {recipe.folds} folds"
        )
    fold = folds_of(y, group, recipe.folds)
    whole = np.array([not first.facts[k].empty_leads for k in row])
    facts: dict[str, Any] = {
        "dataset": which.name,
        "title": which.title,
        "doi": which.doi,
        "licence": which.licence,
        "patients_are": which.patients,
        "sinus_by_rate": which.sinus_by_rate,
        "records": len(first.entries) + len(first.failed),
        "unreadable": dict(first.failed),
        "without_a_rhythm": int((open_ & ~labelled).sum()),
        "left_out_folds": list(recipe.folds_left_out),
        "in_left_out_folds": int((~open_).sum()),
        "studied": len(row),
        "with_empty_leads": int((~whole).sum()),
        "counts": {label: int((y == k).sum()) for k, label in enumerate(labels)},
        "audit": audit(first, row, fold),
        "prepared": {str(hz): {"fingerprint": p.fingerprint, "sha256": p.sha256} for hz, p in prepared.items()},
    }
    arrays = {hz: str(p.file.resolve()) for hz, p in prepared.items()}
    plan = Plan(recipe, labels, row, y, fold, group, whole, arrays, facts)
    digest = hashlib.sha256(json.dumps([recipe.mapping(), labels, facts["prepared"]], sort_keys=True).encode())
    for array in (row, y, fold):
        digest.update(array.astype(np.int64).tobytes())
    facts["fingerprint"] = digest.hexdigest()[:16]
    for unit in plan.units():
        to_fit, to_test = len(plan.training(unit)), len(plan.test(unit))
        if to_fit < 2 or not to_test:
            raise LabError(
                f"{to_fit} records to fit {unit.name} and {to_test} to test it",
                allowed="two and one at the least",
                do="whole_leads_only drops every recording of a database with fewer than twelve leads"
                if plan.method(unit.arm).preparation.whole_leads_only
                else "take more records or fewer folds",
            )
    _keep(plan, out)
    return plan


def _keep(plan: Plan, out: Path) -> None:
    _keep_plan(plan, out)
    known = commits(out)
    write(out / _COMMITS, json.dumps(list(dict.fromkeys([*known, commit()])), indent=1))


def check_out(out: Path) -> None:
    """Find out before long work whether a study can be kept in a folder.

    Raises:
        LabError: it is there and holds something else, or it cannot be written.
    """
    if out.exists() and not (out / _PLAN).exists() and (not out.is_dir() or any(out.iterdir())):
        raise LabError(f"{out} is there and holds no study", do="name another folder with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise LabError(f"{out} cannot be written: {error.strerror}", do="name another folder with --out") from None


def commits(out: Path) -> list[str]:
    """The commits of the source tree that have worked on a study, "-dirty" where they held changes."""
    path = out / _COMMITS
    found: list[str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def _keep_plan(plan: Plan, out: Path) -> None:
    if (out / _PLAN).exists():
        known = json.loads((out / _PLAN).read_text(encoding="utf-8"))["facts"]["fingerprint"]
        if known != plan.facts["fingerprint"]:
            raise LabError(
                f"{out} holds another study: other records, labels or recipe", do="name another folder with --out"
            )
        write(out / _PLAN, _text(plan))  # the same, but for where the arrays lie: the cache may have moved
        return
    check_out(out)
    part = out / f"{_RECORDS}.part"
    with part.open("wb") as file:
        np.savez(file, row=plan.row, y=plan.y, fold=plan.fold, group=plan.group, whole=plan.whole)
    part.replace(out / _RECORDS)
    write(out / _PLAN, _text(plan))


def _text(plan: Plan) -> str:
    table = {"recipe": plan.recipe.mapping(), "labels": plan.labels, "arrays": plan.arrays, "facts": plan.facts}
    return json.dumps(table, indent=1)


def load(out: Path) -> Plan:
    """The plan of a study's folder.

    Raises:
        LabError: it holds none.
    """
    try:
        table = json.loads((out / _PLAN).read_text(encoding="utf-8"))
        arrays = np.load(out / _RECORDS, allow_pickle=False)
        return Plan(
            recipe=from_mapping(StudyRecipe, table["recipe"]),
            labels=tuple(table["labels"]),
            arrays={int(rate): path for rate, path in table["arrays"].items()},
            facts=table["facts"],
            **{name: arrays[name] for name in ("row", "y", "fold", "group", "whole")},
        )
    except (OSError, ValueError, KeyError) as error:
        raise LabError(f"{out} holds no study: {error}", do="begin one with ecglite study DATASET") from None


def persons(patients: Sequence[str], digests: Sequence[str]) -> npt.NDArray[np.int64]:
    """[n], one number per person: records of one patient, and bit-identical records, have the same."""
    leader: dict[str, str] = {}

    def top(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]  # shorten the way for the next
            name = leader[name]
        return name

    for patient, digest in zip(patients, digests, strict=True):
        leader[top(f"digest {digest}")] = top(f"patient {patient}")
    found = [top(f"patient {patient}") for patient in patients]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(found))}
    return np.array([numbers[name] for name in found], np.int64)


def folds_of(y: npt.NDArray[np.int64], group: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """[n_records], 0 to n - 1: stratified by label, a person in one fold only (scikit-learn's StratifiedGroupKFold)."""
    import warnings

    from sklearn.model_selection import StratifiedGroupKFold

    fold = np.full(len(y), -1, np.int64)
    if np.bincount(y).max() < n:  # nothing to stratify by: scikit-learn refuses it
        y = np.zeros_like(y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes with fewer records than folds: the counts stand
        for number, (_, test) in enumerate(
            StratifiedGroupKFold(n, shuffle=True, random_state=_FOLD_SEED).split(np.zeros(len(y)), y, group)
        ):
            fold[test] = number
    return fold


def audit(prepared: Prepared, row: npt.NDArray[np.int64], fold: npt.NDArray[np.int64]) -> dict[str, int]:
    """How many patients, and how many groups of bit-identical records, stand in more than one fold: counted anew."""

    def across(names: Sequence[str]) -> tuple[int, int]:
        of: dict[str, list[int]] = {}
        for name, number in zip(names, fold.tolist(), strict=True):
            of.setdefault(name, []).append(number)
        several = [numbers for numbers in of.values() if len(numbers) > 1]
        return len(several), sum(len(set(numbers)) > 1 for numbers in several)

    patients = [prepared.patients[k] for k in row]
    several_records, patients_across = across(patients)
    duplicates, duplicates_across = across([prepared.facts[k].digest for k in row])
    return {
        "patients": len(set(patients)),
        "patients_stated": int(all(prepared.entries[k].patient_id for k in row)),
        "patients_with_several_records": several_records,
        "patients_across_folds": patients_across,
        "groups_of_identical_records": duplicates,
        "identical_records_across_folds": duplicates_across,
    }
