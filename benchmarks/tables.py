"""The tables of a stored run, for the terminal, benchmarks/README.md and the project's README.

`python tables.py` writes both files anew from `results.json`; a test holds them against it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGES = {HERE.parent / "README.md": "short", HERE / "README.md": "long"}
BEGIN, END = "<!-- benchmarks: written by benchmarks/tables.py -->", "<!-- end of benchmarks -->"
UNITS = {"s": (1.0, "s"), "ms": (1e3, "ms"), "us": (1e6, "µs")}
OURS = "Gangmu"


def time_of(seconds: float, unit: str) -> str:
    """Three digits with the unit."""
    factor, name = UNITS[unit]
    value = seconds * factor
    if value >= 100_000 and unit != "s":
        return f"{seconds:,.0f} s" if seconds >= 100 else f"{seconds:,.3g} s"
    return f"{value:,.0f} {name}" if value >= 100 else f"{value:.3g} {name}"


def times_of(ratio: float) -> str:
    """A ratio as people write it."""
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def lines(results: Mapping[str, Any], kind: str) -> list[str]:
    """The tables as Markdown; `short` leaves out memory and what was checked."""
    out = [told(results), ""]
    for work in results["works"]:
        out.extend(_work(work, kind))
    return out


def told(results: Mapping[str, Any]) -> str:
    """Where and how it was measured."""
    machine, floor = results["machine"], results["floor"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return (
        f"{results['rows']:,} enterprises, {results['size_mib']:.0f} MiB of columns; medians of interleaved runs, a process an "
        f"engine, two threads; {machine['cpus']} cores of {machine['processor']}, {machine['memory_gib']} GiB. "
        f"Memory floor (reading the columns once, {floor['by']}): {floor['seconds'] * 1e3:.1f} ms. {versions}."
    )


def _work(work: Mapping[str, Any], kind: str) -> list[str]:
    measured = work["measured"]
    ours = next((one["median"] for one in measured if one["engine"] == OURS), None)
    head = ["engine", "median", "Gangmu is"]
    if kind == "long":
        head += ["least", "runs", "peak MiB (loaded)", "wrong"]
    out = [f"**{work['title']}**" + (f" (goal: {work['goal']})" if work["goal"] else ""), ""]
    out += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for one in measured:
        row = [
            one["engine"] + (f", x{one['times']:g}" if one["times"] > 1 else ""),
            time_of(one["median"], work["unit"]),
        ]
        row.append(
            "" if ours is None or one["engine"] == OURS else f"{times_of(one['median'] / ours)}x as fast"
        )
        if kind == "long":
            memory = "" if one["peak_mib"] is None else f"{one['peak_mib']:.0f} ({one['loaded_mib']:.0f})"
            row += [time_of(one["least"], work["unit"]), str(one["runs"]), memory, one["wrong"]]
        out.append("| " + " | ".join(row) + " |")
    if kind == "long" and work["checked"]:
        out += ["", f"Checked: {work['checked']}."]
    return [*out, ""]


def put(text: str, results: Mapping[str, Any], kind: str) -> str:
    """A page with what stands between its markers written anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for the table: {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n" + "\n".join(lines(results, kind)) + f"\n{END}{after}"


def main() -> None:
    """Write the pages."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    for page, kind in PAGES.items():
        page.write_text(put(page.read_text(encoding="utf-8"), results, kind), encoding="utf-8")


if __name__ == "__main__":
    main()
