"""Rates, intervals, axes and variability of simulated recordings beside those of real people.

Rate, QRS, QT and axes stand beside Chapman-Shaoxing's table of 10,646 people, which its machine measured. Of simulated
recordings the truth is taken where the simulator tells it; and all of them are measured on the signal, by NeuroKit2 and
on the averaged beat. How far such measures are from the machine's is told by the real recordings of Chapman that are
here. People are drawn from that very table: that their truth agrees with it is no evidence, and each row says so; what
is measured on the signal is. The table says nothing of RR variability: it stands beside PTB-XL, measured on both sides
by the data's path.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecglite.edge import heart_rate, windows
from ecglite.edge.errors import LabError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import datasets, rates
from ecglite.lab.fitting import write
from ecglite.lab.population_of import ks
from ecglite.lab.prepare import Progress
from ecglite.lab.realism import source
from ecglite.lab.study.document import PICTURES
from ecglite.lab.study.figures import canvas
from ecglite.lab.workers import pool

Floats = npt.NDArray[np.float64]

MEASURES: Final = {
    "heart rate": "/min",
    "QRS": "ms",
    "QT": "ms",
    "QRS axis": "degrees",
    "T axis": "degrees",
    "RR variation": "share of the mean",
    "RR successive change": "share of the mean",
}
"""What is compared, and its unit."""

OF_TABLE: Final = {
    "heart rate": "VentricularRate",
    "QRS": "QRSDuration",
    "QT": "QTInterval",
    "QRS axis": "RAxis",
    "T axis": "TAxis",
}
"""Those that Chapman's table has, and its column."""

DRAWN: Final = "drawn from this table, no evidence"
EVIDENCE: Final = "measured, evidence"
NOT_DRAWN: Final = "truth, not drawn from it"

_AXES: Final = ("QRS axis", "T axis")
_SEEN: Final = (1, 7, 10)  # II, V2, V5
_MANY: Final = 100
_RATE: Final = windows.RATE_HZ


def measured(record: Record) -> dict[str, float]:
    """The measures of one recording, NaN where one cannot be had.

    Heart rate, and QRS and QT as medians over beats and the leads II, V2 and V5, by NeuroKit2 (its method "prominence"
    is the nearest to Chapman's machine); the axes from the net area of QRS and of T of the averaged beat in I and aVF;
    RR by the data's path.
    """
    window = next(windows.windows(record)).signal_mv
    beats_s = heart_rate.beats(window)
    rr = np.diff(beats_s)
    out = dict.fromkeys(MEASURES, float("nan"))
    out["heart rate"] = rates.heart_rate_bpm(window.T, _RATE)
    out["QRS"], out["QT"] = _delineated(window)
    out["QRS axis"], out["T axis"] = _axes(window, beats_s)
    out |= variability(rr)
    return out


def variability(rr_s: Floats) -> dict[str, float]:
    """Standard deviation and root mean square of successive differences of RR, as shares of the mean."""
    if len(rr_s) < 4:
        return {"RR variation": float("nan"), "RR successive change": float("nan")}
    return {
        "RR variation": float(rr_s.std() / rr_s.mean()),
        "RR successive change": float(np.sqrt((np.diff(rr_s) ** 2).mean()) / rr_s.mean()),
    }


def _delineated(window: npt.NDArray[np.float32]) -> tuple[float, float]:
    """QRS and QT in milliseconds."""
    import neurokit2

    of_qrs, of_qt = [], []
    for lead in _SEEN:
        x = window[:, lead].astype(np.float64)
        if np.ptp(x) == 0:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                clean = neurokit2.ecg_clean(x, sampling_rate=_RATE)
                peaks = neurokit2.ecg_peaks(clean, sampling_rate=_RATE)[1]["ECG_R_Peaks"]
                _, found = neurokit2.ecg_delineate(clean, peaks, sampling_rate=_RATE, method="prominence")
            except (ValueError, IndexError, ZeroDivisionError, TypeError):
                continue  # a lead in which it finds nothing
        on, off, end = (
            np.array(found[name], np.float64) for name in ("ECG_R_Onsets", "ECG_R_Offsets", "ECG_T_Offsets")
        )
        of_qrs.append(_median(off - on))
        of_qt.append(_median(end - on))
    return 1000 / _RATE * _median(np.array(of_qrs)), 1000 / _RATE * _median(np.array(of_qt))


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _axes(window: npt.NDArray[np.float32], beats_s: Floats) -> tuple[float, float]:
    """Frontal axes of QRS and T in degrees, from areas in I and aVF; aVF is 2 / sqrt(3) of a limb lead's length."""
    before, after = int(0.1 * _RATE), int(0.5 * _RATE)
    at = np.round(beats_s * _RATE).astype(int)
    at = at[(at >= before) & (at + after <= len(window))]
    if len(at) < 2:
        return float("nan"), float("nan")
    two = window[:, [LEADS.index("I"), LEADS.index("aVF")]].astype(np.float64)
    cut = np.median(two[at[:, None] + np.arange(-before, after)], axis=0)
    cut = cut - np.median(cut[: int(0.03 * _RATE)], axis=0)
    rr_s = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 1.0
    end = before + int(min(0.5, 0.62 * rr_s) * _RATE)
    parts = cut[before - int(0.05 * _RATE) : before + int(0.06 * _RATE)], cut[before + int(0.12 * _RATE) : end]
    qrs, t = (np.rad2deg(np.arctan2(2 / np.sqrt(3) * part[:, 1].sum(), part[:, 0].sum())) for part in parts)
    return float(qrs), float(t)


def run(
    rhythms: Sequence[str],
    per_rhythm: int,
    switches: source.Switches,
    seed: int,
    data: Path | None,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Measure and compare.

    Args:
        rhythms: those to look at.
        per_rhythm: simulated recordings of each.
        switches: of the simulator.
        seed: of the simulated recordings.
        data: see `datasets.root_of`.
        folder: keeps the measures of finished rhythms, and the pictures.
        progress: see `prepare.Progress`.

    Returns:
        `rows`, one for each rhythm, measure and kind of simulated value ("truth" or "measured"), see `compared`, and
        what it says: `DRAWN` of a truth that was drawn from the table it stands beside;
        `bias`, of each measure of real recordings minus what the table says of them: median and count.
    """
    which = datasets.dataset("chapman")
    root = datasets.root_of(which, data)
    if which.measurements is None:
        raise LabError(f"{which.name} without a table of measurements", allowed="one that states rates and intervals")
    table = which.measurements(root)
    columns = {name: table.names.index(column) for name, column in OF_TABLE.items()}
    folder.mkdir(parents=True, exist_ok=True)
    with pool() as workers:
        files = {
            rhythm: folder / f"measured-{rhythm}-{_stamp(rhythm, per_rhythm, seed, switches)}.json"
            for rhythm in rhythms
        }
        jobs = {
            rhythm: [
                workers.submit(_measured, rhythm, _seed(seed, rhythm, k), dict(switches)) for k in range(per_rhythm)
            ]
            for rhythm, at in files.items()
            if not at.exists()
        }
        of_real = [(entry.record_id, workers.submit(_of_entry, which.read, entry)) for entry in which.index(root)]
        found = {}
        for done, rhythm in enumerate(rhythms):
            at = files[rhythm]
            if rhythm in jobs:
                write(at, json.dumps([job.result() for job in jobs[rhythm]]))
            found[rhythm] = json.loads(at.read_text(encoding="utf-8"))
            progress("measuring", done + 1, len(rhythms))
        bias = _bias([(name, job.result()) for name, job in of_real], table.rows, columns)
    ptb_xl = source.real("ptb-xl", data, range(1, 9), progress)
    rows = []
    for rhythm in rhythms:
        of_table = np.array([table.rows[name] for name, word in table.rhythms.items() if word == rhythm])
        spread = [
            variability(np.diff(t)) for t, word in zip(ptb_xl.beats_s, ptb_xl.rhythms, strict=True) if word == rhythm
        ]
        for name in MEASURES:
            real = of_table[:, columns[name]] if name in columns else np.array([one[name] for one in spread])
            for kind in ("truth", "measured"):
                values = np.array([one[kind].get(name, np.nan) for one in found[rhythm]], np.float64)
                if np.isfinite(values).any() and len(real):
                    beside = "Chapman's table" if name in columns else "PTB-XL, folds 1-8"
                    says = EVIDENCE if kind == "measured" else DRAWN if name in columns else NOT_DRAWN
                    rows.append({"rhythm": rhythm, "measure": name, "simulated": kind, "beside": beside, "says": says}
                                | compared(real, values, turns=name in _AXES))  # fmt: skip
    pictures = _draw(rows, folder / PICTURES)
    return {
        "rows": rows,
        "bias": bias,
        "pictures": pictures,
        "per_rhythm": per_rhythm,
        "seed": seed,
        "switches": dict(switches),
        "real": {"table": f"{which.title}, {len(table.rows)} rows, doi {which.doi}", "ptb-xl": ptb_xl.facts},
    }


def _stamp(rhythm: str, n: int, seed: int, switches: source.Switches) -> str:
    """Changes with what is simulated, and with how it is measured."""
    code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    return f"{source.stamp([rhythm] * n, seed, switches)}-{code}"


def _seed(seed: int, rhythm: str, k: int) -> int:
    digest = hashlib.sha256(f"{seed} {rhythm} {k}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def _measured(rhythm: str, seed: int, switches: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    record, truth = source.recording(rhythm, seed, switches, float(_RATE))
    return {"truth": truth, "measured": measured(record)}


def _of_entry(read: Callable[[datasets.Entry], Record], entry: datasets.Entry) -> dict[str, float]:
    return measured(read(entry))


def _bias(
    of_real: Sequence[tuple[str, Mapping[str, float]]], rows: Mapping[str, Floats], columns: Mapping[str, int]
) -> dict[str, dict[str, float]]:
    out = {}
    for name, column in columns.items():
        off = np.array([values[name] - rows[record][column] for record, values in of_real])
        if name in _AXES:
            off = (off + 180) % 360 - 180
        off = off[np.isfinite(off)]
        if len(off):
            low, middle, high = np.quantile(off, [0.25, 0.5, 0.75])
            out[name] = {"n": len(off), "median": float(middle), "low": float(low), "high": float(high)}
    return out


def compared(real: Floats, simulated: Floats, *, turns: bool = False) -> dict[str, Any]:
    """Two samples beside each other.

    Args:
        real: [n_real], NaN where nothing is known.
        simulated: [n_simulated], likewise.
        turns: they are angles in degrees, brought to within half a turn of the real ones' mean direction.

    Returns:
        Counts; `distance`, the greatest distance of the two distribution functions (Kolmogorov, 1933); `chance`, what
        it would exceed once in twenty times were both samples of one distribution (Smirnov's limit); quantiles of both,
        of a few real values the quartiles alone, so that no one's own value is given away.
    """
    real, simulated = real[np.isfinite(real)], simulated[np.isfinite(simulated)]
    if turns:
        middle = np.rad2deg(np.angle(np.exp(1j * np.deg2rad(real)).mean()))
        real, simulated = ((values - middle + 180) % 360 - 180 + middle for values in (real, simulated))
    if not (len(real) and len(simulated)):
        return {"n_real": len(real), "n_simulated": len(simulated), "distance": None, "chance": None}
    levels = np.linspace(0.025, 0.975, 39) if len(real) >= _MANY else np.array([0.25, 0.5, 0.75])
    return {
        "n_real": len(real),
        "n_simulated": len(simulated),
        "distance": ks(real, simulated),
        "chance": float(1.358 * np.sqrt(1 / len(real) + 1 / len(simulated))),
        "real_quantiles": [float(v) for v in np.quantile(real, levels)],
        "simulated_quantiles": [float(v) for v in np.quantile(simulated, levels)],
    }


def _draw(rows: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, str]:
    """A quantile plot for each measure, a panel for each rhythm; name of the file -> what it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    out = {}
    for name, unit in MEASURES.items():
        some = [row for row in rows if row["measure"] == name and row["distance"] is not None]
        panels = [rhythm for rhythm in RHYTHMS if any(row["rhythm"] == rhythm for row in some)]
        if not panels:
            continue
        file = f"quantiles-{name.lower().replace(' ', '-')}"
        with canvas(folder / file, (10.0, 2.8 * ((len(panels) + 3) // 4) + 0.5)) as figure:
            grid = np.ravel(figure.subplots((len(panels) + 3) // 4, 4, squeeze=False))
            for axes, rhythm in zip(grid, panels, strict=False):
                every: list[float] = []
                for row in (row for row in some if row["rhythm"] == rhythm):
                    colour = "#c0392b" if row["simulated"] == "truth" else "#2c6fa6"
                    both = row["real_quantiles"], row["simulated_quantiles"]
                    axes.plot(*both, "o-", ms=2, lw=0.8, color=colour, label=row["simulated"])
                    every += [*both[0], *both[1]]
                edge = 0.05 * (max(every) - min(every)) or 1.0
                low, high = min(every) - edge, max(every) + edge
                axes.plot([low, high], [low, high], color="#8a97a5", lw=0.8, ls="--")
                axes.set(xlim=(low, high), ylim=(low, high), box_aspect=1)
                distances = " / ".join(f"{row['distance']:.2f}" for row in some if row["rhythm"] == rhythm)
                axes.set_title(f"{rhythm}, distance {distances}", fontsize=8)
                axes.tick_params(labelsize=7)
            for axes in grid[len(panels) :]:
                axes.set_axis_off()
            figure.supxlabel(f"{some[0]['beside']}: {name}, {unit}", fontsize=8)
            figure.supylabel("simulated", fontsize=8)
        out[file] = (
            f"Quantiles of {name}, simulated against {some[0]['beside']}; on the dashed line they agree. Red: its "
            "truth, blue: measured, distances in that order."
        )
    return out


def text(found: Mapping[str, Any]) -> str:
    """The findings as Markdown."""
    lines = [
        "| rhythm | measure | simulated | beside | n real | n simulated | Kolmogorov distance | by chance below "
        "| median real | median simulated | what it says |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in found["rows"]:
        if row["distance"] is None:
            continue
        middle = len(row["real_quantiles"]) // 2
        digits = ".3f" if row["measure"].startswith("RR") else ".0f"
        lines.append(
            f"| {row['rhythm']} | {row['measure']} | {row['simulated']} | {row['beside']} | {row['n_real']} | "
            f"{row['n_simulated']} | {row['distance']:.3f} | {row['chance']:.3f} | "
            f"{row['real_quantiles'][middle]:{digits}} | {row['simulated_quantiles'][middle]:{digits}} | "
            f"{row['says']} |"
        )
    lines += ["", "Measured on real recordings of Chapman minus its table: how far they are from a machine's.",
              "", "| measure | n | median | quartiles |", "|---|---:|---:|---:|"]  # fmt: skip
    for name, off in found["bias"].items():
        lines.append(f"| {name} | {off['n']} | {off['median']:.1f} | {off['low']:.1f} to {off['high']:.1f} |")
    for file, caption in found["pictures"].items():
        lines += ["", f"![{caption}]({PICTURES}/{file}.svg)"]
    return "\n".join(lines)
