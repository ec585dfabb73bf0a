"""The networks, one per file."""

from __future__ import annotations

from ecglite.edge.record import LEADS
from ecglite.lab.models.depthwise import Depthwise
from ecglite.lab.recipe import Recipe


def network_of(recipe: Recipe) -> Depthwise:
    """The untrained network of a recipe: [batch, 12, 1, 1000], conditioned -> [batch, n_labels], logits."""
    of = recipe.network
    return Depthwise(
        len(LEADS),
        len(recipe.labels),
        stem=of.stem,
        blocks=of.blocks,
        kernel=of.kernel,
        dropout=of.dropout,
    )
