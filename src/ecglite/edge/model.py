"""Window -> probabilities, through LiteRT. The only file that knows the interpreter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import BundleError


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
        """
        self._interpreter.set_tensor(self._input, window_mv[None])
        self._interpreter.invoke()
        result: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._output)[0]
        return result
