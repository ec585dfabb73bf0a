"""The mean ventricular rate of a recording, and how it is met."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from ecglite.simulator.activity import Floats
from ecglite.simulator.conduction.draft import MARGIN_S
from ecglite.simulator.conduction.ladder import Ladder

_SHORT_S: Final = 5.0
_NEAR: Final = 0.004
_NEAR_ENOUGH: Final = 0.012
_PROPORTIONAL: Final = 4
_ROW: Final = tuple(1 + step * 0.005 * sign for step in range(1, 41) for sign in (1, -1))


def mean_rr_s(qrs_s: Sequence[float], duration_s: float) -> float:
    """Mean distance of the beats within the recording, NaN for under two; of a short one with its margins."""
    low, high = (0.0, duration_s) if duration_s >= _SHORT_S else (-MARGIN_S, duration_s + MARGIN_S)
    inside = [at for at in qrs_s if low <= at <= high]
    return (inside[-1] - inside[0]) / (len(inside) - 1) if len(inside) > 1 else math.nan


def met(make: Callable[[float], Ladder], rr_s: float, duration_s: float) -> tuple[Ladder, float]:
    """The ladder whose mean RR is nearest to `rr_s` among a few, and its factor.

    Args:
        make: from a factor on the atria's intervals to the ladder.
        rr_s: the aim.
        duration_s: of the recording.
    """
    made: dict[float, Ladder] = {}

    def mean(factor: float) -> float:
        made[factor] = make(factor)
        return mean_rr_s(made[factor].qrs_s, duration_s)

    factor = _factor(mean, rr_s)
    return made[factor], factor


def stretch(qrs_s: Floats, rr_s: float, duration_s: float) -> float:
    """By which all times are multiplied so that the mean RR within the recording is nearest to `rr_s`."""
    return _factor(lambda factor: mean_rr_s((qrs_s * factor).tolist(), duration_s), rr_s)


def _factor(mean: Callable[[float], float], rr_s: float) -> float:
    """Proportion finds it, as a rule; where beats that come and go with it make the mean jump, a row is tried."""
    best = tried = 1.0
    ratio = mean(1.0) / rr_s
    least = abs(ratio - 1)
    for k in range(_PROPORTIONAL + len(_ROW)):
        if ratio != ratio or least < (_NEAR if k < _PROPORTIONAL else _NEAR_ENOUGH):
            break
        tried = min(max(tried / ratio, 0.7), 2.0) if k < _PROPORTIONAL else _ROW[k - _PROPORTIONAL]
        ratio = mean(tried) / rr_s
        if abs(ratio - 1) < least:
            best, least = tried, abs(ratio - 1)
    return best
