"""A page of the book as one HTML file that needs no network and no script, in one language or in two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.report.book_page import BookPage, IndicatorGroup, book_page, grade_words, item_words
from gangmu.report.html import render
from gangmu.report.labels import capital
from gangmu.report.words import LANGS
from gangmu.rulebook import model
from gangmu.rulebook.prose import html

_GROUP_OF = {"met": "met", "missed": "blocked", "disputed": "missing", "not_judgeable": "missing"}
_CASES = "worked cases"


@dataclass(frozen=True, slots=True)
class Version:
    """The page in one language, with what only a template needs."""

    page: BookPage
    address: Callable[[str], str] = lambda _: ""  # of another page of the book; none, where it stands alone

    @property
    def lang(self) -> str:
        """`en` or `zh`."""
        return self.page.lang

    @property
    def prose(self) -> list[tuple[str, str]]:
        """Heading and HTML of each section; prose is written in English and left out in Chinese."""
        if self.lang != "en":
            return []
        shown = [section for section in self.page.prose if section.heading.casefold() != _CASES]
        return [(section.heading, html(section.text, self.page.name, self.address)) for section in shown]

    @property
    def figures(self) -> list[tuple[str, list[IndicatorGroup]]]:
        """Indicators of what the plan names for this page, kind by kind."""
        grouped = groupby(self.page.by_item, key=lambda group: group.item.word)
        return [(item_words(key, self.lang), list(groups)) for key, groups in grouped]

    @property
    def links(self) -> Mapping[int, str]:
        """Addresses of the sources that have one on the web."""
        web = {one.number: one.url for one in self.page.sources}
        return {number: url for number, url in web.items() if urlsplit(url).scheme in ("http", "https")}

    def grade(self, grade: str) -> str:
        """How well a source was read."""
        return grade_words(grade, self.lang)

    def group(self, state: str) -> str:
        """The colour of a state."""
        return _GROUP_OF.get(state, "other")

    def capital(self, text: str) -> str:
        """With a capital first letter."""
        return capital(text)


def write_page(  # noqa: PLR0913, PLR0917  a page is asked with these
    path: str | Path, book: model.Rulebook, name: str, as_of: date, lang: str, run: Run | None = None
) -> Path:
    """Write a page: `lang` is `en`, `zh`, or `en,zh` (both in one file). Written whole or not at all."""
    langs = tuple(dict.fromkeys(part.strip() for part in lang.split(",")))
    if not langs or any(one not in LANGS for one in langs):
        what = f"`{lang}` is no language of a page"
        raise GangmuError(Problem("lang-unknown", "lang", what, "en, zh, or en,zh"))
    versions = [Version(book_page(book, name, as_of, one, run)) for one in langs]
    text = render("report.html", versions=versions, title=versions[0].page.label, body="book_page.html")
    return write_whole(Path(path), lambda to: to.write_text(text, encoding="utf-8"))
