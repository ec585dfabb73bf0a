"""TensorFlow Lite Micro's interpreter (TFLM), in a process of its own: what it cannot run, it may crash on."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LabError

_AMPLE: Final = 16 << 20  # bytes of arena to measure in
_TOTAL: Final = re.compile(r"Arena allocation total (\d+) bytes")
_ALIGNMENT: Final = 16
_TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Run:
    """What TFLM made of a file.

    Attributes:
        outputs: int8 [n, n_labels].
        arena_bytes: working memory that it took, tensors and its own tables, as reference kernels and 64-bit pointers
            need it.
    """

    outputs: npt.NDArray[np.int8]
    arena_bytes: int


def is_installed() -> bool:
    """Whether the package tflite-micro is there."""
    return importlib.util.find_spec("tflite_micro") is not None


def run(model: bytes, inputs: npt.NDArray[np.int8]) -> Run:
    """Run a file within the arena that it turns out to need.

    Args:
        model: a .tflite.
        inputs: int8 [n, n_samples, n_leads].

    Raises:
        LabError: tflite-micro is not installed, or does not run the file.
    """
    if not is_installed():
        raise LabError(
            "this needs TensorFlow Lite Micro: tflite-micro is not installed",
            do="pip install tflite-micro; its packages are for Linux on x86-64",
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.tflite").write_bytes(model)
        np.save(folder / "inputs.npy", inputs[:1])
        taken = _TOTAL.search(_in_a_process(folder, _AMPLE))
        if taken is None:
            raise LabError("tflite-micro does not say how much memory it took", do="install another version of it")
        arena_bytes = -(-int(taken[1]) // _ALIGNMENT) * _ALIGNMENT
        np.save(folder / "inputs.npy", inputs)
        _in_a_process(folder, arena_bytes)
        return Run(np.load(folder / "outputs.npy"), arena_bytes)


def _in_a_process(folder: Path, arena_bytes: int) -> str:
    """What the interpreter says while it runs `folder`'s model on its inputs."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(folder), str(arena_bytes)],
        capture_output=True, text=True, check=False, timeout=_TIMEOUT_S,
    )  # fmt: skip
    said = done.stdout + done.stderr
    if done.returncode:
        last = said.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        raise LabError(f"TensorFlow Lite Micro does not run the file in {arena_bytes} bytes: {last[0]}")
    return said


def _main(folder: Path, arena_bytes: int) -> None:
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(str(folder / "model.tflite"), arena_size=arena_bytes)
    outputs = []
    for window in np.load(folder / "inputs.npy"):
        interpreter.set_input(window[None], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0)[0])
    np.save(folder / "outputs.npy", np.array(outputs, np.int8))
    interpreter.print_allocations()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
