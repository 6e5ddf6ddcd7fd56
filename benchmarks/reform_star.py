"""One threshold of the STAR Market over a portfolio, with groups by province: seconds once the evidence is read.

Usage: python benchmarks/reform_star.py FOLDER [RUNS], FOLDER as `benchmarks/portfolio.py` writes it. The first run
also writes and compiles the code (or finds it kept) and turns the tables into columns; the others ask again.
Then a sweep of a hundred values.
"""

from __future__ import annotations

import sys
import time

from gangmu.book import load

DAY, RULE, PATH = "2026-06-30", "star_set_2", "star_2_rd_ratio"


def main() -> None:
    """Measure and print."""
    folder, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    start = time.perf_counter()
    book = load("cn")
    evidence = book.read(folder)
    print(f"{len(evidence):,} enterprises read in {time.perf_counter() - start:.1f} s")
    print(f"digest of what was read: {evidence.digest[:12]}")
    for run in range(runs):
        start, used = time.perf_counter(), time.process_time()
        result = book.reform(evidence, {PATH: "10%"}, DAY, [RULE], by="province")
        took = time.perf_counter() - start
        tally = result.tally(RULE)
        print(
            f"{'first' if not run else 'again'}: {took:.2f} s, {time.process_time() - used:.2f} s of processors;",
            f"{int(tally.gain()):,} gain, {int(tally.lose()):,} lose, {len(result.question.groupings[0].groups)} provinces",
        )
    start, used = time.perf_counter(), time.process_time()
    result = book.reform(evidence, None, DAY, [RULE], by="province", sweep=f"{PATH}=5%:25%:100")
    print(
        f"a hundred values: {time.perf_counter() - start:.2f} s, {time.process_time() - used:.2f} s of processors"
    )
    print(f"rows by path: {result.record['rows_by_path']}")


if __name__ == "__main__":
    main()
