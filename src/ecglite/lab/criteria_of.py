"""How many real recordings meet the criteria by which simulated ones are held against the textbook.

python -m ecglite.lab.criteria_of DATABASE ...     prints a table, rows of which rhythm, columns whose criteria are met

The recordings are those of ten seconds and more at 500 Hz with twelve leads whose files are here, at most 40 of a
rhythm and a database, of anybody, with whatever findings people have.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ecglite.edge.errors import FileAccessError
from ecglite.edge.record import LEADS, Record
from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab import criteria, datasets
from ecglite.lab.criteria import CRITERIA, Measured

_RATE_HZ: Final = 500
_SAMPLES: Final = 5000
_MOST: Final = 40


def real(name: str, data: Path | None = None) -> dict[str, list[Measured]]:
    """Of each rhythm what was measured on a database's recordings.

    Args:
        name: of the database.
        data: see `datasets.root_of`.
    """
    found: dict[str, list[Measured]] = {}
    for rhythm, record in _recordings(name, data):
        some = found.setdefault(rhythm, [])
        if len(some) < _MOST:
            some.append(criteria.measured(record))
    return found


def _recordings(name: str, data: Path | None) -> Iterator[tuple[str, Record]]:
    which = datasets.dataset(name)
    for entry in which.index(datasets.root_of(which, data)):
        if entry.rhythm is None:
            continue
        try:
            record = which.read(entry)
        except FileAccessError:
            continue  # the index names files that are not here
        whole = record.signal_mv.shape[0] >= _SAMPLES and record.leads == LEADS
        if whole and record.sampling_rate_hz == _RATE_HZ:
            yield entry.rhythm, replace(record, signal_mv=record.signal_mv[:_SAMPLES])


def meets(one: Measured, rhythm: str) -> bool:
    """Whether a recording meets all criteria of a rhythm."""
    return all(criterion.holds(one) for criterion in CRITERIA if criterion.rhythm == rhythm)


def markdown(found: Sequence[dict[str, list[Measured]]]) -> str:
    """Of the recordings of several databases: how many of each rhythm meet all criteria of each."""
    lines = [f"| of | n | {' | '.join(RHYTHMS)} |", "|---|---:|" + "---:|" * len(RHYTHMS)]
    for of in RHYTHMS:
        some = [one for kind in found for one in kind.get(of, [])]
        if some:
            counts = [sum(meets(one, asked) for one in some) for asked in RHYTHMS]
            lines.append(f"| {of} | {len(some)} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown([real(name) for name in sys.argv[1:]]))
