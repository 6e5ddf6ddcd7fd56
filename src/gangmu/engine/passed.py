"""Books of which all worked cases passed before: the same book under the same engine passes again.

What counts is every byte of the book's layers (its digest) and all that decides what its cases come to: the
whole source of this package, Python, and the libraries that read pages and evidence. Only that all passed is
kept; a case that fails is run, and told, every time.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache as once
from pathlib import Path

from gangmu import cache
from gangmu.rulebook import kept
from gangmu.rulebook.model import Rulebook

MOST = 200  # marks kept
READERS = ("duckdb", "openpyxl", "pyarrow")  # the libraries that decide what evidence means


def before(book: Rulebook) -> bool:
    """Whether all worked cases of exactly this book passed under exactly this engine."""
    mark = _mark(book)
    return bool(mark) and cache.read(_place(mark)) == mark.encode()


def remember(book: Rulebook) -> None:
    """Keep that all worked cases passed."""
    if mark := _mark(book):
        cache.write(_place(mark), mark.encode(), MOST)


def _place(mark: str) -> Path:
    return cache.folder("passed") / mark[:40]


def _mark(book: Rulebook) -> str:
    """The digest of book and engine; empty where what decides cannot be told from something else."""
    engine = _engine()
    return hashlib.sha256(json.dumps([engine, book.digest]).encode()).hexdigest() if engine else ""


@once
def _engine() -> str:
    """The digest of the whole package, Python, and the libraries."""
    parts = (kept.maker(), kept.libraries(READERS), source_of(Path(__file__).parent.parent))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest() if all(parts) else ""


def source_of(folder: Path) -> str:
    """The digest of all Python source under a folder; empty if there is none."""
    source = sorted(folder.rglob("*.py"))
    found = hashlib.sha256()
    for file in source:
        content = file.read_bytes()
        found.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return found.hexdigest() if source else ""
