"""The databases' indexes: on simulated copies of each layout always, on the real ones where they are."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from ecglite.edge import formats
from ecglite.edge.errors import DatasetError
from ecglite.lab import baselines
from ecglite.lab.datasets import DATASETS, dataset, root_of
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

PTB_XL_COLUMNS = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr", "filename_hr")


def write_ptb_xl(root: Path, rows: list[tuple[str, str]]) -> None:
    """A copy of PTB-XL's layout: (statements, rhythm simulated) of each record; folds 1 to 10 in turn."""
    (root / "records100/00000").mkdir(parents=True)
    with (root / "ptbxl_database.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(PTB_XL_COLUMNS)
        for k, (codes, rhythm) in enumerate(rows, 1):
            name = f"{k:05d}_lr"
            record = simulate(rhythm, seed=k, sampling_rate_hz=100)
            write_wfdb(record, root / "records100/00000", name)
            lr = f"records100/00000/{name}"
            table.writerow([k, f"{1000 + k}.0", 60, 0, codes, (k - 1) % 10 + 1, lr, lr])


def test_every_dataset_says_whose_it_is() -> None:
    for name, which in DATASETS.items():
        assert which.name == name
        assert which.doi.startswith("10.")
        assert which.licence
    with pytest.raises(DatasetError, match=r"unknown database 'ptbxl'.*ptb-xl"):
        dataset("ptbxl")


def test_ptb_xl_maps_its_statements(tmp_path: Path) -> None:
    root = tmp_path / "ptb-xl"
    write_ptb_xl(
        root,
        [
            ("{'SR': 0.0}", "SR"),
            ("{'AFLT': 0.0, 'AFIB': 0.0}", "AFIB"),
            ("{'PACE': 0.0}", "SR"),
            ("{'SARRH': 0.0, 'SBRAD': 0.0}", "SA"),
            ("{'PSVT': 0.0}", "SVT"),
        ],
    )
    entries = dataset("ptb-xl").index(root)
    assert [e.rhythm for e in entries] == ["SR", "AFIB", None, "SB", "SVT"]
    assert [e.irregular for e in entries] == [False, False, False, True, False]
    assert [e.fold for e in entries] == [1, 2, 3, 4, 5]
    assert entries[0].patient_id == "1001"
    assert formats.read(entries[0].path).sampling_rate_hz == 100


def test_ptb_xl_refuses_a_damaged_table(tmp_path: Path) -> None:
    table = tmp_path / "ptbxl_database.csv"
    with pytest.raises(DatasetError, match="cannot be read"):
        dataset("ptb-xl").index(tmp_path)
    table.write_text("ecg_id,patient_id\n1,2\n")
    with pytest.raises(DatasetError, match="no column age"):
        dataset("ptb-xl").index(tmp_path)
    table.write_text(",".join(PTB_XL_COLUMNS) + "\n7,2,60,0,__import__('os').getcwd(),1,a,b\n")
    with pytest.raises(DatasetError, match="ecg_id 7"):
        dataset("ptb-xl").index(tmp_path)


def test_chapman_joins_by_file_name(tmp_path: Path) -> None:
    (tmp_path / "ECGDataDenoised").mkdir()
    write_chapman_csv(simulate("SB", seed=1), tmp_path / "ECGDataDenoised/MUSE_1.csv")
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("FileName", "Rhythm", "Beat"), ("MUSE_1", "SB ", "NONE"), ("MUSE_2", "SR", "NONE")):
        book.active.append(row)
    book.save(tmp_path / "Diagnostics.xlsx")
    [entry] = dataset("chapman").index(tmp_path)
    assert (entry.record_id, entry.rhythm) == ("MUSE_1", "SB")
    book.active.append(("MUSE_3", "VT", "NONE"))
    book.save(tmp_path / "Diagnostics.xlsx")
    with pytest.raises(DatasetError, match=r"MUSE_3: rhythm 'VT'"):
        dataset("chapman").index(tmp_path)
    (tmp_path / "Diagnostics.xlsx").write_text("no workbook")
    with pytest.raises(DatasetError, match=r"Diagnostics.xlsx cannot be read"):
        dataset("chapman").index(tmp_path)


def test_cinc_reads_codes_from_headers(tmp_path: Path) -> None:
    for name, codes in (("A1", "59118001,426177001,427393009"), ("A2", "59118001"), ("A3", "164890007")):
        write_wfdb(simulate("SB", seed=1), tmp_path, name)
        header = tmp_path / f"{name}.hea"
        text = "\n".join(line for line in header.read_text().splitlines() if "Dx" not in line)
        header.write_text(f"{text}\n#Dx: {codes}\n")
    entries = dataset("georgia").index(tmp_path)
    assert [e.rhythm for e in entries] == ["SB", None, "AF"]
    assert [e.irregular for e in entries] == [True, False, False]
    with pytest.raises(DatasetError, match="no header"):
        dataset("georgia").index(tmp_path / "nothing")


def test_root_of_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECG_DATA", raising=False)
    with pytest.raises(DatasetError, match="set ECG_DATA"):
        root_of(dataset("chapman"), None)
    with pytest.raises(DatasetError, match="no folder"):
        root_of(dataset("chapman"), tmp_path)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("chapman", {"AFIB": 11, "SB": 8, "ST": 7, "SR": 5, "SA": 2, "AF": 1, "SVT": 1}),
        ("georgia", {"SB": 7, "ST": 5, "SR": 4, "AFIB": 1, None: 6}),
        ("cpsc2018", {"AFIB": 3, None: 1}),
    ],
)
def test_real_recordings_are_all_found_and_read(ecg_data: Path, name: str, counts: dict[str | None, int]) -> None:
    which = dataset(name)
    entries = which.index(root_of(which, ecg_data))
    assert Counter(e.rhythm for e in entries) == counts
    for entry in entries:
        assert formats.read(entry.path).duration_s >= 10


def test_boosting_on_chapmans_measurements(ecg_data: Path) -> None:
    """The baseline without a sample of signal, fitted without the records that it is asked for."""
    which = dataset("chapman")
    root = root_of(which, ecg_data)
    entries = which.index(root)
    assert which.measurements is not None
    named = baselines.boosted_outside(which.measurements(root), [e.record_id for e in entries])
    right = sum(name == e.rhythm for name, e in zip(named, entries, strict=True))
    assert 26 <= right <= 35  # 86 % of the whole database's 10,646 are named right so
