"""The doors of the SQL engine: evidence, and the rules asked of it, answered where a query can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from gangmu.engine.assess import answers_of
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer, Listed
from gangmu.engine.sql.facts import ROW
from gangmu.engine.sql.outputs import Written, read_answer
from gangmu.engine.sql.places import Warehouse
from gangmu.engine.sql.query import Query, build
from gangmu.engine.sql.shaped import Shaped, shape
from gangmu.engine.sql.staged import run_query
from gangmu.evidence.cases import Evidence
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

COUNTS = ("rows", "interpreter", "answers", "beyond")  # rows, those interpreted; answers, those beyond
WIDEST = 150  # rules that share a query, so that no result has more columns than PostgreSQL bears


@dataclass(slots=True)
class AnswerColumn:
    """The answers of one rule, case by case; `given` are those that the interpreter gave."""

    name: str
    written: Written
    rows: Sequence[int]  # place of each case in `found`, -1 if it is not there
    found: Mapping[str, Sequence[object]]
    given: dict[int, Answer] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Answer]:
        return (self.answer(place) for place in range(len(self)))

    def read(self, place: int) -> Answer | None:
        """What the query says of a case; None where it does not say."""
        row = self.rows[place]
        if row < 0:
            return None
        names = (name for name in self.written.names.values() if name in self.found)
        return read_answer(self.written, {name: self.found[name][row] for name in names})

    def arrays(self, rule: model.Rule, /) -> dict[str, pa.Array]:
        """The columns of a result."""
        return Listed(list(self)).arrays(rule)

    def answer(self, place: int) -> Answer:
        """The exact answer of a case."""
        if place in self.given:
            return self.given[place]
        answer = self.read(place)
        if answer is None:
            raise KeyError(place)
        return answer


@dataclass(slots=True)
class Answers:
    """Answers by rule (full name), rules refused with the reason, and how much the interpreter was given."""

    columns: dict[str, AnswerColumn] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))


def assess_tables(
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating, warehouse: Warehouse
) -> Answers:
    """Answer rules (full names) for every case of evidence that is loaded into the warehouse's session.

    Raises `QuestionError` if a case has no date.
    """
    return assess_days(book, evidence, names, dating.column_of(evidence).to_pylist(), warehouse)


def assess_days(
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], days: Sequence[date], warehouse: Warehouse
) -> Answers:
    """As `assess_tables`, each case on its day."""
    answers = Answers()
    for start in range(0, len(names), WIDEST):
        _some(book, evidence, names[start : start + WIDEST], (days, warehouse), answers)
    answers.stats["rows"] = len(evidence)
    return answers


def _some(
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], where: tuple[Sequence[date], Warehouse],
    answers: Answers,
) -> None:  # fmt: skip
    days, warehouse = where
    reached = graph_of(book).below(names)
    used = [rule for name, rule in book.rules.items() if name in reached]
    shaped = shape(book, evidence, used, days)
    tables = {entity: f"gangmu_{entity}" for entity in shaped.tables}
    query = build(book, names, shaped.layout, warehouse.dialect, lambda entity: tables[entity or book.root])
    answers.refused.update(query.refused)
    if not query.written:
        return
    for entity, table in shaped.tables.items():
        warehouse.load(tables[entity], table)
    found = run_query(query, warehouse)
    _take(book, evidence, query, (shaped, found), answers)


def _take(
    book: model.Rulebook, evidence: Evidence, query: Query,
    result: tuple[Shaped, Mapping[str, Sequence[object]]], answers: Answers,
) -> None:  # fmt: skip
    """Read the result; what it does not say, the interpreter does."""
    shaped, found = result
    rows = [-1] * len(evidence)
    for place, row in enumerate(found[ROW]):
        if row not in shaped.hard:
            rows[int(str(row))] = place
    run_of = _runs(book, evidence, shaped)
    for name, written in query.written.items():
        column = answers.columns[name] = AnswerColumn(name, written, rows, found)
        for place in range(len(evidence)):
            if column.read(place) is None:
                column.given[place] = answers_of(run_of(place), [name])[0]
                answers.stats["beyond"] += rows[place] >= 0
            answers.stats["answers"] += 1
    answers.stats["interpreter"] += len(run_of.kept)


@dataclass(slots=True)
class _Runs:
    """The interpreter's runs of some cases, made when asked for."""

    book: model.Rulebook
    days: Sequence[object]
    case_of: Callable[[int], object]
    kept: dict[int, Run] = field(default_factory=dict)

    def __call__(self, place: int) -> Run:
        if place not in self.kept:
            self.kept[place] = Run(self.book, self.case_of(place), self.days[place])  # type: ignore[arg-type]
        return self.kept[place]


def _runs(book: model.Rulebook, evidence: Evidence, shaped: Shaped) -> _Runs:
    keys: list[str] = []

    def case_of(place: int) -> object:
        if not keys:
            keys.extend(evidence.keys.to_pylist())
        return evidence.case(keys[place])

    return _Runs(book, shaped.days, case_of)
