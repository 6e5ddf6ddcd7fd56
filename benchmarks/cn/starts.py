"""How long a start takes: `gangmu --help`, and loading and compiling the whole rulebook `cn`, cold and warm.

Each run is a process of its own, Python's own start included. Cold means an empty cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from worker import Work, serve

LOAD = "import gangmu; gangmu.load('cn')"
COMPILE = "import gangmu; gangmu.load('cn').prepared(as_of='2025-06-30')"


def start(arguments: list[str], *, cold: bool) -> Callable[[Path], Work]:
    """A work that starts Python."""

    def work(folder: Path) -> Work:
        cache = folder / f"cache-{os.getpid()}"
        command, env = [sys.executable, *arguments], {**os.environ, "GANGMU_CACHE": str(cache)}

        def empty() -> None:
            if cold:
                shutil.rmtree(cache, ignore_errors=True)

        return Work(lambda: subprocess.run(command, env=env, check=True, capture_output=True), before=empty)

    return work


if __name__ == "__main__":
    serve({
        "python": start(["-c", "pass"], cold=False),
        "help": start(["-m", "gangmu", "--help"], cold=False),
        "load_cold": start(["-c", LOAD], cold=True),
        "load_warm": start(["-c", LOAD], cold=False),
        "compile_cold": start(["-c", COMPILE], cold=True),
        "compile_warm": start(["-c", COMPILE], cold=False),
    })  # fmt: skip
