"""Vectors of patients' recordings, where they are found: a few of each database, never kept in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from files import Vector

from ecglite.edge.formats import readable

FEW: Final = 10

_DATABASES: Final = {
    "chapman": ("chapman/ECGDataDenoised", 35),
    "ecg-arrhythmia": ("ecg-arrhythmia/WFDBRecords", FEW),
    "georgia": ("cinc/georgia", FEW),
    "cpsc2018": ("cinc/cpsc2018", FEW),
    "cpsc-extra": ("cinc/cpsc-extra", FEW),
    "mitdb": ("mitdb", FEW),
    "ptb-xl-100": ("ptb-xl/records100", FEW),
    "ptb-xl-500": ("ptb-xl/records500", FEW),
}
"""Each database's folder, and up to how many of its recordings are taken, at even distances."""


def vectors(root: Path) -> Iterator[Vector]:
    """Of each database that lies in `root`."""
    for database, (folder, n_wanted) in _DATABASES.items():
        found = sorted(path for path in (root / folder).rglob("*") if readable(path))
        for path in found[:: max(1, -(-len(found) // n_wanted))]:
            beside = path.parent.glob(f"{path.stem}.*") if path.suffix == ".hea" else [path]
            files = {
                file.name: file.read_bytes()
                for file in sorted(beside)
                if file.suffix in {".hea", ".dat", ".mat", ".csv"}
            }
            yield Vector(f"{database}-{path.stem}", path.name, files)
