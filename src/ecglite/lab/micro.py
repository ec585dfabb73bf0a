"""A trained network -> the file for microcontrollers: int8 from end to end, for TensorFlow Lite Micro (TFLM).

A microcontroller has no room for ten seconds at 500 Hz in float, so conditioning is the caller's: `conditioning.h` does
in C what `conditioning` does in the graph of the other file, and the network begins at its result.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import BundleError, LabError
from ecglite.edge.record import LEADS
from ecglite.lab import export, tflm
from ecglite.lab.conditioning import Condition, Decimate
from ecglite.lab.models.depthwise import Depthwise, MeanAndDeviation

PARITY: Final = 1
"""Greatest difference of an output between TFLM and LiteRT's reference kernels, of 256 steps; the fast ones round
otherwise."""

METHODS: Final = {
    "ADD": "AddAdd",
    "AVERAGE_POOL_2D": "AddAveragePool2D",
    "CONCATENATION": "AddConcatenation",
    "CONV_2D": "AddConv2D",
    "DEPTHWISE_CONV_2D": "AddDepthwiseConv2D",
    "DEQUANTIZE": "AddDequantize",
    "FULLY_CONNECTED": "AddFullyConnected",
    "LOGISTIC": "AddLogistic",
    "MAX_POOL_2D": "AddMaxPool2D",
    "MEAN": "AddMean",
    "MUL": "AddMul",
    "PAD": "AddPad",
    "QUANTIZE": "AddQuantize",
    "RESHAPE": "AddReshape",
    "SOFTMAX": "AddSoftmax",
    "SQRT": "AddSqrt",
    "SUB": "AddSub",
    "TRANSPOSE": "AddTranspose",
}
"""The operations that a file may hold, each with the method of MicroMutableOpResolver that registers it."""

_EVERYWHERE: Final = ("INPUT", "OUTPUT", "RESHAPE", "SOFTMAX", "LOGISTIC")
_NETWORK: Final = (*export.OPERATIONS, "FULLY_CONNECTED")
_STATISTICS: Final = ("MEAN", "SUB", "CONCATENATION")


@dataclass(frozen=True, slots=True)
class Quantisation:
    """value = scale * (q - zero_point), q from -128 to 127."""

    scale: float
    zero_point: int

    def quantised(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
        """The nearest steps."""
        steps = np.round(x / np.float32(self.scale)) + self.zero_point
        return steps.clip(-128, 127).astype(np.int8)

    def value(self, q: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
        """What the steps stand for."""
        return (q.astype(np.float32) - self.zero_point) * np.float32(self.scale)


@dataclass(frozen=True, slots=True)
class Micro:
    """A file for microcontrollers, run and measured.

    Attributes:
        model: the .tflite: int8 [1, 1000, 12] -> probabilities, int8 [1, n_labels].
        input, output: of its tensors.
        arena_bytes: see `tflm.Run`.
        operations: how many of each.
        macs: multiply-accumulates for ten seconds.
    """

    model: bytes
    input: Quantisation
    output: Quantisation
    arena_bytes: int
    operations: dict[str, int]
    macs: int

    def probabilities(self, conditioned: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """[n, n_labels], see `probabilities`."""
        return probabilities(self.model, conditioned)


class OnMicro:
    """A bundle's file for microcontrollers as the data's path runs a model: conditioned here, run by LiteRT.

    Args:
        bundle: from `load_bundle`.

    Raises:
        BundleError: it has no such file.
    """

    def __init__(self, bundle: Bundle) -> None:
        if bundle.micro is None or bundle.manifest.micro is None:
            raise BundleError(
                f"bundle {bundle.manifest.name} has no file for microcontrollers",
                do="make it with ecglite export --target micro",
            )
        self._model = bundle.micro
        self._input, self._output = quantisation_of(bundle.micro)
        self.manifest = replace(bundle.manifest, abstain_below=bundle.manifest.micro.abstain_below)
        """The bundle's, with the threshold of this file."""

    def probabilities(self, window_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """See `ecglite.edge.model.Model.probabilities`."""
        return self._output.value(self.outputs(self.inputs(window_mv[None]))[0])

    def inputs(self, windows_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
        """[n, 1000, 12], what the file takes, of windows [n, 5000, 12] in millivolts at 500 Hz."""
        return self._input.quantised(conditioned(windows_mv))

    def outputs(self, inputs: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        """[n, n_labels], what the file gives, by LiteRT's reference kernels."""
        return export.run(self._model, inputs, reference=True)


def conditioned(windows_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """[n, 5000, 12], millivolts at 500 Hz -> [n, 1000, 12], as the network behind the conditioning takes it."""
    before = nn.Sequential(Decimate(len(LEADS)), Condition())
    with torch.inference_mode():
        x: Tensor = before(torch.from_numpy(np.ascontiguousarray(windows_mv.transpose(0, 2, 1)))[:, :, None, :])
    return np.ascontiguousarray(x[:, :, 0].transpose(1, 2).numpy())


def convert(
    network: Depthwise,
    temperature: float,
    examples: npt.NDArray[np.float32],
    *,
    one_of_many: bool,
    n_compared: int = 16,
) -> Micro:
    """A trained network as a file for microcontrollers.

    The calibration joins the weights of the last layer. A network that pools by mean and standard deviation keeps these
    two in float inside the file, as squares do not bear eight bits.

    Args:
        network: conditioned signal -> logits, in evaluation mode.
        temperature: divides the logits.
        examples: float32 [n, 1000, 12], conditioned; the ranges of the activations are the least and greatest that
            they give.
        one_of_many: the labels exclude each other (softmax), or each stands on its own (sigmoid).
        n_compared: how many of the examples LiteRT and TFLM are compared on.

    Raises:
        LabError: TFLM has not one of the operations, does not run the file, or gives something else than LiteRT.
    """
    network = copy.deepcopy(network)
    for weight in network.head.parameters():
        weight.data /= temperature
    graph = export.Graph(network, before=nn.Identity(), one_of_many=one_of_many)
    float_model = export.to_float(graph, examples[:n_compared])
    of_pool = _STATISTICS if isinstance(network.pool, MeanAndDeviation) else ()
    int8_model = export.to_int8(
        float_model,
        examples,
        parts=("stem", "blocks", "head"),
        operations=_NETWORK,
        everywhere=(*_EVERYWHERE, *of_pool),
    )
    model = in_place(without_bias_scales(export.stripped(int8_model)))
    found = export.operations(model)
    if strange := found.keys() - METHODS.keys():
        raise LabError(f"the file holds {', '.join(sorted(strange))}", allowed=", ".join(METHODS))
    source, sink = quantisation_of(model)
    inputs = source.quantised(examples[:n_compared])
    micro = tflm.run(model, inputs)
    refuse_different(export.run(model, inputs, reference=True), micro.outputs)
    return Micro(model, source, sink, micro.arena_bytes, found, export.macs(model))


def probabilities(model: bytes, conditioned: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """[n, n_labels], through LiteRT, of float32 [n, 1000, 12] as `conditioning.Condition` leaves it."""
    source, sink = quantisation_of(model)
    return sink.value(export.run(model, source.quantised(conditioned), reference=True))


def steps_apart(of_litert: npt.NDArray[np.int8], of_tflm: npt.NDArray[np.int8]) -> int:
    """The greatest difference of an output."""
    return int(np.abs(of_litert.astype(np.int16) - of_tflm).max())


def refuse_different(of_litert: npt.NDArray[np.int8], of_tflm: npt.NDArray[np.int8]) -> None:
    """Raise LabError if the two give other outputs for the same inputs."""
    worst = steps_apart(of_litert, of_tflm)
    if worst > PARITY:
        raise LabError(f"TensorFlow Lite Micro differs from LiteRT by {worst} steps", allowed=f"at most {PARITY}")


def quantisation_of(model: bytes) -> tuple[Quantisation, Quantisation]:
    """Of the input and the output of a .tflite."""
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.ModelT.InitFromPackedBuf(model, 0).subgraphs[0]
    tensors = [graph.tensors[index].quantization for index in (graph.inputs[0], graph.outputs[0])]
    source, sink = (Quantisation(float(t.scale[0]), int(t.zeroPoint[0])) for t in tensors)
    return source, sink


def without_bias_scales(model: bytes) -> bytes:
    """A bias is in steps of the input's scale times the weights': TFLM does not read it a second time."""
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    for tensor in parsed.subgraphs[0].tensors:
        if tensor.type == schema.TensorType.INT32:
            tensor.quantization = None
    return export.packed(parsed)


def in_place(model: bytes) -> bytes:
    """The input and what the first RESHAPE makes of it share one place in the arena.

    A convolution asks for four dimensions, so [1, 1000, 12] becomes [1, 1, 1000, 12] first: 12,000 bytes, copied. TFLM
    copies nothing where both are at one address, and takes addresses from the file: metadata "OfflineMemoryAllocation",
    int32: version, subgraph, number of tensors, and the offset of each, -1 where TFLM is to choose
    (tensorflow/lite/micro/docs/memory_management.md).
    """
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    graph = parsed.subgraphs[0]
    first = graph.operators[0]
    code = parsed.operatorCodes[first.opcodeIndex]
    if max(code.builtinCode, code.deprecatedBuiltinCode) != schema.BuiltinOperator.RESHAPE:
        return model
    offsets = np.full(len(graph.tensors), -1, np.int32)
    offsets[[first.inputs[0], first.outputs[0]]] = 0
    plan = schema.BufferT()
    plan.data = np.frombuffer(np.concatenate([np.array([1, 0, len(offsets)], np.int32), offsets]).tobytes(), np.uint8)
    parsed.buffers.append(plan)
    note = schema.MetadataT()
    note.name, note.buffer = "OfflineMemoryAllocation", len(parsed.buffers) - 1
    parsed.metadata = [note]
    return export.packed(parsed)
