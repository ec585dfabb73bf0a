"""`ecglite dataset check`: each planted defect is found, and nothing else; real databases are as they are published."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from layouts import write_chapman, write_cinc2017, write_mitdb, write_ptb_xl

from ecglite.cli import cli
from ecglite.edge.errors import DatasetError
from ecglite.edge.record import LEADS, Record
from ecglite.lab import checking
from ecglite.lab.checked import Records
from ecglite.lab.datasets import DATASETS, Dataset, Entry, dataset, ptb_xl, root_of
from ecglite.lab.prepare import Facts, Prepared
from ecglite.simulator import simulate, write_wfdb

DOCS = Path(__file__).parents[2] / "docs" / "dataset-check.md"

SOUND = [
    ("{'SR': 0.0}", "SR"),
    ("{'AFIB': 0.0}", "AFIB"),
    ("{'SBRAD': 0.0, 'SARRH': 0.0}", "SB"),
    ("{'STACH': 0.0}", "ST"),
    ("{'PACE': 0.0}", "SR"),
    ("{'PSVT': 0.0}", "SVT"),
]
PLANTED = [
    ("{'STACH': 0.0}", "SB"),  # 7: not the rate of a tachycardia
    ("{'SR': 0.0}", "SR"),  # 8: cut short on disk
    ("{'SR': 0.0}", "SR"),  # 9: V3 flat
    ("{'AFIB': 0.0}", "SR"),  # 10: the samples of 1
    ("{}", "SR"),  # 11: fold 1, of the patient of 3
    ("{'SR': 0.0}", "SR"),  # 12: fold 2, of the patient of 2
    ("{'SR': 0.0}", "SR"),  # 13: no file
]


def silent(*_: object) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECGLITE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sound") / "ptb-xl"
    write_ptb_xl(root, SOUND)
    return root


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("planted") / "ptb-xl"
    write_ptb_xl(root, SOUND + PLANTED)
    files = root / "records100/00000"
    cut = files / "00008_lr.dat"
    cut.write_bytes(cut.read_bytes()[:1000])
    record = simulate("SR", seed=9, sampling_rate_hz=100)
    write_wfdb(without(record, "V3"), files, "00009_lr")
    write_wfdb(simulate("SR", seed=1, sampling_rate_hz=100), files, "00010_lr")
    (files / "00013_lr.hea").unlink()
    table = root / "ptbxl_database.csv"
    table.write_text(table.read_text().replace("\n11,1011.0", "\n11,1003.0").replace("\n12,1012.0", "\n12,1002.0"))
    return root


def without(record: Record, lead: str) -> Record:
    signal = record.signal_mv.copy()
    signal[:, record.leads.index(lead)] = 0
    return dataclasses.replace(record, signal_mv=signal)


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["dataset", "check", *map(str, args)])


def found(*args: object, exit_code: int = 0) -> dict[str, Any]:
    result = run(*args, "--json")
    assert result.exit_code == exit_code, result.output
    assert isinstance(result.exception, SystemExit | None), result.exception
    values: dict[str, Any] = json.loads(result.stdout)
    adds_up(values)
    return values


ANY_RATE = {name for name, which in DATASETS.items() if which.any_rate}


def adds_up(values: dict[str, Any]) -> None:
    """However it is counted, it is the same recordings."""
    labels, records = values["labels"], values["records"]
    here = records["here"] if records["stretches"] is None else records["stretches"]
    readable = here - len(values["unreadable"])
    assert sum(labels["by_words"].values()) + labels["unlabelled"] == readable
    if labels["by_rate"] is not None:
        assert sum(labels["by_rate"].values()) + labels["unlabelled"] == readable
    for one in values["conflicts"]:
        assert one["records"] == labels["by_words"][one["rhythm"]] or values["database"] in ANY_RATE
        assert len(one["record_ids"]) == one["conflicts"] <= one["records"] - one["no_rate"]
        assert len(one["no_rate_ids"]) == one["no_rate"]
    twins = values["duplicates"]
    assert len(twins["found"]) == twins["groups"]
    assert sum(len(group["record_ids"]) for group in twins["found"]) == twins["records"]
    assert len(values["empty_leads"]["record_ids"]) == values["empty_leads"]["records"]


def conflicts(values: dict[str, Any]) -> dict[str, list[str]]:
    return {one["rhythm"]: one["record_ids"] for one in values["conflicts"] if one["record_ids"]}


def test_nothing_is_found_where_nothing_is_wrong(sound: Path) -> None:
    values = found(sound)
    assert values["database"] == "ptb-xl"
    assert values["records"] == {"here": 6, "published": 21_799, "absent": 0, "whole": False, "stretches": None}
    assert values["problems"] == values["unreadable"] == values["duplicates"]["found"] == []
    assert values["empty_leads"] == {"records": 0, "labelled": 0, "leads": {}, "record_ids": []}
    assert conflicts(values) == {}
    assert not any(word["differs"] for word in values["words"])
    assert values["patients"]["across_folds"] == []
    assert values["durations"] == {"least": 10, "median": 10, "most": 10, "short": 0}
    assert run(sound).stdout.endswith("\nnothing is wrong\n")


def test_each_planted_defect_is_found_and_nothing_else(planted: Path) -> None:
    values = found(planted, exit_code=1)
    assert values["records"] == {"here": 12, "published": 21_799, "absent": 1, "whole": False, "stretches": None}
    [unreadable] = values["unreadable"]
    assert unreadable["record_id"] == "8"
    assert "00008_lr" in unreadable["reason"]
    assert values["empty_leads"] == {"records": 1, "labelled": 1, "leads": {"V3": 1}, "record_ids": ["9"]}
    twins = values["duplicates"]
    assert (twins["groups"], twins["records"]) == (1, 2)
    assert [twins[f"{kind}"] for kind in ("other_words", "other_labels", "across_patients", "across_folds")] == [1] * 4
    assert twins["found"] == [
        {
            "record_ids": ["1", "10"],
            "words": [["SR"], ["AFIB"]],
            "labels": ["SR", "AFIB"],
            "patients": ["1001", "1010"],
            "folds": [1, 10],
        }
    ]
    assert conflicts(values) == {"ST": ["7"]}
    [tachycardia] = [one for one in values["conflicts"] if one["rhythm"] == "ST"]
    assert (tachycardia["records"], tachycardia["no_rate"], tachycardia["share"]) == (2, 0, 0.5)
    patients = values["patients"]
    assert (patients["patients"], patients["most"], patients["with_several"]) == (10, 2, 2)
    assert patients["across_folds"] == ["1003"]
    assert (
        values["labels"]["by_words"] | {"SR": 3, "AFIB": 2, "SB": 1, "ST": 2, "SVT": 1} == values["labels"]["by_words"]
    )
    assert values["labels"]["by_rate"]["ST"] == 1
    assert values["labels"]["rewritten"] == 1
    assert values["labels"]["unlabelled"] == 2
    words = {word["word"]: word for word in values["words"]}
    assert words["PSVT"] == {"word": "PSVT", "rhythm": "SVT", "published": 24, "here": 1, "differs": False}
    assert words["PACE"]["rhythm"] is None
    assert values["problems"] == [
        "1 recording cannot be read",
        "1 patient with recordings in several of the publisher's folds",
    ]
    assert (len(values["fingerprint"]), len(values["sha256"])) == (16, 64)


def test_the_text_says_it_in_a_hundred_columns(planted: Path) -> None:
    result = run(planted)
    assert result.exit_code == 1
    assert all(len(line) <= 100 or str(planted) in line for line in result.stdout.splitlines())
    assert "1 (SR, fold 1) = 10 (AFIB, fold 10)" in result.stdout
    assert result.stdout.count("\nwrong: ") == 2


def test_the_docs_show_what_it_prints(planted: Path) -> None:
    def masked(text: str) -> str:
        # samples and so checksums may differ by rounding from one machine to another; a path may wrap elsewhere
        text = re.sub(r"\b[0-9a-f]{16,64}\b", "#", text.replace(str(planted), "FOLDER"))
        return " ".join(text.split())

    [example] = re.findall(r"^```text\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert masked(example) == masked(run(planted).stdout)


def test_the_docs_name_every_field(planted: Path) -> None:
    values = found(planted, exit_code=1)
    expected = set()
    for name, value in values.items():
        of_one = value[0] if isinstance(value, list) and value else value
        inner = of_one if isinstance(of_one, dict) else {}
        expected |= {f"{name}.{key}" for key in inner} or {name}
    expected |= {f"duplicates.found.{key}" for key in values["duplicates"]["found"][0]}
    assert (
        set(re.findall(r"`([\w.]+)`", "".join(re.findall(r"^\| (`.*?) \|", DOCS.read_text(), re.MULTILINE))))
        == expected
    )


def whole(root: Path, **changes: int) -> Dataset:
    """PTB-XL, if it were published as what lies in the folder, but for some counts."""
    which = dataset("ptb-xl")
    entries = which.index(root)
    published = {word: sum(word in entry.words for entry in entries) for word in which.published}
    return dataclasses.replace(which, n_records=len(entries), published=published | changes)


def test_counts_are_compared_where_the_database_is_whole(sound: Path) -> None:
    assert checking.check(whole(sound), sound, silent).problems == ()
    result = checking.check(whole(sound, PACE=2), sound, silent)
    assert [word.word for word in result.words if word.differs] == ["PACE"]
    assert result.problems == ("the counts of PACE are not the published ones",)
    fewer = dataclasses.replace(whole(sound), n_records=5)
    assert checking.check(fewer, sound, silent).problems == ("6 recordings are here where 5 are published",)


def test_a_database_without_patients_folds_and_rates(tmp_path: Path) -> None:
    seconds = {"E1": 10.0, "E2": 8.0, "E3": 10.0, "E4": 10.0}
    for name, duration_s in seconds.items():
        record = simulate("SB", seed=2 if name == "E3" else int(name[1]), duration_s=duration_s)
        record = simulate("SB", seed=1) if name == "E3" else record
        if name == "E4":  # a calibration pulse has no beats
            record = dataclasses.replace(record, signal_mv=np.zeros_like(record.signal_mv))
        name = f"{name[0]}0000{name[1]}"
        write_wfdb(record, tmp_path, name)
        header = tmp_path / f"{name}.hea"
        lines = [line for line in header.read_text().splitlines() if "Dx" not in line]
        header.write_text("\n".join([*lines, "#Dx: 426177001,59118001"]) + "\n")
    values = found(tmp_path)
    assert values["database"] == "georgia"
    assert values["labels"]["by_rate"] is None
    assert values["labels"]["by_words"]["SB"] == 4
    assert values["patients"]["patients"] is None
    assert "names no patients" in values["patients"]["statement"]
    twins = values["duplicates"]
    assert [group["record_ids"] for group in twins["found"]] == [["E00001", "E00003"]]
    assert twins["other_words"] == twins["other_labels"] == 0
    assert twins["across_patients"] is twins["across_folds"] is None
    assert values["durations"] == {"least": 8, "median": 10, "most": 10, "short": 1}
    assert values["empty_leads"]["leads"] == dict.fromkeys(LEADS, 1)
    [bradycardia] = [one for one in values["conflicts"] if one["rhythm"] == "SB"]
    assert (bradycardia["records"], bradycardia["no_rate_ids"], bradycardia["share"]) == (4, ["E00004"], 0.0)


def test_recordings_that_are_read_as_stretches(tmp_path: Path) -> None:
    """MIT-BIH publishes 48 files; 3 files of 8 stretches are a part of it, or all of a database of 3."""
    root = tmp_path / "mitdb"
    write_mitdb(root)
    values = found(root)
    assert values["records"] == {"here": 3, "published": 48, "absent": 0, "whole": False, "stretches": 8}
    assert values["problems"] == []
    assert sum(values["labels"]["by_words"].values()) + values["labels"]["unlabelled"] == 8
    text = run(root).stdout
    assert "only a part of the database is here" in text
    assert "I, III, aVR, aVL, aVF, V2, V3, V4, V5, V6 in all" in text
    assert "stretches of each  " in text
    three = dataclasses.replace(dataset("mitdb"), n_records=3)
    assert checking.check(three, root, silent).records == Records(3, 3, 0, True, 8)
    for path in root.glob("201.*"):
        path.unlink()
    (root / "100.dat").write_bytes(b"cut")
    result = checking.check(dataclasses.replace(three, n_records=1), root, silent)
    assert result.problems == ("3 stretches cannot be read", "2 recordings are here where 1 are published")


def test_a_sinus_rhythm_of_whatever_rate_contradicts_none(tmp_path: Path) -> None:
    write_cinc2017(tmp_path / "cinc2017", {"N": "SB", "A": "AFIB"})
    values = found(tmp_path / "cinc2017")
    assert (values["labels"]["by_words"]["SR"], values["labels"]["by_rate"]["SB"]) == (1, 1)
    assert {one["rhythm"]: one["records"] for one in values["conflicts"]}["SR"] == 0
    assert "no label that the rate could contradict" in run(tmp_path / "cinc2017").stdout


@pytest.mark.parametrize(
    ("word", "rate_bpm", "against"),
    [
        ("SBRAD", 64.9, False),
        ("SBRAD", 65, True),
        ("SBRAD", 20, False),
        ("SR", 55, True),
        ("SR", 55.1, False),
        ("SR", 104.9, False),
        ("SR", 105, True),
        ("STACH", 95.1, False),
        ("STACH", 95, True),
        ("STACH", 250, False),
        ("PSVT", 95, True),
        ("PSVT", 150, False),
        ("AFIB", 40, False),
        ("SARRH", 150, False),
    ],
)
def test_what_contradicts_a_rate(word: str, rate_bpm: float, against: bool) -> None:
    rhythm = ptb_xl.LABEL_MAP[word]
    entry = Entry("1", "1", Path("1.hea"), (word,), rhythm, fold=1)
    facts = Facts(rate_bpm, (), (), 10.0, "", float("nan"), None)
    signal = np.zeros((1, 12, 1000), np.float16)
    prepared = Prepared(signal, 100, (entry,), (facts,), (rhythm,), (), "", "", Path("signal.npy"))
    found = checking._conflicts(dataset("ptb-xl"), prepared)
    assert [one.record_ids for one in found if one.record_ids] == [("1",)] * against


def test_an_unreadable_database_is_a_report_and_no_accident(tmp_path: Path) -> None:
    for k in range(7):
        (tmp_path / f"Q9\x1b{k}.hea").write_text("rubbish")
    (tmp_path / "Q0000.hea").write_text("rubbish\n#Dx: 426177001\n")
    given = (tmp_path, "--database", "cpsc-extra")  # by the layout alone it may be none, as the names come
    values = found(*given, exit_code=1)
    assert len(values["unreadable"]) == values["records"]["here"] == 8
    assert values["durations"]["median"] is None
    text = run(*given).stdout
    assert "and 3 more" in text
    assert "\x1b" not in text


def test_refusals(sound: Path, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECG_DATA", raising=False)

    def refused(*args: object, match: str) -> None:
        result = run(*args)
        assert isinstance(result.exception, DatasetError), result.output  # main() makes it one line and exit code 2
        assert re.search(match, str(result.exception)), result.exception

    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", match="layout of no database.*allowed: ptb-xl, .*--database")
    refused(tmp_path / "nowhere", match="neither a database nor a folder")
    refused("chapman", match="set ECG_DATA")
    refused(sound, "--database", "ptbxl", match="unknown database 'ptbxl'; allowed: ptb-xl, ")
    refused(sound, "--database", "chapman", match="not the layout of chapman; allowed: ptb-xl or ptb-xl-500")
    refused("ptb-xl", "--data", sound.parent, "--database", "georgia", match="not the layout of georgia")
    refused(tmp_path / "empty", "--database", "georgia", match="no header")

    several = tmp_path / "several"
    shutil.copytree(sound, several / "one")
    (several / "two").mkdir()
    write_wfdb(simulate("SB", seed=1), several / "two", "E00001")
    refused(several, match="holds several databases; allowed: one of its folders one, two")

    other = tmp_path / "other"
    (other / "deep").mkdir(parents=True)
    write_wfdb(simulate("SB", seed=1), other / "deep", "x")
    header = other / "deep/x.hea"
    header.write_text("\n".join(line for line in header.read_text().splitlines() if not line.startswith("#")) + "\n")
    refused(other, "--database", "georgia", match="none of the 1 recordings .* carries a word or code")

    twice = tmp_path / "twice"
    for part in ("a", "b"):
        (twice / part).mkdir(parents=True)
        write_wfdb(simulate("SB", seed=1), twice / part, "E00001")
    refused(twice, match="holds E00001 twice")

    gone = tmp_path / "gone"
    gone.mkdir()
    shutil.copy(sound / "ptbxl_database.csv", gone)
    refused(gone, match="no recording of PTB-XL 1.0.3 of 6 listed")


def test_a_folder_of_one_of_two_kinds_is_told(tmp_path: Path) -> None:
    write_chapman(tmp_path / "chapman", ["SB", "SR"], raw=True)
    assert checking.located(str(tmp_path / "chapman"), None, None)[0].name == "chapman-raw"
    write_chapman(tmp_path / "chapman", ["SB", "SR"])
    assert checking.located(str(tmp_path / "chapman"), None, None)[0].name == "chapman"
    assert checking.located(str(tmp_path / "chapman"), "chapman-raw", None)[0].name == "chapman-raw"


def test_which_database_it_is(sound: Path, tmp_path: Path) -> None:
    def name(*args: object) -> str:
        given = [*map(str, args), None, None][:2]
        return checking.located(str(given[0]), given[1], sound.parent)[0].name

    assert name(sound) == name("ptb-xl") == name(sound, "ptb-xl") == "ptb-xl"
    assert name(sound, "ptb-xl-500") == name("ptb-xl", "ptb-xl-500") == name("ptb-xl-500") == "ptb-xl-500"
    assert name(tmp_path, "ningbo") == "ningbo"  # whose index then looks for recordings


@pytest.mark.parametrize(
    ("name", "here", "labelled", "against"),
    [("chapman", 35, 35, {}), ("georgia", 23, 17, {}), ("cpsc-extra", 19, 7, {"AT": ["Q0026"]})],
)
def test_real_databases(ecg_data: Path, name: str, here: int, labelled: int, against: dict[str, list[str]]) -> None:
    values = found(name, "--data", ecg_data)
    if values["records"]["here"] != here:
        pytest.skip(f"another part of {name} is here")
    assert here - values["labels"]["unlabelled"] == labelled
    assert conflicts(values) == against
    assert values["duplicates"]["groups"] == values["empty_leads"]["records"] == 0


def test_whole_ptb_xl(ecg_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patients, folds, counts and copies as they stand in the table and in the files, counted without ecglite."""
    which = dataset("ptb-xl")
    try:
        root = root_of(which, ecg_data)
    except DatasetError as error:
        pytest.skip(str(error))
    if not (root / "ptbxl_database.csv").is_file():
        pytest.skip(f"{root} holds no table")
    if sum(entry.path.exists() for entry in which.index(root)) < which.n_records:
        pytest.skip("PTB-XL is not whole here")
    monkeypatch.delenv("ECGLITE_CACHE")

    def not_yet(*_: object) -> None:
        pytest.skip("PTB-XL is not prepared here, which takes minutes: ecglite dataset check ptb-xl")

    result = checking.check(which, root, not_yet)
    adds_up(json.loads(json.dumps(dataclasses.asdict(result))))
    assert result.problems == ()
    assert result.records == Records(21_799, 21_799, 0, True)
    assert (result.patients.patients, result.patients.with_several, result.patients.most) == (18_869, 2_111, 10)
    assert result.patients.across_folds == ()
    assert result.duplicates.groups == 0
    assert result.empty_leads.record_ids == ("12722",)  # all samples of its V5 are zero
    # about one in twenty of the records of plain sinus rhythm contradicts it by five beats or more
    [sinus] = [one for one in result.conflicts if one.rhythm == "SR"]
    assert sinus.share == pytest.approx(0.056, abs=0.005)
