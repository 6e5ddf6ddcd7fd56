"""A synthetic portfolio in the shape of a rulebook's evidence: enterprises, statements, rights, as Parquet.

Usage: python benchmarks/portfolio.py FOLDER [COUNT] [SEED] [--rulebook cn] [--holes 0.03] [--all]. Writes
`enterprise.parquet`, `statement.parquet` and `patent.parquet`; with `--all` the rows of every entity, with
whole pages of questions left empty (`related.py`), for all outcomes of the book. The firms are made up: sizes, sales and R&D
follow each other as they do in surveys, everything else that the rulebook asks for is drawn within its stated
range. Columns that are no inputs go with them: `province` (GB/T 2260), `industry_section` (GB/T 4754),
`size_class`, `weight`, `decided_on`. The same seed and count give the same portfolio, byte for byte.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet
from related import Owners, answered, lists, plausible

from gangmu.rulebook import model
from gangmu.rulebook.load import load

Array = npt.NDArray[Any]
BLOCK = 100_000  # enterprises made at a time
LAST_YEAR, YEARS = 2025, 4
DAY = date(2026, 6, 30)
EPOCH = date(1970, 1, 1).toordinal()
PROVINCES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
)  # fmt: skip
INDUSTRIES = (
    ("C", "3521"), ("C", "3562"), ("C", "3811"), ("C", "3922"), ("C", "3973"), ("C", "2710"), ("C", "1713"),
    ("I", "6311"), ("I", "6431"), ("I", "6513"), ("I", "6531"), ("F", "5164"), ("F", "5251"), ("E", "4710"),
    ("M", "7320"), ("M", "7481"), ("L", "7222"), ("G", "5437"), ("H", "6110"), ("A", "0111"),
)  # fmt: skip
ODD = (  # words in names of facts that are seldom true
    "incident", "crime", "penalty", "violation", "dishonest", "banned", "forbidden", "outside", "losses",
    "abnormal", "event", "investigation", "restriction", "late", "negative", "finance_or", "business_model",
)  # fmt: skip
IPC = (
    "G06F16/22",
    "G06F21/60",
    "H04L9/32",
    "G06N3/08",
    "G06Q50/06",
    "H04W72/04",
    "G05B19/418",
    "B23K26/36",
    "A61B5/00",
)
RIGHTS = ("invention", "utility_model", "design", "software_copyright", "ic_layout")


@dataclass(frozen=True)
class Firms:
    """What the tables share: how large, how old, how much R&D, of some enterprises."""

    keys: pa.Array
    staff: Array
    founded: Array  # days since 1970
    revenue: Array  # CNY, last year
    growth: Array
    intensity: Array  # R&D over sales


def _keys(start: int, count: int) -> pa.Array:
    numbers = pc.cast(pa.array(np.arange(start, start + count)), pa.string())
    return pc.binary_join_element_wise(pa.scalar("E"), pc.utf8_lpad(numbers, 8, "0"), "")


def _firms(rng: np.random.Generator, start: int, count: int) -> Firms:
    staff = np.clip(rng.lognormal(3.4, 1.3, count), 1, 60_000).astype(np.int64)
    age = np.clip(rng.gamma(2.0, 5.0, count) * 365, 30, 40 * 365).astype(np.int64)
    revenue = staff * rng.lognormal(13.2, 0.8, count)
    return Firms(
        _keys(start, count), staff, DAY.toordinal() - EPOCH - age, revenue,
        rng.normal(1.08, 0.15, count).clip(0.5, 2.0), rng.beta(1.6, 22.0, count),
    )  # fmt: skip


def _money(values: Array) -> pa.Array:
    """CNY with two decimals."""
    cents = pa.array(np.round(values * 100).astype(np.int64))
    return pc.multiply(cents.cast(pa.decimal128(19, 0)), pa.scalar("0.01").cast(pa.decimal128(3, 2))).cast(
        pa.decimal128(18, 2)
    )


def _holed(rng: np.random.Generator, column: pa.Array, share: float) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(column)) >= share), column, pa.scalar(None, column.type))


def _days(values: Array) -> pa.Array:
    return pa.array(values.astype(np.int32)).cast(pa.date32())


def _chosen(rng: np.random.Generator, texts: list[str], count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(rng.integers(0, len(texts), count, dtype=np.int32)), pa.array(texts)
    )


def _drawn(rng: np.random.Generator, rule: model.Rule, firms: Firms) -> pa.Array:
    """Any other fact, within the range that the rulebook states."""
    body, count = rule.input, len(firms.staff)
    match body.input:
        case "condition":
            share = 0.02 if any(word in rule.name for word in ODD) else 0.7
            return pa.array(rng.random(count) < share)
        case "code" if rule.short.endswith("ipc"):
            return _chosen(rng, list(IPC), count)
        case "code" if body.pattern and not body.options:
            return pa.nulls(count, pa.string())  # a code that nobody can guess
        case "code":
            return _chosen(rng, list(body.options) or ["other"], count)
        case "date":
            span = DAY.toordinal() - EPOCH - firms.founded
            return _days(firms.founded + (span * rng.random(count)).astype(np.int64))
        case "year":
            return pa.array(rng.integers(LAST_YEAR - YEARS + 1, LAST_YEAR + 1, count))
        case "number" if body.unit == "CNY":
            return _money(firms.revenue * rng.lognormal(-0.5, 0.8, count))
        case "number" if body.unit == "persons":
            return pa.array((firms.staff * rng.random(count)).astype(np.int64))
        case "number" if body.unit == "ratio":
            return pa.array(np.round(rng.random(count), 4)).cast(pa.decimal128(9, 4), safe=False)
        case "number" if body.range.hi is not None:
            return pa.array(rng.integers(0, int(body.range.hi) + 1, count))
        case "number":
            return pa.array(1 + rng.poisson(6.0, count).astype(np.int64))
    return pa.nulls(count, pa.string())


def _certificates(
    rng: np.random.Generator, book: model.Rulebook, columns: dict[str, pa.Array], count: int
) -> None:
    """One in eight has each title, some of them lapsed; the others say that they have none."""
    for rule in book.rules.values():
        body = rule.body
        if not isinstance(body, model.Title):
            continue
        number, start, end = (
            book.rules[name].short if name else "" for name in (body.number, body.valid_from, body.valid_to)
        )
        has = pa.array(rng.random(count) < 0.125)
        given = DAY.toordinal() - EPOCH - rng.integers(0, 5 * 365, count)
        columns[number] = pc.if_else(has, pa.scalar(f"{rule.short.upper()}-SAMPLE"), pa.scalar("n/a"))
        columns[start] = pc.if_else(has, _days(given), pa.scalar(None, pa.date32()))
        if end:
            columns[end] = pc.if_else(has, _days(given + 3 * 365), pa.scalar(None, pa.date32()))


def _enterprises(rng: np.random.Generator, book: model.Rulebook, firms: Firms, holes: float) -> pa.Table:
    count = len(firms.staff)
    places = rng.integers(0, len(INDUSTRIES), count, dtype=np.int32)
    columns: dict[str, pa.Array] = {}
    for name, rule in book.inputs_of(book.root).items():
        if rule.input.input != "text":
            columns[name] = _drawn(rng, rule, firms)
    columns["founded_on"], columns["staff"] = _days(firms.founded), pa.array(firms.staff)
    columns["industry"] = pa.DictionaryArray.from_arrays(
        pa.array(places), pa.array([code for _, code in INDUSTRIES])
    )
    _certificates(rng, book, columns, count)
    for name in list(columns):
        if name not in ("founded_on", "industry") and not name.endswith("_no"):
            columns[name] = _holed(rng, columns[name], holes)
    sections = pa.array([section for section, _ in INDUSTRIES])
    sizes = pa.array(["micro", "small", "medium", "large"])
    classes = np.searchsorted([10, 100, 300], firms.staff, side="right").astype(np.int32)
    complete = pc.if_else(
        pa.array(rng.random(count) < 0.8), pa.scalar("patent"), pa.scalar(None, pa.string())
    )
    return pa.table(
        {
            "enterprise": firms.keys,
            **columns,
            "complete": complete,
            "province": _chosen(rng, list(PROVINCES), count),
            "industry_section": pa.DictionaryArray.from_arrays(pa.array(places), sections),
            "size_class": pa.DictionaryArray.from_arrays(pa.array(classes), sizes),
            "weight": pa.array(np.round(1 + 99 / np.sqrt(firms.staff), 2)),
            "decided_on": _days(DAY.toordinal() - EPOCH - rng.integers(0, 4 * 365, count)),
        }
    )


def _statements(rng: np.random.Generator, book: model.Rulebook, firms: Firms, holes: float) -> pa.Table:
    """A row for each of the last years in which the firm was there; some years are not handed in."""
    founded = firms.founded.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    back = np.tile(np.arange(YEARS), len(founded))
    owner = np.repeat(np.arange(len(founded)), YEARS)
    year = LAST_YEAR - back
    kept = (year >= founded[owner]) & (rng.random(len(owner)) >= holes)
    back, owner, year = back[kept], owner[kept], year[kept]
    sales = (
        firms.revenue[owner] / firms.growth[owner] ** back * rng.normal(1, 0.05, len(owner)).clip(0.7, 1.3)
    )
    rd = sales * firms.intensity[owner]
    margin = rng.normal(0.06, 0.1, len(owner))
    known = {
        "revenue": sales, "main_revenue": sales * 0.93, "sales": sales, "gross_income": sales * 1.02,
        "net_profit": sales * margin, "net_profit_adjusted": sales * (margin - 0.005),
        "operating_cash_flow": sales * (margin + 0.02), "rd_expense": rd, "rd_hnte": rd * 0.97,
        "rd_tax": rd * 0.9, "rd_investment": rd * 1.03, "rd_hnte_domestic": rd * 0.95,
        "nontaxable_income": sales * 0.001, "total_assets": sales * 1.4, "total_liabilities": sales * 0.6,
        "hnte_product_revenue": sales * 0.68, "tsme_costs": sales * 0.8,
    }  # fmt: skip
    columns: dict[str, pa.Array] = {
        "enterprise": firms.keys.take(pa.array(owner)),
        "fiscal_year": pa.array(year),
    }
    rows = Firms(
        columns["enterprise"], firms.staff[owner], firms.founded[owner], firms.revenue[owner],
        firms.growth[owner], firms.intensity[owner],
    )  # fmt: skip
    for name, rule in book.inputs_of("statement").items():
        if name != "fiscal_year":
            column = _money(known[name]) if name in known else _drawn(rng, rule, rows)
            columns[name] = _holed(rng, column, holes)
    return pa.table(columns)


def _rights(rng: np.random.Generator, book: model.Rulebook, firms: Firms, holes: float) -> pa.Table:
    """Rights in proportion to R&D."""
    wanted = rng.poisson(np.minimum(20.0, 120.0 * firms.intensity * np.sqrt(firms.staff / 60)))
    owner = np.repeat(np.arange(len(wanted)), wanted)
    rows = Firms(
        firms.keys.take(pa.array(owner)), firms.staff[owner], firms.founded[owner], firms.revenue[owner],
        firms.growth[owner], firms.intensity[owner],
    )  # fmt: skip
    order = np.arange(len(owner)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    columns = {
        "enterprise": rows.keys,
        "number": pc.binary_join_element_wise(pa.scalar("ZL"), pc.cast(pa.array(order), pa.string()), "-"),
    }
    for name, rule in book.inputs_of("patent").items():
        if name == "kind":
            columns[name] = _chosen(rng, list(RIGHTS), len(owner))
        elif name != "number":
            columns[name] = _holed(rng, _drawn(rng, rule, rows), 0.0 if name == "granted_on" else holes)
    return pa.table(columns)


def _with_all(
    rng: np.random.Generator, book: model.Rulebook, firms: Firms, made: dict[str, pa.Table], holes: float
) -> dict[str, pa.Table]:
    """The same firms with rows of every entity, pages that they do not answer, and the mark of what is made up."""
    columns = dict(zip(made["enterprise"].column_names, made["enterprise"].columns, strict=True))
    count = len(firms.keys)
    owners = Owners(firms.keys, firms.revenue, DAY.toordinal() - EPOCH)
    plausible(rng, columns, owners)
    answered(rng, book, columns, count)

    def drawn(rule: model.Rule, places: Array) -> pa.Array:
        some = Firms(
            firms.keys.take(pa.array(places)), firms.staff[places], firms.founded[places],
            firms.revenue[places], firms.growth[places], firms.intensity[places],
        )  # fmt: skip
        return _drawn(rng, rule, some)

    rows, complete, empty = lists(rng, book, owners, holes, drawn)
    columns["complete"], columns["empty"] = complete, empty
    columns["made_up"] = pa.array(["synthetic"] * count)
    return {**made, "enterprise": pa.table(columns), **rows}


def blocks(
    book: model.Rulebook, count: int, seed: int = 14, holes: float = 0.03, *, everything: bool = False
) -> Iterator[dict[str, pa.Table]]:
    """The portfolio, some enterprises at a time: the tables by name; `everything` for all entities."""
    for start in range(0, count, BLOCK):
        rng = np.random.default_rng([seed, start])
        firms = _firms(rng, start, min(BLOCK, count - start))
        made = {"enterprise": _enterprises(rng, book, firms, holes)}
        if "statement" in book.entities:
            made["statement"] = _statements(rng, book, firms, holes)
        if "patent" in book.entities:
            made["patent"] = _rights(rng, book, firms, holes)
        yield _with_all(rng, book, firms, made, holes) if everything else made


def portfolio(
    book: model.Rulebook, count: int, seed: int = 14, holes: float = 0.03, *, everything: bool = False
) -> dict[str, pa.Table]:
    """The whole portfolio in memory, as `Book.read` takes it."""
    made = list(blocks(book, count, seed, holes, everything=everything))
    return {
        name: pa.concat_tables([tables[name] for tables in made]).unify_dictionaries().combine_chunks()
        for name in made[0]
    }


def write(  # noqa: PLR0913  what a portfolio is made of
    folder: Path, book: model.Rulebook, count: int, seed: int = 14, holes: float = 0.03,
    *, everything: bool = False,
) -> dict[str, int]:  # fmt: skip
    """Write the portfolio as a folder of Parquet files; the number of rows by table."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, parquet.ParquetWriter] = {}
    rows: dict[str, int] = {}
    try:
        for tables in blocks(book, count, seed, holes, everything=everything):
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = parquet.ParquetWriter(folder / f"{name}.parquet", table.schema)
                writers[name].write_table(table)
                rows[name] = rows.get(name, 0) + table.num_rows
    finally:
        for writer in writers.values():
            writer.close()
    return rows


def main() -> None:
    """Write a portfolio and say how many rows it has."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("seed", type=int, nargs="?", default=14)
    parser.add_argument("--rulebook", default="cn")
    parser.add_argument("--holes", type=float, default=0.03)
    parser.add_argument("--all", action="store_true", help="rows of every entity, for all outcomes")
    asked = parser.parse_args()
    book = load(asked.rulebook)
    rows = write(asked.folder, book, asked.count, asked.seed, asked.holes, everything=asked.all)
    print(", ".join(f"{name} {number:,}" for name, number in rows.items()))


if __name__ == "__main__":
    main()
