"""One page of a rulebook as it stands on a day: what it asks, its numbers, who serves it, a live answer.

`book_page` gathers plain values from the book and, with a `Run`, from one enterprise's evidence; a
terminal, an HTML file and a website lay out the same values. The trick is `reach`: a channel or a page
belongs here when it serves an item of this page, a part of one, or something that in turn serves it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from gangmu.engine.assess import answer
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import missing_facts
from gangmu.plan import Standing, stand
from gangmu.report.figures import figure
from gangmu.report.labels import capital, label_of
from gangmu.report.outlook import missing_texts
from gangmu.report.page import case_name
from gangmu.report.verdict import Verdict, verdict
from gangmu.report.words import (
    DECIDES_WORDS,
    FOLDER_WORDS,
    GRADE_WORDS,
    ITEM_WORDS,
    STATE_WORDS,
    say,
    word,
)
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.prose import Section, sections
from gangmu.rulebook.types import LevelType, TitleType, TruthType

MAX_ANSWERS = 40  # lines of the live answer; more would not be read
MAX_MISSING = 3
STATE_SIGNS = {
    "met": "✓", "missed": "✗", "under_way": "…", "disputed": "≠", "not_judgeable": "?", "no_target": "·",
}  # fmt: skip
_ASKED = ("condition", "value", "table", "score", "level", "amount", "title", "channel")


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the book: full name, label, and the page that it stands on."""

    name: str
    label: str
    page: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """What a document names: a sub-task, a project. `depth` counts from this page's own top.

    `grade` says how well its source was read; `serves` what it is for; `served_by` what answers it.
    """

    name: str
    label: str
    word: str
    page: str
    says: str
    note: str
    grade: str
    depth: int
    serves: tuple[Named, ...]
    served_by: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items that the document calls by the same word; `words` is its plural."""

    word: str
    words: str
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source cited on the page under a number."""

    number: int
    id: str
    title: str
    issuer: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A published value: its period, in words, the number of its source and how well that was read."""

    period: str
    text: str
    source: int
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator on the day: start, target, the last published values, and what may be said of it."""

    name: str
    label: str
    page: str
    definition: str
    producer: str
    nature: str
    baseline: str
    target: str
    latest: tuple[Seen, ...]
    state: str
    sign: str
    words: str
    grade: str
    sources: tuple[int, ...]  # of the marks, not of the values
    note: str
    sought: int  # values that were looked for and not found
    sought_note: str  # what was said of the last of these


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """Indicators of one thing that the document names (a kind of infrastructure, an instrument)."""

    item: ItemLine
    indicators: tuple[IndicatorLine, ...]


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A way to money that serves the page; `open` and `amount` are verdicts where evidence was given."""

    name: str
    label: str
    page: str
    who: str
    open: Verdict | None
    amount: Verdict | None


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A composite index that serves the page, and whom it covers."""

    name: str
    label: str
    page: str
    covers: str


@dataclass(frozen=True, slots=True)
class PageGroup:
    """Pages of one folder that serve this page."""

    folder: str
    words: str
    pages: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the page, for the list."""

    name: str
    kind: str
    label: str
    grade: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One rule of the page for the enterprise; `chief` ones are what the page is asked for."""

    name: str
    label: str
    verdict: Verdict
    grade: str
    chief: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The page asked of one enterprise."""

    case: str
    key: str
    day: str
    lines: tuple[AnswerLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page on a day, in one language.

    `parts` are parts of what the page is about, `names` the other items that it declares, `served_by` items
    of other pages that serve these.
    """

    name: str
    label: str
    lang: str
    as_of: str
    book: str
    date_basis: str
    says: tuple[str, ...]
    prose: tuple[Section, ...]
    parts: tuple[ItemGroup, ...]
    names: tuple[ItemGroup, ...]
    served_by: tuple[ItemGroup, ...]
    serves: tuple[Named, ...]
    indicators: tuple[IndicatorLine, ...]
    series: tuple[IndicatorLine, ...]
    by_item: tuple[IndicatorGroup, ...]
    indices: tuple[IndexLine, ...]
    channels: tuple[ChannelLine, ...]
    pages: tuple[PageGroup, ...]
    rules: tuple[RuleLine, ...]
    answered: Answered | None
    sources: tuple[SourceLine, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for programs."""
        return asdict(self)


def find_page(book: model.Rulebook, name: str) -> str:
    """The page that a name means: its full path, or its stem unless a rule other than its item has that name.

    Empty if there is none.
    """
    if name in book.pages:
        return name
    stems = [page for page in book.pages if page.rpartition("/")[2] == name]
    rules = [full for full in book.names.get(name, ()) if book.rules[full].kind != "item"]
    return stems[0] if len(stems) == 1 and not rules else ""


def book_page(book: model.Rulebook, name: str, as_of: date, lang: str, run: Run | None = None) -> BookPage:
    """A page by its full name. With `run` its rules and channels are asked of that enterprise."""
    return _Gathering(book, name, as_of, lang, run).page()


def items_of(book: model.Rulebook, page: str = "") -> list[model.Rule]:
    """The items of the book, or those that a page declares."""
    return [rule for rule in book.rules.values() if rule.kind == "item" and page in ("", rule.page)]


def _answers_to(book: model.Rulebook) -> dict[str, list[str]]:
    """For each item the pages (by name), channels and indicators that say that they serve it."""
    found: dict[str, list[str]] = {}
    for page in book.pages.values():
        for item in page.serves:
            found.setdefault(item, []).append(page.name)
    for rule in book.rules.values():
        if isinstance(rule.body, model.Channel | model.Indicator | model.Index):
            for item in rule.body.serves:
                found.setdefault(item, []).append(rule.name)
    return found


def reach(book: model.Rulebook, names: Collection[str]) -> set[str]:
    """The items named, their parts, and the items that serve any of these, directly or not."""
    found, todo = set[str](), set(names)
    items = items_of(book)
    while todo:
        found |= todo
        todo = {
            rule.name for rule in items
            if rule.name not in found and (_item(rule).part_of in found or found & set(_item(rule).serves))
        }  # fmt: skip
    return found


def _indicator(rule: model.Rule) -> model.Indicator:
    if not isinstance(rule.body, model.Indicator):
        raise TypeError(rule.name)
    return rule.body


def _item(rule: model.Rule) -> model.Item:
    if not isinstance(rule.body, model.Item):
        raise TypeError(rule.name)
    return rule.body


class _Gathering:
    """What all parts of a page need: book, day, language, what is within reach."""

    def __init__(self, book: model.Rulebook, name: str, as_of: date, lang: str, run: Run | None) -> None:
        self.book, self.name, self.as_of, self.lang, self.run = book, name, as_of, lang, run
        self.spec = book.pages[name]
        self.own = {rule.name: rule for rule in items_of(book, name)}
        tops = {rule.name for rule in self.tops()}
        parts = [rule for rule in items_of(book) if _item(rule).part_of in tops]
        self.topic = {*tops, *(rule.name for rule in parts)}  # what the page is about
        self.reach = reach(book, self.own)
        self.answers_to = _answers_to(book)
        self.cited: dict[str, int] = {}

    def page(self) -> BookPage:
        """All of it."""
        spec, lang = self.spec, self.lang
        lines = [self.indicator(one) for one in self.standings()]
        groups = tuple(self.by_item())
        grouped = {line.name for group in groups for line in group.indicators}
        return BookPage(
            name=self.name,
            label=spec.label.in_(lang) or self.name,
            lang=lang,
            as_of=self.as_of.isoformat(),
            book=f"{self.book.name} {self.book.version}",
            date_basis=spec.date_basis.in_(lang),
            says=tuple(text for rule in self.tops() if (text := _item(rule).says.in_(lang))),
            prose=sections(spec.text),
            parts=self.groups(rule for rule in self.own.values() if self.is_part(rule)),
            names=self.groups(rule for rule in self.own.values() if not self.is_part(rule)),
            served_by=self.groups(self.servers()),
            serves=tuple(self.served()),
            indicators=tuple(line for line in lines if line.target),
            series=tuple(line for line in lines if not line.target and line.name not in grouped),
            by_item=groups,
            indices=tuple(self.indices()),
            channels=tuple(self.channels()),
            pages=tuple(self.pages()),
            rules=tuple(self.rules()),
            answered=None if self.run is None else self.answered(self.run),
            sources=tuple(self.sources()),
        )

    def cite(self, source: str) -> int:
        """The number under which a source is cited here."""
        return self.cited.setdefault(source, len(self.cited) + 1)

    def sources(self) -> Iterator[SourceLine]:
        """What was cited, in the order of the numbers."""
        for name, number in self.cited.items():
            one = self.book.sources[name]
            yield SourceLine(number, name, one.title.in_(self.lang), one.issuer, one.date, one.url)

    def tops(self) -> Iterator[model.Rule]:
        """Items of this page that the page is about: those of the same name as the page."""
        for rule in self.own.values():
            if rule.short == self.name.rpartition("/")[2]:
                yield rule

    # ------------------------------------------------------------------ items

    def servers(self) -> list[model.Rule]:
        """Items of other pages that serve an item of this one."""
        return [
            rule for rule in self.book.rules.values()
            if rule.kind == "item" and rule.page != self.name and set(_item(rule).serves) & set(self.own)
        ]  # fmt: skip

    def is_part(self, rule: model.Rule) -> bool:
        """Whether an item is a part of what the page is about."""
        return _item(rule).part_of in {top.name for top in self.tops()}

    def groups(self, rules: Iterable[model.Rule]) -> tuple[ItemGroup, ...]:
        """Items by the document's word for them (known words first), without what the page is about."""
        about = {rule.name for rule in self.tops()}
        found: dict[str, list[ItemLine]] = {}
        for rule in rules:
            if rule.name not in about:
                found.setdefault(_item(rule).word, []).append(self.item(rule))
        order = list(ITEM_WORDS)
        keys = sorted(found, key=lambda key: order.index(key) if key in order else len(order))
        return tuple(ItemGroup(key, item_words(key, self.lang), tuple(found[key])) for key in keys)

    def item(self, rule: model.Rule) -> ItemLine:
        """One item with what it serves and what answers it."""
        body = _item(rule)
        return ItemLine(
            rule.name, label_of(rule, self.lang), body.word, rule.page, body.says.in_(self.lang), rule.note,
            rule.editions[-1].standing.grade, self.depth(rule),
            tuple(self.named(full) for full in body.serves if full not in self.own),
            tuple(self.answering(rule.name)),
        )  # fmt: skip

    def depth(self, rule: model.Rule) -> int:
        """How many items of this page lie above it, the page's own topic apart."""
        above, found = _item(rule).part_of, 0
        about = {top.name for top in self.tops()}
        while above and above not in about:
            found += 1
            above = _item(self.book.rules[above]).part_of
        return found

    def answering(self, item: str) -> Iterator[Named]:
        """Pages, channels and indicators that say of themselves that they serve an item."""
        body = self.book.rules[item].body
        named = body.pages if isinstance(body, model.Item) else ()
        for name in dict.fromkeys((*named, *self.answers_to.get(item, ()))):
            page = self.book.pages.get(name)
            yield self.named(name) if page is None else self.page_named(page)

    def page_named(self, page: model.Page) -> Named:
        """A page as a name with a label."""
        return Named(page.name, page.label.in_(self.lang) or page.name, page.name)

    def named(self, full: str) -> Named:
        """A rule as a name with a label."""
        rule = self.book.rules[full]
        return Named(full, label_of(rule, self.lang), rule.page)

    def served(self) -> Iterator[Named]:
        """What this page is for, from the page itself and from its channels, up to the topmost item."""
        found = dict.fromkeys(self.spec.serves)
        for rule in self.book.rules.values():
            if rule.page == self.name and isinstance(rule.body, model.Channel):
                found.update(dict.fromkeys(rule.body.serves))
        for full in list(found):
            above = _item(self.book.rules[full]).part_of
            while above:
                found.setdefault(above)
                above = _item(self.book.rules[above]).part_of
        for full in found:
            yield self.named(full)

    # ------------------------------------------------------------------ indicators

    def standings(self) -> Iterator[Standing]:
        """The indicators of what the page is about, and those that it declares for nothing else."""
        for rule in self.book.rules.values():
            if isinstance(rule.body, model.Indicator):
                serves = set(rule.body.serves)
                alone = bool(rule.body.targets) or not serves & (self.reach - self.topic)
                if serves & self.topic or (rule.page == self.name and alone):
                    yield stand(self.book, rule, self.as_of)

    def by_item(self) -> Iterator[IndicatorGroup]:
        """Indicators of what is named in this page's service, here or elsewhere, thing by thing."""
        for rule in items_of(self.book):
            if rule.name in self.reach - self.topic:
                served = (self.book.rules.get(name) for name in self.answers_to.get(rule.name, ()))
                found = [one for one in served if one is not None and one.kind == "indicator"]
                found = [one for one in found if one.page != self.name or not _indicator(one).targets]
                lines = [self.indicator(stand(self.book, one, self.as_of)) for one in found]
                if lines:
                    yield IndicatorGroup(self.item(rule), tuple(lines))

    def indicator(self, one: Standing) -> IndicatorLine:
        """One indicator in words."""
        rule, body, lang = one.rule, one.indicator, self.lang
        cites = rule.editions[-1].standing.cites
        sought = [value for value in body.observations if value.value is None]
        return IndicatorLine(
            rule.name, label_of(rule, lang), rule.page,
            body.definition.in_(lang), body.producer.in_(lang), body.nature,
            self.mark(body, one.baseline), self.mark(body, one.target),
            tuple(self.seen(body, value) for value in one.latest),
            one.state, STATE_SIGNS[one.state], word(STATE_WORDS, one.state, lang), one.grade,
            tuple(self.cite(cite.source) for cite in cites), rule.note,
            len(sought), sought[-1].note if sought else "",
        )  # fmt: skip

    def mark(self, body: model.Indicator, mark: model.Mark | None) -> str:
        """`15% (2020)`."""
        if mark is None:
            return ""
        text = figure(mark.value.value, body.kind, body.unit, self.lang)
        return say(self.lang, "brackets", a=text, b=mark.year)

    def seen(self, body: model.Indicator, one: model.Observation) -> Seen:
        """A published value in words."""
        text = "" if one.value is None else figure(one.value.value, body.kind, body.unit, self.lang)
        source = self.cite(one.cite.source) if one.cite else 0
        return Seen(one.period, text, source, one.cite.grade if one.cite else "unknown", one.note)

    # ------------------------------------------------------------------ channels, pages, rules

    def channels(self) -> Iterator[ChannelLine]:
        """The channels that serve what is within reach, those of this page first."""
        rules = [rule for rule in self.book.rules.values() if isinstance(rule.body, model.Channel)]
        for rule in sorted(rules, key=lambda rule: rule.page != self.name):
            body = rule.body
            if isinstance(body, model.Channel) and (rule.page == self.name or self.reach & set(body.serves)):
                yield ChannelLine(
                    rule.name, label_of(rule, self.lang), rule.page,
                    body.who.in_(self.lang) or word(DECIDES_WORDS, body.decides, self.lang),
                    self.verdict(rule.name), self.verdict(body.amount) if body.amount else None,
                )  # fmt: skip

    def indices(self) -> Iterator[IndexLine]:
        """The composite indices that the page declares or that serve what is within its reach."""
        for rule in self.book.rules.values():
            body = rule.body
            if isinstance(body, model.Index) and (rule.page == self.name or self.reach & set(body.serves)):
                yield IndexLine(
                    rule.name, label_of(rule, self.lang), rule.page, body.covers.in_(self.lang)
                )  # fmt: skip

    def verdict(self, name: str) -> Verdict | None:
        """The verdict of a rule for the enterprise, if there is one."""
        if self.run is None:
            return None
        return verdict(self.book, name, answer(self.run, name), self.lang)

    def pages(self) -> Iterator[PageGroup]:
        """Pages that serve what is within reach, folder by folder."""
        found: dict[str, list[Named]] = {}
        for page in self.book.pages.values():
            if page.name != self.name and self.reach & set(page.serves):
                folder = page.name.partition("/")[0]
                found.setdefault(folder, []).append(self.page_named(page))
        for folder, pages in found.items():
            yield PageGroup(folder, word(FOLDER_WORDS, folder, self.lang), tuple(pages))

    def own_rules(self) -> list[model.Rule]:
        """Rules of this page that can be asked of an enterprise."""
        return [
            rule for rule in self.book.rules.values()
            if rule.page == self.name and rule.kind in _ASKED and rule.entity == self.book.root
        ]  # fmt: skip

    def rules(self) -> Iterator[RuleLine]:
        """Everything on the page that is a rule: what is asked, numbers of law, formulas."""
        for rule in self.book.rules.values():
            if rule.page == self.name and rule.kind not in model.NAMED_ONLY:
                grade = max((edition.standing.grade for edition in rule.editions), default="")
                yield RuleLine(rule.name, rule.kind, label_of(rule, self.lang), grade)

    # ------------------------------------------------------------------ the live answer

    def answered(self, run: Run) -> Answered:
        """The page's rules asked of the enterprise: first what it is asked for, then what that rests on."""
        rules, readers = self.own_rules(), graph_of(self.book).readers
        names = {rule.name for rule in rules}
        verdicts = [rule for rule in rules if isinstance(rule.type, TruthType | LevelType | TitleType)]
        chiefs = [rule for rule in verdicts if not names & set(readers.get(rule.name, ()))]
        ordered = [*chiefs, *(rule for rule in rules if rule not in chiefs)]
        lines = [self.line(run, rule, chief=rule in chiefs) for rule in ordered[:MAX_ANSWERS]]
        shown = case_name(self.book, run.case, self.lang)
        return Answered(shown, run.case.key, run.as_of.isoformat(), tuple(lines), len(ordered) - len(lines))

    def line(self, run: Run, rule: model.Rule, *, chief: bool) -> AnswerLine:
        """One rule of the page; where a chief answer is open, the facts that would decide it."""
        found = answer(run, rule.name)
        asked: Sequence[str] = ()
        if chief and found.status == "unknown":
            missing = missing_facts(run, rule.name, explain(run, rule.name))[:MAX_MISSING]
            asked = [text.ask or text.what for text in missing_texts(run, missing, self.lang)]
        told = verdict(self.book, rule.name, found, self.lang)
        if isinstance(rule.type, TruthType) and rule.kind != "channel" and found.status in ("true", "false"):
            told = replace(told, words=say(self.lang, "yes" if found.status == "true" else "no"))
        return AnswerLine(
            rule.name, capital(label_of(rule, self.lang)), told, found.grade, chief, tuple(asked)
        )


def grade_words(grade: str, lang: str) -> str:
    """How well a source was read, in words."""
    return say(lang, "not found") if grade == "unknown" else word(GRADE_WORDS, grade, lang)


def item_words(key: str, lang: str) -> str:
    """What a document calls its things of one kind, in the plural."""
    return word(ITEM_WORDS, key, lang)
