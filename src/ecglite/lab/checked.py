"""What a look through a database has found: the parts of a `Check`, each counted in `checking`.

Where the publisher's recordings are long and cut into stretches, as those of MIT-BIH, the recordings that are counted
below are stretches, but for `Records`, which counts both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Records:
    """How many recordings there are, as the publisher counts them: by file.

    Attributes:
        here: whose file is in the folder.
        published: what the publisher states for the whole database.
        absent: that the publisher's table lists, without a file in the folder.
        whole: at least as many are here as are published.
        stretches: how many stretches of those that are here are read; None where a recording is read as one.
    """

    here: int
    published: int
    absent: int
    whole: bool
    stretches: int | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One word or code of the publisher.

    Attributes:
        word: as it stands there.
        rhythm: what it maps to; None for none of the eleven.
        published: on how many recordings the publisher states it; None where it does not count it.
        here: on how many recordings it stands here.
        differs: the two counts are not the same, although the database is whole.
    """

    word: str
    rhythm: str | None
    published: int | None
    here: int
    differs: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """The readable recordings by rhythm.

    Attributes:
        by_words: of each of the eleven, by the label map.
        by_rate: the same after the sinus-rate rule; None where the database asks for none.
        rewritten: how many labels the rule changed.
        unlabelled: how many have no word that maps.
    """

    by_words: Mapping[str, int]
    by_rate: Mapping[str, int] | None
    rewritten: int
    unlabelled: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A recording that could not be read, and why."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class EmptyLeads:
    """Readable recordings with a lead that is missing or flat: a preparation that wants all twelve drops them.

    Attributes:
        records: how many.
        labelled: how many of them have a label, and so would be missing from a training.
        leads: lead -> in how many recordings it is empty.
        record_ids: theirs.
    """

    records: int
    labelled: int
    leads: Mapping[str, int]
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """Recordings that are the same to the last bit.

    Attributes:
        record_ids: theirs.
        words: of each, as the publisher has them.
        labels: of each, as training has them; None for no label.
        patients: of each; None where the publisher names none.
        folds: of each; None where the publisher has none.
    """

    record_ids: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    labels: tuple[str | None, ...]
    patients: tuple[str | None, ...]
    folds: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of bit-identical recordings.

    Attributes:
        groups: how many.
        records: in all of them together.
        other_words: groups whose recordings carry different words of the publisher.
        other_labels: groups whose recordings carry different labels in training.
        across_patients: groups over several patients; None where the publisher names none.
        across_folds: groups over several of the publisher's folds; None where there are none.
        found: the groups.
    """

    groups: int
    records: int
    other_words: int
    other_labels: int
    across_patients: int | None
    across_folds: int | None
    found: tuple[Twins, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Labels of one rhythm, by the database's own words, beside the measured heart rate.

    Attributes:
        rhythm: one of `RATE_LIMITS_BPM`.
        records: readable ones with this label.
        no_rate: those of them in which too few beats were found.
        conflicts: those whose rate misses the limits of the label by `TOLERANCE_BPM` or more.
        share: conflicts of those with a rate; None where none has one.
        record_ids: of the conflicts.
        no_rate_ids: of those without a rate.
    """

    rhythm: str
    records: int
    no_rate: int
    conflicts: int
    share: float | None
    record_ids: tuple[str, ...]
    no_rate_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patients:
    """Whose the recordings are.

    Attributes:
        statement: the publisher's, in a sentence.
        patients: how many; None where no recording names its patient, and so for what follows.
        least, median, most: recordings of a patient.
        with_several: patients with more than one recording.
        across_folds: patients in more than one of the publisher's folds; None where it has no folds.
    """

    statement: str
    patients: int | None
    least: int | None
    median: float | None
    most: int | None
    with_several: int | None
    across_folds: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the readable recordings are, seconds; None where there is none.

    Attributes:
        least, median, most: of all.
        short: how many are under ten seconds, which training pads.
    """

    least: float | None
    median: float | None
    most: float | None
    short: int


@dataclass(frozen=True, slots=True)
class Check:
    """All that was found.

    Attributes:
        database, title, doi, licence: which one, and the publisher's.
        folder: where it lies.
        records, words, labels, unmapped, unreadable, empty_leads, duplicates, conflicts, patients, durations: see
            their classes; `unmapped` is the rule for words that give no label.
        fingerprint, sha256: of the prepared samples.
        problems: what is wrong, in sentences; empty where nothing is.
    """

    database: str
    title: str
    doi: str
    licence: str
    folder: str
    records: Records
    words: tuple[Word, ...]
    labels: Labels
    unmapped: str
    unreadable: tuple[Unreadable, ...]
    empty_leads: EmptyLeads
    duplicates: Duplicates
    conflicts: tuple[Conflict, ...]
    patients: Patients
    durations: Durations
    fingerprint: str
    sha256: str
    problems: tuple[str, ...]
