"""The networks, one per file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import nn

from ecglite.edge.record import LEADS
from ecglite.lab.models.depthwise import Depthwise
from ecglite.lab.models.lenet import LeNet
from ecglite.lab.models.mobilenet import MobileNet
from ecglite.lab.models.plane import Plane
from ecglite.lab.models.resnet import ResNet
from ecglite.lab.recipe import NetworkRecipe, Recipe

Maker = Callable[[Plane, int, int], nn.Module]
"""The view, the number of labels and of samples -> the untrained network."""

STUDIED: Final[dict[str, Maker]] = {
    "lenet": lambda plane, n_labels, n_time: LeNet(plane, n_labels, n_time),
    "mobilenet": lambda plane, n_labels, n_time: MobileNet(plane, n_labels),
    "resnet": lambda plane, n_labels, n_time: ResNet(plane, n_labels),
}
"""The networks of the published study, each of which has a form in one and in two dimensions."""


def network_of(recipe: Recipe) -> Depthwise:
    """The untrained network of a recipe: [batch, 12, 1, 1000], conditioned -> [batch, n_labels], logits."""
    return depthwise_of(recipe.network, len(recipe.labels))


def depthwise_of(of: NetworkRecipe, n_labels: int) -> Depthwise:
    """Our small network as described, untrained."""
    return Depthwise(
        len(LEADS),
        n_labels,
        stem=of.stem,
        blocks=of.blocks,
        kernel=of.kernel,
        dropout=of.dropout,
        stem_kernel=of.stem_kernel,
        stem_stride=of.stem_stride,
        padless=of.padless,
        pool=of.pool,
    )


def studied(name: str, dimension: int, n_labels: int, n_time: int) -> nn.Module:
    """A network of the study, untrained: [batch, 12, 1, n_time], conditioned -> [batch, n_labels], logits.

    Args:
        name: a key of `STUDIED`.
        dimension: 1 or 2, see `plane.Plane`.
        n_labels: columns of the output.
        n_time: samples of the input.
    """
    return STUDIED[name](Plane(dimension, len(LEADS)), n_labels, n_time)
