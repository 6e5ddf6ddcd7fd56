"""A tree of reasons as lines of text that a person reads from top to bottom.

`sentences` walks the tree once and gives flat lines with a depth; terminal, page and JSON only lay them out.
What would be said twice is said once: a condition and its only comparison are one line, a number of law is
named inside the comparison that uses it, a sum is told by its rows, and a rule met again is `as above`.
Each line carries the citations it rests on and the place in the evidence that it was read from.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gangmu.engine.explain import Reason
from gangmu.engine.interpreter import Run
from gangmu.engine.values import INF, Interval, Value, point
from gangmu.evidence.facts import Fact
from gangmu.report.comparison import comparison_text, is_missing
from gangmu.report.labels import capital
from gangmu.report.parts import bar_of, main_part
from gangmu.report.phrases import Wording
from gangmu.report.sentence import (
    Rests,
    Sentence,
    Wanted,
    cite_texts,
    evidence_text,
    join_rests,
    title_words,
    truth_status,
)
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType, TextType, TitleType, TruthType, Type

MAX_ROWS = 12  # rows of an aggregate that are told one by one, unless everything is asked for


def sentences(run: Run, tree: Reason, lang: str = "en", *, full: bool = False) -> list[Sentence]:
    """The lines of a tree: its deciding path, or everything if `full`."""
    teller = _Teller(Wording(run, lang), full)
    teller.tell(tree, 0, wanted=True)
    return teller.lines


def headline(words: Wording, reason: Reason) -> Sentence:
    """The first line of a reason alone."""
    teller = _Teller(words, full=False, shallow=True)
    teller.tell(replace(reason, decides=True), 0, wanted=True)
    return teller.lines[0]


@dataclass(slots=True)
class _Teller:
    words: Wording
    full: bool
    shallow: bool = False
    topped: bool = False
    lines: list[Sentence] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)

    def tell(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        """Add the lines of a reason."""
        if not (reason.decides or self.full) or (self.shallow and self.lines):
            return
        match reason.kind:
            case "not":
                for child in reason.children:
                    self.tell(child, depth, None if wanted is None else not wanted)
            case "input":
                self._input(reason, depth, wanted)
            case "rule" | "parameter":
                self._rule(reason, depth, wanted)
            case "comparison":
                self._comparison(reason, depth, wanted)
            case "all_of" | "any_of" | "at_least":
                self._group(reason, depth, wanted)
            case "aggregate":
                self._aggregate(reason, depth)
            case "row":
                self._row(reason, depth)
            case "state":
                self._state(reason, depth, wanted)
            case "unless":
                self._exception(reason, depth)
            case _:
                self._part(reason, depth, wanted)

    def _add(self, reason: Reason, text: str, depth: int, status: str, rests: Rests | None = None) -> None:
        self.lines.append(Sentence(capital(text), status, depth, reason.decides, rests or Rests()))

    # ------------------------------------------------------------------ rules

    def _rule(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        rule = reason.rule
        if rule is None:
            raise TypeError(reason)
        if id(reason) in self.told and reason.children:
            text = self.words.say(
                "brackets", a=self._rule_text(reason, wanted, []), b=self.words.say("as above")
            )
            self._add(reason, text, depth, self._status(reason, wanted), Rests(rule.name))
            return
        self.told[id(reason)] = rule.name
        main = main_part(reason)
        alone = main is not None and main.value == reason.value and _truth(rule)
        if main is not None and alone and main.kind == "comparison":
            self._comparison(main, depth, wanted, reason)
            self._others(reason, main, depth + 1)
        elif main is not None and alone and main.kind in ("all_of", "any_of", "at_least"):
            text = self._group_text(main, wanted, self._label(reason))
            self._add(reason, text, depth, truth_status(reason.value, wanted), self._rests(reason))
            self._members(main, depth + 1, wanted)
            self._others(reason, main, depth + 1)
        else:
            marks: list[str] = []
            text = self._rule_text(reason, wanted, marks)
            self._add(reason, text, depth, self._status(reason, wanted), self._rests(reason, *marks))
            for child in self._below(reason):
                self.tell(child, depth + 1, self._wanted_of(reason, child, main, wanted))

    def _others(self, reason: Reason, main: Reason, depth: int) -> None:
        """What stands beside the main part of a rule: its exception, the choice of its edition."""
        for child in reason.children:
            if child is not main:
                self.tell(child, depth, None)

    def _below(self, reason: Reason) -> list[Reason]:
        """The children of a value, an aggregate that says the same being told by its rows."""
        found: list[Reason] = []
        body = None if reason.edition is None else reason.edition.body
        for child in reason.children:
            same = child.kind == "aggregate" and len(reason.children) == 1 and child.value == reason.value
            found.extend(self._rows(child) if same else [child])
        if isinstance(body, model.Title) and body.valid_months is not None and not self.full:
            found = [
                child
                for child in found
                if child.rule is None or child.rule.name != body.valid_to or child.fact
            ]
        return found

    def _wanted_of(self, reason: Reason, child: Reason, main: Reason | None, wanted: Wanted) -> Wanted:
        """What is wanted of a child: of the main part the same as of the rule; of a certificate nothing."""
        if child is not main or reason.rule is None:
            return None
        if reason.rule.kind in ("title", "channel", "amount"):
            return True
        return wanted if _truth(reason.rule) else None

    def _label(self, reason: Reason) -> str:
        words, rule = self.words, reason.rule
        text = words.name(rule) if rule is not None else ""
        if reason.line is None or rule is None:
            return text
        period = words.period(reason.line.entity, reason.line.period)
        key = words.run.book.entities[reason.line.entity].key
        facts = reason.line.facts.get(key, ()) if key else ()
        listed = words.say("list").join(part for part in (period, facts[0].text if facts else "") if part)
        return words.say("of period", a=text, b=listed) if listed else text

    def _rule_text(self, reason: Reason, wanted: Wanted, marks: list[str]) -> str:
        """`label: value`, with what the kind of rule adds."""
        words, rule, value = self.words, reason.rule, reason.value
        if rule is None:
            raise TypeError(reason)
        label = self._label(reason)
        if value.ordinary is None and not (value.undefined and value.absent):
            key = "undefined here" if value.undefined else "not in force on"
            return words.say("colon", a=label, b=words.say(key, day=words.run.as_of.isoformat()))
        if isinstance(rule.type, TruthType):
            return words.say("colon", a=label, b=self._truth_words(value, wanted))
        if isinstance(rule.type, TitleType):
            return words.say("colon", a=label, b=title_words(words, rule, value))
        text = words.say("colon", a=label, b=words.value(value, rule.type, rule))
        if reason.row is not None and not reason.row.is_rest:
            marks.append(
                words.say("row", a="", b=reason.row.label.in_(words.lang) or reason.row.name).strip(" ,，")
            )
        body = None if reason.edition is None else reason.edition.body
        if isinstance(body, model.Score) and body.passing is not None:
            side, mark = body.passing
            text += words.say("pause") + words.say(
                f"pass {side}", n=words.value(point(mark.value), rule.type)
            )
        return text

    def _truth_words(self, value: Value, wanted: Wanted) -> str:
        if not value.is_known:
            return self.words.say("open")
        if wanted is None:
            return self.words.say("holds" if value.is_true else "holds not")
        return self.words.say("met" if value.is_true is wanted else "not met")

    def _status(self, reason: Reason, wanted: Wanted) -> str:
        rule, value = reason.rule, reason.value
        if (
            rule is not None
            and isinstance(rule.type, TitleType)
            and value.is_known
            and value.ordinary is not None
        ):
            return str(next(iter(value.codes or ("unknown",))))
        if rule is None or _truth(rule):
            return truth_status(value, wanted)
        if value.ordinary is None:
            return truth_status(value, None)
        return "fact" if value.is_known else "unknown"

    def _rests(self, reason: Reason, *marks: str) -> Rests:
        """Citations, our own reasons, and remarks of a rule."""
        words, rule, found = self.words, reason.rule, list(marks)
        if reason.stated:
            found.append(words.say("stated"))
        if rule is not None and rule.kind != "input" and rule.layer != words.run.book.layers[0]:
            found.append(words.say("layer", n=rule.layer))
        standing = reason.standing
        if standing.ours and self.full:
            found.append(words.say("ours", n=standing.ours))
        fact = self._stated_fact(reason) or (reason.fact if reason.kind == "input" else None)
        return Rests(
            rule.name if rule is not None else "",
            tuple(found),
            cite_texts(words, standing),
            standing.ours,
            () if fact is None else (evidence_text(words, fact),),
        )

    def _stated_fact(self, reason: Reason) -> Fact | None:
        """The figure that a source states in place of the formula."""
        run = self.words.run
        if not reason.stated or reason.rule is None:
            return None
        figures = (figure for figure in run.case.stated if figure.rule == reason.rule.name)
        return next((figure.fact for figure in figures if figure.base_year == run.base_year), None)

    # ------------------------------------------------------------------ comparisons and groups

    def _comparison(self, reason: Reason, depth: int, wanted: Wanted, holder: Reason | None = None) -> None:
        """A comparison in one line with the rule that holds it, and the numbers and facts it names."""
        sides = [child for child in reason.children if self._merges(child, reason)]
        row = next((child.row for child in sides if child.kind == "parameter"), None)
        subject = self._label(holder) if holder is not None else ""
        text = comparison_text(self.words, reason, wanted, subject, row)
        rests = join_rests([self._rests(part) for part in ([holder] if holder is not None else []) + sides])
        if holder is None:
            rests = replace(rests, rule="", ours="")
        self._add(holder or reason, text, depth, truth_status(reason.value, wanted), rests)
        for child in reason.children:
            for part in self._inside(child, reason) if child in sides else self._unrolled(child, reason):
                self.tell(part, depth + 1, None)

    def _inside(self, side: Reason, reason: Reason) -> list[Reason]:
        """What stands below a side of a comparison, unless it was told before."""
        if side.kind == "input" or self.told.get(id(side)) == reason.kind:
            return []
        known, self.told[id(side)] = id(side) in self.told, reason.kind
        return [] if known else self._below(side)

    def _unrolled(self, child: Reason, reason: Reason) -> list[Reason]:
        """An aggregate that is a whole side of the comparison is told by its rows."""
        node = reason.expression
        whole = isinstance(node, ex.Compare) and child.expression in (node.left, node.right)
        return self._rows(child) if child.kind == "aggregate" and whole else [child]

    def _merges(self, child: Reason, reason: Reason) -> bool:
        """Whether a child is a whole side of the comparison, named there already."""
        node = reason.expression
        sides = (node.left, node.right) if isinstance(node, ex.Compare) else ()
        named = [side.name for side in sides if isinstance(side, ex.Ref | ex.Field)]
        return (
            child.rule is not None
            and child.rule.name in named
            and child.kind in ("input", "parameter", "rule")
        )

    def _group_text(self, reason: Reason, wanted: Wanted, label: str) -> str:
        """`label: 2 of 3 conditions not met`; a group under a NOT is read the other way round."""
        words, kind = self.words, reason.kind
        if wanted is False:
            kind = {"all_of": "any_of", "any_of": "all_of"}.get(kind, kind)  # type: ignore[assignment]
        parts = [
            child for child in reason.children if child.value.ordinary is not None or child.value.undefined
        ]
        good = wanted is not False
        met = sum(
            child.value.is_known and (child.value.is_true if good else child.value.is_false)
            for child in parts
        )
        open_ = sum(not child.value.is_known for child in parts)
        one = kind == "at_least" and reason.label == "1"
        name = {"all_of": "all", "any_of": "any"}.get("any_of" if one else kind, "some")
        status = truth_status(reason.value, wanted is not False)
        end = {"met": "met", "unknown": "open"}.get(status, "fail")
        count = {"all fail": len(parts) - met - open_, "all open": open_, "any open": open_}
        key = "both met" if (name, end, len(parts)) == ("all", "met", 2) else f"{name} {end}"
        if len(parts) == 1:
            text = self._truth_words(reason.value, wanted)
        elif reason.value.ordinary is None and not reason.value.undefined:
            text = words.say("not in force on", day=words.run.as_of.isoformat())
        else:
            k = met + open_ if key == "some fail" else count.get(key, met)
            text = words.say(key, n=len(parts), k=k, j=open_, m=reason.label)
        return words.say("colon", a=label, b=text) if label else text

    def _group(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        """A group without a name; one that rests on one member is told by that member."""
        told = [child for child in reason.children if child.decides or self.full]
        if len(told) == 1 and not self.full and told[0].value == reason.value:
            self.tell(told[0], depth, wanted)
            return
        self._add(reason, self._group_text(reason, wanted, ""), depth, truth_status(reason.value, wanted))
        self._members(reason, depth + 1, wanted)

    def _members(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        inner = None if reason.kind == "at_least" and wanted is False else wanted
        choice = reason.kind in ("any_of", "at_least") and wanted is True and not self.full
        top, self.topped = not (self.topped or self.full), True
        for child in reason.children:
            if child.decides or self.full:
                self.tell((bar_of(child) if choice else None) or child, depth, inner)
            elif top and bar_of(child) is None:
                self._mention(child, depth, inner)

    def _mention(self, child: Reason, depth: int, wanted: Wanted) -> None:
        """One line for a member of the first group on which the answer does not rest."""
        teller = _Teller(self.words, full=False, shallow=True)
        teller.tell(replace(child, decides=True), depth, wanted)
        self.lines.extend(replace(line, decides=False) for line in teller.lines)

    def _exception(self, reason: Reason, depth: int) -> None:
        """An exception: what waives the condition, or that it does not apply."""
        child = reason.children[0]
        before = len(self.lines)
        waives = reason.value.is_true
        self.tell(replace(child, decides=reason.decides), depth, True if waives else None)
        if len(self.lines) > before:
            first = self.lines[before]
            key = "waived" if waives else "exception" if reason.value.is_known else "exception open"
            text = self.words.say(key, n=_small(first.text))
            self.lines[before] = replace(first, text=capital(text))

    def _state(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        """HELD, CONDITIONS_MET, PASSES of a rule."""
        words = self.words
        need = words.say(f"state {reason.label}")
        label = words.name(reason.rule) if reason.rule is not None else ""
        text = words.say("compared", a=label, b=need, c=self._truth_words(reason.value, wanted))
        self._add(reason, text, depth, truth_status(reason.value, wanted))
        for child in reason.children:
            self.tell(child, depth + 1, None)

    # ------------------------------------------------------------------ facts and rows

    def _input(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        words, rule, fact = self.words, reason.rule, reason.fact
        if rule is None:
            raise TypeError(reason)
        if fact is not None and fact.value is None:
            text = words.say("none")
        elif is_missing(reason) and not isinstance(rule.type, TextType):
            text = words.say("unknown")
        elif isinstance(rule.type, TextType):
            text = words.say("not given") if fact is None else words.say("text given", n=fact.text)
        else:
            text = words.value(reason.value, rule.type, rule)
        status = self._status(reason, wanted)
        place = () if fact is None else (evidence_text(words, fact),)
        line = words.say("colon", a=self._label(reason), b=text)
        self._add(reason, line, depth, status, Rests(rule.name, evidence=place))

    def _aggregate(self, reason: Reason, depth: int) -> None:
        words = self.words
        rows = self._rows(reason)
        if len(rows) == 1 and rows[0].value == reason.value and rows[0].children:
            self.tell(rows[0], depth, None)
            return
        label = words.phrase(reason.expression) if reason.expression is not None else reason.label
        text = words.say("colon", a=label, b=words.value(reason.value, self._row_type(reason)))
        status = "fact" if reason.value.is_known else "unknown"
        self._add(reason, text, depth, status)
        for row in rows:
            self.tell(row, depth + 1, None)

    def _row_type(self, reason: Reason) -> Type | None:
        """The type of what an aggregate adds up: that of its first named part."""
        if reason.label == "count":
            return NumberType((("count", 1),))
        kinds = (part.type for row in reason.children for part in row.children if part.type is not None)
        return next(kinds, None)

    def _rows(self, reason: Reason) -> list[Reason]:
        """The rows of an aggregate, the first ones if there are many."""
        rows = sorted(reason.children, key=_period_key)
        if self.full or len(rows) <= MAX_ROWS:
            return rows
        rest = Reason("formula", reason.value, label=self.words.say("more like this", n=len(rows) - MAX_ROWS))
        return [*rows[:MAX_ROWS], rest]

    def _row(self, reason: Reason, depth: int) -> None:
        words, line = self.words, reason.line
        if line is None:
            raise TypeError(reason)
        entity, period = words.entity(line.entity), words.period(line.entity, line.period)
        if line.many:
            self._add(reason, words.say("more rows", entity=entity), depth, "unknown")
        elif line.given is None and isinstance(line.period.ordinary, Interval):
            key = "no row year" if line.certain else "no row maybe"
            self._add(reason, words.say(key, year=line.period.ordinary.lo), depth, "unknown")
        elif len(reason.children) == 1:
            self.tell(reason.children[0], depth, None)
        else:
            counts = words.say("counts" if line.certain else "counts maybe")
            text = words.say("colon", a=words.say("one row", a=entity, b=period), b=counts)
            self._add(reason, text, depth, "fact", Rests(evidence=(line.given.at,) if line.given else ()))
            for child in reason.children:
                self.tell(child, depth + 1, None)

    def _part(self, reason: Reason, depth: int, wanted: Wanted) -> None:
        """A limit of an amount, a part of a score, another piece of a formula."""
        words = self.words
        if reason.kind in ("limit", "part"):
            label = words.say(reason.kind, n=reason.label.replace("_", " "))
            text = words.say("colon", a=label, b=words.value(reason.value, reason.type))
            status = "fact" if reason.value.is_known else "unknown"
            marks = (words.say("binds"),) if reason.kind == "limit" and reason.decides else ()
            self._add(reason, text, depth, status, Rests(marks=marks))
        elif reason.expression is None:
            self._add(reason, reason.label, depth, "fact")
        else:
            text, status = (
                self._formula_text(reason, reason.expression, wanted),
                truth_status(reason.value, wanted),
            )
            facts = [
                child.fact for child in reason.children if child.kind == "input" and child.fact is not None
            ]
            places = tuple(evidence_text(words, fact) for fact in facts)
            self._add(reason, text, depth, status, Rests(evidence=places))
        for child in reason.children:
            if not (reason.kind == "formula" and child.kind == "input"):
                self.tell(child, depth + 1, None)

    def _formula_text(self, reason: Reason, node: ex.Expression, wanted: Wanted) -> str:
        """Membership of a code, or any other test."""
        words = self.words
        if not isinstance(node, ex.In | ex.Like):
            return words.say("colon", a=words.phrase(node), b=self._truth_words(reason.value, wanted))
        key = "like" if isinstance(node, ex.Like) else "in"
        listed = (
            [node.prefix]
            if isinstance(node, ex.Like)
            else [words.code(code, node.item) for code in node.codes]
        )
        need = {True: "need ", False: "need not ", None: "is "}[wanted] + key
        child = reason.children[0] if reason.children else None
        have = words.value(child.value, child.type, child.rule) if child is not None else ""
        target = words.say(need, n=words.say("list").join(listed))
        text = words.say("compared", a=words.phrase(node.item), b=have, c=target)
        return text + words.say("pause") + self._truth_words(reason.value, wanted)


def _truth(rule: model.Rule) -> bool:
    return isinstance(rule.type, TruthType)


def _small(text: str) -> str:
    """With a small first letter, unless it is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _period_key(row: Reason) -> tuple[float, int]:
    """Rows in the order of their periods."""
    period = None if row.line is None else row.line.period.ordinary
    known = isinstance(period, Interval) and period.is_point
    return (float(period.lo), 0) if known and isinstance(period, Interval) else (INF, 0)
