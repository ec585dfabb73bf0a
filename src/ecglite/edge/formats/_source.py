"""Bytes from a path, bounded, and the names of the file types that are no ECG."""

from __future__ import annotations

import math
import os
import stat
from typing import Final

from ecglite.edge.errors import FileAccessError, FileTooLargeError

MIB: Final = 1024 * 1024

CSV_LIMIT: Final = 128 * MIB
"""Bytes of a CSV: an hour of twelve leads at 500 Hz with five digits is 160 MB, ten seconds are 0.44 MB."""

HEADER_LIMIT: Final = MIB
"""Bytes of a WFDB header; real ones have one or two kilobytes."""

SIGNAL_LIMIT: Final = 512 * MIB
"""Bytes of a WFDB signal file: twelve hours of twelve leads at 500 Hz in format 16."""

HEAD: Final = 4096
"""How many bytes are looked at to tell what a file is."""

_UTF_32: Final = b"\xff\xfe\x00\x00"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_MAGIC: Final = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "a RIFF file (sound, video or picture)"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document such as .xls"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB 5.0", "a MATLAB 5 file without a WFDB header"),
    (b"SQLite format", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"0       ", "an EDF recording, which is not read"),
    (b"\xffBIOSEMI", "a BDF recording, which is not read"),
    (_UTF_32, "UTF-32 text"),
)
_CONTROL: Final = bytes(sorted(set(range(32)) - set(b"\t\n\r\x0c\x1a") | {127}))


def read_bytes(path: str, limit: int, *, at_most: int | None = None) -> bytes:
    """The bytes of a regular file, or its first `at_most`; never more than `limit` are held.

    Raises:
        FileAccessError: it is missing, may not be read, or is a folder, a pipe or a device.
        FileTooLargeError: it has more than `limit` bytes.
    """
    name = os.path.basename(path)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device, a pipe or a socket"
            raise FileAccessError(f"{name} is {what}", allowed="a regular file", do="name the files in a folder")
        if status.st_size > limit:
            raise FileTooLargeError(
                f"{name} has {_mebibytes(status.st_size)} MiB",
                allowed=f"up to {_mebibytes(limit)} MiB",
                do="cut the recording into shorter files",
            )
        with open(path, "rb") as file:
            size = status.st_size + 1  # files of /proc state 0
            return file.read(size if at_most is None else min(at_most, size))
    except FileNotFoundError:
        raise FileAccessError(f"{name}: no such file", do="check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileAccessError(f"{name} cannot be read: {reason}", do="check the path and its permissions") from None


def _mebibytes(n_bytes: int) -> str:
    """Bytes in MiB, up to the next tenth, so that what is over a limit reads as over it."""
    return f"{math.ceil(n_bytes * 10 / MIB) / 10:.10g}"


def utf_8(raw: bytes) -> bytes:
    """Text as it is, unless it begins with the mark of UTF-16, which Excel's "Unicode text" is."""
    if not raw.startswith(_UTF_16) or raw.startswith(_UTF_32):
        return raw
    return raw.decode("utf-16", errors="replace").encode()


def foreign(head: bytes) -> str | None:
    """What a file that begins with `head` is, in words, when it is certainly no ECG file that is read."""
    if not head:
        return "an empty file"
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return "a blank file"
    if head[:2] == b"PK" and head[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08"):
        office = next((kind for kind in (b"xl/", b"word/") if kind in head), None)
        workbook = office == b"xl/" or b"[Content_Types].xml" in head
        return "an Office document such as .xlsx" if workbook or office else "a zip archive"
    if head[257:262] == b"ustar":
        return "a tar archive"
    if head[128:132] == b"DICM":
        return "a DICOM file, which is not read"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith((b"<?xml", b"<svg", b"<!doctype")):
        return "an XML document"
    if start.startswith((b"{", b"[")):
        return "JSON text"
    return "binary data" if len(head.translate(None, _CONTROL)) < len(head) else None


def decoded(raw: bytes) -> str:
    """Text of a header: UTF-8, or else Latin-1, in which any byte is a character."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
