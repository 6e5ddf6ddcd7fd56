"""The third engine: rules as one SQL query, a CTE per dependency level, for DuckDB, PostgreSQL and Spark.

`program`, `tables`, `functions` and `calendars` write rules into `domain` (what is known of a value),
`numbers` (exact fractions) and `terms` (expressions, each once); `levels` orders them into CTEs, `render`
writes sqlglot's nodes from a list of allowed kinds. NULL has one meaning: a number that the dialect cannot
hold; such a row goes to the interpreter and is counted. Every other unknown has columns of its own.
"""

from __future__ import annotations

from gangmu.engine.sql.assess import Answers, assess_days, assess_tables
from gangmu.engine.sql.domain import UnsupportedBySql

__all__ = ["Answers", "UnsupportedBySql", "assess_days", "assess_tables"]
