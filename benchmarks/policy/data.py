"""Made-up enterprises for the 34 rules: 31 columns, money in whole yuan, many exactly on a threshold.

Usage: python data.py FOLDER ROWS. Writes `policy.parquet`, `holes.parquet` (5% of 14 columns not known), each
column as `columns/NAME.npy` for peers that read no Parquet, and `records.json` (the first 20,000 enterprises)
for those that take one at a time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from policy.parameters import COLUMNS, HOLED

Columns = dict[str, npt.NDArray[np.generic]]
Floats = npt.NDArray[np.float64]
RECORDS = 20_000
HOLES = 0.05
ON_THRESHOLD = 0.03


def enterprises(count: int, seed: int = 34) -> Columns:
    """Draw enterprises; 3% spend exactly 5% of three years' revenue on R&D, 3% have exactly a tenth in R&D."""
    rng = np.random.default_rng(seed)

    def yuan(amount: Floats, least: int = 0) -> npt.NDArray[np.int64]:
        return np.maximum(least, amount).astype(np.int64)

    staff = np.clip(rng.lognormal(3.6, 1.2, count), 1, 50_000).astype(np.int32)
    rd_staff = (staff * rng.beta(2, 8, count)).astype(np.int32)
    rev1 = yuan(staff * rng.lognormal(13, 0.8, count), 1)
    rev2 = yuan(rev1 / rng.lognormal(0.08, 0.25, count), 1)
    rev3 = yuan(rev2 / rng.lognormal(0.08, 0.25, count), 1)
    share = rng.beta(1.8, 26, count)
    rd1, rd2, rd3 = (yuan(rev * share * rng.uniform(0.7, 1.3, count)) for rev in (rev1, rev2, rev3))
    tied = rng.random(count) < ON_THRESHOLD
    rev1[tied] += -(rev1 + rev2 + rev3)[tied] % 20  # so that 5% of the three years is whole
    due = (rev1 + rev2 + rev3)[tied] // 20
    rd2[tied] = rd3[tied] = due // 3
    rd1[tied] = due - 2 * (due // 3)
    tied = rng.random(count) < ON_THRESHOLD
    staff[tied] = np.maximum(10, staff[tied] // 10 * 10)
    rd_staff[tied] = staff[tied] // 10
    na1 = yuan(rev1 * rng.lognormal(-0.4, 0.6, count), 1)
    na2 = yuan(na1 / rng.lognormal(0.06, 0.2, count), 1)
    na3 = yuan(na2 / rng.lognormal(0.06, 0.2, count), 1)
    income = yuan(rev1 * rng.uniform(1, 1.05, count)) + 1
    drawn: Columns = {
        "age_days": rng.integers(30, 9000, count, dtype=np.int32),
        "tech_field": np.where(rng.random(count) < 0.25, 0, rng.integers(1, 9, count)).astype(np.int32),
        "staff": staff,
        "rd_staff": rd_staff,
        "sci_staff": np.maximum(rd_staff, (staff * rng.beta(2.2, 8, count)).astype(np.int32)),
        "rev1": rev1, "rev2": rev2, "rev3": rev3, "rd1": rd1, "rd2": rd2, "rd3": rd3,
        "rd_domestic": yuan((rd1 + rd2 + rd3) * rng.beta(9, 1.5, count)),
        "ht_income": yuan(income * rng.beta(4, 2, count)),
        "total_income": income,
        "cost1": yuan(rev1 * rng.beta(6, 3, count), 1),
        "na1": na1, "na2": na2, "na3": na3,
        "assets": yuan(na1 * rng.lognormal(0.5, 0.3, count)),
        "profit": (rev1 * rng.normal(0.05, 0.1, count)).astype(np.int64),
        "ip1": rng.poisson(0.5, count).astype(np.int32),
        "ip2": rng.poisson(2.5, count).astype(np.int32),
        "conv3": rng.poisson(12, count).astype(np.int32),
        "mgmt_pts": rng.integers(8, 21, count, dtype=np.int32),
    }  # fmt: skip
    chances = {"accident": 0.01, "dishonest": 0.02, "prohibited": 0.01, "cert": 0.08, "award": 0.002,
               "institution": 0.02, "standard": 0.01}  # fmt: skip
    drawn |= {name: rng.random(count) < chance for name, chance in chances.items()}
    return {name: drawn[name] for name in COLUMNS}


def with_holes(drawn: Columns, seed: int = 5) -> pa.Table:
    """The same enterprises, 5% of the facts in fourteen columns not known."""
    rng = np.random.default_rng(seed)
    masks = {name: rng.random(len(drawn[name])) < HOLES for name in HOLED}
    return pa.table({name: pa.array(values, mask=masks.get(name)) for name, values in drawn.items()})


def main() -> None:
    """Write all of it."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    (folder / "columns").mkdir(parents=True, exist_ok=True)
    drawn = enterprises(count)
    table = pa.table(drawn)
    pq.write_table(table, folder / "policy.parquet", compression="zstd")
    pq.write_table(with_holes(drawn), folder / "holes.parquet", compression="zstd")
    for name, values in drawn.items():
        np.save(folder / "columns" / f"{name}.npy", values)
    (folder / "records.json").write_text(json.dumps(table.slice(0, RECORDS).to_pylist()))
    (folder / "done").write_text(f"{sum(values.nbytes for values in drawn.values())}\n")


if __name__ == "__main__":
    main()
