"""What a request is made of: an argument of a wrong type is refused in a sentence, as a wrong value is."""

from __future__ import annotations

import numbers
from collections.abc import Collection
from typing import Any

from ecglite.edge.errors import SimulationError


def number(name: str, value: Any) -> None:
    """Refuses what is no real number; infinity and NaN are left to whoever knows the limits.

    Raises:
        SimulationError: as said.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise SimulationError(f"{name} {value!r}", allowed="a number")


def whole(name: str, value: Any) -> None:
    """Refuses what is no whole number.

    Raises:
        SimulationError: as said.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise SimulationError(f"{name} {value!r}", allowed="a whole number")


def text(name: str, value: Any) -> None:
    """Refuses what is no str.

    Raises:
        SimulationError: as said.
    """
    if not isinstance(value, str):
        raise SimulationError(f"{name} {value!r}", allowed="a str")


def words(name: str, value: Any) -> None:
    """Refuses what is no collection of str; a single str is none.

    Raises:
        SimulationError: as said.
    """
    several = isinstance(value, Collection) and not isinstance(value, str | bytes)
    if not several or not all(isinstance(word, str) for word in value):
        raise SimulationError(f"{name} {value!r}", allowed='a tuple, list or set of str, such as ("rbbb",)')


def one(name: str, value: Any, kind: type) -> None:
    """Refuses what is not of a class.

    Raises:
        SimulationError: as said.
    """
    if not isinstance(value, kind):
        raise SimulationError(f"{name} {value!r}", allowed=f"a {kind.__name__}")
