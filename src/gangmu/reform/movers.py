"""Who moves, by name: the kernel's columns under the base beside those under a reform.

Columns of doubles point to the rows that differ; the answers there are compared exactly. If doubles hide a
move (the count of the sweep says so), every row is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow.compute as pc

from gangmu.engine.outcomes import STATUS, VALUE, Outcomes
from gangmu.reform.columns import answers_of
from gangmu.reform.compare import Counted, Mover, Question
from gangmu.reform.tally import direction, kind_of
from gangmu.rulebook import model


def movers_of(
    question: Question, counted: Counted, reforms: Sequence[int], rules: Sequence[str]
) -> Iterator[Mover]:
    """The cases asked for, reform by reform and rule by rule, in the order of the evidence."""
    days = question.dating.column_of(question.evidence)
    before = answers_of(question, question.base, rules, days)
    for number in reforms:
        after = answers_of(question, question.reforms[number].book, rules, days)
        for name in rules:
            rule = question.base.rules[name]
            pair = before.columns[name], after.columns[name]
            expected = counted.tallies[number, name, 0, 0]
            found = list(_compared(question, (number, rule), pair, _apart(rule, *pair)))
            if len(found) != expected.gain() + expected.lose():
                found = list(_compared(question, (number, rule), pair, range(len(question.evidence))))
            wanted = {"winners": (1,), "losers": (-1,)}.get(question.listing, (1, -1))
            yield from (mover for mover in found if mover.direction in wanted)


def _apart(rule: model.Rule, one: Outcomes, two: Outcomes) -> list[int]:
    """Rows whose status or value differ."""
    left, right = one.arrays(rule), two.arrays(rule)
    found = pc.not_equal(left[STATUS], right[STATUS])
    values = pc.fill_null(pc.not_equal(left[VALUE], right[VALUE]), fill_value=False)
    either = pc.or_(found, values)
    rows: list[int] = pc.indices_nonzero(either).to_pylist()
    return rows


def _compared(
    question: Question, what: tuple[int, model.Rule], pair: tuple[Outcomes, Outcomes], rows: Iterable[int]
) -> Iterator[Mover]:
    number, rule = what
    kind, scale = kind_of(rule), getattr(rule.type, "scale", ())
    for row in rows:
        before, after = (column.answer(row) for column in pair)
        found = direction(kind, scale, before, after)
        if found:
            yield Mover(number, rule.name, question.evidence.keys[row].as_py(), found, before, after)
