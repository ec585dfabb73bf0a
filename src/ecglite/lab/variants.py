"""The same recordings once more, changed as devices change them: a gain that is wrong, leads that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ecglite.edge.errors import LabError, LeadError
from ecglite.edge.record import LEADS, Record
from ecglite.lab import evaluation, parts
from ecglite.lab.evaluation import ENOUGH, OTHER, Figure, Predictions

GAINS: Final = (0.001, 1000.0)
"""The factors that are tried at most: from nanovolts taken for microvolts to the reverse."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A change to a recording between its file and the data's path.

    Attributes:
        gain: every lead is multiplied by it; -1 beside `leads` is those leads upside down, as a handheld gives them
            that is held the other way round.
        leads: the only ones that are left, in standard names; empty for all.

    Raises:
        LabError: the gain is no number within `GAINS`.
        LeadError: a lead is not one of the twelve, or comes twice.
    """

    gain: float = 1.0
    leads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        low, high = GAINS
        if not (low <= self.gain <= high or (self.leads and self.gain == -1)):  # also refuses NaN
            raise LabError(f"a gain of {self.gain:g}", allowed=f"a factor from {low:g} to {high:g}")
        for lead in self.leads:
            if lead not in LEADS:
                raise LeadError(f"unknown lead {lead[:40]!r}", allowed=", ".join(LEADS))
            if self.leads.count(lead) > 1:
                raise LeadError(f"lead {lead} comes twice", allowed="each lead once")

    @property
    def name(self) -> str:
        """As the command line takes it: "0.5", "I,II", or "-I" for lead I upside down."""
        return ("-" if self.gain < 0 else "") + ",".join(self.leads) if self.leads else f"{self.gain:g}"

    def of(self, record: Record) -> Record:
        """The recording as a device would have written it that has this gain, or these leads only.

        Raises:
            LeadError: the recording has not all of the leads.
        """
        if self.leads:
            absent = [lead for lead in self.leads if lead not in record.leads]
            if absent:
                raise LeadError(
                    f"{record.path or 'a recording'} has no lead {' and no lead '.join(absent)}",
                    allowed=f"leads that every recording has; this one has {', '.join(record.leads)}",
                )
            columns = [record.leads.index(lead) for lead in self.leads]
            record = replace(record, signal_mv=record.signal_mv[:, columns], leads=self.leads)
        if self.gain == 1.0:
            return record
        with np.errstate(over="ignore"):  # a Record takes what is infinite as missing
            return replace(record, signal_mv=record.signal_mv * np.float32(self.gain))


AS_RECORDED: Final = Variant()


@dataclass(frozen=True, slots=True)
class Varied:
    """What a bundle said of a database's recordings once more, changed.

    Attributes:
        labelled: of the labelled recordings, in the order of those as recorded.
        again: of all that were classified as recorded, labelled or not; its truth is what they were named then.
        abstained_before: [n], of the same, whether the bundle abstained on them as recorded.
    """

    labelled: Predictions
    again: Predictions
    abstained_before: npt.NDArray[np.bool_]

    @classmethod
    def together(cls, some: Sequence[Varied], names: Sequence[str]) -> Varied:
        """The same change to the recordings of several databases; see `parts.together`."""
        return cls(
            parts.together([v.labelled for v in some], names),
            parts.together([v.again for v in some], names),
            np.concatenate([v.abstained_before for v in some]),
        )


def gain_figures(varied: Varied) -> Figure:
    """What a gain changes.

    Returns:
        Of the n recordings that were classified as recorded, labelled or not: the share whose named rhythm is
        `unchanged`, an abstention by its guess, with Wilson's interval; how many were then `not_classified`, and on how
        many the bundle `abstained`, beside how many before; the same share of those `answered` both times. And of the
        labelled recordings the accuracy and balanced accuracy.
    """
    p, before = varied.again, varied.abstained_before
    same = np.array([t == name for t, name in zip(p.truth, p.named, strict=True)], np.bool_)
    refused = np.array([name == OTHER for name in p.named], np.bool_)
    answered = ~p.abstained & ~before
    groups = np.array(p.groups)
    labelled = parts.summary(varied.labelled)
    return {
        "n": len(same),
        "unchanged": evaluation.share(same, p.groups) if len(same) else None,
        "not_classified": int(refused.sum()),
        "abstained": int((p.abstained & ~refused).sum()),
        "abstained_as_recorded": int(before.sum()),
        "answered": {
            "n": int(answered.sum()),
            "unchanged": evaluation.share(same[answered], groups[answered].tolist()) if answered.any() else None,
        },
        "accuracy": labelled["accuracy"],
        f"balanced_accuracy_n{ENOUGH}": labelled[f"balanced_accuracy_n{ENOUGH}"],
    }


def leads_figures(varied: Varied, twelve: Predictions) -> Figure:
    """What is lost where leads are not there.

    Args:
        varied: the recordings with some of their leads.
        twelve: the same with all, the labelled ones.

    Returns:
        The figures of `parts.summary`, and the `difference` to all leads, paired.
    """
    lost = evaluation.gains([varied.labelled], [twelve])
    changed = sum(a != b for a, b in zip(varied.labelled.named, twelve.named, strict=True))
    of = ("accuracy", f"balanced_accuracy_n{ENOUGH}")
    return parts.summary(varied.labelled) | {
        "difference": {name: lost[name] for name in of} | {"names_changed": changed}
    }
