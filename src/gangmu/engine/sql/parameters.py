"""Numbers of law as run-time arguments: a row of whole numerators, each under the path by which it is named.

The denominator is part of the query (5% is 5 over 100); what the query knows beforehand of a numerator is its
sign and how many bytes it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gangmu.engine.sql.domain import Num
from gangmu.engine.sql.names import Names
from gangmu.engine.sql.numbers import End
from gangmu.engine.sql.terms import Terms
from gangmu.rulebook import model

_BYTE = 8


@dataclass(slots=True)
class Parameters:
    """The numbers that a query reads, by column of its table `parameters`."""

    terms: Terms
    names: Names
    values: dict[str, int] = field(default_factory=dict)
    _ends: dict[int, End] = field(default_factory=dict)
    _paths: dict[int, str] = field(default_factory=dict)

    def name_all(self, book: model.Rulebook) -> None:
        """Learn the paths of a book's numbers."""
        for rule in book.rules.values():
            for path, quantity in quantities(rule):
                self._paths.setdefault(id(quantity), path)

    def number(self, quantity: model.Quantity) -> Num:
        """A number of law."""
        if id(quantity) not in self._ends:
            path = self._paths.get(id(quantity), quantity.where.page)
            value = quantity.value
            self._ends[id(quantity)] = self.argument(path, value.numerator, value.denominator)
        end = self._ends[id(quantity)]
        return Num(True, end, end)

    def argument(self, path: str, numerator: int, denominator: int = 1, *, exact: bool = False) -> End:
        """An argument; `exact`: its range is its value (what depends on it is decided while writing)."""
        column = self.names.new(path)
        self.values[column] = numerator
        lo, hi = (numerator, numerator) if exact else _bucket(numerator)
        return End(self.terms.make("param", (column,), "int", lo=lo, hi=hi), denominator)


def _bucket(value: int) -> tuple[int, int]:
    top = (1 << (-(-abs(value).bit_length() // _BYTE) * _BYTE)) - 1
    return (1, top) if value > 0 else (-top, -1) if value < 0 else (0, 0)


def quantities(rule: model.Rule) -> Iterator[tuple[str, model.Quantity]]:
    """The numbers of a rule with their paths: `rd_floor.small.le`, `ceiling.value@2024-04-01`."""
    several = len(rule.editions) > 1
    for edition in rule.editions:
        since = f"@{edition.start}" if several and edition.start else ""
        for path, quantity in _numbers_of(edition.body):
            yield f"{rule.short}.{path}{since}", quantity


def _numbers_of(body: model.Body) -> Iterator[tuple[str, model.Quantity]]:
    match body:
        case model.Table(rows=rows):
            for row in rows:
                before = f"{row.name}." if len(rows) > 1 else ""
                yield from ((f"{before}{path}", quantity) for path, quantity in _cells(row))
        case model.Score():
            yield from _marks(body)
        case model.Title(valid_months=months) if months is not None:
            yield "valid_for", months
    if isinstance(body, model.Formula | model.Amount | model.Score) and body.rounding is not None:
        yield "round.to", body.rounding.to


def _cells(row: model.Row) -> Iterator[tuple[str, model.Quantity]]:
    yield from row.bounds.items()
    if row.cell.number is not None:
        yield "value", row.cell.number
    for word, end in zip(("from", "to"), row.cell.band or (), strict=False):
        yield f"value.{word}", end


def _marks(body: model.Score) -> Iterator[tuple[str, model.Quantity]]:
    for part in body.parts:
        for word, end in (("cap", part.cap), ("min", part.min)):
            if end is not None:
                yield f"parts.{part.name}.{word}", end
    if body.cap is not None:
        yield "cap", body.cap
    if body.passing is not None:
        yield f"pass.{body.passing[0]}", body.passing[1]
