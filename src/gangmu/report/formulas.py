"""Rules as spreadsheet formulas: SUM, MIN, IF, AND, >= over the cells of the ledger.

A formula is written only where the cell comes out as Gangmu's own answer: every fact that it reads is known,
and every function has an equivalent. Spreadsheets count in doubles, so a comparison that ties exactly is
written with a ROUND of the difference, and one decided behind the twelfth digit is not left to a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gangmu.engine.calendar import to_date
from gangmu.engine.interpreter import Run
from gangmu.engine.rows import Line
from gangmu.engine.values import Interval, Value, point
from gangmu.report.ledger import (
    Ledger,
    WorkingRow,
    cell_value,
    fact_row,
    known_number,
    parameter_row,
    working_row,
)
from gangmu.report.phrases import Wording
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.types import LevelType, TruthType

MOST_ARGUMENTS = 200
MOST_ROWS = 40  # of a table that is written as nested IFs
TOO_CLOSE = Fraction(1, 10**12)  # relative
SAFE_DAY = 28  # DATEDIF counts months as we do for starts up to this day of the month
_INFIX = {"+", "-", "*", "/"}
_PLAIN = {"LEAST": "MIN", "GREATEST": "MAX", "ABS": "ABS", "SQRT": "SQRT", "LN": "LN", "EXP": "EXP"}
_AGGREGATES = {"sum": "SUM", "min": "MIN", "max": "MAX", "avg": "AVERAGE"}
_ROUNDS: dict[str, Callable[[str, str], str]] = {
    "half_up": lambda x, step: f"ROUND({x}/{step},0)*{step}",
    "down": lambda x, step: f"TRUNC({x}/{step})*{step}",
    "up": lambda x, step: f"ROUNDUP({x}/{step},0)*{step}",
    "ROUND": lambda x, step: f"ROUND({x}/{step},0)*{step}",
    "FLOOR": lambda x, step: f"INT({x}/{step})*{step}",
    "CEIL": lambda x, step: f"-INT(-{x}/{step})*{step}",
}


class NoFormulaError(Exception):
    """A cell that no spreadsheet formula gives; the message is a phrase that says why."""


@dataclass(slots=True)
class CaseCells:
    """The cells of one case. `rule` gives the address of a rule's cell, writing it if need be."""

    words: Wording
    ledger: Ledger
    as_of: str  # address of the as-of date
    cells: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def run(self) -> Run:
        """The run that the cells are of."""
        return self.words.run

    # ------------------------------------------------------------------ cells

    def rule(self, name: str, line: Line | None = None) -> str:
        """The address of a rule's cell: a fact, a number of law, or a working cell."""
        key = (name, -1 if line is None else line.id)
        if key not in self.cells:
            rule = self.run.book.rules[name]
            self.cells[key] = self._input(rule, line) if rule.kind == "input" else self._rule(rule, line)
        return self.cells[key]

    def _input(self, rule: model.Rule, line: Line | None) -> str:
        fact, value = self.run.fact(rule, line), self.run.value(rule.name, line)
        return self.ledger.add_evidence(fact_row(self.words, rule, line, fact, value))

    def _rule(self, rule: model.Rule, line: Line | None) -> str:
        value = self.run.value(rule.name, line)
        editions = self.run.editions(rule, line)
        edition = editions[0][0] if len(editions) == 1 and editions[0][1].is_true else None
        formula, how = "", self.words.say("by formula")
        try:
            formula = self._formula(rule, edition, value, line)
        except NoFormulaError as why:
            how = self.words.say("by gangmu", why=self.words.say(str(why)))
        if edition is not None and _is_number_of_law(edition.body) and formula:
            return formula
        row = working_row(self.words, rule, line, value, formula=formula, edition=edition, how=how)
        return self.ledger.add_working(row)

    def _formula(
        self, rule: model.Rule, edition: model.Edition | None, value: Value, line: Line | None
    ) -> str:
        if not value.is_known or value.ordinary is None:
            self._touch(rule, edition, line)
            raise NoFormulaError("why open")
        if rule.name in self.run.stated:
            return self._stated(rule)
        if edition is None:
            raise NoFormulaError("why editions")
        return self._body(rule, edition, value, line)

    def _touch(self, rule: model.Rule, edition: model.Edition | None, line: Line | None) -> None:
        """Write the cells below a cell that is open itself, as far as they are known."""
        if edition is not None:
            try:
                self._body(rule, edition, self.run.value(rule.name, line), line)
            except NoFormulaError:
                return

    def _stated(self, rule: model.Rule) -> str:
        figures = (
            f.fact for f in self.run.case.stated if f.rule == rule.name and f.base_year == self.run.base_year
        )
        fact = next(figures, None)
        if fact is None:
            raise NoFormulaError("why none")
        return self.ledger.add_evidence(fact_row(self.words, rule, None, fact, self.run.value(rule.name)))

    def item(self, node: ex.Expression, line: Line | None) -> str:
        """The address of a member of a group: a rule's cell, or a working cell of its own."""
        if isinstance(node, ex.Ref):
            return self.rule(node.name)
        if isinstance(node, ex.Field):
            return self.rule(node.name, line)
        value, formula, how = self.run.eval(node, line), "", self.words.say("by formula")
        try:
            formula = self.text(node, line)
            self._need(node, line)
        except NoFormulaError as why:
            formula, how = "", self.words.say("by gangmu", why=self.words.say(str(why)))
        shown = cell_value(self.words, value, TruthType(), None)
        label = self.words.phrase(node)
        row = WorkingRow(self.run.case.key, "", label, formula, shown, TruthType(), "", "", how)
        return self.ledger.add_working(row)

    def number(
        self, path: str, quantity: model.Quantity, rule: model.Rule, row: model.Row | None = None
    ) -> str:
        """The address of a number of law."""
        edition = next(e for e, _ in self.run.editions(rule))
        standing = row.standing if row is not None and row.standing is not None else edition.standing
        full = f"{rule.name}.{path}{_edition_mark(rule, edition)}"
        return self.ledger.add_parameter(parameter_row(self.words, full, quantity, standing, edition))

    # ------------------------------------------------------------------ bodies

    def _body(self, rule: model.Rule, edition: model.Edition, value: Value, line: Line | None) -> str:
        match edition.body:
            case model.Formula() as body:
                return self._formula_body(rule, body, line)
            case model.Table() as body:
                return self._table(rule, body, line)
            case model.Score() as body:
                return self._score(rule, body)
            case model.LevelOf() as body:
                return self._level(rule, body)
            case model.Amount() as body:
                return self._amount(rule, body)
            case model.Title() as body:
                for name in (body.number, body.valid_from, body.valid_to):
                    if name:
                        self.rule(name)
                met = self.item(body.conditions, None)
                if value.codes is None or not value.codes <= {"conditions_met", "blocked"}:
                    raise NoFormulaError("why certificate")
                return f'IF({met},"conditions_met","blocked")'
            case model.Channel() as body:
                return self.item(body.open, None)
            case _:
                raise NoFormulaError("why none")

    def _formula_body(self, rule: model.Rule, body: model.Formula, line: Line | None) -> str:
        if body.unless is not None:
            return f"OR({self.item(body.expression, line)},{self.item(body.unless, line)})"
        return self._rounded(rule, self.text(body.expression, line), body.rounding)

    def _rounded(self, rule: model.Rule, text: str, rounding: model.Rounding | None) -> str:
        if rounding is None:
            return text
        if rounding.how not in _ROUNDS:
            raise NoFormulaError("why none")
        return _ROUNDS[rounding.how](f"({text})", self.number("round", rounding.to, rule))

    def _table(self, rule: model.Rule, body: model.Table, line: Line | None) -> str:
        if body.by is None and len(body.rows) == 1 and body.rows[0].cell.number is not None:
            return self.number("value", body.rows[0].cell.number, rule, body.rows[0])
        if len(body.rows) > MOST_ROWS:
            raise NoFormulaError("why long")
        by = None if body.by is None else (self.text(body.by, line), self.run.eval(body.by, line))
        tests = [self._row_tests(rule, row, by, line) for row in body.rows]
        cells = [self._cell(rule, row) for row in body.rows]
        if body.hit == "sum":
            return "+".join(f"IF({_and(test)},{cell},0)" for test, cell in zip(tests, cells, strict=True))
        if body.hit == "best":
            raise NoFormulaError("why none")
        text = "NA()"
        for test, cell in reversed(list(zip(tests, cells, strict=True))):
            text = f"IF({_and(test)},{cell},{text})" if test else cell
        return text

    def _row_tests(
        self, rule: model.Rule, row: model.Row, by: tuple[str, Value] | None, line: Line | None
    ) -> list[str]:
        tests = []
        signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
        if by is not None:
            text, value = by
            for side, bound in row.bounds.items():
                cell = self.number(f"{row.name}.{side}", bound, rule, row)
                tests.append(_compared(signs[side], (text, value), (cell, point(bound.value))))
            if row.codes or row.prefixes:
                tests.append(_code_test(text, row))
        if row.when is not None:
            tests.append(self.text(row.when, line))
        return tests

    def _cell(self, rule: model.Rule, row: model.Row) -> str:
        cell = row.cell
        if cell.number is not None:
            return self.number(f"{row.name}.value", cell.number, rule, row)
        if cell.code is not None:
            return _quoted(cell.code)
        if cell.truth is not None:
            return "TRUE" if cell.truth else "FALSE"
        if cell.answer is not None and self.run.value(cell.answer).is_known:
            return self.rule(cell.answer)
        raise NoFormulaError("why none")

    def _score(self, rule: model.Rule, body: model.Score) -> str:
        parts = []
        for part in body.parts:
            text = self.text(part.expression, None)
            cap = None if part.cap is None else self.number(f"parts.{part.name}.cap", part.cap, rule)
            parts.append(text if cap is None else f"MIN({text},{cap})")
        total = f"SUM({','.join(parts)})"
        if body.cap is not None:
            total = f"MIN({total},{self.number('cap', body.cap, rule)})"
        return self._rounded(rule, total, body.rounding)

    def _level(self, rule: model.Rule, body: model.LevelOf) -> str:
        if not isinstance(rule.type, LevelType):
            raise NoFormulaError("why none")
        ranks = ",".join(_rank(self.text(node, None), rule.type.scale) for node in body.of)
        pick = "MIN" if body.pick == "least" else "MAX"
        return f"INDEX({_array(rule.type.scale)},1,{pick}({ranks}))"

    def _amount(self, rule: model.Rule, body: model.Amount) -> str:
        opens = None if body.when is None else self.item(body.when, None)
        if body.when is not None and self.run.eval(body.when, None).is_false:
            return f"IF({opens},NA(),0)"
        limits = ",".join(self.text(node, None) for _, node in body.limits)
        text = self._rounded(rule, f"MIN({limits})", body.rounding)
        return text if opens is None else f"IF({opens},{text},0)"

    # ------------------------------------------------------------------ formulas

    def text(self, node: ex.Expression, line: Line | None) -> str:  # noqa: C901, PLR0911, PLR0912  one arm a node type
        """A formula as spreadsheet text. Raises `NoFormulaError`."""
        match node:
            case ex.Number(number):
                return (
                    str(number) if number.denominator == 1 else f"({number.numerator}/{number.denominator})"
                )
            case ex.Text(code):
                return _quoted(code)
            case ex.Truth(known):
                return "TRUE" if known else "FALSE"
            case ex.Ref() | ex.Field():
                cell = self.item(node, line)
                self._need(node, line)
                return cell
            case ex.Clock(which):
                return self.as_of if which == "as_of" else str(self.run.base_year)
            case ex.Call(name, args):
                return self._call(name, args, line)
            case ex.Compare(op, left, right):
                return self._compare(op, left, right, line)
            case ex.In(item, codes):
                text = self.text(item, line)
                return f"OR({','.join(f'EXACT({text},{_quoted(code)})' for code in codes)})"
            case ex.Like(item, prefix):
                return f"EXACT(LEFT({self.text(item, line)},{len(prefix)}),{_quoted(prefix)})"
            case ex.Not(item):
                cell = self.item(item, line)
                self._need(item, line)
                return f"NOT({cell})"
            case ex.Group():
                return self._group(node, line)
            case ex.Case(whens, otherwise):
                return self._case(whens, otherwise, line)
            case ex.Aggregate():
                return self._aggregate(node)
            case ex.StateOf("CONDITIONS_MET", name):
                return self._conditions(name)
            case ex.StateOf("PASSES", name):
                return self._passes(name)
            case _:
                raise NoFormulaError("why none")

    def _need(self, node: ex.Expression, line: Line | None) -> None:
        """A formula cannot read what is not known."""
        value = self.run.eval(node, line)
        if not value.is_known or value.ordinary is None:
            raise NoFormulaError("why open")

    def _call(self, name: str, args: tuple[ex.Expression, ...], line: Line | None) -> str:
        texts = [self.text(arg, line) for arg in args]
        if name in _INFIX:
            return f"({name.join(texts)})" if len(texts) > 1 else f"({name}{texts[0]})"
        if name in _PLAIN:
            return f"{_PLAIN[name]}({','.join(texts)})"
        match name:
            case "POWER":
                return f"POWER({texts[0]},{texts[1]})"
            case "ROUND" | "FLOOR" | "CEIL":
                return f"({_ROUNDS[name](f'({texts[0]})', texts[1] if len(texts) > 1 else '1')})"
            case "GROWTH":
                return f"(POWER({texts[0]}/{texts[1]},1/{texts[2]})-1)"
            case "DAYS":
                return f"({texts[1]}-{texts[0]})"
            case "YEAR":
                return f"YEAR({texts[0]})"
            case "ADD_MONTHS":
                return f"EDATE({texts[0]},{texts[1]})"
            case "MONTHS" | "YEARS":
                return self._months(name, args, texts, line)
            case _:
                raise NoFormulaError("why none")

    def _months(
        self, name: str, args: Sequence[ex.Expression], texts: Sequence[str], line: Line | None
    ) -> str:
        """Completed months, where DATEDIF counts them as we do (years in months, as everywhere)."""
        start, end = (known_number(self.run.eval(arg, line)) for arg in args)
        if start is None or end is None or end < start or to_date(start).day > SAFE_DAY:
            raise NoFormulaError("why none")
        unit = "m" if name == "MONTHS" else "y"
        text = f'DATEDIF({texts[0]},{texts[1]},"{unit}")'
        return text if name == "MONTHS" else f"({text}*12)"

    def _compare(self, op: str, left: ex.Expression, right: ex.Expression, line: Line | None) -> str:
        sides = [(self.text(side, line), self.run.eval(side, line)) for side in (left, right)]
        for side in (left, right):
            self._need(side, line)
        rules = [self.words.rule_of(side) for side in (left, right)]
        scale = next(
            (rule.type.scale for rule in rules if rule is not None and isinstance(rule.type, LevelType)), ()
        )
        if scale and op not in ("=", "<>"):
            return f"{_rank(sides[0][0], scale)}{op}{_rank(sides[1][0], scale)}"
        return _compared(op, sides[0], sides[1])

    def _group(self, node: ex.Group, line: Line | None) -> str:
        """The members by their cells; AND and OR pass over the texts of what is not known."""
        cells = [self.item(item, line) for item in node.items]
        if len(cells) > MOST_ARGUMENTS:
            raise NoFormulaError("why long")
        if node.kind == "at_least":
            return f"SUM({','.join(f'N({cell})' for cell in cells)})>={node.k}"
        return f"{'AND' if node.kind == 'all_of' else 'OR'}({','.join(cells)})"

    def _case(
        self,
        whens: tuple[tuple[ex.Expression, ex.Expression], ...],
        otherwise: ex.Expression | None,
        line: Line | None,
    ) -> str:
        """IFs down to the branch that is taken (those after it may be unknown)."""
        tests = []
        for test, then in whens:
            self._need(test, line)
            tests.append((self.item(test, line), then))
            if self.run.eval(test, line).is_true:
                text = "NA()"
                break
        else:
            text = "NA()" if otherwise is None else self.text(otherwise, line)
        last = len(tests) - 1
        for place in range(last, -1, -1):
            cell, then = tests[place]
            taken = place == last and self.run.eval(whens[place][0], line).is_true
            text = f"IF({cell},{self.text(then, line) if taken else 'NA()'},{text})"
        return text

    def _aggregate(self, node: ex.Aggregate) -> str:
        members = [line for line in self.run.lines(node.entity) if self._counts(node, line)]
        if node.item is None or node.function not in _AGGREGATES:
            raise NoFormulaError("why none")
        if len(members) > MOST_ARGUMENTS:
            raise NoFormulaError("why long")
        cells = [self._member(node.item, line) for line in members]
        if None in cells or any(not line.certain or line.many for line in members):
            raise NoFormulaError("why open")
        return f"{_AGGREGATES[node.function]}({','.join(cell or '' for cell in cells) or '0'})"

    def _member(self, node: ex.Expression, line: Line) -> str | None:
        try:
            return self.text(node, line)
        except NoFormulaError:
            return None

    def _counts(self, node: ex.Aggregate, line: Line) -> bool:
        test = None if node.where is None else self.run.eval(node.where, line)
        if test is not None and not test.is_known:
            raise NoFormulaError("why open")
        return test is None or test.is_true

    def _conditions(self, name: str) -> str:
        bodies = [e.body for e, _ in self.run.editions(self.run.book.rules[name])]
        if len(bodies) != 1 or not isinstance(bodies[0], model.Title):
            raise NoFormulaError("why editions")
        self._need(bodies[0].conditions, None)
        return self.item(bodies[0].conditions, None)

    def _passes(self, name: str) -> str:
        rule = self.run.book.rules[name]
        bodies = [e.body for e, _ in self.run.editions(rule)]
        if len(bodies) != 1 or not isinstance(bodies[0], model.Score) or bodies[0].passing is None:
            raise NoFormulaError("why editions")
        self._need(ex.Ref(name), None)
        side, mark = bodies[0].passing
        tests = []
        for part, worth in self.run.score_parts(bodies[0]):
            if part.min is not None:
                floor = (self.number(f"parts.{part.name}.min", part.min, rule), point(part.min.value))
                tests.append(_compared(">=", (self.text(part.expression, None), worth), floor))
        need = (self.number("pass", mark, rule), point(mark.value))
        sign = ">=" if side == "ge" else ">"
        tests.append(_compared(sign, (self.rule(name), self.run.value(name)), need))
        return _and(tests)


def _is_number_of_law(body: model.Body) -> bool:
    """Whether a rule is one number, whose cell is that of the number itself."""
    return isinstance(body, model.Table) and body.by is None and len(body.rows) == 1


def _edition_mark(rule: model.Rule, edition: model.Edition) -> str:
    """What a path says of its edition: its first day, and its place among those of that day."""
    same = [other for other in rule.editions if other.start == edition.start]
    dated = f"@{edition.start}" if len(rule.editions) > 1 and edition.start else ""
    return f"{dated}#{same.index(edition) + 1}" if len(same) > 1 else dated


def _and(tests: Sequence[str]) -> str:
    return tests[0] if len(tests) == 1 else f"AND({','.join(tests)})" if tests else "TRUE"


def _quoted(code: str) -> str:
    doubled = code.replace('"', '""')
    return f'"{doubled}"'


def _array(scale: Sequence[str]) -> str:
    return "{" + ",".join(_quoted(code) for code in scale) + "}"


def _rank(text: str, scale: Sequence[str]) -> str:
    return f"MATCH({text},{_array(scale)},0)"


def _code_test(text: str, row: model.Row) -> str:
    tests = [f"EXACT({text},{_quoted(code)})" for code in row.codes]
    tests += [f"EXACT(LEFT({text},{len(prefix)}),{_quoted(prefix)})" for prefix in row.prefixes]
    some = f"OR({','.join(tests)})"
    barred = [f"EXACT(LEFT({text},{len(prefix)}),{_quoted(prefix)})" for prefix in row.except_prefixes]
    return f"AND({some},NOT(OR({','.join(barred)})))" if barred else some


def _compared(op: str, left: tuple[str, Value], right: tuple[str, Value]) -> str:
    """A comparison that comes out in doubles as in fractions. Raises `NoFormulaError` where none does."""
    if not isinstance(left[1].ordinary, Interval):
        same = f"EXACT({left[0]},{right[0]})"
        return f"NOT({same})" if op == "<>" else same
    a, b = known_number(left[1]), known_number(right[1])
    if a is None or b is None:
        raise NoFormulaError("why open")
    if a == b:
        return f"ROUND({left[0]}-{right[0]},9){op}0"
    if abs(a - b) <= TOO_CLOSE * max(abs(a), abs(b)):
        raise NoFormulaError("why close")
    return f"{left[0]}{op}{right[0]}"
