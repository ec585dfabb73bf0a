"""What the truth says: how the ventricles follow the atria, what was asked for, which wave belongs to which beat."""

from __future__ import annotations

import json

import pytest

import ecglite
from ecglite.simulator import make, plan
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
