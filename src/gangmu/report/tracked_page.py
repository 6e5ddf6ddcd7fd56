"""The page of targets that one forwards: one HTML file with charts, in one language or two, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from gangmu.evidence.whole import write_whole
from gangmu.plan.standing import dated
from gangmu.plan.track import Tracked
from gangmu.report.charts import svg
from gangmu.report.html import render
from gangmu.report.labels import capital, label_of
from gangmu.report.page import languages
from gangmu.report.tracked import Tracking
from gangmu.report.tracked_chart import target_chart
from gangmu.report.tracked_numbers import bounded, chance, percent, short, unit_words
from gangmu.report.tracked_terminal import (
    band_says,
    conflict_text,
    ends_text,
    latest_text,
    split_text,
    target_label,
)
from gangmu.report.tracked_words import ASIDE, BY, LEVEL, NATURE, PROGRESS, SIGN, STATUS, tell
from gangmu.report.words import GRADE_WORDS, word
from gangmu.rulebook import model

GROUP = {
    "met": "met", "on_track": "met", "likely": "other", "off_track": "blocked", "missed": "blocked",
    "disputed": "missing", "not_judgeable": "missing", "no_target": "other",
}  # fmt: skip


INSIDE = {"province": 1, "city": 2, "county": 3}


@dataclass(frozen=True, slots=True)
class Value:
    """A published value, told: its period, number, vintage, source and licence."""

    period: str
    text: str
    published: str
    source: str
    title: str
    grade: str
    licence: str
    note: str


@dataclass(frozen=True, slots=True)
class Target:
    """One target, told."""

    id: str
    label: str
    inside: int  # how far a place stands below the nation
    group: str
    sign: str
    status: str
    by: str
    facts: Sequence[tuple[str, str]]
    picture: str
    definition: str
    note: str
    values: Sequence[Value]
    conflicts: Sequence[str]
    base: str
    aim: str
    latest: str
    pace: str
    ends: str
    chance: str


def write_page(result: Tracking, path: str | Path, lang: str = "en") -> Path:
    """Write the page: `lang` is `en`, `zh`, or `en,zh` (both in one file). Raises `GangmuError`."""
    langs = languages(lang)
    versions = [Version(result, one) for one in langs]
    text = render("report.html", versions=versions, title=versions[0].title, body="track.html")
    return write_whole(Path(path), lambda to: to.write_text(text, encoding="utf-8"))


class Version:
    """The page in one language. The template reads its attributes and properties."""

    def __init__(self, result: Tracking, lang: str) -> None:
        self.result, self.book, self.lang = result, result.book, lang
        self.ahead = any(one.projections or one.reach for one in result.targets)

    def say(self, key: str, **parts: object) -> str:
        """A phrase in the page's language."""
        return tell(self.lang, key, **parts)

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.say("title", day=self.result.as_of.isoformat())

    @property
    def eyebrow(self) -> str:
        """The book."""
        return self.book.label.in_(self.lang) or self.book.name

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """How many targets there are of each status: the group of its colour, its words, the number."""
        return [
            (GROUP[status], f"{SIGN[status]} {word(STATUS, status, self.lang)}", count)
            for status, count in self.result.counts.items()
        ]

    @cached_property
    def tasks(self) -> list[tuple[str, list[Target]]]:
        """Each task with its targets, drawn: most of the work of a page, and done when it is first read."""
        return [
            (self._task(name), [self._target(one) for one in targets])
            for name, targets in self.result.tasks
            if name or targets
        ]

    @property
    def splits(self) -> list[str]:
        """What targets split downwards come to."""
        return [split_text(one, self.lang) for one in self.result.splits]

    @property
    def notes(self) -> list[str]:
        """How to read it."""
        bands = [band_says(self.lang)] if self.ahead else []
        return [text.replace("`", "") for text in (self.say("pace says"), *bands, self.say("chart says"))]

    @property
    def record(self) -> list[tuple[str, str]]:
        """The decision record."""
        return [
            (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in self.result.record.items()
        ]

    @property
    def sources(self) -> list[tuple[str, str, str, str]]:
        """The sources of the values told: id, title, facts, address."""
        told = {value.source for _, targets in self.tasks for one in targets for value in one.values}
        found = (source for name, source in self.book.sources.items() if name in told)
        return [
            (
                source.id, source.title.in_(self.lang) or source.title.en,
                " · ".join(part for part in (source.issuer, source.date) if part), _address(source.url),
            )
            for source in found
        ]  # fmt: skip

    def _task(self, name: str) -> str:
        if not name:
            return self.say("whole")
        rule = self.book.rules[name]
        return f"{rule.short} {capital(label_of(rule, self.lang))}"

    def _target(self, one: Tracked) -> Target:
        lang, standing, kind = self.lang, one.standing, one.indicator.kind
        seen = {id(year.chosen): year.chosen for year in one.series.years}
        told = [
            *seen.values(),
            *(each for group in one.series.conflicts for each in group if id(each) not in seen),
        ]
        reasons = {id(each): word(ASIDE, reason, lang) for each, reason in one.series.aside}
        told += [each for each, _ in one.series.aside]
        paces = [one.pace.linear, one.pace.compound] if one.pace else []
        marks = [
            short(mark.value.value, kind, lang) if mark else "–"
            for mark in (standing.baseline, standing.target)
        ]
        unit = unit_words(one.indicator, lang)
        label = capital(target_label(one, lang).strip())
        slug = f"{lang}-{_slug(one.key)}"
        drawn = one.series.years or one.series.aside
        return Target(
            id=slug, label=label if one.place or not unit else f"{label} ({unit})",
            inside=INSIDE.get(one.place.level, 0) if one.place else 0, group=GROUP[one.status],
            sign=SIGN[one.status], status=word(STATUS, one.status, lang), by=word(BY, one.by, lang),
            facts=self._facts(one), picture=svg(target_chart(one, lang), slug, label) if drawn else "",
            definition=one.indicator.definition.in_(lang), note=one.rule.note,
            values=[self._value(each, one, reasons.get(id(each), "")) for each in sorted(told, key=lambda o:
            o.ends)], conflicts=[conflict_text(one, group, lang) for group in one.series.conflicts],
            base=marks[0], aim=marks[1], latest=latest_text(one, lang),
            pace=" · ".join(percent(ratio) for ratio in paces if ratio is not None) or "–",
            ends=ends_text(one, lang), chance=chance(one.probability, lang) if one.probability is not None
            else "–",
        )  # fmt: skip

    def _facts(self, one: Tracked) -> list[tuple[str, str]]:
        lang, body, standing = self.lang, one.indicator, one.standing
        found = [
            (self.say(f"{name} of", year=mark.year), short(mark.value.value, body.kind, lang))
            for name, mark in (("base", standing.baseline), ("target", standing.target))
            if mark is not None
        ]
        found.append((self.say("latest"), latest_text(one, lang)))
        if one.pace and one.pace.progress:
            found.append((self.say("pace"), word(PROGRESS, one.pace.progress, lang)))
        if one.last is not None or one.reach is not None:
            year = one.standing.target.year if one.standing.target else ""
            found.append((self.say("ends", year=year), ends_text(one, lang)))
        if one.probability is not None:
            found.append((self.say("chance"), chance(one.probability, lang)))
        found += [
            (self.say("level"), word(LEVEL, body.scope, lang)),
            (self.say("nature"), word(NATURE, body.nature, lang)),
            (self.say("lead"), body.lead.in_(lang) or self.say("lead unknown")),
            (self.say("producer"), body.producer.in_(lang)),
            (self.say("grade"), word(GRADE_WORDS, standing.grade, lang)),
        ]
        return [(name, text) for name, text in found if text]

    def _value(self, seen: model.Observation, one: Tracked, reason: str) -> Value:
        source = self.book.sources.get(seen.cite.source) if seen.cite else None
        day = dated(self.book, seen)
        text = (
            bounded(seen, short(seen.value.value, one.indicator.kind, self.lang), self.lang)
            if seen.value
            else "–"
        )
        return Value(
            seen.period, text, day.isoformat() if day else self.say("not dated"),
            source.id if source else "", (source.title.in_(self.lang) or source.title.en) if source else "",
            seen.cite.grade if seen.cite else "", seen.licence,
            self.say("list").join(part for part in (reason, seen.note) if part),
        )  # fmt: skip


def _slug(key: str) -> str:
    """A key as an anchor: letters and digits of any script, the rest by code, so that none collide."""
    return "".join(char if char.isalnum() else f"-{ord(char):x}-" for char in key)


def _address(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") else ""
