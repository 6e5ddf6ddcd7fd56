"""A CSV file beside a page: found without leaving the book's folder, read as text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from gangmu.rulebook.located import Node, Text
from gangmu.rulebook.reading import Reading

_FILE: Final = re.compile(r"[A-Za-z0-9_\-]+\.csv")


def read_beside(reading: Reading, node: Node | None, key: str) -> tuple[Reading, str] | None:
    """The text of a CSV file beside the page, and a reading whose problems name that file.

    None, with a problem put aside, where there is none that may be read. `key` is the key that names it.
    """
    if not isinstance(node, Text) or reading.folder is None or not _FILE.fullmatch(node):
        expected = "the name of a CSV file in the page's folder"
        reading.refuse("path-escape", node, f"`{key}: {node}`", expected, "move the file there")
        return None
    beside = Path(reading.file).parent / str(node)
    path = reading.folder / beside
    if not path.is_file() or not path.resolve().is_relative_to(reading.folder.resolve()):
        reading.refuse("file-unreadable", node, f"{node} is not beside the page", "a CSV file", "add it")
        return None
    inside = Reading(beside.as_posix(), reading.folder, reading.entities, reading.problems)
    inside.rule, inside.defaults = reading.rule, reading.defaults
    try:
        return inside, path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        reading.refuse("file-unreadable", node, f"{node} is not UTF-8", "a CSV file in UTF-8", "save it so")
        return None
