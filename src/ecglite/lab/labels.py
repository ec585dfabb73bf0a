"""From a database's words to the eleven rhythms, and the sinus-rate rule.

The databases do not mean the same by their sinus labels. Chapman's follow the rate (SB below 60/min, ST above 100);
of PTB-XL's records of plain sinus rhythm one in six beats below 60. `by_rate` brings the latter to the former.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ecglite.edge.rhythms import RHYTHMS

BRADYCARDIA_BELOW: Final = 60.0
TACHYCARDIA_ABOVE: Final = 100.0
SINUS: Final = frozenset({"SB", "SR", "ST", "SA"})

# Where a record carries several rhythms the first of these that it has is its label: what is rarer and graver first,
# and of the sinus rhythms the ones that the rate defines before sinus arrhythmia.
PRIORITY: Final = ("AFIB", "AF", "AVNRT", "AVRT", "AT", "SVT", "SAAWR", "ST", "SB", "SA", "SR")


STATEMENTS: Final = {
    "AFIB": "atrial fibrillation",
    "AFLT": "atrial flutter",
    "BIGU": "bigeminal pattern",
    "PACE": "artificial pacemaker",
    "PSVT": "paroxysmal supraventricular tachycardia",
    "SARRH": "sinus arrhythmia",
    "SBRAD": "sinus bradycardia",
    "SR": "sinus rhythm",
    "STACH": "sinus tachycardia",
    "SVARR": "supraventricular arrhythmia",
    "SVTAC": "supraventricular tachycardia",
    "TRIGU": "trigeminal pattern",
}
"""PTB-XL's rhythm statements, in the order of the alphabet; a record may have several."""

Asked = tuple[str, tuple[str, ...], dict[str, float]]

SIMULATED: Final[dict[str, tuple[Asked, ...]]] = {
    "AFIB": (("AFIB", (), {"AFIB": 1.0}),),
    "AFLT": (("AF", (), {"AFLT": 1.0, "AFIB": 0.2}),),
    "BIGU": (
        ("SR", ("ventricular bigeminy",), {"BIGU": 1.0, "SR": 0.5}),
        ("SR", ("atrial bigeminy",), {"BIGU": 1.0, "SR": 0.5}),
    ),
    "PACE": (("SR", ("paced",), {"PACE": 1.0}),),
    "PSVT": (("AVNRT", (), {"PSVT": 0.7, "SVTAC": 0.5}), ("AVRT", (), {"PSVT": 0.7, "SVTAC": 0.5})),
    "SR": (("SR", (), {"SR": 1.0}),),
    "SVTAC": (("SVT", (), {"PSVT": 0.5, "SVTAC": 0.7}),),
    "TRIGU": (("SR", ("ventricular trigeminy",), {"TRIGU": 1.0, "SR": 0.6}),),
}
"""What is simulated for a statement, in turn: a rhythm, its traits, and how likely PTB-XL's readers are to make each
statement of it. The shares below one follow how often two statements stand together in folds 1 to 8: SR beside BIGU in
47 %, SR beside TRIGU in 62 %, AFIB beside AFLT in 22 %, SVTAC beside PSVT in 42 %. SBRAD, STACH, SARRH and SVARR are
absent: of sinus rhythms below 60/min a fifth is called SBRAD there, and simulating the rule would teach other words."""

VOCABULARIES: Final[dict[str, Collection[str]]] = {"rhythm": tuple(RHYTHMS), "ptb-xl-rhythm": tuple(STATEMENTS)}
"""What a model may name: one of the eleven rhythms, or each of PTB-XL's statements on its own."""


def rhythm_of(codes: Collection[str], label_map: Mapping[str, str]) -> str | None:
    """The one rhythm of a record's codes, or None where none of them is a rhythm of the eleven."""
    rhythms = {label_map[code] for code in codes if code in label_map}
    return next((rhythm for rhythm in PRIORITY if rhythm in rhythms), None)


def by_rate(rhythm: str, rate_bpm: float | None, *, irregular: bool) -> str:
    """A sinus label rewritten by the measured rate; any other label, or one without a rate, as it is.

    Args:
        rhythm: one of the eleven.
        rate_bpm: beats per minute, from a QRS detector; None where it found too few beats.
        irregular: the record's words name sinus arrhythmia; it stays SA between 60 and 100.
    """
    if rhythm not in SINUS or rate_bpm is None:
        return rhythm
    if rate_bpm < BRADYCARDIA_BELOW:
        return "SB"
    if rate_bpm > TACHYCARDIA_ABOVE:
        return "ST"
    return "SA" if irregular else "SR"
