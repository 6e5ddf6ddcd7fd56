"""Indices timed: ASEM (49 indicators, 51 units) as COINr computes it, a thousand runs, and Sobol indices of 600.

    python benchmarks/indices.py SHARED_DATA [--store]

SHARED_DATA is the folder that has `asem_coinr`. Beside ours stand the seconds reported for COINr 1.1, on another
machine and not measured here. The four choices are those of the vignette "sensitivity" of COINr: points
winsorised 1 to 5, min-max onto [1, 100] or z-scores, a hundred sets of weights within 25% at its levels 2 and 3,
arithmetic or geometric mean. CPU seconds (user and system) of the process; the least and the median of the
repeats. Every repeat starts from a table that was read and nothing else.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core, as the peer

import argparse
import csv
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from gangmu.plan.index.ask import body_of
from gangmu.plan.index.compute import compute
from gangmu.plan.index.population import read_panel
from gangmu.plan.index.sensitive import sensitivity
from gangmu.plan.index.uncertain import uncertainty
from gangmu.rulebook.load import load

HERE = Path(__file__).parent
PUBLISHED = {"1,000 uncertainty runs": 136.0, "Sobol, 600 runs with bootstrap": 74.0}  # seconds, COINr 1.1
REPEATS = 15
VARY = """  vary:
    treat: {points: [1, 2, 3, 4, 5]}
    normalise: [{by: z_score, mean: 10, deviation: 2}]
    weights: {by: 25%, of: [Conn, Sust, asem], sets: 100}
    aggregate: [geometric]
"""


def page(folder: Path) -> Path:
    """The page of ASEM with the four choices of the vignette, on a scale that begins at 1."""
    for file in ("rulebook.yaml", "sources.yaml", "elements.csv"):
        (folder / file).write_text(
            (HERE.parent / "examples" / "asem" / file).read_text(encoding="utf-8"), encoding="utf-8"
        )
    text = (HERE.parent / "examples" / "asem" / "asem.md").read_text(encoding="utf-8")
    head, _, rest = text.partition("  vary:\n")
    tail = rest[rest.index("```") :]
    (folder / "asem.md").write_text(
        head.replace("onto: [0, 100]", "onto: [1, 100]") + VARY + tail, encoding="utf-8"
    )
    return folder


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Least and median CPU seconds; the first call, which imports, is not counted."""
    work()
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found), statistics.median(found)


def main() -> None:
    """Measure and print; `--store` writes `results/indices.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--store", action="store_true")
    asked = parser.parse_args()
    with (asked.data / "asem_coinr" / "input_data.csv").open(encoding="utf-8-sig", newline="") as stream:
        units = list(csv.DictReader(stream))
    with tempfile.TemporaryDirectory() as folder:
        body = body_of(load(page(Path(folder))).rules["asem.asem"])
    panel = read_panel(body, units)
    found = {
        "every stage, once": timed(lambda: compute(body, panel)),
        "1,000 uncertainty runs": timed(lambda: uncertainty(compute(body, panel), 1000, 1)),
        "10,000 uncertainty runs": timed(lambda: uncertainty(compute(body, panel), 10_000, 1)),
        "Sobol, 600 runs with bootstrap": timed(lambda: sensitivity(compute(body, panel), 100, 1)),
    }
    machine = (
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{machine}; Python {platform.python_version()}, NumPy {np.__version__}, SciPy {version('scipy')}")
    print(f"{'work':<34}{'least ms':>10}{'median ms':>11}{'COINr s':>9}{'times':>8}")
    for work, (least, median) in found.items():
        peer = PUBLISHED.get(work)
        told = f"{peer:>9.0f}{round(peer / median, -2):>8,.0f}" if peer else ""
        print(f"{work:<34}{1000 * least:>10.1f}{1000 * median:>11.1f}{told}")
    if asked.store:
        stored = {"machine": machine, "cpu_seconds": found, "coinr_published_seconds": PUBLISHED}
        (HERE / "results" / "indices.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
