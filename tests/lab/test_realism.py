"""The simulator held against real recordings: known answers, honest splits, resumption; on simulated copies."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from layouts import write_chapman, write_ptb_xl

from ecglite.cli import cli, realism
from ecglite.edge.errors import LabError, SimulationError
from ecglite.lab import evaluation
from ecglite.lab.evaluation import Predictions
from ecglite.lab.realism import ablation, add, apart, distributions, features, fitted, source, transfer
from ecglite.lab.recipe import NetworkRecipe, Recipe, SimulatedRecipe, TrainingRecipe
from ecglite.simulator import Options, Realism, Recorder, make
from ecglite.simulator.recorder import Levels

STATEMENTS = (("{'SR': 0.0}", "SR"), ("{'SR': 0.0}", "SR"), ("{'AFIB': 0.0}", "AFIB"))
TINY = Recipe(
    name="tiny",
    version="0.0.1",
    labels=fitted.LABELS,
    network=NetworkRecipe(stem=8, blocks=((8, 2, 1), (16, 2, 1)), kernel=5, dropout=0.1),
    training=TrainingRecipe(epochs=2, batch_size=8, balance=0.0),
    simulated=SimulatedRecipe(rhythms=("SR", "AFIB", "SVT"), per_rhythm=6),
)


def silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 60 records of PTB-XL's layout and 12 of Chapman's, and a cache of its own."""
    folder = tmp_path_factory.mktemp("realism")
    write_ptb_xl(folder / "ptb-xl", [STATEMENTS[k // 10 % 3] for k in range(60)])
    write_chapman(folder / "chapman", ["SR", "AFIB", "SB"] * 4)
    return folder


@pytest.fixture(autouse=True)
def _cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECGLITE_CACHE", str(place / "cache"))
    monkeypatch.setenv("ECG_DATA", str(place))


def real(rhythms: tuple[str, ...], seed: int, name: str = "somewhere") -> source.Real:
    """Recordings that stand for real ones."""
    x = source.recordings(rhythms, seed, {})
    beats = tuple(tuple(0.5 + 0.8 * k for k in range(12)) for _ in rhythms)
    return source.Real(name, x, rhythms, tuple(f"{name} {k}" for k in range(len(rhythms))), beats, {"database": name})


def test_every_measure_belongs_to_a_family_and_is_found_on_a_sound_recording() -> None:
    names, table = features.measured(source.recordings(("SR", "AFIB"), 1, {}))
    assert table.shape == (2, len(names))
    assert {features.family(name) for name in names} == set(features.FAMILIES)
    assert sum(map(len, features.of_families(names).values())) == len(names)
    assert np.isfinite(table).all()
    rate = table[0, names.index("RR: heart rate")]
    assert 60 < rate < 100


def test_a_flat_recording_has_missing_measures_and_breaks_nothing() -> None:
    names, table = features.measured(np.zeros((1, 12, 1000), np.float16))
    assert np.isnan(table[0, names.index("RR: heart rate")])


def test_one_source_split_at_random_is_not_told_apart_and_a_planted_giveaway_is() -> None:
    rng = np.random.default_rng(5)
    names = ["RR: a", "RR: b", "noise: c", "noise: d", "space: e"]
    one, other = rng.normal(size=(150, 5)), rng.normal(size=(150, 5))
    patients = [f"p{k}" for k in range(150)]
    same = apart.told_apart(names, one, other, patients)
    assert abs(same["auc"]["value"] - 0.5) < 0.1
    assert same["auc"]["low"] < 0.55
    other[:, 3] += 5.0
    planted = apart.told_apart(names, one, other, patients)
    assert planted["auc"]["value"] > 0.98
    assert planted["measures"][0]["measure"] == "noise: d"
    assert planted["measures"][0]["auc"] > 0.99
    assert next(iter(planted["families"])) == "noise"
    assert planted["families"]["noise"]["lost"] > 0.3 > planted["families"]["RR"]["lost"]


def test_a_patient_with_many_records_teaches_nothing_about_his_own() -> None:
    # every patient is a point that can be learned by heart, and nothing separates the kinds
    rng = np.random.default_rng(6)
    one, other = (np.repeat(rng.normal(size=(15, 3)), 10, axis=0) for _ in range(2))
    patients = [f"p{k // 10}" for k in range(150)]
    found = apart.told_apart(["RR: a", "P: b", "space: c"], one, other + rng.normal(0, 1, other.shape), patients)
    assert found["auc"]["value"] < 0.95
    y = np.arange(300) >= 150
    fold = apart.folds_of(y, [*patients, *(f"s{k}" for k in range(150))], 5, 0)
    assert all(len(set(fold[:150][np.array(patients) == name])) == 1 for name in set(patients))
    assert set(fold[y]) == set(fold[~y]) == set(range(5))


def test_a_measure_that_one_side_lacks_tells_them_apart() -> None:
    rng = np.random.default_rng(7)
    one, other = rng.normal(size=(30, 1)), np.full((30, 1), np.nan)
    (row,) = apart.alone(["P: a"], one, other)
    assert row["auc"] == 0.0
    assert row["simulated"] is None


def test_one_recording_of_a_patient_comes_before_two_of_another() -> None:
    kind = real(("SR",) * 24, 2)
    kind = dataclasses.replace(kind, patients=tuple(f"p{min(k, 11)}" for k in range(24)))
    rows = apart.chosen(kind, 12, ("SR", "AF"), 0)
    assert list(rows) == ["SR"]
    assert len({kind.patients[row] for row in rows["SR"]}) == 12


def test_a_network_tells_a_planted_giveaway_and_resumes(tmp_path: Path) -> None:
    kind = real(("SR",) * 40, 3)
    x = kind.x.astype(np.float32) * np.where(np.arange(1000) < 500, 1.0, 4.0)
    kind = dataclasses.replace(kind, x=x.astype(np.float16))
    arguments: Any = (kind, 40, ("SR",), {}, 0, 12, tmp_path, silent)
    found = apart.by_network(*arguments)
    assert found["rhythms"]["SR"]["value"] > 0.95
    assert apart.by_network(*arguments) == found


def test_simulated_recordings_are_the_same_each_time_and_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHUNK", 2)
    names = ["SR", "AF", "SR"]
    (tmp_path / "whole").mkdir()
    for number, some in enumerate((names[:2], names[2:])):
        source._chunk(some, 0, number, {}, tmp_path / "whole" / f"{number}.npy")
    both = np.concatenate([np.load(tmp_path / "whole" / f"{number}.npy") for number in range(2)])
    at = tmp_path / f"simulated-{source.stamp(names, 0, {})}"
    at.mkdir()
    source._chunk(names[:2], 0, 0, {}, at / "00000.npy")  # an interrupted run has left this one
    made = source.made(names, 0, {}, tmp_path, silent)
    assert np.array_equal(made.x, both)
    assert made.facts["records"] == {"SR": 2, "AF": 1}
    assert not np.array_equal(made.x[0], made.x[2])
    other = source.made(names, 1, {}, tmp_path, silent)
    assert not np.array_equal(made.x, other.x)
    assert np.abs(both.astype(np.float32)).max() < 10


@pytest.mark.parametrize("file", ["body/tables.py", "chapman.json"])
def test_another_simulator_has_another_stamp(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = source.stamp(["SR"], 0, {})
    copy = tmp_path / "simulator"
    shutil.copytree(source.SIMULATOR, copy)
    monkeypatch.setattr(source, "SIMULATOR", copy)
    assert source.stamp(["SR"], 0, {}) == before
    (copy / file).write_text((copy / file).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert source.stamp(["SR"], 0, {}) != before


def test_a_switch_that_the_simulator_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="anatomy"):
        source.made(["SR"], 0, {"anatomy": 3}, tmp_path, silent)


def test_nested_switches_reach_the_simulator() -> None:
    how, options = {"levels": {"muscle": 3, "mains": 0.0}, "lead_error": "arms reversed"}, {"ratio": 4}
    made, _ = source.recording("AF", 3, {"how": how, "options": options}, 500.0)
    known = Recorder(levels=Levels(muscle=3, mains=0.0), lead_error="arms reversed")
    expected = make("AF", 3, how=known, options=Options(ratio=4)).record
    assert np.allclose(made.signal_mv, expected.signal_mv, atol=0.001)
    assert source.stamp(["AF"], 0, {"how": how}) != source.stamp(["AF"], 0, {})


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({"how": {"colour": 1}}, "colour"),
        ({"how": {"levels": {"hum": 1}}}, "hum"),
        ({"how": {"mains_hz": "fifty"}}, "mains_hz"),
        ({"how": 3}, "how=3"),
        ({"options": {"ratio": 2.5}}, "ratio"),
        ({"options": {"ratio": 9}}, "9:1"),
        ({"options": {"blocks": 1}}, "blocks"),
        ({"realism": {"noise": 0}}, "realism.noise=0"),
        ({"realism": {"charm": False}}, "charm"),
        ({"person": {"age_years": 3}}, "person"),
    ],
)
def test_a_nested_switch_that_the_simulator_lacks_is_refused(switches: dict[str, Any], named: str) -> None:
    with pytest.raises(SimulationError, match=named):
        source.recordings(["AF"], 0, switches)


def test_switches_are_read_with_the_commas_within_their_brackets() -> None:
    given = 'how={"levels":{"muscle":0,"mains":0},"lost":"V1"},noise=0.5,population_name=broad,traits=["rbbb","pvc"]'
    assert dict(realism._pairs(given, "--ablate", several=True)) == {
        "how": {"levels": {"muscle": 0, "mains": 0}, "lost": "V1"},
        "noise": 0.5,
        "population_name": "broad",
        "traits": ["rbbb", "pvc"],
    }
    assert realism._switches(("noise=0", "population_name=a,b")) == {"noise": 0, "population_name": "a,b"}
    for bad in ('how={"levels":', "loud", "noise=0,"):
        with pytest.raises(click.UsageError, match="--ablate"):
            realism._pairs(bad + ",x", "--ablate", several=True)


def test_transfer_fits_no_real_recording_and_resumes_to_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = [real(("SR", "AFIB") * 12, 900)]
    seen = []
    whole = fitted.fitted

    def spied(recipe: Recipe, training: fitted.Set, *rest: Any) -> Any:
        seen.append(training)
        return whole(recipe, training, *rest)

    monkeypatch.setattr(fitted, "fitted", spied)
    arms = {transfer.FULL: {}, "noise=0": {"noise": 0}}
    found = transfer.run(TINY, tests, arms, 1, tmp_path, silent)
    of_tests = {row.tobytes() for row in tests[0].x}
    for training, switches in zip(seen, arms.values(), strict=True):
        names = ["SR", "AFIB", "SVT"] * 6
        assert np.array_equal(training.x[:, :, 0].numpy(), source.made(names, 0, switches, tmp_path, silent).x)
        assert not of_tests & {row.tobytes() for row in training.x.numpy()}
        assert training.facts["real"] is None
    (test,) = found["tests"]
    first, other = test["arms"].values()
    assert first["all_outputs"]["n"] == 24
    assert first["over_first"] is None
    assert "value" in other["over_first"]["balanced_accuracy_n10"]
    assert set(test["baseline"]) >= {"title", "accuracy", "balanced_accuracy_n10"}
    named = first["known_outputs"]["confusion"]
    at = [k for k, column in enumerate(named["columns"]) if column not in ("SR", "AFIB")]
    assert all(row[k] == 0 for row in named["rows"].values() for k in at)
    again = transfer.run(TINY, tests, arms, 1, tmp_path, silent)
    assert again == found
    assert "noise=0" in transfer.text(found)


def test_an_ablation_leaves_out_each_piece_then_all_and_says_what_is_missed_most_first() -> None:
    pieces = [field.name for field in dataclasses.fields(Realism)]
    arms = ablation.arms({"noise": 0.5})
    assert list(arms) == [transfer.FULL, *(f"without {piece}" for piece in pieces), ablation.PLAIN]
    assert arms[transfer.FULL] == {"noise": 0.5}
    assert arms["without beats"] == {"noise": 0.5, "realism": {"beats": False}}
    assert source.keywords(arms[ablation.PLAIN])["realism"] == Realism(**dict.fromkeys(pieces, False))
    silent_arms = ablation.arms({"realism": {"noise": False}})
    assert "without noise" not in silent_arms
    assert silent_arms["without beats"]["realism"] == {"noise": False, "beats": False}
    with pytest.raises(SimulationError, match="realism=3"):
        ablation.arms({"realism": 3})

    truth = ("SR",) * 20 + ("AFIB",) * 10
    named = {
        transfer.FULL: truth,
        "without a": ("SR",) * 30,
        "without b": ("AFIB",) * 2 + truth[2:],
        "without c": truth,
    }
    base = [said(truth, truth)]
    of_tests = {
        arm: {
            "all_outputs": transfer._figures([said(some, truth)]),
            "over_first": None if arm == transfer.FULL else evaluation.gains([said(some, truth)], base),
        }
        for arm, some in named.items()
    }
    trained_on = {transfer.FULL: [{}]}
    test = {"title": "there", "arms": of_tests}
    rows = ablation.text({"parameters": 9, "trained_on": trained_on, "tests": [test]}).splitlines()[4:]
    assert [row.split(" | ")[2] for row in rows] == [transfer.FULL, "without a", "without b", "without c"]
    assert rows[1].startswith("| there | 30 | without a | 0.500 | -0.500 |")
    assert rows[2].startswith("| there | 30 | without b | 0.950 | -0.050 (-")


def test_a_fit_goes_on_after_its_last_epoch(tmp_path: Path) -> None:
    training = transfer.simulated_set(TINY, {}, tmp_path, silent)
    whole, _ = fitted.fitted(TINY, training, 2, tmp_path / "whole", "x", silent)

    def stop(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted.fitted(TINY, training, 2, tmp_path / "parts", "x", stop)
    resumed, _ = fitted.fitted(TINY, training, 2, tmp_path / "parts", "x", silent)
    for one, other in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_network_over_a_hundred_thousand_parameters_is_refused() -> None:
    assert fitted.parameters(fitted.network(fitted.DEFAULT)) <= fitted.MOST_PARAMETERS
    wide = dataclasses.replace(TINY, network=NetworkRecipe(stem=64, blocks=((256, 2, 1), (512, 2, 1))))
    with pytest.raises(LabError, match="parameters"):
        fitted.network(wide)


def test_add_gives_every_arm_the_same_budget_and_refuses_a_patient_on_two_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, tests = real(("SR", "AFIB") * 8, 50, "here"), [real(("SR", "AFIB") * 10, 51, "there")]
    with pytest.raises(LabError, match="two sides"):
        add.run(TINY, training, [training], {}, 1, tmp_path, silent)
    budgets = []
    whole = fitted.fitted

    def spied(recipe: Recipe, some: fitted.Set, steps: int, *rest: Any) -> Any:
        budgets.append((steps, len(some.y)))
        return whole(recipe, some, steps, *rest)

    monkeypatch.setattr(fitted, "fitted", spied)
    few = dataclasses.replace(TINY, simulated=dataclasses.replace(TINY.simulated, per_rhythm=1))
    found = add.run(few, training, tests, {}, 1, tmp_path, silent)
    assert budgets == [(2, 16), (2, 16 + len(add.THIN)), (2, 16 + 11)]
    arms = found["tests"][0]["arms"]
    assert list(arms) == list(add.ARMS)
    assert all(("over_real" in of) == (arm != add.REAL) for arm, of in arms.items())
    assert "| there | AFIB | 10 |" in add.text(found)
    both = add.run(few, training, tests, {}, 2, tmp_path, silent)["trained_on"]
    assert [of["simulated"]["seed"] for of in both["real and simulated, all rhythms"]] == [0, 1]
    assert [of["simulated"] for of in both[add.REAL]] == [None, None]


def said(named: tuple[str, ...], truth: tuple[str, ...]) -> Predictions:
    """Predictions that are sure of themselves."""
    labels = ("SR", "AFIB")
    p = np.array([[float(label == name) for label in labels] for name in named])
    return Predictions(labels, truth, named, p, np.zeros(len(p), np.bool_), tuple(map(str, range(len(p)))))


def test_gains_are_those_of_known_predictions() -> None:
    truth = ("SR",) * 20 + ("AFIB",) * 10
    right, half = said(truth, truth), said(("SR",) * 25 + ("AFIB",) * 5, truth)
    found = evaluation.gains([right], [half])
    assert found["accuracy"]["value"] == pytest.approx(5 / 30)
    assert found["balanced_accuracy_n10"]["value"] == pytest.approx(0.25)
    assert found["per_class"]["AFIB"]["sensitivity"]["value"] == pytest.approx(0.5)
    assert found["per_class"]["SR"]["sensitivity"]["value"] == 0.0
    assert found["per_class"]["AFIB"]["auc"]["value"] == pytest.approx(0.25)
    assert 0.05 < found["balanced_accuracy_n10"]["low"] < 0.25 < found["balanced_accuracy_n10"]["high"] < 0.45
    mean = evaluation.gains([right, half], [half, half])
    assert mean["balanced_accuracy_n10"]["value"] == pytest.approx(0.125)
    assert evaluation.gains([right], [right])["accuracy"] == {"value": 0.0}


def test_the_area_under_the_curve_is_that_of_known_scores() -> None:
    positive = np.array([False, False, True, True])
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert evaluation.auc(scores, positive, (), resamples=False) == {"value": 0.75}
    found = evaluation.auc(scores, positive, ("a", "b", "c", "d"))
    assert found["value"] == 0.75
    assert 0.0 <= found["low"] <= 0.75 <= found["high"] == 1.0


def test_distributions_are_compared_as_known() -> None:
    rng = np.random.default_rng(8)
    one = rng.normal(size=400)
    assert distributions.compared(one, one)["distance"] == 0.0
    assert distributions.compared(one, one + 100)["distance"] == 1.0
    assert distributions.compared(np.arange(4.0), np.arange(4.0) + 1)["distance"] == pytest.approx(0.25)
    alike = distributions.compared(one, rng.normal(size=400))
    assert alike["distance"] < alike["chance"] == pytest.approx(1.358 * np.sqrt(2 / 400))
    turned = distributions.compared(np.array([175.0, 178.0]), np.array([-179.0, -175.0]), turns=True)
    assert turned["simulated_quantiles"] == pytest.approx([182, 183, 184])
    assert len(alike["real_quantiles"]) == 39
    empty = distributions.compared(one, np.array([np.nan]))
    assert (empty["n_simulated"], empty["distance"]) == (0, None)


def test_measures_of_a_known_recording() -> None:
    record, truth = source.recording("SR", 4, {"noise": 0}, 500.0)
    found = distributions.measured(record)
    assert set(found) == set(distributions.MEASURES)
    assert 60 <= found["heart rate"] <= 100
    assert 50 < found["QRS"] < 160
    assert 280 < found["QT"] < 480
    assert -45 < found["QRS axis"] < 110
    assert set(truth) <= set(distributions.MEASURES)
    assert distributions.variability(np.full(8, 0.8))["RR variation"] == pytest.approx(0.0)


def invoked(*arguments: str) -> dict[str, Any]:
    """What a command prints with --json."""
    outcome = CliRunner().invoke(cli, ["realism", *arguments, "--json"], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def test_the_commands_print_and_keep_their_findings(place: Path, tmp_path: Path) -> None:
    out = str(tmp_path)
    found = invoked("tell-apart", "--quick", "--rhythms", "SR,AFIB,AF", "--folds", "1,2,3,4,5,6,7,8", "--out", out)
    assert found["rhythms"]["AF"] is None
    assert found["rhythms"]["SR"]["n_real"] == found["rhythms"]["SR"]["n_simulated"] >= 10
    assert found["real"]["folds"] == [1, 2, 3, 4, 5, 6, 7, 8]
    kept = json.loads((tmp_path / "tell-apart.json").read_text())
    assert {"command", "commit", "real", "simulated"} <= set(kept)
    written = (tmp_path / "tell-apart.md").read_text()
    assert "| AFIB |" in written
    assert written.startswith(
        "Real recordings: ptb-xl, folds 1, 2, 3, 4, 5, 6, 7, 8; the simulator was calibrated on some"
    )

    external = ("--external", "chapman", "--out", out, "--epochs", "1", "--per-rhythm", "1")
    found = invoked("transfer", *external, "--ablate", "noise=0")
    assert [test["title"] for test in found["tests"]] == [
        "ptb-xl, fold 9 (used to calibrate)",
        "chapman (used to calibrate)",
    ]
    assert list(found["tests"][0]["arms"]) == [transfer.FULL, "noise=0"]
    assert found["trained_on"][transfer.FULL][0]["simulated"]["sha256"]

    fits, sets = set((tmp_path / "runs").iterdir()), set(tmp_path.glob("simulated-*"))
    found = invoked("ablation", *external)
    pieces = [f"without {field.name}" for field in dataclasses.fields(Realism)]
    assert list(found["tests"][0]["arms"]) == [transfer.FULL, *pieces, ablation.PLAIN]
    assert found["trained_on"]["without noise"][0]["simulated"]["switches"] == {"realism": {"noise": False}}
    assert len(set((tmp_path / "runs").iterdir()) - fits) == len(pieces) + 1  # as it is: transfer's own
    assert len(set(tmp_path.glob("simulated-*")) - sets) == len(pieces) + 1
    assert "| plain generator |" in (tmp_path / "ablation.md").read_text()

    found = invoked("add", *external, "--fit-folds", "1,2")
    assert found["trained_on"][add.REAL][0]["real"]["folds"] == [1, 2]

    found = invoked("distributions", "--rhythms", "SR", "--per-rhythm", "4", "--out", out)
    assert {row["measure"] for row in found["rows"]} == set(distributions.MEASURES)
    for row in found["rows"]:
        assert (row["says"] == distributions.DRAWN) == (row["simulated"] == "truth")
        assert (row["says"] == distributions.EVIDENCE) == (row["simulated"] == "measured")
    assert {row["simulated"] for row in found["rows"] if row["measure"] == "QRS"} == {"truth", "measured"}
    assert "| drawn from this table, no evidence |" in (tmp_path / "distributions.md").read_text()
    assert found["bias"]["heart rate"]["n"] == 12
    assert (tmp_path / "figures" / "quantiles-qrs.svg").exists()
    assert invoked("distributions", "--rhythms", "SR", "--per-rhythm", "4", "--out", out)["rows"] == found["rows"]


def test_what_the_simulator_was_calibrated_on_is_said_and_pooled_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, tuple[int, ...]]] = []

    def some(name: str, data: Path | None, folds: tuple[int, ...], progress: Any) -> source.Real:
        asked.append((name, folds))
        return real(("SR",) * 2, 1, name)

    monkeypatch.setattr(source, "real", some)
    tests = realism._tests("9", "chapman,georgia,cpsc2018", None)
    assert [kind.name for kind in tests] == [
        "ptb-xl, fold 9 (used to calibrate)", "chapman (used to calibrate)", "georgia", "cpsc2018",
        "georgia + cpsc2018",
    ]  # fmt: skip
    assert realism._tests("10", "georgia", None)[0].name == "ptb-xl, fold 10"
    assert not any("chapman" in patient for patient in tests[-1].patients)
    external = next(option for option in realism.transfer.params if option.name == "external")
    assert "chapman" not in str(external.default)
    asked.clear()
    monkeypatch.setattr(apart, "quick", lambda kind, *_: {"rhythms": {}, "real": {"database": "ptb-xl", "folds": [9]}})
    monkeypatch.setattr(realism, "_say", lambda *_: None)
    invoke = CliRunner().invoke
    assert invoke(cli, ["realism", "tell-apart", "--quick"], catch_exceptions=False).exit_code == 0
    assert invoke(cli, ["realism", "tell-apart", "--quick", "--on", "georgia"], catch_exceptions=False).exit_code == 0
    assert asked == [("ptb-xl", (9,)), ("georgia", ())]
    assert "not calibrated" in source.standing({"database": "ptb-xl", "folds": [10]})
    for folds in ([], [9], [10, 8]):
        assert "calibrated on some" in source.standing({"database": "ptb-xl", "folds": folds})
    assert "calibrated on some" in source.standing({"database": "chapman", "folds": []})


@pytest.mark.parametrize(
    "arguments",
    [("tell-apart", "--folds", "nine"), ("tell-apart", "--rhythms", "VT"), ("transfer", "--switch", "loud")],
)
def test_a_bad_option_is_named(arguments: tuple[str, ...]) -> None:
    outcome = CliRunner().invoke(cli, ["realism", *arguments])
    assert outcome.exit_code == 2
    assert arguments[1] in outcome.output
