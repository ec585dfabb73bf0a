"""The HTML page, parsed by the standard library's HTML parser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from ecglite.edge.decision import Finding, WindowFinding
from ecglite.edge.quality import Quality
from ecglite.edge.record import Patient, Record
from ecglite.edge.report import Entry, html
from ecglite.simulator import simulate

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;.csv"
VOID = {"meta", "br", "img", "link", "input", "hr"}


def quality(note: str = "V3 is noisy") -> Quality:
    return Quality("poor", (), (note,))


def window(start_s: float, rhythm: str, probability: float) -> WindowFinding:
    return WindowFinding(start_s, rhythm, probability, None)


def finding(**changes: Any) -> Finding:
    usual = Finding(
        rhythm="AFIB",
        name="Atrial fibrillation",
        probability=0.934,
        probabilities={"SR": 0.05, "AFIB": 0.934, "AF": 0.012, "SB": 0.004},
        alternatives=(("SR", 0.05),),
        heart_rate_bpm=97.4,
        abstained=False,
        reasons=(),
        quality=quality(),
        windows=(window(0, "AFIB", 0.934),),
        model="hand 1.0",
    )
    return replace(usual, **changes)


class Page(HTMLParser):
    """Tags, attributes and words; fails on a tag that is closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def record() -> Record:
    return simulate("AFIB", seed=1)


def test_one_recording(record: Record) -> None:
    known = Record(record.signal_mv, 500.0, record.leads, Patient(63.0, "female"), notes=("simulated",))
    page = Page(html([Entry("a.csv", known, finding())], title="My report", note="Simulated recordings."))
    for words in (
        "My report",
        "Simulated recordings.",
        "a.csv",
        "Atrial fibrillation",
        "93 %",
        "97/min",
        "hand 1.0",
    ):
        assert words in page.text
    for words in (
        "female, 63 years, 12 leads, 10 s at 500 Hz",
        "V3 is noisy",
        "simulated",
        "Not a medical device",
    ):
        assert words in page.text
    assert sum(tag == "svg" and attrs.get("class") == "ecg" for tag, attrs in page.tags) == 1


def test_summary_links_to_each_recording(record: Record) -> None:
    entries = [
        Entry("a", record, finding()),
        Entry("b", None, None, "empty file"),
        Entry("c", record, None),
    ]
    page = Page(html(entries, title="t"))
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert {"#r1", "#r2", "#r3"} <= set(links)
    assert {str(link).removeprefix("#") for link in links} <= ids
    assert "3 recordings, 1 failed" in page.text
    assert page.text.count("empty file") == 2


def test_bars_are_as_long_as_probabilities(record: Record) -> None:
    page = Page(html([Entry("a", record, finding())], title="t"))
    widths = [str(attrs["style"]) for tag, attrs in page.tags if tag == "span" and "style" in attrs]
    assert widths == ["width:93.4%"] * 2 + ["width:5.0%", "width:1.2%"]


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "> 99 %"), (0.9999, "> 99 %"), (0.99, "99 %"), (0.5, "50 %"), (0.001, "< 1 %"), (0.0, "< 1 %")],
)
def test_certainty_is_not_rounded_up(share: float, words: str, record: Record) -> None:
    page = Page(html([Entry("a", record, finding(probability=share, probabilities={}))], title="t"))
    assert page.text.count(f" {words}") >= 2


def test_abstention_says_why(record: Record) -> None:
    doubtful = finding(abstained=True, reasons=("two rhythms are near",), heart_rate_bpm=None)
    page = Page(html([Entry("a", record, doubtful)], title="t"))
    for words in (
        "1 undecided",
        "undecided , perhaps AFIB",
        "Undecided. Nearest:",
        "two rhythms are near",
        "unknown",
    ):
        assert words in page.text


def test_everything_from_outside_is_escaped(record: Record) -> None:
    doubtful = finding(
        name=HOSTILE,
        rhythm=HOSTILE,
        reasons=(HOSTILE,),
        quality=quality(HOSTILE),
        model=HOSTILE,
        probabilities={HOSTILE: 1.0},
        windows=(window(0, HOSTILE, 0.5), window(5, "SR", 0.5)),
    )
    nasty = Record(record.signal_mv, 500.0, record.leads, Patient(1.0, HOSTILE), format=HOSTILE, notes=(HOSTILE,))
    text = html([Entry(HOSTILE, nasty, doubtful), Entry(HOSTILE, error=HOSTILE)], title=HOSTILE, note=HOSTILE)
    page = Page(text)
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") >= 12


def test_nothing_from_outside_is_loaded(record: Record) -> None:
    text = html([Entry("a", record, finding())], title="t")
    assert not re.search(r"https?:|//\w|src=|@import|<link|<script", text)
    policy = [attrs["content"] for _, attrs in Page(text).tags if attrs.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_windows_are_told_by_runs_and_the_clearest_is_shown() -> None:
    long = simulate("AFIB", seed=1, duration_s=60)
    told = [("SR", 0.9), ("SR", 0.7), ("AFIB", 0.6), ("AFIB", 0.95), ("AFIB", 0.7), ("SR", 0.99)]
    windows = tuple(window(10.0 * k, rhythm, share) for k, (rhythm, share) in enumerate(told))
    page = Page(html([Entry("a", long, finding(windows=windows))], title="t"))
    assert "30 to 40 s of 60 s" in page.text
    for line in ("0:00 to 0:20 SR 80 %", "0:20 to 0:50 AFIB 75 %", "0:50 to 1:00 SR 99 %"):
        assert line in page.text


def test_a_rhythm_that_changes_all_day_fills_one_sheet_only() -> None:
    long = simulate("SR", seed=1, duration_s=600)
    windows = tuple(window(10.0 * k, ("SR", "AFIB")[k % 2], 0.9) for k in range(60))
    page = Page(html([Entry("a", long, finding(windows=windows))], title="t"))
    assert page.text.count(" to ") == 24 + 1  # and the tracing's caption
    assert "36 more changes are not listed" in page.text


def test_prints_in_true_millimetres(record: Record) -> None:
    text = html([Entry("a", record, finding())], title="t")
    assert "@page{size:A4 landscape;margin:8mm}" in text
    printed = text[text.index("@media print") :]
    assert "width:275mm;height:135mm" in printed
    assert '<svg class="ecg"' in text
    assert 'width="275mm" height="135mm" viewBox="0 0 275 135"' in text
