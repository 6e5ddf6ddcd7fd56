"""Gangmu: cited, dated, executable rulebooks, and an engine that says what they mean for an enterprise.

`book = gangmu.load("cn")`, `book.assess(evidence, as_of="2025-06-30")`,
`book.explain(evidence, case=..., rule=..., as_of=...)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gangmu.book import Book, Explanation, load
    from gangmu.errors import EvidenceError, GangmuError, Problem, QuestionError, RulebookError
    from gangmu.report.result import Result

__all__ = [
    "Book", "EvidenceError", "Explanation", "GangmuError", "Problem", "QuestionError", "Result",
    "RulebookError", "load",
]  # fmt: skip

_HOMES = {"Book": "book", "Explanation": "book", "load": "book", "Result": "report.result"}


def __getattr__(name: str) -> object:
    """Import the few public names when they are first used, so that `gangmu --help` starts at once."""
    if name not in __all__:
        raise AttributeError(f"module 'gangmu' has no attribute {name!r}")
    return getattr(import_module(f"gangmu.{_HOMES.get(name, 'errors')}"), name)
