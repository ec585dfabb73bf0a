"""A damaged bundle is a BundleError, whatever was damaged."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglite.edge.bundle import DEFAULT, MANIFEST, load_bundle
from ecglite.edge.errors import BundleError

SHIPPED = json.loads((DEFAULT / MANIFEST).read_text())
MICRO = {"arena_bytes": 1000} | {
    name: SHIPPED[name] for name in ("model_file", "sha256", "size_bytes", "abstain_below")
}
"""A second file that is there: the first one."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "bundle"))


def change(folder: Path, **values: Any) -> Path:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | values))
    return folder


def test_the_shipped_bundle_is_whole() -> None:
    bundle = load_bundle()
    assert bundle.folder == DEFAULT
    assert len(bundle.model) == bundle.manifest.size_bytes <= 200 * 1000
    assert hashlib.sha256(bundle.model).hexdigest() == bundle.manifest.sha256
    assert (DEFAULT / "MODEL_CARD.md").is_file()


def test_a_manifest_survives_its_own_json(copy: Path) -> None:
    manifest = load_bundle(copy).manifest
    (copy / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    assert load_bundle(str(copy)).manifest == manifest


def test_one_changed_bit_of_the_model_is_refused(copy: Path) -> None:
    model = copy / load_bundle(copy).manifest.model_file
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(BundleError, match=r"sha256.*copy the bundle again"):
        load_bundle(copy)


@pytest.mark.parametrize("name", [MANIFEST, "model.tflite"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        load_bundle(copy)
    (copy / name).mkdir()
    with pytest.raises(BundleError, match="is not a file"):
        load_bundle(copy)


def test_a_missing_folder_and_a_file_in_its_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"):
        load_bundle(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(BundleError, match="Not a directory"):
        load_bundle(tmp_path / "file")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"5", b'"x"', b"\xff\xfe", b"{}", b"[" * 100000])
def test_a_manifest_that_is_none_is_refused(copy: Path, content: bytes) -> None:
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(BundleError, match=MANIFEST):
        load_bundle(copy)


@pytest.mark.parametrize(
    "values",
    [
        {"leads": ["I", "II"]},
        {"leads": None},
        {"sampling_rate_hz": 250},
        {"n_samples": 1000},
        {"units": "uV"},
        {"format": 2},
        {"format": "1"},
        {"labels": []},
        {"labels": ["SR", "VT"]},
        {"labels": ["SR", "SR"]},
        {"labels": "SR"},
        {"labels": [["SR"]]},
        {"labels": 5},
        {"abstain_below": 1},
        {"abstain_below": -0.1},
        {"abstain_below": float("nan")},
        {"abstain_below": "0.5"},
        {"abstain_below": None},
        {"name": 5},
        {"version": None},
        {"sha256": 0},
        {"sha256": ""},
        {"surprise": 1},
        {"micro": 5},
        {"micro": []},
        {"micro": {}},
        {"micro": MICRO | {"surprise": 1}},
        {"micro": MICRO | {"model_file": "../model.tflite"}},
        {"micro": MICRO | {"model_file": "none.tflite"}},
        {"micro": MICRO | {"sha256": "0" * 64}},
        {"micro": MICRO | {"abstain_below": 1}},
        {"micro": MICRO | {"abstain_below": None}},
    ],
)
def test_a_field_that_is_not_allowed_is_refused(copy: Path, values: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        load_bundle(change(copy, **values))


def test_a_second_file_is_read_and_survives_its_own_json(copy: Path) -> None:
    bundle = load_bundle(change(copy, micro=MICRO))
    assert bundle.micro == bundle.model
    (copy / MANIFEST).write_text(bundle.manifest.to_json(), encoding="utf-8")
    assert load_bundle(copy).manifest == bundle.manifest
    assert load_bundle(change(copy, micro=None)).micro is None


@pytest.mark.parametrize("name", ["../model.tflite", "/etc/passwd", "a/b", "..", ".", "", "a\0b", 5, None])
def test_the_model_stays_in_its_folder(copy: Path, name: object) -> None:
    shutil.copy(copy / "model.tflite", copy.parent)
    with pytest.raises(BundleError):
        load_bundle(change(copy, model_file=name))


@pytest.mark.parametrize("field", ["name", "version", "model_file", "sha256", "labels", "abstain_below"])
def test_a_field_that_is_missing_is_refused(copy: Path, field: str) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    del manifest[field]
    (copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=field):
        load_bundle(copy)


@pytest.mark.parametrize("name", [MANIFEST, "model.tflite"])
def test_a_file_of_gigabytes_is_not_read(copy: Path, name: str) -> None:
    os.truncate(copy / name, 3 << 30)  # sparse: it takes no place on the disk
    with pytest.raises(BundleError, match="3221225472 bytes"):
        load_bundle(copy)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this file system")
def test_a_pipe_does_not_hang(copy: Path) -> None:
    (copy / "model.tflite").unlink()
    os.mkfifo(copy / "model.tflite")
    with pytest.raises(BundleError, match="is not a file"):
        load_bundle(copy)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=150)
@given(field=st.sampled_from(sorted(json.loads((DEFAULT / MANIFEST).read_text()))), value=JSON)
def test_any_value_is_taken_or_a_bundle_error(
    field: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bundle") / "copy"
    shutil.copytree(DEFAULT, folder)  # whole: a second file that is missing would hide what the value does
    change(folder, **{field: value})
    with contextlib.suppress(BundleError):
        load_bundle(folder)
    shutil.rmtree(folder)


def test_a_bundle_that_ships_is_known_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_bundle("rhythm").folder == DEFAULT
    with pytest.raises(BundleError, match="cannot be read"):
        load_bundle("another")
    (tmp_path / "rhythm").mkdir()  # what lies here comes first
    with pytest.raises(BundleError, match="cannot be read"):
        load_bundle("rhythm")
