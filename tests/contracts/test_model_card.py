"""The figures that the project publishes are those that its commands print, on the file that ships."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from ecglite.cli import cli
from ecglite.edge.bundle import DEFAULT, load_bundle
from ecglite.lab import card, export

ROOT = Path(__file__).parents[2]
RESULTS = json.loads((DEFAULT / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["rhythm", "ptb-xl-rhythm"])
def test_the_card_is_made_from_the_results_of_the_shipped_file(name: str) -> None:
    bundle = load_bundle(name)
    results = json.loads((bundle.folder / "results.json").read_text(encoding="utf-8"))
    assert results["sha256"] == bundle.manifest.sha256
    rendered = card.render(bundle, export.operations(bundle.model), results)
    assert (bundle.folder / "MODEL_CARD.md").read_text(encoding="utf-8") == rendered


def script(name: str) -> ModuleType:
    """A script of the docs, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_readme_shows_the_same_figures() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script("figures").with_table(readme) == readme, "run: python docs/figures.py"


EXPERIMENTS = {
    "transfer": "transfer",
    "ablation": "ablation",
    "add": "add",
    "tell-apart": "apart",
    "distributions": "distributions",
}


def test_the_findings_are_the_results_that_are_kept() -> None:
    findings = script("findings")
    page = findings.PAGE.read_text(encoding="utf-8")
    assert findings.with_tables(page) == page, "run: python docs/findings.py"
    kept = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in findings.RESULTS.glob("*.json")}
    assert kept.keys() == EXPERIMENTS.keys()
    for name, module in EXPERIMENTS.items():
        text = importlib.import_module(f"ecglite.lab.realism.{module}").text(kept[name])
        assert text in (findings.RESULTS / f"{name}.md").read_text(encoding="utf-8"), name
        assert kept[name]["command"].startswith(f"ecglite realism {name}")


@pytest.mark.parametrize("name", ["rhythm", "ptb-xl-rhythm"])
def test_the_file_is_small_and_made_from_the_recipe_that_is_here(name: str) -> None:
    from ecglite.lab import recipe

    manifest = load_bundle(name).manifest
    assert manifest.size_bytes <= 100_000
    here = recipe.load(ROOT / f"recipes/{name}.toml")
    made_by = recipe.from_mapping(recipe.Recipe, manifest.recipe)
    assert made_by.fingerprint() == here.fingerprint()
    assert manifest.commit
    assert "-dirty" not in manifest.commit
    if manifest.micro is not None:
        small = recipe.from_mapping(recipe.Recipe, manifest.micro.recipe)
        assert small.fingerprint() == recipe.load(ROOT / f"recipes/micro-{name}.toml").fingerprint()
        assert manifest.micro.commit
        assert "-dirty" not in manifest.micro.commit


@pytest.mark.parametrize("name", ["chapman", "georgia", "cpsc2018", "cpsc-extra"])
def test_external_figures_are_what_the_command_prints(ecg_data: Path, name: str) -> None:
    done = CliRunner().invoke(
        cli, ["evaluate", str(DEFAULT), name, "--data", str(ecg_data), "--json"], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    printed, published = json.loads(done.stdout), RESULTS[name]
    for key in ("n", "unlabelled", "confusion", "per_class"):
        assert printed[key] == published[key], key
    parts = ("value", "low", "high")
    for key in ("accuracy", "macro_f1_all", "log_loss"):
        for part in parts if published[key] else ():
            assert printed[key].get(part) == pytest.approx(published[key].get(part), abs=1e-3), (key, part)


def test_the_test_fold_is_scored_whole(ecg_data: Path) -> None:
    """Where the whole of PTB-XL is there: its test fold through the shipped file, all records, nothing left out."""
    if not (ecg_data / "ptb-xl/records100/21000").is_dir():
        pytest.skip(f"{ecg_data}/ptb-xl holds no whole PTB-XL")
    published = RESULTS["ptb-xl, fold 10"]
    assert published["n"] + published["unlabelled"] == 2198
    done = CliRunner().invoke(
        cli, ["evaluate", str(DEFAULT), "ptb-xl", "--data", str(ecg_data), "--json"], catch_exceptions=False
    )
    assert json.loads(done.stdout)["confusion"] == published["confusion"]
