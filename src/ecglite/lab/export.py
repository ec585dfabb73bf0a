"""A trained network -> float .tflite, which must agree with torch, -> int8 .tflite, which `ship` measures."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.errors import LabError
from ecglite.edge.model import without_greeting
from ecglite.edge.record import LEADS
from ecglite.lab.conditioning import Condition, Decimate
from ecglite.lab.prepare import N_TIME

PARITY: Final = 1e-4  # greatest difference of a probability between torch and the float file
OPERATIONS: Final = ("CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "PAD")
"""What our own network has in its backbone."""
_SIGNATURE: Final = "serving_default"


class Graph(nn.Module):
    """What ships: conditioning, network, calibration and the last activation in one graph.

    Args:
        network: conditioned signal -> logits.
        temperature: divides the logits.
        before: millivolts [batch, n_leads, 1, n_samples] -> what the network sees; the data's path's own where not
            given: 500 Hz -> 100 Hz, baseline off, scaled.
        one_of_many: the labels exclude each other (softmax), or each stands on its own (sigmoid).
    """

    def __init__(
        self, network: nn.Module, temperature: float = 1.0, before: nn.Module | None = None, *, one_of_many: bool = True
    ) -> None:
        super().__init__()
        self.before = before or nn.Sequential(Decimate(len(LEADS)), Condition(len(LEADS), N_TIME))
        self.network = network
        self.temperature = temperature
        self.one_of_many = one_of_many

    def forward(self, ecg: Tensor) -> dict[str, Tensor]:
        """[1, n_samples, n_leads], millivolts -> probabilities [1, n_labels]."""
        x = ecg.reshape(1, 1, ecg.shape[1], ecg.shape[2]).permute(0, 3, 1, 2)
        logits = self.network(self.before(x)) / self.temperature
        return {"probabilities": torch.softmax(logits, dim=1) if self.one_of_many else torch.sigmoid(logits)}


def to_float(graph: Graph, examples: npt.NDArray[np.float32]) -> bytes:
    """The float .tflite of a graph.

    Args:
        graph: in evaluation mode.
        examples: float32 [n, n_samples, 12], on which torch and the file are compared.

    Raises:
        LabError: a probability differs by more than `PARITY`.
    """
    with _quiet():
        import litert_torch

        sample = {"ecg": torch.from_numpy(examples[:1])}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.tflite"
            litert_torch.convert(graph.eval(), sample_kwargs=sample).export(str(path))
            model = path.read_bytes()
    with torch.inference_mode():
        wanted = [graph(torch.from_numpy(x[None]))["probabilities"][0].numpy() for x in examples]
    worst = float(np.abs(run(model, examples) - np.array(wanted)).max())
    if not worst <= PARITY:
        raise LabError(f"the float file differs from torch by {worst:.2g}", allowed=f"at most {PARITY:g}")
    return model


def to_int8(
    model: bytes,
    examples: npt.NDArray[np.float32],
    *,
    parts: Sequence[str] = ("stem", "blocks"),
    operations: Sequence[str] = OPERATIONS,
) -> bytes:
    """The same graph in int8 where an operation came from one of `parts` and is one of `operations`.

    Conditioning, the last sums over time and softmax stay float.

    Args:
        model: a float .tflite of `to_float`.
        examples: float32 [n, n_samples, 12]; the ranges of the activations are the least and greatest that they give.
        parts: names of modules of the network.
        operations: by their names in LiteRT.
    """
    with _quiet():
        from litert_quantizer import qtyping, quantizer, recipe_manager
        from litert_quantizer.calibrator import Calibrator
        from litert_quantizer.utils import qsv_utils

        recipes = recipe_manager.RecipeManager()
        for operation in operations:
            recipes.add_static_config(
                regex=f".*({'|'.join(parts)}).*",  # by the module that an operation came from
                operation_name=qtyping.TFLOperationName(operation),
                activation_num_bits=8,
                weight_num_bits=8,
            )
        # The default averages the ranges of the examples, which clips rare peaks; an ECG is all peaks.
        calibrator = Calibrator(bytearray(model), num_threads=1, qsv_update_func=qsv_utils.min_max_update)
        calibrator.calibrate({_SIGNATURE: [{"ecg": x[None]} for x in examples]}, recipes)
        maker = quantizer.Quantizer(bytearray(model), recipes.get_quantization_recipe())
        result = maker.quantize(calibrator.get_model_qsvs(), enable_progress_report=False)
    return bytes(result.quantized_model)


def to_onnx(graph: Graph, example: npt.NDArray[np.float32]) -> bytes:
    """The same graph as ONNX, for the runtimes that others use; onnx and onnxscript must be installed.

    Args:
        graph: in evaluation mode.
        example: float32 [n_samples, n_leads].
    """
    with _quiet():
        ecg = torch.from_numpy(example[None])
        program = torch.onnx.export(
            graph.eval(), kwargs={"ecg": ecg}, input_names=["ecg"], output_names=["probabilities"], dynamo=True
        )
    if program is None:
        raise LabError("torch.onnx made no program", do="install the version of torch that the lab extra names")
    return bytes(program.model_proto.SerializeToString())


def stripped(model: bytes) -> bytes:
    """Without what no runtime reads: names of inner tensors, metadata."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    for buffer in parsed.buffers:
        if buffer.offset and buffer.offset > 1:  # the quantiser lays the weights of larger models behind the flatbuffer
            buffer.data = np.frombuffer(model, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    for graph in parsed.subgraphs:
        outer = {*graph.inputs, *graph.outputs}
        for index, tensor in enumerate(graph.tensors):
            if index not in outer:
                tensor.name = None
    parsed.metadata = None
    parsed.description = "ecglite"
    builder = flatbuffers.Builder(len(model))
    builder.Finish(parsed.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(model: bytes, windows_mv: Iterable[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """[n, n_labels]: the probabilities that a .tflite gives for windows of float32 [n_samples, 12]."""
    from ai_edge_litert.interpreter import Interpreter

    with without_greeting():
        interpreter = Interpreter(model_content=model, num_threads=1)
        interpreter.allocate_tensors()
    source, sink = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for window in windows_mv:
        interpreter.set_tensor(source, np.ascontiguousarray(window[None]))
        interpreter.invoke()
        rows.append(interpreter.get_tensor(sink)[0])
    return np.array(rows)


def operations(model: bytes) -> dict[str, int]:
    """How many of each operation a .tflite holds, by its builtin name."""
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
    counts: dict[str, int] = {}
    for operator in parsed.subgraphs[0].operators:
        code = parsed.operatorCodes[operator.opcodeIndex]
        name = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The converters talk much; their errors still come through as exceptions."""
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
