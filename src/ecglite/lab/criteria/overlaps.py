"""Which rhythm meets whose criteria, how often at the least and at the most, and why the definitions overlap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.rhythms import RHYTHMS
from ecglite.lab.criteria.measures import Measured
from ecglite.lab.criteria.textbook import CRITERIA

Floats = npt.NDArray[np.float64]

DIAGONAL: Final = dict.fromkeys(RHYTHMS, 0.8) | {
    "SVT": 0.65,
    "AF": 0.65,
    "AT": 0.55,
    "AVNRT": 0.6,
    "AVRT": 0.6,
    "SAAWR": 0.6,
}
"""Share of a rhythm's recordings that meet all of its criteria, at the least. A third of the foci of AT lie beside the
sinus node; in some AVNRT P is hidden in QRS; in some AVRT over a left pathway P is nearly level inferiorly;
a pacemaker that wanders to and fro in 6 s has jumped in 10 s of slow beats. In some SVT P and T follow each other as F
waves do, and in some AF another oscillation is the steadier one. Of 30 recordings a share strays by 0.08."""
OTHERS: Final = 0.1
"""Share of another rhythm's recordings that meet them, at the most, where no overlap of the definitions is listed."""
OVERLAPS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("SA", ("SB", "SR"), "SA says how RR varies, SB and SR how fast it is: RR of 1 s varies by 0.12 s at rest"),
    ("SA", ("SAAWR",), "the pacemaker that wanders slows as it does, and most of its P are those of the sinus node"),
    ("SR", ("SA",), "the same; SA of 60 to 100/min whose RR strays little beside the longest and the shortest"),
    ("SB", ("SAAWR",), "slow, and most of its P waves are those of the sinus node"),
    ("ST", ("AT",), "1:1 from a focus beside the sinus node (crista terminalis): P is the sinus node's"),
    ("AF", ("AT",), "P, T and the next P at equal distances, or atria of over 220/min with block"),
    ("AFIB", ("AF",), "conduction that varies, and F waves of 240/min and more"),
    ("AF", ("SVT",), "P between two T at equal distances: two waves to a beat"),
    ("AT", ("ST",), "P of the sinus node whose axis is at the edge of the usual"),
    ("AT", ("AF",), "atria of 220 to 250/min, or F waves too small to fill the pauses"),
    ("SVT", ("AT",), "SVT contains it, where P is hidden in T or small"),
    ("SVT", ("AVNRT", "AVRT"), "SVT contains both"),
    ("AVNRT", ("SVT",), "SVT contains AVNRT"),
    ("AVRT", ("SVT",), "SVT contains AVRT"),
)
"""[whose criteria; met by; why]"""


def matrix(found: Mapping[str, list[Measured]]) -> Floats:
    """[11, 11]: share of the recordings of each rhythm (rows) that meet all criteria of each (columns)."""
    return np.array(
        [
            [
                np.mean([all(c.holds(one) for c in CRITERIA if c.rhythm == asked) for one in found[of]])
                for asked in RHYTHMS
            ]
            for of in RHYTHMS
        ]
    )


def matrix_markdown(found: Mapping[str, list[Measured]]) -> str:
    """The matrix in percent, and why the definitions of some rhythms overlap."""
    shares = matrix(found)
    lines = [f"| of, % | {' | '.join(RHYTHMS)} |", f"|---|{'---:|' * len(RHYTHMS)}"]
    for of, row in zip(RHYTHMS, shares, strict=True):
        cells = [
            f"**{100 * share:.0f}**" if of == asked else f"{100 * share:.0f}"
            for asked, share in zip(RHYTHMS, row, strict=True)
        ]
        lines.append(f"| {of} | {' | '.join(cells)} |")
    lines += ["", "| of | meets those of | because |", "|---|---|---|"]
    lines += [f"| {', '.join(of)} | {asked} | {why} |" for asked, of, why in OVERLAPS]
    return "\n".join(lines)
