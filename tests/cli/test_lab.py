"""Where the lab extra is not installed, or not all of it: each verb says so before it does anything."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ecglite.cli import cli
from ecglite.cli.lab import LAB_PACKAGES
from ecglite.edge.errors import LabError

VERBS = {
    "train": ["train", "x.toml"],
    "export": ["export", "run"],
    "evaluate": ["evaluate", "bundle", "chapman"],
    "evaluate --benchmark": ["evaluate", "--benchmark", "ptb-xl-rhythm"],
    "study": ["study", "chapman"],
    "dataset check": ["dataset", "check", "chapman"],
    "bench cache": ["bench", "cache"],
    "bench gate": ["bench", "gate"],
}


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes it look as if a package were not installed."""
    find_spec = importlib.util.find_spec

    def hide(package: str) -> None:
        def found(name: str, *more: Any) -> Any:
            return None if name == package else find_spec(name, *more)

        monkeypatch.setattr(importlib.util, "find_spec", found)

    return hide


def refusal(arguments: list[str]) -> str:
    return str(CliRunner().invoke(cli, arguments).exception)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_lab_needs_all_of_it(verb: str, without: Callable[[str], None]) -> None:
    for package in LAB_PACKAGES:
        without(package)
        assert f"this needs the lab extra: {package} is not installed" in refusal(VERBS[verb])


def test_fetch_needs_what_it_fetches_with_and_no_more(without: Callable[[str], None], tmp_path: Path) -> None:
    fetch = ["fetch", "ludb", str(tmp_path / "ludb"), "--dry-run"]
    for package in ("pooch", "requests"):
        without(package)
        assert f"{package} is not installed" in refusal(fetch)
    without("torch")
    result = CliRunner().invoke(cli, fetch)
    assert not isinstance(result.exception, LabError)
    assert "ODC-By 1.0" in result.stdout
