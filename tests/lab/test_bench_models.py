"""`ecglite bench models`: every row is there and ran, the ratios are those of the times, converting changes little."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from ecglite.cli import cli
from ecglite.edge.bundle import MicroFile, load_bundle
from ecglite.edge.errors import LabError
from ecglite.lab import export, micro, recipe, tflm
from ecglite.lab.bench import comparison, contenders, parity, race, read_back, report
from ecglite.lab.bench.contenders import REFERENCE, Contender
from ecglite.lab.conditioning import Condition
from ecglite.lab.models import heartkit, network_of
from ecglite.lab.prepare import decimated
from ecglite.lab.recipe import NetworkRecipe, Recipe
from ecglite.lab.study.costs import counted
from ecglite.simulator import simulate

ROOT = Path(__file__).parents[2]
Result = dict[str, Any]
SMALL = Recipe("small", "0.1.0", ("SB", "SR", "AFIB"), network=NetworkRecipe(stem=8, blocks=((8, 2, 1), (16, 2, 1))))


def silent(what: str, done: int, total: int) -> None:
    """No progress."""


def kept() -> Result:
    found: Result = json.loads((ROOT / "docs/results/bench/models.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A quick run of everything, with simulated recordings, as a fresh clone has it."""
    out = tmp_path_factory.mktemp("bench")
    done = CliRunner(env={"ECG_DATA": ""}).invoke(
        cli, ["bench", "models", "--quick", "--json", "--out", str(out)], catch_exceptions=False
    )
    found: Result = json.loads(done.stdout)
    assert found == json.loads((out / "models.json").read_text(encoding="utf-8"))
    assert report.markdown(found) + "\n" == (out / "models.md").read_text(encoding="utf-8")
    return found


def rows(result: Result) -> dict[tuple[str, str], Result]:
    return {(row["name"], row["runtime"]): row for row in result["rows"]}


def assert_whole(result: Result) -> None:
    """Every row that the comparison promises, each with its figures, none absent but for a package."""
    found = rows(result)
    peers = ("LeNet-5 1-D", "MobileNet 1-D", "ResNet-18 1-D", "HeartKit, 4 rhythms")
    wanted = {(f"{peer}, {kind}", "LiteRT") for peer in peers for kind in ("float", "int8")}
    for number, folder in enumerate(comparison.shipped()):
        manifest = load_bundle(folder).manifest
        title = f"{manifest.name} {manifest.version}"
        wanted |= {(f"{title}, {kind}", "LiteRT") for kind in ("float", "int8")}
        if number == 0:
            wanted |= {(f"{title}, float", runtime) for runtime in ("onnxruntime", "torch eager")}
        if manifest.micro is not None:
            wanted.add((f"{title}, micro, int8", "LiteRT"))
        assert found[f"{title}, int8", "LiteRT"]["bytes"] == manifest.size_bytes
    assert set(found) == wanted
    for (_, runtime), row in found.items():
        if row["absent"]:
            assert (runtime, row["absent"]) == ("onnxruntime", contenders.missing())
            continue
        assert set(row["speed"]) == {"1", "2"}
        assert row["peak_rss_bytes"] > row["runtime_rss_bytes"] > 10e6
        assert (row["energy_estimate_mj"] is None) == (row["kind"] == "float")
        assert (row["arena_bytes"] is None) == bool(row["arena_absent"])


def assert_ratios(result: Result) -> None:
    """The ratios of the times that stand beside them, turn by turn."""
    reference = rows(result)[REFERENCE, "LiteRT"]
    for row in result["rows"]:
        for threads, speed in row["speed"].items():
            if speed is None:
                continue
            of_turns = np.divide(reference["speed"][threads]["turn_ms"], speed["turn_ms"])
            assert len(of_turns) == result["turns"]
            assert speed["times_faster"] == pytest.approx(np.median(of_turns))
            assert speed["times_faster_low"] == pytest.approx(np.percentile(of_turns, 25))
            assert speed["times_faster_high"] == pytest.approx(np.percentile(of_turns, 75))
            assert speed["median_ms"] == pytest.approx(np.median(speed["turn_ms"]))


def test_every_row_is_there_with_the_ratios_of_its_times(measured: Result) -> None:
    assert_whole(measured)
    assert_ratios(measured)


def test_so_is_the_run_that_the_page_shows() -> None:
    assert_whole(kept())
    assert_ratios(kept())
    assert kept()["turns"] >= 30


def test_the_page_shows_that_run() -> None:
    spec = importlib.util.spec_from_file_location("figures", ROOT / "docs/figures.py")
    assert spec is not None
    assert spec.loader is not None
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    page = figures.BENCH.read_text(encoding="utf-8")
    assert figures.with_table(page, figures.TABLES[figures.BENCH]) == page, "run: python docs/figures.py"


def test_ours_are_faster_than_the_study_and_smaller(measured: Result) -> None:
    """At least eight times as fast as its MobileNet, on whatever machine; a fortieth of its bytes."""
    found = rows(measured)
    reference = found[REFERENCE, "LiteRT"]
    for folder in comparison.shipped():
        manifest = load_bundle(folder).manifest
        ours = found[f"{manifest.name} {manifest.version}, int8", "LiteRT"]
        assert ours["speed"]["1"]["times_faster"] > 8
        assert 40 * ours["bytes"] < reference["bytes"]


def test_converting_changes_little(measured: Result) -> None:
    """Torch to float within the gate of the export, float to int8 on the shipped file."""
    manifests = [load_bundle(folder).manifest for folder in comparison.shipped()]
    assert len(measured["parity"]) == sum(1 if manifest.micro is None else 2 for manifest in manifests)
    for one in measured["parity"]:
        assert one["recordings"] == "simulated"
        assert one["torch_to_float"] <= export.PARITY
        assert one["float_to_onnx"] is None or one["float_to_onnx"] <= export.PARITY
        assert 0 < one["float_to_int8_mean"] < 0.01
        assert one["renamed"] <= one["n"] // 20
        assert (one["metric_change"] is None) == (one["metric"] == "")
        if one["metric"]:
            assert abs(one["metric_float"] - one["metric_int8"]) <= 0.05
            assert one["metric_change"]["value"] == pytest.approx(one["metric_int8"] - one["metric_float"])


def test_converting_changes_little_on_patients(ecg_data: Path) -> None:
    if not (ecg_data / "ptb-xl" / "ptbxl_database.csv").is_file():
        pytest.skip(f"{ecg_data}/ptb-xl holds no table")
    for one in kept()["parity"]:
        assert one["recordings"].startswith("PTB-XL")
        assert abs(one["metric_float"] - one["metric_int8"]) <= 0.01
        assert one["renamed"] <= one["n"] // 100
    name = kept()["parity"][0]["bundle"].split()[0]
    bundle = load_bundle(name)
    made_by = recipe.from_mapping(Recipe, bundle.manifest.recipe)
    graph = export.Graph(read_back.network(bundle.model, made_by), one_of_many=made_by.one_of_many).eval()
    twins = contenders.Twins(kept()["parity"][0]["bundle"], made_by, graph, bundle.model, bundle.model, None, "its own")
    same = parity.compare(twins, parity.recordings(made_by, ecg_data, 8, silent))
    assert (same.recordings, same.n) == (kept()["parity"][0]["recordings"], 8)
    assert same.metric == "accuracy"
    assert same.float_to_int8 == same.renamed == 0  # the same file on both sides
    assert same.metric_change == {"value": 0.0}
    assert same.torch_to_float > export.PARITY  # of which the one is int8


def test_the_docs_name_every_field() -> None:
    page = (ROOT / "docs/bench.md").read_text(encoding="utf-8").split("## JSON")[1]
    named = [
        set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", part, re.M)))) for part in page.split("Of a ")
    ]
    of_rows, of_parity = (
        {field.name for field in dataclasses.fields(kind)} for kind in (comparison.Row, parity.Parity)
    )
    assert named == [set(kept()), of_rows, of_parity]
    for field in dataclasses.fields(comparison.Speed):
        assert f"`{field.name}`" in page


def test_heartkit_is_of_the_published_size() -> None:
    """Its page: 27 K parameters, 1.6 M operations a frame; 1.53 M are those of its convolutions and dense layer."""
    network = heartkit.HeartKit()
    size = counted(network, heartkit.N_TIME, 1)
    statistics = sum(buffer.numel() for name, buffer in network.named_buffers() if "running" in name)
    assert round((size["parameters"] + statistics) / 1000) in (27, 28)
    assert round(size["parameters"] / 1000) == 26
    assert size["parameters"] < 27_000 < size["parameters"] + statistics
    assert 1.4e6 < 2 * size["macs"] < 1.6e6
    assert network.eval()(torch.zeros(1, 1, 1, heartkit.N_TIME)).shape == (1, len(heartkit.LABELS))


def test_heartkits_arena_is_known_where_its_file_runs(measured: Result) -> None:
    row = rows(measured)["HeartKit, 4 rhythms, int8", "LiteRT"]
    if not tflm.is_installed():
        assert "tflite-micro is not installed" in row["arena_absent"]
        return
    assert heartkit.N_TIME * 8 < row["arena_bytes"] < 64_000  # two tensors of 400 x 16 at once, and its tables
    assert rows(measured)["MobileNet 1-D, int8", "LiteRT"]["arena_absent"] == "not int8 throughout"


def trained(of: Recipe) -> nn.Module:
    """A network whose norms are not those of a fresh one."""
    torch.manual_seed(1)
    network = network_of(of)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                assert values is not None
                values.uniform_(0.5, 1.5)
    return network.eval()


def test_a_network_is_read_back_from_its_file() -> None:
    graph = export.Graph(trained(SMALL), temperature=1.7)
    x = contenders._simulated(4)
    named = export.to_float(graph, x)
    model = export.stripped(named)
    again = export.Graph(read_back.network(model, SMALL)).eval()
    with torch.inference_mode():
        said = np.concatenate([again(torch.from_numpy(w[None]))["probabilities"].numpy() for w in x])
    np.testing.assert_allclose(said, export.run(model, x), atol=1e-5)
    int8 = read_back.network(export.stripped(export.to_int8(named, x)), SMALL)
    exact = read_back.network(model, SMALL)
    for of_int8, of_float in zip(int8.parameters(), exact.parameters(), strict=True):
        step = float(of_float.detach().abs().max()) / 127  # int8's, of the whole tensor; a channel's own is finer
        assert float((of_int8 - of_float).detach().abs().max()) <= 0.51 * step + 1e-6


def test_another_networks_file_is_refused() -> None:
    model = load_bundle().model
    with pytest.raises(LabError, match="as recipe small has it"):
        read_back.network(model, SMALL)
    of_file = export.operations(model)
    n_layers = sum(of_file[name] for name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"))
    longer = dataclasses.replace(SMALL, network=NetworkRecipe(blocks=((8, 1, 1),) * 30))
    with pytest.raises(LabError, match=f"a file with {n_layers} layers"):
        read_back.network(model, longer)


@pytest.mark.skipif(not tflm.is_installed(), reason="tflite-micro is not installed")
def test_the_file_for_microcontrollers_has_its_row(tmp_path: Path) -> None:
    made_by = recipe.load(ROOT / "recipes/micro-rhythm.toml")
    condition = Condition()
    x = [
        condition(torch.from_numpy(decimated(simulate("SR", seed=k)).astype(np.float32))[None, :, None]) for k in (1, 2)
    ]
    examples = np.concatenate([one[:, :, 0].permute(0, 2, 1).numpy() for one in x])
    torch.manual_seed(0)
    made = micro.convert(network_of(made_by).eval(), 1.0, examples, one_of_many=True)
    known = MicroFile("micro.tflite", "", len(made.model), 0.0, made.arena_bytes, recipe=dataclasses.asdict(made_by))
    bundle = load_bundle()
    bundle = dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, micro=known), micro=made.model)
    (row,) = contenders._micro(bundle, tmp_path)
    assert (row.input, row.bytes, row.conditioning_macs) == ((1, 1000, 12), len(made.model), 0)
    assert comparison._arena(row) == (made.arena_bytes, "")
    lap = race.race([row], 1, 3, 1, silent)[row]
    assert len(lap.turn_ms) == 3


def test_a_model_that_does_not_run_stops_no_other(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.tflite", tmp_path / "bad.tflite"
    good.write_bytes(load_bundle().model)
    bad.write_bytes(b"no model")
    made = [Contender(path.stem, "LiteRT", "int8", path, (1, 5000, 12), 1, 1, 1, 0, "a file") for path in (bad, good)]
    laps = race.race(made, 1, 3, 1, silent)
    assert len(laps[made[1]].turn_ms) == 3
    assert "bad, LiteRT does not run" in laps[made[0]].failed
    assert laps[made[0]].turn_ms == ()


def test_a_package_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contenders, "missing", lambda: "onnxruntime not installed: pip install onnxruntime")
    monkeypatch.setattr(tflm, "is_installed", lambda: False)
    made, twins = contenders.ours([load_bundle()], {}, tmp_path, silent)
    row = comparison.row(made[-2], {n: {REFERENCE_ROW: race.Lap((1.0,), 1, 2)} for n in comparison.THREADS})
    assert (row.runtime, row.bytes, row.speed) == ("onnxruntime", None, {"1": None, "2": None})
    assert twins[0].onnx is None
    text = report.costs({"rows": [json.loads(json.dumps(dataclasses.asdict(row)))]})
    assert "absent: onnxruntime not installed" in text


REFERENCE_ROW = Contender(REFERENCE, "LiteRT", "float", None, (1, 5000, 12), 1, 1, 1, 0, "the reference")


def test_a_float_bundle_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="a float bundle of ptb-xl-rhythm"):
        contenders.ours([load_bundle()], {"ptb-xl-rhythm": load_bundle("ptb-xl-rhythm")}, tmp_path, silent)


def test_a_worker_loads_its_own_runtime_alone() -> None:
    """Else the memory of a row would be another runtime's."""
    import subprocess

    code = "import sys; import ecglite.lab.bench.worker; print('torch' in sys.modules, 'ai_edge_litert' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False"]
