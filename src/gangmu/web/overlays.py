"""Pages of an institution that extend a served rulebook: its own policy over the law.

A page is from outside: before it is kept it is read in a process of its own, which may take so much time and
memory and no more. What is kept is text in the database; folders are only made from it, to be loaded.
"""

from __future__ import annotations

import json
import multiprocessing
import re
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gangmu.book import Book, load
from gangmu.errors import GangmuError, Problem

PAGE: Final = "overlay"
MAX_PAGE: Final = 200_000  # characters
SECONDS: Final = 20  # of processor time that reading one may take
MEMORY: Final = 2 << 30
_METHOD = multiprocessing.get_context("spawn")


def check_overlay(page: str, base: str) -> int:
    """How many rules a page adds to the book at `base` (name or folder). Raises `GangmuError`."""
    if len(page) > MAX_PAGE:
        what = f"the page has {len(page):,} characters"
        raise GangmuError(Problem("page-long", "page", what, f"at most {MAX_PAGE:,}", "split it"))
    if not page.strip():
        raise GangmuError(Problem("page-empty", "page", "nothing was sent", "a page of rules", "paste it"))
    told, tells = _METHOD.Pipe(duplex=False)
    with TemporaryDirectory() as folder:
        _write(Path(folder) / "book", "check", base, page)
        process = _METHOD.Process(target=_read, args=(str(Path(folder) / "book"), tells), daemon=True)
        process.start()
        tells.close()
        try:
            found = told.recv() if told.poll(2 * SECONDS) else None
        except EOFError:
            found = None
        finally:
            process.kill()
            process.join()
            told.close()
    if found is None:
        what = "reading it took too much time or memory"
        raise GangmuError(Problem("page-heavy", "page", what, "a simpler page", "take rules out"))
    rules, problems = found
    if problems:
        raise GangmuError([Problem(**one) for one in problems])
    return int(rules)


def _read(folder: str, tells: Connection) -> None:
    """In the process: how many rules there are, and what is wrong."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except ImportError:  # not on Windows: there the parent's patience is the limit
        pass
    try:
        book = load(folder).model
        own = sum(rule.page == PAGE for rule in book.rules.values())
        tells.send((own, []))
    except GangmuError as error:
        names = ("code", "where", "what", "expected", "todo")
        tells.send((0, [{name: getattr(one, name) for name in names} for one in error.problems[:50]]))


def open_overlay(folder: Path, row: Mapping[str, Any], base: str) -> Book:
    """The book of a kept page. Raises `GangmuError`, if the base has changed under it."""
    place = folder / str(row["id"])
    called = re.sub(r"[^a-z0-9]+", "_", str(row["name"]).lower()).strip("_")[:40]
    _write(place, f"own_{called}" if called else "own", base, str(row["page"]))
    return load(place)


def _write(folder: Path, name: str, base: str, page: str) -> None:
    head = {"name": name, "version": "1", "extends": base, "outcomes": []}
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("rulebook.yaml", json.dumps(head)), (f"{PAGE}.md", page)):
        path = folder / file
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
