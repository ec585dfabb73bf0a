"""A database on disk against what its publisher states, against itself, and against the measured heart rate."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecglite.edge.errors import DatasetError
from ecglite.edge.record import LEADS
from ecglite.edge.rhythms import RHYTHMS
from ecglite.edge.windows import WINDOW_S
from ecglite.lab import datasets
from ecglite.lab.checked import (
    Check,
    Conflict,
    Duplicates,
    Durations,
    EmptyLeads,
    Labels,
    Patients,
    Records,
    Twins,
    Unreadable,
    Word,
)
from ecglite.lab.datasets import Dataset, Entry
from ecglite.lab.labels import BRADYCARDIA_BELOW, TACHYCARDIA_ABOVE
from ecglite.lab.prepare import Prepared, Progress, prepare

TOLERANCE_BPM: Final = 5.0
"""A rate contradicts a label where it misses the label's limits by this much or more: a detector rounds, too."""

RATE_LIMITS_BPM: Final[Mapping[str, tuple[float, float]]] = {
    "SB": (0.0, BRADYCARDIA_BELOW),
    "SR": (BRADYCARDIA_BELOW, TACHYCARDIA_ABOVE),
    "ST": (TACHYCARDIA_ABOVE, float("inf")),
} | {rhythm: (TACHYCARDIA_ABOVE, float("inf")) for rhythm in ("SVT", "AT", "AVNRT", "AVRT")}
"""The lowest and highest rate that a label allows, per minute; of other rhythms the rate says nothing."""


def located(name_or_folder: str, database: str | None, data: Path | None) -> tuple[Dataset, Path]:
    """The database to check and its folder.

    Args:
        name_or_folder: a name of `datasets.DATASETS`, or a folder.
        database: which one it is, where the layout does not tell, or tells of several.
        data: see `datasets.root_of`.

    Raises:
        DatasetError: it is neither, it is not the database named, or it holds several databases.
    """
    wanted = None if database is None else datasets.dataset(database)
    folder = Path(name_or_folder)
    everyone = datasets.DATASETS.values()
    if name_or_folder in datasets.DATASETS or not folder.is_dir():
        which, folder = datasets.found(name_or_folder, data)
        candidates = [which, *(d for d in everyone if d.folder == which.folder and d is not which)]
    else:
        _refuse_several(folder)
        # the same files may make two databases: PTB-XL's layout holds both of its sampling rates;
        # unless one is named, the first that is there is taken
        here = {d.folder for d in everyone if d.is_here(folder)}
        candidates = sorted((d for d in everyone if d.folder in here), key=lambda d: not d.is_here(folder))
    if wanted is not None and (wanted in candidates or not candidates):
        return wanted, folder
    if wanted is not None:
        raise DatasetError(
            f"{folder} has not the layout of {wanted.name}", allowed=" or ".join(d.name for d in candidates)
        )
    if not candidates:
        raise DatasetError(
            f"{folder} has the layout of no database that is known",
            allowed=", ".join(datasets.DATASETS),
            do="give the folder that the publisher's archive unpacks to, or say which it is with --database",
        )
    return candidates[0], folder


def _refuse_several(folder: Path) -> None:
    """One database's index would take in the recordings of its neighbours, too."""
    below = {
        child.name: which.name
        for child in sorted(folder.glob("*"))
        if child.is_dir()
        for which in datasets.DATASETS.values()
        if which.is_here(child)
    }
    if len(set(below.values())) > 1:
        raise DatasetError(
            f"{folder} holds several databases", allowed=f"one of its folders {', '.join(below)}", do="check each"
        )


def check(which: Dataset, root: Path, progress: Progress) -> Check:
    """Look a database through, preparing it for training where that is not done yet.

    Args:
        which: the database.
        root: its folder.
        progress: see `prepare.Progress`.

    Raises:
        DatasetError: the folder is not what the publisher describes, holds no recording, or two of one name.
    """
    listed = which.index(root)
    here = [entry for entry in listed if entry.path.exists()]
    _refuse_unusable(which, root, listed, here)
    prepared = prepare(which, root, progress)
    records = _records(which, listed, here)
    words = _words(which, here, records.whole)
    there = {entry.record_id for entry in here}
    unreadable = tuple(Unreadable(name, reason) for name, reason in prepared.failed if name in there)
    patients = _patients(which, here)
    return Check(
        database=which.name,
        title=which.title,
        doi=which.doi,
        licence=which.licence,
        folder=str(root),
        records=records,
        words=words,
        labels=_labels(which, prepared),
        unmapped=which.unmapped,
        unreadable=unreadable,
        empty_leads=_empty_leads(prepared),
        duplicates=_duplicates(prepared),
        conflicts=_conflicts(which, prepared),
        patients=patients,
        durations=_durations(prepared),
        fingerprint=prepared.fingerprint,
        sha256=prepared.sha256,
        problems=tuple(_problems(records, words, unreadable, patients)),
    )


def _refuse_unusable(which: Dataset, root: Path, listed: Sequence[Entry], here: Sequence[Entry]) -> None:
    if not here:
        raise DatasetError(
            f"{root} holds no recording of {which.title}" + (f" of {len(listed):,} listed" if listed else ""),
            do=f"unpack it there ({which.doi})",
        )
    if not which.is_here(root) and not any(entry.words for entry in here):
        raise DatasetError(
            f"none of the {len(here):,} recordings in {root} carries a word or code", do=f"is it {which.title}?"
        )
    paths: dict[str, Path] = {}
    for entry in listed:
        other = paths.setdefault(entry.record_id, entry.path)
        if other != entry.path:
            raise DatasetError(
                f"{root} holds {entry.record_id} twice, as {other} and {entry.path}",
                allowed="one recording of each name",
                do="take one of them out",
            )


def _records(which: Dataset, listed: Sequence[Entry], here: Sequence[Entry]) -> Records:
    """Counted by file, as the publisher counts: an index may give several stretches of one."""
    n_listed, n_here = len({entry.path for entry in listed}), len({entry.path for entry in here})
    cut = any(entry.duration_s for entry in here)
    return Records(n_here, which.n_records, n_listed - n_here, n_here >= which.n_records, len(here) if cut else None)


def _words(which: Dataset, here: Iterable[Entry], whole: bool) -> tuple[Word, ...]:
    counts = Counter(word for entry in here for word in set(entry.words))
    known = [*which.published, *(word for word in which.label_map if word in counts and word not in which.published)]

    def row(word: str) -> Word:
        published, found = which.published.get(word), counts[word]
        differs = whole and published is not None and published != found
        return Word(word, which.label_map.get(word), published, found, differs)

    return tuple(map(row, known))


def _labels(which: Dataset, prepared: Prepared) -> Labels:
    before = [entry.rhythm or "" for entry in prepared.entries]
    return Labels(
        by_words=_by_rhythm(before),
        by_rate=_by_rhythm(prepared.rhythms) if which.sinus_by_rate else None,
        rewritten=sum(a != b for a, b in zip(before, prepared.rhythms, strict=True)),
        unlabelled=before.count(""),
    )


def _by_rhythm(rhythms: Iterable[str]) -> dict[str, int]:
    counts = Counter(rhythms)
    return {rhythm: counts[rhythm] for rhythm in RHYTHMS}


def _empty_leads(prepared: Prepared) -> EmptyLeads:
    empty = {name: facts.empty_leads for name, facts in zip(prepared.record_ids, prepared.facts, strict=True)}
    names = tuple(name for name, leads in empty.items() if leads)
    counts = Counter(lead for leads in empty.values() for lead in leads)
    labelled = {name for name, rhythm in zip(prepared.record_ids, prepared.rhythms, strict=True) if rhythm}
    return EmptyLeads(
        len(names), len(labelled & set(names)), {lead: counts[lead] for lead in LEADS if counts[lead]}, names
    )


def _duplicates(prepared: Prepared) -> Duplicates:
    by_digest: dict[str, list[int]] = defaultdict(list)
    for k, facts in enumerate(prepared.facts):
        by_digest[facts.digest].append(k)

    def twins(which: Sequence[int]) -> Twins:
        entries = [prepared.entries[k] for k in which]
        return Twins(
            record_ids=tuple(entry.record_id for entry in entries),
            words=tuple(entry.words for entry in entries),
            labels=tuple(prepared.rhythms[k] or None for k in which),
            patients=tuple(entry.patient_id for entry in entries),
            folds=tuple(entry.fold for entry in entries),
        )

    found = tuple(twins(group) for group in by_digest.values() if len(group) > 1)
    patients_known = any(entry.patient_id is not None for entry in prepared.entries)
    folds_known = any(entry.fold is not None for entry in prepared.entries)
    return Duplicates(
        groups=len(found),
        records=sum(len(group.record_ids) for group in found),
        other_words=sum(len(set(map(frozenset, group.words))) > 1 for group in found),
        other_labels=sum(_several(group.labels) for group in found),
        across_patients=sum(_several(group.patients) for group in found) if patients_known else None,
        across_folds=sum(_several(group.folds) for group in found) if folds_known else None,
        found=found,
    )


def _several(values: Collection[object]) -> bool:
    return len(set(values)) > 1


def _conflicts(which: Dataset, prepared: Prepared) -> tuple[Conflict, ...]:
    found = []
    for rhythm, (low, high) in RATE_LIMITS_BPM.items():
        rates = {
            entry.record_id: facts.rate_bpm
            for entry, facts in zip(prepared.entries, prepared.facts, strict=True)
            if entry.rhythm == rhythm and not which.any_rate.intersection(entry.words)
        }
        without = tuple(name for name, rate in rates.items() if np.isnan(rate))
        against = tuple(
            name for name, rate in rates.items() if rate <= low - TOLERANCE_BPM or rate >= high + TOLERANCE_BPM
        )
        measured = len(rates) - len(without)
        share = len(against) / measured if measured else None
        found.append(Conflict(rhythm, len(rates), len(without), len(against), share, against, without))
    return tuple(found)


def _patients(which: Dataset, here: Iterable[Entry]) -> Patients:
    records: Counter[str] = Counter()
    folds: dict[str, set[int]] = defaultdict(set)
    for entry in here:
        if entry.patient_id is not None:
            records[entry.patient_id] += 1
            if entry.fold is not None:
                folds[entry.patient_id].add(entry.fold)
    if not records:
        return Patients(which.patients, None, None, None, None, None, None)
    each = list(records.values())
    return Patients(
        statement=which.patients,
        patients=len(each),
        least=min(each),
        median=float(np.median(each)),
        most=max(each),
        with_several=sum(n > 1 for n in each),
        across_folds=tuple(name for name in records if len(folds[name]) > 1) if folds else None,
    )


def _durations(prepared: Prepared) -> Durations:
    seconds = [facts.duration_s for facts in prepared.facts]
    if not seconds:
        return Durations(None, None, None, 0)
    return Durations(min(seconds), float(np.median(seconds)), max(seconds), sum(s < WINDOW_S for s in seconds))


def _problems(
    records: Records, words: Iterable[Word], unreadable: Collection[Unreadable], patients: Patients
) -> Iterable[str]:
    if unreadable:
        yield f"{_n(len(unreadable), 'recording' if records.stretches is None else 'stretch')} cannot be read"
    if records.here > records.published:
        yield f"{records.here:,} recordings are here where {records.published:,} are published"
    if differing := [word.word for word in words if word.differs]:
        yield f"the counts of {', '.join(differing)} are not the published ones"
    if patients.across_folds:
        yield f"{_n(len(patients.across_folds), 'patient')} with recordings in several of the publisher's folds"


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 'es' if noun.endswith('ch') else 's'}"
