"""The CSV layout of the Chapman-Shaoxing database on figshare (Zheng et al., Scientific Data 7:48, 2020).

Ten seconds of twelve leads at 500 Hz in microvolts: 5000 x 12. Raw recordings carry a header of lead names,
denoised ones none; neither states rate or units, so the exact shape is what it is known by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import UnitsError
from ecglite.edge.formats._record import Hints, likely_unit
from ecglite.edge.record import LEADS, millivolts_per

FORMAT: Final = "chapman-csv"
SHAPE: Final = (5000, 12)
RATE_HZ: Final = 500.0
MV_PER_STEP: Final = 0.001

MIN_LARGEST: Final = 20.0
"""Microvolts that the largest sample of a heart's ten seconds exceeds, and millivolts do not."""


def fits(table: npt.NDArray[np.float64], names: Sequence[str] | None, hints: Hints, *, stated: bool) -> bool:
    """Whether a table has this layout, and nothing in the file or the hints says otherwise.

    Args:
        table: [n_samples, n_columns].
        names: the header, None without one.
        hints: what the person says.
        stated: whether the file has comments or units, which Chapman's have not.
    """
    return (
        table.shape == SHAPE
        and not stated
        and (names is None or tuple(name.strip() for name in names) == LEADS)
        and (hints.units is None or millivolts_per(hints.units) == MV_PER_STEP)
        and (hints.rate_hz is None or hints.rate_hz == RATE_HZ)
        and (hints.leads is None or hints.leads == LEADS)
    )


def notes(names: Sequence[str] | None, hints: Hints) -> list[str]:
    """What is assumed of a table that fits: all that neither its header nor the hints say."""
    assumed = [
        what
        for what, said in (
            ("leads I to V6", names or hints.leads),
            (f"{RATE_HZ:g} Hz", hints.rate_hz),
            ("microvolts", hints.units),
        )
        if not said
    ]
    if not assumed:
        return []
    listed = " and ".join(filter(None, (", ".join(assumed[:-1]), assumed[-1])))
    return [f"laid out as in the Chapman database (5000 x 12): {listed} are assumed"]


def check_amplitude(table: npt.NDArray[np.float64]) -> None:
    """Refuses values that look like millivolts or volts.

    Raises:
        UnitsError: no sample reaches 20, and not all are 0.
    """
    largest = float(np.fmax(np.fmax.reduce(table, axis=None), -np.fmin.reduce(table, axis=None)))
    if 0 < largest < MIN_LARGEST:
        unit = likely_unit(table) or "mV"
        raise UnitsError(
            f"5000 x 12 as in the Chapman database, whose unit is uV, and no sample exceeds {max(largest, 1e-3):.3g}",
            allowed=f"a largest sample over {MIN_LARGEST:g} uV",
            do=f"the values look like {unit}: give --units {unit}, with --rate {RATE_HZ:g}, if they are",
        )
