"""The measuring side: engines in processes of their own, run in turn, so that a busy moment hits all alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments import python_of

HERE = Path(__file__).resolve().parent
ONE_PROCESS = {
    "POLARS_MAX_THREADS": "2",
    "OMP_NUM_THREADS": "2",
}


@dataclass(frozen=True)
class Contender:
    """An engine that does a work: how it is called, its script, and whose Python runs it."""

    engine: str
    script: str
    work: str
    peer: str = ""  # the environment of `environments.PEERS`; none: this one
    slow: bool = False  # run it three times only


@dataclass
class Measured:
    """What came out. `times` is how many such runs the whole work would be (a sample: above 1)."""

    engine: str
    seconds: list[float]
    times: float
    loaded_mib: float | None
    peak_mib: float | None
    wrong: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Of the whole work, in seconds."""
        return statistics.median(self.seconds) * self.times


class Process:
    """A peer's process and the talk with it."""

    def __init__(self, contender: Contender, data: Path, answers: Path) -> None:
        """Start it and wait until it has loaded."""
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")]))
        self.contender, self.answers, self.seconds = contender, answers, list[float]()
        self.running = subprocess.Popen(
            [python_of(contender.peer) if contender.peer else sys.executable, HERE / contender.script, contender.work, data, answers],
            env={**os.environ, **ONE_PROCESS, "PYTHONPATH": path},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.about = self.hear()

    def hear(self) -> dict[str, Any]:
        """The next line of JSON."""
        assert self.running.stdout is not None
        line = self.running.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.contender.engine}, {self.contender.work}: ended early")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, what: str) -> dict[str, Any]:
        """Say a command and hear the answer."""
        assert self.running.stdin is not None
        print(what, file=self.running.stdin, flush=True)
        return self.hear()

    def end(self) -> None:
        """Let it go."""
        assert self.running.stdin is not None
        self.running.stdin.close()
        self.running.wait(60)

    def measured(self) -> Measured:
        """All that it gave."""
        peak = self.ask("peak")["peak_mib"]
        self.ask("answers")
        about = self.about
        return Measured(
            self.contender.engine,
            self.seconds,
            about["times"],
            about["loaded_mib"],
            peak,
            answers=_read(self.answers),
        )


def _read(path: Path) -> dict[str, Any]:
    text, arrays = path.with_suffix(".json"), path.with_suffix(".npz")
    if arrays.exists():
        import numpy as np

        with np.load(arrays) as found:
            read = {name: found[name] for name in found.files}
        arrays.unlink()
        return read
    read = json.loads(text.read_text()) if text.exists() else {}
    text.unlink(missing_ok=True)
    return read


@contextmanager
def started(contender: Contender, data: Path) -> Iterator[Process]:
    """A process that is ended whatever happens."""
    answers = data / f"answers-{contender.engine.replace(' ', '-').replace('/', '-')}-{contender.work}"
    for suffix in (".json", ".npz"):
        answers.with_suffix(suffix).unlink(missing_ok=True)
    process = Process(contender, data, answers)
    try:
        yield process
    finally:
        if process.running.poll() is None:
            process.running.kill()
            process.running.wait()


def measure(contenders: Sequence[Contender], data: Path, runs: int, few: int = 3) -> list[Measured]:
    """Run all in turn, `runs` times each (a slow one `few` times), after one run that does not count."""
    with ExitStack() as stack:
        processes = [stack.enter_context(started(contender, data)) for contender in contenders]
        for turn in range(runs + 1):
            for process in processes:
                if process.contender.slow and turn > few:
                    continue
                seconds = process.ask("go")["seconds"]
                if turn:
                    process.seconds.append(seconds)
        found = []
        for process in processes:
            found.append(process.measured())
            process.end()
        return found
