"""From how many cases on is the kernel worth its start: the default outcomes of a rulebook, both engines.

Usage: python benchmarks/engines.py [--rulebook cn] [--counts 1,50,200,1000]. For each number of enterprises of
the synthetic portfolio: the interpreter; the kernel when nothing is kept (it writes and compiles); the kernel
in a new process that finds its code kept; the kernel asked again in the same process. CPU seconds of this
process, reading evidence left out; and whether the answers are equal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from portfolio import DAY, portfolio

from gangmu.book import Book, load
from gangmu.engine.assessed import Engine, assess
from gangmu.engine.dates import read_dating

WAYS = ("interpreter", "kernel, nothing kept", "kernel, code kept", "kernel, again")


def timed(book: Book, count: int, engine: Engine, times: int, day: date = DAY) -> tuple[list[float], str]:
    """CPU seconds of each of some runs over `count` enterprises, and the answers as a text."""
    read = book.read(portfolio(book.model, count))
    days = read_dating(day).column_of(read)
    names, found, took = list(book.model.outcomes), None, []
    for _ in range(times):
        start = time.process_time()
        found = assess(book.model, read, names, days, engine=engine)
        took.append(time.process_time() - start)
    assert found is not None
    return took, str([[column.answer(row) for row in range(count)] for column in found.columns])


def child(count: int, engine: Engine, times: int, rulebook: str, cache: str) -> tuple[list[float], str]:
    """As `timed`, in a process of its own."""
    asked = [sys.executable, __file__, "--child", json.dumps([count, engine, times, rulebook])]
    done = subprocess.run(
        asked, env={**os.environ, "GANGMU_CACHE": cache}, check=True, stdout=subprocess.PIPE, text=True
    )
    took, answers = json.loads(done.stdout)
    return took, answers


def main() -> None:
    """Print a row for each number of enterprises."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rulebook", default="cn")
    parser.add_argument("--counts", default="1,50,200,1000")
    parser.add_argument("--child", default="")
    asked = parser.parse_args()
    if asked.child:
        count, engine, times, rulebook = json.loads(asked.child)
        print(json.dumps(timed(load(rulebook), count, engine, times)))
        return
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"{'enterprises':>12}" + "".join(f"{way:>24}" for way in WAYS))
    for count in map(int, asked.counts.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            cache = str(Path(folder))
            load(asked.rulebook)
            [plain], answers = child(count, "interpreter", 1, asked.rulebook, cache)
            [cold], same = child(count, "kernel", 1, asked.rulebook, cache)
            [warm, again], too = child(count, "kernel", 2, asked.rulebook, cache)
        row = "".join(f"{seconds:>22.2f} s" for seconds in (plain, cold, warm, again))
        print(f"{count:>12,}{row}  {'equal' if answers == same == too else 'DIFFERENT'}", flush=True)


if __name__ == "__main__":
    main()
