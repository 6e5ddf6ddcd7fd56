"""Checked books kept between runs, each under its folder, and good only for exactly the same files.

What is kept counts only while all of these are what they were: every byte of every layer, the layers that
the book builds on, this package's own source, Python, and the libraries that read pages. Whatever is wrong
with a kept book (another's file, cut short, changed), it is as if there were none. It is plain data
(`plain`): nothing in it can run.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from functools import cache as once
from importlib.util import find_spec
from pathlib import Path

from gangmu import cache
from gangmu.errors import RulebookError
from gangmu.rulebook import plain
from gangmu.rulebook.files import digest_of, files_of, find_rulebook
from gangmu.rulebook.model import Rulebook

MOST = 32  # books kept
READERS = ("markdown_it", "pint", "sqlglot", "yaml")  # the libraries that decide what a page means


def find(folder: Path) -> Rulebook | None:
    """The book kept of a folder, if everything that it was made of is still the same."""
    place = _place(folder)
    if place is None or (content := cache.read(place)) is None:
        return None
    head, _, body = content.partition(b"\n")
    try:
        told = json.loads(head)
        if told["made_by"] != maker() or told["check"] != hashlib.sha256(body).hexdigest():
            return None
        if told["digest"] != _digest_now(folder, told["layers"]):
            return None
        return plain.from_bytes(body)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, RulebookError):
        return None


def keep(folder: Path, book: Rulebook, extends: Sequence[str]) -> None:
    """Keep a checked book. `extends` is what each layer says that it extends, from the base up."""
    place = _place(folder)
    if place is None:
        return
    body = plain.to_bytes(book)
    head = {
        "made_by": maker(), "check": hashlib.sha256(body).hexdigest(), "digest": book.digest,
        "layers": list(zip(book.layers, extends, strict=True)),
    }  # fmt: skip
    cache.write(place, json.dumps(head).encode() + b"\n" + body, MOST)


def _place(folder: Path) -> Path | None:
    """Where the book of a folder is kept; None where the maker cannot be told from another."""
    if not maker():
        return None
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
    return cache.folder("rulebooks") / f"{name[:32]}.json"


def _digest_now(folder: Path, layers: Sequence[tuple[str, str]]) -> str:
    """The digest of the layers' files as they are now.

    `extends` is followed anew: another folder may have come to stand before the one that it meant.
    """
    found = []
    current = folder
    for number, (layer, base) in enumerate(reversed(layers)):
        found.append((layer, current))
        root = current.resolve()
        if not all(file.resolve().is_relative_to(root) for file in files_of(current)):
            return ""  # a link that leads outside is refused, whatever it leads to
        if number + 1 < len(layers):
            current = find_rulebook(base, current)
    return digest_of(reversed(found))


@once
def maker() -> str:
    """What decides how pages are read: our own source, Python, the libraries.

    Empty where the source is not there to be read.
    """
    found = hashlib.sha256(repr(sys.version).encode())
    source = sorted(Path(__file__).parent.glob("*.py"))
    for file in source:
        found.update(f"{file.name}\0".encode() + file.read_bytes())
    readers = libraries(READERS)
    found.update(readers.encode())
    return found.hexdigest() if source and readers else ""


def libraries(names: Sequence[str]) -> str:
    """What tells installed libraries from others of their names; empty where one is not a file to be seen."""
    found = []
    for name in names:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            return ""
        stamp = Path(spec.origin).stat()
        found.append(f"{spec.origin}\0{stamp.st_size}\0{stamp.st_mtime_ns}\0")
    return "".join(found)
