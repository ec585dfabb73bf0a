"""The conduction stage: a rhythm and a person become what fires when."""

from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.stage import activity

__all__ = ["Options", "activity"]
