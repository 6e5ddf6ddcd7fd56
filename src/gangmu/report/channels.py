"""Channels that go together, told: the first compatible set, what may stand instead, what is shared.

`Together` is what `Book.compatible` gives; terminal, page and workbook show what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gangmu.engine.asked import facts_of, is_asked
from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer
from gangmu.engine.values import End, Interval, Value
from gangmu.finance.compatible import Compatible, Pool, Span, Use, compatible
from gangmu.report.blocks import blocks
from gangmu.report.channel_words import tell
from gangmu.report.labels import capital, label_of, value_words
from gangmu.report.words import say
from gangmu.rulebook import model

SHOWN_SETS = 20  # told as JSON and in a workbook
SHOWN_ALTERNATIVES = 6  # of one choice, in words


@dataclass(frozen=True, slots=True)
class UseText:
    """A channel of a set for people: the name to ask for, label, amount, cost, days, what it shares."""

    name: str
    short: str
    label: str
    standing: str
    amount: str
    cost: str
    days: str
    shares: str

    @property
    def figures(self) -> str:
        """What is known of amount, cost and days."""
        return ", ".join(part for part in (self.amount, self.cost, self.days) if part)


@dataclass(frozen=True, slots=True)
class PoolText:
    """A shared resource for people: its label, how much there is through it, who draws on it."""

    label: str
    amount: str
    uses: str


@dataclass(frozen=True)
class Together:
    """The channels of one enterprise that go together; `not_asked` have no evidence (full names)."""

    run: Run
    found: Compatible
    not_asked: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data: the number of sets, the first of them, what is shared in the first."""
        shown = list(self.found.sets(SHOWN_SETS))
        book = self.run.book
        return {
            "case": self.run.case.key,
            "as_of": self.run.as_of.isoformat(),
            "rulebook": {"name": book.name, "version": book.version, "digest": book.digest},
            "sets": self.found.number,
            "first": [[self._use(use) for use in chosen] for chosen in shown],
            "shared": [self._pool(pool) for pool in self.found.pools(shown[0])],
            "closed": [book.column_name(name) for name in self.found.closed],
            "folded": [book.column_name(name) for name in self.found.folded],
            "not_asked": [book.column_name(name) for name in self.not_asked],
        }

    def _use(self, use: Use) -> dict[str, Any]:
        return {
            "channel": self.run.book.column_name(use.name),
            "standing": use.standing,
            "amount": _ends(use.amount),
            "cost": _ends(use.cost),
            "days": _ends(use.days),
            "shares": list(use.shares),
        }

    def _pool(self, pool: Pool) -> dict[str, Any]:
        return {
            "resource": pool.resource,
            "channels": [self.run.book.column_name(use.name) for use in pool.uses],
            "now": _ends(pool.now),
            "at_most": _end(pool.at_most),
        }

    # ------------------------------------------------------------------ for people

    def counted(self, lang: str) -> str:
        """How many channels are open and undecided, and how many sets there are."""
        standings = [use.standing for use in self.found.candidates]
        if not standings:
            return tell(lang, "none")
        counts = {
            "a": standings.count("open"),
            "b": standings.count("undecided"),
            "c": f"{self.found.number:,}",
        }
        return tell(lang, "counted" if self.found.number > 1 else "counted one", **counts)

    def uses(self, lang: str, chosen: Iterable[Use] | None = None) -> list[UseText]:
        """A set (default: the first), in its order."""
        return [self._text(use, lang) for use in (self.found.best if chosen is None else chosen)]

    def _text(self, use: Use, lang: str) -> UseText:
        book, rule = self.run.book, self.run.book.rules[use.name]
        body = rule.body
        named = (body.amount, body.cost, body.days) if isinstance(body, model.Channel) else ("", "", "")
        amount, cost, days = (
            _span_text(book, span, book.rules.get(name), lang, loose=span is use.amount)
            for span, name in zip((use.amount, use.cost, use.days), named, strict=True)
        )
        shares = say(lang, "list").join(resource_label(book, word, lang) for word in use.shares)
        label = capital(label_of(rule, lang))
        short = book.column_name(use.name)
        return UseText(use.name, short, label, use.standing, amount, cost, days, shares)

    def pools(self, lang: str) -> list[PoolText]:
        """What several channels of the first set share."""
        return [self._pool_text(pool, lang) for pool in self.found.pools() if len(pool.uses) > 1]

    def _pool_text(self, pool: Pool, lang: str) -> PoolText:
        book = self.run.book
        amounts = [book.rules[body.amount] for use in pool.uses if (body := _body(book, use)).amount]
        rule, parts = (amounts[0] if amounts else None), []
        if rule is not None:
            now = _span_text(book, pool.now, rule, lang, loose=True) if pool.now[1] else ""
            parts.append(tell(lang, "now", a=now) if now else tell(lang, "nothing now"))
            if isinstance(pool.at_most, Fraction | int):
                most = _span_text(book, (pool.at_most, pool.at_most), rule, lang, loose=True)
                parts.append(tell(lang, "at most", a=most))
        names = say(lang, "pause").join(label_of(book.rules[use.name], lang) for use in pool.uses)
        label = capital(resource_label(book, pool.resource, lang))
        return PoolText(label, say(lang, "comma").join(parts) or tell(lang, "not known"), names)

    def choices(self, lang: str) -> list[str]:
        """What may stand instead of what, a line a choice."""
        book, lines = self.run.book, []

        def names(uses: Iterable[Use]) -> str:
            told = [label_of(book.rules[use.name], lang) for use in uses]
            return say(lang, "and").join(told) or tell(lang, "nothing less")

        for choice in self.found.choices:
            first, *others = choice.alternatives
            kept = [set(first) & set(other) for other in others]
            common = set.intersection(*kept) if kept else set()
            shown = [
                names(use for use in other if use not in common) for other in others[:SHOWN_ALTERNATIVES]
            ]
            if len(others) > SHOWN_ALTERNATIVES:
                shown.append(tell(lang, "more choices", n=len(others) - SHOWN_ALTERNATIVES))
            here = names(use for use in first if use not in common)
            lines.append(tell(lang, "instead", a=here, b=say(lang, "pause").join(shown)))
        return lines

    @property
    def shut(self) -> list[str]:
        """Channels (full names) in force that are closed, the fewest failing conditions first."""
        names = [name for name in self.found.closed if not self.run.value(name).absent]
        return sorted(names, key=self.fails)

    def fails(self, name: str) -> int:
        """How many conditions of a channel fail."""
        return len(blocks(explain(self.run, name)))

    def left_out(self, lang: str) -> list[str]:
        """Channels that are in no set, and why."""
        closed = [name for name in self.found.closed if not self.run.value(name).absent]
        return [*self._named("not open", closed, lang), *self.aside(lang)]

    def aside(self, lang: str) -> list[str]:
        """Those that are in no set for another reason than a condition that fails."""
        absent = [name for name in self.found.closed if self.run.value(name).absent]
        groups = (("not in force", absent), ("folded", self.found.folded), ("not asked", self.not_asked))
        return [text for key, names in groups for text in self._named(key, names, lang)]

    def _named(self, key: str, names: Iterable[str], lang: str) -> list[str]:
        told = [label_of(self.run.book.rules[name], lang) for name in names]
        return [tell(lang, key, n=say(lang, "pause").join(told))] if told else []


def together(run: Run, answers: Mapping[str, Answer], channels: Sequence[str]) -> Together:
    """The compatible sets of some channels (full names) of one enterprise, those asked by its evidence."""
    given = facts_of(run.book, run.case)
    asked = [
        name for name in channels
        if answers[name].status != "unknown" or is_asked(run.book, name, given)
    ]  # fmt: skip
    found = compatible(run.book, answers, run.as_of, asked)
    return Together(run, found, tuple(name for name in channels if name not in asked))


def channels_of(book: model.Rulebook, names: Iterable[str]) -> list[str]:
    """The channels among some rules (full names)."""
    return [name for name in names if book.rules[name].kind == "channel"]


def resource_label(book: model.Rulebook, name: str, lang: str) -> str:
    """The label of a resource."""
    found = book.resources.get(name)
    return (found.label.in_(lang) if found else "") or name.replace("_", " ")


def _body(book: model.Rulebook, use: Use) -> model.Channel:
    body = book.rules[use.name].body
    if not isinstance(body, model.Channel):
        raise TypeError(use.name)
    return body


def _span_text(
    book: model.Rulebook, span: Span | None, rule: model.Rule | None, lang: str, *, loose: bool
) -> str:
    """A number in words; one that is not known only if `loose` and it has an upper end."""
    if span is None or rule is None:
        return ""
    low, high = span
    if low == high or (loose and isinstance(high, Fraction)):
        return value_words(book, Value(Interval(low, high)), rule.type, rule, lang)
    return ""


def _ends(span: Span | None) -> list[str] | None:
    return None if span is None else [_end(span[0]), _end(span[1])]


def _end(end: End) -> str:
    return ("inf" if end > 0 else "-inf") if isinstance(end, float) else str(end)
