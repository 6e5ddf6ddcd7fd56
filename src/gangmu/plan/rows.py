"""Rows of a CSV file by their headings, with the line of each: small tables that planners hand in."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path
from typing import Final

from gangmu.errors import EvidenceError, Problem

MAX_BYTES: Final = 64 << 20  # observations of every county for a century need less
_ENCODINGS: Final = ("utf-8-sig", "gb18030")  # the second is what Chinese programs write

Row = tuple[int, dict[str, str]]


def read_rows(path: Path, needed: Collection[str], known: Collection[str]) -> list[Row]:
    """The rows with the number of their line. Raises `EvidenceError` with all that is wrong with the file."""
    text = read_text(path)
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        heads = list(table.fieldnames or ())
        rows = [(table.line_num, line) for line in table]
    except csv.Error as error:
        problem = Problem("file-unreadable", path.name, f"no CSV: {error}", "a CSV file")
        raise EvidenceError(problem) from error
    expected = ", ".join([*needed, *(f"[{name}]" for name in known)])
    problems = [
        Problem("column-missing", f"{path.name}:1", f"no column `{name}`", expected, "add it")
        for name in needed if name not in heads
    ]  # fmt: skip
    problems += [
        Problem("column-unknown", f"{path.name}:1", f"`{name}` is no column here", expected, "remove it")
        for name in heads if name not in needed and name not in known
    ]  # fmt: skip
    problems += [
        Problem("row-width", f"{path.name}:{number}", "more cells than columns", f"{len(heads)} cells")
        for number, line in rows if None in line
    ]  # fmt: skip
    if problems:
        raise EvidenceError(problems)
    return [(number, {name: (line[name] or "").strip() for name in heads}) for number, line in rows]


def read_text(path: Path) -> str:
    """A text file of bounded size. Raises `EvidenceError`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            what, expected = f"{path.stat().st_size:,} bytes", f"at most {MAX_BYTES:,}"
            raise EvidenceError(Problem("file-too-large", path.name, what, expected, "split it"))
        content = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise EvidenceError(Problem("file-unreadable", str(path), what, "a file that is there")) from error
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise EvidenceError(Problem("file-unreadable", path.name, "neither UTF-8 nor GB18030", "text"))
