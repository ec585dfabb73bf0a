"""A bundle on one database or on several, with all that `ecglite evaluate` can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecglite.edge.bundle import Bundle, Manifest, load_bundle
from ecglite.edge.errors import DatasetError
from ecglite.edge.pipeline import Classifier, Runner
from ecglite.lab import baselines, datasets, evaluation, scoring, worst
from ecglite.lab.datasets import Dataset
from ecglite.lab.evaluation import Figure
from ecglite.lab.micro import OnMicro
from ecglite.lab.prepare import Progress, prepare
from ecglite.lab.scoring import Scored
from ecglite.lab.ship import MICRO
from ecglite.lab.variants import Variant

EXTERNAL: Final = "hospitals never trained on"
"""The name of the figures of several databases together."""

_OURS_ONLY: Final = ("confusion", "per_class")  # not repeated for the bundle beside


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is asked.

    Attributes:
        bundle: the bundle that is scored.
        which: the databases.
        data: see `datasets.root_of`.
        folds: the publisher's folds; None for the recipe's test folds on its own database, all elsewhere.
        beside: another bundle to score, as the float twin.
        micro: score the file for microcontrollers.
        variants: how each recording is changed and classified once more.

    Raises:
        DatasetError: one of several databases has recordings that the bundle was fitted on, or that another one has.
        BundleError: there is no file for microcontrollers.
    """

    bundle: Bundle
    which: tuple[Dataset, ...]
    data: Path | None = None
    folds: tuple[int, ...] | None = None
    beside: Path | None = None
    micro: bool = False
    variants: tuple[Variant, ...] = ()

    def __post_init__(self) -> None:
        for bundle in (self.bundle, *([load_bundle(self.beside)] if self.beside else ())):  # before long work
            Classifier(bundle.folder)  # does it name rhythms?
        if self.micro:
            OnMicro(self.bundle)  # has it such a file?
        fitted_on = str(self.bundle.manifest.trained_on.get("dataset", ""))
        for place, which in enumerate(self.which if len(self.which) > 1 else ()):
            if datasets.overlap(which.name, fitted_on):
                raise DatasetError(
                    f"bundle {self.bundle.manifest.name} was fitted on recordings of {which.name}",
                    allowed="among several databases only such that it has never seen",
                    do=f"evaluate {which.name} by itself, where its test folds are known",
                )
            for other in self.which[:place]:
                if datasets.overlap(which.name, other.name):
                    raise DatasetError(
                        f"{other.name} and {which.name} have recordings in common",
                        allowed="each recording once",
                        do="leave one of them out",
                    )

    def run(self, progress: Progress) -> tuple[dict[str, Figure], list[worst.Drawn]]:
        """The figures of each database by its name, of several those of all together behind them, and the worst.

        Raises:
            DatasetError: a database is not there, or not what its publisher describes.
            LabError: it has no labelled recording.
            LeadError: a recording has not the leads of a variant.
        """
        results: dict[str, Figure] = {}
        drawn: list[worst.Drawn] = []
        scored: dict[str, Scored] = {}
        twins: dict[str, Scored] = {}
        for which in self.which:
            root = datasets.root_of(which, self.data)
            prepared = prepare(which, root, progress)
            folds = self._folds(which)
            ours = scoring.score(
                self.bundle.folder, which, root, prepared, folds, progress, self._runner, self.variants
            )
            twin = scoring.score(self.beside, which, root, prepared, folds, progress) if self.beside else None
            measured = which.measurements(root) if which.measurements else None
            result = self._report(
                ours, twin, baselines.boosted_outside(measured, ours.record_ids) if measured else None
            )
            of_folds = f", fold {','.join(map(str, folds))}" if folds else ""
            of_folds += self._fitted_on(which, folds)
            results[self._name(which.name + of_folds)] = result | {
                "title": which.title + of_folds + self._on_micro,
                "command": self._command([which], folds),
                "doi": which.doi,
                "data": prepared.fingerprint,
            }
            drawn.append(worst.Drawn(which, root, result["worst"]))
            scored[which.name] = ours
            if twin:
                twins[which.name] = twin
        if len(self.which) > 1:
            all_twins = scoring.together(twins) if twins else None
            results[self._name(EXTERNAL)] = self._report(scoring.together(scored), all_twins) | {
                "title": f"Hospitals never trained on: {', '.join(scored)} together{self._on_micro}",
                "command": self._command(self.which, ()),
                "parts": {self._name(name): len(one.record_ids) for name, one in scored.items()},
            }
        return results, drawn

    def _report(self, ours: Scored, twin: Scored | None, measured: Sequence[str] | None = None) -> Figure:
        result = scoring.report(ours, scoring.most_frequent(self._manifest.trained_on), measured)
        if twin is not None and self.beside is not None:
            of_twin = evaluation.figures(twin.predictions)
            result["beside"] = {
                "title": f"{load_bundle(self.beside).manifest.size_bytes:,} bytes",
                "figures": {k: v for k, v in of_twin.items() if k not in _OURS_ONLY},
                "difference": evaluation.difference(ours.predictions, twin.predictions),
            }
        return result

    @property
    def _manifest(self) -> Manifest:
        return self.bundle.manifest

    @property
    def _runner(self) -> Callable[[Bundle], Runner] | None:
        return OnMicro if self.micro else None

    @property
    def _on_micro(self) -> str:
        return ", the file for microcontrollers, run here" if self.micro else ""

    def _name(self, name: str) -> str:
        return MICRO + name if self.micro else name

    def _fitted_on(self, which: Dataset, folds: Sequence[int]) -> str:
        """Said in the title, so that a figure of training records is never taken for a test."""
        of = self._manifest.trained_on
        fitted = set(of.get("train_folds", ())) if which.name == of.get("dataset") else set()
        return ", which it was FITTED on" if fitted and (not folds or fitted & set(folds)) else ""

    def _folds(self, which: Dataset) -> tuple[int, ...]:
        if self.folds is not None:
            return self.folds
        own = which.name == self._manifest.trained_on.get("dataset")
        recipe: dict[str, Any] = self._manifest.recipe if own else {}
        return tuple(recipe.get("data", {}).get("test_folds", ()))

    def _command(self, which: Sequence[Dataset], folds: Sequence[int]) -> str:
        """What prints the same figures; the bundle beside is a file of the maker's own, and stays out."""
        gains = ",".join(variant.name for variant in self.variants if not variant.leads)
        parts = [f"ecglite evaluate {self._manifest.name} {','.join(one.name for one in which)}"]
        parts += [f"--folds {','.join(map(str, folds))}"] if folds else []
        parts += ["--micro"] if self.micro else []
        parts += [f"--gain {gains}"] if gains else []
        only = [variant.name for variant in self.variants if variant.leads]
        parts += [f"--leads={name}" if name.startswith("-") else f"--leads {name}" for name in only]
        return " ".join(parts)

    def page(self, drawn: Sequence[worst.Drawn]) -> str:
        """The worst as a page with tracings; see `worst.page`."""
        return worst.page(self.bundle.folder, drawn, self._runner)
