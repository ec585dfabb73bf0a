"""The benchmark on PTB-XL's rhythm statements: its records, its figure, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from layouts import write_ptb_xl
from sklearn.metrics import roc_auc_score

from ecglite.cli import cli
from ecglite.edge.bundle import DEFAULT, SHIPPED, load_bundle
from ecglite.edge.errors import BundleError, DatasetError, LabError
from ecglite.edge.pipeline import Classifier
from ecglite.lab import benchmark, prepare
from ecglite.lab.datasets import dataset, root_of
from ecglite.lab.evaluation import statement_figures
from ecglite.lab.labels import STATEMENTS

ROWS = (
    ("{'SR': 0.0}", "SR"),
    ("{'SBRAD': 0.0, 'SARRH': 0.0}", "SB"),
    ("{'AFIB': 0.0, 'BIGU': 0.0, 'TRIGU': 0.0}", "AFIB"),
    ("{'STACH': 0.0, 'PACE': 0.0, 'SVARR': 0.0}", "ST"),
    ("{'AFLT': 0.0, 'PSVT': 0.0, 'SVTAC': 0.0}", "AF"),
    ("{}", "SR"),
)


@pytest.fixture
def ptb_xl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten folds of each of the rows above, a cache of its own, and the benchmark's sizes to fit."""
    write_ptb_xl(tmp_path / "ptb-xl", [row for row in ROWS for _ in range(10)])
    monkeypatch.setenv("ECGLITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ECG_DATA", str(tmp_path))
    monkeypatch.setattr(benchmark, "SIZES", {"training": 40, "validation": 5, "test": 5})
    return tmp_path / "ptb-xl"


def test_the_figure_is_the_mean_of_the_areas() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((400, 3)) < (0.5, 0.1, 0.02)
    said = np.round(truth + rng.normal(0, 0.8, truth.shape), 1)  # rounded: ties count half
    found = statement_figures(said, truth, ("A", "B", "C"), [f"p{k // 2}" for k in range(400)])
    areas = [roc_auc_score(truth[:, k], said[:, k]) for k in range(3)]
    assert [of["auc"] for of in found["per_label"].values()] == pytest.approx(areas)
    assert found["macro_auc"]["value"] == pytest.approx(np.mean(areas))
    assert found["macro_auc"]["low"] < np.mean(areas) < found["macro_auc"]["high"]
    assert [of["positives"] for of in found["per_label"].values()] == truth.sum(axis=0).tolist()
    # what is known of one label only widens as its positives get fewer
    width = found["macro_auc"]["high"] - found["macro_auc"]["low"]
    assert 0.02 < width < 0.4


def test_the_command_prints_the_figure_of_the_shipped_file(ptb_xl: Path) -> None:
    ended = CliRunner().invoke(cli, ["evaluate", "--benchmark", "ptb-xl-rhythm", "--json"], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    assert found["n"] == 5
    assert found["sizes"] == {"training": 40, "validation": 5, "test": 5}
    which = dataset("ptb-xl")
    test = benchmark.split(which.index(ptb_xl))["test"]
    shipped = load_bundle("ptb-xl-rhythm")
    said, failed = benchmark.probabilities(shipped.folder, which.read, test, lambda *_: None)
    assert not failed
    truth = benchmark.multi_hot(test, shipped.manifest.labels)
    areas = [roc_auc_score(truth[:, k], said[:, k]) for k in range(len(STATEMENTS))]
    assert found["macro_auc"]["value"] == pytest.approx(np.mean(areas))
    assert found["model"]["bytes"] == len(shipped.model)
    text = CliRunner().invoke(cli, ["evaluate", "--benchmark", "ptb-xl-rhythm"], catch_exceptions=False).stdout
    assert "| ECG-JEPA, linear probe | 0.9685 |" in text
    assert "ECG-FM, fine-tuned, 90.9 M parameters" in text


def test_a_twin_stands_beside_it(ptb_xl: Path, tmp_path: Path) -> None:
    words = ["evaluate", "--benchmark", "ptb-xl-rhythm", "--json", "--beside"]
    same = CliRunner().invoke(cli, [*words, str(SHIPPED / "ptb-xl-rhythm")], catch_exceptions=False)
    found = json.loads(same.stdout)
    assert found["beside"]["macro_auc"] == found["macro_auc"]
    assert found["beside"]["difference"] == {"value": 0.0}  # nothing differs: no interval
    refused = CliRunner().invoke(cli, [*words, str(DEFAULT)])
    assert isinstance(refused.exception, LabError)
    assert "allowed: the same: AFIB, AFLT" in str(refused.exception)


def test_an_unreadable_record_stands_with_zeros(ptb_xl: Path) -> None:
    which = dataset("ptb-xl")
    test = benchmark.split(which.index(ptb_xl))["test"]
    test[0].path.with_suffix(".dat").write_bytes(b"short")
    said, failed = benchmark.probabilities(SHIPPED / "ptb-xl-rhythm", which.read, test, lambda *_: None)
    assert list(failed) == [test[0].record_id]
    assert not said[0].any()
    assert (said[1:] > 0).all()


def test_what_it_refuses(ptb_xl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    which = dataset("ptb-xl")
    prepared = prepare.prepare(which, ptb_xl, lambda *_: None)
    with pytest.raises(LabError, match=r"bundle rhythm names SB, .*leave the bundle out"):
        benchmark.score(DEFAULT, which, ptb_xl, prepared, lambda *_: None)
    with pytest.raises(BundleError, match="ecglite evaluate ptb-xl-rhythm --benchmark"):
        Classifier("ptb-xl-rhythm")
    monkeypatch.setattr(benchmark, "SIZES", {"training": 41, "validation": 5, "test": 5})
    with pytest.raises(DatasetError, match=r"as in PTB-XL 1\.0\.3"):
        benchmark.split(which.index(ptb_xl))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["rhythm"],
        ["rhythm", "ptb-xl", "--benchmark", "ptb-xl-rhythm"],
        ["--benchmark", "ptb-xl-rhythm", "--folds", "9"],
        ["--benchmark", "ptb-xl-form"],
    ],
)
def test_contradictory_words_are_refused(words: list[str]) -> None:
    ended = CliRunner().invoke(cli, ["evaluate", *words])
    assert ended.exit_code == 2
    assert "Usage" in ended.output


def test_the_sizes_are_the_published_ones(ecg_data: Path) -> None:
    """16,832, 2,100 and 2,098: the table says so, its recordings need not be here."""
    which = dataset("ptb-xl")
    if not (ecg_data / "ptb-xl/ptbxl_database.csv").is_file():
        pytest.skip(f"{ecg_data}/ptb-xl holds no table")
    entries = which.index(root_of(which, ecg_data))
    if len(entries) != which.n_records:
        pytest.skip(f"{ecg_data}/ptb-xl has a table of {len(entries)} recordings, not the whole")
    assert {name: len(some) for name, some in benchmark.split(entries).items()} == benchmark.SIZES
    found = {name: {entry.patient_id for entry in some} for name, some in benchmark.split(entries).items()}
    assert not found["training"] & found["test"]
    assert not found["training"] & found["validation"]
    assert not found["validation"] & found["test"]


def test_the_published_figure_is_what_the_command_prints(ecg_data: Path) -> None:
    """Where the whole of PTB-XL is there: fold 10 through the shipped file."""
    if not (ecg_data / "ptb-xl/records100/21000").is_dir():
        pytest.skip(f"{ecg_data}/ptb-xl holds no whole PTB-XL")
    kept = json.loads((SHIPPED / "ptb-xl-rhythm/results.json").read_text(encoding="utf-8"))["ptb-xl-rhythm"]
    which = dataset("ptb-xl")
    test = benchmark.split(which.index(root_of(which, ecg_data)))["test"]
    shipped = load_bundle("ptb-xl-rhythm")
    said, _ = benchmark.probabilities(shipped.folder, which.read, test, lambda *_: None)
    truth = benchmark.multi_hot(test, shipped.manifest.labels)
    areas = [roc_auc_score(truth[:, k], said[:, k]) for k in range(len(STATEMENTS))]
    assert kept["macro_auc"]["value"] == pytest.approx(np.mean(areas), abs=1e-4)
