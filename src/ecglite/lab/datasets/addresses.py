"""Where the publishers keep the databases: `addresses.toml`, and what a mirror makes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import quote, urlsplit

from ecglite.edge.errors import DatasetError

_SAME: Final = {"ptb-xl-500": "ptb-xl", "chapman-raw": "chapman"}
"""Databases that are the files of another."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is.

    Attributes:
        fetched_mb, unpacked_mb: about what is fetched, and what lies there in the end.
        project: of PhysioNet, with its version, "" for figshare.
        archive: the project's archive, "" where it is fetched file by file.
        below: the part of the project that is the database, "" for all of it.
        members: the files wanted, where the project may have no list of checksums.
        collection: of figshare.
        files: name -> figshare's number of the file.
    """

    fetched_mb: int
    unpacked_mb: int
    project: str = ""
    archive: str = ""
    below: str = ""
    members: tuple[str, ...] = ()
    collection: int = 0
    files: Mapping[str, int] = field(default_factory=dict)


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("ecglite.lab.datasets") / "addresses.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def address_of(name: str) -> Address:
    """Where the database called `name` is."""
    entry = _table()["databases"][_SAME.get(name, name)]
    return Address(**entry | {"members": tuple(entry.get("members", ()))})


def url(base: str, path: str, mirror: str | None = None) -> str:
    """An address in the web.

    Args:
        base: a key of the table's bases.
        path: below it; it may end in a query.
        mirror: what takes the place of the base, whichever it is.

    Raises:
        DatasetError: the mirror is no http address.
    """
    if mirror is not None and (urlsplit(mirror).scheme not in ("http", "https") or not urlsplit(mirror).netloc):
        raise DatasetError(f"the mirror {mirror!r}", allowed="an address that begins with http:// or https://")
    return f"{(mirror or _table()['bases'][base]).rstrip('/')}/{quote(path, safe='/?=&')}"
