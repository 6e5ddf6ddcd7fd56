"""Decision tables over open arguments: each piece between thresholds is decided for itself.

A number's interval is cut at every bound inside it; a code's set is taken code by code, "any text" as one
code per prefix that the table names and one other. Within a piece only `when` tests can be open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from gangmu.engine.arithmetic import add, greatest
from gangmu.engine.values import (
    FALSE,
    TRUE,
    UNDEFINED,
    Interval,
    Value,
    between,
    intersect,
    one_of,
    point,
    union,
)
from gangmu.rulebook import model
from gangmu.rulebook.expression import Expression
from gangmu.rulebook.types import LevelType

OTHER = "\uffff"  # stands for a code that no row names

Piece = Fraction | str | None
Matches = list[list[tuple[model.Row, Value]]]  # rows with the truth of their `when`, for each piece
MAX_KEPT = 256  # tables of which it is remembered which rows take which code
MAX_CODES = 4096  # of one table


def matches_of(table: model.Table, by: Value | None, evaluate: Callable[[Expression], Value]) -> Matches:
    """The rows that may decide, for each piece of the value of `by`.

    Given is a way to evaluate `when`.
    """
    if by is None:
        return [_matches(table, None, evaluate)]
    return [_matches(table, piece, evaluate) for piece in pieces(table, by)]


def decide_table(
    table: model.Table, by: Value | None, matches: Matches, answer: Callable[[str], Value]
) -> Value:
    """The value of a table.

    Given are the value of `by`, the rows that may decide, and a way to ask for an expert's answer.
    """
    outcomes = [_decide(table, piece, answer) for piece in matches]
    if by is not None and (by.undefined or by.absent):
        outcomes.append(Value(None, by.undefined, by.absent))
    return outcomes[0] if len(outcomes) == 1 else union(outcomes)


def rows_reached(matches: Matches) -> list[model.Row]:
    """The rows that may decide, each once, in order (for explanations)."""
    if len(matches) == 1:
        return [row for row, _ in matches[0]]
    found = {id(row): row for piece in matches for row, _ in piece}
    return list(found.values())


def pieces(table: model.Table, by: Value) -> Iterable[Piece]:
    """Representatives of `by`: one for each stretch between thresholds, or each code."""
    if isinstance(by.ordinary, Interval):
        return _stretches(table, by.ordinary)
    if by.ordinary is None:
        return ()
    if by.codes is not None:
        return [str(code) for code in by.codes]
    named = {code for row in table.rows for code in (*row.codes, *row.prefixes, *row.except_prefixes)}
    return [*sorted(named), OTHER]


def _stretches(table: model.Table, interval: Interval) -> list[Piece]:
    if interval.is_point:
        return [interval.lo if isinstance(interval.lo, Fraction) else Fraction(interval.lo)]
    cuts = sorted(
        {
            number.value
            for row in table.rows
            for number in row.bounds.values()
            if interval.lo <= number.value <= interval.hi
        }
    )
    if not cuts:
        inner = next(
            (Fraction(end) for end in (interval.lo, interval.hi) if not isinstance(end, float)), Fraction(0)
        )
        return [inner]
    found: list[Piece] = []
    before: Fraction = cuts[0] - 1 if isinstance(interval.lo, float) else Fraction(interval.lo)
    for cut in cuts:
        found.extend([before if before == cut or not found else (before + cut) / 2, cut])
        before = cut
    found.append(cuts[-1] + 1 if isinstance(interval.hi, float) else Fraction(interval.hi))
    middle = found[0]
    if isinstance(middle, Fraction) and middle < cuts[0]:
        found.append((middle + cuts[0]) / 2)
    return list(dict.fromkeys(found))


def _matches(
    table: model.Table, piece: Piece, evaluate: Callable[[Expression], Value]
) -> list[tuple[model.Row, Value]]:
    """Rows that may take the piece, each with the truth of its `when`.

    A first-match policy stops at the first certain one.
    """
    found = []
    for row in _of_code(table, piece) if isinstance(piece, str) else table.rows:
        if not _takes(row, piece):
            continue
        test = TRUE if row.when is None else evaluate(row.when)
        if test.can_be_true:
            found.append((row, test))
        if test.is_true and table.hit not in ("best", "sum"):
            break
    return found


_kept: dict[int, tuple[model.Table, dict[str, tuple[model.Row, ...]]]] = {}


def _of_code(table: model.Table, code: str) -> tuple[model.Row, ...]:
    """The rows that take a code, remembered: of an unknown code every code is asked of every row."""
    known = _kept.get(id(table))
    if known is None or known[0] is not table:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        known = _kept[id(table)] = (table, {})
    rows = known[1].get(code)
    if rows is None:
        if len(known[1]) >= MAX_CODES:
            known[1].clear()
        rows = known[1][code] = tuple(row for row in table.rows if _takes(row, code))
    return rows


def _takes(row: model.Row, piece: Piece) -> bool:
    if isinstance(piece, str) and (row.codes or row.prefixes):
        named = piece in row.codes or piece.startswith(row.prefixes)
        return named and not piece.startswith(row.except_prefixes)
    if isinstance(piece, Fraction):
        for side, number in row.bounds.items():
            if not _within(side, piece, number.value):
                return False
    return True


def _within(side: str, number: Fraction, bound: Fraction) -> bool:
    match side:
        case "ge":
            return number >= bound
        case "gt":
            return number > bound
        case "le":
            return number <= bound
        case _:
            return number < bound


def _decide(
    table: model.Table, matches: list[tuple[model.Row, Value]], answer: Callable[[str], Value]
) -> Value:
    if table.hit == "best":
        return _best(table, matches, answer)
    if table.hit == "sum":
        total = point(0)
        for row, test in matches:
            item = cell_value(row.cell, answer)
            total = add(total, item if test.is_true else union([item, point(0)]))
        return total
    outcomes = [cell_value(row.cell, answer) for row, _ in matches]
    if not matches or not matches[-1][1].is_true:
        outcomes.append(UNDEFINED)
    return outcomes[0] if len(outcomes) == 1 else union(outcomes)


def _best(
    table: model.Table, matches: list[tuple[model.Row, Value]], answer: Callable[[str], Value]
) -> Value:
    """Between the best of what must hold and the best of what can."""
    if not matches:
        return UNDEFINED
    sure = [row for row, test in matches if test.is_true]
    if isinstance(table.type, LevelType):
        scale = table.type.scale
        floor = max((scale.index(str(row.cell.code)) for row in sure), default=-1)
        kept = [
            row.cell.code
            for row, _ in matches
            if row.cell.code is not None and scale.index(row.cell.code) >= floor
        ]
        return union([one_of(kept), *([] if sure else [UNDEFINED])])
    certain = [cell_value(row.cell, answer) for row in sure]
    choices = [greatest([*certain, cell_value(row.cell, answer)]) for row, _ in matches]
    return union([*choices, *([greatest(certain)] if certain else [UNDEFINED])])


def cell_value(cell: model.Cell, answer: Callable[[str], Value]) -> Value:
    """What a row gives; a judged band stays open until its answer, within the band, is known."""
    if cell.number is not None:
        return point(cell.number.value)
    if cell.code is not None:
        return one_of([cell.code])
    if cell.truth is not None:
        return TRUE if cell.truth else FALSE
    if cell.band is None:
        raise TypeError(cell)
    band = between(cell.band[0].value, cell.band[1].value)
    return band if cell.answer is None else intersect(band, answer(cell.answer)) or band
