"""A folder of pages to blocks: what each page says in `yaml`, with the line on which it says it.

Beside `prose`, the one module that touches markdown-it. Rules are fences marked `yaml`, worked cases fences
marked `yaml case`; all other fences are prose. Paths stay inside the folder, and sizes are bounded: a
rulebook is untrusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from gangmu.errors import Problem
from gangmu.rulebook.located import Mapping, read_yaml

MAX_FILE = 4 * 2**20
MAX_PAGES = 5_000


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `info` (`yaml`, `yaml case`), its mapping, its first line."""

    info: str
    content: Mapping
    line: int


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page as read: its name (path without suffix), file, whole text, blocks."""

    name: str
    file: str
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """Any fenced block of a Markdown text: info string, text, line of its first content."""

    info: str
    text: str
    line: int


def fences(markdown: str) -> list[Fence]:
    """All fenced blocks of a Markdown text, with the 1-based line where the content begins."""
    return [
        Fence(" ".join(token.info.split()), token.content, token.map[0] + 2)
        for token in MarkdownIt("commonmark").parse(markdown)
        if token.type == "fence" and token.map is not None
    ]


def read_text(path: Path, file: str, problems: list[Problem]) -> str | None:
    """The text of a file, or None with a problem."""
    try:
        if path.stat().st_size <= MAX_FILE:
            return path.read_text(encoding="utf-8")
        what = f"is larger than {MAX_FILE // 2**20} MiB"
        problem = Problem("file-too-large", file, what, "a page of rules", "split it")
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start})"
        problem = Problem("not-utf8", file, what, "UTF-8 text", "save it as UTF-8")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        problem = Problem("file-unreadable", file, what, "a readable file", "check the path")
    problems.append(problem)
    return None


def read_page(text: str, name: str, file: str, problems: list[Problem]) -> PageSource:
    """Split a page's text into its rule and case blocks."""
    blocks = []
    for fence in fences(text):
        if fence.info not in ("yaml", "yaml case"):
            continue
        node, wrong = read_yaml(fence.text, file, fence.line)
        problems.extend(wrong)
        if node is None:
            continue
        if not isinstance(node, Mapping):
            where, what = f"{file}:{fence.line}", "a block of rules is not a mapping"
            problems.append(Problem("yaml-invalid", where, what, "name: rule", "write `name:` first"))
            continue
        blocks.append(Block(fence.info, node, fence.line))
    return PageSource(name, file, text, tuple(blocks))


def texts_of(folder: Path, problems: list[Problem]) -> list[tuple[str, str]]:
    """The file and the text of all pages of a rulebook folder, in the order of their names.

    Files outside the folder (links) are refused.
    """
    root = folder.resolve()
    pages = []
    paths = sorted(folder.rglob("*.md"))
    if len(paths) > MAX_PAGES:
        what = f"has more than {MAX_PAGES} pages"
        problems.append(Problem("too-many-pages", str(folder), what, "fewer pages", "split the rulebook"))
        return []
    for path in paths:
        file = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(root):
            what, expected = "leads outside the rulebook", "files inside the folder"
            problems.append(Problem("path-escape", file, what, expected, "copy the file in"))
            continue
        text = read_text(path, file, problems)
        if text is not None:
            pages.append((file, text))
    return pages


def read_mapping(folder: Path, file: str, problems: list[Problem]) -> Mapping | None:
    """A YAML file of the folder that holds a mapping; None if it is absent or wrong."""
    path = folder / file
    text = read_text(path, file, problems)
    if text is None:
        return None
    node, wrong = read_yaml(text, file)
    problems.extend(wrong)
    if isinstance(node, Mapping):
        return node
    if not wrong:
        todo = f"see {file} in docs/language.md"
        problems.append(Problem("yaml-invalid", f"{file}:1", "is not a mapping", "key: value lines", todo))
    return None
