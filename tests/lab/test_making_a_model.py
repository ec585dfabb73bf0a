"""The maker's path from data to bundle, on a simulated copy of PTB-XL's layout."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from layouts import write_ptb_xl

from ecglite.cli import cli
from ecglite.edge.bundle import load_bundle
from ecglite.edge.errors import DatasetError, LabError
from ecglite.edge.pipeline import Classifier
from ecglite.lab import export, prepare, ship, splits, training
from ecglite.lab import recipe as recipes
from ecglite.lab.augmentation import inverted
from ecglite.lab.conditioning import Condition, Decimate
from ecglite.lab.datasets import dataset
from ecglite.lab.models import network_of
from ecglite.simulator import make, simulate, write_wfdb

RECIPE = """
name = "tiny"
version = "0.0.1"
labels = ["SB", "SR", "AFIB", "ST"]
seed = 3

[network]
stem = 8
blocks = [[8, 2, 1], [16, 2, 1], [16, 1, 2]]
kernel = 5
dropout = 0.1

[training]
epochs = 3
batch_size = 8

[simulated]
rhythms = ["AFIB"]
per_rhythm = 2

[export]
calibration_records = 8
"""
STATEMENTS = (("{'SBRAD': 0.0}", "SB"), ("{'SR': 0.0}", "SR"), ("{'AFIB': 0.0}", "AFIB"), ("{'STACH': 0.0}", "ST"))


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 80 records over ten folds, a recipe, and a cache of its own."""
    place = tmp_path_factory.mktemp("lab")
    write_ptb_xl(place / "data/ptb-xl", [STATEMENTS[(k // 10 + k) % 4] for k in range(80)])
    (place / "tiny.toml").write_text(RECIPE)
    return place


@pytest.fixture(autouse=True)
def own_cache(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(workplace / "cache"))
    monkeypatch.setenv("ECG_DATA", str(workplace / "data"))


def ecglite(*args: object) -> str:
    result = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def prepared_of(workplace: Path) -> prepare.Prepared:
    return prepare.prepare(dataset("ptb-xl"), workplace / "data/ptb-xl", lambda *_: None)


def fit(workplace: Path, folder: Path, epochs: int | None = None) -> None:
    recipe = recipes.load(workplace / "tiny.toml")
    made = splits.splits_of(prepared_of(workplace), recipe)

    def log(line: str) -> None:
        if epochs is not None and line.startswith(f"epoch {epochs}/"):
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        training.train(recipe, made, folder, log)


def test_prepared_arrays_follow_the_files_and_the_rate_rule(workplace: Path) -> None:
    prepared = prepared_of(workplace)
    assert prepared.signal_mv.shape == (80, 12, 1000)
    assert not prepared.failed
    for rhythm, rate in zip(prepared.rhythms, prepared.rates_bpm, strict=True):
        if rhythm in ("SB", "SR", "ST"):
            assert rhythm == ("SB" if rate < 60 else "ST" if rate > 100 else "SR")
    # the graph decimates as the preparation does
    record = simulate("AFIB", seed=5)
    in_graph = Decimate(12)(torch.from_numpy(record.signal_mv.T[None, :, None, :].copy()))[0, :, 0].numpy()
    np.testing.assert_allclose(prepare.decimated(record), in_graph, atol=2e-3)  # float16
    # a slow wave survives decimation, one above the low-pass does not
    time = np.arange(5000) / 500
    wave = np.stack([np.sin(2 * np.pi * f * time) for f in (5, 10, 20, 60, 80, 120) * 2], axis=1)
    out = prepare.decimated(type(record)(wave.astype(np.float32), 500, record.leads)).astype(np.float64)
    gain = out[:, 100:-100].std(axis=1) * np.sqrt(2)
    assert gain[:3] == pytest.approx(1, abs=0.02)
    assert (gain[3:6] < 0.05).all()


def test_preparing_again_reads_the_cache(workplace: Path) -> None:
    first = prepared_of(workplace)
    seen: list[str] = []
    again = prepare.prepare(dataset("ptb-xl"), workplace / "data/ptb-xl", lambda what, *_: seen.append(what))
    assert seen == []
    np.testing.assert_array_equal(first.signal_mv, again.signal_mv)


def test_what_is_kept_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed recording, a damaged cache and an interrupted preparation are each made anew, and no more than that."""
    root = tmp_path / "ptb-xl"
    write_ptb_xl(root, [STATEMENTS[k % 4] for k in range(8)])
    monkeypatch.setenv("ECGLITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(prepare, "_CHUNK", 3)
    made: list[int] = []

    def count(what: str, done: int, total: int) -> None:
        made.append(done)

    first = prepare.prepare(dataset("ptb-xl"), root, count)
    assert made[-1] == 8
    assert hashlib.sha256(first.file.read_bytes()).hexdigest() == first.sha256

    made.clear()
    with first.file.open("r+b") as file:  # a bit of the cache flips
        file.seek(-2, 2)
        file.write(b"\x7f\x7f")
    again = prepare.prepare(dataset("ptb-xl"), root, count)
    assert made[-1] == 8
    assert again.sha256 == first.sha256

    made.clear()
    record = simulate("ST", seed=99, sampling_rate_hz=100, duration_s=12)
    write_wfdb(record, root / "records100/00000", "00002_lr")  # other samples, and more of them
    other = prepare.prepare(dataset("ptb-xl"), root, count)
    assert other.fingerprint != first.fingerprint
    assert other.facts[1].duration_s == 12

    made.clear()
    samples = root / "records100/00000/00001_lr.dat"
    content = samples.read_bytes()
    samples.write_bytes(bytes(len(content)))  # damaged, and of the same size
    assert prepare.prepare(dataset("ptb-xl"), root, count).failed[0][0] == "1"
    samples.write_bytes(content)
    mended = prepare.prepare(dataset("ptb-xl"), root, count)
    assert not mended.failed
    assert (mended.fingerprint, mended.sha256) == (other.fingerprint, other.sha256)
    other = mended

    made.clear()  # an interruption after the first chunk
    folder = other.file.parent
    chunks = folder.with_name(f"{folder.name}.chunks")
    chunks.mkdir()
    entries = dataset("ptb-xl").index(root)
    prepare._chunk(dataset("ptb-xl").read, entries[:3], 100, chunks / "000000")
    shutil.rmtree(folder)
    resumed = prepare.prepare(dataset("ptb-xl"), root, count)
    assert min(made) > 3
    assert resumed.sha256 == other.sha256
    assert not chunks.exists()


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    write_ptb_xl(tmp_path / "ptb-xl", [STATEMENTS[0]] * 3)
    table = tmp_path / "ptb-xl/ptbxl_database.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join([*lines, lines[-1]]) + "\n")
    with pytest.raises(DatasetError, match="1 record names twice, first 3"):
        prepare.prepare(dataset("ptb-xl"), tmp_path / "ptb-xl", lambda *_: None)


def test_an_interrupted_run_goes_on_to_the_same_weights(workplace: Path, tmp_path: Path) -> None:
    fit(workplace, tmp_path / "whole")
    fit(workplace, tmp_path / "cut", epochs=1)
    with pytest.raises(LabError, match="stopped after 1 of 3 epochs"):
        training.load_run(tmp_path / "cut")
    fit(workplace, tmp_path / "cut")
    whole, cut = (training.load_run(tmp_path / name)[1].state_dict() for name in ("whole", "cut"))
    for name, value in whole.items():
        np.testing.assert_allclose(value.numpy(), cut[name].numpy(), rtol=1e-4, atol=1e-6, err_msg=name)
    assert (tmp_path / "whole/history.jsonl").read_text().count("\n") == 3


def test_a_run_is_not_resumed_on_other_data(workplace: Path, tmp_path: Path) -> None:
    fit(workplace, tmp_path / "run", epochs=1)
    origin = json.loads((tmp_path / "run/origin.json").read_text())
    assert len(origin["data"]["sha256"]) == 64
    origin["data"]["sha256"] = "0" * 64
    (tmp_path / "run/origin.json").write_text(json.dumps(origin))
    with pytest.raises(LabError, match="begun with other records"):
        fit(workplace, tmp_path / "run")


def test_records_are_held_in_half_precision_and_counted_in_single(workplace: Path) -> None:
    """What a run keeps of its data is the same as when they were held in float32."""
    recipe, prepared = recipes.load(workplace / "tiny.toml"), prepared_of(workplace)
    made = splits.splits_of(prepared, recipe)
    assert {made.training.x.dtype, made.validation.x.dtype} == {torch.float16}
    real = [row for row in range(80) if prepared.folds[row] <= 8 and prepared.rhythms[row] in recipe.labels]
    chosen = [row for row in range(80) if prepared.folds[row] == 9 and prepared.rhythms[row] in recipe.labels]
    simulated = [prepare.decimated(simulate("AFIB", seed=1_000_000 + k)) for k in range(2)]
    x = np.concatenate([prepared.signal_mv[real], np.stack(simulated)]).astype(np.float32)
    digest = hashlib.sha256(x.tobytes())
    digest.update(made.training.y.numpy().tobytes())
    digest.update(np.asarray(prepared.signal_mv[chosen], np.float32).tobytes())
    digest.update(made.validation.y.numpy().tobytes())
    assert made.facts["sha256"] == digest.hexdigest()


def test_teachers_are_fitted_first_and_once(workplace: Path, tmp_path: Path) -> None:
    teacher = (
        '[teacher]\nname = "giant"\nseeds = [4, 5]\nepochs = 1\n[teacher.network]\nstem = 4\nblocks = [[8, 2, 1]]\n'
    )
    (tmp_path / "taught.toml").write_text(RECIPE + teacher)
    said = ecglite("train", tmp_path / "taught.toml", "--runs", tmp_path)
    assert said.count("epoch 1/1") == 2
    giants = sorted(tmp_path.glob("giant-*"))
    assert [training.load_run(folder)[0].network.stem for folder in giants] == [4, 4]
    assert {training.load_run(folder)[0].seed for folder in giants} == {4, 5}
    [run] = tmp_path.glob("tiny-*")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    (tmp_path / "other.toml").write_text((RECIPE + teacher).replace("stem = 8", "stem = 6"))
    again = ecglite("train", tmp_path / "other.toml", "--runs", tmp_path)
    assert again.count("epoch 1/1") == 0  # the same teachers
    assert before.items() <= {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}.items()
    repeat = ecglite("train", tmp_path / "taught.toml", "--runs", tmp_path, "--seed", 77)
    assert repeat.count("epoch 1/1") == 0
    assert sorted(training.load_run(folder)[0].seed for folder in tmp_path.glob("tiny-*")) == [3, 3, 77]
    # without its teachers the same network learns something else
    fit(workplace, tmp_path / "alone")
    taught, alone = (training.load_run(folder)[1].state_dict() for folder in (run, tmp_path / "alone"))
    assert any(not torch.equal(taught[name], alone[name]) for name in taught)


@pytest.mark.parametrize("one_of_many", [True, False])
def test_a_target_is_drawn_to_the_mean_of_the_teachers(one_of_many: bool) -> None:
    class Says(torch.nn.Module):
        def __init__(self, *logits: float) -> None:
            super().__init__()
            self.logits = torch.tensor(logits)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.logits.expand(len(x), -1)

    ln3 = float(np.log(3))
    taught = training.Teachers([Says(ln3, 0.0), Says(0.0, 0.0)], 0.4, one_of_many=one_of_many)
    target = taught(torch.zeros(2, 12, 1, 10), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    mean = [(0.75 + 0.5) / 2, (0.25 + 0.5) / 2] if one_of_many else [(0.75 + 0.5) / 2, 0.5]
    wanted = [[0.6 + 0.4 * mean[0], 0.4 * mean[1]], [0.4 * mean[0], 0.6 + 0.4 * mean[1]]]
    np.testing.assert_allclose(target.numpy(), wanted, rtol=1e-6)


def test_upside_down_before_conditioning_or_after_it_is_the_same() -> None:
    x = torch.from_numpy(np.stack([simulate("AFIB", seed=k, sampling_rate_hz=100).signal_mv.T for k in range(8)]))
    x = x[:, :, None, :]
    conditioned = Condition()(x)
    turned = inverted(conditioned, 0.5, torch.Generator().manual_seed(1))
    down = (turned != conditioned).flatten(1).any(dim=1)
    assert 0 < down.sum() < 8
    wanted = Condition()(torch.where(down[:, None, None, None], -x, x))
    np.testing.assert_allclose(turned.numpy(), wanted.numpy(), atol=1e-5)
    assert torch.equal(inverted(conditioned, 0.0, torch.Generator()), conditioned)


def test_what_is_simulated_for_a_statement(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(
        'name = "s"\nversion = "1"\ntask = "ptb-xl-rhythm"\nlabels = ["BIGU", "PACE", "SR"]\n'
        '[simulated]\nstatements = ["BIGU", "PACE"]\nper_rhythm = 2\n'
    )
    made = splits._simulated(recipes.load(tmp_path / "r.toml"))
    np.testing.assert_allclose(made.y.numpy(), [[1, 0, 0.5], [1, 0, 0.5], [0, 1, 0], [0, 1, 0]])
    ventricular = make("SR", 1_000_000, traits=("ventricular bigeminy",)).record
    np.testing.assert_array_equal(made.x[0, :, 0].numpy(), prepare.decimated(ventricular))
    atrial = make("SR", 1_000_001, traits=("atrial bigeminy",)).record
    np.testing.assert_array_equal(made.x[1, :, 0].numpy(), prepare.decimated(atrial))


def test_frequencies_of_patients_change_the_odds(workplace: Path, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(RECIPE + "[export.frequency]\nSB = 1\nSR = 2\nAFIB = 1\nST = 4\n")
    recipe = recipes.load(tmp_path / "r.toml")  # balance 0.5, so that training drew them as 5, 5, 2 and 4
    counts = {
        "train_records": {"SB": 25, "SR": 20, "AFIB": 4, "ST": 16},
        "simulated_records": {"SB": 0, "SR": 5, "AFIB": 0, "ST": 0},
    }
    network = network_of(recipe).eval()
    x = torch.randn(3, 12, 1, 1000)
    with torch.inference_mode():
        before = torch.softmax(network(x), dim=1)
        after = torch.softmax(ship.with_frequencies(recipe, network, counts)(x), dim=1)
        assert torch.equal(before, torch.softmax(network(x), dim=1))  # the run's own network is left as it is
    odds = (after / after[:, :1]) / (before / before[:, :1])
    np.testing.assert_allclose(odds, np.tile([1, 2, 2.5, 5], (3, 1)), rtol=1e-4)
    without = ship.with_frequencies(recipes.load(workplace / "tiny.toml"), network, counts)
    assert torch.equal(without.head.bias, network.head.bias)


def test_no_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="holds no run"):
        training.load_run(tmp_path)


def test_a_patient_on_two_sides_is_refused(workplace: Path) -> None:
    prepared = prepared_of(workplace)
    splits.assert_patients_apart(prepared, (1, 2), (9,), (10,))
    one_patient = dataclasses.replace(
        prepared, entries=tuple(dataclasses.replace(entry, patient_id="same") for entry in prepared.entries)
    )
    with pytest.raises(LabError, match="patient same is on two sides"):
        splits.assert_patients_apart(one_patient, (1, 2), (9,), (10,))


def test_from_recipe_to_bundle_to_figures(workplace: Path, tmp_path: Path) -> None:
    ecglite("train", workplace / "tiny.toml", "--runs", tmp_path)
    [run] = tmp_path.glob("tiny-*")
    ecglite("export", run)
    bundle = load_bundle(run / "bundle")
    assert bundle.manifest.labels == ("SB", "SR", "AFIB", "ST")
    assert bundle.manifest.recipe["seed"] == 3
    assert bundle.manifest.trained_on["train_folds"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sum(bundle.manifest.trained_on["train_records"].values()) == 64
    assert bundle.manifest.trained_on["simulated_records"] == {"SB": 0, "SR": 0, "AFIB": 2, "ST": 0}
    operations = export.operations(bundle.model)
    assert operations["QUANTIZE"] >= 1
    assert operations["DEQUANTIZE"] >= 1

    result = json.loads(
        ecglite("evaluate", run / "bundle", "ptb-xl", "--beside", run / "bundle-float", "--card", "--json")
    )
    assert result["n"] == 8
    of_training = bundle.manifest.trained_on["train_records"]
    assert f"always {max(of_training, key=of_training.get)}" in result["baselines"]
    assert sum(map(sum, result["confusion"]["rows"].values())) == 8
    assert "FITTED" not in result["title"]
    of_training = json.loads(ecglite("evaluate", run / "bundle", "ptb-xl", "--folds", 1, "--json"))
    assert of_training["title"].endswith("fold 1, which it was FITTED on")
    assert abs(result["log_loss"]["value"] - result["beside"]["figures"]["log_loss"]["value"]) < 0.1
    card = (run / "bundle/MODEL_CARD.md").read_text()
    assert re.search(r"\| accuracy \| 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}\)|\| accuracy \| 1\.0000", card)
    assert "Not a medical device" in card

    # the float twin gives what the trained network gives in torch
    recipe, network, _ = training.load_run(run)
    graph = export.Graph(network, ship._temperature(recipe, network, prepared_of(workplace))).eval()
    windows = np.stack([simulate(rhythm, seed=9).signal_mv for rhythm in recipe.labels])
    with torch.inference_mode():
        wanted = [graph(torch.from_numpy(window[None]))["probabilities"][0].numpy() for window in windows]
    got = export.run(load_bundle(run / "bundle-float").model, windows)
    np.testing.assert_allclose(got, wanted, atol=export.PARITY)
    classifier = Classifier(run / "bundle")
    for window, probabilities in zip(windows, got, strict=True):
        finding = classifier.classify(window, sampling_rate_hz=500, units="mV")
        assert list(finding.probabilities.values()) == pytest.approx(list(probabilities), abs=0.05)

    # another model's figures do not survive in the results
    results = json.loads((run / "bundle/results.json").read_text())
    assert results["sha256"] == bundle.manifest.sha256


def test_export_replaces_nothing_but_a_bundle(workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(LabError, match="holds no bundle"):
        ship.refuse_others_folder(tmp_path / "mine")

    fit(workplace, tmp_path / "run")
    recipe, network, origin = training.load_run(tmp_path / "run")

    def shipped() -> None:
        which, root = dataset("ptb-xl"), workplace / "data/ptb-xl"
        prepared = prepared_of(workplace)
        ship.ship(recipe, network, origin, which, root, prepared, tmp_path / "bundle", lambda *_: None)

    shipped()
    before = load_bundle(tmp_path / "bundle").manifest

    monkeypatch.setattr(ship, "MAX_WORSE_LOG_LOSS", -10.0)  # nothing is good enough any more
    with pytest.raises(LabError, match="int8 costs"):
        shipped()
    assert load_bundle(tmp_path / "bundle").manifest == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "bundle-float", "mine", "run"]


def test_threshold_to_abstain() -> None:
    top = np.array([0.95, 0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, True, False, False])
    assert ship.abstain_below(top, right, 1.0) == pytest.approx(0.8)
    assert ship.abstain_below(top, right, 0.75) == pytest.approx(0.7)
    assert ship.abstain_below(top, ~right, 0.9) == 0.99


def test_commands_without_the_lab_extra_say_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'torch' else real(name, *a)\n"
        "from ecglite.cli import main; sys.argv = ['ecglite', 'train', 'x.toml']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "ecglite: error: this needs the lab extra: torch is not installed; in ecglite's source folder: "
        "pip install '.[lab]'"
    ]


def test_a_quantised_file_that_lost_too_much_is_refused(workplace: Path) -> None:
    ship.refuse_lossy((0.95, 0.160), (0.949, 0.161))
    with pytest.raises(LabError, match=r"2\.00 points of accuracy"):
        ship.refuse_lossy((0.95, 0.160), (0.93, 0.161))
    with pytest.raises(LabError, match=r"0\.100 of log loss"):
        ship.refuse_lossy((0.95, 0.160), (0.96, 0.260))
