"""`ecglite bench cache`: the file is a cache's, it is read by mapping, and both sides are measured."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import tempfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ecglite.cli import cli
from ecglite.edge.errors import LabError
from ecglite.lab import cache_cost

Room = namedtuple("Room", "total used free")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_an_epoch_is_read_by_mapping_and_nothing_is_left(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["bench", "cache", "--records", "2003", "--json"], catch_exceptions=False)
    told = json.loads(result.stdout)
    assert (told["records"], told["rate_hz"], told["bytes"]) == (2003, 100, 128 + 2003 * 12 * 1000 * 2)
    assert told["times_faster"] == pytest.approx(told["epoch_records_per_s"] / told["csv_records_per_s"])
    assert told["times_faster"] > 5  # a text of half a megabyte beside 24 kB of numbers
    assert list(folder.iterdir()) == []
    before, peak = told["before"], told["peak"]
    if before["file_bytes"] is None:
        pytest.skip("this system does not say which memory is the file's")
    assert peak["file_bytes"] - before["file_bytes"] > 0.9 * told["bytes"]
    assert peak["anonymous_bytes"] - before["anonymous_bytes"] < 0.5 * told["bytes"]
    assert peak["resident_bytes"] >= peak["anonymous_bytes"] + before["file_bytes"]


def test_the_docs_name_every_field() -> None:
    page = (Path(__file__).parents[2] / "docs/making-a-model.md").read_text(encoding="utf-8")
    rows = "".join(re.findall(r"^\| (`.*?) \|", page.split("ecglite bench cache")[1].split("\n## ")[0], re.MULTILINE))
    fields = {field.name for field in dataclasses.fields(cache_cost.CacheCost)}
    of_memory = {f"before.{field.name}" for field in dataclasses.fields(cache_cost.Memory)}
    assert set(re.findall(r"`([\w.]+)`", rows)) == fields | of_memory


@pytest.mark.parametrize(("rate_hz", "n_time"), [(100, 1000), (500, 5000)])
def test_the_file_is_what_numpy_would_save(rate_hz: int, n_time: int, folder: Path) -> None:
    cache_cost._make(folder / "signal.npy", (25, 12, n_time), rate_hz)
    array = np.load(folder / "signal.npy")
    assert (array.dtype, array.shape) == (np.float16, (25, 12, n_time))
    assert np.array_equal(array[0], array[11])  # eleven rhythms, over and over
    assert 0.1 < np.abs(array).max() < 20  # millivolts
    np.save(folder / "saved.npy", array)
    assert (folder / "saved.npy").read_bytes() == (folder / "signal.npy").read_bytes()


def test_text_where_the_system_does_not_say_whose_memory_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(*args: object, **more: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(cache_cost, "_in_a_process", lambda function, *args: function(*args))
    monkeypatch.setattr(Path, "read_text", unread)
    result = CliRunner().invoke(cli, ["bench", "cache", "--records", "3", "--rate", "500"], catch_exceptions=False)
    assert "3 recordings at 500 Hz: 0 MB, 120,043 bytes each" in result.stdout
    assert result.stdout.count("does not say which of it is the file") == 2
    assert "File-backed" not in result.stdout


def test_a_disk_without_room_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Room(10**10, 0, 10**9))
    result = CliRunner().invoke(cli, ["bench", "cache"])
    assert isinstance(result.exception, LabError)
    assert "1000 MB are free" in str(result.exception)
    assert "about 1183 MB" in str(result.exception)
    assert list(folder.iterdir()) == []
