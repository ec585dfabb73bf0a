"""The interpreter: what it takes, what it refuses, and that it keeps quiet."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecglite.edge.bundle import Bundle, load_bundle
from ecglite.edge.errors import BundleError
from ecglite.edge.model import Model, without_greeting
from ecglite.edge.windows import windows
from ecglite.simulator import simulate


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(load_bundle())


def test_probabilities_are_probabilities(model: Model) -> None:
    (window,) = windows(simulate("SB", seed=1))
    p = model.probabilities(window.signal_mv)
    assert p.shape == (len(model.manifest.labels),)
    assert p.dtype == np.float32
    assert (p >= 0).all()
    assert p.sum() == pytest.approx(1, abs=1e-5)


def test_one_answer_does_not_change_another(model: Model) -> None:
    a, b = (next(windows(simulate(r, seed=1))).signal_mv for r in ("SB", "AFIB"))
    first = model.probabilities(a)
    kept = first.copy()
    model.probabilities(b)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(model.probabilities(a), kept)


def test_threads_do_not_change_the_answer(model: Model) -> None:
    x = next(windows(simulate("AF", seed=1))).signal_mv
    np.testing.assert_allclose(Model(load_bundle(), threads=2).probabilities(x), model.probabilities(x), atol=1e-6)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x1c\x00\x00\x00TFL3" + bytes(64)])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    bundle = load_bundle()
    with pytest.raises(BundleError, match="is no model"):
        Model(Bundle(bundle.manifest, content, bundle.folder))


def test_a_model_with_other_outputs_is_refused() -> None:
    bundle = load_bundle()
    fewer = replace(bundle.manifest, labels=bundle.manifest.labels[:-1])
    with pytest.raises(BundleError, match="tensors"):
        Model(Bundle(fewer, bundle.model, bundle.folder))


def test_an_answer_that_is_no_number_is_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def set_tensor(self, index: int, value: object) -> None: ...

        def invoke(self) -> None: ...

        def get_tensor(self, index: int) -> np.ndarray:
            return np.full((1, len(model.manifest.labels)), np.nan, np.float32)

    monkeypatch.setattr(model, "_interpreter", Broken())
    with pytest.raises(BundleError, match="finite"):
        model.probabilities(np.zeros((5000, 12), np.float32))


def test_loading_prints_nothing() -> None:
    code = (
        "import ecglite, numpy; ecglite.load().classify(numpy.random.randn(5000, 12), sampling_rate_hz=500, units='mV')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_loading_without_stderr(tmp_path: Path) -> None:
    code = f"import os; os.close(2); import ecglite; ecglite.load(); open({str(tmp_path / 'done')!r}, 'w')"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "done").exists()


def test_only_greetings_are_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    with without_greeting():
        os.write(2, b"INFO: hello\nERROR: something\nmore of it")
    assert capfd.readouterr().err == "ERROR: something\nmore of it"
    os.write(2, b"INFO: after\n")
    assert capfd.readouterr().err == "INFO: after\n"


def test_greetings_are_dropped_when_loading_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        os.write(2, b"INFO: hello\nERROR: kept\n")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"), without_greeting():
        fail()
    assert capfd.readouterr().err == "ERROR: kept\n"
