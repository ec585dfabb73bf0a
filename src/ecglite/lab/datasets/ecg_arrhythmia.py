"""PhysioNet's ecg-arrhythmia 1.0.0 (Zheng et al., 2022): Chapman-Shaoxing and Ningbo as WFDB, one folder tree.

Of Chapman-Shaoxing's 10,646 recordings it has 10,247: those named sinus arrhythmia (SA) are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ecglite.lab.datasets import cinc
from ecglite.lab.datasets.entry import Dataset

_FOLDER = "WFDBRecords"
_LAST_OF_CHAPMAN = 10_646

PUBLISHED: Final = {
    "426177001": 3_889 + 12_670,
    "426783006": 1_826 + 6_299,
    "164889003": 1_780,
    "427084000": 1_568 + 5_687,
    "426761007": 587 + 137,
    "164890007": 445 + 7_615,
    "427393009": 2_550,
    "713422000": 121 + 176,
    "233896004": 16,
    "233897008": 8 + 18,
    "195101003": 7 + 2,
}
"""The challenge's table of codes, its columns Chapman-Shaoxing and Ningbo. This release writes 195101003 for SAAWR and
for a wandering pacemaker both, and 233896004 for AVNRT, where the challenge has codes of its own."""


def _label_map(record_id: str) -> Mapping[str, str]:
    """The codes that count for a record: in Ningbo the code of flutter stands for flutter and fibrillation both."""
    number = re.fullmatch(r"JS(\d+)", record_id)
    ningbo = number is not None and int(number[1]) > _LAST_OF_CHAPMAN
    return cinc.NINGBO_LABEL_MAP if ningbo else cinc.LABEL_MAP


ECG_ARRHYTHMIA: Final = Dataset(
    name="ecg-arrhythmia",
    title="A large scale 12-lead electrocardiogram database for arrhythmia study 1.0.0",
    doi="10.13026/wgex-er52",
    licence="CC BY 4.0",
    folder="ecg-arrhythmia",
    sinus_by_rate=False,
    patients="the publisher states 45,152 patients and as many recordings, and names none: one recording of each",
    unmapped=cinc.NINGBO_UNMAPPED,
    label_map=cinc.LABEL_MAP,
    n_records=45_152,
    published=PUBLISHED,
    is_here=lambda root: (root / _FOLDER).is_dir(),
    index=cinc.indexer(f"{_FOLDER}/**/*.hea", label_map=_label_map),
)
