"""Archives, unpacked safely: nothing outside the folder, no links, no more than there may be."""

from __future__ import annotations

import errno
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final, NamedTuple

from ecglite.edge.errors import DatasetError
from ecglite.lab.download import unwritable

MAX_BYTES: Final = 16 * 10**9
MAX_MEMBERS: Final = 250_000
"""Twice what the largest of the databases holds, and more."""

_CHUNK: Final = 1 << 20
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, NotImplementedError)


class BadArchiveError(DatasetError):
    """An archive is damaged, or not to be trusted."""


class _Member(NamedTuple):
    name: str
    size: int
    plain: bool
    folder: bool
    open: Callable[[], IO[bytes] | None]


def unpack(
    archive: Path,
    into: Path,
    *,
    strip_top: bool,
    shown: Callable[[int, int], None],
    max_bytes: int | None = None,
    max_members: int | None = None,
) -> None:
    """Unpack a .zip or a tar, compressed or not, into a folder that exists.

    Args:
        archive: the file; what it is is told from its content.
        into: the folder; nothing of the archive may be in it yet.
        strip_top: leave out the one folder that everything in the archive lies in.
        shown: called with the bytes written and to be written.
        max_bytes: how much there may be; else MAX_BYTES.
        max_members: how many there may be; else MAX_MEMBERS.

    Raises:
        BadArchiveError: the archive is damaged, reaches outside the folder, holds a link or too much.
        DatasetError: the disk is full, or cannot be written.
    """
    max_bytes = MAX_BYTES if max_bytes is None else max_bytes
    max_members = MAX_MEMBERS if max_members is None else max_members
    try:
        if _begins_as_zip(archive):
            with zipfile.ZipFile(archive) as book:
                _unpack(archive, _of_zip(book), into, strip_top, shown, max_bytes, max_members)
        else:
            with tarfile.open(archive, "r:*") as tape:
                _unpack(archive, _of_tar(tape), into, strip_top, shown, max_bytes, max_members)
    except _BROKEN as error:
        raise BadArchiveError(f"{archive.name} is damaged: {error}", allowed="a .zip or .tar that is whole") from None
    except FileExistsError as error:
        raise BadArchiveError(f"{archive.name} holds {error.filename} twice") from None
    except OSError as error:
        raise unwritable(into, error) from None


def _begins_as_zip(archive: Path) -> bool:
    # zipfile.is_zipfile looks at the end, where a tar may hold a zip
    with archive.open("rb") as file:
        return file.read(2) == b"PK"


def _of_zip(book: zipfile.ZipFile) -> Iterator[_Member]:
    for info in book.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive was made without Unix modes
        plain = kind in (0, stat.S_IFREG, stat.S_IFDIR) and not info.flag_bits & 1
        yield _Member(info.filename, info.file_size, plain, info.is_dir(), partial(book.open, info))


def _of_tar(tape: tarfile.TarFile) -> Iterator[_Member]:
    for info in tape:
        plain = info.isreg() or info.isdir()
        yield _Member(info.name, info.size, plain, info.isdir(), partial(tape.extractfile, info))


def _unpack(
    archive: Path,
    found: Iterator[_Member],
    into: Path,
    strip_top: bool,
    shown: Callable[[int, int], None],
    max_bytes: int,
    max_members: int,
) -> None:
    members: list[tuple[_Member, PurePosixPath]] = []
    total = 0
    for member in found:
        members.append((member, _inside(archive, member)))
        total += member.size
        if len(members) > max_members or total > max_bytes:
            raise BadArchiveError(
                f"{archive.name} holds more than it may",
                allowed=f"{max_members} members, {max_bytes / 1e9:g} GB unpacked",
            )
    tops = {path.parts[0] for _, path in members if path.parts}
    skip = int(strip_top and len(tops) == 1)
    if total > shutil.disk_usage(into).free:
        raise unwritable(into, OSError(errno.ENOSPC, ""))
    written = 0  # a member that holds more than its size says is cut there, and its checksum is then wrong
    for member, path in members:
        target = into.joinpath(*path.parts[skip:])
        if member.folder:
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        source = member.open()
        if source is None:
            raise BadArchiveError(f"{archive.name} holds no content of {path}")
        with source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                file.write(chunk)
        shown(written, total)


def _inside(archive: Path, member: _Member) -> PurePosixPath:
    """The member's path, relative and free of "..".

    Raises:
        BadArchiveError: it is neither, or the member is no plain file and no folder.
    """
    path = PurePosixPath(member.name)
    outside = path.is_absolute() or ".." in path.parts or bool(PureWindowsPath(member.name).drive)
    if outside or "\\" in member.name or "\0" in member.name or not (path.parts or member.folder):
        raise BadArchiveError(
            f"{archive.name} reaches outside its folder: {member.name!r}", do="do not trust its source"
        )
    if not member.plain:
        raise BadArchiveError(
            f"{archive.name} holds {member.name!r}, a link, a device or a file under a password",
            allowed="files and folders",
        )
    return path
