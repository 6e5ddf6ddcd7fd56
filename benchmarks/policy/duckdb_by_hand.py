"""The 34 rules as one DuckDB query, as somebody who knows DuckDB would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from policy.parameters import (
    ASKED,
    CAP_FEW,
    CAP_MANY,
    CAP_SOME,
    COLUMNS,
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

REPEATS = 100  # of one enterprise in a run


def points(tests: Sequence[tuple[str, int]], rest: int = 0, known: str = "") -> str:
    """The first test that holds gives its points; with `known`, NULL where that is NULL."""
    guard = f"WHEN ({known}) IS NULL THEN NULL " if known else ""
    return f"CASE {guard}{' '.join(f'WHEN {test} THEN {number}' for test, number in tests)} ELSE {rest} END"


def brackets(
    x: str, table: Sequence[tuple[float, int]], *, strict: bool, more: Sequence[tuple[str, int]] = ()
) -> str:
    """Points by the highest bound reached."""
    return points([*((f"{x} >= {low}", number) for low, number in table), *more], 0, x if strict else "")


def growth(what: str, *, strict: bool) -> str:
    """Points for the mean of two years' growth."""
    x = f"(0.5::DOUBLE * (({what}1 / {what}2 - 1) + ({what}2 / {what}3 - 1)))"
    return brackets(x, GROWTH, strict=strict, more=[(f"{x} > 0", SOME_GROWTH)])


def fixed(source: str, *, strict: bool = False) -> str:
    """All that no reform moves; `strict` keeps NULL where CASE, least or greatest would lose it."""
    if strict:
        most = "CASE WHEN of_revenue >= of_cost THEN of_revenue WHEN of_cost > of_revenue THEN of_cost END"
        management = f"CASE WHEN mgmt_pts < 0 THEN 0 WHEN mgmt_pts > {MANAGEMENT_TOP} THEN {MANAGEMENT_TOP} ELSE mgmt_pts END"
        domestic = "CASE WHEN rd > 0 THEN rd_domestic / rd WHEN rd = 0 THEN 0 END"
    else:
        most = "greatest(of_revenue, of_cost)"
        management = f"least(greatest(mgmt_pts, 0), {MANAGEMENT_TOP})"
        domestic = "CASE WHEN rd > 0 THEN rd_domestic / rd ELSE 0 END"
    rights = points([(f"{name} >= {low}", number) for name, low, number in RIGHTS])
    sme_rights = points([(f"{name} >= {low}", number) for name, low, number in SME_RIGHTS])
    cap = points([(f"staff <= {FEW_STAFF}", CAP_FEW), (f"staff <= {SOME_STAFF}", CAP_SOME)], CAP_MANY)
    return f"""(
  SELECT *, p_ip + p_conv + p_mgmt + p_rev + p_na AS h_score, t_staff + t_rd + t_ip AS t_score FROM (
    SELECT *, {most} AS t_rd, {domestic} AS domestic_ratio,
      CASE WHEN h_ip THEN {RIGHTS_BASE} + {rights} ELSE 0 END + CASE WHEN standard THEN {STANDARD_POINTS} ELSE 0 END AS p_ip
    FROM (
      SELECT *,
        rd1 + rd2 + rd3 AS rd, ip1 > 0 OR ip2 > 0 AS h_ip, tech_field > 0 AS h_field,
        NOT (accident OR dishonest) AS h_clean, NOT (prohibited OR accident OR dishonest) AS t_clean,
        cert OR award OR institution OR standard AS t_direct,
        rd_staff / staff AS staff_ratio, (rd1 + rd2 + rd3) / (rev1 + rev2 + rev3) AS rd_ratio,
        ht_income / total_income AS income_ratio,
        {brackets("(conv3 / 3)", CONVERSIONS, strict=strict)} AS p_conv, {management} AS p_mgmt,
        {growth("rev", strict=strict)} AS p_rev, {growth("na", strict=strict)} AS p_na,
        {brackets("(sci_staff / staff)", STAFF, strict=strict)} AS t_staff,
        {brackets("(rd1 / rev1)", RD_OF_REVENUE, strict=strict)} AS of_revenue,
        {brackets("(rd1 / cost1)", RD_OF_COST, strict=strict)} AS of_cost,
        {sme_rights} AS t_ip, {cap} AS cap
      FROM {source})))"""


def moved(source: str, n: Mapping[str, object]) -> str:
    """What depends on the numbers that a reform may move; `n` gives SQL texts."""
    floor = f"CASE WHEN rev1 <= {SMALL_REVENUE} THEN {n['rd_small']} WHEN rev1 <= {MIDDLE_REVENUE} THEN {n['rd_middle']} ELSE {n['rd_large']} END"
    return f"""(
  SELECT *,
    CASE WHEN h_eligible THEN greatest(profit, 0) * {n["tax_gap"]}::DOUBLE WHEN NOT h_eligible THEN 0 END AS tax_saving,
    CASE WHEN h_eligible OR t_eligible THEN least(cap, {n["loan_revenue"]}::DOUBLE * rev1 + {n["loan_rd"]}::DOUBLE * rd1)
         WHEN NOT (h_eligible OR t_eligible) THEN 0 END AS loan
  FROM (
    SELECT *, {" AND ".join(H_GATES)} AS h_eligible,
      t_size AND t_clean AND (t_direct OR (t_score >= {n["sme_mark"]} AND t_staff > 0)) AS t_eligible
    FROM (
      SELECT *, age_days >= {n["age"]} AS h_age, staff_ratio >= {n["staff_floor"]} AS h_staff, rd_ratio >= {floor} AS h_rd,
        domestic_ratio >= {n["domestic"]} AS h_domestic, income_ratio >= {n["income"]} AS h_income,
        h_score > {n["score_mark"]} AS h_score_ok,
        staff <= {n["staff_top"]} AND rev1 <= {n["revenue_top"]} AND assets <= {n["assets_top"]} AS t_size
      FROM {source})))"""


def base(folder: Path, file: str) -> duckdb.DuckDBPyConnection:
    """A connection with the enterprises in a table."""
    found = duckdb.connect(config={"threads": 2})
    found.execute(f"CREATE TABLE e AS SELECT * FROM '{folder / file}'")
    return found


QUERY = f"SELECT {', '.join(ASKED)} FROM {moved(fixed('e'), NUMBERS)}"
SUMS = "count(*) FILTER (h_eligible), count(*) FILTER (t_eligible), sum(tax_saving), sum(loan)"


def policy(folder: Path) -> Work:
    """One policy, eighteen columns, into a table."""
    found = base(folder, "policy.parquet")
    return Work(
        lambda: found.execute(f"CREATE OR REPLACE TEMP TABLE o AS {QUERY}"),
        lambda _: dict(found.execute("SELECT * FROM o").fetchnumpy()),
    )


def to_numpy(folder: Path) -> Work:
    """The same as NumPy arrays."""
    found = base(folder, "policy.parquet")
    return Work(lambda: found.execute(QUERY).fetchnumpy())


def holes(folder: Path) -> Work:
    """Met, not met, unknown of each gate, where NULL stays NULL."""
    found = base(folder, "holes.parquet")
    counts = [
        f'count(*) FILTER ({test}) AS "{name} {what}"'
        for name in TRUTHS
        for what, test in (("true", name), ("false", f"NOT {name}"), ("unknown", f"{name} IS NULL"))
    ]
    query = f"SELECT {', '.join(counts)} FROM {moved(fixed('e', strict=True), NUMBERS)}"
    return Work(
        lambda: found.execute(query).fetchnumpy(),
        lambda counted: {name: values.tolist() for name, values in counted.items()},
    )


def reforms_crossed(folder: Path) -> Work:
    """A hundred reforms: what none moves once, crossed with a table of their numbers."""
    found = base(folder, "policy.parquet")
    names = list(NUMBERS)
    found.execute(f"CREATE TABLE r (reform INT, {', '.join(f'n_{name} DOUBLE' for name in names)})")
    found.executemany(
        f"INSERT INTO r VALUES (?{', ?' * len(names)})",
        [[place, *(numbers[name] for name in names)] for place, numbers in enumerate(reforms())],
    )
    query = moved("(SELECT * FROM s CROSS JOIN r)", {name: f"n_{name}" for name in names})

    def run() -> list[tuple[object, ...]]:
        found.execute(f"CREATE OR REPLACE TEMP TABLE s AS SELECT * FROM {fixed('e')}")
        return found.execute(f"SELECT {SUMS} FROM {query} GROUP BY reform ORDER BY reform").fetchall()

    return Work(run, lambda rows: {"totals": [list(map(float, row)) for row in rows]})


def one(folder: Path) -> Work:
    """One enterprise at a time: a prepared query over a table of one row."""
    found = duckdb.connect(config={"threads": 1})
    found.execute(f"CREATE TABLE e AS SELECT * FROM '{folder / 'policy.parquet'}' LIMIT 1")
    found.execute(f"PREPARE q AS {QUERY}")

    def run() -> object:
        for _ in range(REPEATS):
            row = found.execute("EXECUTE q").fetchone()
        return row

    return Work(run, times=1 / REPEATS)


def copy(folder: Path) -> Work:
    """All columns from one Parquet file into another, nothing worked out."""
    found = duckdb.connect(config={"threads": 2, "memory_limit": "2GiB"})
    given, target = folder / "large.parquet", folder / "copied.parquet"
    query = (
        f"COPY (SELECT {', '.join(COLUMNS)} FROM '{given}') TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )
    return Work(lambda: found.execute(query), before=lambda: target.unlink(missing_ok=True))


def large(folder: Path) -> Work:
    """The eighteen columns by hand, from one Parquet file into another."""
    found = duckdb.connect(config={"threads": 2, "memory_limit": "2GiB"})
    given, target = folder / "large.parquet", folder / "by_duckdb.parquet"
    rules = moved(fixed(f"'{given}'"), NUMBERS)
    work = f"COPY (SELECT {', '.join(ASKED)} FROM {rules}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    return Work(lambda: found.execute(work), before=lambda: target.unlink(missing_ok=True))


if __name__ == "__main__":
    serve(
        {"policy": policy, "to_numpy": to_numpy, "holes": holes, "reforms": reforms_crossed, "one": one,
         "copy": copy, "large": large}
    )  # fmt: skip
