"""A model file -> the torch network that it was made from, with the weights that the file holds.

So everything that is measured beside a shipped file has its weights, on a machine that has nothing but the package.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ecglite.edge.errors import LabError
from ecglite.lab.models import network_of
from ecglite.lab.recipe import Recipe

Weights = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def network(model: bytes, recipe: Recipe) -> nn.Module:
    """The network of a recipe with the weights of its file.

    What batch norm did is in the file's convolutions, and so it is here: the norms that are left change nothing. The
    temperature of the calibration is in the last layer's weights.

    Args:
        model: a .tflite of `lab.export`, float or int8; int8 weights come back as the floats that they stand for.
        recipe: what the file was made by.

    Raises:
        LabError: the file does not end with the recipe's layers.
    """
    made = network_of(recipe).eval()
    modules = list(made.modules())
    layers = [k for k, module in enumerate(modules) if isinstance(module, nn.Conv2d | nn.Linear)]
    found = _weights(model)[-len(layers) :]  # those before them condition the signal
    if len(found) < len(layers):
        raise LabError(f"a file with {len(found)} layers", allowed=f"the {len(layers)} of recipe {recipe.name}")
    with torch.no_grad():
        for k, (weight, bias) in zip(layers, found, strict=True):
            after = modules[k + 1] if k + 1 < len(modules) else None
            of: dict[str, nn.Parameter] = dict(modules[k].named_parameters(recurse=False))
            _put(recipe, of["weight"], weight)
            if "bias" in of:
                _put(recipe, of["bias"], bias)
            elif isinstance(after, nn.BatchNorm2d):
                _put(recipe, after.bias, bias)
                after.weight.fill_(1.0)
                _filled(after.running_mean, 0.0)
                _filled(after.running_var, 1.0 - after.eps)
            elif np.any(bias):
                raise LabError(f"a layer of recipe {recipe.name} has no place for its bias")
    return made


def _put(recipe: Recipe, into: torch.Tensor, values: npt.NDArray[np.float32]) -> None:
    if tuple(into.shape) != values.shape:
        raise LabError(
            f"a layer of {list(values.shape)} in the file",
            allowed=f"{list(into.shape)}, as recipe {recipe.name} has it",
        )
    into.copy_(torch.from_numpy(values))


def _filled(buffer: torch.Tensor | None, value: float) -> None:
    if buffer is not None:
        buffer.fill_(value)


def _weights(model: bytes) -> list[Weights]:
    """Weights, in torch's order of axes, and biases of every convolution and dense layer, in the file's order."""
    from ai_edge_litert import schema_py_generated as schema

    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    graph = parsed.subgraphs[0]
    operators = schema.BuiltinOperator
    axes = {
        operators.CONV_2D: (0, 3, 1, 2),  # OHWI -> OIHW
        operators.DEPTHWISE_CONV_2D: (3, 0, 1, 2),  # 1HWO -> O1HW
        operators.FULLY_CONNECTED: (0, 1),
    }
    found = []
    for operator in graph.operators:
        code = parsed.operatorCodes[operator.opcodeIndex]
        order = axes.get(max(code.builtinCode, code.deprecatedBuiltinCode))
        if order is not None:
            source, weight, bias = (graph.tensors[index] for index in operator.inputs[:3])
            if bias.type == schema.TensorType.INT32 and bias.quantization is None:  # see `micro.without_bias_scales`
                bias.quantization = schema.QuantizationParametersT()
                bias.quantization.scale = np.multiply(source.quantization.scale, weight.quantization.scale)
                bias.quantization.zeroPoint = np.zeros_like(weight.quantization.scale)
            values = _values(parsed, weight).transpose(order)
            found.append((np.ascontiguousarray(values), _values(parsed, bias)))
    return found


def _values(model: Any, tensor: Any) -> npt.NDArray[np.float32]:
    """The numbers of a constant tensor, those of an integer one by its scales."""
    from ai_edge_litert import schema_py_generated as schema

    kinds = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}
    raw = np.frombuffer(bytes(model.buffers[tensor.buffer].data), kinds[tensor.type]).reshape(tensor.shape)
    if raw.dtype == np.float32:
        return raw.astype(np.float32)
    along = [1] * raw.ndim
    scale = np.asarray(tensor.quantization.scale, np.float64)
    if scale.size > 1:
        along[tensor.quantization.quantizedDimension] = scale.size
    zero = np.asarray(tensor.quantization.zeroPoint, np.float64)
    values: npt.NDArray[np.float32] = ((raw - zero.reshape(along)) * scale.reshape(along)).astype(np.float32)
    return values
