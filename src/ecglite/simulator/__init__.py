"""Simulated 12-lead recordings of the eleven rhythms, and writers for them. Needs numpy only."""

from ecglite.simulator.simulate import RHYTHMS_MADE, simulate
from ecglite.simulator.writers import write_chapman_csv, write_wfdb

__all__ = ["RHYTHMS_MADE", "simulate", "write_chapman_csv", "write_wfdb"]
