"""One policy of 34 rules over a million enterprises: the kernel beside Polars, DuckDB and NumPy by hand.

Usage: python benchmarks/kernel_34.py [ROWS] [RUNS]. All engines run in one process on the same columns in
memory, in turn, with two threads; medians, ratios, and whether the answers are equal are printed. The peers
compute in doubles; the kernel's answers are also held against the interpreter's fractions on a sample.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import gc
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from gangmu.engine.interpreter import Run
from gangmu.engine.kernel import Answers, assess_columns, prepare
from gangmu.engine.kernel.assess import _from_columns, answer_of
from gangmu.rulebook.load import load

HERE = Path(__file__).parent
DAY = date(2025, 6, 30)
GATES = [
    "h_age",
    "h_ip",
    "h_field",
    "h_staff",
    "h_rd",
    "h_domestic",
    "h_income",
    "h_score_ok",
    "h_clean",
    "t_size",
    "t_clean",
    "t_direct",
]
NUMBERS = ["h_score", "t_score", "tax_saving", "loan"]
ASKED = ["h_eligible", "t_eligible", *NUMBERS, *GATES]
HOLED = [
    "age_days",
    "rd_staff",
    "sci_staff",
    "rev2",
    "rev3",
    "rd2",
    "rd3",
    "rd_domestic",
    "ht_income",
    "na3",
    "conv3",
    "mgmt_pts",
    "accident",
    "cost1",
]
Data = dict[str, npt.NDArray[np.generic]]


def enterprises(count: int, seed: int = 34) -> Data:
    """Synthetic enterprises; 3% stand exactly on the R&D floor, 3% exactly on the staff floor."""
    rng = np.random.default_rng(seed)

    def money(base: npt.NDArray[np.float64], least: int = 0) -> npt.NDArray[np.int64]:
        return np.maximum(least, base).astype(np.int64)

    staff = np.clip(rng.lognormal(3.6, 1.2, count), 1, 50_000).astype(np.int32)
    rd_staff = (staff * rng.beta(2, 8, count)).astype(np.int32)
    rev1 = money(staff * rng.lognormal(13, 0.8, count), 1)
    rev2 = money(rev1 / rng.lognormal(0.08, 0.25, count), 1)
    rev3 = money(rev2 / rng.lognormal(0.08, 0.25, count), 1)
    share = rng.beta(1.8, 26, count)
    rd1, rd2, rd3 = (money(rev * share * rng.uniform(0.7, 1.3, count)) for rev in (rev1, rev2, rev3))
    tied = rng.random(count) < 0.03
    third = (rev1 + rev2 + rev3)[tied] // 60
    rev1[tied] = third * 60 + 60 - (rev2 + rev3)[tied] % 60 + (rev1[tied] // 60) * 0
    rev1[tied] += rev2[tied] % 20 * 0
    total = (rev1 + rev2 + rev3)[tied]
    rev1[tied] += (20 - total % 20) % 20
    twentieth = (rev1 + rev2 + rev3)[tied] // 20
    rd2[tied] = rd3[tied] = twentieth // 3
    rd1[tied] = twentieth - 2 * (twentieth // 3)
    tied = rng.random(count) < 0.03
    staff[tied] = np.maximum(10, staff[tied] // 10 * 10)
    rd_staff[tied] = staff[tied] // 10
    sci_staff = np.maximum(rd_staff, (staff * rng.beta(2.2, 8, count)).astype(np.int32))
    na1 = money(rev1 * rng.lognormal(-0.4, 0.6, count), 1)
    na2 = money(na1 / rng.lognormal(0.06, 0.2, count), 1)
    na3 = money(na2 / rng.lognormal(0.06, 0.2, count), 1)
    income = money(rev1 * rng.uniform(1, 1.05, count)) + 1
    found: Data = {
        "age_days": rng.integers(30, 9000, count, dtype=np.int32),
        "tech_field": np.where(rng.random(count) < 0.25, 0, rng.integers(1, 9, count)).astype(np.int32),
        "staff": staff, "rd_staff": rd_staff, "sci_staff": sci_staff,
        "rev1": rev1, "rev2": rev2, "rev3": rev3, "rd1": rd1, "rd2": rd2, "rd3": rd3,
        "rd_domestic": money((rd1 + rd2 + rd3) * np.clip(rng.beta(9, 1.5, count), 0, 1)),
        "ht_income": money(income * rng.beta(4, 2, count)), "total_income": income,
        "cost1": money(rev1 * rng.beta(6, 3, count), 1), "na1": na1, "na2": na2, "na3": na3,
        "assets": money(na1 * rng.lognormal(0.5, 0.3, count)),
        "profit": (rev1 * rng.normal(0.05, 0.1, count)).astype(np.int64),
        "ip1": rng.poisson(0.5, count).astype(np.int32), "ip2": rng.poisson(2.5, count).astype(np.int32),
        "conv3": rng.poisson(12, count).astype(np.int32),
        "mgmt_pts": rng.integers(8, 21, count, dtype=np.int32),
    }  # fmt: skip
    chances = {"accident": 0.01, "dishonest": 0.02, "prohibited": 0.01, "cert": 0.08, "award": 0.002,
               "institution": 0.02, "standard": 0.01}  # fmt: skip
    return found | {name: rng.random(count) < chance for name, chance in chances.items()}


# ---------------------------------------------------------------------- the peers, by hand

STAFF = [(0.30, 20), (0.25, 16), (0.20, 12), (0.15, 8), (0.10, 4)]
RD_REV = [(0.06, 50), (0.05, 40), (0.04, 30), (0.03, 20), (0.02, 10)]
RD_COST = [(0.30, 50), (0.25, 40), (0.20, 30), (0.15, 20), (0.10, 10)]
CONV = [(5, 30), (4, 24), (3, 18), (2, 12), (1, 6)]
GROWTH = [(0.35, 10), (0.25, 8), (0.15, 6), (0.05, 4)]


def by_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """Polars expressions."""
    c = pl.col

    def tiers(pairs: list[tuple[pl.Expr, int]], rest: int = 0) -> pl.Expr:
        out: object = pl
        for test, points in pairs:
            out = out.when(test).then(pl.lit(points, pl.Int32))  # type: ignore[attr-defined]
        return out.otherwise(pl.lit(rest, pl.Int32))  # type: ignore[attr-defined, no-any-return]

    def bracket(x: pl.Expr, table: list[tuple[float, int]]) -> pl.Expr:
        return tiers([(x >= low, points) for low, points in table])

    def growth(a: str) -> pl.Expr:
        g = ((c(f"{a}1") / c(f"{a}2") - 1) + (c(f"{a}2") / c(f"{a}3") - 1)) * 0.5
        return tiers([*((g >= low, points) for low, points in GROWTH), (g > 0, 2)])

    rd, rev = c("rd1") + c("rd2") + c("rd3"), c("rev1") + c("rev2") + c("rev3")
    ip = (c("ip1") > 0) | (c("ip2") > 0)
    first = frame.lazy().with_columns(
        h_age=c("age_days") >= 365, h_ip=ip, h_field=c("tech_field") > 0,
        h_staff=c("rd_staff") / c("staff") >= 0.10,
        h_rd=rd / rev >= pl.when(c("rev1") <= 50_000_000).then(0.05).when(c("rev1") <= 200_000_000).then(0.04).otherwise(0.03),
        h_domestic=pl.when(rd > 0).then(c("rd_domestic") / rd).otherwise(0.0) >= 0.60,
        h_income=c("ht_income") / c("total_income") >= 0.60,
        h_clean=~(c("accident") | c("dishonest")),
        t_clean=~(c("prohibited") | c("accident") | c("dishonest")),
        t_size=(c("staff") <= 500) & (c("rev1") <= 200_000_000) & (c("assets") <= 200_000_000),
        t_direct=c("cert") | c("award") | c("institution") | c("standard"),
        h_score=pl.when(ip).then(12 + tiers([(c("ip1") >= 1, 8), (c("ip2") >= 5, 6), (c("ip2") >= 3, 4), (c("ip2") >= 1, 2)])).otherwise(0)
        + tiers([(c("standard"), 2)]) + bracket(c("conv3") / 3, CONV) + c("mgmt_pts").clip(0, 20) + growth("rev") + growth("na"),
        t_staff=bracket(c("sci_staff") / c("staff"), STAFF),
        t_rd=pl.max_horizontal(bracket(c("rd1") / c("rev1"), RD_REV), bracket(c("rd1") / c("cost1"), RD_COST)),
        t_ip=tiers([(c("ip1") >= 1, 30), (c("ip2") >= 4, 24), (c("ip2") >= 3, 18), (c("ip2") >= 2, 12), (c("ip2") >= 1, 6)]),
    )  # fmt: skip
    second = first.with_columns(h_score_ok=c("h_score") > 70, t_score=c("t_staff") + c("t_rd") + c("t_ip"))
    third = second.with_columns(
        h_eligible=pl.all_horizontal(GATES[:9]),
        t_eligible=c("t_size") & c("t_clean") & (c("t_direct") | ((c("t_score") >= 60) & (c("t_staff") > 0))),
    )
    cap = tiers([(c("staff") <= 20, 3_000_000), (c("staff") <= 300, 10_000_000)], 30_000_000)
    loan = pl.min_horizontal(cap, 0.1 * c("rev1") + 0.5 * c("rd1"))
    last = third.with_columns(
        tax_saving=pl.when(c("h_eligible")).then(c("profit").clip(0) * 0.1).otherwise(0.0),
        loan=pl.when(c("h_eligible") | c("t_eligible")).then(loan).otherwise(0.0),
    )
    return last.select(ASKED).collect()


def sql(*, strict: bool) -> str:
    """DuckDB's query; `strict` keeps NULL where a bracket or a least would lose it."""

    def case(x: str, pairs: list[tuple[str, int]], rest: int = 0) -> str:
        guard = f"WHEN ({x}) IS NULL THEN NULL " if strict else ""
        return (
            f"CASE {guard}{' '.join(f'WHEN {test} THEN {points}' for test, points in pairs)} ELSE {rest} END"
        )

    def bracket(x: str, table: list[tuple[float, int]]) -> str:
        return case(x, [(f"{x} >= {low}", points) for low, points in table])

    def growth(a: str) -> str:
        g = f"(0.5::DOUBLE * (({a}1 / {a}2 - 1) + ({a}2 / {a}3 - 1)))"
        return case(g, [*((f"{g} >= {low}", points) for low, points in GROWTH), (f"{g} > 0", 2)])

    most = (
        "CASE WHEN rd_rev >= rd_cost THEN rd_rev WHEN rd_cost > rd_rev THEN rd_cost END"
        if strict
        else "greatest(rd_rev, rd_cost)"
    )
    mgmt = "CASE WHEN mgmt_pts < 0 THEN 0 WHEN mgmt_pts > 20 THEN 20 ELSE mgmt_pts END"
    domestic = "CASE WHEN rd > 0 THEN rd_domestic / rd WHEN rd = 0 THEN 0 END"
    ip_points = case("0", [("ip1 >= 1", 8), ("ip2 >= 5", 6), ("ip2 >= 3", 4), ("ip2 >= 1", 2)])
    t_ip = case(
        "0", [("ip1 >= 1", 30), ("ip2 >= 4", 24), ("ip2 >= 3", 18), ("ip2 >= 2", 12), ("ip2 >= 1", 6)]
    )
    floor = "CASE WHEN rev1 <= 50000000 THEN 0.05 WHEN rev1 <= 200000000 THEN 0.04 ELSE 0.03 END"
    cap = "CASE WHEN staff <= 20 THEN 3000000 WHEN staff <= 300 THEN 10000000 ELSE 30000000 END"
    return f"""
WITH a AS (SELECT *, rd1 + rd2 + rd3 AS rd, rev1 + rev2 + rev3 AS rev, ip1 > 0 OR ip2 > 0 AS h_ip FROM e),
b AS (SELECT *, age_days >= 365 AS h_age, tech_field > 0 AS h_field, rd_staff / staff >= 0.1 AS h_staff,
 rd / rev >= {floor} AS h_rd, {domestic} >= 0.6 AS h_domestic, ht_income / total_income >= 0.6 AS h_income,
 CASE WHEN h_ip THEN 12 + {ip_points} ELSE 0 END + CASE WHEN standard THEN 2 ELSE 0 END + {bracket("(conv3 / 3)", CONV)}
 + {mgmt} + {growth("rev")} + {growth("na")} AS h_score,
 NOT (accident OR dishonest) AS h_clean, NOT (prohibited OR accident OR dishonest) AS t_clean,
 staff <= 500 AND rev1 <= 200000000 AND assets <= 200000000 AS t_size,
 cert OR award OR institution OR standard AS t_direct, {bracket("(sci_staff / staff)", STAFF)} AS t_staff,
 {bracket("(rd1 / rev1)", RD_REV)} AS rd_rev, {bracket("(rd1 / cost1)", RD_COST)} AS rd_cost, {t_ip} AS t_ip FROM a),
c AS (SELECT *, h_score > 70 AS h_score_ok, t_staff + {most} + t_ip AS t_score FROM b),
d AS (SELECT *, {" AND ".join(GATES[:9])} AS h_eligible,
 t_size AND t_clean AND (t_direct OR (t_score >= 60 AND t_staff > 0)) AS t_eligible FROM c)
SELECT {", ".join(n for n in ASKED if n not in ("tax_saving", "loan"))},
 CASE WHEN h_eligible THEN greatest(profit, 0) * 0.1::DOUBLE WHEN NOT h_eligible THEN 0 END AS tax_saving,
 CASE WHEN h_eligible OR t_eligible THEN least({cap}, 0.1::DOUBLE * rev1 + 0.5::DOUBLE * rd1)
 WHEN NOT (h_eligible OR t_eligible) THEN 0 END AS loan FROM d"""


def by_numpy(d: Data) -> Data:
    """NumPy, one array a step."""

    def bracket(x: npt.NDArray[np.generic], table: list[tuple[float, int]]) -> npt.NDArray[np.generic]:
        return np.select([x >= low for low, _ in table], [points for _, points in table], 0)

    def growth(a: str) -> npt.NDArray[np.generic]:
        g = 0.5 * ((d[f"{a}1"] / d[f"{a}2"] - 1) + (d[f"{a}2"] / d[f"{a}3"] - 1))
        return np.where(bracket(g, GROWTH) > 0, bracket(g, GROWTH), np.where(g > 0, 2, 0))

    o: Data = {}
    rd, rev = d["rd1"] + d["rd2"] + d["rd3"], d["rev1"] + d["rev2"] + d["rev3"]
    ip1, ip2 = d["ip1"], d["ip2"]
    o["h_age"], o["h_ip"], o["h_field"] = d["age_days"] >= 365, (ip1 > 0) | (ip2 > 0), d["tech_field"] > 0
    o["h_staff"] = d["rd_staff"] / d["staff"] >= 0.1
    o["h_rd"] = rd / rev >= np.select([d["rev1"] <= 50_000_000, d["rev1"] <= 200_000_000], [0.05, 0.04], 0.03)
    o["h_domestic"] = np.where(rd > 0, d["rd_domestic"] / np.maximum(rd, 1), 0) >= 0.6
    o["h_income"] = d["ht_income"] / d["total_income"] >= 0.6
    first = np.select([ip1 >= 1, ip2 >= 5, ip2 >= 3, ip2 >= 1], [8, 6, 4, 2], 0)
    o["h_score"] = (
        np.where(o["h_ip"], 12 + first, 0) + np.where(d["standard"], 2, 0) + bracket(d["conv3"] / 3, CONV)
    )
    o["h_score"] = o["h_score"] + np.clip(d["mgmt_pts"], 0, 20) + growth("rev") + growth("na")
    o["h_score_ok"], o["h_clean"] = o["h_score"] > 70, ~(d["accident"] | d["dishonest"])
    o["t_clean"] = o["h_clean"] & ~d["prohibited"]
    o["t_size"] = (d["staff"] <= 500) & (d["rev1"] <= 200_000_000) & (d["assets"] <= 200_000_000)
    o["t_direct"] = d["cert"] | d["award"] | d["institution"] | d["standard"]
    t_staff = bracket(d["sci_staff"] / d["staff"], STAFF)
    t_ip = np.select([ip1 >= 1, ip2 >= 4, ip2 >= 3, ip2 >= 2, ip2 >= 1], [30, 24, 18, 12, 6], 0)
    o["t_score"] = (
        t_staff
        + np.maximum(bracket(d["rd1"] / d["rev1"], RD_REV), bracket(d["rd1"] / d["cost1"], RD_COST))
        + t_ip
    )
    o["h_eligible"] = np.logical_and.reduce([o[name] for name in GATES[:9]])
    o["t_eligible"] = o["t_size"] & o["t_clean"] & (o["t_direct"] | ((o["t_score"] >= 60) & (t_staff > 0)))
    cap = np.select([d["staff"] <= 20, d["staff"] <= 300], [3_000_000, 10_000_000], 30_000_000)
    o["tax_saving"] = np.where(o["h_eligible"], np.maximum(d["profit"], 0) * 0.1, 0.0)
    o["loan"] = np.where(
        o["h_eligible"] | o["t_eligible"], np.minimum(cap, 0.1 * d["rev1"] + 0.5 * d["rd1"]), 0.0
    )
    return o


# ---------------------------------------------------------------------- measuring


def timed(runs: int, engines: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds of each engine, run in turn, after one run that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(runs + 1):
        for name, work in engines.items():
            gc.collect()
            start = time.perf_counter()
            out = work()
            took = time.perf_counter() - start
            del out
            if turn:
                seconds[name].append(took)
    return seconds


def report(title: str, seconds: dict[str, list[float]]) -> None:
    """Medians and ratios to the kernel."""
    print(f"\n{title}")
    ours = statistics.median(seconds["kernel"])
    for name, walls in seconds.items():
        middle = statistics.median(walls)
        print(
            f"  {name:22} median {middle * 1e3:8.1f} ms  min {min(walls) * 1e3:8.1f}  {ours / middle:6.2f} = kernel / this"
        )


def differences(answers: Answers, frame: Data) -> dict[str, int]:
    """Rows in which a peer's doubles differ from our exact answers (money: by more than half a fen)."""
    bad = {}
    for name in ASKED:
        column = answers.columns[f"rules.{name}"]
        if column.kind == "truth":
            bad[name] = int(((column.status == 0) != frame[name].astype(bool)).sum())
        else:
            values, den = column.scaled() or (np.array([float(a.value or 0) for a in column]), 1)
            bad[name] = int((np.abs(values / den - frame[name].astype(float)) > 0.005).sum())
    return {name: count for name, count in bad.items() if count}


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()},",
        ", ".join(f"{name} {version(name)}" for name in ("llvmlite", "numpy", "polars", "duckdb", "pyarrow")),
    )
    book = load(HERE / "rulebooks" / "bench34")
    names = [f"rules.{name}" for name in ASKED]
    data = enterprises(rows)
    full = prepare(book, {f"rules.{name}": array for name, array in data.items()}, names)
    frame, base = pl.DataFrame(data), duckdb.connect(config={"threads": 2})
    base.register("given", pa.table(data))
    base.execute("CREATE TABLE e AS SELECT * FROM given")
    kernel = lambda: assess_columns(book, full, names, DAY)  # noqa: E731
    start = time.perf_counter()
    answers = kernel()
    print(
        f"first run, with writing and compiling (or the cached object): {time.perf_counter() - start:.2f} s; rows by path {answers.stats}"
    )
    seconds = timed(runs, {
        "kernel": kernel, "Polars by hand": lambda: by_polars(frame),
        "DuckDB by hand": lambda: base.execute(sql(strict=False)).fetchnumpy(), "NumPy by hand": lambda: by_numpy(data),
    })  # fmt: skip
    report(f"one policy, {rows:,} enterprises, {len(ASKED)} columns", seconds)
    polars = by_polars(frame)
    print(
        "rows that differ from Polars:",
        differences(answers, {n: polars[n].to_numpy() for n in ASKED}) or "none",
    )
    print("rows that differ from NumPy: ", differences(answers, by_numpy(data)) or "none")
    check(book, full, names, answers, rows)
    holes(book, data, names, base, runs)


def holes(book: object, data: Data, names: list[str], base: duckdb.DuckDBPyConnection, runs: int) -> None:
    """The same with 5% holes in 14 columns."""
    rng = np.random.default_rng(5)
    count = len(data["staff"])
    masked = {
        n: pa.array(a, mask=(rng.random(count) < 0.05) if n in HOLED else None) for n, a in data.items()
    }
    columns = prepare(book, {f"rules.{n}": a for n, a in masked.items()}, names)  # type: ignore[arg-type]
    base.register("holed", pa.table(masked))
    base.execute("CREATE OR REPLACE TABLE e AS SELECT * FROM holed")
    gates = ["h_eligible", "t_eligible", *GATES]
    wanted = [f"rules.{name}" for name in gates]
    three = ", ".join(
        f"count(*) FILTER ({g}), count(*) FILTER (NOT {g}), count(*) FILTER ({g} IS NULL)" for g in gates
    )
    query = f"SELECT {three} FROM ({sql(strict=True)})"
    kernel = lambda: assess_columns(book, columns, wanted, DAY)  # type: ignore[arg-type]  # noqa: E731
    answers = kernel()
    report(f"pass, fail, unknown of {len(gates)} gates with 5% holes in {len(HOLED)} columns; by path {answers.stats}",
           timed(runs, {"kernel": kernel, "DuckDB, strict NULL": lambda: base.execute(query).fetchone()}))  # fmt: skip
    strict = base.execute(query).fetchone() or ()
    for place, gate in enumerate(gates[:2]):
        status = answers.columns[f"rules.{gate}"].status
        print(
            f"  {gate}: true, false, unknown {[int((status == n).sum()) for n in (0, 1, 3)]}; strict NULL {list(strict[3 * place : 3 * place + 3])}"
        )
    check(book, columns, wanted, answers, count)


def check(book: object, columns: dict[str, object], names: list[str], answers: Answers, rows: int) -> None:
    """A sample against the interpreter, exactly."""
    case_of, wrong = _from_columns(book, columns), 0  # type: ignore[arg-type]
    sample = random.Random(1).sample(range(rows), min(rows, 1500))
    for row in sample:
        run = Run(book, case_of(row), DAY)  # type: ignore[arg-type]
        wrong += sum(answer_of(run, name) != answers.columns[name].answer(row) for name in names)
    print(
        f"sample of {len(sample)} rows x {len(names)} columns against the interpreter's fractions: {wrong} differ"
    )


if __name__ == "__main__":
    main()
