"""One line of an explanation, and what stands at its end: citations, remarks, the place in the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from gangmu.engine.values import Interval, Value
from gangmu.evidence.facts import Fact
from gangmu.report.articles import article_text
from gangmu.report.phrases import Wording
from gangmu.report.words import GRADE_WORDS, ORIGIN_WORDS, SIGNS, STATUS_WORDS, word
from gangmu.rulebook import model

Wanted = bool | None  # what a truth value should come out as; None: nothing is wanted of it


@dataclass(frozen=True, slots=True)
class CitationText:
    """A citation for people: source and article, how well it was read, and where it can be found."""

    text: str
    grade: str
    words: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Rests:
    """On what a line rests: its rule, remarks, citations, our own reason, the place in the evidence."""

    rule: str = ""
    marks: tuple[str, ...] = ()
    cites: tuple[CitationText, ...] = ()
    ours: str = ""
    evidence: tuple[str, ...] = ()


def join_rests(parts: Sequence[Rests]) -> Rests:
    """Several in one line: the first one's rule and reason, everything else once."""
    return Rests(
        parts[0].rule if parts else "",
        tuple(dict.fromkeys(mark for part in parts for mark in part.marks)),
        tuple(dict.fromkeys(cite for part in parts for cite in part.cites)),
        parts[0].ours if parts else "",
        tuple(dict.fromkeys(place for part in parts for place in part.evidence)),
    )


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of an explanation. `status` is a key of `words.SIGNS`; `decides` if the answer rests on it."""

    text: str
    status: str
    depth: int
    decides: bool = True
    rests: Rests = Rests()

    @property
    def sign(self) -> str:
        """The sign of the status."""
        return SIGNS[self.status]

    @property
    def details(self) -> tuple[str, ...]:
        """Remarks, citations with their grade, and places in the evidence, each a short text."""
        cites = tuple(f"{cite.text}; {cite.words}" for cite in self.rests.cites)
        return (*self.rests.marks, *cites, *self.rests.evidence)

    def __str__(self) -> str:
        """One indented line."""
        details = f" [{' | '.join(self.details)}]" if self.details else ""
        return f"{'  ' * self.depth}{self.sign} {self.text}{details}"


def without_repeats(lines: Sequence[Sentence]) -> list[Sentence]:
    """The lines with no citation that the line above them in the tree has already."""
    found: list[Sentence] = []
    above: list[frozenset[CitationText]] = []
    for line in lines:
        del above[line.depth :]
        known = above[-1] if above else frozenset()
        cites = tuple(cite for cite in line.rests.cites if cite not in known)
        above.append(known | set(line.rests.cites))
        found.append(replace(line, rests=replace(line.rests, cites=cites)))
    return found


def cite_texts(words: Wording, standing: model.Standing) -> tuple[CitationText, ...]:
    """The citations of a rule, for people."""
    found = []
    for cite in standing.cites:
        source = words.run.book.sources.get(cite.source)
        title = source.title.in_(words.lang) if source else cite.source
        grade = word(GRADE_WORDS, cite.grade, words.lang)
        url = source.url if source else ""
        text = f"{title} {article_text(cite.at, words.lang)}".strip()
        found.append(CitationText(text, cite.grade, grade, cite.source, url))
    return tuple(found)


def evidence_text(words: Wording, fact: Fact) -> str:
    """Where a fact was read: file, row, column; document; who stands behind it."""
    at = fact.at
    head, comma, column = at.partition(", column ")
    file, row, number = head.rpartition(" row ")
    if comma and row and number.isdigit():
        at = words.say("place", file=file, row=number, column=column)
    origin = word(ORIGIN_WORDS, fact.origin, words.lang) if fact.origin else ""
    document = "" if fact.at.startswith(fact.document) else fact.document
    return words.say("comma").join(part for part in (at, document, origin) if part)


def truth_status(value: Value, wanted: Wanted) -> str:
    """The status of a truth value: against what is wanted of it, or a plain fact."""
    if not value.is_known:
        return "unknown"
    if value.ordinary is None:
        return "undefined" if value.undefined else "not_in_force"
    if wanted is None:
        return "fact"
    return "met" if value.is_true is wanted else "failed"


def title_words(words: Wording, rule: model.Rule, value: Value) -> str:
    """The status of a title in words, with the day on which its certificate ends."""
    if not value.is_known or value.ordinary is None:
        return word(STATUS_WORDS, "unknown", words.lang)
    status = str(next(iter(value.codes or ("unknown",))))
    text = word(STATUS_WORDS, status, words.lang)
    body = rule.body
    if status not in ("held", "lapsed") or not isinstance(body, model.Title):
        return text
    end = words.run.certificate(body)[2].ordinary
    if not isinstance(end, Interval) or not end.is_point or isinstance(end.lo, float):
        return text
    day = date.fromordinal(int(end.lo)).isoformat()
    return words.say("until" if status == "held" else "since then", a=text, day=day)
