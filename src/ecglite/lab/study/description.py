"""A study, described: which networks, prepared and fitted how, over how many folds and seeds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecglite.edge.errors import RecipeError
from ecglite.lab.models import STUDIED
from ecglite.lab.recipe import (
    AugmentationRecipe,
    NetworkRecipe,
    PreparationRecipe,
    TrainingRecipe,
    check,
    from_mapping,
    read_toml,
)

OURS: Final = "ours"
SHIPPED: Final = Path(__file__).parents[1] / "studies"
"""Where the recipes lie that come with the package."""


@dataclass(frozen=True, slots=True)
class Method:
    """How records are prepared and networks fitted.

    Attributes:
        augmented: batches go through `augmentation` first.
    """

    preparation: PreparationRecipe = field(default_factory=PreparationRecipe)
    training: TrainingRecipe = field(default_factory=TrainingRecipe)
    augmented: bool = False
    augmentation: AugmentationRecipe = field(default_factory=AugmentationRecipe)


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the tables: a network, in one or two dimensions, by a method.

    Attributes:
        network: a key of `models.STUDIED`, or "ours".
        dimension: 1, leads are channels; 2, leads by time.
        method: a key of `StudyRecipe.methods`.
        share: the part of the training patients that it is fitted on; the test folds are always whole.
        epochs: in place of the method's; 0 for the method's.
    """

    network: str
    method: str
    dimension: int = 1
    share: float = 1.0
    epochs: int = 0

    def __post_init__(self) -> None:
        allowed = (*STUDIED, OURS)
        check(self.network in allowed, "arms.network", self.network, " or ".join(allowed))
        check(self.dimension in (1, 2), "arms.dimension", self.dimension, "1 or 2")
        check(self.network != OURS or self.dimension == 1, "arms.dimension", self.dimension, "1 for our own network")
        check(self.epochs >= 0, "arms.epochs", self.epochs, "0 or more")
        check(0 < self.share <= 1, "arms.share", self.share, "above 0, at most 1")

    @property
    def name(self) -> str:
        """As the tables and the folders have it, such as "mobilenet-1d-as-published"."""
        return f"{self.network}-{self.dimension}d-{self.method}"


@dataclass(frozen=True, slots=True)
class StudyRecipe:
    """A study.

    Attributes:
        folds: of the cross-validation.
        seeds: each unit is fitted once per seed.
        folds_left_out: the publisher's folds that stay closed.
        methods: by name.
        arms: the rows of the tables.
        ours: our network.
        watched: records of the test fold whose loss is followed epoch by epoch; nothing is chosen by it.
        calibration_records: training records that set the int8 ranges.
        note: what a reader of the report must know of this recipe.
    """

    name: str
    methods: dict[str, Method]
    arms: tuple[Arm, ...]
    folds: int = 5
    seeds: tuple[int, ...] = (0,)
    folds_left_out: tuple[int, ...] = ()
    ours: NetworkRecipe = field(default_factory=NetworkRecipe)
    watched: int = 1000
    calibration_records: int = 200
    note: str = ""

    def __post_init__(self) -> None:
        check(self.name.replace("-", "").isalnum(), "name", self.name, "letters, digits and hyphens")
        check(2 <= self.folds <= 20, "folds", self.folds, "2 to 20")
        seeds = bool(self.seeds) and min(self.seeds) >= 0 and len(set(self.seeds)) == len(self.seeds)
        check(seeds, "seeds", self.seeds, "one or more, each once, 0 or more")
        check(bool(self.arms), "arms", self.arms, "at least one")
        for arm in self.arms:
            check(arm.method in self.methods, "arms.method", arm.method, ", ".join(self.methods) or "a method")
        names = [arm.name for arm in self.arms]
        check(len(set(names)) == len(names), "arms", names, "each network, dimension and method once")
        for name in self.methods:
            check(name.replace("-", "").isalnum(), "methods", name, "letters, digits and hyphens")
        check(self.watched >= 1, "watched", self.watched, "at least 1")
        check(self.calibration_records >= 1, "calibration_records", self.calibration_records, "at least 1")

    def mapping(self) -> dict[str, object]:
        """Plain values, as `from_mapping` takes them back."""
        return dataclasses.asdict(self)


def load(name_or_path: str) -> StudyRecipe:
    """A study's recipe: the name of one that comes with the package, or the path of a .toml file.

    Raises:
        RecipeError: there is none, or it has an unknown, missing or invalid field.
    """
    shipped = SHIPPED / f"{name_or_path}.toml"
    if "/" not in name_or_path and shipped.is_file():
        return from_mapping(StudyRecipe, read_toml(shipped))
    if not Path(name_or_path).is_file():
        raise RecipeError(f"no study recipe {name_or_path!r}", allowed=f"{', '.join(names())}, or the path of a .toml")
    return from_mapping(StudyRecipe, read_toml(Path(name_or_path)))


def names() -> list[str]:
    """The recipes that come with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))
