"""A database from its publisher: fetched, verified, unpacked, and in place whole or not at all.

Work goes on in a folder beside the destination, `.NAME.fetch`, until everything is there.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.lab.datasets import Dataset
from ecglite.lab.datasets.addresses import Address, address_of, url
from ecglite.lab.download import NotThereError, Web, unwritable
from ecglite.lab.unpack import BadArchiveError, unpack

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_MARKER: Final = ".ecglite-fetched.json"
_THREADS: Final = 4
_FEW: Final = 8
_LIST_LIMIT: Final = 64_000_000
_MB: Final = 1_000_000
_ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies there.

    Attributes:
        name, title, doi, licence: of the database.
        folder: where.
        files, bytes: how many, and their size.
        verified: by what: "sha256", "md5" or "crc32".
        anew: whether it was fetched now, and not before.
    """

    name: str
    title: str
    doi: str
    licence: str
    folder: str
    files: int
    bytes: int
    verified: str
    anew: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A file to fetch: where from, its path in the database, its checksum."""

    url: str
    path: str
    known_hash: str | None
    strip_top: bool = False

    @property
    def packed(self) -> bool:
        return self.path.endswith(_ARCHIVES)


def fetch(which: Dataset, dest: Path, progress: Progress, *, mirror: str | None = None) -> Fetched:
    """Bring a database to a folder, as `which.index` reads it; nothing where it is there already.

    What is interrupted, by whatever, goes on where it stopped when it is called again.

    Args:
        which: the database.
        dest: its folder.
        progress: see `Progress`.
        mirror: an address that takes the place of the publisher's.

    Raises:
        DatasetError: the publisher cannot be reached, a checksum is wrong, an archive is not safe, the disk is full, a
            file of the folder is not as published, another fetch is at work there.
    """
    there = _there(which, dest)
    if there is not None:
        return there
    if os.path.lexists(dest) and not dest.is_dir():
        raise _in_the_way(dest)
    work = dest.with_name(f".{dest.name}.fetch")
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with _alone(work.with_name(f"{work.name}.lock"), dest):
            there = _there(which, dest)  # another run may have brought it in the meantime
            if there is not None:
                return there
            (work / "files").mkdir(parents=True, exist_ok=True)
            _check_space(address_of(which.name), work)
            verified, names = _bring(which, dest, work, progress, mirror)
            made = _mark(which, dest, verified, names)
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise unwritable(work, error) from None
    return made


@contextlib.contextmanager
def _alone(lock: Path, dest: Path) -> Iterator[None]:
    """Hold a lock as long as a destination is worked at; it goes with the process, however that ends.

    Raises:
        DatasetError: another process holds it.
    """
    if sys.platform == "win32":
        yield  # there is no flock
        return
    import fcntl

    while True:
        file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(file, lock):
                break
        except BlockingIOError:
            os.close(file)
            raise DatasetError(f"another fetch is at work at {dest}", do="wait until it is done") from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # its holder has removed it just now
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _there(which: Dataset, dest: Path) -> Fetched | None:
    """What an earlier run has fetched, None where it has not, or where it is no longer there as it was."""
    try:
        kept = json.loads((dest / _MARKER).read_text(encoding="utf-8"))
        same = kept.pop("source") == _source(which)
        sizes = dict(kept.pop("sizes"))
        found = Fetched(**kept | {"name": which.name, "folder": str(dest), "anew": False})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if same and _sizes(dest, sizes) == sizes else None  # there may be more, of the person's own


def _mark(which: Dataset, dest: Path, verified: str, names: Iterable[str]) -> Fetched:
    sizes = _sizes(dest, names)
    made = Fetched(
        *(which.name, which.title, which.doi, which.licence, str(dest)),
        *(len(sizes), sum(sizes.values()), verified),
        anew=True,
    )
    text = json.dumps(asdict(made) | {"source": _source(which), "sizes": sizes}, indent=1)
    part = dest / f"{_MARKER}.part"
    part.write_text(f"{text}\n", encoding="utf-8")
    part.replace(dest / _MARKER)
    return made


def _sizes(folder: Path, names: Iterable[str]) -> dict[str, int]:
    """The bytes of each of these files, of those that are there."""
    files = {name: folder / name for name in names}
    return {name: path.stat().st_size for name, path in files.items() if path.is_file()}


def _source(which: Dataset) -> dict[str, object]:
    """What of a database's address says which files they are: not where they are kept, nor their size."""
    address = address_of(which.name)
    return {"project": address.project, "below": address.below, "files": dict(address.files)}


def _check_space(address: Address, work: Path) -> None:
    packed = address.unpacked_mb if address.archive or address.files or address.members else 0
    have = sum(path.stat().st_size for path in work.rglob("*") if path.is_file())
    needed = (address.fetched_mb + packed) * _MB - have
    free = shutil.disk_usage(work).free
    if free < needed:
        raise DatasetError(
            f"{free // _MB} MB are free in {work.parent}",
            allowed=f"about {needed // _MB} MB",
            do="free some, or give another folder",
        )


def _bring(which: Dataset, dest: Path, work: Path, progress: Progress, mirror: str | None) -> tuple[str, Sequence[str]]:
    """Fetch, verify and put in place; by what it was verified, and the files below the destination."""
    address, web = address_of(which.name), Web()
    if address.collection:
        return _packed(web, _figshare(web, address, mirror), dest, work, progress, "md5")
    at = f"{address.project}/"
    listing = url("physionet files", f"{at}SHA256SUMS.txt", mirror)
    if address.members:
        stated = {}
        with contextlib.suppress(NotThereError):
            stated = _sums(web.read(listing, limit=_LIST_LIMIT), address)
        parts = [
            _Part(url("physionet files", at + name, mirror), name, f"sha256:{stated[name]}" if name in stated else None)
            for name in address.members
        ]
        by = "sha256" if all(part.known_hash for part in parts) else "crc32"
        return _packed(web, parts, dest, work, progress, by)
    sums = _sums(web.read(listing, limit=_LIST_LIMIT), address)
    here = [name for name in sums if os.path.lexists(dest / name)]
    for name in _changed({name: sums[name] for name in here}, dest, progress):
        raise _in_the_way(dest / name)  # before anything is fetched
    if len(here) == len(sums):
        return "sha256", here  # unpacked by hand, or by a run that was stopped just before it was done
    if address.archive:
        whole = _Part(url("physionet archives", address.archive, mirror), "archive.zip", None, strip_top=True)
        with contextlib.suppress(NotThereError):  # a mirror may hold the files alone
            return _packed(web, [whole], dest, work, progress, "sha256", sums)
    each = [
        _Part(url("physionet files", f"{at}{address.below}{name}", mirror), name, f"sha256:{sha256}")
        for name, sha256 in sums.items()
    ]
    tree = work / "each"
    _download(web, each, tree, progress)
    for path in tree.rglob("*"):
        if path.is_file() and path.relative_to(tree).as_posix() not in sums:
            path.unlink()  # what a run that was killed has left
    return "sha256", _put(tree, dest)


def _packed(
    web: Web,
    parts: Sequence[_Part],
    dest: Path,
    work: Path,
    progress: Progress,
    verified: str,
    sums: Mapping[str, str] | None = None,
) -> tuple[str, Sequence[str]]:
    """Fetch parts, unpack the archives among them, compare with `sums` and put in place."""
    files, tree = work / "files", work / "tree"
    _download(web, parts, files, progress)
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir()
    for part in parts:
        if part.packed:
            _unpack(part, files / part.path, tree, progress)
        else:
            shutil.copyfile(files / part.path, tree / part.path)  # a table: small, and kept for a run after this one
    wrong = [name for name in sums or () if not (tree / name).is_file()] or list(_changed(sums or {}, tree, progress))
    if sums and wrong:
        shutil.rmtree(work)
        raise DatasetError(
            f"{len(wrong)} of {len(sums)} files are missing or not as published: {wrong[0]}",
            do="what was fetched was removed; try again later, or from another mirror",
        )
    return verified, _put(tree, dest)


def _sums(content: bytes, address: Address) -> dict[str, str]:
    """SHA256SUMS.txt: path below the database's part of the project -> checksum.

    Raises:
        DatasetError: it is no such list, or names nothing there.
    """
    sums: dict[str, str] = {}
    for line in content.decode("utf-8", errors="replace").splitlines():
        found = re.fullmatch(r"([0-9a-f]{64})\s+\*?(\S.*)", line.strip())
        path = PurePosixPath(found[2]) if found else PurePosixPath("..")
        if found is None or path.is_absolute() or ".." in path.parts or "\\" in found[2]:
            raise DatasetError(f"line {line[:80]!r} of SHA256SUMS.txt", allowed="a checksum and a path")
        if str(path).startswith(address.below) and path.name != "index.html":
            sums[str(path).removeprefix(address.below)] = found[1]
    if not sums:
        raise DatasetError(f"SHA256SUMS.txt names no file of {address.project}/{address.below}")
    return sums


def _figshare(web: Web, address: Address, mirror: str | None) -> list[_Part]:
    """The collection's files with the checksums that figshare states."""
    listing = url("figshare api", f"collections/{address.collection}/articles?page_size=100", mirror)
    md5s: dict[int, str] = {}
    try:
        for article in json.loads(web.read(listing, limit=_LIST_LIMIT)):
            one = json.loads(web.read(url("figshare api", f"articles/{int(article['id'])}", mirror), limit=_LIST_LIMIT))
            md5s |= {int(file["id"]): str(file["computed_md5"]) for file in one["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{listing} is no list of files: {error!r}", allowed="the answer of figshare's API"
        ) from None
    parts = []
    for name, number in address.files.items():
        if re.fullmatch(r"[0-9a-f]{32}", md5s.get(number, "")) is None:
            raise DatasetError(f"figshare states no checksum of {name} (file {number})", allowed="an MD5 of each file")
        parts.append(_Part(url("figshare files", f"files/{number}", mirror), name, f"md5:{md5s[number]}"))
    return parts


def _download(web: Web, parts: Sequence[_Part], files: Path, progress: Progress) -> None:
    """Fetch the parts into a folder; a few one after another, many at a time."""

    def one(part: _Part, shown: Callable[[int, int], None]) -> None:
        target = files / part.path
        target.parent.mkdir(parents=True, exist_ok=True)
        web.fetch(part.url, target, known_hash=part.known_hash, shown=shown)

    if len(parts) <= _FEW:
        for part in parts:
            one(part, _megabytes(progress, f"fetching {part.path} (MB)"))
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            jobs = [pool.submit(one, part, lambda done, total: None) for part in parts]
            for done, job in enumerate(as_completed(jobs), 1):
                job.result()
                progress("fetching files", done, len(parts))
        except BaseException:
            web.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _unpack(part: _Part, archive: Path, tree: Path, progress: Progress) -> None:
    shown = _megabytes(progress, f"unpacking {part.path} (MB)")
    try:
        unpack(archive, tree, strip_top=part.strip_top, shown=shown)
    except BadArchiveError:
        archive.unlink()
        raise


def _megabytes(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(what, done // _MB, max(total, done) // _MB) if total >= _MB else None


def _changed(sums: Mapping[str, str], folder: Path, progress: Progress) -> Iterator[str]:
    """The files that are not as published, as they are found."""
    for done, (name, sha256) in enumerate(sums.items(), 1):
        if not (folder / name).is_file():
            yield name
            continue
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                yield name
        progress("verifying files", done, len(sums))


def _put(tree: Path, dest: Path) -> list[str]:
    """Move the finished tree to where it belongs; its files' paths below it.

    At once where nothing is there, else file by file among what is there, which stays as it is.

    Raises:
        DatasetError: something else is where a file belongs; then nothing has been moved.
    """
    files = sorted(path.relative_to(tree) for path in tree.rglob("*") if not path.is_dir())
    names = [file.as_posix() for file in files]
    if dest.is_dir() and not dest.is_symlink() and not any(dest.iterdir()):
        dest.rmdir()
    if not os.path.lexists(dest):
        shutil.move(tree, dest)
        return names
    for folder in sorted(path.relative_to(tree) for path in tree.rglob("*") if path.is_dir()):
        if os.path.lexists(dest / folder) and not (dest / folder).is_dir():
            raise _in_the_way(dest / folder)
    missing = [file for file in files if not os.path.lexists(dest / file)]
    for file in sorted({*files} - {*missing}):
        if not ((dest / file).is_file() and filecmp.cmp(tree / file, dest / file, shallow=False)):
            raise _in_the_way(dest / file)
    for file in missing:
        (dest / file).parent.mkdir(parents=True, exist_ok=True)
        part = dest / file.with_name(f".{file.name}.fetch")  # whole or not at all, where dest is on another disk
        shutil.move(tree / file, part)
        part.replace(dest / file)
    return names


def _in_the_way(path: Path) -> DatasetError:
    return DatasetError(
        f"{path} is there and is not as published",
        allowed="a folder without it, or with the publisher's file",
        do="move it away, or give another destination",
    )
