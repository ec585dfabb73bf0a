"""Simulated copies of every database's layout, small, as their publishers' archives unpack."""

from __future__ import annotations

import csv
import dataclasses
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np
import openpyxl
import wfdb

from ecglite.edge.record import Patient, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

PTB_XL_COLUMNS: Final = (
    *("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr", "filename_hr"),
)
DIAGNOSTICS_COLUMNS: Final = (
    *("FileName", "Rhythm", "Beat", "PatientAge", "Gender", "VentricularRate", "AtrialRate", "QRSDuration"),
    *("QTInterval", "QTCorrected", "RAxis", "TAxis", "QRSCount", "QOnset", "QOffset", "TOffset"),
)
RATES: Final = {"SB": 50, "SR": 75, "AFIB": 95, "ST": 115, "SVT": 170, "AF": 110, "SA": 72, "AT": 130}
LUDB_WORDS: Final = {
    **{"SR": "Sinus rhythm", "SB": "Sinus bradycardia", "ST": "Sinus tachycardia", "SA": "Sinus arrhythmia"},
    **{"AFIB": "Atrial fibrillation", "AF": "Atrial flutter, typical", "SAAWR": "Wandering atrial pacemaker"},
}
SPH_CODES: Final = {"SR": "1", "ST": "21", "SB": "22", "SA": "23;145", "AFIB": "50+346", "AF": "51", "SVT": "147"}
MITDB_RECORDS: Final = {
    "100": [("(N", "SR", 25.0), ("(T", "SR", 15.0)],
    "201": [("(AFIB", "AFIB", 22.0), ("(AFL", "AF", 12.0)],
    "202": [("(SBR", "SB", 21.0)],
}


def write_ptb_xl(root: Path, rows: Sequence[tuple[str, str]], *, hr: bool = False) -> None:
    """(statements, rhythm simulated) of each record; folds 1 to 10 in turn; `hr` adds the recordings at 500 Hz."""
    for rate, short in ((100, "lr"), (500, "hr")) if hr else ((100, "lr"),):
        folder = root / f"records{rate}/00000"
        folder.mkdir(parents=True)
        for k, (_, rhythm) in enumerate(rows, 1):
            write_wfdb(simulate(rhythm, seed=k, sampling_rate_hz=rate), folder, f"{k:05d}_{short}")
    with (root / "ptbxl_database.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(PTB_XL_COLUMNS)
        for k, (codes, _) in enumerate(rows, 1):
            lr, hr_name = f"records100/00000/{k:05d}_lr", f"records500/00000/{k:05d}_hr"
            table.writerow([k, f"{1000 + k}.0", 60, 0, codes, (k - 1) % 10 + 1, lr, hr_name if hr else lr])


def write_chapman(root: Path, rhythms: Sequence[str], *, raw: bool = False) -> None:
    """One recording of each rhythm, denoised or `raw`, and Diagnostics.xlsx with all of its columns."""
    folder = root / ("ECGData" if raw else "ECGDataDenoised")
    folder.mkdir(parents=True)
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(DIAGNOSTICS_COLUMNS)
    for k, rhythm in enumerate(rhythms):
        name = f"MUSE_20180111_{k:06d}_00000"
        if raw:
            _write_raw_csv(simulate(rhythm, seed=k), folder / f"{name}.csv")
        else:
            write_chapman_csv(simulate(rhythm, seed=k), folder / f"{name}.csv")
        rate = RATES.get(rhythm, 140) + k % 5
        sex = ("MALE", "FEMALE")[k % 2]
        measured = (50 + k % 30, sex, rate, rate, 90, 400, 420, 30, 40, rate // 6, 220, 265, 420)
        book.active.append((name, rhythm, "NONE", *measured))
    book.save(root / "Diagnostics.xlsx")


def _write_raw_csv(record: Record, path: Path) -> None:
    """As ECGData/ holds them: a row of lead names, then whole steps of 4.88 µV."""
    steps = np.rint(record.signal_mv.astype(np.float64) * 1000 / 4.88)
    np.savetxt(path, steps * 4.88, fmt="%.2f", delimiter=",", header=",".join(record.leads), comments="")


def write_mat(record: Record, folder: Path, name: str, *, header_leads: Sequence[str], comments: Sequence[str]) -> None:
    """`name`.mat (MATLAB 4, int16 at 1000 steps per mV) and `name`.hea, as the challenges publish them."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = np.rint(record.signal_mv.astype(np.float64) * 1000).astype("<i2")
    head = struct.pack("<5i", 30, steps.shape[1], steps.shape[0], 0, 4) + b"val\0"
    (folder / f"{name}.mat").write_bytes(head + steps.tobytes())
    sums = steps.view(np.int16).sum(axis=0, dtype=np.int64).astype(np.int16)
    lines = [f"{name} {steps.shape[1]} {record.sampling_rate_hz:g} {steps.shape[0]}"]
    lines += [
        f"{name}.mat 16+24 1000/mV 16 0 {first} {total} 0 {lead}"
        for first, total, lead in zip(steps[0], sums, header_leads, strict=True)
    ]
    (folder / f"{name}.hea").write_text("\n".join([*lines, *(f"#{c}" for c in comments)]) + "\n")


def _write_dx(folder: Path, name: str, rhythm: str, codes: str) -> None:
    record = simulate(rhythm, seed=len(name) + int(name[-3:]))
    comments = ("Age: 59", "Sex: Female", f"Dx: {codes}", "Rx: Unknown")
    write_mat(record, folder, name, header_leads=record.leads, comments=comments)


def write_cinc(root: Path, rhythms: Sequence[str], *, prefix: str = "E", first: int = 1) -> None:
    """A database of the challenge of 2021 in its folders g1, g2, each of five: E is Georgia; A, Q, JS the others."""
    digits = 4 if prefix in "AQ" else 5
    for k, rhythm in enumerate(rhythms):
        name = f"{prefix}{first + k:0{digits}d}"
        _write_dx(root / f"g{k // 5 + 1}", name, rhythm, f"59118001,{RHYTHMS[rhythm].snomed}")


def write_ecg_arrhythmia(root: Path, rhythms: Sequence[str], *, first: int = 1) -> None:
    """PhysioNet's release, numbered from `first` on; records above JS10646 are Ningbo's."""
    for k, rhythm in enumerate(rhythms):
        folder = root / f"WFDBRecords/01/{10 + k // 5:03d}"
        _write_dx(folder, f"JS{first + k:05d}", rhythm, f"{RHYTHMS[rhythm].snomed},164934002")
    lines = [f"{r.abbreviation},{r.name},{r.snomed}" for r in RHYTHMS.values()]
    (root / "ConditionNames_SNOMED-CT.csv").write_text("\n".join(["AcronymName,FullName,Snomed_CT", *lines]) + "\n")


def write_ludb(root: Path, rhythms: Sequence[str]) -> None:
    """Lead names in lower case, age, sex and diagnoses in the header's comments."""
    (root / "data").mkdir(parents=True)
    for k, rhythm in enumerate(rhythms, 1):
        facts = ("<age>: 51", "<sex>: F", "<diagnoses>:", f"Rhythm: {LUDB_WORDS[rhythm]}.")
        axis = "Electric axis of the heart: normal."
        header = write_wfdb(
            dataclasses.replace(simulate(rhythm, seed=k), comments=(*facts, axis)), root / "data", f"{k}"
        )
        top, *rest = header.read_text().splitlines()
        header.write_text("\n".join([top, *(x if x.startswith("#") else x.lower() for x in rest)]) + "\n")
    (root / "ludb.csv").write_text("ID,Sex,Age,Rhythms\n")


def write_sph(root: Path, rhythms: Sequence[str]) -> None:
    """HDF5 of float16 millivolts [12, n], and the two tables; every third recording is of the patient before."""
    (root / "records").mkdir(parents=True)
    rows = ["ECG_ID,AHA_Code,Patient_ID,Age,Sex,N,Date"]
    for k, rhythm in enumerate(rhythms, 1):
        record = simulate(rhythm, seed=k, duration_s=10 + k % 3)
        with h5py.File(root / f"records/A{k:05d}.h5", "w") as file:
            file["ecg"] = record.signal_mv.T.astype(np.float16)
        patient = k - 1 if k % 3 == 0 else k
        rows.append(
            f"A{k:05d},{SPH_CODES[rhythm]},S{patient:05d},{40 + k},{'MF'[k % 2]},{len(record.signal_mv)},2020-03-04"
        )
    (root / "metadata.csv").write_text("\n".join(rows) + "\n")
    (root / "code.csv").write_text("Category,Code,Description\nA,1,Normal ECG\n")


def write_cinc2017(root: Path, letters: Mapping[str, str]) -> None:
    """Letter of the table -> rhythm simulated, one recording each, of one lead at 300 Hz."""
    rows = []
    for k, (letter, rhythm) in enumerate(letters.items(), 1):
        whole = simulate(rhythm, seed=k, duration_s=9 + 3 * k, sampling_rate_hz=300)
        record = dataclasses.replace(whole, signal_mv=whole.signal_mv[:, :1], leads=("I",), patient=Patient())
        write_mat(record, root / "training2017", f"A{k:05d}", header_leads=("ECG",), comments=())
        rows.append(f"A{k:05d},{letter}")
    (root / "REFERENCE-v3.csv").write_text("\n".join(rows) + "\n")


def write_mitdb(root: Path, records: Mapping[str, Sequence[tuple[str, str, float]]] = MITDB_RECORDS) -> None:
    """Record -> its rhythms in turn: (as annotated, as simulated, seconds), in two leads at 360 Hz."""
    root.mkdir(parents=True)
    for name, rhythms in records.items():
        parts = [simulate(r, seed=k, duration_s=s, sampling_rate_hz=360) for k, (_, r, s) in enumerate(rhythms)]
        signal = np.concatenate([part.signal_mv[:, [1, 6]] for part in parts])
        record = dataclasses.replace(parts[0], signal_mv=signal, leads=("II", "V1"), comments=("68 M 1960 2851 x1",))
        header = write_wfdb(record, root, name)
        header.write_text(header.read_text().replace(" II\n", " MLII\n"))
        starts = np.cumsum([20, *(len(part.signal_mv) for part in parts[:-1])])
        wfdb.wrann(
            name,
            "atr",
            sample=starts,
            symbol=["+"] * len(rhythms),
            aux_note=[f"{word}\0" for word, _, _ in rhythms],
            write_dir=str(root),
        )


_MIXED: Final = ("SB", "SR", "AFIB", "ST", "AF", "SA")
LAYOUTS: Final[dict[str, Callable[[Path], Any]]] = {
    "ptb-xl": lambda root: write_ptb_xl(
        root, [("{'SR': 0.0}", "SR"), ("{'AFLT': 0.0}", "AF"), ("{'PACE': 0.0}", "SR")], hr=True
    ),
    "chapman": lambda root: write_chapman(root, _MIXED),
    "chapman-raw": lambda root: write_chapman(root, _MIXED, raw=True),
    "cinc2017": lambda root: write_cinc2017(root, {"N": "SR", "A": "AFIB", "O": "AF", "~": "SB"}),
    "georgia": lambda root: write_cinc(root, _MIXED),
    "cpsc2018": lambda root: write_cinc(root, _MIXED, prefix="A"),
    "cpsc-extra": lambda root: write_cinc(root, _MIXED, prefix="Q"),
    "ningbo": lambda root: write_cinc(root, _MIXED, prefix="JS", first=10647),
    "ecg-arrhythmia": lambda root: write_ecg_arrhythmia(root, _MIXED, first=10644),
    "ludb": lambda root: write_ludb(root, _MIXED),
    "sph": lambda root: write_sph(root, (*_MIXED, "SVT")),
    "mitdb": lambda root: write_mitdb(root),
}
LAYOUTS["ptb-xl-500"] = LAYOUTS["ptb-xl"]
"""A small copy of each database, by its name."""
