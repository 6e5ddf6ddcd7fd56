"""Random rules of every kind, as the flow mappings that stand behind a rule's name on a page.

Rows of tables are bounded by the book's own parameters' values, on which the facts lie as well, so that
exact ties are the common case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from conformance.formulas import NARROW, UNITS, Formulas, Names

# Values that inputs, parameters and bounds share, by unit, in ascending order.
NICE: dict[str, tuple[str, ...]] = {
    "ratio": ("-1", "0", "0.05", "0.1", "0.125", "0.15", "0.2", "0.3", "0.5", "1", "2", "3"),
    "CNY": ("0", "0.01", "1", "100", "10000", "50000", "300000", "1000000", "250000000"),
    "persons": ("0", "1", "2", "10", "20", "100", "300"),
    "points": ("0", "0.5", "1", "10", "60", "70"),
    "months": ("0", "1", "6", "12", "24", "36"),
    "days": ("0", "1", "30", "365"),
    "items": ("0", "1", "2", "3", "5"),
}
STEPS = {
    "ratio": "0.1",
    "CNY": "100",
    "persons": "10",
    "points": "0.5",
    "months": "12",
    "days": "30",
    "items": "2",
}
HOWS = ("down", "up", "half_up", "half_even")
SCALE = ("micro", "small", "medium", "large")
OURS = "ours: a test"
KINDS = (
    (30, "value"), (34, "condition"), (6, "group"), (6, "bounded"), (3, "coded"), (3, "chosen"), (5, "hits"),
    (4, "score"), (3, "level"), (4, "levels"), (5, "amount"), (3, "title"), (1, "channel"), (2, "choice"),
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """The inside of a rule's mapping, and of which type it is: a unit, or truth, code, level, title, date."""

    body: str
    type: str
    bits: int = 40
    codes: tuple[str, ...] = ()
    score: bool = False


class Rules:
    """Draws rules over some names."""

    def __init__(self, random: Random, names: Names, edges: Sequence[date]) -> None:
        """`edges` are the days on which editions of this book begin and end."""
        self.f, self.edges = Formulas(random, names), edges

    def rule(self) -> tuple[str, Written]:
        """A rule of any kind: its mapping, and what it is."""
        kind = self.f.weighted(KINDS)
        made: Callable[[], Written] = getattr(self, f"_{kind}")
        first = made()
        if kind in ("title", "channel") or not self.f.chance(14):
            return f"{{{first.body}, {OURS}}}", first
        return self.editions(first, made)

    def editions(self, first: Written, made: Callable[[], Written]) -> tuple[str, Written]:
        """The same kind of rule in two or three editions, by date and by a condition."""
        kind = first.body.partition(":")[0]
        others = [
            x for x in (made() for _ in range(4)) if x.type == first.type and x.body.startswith(kind + ":")
        ][:1]
        bodies = [first, *others]
        edge = self.f.pick(self.edges)
        later = [day for day in self.edges if day > edge]
        end = self.f.pick(later) if later and self.f.chance(40) else None
        until = f", to: {end}" if end else ""
        listed = [f"{{from: {edge}{until}, {bodies[-1].body}}}"]
        if len(bodies) > 1 and first.body[:6] != "amount":
            listed.insert(0, f"{{from: {edge}{until}, when: {_quoted(self.f.truth(2))}, {bodies[0].body}}}")
        if self.f.chance(60):
            listed.append(f"{{to: {edge}, {bodies[0].body}}}")
        codes = tuple(code for code in first.codes if all(code in body.codes for body in bodies))
        whole = Written(first.body, first.type, max(body.bits for body in bodies), codes, first.score)
        # what an edition leaves to the rule as a whole: its scale, its unit
        key = "unit" if kind == "value" and first.type in UNITS else kind
        shared = key in ("unit", "amount", "score", "level")
        head = f"{key}: {'size' if key == 'level' else first.type}, " if shared else ""
        return f"{{{head}{OURS}, editions: [{', '.join(listed)}]}}", whole

    def _size(self) -> int:
        return self.f.random.randint(2, 6)

    def _rounding(self, unit: str) -> str:
        if not self.f.chance(18):
            return ""
        return f", round: {{to: {quantity(STEPS[unit], unit)}, how: {self.f.pick(HOWS)}}}"

    # ------------------------------------------------------------------ values and conditions

    def _value(self) -> Written:
        if self.f.chance(6):
            return Written(f"value: {_quoted(self.f.date(3))}", "date")
        unit = self.f.weighted(
            (
                (8, "ratio"),
                (6, "CNY"),
                (2, "persons"),
                (2, "points"),
                (2, "months"),
                (1, "days"),
                (2, "items"),
            )
        )
        piece, rounding = self.f.number(unit, self._size()), self._rounding(unit)
        if rounding and piece.bits > NARROW:
            piece = self.f.number(unit, 2)
        return Written(f"value: {_quoted(piece.text)}, unit: {unit}{rounding}", unit, piece.bits)

    def _condition(self) -> Written:
        unless = f", unless: {_quoted(self.f.truth(2))}" if self.f.chance(10) else ""
        return Written(f"condition: {_quoted(self.f.truth(self._size()))}{unless}", "truth")

    def _group(self) -> Written:
        return Written(self._listed(2), "truth")

    def _listed(self, depth: int) -> str:
        items = []
        for _ in range(self.f.random.randint(1, 4)):
            nested = depth > 1 and self.f.chance(20)
            # often one that is not in force on some of the days, and so to be skipped
            named = self.f.pick((*self.f.names.truths, *("past", "coming") * 3))
            plain = named if self.f.chance(45) else self.f.truth(2)
            items.append(f"{{{self._listed(depth - 1)}}}" if nested else _quoted(plain))
        kind = self.f.pick(("all_of", "any_of", "at_least"))
        if kind == "at_least":
            return f"at_least: {self.f.random.randint(1, len(items))}, of: [{', '.join(items)}]"
        return f"{kind}: [{', '.join(items)}]"

    # ------------------------------------------------------------------ tables

    def _cell(self, unit: str) -> str:
        if self.f.chance(8):
            low, high = sorted(self.f.random.sample(range(len(NICE[unit])), 2))
            ends = f"from: {quantity(NICE[unit][low], unit)}, to: {quantity(NICE[unit][high], unit)}"
            answer = self._answer(unit)
            return f"{{{ends}, judged_by: expert{answer}}}"
        return quantity(self.f.pick(NICE[unit]), unit)

    def _answer(self, unit: str) -> str:
        inputs = {"ratio": "a", "points": "pts", "items": "made"}
        return f", answer: {inputs[unit]}" if unit in inputs and self.f.chance(60) else ""

    def _bounded(self) -> Written:
        """A ladder up or down, or rows with two bounds and a rest."""
        unit, of = self.f.pick(("ratio", "CNY", "points")), self.f.pick(("ratio", "CNY", "persons", "items"))
        rows = self._rows_on(of, lambda: self._cell(unit))
        return Written(
            f"{self._table(unit)}, by: {_quoted(self.f.number(of, 2).text)}, rows: {{{rows}}}", unit
        )

    def _table(self, unit: str) -> str:
        return f"{'parameter' if self.f.chance(20) else 'table'}: {unit}"

    def _rows_on(self, unit: str, cell: Callable[[], str], names: Sequence[str] = "abcdef") -> str:
        count = self.f.random.randint(1, min(4, len(names) - 1))
        places = sorted(self.f.random.sample(range(len(NICE[unit])), min(count, len(NICE[unit]))))
        bounds = [quantity(NICE[unit][place], unit) for place in places]
        value = [f"value: {cell()}" for _ in range(len(bounds) + 1)]
        match self.f.pick(("up", "down", "between")):
            case "up":
                rows = [
                    f"{{{self.f.pick(('le', 'lt'))}: {bound}, {value[n]}}}" for n, bound in enumerate(bounds)
                ]
            case "down":
                rows = [
                    f"{{{self.f.pick(('ge', 'gt'))}: {bound}, {value[n]}}}"
                    for n, bound in enumerate(bounds[::-1])
                ]
            case _:
                rows, low = [], ""
                for n, bound in enumerate(bounds):
                    closed = self.f.chance(50)
                    rows.append(f"{{{low}{'le' if closed else 'lt'}: {bound}, {value[n]}}}")
                    low = f"{'gt' if closed else 'ge'}: {bound}, "
        rows.append(f"{{{value[-1]}}}")
        return ", ".join(f"{name}: {row}" for name, row in zip(names, rows, strict=False))

    def _coded(self) -> Written:
        """Rows by a code: prefixes with exceptions, or listed codes."""
        if self.f.chance(50):
            rows = [
                'a: {prefix: ["65"], except_prefix: ["659"], value: VALUE}',
                'b: {in: [m1, "13"], value: VALUE}',
            ]
            by = "w"
        else:
            rows, by = ["a: {in: [one], value: VALUE}", "b: {in: [two, four], value: VALUE}"], "k"
        if self.f.chance(70):
            rows.append("c: {value: VALUE}")
        return self._filled(rows, f'by: "{by}", hit: first')

    def _chosen(self) -> Written:
        """The first row whose test holds."""
        rows = [
            f"{name}: {{when: {_quoted(self.f.truth(2))}, value: VALUE}}"
            for name in "abc"[: self.f.random.randint(1, 3)]
        ]
        if self.f.chance(60):
            rows.append("d: {value: VALUE}")
        return self._filled(rows, "hit: first")

    def _filled(self, rows: Sequence[str], head: str) -> Written:
        """Rows with numbers, codes or truth values in their cells."""
        kind = self.f.weighted(((5, "number"), (2, "code"), (2, "truth")))
        unit = self.f.pick(("ratio", "CNY", "points"))
        codes = ("soft", "made", "65", "other")[: len(rows)]
        left = iter(codes)
        cells = {"number": lambda: self._cell(unit), "code": lambda: f'"{next(left)}"',
                 "truth": lambda: self.f.pick(("true", "false"))}  # fmt: skip
        text = ", ".join(row.replace("VALUE", cells[kind]()) for row in rows)
        table = {"number": self._table(unit), "code": "table: code", "truth": "table: condition"}[kind]
        found = {"number": unit, "code": "code", "truth": "truth"}[kind]
        return Written(f"{table}, {head}, rows: {{{text}}}", found, codes=codes if kind == "code" else ())

    def _hits(self) -> Written:
        """The best of the rows that hold, or the sum of them; some rows bounded as well."""
        unit = self.f.pick(("ratio", "points", "CNY"))
        hit, by, rows = self.f.pick(("best", "sum", "first")), "", []
        if self.f.chance(40):
            by = f"by: {_quoted(self.f.number('ratio', 2).text)}, "
        for name in "abcd"[: self.f.random.randint(1, 4)]:
            bound = (
                f"{self.f.pick(('ge', 'gt', 'le', 'lt'))}: {self.f.pick(NICE['ratio'])}, "
                if by and self.f.chance(60)
                else ""
            )
            when = f"when: {_quoted(self.f.truth(2))}, " if not bound or self.f.chance(50) else ""
            # the best of bands is refused by name, so bands stand in other policies
            cell = self._cell(unit) if hit != "best" else quantity(self.f.pick(NICE[unit]), unit)
            rows.append(f"{name}: {{{bound}{when}value: {cell}}}")
        if self.f.chance(50):
            rows.append(f"rest: {{value: {quantity(self.f.pick(NICE[unit]), unit)}}}")
        return Written(f"table: {unit}, hit: {hit}, {by}rows: {{{', '.join(rows)}}}", unit)

    # ------------------------------------------------------------------ scores, levels, amounts, titles

    def _score(self) -> Written:
        parts = []
        for name in "xyz"[: self.f.random.randint(1, 3)]:
            cap = f", cap: {self.f.pick(NICE['points'])} points" if self.f.chance(50) else ""
            least = f", min: {self.f.pick(NICE['points'])} points" if self.f.chance(40) else ""
            parts.append(f"{name}: {{of: {_quoted(self.f.number('points', 2).text)}{cap}{least}}}")
        cap = f", cap: {self.f.pick(('10', '60', '70'))} points" if self.f.chance(50) else ""
        mark = f", pass: {{{self.f.pick(('ge', 'gt'))}: {self.f.pick(NICE['points'])} points}}"
        body = f"score: points, parts: {{{', '.join(parts)}}}{cap}{mark}{self._rounding('points')}"
        return Written(body, "points", 120, score=True)

    def _level(self) -> Written:
        if self.f.chance(25):
            hit = self.f.pick(("best", "first"))
            rows = [
                f"{name}: {{when: {_quoted(self.f.truth(2))}}}" for name in SCALE[:0:-1] if self.f.chance(80)
            ]
            text = ", ".join([*rows, "micro: {}"])
            return Written(f"level: size, hit: {hit}, rows: {{{text}}}", "level")
        unit = self.f.pick(("CNY", "persons"))
        places = sorted(self.f.random.sample(range(len(NICE[unit])), 3), reverse=True)
        side = self.f.pick(("ge", "gt"))
        rows = [f"{name}: {{{side}: {quantity(NICE[unit][place], unit)}}}"
                for name, place in zip(SCALE[:0:-1], places, strict=True)]  # fmt: skip
        by = _quoted(self.f.number(unit, 2).text)
        return Written(f"level: size, by: {by}, rows: {{{', '.join([*rows, 'micro: {}'])}}}", "level")

    def _levels(self) -> Written:
        levels = [name for name, _ in self.f.names.levels]
        if not levels:
            return self._level()
        some = [self.f.pick(levels) for _ in range(self.f.random.randint(1, 3))]
        return Written(
            f"level: size, {self.f.pick(('least_of', 'greatest_of'))}: [{', '.join(some)}]", "level"
        )

    def _amount(self) -> Written:
        names = ("by_sales", "by_cost", "ceiling")[: self.f.random.randint(1, 3)]
        pieces = [self.f.number("CNY", 3) for _ in names]
        limits = ", ".join(
            f"{name}: {_quoted(piece.text)}" for name, piece in zip(names, pieces, strict=True)
        )
        when = f", when: {_quoted(self.f.truth(2))}" if self.f.chance(60) else ""
        body = f"amount: CNY, limits: {{{limits}}}{when}{self._rounding('CNY')}"
        return Written(body, "CNY", sum(piece.bits for piece in pieces))

    def _title(self) -> Written:
        end, valid = (
            self.f.pick(("", ", to: to1")),
            self.f.pick(("", ", valid_for: 3 years", ", valid_for: 12 months")),
        )
        certificate = f"certificate: {{number: no1, from: from1{end}}}"
        return Written(f"title: {_quoted(self.f.truth(2))}, {certificate}{valid}", "title")

    def _channel(self) -> Written:
        return Written(f"channel: {_quoted(self.f.truth(3))}, decides: lender", "truth")

    def _choice(self) -> Written:
        """A code by a formula."""
        code = self.f.pick(("one", "two", "four"))
        test = self.f.truth(2)
        rest = f" ELSE '{code}'" if self.f.chance(60) else ""
        return Written(
            f"value: {_quoted(f'CASE WHEN {test} THEN k{rest} END')}", "code", codes=("one", "two")
        )


def quantity(number: str, unit: str) -> str:
    """A number of law as written."""
    return number if unit == "ratio" else f"{number} {unit}"


def _quoted(text: str) -> str:
    return f'"{text}"'


assert set(NICE) == set(UNITS) == set(STEPS)
