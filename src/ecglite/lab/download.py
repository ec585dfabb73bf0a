"""One file over HTTP: it goes on where it stopped, and counts only with its publisher's checksum.

pooch verifies and puts in place; the transfer is ours, as pooch's own begins anew whenever it is cut.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import pooch
import requests

from ecglite import __version__
from ecglite.edge.errors import DatasetError

Shown = Callable[[int, int], None]
"""Called with the bytes that are there and those that there will be, 0 where the server does not say."""

T = TypeVar("T")

AGAIN: Final = "run the same command again: it goes on where it stopped"
_CHUNK: Final = 1 << 18
_TIMEOUT_S: Final = (20.0, 30.0)
_PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0)
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

pooch.get_logger().setLevel("WARNING")


class NotThereError(DatasetError):
    """The server has no such file."""


class _CutError(Exception):
    """The transfer is to be tried again."""


def unwritable(path: Path, error: OSError) -> DatasetError:
    """The error for a file that could not be written."""
    if error.errno in _FULL:
        return DatasetError(f"no space left for {path}", do=f"free some and {AGAIN}")
    return DatasetError(f"{path} cannot be written: {error.strerror}", do="choose another folder")


class Web:
    """Connections, one for each thread; `stop` ends every transfer."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._local = threading.local()

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            # bytes as they lie there, so that a length is a length
            self._local.session.headers.update({"User-Agent": f"ecglite/{__version__}", "Accept-Encoding": "identity"})
        session: requests.Session = self._local.session
        return session

    def read(self, url: str, *, limit: int) -> bytes:
        """A document of up to `limit` bytes.

        Raises:
            NotThereError: the server has none.
            DatasetError: the server cannot be reached, or sends more.
        """

        def once() -> bytes:
            with self._session().get(url, timeout=_TIMEOUT_S, stream=True) as answer:
                _refuse(answer)
                content = b""
                for chunk in answer.iter_content(_CHUNK):
                    content += chunk
                    if len(content) > limit:
                        raise DatasetError(f"{url} holds more than {limit} bytes", allowed="a list of files")
                return content

        return self._patiently(url, once, lambda: 0)

    def fetch(self, url: str, target: Path, *, known_hash: str | None, shown: Shown) -> None:
        """Bring a file to `target`; what there is of it lies in `target`.part until it is whole and verified.

        Args:
            url: of the file.
            target: in a folder that exists; left as it is where it has that hash already.
            known_hash: "sha256:..." or "md5:..."; None for whatever comes whole.
            shown: see `Shown`.

        Raises:
            NotThereError: the server has none.
            DatasetError: it cannot be reached, its checksum is not the publisher's, or the disk is full.
        """
        part, tag = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.tag")

        def transfer(url: str, output: str, _pooch: Any, check_only: bool = False) -> None:
            self._patiently(url, lambda: self._once(url, part, tag, shown), lambda: _size(part))
            os.unlink(output)
            try:
                os.link(part, output)  # the part stays until the checksum is known, for it may take a while
            except OSError:
                part.replace(output)

        while True:
            begun_before = _size(part) > 0
            try:
                pooch.retrieve(url, known_hash, fname=target.name, path=target.parent, downloader=transfer)
            except ValueError:
                part.unlink(missing_ok=True)
                tag.unlink(missing_ok=True)
                if begun_before:
                    continue  # the file has changed since; once more from its start
                raise DatasetError(
                    f"{url} does not have the checksum that its publisher states ({known_hash})",
                    do="try again later, or from another mirror; the file was removed",
                ) from None
            except OSError as error:
                raise unwritable(part, error) from None
            part.unlink(missing_ok=True)
            tag.unlink(missing_ok=True)
            return

    def _patiently(self, url: str, once: Callable[[], T], got: Callable[[], int]) -> T:
        """What `once` gives; a connection that is cut is taken up again, with pauses, as long as bytes come."""
        tries = 0
        while True:
            before = got()
            try:
                return once()
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                why = type(error).__name__
            except _CutError as error:
                why = str(error)
            except requests.RequestException as error:
                raise DatasetError(f"{url} cannot be fetched: {error}", allowed="an address that answers") from None
            tries = 0 if got() > before else tries
            if tries == len(_PAUSES_S):
                raise DatasetError(f"{url} cannot be reached ({why})", do=f"check the connection, and {AGAIN}")
            if self.stop.wait(_PAUSES_S[tries]):
                raise DatasetError("stopped", do=AGAIN)
            tries += 1

    def _once(self, url: str, part: Path, tag: Path, shown: Shown) -> None:
        """Go on with `part` until it is whole."""
        have = _size(part)
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and tag.exists():
            headers["If-Range"] = tag.read_text(encoding="utf-8")  # the whole file, should it be another one by now
        with self._session().get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as answer:
            begins, total = _content_range(answer)
            if answer.status_code == 416 and have and total == have:
                return  # it was whole
            if answer.status_code == 416 or (answer.status_code == 206 and begins != have):
                part.unlink(missing_ok=True)
                raise _CutError("it sends another part than was asked for")
            _refuse(answer)
            have = have if answer.status_code == 206 else 0
            coming = int(answer.headers.get("Content-Length") or 0)
            if coming > shutil.disk_usage(part.parent).free:
                raise unwritable(part, OSError(errno.ENOSPC, ""))
            stamp = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            if stamp and not stamp.startswith("W/"):
                tag.write_text(stamp, encoding="utf-8")
            else:
                tag.unlink(missing_ok=True)
            whole = have + coming if coming else 0
            with part.open("ab" if have else "wb", buffering=0) as file:
                for chunk in answer.iter_content(_CHUNK):
                    if self.stop.is_set():
                        raise DatasetError("stopped", do=AGAIN)
                    left = memoryview(chunk)
                    while left:
                        left = left[file.write(left) :]
                    have += len(chunk)
                    shown(have, whole)
        if whole and have < whole:
            raise _CutError(f"{have} of {whole} bytes")


def _refuse(answer: requests.Response) -> None:
    """Raise for an answer that is no content."""
    if answer.status_code in _BUSY:
        raise _CutError(f"it answers {answer.status_code}")
    if answer.status_code not in (200, 206):
        kind = NotThereError if answer.status_code in (403, 404, 410) else DatasetError
        raise kind(
            f"{answer.url} answers {answer.status_code} {answer.reason}",
            do="see whether the publisher has moved it, or give --mirror",
        )


def _content_range(answer: requests.Response) -> tuple[int, int]:
    """First byte and size of the whole, -1 where not stated."""
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if found is None:
        return -1, -1
    return int(found[1] or -1), -1 if found[2] == "*" else int(found[2])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
