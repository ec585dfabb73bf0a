"""Arguments of a wrong type are refused as wrong values are: what came, what is allowed, in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ecglite.edge.errors import SimulationError
from ecglite.simulator import Options, Person, Realism, Recorder, batches, make, plan
from ecglite.simulator.recorder import Machine
from ecglite.simulator.series import Series, shares

WRONG: dict[str, Any] = {
    "heart_rate_bpm": "fast",
    "age_years": "old",
    "qt_s": [0.4],
    "sex": 1,
    "traits": "rbbb",
    "person": 3,
    "population_name": 7,
    "duration_s": "10",
    "options": 2,
    "realism": "none",
}
OF_THE_RECORDER: dict[str, Any] = {"sampling_rate_hz": "500", "noise": "much", "how": "arms reversed"}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("verb", [make, plan])
def test_by_name(verb: Callable[..., Any], name: str) -> None:
    with pytest.raises(SimulationError, match=r"allowed: ") as refused:
        verb("AT", 0, **{name: WRONG[name]})
    assert repr(WRONG[name]) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", OF_THE_RECORDER)
def test_of_the_recorder(name: str) -> None:
    with pytest.raises(SimulationError, match=r"allowed: ") as refused:
        make("SR", 0, **{name: OF_THE_RECORDER[name]})
    assert repr(OF_THE_RECORDER[name]) in str(refused.value)


@pytest.mark.parametrize("seed", [1.5, "1", None, True])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    for verb in (make, plan):
        with pytest.raises(SimulationError, match=r"^seed .*; allowed: a whole number$"):
            verb("SR", seed)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: make(3, 0),  # type: ignore[arg-type]
        lambda: make("SR", 0, traits=(1,)),
        lambda: make("AF", 0, options=Options(ratio=2), heart_rate_bpm="fast"),
        lambda: Person(heart_rate_bpm="fast"),  # type: ignore[arg-type]
        lambda: Person(traits="rbbb"),  # type: ignore[arg-type]
        lambda: Options(ratio="2"),  # type: ignore[arg-type]
        lambda: Options(ratio=2.5),  # type: ignore[arg-type]
        lambda: Options(aberrancy="often"),  # type: ignore[arg-type]
        lambda: Options(warm_up="yes"),  # type: ignore[arg-type]
        lambda: Recorder(levels=2),  # type: ignore[arg-type]
        lambda: Recorder(machine="Holter"),  # type: ignore[arg-type]
        lambda: Recorder(lost_from_s=None),  # type: ignore[arg-type]
        lambda: Recorder(breath_hz="slow"),  # type: ignore[arg-type]
        lambda: Machine(range_mv="16"),  # type: ignore[arg-type]
        lambda: Series(["SR"]),  # type: ignore[arg-type]
        lambda: Series({"SR": 1.5}),  # type: ignore[dict-item]
        lambda: Series({"SR": 1}, seed=1.5),  # type: ignore[arg-type]
        lambda: Series({"SR": 1}, seed=-1),
        lambda: Series({"SR": 1}, format=3),  # type: ignore[arg-type]
        lambda: Series({"SR": 1}, arguments=("noise", 2)),  # type: ignore[arg-type]
        lambda: Series({"SR": 1}, arguments={"duration_s": "10"}),
        lambda: shares("all"),  # type: ignore[arg-type]
        lambda: next(batches("8")),  # type: ignore[arg-type]
        lambda: next(batches(2, 3)),  # type: ignore[arg-type]
    ],
)
def test_wherever_it_is_given(wrong: Callable[[], object]) -> None:
    with pytest.raises(SimulationError, match=r"allowed: "):
        wrong()


def test_numbers_of_numpy_and_collections_of_words_are_fine() -> None:
    one = plan("SR", np.int64(4), heart_rate_bpm=np.float32(70), traits=["rbbb"], realism=Realism())
    same = plan("SR", 4, heart_rate_bpm=70, traits={"rbbb"})
    assert one.person == same.person
