"""A book with other numbers, each read in the unit of the one that it replaces; its tables proved anew.

Nothing of the base is touched: rules that do not change are shared, and the changed book has a digest of its
own, made from the base's digest and the numbers changed.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from gangmu.errors import Problem, QuestionError
from gangmu.reform.numbers import Keys, Place, find_number, number_at, path_of, with_numbers
from gangmu.rulebook import model, quantity, units
from gangmu.rulebook.expression import Ref
from gangmu.rulebook.tables import check_tables
from gangmu.rulebook.types import DATE, NumberType

HERE = model.Where("reform", 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One number in the place of another: its path, as written in full, and what it was and becomes."""

    place: Place
    path: str
    old: model.Quantity
    new: model.Quantity

    def __str__(self) -> str:
        """Write as `PATH=VALUE`, as it is read."""
        return f"{self.path}={self.new.text}"


def read_changes(book: model.Rulebook, given: Iterable[tuple[str, str]]) -> tuple[Change, ...]:
    """Read paths and values; a path may be several, joined by `+`, that all take the value.

    Raises `QuestionError` with everything that is wrong.
    """
    found: dict[Place, Change] = {}
    problems: list[Problem] = []
    for paths, text in given:
        for path in paths.split("+"):
            try:
                change = _read(book, path.strip(), text.strip())
            except QuestionError as error:
                problems.extend(error.problems)
                continue
            if change.place in found:
                what = f"`{change.path}` is set twice"
                problems.append(
                    Problem("key-twice", path, what, "each number once", "leave one of the two out")
                )
            found[change.place] = change
    if problems:
        raise QuestionError(problems)
    return tuple(found.values())


def _read(book: model.Rulebook, path: str, text: str) -> Change:
    place = find_number(book, path)
    old, full = number_at(book, place), path_of(book, place)
    new = read_value(old, full, text)
    _within(book, place, full, new)
    return Change(place, full, old, new)


def read_value(like: model.Quantity, path: str, text: str) -> model.Quantity:
    """A number written as pages write it, of the type of the one that it replaces. Raises `QuestionError`."""
    if like.type == DATE:
        return model.Quantity(Fraction(_day(path, text)), DATE, text, HERE)
    try:
        value, dimension = quantity.read_number(text)
    except quantity.NotANumberError as error:
        todo = f"write it like `{like.text}`"
        raise _refused("value-invalid", path, f"`{text}` {error}", "a number with its unit", todo) from None
    except units.UnknownUnitError as error:
        what = f"`{error}` is not a unit"
        raise _refused("unit-unknown", path, what, units.KNOWN, f"write it like `{like.text}`") from None
    if "%" in like.text and not dimension and "%" not in text and value >= 1:
        what, expected = f"`{text}` is {value * 100}%", "a share, with its % sign"
        raise _refused("out-of-range", path, what, expected, f"write `{text}%` if that is meant")
    if NumberType(dimension) != like.type and value != 0:
        what = f"`{text}` is {NumberType(dimension)}"
        raise _refused(
            "unit-mismatch", path, what, f"a number of {like.type}", f"write it like `{like.text}`"
        )
    return model.Quantity(value, like.type, text, HERE)


def _day(path: str, text: str) -> int:
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise _refused("value-invalid", path, f"`{text}` is no date", "YYYY-MM-DD", "correct it") from None


def _refused(code: str, path: str, what: str, expected: str, todo: str) -> QuestionError:
    return QuestionError(Problem(code, path, what, expected, todo))


def _within(book: model.Rulebook, place: Place, path: str, new: model.Quantity) -> None:
    """Refuse what no page could say: a step or a term of nothing, a bound that no fact can reach."""
    key = place.keys[-1]
    if key in ("round", "valid_for") and new.value <= 0:
        raise _refused("out-of-range", path, f"`{new.text}` is not above 0", "a number above 0", "correct it")
    if key == "valid_for" and new.value.denominator != 1:
        raise _refused(
            "out-of-range", path, f"`{new.text}` is no whole number of months", "months", "round it"
        )
    body = book.rules[place.rule].editions[place.edition].body
    if (
        key not in ("ge", "gt", "le", "lt")
        or not isinstance(body, model.Table)
        or not isinstance(body.by, Ref)
    ):
        return
    by = book.rules[body.by.name]
    if not isinstance(by.body, model.Input):
        return
    span = by.body.range
    low, high = span.lo is not None and new.value < span.lo, span.hi is not None and new.value > span.hi
    if low or high:
        edge = f"not {'below' if low else 'above'} {span.lo if low else span.hi} {by.type}"
        what = f"`{new.text}` is out of the range of `{by.short}`"
        raise _refused("out-of-range", path, what, edge, "correct it")


# ---------------------------------------------------------------------- the changed book


def changed_book(book: model.Rulebook, changes: Iterable[Change]) -> model.Rulebook:
    """The book with these numbers. Raises `QuestionError` if a changed table has a gap or an overlap."""
    by_edition: dict[tuple[str, int], dict[Keys, model.Quantity]] = defaultdict(dict)
    made = sorted(changes, key=lambda change: change.path)
    for change in made:
        by_edition[change.place.rule, change.place.edition][change.place.keys] = change.new
    rules = {name: _changed_rule(book.rules[name], by_edition) for name, _ in by_edition}
    _prove(rules, made)
    return replace(book, rules={**book.rules, **rules}, digest=_digest(book, made))


def _changed_rule(
    rule: model.Rule, by_edition: Mapping[tuple[str, int], Mapping[Keys, model.Quantity]]
) -> model.Rule:
    editions = tuple(
        replace(wording, body=with_numbers(wording.body, by_edition[rule.name, number]))
        if (rule.name, number) in by_edition
        else wording
        for number, wording in enumerate(rule.editions)
    )
    return replace(rule, editions=editions)


def _prove(rules: Mapping[str, model.Rule], changes: Iterable[Change]) -> None:
    """Re-run the proofs about tables on what was changed."""
    problems: list[Problem] = []
    check_tables(rules.values(), problems)
    for rule in rules.values():
        for wording in rule.editions:
            for row in wording.body.rows if isinstance(wording.body, model.Table) else ():
                if row.cell.band is not None and row.cell.band[0].value > row.cell.band[1].value:
                    what = f"the band of row `{row.name}` ends below its beginning"
                    problems.append(
                        Problem("value-invalid", str(row.where), what, "from <= to", rule=rule.short)
                    )
    if problems:
        named = {rules[c.place.rule].short: str(c) for c in changes}
        raise QuestionError(
            [
                replace(
                    found, code="table-breaks", where=named.get(found.rule, "reform"),
                    what=f"breaks the table: {found.what}", rule="",
                    todo="change the neighbouring bound with it: --set NAME+OTHER=VALUE gives both one value",
                )
                for found in problems
            ]
        )  # fmt: skip


def _digest(book: model.Rulebook, changes: Iterable[Change]) -> str:
    sha = hashlib.sha256(f"{book.digest}\n".encode())
    for change in changes:
        place, value = change.place, change.new.value
        sha.update(f"{place.rule}\0{place.edition}\0{place.keys}\0{value}\n".encode())
    return sha.hexdigest()
