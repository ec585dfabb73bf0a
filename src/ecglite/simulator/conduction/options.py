"""What may be asked of the conduction beside the rhythm and the person's traits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ecglite.edge.errors import SimulationError
from ecglite.simulator import typed

_MECHANISMS: Final = {
    "SVT": ("AVNRT", "AVRT", "AT"),
    "AVNRT": ("slow-fast", "fast-slow"),
    "AVRT": ("left free wall", "posteroseptal", "right free wall", "anteroseptal"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """All of them may be left to chance.

    Attributes:
        ratio: n of a fixed n:1 conduction in AF and AT, 1 to 8; in AF 0 is variable.
        mechanism: of SVT (AVNRT, AVRT, AT), of AVNRT (slow-fast, fast-slow), of AVRT the pathway's place.
        wenckebach: n of n:(n-1) conduction, 3 to 8, for persons with that trait.
        breathing: whether a sinus arrhythmia follows the breath (phasic).
        warm_up: whether an atrial tachycardia still quickens.
        aberrancy: with which probability an early beat after a long interval is aberrant, 0 to 1.
        pacing: "VVI" or "DDD", for persons who are paced.

    Raises:
        SimulationError: a value is none of these.
    """

    ratio: int | None = None
    mechanism: str | None = None
    wenckebach: int | None = None
    breathing: bool | None = None
    warm_up: bool | None = None
    aberrancy: float | None = None
    pacing: str | None = None

    def __post_init__(self) -> None:
        for name, of in (
            *(("ratio", typed.whole), ("wenckebach", typed.whole), ("mechanism", typed.text), ("pacing", typed.text)),
            ("aberrancy", typed.number),
        ):
            if getattr(self, name) is not None:
                of(name, getattr(self, name))
        for name in ("breathing", "warm_up"):
            if getattr(self, name) not in (None, False, True):
                raise SimulationError(f"{name} {getattr(self, name)!r}", allowed="True, False or None")
        if self.ratio is not None and not 0 <= self.ratio <= 8:
            raise SimulationError(f"a ratio of {self.ratio}:1", allowed="1 to 8, in AF also 0 (variable)")
        if self.wenckebach is not None and not 3 <= self.wenckebach <= 8:
            raise SimulationError(f"Wenckebach {self.wenckebach}:{self.wenckebach - 1}", allowed="3:2 to 8:7")
        if self.aberrancy is not None and not 0 <= self.aberrancy <= 1:
            raise SimulationError(f"an aberrancy of {self.aberrancy:g}", allowed="0 to 1")
        if self.pacing not in (None, "VVI", "DDD"):
            raise SimulationError(f"pacing {self.pacing!r}", allowed="VVI, DDD")

    def check(self, rhythm: str) -> None:
        """Refuses what the rhythm does not have.

        Raises:
            SimulationError: a ratio, a mechanism, breathing or a warm-up of another rhythm.
        """
        allowed = _MECHANISMS.get(rhythm, ())
        if self.mechanism is not None and self.mechanism not in allowed:
            raise SimulationError(f"mechanism {self.mechanism!r} of {rhythm}", allowed=", ".join(allowed) or "none")
        if self.ratio is not None and (rhythm not in ("AF", "AT") or (rhythm == "AT" and self.ratio == 0)):
            raise SimulationError(f"a ratio of {self.ratio}:1 in {rhythm}", allowed="in AF 0 to 8, in AT 1 to 8")
        if self.breathing is not None and rhythm != "SA":
            raise SimulationError(f"an arrhythmia with the breath in {rhythm}", allowed="SA")
        if self.warm_up is not None and rhythm != "AT":
            raise SimulationError(f"a warm-up in {rhythm}", allowed="AT")

    def check_traits(self, traits: Collection[str]) -> None:
        """Refuses what a person without the trait for it does not have.

        Raises:
            SimulationError: a Wenckebach period or a mode of pacing of somebody who has neither.
        """
        for asked, word in ((self.wenckebach, "wenckebach"), (self.pacing, "paced")):
            if asked is not None and word not in traits:
                raise SimulationError(
                    f"{asked} of a person without the trait {word!r}", do=f"ask for the trait {word!r}"
                )
