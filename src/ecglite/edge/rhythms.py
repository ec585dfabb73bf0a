"""The eleven rhythms: abbreviation, full name, SNOMED CT code.

Abbreviations, grouping and order (by frequency) are those of Zheng et al., "A 12-lead electrocardiogram database
for arrhythmia research covering more than 10,000 patients", Scientific Data 7:48, 2020. Its table says SA
(sinus irregularity) where its text says SI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One rhythm: `abbreviation` as Chapman writes it, `name` in full, `snomed` the SNOMED CT code."""

    abbreviation: str
    name: str
    snomed: str


_ALL = (
    Rhythm("SB", "Sinus bradycardia", "426177001"),
    Rhythm("SR", "Sinus rhythm", "426783006"),
    Rhythm("AFIB", "Atrial fibrillation", "164889003"),
    Rhythm("ST", "Sinus tachycardia", "427084000"),
    Rhythm("SVT", "Supraventricular tachycardia", "426761007"),
    Rhythm("AF", "Atrial flutter", "164890007"),
    Rhythm("SA", "Sinus arrhythmia", "427393009"),
    Rhythm("AT", "Atrial tachycardia", "713422000"),
    Rhythm("AVNRT", "Atrioventricular node reentrant tachycardia", "233896004"),
    Rhythm("AVRT", "Atrioventricular reentrant tachycardia", "233897008"),
    Rhythm("SAAWR", "Sinus atrium to atrial wandering rhythm", "195101003"),
)

RHYTHMS: Final[dict[str, Rhythm]] = {rhythm.abbreviation: rhythm for rhythm in _ALL}
"""The eleven, by abbreviation, most frequent first."""
