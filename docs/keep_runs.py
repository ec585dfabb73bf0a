"""Keeps what runs of `ecglite train` say of themselves in docs/results/models: `python docs/keep_runs.py RUN...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ecglite.lab.models import network_of
from ecglite.lab.training import load_run

KEPT = Path(__file__).parent / "results" / "models"


def keep(run: Path) -> Path:
    """Write recipe, epochs, counts of the data and commits of a finished run; the file's path."""
    recipe, _, origin = load_run(run)
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    path = KEPT / f"{recipe.name}-seed{recipe.seed}.json"
    kept = {
        "recipe": json.loads((run / "recipe.json").read_text(encoding="utf-8")),
        "parameters": sum(weight.numel() for weight in network_of(recipe).parameters()),
        "epochs": [json.loads(line) for line in lines],
        "origin": origin,
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(keep(Path(name)))
