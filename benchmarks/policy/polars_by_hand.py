"""The 34 rules as Polars expressions, as somebody who knows Polars would write them."""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "2")

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from policy.parameters import (
    ASKED,
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
    TRUTHS,
    reforms,
)
from worker import Work, serve

c = pl.col
REPEATS = 200  # of one enterprise in a run


def points(tests: Iterable[tuple[pl.Expr, int]], rest: int = 0, known: pl.Expr | None = None) -> pl.Expr:
    """The first test that holds gives its points; with `known`, null where that is false."""
    chain: Any = pl if known is None else pl.when(~known).then(None)
    for test, number in tests:
        chain = chain.when(test).then(pl.lit(number, pl.Int32))
    found: pl.Expr = chain.otherwise(pl.lit(rest, pl.Int32))
    return found


def brackets(
    x: pl.Expr, table: Sequence[tuple[float, int]], *, strict: bool, more: Sequence[tuple[pl.Expr, int]] = ()
) -> pl.Expr:
    """Points by the highest bound reached."""
    return points(
        [*((x >= low, number) for low, number in table), *more], 0, x.is_not_null() if strict else None
    )


def growth(what: str, *, strict: bool) -> pl.Expr:
    """Points for the mean of two years' growth."""
    x = ((c(f"{what}1") / c(f"{what}2") - 1) + (c(f"{what}2") / c(f"{what}3") - 1)) * 0.5
    return brackets(x, GROWTH, strict=strict, more=[(x > 0, SOME_GROWTH)])


def fixed(frame: pl.LazyFrame, *, strict: bool = False) -> pl.LazyFrame:
    """All that no reform moves."""
    rd, revenue = c("rd1") + c("rd2") + c("rd3"), c("rev1") + c("rev2") + c("rev3")
    rights = (c("ip1") > 0) | (c("ip2") > 0)
    domestic: Any = pl.when(rd > 0).then(c("rd_domestic") / rd)
    of_revenue = brackets(c("rd1") / c("rev1"), RD_OF_REVENUE, strict=strict)
    of_cost = brackets(c("rd1") / c("cost1"), RD_OF_COST, strict=strict)
    most = pl.max_horizontal(of_revenue, of_cost)
    if strict:
        most = pl.when(of_revenue.is_not_null() & of_cost.is_not_null()).then(most)
        domestic = domestic.when(rd == 0).then(0.0)
    else:
        domestic = domestic.otherwise(0.0)
    first = frame.with_columns(
        h_ip=rights,
        h_field=c("tech_field") > 0,
        h_clean=~(c("accident") | c("dishonest")),
        t_clean=~(c("prohibited") | c("accident") | c("dishonest")),
        t_direct=c("cert") | c("award") | c("institution") | c("standard"),
        staff_ratio=c("rd_staff") / c("staff"),
        rd_ratio=rd / revenue,
        domestic_ratio=domestic,
        income_ratio=c("ht_income") / c("total_income"),
        p_ip=pl.when(rights).then(RIGHTS_BASE + points((c(n) >= low, p) for n, low, p in RIGHTS)).otherwise(0)
        + points([(c("standard"), STANDARD_POINTS)]),
        p_conv=brackets(c("conv3") / 3, CONVERSIONS, strict=strict),
        p_mgmt=c("mgmt_pts").clip(0, MANAGEMENT_TOP),
        p_rev=growth("rev", strict=strict),
        p_na=growth("na", strict=strict),
        t_staff=brackets(c("sci_staff") / c("staff"), STAFF, strict=strict),
        t_rd=most,
        t_ip=points((c(n) >= low, p) for n, low, p in SME_RIGHTS),
        cap=points([(c("staff") <= FEW_STAFF, CAP_FEW), (c("staff") <= SOME_STAFF, CAP_SOME)], CAP_MANY),
    )
    return first.with_columns(
        h_score=c("p_ip") + c("p_conv") + c("p_mgmt") + c("p_rev") + c("p_na"),
        t_score=c("t_staff") + c("t_rd") + c("t_ip"),
    )


def moved(frame: pl.LazyFrame, n: Mapping[str, float]) -> pl.LazyFrame:
    """What depends on the numbers that a reform may move."""
    revenue = c("rev1")
    floor = pl.when(revenue <= SMALL_REVENUE).then(n["rd_small"]).when(revenue <= MIDDLE_REVENUE).then(n["rd_middle"]).otherwise(n["rd_large"])  # fmt: skip
    gates = frame.with_columns(
        h_age=c("age_days") >= n["age"],
        h_staff=c("staff_ratio") >= n["staff_floor"],
        h_rd=c("rd_ratio") >= floor,
        h_domestic=c("domestic_ratio") >= n["domestic"],
        h_income=c("income_ratio") >= n["income"],
        h_score_ok=c("h_score") > n["score_mark"],
        t_size=(c("staff") <= n["staff_top"])
        & (revenue <= n["revenue_top"])
        & (c("assets") <= n["assets_top"]),
    )
    enough = (c("t_score") >= n["sme_mark"]) & (c("t_staff") > 0)
    schemes = gates.with_columns(
        h_eligible=pl.all_horizontal(H_GATES),
        t_eligible=c("t_size") & c("t_clean") & (c("t_direct") | enough),
    )
    loan = pl.min_horizontal(c("cap").cast(pl.Float64), n["loan_revenue"] * revenue + n["loan_rd"] * c("rd1"))
    return schemes.with_columns(
        tax_saving=pl.when(c("h_eligible")).then(c("profit").clip(0) * n["tax_gap"]).otherwise(0.0),
        loan=pl.when(c("h_eligible") | c("t_eligible")).then(loan).otherwise(0.0),
    )


def policy(folder: Path) -> Work:
    """One policy, eighteen columns."""
    frame = pl.read_parquet(folder / "policy.parquet").rechunk()
    return Work(
        lambda: moved(fixed(frame.lazy()), NUMBERS).select(ASKED).collect(),
        lambda found: {name: found[name].to_numpy() for name in ASKED},
    )


def streaming(folder: Path) -> Work:
    """The same with Polars' streaming engine."""
    frame = pl.read_parquet(folder / "policy.parquet").rechunk()
    return Work(lambda: moved(fixed(frame.lazy()), NUMBERS).select(ASKED).collect(engine="streaming"))


def holes(folder: Path) -> Work:
    """Met, not met, unknown of each gate, where NULL stays NULL."""
    frame = pl.read_parquet(folder / "holes.parquet").rechunk()
    counts = [
        expr.alias(f"{name} {what}")
        for name in TRUTHS
        for what, expr in (
            ("true", c(name).sum()),
            ("false", (~c(name)).sum()),
            ("unknown", c(name).is_null().sum()),
        )
    ]
    return Work(
        lambda: moved(fixed(frame.lazy(), strict=True), NUMBERS).select(counts).collect(),
        lambda found: {name: found[name].to_list() for name in found.columns},
    )


def one_policy_a_reform(folder: Path) -> Work:
    """A hundred reforms: what none moves is worked out once, the rest in one query a reform."""
    frame = pl.read_parquet(folder / "policy.parquet").rechunk()
    sums = [c("h_eligible").sum(), c("t_eligible").sum(), c("tax_saving").sum(), c("loan").sum()]

    def run() -> list[tuple[object, ...]]:
        base = fixed(frame.lazy()).collect().lazy()
        return [moved(base, numbers).select(sums).collect().row(0) for numbers in reforms()]

    return Work(run, lambda found: {"totals": [list(map(float, row)) for row in found]})


def one(folder: Path) -> Work:
    """One enterprise at a time, from a frame of one row."""
    frame = pl.read_parquet(folder / "policy.parquet").head(1)

    def run() -> object:
        for _ in range(REPEATS):
            found = moved(fixed(frame.lazy()), NUMBERS).select(ASKED).collect()
        return found

    return Work(run, times=1 / REPEATS)


if __name__ == "__main__":
    serve(
        {"policy": policy, "streaming": streaming, "holes": holes, "reforms": one_policy_a_reform, "one": one}
    )
