"""Random formulas of a wanted type, over the names that a book has so far.

Every formula is text of the language, so the parser is held to it too, and a difference can be handed over
as a page. `Piece.bits` estimates how wide an exact result gets: a formula that would need more than an
engine's widest integers is not written, since all that it would test is a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple, TypeVar

UNITS = ("ratio", "CNY", "persons", "points", "months", "days", "items")
COMPARATORS = ("<", "<=", ">", ">=", "=", "<>")
NARROW = 50  # of an input
MAX_BITS = 330  # of one side: a comparison multiplies two
STEPLESS = ("ratio", "persons", "points", "months", "items")
OF_ROWS = 4  # how much wider a sum of quotients may be than one of them

One = TypeVar("One")


class Piece(NamedTuple):
    """A formula and about how many bits its exact result may need."""

    text: str
    bits: int = 0


@dataclass
class Names:
    """What formulas may call, by type. `codes` and `levels` come with texts worth comparing with."""

    numbers: dict[str, list[Piece]] = field(default_factory=lambda: {unit: [] for unit in UNITS})
    parameters: dict[str, list[Piece]] = field(default_factory=lambda: {unit: [] for unit in UNITS})
    truths: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    codes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    levels: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    scores: list[str] = field(default_factory=list)
    entities: dict[str, Names] = field(default_factory=dict)  # what a row's formulas call beside the owner's
    by_year: frozenset[str] = frozenset()  # entities whose period is a fiscal year
    entity: str = ""  # the entity in whose rows these names are

    def copy(self) -> Names:
        """The same names, to which others can be added."""
        return Names(
            {unit: list(pieces) for unit, pieces in self.numbers.items()},
            {unit: list(pieces) for unit, pieces in self.parameters.items()},
            list(self.truths), list(self.dates), list(self.codes), list(self.levels), list(self.titles),
            list(self.scores), self.entities, self.by_year, self.entity,
        )  # fmt: skip


class Formulas:
    """Draws formulas from a source of chance."""

    def __init__(self, random: Random, names: Names, owner: Names | None = None) -> None:
        """`names` are what is called; within rows, those of the row, and `owner` those of the owner."""
        self.random, self.names, self.owner = random, names, owner

    # ------------------------------------------------------------------ chance

    def pick(self, items: Sequence[One]) -> One:
        """One of some."""
        return items[self.random.randrange(len(items))]

    def chance(self, percent: int) -> bool:
        """True so often in a hundred."""
        return self.random.randrange(100) < percent

    def weighted(self, choices: Sequence[tuple[int, str]]) -> str:
        """A word, in proportion to its weight."""
        left = self.random.randrange(sum(weight for weight, _ in choices))
        for weight, word in choices:
            left -= weight
            if left < 0:
                return word
        raise AssertionError

    def split(self, size: int) -> tuple[int, int]:
        """A size shared between two sides."""
        left = self.random.randint(1, max(1, size - 1))
        return left, max(1, size - left)

    # ------------------------------------------------------------------ numbers

    def number(self, unit: str, size: int) -> Piece:
        """A number of a unit, of about `size` leaves."""
        if size <= 1:
            return self._leaf(unit)
        found = self._compound(unit, size)
        return found if found.bits <= MAX_BITS else self._leaf(unit)

    def _leaf(self, unit: str) -> Piece:
        row, owner = self.names.numbers[unit], self.owner.numbers[unit] if self.owner else []
        named = row if row and (not owner or self.chance(75)) else owner
        kind = self.weighted(((12, "named"), (3, "parameter"), (1, "literal")))
        if kind == "named" and named:
            return self.pick(named)
        if kind == "literal" and unit == "ratio":
            return Piece(self.pick(("0", "1")), 1)
        return self.parameter(unit)

    def parameter(self, unit: str) -> Piece:
        """A number of law."""
        return self.pick((self.owner or self.names).parameters[unit])

    def _compound(self, unit: str, size: int) -> Piece:
        choices = [(12, "+-"), (5, "*"), (7, "/"), (4, "extreme"), (3, "COALESCE"), (2, "NULLIF")]
        choices += [(2, "ABS"), (1, "minus"), (4, "step"), (4, "CASE")]
        if unit == "ratio":
            choices += [(4, "POWER"), (3, "GROWTH"), (10, "root"), (3, "fraction")]
        if unit in ("months", "days"):
            choices.append((24, "span"))
        if self.owner is None and self.names.entities:
            choices.append((9, "aggregate"))
            if unit == "items":
                choices.append((12, "count"))
        return self._write(self.weighted(choices), unit, size)

    def _write(self, kind: str, unit: str, size: int) -> Piece:  # noqa: C901, PLR0911, PLR0912  one arm a shape
        a, b = self.split(size)
        match kind:
            case "+-":
                one, two = self.number(unit, a), self.number(unit, b)
                return Piece(f"({one.text} {self.pick('+-')} {two.text})", one.bits + two.bits)
            case "*":
                one, two = self.number(unit, a), self.number("ratio", b)
                if self.chance(50):
                    one, two = two, one
                return Piece(f"({one.text} * {two.text})", one.bits + two.bits)
            case "/":
                top = self.pick(UNITS) if unit == "ratio" else unit
                one, two = self.number(top, a), self.number(top if unit == "ratio" else "ratio", b)
                return Piece(f"({one.text} / {two.text})", one.bits + two.bits)
            case "extreme":
                pieces = [self.number(unit, max(1, size // 2)) for _ in range(self.random.randint(2, 3))]
                return self._call(self.pick(("LEAST", "GREATEST")), pieces)
            case "COALESCE":
                return self._call(kind, [self.number(unit, a), self.number(unit, b)])
            case "NULLIF":
                return self._call(kind, [self.number(unit, a), self._near(unit, b)])
            case "ABS":
                return self._call(kind, [self.number(unit, size - 1)])
            case "minus":
                one = self.number(unit, size - 1)
                return Piece(f"(-{one.text})", one.bits)
            case "step":
                return self._step(unit, size)
            case "CASE":
                return self._case(unit, size)
            case "POWER":
                n, one = self.random.randint(2, 3), self.number(unit, size - 1)
                return Piece(f"POWER({one.text}, {n})", n * one.bits)
            case "GROWTH":
                of, n = self.pick(UNITS), self.random.randint(1, 3)
                one, two = self.number(of, a), self.number(of, b)
                return Piece(f"GROWTH({one.text}, {two.text}, {n})", one.bits + two.bits)
            case "root":
                return self._rounded(self.number(unit, size - 1))
            case "fraction":
                exponent = self.pick(("half", "p_ratio0")) if self.owner is None else "half"
                return Piece(f"POWER({self.number(unit, size - 1).text}, {exponent})", 100)
            case "span":
                return Piece(
                    f"{self._span(unit)}({self.date(1)}, {self.date(1 if self.chance(70) else 2)})", 20
                )
            case "aggregate":
                return self.aggregate(unit, size)
            case _:
                entity = self.pick(sorted(name for name in self.names.entities if name))
                return Piece(f"count({entity}){self._filter(entity, size)}", 10)

    def _span(self, unit: str) -> str:
        return "DAYS" if unit == "days" else self.pick(("MONTHS", "YEARS"))

    def _call(self, name: str, pieces: Sequence[Piece]) -> Piece:
        text = f"{name}({', '.join(piece.text for piece in pieces)})"
        wide = sum if name in ("LEAST", "GREATEST") else max
        return Piece(text, wide(piece.bits for piece in pieces))

    def _near(self, unit: str, size: int) -> Piece:
        """What something may equal: mostly a parameter or nothing."""
        if self.chance(15):
            return Piece("0", 1)
        return self.parameter(unit) if self.chance(60) else self.number(unit, size)

    def _step(self, unit: str, size: int) -> Piece:
        one, name = self.number(unit, size - 1), self.pick(("ROUND", "FLOOR", "CEIL"))
        if one.bits > NARROW and self.chance(80):  # an engine may refuse to round what is wider than a word
            one = self._leaf(unit)
        if unit in STEPLESS and "0" not in one.text and self.chance(30):
            return Piece(f"{name}({one.text})", one.bits)
        return Piece(f"{name}({one.text}, step_{unit.lower()})", one.bits)

    def _rounded(self, one: Piece) -> Piece:
        """Roots, logarithms, exponentials: fifteen digits of what is not too large for them."""
        name = self.pick(("SQRT", "LN", "EXP"))
        text = f"LEAST({one.text}, small)" if name == "EXP" else one.text
        return Piece(f"{name}({text})", 110)

    def _case(self, unit: str, size: int) -> Piece:
        whens, bits = [], 0
        for _ in range(self.random.randint(1, 2)):
            then = self.number(unit, max(1, size // 3))
            whens.append(f"WHEN {self.truth(max(1, size // 2))} THEN {then.text}")
            bits = max(bits, then.bits)
        if self.chance(70):
            rest = self.number(unit, max(1, size // 3))
            whens.append(f"ELSE {rest.text}")
            bits = max(bits, rest.bits)
        return Piece(f"CASE {' '.join(whens)} END", bits)

    # ------------------------------------------------------------------ rows

    def aggregate(self, unit: str, size: int) -> Piece:
        """Sum, min, max or avg over related rows."""
        able = [name for name, row in self.names.entities.items() if name and row.numbers[unit]]
        if not able:
            return self._leaf(unit)
        entity = self.pick(sorted(able))
        rows = self.rows(entity)
        item = self.pick(self.names.entities[entity].numbers[unit])
        if self.chance(35):
            item = rows.number(unit, max(1, size - 1))
        if f"{entity}." not in item.text:  # of an aggregate, some field has to be the entity's
            item = self.pick(self.names.entities[entity].numbers[unit])
        name = self.pick(("sum", "sum", "min", "max", "avg"))
        widened = OF_ROWS if "/" in item.text and name in ("sum", "avg") else 1
        text = f"{name}({item.text}){self._filter(entity, size)}"
        return Piece(text, item.bits * widened + 8)

    def rows(self, entity: str) -> Formulas:
        """Formulas within the rows of an entity: of its fields, its owner's inputs and numbers of law."""
        return Formulas(self.random, self.names.entities[entity], self.names.entities[""])

    def _filter(self, entity: str, size: int) -> str:
        if self.chance(30):
            return ""
        if entity in self.names.by_year and self.chance(60):
            n = self.random.randint(1, 4)
            test = f"LAST({n})" if self.chance(70) else f"LAST({n + 1}) AND NOT LAST({n})"
            if self.chance(25):
                test = f"({test}) AND {self.rows(entity).truth(1)}"
            return f" FILTER (WHERE {test})"
        return f" FILTER (WHERE {self.rows(entity).truth(max(1, size // 2))})"

    # ------------------------------------------------------------------ conditions

    def truth(self, size: int) -> str:
        """A condition of about `size` leaves."""
        choices = [(20, "compare"), (3, "date"), (5, "code"), (3, "named"), (1, "BETWEEN"), (1, "CASE")]
        choices += [(5, "share"), (1, "same"), (1, "COALESCE"), (1, "constant"), (1, "YEAR")]
        if self.owner is None:
            choices += [(3, "level"), (6, "state")]
        if self.names.entity in self.names.by_year and self.names.entity:
            choices.append((6, "LAST"))
        if size > 1:
            choices += [(7, "AND"), (7, "OR"), (3, "NOT")]
        return self._test(self.weighted(choices), size)

    def _test(self, kind: str, size: int) -> str:  # noqa: C901, PLR0911, PLR0912  one arm a shape
        a, b = self.split(size)
        match kind:
            case "compare":
                return self._compare(size)
            case "share":
                return self._share()
            case "date":
                return f"{self.date(a)} {self.pick(COMPARATORS)} {self.date(b)}"
            case "code":
                return self._code_test()
            case "BETWEEN":
                unit = self.pick(UNITS)
                low, high = self.parameter(unit), self.number(unit, 1)
                return f"({self.number(unit, a).text} BETWEEN {low.text} AND {high.text})"
            case "CASE":
                rest = f" ELSE {self._named_truth()}" if self.chance(60) else ""
                return f"CASE WHEN {self.truth(a)} THEN {self._named_truth()}{rest} END"
            case "same":
                return f"({self._named_truth()} {self.pick(('=', '<>'))} {self._named_truth()})"
            case "COALESCE":
                return f"COALESCE({self._compare(a)}, {self._named_truth()})"
            case "constant":
                return self.pick(("TRUE", "FALSE"))
            case "YEAR":
                right = "base_year" if self.chance(70) else f"YEAR({self.date(1)})"
                return f"YEAR({self.date(1)}) {self.pick(COMPARATORS)} {right}"
            case "level":
                return self._level_test()
            case "state":
                return self._state_test()
            case "LAST":
                return f"LAST({self.random.randint(1, 3)})"
            case "AND" | "OR":
                return f"({self.truth(a)} {kind} {self.truth(b)})"
            case "NOT":
                return f"(NOT {self.truth(size - 1)})"
            case _:
                return self._named_truth()

    def _compare(self, size: int) -> str:
        unit = self.weighted(((6, "ratio"), (6, "CNY"), (3, "persons"), (2, "points"), (3, "months"),
                              (1, "days"), (3, "items")))  # fmt: skip
        a, b = self.split(size)
        left = self.number(unit, a if self.chance(50) else size)
        right = self._near(unit, 1) if self.chance(60) else self.number(unit, b)
        return f"{left.text} {self.pick(COMPARATORS)} {right.text}"

    def _share(self) -> str:
        """A quotient against a number of law, which facts are made to meet."""
        known = [piece.text for piece in self.names.numbers["CNY"] if piece.bits <= NARROW]
        owners = not known or (self.owner is None and self.chance(60))
        top, bottom = ("m1", "m2") if owners else (self.pick(known), self.pick(known))
        share = "p_ratio0" if owners and self.chance(50) else self.parameter("ratio").text
        return f"{top} / {bottom} {self.pick(COMPARATORS)} {share}"

    def _named_truth(self) -> str:
        row, owner = self.names.truths, self.owner.truths if self.owner else []
        return self.pick(row if row and (not owner or self.chance(80)) else owner)

    def _code_test(self) -> str:
        row, owner = self.names.codes, self.owner.codes if self.owner else []
        name, codes = self.pick(row if row and (not owner or self.chance(80)) else owner)
        match self.weighted(((4, "="), (3, "IN"), (3, "LIKE"), (1, "both"), (1, "CASE"))):
            case "=":
                return f"{name} {self.pick(('=', '<>'))} '{self.pick(codes)}'"
            case "IN":
                some = sorted({self.pick(codes) for _ in range(self.random.randint(1, 3))})
                return f"{name} IN ({', '.join(map(repr, some))})"
            case "LIKE":
                return f"{name} LIKE '{self.pick(codes)[: self.random.randint(1, 2)]}%'"
            case "CASE":
                test, code = self._named_truth(), self.pick(codes)
                return f"(CASE WHEN {test} THEN {name} ELSE '{code}' END = '{self.pick(codes)}')"
            case _:
                other = self.pick([known for known, _ in (row or owner)])
                return f"({name} {self.pick(('=', '<>'))} {other})"

    def _level_test(self) -> str:
        if not self.names.levels:
            return self._named_truth()
        name, scale = self.pick(self.names.levels)
        match self.weighted(((5, "compare"), (2, "IN"), (2, "both"))):
            case "compare":
                return f"{name} {self.pick(COMPARATORS)} '{self.pick(scale)}'"
            case "IN":
                some = [code for code in scale if self.chance(50)] or [scale[0]]
                return f"{name} IN ({', '.join(map(repr, some))})"
            case _:
                same = [other for other, codes in self.names.levels if codes == scale]
                return f"({name} {self.pick(COMPARATORS)} {self.pick(same)})"

    def _state_test(self) -> str:
        kinds = [(1, "PASSES")] if self.names.scores else []
        if self.names.titles:
            kinds += [(2, "HELD"), (2, "CONDITIONS_MET")]
        if not kinds:
            return self._named_truth()
        state = self.weighted(kinds)
        return f"{state}({self.pick(self.names.scores if state == 'PASSES' else self.names.titles)})"

    # ------------------------------------------------------------------ dates

    def date(self, size: int) -> str:
        """A date."""
        row, owner = self.names.dates, self.owner.dates if self.owner else []
        named = [*row, *row, *owner]
        if size <= 1 or self.chance(30):
            return self.pick(named) if named and self.chance(70) else "as_of"
        choices = [(12, "ADD_MONTHS"), (3, "extreme"), (2, "COALESCE"), (2, "CASE")]
        if self.owner is None and any(row.dates for row in self.names.entities.values()):
            choices.append((3, "aggregate"))
        match self.weighted(choices):
            case "ADD_MONTHS":
                return f"ADD_MONTHS({self.date(1)}, {self.parameter('months').text})"
            case "extreme":
                return f"{self.pick(('LEAST', 'GREATEST'))}({self.date(1)}, {self.date(1)})"
            case "COALESCE":
                return f"COALESCE({self.date(1)}, {self.date(1)})"
            case "CASE":
                return f"CASE WHEN {self._named_truth()} THEN {self.date(1)} ELSE {self.date(1)} END"
            case _:
                dated = [name for name, row in self.names.entities.items() if name and row.dates]
                entity = self.pick(sorted(dated))
                field_ = self.pick(self.names.entities[entity].dates)
                return f"{self.pick(('min', 'max'))}({field_}){self._filter(entity, 1)}"
