"""Comparisons by the kernel's columns: every case's answer under the base beside that under one reform.

For what a sweep does not take: numbers without a common denominator, related rows that a reform adds up
otherwise, tables in another order, overlays. Statuses are counted as arrays, numbers and codes one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa

from gangmu.engine.kernel import Answers
from gangmu.engine.kernel.assess import assess_days
from gangmu.engine.kernel.columns import Array
from gangmu.engine.kernel.outputs import AnswerColumn
from gangmu.engine.kernel.statuses import STATUSES
from gangmu.reform.compare import Counted, Key, Question, empty
from gangmu.reform.tally import MET, Tally
from gangmu.rulebook import model


def by_columns(question: Question, rules: Sequence[str]) -> Counted:
    """Count rules under every reform of the question; those that the kernel refuses are named only."""
    days = question.dating.column_of(question.evidence)
    before = answers_of(question, question.base, rules, days)
    counted = Counted(refused=dict(before.refused))
    tallies = empty(question, rules)
    for number, reform in enumerate(question.reforms):
        after = answers_of(
            question, reform.book, [name for name in rules if name not in counted.refused], days
        )
        counted.refused.update(after.refused)
        for name in rules:
            if name in before.columns and name in after.columns:
                _count(question, tallies, (number, name), (before.columns[name], after.columns[name]))
    counted.tallies = {key: tally for key, tally in tallies.items() if key[1] not in counted.refused}
    return counted


def answers_of(question: Question, book: model.Rulebook, rules: Sequence[str], days: pa.Array) -> Answers:
    """The kernel's answers of every case."""
    return assess_days(book, question.evidence, rules, days, grades=False)


def _count(
    question: Question,
    tallies: dict[Key, Tally],
    what: tuple[int, str],
    pair: tuple[AnswerColumn, AnswerColumn],
) -> None:
    number, name = what
    weights = None if question.weights is None else question.weights.to_pylist()
    for place, grouping in enumerate(question.all_groupings):
        groups = grouping.places.to_numpy(zero_copy_only=False)
        if tallies[number, name, place, 0].kind in MET:
            for group, move, rows in _moves(groups, pair):
                tally = tallies[number, name, place, group]
                tally.cases[move] += len(rows)
                if tally.weights is not None and weights is not None:
                    more = sum((Fraction(weights[row]) for row in rows.tolist()), Fraction(0))
                    tally.weights[move] = tally.weights.get(move, Fraction(0)) + more
            continue
        for row, group in enumerate(groups.tolist()):
            weight = Fraction(1 if weights is None else weights[row])
            tallies[number, name, place, group].add(pair[0].answer(row), pair[1].answer(row), weight)


def _moves(
    groups: Array, pair: tuple[AnswerColumn, AnswerColumn]
) -> Iterator[tuple[int, tuple[str, str], Array]]:
    """The rows of every group and move that occur."""
    count = len(STATUSES)
    mixed = (groups.astype(np.int64) * count + pair[0].status) * count + pair[1].status
    order = np.argsort(mixed, kind="stable")
    met, starts = np.unique(mixed[order], return_index=True)
    for code, rows in zip(met.tolist(), np.split(order, starts[1:]), strict=True):
        rest, after = divmod(code, count)
        group, before = divmod(rest, count)
        yield group, (STATUSES[before], STATUSES[after]), rows
