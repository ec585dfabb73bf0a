"""One model in a process of its own, run when it is told: `python -m ecglite.lab.bench.worker RUNTIME FILE THREADS`.

It imports the one runtime that it needs and nothing more, so that its memory is that runtime's. It talks in lines of
JSON: `runtime_rss_bytes`, from before the model was loaded, once the model has run; for each number that it reads the
median milliseconds of so many runs, `ms`; and at the end of its input `peak_rss_bytes`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from ecglite.lab.memory import memory

Run = Callable[[], object]


def litert(threads: int) -> Callable[[str], Run]:
    """LiteRT with XNNPACK, as `edge.model` runs it."""
    from ai_edge_litert.interpreter import Interpreter

    def load(path: str) -> Run:
        interpreter = Interpreter(model_path=path, num_threads=threads)
        interpreter.allocate_tensors()
        source = interpreter.get_input_details()[0]
        interpreter.set_tensor(source["index"], noise(source["shape"], source["dtype"]))
        return interpreter.invoke  # type: ignore[no-any-return]

    return load


def onnxruntime(threads: int) -> Callable[[str], Run]:
    """The processor's provider of onnxruntime; its threads do not spin while others are measured."""
    import onnxruntime as ort

    def load(path: str) -> Run:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        source = session.get_inputs()[0]
        inputs = {source.name: noise(source.shape, np.float32)}
        return lambda: session.run(None, inputs)

    return load


def torch_eager(threads: int) -> Callable[[str], Run]:
    """PyTorch, operation by operation."""
    import torch

    from ecglite.lab import export  # of which the file holds a `Graph`

    torch.set_num_threads(threads)

    def load(path: str) -> Run:
        saved: dict[str, Any] = torch.load(path, weights_only=False)
        graph: export.Graph = saved["graph"]
        ecg = torch.from_numpy(noise(saved["shape"], np.float32))

        def run() -> object:
            with torch.inference_mode():
                return graph(ecg)

        return run

    return load


RUNTIMES: dict[str, Callable[[int], Callable[[str], Run]]] = {
    "LiteRT": litert,
    "onnxruntime": onnxruntime,
    "torch eager": torch_eager,
}


def noise(shape: Sequence[int], dtype: Any) -> npt.NDArray[Any]:
    """An input: millivolts of a heart's size, or int8 of the whole range."""
    rng = np.random.default_rng(0)
    if np.dtype(dtype) == np.int8:
        return rng.integers(-128, 128, shape, dtype=np.int8)
    return rng.normal(0, 0.3, shape).astype(np.float32)


def clocked(run: Run, times: int, clock: Callable[[], float]) -> float:
    """Median milliseconds of some runs, after one that is not counted: another model has had the caches."""
    run()
    spent = []
    for _ in range(times):
        start = clock()
        run()
        spent.append(1000 * (clock() - start))
    return median(spent)


def main() -> None:
    """Load, run, answer until the input ends."""
    runtime, path, threads = sys.argv[1:]
    load = RUNTIMES[runtime](int(threads))
    loaded = memory().resident_bytes
    run = load(path)
    run()
    _say({"runtime_rss_bytes": loaded})
    # on a busy machine a long run is interrupted and a short one is not: with one thread its own time is counted
    clock = time.process_time if int(threads) == 1 else time.perf_counter
    for line in sys.stdin:
        _say({"ms": clocked(run, int(line), clock)})
    _say({"peak_rss_bytes": memory().resident_bytes})


def _say(what: dict[str, float]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
