"""The databases: where their recordings lie, whose they are, what their words mean. One file each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.lab.datasets import chapman, cinc, ptb_xl
from ecglite.lab.datasets.entry import Dataset, Entry

DATASETS: Final[dict[str, Dataset]] = {
    d.name: d for d in (ptb_xl.PTB_XL, chapman.CHAPMAN, cinc.GEORGIA, cinc.CPSC_2018, cinc.CPSC_EXTRA)
}

__all__ = ["DATASETS", "Dataset", "Entry", "dataset", "root_of"]


def dataset(name: str) -> Dataset:
    """The database called `name`.

    Raises:
        DatasetError: there is none of that name.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown database {name!r}", allowed=", ".join(DATASETS))
    return DATASETS[name]


def root_of(which: Dataset, data: Path | None) -> Path:
    """The folder of a database: below `data`, or below the environment variable ECG_DATA.

    Raises:
        DatasetError: neither is given, or the folder is not there.
    """
    given = data or (Path(os.environ["ECG_DATA"]) if os.environ.get("ECG_DATA") else None)
    if given is None:
        raise DatasetError(
            f"no folder given for {which.name}",
            allowed=f"a folder that holds {which.folder}/",
            do="give --data FOLDER or set ECG_DATA",
        )
    root = given / which.folder
    if not root.is_dir():
        raise DatasetError(f"no folder {root}", do=f"unpack {which.title} there ({which.doi})")
    return root
