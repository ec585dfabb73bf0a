"""Every reader, fed damaged and random bytes: a Record or an EcgliteError, nothing else, and no warning."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecglite.edge.errors import EcgliteError
from ecglite.edge.formats import read, readable
from ecglite.edge.record import LEADS, Record

BOUNDED = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_STEPS = np.arange(-300, 300, dtype="<i2").reshape(300, 2)
_SUMS = [int(total) % 65536 for total in _STEPS.sum(axis=0)]
_CSV = "# fs=500\ntime,I (uV),V1 (mV)\n" + "".join(
    f"{at / 500:.3f},{100 * np.sin(at / 9):.2f},{np.cos(at / 9):.4f}\n" for at in range(60)
)
_HEADER = (
    "r 2 500 300\nr.{ext} {fmt} 200(0)/mV 16 0 -300 {a} 0 I\nr.{ext} {fmt} 200(0)/mV 16 0 -299 {b} 0 V1\n"
    "#Age: 50\n#Sex: Male\n"
)


def _clocked(text: str) -> str:
    """The table with times of day, just before midnight."""
    return (
        re.sub(
            r"^(\d\.\d{3})",
            lambda time: ("23:59:{:06.3f}" if float(time[1]) < 0.06 else "00:00:{:06.3f}").format(
                (59.94 + float(time[1])) % 60
            ),
            text,
            flags=re.MULTILINE,
        )
        + ",,\n"
    )


def _packed_212() -> bytes:
    pairs = _STEPS.astype(np.int64) & 0xFFF
    return (
        (np.stack([pairs[:, 0], pairs[:, 0] >> 8 | pairs[:, 1] >> 8 << 4, pairs[:, 1]], axis=1) & 0xFF)
        .astype(np.uint8)
        .tobytes()
    )


_MATRIX = np.array([30, 2, 300, 0, 4], dtype="<i4").tobytes() + b"val\0" + _STEPS.tobytes()
GOOD: dict[str, dict[str, bytes]] = {
    "csv": {"r.csv": _CSV.encode()},
    "semicolons": {"r.csv": _CSV.replace(",", ";").replace(".", ",").encode()},
    "clock": {"r.csv": _clocked(_CSV).encode()},
    "utf-16": {"r.csv": _clocked(_CSV).encode("utf-16")},
    "chapman": {"r.csv": (",".join(LEADS) + "\n" + (",".join(["-119.11"] * 12) + "\n") * 30).encode()},
    "16": {
        "r.hea": _HEADER.format(ext="dat", fmt="16", a=_SUMS[0], b=_SUMS[1]).encode(),
        "r.dat": _STEPS.tobytes(),
    },
    "212": {
        "r.hea": _HEADER.format(ext="dat", fmt="212", a=_SUMS[0], b=_SUMS[1]).encode(),
        "r.dat": _packed_212(),
    },
    "mat": {
        "r.hea": _HEADER.format(ext="mat", fmt="16+24", a=_SUMS[0], b=_SUMS[1]).encode(),
        "r.mat": _MATRIX,
    },
}
_TOKENS = [
    b",", b";", b"\n", b"\r", b"-", b".", b"e9", b"nan", b"inf", b'"', b"(", b"/", b"+", b"x", b":", b"#",
    b"0", b"99999999999999999999", b"1e999", b" ", b"\t", b"\0", b"\xff", b"\xb5V", b"../", b"212", b"_",
]  # fmt: skip

# what is done to the bytes: where (as a share of their length), how, and with what
EDIT = st.tuples(
    st.sampled_from(["flip", "cut", "insert", "drop", "repeat line", "drop line"]),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.sampled_from(_TOKENS), st.binary(min_size=1, max_size=4)),
)


def mutated(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """The bytes after some damage."""
    for how, share, piece in edits:
        at = int(share * len(data))
        end = data.find(b"\n", at) + 1 or len(data)
        start = data.rfind(b"\n", 0, at) + 1
        match how:
            case "flip":
                data = data[:at] + bytes([(data[at] if at < len(data) else 0) ^ piece[0]]) + data[at + 1 :]
            case "cut":
                data = data[:at]
            case "insert":
                data = data[:at] + piece + data[at:]
            case "drop":
                data = data[:at] + data[at + len(piece) :]
            case "repeat line":
                data = data[:end] + data[start:end] + data[end:]
            case _:
                data = data[:start] + data[end:]
    return data


def outcome(path: Path, **hints: object) -> None:
    """Reads; anything but a sound Record or an EcgliteError in one line fails the test."""
    readable(path)
    try:
        record = read(path, **hints)  # type: ignore[arg-type]
    except EcgliteError as refusal:
        message = str(refusal)
    else:
        message = ""
        assert isinstance(record, Record)
        assert not np.isinf(record.signal_mv).any()
    assert not message or message.startswith(str(path.parent))
    assert "\n" not in message


@pytest.mark.parametrize("kind", [kind for kind in GOOD if kind != "chapman"])
def test_the_files_are_good_before_they_are_damaged(tmp_path: Path, kind: str) -> None:
    for name, data in GOOD[kind].items():
        (tmp_path / name).write_bytes(data)
    assert read(tmp_path / next(iter(GOOD[kind]))).leads == ("I", "V1")


@pytest.mark.parametrize("kind", list(GOOD))
@given(
    edits=st.lists(EDIT, min_size=1, max_size=4),
    which=st.integers(0, 1),
    hinted=st.booleans(),
    leads=st.sampled_from([None, ["I", "V1"], ["I", "-"], ["time", "I", "V1"], ["-", "I", "V1"]]),
)
@BOUNDED
def test_damaged_files(
    tmp_path: Path,
    kind: str,
    edits: list[tuple[str, float, bytes]],
    which: int,
    hinted: bool,
    leads: list[str] | None,
) -> None:
    files = GOOD[kind]
    damaged = list(files)[which % len(files)]
    for name, data in files.items():
        (tmp_path / name).write_bytes(mutated(data, edits) if name == damaged else data)
    outcome(tmp_path / next(iter(files)), leads=leads, **({"rate_hz": 500.0, "units": "uV"} if hinted else {}))


@pytest.mark.parametrize("name", ["r.csv", "r.hea", "r.txt", "r.dat", "r.mat", "r"])
@given(
    data=st.one_of(st.binary(max_size=300), st.text('0123456789.,;-+e\n\t #"()/xIVnaR', max_size=300).map(str.encode))
)
@BOUNDED
def test_random_bytes(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    outcome(tmp_path / name, rate_hz=500.0, units="uV")


@pytest.mark.parametrize("kind", ["16", "212", "mat"])
@given(data=st.binary(max_size=1500))
@BOUNDED
def test_random_signal_files(tmp_path: Path, kind: str, data: bytes) -> None:
    header, signal = GOOD[kind]
    text = GOOD[kind][header].replace(b"2 500 300", b"2 500").replace(b" 0 I", b"").replace(b" 0 V1", b"")
    (tmp_path / header).write_bytes(text)
    (tmp_path / signal).write_bytes(data)
    outcome(tmp_path / header, leads=["I", "V1"])
