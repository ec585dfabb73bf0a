"""Simulated 12-lead recordings of the eleven rhythms with their truth, and writers for them. Needs numpy only."""

from ecglite.simulator.person import TRAITS, Person
from ecglite.simulator.simulate import RHYTHMS_MADE, Made, batches, make, plan, records, simulate
from ecglite.simulator.truth import Plan, Truth
from ecglite.simulator.writers import write_chapman_csv, write_csv, write_wfdb

__all__ = [
    "RHYTHMS_MADE",
    "TRAITS",
    "Made",
    "Person",
    "Plan",
    "Truth",
    "batches",
    "make",
    "plan",
    "records",
    "simulate",
    "write_chapman_csv",
    "write_csv",
    "write_wfdb",
]
