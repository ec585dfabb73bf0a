"""What hearts and torsos are like on the average, and in which ways they differ: the numbers behind the body.

Summary figures of 4,900 averaged beats with a narrow QRS complex, in sinus rhythm of any rate, of PTB-XL (Wagner et al.
2020, folds 1 to 8, 100 Hz, CC BY 4.0). Each beat was read as a vector in the chest (x to the left arm, y to the feet, z
to the front) through the lead field of Dower, Machado and Osborne 1980, which was then refined for each person; turned
in the frontal plane to a QRS axis of 45 degrees and a T axis of 42; divided by the greatest length of its QRS and of
its T vector; described by cubic B-splines over the duration of QRS and from J to the end of T. First the mean, then the
ten principal modes of QRS and ST-T together, each of one standard deviation.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# fmt: off
QRS_MODES: Final[Floats] = np.reshape([
    0, 0, 15, 16, 11, 14, 42, 34, 4, 61, 55, -24, 45, 46, -48, 13, 20, -52, -2, 4, -38, -2, 0, -19, -2, 0, -10,
    1, 0, 0, 2, 1, -1, 1, 1, -4, -1, -1, -7, -3, -2, -8, -3, -2, -7, 0, 0, -4, 1, 1, -1, 0, 0, -1,
    -5, -3, -3, -11, -6, 2, -15, -8, 13, -2, 2, 23, 21, 16, 22, 24, 17, 12, 11, 8, 2, 2, 2, -2, 3, 1, 0,
    2, 2, 4, 8, 5, 9, 16, 12, 20, 12, 10, 23, -5, -2, 12, -13, -8, 0, -8, -6, -3, -3, -3, -2, -2, -2, -2,
    -1, 5, -2, -4, 11, -3, -13, 18, -4, -15, 10, -1, -2, -9, 7, 9, -18, 9, 9, -13, 6, 5, -7, 3, 3, -4, 2,
    2, 0, -2, 5, 1, -8, 9, 4, -15, 11, 7, -7, 6, 7, 9, -2, 3, 16, -5, 0, 12, -3, 0, 6, -2, 0, 3,
    -2, 0, 1, -3, -1, 3, -3, 1, 3, -1, 2, -2, 1, 1, -6, 2, -2, -6, 1, -2, -4, 0, -1, -2, 1, 0, -1,
    -2, 0, 0, -3, -1, 2, -3, -1, 4, 0, 1, 3, 1, 0, 1, -1, -3, 0, -1, -3, 0, 0, -2, 0, 0, -1, 0,
    4, 1, 0, 6, 3, 0, 2, -2, 0, -10, -11, 2, -11, -7, 4, 0, 4, 6, 4, 6, 3, 0, 2, 0, 0, 1, 0,
    -1, 0, 0, -2, 0, 0, -1, 2, 0, 2, 3, 0, 3, 0, -2, 0, -2, -3, -1, -2, -2, 0, -1, 0, 0, 0, 0,
    0, 1, -2, 0, 2, -2, 1, 0, 1, 0, -5, 5, -1, -4, 6, -2, 0, 3, -1, 2, 1, 0, 0, 1, 0, 0, 0,
], (11, 9, 3)) / 100.0
"""[mean and 10 modes, 9 splines, xyz]; splines at (k + 1.6) / 11.2 of the QRS duration, k = 0 to 8: fitted at
(k + 2) / 12, less what the low sampling rate had smoothed."""
STT_MODES: Final[Floats] = np.reshape([
    -3, 2, 5, 2, 3, 18, 5, 5, 19, 10, 9, 25, 19, 14, 36, 39, 30, 54, 61, 50, 54, 44, 42, 28, 7, 9, 4,
    3, 0, 5, 1, 0, 6, 1, 0, 8, 0, -1, 11, -3, -3, 17, -10, -7, 27, -18, -14, 34, -12, -10, 18, -1, -1, 1,
    1, 0, -2, -1, 0, -1, -1, 0, -1, -2, -1, -1, -3, -2, 0, -5, -4, 3, -3, -5, 9, -1, -3, 7, -1, -1, 0,
    -2, 0, -5, -1, 0, -4, -1, 0, -4, -1, 0, -4, -1, 0, -3, 0, -1, 1, 1, -2, 7, 1, -2, 6, 0, 0, 1,
    -1, 0, 3, -1, 3, -1, -1, 2, 0, -1, 2, -1, -1, 2, -1, 0, 1, 0, 1, -3, 1, 1, -4, 2, 1, -1, 0,
    0, -4, 3, -1, -3, 0, -1, -3, 0, -2, -3, 0, -2, -3, 0, -2, -2, 1, 1, 3, 5, 1, 6, 2, -1, 1, -1,
    -9, -7, 0, -7, -6, 1, -8, -6, 1, -8, -7, 1, -7, -7, 2, -1, -4, 4, 9, 4, 4, 10, 9, 1, 2, 4, 0,
    4, -8, 4, 5, -4, 2, 6, -5, 3, 7, -3, 3, 8, -1, 4, 7, 6, 3, -2, 11, 1, -8, 10, 1, -3, 3, 1,
    -2, -5, -2, 0, -3, -3, -1, -4, -3, -1, -3, -3, -1, -3, -4, -1, -2, -2, -2, 1, 4, -3, 3, 3, -1, 2, -1,
    1, -5, -1, 0, -4, 0, -1, -5, -1, -2, -6, -1, -4, -6, -3, -8, -7, -4, -11, -2, -8, -9, -1, -6, -3, -1, -1,
    -4, 1, 5, -2, 0, 6, -2, 0, 6, -2, 0, 7, -1, -1, 9, 1, 0, 5, -2, -2, -7, 1, -2, -9, 3, 1, -1,
], (11, 9, 3)) / 100.0
"""[mean and 10 modes, 9 splines, xyz]; splines at k / 8 of the time from J to the end of T, k = 0 to 8."""
SCORES: Final[Floats] = np.array([
    [-0.04, -0.5, 0.08, 0.62, -0.01, 0.94],
    [-0.4, 0.01, -0.01, 0.94, -0.01, 0.94],
    [-0.1, -0.34, 0.02, -0.79, -0.0, 0.95],
    [-1.06, 0.28, -0.01, 0.21, -0.04, 0.72],
    [0.27, 0.21, -0.03, 0.9, 0.02, 0.92],
    [-0.12, 0.22, -0.06, -0.25, 0.0, 0.98],
    [-0.06, -0.16, -0.1, -0.12, 0.02, 0.99],
    [0.05, -0.18, 0.05, -0.17, -0.01, 0.99],
    [-0.04, 0.15, 0.02, 0.08, -0.01, 1.0],
    [0.08, -0.2, 0.09, 0.07, -0.01, 0.99],
])
"""[10 modes, 6]: a mode's mean is the sum of these times the QRS axis (degrees from 25, over 45), sex (male -0.5,
female 0.5), age (years from 55, over 18), the logarithm of the QRS amplitude, and 1; last what remains, as standard
deviation."""
FIELD_MODES: Final[Floats] = np.reshape([
    70, -17, -9, 25, 107, 13, -47, 19, 78, 8, 20, 152, 80, 9, 123, 122, 6, 56, 111, 12, 8, 80, 17, -15,
    -21, 18, 14, -6, 5, 5, 10, -9, -7, -17, 14, 7, 3, -1, 1, 15, -12, -7, 4, -5, -5, -5, 3, 0,
    -6, 1, -13, -5, 2, -1, 12, -8, -3, 4, -1, -18, -14, 7, 15, 4, -1, 9, 12, -6, -6, 6, -5, -12,
    -9, -16, 9, -3, -5, 4, 3, 7, -8, -5, -13, 2, 0, 2, 7, 7, 11, -7, 2, 5, -7, -1, -5, -2,
    8, 1, 6, 0, 2, 2, 6, -7, -9, 6, -1, 11, -6, 5, -3, -7, 0, -6, 4, -6, 0, 9, -4, 1,
    -6, -3, -2, -2, 0, -2, 5, -5, 8, -5, -3, 1, 3, 3, -9, -1, 5, 4, 3, -3, 6, 4, -7, 3,
    -4, 5, 7, -1, 1, 1, -5, 4, 9, 8, -6, -3, -7, 4, -1, 3, -2, -3, 2, -2, 1, 0, 0, 3,
], (7, 8, 3)) / 100.0
"""[mean and 6 modes, leads I II V1 to V6, xyz]: what the leads see of the ventricles, in mV per mV."""
# fmt: on
ATRIA_FIELD: Final[Floats] = np.array(
    [
        [0.75, -0.19, 0.06],
        [0.36, 0.87, -0.10],
        [-0.33, 0.23, 1.21],
        [0.36, 0.00, 1.05],
        [0.42, 0.15, 0.72],
        [0.44, 0.19, 0.40],
        [0.45, 0.17, 0.20],
        [0.43, 0.15, 0.06],
    ]
)
"""[leads I II V1 to V6, xyz]: of the atria, which lie behind the right edge of the breastbone; fitted to P waves."""

AMPLITUDE_AGES: Final = (0.0, 10.0, 22.0, 37.0, 52.0, 67.0, 82.0)
QRS_MV: Final = {"male": (2.3, 2.35, 2.08, 1.66, 1.46, 1.44, 1.45), "female": (2.0, 1.95, 1.53, 1.44, 1.37, 1.33, 1.36)}
"""The greatest length of the QRS vector by AMPLITUDE_AGES: medians."""
T_MV: Final = {"male": (0.50, 0.63, 0.56, 0.49, 0.41, 0.38, 0.37), "female": (0.45, 0.48, 0.39, 0.33, 0.33, 0.30, 0.31)}
"""Of the T vector."""
P_MV: Final = 0.102
"""Of the P vector, at any age: about the median."""

# fmt: off
LBBB: Final[Floats] = np.reshape([
    15, 3, 9, 29, 19, -64, 57, 24, -119, 70, 31, -154, 49, 33, -150, 38, 25, -118, 26, 6, -77, 10, -2, -40, 2, -3, -24
], (9, 3)) / 100.0
# fmt: on
"""[9 splines, xyz], mV: QRS of 127 people with a wide negative V1, a wide R in I and V6 and 118 ms or more, not turned:
medians lead by lead, then read as a vector."""
RBBB_LATE: Final[Floats] = np.array([-0.36, -0.03, 0.58])
"""mV: the late vector of 122 people with an r' in V1 (median 0.82 mV) and 118 ms or more."""
