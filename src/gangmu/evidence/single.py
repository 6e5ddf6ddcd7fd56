"""One case from plain Python values, without tables: the facts of a form, of a message, of a row in hand.

A value means what the same value means in a cell of a table: it is read by the same readers, each distinct
text once. Where a table's bad cell is set aside and told of, here everything that is wrong is raised at once:
who asks about one case can mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.cases import Completeness, related_rows
from gangmu.evidence.cell import NOTHING, Cell, NotGiven, cell_reader
from gangmu.evidence.facts import Case, Fact, RelatedRow
from gangmu.evidence.numbers import CellError
from gangmu.evidence.sheets import text_of
from gangmu.rulebook import model

MAX_REMEMBERED = 10_000  # texts read
ORIGIN = "origin"


class Reader:
    """Reads the values of one book's inputs; what is wrong is collected in `problems`."""

    def __init__(self, book: model.Rulebook) -> None:
        """For one book."""
        self.book = book
        self._remembered: dict[tuple[str, str], tuple[Cell, str]] = {}
        self._readers: dict[str, Callable[[str], Cell]] = {}

    def cell(self, rule: model.Rule, value: object, at: str, problems: list[Problem]) -> Cell:
        """What a value says of an input; not given, if it cannot be read."""
        return self._cell(rule, _text(value), at, problems)

    def _cell(self, rule: model.Rule, text: str | None, at: str, problems: list[Problem]) -> Cell:
        if text is None:
            return NOTHING
        known = self._remembered.get((rule.name, text))
        if known is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[rule.name, text] = self._read(rule, text)
        found, wrong = known
        if wrong:
            expected = f"{rule.input.input} ({rule.input.unit})" if rule.input.input == "number" else ""
            problems.append(
                Problem(
                    "fact-unreadable", at, f"`{text}` {wrong}", expected or rule.input.input, "correct it"
                )
            )
        return found

    def _read(self, rule: model.Rule, text: str) -> tuple[Cell, str]:
        """A cell of one text, and what is wrong with it."""
        read = self._readers.get(rule.name)
        if read is None:
            read = self._readers[rule.name] = cell_reader(rule.input)
        try:
            return read(text.strip()), ""
        except CellError as error:
            return NOTHING, str(error)

    def case(  # noqa: PLR0913  each thing that evidence says of a case
        self, facts: Mapping[str, object], rows: Mapping[str, Sequence[Mapping[str, object]]], *,
        complete: Iterable[str] = (), empty: Iterable[str] = (), origin: str = "",
        base_year: int | None = None,
    ) -> Case:  # fmt: skip
        """A case. Raises `EvidenceError` with everything that is wrong."""
        problems: list[Problem] = []
        own = self._facts(model.ROOT, facts, origin, "", problems)
        related = {name: self._rows(name, listed, origin, problems) for name, listed in rows.items()}
        claims: list[tuple[Completeness, list[str]]] = [("complete", list(complete)), ("empty", list(empty))]
        states: dict[str, Completeness] = dict.fromkeys(self.book.entities, "partial")
        for state, told in claims:
            strange = (name for name in told if name not in self.book.entities)
            problems += [unknown_name(name, state, self.book.entities) for name in strange]
            if both := [name for name in told if states.get(name, "partial") != "partial"]:
                what = f"{', '.join(both)}: said to be complete, and to be empty"
                problems.append(Problem("rows-contradict", state, what, "one of the two", "say which"))
            states.update(dict.fromkeys(told, state))
        full = [name for name in claims[1][1] if related.get(name)]
        if full:
            what = f"{', '.join(full)}: said to be empty, but has rows"
            problems.append(Problem("rows-contradict", "empty", what, "no rows", "leave one of them out"))
        if problems:
            raise EvidenceError(problems)
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
            text, place = _text(value), f"{at} {name}" if at else name
            cell = self._cell(rule, text, place, problems)
            if not isinstance(cell, NotGiven):
                found[name] = (Fact(cell, text or "", origin, at=place),)
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
            said = _text(row.get(ORIGIN)) or origin
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


def _text(value: object) -> str | None:
    """A value as a person would have written it; what derives from float, as NumPy does, is a float."""
    return text_of(float(value) if isinstance(value, float) else value)


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


def unknown_name(name: str, at: str, known: Iterable[str]) -> Problem:
    """The refusal of a name that is no input, with those that are near."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    todo = f"did you mean {', '.join(close)}?" if close else "see `gangmu rules`"
    return Problem("fact-unknown", at, f"`{name}` is nothing that the rulebook asks for", "an input", todo)
