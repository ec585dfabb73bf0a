"""Vectors that are read: the eleven rhythms, each format in its variants, rates, lengths, and poor recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
from files import Hints, Vector, clock, csv, only, wfdb, with_signal

from ecglite.edge.record import LEADS
from ecglite.simulator import RHYTHMS_MADE, simulate

RATES: Final = {100: "AFIB", 128: "ST", 250: "SB", 257.3: "SR", 360: "AF", 1000: "SVT"}
_SPELT: Final = (
    "Lead I",
    "lead_ii",
    "DIII",
    "avr",
    "AVL",
    "MDC_ECG_LEAD_AVF",
    "ECG V1",
    "v2",
    "ecg_v3",
    "V4",
    "V5",
    "V6",
)


def vectors() -> Iterator[Vector]:
    """All of them."""
    yield from _rhythms()
    yield from _tables()
    yield from _spreadsheets()
    yield from _clocks()
    yield from _units_given()
    yield from _headers()
    yield from _rates()
    yield from _lengths()
    yield from _poor()


def _rhythms() -> Iterator[Vector]:
    """Chapman's two layouts: denoised without a header, raw with one and in whole microvolts."""
    for rhythm in RHYTHMS_MADE:
        yield Vector(
            f"chapman-{rhythm}",
            f"{rhythm}.csv",
            {f"{rhythm}.csv": csv(simulate(rhythm, seed=3 if rhythm == "SAAWR" else 4))},
        )
        raw = csv(simulate(rhythm, seed=2), number="%.0f", header=LEADS)
        yield Vector(f"chapman-{rhythm}-raw", f"{rhythm}.csv", {f"{rhythm}.csv": raw})
    yield Vector(
        "chapman-hints-agree", "x.csv", {"x.csv": csv(simulate("SR", seed=3))}, {"units": "uV", "rate_hz": 500}
    )
    millivolts = csv(simulate("SR", seed=3), unit="mV")
    yield Vector("chapman-in-mV", "x.csv", {"x.csv": millivolts}, {"units": "mV", "rate_hz": 500})


def _tables() -> Iterator[Vector]:
    """CSV that is not Chapman's."""
    full = simulate("SR", seed=4)
    two, three = only(full, "I", "II"), only(full, "I", "II", "V1")
    hints: Hints = {"units": "uV", "rate_hz": 500}
    in_uv = [f"{lead} (uV)" for lead in LEADS]

    def made(name: str, content: bytes, hints: Hints | None = None) -> Vector:
        return Vector(f"csv-{name}", "x.csv", {"x.csv": content}, hints or {})

    yield made(
        "semicolon-decimal-comma",
        csv(
            full, unit="mV", delimiter=";", decimal=",", header=["Zeit (ms)", *LEADS], time_step=2, above="# units: mV"
        ),
    )
    yield made("time-in-ms", csv(full, header=["time_ms", *in_uv], time_step=2))
    yield made("time-in-seconds", csv(two, header=["t", "I [mV]", "II [mV]"], unit="mV", time_step=0.002))
    yield made("time-without-unit", csv(two, header=["time", *in_uv[:2]], time_step=2), {"rate_hz": 500})
    yield made("time-counts-samples", csv(two, header=["time", *in_uv[:2]], time_step=1), {"rate_hz": 500})
    yield made("time-in-microseconds", csv(two, header=["timestamp (µs)", *in_uv[:2]], time_step=2000))
    yield made("comment-fs", csv(full, above="# fs=500, filter 0.05-150 Hz\n# units: uV", header=LEADS))
    yield made("comment-khz", csv(two, above="# sampling rate: 0.5 kHz", header=in_uv[:2]))
    yield made("unit-in-name", csv(full, header=[f"{lead}_uV" for lead in LEADS]), {"rate_hz": 500})
    yield made("micro-sign", csv(two, above="# fs: 500 Hz", header=["I (µV)", "II (μV)"]))
    latin = csv(two, above="# fs: 500 Hz", header=["I (µV)", "II (µV)"]).decode().encode("latin-1")
    yield made("micro-sign-latin-1", latin)
    yield made("line-of-units", csv(two, header=["time", "I", "II\n[ms]", "[uV]", "[uV]"], time_step=2))
    yield made("mixed-units", csv(two, above="# fs=500", header=["I (uV)", "II (µV)"]))
    volts = with_signal(two, two.signal_mv * np.array([1.0, 1000.0]))
    yield made("units-differ", csv(volts, unit="mV", number="%.7g", above="# fs=500", header=["I (mV)", "II (uV)"]))
    yield made("volts", csv(two, unit="V", number="%.6e", above="# fs=500", header=["I (V)", "II (V)"]))
    yield made("nanovolts", csv(two, unit="nV", number="%.0f", above="# fs=500", header=["I (nV)", "II (nV)"]))
    yield made("tabs", csv(three, delimiter="\t", above="# fs=500", header=["I (uV)", "II (uV)", "V1 (uV)"]))
    yield made("tabs-decimal-comma", csv(two, unit="mV", delimiter="\t", decimal=",", header=["I", "II"]), {
        "units": "mV", "rate_hz": 500,
    })  # fmt: skip
    yield made("mark-and-crlf", b"\xef\xbb\xbf" + csv(two, above="# fs=500", header=in_uv[:2], end="\r\n"))
    yield made("carriage-returns", csv(two, above="# fs=500", header=in_uv[:2], end="\r"))
    yield made("quoted", csv(two, above="# fs=500", header=['"I (uV)"', '"II (uV)"'], number='"%.5g"'))
    yield made("spaces", csv(two, above="# fs=500", header=["I (uV)", " II (uV)"], number=" %.5g ", delimiter=" ,"))
    yield made("exponents", csv(two, above="# fs=500", header=in_uv[:2], number="%.4e"))
    yield made("seventeen-digits", csv(two, above="# fs=500", header=in_uv[:2], number="%.17g"))
    yield made("signs", csv(two, above="# fs=500", header=in_uv[:2], number="%+.3f"))
    yield made("no-leading-zero", csv(two, unit="mV", above="# fs=500", header=["I (mV)", "II (mV)"], number="%.4f")
               .replace(b"0.", b"."))  # fmt: skip
    yield made("delimiter-at-the-end", csv(two, above="# fs=500", header=in_uv[:2], end=",\n"))
    yield made("index", csv(two, header=["sample", *in_uv[:2]], time_step=1, above="# fs=500"))
    yield made("spellings", csv(full, header=_SPELT, above="# fs=500\n# units=uV"))
    yield made("other-order", csv(only(full, *LEADS[::-1]), header=LEADS[::-1], above="# fs=500\n# units=uV"))
    yield made("one-signal", csv(only(full, "II"), header=["ECG (uV)"], above="# fs=500"))
    yield made("two-leads-hints", csv(two, header=["I", "II"]), hints)
    yield made("no-header", csv(replace(full, signal_mv=full.signal_mv[:4000])), hints)
    yield made("named-by-hand", csv(three, time_step=0.002), {
        "leads": ["time", "I", "II", "V1"], "units": "uV",
    })  # fmt: skip
    yield made("one-left-out-by-hand", csv(three, header=["I", "II", "marker"]), {
        **hints, "leads": ["I", "II", "-"],
    })  # fmt: skip
    remarks = csv(two, header=["I", "II", "remark"], end=",ok\n").replace(b"remark,ok", b"remark")
    yield made("text-left-out-by-hand", remarks, {**hints, "leads": ["I", "II", "-"]})
    empty = with_signal(three, np.where(np.arange(3) == 2, np.nan, three.signal_mv))
    yield made("empty-lead", csv(empty, header=["I", "II", "V1"]), hints)
    some = three.signal_mv.copy()
    some[100:120, 0] = np.nan
    for missing in ("nan", "NA", "null", "-"):
        content = csv(with_signal(three, some), header=["I", "II", "V1"], missing=missing)
        yield made(f"missing-as-{missing.strip('-') or 'dash'}", content, hints)
    yield Vector("csv-named-txt", "x.txt", {"x.txt": csv(two, above="# fs=500", header=in_uv[:2])})
    yield Vector("csv-without-ending", "x", {"x": csv(two, above="# fs=500", header=in_uv[:2])})


def _spreadsheets() -> Iterator[Vector]:
    """Tables as spreadsheets write them: in UTF-16, or with rows of blank cells below."""
    full = simulate("SR", seed=4)
    two = only(full, "I", "II")
    names = ["Zeit (s)", "I (µV)", "II (µV)"]
    unicode_text = csv(two, delimiter="\t", decimal=",", header=names, time_step=0.002, end="\r\n").decode()
    for code, mark in (("le", b"\xff\xfe"), ("be", b"\xfe\xff")):
        yield Vector(f"csv-utf-16-{code}", "x.txt", {"x.txt": mark + unicode_text.encode(f"utf-16-{code}")})
    semicolons = csv(two, delimiter=";", decimal=",", header=names, time_step=0.002, end="\r\n")
    for name, content in (
        ("one", semicolons + b";;\r\n"),
        ("several", semicolons + b'; ;\r\n"";;""\r\n;;'),
        ("not-the-missing", semicolons + b"10;;\r\n10,002;-;-\r\n;;\r\n"),
    ):
        yield Vector(f"csv-blank-rows-{name}", "x.csv", {"x.csv": content})
    yield Vector("chapman-blank-row", "x.csv", {"x.csv": csv(full, header=LEADS) + b"," * 11 + b"\n"})
    header = wfdb(two)
    yield Vector("wfdb-utf-16", "r.hea", header | {"r.hea": header["r.hea"].decode().encode("utf-16")})


def _clocks() -> Iterator[Vector]:
    """Time columns that hold times of day, rounded and over midnight, at rates whose step the rounding changes."""
    names = ["Time", "I (uV)", "II (uV)"]
    for rate_hz in (100, 257.3, 360, 500, 512, 1000):
        record = only(simulate("SR", seed=4, sampling_rate_hz=rate_hz), "I", "II")
        yield Vector(
            f"clock-{rate_hz:g}", "x.csv", {"x.csv": csv(record, header=names, time_step=1 / rate_hz, clock=clock())}
        )
    two = only(simulate("SR", seed=4), "I", "II")
    midnight = 86_395.0
    forms: dict[str, tuple[Callable[[float], str], Hints]] = {
        "midnight": (clock(midnight), {}),
        "date": (clock(midnight, form="2024-05-01 {}"), {}),
        "iso": (clock(decimals=6, form="2024-05-01T{}+02:00"), {}),
        "quoted": (clock(form='"{}"'), {}),
        "tenths-with-the-rate": (clock(decimals=1), {"rate_hz": 500}),
        "whole-seconds-with-the-rate": (clock(decimals=0), {"rate_hz": 500}),
    }
    for name, (form, hints) in forms.items():
        content = csv(two, header=names, time_step=0.002, clock=form)
        yield Vector(f"clock-{name}", "x.csv", {"x.csv": content}, hints)
    comma = csv(two, delimiter=";", decimal=",", header=names, time_step=0.002, clock=clock())
    yield Vector("clock-decimal-comma", "x.csv", {"x.csv": comma})
    elapsed = csv(
        two, unit="mV", header=["'Elapsed time','I','II'\n'hh:mm:ss.mmm'", "'mV'", "'mV'"], time_step=0.002,
        clock=lambda seconds: f"'0:{seconds:06.3f}'",
    )  # fmt: skip
    yield Vector("clock-elapsed", "x.csv", {"x.csv": elapsed})
    bare = csv(two, time_step=0.002, clock=clock())
    yield Vector("clock-without-header", "x.csv", {"x.csv": bare}, {"leads": ["time", "I", "II"], "units": "uV"})


def _units_given() -> Iterator[Vector]:
    """Units under which the amplitudes are absurd, and others given under which they are not."""
    two = only(simulate("SR", seed=4), "I", "II")
    content = csv(two, header=["I (mV)", "II (mV)"], above="# fs=500")
    yield Vector("units-given-for-mV", "x.csv", {"x.csv": content}, {"units": "uV"})
    content = csv(two, header=["I", "II"], above="# fs=500\n# units: nV")
    yield Vector("units-given-for-a-comment", "x.csv", {"x.csv": content}, {"units": "µV"})
    yield Vector("units-given-for-a-header", "r.hea", wfdb(two, edits=[("/mV", "/V")]), {"units": "mV"})


def _headers() -> Iterator[Vector]:
    """WFDB in its variants."""
    full = simulate("AFIB", seed=5)
    two, seven = only(full, "II", "V1"), only(full, *LEADS[:7])

    def made(name: str, files: dict[str, bytes], opened: str = "r.hea", hints: Hints | None = None) -> Vector:
        return Vector(f"wfdb-{name}", opened, files, hints or {})

    yield made("16", wfdb(full, comments=("Age: 69", "Sex: Female", "Dx: 164889003")))
    yield made("16-by-its-dat", wfdb(full), "r.dat")
    yield made("212", wfdb(full, code=212, gain=200))
    yield made("212-odd", wfdb(with_signal(seven, seven.signal_mv[:4999]), code=212, gain=200, baseline=-7))
    yield made("mat", wfdb(full, ending="mat", comments=("Age: NaN", "Sex: Unknown")))
    yield made("mat-by-itself", wfdb(full, ending="mat", edits=[("^r 12", "r.mat 12")]), "r.mat")
    yield made("baseline", wfdb(full, gain=400, baseline=1024))
    yield made("gain-per-uV", wfdb(full, gain=0.2048, units="uV"))
    yield made("gain-not-exact", wfdb(full, gain=204.8, baseline=3))
    yield made("per-volt", wfdb(full, gain=1e6, units="V"))
    yield made("units-differ", wfdb(two, edits=[(r"1000\(0\)/mV(.* V1)$", r"1(0)/uV\1")]))
    missing = full.signal_mv.copy()
    missing[700:730, 3] = np.nan
    yield made("16-missing", wfdb(with_signal(full, missing)))
    yield made("212-missing", wfdb(with_signal(full, missing), code=212, gain=200))
    yield made("no-gain", wfdb(two, gain=200, edits=[(r"200\(0\)/mV", "0(0)/mV")]))
    yield made("no-checksum", wfdb(two, edits=[(r"\d+ 0 II$", "0 0 II")]))
    yield made("not-a-voltage", wfdb(only(full, "I", "II", "V1"), edits=[("/mV(.* V1)$", r"/mmHg\1")]))
    yield made("no-length", wfdb(two, edits=[(" 500 5000$", " 500")]))
    yield made("counter-and-date", wfdb(two, edits=[(" 500 5000$", " 500/500(0) 5000 12:00:00 01/02/2020")]))
    windows = wfdb(two, comments=("68 M 1960 2851 x1", "Digoxin"))
    yield made("carriage-returns", windows | {"r.hea": windows["r.hea"].replace(b"\n", b"\r\n")})
    yield made(
        "two-files", _two_files(wfdb(only(full, "I", "II"), name="a"), wfdb(only(full, "V1"), name="b", gain=500))
    )
    slow = simulate("AFIB", seed=5, sampling_rate_hz=250)
    yield made("default-rate", wfdb(slow, edits=[(" 250 2500$", "")]))
    yield made("one-signal", wfdb(only(full, "I"), edits=[(" 0 I$", " 0 ECG")]))
    yield made("MLII", wfdb(two, edits=[(" 0 II$", " 0 MLII")]))
    renamed = wfdb(two)
    yield made("header-named-csv", {"h.csv": renamed["r.hea"], "r.dat": renamed["r.dat"]}, "h.csv")
    yield made("hints-agree", wfdb(two), hints={"units": "mV", "rate_hz": 502, "leads": ["II", "V1"]})
    yield made("named-by-hand", wfdb(two, edits=[(" V1$", " ECG2")]), hints={"leads": ["II", "V1"]})
    yield made("one-left-out-by-hand", wfdb(two, edits=[(" V1$", " RESP")]), hints={"leads": ["II", "-"]})


def _two_files(first: dict[str, bytes], second: dict[str, bytes]) -> dict[str, bytes]:
    """One record of two records' signals, each in its own file, the second one behind four other bytes."""
    lines = [b"r 3 500 5000", *first["a.hea"].splitlines()[1:], *second["b.hea"].splitlines()[1:]]
    header = b"\n".join(lines).replace(b"b.dat 16", b"b.dat 16+4") + b"\n"
    return {"r.hea": header, "a.dat": first["a.dat"], "b.dat": b"head" + second["b.dat"]}


def _rates() -> Iterator[Vector]:
    for rate_hz, rhythm in RATES.items():
        record = simulate(rhythm, seed=6, sampling_rate_hz=rate_hz)
        yield Vector(f"rate-{rate_hz:g}", "r.hea", wfdb(record))


def _lengths() -> Iterator[Vector]:
    """From the shortest that is classified to four windows, and gaps in them."""
    long = simulate("AFIB", seed=7, duration_s=35)
    gap = long.signal_mv.copy()
    gap[8000:9500] = np.nan
    rest = long.signal_mv.copy()
    rest[2000:2400] = rest[2000]
    holes = long.signal_mv[:5000].copy()
    holes[2000:2400] = np.nan
    short = simulate("SB", seed=7)
    for seconds in (5, 6, 9.998):
        part = with_signal(short, short.signal_mv[: int(500 * seconds)])
        yield Vector(f"length-{seconds:g}-s", "r.hea", wfdb(part))
    for seconds in (10.5, 11, 24.6, 35):
        part = with_signal(long, long.signal_mv[: int(500 * seconds)])
        yield Vector(f"length-{seconds:g}-s", "r.hea", wfdb(part))
    yield Vector("gap-in-35-s", "r.hea", wfdb(with_signal(long, gap)))
    yield Vector("rest-in-35-s", "r.hea", wfdb(with_signal(long, rest)))
    yield Vector("gap-in-10-s", "r.hea", wfdb(with_signal(long, holes)))
    holes[1500:] = np.nan
    yield Vector("gap-that-leaves-3-s", "r.hea", wfdb(with_signal(long, holes)))
    yield Vector("gap-in-two-leads", "r.hea", wfdb(only(with_signal(long, gap), "II", "V1")))


def _poor() -> Iterator[Vector]:
    """Recordings whose quality is noted, and a few that are read and not classified."""
    good = simulate("SR", seed=8)
    random = np.random.default_rng(9)

    def made(name: str, change: Callable[[npt.NDArray[np.float64]], None], rhythm: str = "SR") -> Vector:
        signal_mv = simulate(rhythm, seed=8).signal_mv.astype(np.float64)
        change(signal_mv)
        return Vector(f"quality-{name}", "r.hea", wfdb(with_signal(good, signal_mv), comments=("simulated",)))

    def leads(*names: str) -> list[int]:
        return [LEADS.index(name) for name in names]

    def lose(x: npt.NDArray[np.float64], lead: str, share: float) -> None:
        x[random.permutation(len(x))[: int(share * len(x))], LEADS.index(lead)] = np.nan

    def missing(x: npt.NDArray[np.float64]) -> None:
        for lead, share in (("I", 0.0004), ("V1", 0.008), ("V2", 0.05), ("V3", 0.15)):
            lose(x, lead, share)

    def flat(x: npt.NDArray[np.float64]) -> None:
        x[:, leads("V2", "aVL")] = 0.004
        x[1000:2600, leads("V5")] = 0.1

    def clip(x: npt.NDArray[np.float64], columns: list[int], limit_mv: float) -> None:
        x[:, columns] = np.clip(x[:, columns], -limit_mv, limit_mv)

    def noise(x: npt.NDArray[np.float64], columns: list[int], deviation_mv: float) -> None:
        x[:, columns] += random.normal(0, deviation_mv, (len(x), len(columns)))

    def scale(x: npt.NDArray[np.float64], factor: float) -> None:
        x *= factor

    def drown(x: npt.NDArray[np.float64]) -> None:
        scale(x, 0)
        noise(x, list(range(12)), 0.3)

    def spikes(x: npt.NDArray[np.float64]) -> None:
        """Every 0.26 s, which is over any heart's rate."""
        off_ms = np.arange(len(x)) * 2 % 260 - 130
        x[:] = np.exp(-0.5 * (off_ms[:, None] / 12) ** 2) * np.linspace(0.6, 1.4, 12)

    def swap(x: npt.NDArray[np.float64]) -> None:
        x[:, leads("I", "II")] = x[:, leads("II", "I")]

    def count(x: npt.NDArray[np.float64]) -> None:
        x[:, leads("V6")] = np.arange(len(x))[:, None] * 0.002

    yield made("missing-samples", missing)
    yield made("flat", flat)
    yield made("flat-limb-leads", lambda x: clip(x, leads("II", "aVF"), 0))
    yield made("clipped", lambda x: clip(x, leads("V3", "V4"), 0.25))
    yield made("noisy", lambda x: noise(x, leads("III", "V1", "V6"), 0.2))
    yield made("mostly-noisy", lambda x: noise(x, list(range(8)), 0.6))
    yield made("reversed-limb-leads", swap)
    yield made("low-voltage", lambda x: scale(x, 0.08))
    yield made("high-voltage", lambda x: scale(x, 11), "AFIB")
    yield made("counts-evenly", count)
    yield made("noise-alone", drown)
    yield made("spikes", spikes)
    yield made("all-flat", lambda x: scale(x, 0))
    yield made("mostly-clipped", lambda x: clip(x, list(range(12)), 0.08))
    yield Vector("quality-no-V-leads", "r.hea", wfdb(only(good, *LEADS[:6])))
    yield Vector("quality-I-alone", "r.hea", wfdb(only(simulate("AFIB", seed=8), "I")))
    yield Vector("quality-II-III-V1", "r.hea", wfdb(only(simulate("SVT", seed=8), "II", "III", "V1")))
    fast, slow, usual = simulate("SVT", seed=8, duration_s=20), simulate("SB", seed=8), simulate("SR", seed=8)
    slow = with_signal(slow, slow.signal_mv[:1250])
    for name, record, stated_hz in (
        ("twice-as-high", fast, 1000.0),  # too fast for the detector, which counts every third beat
        ("half-as-high", usual, 250.0),
        ("a-quarter-as-high", slow, 125.0),  # two beats, which make no rate
    ):
        yield Vector(f"rate-stated-{name}", "r.hea", wfdb(replace(record, sampling_rate_hz=stated_hz)))
    # Re-entry too fast for the detector: the rhythm that is named contradicts the rate in most of these.
    for seed in range(4, 9):
        record = replace(simulate("AVNRT", seed=seed, duration_s=20), sampling_rate_hz=1000.0)
        yield Vector(f"rate-contradicted-{seed}", "r.hea", wfdb(record))
