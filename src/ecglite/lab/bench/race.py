"""Times and memory: each model in a process of its own, all run in turns, so that a busy machine slows all alike."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

from ecglite.edge.errors import LabError
from ecglite.lab.bench.contenders import Contender
from ecglite.lab.prepare import Progress


@dataclass(frozen=True, slots=True)
class Lap:
    """What was measured of a model.

    Attributes:
        turn_ms: milliseconds of each turn.
        runtime_rss_bytes: resident in its process once the runtime was loaded, before the model was.
        peak_rss_bytes: the most that was resident.
        failed: why it did not run; "" where it did.
    """

    turn_ms: tuple[float, ...] = ()
    runtime_rss_bytes: int | None = None
    peak_rss_bytes: int | None = None
    failed: str = ""


def race(
    contenders: Sequence[Contender], threads: int, turns: int, calls: int, progress: Progress
) -> dict[Contender, Lap]:
    """Run each model in each turn, in an order that changes from turn to turn.

    Args:
        contenders: those with a file.
        threads: of each runtime.
        turns: how often each model's turn comes.
        calls: runs of a turn; their median is its time.
        progress: counts the turns.
    """
    what = f"{threads} thread{'s' if threads > 1 else ''}"
    failed: dict[Contender, Lap] = {}
    with ExitStack() as stack:
        running = {}
        for contender in contenders:
            said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
            process = stack.enter_context(_Process(contender, threads, said))
            try:
                running[contender] = (process, int(process.answer()["runtime_rss_bytes"]))
            except LabError as error:
                failed[contender] = Lap(failed=str(error))
        clocks: dict[Contender, list[float]] = {contender: [] for contender in running}
        for turn in range(turns):
            order = list(running)
            random.Random(turn).shuffle(order)
            for contender in order:
                process = running[contender][0]
                process.ask(calls)
                clocks[contender].append(process.answer()["ms"])
            progress(f"measuring, {what}", turn + 1, turns)
        laps = {
            contender: Lap(tuple(clocks[contender]), loaded, int(process.end()["peak_rss_bytes"]))
            for contender, (process, loaded) in running.items()
        }
    return {contender: (laps | failed)[contender] for contender in contenders}


class _Process:
    """A worker, see `lab.bench.worker`; `said` keeps what it says on stderr."""

    def __init__(self, contender: Contender, threads: int, said: IO[str]) -> None:
        self._name = f"{contender.name}, {contender.runtime}"
        self._said = said
        count = str(threads)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecglite.lab.bench.worker", contender.runtime, str(contender.path), count],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"},
        )

    def ask(self, calls: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{calls}\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What the worker says next.

        Raises:
            LabError: it has ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            last = self._said.read().strip().splitlines()[-1:] or [f"exit code {self._process.wait()}"]
            raise LabError(f"{self._name} does not run: {last[0]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> dict[str, Any]:
        """Its last word."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self.answer()

    def __enter__(self) -> _Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                stream.close()
        self._process.kill()
        self._process.wait()
