"""One case from plain Python values, without tables: the facts of a form, of a message, of a row in hand.

A value means what the same value means in a cell of a table: it is read by the same readers, each distinct
text once. Where a table's bad cell is set aside and told of, here everything that is wrong is raised at once:
who asks about one case can mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.cases import Completeness, related_rows, value_of
from gangmu.evidence.cells import read_texts
from gangmu.evidence.facts import Case, Fact, FactValue, RelatedRow
from gangmu.evidence.sheets import text_of
from gangmu.rulebook import model

MAX_REMEMBERED = 10_000  # texts read
ORIGIN = "origin"


class NotGiven:
    """What a cell that says nothing is read as."""


NOT_GIVEN = NotGiven()
Cell = FactValue | NotGiven


class Reader:
    """Reads the values of one book's inputs; what is wrong is collected in `problems`."""

    def __init__(self, book: model.Rulebook) -> None:
        """For one book."""
        self.book = book
        self._remembered: dict[tuple[str, str], tuple[Cell, str]] = {}

    def cell(self, rule: model.Rule, value: object, at: str, problems: list[Problem]) -> Cell:
        """What a value says of an input; not given, if it cannot be read."""
        text = text_of(float(value) if isinstance(value, float) else value)
        if text is None:
            return NOT_GIVEN
        key = (rule.name, text)
        if key not in self._remembered:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = _read(rule, text)
        found, wrong = self._remembered[key]
        if wrong:
            expected = f"{rule.input.input} ({rule.input.unit})" if rule.input.input == "number" else ""
            problems.append(
                Problem(
                    "fact-unreadable", at, f"`{text}` {wrong}", expected or rule.input.input, "correct it"
                )
            )
        return found

    def case(
        self, facts: Mapping[str, object], rows: Mapping[str, Sequence[Mapping[str, object]]], *,
        complete: Iterable[str] = (), origin: str = "", base_year: int | None = None,
    ) -> Case:  # fmt: skip
        """A case. Raises `EvidenceError` with everything that is wrong."""
        problems: list[Problem] = []
        own = self._facts(model.ROOT, facts, origin, "", problems)
        related = {name: self._rows(name, listed, origin, problems) for name, listed in rows.items()}
        told = list(complete)
        strange = (name for name in told if name not in self.book.entities)
        problems += [unknown_name(name, "complete", self.book.entities) for name in strange]
        if problems:
            raise EvidenceError(problems)
        states: dict[str, Completeness] = dict.fromkeys(self.book.entities, "partial")
        states.update(dict.fromkeys(told, "complete"))
        return Case("case", own, related, states, base_year=base_year)

    def _facts(
        self, entity: str, given: Mapping[str, object], origin: str, at: str, problems: list[Problem]
    ) -> dict[str, tuple[Fact, ...]]:
        inputs = self.book.inputs_of(entity)
        found: dict[str, tuple[Fact, ...]] = {}
        for name, value in given.items():
            rule = inputs.get(name)
            if rule is None:
                if not (at and name == ORIGIN):
                    problems.append(unknown_name(name, at or name, inputs))
                continue
            cell = self.cell(rule, value, f"{at} {name}".strip(), problems)
            if not isinstance(cell, NotGiven):
                found[name] = (Fact(cell, text_of(value) or "", origin, at=f"{at} {name}".strip()),)
        return found

    def _rows(
        self, name: str, listed: Sequence[Mapping[str, object]], origin: str, problems: list[Problem]
    ) -> tuple[RelatedRow, ...]:
        """Rows of a related entity; those of one period and key differ in origin, and become one."""
        entity = self.book.entities.get(name)
        if entity is None:
            problems.append(unknown_name(name, name, self.book.entities))
            return ()
        made: list[tuple[Any, dict[str, Fact], str]] = []
        seen: set[object] = set()
        for number, row in enumerate(listed, 1):
            at = f"{name} row {number}"
            said = text_of(row.get(ORIGIN)) or origin
            if said and said not in model.ORIGINS:
                what, expected = f"`{said}` is no origin", ", ".join(model.ORIGINS)
                problems.append(Problem("origin-unknown", at, what, expected, "name one of these"))
            facts = {field: fact for field, (fact,) in self._facts(name, row, said, at, problems).items()}
            period, problem = _period(entity, facts, at)
            problems.extend(problem)
            key = facts.get(entity.key)
            same = (period, key.value if key else None, said)
            if (entity.period or entity.key) and (key is not None or not entity.key):
                if same in seen:
                    what = f"a second row of {same[1] or same[0]}"
                    problems.append(Problem("row-twice", at, what, "each once", "leave one of them out"))
                seen.add(same)
            made.append((period, facts, at))
        return related_rows(entity, made)


def _period(
    entity: model.Entity, facts: Mapping[str, Fact], at: str
) -> tuple[date | int | None, Iterator[Problem] | tuple[Problem, ...]]:
    if not entity.period:
        return None, ()
    fact = facts.get(entity.period)
    value = None if fact is None else fact.value
    if isinstance(value, date):
        return value, ()
    if value is None or isinstance(value, bool | str):
        what, todo = f"has no `{entity.period}`", "say when it was"
        return None, (Problem("period-missing", at, what, f"a {entity.period_kind}", todo),)
    return int(value), ()


def _read(rule: model.Rule, text: str) -> tuple[Cell, str]:
    """A cell of one text, and what is wrong with it."""
    column = read_texts(pa.array([text.strip()], pa.string()), rule.input)
    if column.bad:
        return NOT_GIVEN, column.bad[0]
    if column.none[0].as_py():
        return None, ""
    value = column.values[0].as_py()
    return (NOT_GIVEN if value is None else value_of(value, rule.input.input)), ""


def unknown_name(name: str, at: str, known: Iterable[str]) -> Problem:
    """The refusal of a name that is no input, with those that are near."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    todo = f"did you mean {', '.join(close)}?" if close else "see `gangmu rules`"
    return Problem("fact-unknown", at, f"`{name}` is nothing that the rulebook asks for", "an input", todo)
