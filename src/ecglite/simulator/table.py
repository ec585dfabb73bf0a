"""Rows of Chapman's Diagnostics.xlsx for simulated recordings: what its machine and its readers would have noted."""

from __future__ import annotations

import math
from typing import Final

from ecglite.simulator.truth import Plan

COLUMNS: Final = (
    *("FileName", "Rhythm", "Beat", "PatientAge", "Gender", "VentricularRate", "AtrialRate", "QRSDuration"),
    *("QTInterval", "QTCorrected", "RAxis", "TAxis", "QRSCount", "QOnset", "QOffset", "TOffset"),
)
"""In the publisher's order."""

_CODES: Final = {
    "rbbb": "RBBB",
    "incomplete rbbb": "RBBB",
    "lbbb": "LBBB",
    "left anterior fascicular block": "LFBBB",
    "left posterior fascicular block": "LBBBB",
    "intraventricular delay": "IVB",
    "preexcitation": "VPE",
    "fragmented qrs": "FQRS",
    "lvh": "LVHV",
    "rvh": "RVH",
    "low voltage": "LVQRSAL",
    "low voltage limb": "LVQRSLL",
    "low voltage chest": "LVQRSCL",
    "prior anterior infarction": "MIFW",
    "prior inferior infarction": "MILW",
    "prior lateral infarction": "MISW",
    "clockwise rotation": "CR",
    "counterclockwise rotation": "CCR",
    "st depression": "STDD",
    "st elevation": "STTU",
    "early repolarisation": "ERV",
    "t inversion": "TWO",
    "t flat": "TWC",
    "u wave": "UW",
    "long qt": "QTIE",
    "right atrial enlargement": "RAH",
    "left atrial enlargement": "PWC",
    "first degree av block": "1AVB",
    "wenckebach": "2AVB1",
    "mobitz 2": "2AVB2",
    "pac": "APB",
    "atrial bigeminy": "ABI",
    "pvc": "VPB",
    "ventricular bigeminy": "VB",
    "ventricular trigeminy": "VET",
    "junctional beats": "JPT",
}
"""Traits as the column Beat has them. It has no code for a tall T and for a pacemaker."""

_Q_ONSET: Final = 219
"""Sample of the QRS onset in the machine's median beat at 500 Hz: the mean of the table."""


def row(plan: Plan, name: str) -> tuple[str | int, ...]:
    """One row, in the order of COLUMNS.

    Args:
        plan: of the recording.
        name: of its file, without the ending.
    """
    person = plan.person
    rate = plan.ventricular_rate_bpm
    rate = round(person.heart_rate_bpm if math.isnan(rate) else rate)
    same = plan.activity.flutter is None and plan.activity.fibrillation is None and plan.av_relation == "1:1"
    qrs, qt = (2 * round(seconds * 500) for seconds in (person.qrs_s, person.qt_s))
    codes = sorted({_CODES[trait] for trait in person.traits if trait in _CODES})
    if person.qrs_axis_deg < -30:
        codes.append("ALS")
    elif person.qrs_axis_deg > 90:
        codes.append("ARS")
    return (
        name,
        plan.rhythm,
        " ".join(codes) or "NONE",
        round(person.age_years),
        person.sex.upper(),
        rate,
        rate if same else round(plan.printed_atrial_rate_bpm),
        qrs,
        qt,
        round(qt * math.sqrt(rate / 60)),  # Bazett, as the table's own
        round(person.qrs_axis_deg),
        round(person.t_axis_deg),
        plan.inside.size,
        _Q_ONSET,
        _Q_ONSET + qrs // 2,
        _Q_ONSET + qt // 2,
    )
