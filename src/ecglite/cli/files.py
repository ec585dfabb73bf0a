"""What the verbs that take recordings share: finding files, the options that fill in what a file leaves open."""

from __future__ import annotations

import errno
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
        click.option("--rate", type=float, metavar="HZ", help="Sampling rate, where the file does not state it."),
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
        FileAccessError: one of the paths leads to no recording.
    """
    found: dict[Path, None] = {}
    for path in paths:
        below = list(_below(path))
        if not below:
            raise FileAccessError(
                f"no recording in {path}",
                allowed="files ending in .csv, .txt or .hea, or folders of them",
                do="check the path",
            )
        found |= dict.fromkeys(below)
    return list(found)


def _below(path: str) -> Iterator[Path]:
    if os.path.isdir(path):
        yield from _in_folder(path)
    elif not os.path.lexists(path) and glob.has_magic(path):
        for match in sorted(glob.glob(path, recursive=True)):
            yield from _below(match)
    else:
        yield Path(path)


def _in_folder(path: str) -> Iterator[Path]:
    """The recordings of a folder, hidden files left out; a folder that may not be listed comes last, to be refused."""
    from ecglite.edge.formats import readable

    unlisted: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=lambda error: unlisted.append(Path(error.filename))):
        folders.sort()
        files = (Path(folder, name) for name in sorted(names) if not name.startswith("."))
        yield from (file for file in files if readable(file))
    yield from unlisted


def check_writable(path: Path) -> None:
    """Finds out before long work whether its result can be written.

    Raises:
        FileAccessError: it cannot.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        FileAccessError: it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> FileAccessError:
    return FileAccessError(f"{path} cannot be written: {error.strerror}", do="choose another place")


def exit_code(errors: Sequence[EcgliteError], n_files: int) -> int:
    """0 where nothing failed, 2 where the one file given did, 1 where some of several did."""
    if not errors:
        return 0
    return 2 if n_files == 1 else 1
