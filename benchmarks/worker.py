"""The peer's side of a measurement: load, say so, then run once whenever told to. Standard library only.

A peer is a script with one function a work (`policy`, `reforms`, ...). It runs as
`python PEER.py WORK DATA_DIR ANSWERS` in a process of its own and talks in lines of JSON: `ready` with the
memory that its data take; after each line `go` the seconds of one run (garbage collected before, not
within); after `answers` the last run's answers, written to a file; at the end the highest memory of the runs.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")


@dataclass
class Work:
    """What to time.

    `run` is timed; `answers` turns what it gave into columns (lists or arrays); `times` is how many such runs
    the whole work would be, where only a sample is run; `before` undoes what a run leaves, untimed.
    """

    run: Callable[[], object]
    answers: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    times: float = 1
    about: Mapping[str, object] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None


def serve(works: Mapping[str, Callable[[Path], Work]]) -> None:
    """Answer the commands of standard input about the work that the command line names."""
    name, data, answers = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints shall not be taken for an answer

    def say(**what: object) -> None:
        print(json.dumps(what), file=out, flush=True)

    work = works[name](data)
    gc.collect()
    forget_peak()
    say(ready=True, loaded_mib=mib("VmRSS"), times=work.times, **work.about)
    found: object = None
    for line in sys.stdin:
        if line.strip() == "go":
            found = None
            work.before()
            gc.collect()
            start = time.perf_counter()
            found = work.run()
            say(seconds=time.perf_counter() - start)
        elif line.strip() == "peak":
            say(peak_mib=mib("VmHWM"))
        elif line.strip() == "answers":
            save(answers, work.answers(found))
            say(saved=True)


def save(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns: as JSON where all are lists, else with NumPy."""
    if all(isinstance(column, list) for column in columns.values()):
        path.with_suffix(".json").write_text(json.dumps(columns))
        return
    import numpy as np

    arrays: dict[str, Any] = {name: np.asarray(column) for name, column in columns.items()}
    np.savez(path.with_suffix(".npz"), **arrays)


def mib(what: str) -> float | None:
    """A figure of /proc in MiB: VmRSS now, VmHWM at most; None on a system that has no /proc."""
    if not STATUS.exists():
        return None
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return round(int(lines[what].split()[0]) / 1024, 1)


def forget_peak() -> None:
    """Count the highest memory from here on (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return
