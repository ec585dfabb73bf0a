"""The built page in memory: each address, what stands there, and how it is sent."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from ecglite import __version__
from ecglite.edge.errors import AppError

FIRST: Final = "index.html"
"""The file that stands at the address "/"; a folder without it is no page."""

MARKER: Final = "ecglite-page.json"
"""Marks a folder that a page was written to, and lists its files."""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".hea": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Types by suffix. Not those of the system, which differ: some have none for .wasm, and then it is not compiled."""

_PACKED: Final = frozenset({".png", ".woff2", ".ico"})


@dataclass(frozen=True)
class Asset:
    """One file of the page."""

    path: str
    body: bytes

    @property
    def media_type(self) -> str:
        """What it is, for the header Content-Type."""
        return _TYPES.get(Path(self.path).suffix, "application/octet-stream")

    @cached_property
    def tag(self) -> str:
        """Tells its versions apart: of SHA-256, without quotes."""
        return hashlib.sha256(self.body).hexdigest()[:32]

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body compressed, once; None where that is no gain."""
        if Path(self.path).suffix in _PACKED:
            return None
        packed = gzip.compress(self.body, compresslevel=6, mtime=0)
        return packed if len(packed) < 0.9 * len(self.body) else None


Page = Mapping[str, Asset]
"""By path below the page's root, as "assets/index.js"."""


def load(folder: Path) -> Page:
    """Read a built page whole, so that what is sent is one build even where another takes its place on the disk.

    Raises:
        AppError: the folder holds no page.
    """
    try:
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        page = {name: Asset(name, path.read_bytes()) for name, path in files.items() if name != MARKER}
    except OSError as error:
        raise AppError(f"{error.filename} of the page cannot be read: {error.strerror}") from None
    if FIRST not in page:
        raise AppError(f"no page in {folder}", allowed=f"a folder with {FIRST}")
    return page


def write(page: Page, folder: Path) -> None:
    """Write a page to a folder, whole or not at all; an earlier page there is replaced.

    Raises:
        AppError: something else is there, or it cannot be written.
    """
    folder = Path(os.path.abspath(folder))
    _refuse_others_files(folder)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    marker = json.dumps({"ecglite": __version__, "files": sorted(page)}, indent=1) + "\n"
    try:
        try:
            for name, body in [*((name, asset.body) for name, asset in page.items()), (MARKER, marker.encode())]:
                path = draft / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
            if folder.is_dir():
                folder.rename(old)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            if old.is_dir() and not folder.is_dir():
                old.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise AppError(f"{folder} cannot be written: {error.strerror}", do="choose another folder") from None


def _refuse_others_files(folder: Path) -> None:
    """What this program did not write there must not be lost."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise AppError(f"{folder} is no folder", do="choose another place for the page")
    try:
        own = {*json.loads((folder / MARKER).read_text(encoding="utf-8"))["files"], MARKER}
    except (OSError, ValueError, TypeError, KeyError):
        own = set()
    files = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    other = next((path for path in files if path.relative_to(folder).as_posix() not in own), None)
    if other is not None:
        raise AppError(f"{other} was not written by ecglite", do="name another folder for the page")
