"""The conduction stage: a rhythm and a person become what fires when."""

from ecglite.simulator.conduction.options import Options
from ecglite.simulator.conduction.stage import activity, check_duration, check_rhythm

__all__ = ["Options", "activity", "check_duration", "check_rhythm"]
