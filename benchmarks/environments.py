"""A virtual environment for each peer, with exactly what its lock names; and the floor's C program."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build" / "bench"
PEERS = ("openfisca", "policyengine", "zen", "zen037")
THREADS = 2


def python_of(peer: str) -> Path:
    """The Python of a peer's environment, made or made anew where its lock has changed."""
    lock = HERE / f"requirements-{peer}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = BUILD / f"venv-{peer}"
    python, stamp = folder / "bin" / "python", folder / "lock"
    if stamp.exists() and stamp.read_text() == digest:
        return python
    print(f"making {folder.relative_to(HERE.parent)} from {lock.name}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        str(lock),
    ]
    subprocess.run(pip, check=True)
    stamp.write_text(digest)
    return python


def floor_seconds(size: int) -> tuple[float, str]:
    """Seconds to read so many bytes of memory once, and with what that was measured."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    BUILD.mkdir(parents=True, exist_ok=True)
    if compiler is not None:
        program = BUILD / "floor"
        flags = ["-O3", "-march=native", "-fopenmp"]
        made = subprocess.run(
            [compiler, *flags, HERE / "floor.c", "-o", program], capture_output=True, check=False
        )
        if made.returncode == 0:
            said = subprocess.run(
                [program, str(size), str(THREADS)], check=True, capture_output=True, text=True
            )
            return float(said.stdout), f"C, {THREADS} threads"
    return _by_numpy(size), "NumPy, 1 thread (no C compiler with OpenMP)"


def _by_numpy(size: int) -> float:
    import statistics
    import time

    import numpy as np

    pieces = [np.ones(size // 8, np.int64) for _ in range(4)]
    seconds = []
    for turn in range(20):
        start = time.perf_counter()
        pieces[turn % 4].sum()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
