"""No data frame comes from a command line, so pandas need not be imported to see whether something is one.

PyArrow looks for pandas at the first list that it turns into an array, and where pandas is installed that
takes longer than checking a page. It looks once; `Table.to_pandas` would look again.
"""

from __future__ import annotations

import sys


class _Hidden:
    """Finds no module called pandas."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def without_pandas() -> None:
    """Let PyArrow look for pandas while it cannot be found."""
    import pyarrow as pa

    sys.meta_path.insert(0, _Hidden)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(_Hidden)
