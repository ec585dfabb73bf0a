"""An accessory pathway beside the AV node: muscle, which has no delay of its own and conducts all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ALL_S: Final = 0.1
"""From one of its walls the ventricles are activated in so long: where the node comes no sooner after the pathway, it
finds nothing left to activate."""
_UNSEEN: Final = 0.08


@dataclass(frozen=True, slots=True)
class Pathway:
    """One accessory pathway, as it leads impulses down.

    Attributes:
        delay_s: from the onset of P to that of QRS.
        refractory_s: from the onset of a QRS complex, whichever way that came, or from when a ventricular beat reached
            it; an impulse that arrives sooner is blocked.
        noise: by which share the refractory period that the i-th impulse meets differs.
        shift_s: what is added to the delay of the i-th impulse: fibrillation reaches it from here and there.
    """

    delay_s: float
    refractory_s: float
    noise: Sequence[float] = ()
    shift_s: Sequence[float] = ()


def preexcitation(lead_s: float) -> float:
    """How much of the ventricles the pathway has activated when the node's impulse comes `lead_s` later, 0 to 1.

    0 where it would not be seen; NaN, an impulse of the node that never comes, leaves all to the pathway.
    """
    if lead_s != lead_s or lead_s > _ALL_S:
        return 1.0
    share = lead_s / _ALL_S
    return share if share > _UNSEEN else 0.0
