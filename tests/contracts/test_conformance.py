"""conformance/: the vectors are made alike each time, leave nothing out, and come out as golden.json says."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ecglite.edge import errors
from ecglite.edge.bundle import load_bundle
from ecglite.edge.rhythms import RHYTHMS

FOLDER = Path(__file__).parents[2] / "conformance"
MICRO_STEPS = 4  # of 256: the conditioning before them is float, and processors round its last bit otherwise
ANEW = "write it anew if the change is meant: python conformance/make.py --golden"


@pytest.fixture(scope="module")
def make() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("make")
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def made(make: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A folder of vectors, and its index."""
    out = tmp_path_factory.mktemp("vectors")
    return out, make.write(out, make.made())


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))


def test_every_vector_comes_out_as_it_did(
    make: ModuleType, made: tuple[Path, list[dict[str, Any]]], golden: dict[str, Any]
) -> None:
    now = make.golden(made[1])
    assert list(now["vectors"]) == list(golden["vectors"]), ANEW
    for name, was in golden["vectors"].items():
        is_ = now["vectors"][name]
        assert is_.pop("probabilities", None) == pytest.approx(was.pop("probabilities", None), abs=1e-3), name
        assert np.array(is_.pop("micro", [])) == pytest.approx(np.array(was.pop("micro", [])), abs=MICRO_STEPS), name
        assert is_.pop("heart_rate_bpm", None) == pytest.approx(was.pop("heart_rate_bpm", None), abs=0.1001), name
        assert is_ == was, f"{name}; {ANEW}"


def test_golden_is_of_the_model_that_ships(golden: dict[str, Any]) -> None:
    manifest = load_bundle().manifest
    assert (golden["sha256"], golden["labels"]) == (manifest.sha256, list(manifest.labels)), ANEW
    assert golden.get("micro_sha256") == (manifest.micro.sha256 if manifest.micro else None), ANEW
    assert golden["made_by"] == "conformance/make.py --golden"
    assert (FOLDER / "golden.json").stat().st_size < 100_000


def test_another_process_makes_the_same_bytes(made: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    again = tmp_path / "again"
    without = {name: value for name, value in os.environ.items() if name != "ECG_DATA"}
    command = [sys.executable, str(FOLDER / "make.py"), str(again)]
    done = subprocess.run(command, env=without | {"PYTHONHASHSEED": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = {path.relative_to(made[0]): path for path in made[0].rglob("*") if path.is_file()}
    assert files.keys() == {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    assert [name for name, path in files.items() if path.read_bytes() != (again / name).read_bytes()] == []
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "holds something already" in refused.stderr


def test_nothing_is_left_out(made: tuple[Path, list[dict[str, Any]]]) -> None:
    expected = [entry["expect"] for entry in made[1]]
    failures = [e.get("error") or e.get("refusal") for e in expected if "finding" not in e]
    found = {failure["type"] for failure in failures}
    of_files = {
        name
        for name, error in vars(errors).items()
        if isinstance(error, type) and issubclass(error, errors.EcgliteError) and not issubclass(error, errors.LabError)
    }
    # two are no single file's: groups of errors; one would take gigabytes, three are not a file's
    others = {"EcgliteError", "ReadError", "FileTooLargeError", "BundleError", "AppError", "SimulationError"}
    assert found == of_files - others
    assert {e["record"]["format"] for e in expected if "record" in e} == {"chapman-csv", "csv", "wfdb"}
    names = {entry["name"] for entry in made[1]}
    assert len({name.casefold() for name in names}) == len(made[1])  # each is a folder, on any system
    assert {f"chapman-{rhythm}{layout}" for rhythm in RHYTHMS for layout in ("", "-raw")} <= names
    findings = [e["finding"] for e in expected if "finding" in e]
    # the model takes AVNRT and AVRT to be so rare that it says SVT of both
    assert {finding["rhythm"] for finding in findings} >= set(load_bundle().manifest.labels) - {"AVNRT", "AVRT"}
    reasons = {re.sub(r"\d+|(?<=that of ).*", "_", reason) for finding in findings for reason in finding["reasons"]}
    assert reasons == {
        "no rhythm reaches a probability of _ %",
        "the signal is interrupted",
        "most of the leads are poor",
        "a heart rate of _/min is not that of _",
        "_ beats a minute are more than a heart's QRS complexes come at",
    }


def test_what_came_names_no_folder(made: tuple[Path, list[dict[str, Any]]]) -> None:
    failures = [e.get("error") or e.get("refusal") for e in (entry["expect"] for entry in made[1])]
    assert not [failure["came"] for failure in failures if failure and str(made[0]) in failure["came"]]


def test_patients_recordings_become_vectors(make: ModuleType, ecg_data: Path, tmp_path: Path) -> None:
    vectors = list(importlib.import_module("recordings").vectors(ecg_data))
    for database in ("chapman", "ecg-arrhythmia", "georgia", "cpsc2018", "cpsc-extra", "mitdb"):
        assert any(vector.name.startswith(f"{database}-") for vector in vectors), database
    entries = make.write(tmp_path, [vector for vector in vectors if vector.name.startswith("georgia-")])
    assert all("finding" in entry["expect"] for entry in entries)
