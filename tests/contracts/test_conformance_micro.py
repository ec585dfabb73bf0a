"""conformance/ on a microcontroller: what TensorFlow Lite Micro and the C of a bundle make of the same recordings."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest

from ecglite.edge.bundle import DEFAULT, load_bundle
from ecglite.edge.quality import assess
from ecglite.edge.record import Record
from ecglite.edge.windows import windows
from ecglite.lab import firmware, micro, tflm

FOLDER = Path(__file__).parents[2] / "conformance"
EDGE = 50  # samples at 100 Hz: where a device knows what came before and after, and a window does not
FURTHEST, ON_AVERAGE = 48, 4  # steps of 256, of outputs behind the C

pytestmark = pytest.mark.skipif(not tflm.is_installed(), reason="tflite-micro is not installed")


@dataclass(frozen=True, slots=True)
class Expected:
    """The windows of all vectors that are classified, one below the other.

    Attributes:
        bundle: folder.
        signal_mv: float32 [n, 5000, 12], at 500 Hz.
        inputs: int8 [n, 1000, 12], of the vectors.
        outputs: int8 [n, n_labels], of the vectors.
    """

    bundle: Path
    signal_mv: npt.NDArray[np.float32]
    inputs: npt.NDArray[np.int8]
    outputs: npt.NDArray[np.int8]


@pytest.fixture(scope="module")
def make() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("make")
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module", params=["hardly trained", "shipped"])
def expected(request: pytest.FixtureRequest, make: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Expected:
    """Of the eleven rhythms, of several windows, and of poor and lost leads."""
    if request.param == "shipped":
        bundle = DEFAULT
        if load_bundle(bundle).micro is None:
            pytest.skip("the bundle that ships holds no file for microcontrollers")
    else:
        bundle = request.getfixturevalue("micro_bundle")
    out = tmp_path_factory.mktemp("micro-vectors")
    some = [vector for vector in make.made() if vector.name.startswith(("chapman-", "length-", "quality-"))]
    signal_mv, inputs, outputs = [], [], []
    for entry in make.write(out, some, bundle):
        expect = entry["expect"]
        assert ("micro" in expect) == ("finding" in expect)
        if "micro" not in expect:
            continue
        facts = expect["record"]
        samples = np.fromfile(out / expect["samples"], "<f4").reshape(facts["n_samples"], -1)
        record = Record.from_array(
            samples, sampling_rate_hz=facts["sampling_rate_hz"], leads=facts["leads"], units="mV"
        )
        bad = [lead.lead for lead in assess(record).leads if lead.verdict == "bad"]
        signal_mv += [window.signal_mv for window in windows(record, bad)]
        inputs.append(np.fromfile(out / expect["micro"]["inputs"], np.int8).reshape(-1, 1000, 12))
        assert len(inputs[-1]) == len(expect["micro"]["outputs"]) == len(expect["finding"]["windows"])
        outputs += expect["micro"]["outputs"]
    return Expected(bundle, np.stack(signal_mv), np.concatenate(inputs), np.array(outputs, np.int8))


def test_tflm_gives_the_outputs_of_the_vectors(expected: Expected) -> None:
    assert len(expected.inputs) >= 40
    assert len({row.tobytes() for row in expected.outputs}) >= 20  # else constants would be compared
    model = load_bundle(expected.bundle).micro
    assert model is not None
    of_tflm = tflm.run(model, expected.inputs).outputs
    assert micro.steps_apart(expected.outputs, of_tflm) <= micro.PARITY


def test_the_c_gives_the_inputs_of_the_vectors_and_tflm_the_outputs(expected: Expected, tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    if not (expected.bundle / firmware.HEADER).is_file():
        pytest.skip(f"the bundle that ships holds no {firmware.HEADER}")
    program = tmp_path / "condition"
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-O2", f"-I{expected.bundle}"]
    built = subprocess.run(
        ["gcc", *flags, str(FOLDER / "condition.c"), "-o", str(program), "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    inputs = np.stack([by_c(program, window) for window in expected.signal_mv])
    apart = np.abs(inputs.astype(np.int16) - expected.inputs)[:, EDGE:-EDGE]
    assert (apart <= 1).mean() > 0.99

    model = load_bundle(expected.bundle).micro
    assert model is not None
    of_tflm = tflm.run(model, inputs).outputs
    assert micro.steps_apart(expected.outputs, of_tflm) <= FURTHEST
    assert np.abs(expected.outputs.astype(np.int16) - of_tflm).mean() <= ON_AVERAGE
    assert subprocess.run([str(program)], capture_output=True, check=False).returncode == 2


def by_c(program: Path, window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """[5000, 12], as a recorder gives it whose int16 the window just fills -> [1000, 12]."""
    mv_per_unit = float(np.abs(window_mv).max()) / 32767
    units = np.round(window_mv / mv_per_unit).astype("<i2")
    ran = subprocess.run([str(program), f"{mv_per_unit:.9g}"], input=units.tobytes(), capture_output=True, check=True)
    return np.frombuffer(ran.stdout, np.int8).reshape(1000, 12)


def test_the_tolerances_are_those_of_the_readme() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| {micro.PARITY} step of 256 |" in page
    assert f"| {FURTHEST} steps of 256, and {ON_AVERAGE} on average |" in page
