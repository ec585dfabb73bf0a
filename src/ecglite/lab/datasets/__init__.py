"""The databases: where their recordings lie, whose they are, what their words mean. One file each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.lab.datasets import chapman, cinc, cinc2017, ecg_arrhythmia, ludb, mitdb, ptb_xl, sph
from ecglite.lab.datasets.entry import Dataset, Entry, Measurements

DATASETS: Final[dict[str, Dataset]] = {
    d.name: d
    for d in (
        ptb_xl.PTB_XL,
        ptb_xl.PTB_XL_500,
        chapman.CHAPMAN,
        chapman.CHAPMAN_RAW,  # after chapman: a folder may hold both
        cinc2017.CINC_2017,  # before cinc: its records are named as CPSC's are, and only it has a table beside them
        cinc.GEORGIA,
        cinc.CPSC_2018,
        cinc.CPSC_EXTRA,
        cinc.NINGBO,
        ecg_arrhythmia.ECG_ARRHYTHMIA,
        ludb.LUDB,
        sph.SPH,
        mitdb.MITDB,
    )
}

_SAME_RECORDINGS: Final = (
    frozenset({"ptb-xl", "ptb-xl-500"}),
    frozenset({"chapman", "chapman-raw", "ecg-arrhythmia"}),
    frozenset({"ningbo", "ecg-arrhythmia"}),
)

__all__ = ["DATASETS", "Dataset", "Entry", "Measurements", "dataset", "found", "overlap", "root_of"]


def dataset(name: str) -> Dataset:
    """The database called `name`.

    Raises:
        DatasetError: there is none of that name.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown database {name!r}", allowed=", ".join(DATASETS))
    return DATASETS[name]


def overlap(one: str, other: str) -> bool:
    """Whether two databases, by their names, have recordings in common."""
    return one == other or any({one, other} <= same for same in _SAME_RECORDINGS)


def found(name_or_folder: str, data: Path | None) -> tuple[Dataset, Path]:
    """A database and its folder, by its name below the data folder, or by the folder itself.

    Args:
        name_or_folder: a name of `DATASETS`, or a folder in the layout of one.
        data: see `root_of`.

    Raises:
        DatasetError: it is neither, or the folder is not there.
    """
    if name_or_folder in DATASETS:
        which = DATASETS[name_or_folder]
        return which, root_of(which, data)
    folder = Path(name_or_folder)
    if not folder.is_dir():
        raise DatasetError(
            f"{name_or_folder!r} is neither a database nor a folder", allowed=f"a folder, or {', '.join(DATASETS)}"
        )
    which_here = next((which for which in DATASETS.values() if which.is_here(folder)), None)
    if which_here is None:
        raise DatasetError(
            f"{folder} has the layout of no database that is known",
            allowed=", ".join(DATASETS),
            do="give the folder that the publisher's archive unpacks to",
        )
    return which_here, folder


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
            do=f"give --data FOLDER or set ECG_DATA; ecglite fetch {which.name} gets it from its publisher",
        )
    root = given / which.folder
    if not root.is_dir():
        do = f"ecglite fetch {which.name}, or unpack {which.title} there ({which.doi})"
        raise DatasetError(f"no folder {root}", do=do)
    return root
