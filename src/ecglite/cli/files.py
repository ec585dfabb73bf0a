"""What the verbs that take recordings share: finding files, the options that fill in what a file leaves open."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ecglite.edge.errors import EcgliteError, FileAccessError

F = TypeVar("F", bound=Callable[..., Any])


def reading_options(command: F) -> F:
    """--units, --rate and --leads, handed on as `units`, `rate` and `leads`."""
    for option in (
        click.option("--leads", metavar="NAMES", help="Names of the columns in order, as I,II,V1."),
        click.option(
            "--rate", type=float, metavar="HZ", help="Sampling rate, where the file does not state it."
        ),
        click.option("--units", metavar="UNIT", help="V, mV, uV or nV, where the file does not state them."),
    ):
        command = option(command)
    return command


def lead_names(leads: str | None) -> list[str] | None:
    """The value of --leads as a list."""
    return None if leads is None else [name.strip() for name in leads.split(",")]


def recordings(paths: Sequence[str]) -> list[Path]:
    """Files as given, folders searched to the bottom, patterns expanded, in order, each file once.

    Raises:
        FileAccessError: nothing was given that could be a recording.
    """
    found = dict.fromkeys(file for path in paths for file in _below(path))
    if not found:
        raise FileAccessError(
            f"no recording in {', '.join(paths)}",
            allowed="files ending in .csv, .txt or .hea, or folders of them",
        )
    return list(found)


def _below(path: str) -> Iterator[Path]:
    if os.path.isdir(path):  # noqa: PTH112
        from ecglite.edge.formats import readable

        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (file for name in sorted(names) if readable(file := Path(folder) / name))
    elif not os.path.lexists(path) and glob.has_magic(path):
        for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207
            yield from _below(match)
    else:
        yield Path(path)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        FileAccessError: it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(text)
            os.chmod(name, 0o644)  # noqa: PTH101
            os.replace(name, path)  # noqa: PTH105
        except BaseException:
            os.unlink(name)  # noqa: PTH108
            raise
    except OSError as error:
        raise FileAccessError(
            f"{path} cannot be written: {error.strerror}", do="choose another place"
        ) from None


def exit_code(errors: Sequence[EcgliteError], n_files: int) -> int:
    """0 where nothing failed, 2 where the one file given did, 1 where some of several did."""
    if not errors:
        return 0
    return 2 if n_files == 1 else 1
