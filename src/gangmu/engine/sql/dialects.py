"""What DuckDB, PostgreSQL and Spark do not share: types, whole division, the greatest number.

Everything else is written in what the three read alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from gangmu.errors import Problem, QuestionError

Name = Literal["duckdb", "postgres", "spark"]
_DIGITS: Final = 38
ENDLESS: Final = 10_000  # levels


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect: its name in sqlglot, its types, and the greatest whole number that it holds.

    `limit` None: numbers of any length. `whole` is how `a / b` is cut to a whole number.
    """

    name: Name
    wide: str  # the type of whole numbers that need more than a word
    limit: int | None
    divided: int | None = None  # the greatest number that can be divided
    text: str = "TEXT"
    inlined: int = ENDLESS  # levels that may be written into one another; CTEs of a deeper query are kept
    nested: bool = False  # subqueries are planned faster than CTEs
    deepest: int = ENDLESS  # levels that one statement may have; a deeper query runs in stages

    @property
    def guard(self) -> str:
        """What a result must stay under for a number to fit, as a double."""
        return f"9.9e{_DIGITS - 1}"


DIALECTS: Final[dict[str, Dialect]] = {
    "duckdb": Dialect("duckdb", "HUGEINT", 10**_DIGITS, text="VARCHAR", inlined=6),
    "postgres": Dialect("postgres", "NUMERIC", None, inlined=-1),
    "spark": Dialect(
        "spark", "DECIMAL(38, 0)", 10**_DIGITS - 1, divided=10**31, text="STRING", nested=True, deepest=4
    ),
}


_ALIASES: Final = {"postgresql": "postgres", "pg": "postgres"}


def dialect_of(name: str) -> Dialect:
    """A dialect by name. Raises `QuestionError`."""
    known = _ALIASES.get(name.lower(), name.lower())
    if known not in DIALECTS:
        what, listed = f"`{name}` is no dialect", ", ".join(DIALECTS)
        raise QuestionError(Problem("dialect-unknown", "dialect", what, f"one of {listed}"))
    return DIALECTS[known]
