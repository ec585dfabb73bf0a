"""`ecglite evaluate` on small copies of databases: gains, leads, several databases, the worst, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from layouts import write_chapman, write_cinc, write_cinc2017, write_mitdb

from ecglite.cli import cli
from ecglite.edge import formats
from ecglite.edge.bundle import DEFAULT, Bundle
from ecglite.edge.errors import BundleError, DatasetError, EcgliteError, LeadError
from ecglite.lab import prepare, scoring
from ecglite.lab.datasets import dataset
from ecglite.lab.evaluating import EXTERNAL
from ecglite.lab.variants import Variant, gain_figures

RHYTHMS = ("SB", "SR", "AFIB", "ST", "AF", "SA")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    write_cinc(place / "cinc/georgia", RHYTHMS)
    write_cinc(place / "cinc/ningbo", RHYTHMS[:5], prefix="JS", first=10647)
    write_chapman(place / "chapman", RHYTHMS[:2])
    write_cinc2017(place / "cinc2017", {"N": "SR"})
    write_mitdb(place / "mitdb")
    return place


@pytest.fixture(autouse=True)
def own_cache(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(data / "cache"))
    monkeypatch.setenv("ECG_DATA", str(data))


def evaluate(*args: object) -> str:
    done = CliRunner().invoke(cli, ["evaluate", *map(str, args)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


class HangsOnTheGain:
    """Names sinus rhythm where lead II spans over 1.5 mV, fibrillation elsewhere: what no model may do."""

    LIMIT_MV = 1.5

    def __init__(self, bundle: Bundle) -> None:
        self.manifest = bundle.manifest

    def probabilities(self, window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        named = "SR" if np.ptp(window_mv[:, 1]) > self.LIMIT_MV else "AFIB"
        return np.array([label == named for label in self.manifest.labels], np.float32)


def test_a_model_that_hangs_on_the_gain_is_found_out(data: Path) -> None:
    which, root = dataset("georgia"), data / "cinc/georgia"
    variants = [Variant(gain=gain) for gain in (0.5, 1.0, 2.0)]
    prepared = prepare.prepare(which, root, lambda *_: None)
    scored = scoring.score(DEFAULT, which, root, prepared, (), lambda *_: None, HangsOnTheGain, variants)
    spans = np.array([np.ptp(formats.read(entry.path).signal_mv[:, 1]) for entry in which.index(root)])
    for variant in variants:
        same = (spans > HangsOnTheGain.LIMIT_MV) == (spans * variant.gain > HangsOnTheGain.LIMIT_MV)
        found = gain_figures(scored.varied[variant])
        assert (found["n"], found["not_classified"]) == (len(RHYTHMS), 0)
        assert found["unchanged"]["value"] == pytest.approx(same.mean())
        changed = scored.varied[variant].again
        assert [a == b for a, b in zip(changed.truth, changed.named, strict=True)] == same.tolist()


def test_several_databases_and_all_of_them_together(tmp_path: Path) -> None:
    bundle, page = tmp_path / "bundle", tmp_path / "worst.html"
    shutil.copytree(DEFAULT, bundle)
    (bundle / "results.json").unlink()
    asked = ("georgia,ningbo", "--gain", "0.5,2", "--leads", "I,II", "--leads", "lead i", "--worst", page, "--card")
    found: dict[str, Any] = json.loads(evaluate(bundle, *asked, "--json"))
    assert [*found] == ["georgia", "ningbo", EXTERNAL]
    georgia, ningbo, both = found.values()
    assert (georgia["n"], ningbo["n"], ningbo["unlabelled"], both["n"]) == (6, 4, 1, 10)  # Ningbo's flutter is not
    for key in ("n", "unlabelled", "unlabelled_answered", "not_classified"):
        assert both[key] == georgia[key] + ningbo[key]
    right = sum(of["right"] for one in (georgia, ningbo) for of in one["per_class"].values())
    assert both["accuracy"]["value"] == pytest.approx(right / 10)
    assert both["per_class"]["SB"]["n"] == 2
    assert [*both["baselines"]] == [*georgia["baselines"]]
    assert both["sex"]["female"]["n"] == both["age"]["40 to 64"]["n"] == 10
    assert [*both["gain"]] == ["0.5", "2"]
    assert [*both["leads"]] == ["I,II", "I"]
    assert {gain: of["n"] for gain, of in both["gain"].items()} == {"0.5": 11, "2": 11}
    assert both["command"].endswith("georgia,ningbo --gain 0.5,2 --leads I,II --leads I")
    of_both = [f"{name}/{one['record']}" for name in ("georgia", "ningbo") for one in found[name]["worst"]]
    assert sorted(one["record"] for one in both["worst"]) == sorted(of_both)
    drawn = page.read_text(encoding="utf-8")
    for name in ("georgia", "ningbo"):
        for one in found[name]["worst"]:
            assert f"{name} {one['record']}: labelled {one['truth']}, named {one['named']}" in drawn
    assert drawn.count("<section") == len(of_both)

    kept = json.loads((bundle / "results.json").read_text(encoding="utf-8"))
    assert {name: kept[name] for name in found} == found
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card.count("multiplied by a gain") == card.count("some of their leads only") == 1
    head, _, tail = card.partition("## Hospitals never trained on: georgia, ningbo together")
    assert "## Georgia" in head
    assert "| 40 to 64 years | 10 |" in tail
    assert "| 40 to 64 years" not in head
    assert "| I,II | " in tail


def test_leads_of_a_real_file_and_of_one_cut_down_are_the_same(data: Path, tmp_path: Path) -> None:
    """A database whose files have leads I and II only is scored as one of twelve leads with `--leads I,II`."""
    found = json.loads(evaluate(DEFAULT, "georgia", "--leads", "I,II", "--json"))
    with pytest.MonkeyPatch.context() as patch:
        write_cinc(tmp_path / "cinc/georgia", RHYTHMS)
        for header in (tmp_path / "cinc/georgia").glob("**/*.hea"):
            _keep_two_leads(header)
        patch.setenv("ECG_DATA", str(tmp_path))
        two = json.loads(evaluate(DEFAULT, "georgia", "--json"))
    assert two["accuracy"] == found["leads"]["I,II"]["accuracy"]
    assert two["answered"] == found["leads"]["I,II"]["answered"]


def _keep_two_leads(header: Path) -> None:
    top, *lines = header.read_text().splitlines()
    samples = header.with_suffix(".mat").read_bytes()
    steps = np.frombuffer(samples[24:], "<i2").reshape(-1, 12)[:, :2]
    head = np.frombuffer(samples[:20], "<i4").copy()
    head[1] = 2
    header.with_suffix(".mat").write_bytes(head.tobytes() + b"val\0" + steps.tobytes())
    name, _, *rest = top.split()
    header.write_text("\n".join([" ".join([name, "2", *rest]), *lines[:2], *lines[12:]]) + "\n")


def test_databases_that_may_not_stand_together_are_refused() -> None:
    for names, why in (
        ("georgia,ptb-xl", "was fitted on recordings of ptb-xl"),
        ("georgia,ptb-xl-500", "was fitted on recordings of ptb-xl-500"),
        ("chapman,ecg-arrhythmia", "chapman and ecg-arrhythmia have recordings in common"),
        ("georgia,georgia", "georgia and georgia have recordings in common"),
        ("georgia,nowhere", "unknown database 'nowhere'"),
    ):
        with pytest.raises(DatasetError, match=why):
            evaluate("rhythm", names)


def test_what_cannot_be_tried_is_refused(tmp_path: Path) -> None:
    for options, error, why in (
        (("georgia", "--gain", "two"), click.UsageError, "factors with commas"),
        (("georgia", "--gain", "0"), EcgliteError, "a gain of 0"),
        (("georgia", "--leads", "I,Q"), LeadError, "unknown lead 'Q'"),
        (("mitdb", "--leads", "I"), LeadError, "has no lead I;.* this one has II, V1"),
        (("georgia,chapman", "--folds", "1"), click.UsageError, "--folds goes with one DATASET"),
        (("georgia", "--worst", tmp_path / "worst.txt"), EcgliteError, "ending in .html"),
        (("--benchmark", "ptb-xl-rhythm", "--gain", "2"), click.UsageError, "not --benchmark"),
    ):
        bundle = [] if options[0] == "--benchmark" else ["rhythm"]
        with pytest.raises(error, match=why):
            cli.main(["evaluate", *bundle, *map(str, options)], standalone_mode=False)


def test_a_bundle_of_statements_is_refused_before_any_work() -> None:
    for words in (["ptb-xl-rhythm", "georgia"], ["rhythm", "georgia", "--beside", "ptb-xl-rhythm"]):
        with pytest.raises(BundleError, match="not one of the eleven rhythms"):
            CliRunner().invoke(cli, ["evaluate", *words], catch_exceptions=False)
