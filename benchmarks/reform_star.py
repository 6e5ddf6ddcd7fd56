"""One threshold of the STAR Market over a portfolio, with groups by province: seconds once the evidence is read.

Asked of the one set of conditions that the number stands in, and of the outcome `star` above it. Loaded means:
the rulebook, and of the evidence what the two can reach.

Usage: python benchmarks/reform_star.py FOLDER [RUNS], FOLDER as `benchmarks/portfolio.py` writes it. The first run
also writes and compiles the code (or finds it kept) and turns the tables into columns; the others ask again.
Then a sweep of a hundred values.
"""

from __future__ import annotations

import resource
import sys
import time

from gangmu.book import load

DAY, PATH = "2026-06-30", "star_2_rd_ratio"
RULES = ("star_set_2", "star")


def main() -> None:
    """Measure and print."""
    folder, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    book = load("cn")
    start, used = time.perf_counter(), time.process_time()
    evidence = book.read(folder, rules=RULES)
    took, cpu = time.perf_counter() - start, time.process_time() - used
    print(f"{len(evidence):,} enterprises read in {took:.1f} s, {cpu:.1f} s of processors; {_peak()}")
    for rule in RULES:
        for run in range(runs):
            start, used = time.perf_counter(), time.process_time()
            result = book.reform(evidence, {PATH: "10%"}, DAY, [rule], by="province")
            took, cpu = time.perf_counter() - start, time.process_time() - used
            tally = result.tally(rule)
            print(
                f"{rule}, {'first' if not run else 'again'}: {took:.2f} s, {cpu:.2f} s of processors;",
                f"{int(tally.gain()):,} gain, {int(tally.lose()):,} lose,",
                f"{len(result.question.groupings[0].groups)} provinces, rows {result.record['rows_by_path']}",
                flush=True,
            )
        start, used = time.perf_counter(), time.process_time()
        book.reform(evidence, None, DAY, [rule], by="province", sweep=f"{PATH}=5%:25%:100")
        took, cpu = time.perf_counter() - start, time.process_time() - used
        print(f"{rule}, a hundred values: {took:.2f} s, {cpu:.2f} s of processors; {_peak()}", flush=True)


def _peak() -> str:
    """The most memory that the process ever had."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"


if __name__ == "__main__":
    main()
