"""ecglite: the heart's rhythm from a 12-lead ECG, offline, on devices that fit in a hand. Not a medical device.

import ecglite
finding = ecglite.load().classify("recording.csv")
print(finding.name, finding.probability)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecglite.edge.decision import Finding
    from ecglite.edge.errors import EcgliteError
    from ecglite.edge.formats import read
    from ecglite.edge.pipeline import Classifier, load
    from ecglite.edge.record import LEADS, Patient, Record
    from ecglite.edge.rhythms import RHYTHMS, Rhythm

__version__ = "0.1.0"

__all__ = [
    "LEADS",
    "RHYTHMS",
    "Classifier",
    "EcgliteError",
    "Finding",
    "Patient",
    "Record",
    "Rhythm",
    "__version__",
    "load",
    "read",
]

_HOME = {
    "LEADS": "record",
    "RHYTHMS": "rhythms",
    "Classifier": "pipeline",
    "EcgliteError": "errors",
    "Finding": "decision",
    "Patient": "record",
    "Record": "record",
    "Rhythm": "rhythms",
    "load": "pipeline",
    "read": "formats",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that `import ecglite` and `--help` cost next to nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'ecglite' has no attribute {name!r}")
    return getattr(importlib.import_module(f"ecglite.edge.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
