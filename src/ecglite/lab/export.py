"""A trained network -> float .tflite, which must agree with torch, -> int8 .tflite, which `ship` measures."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.errors import LabError
from ecglite.edge.model import without_greeting
from ecglite.edge.record import LEADS
from ecglite.lab.conditioning import Condition, Decimate

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
        self.before = before or nn.Sequential(Decimate(len(LEADS)), Condition())
        self.network = network
        self.temperature = temperature
        self.one_of_many = one_of_many

    def forward(self, ecg: Tensor) -> dict[str, Tensor]:
        """[1, n_samples, n_leads], millivolts -> probabilities [1, n_labels]."""
        x = ecg.reshape(1, 1, ecg.shape[1], ecg.shape[2]).permute(0, 3, 1, 2)
        logits = self.network(self.before(x))
        if self.temperature != 1.0:
            logits = logits / self.temperature
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
    everywhere: Sequence[str] = (),
) -> bytes:
    """The same graph in int8 where an operation came from one of `parts` and is one of `operations`.

    What is not named stays float: by default conditioning, the statistics over time and softmax.

    Args:
        model: a float .tflite of `to_float`.
        examples: float32 [n, n_samples, 12]; the ranges of the activations are the least and greatest that they give.
        parts: names of modules of the network.
        operations: by their names in LiteRT.
        everywhere: operations that are int8 wherever they came from; "INPUT" and "OUTPUT" are the graph's own.
    """
    with _quiet():
        from litert_quantizer import qtyping, quantizer, recipe_manager
        from litert_quantizer.calibrator import Calibrator
        from litert_quantizer.utils import qsv_utils

        recipes = recipe_manager.RecipeManager()
        of_parts = f".*({'|'.join(parts)}).*"  # by the module that an operation came from
        for operation, where in [*((name, of_parts) for name in operations), *((name, ".*") for name in everywhere)]:
            recipes.add_static_config(
                regex=where,
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
    """Without what no runtime reads: names of inner tensors, metadata, the same vector twice."""
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
    return packed(parsed)


def packed(model: Any) -> bytes:
    """The bytes of a parsed .tflite, each vector of numbers once.

    The zero points of the channels of a convolution are all 0, eight bytes each: a sixth of a small file.
    """
    import flatbuffers

    class Builder(flatbuffers.Builder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(1 << 16)
            self.known: dict[tuple[str, bytes], int] = {}

        def CreateNumpyVector(self, x: npt.NDArray[Any]) -> int:  # noqa: N802
            key = (x.dtype.str, x.tobytes())
            if key not in self.known:
                self.known[key] = super().CreateNumpyVector(x)
            return self.known[key]

    builder = Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run(model: bytes, windows: Iterable[npt.NDArray[Any]], *, reference: bool = False) -> npt.NDArray[Any]:
    """[n, n_labels]: what a .tflite gives for windows of [n_samples, 12], each in the type of its tensor.

    Args:
        model: the file.
        windows: one input each.
        reference: by LiteRT's reference kernels, which round as TensorFlow Lite Micro's do, in place of the fast ones.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
    with without_greeting():
        interpreter = Interpreter(model_content=model, num_threads=1, experimental_op_resolver_type=kernels)
        interpreter.allocate_tensors()
    source, sink = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for window in windows:
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


def macs(model: bytes) -> int:
    """Multiply-accumulates of a .tflite: its convolutions and dense layers."""
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    graph, kinds = parsed.subgraphs[0], schema.BuiltinOperator
    total = 0
    for operator in graph.operators:
        code = parsed.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind in (kinds.CONV_2D, kinds.DEPTHWISE_CONV_2D, kinds.FULLY_CONNECTED):
            weights = np.prod(graph.tensors[operator.inputs[1]].shape)  # [n_out, ...]; depthwise [1, 1, kernel, n_out]
            shape = graph.tensors[operator.outputs[0]].shape  # [1, rows, n_time, n_out] or [1, n_out]
            total += int(weights * np.prod(shape[:-1]))
    return total


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
