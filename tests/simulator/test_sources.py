"""docs/simulator-sources.md: whatever the simulator cites is there in full, and what it names is in the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ROOT / "src" / "ecglite" / "simulator"
PAGE = (ROOT / "docs" / "simulator-sources.md").read_text(encoding="utf-8")
CONSTANTS, SOURCES = PAGE.split("## The constants\n")[1].split("## The sources\n")

_CITED = re.compile(r"\b([A-Z][\w'-]+)(?: et al\.)?,? \(?((?:19|20)\d\d)\b")


def rows(table: str) -> list[list[str]]:
    found = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines() if line[:2] == "| "
    ]
    return found[1:]  # without the head


def citations(text: str) -> set[tuple[str, str]]:
    """Last name and year of "Page 2015", "Page et al., 2015", "Kobayashi and Musha, 1982", also across lines."""
    return set(_CITED.findall(re.sub(r"\s*\n\s*#?\s*", " ", text)))


def test_a_citation_is_seen_however_it_is_written() -> None:
    text = "as Page et al.,\n    # 2015, Kobayashi and Musha, 1982; (Kay 1987), "
    text += "Dower, Machado and Osborne\n1980, Macfarlane (2010)"
    assert citations(text) == {
        ("Page", "2015"),
        ("Musha", "1982"),
        ("Kay", "1987"),
        ("Osborne", "1980"),
        ("Macfarlane", "2010"),
    }


def test_every_citation_of_the_simulator_is_on_the_page() -> None:
    cited = {of: path.name for path in sorted(CODE.rglob("*.py")) for of in citations(path.read_text(encoding="utf-8"))}
    assert len(cited) >= 25
    keys = [key for key, _ in rows(SOURCES)]
    missing = [
        f"{name} {year} in {path}"
        for (name, year), path in cited.items()
        if not any(re.search(rf"\b{name}\b", key) and key.endswith(year) for key in keys)
    ]
    assert not missing


def test_every_source_is_whole_and_in_order() -> None:
    sources = rows(SOURCES)
    assert [key for key, _ in sources] == sorted(key for key, _ in sources)
    for key, full in sources:
        year = re.search(r"\d{4}$", key)
        if year and key != "Page 2015":  # printed in 2016
            assert year[0] in full
        for doi in re.findall(r"doi:(\S+)", full):
            assert re.fullmatch(r"10\.\d{4,9}/\S+[\w)]", doi.rstrip("."))


def test_the_constants_are_where_the_page_says() -> None:
    constants = rows(CONSTANTS)
    assert len(constants) > 40
    for what, where, value, source in constants:
        files = re.findall(r"`([\w/]+\.(?:py|json))`", where)
        assert files, what
        text = "".join((CODE / name).read_text(encoding="utf-8") for name in files)
        for name in re.findall(r"`(\w+)`", where) + re.findall(r"`([^`]+)`", value):
            assert re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text), f"{name} of {what}"
        assert re.search(r"\b(published|estimated|chosen)\b", source), what
        for name, year in citations(source):
            assert any(re.search(rf"\b{name}\b", key) and key.endswith(year) for key, _ in rows(SOURCES)), name
