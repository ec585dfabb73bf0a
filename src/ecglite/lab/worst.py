"""What a model named wrongly with the highest probability: which recordings those are, and a page that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecglite.edge.bundle import Bundle
from ecglite.edge.errors import EcgliteError
from ecglite.edge.pipeline import Classifier, Runner
from ecglite.edge.report import Entry as Sheet
from ecglite.edge.report import html
from ecglite.lab.datasets import Dataset
from ecglite.lab.evaluation import OTHER, Figure, Predictions

SHOWN: Final = 10


def worst(p: Predictions, record_ids: Sequence[str]) -> list[Figure]:
    """The labelled recordings that were named wrongly, the highest probability first, `SHOWN` of them at most.

    Args:
        p: of the labelled recordings; what could not be classified has no probability, and is none of them.
        record_ids: of the same.
    """
    top = p.probabilities.max(axis=1)
    wrong = [k for k in np.argsort(-top, kind="stable").tolist() if p.named[k] not in (p.truth[k], OTHER)]
    return [
        {
            "record": record_ids[k],
            "truth": p.truth[k],
            "named": p.named[k],
            "probability": float(top[k]),
            "abstained": bool(p.abstained[k]),
        }
        for k in wrong[:SHOWN]
    ]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The worst of a database, to be drawn.

    Attributes:
        which, root: the database and its folder.
        worst: from `worst`.
    """

    which: Dataset
    root: Path
    worst: Sequence[Mapping[str, object]]


def page(bundle: Path, some: Sequence[Drawn], runner: Callable[[Bundle], Runner] | None = None) -> str:
    """An HTML page with the tracing of each, what the publisher calls it, and what the model said.

    Args:
        bundle: folder of the model bundle.
        some: of each database.
        runner: see `Classifier`.
    """
    classifier = Classifier(bundle, runner=runner)
    sheets = [sheet for of in some for sheet in _sheets(classifier, of)]
    of_model = f"Model {classifier.manifest.name} {classifier.manifest.version}."
    return html(sheets, title="Named wrongly with the highest probability", note=of_model)


def _sheets(classifier: Classifier, of: Drawn) -> Iterator[Sheet]:
    entries = {entry.record_id: entry for entry in of.which.index(of.root)}
    for one in of.worst:
        heading = f"{of.which.name} {one['record']}: labelled {one['truth']}, named {one['named']}"
        record = None
        try:
            record = of.which.read(entries[str(one["record"])])
            yield Sheet(heading, record, classifier.classify(record))
        except EcgliteError as error:  # the file has changed since it was scored
            yield Sheet(heading, record, error=str(error))
