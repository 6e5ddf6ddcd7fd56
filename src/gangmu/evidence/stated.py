"""Figures that a source states for a rule: a three-year sum in a prospectus.

Read with half a unit of its last digit as slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pyarrow as pa

from gangmu.evidence.cases import Source
from gangmu.evidence.cells import read_truth
from gangmu.evidence.facts import Fact, StatedFigure
from gangmu.evidence.numbers import Asked, CellError, last_digit, read_number
from gangmu.evidence.place import CASE, Placed
from gangmu.evidence.quarantine import Rejected
from gangmu.rulebook.model import Formula, Rule, Rulebook
from gangmu.rulebook.types import NumberType, TruthType

ANY_YEAR = 0  # base year of a figure that names none: of whichever base year is asked about


def read_stated(
    placed: Placed | None, sources: list[Source], book: Rulebook, base_years: pa.Array, as_of: pa.Array
) -> tuple[dict[int, tuple[StatedFigure, ...]], list[Rejected]]:
    """Stated figures by case, and the rows that are none."""
    figures: dict[int, list[StatedFigure]] = {}
    rejected: list[Rejected] = []
    for row in placed.table.to_pylist() if placed else ():
        case = row[CASE]
        source = sources[row["_source"]]
        year = row.get("_base_year") or base_years[case].as_py()
        if year is None:
            day = as_of[case].as_py()
            year = day.year if day else ANY_YEAR
        try:
            figure = _figure(row, source, book, year)
        except CellError as error:
            name, _, reason = str(error).partition("\n")
            rejected.append(
                Rejected("stated", source.name, row["_row"], name, str(row.get(f"_{name}") or ""), reason)
            )
            continue
        figures.setdefault(case, []).append(figure)
    return {case: tuple(listed) for case, listed in figures.items()}, rejected


def _figure(row: Mapping[str, object], source: Source, book: Rulebook, year: int) -> StatedFigure:
    """One figure. Raises `CellError` with the column's name, a line break, and the reason."""
    name, text = str(row.get("_rule") or ""), str(row.get("_value") or "")
    rule = _rule(name, book)
    if not text:
        raise CellError("value\nis missing")
    asked = _asked(rule)
    fact_value: Fraction | bool
    try:
        if asked is None:
            fact_value, slack = read_truth(text), Fraction(0)
        else:
            fact_value, slack = read_number(text, asked), last_digit(text, asked) / 2
    except CellError as error:
        raise CellError(f"value\n{error}") from None
    fact = Fact(
        value=fact_value,
        text=text,
        origin=str(row["_origin"]),
        document=str(row["_document"]),
        at=f"{source.name} row {row['_row']}, column {source.headers.get('value', 'value')}",
        known_on=row["_known_on"],  # type: ignore[arg-type]
    )
    return StatedFigure(rule.name, year, fact, slack)


def _rule(name: str, book: Rulebook) -> Rule:
    full = (name,) if name in book.rules else book.names.get(name, ())
    if not full:
        raise CellError("rule\nis no rule of the rulebook")
    if len(full) > 1:
        raise CellError(f"rule\nmay mean {', '.join(full)}")
    rule = book.rules[full[0]]
    if not any(isinstance(edition.body, Formula) and edition.body.stated for edition in rule.editions):
        raise CellError("rule\nmay not be stated by its source (it has no `stated: true`)")
    return rule


def _asked(rule: Rule) -> Asked | None:
    """What a bare number means: base units of the rule's dimension; None if the rule is yes or no."""
    match rule.type:
        case NumberType(dimension=dimension):
            return Asked(dimension or (), Fraction(1), str(rule.type))
        case TruthType():
            return None
        case _:
            raise CellError("rule\nis neither a number nor yes or no")
