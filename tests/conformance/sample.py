"""A random rulebook with its evidence: some inputs and related rows, a library of rules, then the programs.

`draw` takes a source of chance and gives the same sample for the same seed. Nothing here knows an engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from conformance.facts import VAST, Evidence, draw_evidence
from conformance.formulas import UNITS, Formulas, Names, Piece
from conformance.rules import NICE, OURS, SCALE, STEPS, Rules, Written, quantity
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Rulebook

PAGE = "r"
SIDE = tuple(date.fromisoformat(day) for day in (
    "2021-01-01", "2022-07-01", "2024-02-29", "2024-07-01", "2024-12-31", "2025-01-01", "2025-04-30",
))  # fmt: skip
HEAD = """\
a: {input: number, range: {ge: -5, le: 5}}
b: {input: number, range: {ge: 0}}
c: {input: number}
f: {input: number, decimals: 12, range: {ge: 0, le: 1}}
m1: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}}
m2: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}}
v: {input: number, unit: CNY, decimals: 2}
wan1: {input: number, unit: wan, decimals: 4, range: {ge: 0 CNY}}
staff: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons, le: 10000000 persons}}
lab: {input: number, unit: persons, decimals: 0, range: {ge: 0 persons, le: 1000 persons}}
pts: {input: number, unit: points, decimals: 1, range: {ge: 0 points, le: 100 points}}
span: {input: number, unit: months, decimals: 0, range: {ge: 0 months}}
waited: {input: number, unit: days, decimals: 0, range: {ge: 0 days}}
made: {input: number, unit: items, decimals: 0, range: {ge: 0 items}}
p: {input: condition}
q: {input: condition}
o: {input: condition}
k: {input: code, options: {one: {en: one}, two: {en: two}, three: {en: three}, four: {en: four}}}
w: {input: code, pattern: "[a-z0-9]{2,3}"}
born: {input: date}
d1: {input: date}
d2: {input: date}
no1: {input: text}
from1: {input: date}
to1: {input: date}
size: {scale: [micro, small, medium, large]}
half: {parameter: ratio, value: 0.5, ours: a test}
small: {parameter: ratio, value: 20, ours: a test}
s.year: {input: year}
s.x: {input: number, range: {ge: -5, le: 5}}
s.y: {input: number, range: {ge: 0}}
s.m: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}}
s.n: {input: number, unit: CNY, decimals: 2}
s.on: {input: condition}
s.k: {input: code, options: {one: {en: one}, two: {en: two}}}
t: {entity: day, key: no}
t.day: {input: date}
t.no: {input: text}
t.c: {input: number, unit: items, decimals: 0, range: {ge: 0 items}}
t.x: {input: number}
t.on: {input: condition}
t.until: {input: date}
u: {entity: none}
u.m: {input: number, unit: CNY, decimals: 2, range: {ge: 0 CNY}}
u.x: {input: number, range: {ge: 0, le: 3}}
u.w: {input: code, pattern: "[a-z0-9]{2,3}"}
"""
NUMBERS = {
    "ratio": (("a", 30), ("b", 36), ("c", 44), ("f", 44)),
    "CNY": (("m1", 44), ("m2", 44), ("v", 44), ("wan1", 50)), "persons": (("staff", 12), ("lab", 10)),
    "points": (("pts", 12),), "months": (("span", 10),), "days": (("waited", 12),), "items": (("made", 10),),
}  # fmt: skip
ROWS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "s": {"ratio": ("x", "y"), "CNY": ("m", "n"), "truths": ("on",)},
    "t": {"ratio": ("x",), "items": ("c",), "truths": ("on",), "dates": ("day", "until")},
    "u": {"ratio": ("x",), "CNY": ("m",)},
}
WORDS = ("65x", "659", "m1", "zz", "65", "13")


@dataclass(frozen=True)
class Sample:
    """A rulebook as text, which of its rules are the programs (full names), and evidence for it."""

    page: str
    names: tuple[str, ...]
    evidence: Evidence

    def book(self, folder: Path) -> Rulebook:
        """Write the rulebook into a folder and load it."""
        return load_page(folder, self.page)


def load_page(folder: Path, page: str) -> Rulebook:
    """Load a rulebook of one page."""
    (folder / "rulebook.yaml").write_text('name: random\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (folder / f"{PAGE}.md").write_text(page, encoding="utf-8")
    return load(folder)


def draw(random: Random, programs: int = 200, rows: int = 64, vast: int = VAST) -> Sample:
    """A sample of so many programs over so many rows; `vast` in a hundred have huge numbers."""
    edges = sorted(random.sample(SIDE, random.randint(1, 3)))
    lines = {line.partition(":")[0]: line.partition(": ")[2] for line in HEAD.splitlines()}
    lines["s"] = f"{{entity: year{random.choice((', expects: {every: year, since: born}', ''))}}}"
    lines["past"] = f"{{condition: p, to: {edges[0]}, {OURS}}}"
    lines["coming"] = f"{{condition: q, from: {edges[-1]}, {OURS}}}"
    names = _names(random, lines)
    _row_rules(random, names, lines)
    for layer in range(2):
        rules, fresh = Rules(random, names, edges), names.copy()
        for place in range(min(12, programs)):
            name = f"l{layer}x{place}"
            lines[name], written = rules.rule()
            _know(fresh, name, written)
        names = fresh
    rules = Rules(random, names, edges)
    asked = []
    for place in range(programs):
        lines[f"x{place}"], _ = rules.rule()
        asked.append(f"{PAGE}.x{place}")
    ratios = [lines[name].split("value: ")[1].split(",")[0] for name in lines if name.startswith("p_ratio")]
    shares = [value for value in ratios if not value.startswith(("0,", "-")) and value != "0"]
    return Sample(_page(lines), tuple(asked), draw_evidence(random, rows, edges, shares, vast))


def _page(lines: Mapping[str, str]) -> str:
    body = "\n".join(f"{name}: {spec}" for name, spec in lines.items())
    return f"# Random\n```yaml\n{body}\n```\n"


def _names(random: Random, lines: dict[str, str]) -> Names:
    """The inputs and the numbers of law, which formulas of the owner and of rows may call."""
    names = Names(truths=["p", "q", "o"], dates=["born", "d1", "d2"])
    names.codes = [("k", ("one", "two", "three", "four")), ("w", WORDS)]
    for unit in UNITS:
        names.numbers[unit] = [Piece(*known) for known in NUMBERS[unit]]
        for place in range(4):
            name = f"p_{unit.lower()}{place}"
            # the first share is one that facts can be made to meet
            value = random.choice(NICE[unit][2:] if (unit, place) == ("ratio", 0) else NICE[unit])
            lines[name] = f"{{parameter: {unit}, value: {quantity(value, unit)}, {OURS}}}"
            names.parameters[unit].append(Piece(name, 24))
        lines[f"step_{unit.lower()}"] = f"{{parameter: {unit}, value: {quantity(STEPS[unit], unit)}, {OURS}}}"
    names.entities[""] = names.copy()
    names.by_year = frozenset({"s"})
    for entity, fields in ROWS.items():
        row = Names(entity=entity, by_year=names.by_year)
        for unit in UNITS:
            row.numbers[unit] = [Piece(f"{entity}.{name}", 44) for name in fields.get(unit, ())]
        row.truths = [f"{entity}.{name}" for name in fields.get("truths", ())]
        row.dates = [f"{entity}.{name}" for name in fields.get("dates", ())]
        names.entities[entity] = row
    names.entities["s"].codes = [("s.k", ("one", "two"))]
    names.entities["u"].codes = [("u.w", WORDS)]
    return names


def _row_rules(random: Random, names: Names, lines: dict[str, str]) -> None:
    """Rules that are worked out row by row."""
    for entity, unit in (("s", "ratio"), ("s", "CNY"), ("t", "items"), ("u", "CNY")):
        row = names.entities[entity]
        place = sum(len(pieces) for pieces in row.numbers.values())
        name, piece = f"{entity}.r{place}", Formulas(random, row, names.entities[""]).number(unit, 3)
        lines[name] = f'{{value: "{piece.text}", unit: {unit}, {OURS}}}'
        row.numbers[unit].append(Piece(name, piece.bits))
    for entity in ("s", "u"):
        row = names.entities[entity]
        lines[f"{entity}.fine"] = (
            f'{{condition: "{Formulas(random, row, names.entities[""]).truth(2)}", {OURS}}}'
        )
        row.truths.append(f"{entity}.fine")


def _know(names: Names, name: str, written: Written) -> None:
    """Let later rules call this one."""
    match written.type:
        case "truth":
            names.truths.append(name)
        case "date":
            names.dates.append(name)
        case "code":
            names.codes.append((name, written.codes))
        case "level":
            names.levels.append((name, SCALE))
        case "title":
            names.titles.append(name)
        case unit:
            names.numbers[unit].append(Piece(name, written.bits))
    if written.score:
        names.scores.append(name)


def draws(seed: int, first: int, count: int, programs: int, rows: int) -> Iterator[tuple[int, Sample]]:
    """Samples `first` to `first + count`; each depends on the seed and its own number alone."""
    for number in range(first, first + count):
        yield number, draw(Random(f"{seed}/{number}"), programs, rows)
