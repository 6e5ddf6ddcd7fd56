"""Gangmu beside its peers on the same rules: times, memory, and whether the answers are equal.

`make bench` (a small size, five minutes), `make bench ROWS=1000000 STORE=1` (writes results.json and the
tables of README.md). Each engine has its own process; they run in turn; the peers that are no part of this
project's environment get their own from a lock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from environments import BUILD, HERE, PEERS, floor_seconds, python_of
from measure import Measured, measure
from tables import RESULTS, lines
from tables import main as write_tables
from works import WORKS, Work

OWN = ("gangmu", "llvmlite", "numpy", "polars", "duckdb", "pyarrow")
FOREIGN = {
    "openfisca": "openfisca-core",
    "policyengine": "policyengine-core",
    "zen037": "zen-engine",
    "zen": "zen-engine",
}


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and store if asked."""
    asked = _arguments(given)
    foreign = not asked.own
    for peer in PEERS if foreign else ():
        python_of(peer)
    data = _data(asked.rows)
    size = int((data / "done").read_text())
    seconds, by = floor_seconds(size)
    results: dict[str, Any] = {
        "rows": asked.rows, "size_mib": size / 2**20, "machine": _machine(), "versions": _versions(foreign=foreign),
        "floor": {"seconds": seconds, "by": by}, "works": [],
    }  # fmt: skip
    for work in WORKS:
        if asked.works and work.name not in asked.works:
            continue
        print(f"measuring: {work.title}", file=sys.stderr, flush=True)
        results["works"].append(_run(work, data, asked))
        print("\n".join(lines(results | {"works": results["works"][-1:]}, "long")), flush=True)
    if asked.store:
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_tables()
    wrong = [
        one
        for work in results["works"]
        for one in work["measured"]
        if one["engine"] == "Gangmu" and one["wrong"] != "none"
    ]
    if wrong:
        sys.exit(f"Gangmu's answers are wrong: {wrong}")


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="enterprises")
    parser.add_argument("--runs", type=int, default=7, help="runs of each engine (slow ones: 3)")
    parser.add_argument("--works", nargs="*", choices=[work.name for work in WORKS], help="only these")
    parser.add_argument("--own", action="store_true", help="only engines of this project's environment")
    parser.add_argument("--store", action="store_true", help="write results.json and the tables")
    return parser.parse_args(given)


def _run(work: Work, data: Path, asked: argparse.Namespace) -> dict[str, Any]:
    listed = [one for one in work.contenders() if not (asked.own and one.peer)]
    title = work.title
    if work.large:
        _large(data, work.large * asked.rows)
        title = f"{work.large * asked.rows:,} enterprises, {title[0].lower()}{title[1:]}"
    found = measure(listed, data, asked.runs, few=1 if work.large else 3)
    checked = work.judge(data, found)
    return {
        "name": work.name, "title": title, "goal": work.goal, "unit": work.unit, "checked": checked,
        "measured": [_plain(one) for one in found],
    }  # fmt: skip


def _plain(one: Measured) -> dict[str, Any]:
    return {
        "engine": one.engine, "median": one.median, "least": min(one.seconds) * one.times, "runs": len(one.seconds),
        "times": one.times, "loaded_mib": one.loaded_mib, "peak_mib": one.peak_mib, "wrong": one.wrong,
    }  # fmt: skip


def _large(folder: Path, rows: int) -> None:
    """The file larger than memory, made once."""
    made = folder / "large.parquet"
    if not made.exists() or made.stat().st_mtime < (folder / "done").stat().st_mtime:
        print(f"making {rows:,} enterprises", file=sys.stderr)
        _make(folder, rows, "large")


def _make(folder: Path, rows: int, *more: str, of: str = "policy") -> None:
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, str(HERE / of / "data.py"), str(folder), str(rows), *more]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path})


def _data(rows: int) -> Path:
    """The made-up enterprises, made once for each size and generator."""
    folder = BUILD / f"data-{rows}"
    if (
        not (folder / "done").exists()
        or (folder / "done").stat().st_mtime < (HERE / "policy" / "data.py").stat().st_mtime
    ):
        print(f"making {rows:,} enterprises", file=sys.stderr)
        _make(folder, rows, of="permits")
        _make(folder, rows)
    return folder


def _machine() -> dict[str, Any]:
    """What it runs on, by name."""
    processor = platform.processor() or platform.machine()
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in listed.read_text().splitlines()
            if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor,
        "cpus": os.cpu_count(),
        "memory_gib": round(memory),
        "system": platform.system(),
    }


def _versions(*, foreign: bool) -> dict[str, str]:
    found = {"Python": platform.python_version()} | {name: version(name) for name in OWN}
    for peer, package in FOREIGN.items() if foreign else ():
        code = f"from importlib.metadata import version; print(version({package!r}))"
        said = subprocess.run([python_of(peer), "-c", code], check=True, capture_output=True, text=True)
        found[package] = " and ".join(filter(None, [found.get(package), said.stdout.strip()]))
    return found


if __name__ == "__main__":
    main()
