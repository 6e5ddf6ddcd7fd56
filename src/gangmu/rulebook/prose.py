"""The prose of a page without its rules: what a person reads, section by section, as Markdown or as HTML.

HTML in a page is escaped, and a link is kept only where it leads to a page of the book or to the web, so
that a stranger's rulebook cannot run anything in the reader's browser.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

_FENCE: Final = re.compile(r"(`{3,}|~{3,})\s*(.*)")
_HEADING: Final = re.compile(r"(#{1,6})\s+(.*?)\s*#*")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (empty before the first), its depth, and the Markdown below it without blocks of rules."""

    heading: str
    depth: int
    text: str


def sections(text: str) -> tuple[Section, ...]:
    """The sections of a page that say something; the title (the first heading) is left to the label."""
    found: list[tuple[str, int, list[str]]] = [("", 1, [])]
    closing = ""
    for line in text.splitlines():
        if fence := _FENCE.fullmatch(line.strip()):
            if not closing:
                closing = fence[1]
                continue
            if line.strip().startswith(closing) and not fence[2]:
                closing = ""
                continue
        if closing:
            continue
        heading = _HEADING.fullmatch(line)
        if heading and len(heading[1]) > 1:
            found.append((heading[2], len(heading[1]), []))
        elif not heading:
            found[-1][2].append(line)
    made = [Section(heading, depth, _tidy(lines)) for heading, depth, lines in found]
    return tuple(section for section in made if section.text)


def _tidy(lines: list[str]) -> str:
    """Without the empty lines that blocks leave behind."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def links(text: str) -> tuple[str, ...]:
    """The addresses that a page's prose leads to, as written, in their order."""
    return tuple(
        str(child.attrs["href"])
        for token in _parser().parse(text)
        for child in token.children or ()
        if child.type == "link_open"
    )


def page_named(link: str, page: str) -> str:
    """The page (`tasks/t01`) that a relative link on a page leads to; empty where it leads elsewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path.endswith(".md"):
        return ""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path))
    return "" if name.startswith("..") else name.removesuffix(".md")


def html(markdown: str, page: str, address: Callable[[str], str]) -> str:
    """Markdown as HTML. `address` gives the address of a page of the book, or an empty text for no link."""
    parser = _parser()
    tokens = parser.parse(markdown)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _lead(child, page, address)
    made: str = parser.renderer.render(tokens, parser.options, {})
    return made


def _lead(link: Token, page: str, address: Callable[[str], str]) -> None:
    """Point a link at a page of the book, leave it on the web, or take its address away."""
    href = str(link.attrs.get("href", ""))
    named = page_named(href, page)
    found = address(named) if named else href if urlsplit(href).scheme in ("http", "https") else ""
    link.attrs = {"href": found} if found else {}


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
