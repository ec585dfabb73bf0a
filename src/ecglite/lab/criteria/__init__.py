"""What a textbook says of each rhythm, measured on recordings by code that knows nothing of the simulator.

`measures` has what is measured, `textbook` what the textbook says of it, `overlaps` which rhythm meets whose criteria,
`simulated` the recordings that are held against it.
"""

from ecglite.lab.criteria.measures import Measured, delineated, lead, measured, r_peaks
from ecglite.lab.criteria.overlaps import DIAGONAL, OTHERS, OVERLAPS, matrix, matrix_markdown
from ecglite.lab.criteria.simulated import RetrogradeP, noiseless, plain, retrograde_p
from ecglite.lab.criteria.textbook import CRITERIA, Criterion, markdown

__all__ = [
    "CRITERIA",
    "DIAGONAL",
    "OTHERS",
    "OVERLAPS",
    "Criterion",
    "Measured",
    "RetrogradeP",
    "delineated",
    "lead",
    "markdown",
    "matrix",
    "matrix_markdown",
    "measured",
    "noiseless",
    "plain",
    "r_peaks",
    "retrograde_p",
]
