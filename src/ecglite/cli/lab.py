"""What the maker's verbs share: their options, and a plain word where the lab extra is not installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ecglite.edge.errors import LabError

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


def require_lab() -> None:
    """Raise LabError where the lab extra is not installed."""
    for module in ("torch", "sklearn", "safetensors", "neurokit2", "litert_torch", "litert_quantizer"):
        if importlib.util.find_spec(module) is None:
            raise LabError(
                f"this needs the lab extra: {module} is not installed",
                do="in ecglite's source folder: pip install '.[lab]'",
            )
