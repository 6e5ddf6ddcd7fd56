"""Many cases, some rules, a date, an engine: the answers as columns, and how they were come by.

The kernel answers what it can; rules that it refuses, and rows that it leaves, are answered by the
interpreter, and so is every case whose evidence might hold a finding: the kernel has no words for those.
Where llvmlite is not installed, or the cases are few, the interpreter answers everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, Protocol

import pyarrow as pa

from gangmu.engine.assess import CaseAnswers, answers_of
from gangmu.engine.interpreter import Finding, Run
from gangmu.engine.outcomes import Answer, Listed, Outcomes
from gangmu.engine.suspects import suspects
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.engine.sql.places import Warehouse

Engine = Literal["auto", "kernel", "interpreter", "sql"]
ENGINES: tuple[Engine, ...] = ("auto", "kernel", "interpreter", "sql")
NEEDED = ("llvmlite", "numpy")  # by the kernel
FEW = 50  # cases that the interpreter has answered before machine code is read (benchmarks/engines.py)


class Columns(Protocol):
    """What an engine of columns gives: answers by rule, rules refused with the reason, rows by path."""

    @property
    def columns(self) -> Mapping[str, Outcomes]:
        """Answers by full name."""

    @property
    def refused(self) -> Mapping[str, str]:
        """Why a rule is not among them."""

    @property
    def stats(self) -> Mapping[str, int]:
        """How many rows went which way."""


@dataclass(frozen=True, slots=True)
class Made:
    """How answers were come by: the engine and its version, rows by path, rules left to the interpreter."""

    engine: str
    version: str = ""
    paths: Mapping[str, int] = field(default_factory=dict)
    interpreted: Mapping[str, str] = field(default_factory=dict)  # full name -> why
    why: str = ""  # of the engine, if another could have been expected

    def record(self) -> dict[str, object]:
        """What a decision record says of it; the answers do not depend on any of it."""
        told: dict[str, object] = {"engine": " ".join(filter(None, (self.engine, self.version)))}
        if self.why:
            told["engine_why"] = self.why
        if self.paths:
            told["engine_rows"] = dict(self.paths)
        if self.interpreted:
            told["engine_interpreted"] = dict(self.interpreted)
        return told


@dataclass(frozen=True)
class Assessed:
    """Answers of some rules for many cases: `columns` in the order of the rules asked."""

    keys: pa.Array
    days: pa.Array  # date32
    columns: tuple[Outcomes, ...]
    findings: Mapping[int, tuple[Finding, ...]]  # by place of the case
    case_at: Callable[[int], Case]
    made: Made

    def __len__(self) -> int:
        """Number of cases."""
        return len(self.keys)

    def case(self, place: int) -> CaseAnswers:
        """Everything of one case, exact."""
        answers = tuple(column.answer(place) for column in self.columns)
        day: date = self.days[place].as_py()
        return CaseAnswers(self.case_at(place), day, answers, self.findings.get(place, ()))


def listed(cases: Sequence[CaseAnswers], rules: int) -> Assessed:
    """Answers that were worked out case by case."""
    columns = tuple(Listed([item.answers[place] for item in cases]) for place in range(rules))
    return Assessed(
        pa.array([item.case.key for item in cases], pa.string()),
        pa.array([item.as_of for item in cases], pa.date32()),
        columns,
        {place: item.findings for place, item in enumerate(cases) if item.findings},
        lambda place: cases[place].case,
        Made("interpreter"),
    )


def assess(  # noqa: PLR0913  a question has as many sides
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: pa.Array,
    *, engine: Engine = "auto", warehouse: Warehouse | None = None,
    advance: Callable[[], object] = lambda: None,
) -> Assessed:  # fmt: skip
    """Answer rules (full names) for every case, each on its day (date32); `sql` in a warehouse.

    `advance` is called for each case. Raises `QuestionError` if the kernel is asked for and cannot be had.
    """
    chosen, why = _choose(engine, len(evidence))
    if chosen == "kernel":
        from gangmu.engine.kernel import assess_days

        made = ("kernel", f"llvmlite {_version('llvmlite')}")
        answers = assess_days(book, evidence, names, days)
        return _by_columns(book, evidence, names, days, answers, made, advance)
    if chosen == "sql":
        return _by_query(book, evidence, names, days, warehouse, advance)
    found = []
    for case, day in zip(evidence.cases(), days.to_pylist(), strict=True):
        run = Run(book, case, day)
        found.append((tuple(answers_of(run, names)), tuple(run.findings)))
        advance()
    columns = tuple(Listed([answers[place] for answers, _ in found]) for place in range(len(names)))
    findings = {place: told for place, (_, told) in enumerate(found) if told}
    return Assessed(evidence.keys, days, columns, findings, evidence.case_at, Made("interpreter", why=why))


def _choose(engine: Engine, cases: int) -> tuple[str, str]:
    """The engine that answers, and why it is not the kernel if that could have been expected."""
    if engine not in ENGINES:
        what = f"`{engine}` is no engine"
        raise QuestionError(Problem("engine-unknown", "engine", what, " or ".join(ENGINES)))
    missing = " and ".join(name for name in NEEDED if find_spec(name) is None)
    if engine == "kernel" and missing:
        what, todo = f"the kernel needs {missing}", "pip install 'gangmu[kernel]'"
        raise QuestionError(Problem("engine-missing", "engine", what, "engine auto or interpreter", todo))
    if engine == "auto":
        if missing:
            return "interpreter", f"{missing} is not installed"
        return ("interpreter", "") if cases < FEW else ("kernel", "")
    return engine, ""


def _by_query(  # noqa: PLR0913, PLR0917  as `assess`
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: pa.Array,
    warehouse: Warehouse | None, advance: Callable[[], object],
) -> Assessed:  # fmt: skip
    """The columns of one query, in DuckDB if no warehouse is given."""
    from gangmu.engine.sql import assess_days
    from gangmu.engine.sql.places import open_warehouse

    place = warehouse or open_warehouse(None)
    try:
        answers = assess_days(book, evidence, names, days.to_pylist(), place)
    finally:
        if warehouse is None:
            place.close()
    return _by_columns(book, evidence, names, days, answers, ("sql", place.dialect.name), advance)


def _by_columns(  # noqa: PLR0913, PLR0917  as `assess`
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: pa.Array, answers: Columns,
    engine: tuple[str, str], advance: Callable[[], object],
) -> Assessed:  # fmt: skip
    """An engine's columns, and the interpreter's of what it refused."""
    refused = [name for name in names if name in answers.refused]
    told = suspects(book, evidence, names)
    rows: dict[str, list[Answer]] = {name: [] for name in refused}
    findings: dict[int, tuple[Finding, ...]] = {}
    suspected = set(told)
    cases = enumerate(evidence.cases()) if refused else ((place, evidence.case_at(place)) for place in told)
    for place, case in cases:
        run = Run(book, case, days[place].as_py())
        asked = list(names) if place in suspected else refused
        found = dict(zip(asked, answers_of(run, asked), strict=True))
        for name in refused:
            rows[name].append(found[name])
        if run.findings:
            findings[place] = tuple(run.findings)
        if refused:
            advance()
    columns = tuple(
        Listed(rows[name]) if name in answers.refused else answers.columns[name] for name in names
    )
    reasons = {name: answers.refused[name] for name in refused}
    made = Made(*engine, dict(answers.stats), reasons)
    return Assessed(evidence.keys, days, columns, findings, evidence.case_at, made)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
