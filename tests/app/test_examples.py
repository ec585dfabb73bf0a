"""The page's examples: each is named as it was simulated, one is doubted, and they are small and the same."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ecglite
from ecglite.app import examples
from ecglite.edge.bundle import DEFAULT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "made" / "here"
    examples.write(folder, model=DEFAULT)
    return folder


def index(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "index.json").read_text(encoding="utf-8")))


def test_the_model_names_each_and_doubts_the_last(folder: Path) -> None:
    classifier = ecglite.load()
    *sure, last = [(entry["rhythm"], classifier.classify(folder / entry["file"])) for entry in index(folder)]
    assert [rhythm for rhythm, _ in sure] == [x for x in classifier.manifest.labels if x not in ("AVNRT", "AVRT")]
    for rhythm, finding in sure:
        assert (finding.rhythm, finding.abstained, finding.quality.verdict) == (rhythm, False, "good")
        assert finding.probability > 0.9
    _, doubted = last
    assert doubted.abstained
    assert doubted.quality.verdict == "poor"
    assert any("not recorded" in note for note in doubted.quality.notes)
    assert any("noisy" in note for note in doubted.quality.notes)


def test_the_index_names_every_file(folder: Path) -> None:
    listed = [name for entry in index(folder) for name in entry["files"]]
    assert sorted([*listed, "index.json"]) == sorted(path.name for path in folder.iterdir())
    assert all(entry["files"][0] == entry["file"] for entry in index(folder))


def test_they_are_small(folder: Path) -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in folder.iterdir()) < 700_000


def test_each_says_that_it_is_simulated(folder: Path) -> None:
    for entry in index(folder):
        assert "Simulated by ecglite" in " ".join(ecglite.read(folder / entry["file"]).comments)


def test_they_are_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "ecglite.app.examples", tmp_path], check=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ecglite.EcgliteError, match="cannot be written"):
        examples.write(tmp_path / "file" / "below", model=DEFAULT)
