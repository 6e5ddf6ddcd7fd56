"""Made-up enterprises for the second rule set, with their statements and rights, both said to be complete.

Usage: python data.py FOLDER ROWS. Writes `permits/enterprise.parquet`, `statement.parquet`, `patent.parquet`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from permits.parameters import (
    DAY,
    EAST,
    FLAGS,
    FORMS,
    INDUSTRIES,
    KINDS,
    MIDDLE,
    NORTHEAST,
    STAGES,
    WEST,
)

EPOCH = np.datetime64("1970-01-01")


def main() -> None:
    """Write the three tables; rows of one enterprise stand together."""
    folder, count = Path(sys.argv[1]) / "permits", int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    today = (np.datetime64(DAY) - EPOCH).astype(int)

    def pick(codes: list[str]) -> pa.Array:
        return pa.array(codes).take(pa.array(rng.integers(0, len(codes), count)))

    def days(low: int, high: int, rows: int = count) -> pa.Array:
        return pa.array((today + rng.integers(low, high, rows)).astype(np.int32)).cast(pa.date32())

    keys = pa.array([f"E{number:08d}" for number in range(count)])
    chances = dict(zip(FLAGS, (0.05, 0.6, 0.5, 0.2, 0.05, 0.3, 0.02, 0.03), strict=True))
    firms = {
        "enterprise": keys,
        "complete": pa.array(["statement|patent"]).take(pa.array(np.zeros(count, np.int64))),
        "region": pick([*EAST, *MIDDLE, *NORTHEAST, *WEST]),
        "industry": pick(INDUSTRIES),
        "form": pick(FORMS),
        "stage": pick(STAGES),
        "founded": days(-9000, -30),
        "permit_until": days(-400, 1500),
        "inspected": days(-1500, 0),
    }
    flags = {name: pa.array(rng.random(count) < chance) for name, chance in chances.items()}
    pq.write_table(pa.table(firms | flags), folder / "enterprise.parquet", compression="zstd")
    owner = np.repeat(np.arange(count), 3)
    revenue = (rng.lognormal(15, 1.5, 3 * count)).astype(np.int64)
    statements = {
        "enterprise": keys.take(pa.array(owner)),
        "fiscal_year": pa.array(np.tile(np.array([2022, 2023, 2024], np.int32), count)),
        "revenue": pa.array(revenue),
        "tax": pa.array((revenue * rng.uniform(0, 0.08, 3 * count)).astype(np.int64)),
    }
    pq.write_table(pa.table(statements), folder / "statement.parquet", compression="zstd")
    owner = np.repeat(np.arange(count), rng.poisson(2.5, count))
    rights = {
        "enterprise": keys.take(pa.array(owner)),
        "number": pa.array([f"P{number:09d}" for number in range(len(owner))]),
        "kind": pa.array(KINDS).take(pa.array(rng.integers(0, 3, len(owner)))),
        "granted": days(-5000, 0, len(owner)),
        "valid": pa.array(rng.random(len(owner)) < 0.8),
    }
    pq.write_table(pa.table(rights), folder / "patent.parquet", compression="zstd")


if __name__ == "__main__":
    main()
