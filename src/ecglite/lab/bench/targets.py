"""What the models that ship are meant to reach. A kB is 1000 bytes, the stricter reading."""

from __future__ import annotations

from typing import Final

MACRO_AUC: Final = 0.976
"""Of PTB-XL's twelve rhythm statements, fold 10, at `BYTES`."""
EXTERNAL: Final = 0.90
"""Balanced accuracy of the rhythms on hospitals never trained on, over the classes with ten recordings and more."""
LOST_ACCURACY: Final = 0.002
LOST_AUC: Final = 0.001
"""What int8 may cost against float."""
BYTES: Final = 100_000
MACS: Final = 10_000_000
"""For ten seconds of twelve leads, the conditioning in the file among them."""
MICRO_BYTES: Final = 40_000
MICRO_MACS: Final = 2_000_000
MICRO_ARENA_BYTES: Final = 32_000
TIMES_FASTER: Final = 20.0
"""Than the study's MobileNet in float, in the same interpreter and run, one thread."""
GAIN_UNCHANGED: Final = 0.99
"""Of recordings whose gain is wrong, those that keep their rhythm."""
LOST_BY_TWO_LEADS: Final = 0.03
"""Accuracy lost where leads I and II alone are there."""
