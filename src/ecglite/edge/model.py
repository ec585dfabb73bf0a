"""Window -> probabilities, through LiteRT. The only file that knows the interpreter."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import BundleError

_STDERR: Final = 2
_one_at_a_time = threading.Lock()


class Model:
    """A bundle's model, ready to run. Not for use by several threads at once.

    Args:
        bundle: from `load_bundle`.
        threads: of the interpreter.

    Raises:
        BundleError: the file is no model, or its input and output are not what the manifest says.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        self.manifest = bundle.manifest
        try:
            with without_greeting():
                self._interpreter = Interpreter(model_content=bundle.model, num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"{bundle.folder / bundle.manifest.model_file} is no model: {error}") from None
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        found = [(list(tensor["shape"]), tensor["dtype"]) for tensor in (*inputs, *outputs)]
        wanted = [
            ([1, self.manifest.n_samples, len(self.manifest.leads)], np.float32),
            ([1, len(self.manifest.labels)], np.float32),
        ]
        if found != wanted:
            raise BundleError(f"a model with the tensors {found}", allowed=str(wanted))
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def probabilities(self, window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The probability of each label of the manifest.

        Args:
            window_mv: float32 [5000, 12], millivolts at 500 Hz, leads as in `record.LEADS`, an absent one zero.

        Returns:
            float32 [n_labels], summing to one.

        Raises:
            BundleError: the model gave something that is not a number.
        """
        self._interpreter.set_tensor(self._input, window_mv[None])
        self._interpreter.invoke()
        result: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._output)[0]
        if not np.isfinite(result).all():
            raise BundleError(f"model {self.manifest.name} gave {result.tolist()}", allowed="finite probabilities")
        return result


@contextmanager
def without_greeting() -> Iterator[None]:
    """Drops the "INFO: Created TensorFlow Lite XNNPACK delegate for CPU." that LiteRT writes to the process's stderr.

    LiteRT has no setting for it and exports no symbol of its logger, so file descriptor 2 is led into a temporary
    file for the few milliseconds, and everything but INFO lines is passed on afterwards: what another thread writes
    meanwhile comes late, not never. Where there is no stderr or no place for the file, the greeting stays.
    """
    with _one_at_a_time, ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.TemporaryFile())
            stderr = os.dup(_STDERR)
        except OSError:
            file = None
        if file is None:
            yield
            return
        os.dup2(file.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(stderr, _STDERR)
            os.close(stderr)
            file.seek(0)
            rest = b"".join(line for line in file if not line.startswith(b"INFO: "))
            if rest:
                os.write(_STDERR, rest)
