"""Simulated 12-lead recordings of the eleven rhythms with their truth, and writers for them. Needs numpy only.

No recording is in the package and none is replayed. The shapes are statistical: the mean and principal modes of
averaged beats, lead fields, P and f waves, RR variability and noise levels were estimated on PTB-XL folds 1 to 8, the
spread of ST and parts of the noise on its fold 9 (CC BY 4.0), rates and intervals on Chapman-Shaoxing's table (CC BY
4.0).
"""

from ecglite.simulator.conduction import Options
from ecglite.simulator.person import TRAITS, Person
from ecglite.simulator.realism import Realism
from ecglite.simulator.recorder import Recorder
from ecglite.simulator.simulate import RHYTHMS_MADE, InPieces, Made, batches, in_pieces, make, plan, records, simulate
from ecglite.simulator.truth import Plan, Truth
from ecglite.simulator.writers import write_chapman_csv, write_csv, write_wfdb

__all__ = [
    "RHYTHMS_MADE",
    "TRAITS",
    "InPieces",
    "Made",
    "Options",
    "Person",
    "Plan",
    "Realism",
    "Recorder",
    "Truth",
    "batches",
    "in_pieces",
    "make",
    "plan",
    "records",
    "simulate",
    "write_chapman_csv",
    "write_csv",
    "write_wfdb",
]
