"""Papers that a firm already has: read as sheets of rows (in the making)."""

from __future__ import annotations

from dataclasses import dataclass, field

from gangmu.errors import Problem
from gangmu.evidence.sheets import Sheet
from gangmu.rulebook.model import Rulebook


@dataclass
class Papers:
    """Sheets made of papers, and the sheets of the workbook that were used."""

    sheets: list[Sheet] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


def read_papers(
    grids: dict[str, list[list[str | None]]], source: str, book: Rulebook
) -> tuple[Papers, list[Problem]]:
    """Nothing yet."""
    del grids, source, book
    return Papers(), []
