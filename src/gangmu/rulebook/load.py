"""Load a book: the one that was kept if its files are still the same, else read, check and keep it.

`load("cn")` finds a shipped rulebook, `load("path/to/folder")` one of your own. Reading and checking (with
the libraries for that) is imported only when it has to be done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gangmu.errors import Problem, RulebookError
from gangmu.rulebook import kept
from gangmu.rulebook.files import digest_of, find_rulebook
from gangmu.rulebook.model import Rulebook

if TYPE_CHECKING:
    from gangmu.rulebook.assemble import Assembled


def load(name: str | Path) -> Rulebook:
    """Load and check a rulebook by shipped name or folder.

    Raises `RulebookError` with every problem found.
    """
    book, problems = load_with_problems(name)
    if problems or book is None:
        raise RulebookError(problems)
    return book


def load_with_problems(name: str | Path) -> tuple[Rulebook | None, list[Problem]]:
    """Load and check a rulebook (None if it cannot be used), with all its problems.

    They are in the order of pages and lines. A book with problems is never kept.
    """
    folder = find_rulebook(str(name))
    if (book := kept.find(folder)) is not None:
        return book, []
    found = _assemble(folder)
    if found.book is not None and not found.problems:
        now = digest_of((layer, place) for layer, place, _ in found.chain)
        if now == found.book.digest:
            kept.keep(folder, found.book, [base for _, _, base in found.chain])
    return found.book, found.problems


def _assemble(folder: Path) -> Assembled:
    from gangmu.rulebook.assemble import assemble

    return assemble(folder)
