"""Decision tables over terms, as `engine.decide` decides them.

A number's line is cut at the table's thresholds while the query is written; neighbouring stretches that the
same rows take become one, so each stretch costs two comparisons, or one where the number is a point.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from gangmu.engine.sql.domain import FALSE, TRUE, Codes, Num, Truth, Value, alternatives
from gangmu.engine.sql.terms import Bit, Text
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType

if TYPE_CHECKING:
    from gangmu.engine.sql.program import Program

Rows = tuple[model.Row, ...]


def decide_table(program: Program, table: model.Table) -> Value:
    """The value of a table."""
    if table.by is None:
        return _decide(program, table, _candidates(table, list(table.rows)))
    by = program.eval(table.by)
    d, outcomes = program.d, []
    if isinstance(by, Num):
        groups = _stretches(program, table, by)
    elif isinstance(by, Codes):
        groups = _by_code(program, table, by)
    else:
        raise program.refuse("a table by a condition")
    for reach, rows in groups:
        if reach is not False:
            outcomes.append(d.where(reach, _decide(program, table, rows)))
    if not outcomes:
        outcomes = [d.where(False, _cell(program, table.rows[0].cell))]
    return d.union([*outcomes, d.nothing(outcomes[0], undefined=by.undefined, absent=by.absent)])


def rows_reached(program: Program, table: model.Table) -> list[tuple[model.Row, Bit]]:
    """Each row with where it can decide, for explanations."""
    t = program.t
    groups: list[tuple[Bit, Rows]] = [(True, _candidates(table, list(table.rows)))]
    if table.by is not None:
        by = program.eval(table.by)
        groups = _stretches(program, table, by) if isinstance(by, Num) else []
        if isinstance(by, Codes):
            groups = _by_code(program, table, by)
    found: dict[str, Bit] = {}
    for reach, rows in groups:
        alive = reach
        for row in rows:
            test = TRUE if row.when is None else program.truth(row.when)
            found[row.name] = t.or_(found.get(row.name, False), t.and_(alive, test.true))
            if table.hit not in ("best", "sum"):
                alive = t.and_(alive, t.not_(program.d.is_true(test)))
    return [(row, found[row.name]) for row in table.rows if found.get(row.name, False) is not False]


def _takes(row: model.Row, number: Fraction) -> bool:
    sides = {
        "ge": lambda bound: number >= bound,
        "gt": lambda bound: number > bound,
        "le": lambda bound: number <= bound,
        "lt": lambda bound: number < bound,
    }
    return all(sides[side](quantity.value) for side, quantity in row.bounds.items())


def _candidates(table: model.Table, rows: list[model.Row]) -> Rows:
    """The rows that count: a policy of the first match stops at the first certain one."""
    if table.hit in ("best", "sum"):
        return tuple(rows)
    certain = next((n for n, row in enumerate(rows) if row.when is None), len(rows))
    return tuple(rows[: certain + 1])


def _stretches(program: Program, table: model.Table, by: Num) -> list[tuple[Bit, Rows]]:
    """Stretches of the number line that the same rows take, each with where `by` can meet it."""
    cuts: dict[Fraction, model.Quantity] = {}
    for row in table.rows:
        for quantity in row.bounds.values():
            cuts.setdefault(quantity.value, quantity)
    values = sorted(cuts)
    if not values:
        return [(by.some, _candidates(table, list(table.rows)))]
    # the stretches in order: below the first cut, the cut, between, ...; `(cut, closed)` is where each begins
    samples = [values[0] - 1]
    begins: list[tuple[Fraction, bool] | None] = [None]
    for place, cut in enumerate(values):
        samples += [cut, (cut + values[place + 1]) / 2 if place + 1 < len(values) else cut + 1]
        begins += [(cut, True), (cut, False)]
    taken = [_candidates(table, [row for row in table.rows if _takes(row, x)]) for x in samples]
    starts = [n for n in range(len(taken)) if n == 0 or _ids(taken[n]) != _ids(taken[n - 1])]
    found: list[tuple[Bit, Rows]] = []
    for here, nxt in zip(starts, [*starts[1:], None], strict=True):
        above: Bit = True
        below: Bit = True
        if (begin := begins[here]) is not None:
            above = _reaches(program, by, cuts[begin[0]], closed=begin[1])
        if nxt is not None and (end := begins[nxt]) is not None:
            below = _precedes(program, by, cuts[end[0]], closed=end[1])
        found.append((program.t.and_(by.some, above, below), taken[here]))
    return found


def _ids(rows: Rows) -> tuple[int, ...]:
    return tuple(id(row) for row in rows)


def _reaches(program: Program, by: Num, cut: model.Quantity, *, closed: bool) -> Bit:
    """Whether `by` can lie at or after where a stretch begins."""
    bound = program.quantity(cut).lo
    return program.r.at_most(bound, by.hi) if closed else program.r.less(bound, by.hi)


def _precedes(program: Program, by: Num, cut: model.Quantity, *, closed: bool) -> Bit:
    """Whether `by` can lie before where the next stretch begins."""
    bound = program.quantity(cut).lo
    return program.r.less(by.lo, bound) if closed else program.r.at_most(by.lo, bound)


# ---------------------------------------------------------------------- by a code


def _by_code(program: Program, table: model.Table, by: Codes) -> list[tuple[Bit, Rows]]:
    """For each code that may be, the rows that take it; codes that the same rows take, together."""
    t = program.t
    groups: dict[tuple[int, ...], tuple[list[Bit], Rows]] = {}

    def add(reach: Bit, rows: Rows) -> None:
        groups.setdefault(_ids(rows), ([], rows))[0].append(reach)

    for bit, text in alternatives(by):
        if isinstance(text, str):
            add(bit, _candidates(table, [row for row in table.rows if _names(program, row, text) is True]))
            continue
        for reach, rows in _rows_for(program, table, text):
            add(t.and_(bit, reach), rows)
    if by.any is not False:
        named = {c for row in table.rows for c in (*row.codes, *row.prefixes, *row.except_prefixes)}
        for code in (*sorted(named), "\uffff"):
            taken = [row for row in table.rows if _names(program, row, code) is True]
            add(by.any, _candidates(table, taken))
    return [(t.or_(*bits), rows) for bits, rows in groups.values()]


def _rows_for(program: Program, table: model.Table, text: Text) -> list[tuple[Bit, Rows]]:
    """The rows that a text of the data may fall to, each combination with when."""
    t = program.t
    found: list[tuple[Bit, list[model.Row]]] = [(True, [])]
    done: list[tuple[Bit, list[model.Row]]] = []
    for row in table.rows:
        test = _names(program, row, text)
        certain = row.when is None and table.hit not in ("best", "sum")
        after: list[tuple[Bit, list[model.Row]]] = []
        for reach, rows in found:
            hit, miss = t.and_(reach, test), t.and_(reach, t.not_(test))
            if hit is not False:
                (done if certain else after).append((hit, [*rows, row]))
            if miss is not False:
                after.append((miss, rows))
        found = after
        if len(found) > MAX_COMBINATIONS:
            raise program.refuse("a table by code whose rows overlap in too many ways")
    return [(reach, tuple(rows)) for reach, rows in (*done, *found)]


MAX_COMBINATIONS = 64


def _names(program: Program, row: model.Row, text: Text) -> Bit:
    """Whether a row takes a code."""
    t = program.t
    if not (row.codes or row.prefixes):
        return True
    named = t.or_(t.one_of(text, row.codes), t.starts(text, row.prefixes) if row.prefixes else False)
    left = t.starts(text, row.except_prefixes) if row.except_prefixes else False
    return t.and_(named, t.not_(left))


# ---------------------------------------------------------------------- one stretch


def _decide(program: Program, table: model.Table, rows: Rows) -> Value:
    tests = [TRUE if row.when is None else program.truth(row.when) for row in rows]
    if table.hit == "best":
        return _best(program, table, rows, tests)
    if table.hit == "sum":
        return _sum(program, rows, tests)
    t, d = program.t, program.d
    alive: Bit = True
    outcomes = []
    for row, test in zip(rows, tests, strict=True):
        outcomes.append(d.where(t.and_(alive, test.true), _cell(program, row.cell)))
        alive = t.and_(alive, t.not_(d.is_true(test)))
    like = outcomes[0] if outcomes else _cell(program, table.rows[0].cell)
    return d.union([*outcomes, d.nothing(like, undefined=alive)])


def _sum(program: Program, rows: Rows, tests: list[Truth]) -> Value:
    d, total = program.d, program.d.number(0)
    for row, test in zip(rows, tests, strict=True):
        item = _cell(program, row.cell)
        left = program.t.not_(d.is_true(test))
        part = d.union([d.where(test.true, item), d.where(left, d.number(0))])
        if not isinstance(part, Num):
            raise program.refuse("a sum of what are no numbers")
        # a row that cannot hold adds nothing
        total = d.add(total, part)
    return total


def _best(program: Program, table: model.Table, rows: Rows, tests: list[Truth]) -> Value:
    t, d = program.t, program.d
    sure = [d.is_true(test) for test in tests]
    if isinstance(table.type, LevelType):
        return _best_level(table.type.scale, rows, (program, tests, sure))
    cells = [_cell(program, row.cell) for row in rows]
    floor: Value = d.where(False, d.number(0))
    for certain, cell in zip(sure, cells, strict=True):
        floor = _raised(program, floor, cell, certain)
    outcomes: list[Value] = [floor]
    for test, cell in zip(tests, cells, strict=True):
        outcomes.append(d.where(test.true, _raised(program, floor, cell, True)))
    return d.union([*outcomes, d.nothing(floor, undefined=t.not_(t.or_(*sure)))])


def _raised(program: Program, floor: Value, cell: Value, test: Bit) -> Num:
    """The higher of the floor, where there is one, and the cell, where the test holds."""
    if not isinstance(floor, Num) or not isinstance(cell, Num):
        raise program.refuse("the best of what are no numbers")
    t, r = program.t, program.r

    def end(a: str) -> Bit:
        mine, other = getattr(floor, a), getattr(cell, a)
        return t.and_(test, t.or_(t.not_(floor.some), r.less(mine, other)))

    lo = r.pick(end("lo"), cell.lo, floor.lo)
    hi = lo if floor.is_point and cell.is_point else r.pick(end("hi"), cell.hi, floor.hi)
    return replace(floor, some=t.or_(floor.some, test), lo=lo, hi=hi)


def _best_level(scale: tuple[str, ...], rows: Rows, what: tuple[Program, list[Truth], list[Bit]]) -> Value:
    program, tests, sure = what
    t = program.t
    ranks = [scale.index(str(row.cell.code)) for row in rows]
    known: dict[str, Bit] = {}
    for rank, row, test in zip(ranks, rows, tests, strict=True):
        beaten = t.or_(*(bit for other, bit in zip(ranks, sure, strict=True) if other > rank))
        code = str(row.cell.code)
        known[code] = t.or_(known.get(code, False), t.and_(test.true, t.not_(beaten)))
    return Codes(known, undefined=t.not_(t.or_(*sure)))


def _cell(program: Program, cell: model.Cell) -> Value:
    """What a row gives."""
    if cell.number is not None:
        return program.quantity(cell.number)
    if cell.code is not None:
        return program.d.code(cell.code)
    if cell.truth is not None:
        return TRUE if cell.truth else FALSE
    if cell.band is None:
        raise program.refuse("an empty cell")
    lo, hi = (program.quantity(end).lo for end in cell.band)
    band = Num(True, lo, hi)
    return band if cell.answer is None else _judged(program, cell.answer, band)


def _judged(program: Program, answer: str, band: Num) -> Num:
    """The expert's answer where it lies within the band, else the band."""
    t, r = program.t, program.r
    given = program.value(answer)
    if not isinstance(given, Num):
        raise program.refuse("an expert's answer that is no number")
    lo, hi = r.maximum(given.lo, band.lo), r.minimum(given.hi, band.hi)
    inside = t.and_(given.some, r.at_most(lo, hi))
    return replace(band, lo=r.pick(inside, lo, band.lo), hi=r.pick(inside, hi, band.hi))
