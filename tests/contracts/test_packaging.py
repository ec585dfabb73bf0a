"""What is installed: dependencies, public names, versions that agree, the bundle, and what each command loads."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest

import ecglite

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "scipy", "pandas", "matplotlib", "wfdb", "sklearn", "neurokit2", "litert_torch", "openpyxl"}


def loaded_by(code: str, *arguments: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after running some code, which may exit."""
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\nLOADED', *{name.partition('.')[0] for name in sys.modules}))\n" + code
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("\nLOADED")[2].split())


_MAIN = "from ecglite.cli import main; main()"


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import ecglite") & (HEAVY | {"numpy", "ai_edge_litert", "click"})


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_neither_numpy_nor_the_interpreter(arguments: list[str]) -> None:
    assert not loaded_by(_MAIN, *arguments) & (HEAVY | {"numpy", "ai_edge_litert"})


def test_classifying_loads_the_base_install_only(tmp_path: Path) -> None:
    loaded = loaded_by(_MAIN, "demo", str(tmp_path))
    assert {"numpy", "ai_edge_litert"} <= loaded
    assert not loaded & HEAVY


def test_inspecting_does_not_load_the_interpreter(tmp_path: Path) -> None:
    from ecglite.simulator import simulate, write_chapman_csv

    write_chapman_csv(simulate("SR", seed=1), tmp_path / "x.csv")
    assert "ai_edge_litert" not in loaded_by(_MAIN, "inspect", str(tmp_path / "x.csv"))


def test_the_base_install_needs_three_packages() -> None:
    wanted = {
        re.split(r"[^\w-]", line, maxsplit=1)[0]
        for line in metadata.requires("ecglite") or ()
        if "extra ==" not in line
    }
    assert wanted == {"numpy", "ai-edge-litert", "click"}


def test_every_public_name_is_there() -> None:
    assert dir(ecglite) == sorted(ecglite.__all__)
    for name in ecglite.__all__:
        assert getattr(ecglite, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'classify'"):
        _ = ecglite.classify


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = re.findall(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited is not None
    assert {project["version"], metadata.version("ecglite"), changes[0], cited[1]} == {ecglite.__version__}


def test_the_bundle_that_ships_is_installed_whole() -> None:
    bundle = resources.files("ecglite") / "models" / "rhythm"
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    model = (bundle / "model.tflite").read_bytes()
    assert hashlib.sha256(model).hexdigest() == manifest["sha256"]
    assert len(model) == manifest["size_bytes"] <= 200_000
    assert manifest["sha256"] in (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert json.loads((bundle / "results.json").read_text(encoding="utf-8"))["sha256"] == manifest["sha256"]


def test_the_package_is_typed_and_licensed() -> None:
    assert (resources.files("ecglite") / "py.typed").is_file()
    assert metadata.metadata("ecglite")["License-Expression"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")
