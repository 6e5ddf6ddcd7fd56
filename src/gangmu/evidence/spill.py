"""Sorting what memory does not hold: DuckDB, with a limit to its memory and a folder for the rest.

Two questions are put to it: whether a key is given twice, and in which part each row of each table belongs.
All SQL is written out here; what varies is bound or registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gangmu.errors import EvidenceError, Problem

if TYPE_CHECKING:
    import duckdb

MEMORY = "600MB"
THREADS = 2
KEY, AT, PART = "_key", "_at", "_part"  # columns that are added: an owner's key, a row's place, its part
GROUP = 1 << 16  # rows of a row group, so that a part can be found without reading much

_TWICE = "SELECT 1 FROM given WHERE _key IS NOT NULL GROUP BY _key HAVING count(*) > 1 LIMIT 1"
_KEYS = """CREATE TABLE keys AS
SELECT _key, min(_at) AS first FROM given WHERE _key IS NOT NULL GROUP BY _key"""
_PLACES = """CREATE TABLE places AS
SELECT _key, (row_number() OVER (ORDER BY first) - 1) // ? AS _part FROM keys"""
_SORTED = """SELECT given.* EXCLUDE (_key), coalesce(_part, 0)::BIGINT AS _part
FROM given LEFT JOIN places USING (_key) ORDER BY _part, _at"""


@dataclass(frozen=True)
class Spill:
    """A database for the time of a sort."""

    base: duckdb.DuckDBPyConnection

    def twice(self, keys: pa.RecordBatchReader) -> bool:
        """Whether a key (column `_key`) is given more than once."""
        return bool(self._given(keys).execute(_TWICE).fetchall())

    def place(self, keys: pa.RecordBatchReader, cases: int) -> int:
        """Share out keys (`_key`, `_at`) by their first places, so many to a part; the number of parts."""
        self._given(keys).execute(_KEYS).fetchall()
        self.base.execute(_PLACES, [cases]).fetchall()
        [(last,)] = self.base.execute("SELECT coalesce(max(_part), 0) FROM places").fetchall()
        return int(last) + 1

    def sort(self, rows: pa.RecordBatchReader, to: Path) -> None:
        """Write a table's rows (with `_key` and `_at`) by part; whose key has none stand in the first."""
        self._given(rows).sql(_SORTED).to_parquet(str(to), row_group_size=GROUP, compression="zstd")

    def _given(self, rows: pa.RecordBatchReader) -> duckdb.DuckDBPyConnection:
        self.base.unregister("given")
        self.base.register("given", rows)
        return self.base


@contextmanager
def spilling(folder: Path) -> Iterator[Spill]:
    """A spill that writes into a folder what its memory does not hold, and cleans up."""
    import duckdb

    database = folder / "spill.duckdb"
    for left in folder.glob("spill.duckdb*"):  # of a sort that was stopped
        left.unlink()
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(folder / "spill.tmp"),
        "preserve_insertion_order": "false",
    }  # fmt: skip
    try:
        with duckdb.connect(str(database), config=config) as base:
            yield Spill(base)
    except duckdb.Error as error:
        what, todo = (
            f"it cannot be sorted there: {error}",
            "make room, or choose another folder for the output",
        )
        raise EvidenceError(Problem("sort-failed", str(folder), what, todo=todo)) from error
    finally:
        for left in folder.glob("spill.duckdb*"):
            left.unlink()
