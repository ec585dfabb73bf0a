"""One experiment, described. A recipe is a TOML file; every field is validated and unknown ones are refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from ecglite.edge.errors import RecipeError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.labels import SIMULATED, VOCABULARIES

T = TypeVar("T")

SCHEDULES: Final = ("one-cycle", "constant")
SCALINGS: Final = ("baseline", "min-max")
PRECISIONS: Final = ("float32", "bfloat16")
POOLS: Final = ("mean-std", "mean-deviation")


def check(holds: bool, name: str, value: object, allowed: str) -> None:
    """Refuse a recipe's field unless `holds`.

    Raises:
        RecipeError: it does not hold.
    """
    if not holds:
        raise RecipeError(f"recipe field {name} = {value!r}", allowed=allowed)


@dataclass(frozen=True, slots=True)
class DataRecipe:
    """Which records train, which choose, which are opened once.

    Attributes:
        dataset: a name of `lab.datasets.DATASETS`.
        train_folds, validation_folds, test_folds: the publisher's folds; no fold twice.
        limit: at most this many training records, for quick runs; 0 for all.
    """

    dataset: str = "ptb-xl"
    train_folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    validation_folds: tuple[int, ...] = (9,)
    test_folds: tuple[int, ...] = (10,)
    limit: int = 0

    def __post_init__(self) -> None:
        folds = [*self.train_folds, *self.validation_folds, *self.test_folds]
        check(
            len(folds) == len(set(folds)),
            "data.*_folds",
            folds,
            "each fold once: patients never cross a split",
        )
        check(
            bool(self.train_folds and self.validation_folds),
            "data.train_folds",
            folds,
            "at least one fold each",
        )
        check(self.limit >= 0, "data.limit", self.limit, "0 or more")


@dataclass(frozen=True, slots=True)
class PreparationRecipe:
    """What a network sees of a recording.

    Attributes:
        rate_hz: 100, low-passed at 42 Hz, or 500.
        scaling: "min-max" to [0, 1] over the recording, or "baseline": the moving mean of one second taken off, each
            lead divided by its standard deviation.
        whole_leads_only: drop recordings of which a lead is missing or flat.
    """

    rate_hz: int = 100
    scaling: str = "baseline"
    whole_leads_only: bool = False

    def __post_init__(self) -> None:
        check(self.rate_hz in (100, 500), "preparation.rate_hz", self.rate_hz, "100 or 500")
        check(self.scaling in SCALINGS, "preparation.scaling", self.scaling, " or ".join(SCALINGS))


@dataclass(frozen=True, slots=True)
class NetworkRecipe:
    """The network: see `lab.models.depthwise.Depthwise`.

    Attributes:
        stem: channels of the first convolution.
        blocks: [channels, stride, dilation] of each block.
        kernel: taps of the convolutions over time.
        stem_kernel: taps of the first one; 0 for `kernel`.
        stem_stride: stride of the first one.
        padless: strided convolutions have a tap less where that spares the file a PAD.
        pool: "mean-std", or "mean-deviation" for a network that is int8 from end to end.
    """

    stem: int = 32
    blocks: tuple[tuple[int, int, int], ...] = ((64, 2, 1), (128, 2, 1))
    kernel: int = 9
    dropout: float = 0.2
    stem_kernel: int = 0
    stem_stride: int = 2
    padless: bool = False
    pool: str = "mean-std"

    def __post_init__(self) -> None:
        check(self.stem > 0, "network.stem", self.stem, "at least 1")
        check(self.kernel % 2 == 1 and self.kernel > 0, "network.kernel", self.kernel, "odd")
        check(self.stem_kernel == 0 or self.stem_kernel % 2 == 1, "network.stem_kernel", self.stem_kernel, "odd, or 0")
        check(self.stem_stride >= 1, "network.stem_stride", self.stem_stride, "at least 1")
        check(self.pool in POOLS, "network.pool", self.pool, " or ".join(POOLS))
        check(0 <= self.dropout < 1, "network.dropout", self.dropout, "0 to below 1")
        good = bool(self.blocks) and all(len(b) == 3 and min(b) >= 1 for b in self.blocks)
        check(good, "network.blocks", self.blocks, "lists of channels, stride and dilation, each at least 1")


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How it is fitted: AdamW over one cycle (Smith, 2018), weights averaged exponentially.

    Attributes:
        schedule: of the learning rate: "one-cycle" or "constant".
        weight_decay: AdamW's; at 0 it is Adam.
        clip: the gradient's greatest norm; 0 for none.
        precision: of the forward and backward pass: "float32", or "bfloat16" with float32 weights.
        balance: records are drawn with their class's count to the power of minus this: 0 as they come, 1 all
            classes alike.
        mixup: the share of the weaker record is Beta(mixup, mixup) (Zhang et al., 2018); 0 for none.
        average: decay of the weights' moving average, per step.
    """

    epochs: int = 16
    batch_size: int = 64
    learning_rate: float = 5e-3
    weight_decay: float = 0.02
    balance: float = 0.5
    label_smoothing: float = 0.0
    mixup: float = 0.3
    average: float = 0.998
    schedule: str = "one-cycle"
    clip: float = 1.0
    precision: str = "float32"

    def __post_init__(self) -> None:
        check(self.schedule in SCHEDULES, "training.schedule", self.schedule, " or ".join(SCHEDULES))
        check(self.precision in PRECISIONS, "training.precision", self.precision, " or ".join(PRECISIONS))
        check(self.clip >= 0, "training.clip", self.clip, "0 or more")
        check(self.epochs >= 1, "training.epochs", self.epochs, "at least 1")
        check(self.batch_size >= 2, "training.batch_size", self.batch_size, "at least 2")
        check(0 < self.learning_rate < 1, "training.learning_rate", self.learning_rate, "between 0 and 1")
        check(self.weight_decay >= 0, "training.weight_decay", self.weight_decay, "0 or more")
        check(0 <= self.balance <= 1, "training.balance", self.balance, "0 to 1")
        check(0 <= self.label_smoothing < 1, "training.label_smoothing", self.label_smoothing, "0 to below 1")
        check(self.mixup >= 0, "training.mixup", self.mixup, "0 or more")
        check(0 <= self.average < 1, "training.average", self.average, "0 to below 1")


@dataclass(frozen=True, slots=True)
class AugmentationRecipe:
    """What happens to a training record, each by its probability or its greatest size.

    Attributes:
        gain: each lead times exp(N(0, gain)).
        lead_dropout: probability of each lead to be lost.
        few_leads: probability that only the limb leads, one limb and one chest lead, or one limb lead are left.
        gap: probability that all leads rest at zero for 0.2 to 1.5 s.
        knock: probability of a bump of some millivolts in most leads.
        noise_mv: standard deviation of white noise, up to.
        wander_mv: amplitude of a slow baseline, up to.
        shorten: probability that the record ends after 5 to 10 s.
        invert: probability that all leads hang upside down, as a handheld held the other way round makes them. Teachers
            are asked about it upright.
    """

    gain: float = 0.2
    lead_dropout: float = 0.06
    few_leads: float = 0.2
    gap: float = 0.1
    knock: float = 0.1
    noise_mv: float = 0.05
    wander_mv: float = 0.3
    shorten: float = 0.1
    invert: float = 0.0

    def __post_init__(self) -> None:
        for name in ("lead_dropout", "few_leads", "gap", "knock", "shorten", "invert"):
            check(0 <= getattr(self, name) <= 1, f"augmentation.{name}", getattr(self, name), "0 to 1")
        for name in ("gain", "noise_mv", "wander_mv"):
            check(getattr(self, name) >= 0, f"augmentation.{name}", getattr(self, name), "0 or more")


@dataclass(frozen=True, slots=True)
class SimulatedRecipe:
    """Simulated records added to the training folds.

    Attributes:
        rhythms: of the eleven; one that is named twice has twice as many records. For a model of one of many.
        statements: of PTB-XL's, each as `labels.SIMULATED` has it. For a model of statements.
        per_rhythm: records for each name of either.
    """

    rhythms: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    per_rhythm: int = 0

    def __post_init__(self) -> None:
        known = all(rhythm in RHYTHMS for rhythm in self.rhythms)
        check(known, "simulated.rhythms", self.rhythms, ", ".join(RHYTHMS))
        known = all(statement in SIMULATED for statement in self.statements)
        check(known, "simulated.statements", self.statements, ", ".join(SIMULATED))
        check(self.per_rhythm >= 0, "simulated.per_rhythm", self.per_rhythm, "0 or more")


@dataclass(frozen=True, slots=True)
class TeacherRecipe:
    """Larger networks that are fitted first; the recipe's own then learns what they say of what it sees itself.

    Each is fitted as the recipe says but for what stands here and for records upside down, which are none. The small
    network sees a record augmented and mixed, and so do they: it follows the mean of their probabilities, their doubt
    included (Hinton et al., 2015, arXiv:1503.02531; Beyer et al., 2022, arXiv:2106.05237).

    Attributes:
        name: of their runs, which recipes that agree in all else share.
        seeds: one network each; none for no teacher.
        epochs: of each.
        network: of each.
        share: of the target that is theirs; the rest is the label's.
    """

    name: str = "teacher"
    seeds: tuple[int, ...] = ()
    epochs: int = 12
    network: NetworkRecipe = field(default_factory=NetworkRecipe)
    share: float = 0.7

    def __post_init__(self) -> None:
        check(self.name.replace("-", "").isalnum(), "teacher.name", self.name, "letters, digits and hyphens")
        check(len(set(self.seeds)) == len(self.seeds), "teacher.seeds", self.seeds, "each seed once")
        check(all(seed >= 0 for seed in self.seeds), "teacher.seeds", self.seeds, "0 or more")
        check(self.epochs >= 1, "teacher.epochs", self.epochs, "at least 1")
        check(0 < self.share <= 1, "teacher.share", self.share, "above 0, at most 1")


@dataclass(frozen=True, slots=True)
class ExportRecipe:
    """The shipped file: how many training records set the int8 ranges, and when the model abstains.

    Attributes:
        calibration_records: how many, drawn from the training folds.
        answer_accuracy: the model abstains below the probability above which it was this accurate on the
            validation folds.
        frequency: how frequent each label is taken to be among patients, in any unit; the last layer's bias is brought
            from the frequencies that were drawn in training to these (Saerens et al., 2002, doi
            10.1162/089976602753284446), and the probabilities are calibrated for them. Empty for those of training.
    """

    calibration_records: int = 1000
    answer_accuracy: float = 0.97
    frequency: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(
            self.calibration_records >= 1,
            "export.calibration_records",
            self.calibration_records,
            "at least 1",
        )
        check(
            0 < self.answer_accuracy <= 1,
            "export.answer_accuracy",
            self.answer_accuracy,
            "above 0, at most 1",
        )
        check(all(of > 0 for of in self.frequency.values()), "export.frequency", self.frequency, "above 0")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model, from data to bundle.

    Attributes:
        labels: of the task's vocabulary.
        task: a key of `labels.VOCABULARIES`: one of the eleven rhythms, or PTB-XL's statements each on its own.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    seed: int = 0
    task: str = "rhythm"
    data: DataRecipe = field(default_factory=DataRecipe)
    network: NetworkRecipe = field(default_factory=NetworkRecipe)
    training: TrainingRecipe = field(default_factory=TrainingRecipe)
    augmentation: AugmentationRecipe = field(default_factory=AugmentationRecipe)
    simulated: SimulatedRecipe = field(default_factory=SimulatedRecipe)
    teacher: TeacherRecipe = field(default_factory=TeacherRecipe)
    export: ExportRecipe = field(default_factory=ExportRecipe)

    def __post_init__(self) -> None:
        check(self.name.replace("-", "").isalnum(), "name", self.name, "letters, digits and hyphens")
        check(bool(self.version.strip()), "version", self.version, "a version such as 0.1.0")
        check(self.task in VOCABULARIES, "task", self.task, " or ".join(VOCABULARIES))
        words = VOCABULARIES[self.task]
        known = len(self.labels) >= 2 and all(label in words for label in self.labels)
        check(known, "labels", self.labels, f"two or more of {', '.join(words)}")
        check(len(set(self.labels)) == len(self.labels), "labels", self.labels, "each rhythm once")
        check(self.seed >= 0, "seed", self.seed, "0 or more")
        kind, other = ("rhythms", "statements") if self.one_of_many else ("statements", "rhythms")
        strangers = [name for name in getattr(self.simulated, kind) if name not in self.labels]
        check(not strangers, f"simulated.{kind}", strangers, f"labels of the recipe: {', '.join(self.labels)}")
        unused = getattr(self.simulated, other)
        check(not unused, f"simulated.{other}", unused, f"none for task {self.task}: name simulated.{kind}")
        frequency = self.export.frequency
        wanted = f"every label, {', '.join(self.labels)}, or none" if self.one_of_many else f"none for task {self.task}"
        good = not frequency or (self.one_of_many and set(frequency) == set(self.labels))
        check(good, "export.frequency", frequency, wanted)

    @property
    def one_of_many(self) -> bool:
        """Whether the labels exclude each other."""
        return self.task == "rhythm"

    def teachers(self) -> tuple[Recipe, ...]:
        """The recipes of its teachers, in the order of their seeds."""
        of = self.teacher
        training = dataclasses.replace(self.training, epochs=of.epochs)
        augmentation = dataclasses.replace(self.augmentation, invert=0.0)
        return tuple(
            dataclasses.replace(
                self, name=of.name, seed=seed, network=of.network, training=training, augmentation=augmentation,
                teacher=TeacherRecipe(), export=ExportRecipe(),
            )
            for seed in of.seeds
        )  # fmt: skip

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits over every field that changes the weights: all but `export`."""
        fields = {name: value for name, value in dataclasses.asdict(self).items() if name != "export"}
        text = json.dumps(fields, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path) -> Recipe:
    """The recipe of a TOML file; see `read_toml`."""
    return from_mapping(Recipe, read_toml(path))


def read_toml(path: Path) -> dict[str, Any]:
    """The fields of a TOML file.

    Raises:
        RecipeError: the file cannot be read, is not TOML, or has an unknown, missing or invalid field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} cannot be read: {error}", do="give the path of a recipe's .toml file") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML: {error}") from None


def from_mapping(cls: type[T], mapping: dict[str, Any], where: str = "") -> T:
    """A frozen dataclass of plain values, nested ones included.

    Raises:
        RecipeError: a key is unknown or missing, or a value has another type or is out of range.
    """
    hints = typing.get_type_hints(cls)
    known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in mapping:
        if key not in known:
            raise RecipeError(f"unknown recipe field {where}{key}", allowed=", ".join(known))
    for name, f in known.items():
        required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        if required and name not in mapping:
            raise RecipeError(f"recipe field {where}{name} is missing")
    return cls(**{key: _value(hints[key], value, f"{where}{key}") for key, value in mapping.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise RecipeError(f"recipe field {where} = {value!r}", allowed="a table")
        return from_mapping(hint, value, f"{where}.")
    if isinstance(hint, types.GenericAlias) and hint.__origin__ is tuple:
        if not isinstance(value, list | tuple):
            raise RecipeError(f"recipe field {where} = {value!r}", allowed="a list")
        inner = hint.__args__
        hints = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(hints) != len(value):
            raise RecipeError(f"recipe field {where} = {value!r}", allowed=f"{len(hints)} values")
        return tuple(_value(h, v, where) for h, v in zip(hints, value, strict=True))
    if isinstance(hint, types.GenericAlias) and hint.__origin__ is dict:
        if not isinstance(value, dict):
            raise RecipeError(f"recipe field {where} = {value!r}", allowed="a table")
        return {key: _value(hint.__args__[1], inner, f"{where}.{key}") for key, inner in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise RecipeError(f"recipe field {where} = {value!r}", allowed=f"a value of type {hint.__name__}")
    if hint is float and not math.isfinite(value):
        raise RecipeError(f"recipe field {where} = {value!r}", allowed="a finite number")
    return value
