"""What the page states a second time, in its own language, is what the package states."""

from __future__ import annotations

import re
from pathlib import Path

from ecglite.edge import formats

FOLDERS = Path(__file__).parents[2] / "web" / "src" / "app" / "folders.ts"


def test_a_folder_is_searched_past_the_same_tables() -> None:
    stated = re.search(r"const TABLES: [^(]+\(\[(.*?)\]\)", FOLDERS.read_text(encoding="utf-8"), re.DOTALL)
    assert stated is not None
    assert set(re.findall(r'"([^"]+)"', stated[1])) == formats._TABLES
