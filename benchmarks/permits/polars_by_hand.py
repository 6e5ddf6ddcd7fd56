"""The second rule set as Polars expressions over three frames."""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "2")

from pathlib import Path

import polars as pl
from permits.parameters import ASKED, DAY, EAST, MIDDLE, NORTHEAST
from worker import Work, serve

c = pl.col
YEAR = DAY.year


def first(pairs: list[tuple[pl.Expr, object]], rest: object) -> pl.Expr:
    """The first test that holds."""
    chain: object = pl
    for test, value in pairs:
        chain = chain.when(test).then(pl.lit(value))  # type: ignore[attr-defined]
    found: pl.Expr = chain.otherwise(pl.lit(rest))  # type: ignore[attr-defined]
    return found


def answers(firms: pl.LazyFrame, statements: pl.LazyFrame, rights: pl.LazyFrame) -> pl.LazyFrame:
    """Everything asked, a row an enterprise."""
    last = c("fiscal_year").is_between(YEAR - 3, YEAR - 1)
    sums = statements.group_by("enterprise").agg(
        revenue3=c("revenue").filter(last).sum(), tax3=c("tax").filter(last).sum(), best=c("revenue").max()
    )
    kind, day = c("kind"), pl.lit(DAY)
    counts = rights.group_by("enterprise").agg(
        inventions=((kind == "invention") & c("valid")).sum(),
        designs=(kind.is_in(["model", "design"]) & c("valid")).sum(),
        fresh=((day - c("granted")).dt.total_days() <= 1826).sum(),
    )
    both = firms.join(sums, on="enterprise", how="left", maintain_order="left")
    both = both.join(counts, on="enterprise", how="left", maintain_order="left")
    numbers = ["revenue3", "tax3", "best", "inventions", "designs", "fresh"]
    region, head = c("region"), c("industry").str.slice(0, 2)
    a = both.with_columns(
        *[c(name).fill_null(0) for name in numbers],
        zone=first(
            [
                (region.is_in(EAST), "east"),
                (region.is_in(MIDDLE), "middle"),
                (region.is_in(NORTHEAST), "northeast"),
            ],
            "west",
        ),
        sector=first(
            [
                (head.is_in(["39", "63", "64", "65"]) & (c("industry") != "6490"), "digital"),
                (head.is_in(["44", "46", "77"]), "green"),
                (head.is_in(["06", "25", "30", "31"]), "heavy"),
            ],
            "other",
        ),
        permit_live=c("permit_until") >= day,
        permit_far=(c("permit_until") - day).dt.total_days() >= 90,
        lately=(day - c("inspected")).dt.total_days() <= 730,
        is_young=(day - c("founded")).dt.total_days() < 1095,
        turn=(c("founded").dt.year() >= c("inspected").dt.year()) | (c("founded") <= c("inspected")),
    )
    sector, zone = c("sector"), c("zone")
    digital, green, heavy = sector == "digital", sector == "green", sector == "heavy"
    far = zone.is_in(["west", "northeast"])
    b = a.with_columns(
        plain=first([(zone == "east", 4), (zone.is_in(["middle", "northeast"]), 8)], 10)
        + first([(c("form") == "private", 6), (c("form").is_in(["mixed", "foreign"]), 4)], 2)
        + first([(c("stage") == "seed", 8), (c("stage") == "growth", 5)], 1),
        priority=first(
            [
                (digital & far, 20),
                (green & (c("in_park") | c("standard_setter")), 16),
                (digital | green, 12),
                (heavy & ~c("fined"), 4),
            ],
            0,
        ),
        bonus=first([(c("award"), 5)], 0)
        + first([(c("standard_setter"), 3)], 0)
        + first([(c("exporter") & c("insured"), 2)], 0),
        rights_points=first(
            [(c("inventions") >= 5, 20), (c("inventions") >= 3, 14), (c("inventions") >= 1, 8)], 0
        ),
        pays=(c("revenue3") > 0) & (c("tax3") / c("revenue3") >= 0.03),
        earns=(c("revenue3") >= 5_000_000) | (c("best") >= 5_000_000),
        clean=~c("fined") & (c("audited") | c("listed") | (c("insured") & c("lately"))),
        route_new=c("is_young") & (c("stage") != "mature") & (digital | (green & c("in_park")) | c("award")),
        route_far=far & (c("form").is_in(["private", "mixed"]) | (c("inventions") > 0)) & c("lately"),
    )
    signs = ["exporter", "standard_setter", "in_park", "listed"]
    many = sum((c(name).cast(pl.Int8) for name in signs), pl.lit(0, pl.Int8))
    many = many + (c("fresh") >= 3).cast(pl.Int8) + (c("designs") >= 3).cast(pl.Int8)
    d = b.with_columns(
        points=c("plain") + c("priority") + c("bonus") + c("rights_points"),
        route_known=c("pays") & c("earns") & (many >= 2),
    )
    routes = c("route_new") | c("route_known") | c("route_far")
    return d.with_columns(
        open_now=c("permit_live") & c("clean") & c("turn") & routes & (c("points") >= 40),
        watch=(c("permit_live") & ~c("permit_far"))
        | (c("fined") & heavy)
        | (~c("lately") & ~c("listed") & ~c("audited")),
    ).select(ASKED)


def permits(folder: Path) -> Work:
    """Eighteen columns."""
    names = ("enterprise", "statement", "patent")
    firms, statements, rights = (
        pl.read_parquet(folder / "permits" / f"{name}.parquet").rechunk() for name in names
    )
    return Work(
        lambda: answers(firms.lazy(), statements.lazy(), rights.lazy()).collect(),
        lambda found: {name: found[name].to_numpy() for name in ASKED},
    )


if __name__ == "__main__":
    serve({"permits": permits})
