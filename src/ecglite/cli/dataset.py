"""`ecglite dataset check`: a database looked through before a model is made from it."""

from __future__ import annotations

import dataclasses
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ecglite.cli.lab import data_option, require_lab
from ecglite.cli.progress import Progress

if TYPE_CHECKING:
    from ecglite.lab.checked import Check

_WIDTH: Final = 100
_FIRST: Final = 5  # of a long list, how many the text names


@click.group("dataset")
def dataset() -> None:
    """The databases that models are made from and tested on."""


@dataset.command("check")
@click.argument("folder", metavar="DIR")
@click.option(
    "--database", metavar="NAME", help="Which database it is, where the layout does not tell, or tells of several."
)
@data_option
@click.option("--json", "as_json", is_flag=True, help="Everything, with all record ids, as one JSON object.")
def check(folder: str, database: str | None, data: Path | None, as_json: bool) -> None:
    """Look a database through: counts, labels, leads, duplicates, patients, durations.

    DIR is a folder in the layout of a database, or the name of a database (docs/databases.md), looked for below
    --data. Recordings are read once, and kept in the cache that training reads.

    Exit code 0 where nothing is wrong; 1 where a recording cannot be read, a patient is in several of the publisher's
    folds, or the counts of a whole database are not the published ones; 2 on bad input. Duplicates, empty leads, and
    labels that contradict the measured heart rate are reported and change no exit code.
    """
    require_lab()
    from ecglite.lab import checking

    which, root = checking.located(folder, database, data)
    found = checking.check(which, root, Progress())
    click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, allow_nan=False) if as_json else _text(found))
    sys.exit(1 if found.problems else 0)


def _text(found: Check) -> str:
    parts = [
        [*_head(found), found.folder],
        _records(found),
        _words(found),
        _labels(found),
        _rates(found),
        _empty_leads(found),
        _duplicates(found),
        _patients(found),
        _durations(found),
        ["prepared samples", f"  fingerprint  {found.fingerprint}", f"  sha256       {found.sha256}"],
        [f"wrong: {problem}" for problem in found.problems] or ["nothing is wrong"],
    ]
    return "\n\n".join("\n".join(map(_printable, part)) for part in parts)


def _head(found: Check) -> list[str]:
    line = f"{found.title} ({found.database}), {found.licence}, https://doi.org/{found.doi}"
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _records(found: Check) -> list[str]:
    records = found.records
    rows = [("here", _n(records.here)), ("published", _n(records.published))]
    if records.stretches is not None:
        rows.append(("stretches of those here", _n(records.stretches)))
    lines = ["recordings", *_table((), rows)]
    if not records.whole:
        lines += _wrapped(
            "only a part of the database is here, so that counts are not compared with the published ones"
        )
    if records.absent:
        lines += _wrapped(f"listed without a file here: {_n(records.absent)}")
    lines += _wrapped(f"not readable: {_n(len(found.unreadable))}")
    for one in found.unreadable[:_FIRST]:
        lines += _wrapped(f"{one.record_id}: {one.reason}", deeper=True)
    return lines + _more(len(found.unreadable))


def _words(found: Check) -> list[str]:
    rows = [
        (
            word.word,
            word.rhythm or "-",
            "-" if word.published is None else _n(word.published),
            _n(word.here),
            *(["differs"] if word.differs else []),
        )
        for word in found.words
    ]
    return ["words of the publisher", *_table(("word", "rhythm", "published", "here"), rows)]


def _labels(found: Check) -> list[str]:
    from ecglite.edge.rhythms import RHYTHMS

    labels = found.labels
    unlabelled = _n(labels.unlabelled)
    if labels.by_rate is None:
        rows = [(name, RHYTHMS[name].name, _n(n)) for name, n in labels.by_words.items()]
        lines = _table(("rhythm", "", "here"), [*rows, ("-", "no label", unlabelled)])
    else:
        by_rate = labels.by_rate
        rows_of_both = [(name, RHYTHMS[name].name, _n(n), _n(by_rate[name])) for name, n in labels.by_words.items()]
        lines = _table(
            ("rhythm", "", "by words", "by rate"), [*rows_of_both, ("-", "no label", unlabelled, unlabelled)]
        )
        lines += _wrapped(f"by rate: sinus labels follow the measured heart rate, which changes {_n(labels.rewritten)}")
    return [f"labels of the readable {_plural(found)}", *lines, *_wrapped(f"no label: {found.unmapped}")]


def _rates(found: Check) -> list[str]:
    from ecglite.lab.checking import RATE_LIMITS_BPM, TOLERANCE_BPM

    rows = []
    for one in found.conflicts:
        if one.records:
            low, high = RATE_LIMITS_BPM[one.rhythm]
            allowed = (
                f"below {high:g}" if low == 0 else f"above {low:g}" if high == float("inf") else f"{low:g}-{high:g}"
            )
            share = "-" if one.share is None else f"{100 * one.share:.1f} %"
            ids = textwrap.shorten(", ".join(one.record_ids[:_WIDTH]), 45, placeholder=" ...")
            rows.append((one.rhythm, allowed, _n(one.records), _n(one.no_rate), _n(one.conflicts), share, ids))
    lines = _table(("label", "per minute", "here", "no rate", "against", "share", "which"), rows, left=(0, 6))
    lines = lines if rows else _wrapped("no label that the rate could contradict")
    return [f"labels by words against the measured heart rate, off by {TOLERANCE_BPM:g} or more", *lines]


def _empty_leads(found: Check) -> list[str]:
    empty = found.empty_leads
    if not empty.records:
        return ["missing or flat leads: none"]
    readable = sum(found.labels.by_words.values()) + found.labels.unlabelled
    in_all = [lead for lead, n in empty.leads.items() if n == readable > 1]
    lines = [f"missing or flat leads: {_n(empty.records)} {_singular(found) if empty.records == 1 else _plural(found)}"]
    lines += _wrapped(f"{', '.join(in_all)} in all") if in_all else []
    if some := [f"{lead} in {_n(n)}" for lead, n in empty.leads.items() if lead not in in_all]:
        lines += _wrapped(", ".join(some))
    if not in_all:
        lines += _wrapped(
            f"a preparation that wants all twelve leads would drop {_n(empty.records)}, "
            f"{_n(empty.labelled)} of them with a label"
        )
        lines += _wrapped(f"{_plural(found)}: {_some(empty.record_ids)}")
    return lines


def _duplicates(found: Check) -> list[str]:
    twins = found.duplicates
    if not twins.groups:
        return [f"bit-identical {_plural(found)}: none"]
    groups = f"{_n(twins.groups)} group{'' if twins.groups == 1 else 's'}"
    lines = [f"bit-identical {_plural(found)}: {_n(twins.records)} in {groups}"]
    rows = [("groups with other words", _n(twins.other_words)), ("groups with other labels", _n(twins.other_labels))]
    rows += [("groups across patients", "not known" if twins.across_patients is None else _n(twins.across_patients))]
    rows += [("groups across folds", "no folds" if twins.across_folds is None else _n(twins.across_folds))]
    lines += _table((), rows)
    for group in twins.found[:_FIRST]:
        each = zip(group.record_ids, group.labels, group.folds, strict=True)
        named = (
            f"{name} ({label or 'no label'}{'' if fold is None else f', fold {fold}'})" for name, label, fold in each
        )
        lines += _wrapped(" = ".join(named), deeper=True)
    return lines + _more(len(twins.found))


def _patients(found: Check) -> list[str]:
    patients = found.patients
    lines = ["patients", *_wrapped(patients.statement)]
    if patients.patients is None:
        return lines
    rows = [
        ("patients", _n(patients.patients)),
        (f"{_plural(found)} of each", f"{patients.least} to {patients.most}, median {patients.median:g}"),
        ("with more than one", _n(patients.with_several or 0)),
    ]
    if patients.across_folds is not None:
        named = f": {_some(patients.across_folds)}" if patients.across_folds else ""
        rows.append(("in several folds", f"{_n(len(patients.across_folds))}{named}"))
    return lines + _table((), rows)


def _durations(found: Check) -> list[str]:
    seconds = found.durations
    if seconds.least is None or seconds.median is None or seconds.most is None:
        return [f"durations: no {_singular(found)} is readable"]
    spread = f"{seconds.least:g} to {seconds.most:g} s, median {seconds.median:g} s"
    return [
        "durations",
        *_wrapped(f"all {seconds.least:g} s" if seconds.least == seconds.most else spread),
        *_wrapped(f"under ten seconds, which training pads: {_n(seconds.short)}"),
    ]


def _printable(line: str) -> str:
    """A file's name, and so a record's, may hold characters that a terminal obeys."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _n(count: int) -> str:
    return f"{count:,}"


def _singular(found: Check) -> str:
    """What is read and counted: whole recordings, or stretches of them."""
    return "recording" if found.records.stretches is None else "stretch"


def _plural(found: Check) -> str:
    return "recordings" if found.records.stretches is None else "stretches"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _FIRST
    return ", ".join(names[:_FIRST]) + (f" and {_n(rest)} more" if rest > 0 else "")


def _more(count: int) -> list[str]:
    return [f"    and {_n(count - _FIRST)} more (all with --json)"] if count > _FIRST else []


def _wrapped(text: str, *, deeper: bool = False) -> list[str]:
    """Lines of at most `_WIDTH`, set in by two or four; a long path stays whole."""
    indent = "    " if deeper else "  "
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = (0, 1)) -> list[str]:
    """Aligned columns: those in `left` and words to the left, numbers to the right."""
    every = [*([header] if header else []), *rows]
    n_columns = max(map(len, every), default=0)
    widths = [max((len(row[k]) for row in every if k < len(row)), default=0) for k in range(n_columns)]

    def line(row: Sequence[str]) -> str:
        cells = (
            cell.ljust(w) if k in left else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=False))
        )
        return f"  {'  '.join(cells)}".rstrip()

    return [line(row) for row in every]
