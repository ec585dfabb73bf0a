"""Where the units of a study run: processes of this machine, or a Ray cluster. The results are the same."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import torch

from ecglite.edge.errors import EcgliteError, LabError
from ecglite.lab.fitting import read_history, write
from ecglite.lab.prepare import Progress
from ecglite.lab.study.plan import Plan
from ecglite.lab.study.unit import RESULT, run
from ecglite.lab.workers import locked

_ERROR: Final = "error.txt"
_LOCK: Final = ".lock"
_LOG: Final = "log.txt"
_POLL_S: Final = 0.5


def run_all(out: Path, plan: Plan, engine: str, workers: int, progress: Progress) -> None:
    """Run every unit that is not done.

    Args:
        out: the study's folder.
        plan: its plan.
        engine: a key of `ENGINES`.
        workers: units at a time: processes of the local engine, or of a Ray cluster that is begun here.
        progress: counts epochs over all units.

    Raises:
        LabError: a unit failed; the others have been run all the same.
    """
    out = out.resolve()
    epochs = {unit.name: plan.method(unit.arm).training.epochs for unit in plan.units()}
    todo = [name for name in epochs if not (out / "units" / name / RESULT).exists()]

    def tell() -> None:
        done = sum(
            total if name not in todo or (out / "units" / name / RESULT).exists()
            else min(len(read_history(out / "units" / name)), total)
            for name, total in epochs.items()
        )  # fmt: skip
        progress("epochs of all units", done, sum(epochs.values()))

    ENGINES[engine](out, todo, workers, tell)
    tell()
    failed = [name for name in todo if not (out / "units" / name / RESULT).exists()]
    if failed:
        place = out / "units" / failed[0] / _ERROR
        reason = place.read_text(encoding="utf-8").strip().splitlines()[-1] if place.exists() else "its process died"
        raise LabError(
            f"{len(failed)} of {len(epochs)} units failed, first {failed[0]}: {reason}",
            do=f"see {place}, and run the same command again: it goes on with what is missing",
        )


def _local(out: Path, todo: Sequence[str], workers: int, tell: Callable[[], None]) -> None:
    """One fresh process for each unit, so that its peak memory is its own."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if torch.cuda.is_available():
        workers = min(workers, torch.cuda.device_count())  # one unit has a GPU to itself
    context = get_context("spawn")
    waiting: list[str] = list(todo)
    running: list[Any] = []
    try:
        while waiting or running:
            running = [process for process in running if process.is_alive()]
            while waiting and len(running) < workers:
                process = context.Process(target=_child, args=(out, waiting.pop(0), os.getpid()), daemon=True)
                process.start()
                running.append(process)
            tell()
            time.sleep(_POLL_S)
    finally:
        for process in running:
            process.terminate()


def _child(out: Path, name: str, parent: int) -> None:
    """A unit in a process that does not outlive the one that started it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    folder = out / "units" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOG).open("a") as log:  # what the converter writes to the process's stderr is no news here
        os.dup2(log.fileno(), 2)
    _guarded(out, name)


def _ray(out: Path, todo: Sequence[str], workers: int, tell: Callable[[], None]) -> None:
    """A task for each unit on the cluster of RAY_ADDRESS, or one on this machine; `out` must be on a shared disk."""
    address = os.environ.get("RAY_ADDRESS")
    if address is None:
        os.environ.setdefault(
            "RAY_AUTH_MODE", "disabled"
        )  # a cluster of this process needs no token in the home folder
    try:
        import ray
    except ImportError:
        raise LabError("Ray is not installed", do="in ecglite's source folder: pip install '.[ray]'") from None
    begun = not ray.is_initialized()
    if begun:
        here: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address is None else {}
        ray.init(address=address, log_to_driver=False, **here)
    try:
        # a GPU where every node has one: where some have none, they should not stand idle
        nodes: Any = ray.nodes()  # type: ignore[no-untyped-call]
        gpus = int(all(node["Resources"].get("GPU") for node in nodes if node["Alive"]))
        task: Any = ray.remote(num_cpus=1, num_gpus=gpus, max_calls=1, max_retries=2)(_guarded)
        waiting = [task.remote(out, name) for name in todo]
        while waiting:
            _, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=_POLL_S)
            tell()
    finally:
        if begun:
            ray.shutdown()


ENGINES: Final[dict[str, Callable[[Path, Sequence[str], int, Callable[[], None]], None]]] = {
    "local": _local,
    "ray": _ray,
}


def _guarded(out: Path, name: str) -> None:
    """A unit whose error is kept beside it; one that another process runs is waited for, not run twice."""
    folder = out / "units" / name
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / _LOCK):
        (folder / _ERROR).unlink(missing_ok=True)
        try:
            run(out, name)
        except EcgliteError as error:
            write(folder / _ERROR, f"{error}\n")
        except Exception:  # noqa: BLE001 - whatever a unit dies of, the others go on, and its trace is kept
            write(folder / _ERROR, traceback.format_exc())
