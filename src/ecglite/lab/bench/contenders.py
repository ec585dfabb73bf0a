"""The models that stand side by side, each as the file that its runtime loads.

Only our shipped files have learned weights. The others are untrained: what they cost hangs on their shape.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import N_SAMPLES, WINDOW_S, windows
from ecglite.lab import export, micro
from ecglite.lab.bench import read_back
from ecglite.lab.conditioning import MinMax
from ecglite.lab.models import STUDIED, heartkit, network_of, studied
from ecglite.lab.prepare import N_TIME, Progress
from ecglite.lab.recipe import Recipe, from_mapping
from ecglite.lab.study import unit
from ecglite.lab.study.costs import counted
from ecglite.simulator import simulate

REFERENCE: Final = "MobileNet 1-D, float"
"""The row that times are compared with: the study's."""

TITLES: Final = {"lenet": "LeNet-5 1-D", "mobilenet": "MobileNet 1-D", "resnet": "ResNet-18 1-D"}
_ONNX: Final = ("onnxruntime", "onnx", "onnxscript")
_EXAMPLES: Final = 16
_STUDY_ROW: Final = "the study's network at 500 Hz, scaled to [0, 1] in the graph; untrained"
_HEARTKIT_OPERATIONS: Final = (
    *("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "INPUT", "MAX_POOL_2D", "MEAN", "MUL", "OUTPUT", "PAD"),
    *("RESHAPE", "SOFTMAX", "TRANSPOSE"),
)


@dataclass(frozen=True, slots=True)
class Contender:
    """One model in one runtime.

    Attributes:
        name: of the row.
        runtime: a key of `worker.RUNTIMES`.
        kind: "float" or "int8".
        path: the file that the runtime loads; None where it could not be made.
        input: shape of what the file takes.
        bytes: of the file that ships; of its weights, where the runtime takes them from torch.
        parameters: of the network, as torch counts them.
        macs: multiply-accumulates of the network for ten seconds.
        conditioning_macs: of what stands before the network in the file, for ten seconds.
        what: what the file is, in a sentence.
        absent: why there is no file; "" where there is one.
    """

    name: str
    runtime: str
    kind: str
    path: Path | None
    input: tuple[int, ...]
    bytes: int | None
    parameters: int
    macs: int
    conditioning_macs: int
    what: str
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Twins:
    """One of our files in every form, for what converting changes.

    Attributes:
        name: of the bundle, its version, and which of its files where it is not the first.
        recipe: what it was made by.
        graph: the network in torch.
        float_model: the float .tflite of `graph`.
        int8_model: the file that ships.
        onnx: the ONNX of `graph`; None where it was not made.
        weights: whose weights all but the int8 file have, in words.
        micro: it is the file for microcontrollers: what it takes is conditioned before, and int8 in the file.
    """

    name: str
    recipe: Recipe
    graph: export.Graph
    float_model: bytes
    int8_model: bytes
    onnx: bytes | None
    weights: str
    micro: bool = False


def missing() -> str:
    """Which package onnxruntime's row lacks, as a sentence; "" where it lacks none."""
    lacking = [name for name in _ONNX if importlib.util.find_spec(name) is None]
    return f"{' and '.join(lacking)} not installed: pip install {' '.join(_ONNX)}" if lacking else ""


def ours(
    bundles: Sequence[Bundle],
    floats: Mapping[str, Bundle],
    folder: Path,
    progress: Progress,
    *,
    elsewhere: bool = True,
) -> tuple[list[Contender], list[Twins]]:
    """Each bundle's int8 files as they ship and a float one; the first also in onnxruntime and torch.

    Args:
        bundles: in the order of the rows.
        floats: the float bundle that `ecglite export` has made beside one of them, by the model's name; the weights
            of the int8 file stand in for one that is not there.
        folder: where files are made.
        progress: counts the bundles.
        elsewhere: whether onnxruntime and torch are wanted.

    Raises:
        LabError: a float bundle belongs to none of them, or a file differs from torch.
    """
    strangers = set(floats) - {bundle.manifest.name for bundle in bundles}
    if strangers:
        raise LabError(
            f"a float bundle of {', '.join(sorted(strangers))}",
            allowed=", ".join(bundle.manifest.name for bundle in bundles),
        )
    rows, twins = [], []
    for number, bundle in enumerate(bundles):
        place = folder / f"ours-{number}"
        place.mkdir()
        made, of_bundle = _forms(bundle, floats.get(bundle.manifest.name), place, elsewhere=elsewhere)
        rows += made if number == 0 and elsewhere else [row for row in made if row.runtime == "LiteRT"]
        twins += of_bundle
        progress("converting our models", number + 1, len(bundles))
    return rows, twins


def _forms(
    bundle: Bundle, of_float: Bundle | None, folder: Path, *, elsewhere: bool
) -> tuple[list[Contender], list[Twins]]:
    """A bundle in every form, and the forms of each of its files."""
    recipe = from_mapping(Recipe, bundle.manifest.recipe)
    weights = "the int8 file's" if of_float is None else "the float file's"
    network = read_back.network((of_float or bundle).model, recipe)
    graph = export.Graph(network, one_of_many=recipe.one_of_many).eval()
    examples = _simulated(_EXAMPLES)
    float_model = export.stripped(export.to_float(graph, examples))
    lacking = missing()
    onnx = None if lacking or not elsewhere else export.to_onnx(graph, examples[0])
    size = counted(network, N_TIME)
    before = counted(graph.before, N_SAMPLES)["macs"]
    of_file = export.macs(bundle.model)  # which may be older than how the graph conditions today
    shape = (1, N_SAMPLES, len(LEADS))
    torch.save({"graph": graph, "shape": shape}, folder / "model.pt")

    def row(runtime: str, kind: str, file: str, model: bytes | None, what: str, absent: str = "") -> Contender:
        return Contender(
            name=f"{_title(bundle)}, {kind}",
            runtime=runtime,
            kind=kind,
            path=None if model is None else _kept(folder / file, model),
            input=shape,
            bytes=None if model is None else len(model),
            parameters=size["parameters"],
            macs=size["macs"],
            conditioning_macs=of_file - size["macs"] if model is bundle.model else before,
            what=what,
            absent=absent,
        )

    rows = [
        row("LiteRT", "int8", "int8.tflite", bundle.model, "as it ships"),
        row("LiteRT", "float", "float.tflite", float_model, f"the network with {weights} weights"),
        *_micro(bundle, folder),
        row("onnxruntime", "float", "model.onnx", onnx, "the float network as ONNX", lacking),
        row("torch eager", "float", "model.pt", (folder / "model.pt").read_bytes(), "the float network in torch"),
    ]
    twins = [Twins(_title(bundle), recipe, graph, float_model, bundle.model, onnx, weights)]
    return rows, [*twins, *_micro_twins(bundle, examples)]


def _title(bundle: Bundle) -> str:
    return f"{bundle.manifest.name} {bundle.manifest.version}"


def _micro(bundle: Bundle, folder: Path) -> list[Contender]:
    """The file for microcontrollers, where the bundle has one."""
    known, model = bundle.manifest.micro, bundle.micro
    if known is None or model is None:
        return []
    size = counted(network_of(from_mapping(Recipe, known.recipe)), N_TIME)
    return [
        Contender(
            name=f"{_title(bundle)}, micro, int8",
            runtime="LiteRT",
            kind="int8",
            path=_kept(folder / "micro.tflite", model),
            input=(1, N_TIME, len(LEADS)),
            bytes=len(model),
            parameters=size["parameters"],
            macs=size["macs"],
            conditioning_macs=0,
            what="the file for microcontrollers as it ships; conditioning is C beside it",
        )
    ]


def _micro_twins(bundle: Bundle, windows_mv: npt.NDArray[np.float32]) -> list[Twins]:
    """The file for microcontrollers in its other forms, where the bundle has one; they begin behind conditioning."""
    known, model = bundle.manifest.micro, bundle.micro
    if known is None or model is None:
        return []
    recipe = from_mapping(Recipe, known.recipe)
    network = read_back.network(model, recipe)
    graph = export.Graph(network, before=nn.Identity(), one_of_many=recipe.one_of_many).eval()
    float_model = export.stripped(export.to_float(graph, micro.conditioned(windows_mv)))
    name = f"{_title(bundle)}, micro"
    return [Twins(name, recipe, graph, float_model, model, None, "the int8 file's", micro=True)]


def reference(folder: Path) -> Contender:
    """The row that times are compared with, alone."""
    examples = _simulated(_EXAMPLES)
    float_model, size = _of_study("mobilenet", examples)
    at = folder / "mobilenet"
    return _peer(TITLES["mobilenet"], "float", float_model, examples.shape[1:], size, _STUDY_ROW, at)


def peers(folder: Path, progress: Progress) -> list[Contender]:
    """The study's three networks in one dimension as its text has them, and HeartKit's, each float and int8."""
    rows = []
    examples = _simulated(_EXAMPLES)
    for done, name in enumerate(STUDIED):
        float_model, size = _of_study(name, examples)
        int8_model = export.to_int8(float_model, examples, parts=unit.PARTS, operations=unit.OPERATIONS)
        rows += _pair(TITLES[name], float_model, int8_model, examples.shape[1:], size, _STUDY_ROW, folder / name)
        progress("converting the peers", done + 1, len(STUDIED) + 1)
    torch.manual_seed(0)
    network = heartkit.HeartKit().eval()
    frames = _frames(examples)
    float_model = export.to_float(export.Graph(network, before=nn.Identity()), frames)
    int8_model = export.to_int8(float_model, frames, parts=("",), operations=_HEARTKIT_OPERATIONS)
    rows += _pair(
        "HeartKit, 4 rhythms", float_model, int8_model, frames.shape[1:],
        counted(network, heartkit.RATE_HZ * WINDOW_S, 1),
        "HeartKit's arr-4-eff-sm rebuilt: one lead, 8 s, standardised before the file; untrained", folder / "heartkit",
    )  # fmt: skip
    progress("converting the peers", len(STUDIED) + 1, len(STUDIED) + 1)
    return rows


def _of_study(name: str, examples: npt.NDArray[np.float32]) -> tuple[bytes, dict[str, int]]:
    """One of the study's networks as a float .tflite, and its parameters and MACs."""
    torch.manual_seed(0)
    network = studied(name, 1, len(RHYTHMS), N_SAMPLES).eval()
    return export.to_float(export.Graph(network, before=MinMax()), examples), counted(network, N_SAMPLES)


def _pair(
    title: str, float_model: bytes, int8_model: bytes, shape: tuple[int, ...], size: dict[str, int], what: str, at: Path
) -> list[Contender]:
    """The rows of a network in float and in int8."""
    return [
        _peer(title, kind, model, shape, size, what, at)
        for kind, model in (("float", float_model), ("int8", int8_model))
    ]


def _peer(
    title: str, kind: str, model: bytes, shape: tuple[int, ...], size: dict[str, int], what: str, at: Path
) -> Contender:
    small = export.stripped(model)
    return Contender(
        name=f"{title}, {kind}",
        runtime="LiteRT",
        kind=kind,
        path=_kept(at.with_name(f"{at.name}.{kind}.tflite"), small),
        input=(1, *shape),
        bytes=len(small),
        parameters=size["parameters"],
        macs=size["macs"],
        conditioning_macs=0,
        what=what,
    )


def _simulated(n: int) -> npt.NDArray[np.float32]:
    """float32 [n, 5000, 12], millivolts: simulated windows, each rhythm in turn."""
    names = list(RHYTHMS)
    return np.stack([next(windows(simulate(names[k % len(names)], seed=k))).signal_mv for k in range(n)])


def _frames(windows_mv: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """float32 [n, 800, 1]: HeartKit's frame of lead II, standardised as its configuration says."""
    step = N_SAMPLES // WINDOW_S // heartkit.RATE_HZ
    x = windows_mv[:, : heartkit.N_TIME * step : step, 1:2]
    scaled: npt.NDArray[np.float32] = (x - x.mean(axis=1, keepdims=True)) / (x.std(axis=1, keepdims=True) + 0.01)
    return scaled


def _kept(path: Path, model: bytes) -> Path:
    path.write_bytes(model)
    return path
