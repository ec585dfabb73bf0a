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
        click.option("--leads", metavar="NAMES", help="Names of the columns in order, as time,I,II,-: a - skips one."),
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

    A path of several that leads to no recording is kept as it is, to be refused when its turn comes.

    Raises:
        FileAccessError: the only path leads to no recording.
    """
    found: dict[Path, None] = {}
    for path in paths:
        below = list(_below(path))
        if not below and len(paths) == 1:
            raise FileAccessError(
                f"no recording in {path or 'an empty path'}",
                allowed="files ending in .csv, .tsv, .txt or .hea, or folders of them",
                do="check the path",
            )
        found |= dict.fromkeys(below or [Path(path)])
    return list(found)


def _below(path: str) -> Iterator[Path]:
    if os.path.isdir(path):
        yield from _in_folder(path)
    elif not os.path.lexists(path) and glob.has_magic(path):
        for match in sorted(glob.glob(path, recursive=True)):
            yield from _below(match)
    elif Path(path).suffix.lower() in (".dat", ".mat") and Path(path).with_suffix(".hea").is_file():
        yield Path(path).with_suffix(".hea")  # so that a record named by both its files is one
    elif path and not os.path.lexists(path) and Path(f"{path}.hea").is_file():
        yield Path(f"{path}.hea")  # a WFDB record by its name
    elif path:
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


def check_report(path: Path, inputs: Sequence[Path]) -> None:
    """Finds out before long work whether a report can be written, and that it replaces nothing but a page.

    Raises:
        FileAccessError: it cannot, or would.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise FileAccessError(f"a report named {path}", allowed="a file name ending in .html")
    try:
        if path.exists() and not path.is_file():
            raise FileAccessError(f"{path} is no regular file", do="choose another place for the report")
        if any(path.exists() and file.exists() and path.samefile(file) for file in inputs):
            raise FileAccessError(f"{path} is one of the recordings", do="choose another place for the report")
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        FileAccessError: it cannot be written there.
    """
    path = path.resolve()  # what a link leads to, not the link, is replaced
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


def shown(path: Path) -> str:
    """A path on one line of a terminal, whatever characters its name holds."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in str(path))
