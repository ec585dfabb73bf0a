"""The PhysioNet/CinC Challenge 2020-21 databases: WFDB with SNOMED CT codes in the header's "Dx" comment.

The publisher names no patients: each recording is taken as a patient of its own, which is right only for scoring,
never for splitting.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ecglite.edge.errors import DatasetError
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.datasets.entry import Dataset, Entry
from ecglite.lab.labels import rhythm_of

LABEL_MAP: Final = {rhythm.snomed: rhythm.abbreviation for rhythm in RHYTHMS.values()}
"""SNOMED CT code -> rhythm. All other codes (blocks, axis, ST changes, paced rhythm) name none of the eleven."""

_DX = re.compile(r"^#\s*Dx:\s*(.*)$", re.MULTILINE | re.IGNORECASE)


def index(root: Path) -> list[Entry]:
    """Every header below the folder.

    Raises:
        DatasetError: there is none, or one cannot be read.
    """
    entries = []
    for path in sorted(root.glob("**/*.hea")):
        try:
            found = _DX.search(path.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise DatasetError(f"{path} cannot be read: {error}") from None
        codes = [code.strip() for code in found.group(1).split(",")] if found else []
        rhythm = rhythm_of(codes, LABEL_MAP)
        entries.append(Entry(path.stem, None, path, rhythm, irregular=RHYTHMS["SA"].snomed in codes))
    if not entries:
        raise DatasetError(f"no .hea file below {root}", do="unpack the database there")
    return entries


def _challenge(name: str, title: str, folder: str) -> Dataset:
    return Dataset(
        name=name,
        title=title,
        doi="10.13026/34va-7q14",
        licence="CC BY 4.0",
        folder=folder,
        sinus_by_rate=False,
        index=index,
    )


GEORGIA: Final = _challenge("georgia", "Georgia 12-lead ECG Challenge Database", "cinc/georgia")
CPSC_2018: Final = _challenge("cpsc2018", "China Physiological Signal Challenge 2018", "cinc/cpsc2018")
CPSC_EXTRA: Final = _challenge("cpsc-extra", "CPSC 2018, unused recordings", "cinc/cpsc-extra")
