"""Which files below `web/` make the page: what a wheel carries, what a build copies and what its cache is keyed by."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDERS: Final = frozenset({"node_modules", "dist", "tests", "test-results", "playwright-report"})
_SUFFIXES: Final = (".test.ts", ".md")
_NAMES: Final = frozenset({"biome.json", "knip.json", "playwright.config.ts", "vitest.config.ts"})


def sources(web: Path) -> Iterator[Path]:
    """The paths below `web` of all that the build reads, in order; nothing that only tests or checks read."""
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in _FOLDERS and not name.startswith("."))
        for name in sorted(names):
            if name not in _NAMES and not name.startswith(".") and not name.endswith(_SUFFIXES):
                yield Path(folder, name).relative_to(web)
