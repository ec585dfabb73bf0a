"""Writes the tables of docs/simulator-findings.md from the results that are kept here: `python docs/findings.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "simulator-findings.md"
RESULTS: Final = ROOT / "docs" / "results" / "simulator"
START, END = "<!-- {}: python docs/findings.py -->", "<!-- end -->"


def with_tables(page: str) -> str:
    """The page's text with what each experiment printed in its place."""
    for result in sorted(RESULTS.glob("*.md")):
        start = START.format(result.stem)
        head, rest = page.split(start)
        table = result.read_text(encoding="utf-8").strip().replace("](figures/", "](results/simulator/figures/")
        page = f"{head}{start}\n\n{table}\n\n{END}{rest.split(END, 1)[1]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
