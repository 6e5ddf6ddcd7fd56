"""What a changed answer goes back to, in a sentence each, with its source and what to do before the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gangmu.changes.roots import Root
from gangmu.engine.outcomes import Answer
from gangmu.engine.rows import Line
from gangmu.engine.values import Interval, Value
from gangmu.evidence.facts import Fact
from gangmu.report.articles import article_text
from gangmu.report.change_words import tell
from gangmu.report.labels import entity_label, label_of, value_words
from gangmu.report.verdict import group_of
from gangmu.report.words import GRADE_WORDS, say, word
from gangmu.rulebook import model

MOST_NAMED = 3  # rules, rows or facts named in one sentence
_WORTH = {"met": 2, "missing": 1, "other": 1, "blocked": 0}


@dataclass(frozen=True, slots=True)
class Cause:
    """A sentence, the source of the rule that it is about, the grade of that, and what to do."""

    text: str
    source: str = ""
    grade: str = ""
    todo: str = ""


def direction(before: Answer, after: Answer) -> str:
    """`gains`, `loses`, `asks` (an answer that was known no longer is), or `moves`."""
    one, two = group_of(before.status), group_of(after.status)
    if two == "missing" and one != "missing":
        return "asks"
    if one in _WORTH and two in _WORTH and _WORTH[one] != _WORTH[two]:
        return "gains" if _WORTH[two] > _WORTH[one] else "loses"
    return "moves"


def causes(book: model.Rulebook, roots: Sequence[Root], way: str, lang: str) -> list[Cause]:
    """A cause each, what happened to several rules at once in one."""
    teller = _Teller(book, way, lang)
    years = [root for root in roots if root.kind == "year"]
    found = [teller.year(years)] if years else []
    for root in roots:
        if root.kind != "year":
            found.extend(teller.cause(root))
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Teller:
    book: model.Rulebook
    way: str
    lang: str

    def say(self, key: str, **parts: object) -> str:
        return tell(self.lang, key, **parts)

    def year(self, roots: Sequence[Root]) -> Cause:
        """The base fiscal year moved: one cause for all the rules that count years from it."""
        names = _some([label_of(root.rule, self.lang) for root in roots], self.lang)
        last = roots[0].year - 1
        return Cause(self.say("year", a=last, b=names), todo=self.say("do year", a=last))

    def cause(self, root: Root) -> Iterable[Cause]:
        """The sentence of a root, or of each of its rows."""
        source, grade = self.source(root)
        name = label_of(root.rule, self.lang)
        match root.kind:
            case "certificate":
                key = "certificate begins" if root.begins else "certificate ends"
                yield Cause(
                    self._with_facts(self.say(key, a=name), root), source, grade, self.say(f"do {key}")
                )
            case "wording":
                key = "wording begins" if root.begins else "wording ends"
                yield Cause(self.say(key, a=name), source, grade, self.say(f"do {key}"))
            case "measured":
                todo = {"gains": "do measured opens", "loses": "do measured closes"}.get(
                    self.way, "do measured"
                )
                yield Cause(self._with_facts(self._measured(root), root), source, grade, self.say(todo))
            case "rows":
                yield from self._rows(root)
            case "fact":
                yield Cause(self._fact(root), todo="")
            case _:
                yield Cause(self._law(root), source, grade)

    def _measured(self, root: Root) -> str:
        name, before, after = label_of(root.rule, self.lang), root.before, root.after
        if before is None or after is None or not before.is_known:
            return self.say("measured", a=name, b=self.value(root, after))
        return self.say("measured moves", a=name, b=self.value(root, before), c=self.value(root, after))

    def _fact(self, root: Root) -> str:
        name = self._of_row(label_of(root.rule, self.lang), root.line)
        before, after = root.before, root.after
        if root.rule.input.input == "text" or before is None or after is None:
            return self.say("text", a=name)
        if not before.is_known:
            return self.say("fact new", a=name, b=self.value(root, after))
        if not after.is_known:
            return self.say("fact gone", a=name)
        return self.say("fact", a=name, b=self.value(root, before), c=self.value(root, after))

    def _law(self, root: Root) -> str:
        name = label_of(root.rule, self.lang)
        if root.before is None and root.after is None:
            known = root.rule.name in self.book.rules
            return self.say(
                "law plain" if known and root.begins else "law new" if root.begins else "law gone", a=name
            )
        return self.say("law", a=name, b=self.value(root, root.after), c=self.value(root, root.before))

    def _rows(self, root: Root) -> Iterable[Cause]:
        for lines, given, absent in ((root.came, "row came", "row due"), (root.went, "row went", "row went")):
            for line in lines[:MOST_NAMED]:
                key = given if line.given is not None else absent
                period = self.period(line)
                if not period:
                    continue
                text = self.say(key, a=entity_label(self.book, line.entity, self.lang), b=period)
                yield Cause(text, todo=self.say("do rows") if key == "row due" else "")
            if len(lines) > MOST_NAMED:
                yield Cause(self.say("further", n=len(lines) - MOST_NAMED))

    def _with_facts(self, text: str, root: Root) -> str:
        facts = [
            self.say("fact is", a=label_of(rule, self.lang), b=self._value(rule, value))
            for rule, value in root.facts[:MOST_NAMED]
        ]
        told = say(self.lang, "list").join(facts)
        text = self._of_row(text, root.line)
        return say(self.lang, "brackets", a=text, b=told) if told else text

    def _of_row(self, text: str, line: Line | None) -> str:
        if line is None:
            return text
        keys = [fact.text or str(fact.value) for fact in self._keys(line)]
        row = " ".join(
            filter(None, [entity_label(self.book, line.entity, self.lang), *keys, self.period(line)])
        )
        return self.say("of row", a=text, b=row)

    def _keys(self, line: Line) -> tuple[Fact, ...]:
        key = self.book.entities[line.entity].key
        return line.facts.get(key, ())[:1] if key else ()

    def period(self, line: Line) -> str:
        """The period of a row in words, if it is known."""
        ordinary = line.period.ordinary
        if not isinstance(ordinary, Interval) or not ordinary.is_point:
            return ""
        kind = self.book.entities[line.entity].period_kind
        if kind == "year":
            return say(self.lang, "fiscal year", year=ordinary.lo)
        return date.fromordinal(int(ordinary.lo)).isoformat() if kind == "date" else ""

    def value(self, root: Root, value: Value | None) -> str:
        """A value of a root's rule in words."""
        return "" if value is None else self._value(root.rule, value)

    def _value(self, rule: model.Rule, value: Value) -> str:
        return value_words(self.book, value, rule.type, rule, self.lang)

    def source(self, root: Root) -> tuple[str, str]:
        """Source and grade of a root's rule."""
        return source_of(self.book, root.standing, self.lang)


def source_of(book: model.Rulebook, standing: model.Standing, lang: str) -> tuple[str, str]:
    """Source and article on which something rests (none, if it is our own), and the grade of the reading."""
    places = []
    for cite in standing.cites:
        source = book.sources.get(cite.source)
        title = (source.title.in_(lang) if source else "") or cite.source
        places.append(say(lang, "comma").join(filter(None, [title, article_text(cite.at, lang)])))
    if not places and not standing.ours:
        return "", ""
    return say(lang, "pause").join(places), word(GRADE_WORDS, standing.grade, lang)


def _some(names: Sequence[str], lang: str) -> str:
    told = say(lang, "list").join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return told
    return say(lang, "list").join([told, tell(lang, "further", n=len(names) - MOST_NAMED)])
