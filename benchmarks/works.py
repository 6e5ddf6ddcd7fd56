"""What is measured: the works, who does them, and whether their answers are right."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import Contender, Measured
from permits import parameters as permits
from policy import exact
from policy.parameters import ASKED, NUMERIC, SCHEMES, TOTALS, TRUTHS, reforms

from gangmu.book import load
from gangmu.engine.assess import outcome
from gangmu.engine.interpreter import Run

OURS = "Gangmu"
HALF_A_FEN = 0.005
HERE = Path(__file__).resolve().parent
SAMPLE = 300  # enterprises that the interpreter judges


@dataclass(frozen=True)
class Work:
    """One kind of work. `judge` writes into each measurement what is wrong with its answers."""

    name: str
    title: str
    contenders: Callable[[], list[Contender]]
    judge: Callable[[Path, Sequence[Measured]], str]
    goal: str = ""
    unit: str = "ms"
    large: int = 0  # how many times the enterprises are read from a file larger than memory; 0: none


def _here(engine: str, script: str, work: str) -> Contender:
    return Contender(engine, f"policy/{script}.py", work)


def _peer(engine: str, script: str, work: str, peer: str) -> Contender:
    return Contender(engine, f"policy/{script}.py", work, peer, slow=True)


# ---------------------------------------------------------------------- one policy


def _policy() -> list[Contender]:
    return [
        _here(OURS, "gangmu_engine", "policy"),
        _here("Polars by hand", "polars_by_hand", "policy"),
        _here("Polars by hand, streaming engine", "polars_by_hand", "streaming"),
        _here("DuckDB by hand, into a table", "duckdb_by_hand", "policy"),
        _here("DuckDB by hand, into NumPy", "duckdb_by_hand", "to_numpy"),
        _here("NumPy by hand", "numpy_by_hand", "policy"),
        _peer("OpenFisca-core", "openfisca_rules", "policy", "openfisca"),
        _peer("policyengine-core", "openfisca_rules", "policy", "policyengine"),
        _peer("zen-engine 0.37", "zen_engine", "policy", "zen037"),
        _peer("zen-engine 2", "zen_engine", "policy", "zen"),
    ]


def _judge_policy(data: Path, found: Sequence[Measured]) -> str:
    """Every column of every row against the exact answers; money of peers to half a fen."""
    right = exact.policy(pq.read_table(data / "policy.parquet"))
    for one in found:
        if one.answers:
            one.wrong = _differences(one.answers, right, exactly=one.engine == OURS)
    return "all rows against exact answers worked out apart (benchmarks/policy/exact.py)"


def _differences(answers: Mapping[str, Any], right: Mapping[str, Any], *, exactly: bool) -> str:
    said = []
    for name in ASKED:
        column = np.asarray(answers[name])
        count = len(column)
        truth, den = right[name][:count], int(right.get(f"{name}.den", 1))
        if exactly and name in NUMERIC:
            wrong = column.astype(object) * den != truth.astype(object) * int(answers[f"{name}.den"])
        elif name in NUMERIC:
            wrong = np.abs(column.astype(float) - truth / den) > HALF_A_FEN
        else:
            wrong = column.astype(bool) != truth
        if wrong.any():
            said.append(f"{name} {int(wrong.sum()):,}{_how(name, column, truth, den)}")
    return "; ".join(said) or "none"


def _how(name: str, column: Any, truth: Any, den: int) -> str:
    """How a scheme's firms are lost, or how far money is off."""
    if name in SCHEMES:
        lost, gained = int((~column.astype(bool) & truth).sum()), int((column.astype(bool) & ~truth).sum())
        return f" (lost {lost:,}, gained {gained:,})"
    if den != 1:
        return f" (by up to CNY {np.abs(column.astype(float) - truth / den).max():,.2f})"
    return ""


# ---------------------------------------------------------------------- holes


def _holes() -> list[Contender]:
    return [
        _here(OURS, "gangmu_engine", "holes"),
        _here("DuckDB by hand, strict NULL", "duckdb_by_hand", "holes"),
        _here("Polars by hand, strict NULL", "polars_by_hand", "holes"),
    ]


def _judge_holes(data: Path, found: Sequence[Measured]) -> str:
    right = exact.statuses(pq.read_table(data / "holes.parquet"))
    open_ = {name: int((status == exact.UNKNOWN).sum()) for name, status in right.items()}
    for one in found:
        if one.engine == OURS:
            wrong = {name: int((one.answers[f"{name}.status"] != right[name]).sum()) for name in TRUTHS}
            one.wrong = "; ".join(f"{name} {count:,}" for name, count in wrong.items() if count) or "none"
            continue
        more = {name: int(np.ravel(one.answers[f"{name} unknown"])[0]) - open_[name] for name in SCHEMES}
        one.wrong = "; ".join(
            f"{name}: {count:,} left unknown that are decided" for name, count in more.items()
        )
    counted = ", ".join(f"{open_[name]:,} in {name}" for name in SCHEMES)
    return f"every status of every row against bounds worked out apart; unknown: {counted}"


# ---------------------------------------------------------------------- reforms


def _reforms() -> list[Contender]:
    return [
        _here(OURS, "gangmu_engine", "reforms"),
        _here("Polars by hand", "polars_by_hand", "reforms"),
        _here("DuckDB by hand", "duckdb_by_hand", "reforms"),
        _here("NumPy by hand", "numpy_by_hand", "reforms"),
        _peer("OpenFisca-core", "openfisca_rules", "reforms", "openfisca"),
        _peer("policyengine-core", "openfisca_rules", "reforms", "policyengine"),
    ]


def _judge_reforms(data: Path, found: Sequence[Measured]) -> str:
    """The first reforms exactly; all of them among the engines."""
    table, sample = pq.read_table(data / "policy.parquet"), 3
    right = []
    for numbers in reforms()[:sample]:
        answers = exact.policy(table, numbers)
        right.append([int(answers[name].sum()) / int(answers.get(f"{name}.den", 1)) for name in TOTALS])
    for one in found:
        off = []
        for place, name in enumerate(TOTALS):
            pairs = [(one.answers["totals"][row][place], right[row][place]) for row in range(sample)]
            worst = max((abs(a - b) for a, b in pairs), default=0)
            if worst > (0 if place < len(SCHEMES) else 1e-9 * max(b for _, b in pairs)):
                off.append(f"{name} off by up to {worst:,.0f}")
        one.wrong = "; ".join(off) or "none"
    return f"totals of {sample} reforms against exact answers worked out apart"


# ---------------------------------------------------------------------- larger than memory


def _large() -> list[Contender]:
    return [
        Contender(OURS, "policy/gangmu_engine.py", "large", slow=True),
        Contender("DuckDB, copying the 32 columns", "policy/duckdb_by_hand.py", "copy", slow=True),
        Contender("DuckDB by hand, 18 columns", "policy/duckdb_by_hand.py", "large", slow=True),
    ]


def _judge_large(data: Path, found: Sequence[Measured]) -> str:
    """Ours against DuckDB's by hand, which the judge found right above, row by row."""
    wrong = dict.fromkeys(ASKED, 0)
    files = [pq.ParquetFile(data / name) for name in ("by_gangmu.parquet", "by_duckdb.parquet")]
    rows = [file.iter_batches(1 << 17, columns=["enterprise", *ASKED]) for file in files]
    for ours, theirs in zip(*map(_even, rows), strict=True):
        assert ours["enterprise"].equals(theirs["enterprise"])
        for name in ASKED:
            pair = [batch[name].to_numpy(zero_copy_only=False) for batch in (ours, theirs)]
            off = np.abs(pair[0] - pair[1]) > HALF_A_FEN if name in NUMERIC else pair[0] != pair[1]
            wrong[name] += int(off.sum())
    for one in found:
        if one.engine == OURS:
            one.wrong = "; ".join(f"{name} {count:,}" for name, count in wrong.items() if count) or "none"
    return "all rows against those of DuckDB by hand"


def _even(batches: Iterator[pa.RecordBatch], size: int = 1 << 17) -> Iterator[pa.RecordBatch]:
    """Batches of one size, however a reader gives them."""
    kept: list[pa.RecordBatch] = []
    for batch in batches:
        kept.append(batch)
        while sum(map(len, kept)) >= size:
            whole = pa.concat_batches(kept)
            yield whole.slice(0, size)
            kept = [whole.slice(size)]
    if kept and sum(map(len, kept)):
        yield pa.concat_batches(kept)


# ---------------------------------------------------------------------- one enterprise


def _one() -> list[Contender]:
    return [
        _here(OURS, "gangmu_engine", "one"),
        _here("Gangmu, answers not looked at", "gangmu_engine", "one_decided"),
        _here("Gangmu, five facts missing", "gangmu_engine", "one_with_holes"),
        _here("Gangmu, one answer with its reasons", "gangmu_engine", "one_explained"),
        _here("plain Python by hand", "numpy_by_hand", "one"),
        _peer("zen-engine 0.37", "zen_engine", "one", "zen037"),
        _peer("zen-engine 2", "zen_engine", "one", "zen"),
        _peer("OpenFisca-core", "openfisca_rules", "one", "openfisca"),
        _here("Polars by hand", "polars_by_hand", "one"),
        _here("DuckDB by hand, prepared", "duckdb_by_hand", "one"),
    ]


def _judge_one(data: Path, found: Sequence[Measured]) -> str:
    """Ours exactly; the peers' were judged with the whole population."""
    right = exact.policy(pq.read_table(data / "policy.parquet").slice(0, 1))
    for one in found:
        if one.engine == OURS and one.answers:
            one.wrong = _differences(one.answers, right, exactly=True)
    return "Gangmu's against exact answers; the peers' judged with the whole population above"


def _judge_nothing(_: Path, __: Sequence[Measured]) -> str:
    return ""


def _cn() -> list[Contender]:
    return [
        Contender("Gangmu, outcomes of cn with 20 related rows", "cn/one.py", "outcomes"),
        Contender("Gangmu, one answer of cn with 20 related rows", "cn/one.py", "answer"),
        Contender("Gangmu, one answer with all that it rests on", "cn/one.py", "reasons"),
        Contender("Gangmu, one answer with what is missing and the shortest ways", "cn/one.py", "ways"),
    ]


def _starts() -> list[Contender]:
    return [
        Contender("python -c pass", "cn/starts.py", "python"),
        Contender("gangmu --help", "cn/starts.py", "help"),
        Contender("load cn, cold", "cn/starts.py", "load_cold", slow=True),
        Contender("load cn, warm", "cn/starts.py", "load_warm"),
        Contender("load cn and compile its outcomes, cold", "cn/starts.py", "compile_cold", slow=True),
        Contender("load cn and compile its outcomes, warm", "cn/starts.py", "compile_warm", slow=True),
    ]


# ---------------------------------------------------------------------- another shape of rules


def _permits() -> list[Contender]:
    return [
        Contender(OURS, "permits/gangmu_engine.py", "permits"),
        Contender("Polars by hand", "permits/polars_by_hand.py", "permits"),
        Contender("DuckDB by hand", "permits/duckdb_by_hand.py", "permits"),
    ]


def _judge_permits(data: Path, found: Sequence[Measured]) -> str:
    """All against one another, and a sample against the interpreter."""
    [ours] = [one for one in found if one.engine == OURS]
    for one in found:
        off = {name: int((_plain(one, name) != _plain(ours, name)).sum()) for name in permits.ASKED}
        one.wrong = "; ".join(f"{name} {count:,}" for name, count in off.items() if count) or "none"
    book = load(HERE / "rulebooks" / "permits")
    keys = random.Random(1).sample(range(len(ours.answers["points"])), SAMPLE)
    read = book.read(data / "permits").only([f"E{key:08d}" for key in keys])
    for case in read.cases():
        key, run = int(case.key[1:]), Run(book.model, case, permits.DAY)
        for name in permits.ASKED:
            if float(outcome(run, f"rules.{name}").value) != float(ours.answers[name][key]):  # type: ignore[arg-type]
                ours.wrong = f"{name} of {case.key}"
    return f"all rows of all engines against one another, and {SAMPLE} enterprises against the interpreter's fractions"


def _plain(one: Measured, name: str) -> Any:
    return np.asarray(one.answers[name]).astype(float)


WORKS = [
    Work("policy", "One policy, 18 columns materialised", _policy, _judge_policy,
         "at most 0.5x Polars; under 4x the memory floor"),
    Work("holes", "Met, not met, unknown of 14 gates; 5% holes in 14 columns", _holes, _judge_holes,
         "under a fifth of DuckDB's time"),
    Work("reforms", "100 reforms, totals of each", _reforms, _judge_reforms,
         "under a third of Polars' time, under a sixtieth of OpenFisca's"),
    Work("one", "One enterprise, in process", _one, _judge_one,
         "under 20 us; with its reasons under 2 ms", "us"),
    Work("cn", "The whole rulebook cn, one enterprise", _cn, _judge_nothing, "stated too", "ms"),
    Work("start", "Starting", _starts, _judge_nothing,
         "cold under 2 s for 1,000 rules, warm under 0.3 s, --help under 0.15 s", "ms"),
    Work("permits", "Codes, dates and related rows: 30 other rules, 18 columns", _permits, _judge_permits),
    Work("large", "Larger than memory, Parquet to Parquet", _large, _judge_large,
         "under 1.5x DuckDB's copy, under 2 GiB", "s", large=20),
]  # fmt: skip
