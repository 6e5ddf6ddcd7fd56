"""What would still change an answer, in words: missing facts, the shortest lawful way, things to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gangmu.engine.interpreter import Finding, Run
from gangmu.engine.missing import Missing
from gangmu.engine.way import Change, Proposal
from gangmu.report.labels import capital
from gangmu.report.phrases import Wording
from gangmu.report.words import FINDING_WORDS, say, word
from gangmu.rulebook import model

_WHOLE = 1


@dataclass(frozen=True, slots=True)
class MissingText:
    """A missing fact for people: what, the question to ask, over how much of its range it decides."""

    what: str
    ask: str
    share: str


@dataclass(frozen=True, slots=True)
class WayText:
    """A proposal for people: what has to change, from when it counts, what it takes for granted."""

    changes: tuple[str, ...]
    when: str
    note: str


def missing_texts(run: Run, missing: Sequence[Missing], lang: str) -> list[MissingText]:
    """The missing facts in the order given (most deciding first)."""
    words = Wording(run, lang)
    return [_missing(words, item) for item in missing]


def _missing(words: Wording, item: Missing) -> MissingText:
    if item.rule is None:
        what = words.say("further rows", n=words.entity(item.entity))
        return MissingText(capital(what), capital(words.say("say complete")), "")
    what = words.name(item.rule)
    if item.line is not None:
        period = words.period(item.line.entity, item.line.period)
        what = words.say("of period", a=what, b=period) if period else what
    body = item.rule.body
    ask = body.ask.in_(words.lang) if isinstance(body, model.Input) else ""
    if not item.share:
        return MissingText(capital(what), ask, words.say("share none"))
    if item.share == _WHOLE:
        return MissingText(capital(what), ask, words.say("share all"))
    share = words.say("about", n=f"{max(1, round(item.share * 100))}%")
    return MissingText(capital(what), ask, words.say("share", n=share))


def way_texts(run: Run, ways: Sequence[Proposal], lang: str) -> list[WayText]:
    """Proposals, in the order given."""
    words = Wording(run, lang)
    return [_way(words, way) for way in ways]


def _way(words: Wording, way: Proposal) -> WayText:
    day = way.earliest.isoformat()
    notes = [key for key, holds in (("carried", way.carried_forward), ("opens", way.opens)) if holds]
    note = "; ".join(words.say(key) for key in notes)
    if not way.changes:
        return WayText((), words.say("time alone", day=day), note)
    changes = tuple(_change(words, change) for change in way.changes)
    return WayText(changes, words.say("counts from", day=day), note)


def _change(words: Wording, change: Change) -> str:
    what, rule = words.name(change.rule), change.rule
    if change.line_year is not None:
        what = words.say("of period", a=what, b=words.say("fiscal year", year=change.line_year))
    after = words.value(change.after, rule.type, rule)
    if not change.before.is_known:
        return capital(words.say("give", what=what, b=after))
    return capital(words.say("change", what=what, a=words.value(change.before, rule.type, rule), b=after))


def finding_text(book: model.Rulebook, finding: Finding, lang: str) -> str:
    """A finding on one line."""
    rule = book.rules.get(finding.rule)
    name = (rule.label.in_(lang) if rule is not None else "") or finding.rule
    return say(
        lang, "finding", what=capital(name), kind=word(FINDING_WORDS, finding.kind, lang), more=finding.what
    )


def finding_texts(book: model.Rulebook, findings: Iterable[Finding], lang: str) -> list[str]:
    """Findings, each once."""
    return list(dict.fromkeys(finding_text(book, finding, lang) for finding in findings))
