"""Decision tables in machine code, as `engine.decide` decides them.

A number's line is cut at the table's thresholds while compiling; neighbouring stretches that the same rows
take become one. What is left at run time is two comparisons a stretch, one on the point path.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from gangmu.engine.kernel.atoms import test_of
from gangmu.engine.kernel.domain import FALSE, TRUE, Codes, Num, Truth, UnsupportedByKernel, Value
from gangmu.engine.kernel.emit import Bit
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType

if TYPE_CHECKING:
    from gangmu.engine.kernel.program import Program

Rows = tuple[model.Row, ...]


def decide_table(program: Program, table: model.Table) -> Value:
    """The value of a table."""
    if table.by is None:
        return _decide(program, table, table.rows)
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
    """The rows of a table in order, each with where it may decide (as `engine.decide.rows_reached`)."""
    e, d = program.e, program.d
    groups: list[tuple[Bit, Rows]] = [(True, table.rows)]
    if table.by is not None:
        by = program.eval(table.by)
        groups = _stretches(program, table, by) if isinstance(by, Num) else []
        if isinstance(by, Codes):
            groups = _by_code(program, table, by)
    found: dict[int, Bit] = {}
    for reach, rows in groups:
        alive = reach
        for row in rows:
            test = TRUE if row.when is None else program.truth(row.when)
            found[id(row)] = e.or_(found.get(id(row), False), e.and_(alive, test.true))
            if table.hit not in ("best", "sum"):
                alive = e.and_(alive, e.not_(d.is_true(test)))
    return [(row, found.get(id(row), False)) for row in table.rows]


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
    e = program.e
    if not values:
        rows = _candidates(table, list(table.rows))
        return [(by.some, rows)]
    # the stretches in order: below the first cut, the cut, between, ...; `(cut, closed)` is where each begins
    samples = [values[0] - 1]
    begins: list[tuple[Fraction, bool] | None] = [None]
    for place, cut in enumerate(values):
        after = (cut + values[place + 1]) / 2 if place + 1 < len(values) else cut + 1
        samples += [cut, after]
        begins += [(cut, True), (cut, False)]
    found: list[tuple[Bit, Rows]] = []
    taken = [_candidates(table, [row for row in table.rows if _takes(row, x)]) for x in samples]
    starts = [n for n in range(len(taken)) if n == 0 or _ids(taken[n]) != _ids(taken[n - 1])]
    for here, nxt in zip(starts, [*starts[1:], None], strict=True):
        above = _from(program, by, cuts, begins[here])
        below = True if nxt is None else _until(program, by, cuts, begins[nxt])
        found.append((e.and_(by.some, above, below), taken[here]))
    return found


def _ids(rows: Rows) -> tuple[int, ...]:
    return tuple(id(row) for row in rows)


def _from(
    program: Program, by: Num, cuts: dict[Fraction, model.Quantity], begin: tuple[Fraction, bool] | None
) -> Bit:
    """Whether `by` can lie at or after where a stretch begins."""
    if begin is None:
        return True
    bound, closed = program.quantity(cuts[begin[0]]).lo, begin[1]
    if closed:
        return program.e.not_(program.r.less(by.hi, bound, by.some))
    return program.r.less(bound, by.hi, by.some)


def _until(
    program: Program, by: Num, cuts: dict[Fraction, model.Quantity], begin: tuple[Fraction, bool] | None
) -> Bit:
    """Whether `by` can lie before where the next stretch begins."""
    assert begin is not None  # noqa: S101  only the first begins nowhere
    bound, closed = program.quantity(cuts[begin[0]]).lo, begin[1]
    if closed:
        return program.r.less(by.lo, bound, by.some)
    return program.e.not_(program.r.less(bound, by.lo, by.some))


def _by_code(program: Program, table: model.Table, by: Codes) -> list[tuple[Bit, Rows]]:
    """The atoms that the same rows take, together."""
    named = {code for row in table.rows for code in row.codes}
    prefixes = {prefix for row in table.rows for prefix in (*row.prefixes, *row.except_prefixes)}
    if named & prefixes:
        raise program.refuse("a table names a text both as a code and as a prefix")
    masks = [(row, by.atoms.where(test_of(row))) for row in table.rows]
    groups: dict[tuple[int, ...], tuple[int, Rows]] = {}
    for atom in range(len(by.atoms)):
        rows = _candidates(table, [row for row, mask in masks if mask >> atom & 1])
        mask = groups.get(_ids(rows), (0, rows))[0]
        groups[_ids(rows)] = (mask | 1 << atom, rows)
    return [(program.d.meets(by.atoms, by.mask, mask), rows) for mask, rows in groups.values()]


# ---------------------------------------------------------------------- one stretch


def _decide(program: Program, table: model.Table, rows: Rows) -> Value:
    tests = [TRUE if row.when is None else program.truth(row.when) for row in rows]
    if table.hit == "best":
        return _best(program, table, rows, tests)
    if table.hit == "sum":
        return _sum(program, rows, tests)
    e, d = program.e, program.d
    alive: Bit = True
    outcomes = []
    for row, test in zip(rows, tests, strict=True):
        outcomes.append(d.where(e.and_(alive, test.true), _cell(program, row.cell)))
        alive = e.and_(alive, e.not_(d.is_true(test)))
    like = outcomes[0] if outcomes else _cell(program, table.rows[0].cell)
    return d.union([*outcomes, d.nothing(like, undefined=alive)])


def _sum(program: Program, rows: Rows, tests: list[Truth]) -> Value:
    d, total = program.d, program.d.number(0)
    for row, test in zip(rows, tests, strict=True):
        item = _cell(program, row.cell)
        sure = d.is_true(test)
        left = program.e.not_(sure)
        part = d.union([d.where(test.true, item), d.where(left, d.number(0))])
        if not isinstance(part, Num):
            raise program.refuse("a sum of what are no numbers")
        total = d.add(total, part)
    return total


def _best(program: Program, table: model.Table, rows: Rows, tests: list[Truth]) -> Value:
    d, e = program.d, program.e
    sure = [d.is_true(test) for test in tests]
    any_sure = e.or_(*sure)
    if isinstance(table.type, LevelType):
        return _best_level(program, table.type.scale, rows, tests, sure)
    floor: Value = d.where(False, d.number(0))
    cells = [
        program.d.number(0) if row.cell.number is None else program.quantity(row.cell.number) for row in rows
    ]
    if any(row.cell.number is None for row in rows):
        raise program.refuse("the best of rows that an expert judges")
    for certain, cell in zip(sure, cells, strict=True):
        floor = _raised(program, floor, cell, certain)
    assert isinstance(floor, Num)  # noqa: S101  made of numbers
    outcomes: list[Value] = [floor]
    for test, cell in zip(tests, cells, strict=True):
        outcomes.append(d.where(test.true, _raised(program, floor, cell, True)))
    return d.union([*outcomes, d.nothing(floor, undefined=e.not_(any_sure))])


def _raised(program: Program, floor: Value, cell: Num, test: Bit) -> Num:
    """The higher of the floor, where there is one, and the cell, where the test holds."""
    assert isinstance(floor, Num)  # noqa: S101  made of numbers
    e, r = program.e, program.r
    higher = e.and_(test, e.or_(e.not_(floor.some), r.less(floor.lo, cell.lo, e.and_(floor.some, test))))
    end = r.pick(higher, cell.lo, floor.lo)
    return replace(floor, some=e.or_(floor.some, test), lo=end, hi=end)


def _best_level(
    program: Program, scale: tuple[str, ...], rows: Rows, tests: list[Truth], sure: list[Bit]
) -> Value:
    d, e = program.d, program.e
    ranks = [scale.index(str(row.cell.code)) for row in rows]
    atoms = program.families.of(program.in_hand)
    mask: int | str = 0
    for rank, row, test in zip(ranks, rows, tests, strict=True):
        beaten = e.or_(*(bit for other, bit in zip(ranks, sure, strict=True) if other > rank))
        kept = e.and_(test.true, e.not_(beaten))
        mask = d.mask_or(atoms, mask, d.pick_mask(atoms, kept, atoms.mask([str(row.cell.code)]), 0))
    return Codes(mask, atoms, e.not_(e.or_(*sure)), False)


def _cell(program: Program, cell: model.Cell) -> Value:
    """What a row gives."""
    if cell.number is not None:
        return program.quantity(cell.number)
    if cell.code is not None:
        atoms = program.families.of(program.in_hand)
        return Codes(atoms.mask([cell.code]), atoms)
    if cell.truth is not None:
        return TRUE if cell.truth else FALSE
    if cell.band is None:
        raise program.refuse("an empty cell")
    lo, hi = (program.quantity(end).lo for end in cell.band)
    if cell.answer is None:
        return Num(True, lo, hi)
    return _judged(program, cell.answer, Num(True, lo, hi))


def _judged(program: Program, answer: str, band: Num) -> Num:
    """The expert's answer where it lies within the band, else the band."""
    e, r = program.e, program.r
    given = program.value(answer)
    if not isinstance(given, Num):
        raise UnsupportedByKernel(answer, "an expert's answer that is no number")
    lo, hi = r.maximum(given.lo, band.lo, given.some), r.minimum(given.hi, band.hi, given.some)
    inside = e.and_(given.some, e.not_(r.less(hi, lo, given.some)))
    return replace(band, lo=r.pick(inside, lo, band.lo), hi=r.pick(inside, hi, band.hi))
