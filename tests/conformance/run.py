"""The long run: `python -m conformance.run --seed 7 --count 100000 --engines kernel,duckdb,spark:10000`.

A program is one rule over 64 rows; 200 programs share a rulebook. Samples are numbered, and each depends on
the seed and its own number alone, so a run can be cut, gone on with (`--first`) or repeated in any order.
Ends with 1 if an engine differs from the interpreter or a mutant lives, with 2 if it was asked wrongly.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from conformance.cases import flat_pages
from conformance.compare import Difference, Tally, run_sample
from conformance.engines import ENGINES, missing
from conformance.faults import hunt
from conformance.flat import differing
from conformance.sample import Sample, draw
from conformance.shrink import shrunk

PROGRAMS, ROWS = 200, 64
os.environ.setdefault("GANGMU_CACHE", tempfile.mkdtemp(prefix="gangmu-conformance-"))
SHOWN = 5  # differences handed over in full
OFTEN = 1000  # how often the long run meets every operator


@dataclass(frozen=True)
class Plan:
    """What is asked of the run: up to which sample each engine is asked."""

    seed: int
    first: int
    samples: int
    until: Mapping[str, int]

    def engines(self, number: int) -> tuple[str, ...]:
        """The engines that answer a sample."""
        return tuple(name for name, until in self.until.items() if number < until)


@dataclass
class Outcome:
    """What came of one or more samples."""

    tally: Tally = field(default_factory=Tally)
    shown: list[str] = field(default_factory=list)


def sample_of(seed: int, number: int) -> Sample:
    """The sample of a number."""
    return draw(Random(f"{seed}/{number}"), PROGRAMS, ROWS)


def one(seed: int, number: int, engines: Sequence[str]) -> Outcome:
    """Run one sample (in a process of its own)."""
    sample = sample_of(seed, number)
    with tempfile.TemporaryDirectory() as folder:
        tally, differences = run_sample(sample, Path(folder), engines, number)
        return Outcome(
            tally, [f"sample {number}\n{text}" for text in _reports(sample, differences, Path(folder))]
        )


def _reports(sample: Sample, differences: Sequence[Difference], folder: Path) -> Iterator[str]:
    """The first difference of each engine, made small; the rules of the others."""
    for engine in dict.fromkeys(found.engine for found in differences):
        mine = [found for found in differences if found.engine == engine]
        rules = list(dict.fromkeys(found.rule for found in mine))
        yield (
            shrunk(sample, mine[0], folder)
            + f"\n({len(mine)} answers of {len(rules)} rules: {', '.join(rules[:9])})"
        )


def report(plan: Plan, outcome: Outcome, seconds: float) -> str:
    """Everything that was met, as text."""
    tally, rows = outcome.tally, max(1, outcome.tally.rows)
    open_ = tally.verdicts["unknown"] + tally.verdicts["unknown, with bounds"]
    lines = [f"seed {plan.seed}: {tally.programs:,} programs, {tally.rows:,} verdicts in {seconds:,.0f} s"]
    lines += _listed("verdicts", tally.verdicts, rows)
    lines.append(f"undecided: {open_ / rows:.1%} of all; met a threshold exactly: {tally.ties / rows:.1%}")
    lines += _listed("rules by kind", tally.kinds)
    lines += _listed("operators, by how often they are written", tally.operators)
    rare = [name for name, count in tally.operators.items() if count < OFTEN]
    lines.append(f"written fewer than {OFTEN:,} times: {', '.join(sorted(rare)) or 'none'}")
    for engine, asked in tally.asked.items():
        refused = tally.refused[engine]
        lines.append(
            f"{engine}: {asked:,} programs, {refused.total():,} refused ({refused.total() / asked:.2%})"
        )
        lines += [f"    {count:>7,}  {reason}" for reason, count in refused.most_common()]
        lines.append(
            "    rows by path: "
            + ", ".join(f"{path} {count:,}" for path, count in tally.paths[engine].items())
        )
    lines.append(f"differences: {tally.differences or 'none'}")
    return "\n".join(lines)


def _listed(title: str, counts: Counter[str], of: int = 0) -> list[str]:
    """Counts, most first, each with its share of `of` if that is given."""
    shares = {name: f" ({count / of:.1%})" if of else "" for name, count in counts.items()}
    told = (f"{name} {count:,}{shares[name]}" for name, count in counts.most_common())
    return [f"{title}: {', '.join(told)}"]


# ---------------------------------------------------------------------- the command


def run(plan: Plan, processes: int) -> tuple[Outcome, bool]:
    """Run all samples, showing differences as they are met; partial if interrupted."""
    whole, begun, done = Outcome(), time.monotonic(), 0
    pool = ProcessPoolExecutor(processes)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # told to end, it shows what it has, as on Ctrl-C
    tasks = [
        pool.submit(one, plan.seed, number, plan.engines(number))
        for number in range(plan.first, plan.first + plan.samples)
    ]
    try:
        for task in as_completed(tasks):
            _count(whole, task)
            done += 1
            left = (time.monotonic() - begun) / done * (plan.samples - done)
            _progress(
                f"{done * PROGRAMS:,} of {plan.samples * PROGRAMS:,} programs, {left / 60:.0f} minutes left"
            )
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        return whole, False
    pool.shutdown()
    return whole, True


def _count(whole: Outcome, task: Future[Outcome]) -> None:
    found = task.result()
    whole.tally.add(found.tally)
    for text in found.shown:
        if len(whole.shown) < SHOWN:
            print(f"\n{text}\n", flush=True)
        whole.shown.append(text)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}   ", end="", file=sys.stderr, flush=True)


def _asked(words: str, samples: int, first: int) -> dict[str, int]:
    """Engines with the number of the sample up to which each is asked: `kernel,spark:10000`."""
    until = {}
    for word in filter(None, words.split(",")):
        name, _, count = word.strip().partition(":")
        if name not in ENGINES or (count and not count.isdigit()):
            raise argparse.ArgumentTypeError(
                f"`{word}`: expected {', '.join(ENGINES)}, each with :COUNT if less"
            )
        if why := missing(name):
            raise argparse.ArgumentTypeError(f"{name} cannot run here: {why}")
        until[name] = first + min(samples, -(-int(count) // PROGRAMS) if count else samples)
    return until


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments, run, report."""
    parser = argparse.ArgumentParser(
        prog="conformance", description="Hold all engines against the interpreter."
    )
    parser.add_argument("--seed", type=int, default=1, help="what the samples are drawn from")
    parser.add_argument("--count", type=int, default=2_000, help="programs, in whole rulebooks of 200")
    parser.add_argument(
        "--first", type=int, default=0, help="the number of the first rulebook, to go on with a run"
    )
    parser.add_argument("--engines", default=",".join(name for name in ENGINES if not missing(name)),
                        help="engine[:COUNT],...")  # fmt: skip
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    if given.count < 1 or given.first < 0 or given.processes < 1:
        parser.error("--count and --processes are 1 or more, --first is 0 or more")
    samples = -(-given.count // PROGRAMS)
    try:
        plan = Plan(given.seed, given.first, samples, _asked(given.engines, samples, given.first))
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    wrong = _flat(list(plan.until)) if given.first == 0 else 0
    begun = time.monotonic()
    outcome, complete = run(plan, given.processes)
    print(report(plan, outcome, time.monotonic() - begun))
    if not complete:
        print("interrupted: these are the counts so far")
        return 1 if outcome.tally.differences else 0
    alive = _mutants(plan)
    return 1 if outcome.tally.differences or wrong or alive else 0


def _flat(engines: Sequence[str]) -> int:
    """All flat cases on all engines; how many come out otherwise."""
    count = 0
    for engine in ("interpreter", *engines):
        asked, refused = 0, 0
        for page in flat_pages():
            with tempfile.TemporaryDirectory() as folder:
                wrong, found = differing(page, engine, Path(folder))
            asked += len(page.cases)
            refused += sum(case.rule in found.refused for case in page.cases)
            for text in (*wrong, *found.failed.values()):
                print(f"{engine}: {text}")
                count += 1
        print(f"{engine}: {asked} flat cases, {refused} of them refused", flush=True)
    return count


def _mutants(plan: Plan) -> int:
    """Plant every fault; how many live."""
    alive = 0
    for engine in plan.until:
        with tempfile.TemporaryDirectory() as folder:
            caught = hunt(engine, plan.seed, Path(folder))
        names = ", ".join(caught) or "none planted"
        print(f"{engine}: {sum(caught.values())} of {len(caught)} mutants caught: {names}", flush=True)
        for name, dead in caught.items():
            if not dead:
                print(f"    alive: {name}")
                alive += 1
    return alive


if __name__ == "__main__":
    sys.exit(main())
