"""What a process holds in memory, by itself and with the files that it has mapped."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds in memory.

    Attributes:
        anonymous_bytes: its own, which nothing takes back; None where the system does not say.
        file_bytes: copies of files, the mapped cache among them, which the system takes back when it needs the room,
            but where the temporary folder is itself in memory; None where the system does not say.
        resident_bytes: the most that both together have been so far.
    """

    anonymous_bytes: int | None
    file_bytes: int | None
    resident_bytes: int


def memory() -> Memory:
    """Of this process, now."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        kib = {name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines) if rest[-2:] == "kB"}
        # a process that was started takes over the ru_maxrss of the one that started it: VmHWM is its own
        return Memory(1024 * kib["RssAnon"], 1024 * (kib["RssFile"] + kib["RssShmem"]), 1024 * kib["VmHWM"])
    except (OSError, KeyError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Memory(None, None, most * (1 if sys.platform == "darwin" else 1024))
