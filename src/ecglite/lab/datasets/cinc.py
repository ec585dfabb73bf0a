"""The PhysioNet/CinC Challenge 2020-21 databases: WFDB with SNOMED CT codes in the header's "Dx" comment.

Counts per code are the challenge's own, of its table of codes (evaluation-2021).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

FLUTTER: Final = RHYTHMS["AF"].snomed

LABEL_MAP: Final = {rhythm.snomed: rhythm.abbreviation for rhythm in RHYTHMS.values()} | {
    "251166008": "AVNRT",
    "17366009": "SAAWR",
    "67198005": "SVT",  # paroxysmal
}
"""SNOMED CT code -> rhythm, in the spellings of the challenge and of ecg-arrhythmia."""

UNMAPPED: Final = "codes of blocks, axis, ST changes, premature beats and paced rhythm give no label"
NINGBO_UNMAPPED: Final = (
    f"{UNMAPPED}; nor does the code for flutter in recordings of Ningbo, where it stands for flutter and fibrillation"
)
NINGBO_LABEL_MAP: Final = {code: rhythm for code, rhythm in LABEL_MAP.items() if code != FLUTTER}
"""Ningbo has 7,615 recordings of flutter and none of fibrillation: its code for flutter stands for both."""

_DX = re.compile(r"^#\s*Dx:\s*(.*)$", re.MULTILINE | re.IGNORECASE)


def indexer(
    pattern: str = "**/*.hea", *, label_map: Callable[[str], Mapping[str, str]] = lambda record_id: LABEL_MAP
) -> Callable[[Path], list[Entry]]:
    """How the recordings below a folder are found.

    Args:
        pattern: of the headers.
        label_map: the codes that count for a record id. Where that of flutter does not, a record that has it gets no
            label, whatever else it is coded as: its rhythm is flutter or fibrillation.
    """

    def index(root: Path) -> list[Entry]:
        """Every header below the folder.

        Raises:
            DatasetError: there is none, or one cannot be read.
        """
        entries = []
        for path in sorted(root.glob(pattern)):
            try:
                found = _DX.search(path.read_text(encoding="utf-8", errors="replace"))
            except OSError as error:
                raise DatasetError(f"{path} cannot be read: {error}") from None
            codes = tuple(code for code in re.split(r"[,\s]+", found.group(1)) if code) if found else ()
            known = label_map(path.stem)
            rhythm = None if FLUTTER in codes and FLUTTER not in known else rhythm_of(codes, known)
            entries.append(Entry(path.stem, None, path, codes, rhythm, irregular=RHYTHMS["SA"].snomed in codes))
        if not entries:
            raise DatasetError(f"no header {pattern} below {root}", do="unpack the database there")
        return entries

    return index


def has_headers(prefix: str) -> Callable[[Path], bool]:
    """Whether a folder holds headers, itself or one folder down, whose names all begin with `prefix`.

    The first and the last of each folder are looked at: a folder of several databases is none of them.
    """

    def is_here(root: Path) -> bool:
        folders = [root, *(path for path in sorted(root.glob("*")) if path.is_dir())]
        names = [sorted(path.stem for path in folder.glob("*.hea")) for folder in folders]
        ends = [name for some in names if some for name in (some[0], some[-1])]
        return bool(ends) and all(re.fullmatch(rf"{prefix}\d{{4,5}}", name) for name in ends)

    return is_here


def _challenge(name: str, title: str, prefix: str, n_records: int, published: Mapping[str, int]) -> Dataset:
    ningbo = name == "ningbo"
    return Dataset(
        name=name,
        title=title,
        doi="10.13026/34va-7q14",
        licence="CC BY 4.0",
        folder=f"cinc/{name}",
        sinus_by_rate=False,
        patients="the publisher names no patients: each recording is taken as a patient of its own",
        unmapped=NINGBO_UNMAPPED if ningbo else UNMAPPED,
        label_map=NINGBO_LABEL_MAP if ningbo else LABEL_MAP,
        n_records=n_records,
        published={RHYTHMS[rhythm].snomed: n for rhythm, n in published.items()},
        is_here=has_headers(prefix),
        index=indexer(label_map=lambda record_id: NINGBO_LABEL_MAP if ningbo else LABEL_MAP),
    )


GEORGIA: Final = _challenge(
    "georgia",
    "Georgia 12-lead ECG Challenge Database",
    "E",
    10_344,
    {"SB": 1_677, "SR": 1_752, "AFIB": 570, "ST": 1_261, "SVT": 32, "AF": 186, "SA": 455, "AT": 28},
)
CPSC_2018: Final = _challenge(
    "cpsc2018", "China Physiological Signal Challenge 2018", "A", 6_877, {"SR": 918, "AFIB": 1_221}
)
CPSC_EXTRA: Final = _challenge(
    "cpsc-extra",
    "CPSC 2018, unused recordings",
    "Q",
    3_453,
    {"SB": 45, "SR": 4, "AFIB": 153, "ST": 303, "SVT": 3, "AF": 54, "SA": 11, "AT": 15},
)
NINGBO: Final = _challenge(
    "ningbo",
    "Ningbo First Hospital, of the challenge of 2021",
    "JS",
    34_905,
    {"SB": 12_670, "SR": 6_299, "AFIB": 0, "ST": 5_687, "SVT": 137, "AF": 7_615, "SA": 2_550, "AT": 176, "AVRT": 18},
)
