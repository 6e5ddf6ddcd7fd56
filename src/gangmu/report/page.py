"""The report that one forwards: a single HTML file that needs no network, no script and no Gangmu.

`write_html` gathers what is shown (in one language or in two) into plain values; the template only lays them
out. What stands in the page is what the terminal shows: the same sentences, citations, places of evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

from gangmu.engine.asked import facts_of, is_asked
from gangmu.engine.assess import Answer, answer
from gangmu.engine.explain import Reason, explain
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import Missing, missing_facts, open_facts
from gangmu.engine.way import Proposal, shortest_ways
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.facts import Case
from gangmu.evidence.whole import write_whole
from gangmu.report.blocks import block_sentences, blocks, overview
from gangmu.report.channels import Together, channels_of, together
from gangmu.report.glance import Section, grouped, sections
from gangmu.report.html import render
from gangmu.report.labels import capital, column_labels, label_of
from gangmu.report.outlook import MissingText, WayText, finding_texts, missing_texts, way_texts
from gangmu.report.portfolio import Group, overview_of
from gangmu.report.result import Result
from gangmu.report.sentence import Sentence, without_repeats
from gangmu.report.sentences import sentences
from gangmu.report.verdict import GROUPS, Verdict, group_of, verdict
from gangmu.report.words import (
    DECIDES_WORDS,
    FORCE_WORDS,
    GRADE_WORDS,
    LANGS,
    say,
    standing_text,
    word,
)
from gangmu.rulebook import model

Explanations = Mapping[str, tuple[Reason, Sequence[Missing], Sequence[Proposal]]]

MAX_RULES = 16  # of more, a case is told those that its evidence is about
MAX_DETAILED = 100  # cases told in full
MAX_DETAILED_MANY = 8  # where many rules are asked
MAX_TRIED = 12  # facts of which it is tried out which matter, where many rules are asked
MAX_ROWS = 1_000  # cases in the table
MAX_LINES = 150  # lines of one explanation
MAX_MISSING = 8
MAX_REJECTED = 100
OWN_CHOICE = (
    "board",
    "chosen_standard",
    "decision",
    "decision_date",
)  # columns carried along, if there are any


@dataclass(slots=True)
class Node:
    """A line of an explanation with the lines below it."""

    line: Sentence
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule of one case, told."""

    id: str
    label: str
    verdict: Verdict
    who: str
    grade: str
    stands: Sequence[Node]
    reasons: Sequence[Node]
    cut: int  # lines left out
    blocks: Sequence[Node]
    missing: Sequence[MissingText]
    more_missing: int
    ways: Sequence[WayText]
    asks_way: bool
    papers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """One case, told."""

    id: str
    name: str
    key: str
    day: str
    own: Sequence[tuple[str, str]]
    outcomes: Sequence[Outcome]
    findings: Sequence[str]
    glance: Sequence[Section] = ()  # of many rules: all of them, group by group
    together: Together | None = None
    anchors: Mapping[str, str] = field(default_factory=dict)  # of outcomes told, by full name

    def anchor(self, name: str) -> str:
        """Where an outcome is told; empty if it is not."""
        return self.anchors.get(name, "")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the summary table."""

    id: str
    name: str
    board: str
    day: str
    cells: Sequence[tuple[str, Verdict]]


@dataclass(frozen=True, slots=True)
class SourceText:
    """An entry of the bibliography."""

    id: str
    title: str
    facts: Sequence[str]
    force: str
    read: str
    url: str


def detailed(result: Result) -> int:
    """How many cases are told in full."""
    return min(len(result), MAX_DETAILED_MANY if len(result.rules) > MAX_RULES else MAX_DETAILED)


def case_explanations(result: Result) -> Iterator[tuple[Run, Explanations]]:
    """Explain the rules asked, with what is missing and the shortest ways, for the first cases."""
    for item in result.answers[: detailed(result)]:
        run = Run(result.book, item.case, item.as_of)
        told = {}
        for name in _worth_telling(run, item.answers, result.rules):
            tree = explain(run, name)
            told[name] = (tree, _missing(run, name, tree, result), shortest_ways(run, name, tree))
        yield run, told


def _missing(run: Run, name: str, tree: Reason, result: Result) -> Sequence[Missing]:
    """The missing facts that matter; of many rules and many facts all that are open, untried."""
    if len(result.rules) > MAX_RULES and len(found := open_facts(tree, run)) > MAX_TRIED:
        return [Missing(rule, line, rule.entity, Fraction(0)) for rule, line in found]
    return missing_facts(run, name, tree)


def _worth_telling(run: Run, answers: Sequence[Answer], names: Sequence[str]) -> list[str]:
    """The rules told of a case: of many, those that its evidence is about and that were in force."""
    shown = [name for _, rules in grouped(run.book, names, "en") for name in rules]
    if len(shown) <= MAX_RULES:
        return list(names)
    given, found = facts_of(run.book, run.case), dict(zip(names, answers, strict=True))
    return [
        name for name in shown
        if found[name].status != "not_in_force"
        and (found[name].status != "unknown" or is_asked(run.book, name, given))
    ]  # fmt: skip


def write_html(
    path: str | Path,
    book: model.Rulebook,
    case_explanations: Iterable[tuple[Run, Explanations]],
    result: Result,
    lang: str = "en",
) -> Path:
    """Write the report: `lang` is `en`, `zh`, or `en,zh` (both in one file, the first one in view).

    Cases that `case_explanations` does not yield stand in the table only. Written whole or not at all.
    """
    langs = languages(lang)
    versions = [_Version(book, result, one) for one in langs]
    for run, explanations in case_explanations:
        for version in versions:
            version.add(run, explanations)
    text = render("report.html", versions=versions, title=capital(book.label.in_(langs[0]) or book.name))
    return write_whole(Path(path), lambda to: to.write_text(text, encoding="utf-8"))


def tell(
    book: model.Rulebook, result: Result, run: Run, explanations: Explanations, lang: str
) -> tuple[Told, list[SourceText]]:
    """One case told in one language, with the sources that it cites."""
    version = _Version(book, result, lang)
    version.add(run, explanations)
    return version.cases[0], version.sources


def languages(lang: str) -> tuple[str, ...]:
    """The languages of a report as asked, each once. Raises `GangmuError`."""
    langs = tuple(dict.fromkeys(part.strip() for part in lang.split(",")))
    if not langs or any(one not in LANGS for one in langs):
        what = f"`{lang}` is no language of a report"
        raise GangmuError(Problem("lang-unknown", "lang", what, "en, zh, or en,zh"))
    return langs


class _Version:
    """The report in one language. The template reads its attributes and properties."""

    def __init__(self, book: model.Rulebook, result: Result, lang: str) -> None:
        self.book, self.result, self.lang = book, result, lang
        self.cases: list[Told] = []
        self.used: dict[str, None] = {}
        self.told_of: set[str] = set()
        self.blocking: dict[str, Counter[str]] = {}
        self.labels = column_labels(book, result.rules, lang)

    def add(self, run: Run, explanations: Explanations) -> None:
        """Tell one case."""
        number = len(self.cases) + 1
        self.told_of.update(explanations)
        for name, (tree, _, _) in explanations.items():
            found = (one.rule for one in blocks(tree) if one.rule is not None)
            self.blocking.setdefault(name, Counter()).update(label_of(rule, self.lang) for rule in found)
        outcomes = [
            self._outcome(run, f"{number}-{place}", name, *explanations[name])
            for place, name in enumerate(explanations)
        ]
        told = Told(
            id=f"{self.lang}-{_slug(run.case.key)}",
            name=case_name(self.book, run.case, self.lang),
            key=run.case.key,
            day=run.as_of.isoformat(),
            own=self._own(run.case),
            outcomes=outcomes,
            findings=finding_texts(self.book, run.findings, self.lang),
            glance=self._glance(run, number - 1) if self.many else (),
            together=self._together(run, number - 1) if self.many else None,
            anchors={name: outcome.id for name, outcome in zip(explanations, outcomes, strict=True)},
        )
        self.cases.append(told)

    @property
    def many(self) -> bool:
        """Whether so many rules are asked that each case is told at a glance first."""
        return len(self.result.rules) > MAX_RULES

    def _glance(self, run: Run, place: int) -> list[Section]:
        return sections(run, self.result.rules, self.result.answers[place].answers, self.lang)

    def _together(self, run: Run, place: int) -> Together | None:
        """The channels of a case that go together."""
        answers = dict(zip(self.result.rules, self.result.answers[place].answers, strict=True))
        channels = channels_of(self.book, answers)
        return together(run, answers, channels) if channels else None

    @property
    def overview(self) -> list[Group]:
        """How many cases have each outcome, group by group, and what the open ones give."""
        return overview_of(self.result, self.lang, self.blocking)

    # ------------------------------------------------------------------ one outcome

    def _outcome(  # noqa: PLR0913, PLR0917  what an outcome is told from
        self,
        run: Run,
        number: str,
        name: str,
        tree: Reason,
        missing: Sequence[Missing],
        ways: Sequence[Proposal],
    ) -> Outcome:
        lang, rule, found = self.lang, self.book.rules[name], answer(run, name)
        labels = dict(zip(self.result.rules, self.labels, strict=True))
        lines = without_repeats(sentences(run, tree, lang))
        blocking = without_repeats(block_sentences(run, tree, lang))
        channel = rule.body if isinstance(rule.body, model.Channel) else None
        stands = overview(run, tree, lang)
        for line in (*stands, *lines[:MAX_LINES], *blocking):
            self.used.update(dict.fromkeys(cite.source for cite in line.rests.cites))
        return Outcome(
            id=f"{lang}-{number}",
            label=labels[name],
            verdict=verdict(self.book, name, found, lang),
            who=(channel.who.in_(lang) or word(DECIDES_WORDS, channel.decides, lang)) if channel else "",
            grade=found.grade,
            stands=nested(stands),
            reasons=nested(lines[:MAX_LINES]),
            cut=max(0, len(lines) - MAX_LINES),
            blocks=nested(blocking),
            missing=missing_texts(run, missing[:MAX_MISSING], lang),
            more_missing=max(0, len(missing) - MAX_MISSING),
            ways=way_texts(run, ways, lang),
            asks_way=bool(blocking),
            papers=[paper.in_(lang) for paper in channel.papers] if channel else [],
        )

    def _own(self, case: Case) -> list[tuple[str, str]]:
        return [
            (say(self.lang, f"own {name}"), case.extra[name]) for name in OWN_CHOICE if case.extra.get(name)
        ]

    # ------------------------------------------------------------------ the whole

    @property
    def shown(self) -> list[int]:
        """The places of the rules in the table: all asked, or of many those told of some case."""
        if not self.told_of or len(self.result.rules) <= MAX_RULES:
            return list(range(len(self.result.rules)))
        return [place for place, name in enumerate(self.result.rules) if name in self.told_of]

    @property
    def columns(self) -> list[str]:
        """The labels of the rules in the table."""
        return column_labels(self.book, [self.result.rules[place] for place in self.shown], self.lang)

    @property
    def has_boards(self) -> bool:
        """Whether the evidence says on which board a case wants to be listed."""
        return any(item.case.extra.get("board") for item in self.result.answers[:MAX_ROWS])

    @property
    def rows(self) -> list[Row]:
        """The summary, a row a case."""
        told = {case.key: case for case in self.cases}
        return [
            Row(
                id=told[item.case.key].id if item.case.key in told else "",
                name=case_name(self.book, item.case, self.lang),
                board=item.case.extra.get("board", ""),
                day=item.as_of.isoformat(),
                cells=self._cells(told.get(item.case.key), item.answers),
            )
            for item in self.result.answers[:MAX_ROWS]
        ]

    def _cells(self, told: Told | None, answers: Sequence[Answer]) -> list[tuple[str, Verdict]]:
        ids = {outcome.label: outcome.id for outcome in told.outcomes} if told else {}
        return [
            (
                ids.get(self.labels[place], ""),
                verdict(self.book, self.result.rules[place], answers[place], self.lang),
            )
            for place in self.shown
        ]

    @property
    def totals(self) -> list[list[tuple[str, int]]]:
        """For each rule, how many cases are met, blocked, missing (sign and number)."""
        found = []
        for name in (self.result.names[place] for place in self.shown):
            counts = Counter[str]()
            for status, number in self.result.counts(name).items():
                counts[group_of(status)] += number
            found.append([(group, counts[group]) for group in GROUPS if counts[group]])
        return found

    @property
    def days(self) -> str:
        """The as-of date, or that each case has its own."""
        return self.result.days[0].isoformat() if self.one_day else say(self.lang, "own date")

    @property
    def one_day(self) -> bool:
        """Whether all cases have the same date."""
        return len(self.result.days) == 1

    @property
    def standing(self) -> str:
        """What this report is and is not."""
        key = "on that day" if self.one_day else "on the date asked"
        return standing_text(self.lang, say(self.lang, key, day=self.days))

    @property
    def head(self) -> list[tuple[str, str]]:
        """The facts under the title."""
        record = self.result.record
        return [
            (say(self.lang, "as-of date"), self.days),
            (say(self.lang, "cases title"), f"{len(self.result):,}"),
            (say(self.lang, "rulebook"), f"{self.book.name} {self.book.version}"),
            (say(self.lang, "digest"), self.book.digest[:12]),
            (say(self.lang, "made with"), f"Gangmu {record.get('gangmu', '')}".strip()),
        ]

    @property
    def record(self) -> list[tuple[str, str]]:
        """The decision record."""

        def text(value: object) -> str:
            return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

        return [(name, text(value)) for name, value in self.result.record.items()]

    @property
    def sources(self) -> list[SourceText]:
        """The bibliography of what is cited on the page, in the order of the rulebook."""
        return [self._source(source) for name, source in self.book.sources.items() if name in self.used]

    def _source(self, source: model.Source) -> SourceText:
        facts = [part for part in (source.issuer, source.doc_no, source.date) if part]
        force = word(FORCE_WORDS, source.force, self.lang)
        url = source.url if urlsplit(source.url).scheme in ("http", "https") else ""
        return SourceText(source.id, source.title.in_(self.lang), facts, force, source.read, url)

    @property
    def grades(self) -> list[tuple[str, str]]:
        """The marks of citations and what they mean."""
        return [(grade, word(GRADE_WORDS, grade, self.lang)) for grade in GRADE_WORDS if grade]

    @property
    def rejected(self) -> list[object]:
        """The first entries of the quarantine."""
        return list(self.result.quarantine[:MAX_REJECTED])


def nested(lines: Sequence[Sentence]) -> list[Node]:
    """Lines with a depth as trees."""
    roots: list[Node] = []
    stack: list[Node] = []
    for line in lines:
        del stack[line.depth :]
        node = Node(line)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)
    return roots


def case_name(book: model.Rulebook, case: Case, lang: str) -> str:
    """What a case is called: the text that evidence files as `name`, else its key.

    In English a column `english_name`, carried along, stands before it.
    """
    foreign = case.extra.get("english_name", "") if lang == "en" else ""
    for short, rule in book.inputs_of(book.root).items():
        if rule.input.input == "text" and (short == "name" or "name" in rule.input.columns):
            facts = case.facts.get(short, ())
            if facts and isinstance(facts[0].value, str):
                return f"{foreign} {facts[0].value}".strip()
    return foreign or case.key


def _slug(key: str) -> str:
    """A key as an anchor: letters and digits of any script, the rest by code, so that none collide."""
    return "".join(char if char.isalnum() else f"-{ord(char):x}-" for char in key)
