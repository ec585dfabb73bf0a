"""Figures against scikit-learn's, and the rules for what cannot be scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, log_loss, roc_auc_score

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import baselines, evaluation, scoring
from ecglite.lab.baselines import named_by_beats
from ecglite.lab.datasets import Measurements
from ecglite.lab.evaluation import OTHER, Predictions, always, difference, figures

LABELS = ("SB", "SR", "AFIB", "ST")


def random(n: int = 400, seed: int = 0, skill: float = 2.0) -> Predictions:
    """Predictions that are right more often than not, of patients with one to three records."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    scores = rng.standard_normal((n, 4)) + skill * np.eye(4)[truth]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Predictions(
        LABELS,
        tuple(LABELS[k] for k in truth),
        tuple(LABELS[k] for k in p.argmax(axis=1)),
        p,
        rng.random(n) < 0.2,
        tuple(f"patient {k}" for k in np.sort(rng.integers(0, n // 2, n))),
    )


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_scikit_learns(seed: int) -> None:
    p = random(seed=seed)
    found = figures(p)
    assert found["n"] == 400
    assert found["accuracy"]["value"] == pytest.approx(accuracy_score(p.truth, p.named))
    assert found["macro_f1_all"]["value"] == pytest.approx(f1_score(p.truth, p.named, average="macro"))
    assert found["balanced_accuracy_n10"]["value"] == pytest.approx(balanced_accuracy_score(p.truth, p.named))
    many = [label for label in LABELS if p.truth.count(label) >= 100]
    assert found["macro_f1_n100"]["classes"] == many
    assert found["macro_f1_n100"]["value"] == pytest.approx(f1_score(p.truth, p.named, labels=many, average="macro"))
    in_order = sorted(LABELS)
    columns = [LABELS.index(label) for label in in_order]
    assert found["log_loss"]["value"] == pytest.approx(log_loss(p.truth, p.probabilities[:, columns], labels=in_order))
    for k, label in enumerate(LABELS):
        area = roc_auc_score([t == label for t in p.truth], p.probabilities[:, k])
        assert found["macro_auc"]["per_class"][label] == pytest.approx(area)
    table = confusion_matrix(p.truth, p.named, labels=LABELS)
    assert [row[:4] for row in found["confusion"]["rows"].values()] == table.tolist()


def test_many_records_of_few_patients_make_no_interval() -> None:
    """Of two patients with AFIB a resample shows nothing, however many records they have."""
    p = random()
    few = ["A" if k % 2 else "B" for k in range(len(p.truth))]
    of_few = replace(p, groups=tuple(f if t == "AFIB" else g for f, t, g in zip(few, p.truth, p.groups, strict=True)))
    found, before = figures(of_few), figures(p)
    for name in ("macro_f1_all", "balanced_accuracy_n10", "macro_auc", "log_loss"):
        assert "low" in before[name]
        assert "low" not in found[name]
        assert found[name]["value"] == before[name]["value"]
    assert found["patients"] < before["patients"]
    # nor where every resample says the same
    sure = always(p, list(p.truth))
    assert figures(sure)["balanced_accuracy_n10"] == {"value": 1.0, "classes": list(LABELS)}


def test_intervals_hold_their_value() -> None:
    found = figures(random())
    for name in ("accuracy", "macro_f1_all", "macro_f1_n100", "balanced_accuracy_n10"):
        figure = found[name]
        assert figure["low"] < figure["value"] < figure["high"]
        assert 0.02 < figure["high"] - figure["low"] < 0.2


def test_intervals_cover_the_truth_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "RESAMPLES", 200)
    names = ("accuracy", "macro_f1_all", "balanced_accuracy_n10")
    truth = {name: figure for name, figure in figures(random(n=20000, seed=99)).items() if name in names}
    covered = np.zeros(len(names))
    for seed in range(60):
        found = figures(random(n=150, seed=seed), seed=seed)
        covered += np.array([found[name]["low"] <= truth[name]["value"] <= found[name]["high"] for name in truth])
    assert covered.min() >= 50  # of 60 at 95 %: 57 are expected, under 50 in one of ten thousand runs


def test_the_interval_of_an_accuracy_is_wilsons() -> None:
    p = replace(random(n=80), groups=tuple(map(str, range(80))))
    right = sum(t == name for t, name in zip(p.truth, p.named, strict=True))
    expected = binomtest(right, 80).proportion_ci(method="wilson")
    found = figures(p)["accuracy"]
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))


def test_patients_are_drawn_and_not_records() -> None:
    p = random(n=100)
    ten = {name: value * 10 for name, value in (("truth", p.truth), ("named", p.named), ("groups", p.groups))}
    tenfold = replace(p, **ten, probabilities=np.tile(p.probabilities, (10, 1)), abstained=np.tile(p.abstained, 10))
    for name in ("accuracy", "macro_f1_all"):
        a, b = figures(p)[name], figures(tenfold)[name]
        assert b["high"] - b["low"] == pytest.approx(a["high"] - a["low"], abs=1e-9)


def test_the_same_seed_gives_the_same_intervals() -> None:
    p = random(n=100)
    assert figures(p, seed=5) == figures(p, seed=5)
    assert figures(p, seed=5)["macro_f1_all"] != figures(p, seed=6)["macro_f1_all"]


def test_what_was_not_classified_counts_as_wrong() -> None:
    p = random(n=200)
    lost = [k for k in range(200) if p.truth[k] == p.named[k]][:10]
    named = tuple(OTHER if k in lost else name for k, name in enumerate(p.named))
    probabilities = p.probabilities.copy()
    probabilities[lost] = 0
    worse = figures(replace(p, named=named, probabilities=probabilities))
    assert worse["n"] == 200
    assert worse["not_classified"] == 10
    assert worse["accuracy"]["value"] == pytest.approx(figures(p)["accuracy"]["value"] - 10 / 200)
    assert "not classified" in worse["confusion"]["columns"]


def test_a_rhythm_that_the_model_never_learned_counts_as_wrong() -> None:
    p = random(n=200)
    truth = ("AVRT", *p.truth[1:])
    found = figures(replace(p, truth=truth))
    assert found["per_class"]["AVRT"] == {
        "n": 1,
        "named": 0,
        "right": 0,
        "sensitivity": 0.0,
        "precision": None,
        "f1": 0.0,
    }
    hits = [t == name for t, name in zip(truth, p.named, strict=True)]
    assert found["accuracy"]["value"] == pytest.approx(np.mean(hits))
    assert "AVRT" in found["macro_f1_all"]["classes"]


def test_an_abstention_is_scored_by_its_guess_and_counted() -> None:
    p = random()
    silent = replace(p, abstained=np.ones(400, np.bool_))
    assert figures(silent)["accuracy"] == figures(p)["accuracy"]
    assert figures(silent)["answered"] == {"n": 0, "accuracy": None}
    answered = ~p.abstained
    hits = np.array([t == name for t, name in zip(p.truth, p.named, strict=True)])
    assert figures(p)["answered"] == {"n": int(answered.sum()), "accuracy": pytest.approx(hits[answered].mean())}


def test_perfect_predictions() -> None:
    p = random(n=60, skill=100)
    found = figures(p)
    assert found["accuracy"]["value"] == found["macro_f1_all"]["value"] == 1
    assert found["accuracy"]["low"] < 0.97  # 60 right of 60 do not make a certainty
    assert found["macro_auc"]["value"] == 1
    assert found["calibration_error"] == pytest.approx(0, abs=1e-6)


def test_one_record() -> None:
    p = Predictions(("SR", "SB"), ("SR",), ("SR",), np.array([[0.9, 0.1]]), np.array([False]), ("a",))
    found = figures(p)
    assert found["accuracy"]["value"] == 1
    assert found["macro_auc"] is None
    assert found["macro_f1_n100"] is None


def test_calibration_error_by_hand() -> None:
    p = Predictions(
        ("SR", "SB"),
        ("SR",) * 5 + ("SB",) * 5,
        ("SR",) * 10,
        np.array([[0.9, 0.1]] * 10),
        np.zeros(10, np.bool_),
        tuple("abcdefghij"),
    )
    assert figures(p)["calibration_error"] == pytest.approx(0.4)


def test_baselines() -> None:
    p = random(n=50)
    assert set(always(p, ["SB"] * len(p.truth)).named) == {"SB"}
    share = np.mean([t == "SB" for t in p.truth])
    assert figures(always(p, ["SB"] * len(p.truth)))["accuracy"]["value"] == pytest.approx(share)
    regular = [np.arange(0, 10, 60 / bpm) for bpm in (45, 75, 130)]
    fast_and_slow = np.cumsum([0.5, 1.0] * 6)
    beats = [*regular, fast_and_slow, np.array([]), np.array([1.0])] + [np.arange(10.0)] * 44
    assert tuple(map(named_by_beats, beats[:6])) == ("SB", "SR", "ST", "AFIB", "SR", "SR")


def measured(counts: dict[str, int]) -> Measurements:
    """A column of two that tells the rhythms apart."""
    rng = np.random.default_rng(0)
    names = [rhythm for rhythm, n in counts.items() for _ in range(n)]
    values = [np.array([10.0 * list(counts).index(name) + rng.random(), rng.random()]) for name in names]
    ids = [f"r{k}" for k in range(len(names))]
    return Measurements(("a", "b"), dict(zip(ids, values, strict=True)), dict(zip(ids, names, strict=True)))


def test_boosting_names_a_whole_database_from_its_other_folds() -> None:
    of = measured({"SB": 120, "SR": 150, "AF": 1})
    asked = [*of.rows][::-1]
    named = baselines.boosted_outside(of, asked)
    assert named is not None
    right = [name == of.rhythms[one] for name, one in zip(named, asked, strict=True)]
    assert not right[0]  # the only one of its rhythm is named by a model that has not seen it
    assert all(right[1:])
    assert baselines.boosted_outside(of, asked[10:30]) == named[10:30]  # under 1,000 would be left over


def test_boosting_is_fitted_on_the_rows_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    of = measured({"SB": 600, "SR": 500, "AF": 2})
    crossed: list[int] = []
    real = baselines.boosted

    def spy(x: baselines.Floats, y: list[str], fold: np.ndarray[tuple[int], np.dtype[np.int64]]) -> object:
        crossed.append(len(x))
        return real(x, y, fold)

    monkeypatch.setattr(baselines, "boosted", spy)
    assert baselines.boosted_outside(of, ["r0", "r700"]) == ["SB", "SR"]
    assert crossed == []
    found = baselines.boosted_outside(of, ["r0", "r1100", "r1101"])  # every AF there is
    assert found is not None
    assert found[0] == "SB"
    assert crossed == [1102]


def test_boosting_where_there_is_next_to_nothing() -> None:
    assert baselines.boosted_outside(measured({"SB": 1}), ["r0"]) is None
    assert baselines.boosted_outside(measured({"SB": 2}), ["r0", "r1"]) == ["SB", "SB"]


def test_boosting_sets_no_records_aside() -> None:
    x = np.repeat([[0.0], [1.0], [2.0]], [5000, 5000, 1], axis=0)
    y = ["SB"] * 5000 + ["SR"] * 5000 + ["AF"]
    model = baselines.classifier().fit(x, y)  # above 10,000 records, and one of a class
    assert model.predict(x[[0, -2]]).tolist() == ["SB", "SR"]


def test_the_most_frequent_rhythm_is_that_of_the_manifest() -> None:
    assert scoring.most_frequent({"train_records": {"SR": 10, "SB": 30, "ST": 20}}) == "SB"
    silent: list[dict[str, object]] = [{}, {"train_records": {}}, {"train_records": {"SB": 0}}, {"train_records": 7}]
    for nothing in silent:
        assert scoring.most_frequent(nothing) == "SR"


def test_classes_come_in_the_order_of_the_rhythms() -> None:
    assert list(figures(random())["per_class"]) == [label for label in RHYTHMS if label in LABELS]


def test_a_difference_is_paired() -> None:
    p = random(n=300)
    right = {k for k in range(300) if p.truth[k] == p.named[k] != "SB"}
    lost = sorted(right)[:30]
    worse = replace(p, named=tuple("SB" if k in lost else name for k, name in enumerate(p.named)))
    changed = sum(a != b for a, b in zip(p.named, worse.named, strict=True))
    found = difference(worse, p)
    assert found["names_changed"] == changed
    assert found["accuracy"]["value"] == pytest.approx(-changed / 300)
    assert found["accuracy"]["low"] < -changed / 300 < found["accuracy"]["high"] < 0
    assert difference(p, p) == {"accuracy": {"value": 0}, "names_changed": 0}


def test_what_hangs_on_two_records_has_no_interval() -> None:
    p = random(n=60)
    rest = [k for k, t in enumerate(p.truth) if t != LABELS[-1]]
    few = [*rest, *[k for k, t in enumerate(p.truth) if t == LABELS[-1]][:2]]
    thin = Predictions(
        p.labels,
        *(tuple(values[k] for k in few) for values in (p.truth, p.named)),
        p.probabilities[few],
        p.abstained[few],
        tuple(p.groups[k] for k in few),
    )
    assert set(figures(thin)["macro_f1_all"]) == {"value", "classes"}
    assert "low" not in figures(thin)["macro_auc"]
    assert "low" in figures(thin)["accuracy"]
