"""What is measured: the works, who does them, and whether their answers are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from measure import Contender, Measured
from policy import exact
from policy.parameters import ASKED, NUMERIC, SCHEMES, TOTALS, TRUTHS, reforms

OURS = "Gangmu"
HALF_A_FEN = 0.005


@dataclass(frozen=True)
class Work:
    """One kind of work. `judge` writes into each measurement what is wrong with its answers."""

    name: str
    title: str
    contenders: Callable[[], list[Contender]]
    judge: Callable[[Path, Sequence[Measured]], str]
    goal: str = ""
    unit: str = "ms"


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


# ---------------------------------------------------------------------- one enterprise


def _one() -> list[Contender]:
    return [
        _here("plain Python by hand", "numpy_by_hand", "one"),
        _peer("zen-engine 0.37", "zen_engine", "one", "zen037"),
        _peer("zen-engine 2", "zen_engine", "one", "zen"),
        _peer("OpenFisca-core", "openfisca_rules", "one", "openfisca"),
        _here("Polars by hand", "polars_by_hand", "one"),
        _here("DuckDB by hand, prepared", "duckdb_by_hand", "one"),
    ]


def _judge_nothing(_: Path, __: Sequence[Measured]) -> str:
    return "answers judged with the whole population above"


WORKS = [
    Work("policy", "One policy, 18 columns materialised", _policy, _judge_policy,
         "at most 0.5x Polars; under 4x the memory floor"),
    Work("holes", "Met, not met, unknown of 14 gates; 5% holes in 14 columns", _holes, _judge_holes,
         "under a fifth of DuckDB's time"),
    Work("reforms", "100 reforms, totals of each", _reforms, _judge_reforms,
         "under a third of Polars' time, under a sixtieth of OpenFisca's"),
    Work("one", "One enterprise, in process", _one, _judge_nothing, "under 20 us", "us"),
]  # fmt: skip
