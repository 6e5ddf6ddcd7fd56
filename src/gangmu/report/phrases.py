"""Rules and formulas in words: `sum of revenue, fiscal years 2022 to 2024`, from the labels of the rulebook.

A formula is read out, never printed as code. The trick for fiscal years: a filter made of LAST alone is a set
of years once the base fiscal year is known, so `LAST(3) AND NOT LAST(2)` is read as `fiscal year 2022`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gangmu.engine.interpreter import Run
from gangmu.engine.values import Interval, Value
from gangmu.report.format import number_text
from gangmu.report.labels import code_labels, entity_label, label_of, value_words
from gangmu.report.words import say
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import Type

_SIGNS = {"+": " + ", "-": " - ", "*": " × ", "/": " ÷ "}
_YEARS_BACK = 60


@dataclass(slots=True)
class Wording:
    """Words for the rules of one run in one language."""

    run: Run
    lang: str

    def say(self, key: str, **parts: object) -> str:
        """A phrase."""
        return say(self.lang, key, **parts)

    def name(self, rule: model.Rule) -> str:
        """A rule's label, or its name with spaces."""
        return label_of(rule, self.lang)

    def named(self, name: str) -> str:
        """The label of a rule by full name."""
        return self.name(self.run.book.rules[name])

    def entity(self, name: str) -> str:
        """The label of an entity."""
        return entity_label(self.run.book, name, self.lang)

    # ------------------------------------------------------------------ values

    def value(self, value: Value, kind: Type | None, rule: model.Rule | None = None) -> str:
        """A value in words; codes by the labels of the rule that they belong to."""
        return value_words(self.run.book, value, kind, rule, self.lang)

    def code(self, code: str, of: ex.Expression) -> str:
        """A code in quotes, by the labels of what it is compared with."""
        rule = self.rule_of(of)
        known = code_labels(self.run.book, rule.type if rule else None, rule).get(code)
        return f"“{(known.in_(self.lang) if known else '') or code}”"

    def rule_of(self, node: ex.Expression) -> model.Rule | None:
        """The rule that a formula simply names."""
        return self.run.book.rules[node.name] if isinstance(node, ex.Ref | ex.Field) else None

    # ------------------------------------------------------------------ periods

    def period(self, entity: str, period: Value) -> str:
        """The period of a row: `fiscal year 2024`, a day, or nothing."""
        if not isinstance(period.ordinary, Interval) or not period.ordinary.is_point:
            return ""
        kind = self.run.book.entities[entity].period_kind
        if kind == "year":
            return self.say("fiscal year", year=period.ordinary.lo)
        return date.fromordinal(int(period.ordinary.lo)).isoformat() if kind == "date" else ""

    def years(self, years: list[int]) -> str:
        """Fiscal years: one, a span, or a list."""
        if len(years) == 1:
            return self.say("fiscal year", year=years[0])
        if years[-1] - years[0] == len(years) - 1:
            return self.say("years span", a=years[0], b=years[-1])
        return self.say("years list", a=self.say("list").join(map(str, years)))

    # ------------------------------------------------------------------ formulas

    def phrase(self, node: ex.Expression) -> str:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """A formula read out."""
        match node:
            case ex.Number(number):
                return number_text(number, None, self.lang) if number == 0 else str(number)
            case ex.Text(code):
                return f"“{code}”"
            case ex.Truth(known):
                return self.say("yes" if known else "no")
            case ex.Ref(name) | ex.Field(_, name) | ex.StateOf(_, name):
                return self.named(name)
            case ex.Clock(which):
                return self.say(which)
            case ex.Call(name, args):
                return self._call(name, args)
            case ex.Compare(op, left, right):
                target = self.code(right.value, left) if isinstance(right, ex.Text) else self.phrase(right)
                return self.say("colon", a=self.phrase(left), b=self.say(f"is {op}", n=target))
            case ex.In(item, codes):
                listed = self.say("list").join(self.code(code, item) for code in codes)
                return self.say("colon", a=self.phrase(item), b=self.say("is in", n=listed))
            case ex.Like(item, prefix):
                return self.say("colon", a=self.phrase(item), b=self.say("is like", n=prefix))
            case ex.Not(item):
                return self.say("not", n=self.phrase(item))
            case ex.Group(kind, items):
                return self.say("and" if kind == "all_of" else "or").join(self._inner(item) for item in items)
            case ex.Case():
                return self.say("some case")
            case ex.Last(_, n):
                return self.say("last one" if n == 1 else "last", n=n)
            case ex.Aggregate():
                return self._aggregate(node)

    def _inner(self, node: ex.Expression) -> str:
        text = self.phrase(node)
        signs = isinstance(node, ex.Call) and node.name in _SIGNS
        return f"({text})" if signs or isinstance(node, ex.Group) else text

    def _call(self, name: str, args: tuple[ex.Expression, ...]) -> str:
        if name in _SIGNS:
            return _SIGNS[name].join(self._inner(arg) for arg in args)
        texts = [self.phrase(arg) for arg in args]
        if name in ("MONTHS", "DAYS", "YEARS", "ADD_MONTHS", "GROWTH"):
            return self.say(name, a=texts[0], b=texts[1])
        if name in ("LEAST", "GREATEST", "COALESCE"):
            return self.say(name, n=self.say("and" if self.lang == "en" else "list").join(texts))
        if name in ("ABS", "ROUND", "FLOOR", "CEIL", "YEAR"):
            return self.say(name, n=texts[0])
        return f"{name.lower()}({', '.join(texts)})"

    def _aggregate(self, node: ex.Aggregate) -> str:
        what = self.entity(node.entity) if node.item is None else self.phrase(node.item)
        years = None if node.where is None else self._years_in(node.where)
        one_year = years is not None and len(years) == 1 and node.function == "sum"
        text = what if one_year else self.say(node.function, a=what)
        if node.where is None:
            return text
        if years:
            return self.say("over", a=text, b=self.years(years))
        return self.say("over where", a=text, b=self.phrase(node.where))

    def _years_in(self, where: ex.Expression) -> list[int] | None:
        """The fiscal years that a filter of LAST alone lets through; None if it looks at anything else."""
        last = self.run.base_year
        if any(not isinstance(node, ex.Last | ex.Not | ex.Group) for node in ex.walk(where)):
            return None
        return [year for year in range(last - _YEARS_BACK, last) if _lets(where, last - year)]


def _lets(where: ex.Expression, back: int) -> bool:
    """Whether a filter of LAST, NOT, AND, OR lets a row through that is `back` years before the base year."""
    match where:
        case ex.Last(_, n):
            return back <= n
        case ex.Not(item):
            return not _lets(item, back)
        case ex.Group(kind, items, k):
            count = sum(_lets(item, back) for item in items)
            return count >= {"all_of": len(items), "any_of": 1}.get(kind, k)
        case _:
            raise TypeError(where)
