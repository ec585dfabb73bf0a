"""The recordings that the page offers to whoever has none: nine rhythms that the model names, and one it should doubt.

python -m ecglite.app.examples FOLDER

They are WFDB records of ten seconds. `index.json` lists them: `file` is the one that names the record, `files` all that
are picked together, `rhythm` what it was simulated as.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from ecglite.edge.bundle import DEFAULT, load_bundle
from ecglite.edge.errors import FileAccessError
from ecglite.edge.record import Record
from ecglite.simulator import Recorder, make, simulate, write_wfdb
from ecglite.simulator.recorder import Levels

INDEX: Final = "index.json"

_SEEDS: Final = {"SB": 4, "SR": 4, "AFIB": 4, "ST": 4, "SVT": 6, "AF": 5, "SA": 4, "AT": 4, "SAAWR": 3}
"""Of each rhythm's example. AVNRT and AVRT have none: the model, which takes both to be rare, calls them SVT."""
_DOUBTED: Final = "AF"
_RESTLESS: Final = Levels(baseline=4.0, muscle=60.0, motion=6.0)  # times that of a person at rest: shivers and moves


def write(folder: Path, *, model: Path) -> None:
    """Write the examples and their index into a folder, which is made where it is missing.

    Args:
        folder: where.
        model: the bundle whose labels are simulated, one recording each, in their order, as far as they have a seed.

    Raises:
        FileAccessError: it cannot be written.
        BundleError: the model is none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        labels = [label for label in load_bundle(model).manifest.labels if label in _SEEDS]
        records = [(label, label, simulate(label, seed=_SEEDS[label])) for label in labels]
        records.append((f"{_DOUBTED}-restless", _DOUBTED, _restless()))
        index = []
        for name, rhythm, record in records:
            said = ("Simulated by ecglite: no patient's heart made this.", *record.comments)
            header = write_wfdb(replace(record, comments=said), folder, name)
            files = [header.name, header.with_suffix(".dat").name]
            index.append({"file": header.name, "files": files, "rhythm": rhythm})
        (folder / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise FileAccessError(f"{folder} cannot be written: {error.strerror}", do="choose another folder") from None


def _restless() -> Record:
    """A person who moves, with the limb leads alone."""
    record = make(_DOUBTED, 8, how=Recorder(levels=_RESTLESS)).record
    return replace(record, signal_mv=record.signal_mv[:, :6], leads=record.leads[:6])


if __name__ == "__main__":
    write(Path(sys.argv[1]), model=DEFAULT)
