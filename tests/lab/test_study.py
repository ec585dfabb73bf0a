"""The study: its folds, its units, and that neither a kill nor another engine changes a figure."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import write_chapman

from ecglite.cli import cli
from ecglite.edge.errors import LabError, RecipeError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import prepare
from ecglite.lab.datasets import found
from ecglite.lab.study import description, engine, plan, report, unit

SMALL = """
name = "small"
folds = 2
watched = 10
calibration_records = 8

[methods.as-published]
[methods.as-published.preparation]
scaling = "min-max"
whole_leads_only = true
[methods.as-published.training]
epochs = 4
batch_size = 8
learning_rate = 1e-3
schedule = "constant"
weight_decay = 0.0
clip = 0.0
balance = 0.0
mixup = 0.0
average = 0.0

[methods.our-own]
augmented = true
[methods.our-own.training]
epochs = 4
batch_size = 8

[ours]
stem = 8
blocks = [[8, 2, 1], [16, 2, 1]]
kernel = 5

[[arms]]
network = "lenet"
method = "as-published"
[[arms]]
network = "ours"
method = "our-own"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in Chapman's layout with six recordings of each of four rhythms, a recipe, and a cache of its own."""
    folder = tmp_path_factory.mktemp("study")
    write_chapman(folder / "chapman", ("SB", "SR", "AFIB", "ST") * 6)
    (folder / "small.toml").write_text(SMALL)
    return folder


@pytest.fixture(autouse=True)
def own_cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(place / "cache"))


def planned(place: Path, out: Path) -> plan.Plan:
    recipe = description.load(str(place / "small.toml"))
    which, root = found(str(place / "chapman"), None)
    return plan.make(recipe, which, {100: prepare.prepare(which, root, lambda *_: None)}, out)


@pytest.fixture(scope="module")
def done(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, run once without a break."""
    os.environ["ECGLITE_CACHE"] = str(place / "cache")
    out = tmp_path_factory.mktemp("done") / "study"
    ended = CliRunner().invoke(
        cli,
        ["study", str(place / "chapman"), "--recipe", str(place / "small.toml"), "--out", str(out)],
        catch_exceptions=False,
    )
    assert ended.exit_code == 0, ended.output
    return out


def said(out: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Everything that the units of a study said, and their losses."""
    result = {}
    for folder in sorted((out / "units").iterdir()):
        result[f"{folder.name}/int8"] = np.load(folder / unit.INT8)
        result[f"{folder.name}/float"] = np.load(folder / unit.FLOAT)
        history = json.loads((folder / unit.RESULT).read_text())["history"]
        result[f"{folder.name}/loss"] = np.array([[line["train_loss"], line["test_loss"]] for line in history])
    return result


def assert_same(one: Path, other: Path) -> None:
    first, second = said(one), said(other)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


people = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 25), st.integers(0, 3)), min_size=8, max_size=60)


@settings(max_examples=60, deadline=None)
@given(people)
def test_nobody_and_no_copy_crosses_a_fold(rows: list[tuple[int, int, int]]) -> None:
    patients, digests = [f"p{p}" for p, _, _ in rows], [f"d{d}" for _, d, _ in rows]
    group = plan.persons(patients, digests)
    for names in (patients, digests):
        for name in set(names):
            assert len({group[k] for k, other in enumerate(names) if other == name}) == 1
    if len(set(group.tolist())) < 2:
        return
    fold = plan.folds_of(np.array([y for _, _, y in rows]), group, 2)
    assert set(fold.tolist()) <= {0, 1}
    for person in set(group.tolist()):
        assert len(set(fold[group == person].tolist())) == 1


def test_a_person_is_no_larger_than_need_be() -> None:
    group = plan.persons(["a", "a", "b", "c", "d"], ["1", "2", "2", "3", "4"])
    assert group.tolist() == [0, 0, 0, 1, 2]  # b has a copy of a's second recording


def test_folds_are_stratified_and_shares_keep_persons_whole() -> None:
    y = np.repeat([0, 1], [80, 20])
    fold = plan.folds_of(y, np.arange(100), 5)
    assert [int((y[fold == k] == 1).sum()) for k in range(5)] == [4] * 5
    group = np.repeat(np.arange(50), 2)
    share = plan.drawn_share(group)
    assert (share[::2] == share[1::2]).all()
    assert (share < 0.2).sum() == 20


def test_no_unit_sees_its_test_fold(done: Path) -> None:
    made = plan.load(done)
    assert len(made.units()) == 4
    for one in made.units():
        training, test = made.training(one), made.test(one)
        assert not set(made.group[training]) & set(made.group[test])
        assert set(made.fold[test]) == {one.fold}
    tested = np.concatenate([made.test(one) for one in made.units() if one.arm.network == "ours"])
    assert sorted(tested) == list(range(24))


def test_an_arm_with_a_share_is_tested_on_the_whole_fold(place: Path, tmp_path: Path) -> None:
    (tmp_path / "half.toml").write_text(SMALL.replace('network = "lenet"', 'network = "lenet"\nshare = 0.5'))
    recipe = description.load(str(tmp_path / "half.toml"))
    which, root = found(str(place / "chapman"), None)
    made = plan.make(recipe, which, {100: prepare.prepare(which, root, lambda *_: None)}, tmp_path / "out")
    lenet, ours = made.units()[0], made.units()[2]
    assert len(made.training(lenet)) < 0.8 * len(made.training(ours))
    assert set(made.training(lenet)) < set(made.training(ours))
    assert (made.test(lenet) == made.test(ours)).all()


def test_the_int8_file_says_what_is_scored(done: Path) -> None:
    from ecglite.lab import export

    made = plan.load(done)
    one = made.units()[0]
    folder = done / "units" / one.name
    windows = unit.windows(unit.signals(made, one), made.row[made.test(one)])
    np.testing.assert_array_equal(
        export.run((folder / unit.INT8_MODEL).read_bytes(), windows), np.load(folder / unit.INT8)
    )
    np.testing.assert_allclose(
        export.run((folder / unit.FLOAT_MODEL).read_bytes(), windows), np.load(folder / unit.FLOAT), atol=1e-4
    )
    types = export.operations((folder / unit.INT8_MODEL).read_bytes())
    assert types["QUANTIZE"] >= 1
    assert len(list(folder.glob("last-*"))) == 0


def test_killed_at_any_moment_it_ends_the_same(place: Path, done: Path, tmp_path: Path) -> None:
    """`kill -9` of the command, several times, wherever it is; its workers go with it."""
    out = tmp_path / "study"
    command = [
        *(sys.executable, "-c", "from ecglite.cli import main; main()", "study", str(place / "chapman")),
        *("--recipe", str(place / "small.toml"), "--out", str(out), "--json"),
    ]

    def begun() -> set[str]:
        """Units that are half done: an epoch is kept, the result is not."""
        histories = out.glob("units/*/history.jsonl")
        return {path.parent.name for path in histories if not (path.parent / unit.RESULT).exists()}

    half_done: set[str] = set()
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 240
        while process.poll() is None and not begun() - half_done and time.monotonic() < until:
            time.sleep(0.02)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        process.send_signal(signal.SIGKILL)
        process.wait()
        half_done |= begun()
        until = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < until:
            time.sleep(0.1)
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()], "a worker outlives its command"
    assert len(half_done) >= 2
    last = subprocess.run(command, capture_output=True, text=True, check=True, timeout=400)
    assert_same(out, done)
    results = json.loads(last.stdout)
    whole = json.loads((done / "results.json").read_text())
    for name, arm in whole["arms"].items():
        for key in ("int8", "float", "int8_minus_float", "accuracy_by_seed"):
            assert results["arms"][name][key] == arm[key]
    assert results["baselines"] == whole["baselines"]
    assert results["data"] == whole["data"]


def test_ray_gives_the_same_figures(place: Path, done: Path, tmp_path: Path) -> None:
    """On a cluster of two nodes, each a set of processes of its own."""
    pytest.importorskip("ray", reason="the ray extra is not installed")
    planned(place, tmp_path / "study")
    script = tmp_path / "cluster.py"
    script.write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        "os.environ['RAY_AUTH_MODE'] = 'disabled'\n"
        "import ray\n"
        "from ray.cluster_utils import Cluster\n"
        "from ecglite.lab.study import engine, plan\n"
        "cluster = Cluster(initialize_head=True, head_node_args={'num_cpus': 1, 'include_dashboard': False})\n"
        "cluster.add_node(num_cpus=1)\n"
        "ray.init(address=cluster.address, log_to_driver=False)\n"
        "out = Path(sys.argv[1])\n"
        "print('nodes', len([node for node in ray.nodes() if node['Alive']]))\n"
        "engine.run_all(out, plan.load(out), 'ray', 0, lambda *_: None)\n"
        "ray.shutdown()\n"
        "cluster.shutdown()\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "study")], capture_output=True, text=True, check=False, timeout=900
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "nodes 2" in ended.stdout
    assert_same(tmp_path / "study", done)


def test_a_unit_that_fails_leaves_the_others_alone(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "study"
    made = planned(place, out)
    broken = out / "units" / made.units()[0].name
    broken.mkdir(parents=True)
    (broken / "history.jsonl").write_text('{"epoch": 1}\n')  # says an epoch is done; its weights are not there
    with pytest.raises(LabError, match=r"1 of 4 units failed, first lenet-1d-as-published-fold1-seed0: .*run the same"):
        engine.run_all(out, made, "local", 2, lambda *_: None)
    assert sum((out / "units" / one.name / unit.RESULT).exists() for one in made.units()) == 3


def test_another_study_is_not_taken_up(place: Path, done: Path, tmp_path: Path) -> None:
    which, root = found(str(place / "chapman"), None)
    prepared = {100: prepare.prepare(which, root, lambda *_: None)}
    (tmp_path / "other.toml").write_text(SMALL.replace("epochs = 4", "epochs = 5"))
    other = description.load(str(tmp_path / "other.toml"))
    with pytest.raises(LabError, match="holds another study"):
        plan.make(other, which, prepared, done)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(LabError, match="holds no study"):
        plan.make(other, which, prepared, tmp_path / "mine")
    with pytest.raises(LabError, match="holds no study"):
        plan.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('network = "lenet"', 'network = "alexnet"', r"arms.network = 'alexnet'; allowed: .*mobilenet"),
        ('network = "ours"', 'network = "ours"\ndimension = 2', "arms.dimension = 2; allowed: 1 for our own"),
        ('network = "lenet"', 'network = "lenet"\nshare = 0.0', "arms.share = 0.0"),
        ('method = "our-own"', 'method = "theirs"', "arms.method = 'theirs'"),
        ("folds = 2", "folds = 1", "folds = 1"),
        ("folds = 2", "seeds = [1, 1]", "seeds"),
        ('scaling = "min-max"', 'scaling = "z"', r"preparation.scaling = 'z'; allowed: baseline or min-max"),
        ("epochs = 4", "epoch = 4", r"unknown recipe field methods.as-published.training.epoch"),
        ('schedule = "constant"', 'schedule = "never"', "training.schedule"),
        ('name = "small"', 'name = "a b"', "name = 'a b'"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, old: str, new: str, match: str) -> None:
    assert old in SMALL
    (tmp_path / "r.toml").write_text(SMALL.replace(old, new, 1))
    with pytest.raises(RecipeError, match=match):
        description.load(str(tmp_path / "r.toml"))


def test_every_recipe_of_the_package_loads_and_has_all_networks() -> None:
    assert description.names() == ["ptb-xl", "published", "quick"]
    for name in description.names():
        recipe = description.load(name)
        assert recipe.name == name
        arms = {(arm.network, arm.dimension) for arm in recipe.arms if arm.network != "ours"}
        assert arms == {(network, d) for network in ("lenet", "mobilenet", "resnet") for d in (1, 2)}
        assert any(arm.network == "ours" for arm in recipe.arms)
        assert recipe == description.from_mapping(description.StudyRecipe, json.loads(json.dumps(recipe.mapping())))
    assert description.load("published").methods["as-published"].preparation.rate_hz == 500
    assert description.load("published").methods["as-published"].training.batch_size == 16
    with pytest.raises(RecipeError, match=r"no study recipe 'publisht'; allowed: ptb-xl, published, quick"):
        description.load("publisht")


def test_the_cache_may_move(place: Path, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(done, tmp_path / "study")
    monkeypatch.setenv("ECGLITE_CACHE", str(tmp_path / "elsewhere"))
    made = planned(place, tmp_path / "study")
    assert str(tmp_path / "elsewhere") in plan.load(tmp_path / "study").arrays[100]
    assert made.facts["fingerprint"] == plan.load(done).facts["fingerprint"]


def test_a_preparation_that_leaves_nothing_is_refused(place: Path, tmp_path: Path) -> None:
    recipe = description.load(str(place / "small.toml"))
    which, root = found(str(place / "chapman"), None)
    prepared = prepare.prepare(which, root, lambda *_: None)
    one_lead = dataclasses.replace(
        prepared, facts=tuple(dataclasses.replace(facts, empty_leads=("II",)) for facts in prepared.facts)
    )
    with pytest.raises(LabError, match="whole_leads_only drops every recording"):
        plan.make(recipe, which, {100: one_lead}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folds_of_classes_too_small_to_stratify() -> None:
    fold = plan.folds_of(np.repeat(np.arange(5), 2), np.arange(10), 5)
    assert sorted(np.bincount(fold)) == [2] * 5


def test_several_seeds_do_not_swell_the_counts(place: Path, tmp_path: Path) -> None:
    text = SMALL.replace("folds = 2", "folds = 2\nseeds = [0, 1]").replace("epochs = 4", "epochs = 1")
    (tmp_path / "two.toml").write_text(text[: text.index('[[arms]]\nnetwork = "ours"')])
    ended = CliRunner().invoke(
        cli,
        [
            "study",
            str(place / "chapman"),
            "--recipe",
            str(tmp_path / "two.toml"),
            "--out",
            str(tmp_path / "o"),
            "--json",
        ],
        catch_exceptions=False,
    )
    arm = json.loads(ended.stdout)["arms"]["lenet-1d-as-published"]
    assert arm["int8"]["n"] == 24
    assert set(arm["accuracy_by_seed"]) == {"0", "1"}
    assert len(arm["units"]) == 4


def test_too_few_records_are_refused(place: Path, tmp_path: Path) -> None:
    write_chapman(tmp_path / "chapman", ("SB", "SR"))
    ended = CliRunner().invoke(cli, ["study", str(tmp_path / "chapman"), "--recipe", "quick"], catch_exceptions=True)
    assert isinstance(ended.exception, LabError)
    assert "2 labelled records" in str(ended.exception)
    nowhere = CliRunner().invoke(cli, ["study", str(tmp_path / "nowhere")], catch_exceptions=True)
    assert "neither a database nor a folder" in str(nowhere.exception)


@pytest.fixture(scope="module")
def quick(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user does: one command on a folder in Chapman's layout, 600 recordings of all eleven rhythms."""
    os.environ["ECGLITE_CACHE"] = str(place / "cache")
    folder = tmp_path_factory.mktemp("chapman600")
    rhythms = [rhythm for rhythm in RHYTHMS for _ in range(55)][:594] + ["SAAWR"] * 6
    write_chapman(folder / "chapman", [rhythms[k * 7 % 600] for k in range(600)])
    out = folder / "study"
    ended = CliRunner().invoke(
        cli, ["study", str(folder / "chapman"), "--recipe", "quick", "--out", str(out)], catch_exceptions=False
    )
    assert ended.exit_code == 0, ended.output
    assert "report.html" in ended.stdout
    return out


def test_every_table_and_figure_is_there(quick: Path) -> None:
    text = (quick / "report.md").read_text(encoding="utf-8")
    for heading in ("Table 1", "Table 2", "Beside the study's own", "Figure 4", "Confusion", "Per class", "Leakage"):
        assert re.search(rf"^## {heading}", text, re.MULTILINE), heading
    for row in ("LeNet-5 1-D", "LeNet-5 2-D", "MobileNet 1-D", "MobileNet 2-D", "ResNet-18 1-D", "ResNet-18 2-D"):
        assert len(re.findall(rf"^\| {row}, as-published", text, re.MULTILINE)) == 4, row  # two tables, two of classes
    assert "| patients in more than one fold | 0 |" in text
    assert "| of these in more than one fold | 0 |" in text
    for rhythm in RHYTHMS:
        assert f"{rhythm} (" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    page = (quick / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "<script" not in page
    assert "http" not in re.sub(r'(xmlns(:\w+)?|rdf:resource|href)="[^"]*"|<dc:\w+>[^<]*', "", page)
    for name in re.findall(r"\]\((figures/\S+)\.svg\)", text):
        assert (quick / f"{name}.svg").stat().st_size > 5000
        assert (quick / f"{name}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_tables_add_up(quick: Path) -> None:
    results = json.loads((quick / "results.json").read_text(encoding="utf-8"))
    assert results["labels"] == list(RHYTHMS)
    assert sum(results["data"]["counts"].values()) == 600
    made = plan.load(quick)
    for arm in made.recipe.arms:
        of = results["arms"][arm.name]
        assert of["int8"]["n"] == 600
        assert sum(map(sum, of["int8"]["confusion"]["rows"].values())) == 600
        mine = [one for one in made.units() if one.arm == arm]
        right = sum(
            int((np.load(quick / "units" / one.name / unit.INT8).argmax(1) == made.y[made.test(one)]).sum())
            for one in mine
        )
        assert of["int8"]["accuracy"]["value"] == pytest.approx(right / 600)
        assert [len(line["history"]) for line in of["units"]] == [made.method(arm).training.epochs] * 2
        assert of["costs"]["int8_bytes"] < 0.7 * of["costs"]["float_bytes"]
        assert of["costs"]["training_rss_bytes"] > results["import_rss_bytes"] > 1e8
        assert of["accuracy_by_seed"]["0"] == of["int8"]["accuracy"]
    costs = {name: of["costs"] for name, of in results["arms"].items()}
    assert costs["resnet-2d-as-published"]["float_ms"] > costs["lenet-1d-as-published"]["float_ms"]
    slow, fast = results["arms"]["resnet-2d-as-published"], results["arms"]["lenet-1d-as-published"]
    assert slow["training_ms_per_record"] > 3 * fast["training_ms_per_record"]
    assert results["at_5000"]["mobilenet-1d"]["parameters"] == 3_188_779
    majority = results["baselines"]["most frequent rhythm"]
    assert majority["accuracy"]["value"] == pytest.approx(max(results["data"]["counts"].values()) / 600, abs=0.05)
    boosting = results["baselines"]["gradient boosting on the publisher's measurements"]
    assert "VentricularRate" in boosting["columns"]
    assert boosting["accuracy"]["value"] > majority["accuracy"]["value"]


def test_a_second_run_trains_nothing(quick: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in quick.glob("units/*/*")}
    results = (quick / "results.json").read_text(encoding="utf-8")
    ended = CliRunner().invoke(
        cli,
        ["study", str(quick.parent / "chapman"), "--recipe", "quick", "--out", str(quick), "--json"],
        catch_exceptions=False,
    )
    assert json.loads(ended.stdout) == json.loads(results)
    assert {path: path.stat().st_mtime_ns for path in quick.glob("units/*/*")} == before


def test_the_report_that_is_kept_is_made_from_the_results_that_are_kept(tmp_path: Path) -> None:
    kept = Path(__file__).parents[2] / "docs/results/ptb-xl"
    results = json.loads((kept / "results.json").read_text(encoding="utf-8"))
    report.write_all(tmp_path, results)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == (kept / "report.md").read_text(encoding="utf-8")
    for picture in (tmp_path / "figures").glob("*.svg"):
        assert (kept / "figures" / picture.name).is_file()
    recipe = description.load("ptb-xl")
    assert description.from_mapping(description.StudyRecipe, results["recipe"]) == recipe
    assert results["data"]["audit"]["patients_across_folds"] == 0
    assert results["data"]["audit"]["identical_records_across_folds"] == 0
    assert not any(commit.endswith("-dirty") for commit in results["commits"])
