"""Pages as they were parsed before: of an edited book only the pages that changed are read anew.

A page is kept under the digest of all that decides what it means by itself: our own source and the libraries
(`kept.maker`), its layer, its place and text, and the data files beside it. The one thing that it takes from
other pages, the names of related entities, is kept with it and compared. A page with a problem is never kept,
and whatever holds between pages is proved every time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gangmu import cache
from gangmu.errors import Problem
from gangmu.rulebook import kept, plain
from gangmu.rulebook.parse import Parsed, declared_in, parse_page
from gangmu.rulebook.read import PageSource, read_page, texts_of

MOST = 1_000  # pages kept


@dataclass(slots=True)
class _Page:
    """One page on its way: `kept` is what it meant before, among `among` entities; `source` what it says."""

    name: str
    file: str
    text: str
    key: str
    declared: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    kept: Parsed | None = None
    source: PageSource | None = None


def pages_of(folder: Path, layer: str, entities: Collection[str], problems: list[Problem]) -> Parsed:
    """What the pages of one layer say; `entities` are those of the layers below."""
    maker = kept.maker()
    pages = []
    for file, text in texts_of(folder, problems):
        page = _Page(file.removesuffix(".md"), file, text, _key(maker, folder, layer, file, text))
        _find(page)
        if page.kept is None:
            _read(page, problems)
        pages.append(page)
    known = tuple(sorted({*entities, *(name for page in pages for name in page.declared)}))
    parsed = Parsed()
    for page in pages:
        parsed.add(_meaning(page, folder, layer, known, problems))
    return parsed


def _read(page: _Page, problems: list[Problem]) -> None:
    before = len(problems)
    page.source = read_page(page.text, page.name, page.file, problems)
    page.declared = tuple(sorted(declared_in(page.source)))
    if len(problems) > before:
        page.key = ""


def _meaning(
    page: _Page, folder: Path, layer: str, known: tuple[str, ...], problems: list[Problem]
) -> Parsed:
    """What a page meant before, if it was among the same entities; else it is parsed, and kept."""
    if page.kept is not None and page.among == known:
        return page.kept
    if page.source is None:
        _read(page, problems)
    assert page.source is not None  # noqa: S101  just read
    found = parse_page(page.source, folder, layer, frozenset(known))
    # a data file may have changed meanwhile: then what was parsed is not what the key stands for
    now = _key(kept.maker(), folder, layer, page.file, page.text)
    if page.key and page.key == now and not found.problems:
        _keep(page, known, found)
    return found


# ---------------------------------------------------------------------- what is kept


def _key(maker: str, folder: Path, layer: str, file: str, text: str) -> str:
    """The digest of all that decides what a page means by itself; empty where nothing can be kept."""
    if not maker:
        return ""
    found = hashlib.sha256(json.dumps([maker, layer, file, text]).encode())
    root = folder.resolve()
    for data in sorted((folder / file).parent.glob("*.csv")):
        inside = data.is_file() and data.resolve().is_relative_to(root)
        content = data.read_bytes() if inside else b""
        found.update(json.dumps([data.name, inside, hashlib.sha256(content).hexdigest()]).encode())
    return found.hexdigest()


def _place(key: str) -> Path:
    return cache.folder("pages") / f"{key[:40]}.json"


def _find(page: _Page) -> None:
    """Take what was kept of a page, if it is whole."""
    content = cache.read(_place(page.key)) if page.key else None
    if content is None:
        return
    check, _, body = content.partition(b"\n")
    if check.decode("ascii", "replace") != _check(page.key, body):
        return
    try:
        declared, among, pages, rules, entities, cases, tightened, replaced = plain.parts_from_bytes(body)
    except ValueError:
        return
    page.declared, page.among = declared, among
    page.kept = Parsed(pages, rules, entities, list(cases), list(tightened), replaced)


def _keep(page: _Page, known: tuple[str, ...], found: Parsed) -> None:
    parts = (
        page.declared, known, found.pages, found.rules, found.entities, tuple(found.cases),
        tuple(found.tightened), found.replaced,
    )  # fmt: skip
    body = plain.to_bytes(parts)
    cache.write(_place(page.key), _check(page.key, body).encode() + b"\n" + body, MOST)


def _check(key: str, body: bytes) -> str:
    return hashlib.sha256(key.encode() + body).hexdigest()
