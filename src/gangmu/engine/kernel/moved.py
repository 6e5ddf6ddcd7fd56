"""Numbers that take many values: one column a number, one row a reform.

Code is written for a range of values, not for values: a changed number becomes a run-time argument with one
denominator for all reforms and a range that holds them all. What the code does depend on is the order of the
bounds of a table; reforms that keep the base's order share its code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gangmu.engine.kernel.columns import Array, bucket
from gangmu.engine.kernel.domain import Num
from gangmu.engine.kernel.numbers import End
from gangmu.engine.kernel.program import Program
from gangmu.rulebook import model

MOST_BITS = 60


@dataclass(frozen=True, slots=True)
class Moved:
    """One number of the base: its values under the base (first) and each reform, as `numerators / den`."""

    quantity: model.Quantity
    den: int
    numerators: tuple[int, ...]

    @property
    def span(self) -> tuple[int, int]:
        """A range that holds all, rounded outwards to whole bytes."""
        return bucket(min(self.numerators), max(self.numerators))

    @property
    def fits(self) -> bool:
        """Whether all values fit a machine word."""
        return all(abs(number).bit_length() <= MOST_BITS for number in (*self.numerators, self.den))


def moved(quantity: model.Quantity, values: Sequence[Fraction]) -> Moved:
    """A number and its values under each reform."""
    every = [quantity.value, *values]
    den = math.lcm(*(value.denominator for value in every))
    return Moved(quantity, den, tuple(int(value * den) for value in every))


class SweptProgram(Program):
    """Writes rules whose changed numbers are arguments with a range of their own."""

    movers: Mapping[int, Moved]  # by the identity of the base's quantity

    def quantity(self, quantity: model.Quantity, clock: str = "") -> Num:
        """A number of law, as a run-time argument with a proven range."""
        found = self.movers.get(id(quantity))
        if found is None:
            return super().quantity(quantity, clock)
        register = f"%par{self.parameters.place(quantity)}"
        end = End(self.r.w.leaf(register, *found.span), self.r.w.const(found.den))
        return Num(True, end, end)


def table_of(
    values: Sequence[int], quantities: Iterable[model.Quantity], movers: Mapping[int, Moved], reforms: int
) -> Array:
    """The array of arguments: a row for the base, then one a reform."""
    found = np.tile(np.array(values or [0], np.int64), (reforms + 1, 1))
    for place, quantity in enumerate(quantities):
        if id(quantity) in movers:
            found[:, place] = movers[id(quantity)].numerators
    return found


def order_of(body: model.Body) -> tuple[int, ...]:
    """The order of all bounds of a table, as ranks: what code for it depends on."""
    if not isinstance(body, model.Table):
        return ()
    bounds = [bound.value for row in body.rows for bound in row.bounds.values()]
    ranks = {value: rank for rank, value in enumerate(sorted(set(bounds)))}
    return tuple(ranks[value] for value in bounds)
