"""What the 34 rules say exactly, of every enterprise, worked out apart from Gangmu: the judge of all engines.

Doubles decide where they are far from a threshold; where they are near, Python's fractions decide. A fact that
is not known is the whole range that the rulebook allows it, so every number is a pair of ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from policy.parameters import (
    CAP_FEW,
    CAP_MANY,
    CAP_SOME,
    CONVERSIONS,
    FEW_STAFF,
    GROWTH,
    H_GATES,
    MANAGEMENT_TOP,
    MIDDLE_REVENUE,
    NUMBERS,
    RD_OF_COST,
    RD_OF_REVENUE,
    RIGHTS,
    RIGHTS_BASE,
    SMALL_REVENUE,
    SME_RIGHTS,
    SOME_GROWTH,
    SOME_STAFF,
    STAFF,
    STANDARD_POINTS,
)

NEAR = 1e-9  # of a ratio's size; doubles err by less than 1e-14 here
# The ranges of the rulebook's inputs that may be unknown; money has no upper end.
RANGES: dict[str, tuple[int, int | None]] = {
    "age_days": (30, 10_000), "rd_staff": (0, 100_000), "sci_staff": (0, 100_000), "rev2": (1, None),
    "rev3": (1, None), "rd2": (0, None), "rd3": (0, None), "rd_domestic": (0, None), "ht_income": (0, None),
    "na3": (1, None), "conv3": (0, 1000), "mgmt_pts": (0, 20), "cost1": (1, None),
}  # fmt: skip
TRUE, FALSE, UNKNOWN = 0, 1, 3  # as the kernel writes them


@dataclass
class End:
    """One end of a number, of every row: a double, and the fraction of a row where it has to be known."""

    near: Any
    exact: Callable[[int], Fraction]

    def at_least(self, bound: float, *, more: bool = False) -> Any:
        """Whether it reaches (or with `more` passes) a bound, exactly."""
        with np.errstate(invalid="ignore"):
            found = self.near > bound
            close = np.abs(self.near - bound) <= NEAR * (abs(bound) + 1)
        limit = Fraction(str(bound))
        for row in np.flatnonzero(close):
            value = self.exact(int(row))
            found[row] = value > limit if more else value >= limit
        return found


@dataclass
class Number:
    """Between two ends."""

    lo: End
    hi: End

    def plus(self, other: Number) -> Number:
        """Sum."""
        return Number(_add(self.lo, other.lo), _add(self.hi, other.hi))

    def over(self, other: Number) -> Number:
        """Quotient of what is not negative by what is not below zero."""
        return Number(_div(self.lo, other.hi), _div(self.hi, other.lo))

    def growth(self) -> Number:
        """Half of it, less one: the mean of two quotients whose sum this is, as growth."""
        return Number(_halved(self.lo), _halved(self.hi))

    def points(self, table: Sequence[tuple[float, int]], *, some: int = 0) -> tuple[Any, Any]:
        """Points of the lower and of the upper end."""
        return _points(self.lo, table, some), _points(self.hi, table, some)

    def truth(self, bound: float, *, more: bool = False) -> Truth:
        """Whether it reaches a bound."""
        low, high = self.lo.at_least(bound, more=more), self.hi.at_least(bound, more=more)
        return Truth(high, ~low)


@dataclass
class Truth:
    """What a condition may be."""

    true: Any
    false: Any

    def status(self) -> Any:
        """True, false or unknown."""
        return np.where(self.true & self.false, UNKNOWN, np.where(self.true, TRUE, FALSE)).astype(np.uint8)


def _add(a: End, b: End) -> End:
    return End(a.near + b.near, lambda row: a.exact(row) + b.exact(row))


def _div(a: End, b: End) -> End:
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(np.isinf(b.near), 0.0, np.where(b.near == 0, np.inf, a.near / b.near))

    def exact(row: int) -> Fraction:
        return Fraction(0) if np.isinf(b.near[row]) else a.exact(row) / b.exact(row)

    return End(near, exact)


def _halved(a: End) -> End:
    return End(a.near / 2 - 1, lambda row: a.exact(row) / 2 - 1)


def _points(end: End, table: Sequence[tuple[float, int]], some: int) -> Any:
    found = np.where(end.at_least(0, more=True), some, 0) if some else np.zeros(len(end.near), np.int64)
    for low, number in reversed(table):
        found = np.where(end.at_least(low), number, found)
    return found


def every(truths: Sequence[Truth]) -> Truth:
    """All of them."""
    true, false = (
        np.logical_and.reduce([t.true for t in truths]),
        np.logical_or.reduce([t.false for t in truths]),
    )
    return Truth(true, false)


def some(truths: Sequence[Truth]) -> Truth:
    """Any of them."""
    true, false = (
        np.logical_or.reduce([t.true for t in truths]),
        np.logical_and.reduce([t.false for t in truths]),
    )
    return Truth(true, false)


def never(truth: Truth) -> Truth:
    """Not."""
    return Truth(truth.false, truth.true)


class Facts:
    """The columns as numbers and truths."""

    def __init__(self, table: pa.Table) -> None:
        """From Arrow columns, null where not known."""
        self.table, self.count = table, table.num_rows

    def number(self, name: str) -> Number:
        """An input."""
        column = self.table[name].combine_chunks()
        hole = column.is_null().to_numpy(zero_copy_only=False)
        values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        low, high = RANGES.get(name, (0, None))

        def end(bound: int | None) -> End:
            near = np.where(hole, np.inf if bound is None else float(bound), values.astype(float))
            return End(near, lambda row: Fraction(bound or 0) if hole[row] else Fraction(int(values[row])))

        return Number(end(low), end(high))

    def truth(self, name: str) -> Truth:
        """A yes or no."""
        column = self.table[name].combine_chunks()
        hole = column.is_null().to_numpy(zero_copy_only=False)
        values = column.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003  Arrow's signature
        return Truth(hole | values, hole | ~values)

    def known(self, name: str) -> Any:
        """A column that has no holes."""
        return self.table[name].to_numpy()


def statuses(table: pa.Table) -> dict[str, Any]:
    """The status of every gate and scheme."""
    return {name: truth.status() for name, truth in truths(table)[0].items()}


def truths(table: pa.Table, n: Mapping[str, float] = NUMBERS) -> tuple[dict[str, Truth], dict[str, Any]]:
    """What every gate and scheme may be, and the scores' ends."""
    d = Facts(table)
    num, flag, known = d.number, d.truth, d.known
    rd = num("rd1").plus(num("rd2")).plus(num("rd3"))
    revenue = num("rev1").plus(num("rev2")).plus(num("rev3"))
    rev1, staff = known("rev1"), known("staff")

    def plain(mask: Any) -> Truth:
        return Truth(mask, ~mask)

    o: dict[str, Truth] = {"h_age": num("age_days").truth(n["age"])}
    rights = (known("ip1") > 0) | (known("ip2") > 0)
    o["h_ip"], o["h_field"] = plain(rights), plain(known("tech_field") > 0)
    o["h_staff"] = num("rd_staff").over(num("staff")).truth(n["staff_floor"])
    intensity = rd.over(revenue)
    small, middle = rev1 <= SMALL_REVENUE, rev1 <= MIDDLE_REVENUE
    floors = [intensity.truth(n[name]) for name in ("rd_small", "rd_middle", "rd_large")]
    o["h_rd"] = Truth(
        np.select([small, middle], [floors[0].true, floors[1].true], floors[2].true),
        np.select([small, middle], [floors[0].false, floors[1].false], floors[2].false),
    )
    o["h_domestic"] = _domestic(num("rd_domestic"), rd, n["domestic"])
    o["h_income"] = num("ht_income").over(num("total_income")).truth(n["income"])
    low, high = _score(d, rights)
    o["h_score_ok"] = Truth(high > n["score_mark"], low <= n["score_mark"])
    o["h_clean"] = never(some([flag("accident"), flag("dishonest")]))
    o["t_clean"] = never(some([flag("prohibited"), flag("accident"), flag("dishonest")]))
    o["t_direct"] = some([flag(name) for name in ("cert", "award", "institution", "standard")])
    size = (staff <= n["staff_top"]) & (rev1 <= n["revenue_top"]) & (known("assets") <= n["assets_top"])
    o["t_size"] = plain(size)
    people = num("sci_staff").over(num("staff")).points(STAFF)
    revenue_points = num("rd1").over(num("rev1")).points(RD_OF_REVENUE)
    cost_points = num("rd1").over(num("cost1")).points(RD_OF_COST)
    own = np.select([known(name) >= least for name, least, _ in SME_RIGHTS], [p for *_, p in SME_RIGHTS], 0)
    t_low, t_high = (people[i] + np.maximum(revenue_points[i], cost_points[i]) + own for i in (0, 1))
    enough = every(
        [Truth(t_high >= n["sme_mark"], t_low < n["sme_mark"]), Truth(people[1] > 0, people[0] <= 0)]
    )
    o["h_eligible"] = every([o[name] for name in H_GATES])
    o["t_eligible"] = every([o["t_size"], o["t_clean"], some([o["t_direct"], enough])])
    return o, {"h_score": low, "h_score.high": high, "t_score": t_low, "t_score.high": t_high}


def _domestic(spent: Number, rd: Number, floor: float) -> Truth:
    """The share of R&D spent at home, none where there is no R&D; through zero it may be anything, or nothing."""
    none, open_ = rd.hi.near <= 0, (rd.lo.near <= 0) & (rd.hi.near > 0)
    found = spent.over(rd).truth(floor)
    return Truth((found.true | open_) & ~none, found.false | open_ | none)


def _score(d: Facts, rights: Any) -> tuple[Any, Any]:
    points = np.select([d.known(name) >= low for name, low, _ in RIGHTS], [p for *_, p in RIGHTS], 0)
    own = np.where(rights, RIGHTS_BASE + points, 0) + np.where(d.known("standard"), STANDARD_POINTS, 0)
    # conv3 / 3 reaches a whole number of points where conv3 reaches three times it
    parts = [d.number("conv3").points([(3 * low, number) for low, number in CONVERSIONS])]
    for what in ("rev", "na"):
        first, second, third = (d.number(f"{what}{year}") for year in (1, 2, 3))
        parts.append(first.over(second).plus(second.over(third)).growth().points(GROWTH, some=SOME_GROWTH))
    managed = d.number("mgmt_pts")
    parts.append(
        tuple(np.clip(end.near, 0, MANAGEMENT_TOP).astype(np.int64) for end in (managed.lo, managed.hi))
    )
    return tuple(own + sum(part[i] for part in parts) for i in (0, 1))


def policy(table: pa.Table, n: Mapping[str, float] = NUMBERS) -> dict[str, Any]:
    """The eighteen columns without holes; money as whole numbers, with `NAME.den` beside it."""
    found, scores = truths(table, n)
    out = {name: truth.true for name, truth in found.items()}
    out |= {"h_score": scores["h_score"], "t_score": scores["t_score"]}
    profit, rev1, rd1, staff = (
        table[name].to_numpy().astype(np.int64) for name in ("profit", "rev1", "rd1", "staff")
    )
    gap, of_revenue, of_rd = (Fraction(str(n[name])) for name in ("tax_gap", "loan_revenue", "loan_rd"))
    den = 100
    assert all((share * den).denominator == 1 for share in (gap, of_revenue, of_rd))
    out["tax_saving"] = np.where(out["h_eligible"], np.maximum(profit, 0) * int(gap * den), 0)
    cap = np.select([staff <= FEW_STAFF, staff <= SOME_STAFF], [CAP_FEW, CAP_SOME], CAP_MANY) * den
    loan = np.minimum(cap, rev1 * int(of_revenue * den) + rd1 * int(of_rd * den))
    out["loan"] = np.where(out["h_eligible"] | out["t_eligible"], loan, 0)
    return out | {"tax_saving.den": den, "loan.den": den}
