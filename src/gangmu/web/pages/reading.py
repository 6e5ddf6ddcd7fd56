"""What anybody may read: the tasks, the rulebook page by page and rule by rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gangmu.errors import Problem
from gangmu.report.book_page import book_page
from gangmu.report.book_page_html import Version
from gangmu.report.rules import numbers_of
from gangmu.report.words import FORCE_WORDS, GRADE_WORDS, word
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.prose import html
from gangmu.rulebook.read import fences
from gangmu.web.desk import NotFoundError
from gangmu.web.intake import evidence_of
from gangmu.web.site import View, Visit
from gangmu.web.timeline import timeline
from gangmu.web.words import say, say_if

MAX_FOUND = 200


@dataclass(frozen=True)
class Link:
    """A rule or page by its label."""

    url: str
    label: str
    kind: str = ""


@dataclass(frozen=True)
class CiteText:
    """A citation."""

    title: str
    at: str
    grade: str
    words: str
    force: str
    url: str


@dataclass(frozen=True)
class EditionText:
    """An edition of a rule: when it holds, what it says in numbers, where it stands written."""

    start: str
    end: str
    holds: bool
    cites: Sequence[CiteText]
    ours: str
    numbers: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Card:
    """A rule on its page."""

    name: str
    short: str
    label: str
    kind: str
    type: str
    note: str
    editions: Sequence[EditionText]


@dataclass(frozen=True)
class Part:
    """A stretch of a page: prose, or rules with the text in which they are written."""

    html: str
    cards: Sequence[Card] = ()
    written: str = ""
    title: str = ""  # of a worked case


# ----------------------------------------------------------------------------------------------------- pages


def tasks(visit: Visit) -> View:
    """The tasks as doors."""
    return View("tasks.html", say("tasks", visit.lang), {"tasks": task_links(visit.book.model, visit.lang)})


def task(visit: Visit) -> View:
    """One task: what it asks, its numbers, what serves and finances it, a working answer."""
    book, lang, wanted = visit.book.model, visit.lang, visit.request.path_params["task"]
    rule = next((one for one in _tasks(book) if one.short == wanted), None)
    if rule is None:
        raise NotFoundError(Problem("not-found", "task", "there is no such task", "t01 to t10"))
    enterprise = _example(visit)
    run = None
    if enterprise is not None:
        run = visit.book.run(evidence_of(enterprise["facts"]), as_of=visit.as_of)
    version = Version(book_page(book, rule.page, visit.as_of, lang, run), page_address(book))
    values = {
        "page": version.page,
        "v": version,
        "enterprise": enterprise and {"id": enterprise["id"], "name": enterprise["name"]},
    }
    return View("task.html", version.page.label, values)


def _example(visit: Visit) -> Mapping[str, Any] | None:
    """The enterprise on which a task shows a working answer: the one asked for, or the last one changed."""
    if visit.person is None or not visit.person.may("own"):
        return None
    asked = visit.request.query_params.get("enterprise", "")
    with visit.desk() as desk:
        found = [asked] if asked else [str(one["id"]) for one in desk.enterprises()[:1]]
        return desk.enterprise(found[0]) if found else None


def rulebook(visit: Visit) -> View:
    """The pages of the book, or what a search finds in it."""
    book, lang = visit.book.model, visit.lang
    wanted = visit.request.query_params.get("q", "").strip()[:200]
    found = [rule_link(one, lang) for one in visit.book.rules(wanted).values()][:MAX_FOUND] if wanted else []
    groups: dict[str, list[Link]] = {}
    for one in book.pages.values():
        groups.setdefault(one.name.partition("/")[0], []).append(
            Link(f"/rulebook/{one.name}", page_label(one, lang))
        )
    listed = [(say_if(name, lang), pages) for name, pages in groups.items()]
    return View(
        "rulebook.html",
        say("rulebook", lang),
        {"q": wanted, "found": found, "groups": listed, "book": book_facts(book, lang)},
    )


def page(visit: Visit) -> View:
    """A page as prose with its rules, as of the day."""
    book, lang, name = visit.book.model, visit.lang, visit.request.path_params["page"]
    if name not in book.pages:
        raise NotFoundError(
            Problem(
                "not-found",
                "page",
                "the rulebook has no such page",
                "a page of the rulebook",
                "see /rulebook",
            )
        )
    found = book.pages[name]
    values = {
        "parts": parts_of(book, found, visit.as_of, lang),
        "name": name,
        "basis": found.date_basis.in_(lang),
        "timeline": timeline([(one, label_of(one, lang)) for one in rules_of(book, name)], visit.as_of),
        "dependents": dependents(book, name, lang),
    }
    return View("page.html", page_label(found, lang), values)


def rule(visit: Visit) -> View:
    """One rule: its editions, its sources, what it rests on, who reads it."""
    book, lang, name = visit.book.model, visit.lang, visit.request.path_params["name"]
    full = name if name in book.rules else next(iter(book.names.get(name, ())), "")
    if not full:
        raise NotFoundError(
            Problem(
                "not-found",
                "rule",
                "the rulebook has no such rule",
                "a rule of the rulebook",
                "see /rulebook",
            )
        )
    found, graph = book.rules[full], graph_of(book)
    values = {
        "card": card_of(book, found, visit.as_of, lang),
        "timeline": timeline([(found, label_of(found, lang))], visit.as_of),
        "page": Link(f"/rulebook/{found.page}", page_label(book.pages[found.page], lang)),
        "reads": [rule_link(book.rules[one], lang) for one in sorted(graph.direct[full])],
        "read_by": [rule_link(book.rules[one], lang) for one in sorted(graph.readers.get(full, ()))],
    }
    return View("rule.html", label_of(found, lang), values)


# ----------------------------------------------------------------------------------------------------- parts


def label_of(one: model.Rule, lang: str) -> str:
    """What a rule is called."""
    return one.label.in_(lang) or one.short


def page_label(one: model.Page, lang: str) -> str:
    """What a page is called: its label, its first heading, its name."""
    if one.label.in_(lang):
        return one.label.in_(lang)
    first = next((line[2:].strip() for line in one.text.splitlines() if line.startswith("# ")), "")
    return first or one.name


def rule_link(one: model.Rule, lang: str) -> Link:
    """A rule by its label."""
    return Link(f"/rules/{one.name}", label_of(one, lang), one.kind)


def book_facts(book: model.Rulebook, lang: str) -> dict[str, object]:
    """Name, version, size and digest of a book."""
    return {
        "label": book.label.in_(lang) or book.name,
        "version": book.version,
        "pages": len(book.pages),
        "rules": len(book.rules),
        "cases": len(book.cases),
        "digest": book.digest[:12],
    }


def _tasks(book: model.Rulebook) -> list[model.Rule]:
    return [
        one for one in book.rules.values() if isinstance(one.body, model.Item) and one.body.word == "task"
    ]


def task_links(book: model.Rulebook, lang: str) -> list[Link]:
    """The tasks in order."""
    return [Link(f"/tasks/{one.short}", label_of(one, lang), one.short.upper()) for one in _tasks(book)]


def parts_of(book: model.Rulebook, one: model.Page, as_of: date, lang: str) -> list[Part]:
    """A page in order: its prose, and its rules where they stand."""
    rules = rules_of(book, one.name)
    lines, done = one.text.splitlines(keepends=True), 0
    found: list[Part] = []

    def prose(until: int) -> None:
        markdown = "".join(lines[done:until])
        if markdown.strip():
            found.append(Part(html(markdown, one.name, page_address(book))))

    for fence in fences(one.text):
        if fence.info not in ("yaml", "yaml case"):
            continue
        prose(fence.line - 2)
        last = fence.line + fence.text.count("\n")
        done = last
        cards = [card_of(book, rule, as_of, lang) for rule in rules if fence.line <= rule.where.line <= last]
        if cards or fence.info == "yaml case":
            title = re.search(r"^name: *(.+)$", fence.text, re.MULTILINE) if not cards else None
            found.append(Part("", cards, fence.text, title[1].strip("'\"") if title else ""))
    prose(len(lines))
    return found


def rules_of(book: model.Rulebook, page: str) -> list[model.Rule]:
    """The rules of a page, in their order."""
    return [rule for rule in book.rules.values() if rule.page == page]


def dependents(book: model.Rulebook, page: str, lang: str) -> list[Link]:
    """The other pages whose rules read rules of a page, with how many do."""
    graph, found = graph_of(book), Counter[str]()
    for rule in rules_of(book, page):
        found.update(
            {reader for reader in graph.readers.get(rule.name, ()) if book.rules[reader].page != page}
        )
    pages = Counter(book.rules[reader].page for reader in found)
    return [
        Link(f"/rulebook/{name}", page_label(book.pages[name], lang), str(number))
        for name, number in pages.most_common()
    ]


def page_address(book: model.Rulebook) -> Callable[[str], str]:
    """Where a page of a book is read."""
    return lambda name: f"/rulebook/{name}" if name in book.pages else ""


def card_of(book: model.Rulebook, rule: model.Rule, as_of: date, lang: str) -> Card:
    """A rule for a reader."""
    editions = [_edition(book, one, as_of, lang) for one in rule.editions]
    return Card(rule.name, rule.short, label_of(rule, lang), rule.kind, str(rule.type), rule.note, editions)


def _edition(book: model.Rulebook, one: model.Edition, as_of: date, lang: str) -> EditionText:
    holds = (one.start is None or one.start <= as_of) and (one.end is None or as_of < one.end)
    cites = []
    for cite in one.standing.cites:
        source = book.sources[cite.source]
        url = source.url if source.url.startswith(("https://", "http://")) else ""
        cites.append(
            CiteText(
                source.title.in_(lang),
                cite.at,
                cite.grade,
                word(GRADE_WORDS, cite.grade, lang),
                word(FORCE_WORDS, source.force, lang),
                url,
            )
        )
    return EditionText(
        one.start.isoformat() if one.start else "",
        one.end.isoformat() if one.end else "",
        holds,
        cites,
        one.standing.ours,
        list(numbers_of(one).items()),
    )
