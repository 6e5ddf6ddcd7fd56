"""A small spreadsheet: evaluates the formulas that `gangmu.report.formulas` writes, in doubles.

It is independent of the writer (it reads the file), and small enough to be checked by eye. LibreOffice was
held against the same formulas by hand.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook

_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>"(?:[^"]|"")*")|(?P<cell>(?:\'[^\']+\'|\w+)!\$?[A-Z]+\$?\d+)'
    r"|(?P<word>[A-Z]+)|(?P<sign><=|>=|<>|[-+*/=<>(),{}]))"
)


class NotAvailableError(Exception):
    """The value NA()."""


class Spreadsheet:
    """A workbook as read from a file."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.known: dict[str, Any] = {}

    def cell(self, address: str) -> Any:  # noqa: ANN401  whatever a cell holds
        """The value of `Sheet!$A$1`, its formula evaluated."""
        if address not in self.known:
            sheet, _, place = address.partition("!")
            cell = self.workbook[sheet.strip("'")][place.replace("$", "")]
            value = _day(cell.value)
            self.known[address] = self.formula(str(value)[1:]) if cell.data_type == "f" else value
        return self.known[address]

    def formula(self, text: str) -> Any:  # noqa: ANN401  whatever comes out
        """The value of a formula."""
        parser = _Parser(list(_tokens(text)), self)
        value = parser.compared()
        assert parser.at == len(parser.tokens), f"left over in {text}"
        return value


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None, f"cannot read {text[at:]!r}"
        assert match.lastgroup is not None
        yield match.lastgroup, match.group(match.lastgroup)
        at = match.end()


class _Parser:
    """Recursive descent. IF evaluates the branch that it takes only."""

    def __init__(self, tokens: list[tuple[str, str]], sheet: Spreadsheet) -> None:
        self.tokens, self.sheet, self.at = tokens, sheet, 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        found = self.peek()
        if wanted and found not in wanted:
            return ""
        self.at += 1
        return found

    def compared(self) -> Any:  # noqa: ANN401
        left = self.added()
        while sign := self.take("<=", ">=", "<>", "=", "<", ">"):
            left = _COMPARE[sign](left, self.added())
        return left

    def added(self) -> Any:  # noqa: ANN401
        left = self.multiplied()
        while sign := self.take("+", "-"):
            right = self.multiplied()
            left = left + right if sign == "+" else left - right
        return left

    def multiplied(self) -> Any:  # noqa: ANN401
        left = self.one()
        while sign := self.take("*", "/"):
            right = self.one()
            left = left * right if sign == "*" else left / right
        return left

    def one(self) -> Any:  # noqa: ANN401
        if self.take("-"):
            return -self.one()
        if self.take("("):
            value = self.compared()
            assert self.take(")")
            return value
        if self.take("{"):
            items = [self.one()]
            while self.take(","):
                items.append(self.one())
            assert self.take("}")
            return items
        kind, text = self.tokens[self.at]
        self.at += 1
        match kind:
            case "number":
                return float(text)
            case "text":
                return text[1:-1].replace('""', '"')
            case "cell":
                return self.sheet.cell(text)
        return {"TRUE": True, "FALSE": False}[text] if self.peek() != "(" else self.call(text)

    def call(self, name: str) -> Any:  # noqa: ANN401
        assert self.take("(")
        if name == "IF":
            return self.choose()
        args = []
        while not self.take(")"):
            args.append(self.compared())
            self.take(",")
        return _FUNCTIONS[name](*args)

    def choose(self) -> Any:  # noqa: ANN401
        """IF: the branch not taken may be NA()."""
        test = self.compared()
        values: list[Any] = []
        while self.take(","):
            try:
                values.append(self.compared())
            except NotAvailableError:
                values.append(NotAvailableError)
        assert self.take(")")
        taken = values[0 if test else 1]
        if taken is NotAvailableError:
            raise NotAvailableError
        return taken


def _day(value: Any) -> Any:  # noqa: ANN401
    """Days as the number of days since 1899-12-30, as spreadsheets count."""
    if isinstance(value, datetime):
        value = value.date()
    return value.toordinal() - date(1899, 12, 30).toordinal() if isinstance(value, date) else value


def _to_day(number: float) -> date:
    return date.fromordinal(int(number) + date(1899, 12, 30).toordinal())


def _numbers(args: tuple[Any, ...]) -> list[float]:
    return [arg for arg in args if isinstance(arg, int | float) and not isinstance(arg, bool)]


def _truths(args: tuple[Any, ...]) -> list[bool]:
    """Texts are passed over, as AND and OR do with the cells that they refer to."""
    return [bool(arg) for arg in args if not isinstance(arg, str)]


def _rounded(x: float, digits: float) -> float:
    return math.copysign(math.floor(abs(x) * 10**digits + 0.5) / 10**digits, x)


def _months(start: float, end: float, unit: str) -> int:
    a, b = _to_day(start), _to_day(end)
    months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day)
    return months if unit == "m" else months // 12


def _later(day: float, months: float) -> int:
    start = _to_day(day)
    year, month = divmod(start.year * 12 + start.month - 1 + int(months), 12)
    found = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return found.toordinal() - date(1899, 12, 30).toordinal()


def _not_available() -> None:
    raise NotAvailableError


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *args: math.fsum(_numbers(args)),
    "MIN": lambda *args: min(_numbers(args)),
    "MAX": lambda *args: max(_numbers(args)),
    "AVERAGE": lambda *args: math.fsum(_numbers(args)) / len(_numbers(args)),
    "AND": lambda *args: all(_truths(args)),
    "OR": lambda *args: any(_truths(args)),
    "NOT": lambda arg: not arg,
    "N": lambda arg: 0 if isinstance(arg, str) else arg + 0,
    "NA": _not_available,
    "EXACT": lambda a, b: a == b,
    "LEFT": lambda text, n: text[: int(n)],
    "MATCH": lambda text, items, _: items.index(text) + 1,
    "INDEX": lambda items, _, place: items[int(place) - 1],
    "ROUND": _rounded,
    "ROUNDUP": lambda x, _: math.copysign(math.ceil(abs(x)), x),
    "TRUNC": math.trunc,
    "INT": math.floor,
    "ABS": abs,
    "SQRT": math.sqrt,
    "LN": math.log,
    "EXP": math.exp,
    "POWER": lambda a, b: a**b,
    "YEAR": lambda day: _to_day(day).year,
    "EDATE": _later,
    "DATEDIF": _months,
}
