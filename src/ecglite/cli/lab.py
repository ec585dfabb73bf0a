"""What the maker's verbs share: their options, and a plain word where the lab extra is not installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ecglite.edge.errors import LabError

LAB_PACKAGES: Final = (
    *("torch", "sklearn", "safetensors", "neurokit2", "litert_torch", "litert_quantizer"),
    *("openpyxl", "h5py", "matplotlib", "pooch", "requests", "scipy", "wfdb"),
)
"""What the lab extra installs, as it is imported."""

F = TypeVar("F", bound=Callable[..., Any])


def data_option(command: F) -> F:
    """--data, handed on as `data`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        envvar="ECG_DATA",
        metavar="FOLDER",
        help="Folder that holds the databases, each in its publisher's layout; else the variable ECG_DATA.",
    )(command)


def require_lab(*packages: str) -> None:
    """Refuse to go on where the lab extra is not installed.

    Args:
        packages: those of `LAB_PACKAGES` that the verb needs; all of them where none is given.

    Raises:
        LabError: one of them is not installed.
    """
    for module in packages or LAB_PACKAGES:
        if importlib.util.find_spec(module) is None:
            raise LabError(
                f"this needs the lab extra: {module} is not installed",
                do="in ecglite's source folder: pip install '.[lab]'",
            )
