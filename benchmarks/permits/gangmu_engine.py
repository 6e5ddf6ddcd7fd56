"""The second rule set in Gangmu: the rulebook benchmarks/rulebooks/permits, nothing by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from permits.parameters import ASKED, DAY
from worker import Work, serve

from gangmu.book import load
from gangmu.engine.assessed import assess

BOOK = Path(__file__).parent.parent / "rulebooks" / "permits"


def permits(folder: Path) -> Work:
    """Eighteen columns of evidence that is read, exact."""
    book = load(BOOK)
    read = book.read(folder / "permits")
    pa.default_memory_pool().release_unused()
    names = [f"rules.{name}" for name in ASKED]
    days = pa.repeat(pa.scalar(DAY, pa.date32()), len(read))

    def values(found: Any) -> dict[str, object]:
        arrays = [
            column.arrays(book.model.rules[name]) for name, column in zip(names, found.columns, strict=True)
        ]
        return {
            name: array[""].to_numpy(zero_copy_only=False) for name, array in zip(ASKED, arrays, strict=True)
        }

    return Work(lambda: assess(book.model, read, names, days, engine="kernel"), values)


if __name__ == "__main__":
    serve({"permits": permits})
