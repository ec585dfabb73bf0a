"""Vectors that are refused: files that are no ECG, broken tables and headers, and words that contradict the file."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Sequence

import numpy as np
from files import Hints, Vector, clock, csv, only, wfdb, with_signal

from ecglite.edge.record import LEADS
from ecglite.simulator import simulate

_FULL = simulate("ST", seed=10)
_TWO = only(_FULL, "I", "II")


def vectors() -> Iterator[Vector]:
    """All of them."""
    yield from _foreign()
    yield from _tables()
    yield from _clocks()
    yield from _units_and_rates()
    yield from _headers()
    yield from _hints()


def _foreign() -> Iterator[Vector]:
    """Files that are no ECG, whatever their name says."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("a.csv"), csv(_TWO))
    contents = {
        "empty": b"",
        "blank": b"\xef\xbb\xbf \r\n\t\n",
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        "photograph": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        "gzip": gzip.compress(csv(_TWO), mtime=0),
        "zip": archive.getvalue(),
        "workbook": b"PK\x03\x04\x14\x00\x06\x00" + bytes(18) + b"[Content_Types].xml xl/workbook.xml" + bytes(500),
        "web-page": b"<!DOCTYPE html>\n<html><body>I,II\n1,2\n</body></html>\n",
        "xml": b'<?xml version="1.0"?>\n<AnnotatedECG/>\n',
        "json": json.dumps({"I": [1, 2], "II": [3, 4]}).encode(),
        "edf": b"0       X X X X" + b" " * 500,
        "dicom": bytes(128) + b"DICM" + bytes(100),
        "utf-16": csv(_TWO, header=["I (uV)", "II (uV)"]).decode().encode("utf-16-le").join((b"\xff\xfe", b"")),
        "utf-16-mark-alone": b"\xfe\xff",
        "utf-16-without-mark": csv(_TWO, header=["I (uV)", "II (uV)"]).decode().encode("utf-16-le"),
        "utf-16-prose": "\ufeffthe patient is well \ud83d\ude42\n".encode("utf-16-be", "surrogatepass") + b"\xd8",
        "utf-32": csv(_TWO, header=["I (uV)", "II (uV)"]).decode().encode("utf-32"),
        "random-bytes": np.random.default_rng(11).bytes(4096),
        "prose": b"Dear colleague,\nthe patient is well, and sends his regards.\n" * 200,
        "one-word": b"hello",
    }
    for name, content in contents.items():
        yield Vector(f"bad-{name}", "x.csv", {"x.csv": content})
    yield Vector("bad-picture-by-its-name", "ECG (1).png", {"ECG (1).png": contents["picture"]})


def _tables() -> Iterator[Vector]:
    """Tables that break their form."""
    lines = csv(_FULL).splitlines()

    def with_line(at: int, content: bytes) -> bytes:
        return b"\n".join([*lines[: at - 1], content, *lines[at:]]) + b"\n"

    def stated(names: Sequence[str], end: str = "\n") -> bytes:
        return csv(only(_FULL, *LEADS[: len(names)]), header=names, above="# fs=500", end=end)

    steps = [0.002 * k + (0.02 if k > 700 else 0) for k in range(5000)]
    uneven = "\n".join(["time,I (uV)", *(f"{t:.4f},{100 * (k % 9)}" for k, t in enumerate(steps))])
    empty = with_signal(_FULL, np.full_like(_FULL.signal_mv, np.nan))
    contents = {
        "ragged-long": with_line(51, lines[50] + b",1"),
        "ragged-short": with_line(5000, lines[4999].rpartition(b",")[0]),
        "text-among-numbers": with_line(321, lines[320].replace(lines[320].split(b",")[4], b"V5 off")),
        "text-with-a-quote": with_line(100, b"it's," + lines[99].partition(b",")[2]),
        "text-not-ascii": with_line(100, "–1 µV,".encode() + lines[99].partition(b",")[2]),
        "thousands-separator": with_line(100, b"1_000," + lines[99].partition(b",")[2]),
        "too-long-line": stated(["I (uV)", "II (uV)"]) + b"1," + b"0" * 70_000 + b"\n",
        "leads-in-rows": "\n".join(
            ",".join(map(str, row)) for row in (_FULL.signal_mv[:300].T * 1000).round()
        ).encode(),
        "too-many-columns": (",".join("1" * 70) + "\n").encode() * 100,
        "header-alone": (",".join(LEADS) + "\n").encode(),
        "spaces-between": csv(_TWO, delimiter=" "),
        "lines-above": b"Name,Jane Doe\nRecorded,2020-01-02\nUnit,microvolt\n\n" + csv(_TWO),
        "rows-of-words": b"I,II\nlow,high\n" * 100,
        "uneven-time": uneven.encode(),
        "time-with-a-gap": uneven.replace("0.0040,", ",").encode(),
        "backwards-time": csv(_TWO, header=["t", "I (uV)", "II (uV)"], time_step=-0.002),
        "nameless-last-column": stated(["I (uV)", "II (uV)"], end=",7\n").replace(b"II (uV),7", b"II (uV),"),
        "nan-everywhere": csv(empty, missing="nan"),
        "comments-alone": b"# one\n# two\n",
        "comments-without-end": b"# one\n" * 1100,
        "tiny-time-steps": csv(_TWO, header=["t", "I (uV)", "II (uV)"], time_step=1e-12),
        "three-columns-no-header": csv(only(_FULL, "I", "II", "V1")),
        "unknown-lead": stated(["I (uV)", "V9 (uV)"]),
        "unknown-lead-with-quotes": stated(["I (uV)", "patient's \\ lead"]),
        "numbered-leads": stated(["ECG1 (uV)", "ECG2 (uV)"]),
        "doubled-lead": stated(["II (uV)", "Lead ii (uV)"]),
        "no-lead": stated(["time", "index"]),
        "two-times": stated(["time (s)", "t (ms)", "I (uV)"]),
    }
    for name, content in contents.items():
        yield Vector(f"bad-{name}", "x.csv", {"x.csv": content})


def _clocks() -> Iterator[Vector]:
    """Times of day that make no rate."""
    names = ["Time", "I (uV)", "II (uV)"]
    good = csv(_TWO, header=names, time_step=0.002, clock=clock())
    contents: dict[str, tuple[bytes, Hints]] = {
        "with-a-gap": (good.replace(b"10:15:03.000,", b","), {}),
        "with-text": (good.replace(b"10:15:03.000,", b"quarter past,"), {}),
        "with-a-number": (good.replace(b"10:15:03.000,", b"36903,"), {}),
        "uneven": (good.replace(b"10:15:07.", b"10:15:08."), {}),
        "backwards": (csv(_TWO, header=names, time_step=-0.002, clock=clock()), {}),
        "drifting": (csv(_TWO, header=names, time_step=0.002, clock=lambda s: clock()(s + s * s / 1e3)), {}),
        "in-tenths": (csv(_TWO, header=names, time_step=0.002, clock=clock(decimals=1)), {}),
        "in-seconds": (csv(_TWO, header=names, time_step=0.002, clock=clock(decimals=0)), {}),
        "that-stands": (csv(_TWO, header=names, time_step=0, clock=clock()), {}),
        "of-another-rate": (good, {"rate_hz": 360}),
        "too-coarse-for-the-rate": (
            csv(_TWO, header=names, time_step=0.002, clock=clock(decimals=1)),
            {"rate_hz": 360},
        ),
    }
    for name, (content, hints) in contents.items():
        yield Vector(f"bad-clock-{name}", "x.csv", {"x.csv": content}, hints)


def _units_and_rates() -> Iterator[Vector]:
    names = ["I (uV)", "II (uV)"]
    short = with_signal(_TWO, _TWO.signal_mv[:1500])
    spike = _TWO.signal_mv.astype(np.float64)
    spike[1000, 0] = 3e6
    contents = {
        "no-units": csv(_TWO, header=["I", "II"], above="# fs=500"),
        "no-units-nor-rate": csv(_TWO, header=["I", "II"]),
        "no-units-flat": csv(with_signal(_TWO, _TWO.signal_mv * 0), header=["I", "II"], above="# fs=500"),
        "no-rate": csv(_TWO, header=names),
        "rate-in-other-digits": csv(_TWO, header=names, above="# fs=５００"),
        "unknown-units-in-a-comment": csv(_TWO, header=["I", "II"], above="# fs=500\n# units: inch"),
        "chapman-in-millivolts": csv(_FULL, unit="mV"),
        "absurdly-large": csv(_TWO, header=["I (mV)", "II (mV)"], above="# fs=500"),
        "absurdly-small": csv(_TWO, unit="V", number="%.7f", header=names, above="# fs=500"),
        "absurd-sample": csv(with_signal(_TWO, spike), header=names, above="# fs=500"),
        "too-short": csv(short, header=names, above="# fs=500"),
        "one-row": csv(with_signal(_TWO, _TWO.signal_mv[:1]), header=names, above="# fs=500"),
        "rate-too-low": csv(_TWO, header=names, above="# fs=50"),
        "rate-too-high": csv(_TWO, header=names, above="# sampling rate: 1234.5 Hz"),
        "rates-differ": csv(_TWO, header=names, above="# fs=500\n# sampling frequency: 250 Hz"),
        "time-and-comment-differ": csv(_TWO, header=["time (ms)", *names], time_step=4, above="# fs=500"),
        "time-of-no-rate": csv(_TWO, header=["time", *names], time_step=2),
    }
    for name, content in contents.items():
        yield Vector(f"bad-{name}", "x.csv", {"x.csv": content})


def _headers() -> Iterator[Vector]:
    """WFDB records that are damaged, incomplete, or use what is not read."""
    good = wfdb(_TWO)
    damaged = bytearray(good["r.dat"])
    damaged[5000] ^= 4
    yield Vector("bad-dat-without-hea", "r.dat", {"r.dat": good["r.dat"]})
    yield Vector("bad-mat-without-hea", "r.mat", {"r.mat": wfdb(_TWO, ending="mat")["r.mat"]})
    yield Vector("bad-hea-without-dat", "r.hea", {"r.hea": good["r.hea"]})
    yield Vector("bad-truncated-dat", "r.hea", good | {"r.dat": good["r.dat"][:7001]})
    yield Vector("bad-empty-dat", "r.hea", good | {"r.dat": b""})
    yield Vector("bad-empty-hea", "r.hea", good | {"r.hea": b""})
    yield Vector("bad-hea-of-comments", "r.hea", good | {"r.hea": b"# a comment\n"})
    yield Vector("bad-hea-of-prose", "r.hea", good | {"r.hea": "the patient's „ECG“\n".encode()})
    yield Vector("bad-wrong-checksum", "r.hea", good | {"r.dat": bytes(damaged)})
    edits = {
        "multi-segment": (r"^r 2", "r/3 2"),
        "unsupported-format": (r"r\.dat 16", "r.dat 80"),
        "multi-frequency": (r"r\.dat 16", "r.dat 16x4"),
        "skew": (r"r\.dat 16", "r.dat 16:3"),
        "offset-beyond": (r"r\.dat 16", "r.dat 16+600"),
        "two-offsets": (r"r\.dat 16(.* II)$", r"r.dat 16+2\1"),
        "path-up": (r"r\.dat", "../r.dat"),
        "path-absolute": (r"r\.dat", "/etc/passwd"),
        "path-of-windows": (r"r\.dat", r"C:\\r.dat"),
        "other-signal-file": (r"r\.dat", "gone.dat"),
        "no-voltages": ("/mV", "/mmHg"),
        "wrong-gain-unit": ("/mV", "/V"),
        "wrong-small-unit": ("/mV", "/nV"),
        "infinite-gain": (r"1000\(0\)", "1e9999(0)"),
        "no-format": (r"r\.dat 16", "r.dat sixteen"),
        "too-few-lines": (r"^r 2", "r 3"),
        "too-many-signals": (r"^r 2", "r 999"),
        "no-count": (r"^r 2", "r two"),
        "longer-than-the-file": ("500 5000$", "500 5001"),
        "rate-of-50": ("500 5000$", "50 5000"),
        "unknown-signal": (" II$", " Pleth"),
        "nameless-signal": (" 0 II$", " 0"),
        "doubled-signal": (" II$", " I"),
    }
    for name, edit in edits.items():
        yield Vector(f"bad-header-{name}", "r.hea", wfdb(_TWO, edits=[edit]))
    nothing = with_signal(_TWO, np.full_like(_TWO.signal_mv, np.nan))
    yield Vector("bad-header-nothing-recorded", "r.hea", wfdb(nothing))
    matrix = wfdb(_TWO, ending="mat")
    for name, at, value in (
        ("of-doubles", 0, 0),
        ("imaginary", 12, 1),
        ("of-other-size", 8, 77),
        ("of-other-name", 16, 5),
    ):
        changed = bytearray(matrix["r.mat"])
        changed[at : at + 4] = value.to_bytes(4, "little")
        yield Vector(f"bad-mat-{name}", "r.hea", matrix | {"r.mat": bytes(changed)})


def _hints() -> Iterator[Vector]:
    """What the person says contradicts the file, or itself."""
    table = csv(_TWO, header=["I (uV)", "II (uV)"], above="# fs=500")
    bare = csv(_TWO, header=["I", "II"])
    timed = csv(_TWO, header=["time (s)", "I (uV)", "II (uV)"], time_step=0.002)
    of_table: list[tuple[str, bytes, Hints]] = [
        ("units", table, {"units": "mV"}),
        ("units-absurd-too", table.replace(b"uV", b"nV"), {"units": "V"}),
        ("units-of-some", table.replace(b"II (uV)", b"II (V)"), {"units": "mV"}),
        ("rate", table, {"rate_hz": 250}),
        ("lead", table, {"leads": ["I", "V6"]}),
        ("order", table, {"leads": ["II", "I"]}),
        ("count", table, {"leads": ["I", "II", "III"]}),
        ("lead-as-time", table, {"leads": ["time", "II"]}),
        ("time-as-lead", timed, {"leads": ["V1", "I", "II"]}),
        ("rate-of-time", timed, {"rate_hz": 510}),
        ("units-wrong", bare, {"units": "mV", "rate_hz": 500}),
        ("units-unknown", bare, {"units": "inch", "rate_hz": 500}),
        ("rate-of-0", bare, {"units": "uV", "rate_hz": 0}),
        ("rate-of-a-million", bare, {"units": "uV", "rate_hz": 1e6}),
        ("lead-twice", bare, {"units": "uV", "rate_hz": 500, "leads": ["II", "II"]}),
        ("no-lead", bare, {"units": "uV", "rate_hz": 500, "leads": ["-", "time"]}),
    ]
    for name, content, hints in of_table:
        yield Vector(f"bad-hint-{name}", "x.csv", {"x.csv": content}, hints)
    record = wfdb(_TWO, comments=("Age: 41",))
    of_header: list[tuple[str, Hints]] = [
        ("rate", {"rate_hz": 257.3}),
        ("units", {"units": "uV"}),
        ("lead", {"leads": ["I", "V6"]}),
        ("count", {"leads": ["I"]}),
        ("time", {"leads": ["I", "time"]}),
    ]
    for name, hints in of_header:
        yield Vector(f"bad-hint-{name}-of-a-header", "r.hea", record, hints)
    pressure = wfdb(_TWO, edits=[("/mV(.* II)$", r"/mmHg\1")])
    yield Vector("bad-hint-pressure-as-lead", "r.hea", pressure, {"leads": ["I", "II"]})
