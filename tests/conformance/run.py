"""The long run: `python -m conformance.run --seed 7 --count 100000 --engines kernel,duckdb,spark:10000`.

A program is one rule over 64 rows; 200 programs share a rulebook. Samples are numbered, and each depends on
the seed and its own number alone, so a run can be cut, gone on with (`--state FILE`, or `--first`) or
repeated in any order. An engine that is asked for less answers samples spread evenly over the run.
Ends with 1 if an engine differs from the interpreter or a mutant lives, with 2 if it was asked wrongly.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path
from random import Random

from conformance import servers
from conformance.cases import flat_pages
from conformance.compare import Difference, Tally, run_sample
from conformance.engines import ENGINES, missing
from conformance.faults import hunt
from conformance.flat import differing
from conformance.journal import Entry, Journal, OtherRunError
from conformance.sample import Sample, draw
from conformance.shrink import shrunk
from gangmu.errors import GangmuError

PROGRAMS, ROWS = 200, 64
os.environ.setdefault("GANGMU_CACHE", tempfile.mkdtemp(prefix="gangmu-conformance-"))
SHOWN = 5  # differences handed over in full
OFTEN = 1000  # how often the long run meets every operator


@dataclass(frozen=True)
class Plan:
    """What is asked of the run: how many of its samples each engine answers."""

    seed: int
    first: int
    samples: int
    share: Mapping[str, int]

    def engines(self, number: int) -> tuple[str, ...]:
        """The engines that answer a sample: of `samples`, one asked for `n` answers every `samples / n`th."""
        place = number - self.first
        return tuple(
            name
            for name, share in self.share.items()
            if place * share // self.samples < (place + 1) * share // self.samples
        )


def sample_of(seed: int, number: int) -> Sample:
    """The sample of a number."""
    return draw(Random(f"{seed}/{number}"), PROGRAMS, ROWS)


def one(seed: int, number: int, engines: tuple[str, ...]) -> Entry:
    """Run one sample (in a process of its own)."""
    sample = sample_of(seed, number)
    with tempfile.TemporaryDirectory() as folder:
        try:
            tally, differences = run_sample(sample, Path(folder), engines, number)
        except GangmuError as error:  # a page that does not load, evidence that cannot be read
            broken = (f"sample {number} cannot be used: {error}",)
            return Entry(number, engines, Tally(differences=1), broken)
        except Exception:  # noqa: BLE001  the run goes on, and shows it
            broken = (f"sample {number} broke the suite:\n{traceback.format_exc()}",)
            return Entry(number, engines, Tally(differences=1), broken)
        shown = [f"sample {number}\n{text}" for text in _reports(sample, differences, Path(folder))]
        return Entry(number, engines, tally, tuple(shown))


def _reports(sample: Sample, differences: Sequence[Difference], folder: Path) -> Iterator[str]:
    """The first difference of each engine, made small; the rules of the others."""
    for engine in dict.fromkeys(found.engine for found in differences):
        mine = [found for found in differences if found.engine == engine]
        rules = list(dict.fromkeys(found.rule for found in mine))
        yield (
            shrunk(sample, mine[0], folder)
            + f"\n({len(mine)} answers of {len(rules)} rules: {', '.join(rules[:9])})"
        )


def report(plan: Plan, journal: Journal, tally: Tally, added: int, seconds: float) -> str:
    """Everything that was met, as text.

    `tally` is what the journal comes to, `added` how many of its entries are of this run.
    """
    rows = max(1, tally.rows)
    open_ = tally.verdicts["unknown"] + tally.verdicts["unknown, with bounds"]
    lines = [f"seed {plan.seed}: {tally.programs:,} programs, {tally.rows:,} verdicts"]
    if kept := len(journal.entries) - added:
        lines.append(
            f"answers to rulebooks: {kept:,} kept from before, {added:,} given now in {seconds:,.0f} s"
        )
    else:
        lines[0] += f" in {seconds:,.0f} s"
    held = ", ".join(f"{name or 'interpreter'} {journal.code[name]}" for name in ("", *plan.share))
    lines.append(f"code: {held}")
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


def run(plan: Plan, processes: int, journal: Journal) -> bool:
    """Run the samples that the journal lacks, showing differences as they are met; false if interrupted."""
    # told to end, it shows what it has, as on Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ProcessPoolExecutor(processes, initializer=_begin) as pool:
        tasks = []
        for number in range(plan.first, plan.first + plan.samples):
            done = journal.done(number)
            left = tuple(name for name in plan.engines(number) if name not in done)
            if left or not done:
                tasks.append(pool.submit(one, plan.seed, number, left))
        try:
            begun = time.monotonic()
            for place, task in enumerate(as_completed(tasks), 1):
                _count(journal, task.result())
                minutes = (time.monotonic() - begun) / place * (len(tasks) - place) / 60
                before = plan.samples - len(tasks)
                _progress(f"{before + place:,} of {plan.samples:,} rulebooks, {minutes:.0f} minutes left")
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            return False
    return True


def _begin() -> None:
    """A worker leaves Ctrl-C to the command, and takes its servers with it when it is told to end."""

    def end(_number: int, _frame: object) -> None:
        servers.stop()
        os._exit(0)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)


def _count(journal: Journal, found: Entry) -> None:
    before = sum(1 for _ in journal.shown())
    journal.add(found)
    for text in found.shown[: max(0, SHOWN - before)]:
        print(f"\n{text}\n", flush=True)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}   ", end="", file=sys.stderr, flush=True)


def _asked(words: str, samples: int) -> dict[str, int]:
    """Engines with the number of samples that each is asked: `kernel,spark:10000`."""
    share = {}
    for word in filter(None, words.split(",")):
        name, _, count = word.strip().partition(":")
        if name not in ENGINES or (count and not count.isdigit()):
            raise argparse.ArgumentTypeError(
                f"`{word}`: expected {', '.join(ENGINES)}, each with :COUNT if less"
            )
        if why := missing(name):
            raise argparse.ArgumentTypeError(f"{name} cannot run here: {why}")
        share[name] = min(samples, -(-int(count) // PROGRAMS) if count else samples)
    return share


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
    parser.add_argument("--state", type=Path, help="a file that keeps what was found, to go on with a run")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(arguments)
    if given.count < 1 or given.first < 0 or given.processes < 1:
        parser.error("--count and --processes are 1 or more, --first is 0 or more")
    samples = -(-given.count // PROGRAMS)
    try:
        plan = Plan(given.seed, given.first, samples, _asked(given.engines, samples))
        journal = Journal.of(given.state, given.seed, (PROGRAMS, ROWS))
    except (argparse.ArgumentTypeError, OtherRunError) as error:
        parser.error(str(error))
    if journal.outdated:
        print(f"{journal.outdated:,} lines of {given.state} are of other code: asked again", flush=True)
    begun, before = time.monotonic(), len(journal.entries)
    complete = run(plan, given.processes, journal)
    tally = journal.tally()
    took = time.monotonic() - begun
    print(report(plan, journal, tally, len(journal.entries) - before, took), flush=True)
    if not complete:
        print("interrupted: these are the counts so far")
        return 1 if tally.differences else 0
    wrong = _flat(list(plan.share)) if given.first == 0 else 0
    alive = _mutants(plan, journal)
    return 1 if tally.differences or wrong or alive else 0


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


def _mutants(plan: Plan, journal: Journal) -> int:
    """Plant every fault; how many live."""
    alive = 0
    for engine in plan.share:
        if engine not in journal.hunts:
            with tempfile.TemporaryDirectory() as folder:
                journal.hunted(engine, hunt(engine, plan.seed, Path(folder)))
        caught = journal.hunts[engine]
        names = ", ".join(caught) or "none planted"
        print(f"{engine}: {sum(caught.values())} of {len(caught)} mutants caught: {names}", flush=True)
        for name, dead in caught.items():
            if not dead:
                print(f"    alive: {name}")
                alive += 1
    return alive


if __name__ == "__main__":
    sys.exit(main())
