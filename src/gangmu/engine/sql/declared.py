"""Tables as a rulebook declares them, for printing a query and for running it where typed tables lie.

A table is called like its entity and has a column for each input: a number as a decimal in the input's own
unit and digits, a year as a whole number, a date, a truth value, a text. The enterprise's key is the column
`enterprise` of every table. NULL is a fact that is not given (never a period); what does not exist cannot be
said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from gangmu.engine.rows import YEARS_BACK
from gangmu.engine.sql.facts import FactKind, Field, Layout, Raw
from gangmu.rulebook import model

OWNER = "enterprise"  # the column with the enterprise's key
DIGITS = 18  # of a decimal column
_LAST_DAY, _LAST_YEAR = date.max.toordinal(), date.max.year
_YEAR_END = (12, 31)
_KINDS: dict[str, FactKind] = {"number": "number", "year": "number", "date": "date", "condition": "truth"}


def declared_layout(book: model.Rulebook, rules: Iterable[model.Rule], day: date) -> Layout:
    """The layout of tables that are as the book declares them, all asked about on one day."""
    used = list(rules)
    fields = {rule.name: _field(book, rule) for rule in used if rule.kind == "input"}
    related = frozenset(rule.entity for rule in used if rule.entity != book.root)
    clocks, years = clocks_on(day)
    keys = dict.fromkeys(("", *related), OWNER)
    return Layout(fields, clocks, (day,), related, years=years, keys=keys)


def clocks_on(day: date) -> tuple[dict[str, int], int]:
    """The clocks of cases that are all asked about on one day, and how many fiscal years are told apart."""
    closed = day.year if (day.month, day.day) == _YEAR_END else day.year - 1
    first = day.year - YEARS_BACK
    clocks = {"as_of": day.toordinal(), "base_year": day.year, "closed_year": closed, "first_year": first}
    return clocks, closed - first + 1


def _field(book: model.Rulebook, rule: model.Rule) -> Field:
    """The column of an input; a period is always given."""
    found = declared_field(rule)
    if rule.entity != book.root and rule.short == f"{rule.entity}.{book.entities[rule.entity].period}":
        return replace(found, open=False)
    return found


def declared_field(rule: model.Rule) -> Field:
    """The column of an input."""
    body, bare = rule.input, rule.short.rpartition(".")[2]
    kind = _KINDS.get(body.input, "code" if body.input == "code" else "text")
    match body.input:
        case "number":
            scaled, factor = 10**body.decimals, body.factor
            top = 10**DIGITS * factor.numerator
            least = 0 if body.range.lo is not None and body.range.lo >= 0 else -top
            raw = Raw(bare, scaled * factor.numerator)
            return Field(rule.short, kind, scaled * factor.denominator, least, top, none=False, raw=raw)
        case "year":
            return Field(rule.short, kind, 1, 1, _LAST_YEAR, none=False, raw=Raw(bare))
        case "date":
            return Field(rule.short, kind, 1, 1, _LAST_DAY, none=False, raw=Raw(bare))
    return Field(rule.short, kind, none=False, raw=Raw(bare))
