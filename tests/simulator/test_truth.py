"""What the truth says: how the ventricles follow the atria, what was asked for, which wave belongs to which beat."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import ecglite
from ecglite.simulator import make, plan
from ecglite.simulator.activity import Beat
from ecglite.simulator.conduction import Options
from ecglite.simulator.recorder import Recorder


@pytest.mark.parametrize("rhythm", ["SR", "SB", "AF"])
def test_a_complete_block_is_dissociation(rhythm: str) -> None:
    for seed in range(8):
        made = plan(rhythm, seed, traits=("paced",), options=Options(pacing="VVI"))
        assert made.av_relation == "none: AV dissociation"


def test_what_is_conducted_is_no_dissociation() -> None:
    assert plan("SR", 1, traits=("paced",), options=Options(pacing="DDD")).av_relation == "1:1"
    assert plan("AFIB", 1, traits=("paced",)).av_relation == "none: fibrillation"
    for rhythm in ("SR", "SB", "ST", "SA", "AT", "AF", "SVT", "AVNRT", "AVRT"):
        for seed in range(20):
            assert "dissociation" not in plan(rhythm, seed).av_relation


def test_the_truth_has_the_request() -> None:
    made = make(
        "AF",
        3,
        sampling_rate_hz=250,
        noise=0.5,
        options=Options(ratio=2),
        how=Recorder(lead_error="arms reversed", mains_hz=60.0),
        sex="male",
        traits=("rbbb",),
    )
    truth = json.loads(json.dumps(made.truth.to_dict(), allow_nan=False))
    assert truth["ecglite_version"] == ecglite.__version__
    request = truth["request"]
    assert (request["sampling_rate_hz"], request["noise"], request["force"]) == (250, 0.5, False)
    assert request["facts"] == {"sex": "male", "traits": ["rbbb"]}
    assert request["options"]["ratio"] == 2
    assert (request["recorder"]["lead_error"], request["recorder"]["mains_hz"]) == ("arms reversed", 60)
    assert make("SR", 3).truth.to_dict()["request"]["recorder"] is None


@pytest.mark.parametrize("rhythm", ["SR", "AFIB", "AVNRT", "SAAWR"])
def test_each_wave_says_what_it_is_of(rhythm: str) -> None:
    for seed in range(6):
        truth = make(rhythm, seed, sampling_rate_hz=100).truth.to_dict()
        waves = truth["waves"]
        assert len(waves["beat"]) == len(waves["qrs_s"]) == len(waves["t_s"])
        assert len(waves["atrium"]) == len(waves["p_s"])
        assert [k for k in waves["beat"] if k is not None] == list(range(len(truth["beats"])))
        assert [k for k in waves["atrium"] if k is not None] == list(range(len(truth["atria"])))
        for index, row in zip(waves["beat"], waves["qrs_s"], strict=True):
            assert index is None or abs(truth["beats"][index]["qrs_s"] - row[0]) < 2e-5
        for index, row in zip(waves["atrium"], waves["p_s"], strict=True):
            assert index is None or abs(truth["atria"][index]["p_s"] - row[0]) < 2e-5


@pytest.mark.parametrize("rhythm", ["SB", "SR", "ST", "AT"])
def test_both_ends_of_t_have_a_name(rhythm: str) -> None:
    """QT to the machine's end is the person's at the person's rate; the tangent's end is earlier, by some 30 ms."""
    before, off = [], []
    for seed in range(12):
        made = make(rhythm, seed, sampling_rate_hz=100)
        waves, person, activity = made.truth.waves, made.truth.plan.person, made.truth.plan.activity
        usual = (activity.beats == Beat.NORMAL) | (activity.beats == Beat.PREEXCITED)
        qt = (waves.t_end_s - waves.qrs_s[:, 0])[usual]
        off.append(np.median(qt) / person.qt_s - 1)
        before += (waves.t_end_s - waves.t_end_tangent_s)[usual].tolist()
        written = made.truth.to_dict()["waves"]
        assert written["columns"]["t_s"] == ["onset", "peak", "end_tangent", "end"]
        column = {name: k for k, name in enumerate(written["columns"]["t_s"])}
        np.testing.assert_allclose(
            [row[column["end_tangent"]] for row in written["t_s"]], waves.t_end_tangent_s, atol=1e-5
        )
        np.testing.assert_allclose([row[column["end"]] for row in written["t_s"]], waves.t_end_s, atol=1e-5)
        for name in ("p_s", "qrs_s", "t_s"):
            assert {len(row) for row in written[name]} == {len(written["columns"][name])}
    assert np.abs(off).max() < 0.03  # RR within the recording strays a little from the person's
    assert 0.015 < np.median(before) < 0.045
    assert min(before) > 0.005


def test_the_json_page_names_every_field() -> None:
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.split("## The truth of a simulated recording\n")[1].split("\n## ")[0]
    truth = make("SR", 0, sampling_rate_hz=100).truth.to_dict()
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(truth)
    words = set(re.findall(r"`(\w+)`", section))
    columns = {name for names in truth["waves"]["columns"].values() for name in names}
    assert words >= {*truth["waves"], *columns, *truth["beats"][0], *truth["atria"][0], *truth["request"]}
    assert all(re.search(rf"\b{kind.name.lower()}\b", section) for kind in Beat)
