"""A model bundle: `model.tflite`, the `manifest.json` that says what it is, and the model card for people.

A second file, for microcontrollers, may stand beside the first; then the manifest names both.
"""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from ecglite.edge.errors import BundleError
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import N_SAMPLES, RATE_HZ

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
"""The manifest's own version: a bundle of another one is refused."""

SHIPPED: Final = Path(__file__).parent.parent / "models"
"""Where the bundles lie that ship with the package."""

RHYTHM: Final = "rhythm"
"""The task of a bundle that names one of the eleven rhythms."""

DEFAULT: Final = SHIPPED / "rhythm"

_MAX_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class MicroFile:
    """The file for microcontrollers: int8 [1, 1000, 12] at 100 Hz, conditioned by the caller, to int8 [1, n_labels].

    Attributes:
        model_file, sha256, size_bytes: the .tflite beside the manifest.
        abstain_below: as the manifest's.
        arena_bytes: working memory that TensorFlow Lite Micro took for it.
        trained_on, recipe, commit, exported_at, made_with: as the manifest's, of a network of its own.
    """

    model_file: str
    sha256: str
    size_bytes: int
    abstain_below: float
    arena_bytes: int
    trained_on: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    commit: str = ""
    exported_at: str = ""
    made_with: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_file(self, "micro.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model is.

    Attributes:
        name, version: of the model.
        model_file, sha256, size_bytes: the .tflite beside the manifest.
        labels: abbreviation of each output, in order.
        leads, sampling_rate_hz, n_samples, units: of the input, which this version fixes.
        abstain_below: the finding is withheld where the highest probability is below this.
        task: what the labels are: "rhythm", one of the eleven, which is what a Finding holds; or the name of a
            benchmark with words of its own.
        trained_on: database, folds, sha256 of all samples and labels, counts by label, real and simulated apart.
        recipe: the recipe, field by field; `seed` among them.
        commit: of the source tree that trained it, with "-dirty" where it held changes; several where it was resumed.
        exported_at: the commit that converted and quantised it.
        made_with: versions of what trained, converted and quantised it.
        micro: the file for microcontrollers, where the bundle has one; it names the same labels.
    """

    name: str
    version: str
    model_file: str
    sha256: str
    size_bytes: int
    labels: tuple[str, ...]
    abstain_below: float
    leads: tuple[str, ...] = LEADS
    sampling_rate_hz: float = float(RATE_HZ)
    n_samples: int = N_SAMPLES
    units: str = "mV"
    task: str = RHYTHM
    trained_on: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    commit: str = ""
    exported_at: str = ""
    made_with: dict[str, str] = field(default_factory=dict)
    micro: MicroFile | None = None
    format: int = FORMAT

    def __post_init__(self) -> None:
        for name in ("name", "version", "task"):
            if not isinstance(getattr(self, name), str):
                raise BundleError(f"manifest field {name} = {getattr(self, name)!r}", allowed="text")
        here = (LEADS, float(RATE_HZ), N_SAMPLES, "mV", FORMAT)
        for name, allowed in zip(("leads", "sampling_rate_hz", "n_samples", "units", "format"), here, strict=True):
            if getattr(self, name) != allowed:
                raise BundleError(
                    f"manifest field {name} = {getattr(self, name)!r}",
                    allowed=f"{allowed!r} in this version of ecglite",
                    do="use a bundle made for this version",
                )
        known = bool(self.labels) and all(
            label in RHYTHMS if self.task == RHYTHM else isinstance(label, str) for label in self.labels
        )
        if not known or len(set(self.labels)) < len(self.labels):
            allowed = ", ".join(RHYTHMS) if self.task == RHYTHM else "names"
            raise BundleError(f"manifest field labels = {self.labels!r}", allowed=f"each once: {allowed}")
        _check_file(self, "")
        if self.micro is not None and not isinstance(self.micro, MicroFile):
            raise BundleError(f"manifest field micro = {self.micro!r}", allowed="the fields of a file")

    def to_json(self) -> str:
        """As it stands in manifest.json."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def _check_file(of: Manifest | MicroFile, where: str) -> None:
    """What both files of a bundle have.

    Raises:
        BundleError: a field is not what it may be.
    """
    for name in ("model_file", "sha256"):
        if not isinstance(getattr(of, name), str):
            raise BundleError(f"manifest field {where}{name} = {getattr(of, name)!r}", allowed="text")
    if not 0 <= of.abstain_below < 1:
        raise BundleError(f"manifest field {where}abstain_below = {of.abstain_below}", allowed="0 to below 1")
    if Path(of.model_file).name != of.model_file or not of.model_file or "\0" in of.model_file:
        raise BundleError(f"manifest field {where}model_file = {of.model_file!r}", allowed="a plain file name")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle in memory, its checksums verified; `micro` is the file for microcontrollers, where it has one."""

    manifest: Manifest
    model: bytes
    folder: Path
    micro: bytes | None = None


def load_bundle(folder: Path | str = DEFAULT) -> Bundle:
    """Read and verify a bundle.

    Args:
        folder: its folder, or the bare name of one that ships with the package, such as "rhythm".

    Raises:
        BundleError: a file is missing, the manifest is not one, or a model's sha256 is not the manifest's.
    """
    folder = Path(folder)
    if len(folder.parts) == 1 and not folder.exists() and (SHIPPED / folder).is_dir():
        folder = SHIPPED / folder
    manifest = _manifest(folder / MANIFEST)
    model = _verified(folder, manifest)
    micro = None if manifest.micro is None else _verified(folder, manifest.micro)
    return Bundle(manifest, model, folder, micro)


def _verified(folder: Path, of: Manifest | MicroFile) -> bytes:
    path = folder / of.model_file
    model = _bytes(path)
    found = hashlib.sha256(model).hexdigest()
    if found != of.sha256:
        raise BundleError(
            f"{path} has sha256 {found[:16]}...",
            allowed=f"the manifest's {of.sha256[:16]}...",
            do="the file was changed or damaged: copy the bundle again",
        )
    return model


def _bytes(path: Path) -> bytes:
    """A regular file of at most 64 MiB, whole."""
    allowed = f"a folder that holds {MANIFEST} and its model"
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BundleError(f"{path} is not a file", allowed=allowed)
        if status.st_size > _MAX_BYTES:
            raise BundleError(f"{path} has {status.st_size} bytes", allowed=f"at most {_MAX_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}", allowed=allowed) from None


def _manifest(path: Path) -> Manifest:
    try:
        values = json.loads(_bytes(path))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} is not JSON: {error}", do="copy the bundle again") from None
    try:
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
        if isinstance(values.get("micro"), dict):
            values["micro"] = MicroFile(**values["micro"])
        return Manifest(**values)
    except (TypeError, AttributeError) as error:
        raise BundleError(f"{path} is not a manifest of ecglite: {error}", do="copy the bundle again") from None
