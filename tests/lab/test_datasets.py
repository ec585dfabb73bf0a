"""The databases' indexes: on simulated copies of each layout always, on the real ones where they are."""

from __future__ import annotations

import pickle
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import openpyxl
import pytest
from layouts import (
    LAYOUTS,
    PTB_XL_COLUMNS,
    write_chapman,
    write_cinc,
    write_cinc2017,
    write_ecg_arrhythmia,
    write_ludb,
    write_mitdb,
    write_ptb_xl,
    write_sph,
)

from ecglite.edge import formats
from ecglite.edge.errors import DatasetError, EcgliteError, FileAccessError, MalformedFileError
from ecglite.edge.record import Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import baselines
from ecglite.lab.datasets import DATASETS, dataset, found, root_of
from ecglite.simulator import simulate, write_chapman_csv, write_wfdb

PATIENTS = {"ptb-xl": 3, "ptb-xl-500": 3, "chapman": 6, "chapman-raw": 6, "ludb": 6, "sph": 5, "mitdb": 2}
"""Of each layout whose publisher names them."""


def test_every_database_has_a_layout_to_test_on() -> None:
    assert set(LAYOUTS) == set(DATASETS)
    with pytest.raises(DatasetError, match=r"unknown database 'ptbxl'.*ptb-xl"):
        dataset("ptbxl")


@pytest.mark.parametrize("name", DATASETS)
def test_contract(name: str, tmp_path: Path) -> None:
    """What every other part of the lab relies on, on a simulated copy of the database's layout."""
    which = DATASETS[name]
    assert which.name == name
    assert which.doi.startswith("10.")
    assert all((which.title, which.licence, which.folder, which.patients, which.unmapped))
    assert which.n_records > 0
    assert which.label_map
    assert set(which.label_map.values()) <= set(RHYTHMS)
    assert all(0 <= n <= which.n_records for n in which.published.values())
    assert set(which.published) & set(which.label_map) or not which.published

    root = tmp_path / which.folder
    LAYOUTS[name](root)
    if name != "ptb-xl-500":  # its folder is taken for ptb-xl unless it is named
        assert which.is_here(root)
        assert found(str(root), None) == (which, root)
    assert found(name, tmp_path) == (which, root)

    entries = which.index(root)
    assert [e.record_id for e in entries] == [e.record_id for e in which.index(root)]
    assert len({e.record_id for e in entries}) == len(entries) > 2
    assert {e.rhythm for e in entries} <= {*RHYTHMS, None}
    assert pickle.loads(pickle.dumps((which.read, entries[0])))[1] == entries[0]  # noqa: S301  workers get them so
    for entry in entries:
        assert entry.rhythm in {which.label_map.get(word) for word in entry.words}
        record = which.read(entry)
        assert isinstance(record, Record)
        assert record.duration_s == entry.duration_s or not entry.duration_s
        assert np.nanmax(np.abs(record.signal_mv)) < 20  # millivolts
    patients = {e.patient_id for e in entries}
    assert len(patients) == PATIENTS[name] if name in PATIENTS else patients == {None}

    shutil.rmtree(root)
    root.mkdir()
    assert not which.is_here(root)


def test_the_page_of_databases_is_complete() -> None:
    page = (Path(__file__).parents[2] / "docs/databases.md").read_text(encoding="utf-8")
    for name, which in DATASETS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"https://doi.org/{which.doi}" in row
        assert f"| {which.licence} |" in row
        assert f"| {which.n_records:,} |" in row
        assert f"| `{which.folder}/` |" in row
        assert f"`{name}`" in page.split("# What their words become")[1].split("# Fetching one")[0]


def test_ecg_arrhythmia_keeps_the_flutter_of_chapman_only(tmp_path: Path) -> None:
    write_ecg_arrhythmia(tmp_path, ["AF", "AFIB", "AF", "SB"], first=10645)
    odd = next(tmp_path.glob("**/JS10646.hea"))
    odd.write_text("JS10646 twelve\n" + odd.read_text().split("\n", 1)[1])  # as JS01052 is malformed there
    entries = dataset("ecg-arrhythmia").index(tmp_path)
    assert [(e.record_id, e.rhythm) for e in entries] == [
        *(("JS10645", "AF"), ("JS10646", "AFIB"), ("JS10647", None), ("JS10648", "SB")),
    ]
    with pytest.raises(EcgliteError):
        dataset("ecg-arrhythmia").read(entries[1])
    header = next(tmp_path.glob("**/JS10647.hea"))
    header.write_text(header.read_text().replace("#Dx: ", "#Dx: 427084000,"))  # tachycardia, of flutter or fibrillation
    assert dataset("ecg-arrhythmia").index(tmp_path)[2].rhythm is None


def test_ningbo_has_no_flutter_to_learn_or_to_score(tmp_path: Path) -> None:
    write_cinc(tmp_path, ["AF", "ST"], prefix="JS", first=10647)
    header = next(tmp_path.glob("**/JS10647.hea"))
    header.write_text(header.read_text().replace("#Dx: ", "#Dx: 426761007,"))
    assert [e.rhythm for e in dataset("ningbo").index(tmp_path)] == [None, "ST"]


def test_ludb_reads_diagnoses(tmp_path: Path) -> None:
    write_ludb(tmp_path, ["SR", "AF", "SA"] + ["SB"] * 8)
    which = dataset("ludb")
    header = tmp_path / "data/1.hea"
    header.write_text(header.read_text() + "#Rhythm: Atrial fibrillation.\n#P-synchrony.\n")
    entries = which.index(tmp_path)
    assert [e.record_id for e in entries] == [str(k) for k in range(1, 12)]
    assert [e.rhythm for e in entries[:4]] == ["AFIB", "AF", "SA", "SB"]
    assert entries[0].words[-1] == "P-synchrony"
    assert entries[2].irregular
    record = which.read(entries[0])
    assert record.leads[3] == "aVR"
    assert (record.patient.age_years, record.patient.sex) == (51, "female")
    with pytest.raises(DatasetError, match="no header"):
        which.index(tmp_path / "data")


def test_sph_reads_statements_and_hdf5(tmp_path: Path) -> None:
    write_sph(tmp_path, ["SA", "AFIB", "SVT"])
    which = dataset("sph")
    entries = which.index(tmp_path)
    assert [e.words for e in entries] == [("23", "145"), ("50",), ("147",)]
    assert [e.rhythm for e in entries] == ["SA", "AFIB", None]
    assert [e.patient_id for e in entries] == ["S00001", "S00002", "S00002"]
    assert (entries[0].age_years, entries[0].female, entries[0].irregular) == (41.0, True, True)
    record = which.read(entries[1])
    assert (record.sampling_rate_hz, record.duration_s, record.patient.sex) == (500, 12, "male")
    table = tmp_path / "metadata.csv"
    good = table.read_text()
    table.write_text(good.replace("50+346", "fifty"))
    with pytest.raises(DatasetError, match="A00002"):
        which.index(tmp_path)
    table.write_text(good.replace("AHA_Code", "Code"))
    with pytest.raises(DatasetError, match="no column AHA_Code"):
        which.index(tmp_path)


def test_sph_refuses_other_hdf5(tmp_path: Path) -> None:
    write_sph(tmp_path, ["SR"])
    which = dataset("sph")
    [entry] = which.index(tmp_path)
    good = entry.path.read_bytes()
    for damaged in (b"", b"no HDF5", good[: len(good) // 2], good[:600]):
        entry.path.write_bytes(damaged)
        with pytest.raises(MalformedFileError):
            which.read(entry)

    def refused(write: Callable[[h5py.File], object]) -> None:
        with h5py.File(entry.path, "w") as file:
            write(file)
        with pytest.raises(MalformedFileError):
            which.read(entry)

    other = tmp_path / "other.h5"
    other.write_bytes(good)
    raw = tmp_path / "secret.bin"
    raw.write_bytes(bytes(12 * 5000 * 4))
    refused(lambda file: file.create_group("ecg"))
    refused(lambda file: file.create_dataset("ecg", data=np.zeros((11, 5000), np.float32)))
    refused(lambda file: file.create_dataset("ecg", data=np.zeros((12, 5000), np.int32)))
    refused(lambda file: file.create_dataset("ecg", data=[b"text"]))
    refused(lambda file: file.create_dataset("ecg", shape=(12, 10**9), dtype="f4", chunks=(12, 1000)))
    refused(lambda file: file.__setitem__("ecg", h5py.ExternalLink("other.h5", "/ecg")))
    refused(lambda file: file.__setitem__("ecg", h5py.SoftLink("/nowhere")))
    refused(lambda file: file.create_dataset("ecg", (12, 5000), "f4", external=str(raw)))
    entry.path.unlink()
    with pytest.raises(FileAccessError):
        which.read(entry)


def test_cinc2017_is_one_lead(tmp_path: Path) -> None:
    write_cinc2017(tmp_path, {"N": "SR", "A": "AFIB", "O": "AF", "~": "SB"})
    which = dataset("cinc2017")
    entries = which.index(tmp_path)
    assert [e.rhythm for e in entries] == ["SR", "AFIB", None, None]
    record = which.read(entries[0])
    assert (record.leads, record.sampling_rate_hz, record.duration_s) == (("I",), 300, 12)
    table = tmp_path / "REFERENCE-v3.csv"
    shutil.copy(table, tmp_path / "training2017/REFERENCE.csv")
    table.unlink()  # as training2017.zip unpacks without the later table
    assert which.index(tmp_path) == entries
    (tmp_path / "training2017/REFERENCE.csv").write_text("A00001,X\n")
    with pytest.raises(DatasetError, match="A00001"):
        which.index(tmp_path)


def test_mitdb_cuts_stretches_inside_one_rhythm(tmp_path: Path) -> None:
    write_mitdb(tmp_path / "mitdb")
    which = dataset("mitdb")
    entries = which.index(tmp_path / "mitdb")
    assert [(e.record_id, e.words[0], e.rhythm, e.patient_id) for e in entries] == [
        ("100-0001s", "(N", "SR", "100"),
        ("100-0011s", "(N", "SR", "100"),
        ("100-0026s", "(T", None, "100"),
        ("201-0001s", "(AFIB", "AFIB", "201"),
        ("201-0011s", "(AFIB", "AFIB", "201"),
        ("201-0023s", "(AFL", "AF", "201"),
        ("202-0001s", "(SBR", "SB", "201"),
        ("202-0011s", "(SBR", "SB", "201"),
    ]
    whole = formats.read(entries[0].path)
    cut = which.read(entries[1])
    assert cut.leads == ("II", "V1")
    assert np.array_equal(cut.signal_mv, whole.signal_mv[11 * 360 : 21 * 360])
    (tmp_path / "mitdb/100.atr").write_bytes(b"\x01")
    with pytest.raises(DatasetError, match=r"100\.atr"):
        which.index(tmp_path / "mitdb")


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


def test_chapman_denoised_and_raw_are_two_databases_of_one_folder(tmp_path: Path) -> None:
    write_chapman(tmp_path / "chapman", ["SB", "AFIB"], raw=True)
    raw = dataset("chapman-raw")
    assert found(str(tmp_path / "chapman"), None)[0].name == "chapman-raw"
    assert dataset("chapman").index(tmp_path / "chapman") == []
    write_chapman(tmp_path / "chapman", ["SB", "AFIB"])
    assert found(str(tmp_path / "chapman"), None)[0].name == "chapman"
    assert found("chapman-raw", tmp_path) == (raw, tmp_path / "chapman")
    of_both = [which.index(tmp_path / "chapman") for which in (raw, dataset("chapman"))]
    assert [[e.record_id for e in entries] for entries in of_both] == [[e.record_id for e in of_both[0]]] * 2
    assert [[e.path.parent.name for e in entries] for entries in of_both] == [["ECGData"] * 2, ["ECGDataDenoised"] * 2]
    for taken, denoised in zip(*of_both, strict=True):
        difference = raw.read(taken).signal_mv - raw.read(denoised).signal_mv
        assert 0 < np.abs(difference).max() <= 0.0026  # a row of names, and half a step of the converter
    assert raw.measurements is not None
    assert set(raw.measurements(tmp_path / "chapman").rhythms) == {e.record_id for e in of_both[0]}


def test_chapmans_table_as_people_leave_it(tmp_path: Path) -> None:
    """Rows shorter than the header, blank rows, small letters; every rhythm that is wrong is named with its row."""
    (tmp_path / "ECGDataDenoised").mkdir()
    for name in ("A", "B"):
        write_chapman_csv(simulate("SB", seed=1), tmp_path / f"ECGDataDenoised/{name}.csv")
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("FileName", "Rhythm", "PatientAge"), ("A", "sb", 50), ("B", "SR"), (None, None, None)):
        book.active.append(row)
    book.save(tmp_path / "Diagnostics.xlsx")
    assert [(e.record_id, e.rhythm, e.age_years) for e in dataset("chapman").index(tmp_path)] == [
        ("A", "SB", 50.0),
        ("B", "SR", None),
    ]
    book.active.append(("C", "SBB", 50))
    book.active.append(("D", None, 50))
    book.save(tmp_path / "Diagnostics.xlsx")
    with pytest.raises(DatasetError, match=r"row 5, C: rhythm 'SBB'; row 6, D: rhythm 'NONE'"):
        dataset("chapman").index(tmp_path)
    for row in book.active.iter_rows(min_row=2):
        row[0].value, row[1].value = f"{row[0].value}.csv", "SB"
    book.save(tmp_path / "Diagnostics.xlsx")
    with pytest.raises(DatasetError, match=r"2 recordings in .*none of which .*without its ending, such as A"):
        dataset("chapman").index(tmp_path)


def test_boosting_on_columns_that_nobody_filled() -> None:
    x = np.array([[np.nan, float(k % 2)] for k in range(240)])
    labels, p = baselines.boosted(x, ["SB", "ST"] * 120, np.arange(240) // 2 % 2)
    assert labels == ("SB", "ST")
    assert (p.argmax(axis=1) == np.arange(240) % 2).all()


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
        ("cpsc-extra", {"AFIB": 1, "AF": 1, "AT": 1, "SA": 1, "SB": 1, "SR": 1, "ST": 1, None: 12}),
        ("ptb-xl-500", {"SR": 30, "AF": 4, "SA": 3, "SB": 2, "AFIB": 1}),
        ("ecg-arrhythmia", {"SB": 2, "AFIB": 1, "AF": 1}),
        ("mitdb", {"AFIB": 731, "SR": 426, None: 82, "AF": 57, "SVT": 5}),
    ],
)
def test_real_recordings_are_all_found_and_read(ecg_data: Path, name: str, counts: dict[str | None, int]) -> None:
    which = dataset(name)
    if name == "ptb-xl-500" and not (ecg_data / "ptb-xl/ptbxl_database.csv").is_file():
        pytest.skip(f"{ecg_data}/ptb-xl holds no table, only recordings")
    # PTB-XL's table names the recordings whose files are not here too
    entries = [e for e in which.index(root_of(which, ecg_data)) if _has_samples(e.path)]
    assert Counter(e.rhythm for e in entries) == counts
    for entry in entries:
        assert which.read(entry).duration_s >= 10


def _has_samples(path: Path) -> bool:
    return path.suffix != ".hea" or any(path.with_suffix(suffix).exists() for suffix in (".dat", ".mat"))


def test_boosting_on_chapmans_measurements(ecg_data: Path) -> None:
    """The baseline without a sample of signal, fitted without the records that it is asked for."""
    which = dataset("chapman")
    root = root_of(which, ecg_data)
    entries = which.index(root)
    assert which.measurements is not None
    named = baselines.boosted_outside(which.measurements(root), [e.record_id for e in entries])
    assert named is not None
    right = sum(name == e.rhythm for name, e in zip(named, entries, strict=True))
    assert 26 <= right <= 35  # 86 % of the whole database's 10,646 are named right so
