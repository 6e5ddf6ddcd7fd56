"""Random rules over a page of every kind of rule, and random enterprises with holes, to hold engines to."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random

from gangmu.rulebook.load import load
from gangmu.rulebook.model import GRADES, ROOT, Rulebook

DAYS = ("2025-06-30", "2024-12-31", "2024-02-29", "2021-12-31", "2022-01-01")

PAGE = """# Random
```yaml
born: {input: date, ask: {en: When?}}
a: {input: number, range: {ge: -5, le: 5}}
b: {input: number, range: {ge: 0}}
c: {input: number}
p: {input: condition}
q: {input: condition}
k: {input: code, options: {one: {en: one}, two: {en: two}, three: {en: three}}}
w: {input: code, pattern: "[a-z0-9]{2,3}"}
tenth: {parameter: ratio, value: 0.1, ours: a test}
year: {parameter: months, value: 12 months, ours: a test}
floor_then: {parameter: ratio, ours: a test, editions: [
  {from: 2022-01-01, to: 2025-01-01, value: 0.2}, {from: 2025-01-01, when: "k = 'one'", value: 0.3}, {from: 2025-01-01, value: 0.4}]}
step_of_a: {table: ratio, by: a, ours: a test, rows: {low: {lt: 0, value: -1}, mid: {lt: 2, value: 0.5}, high: {value: 3}}}
choice: {table: ratio, hit: best, ours: a test, rows: {x: {when: p, value: 2}, y: {when: q, value: 4}, z: {value: 1}}}
total: {table: ratio, hit: sum, ours: a test, rows: {x: {when: p, value: 2}, y: {when: "a > b", value: 4}, z: {value: 1}}}
first: {table: ratio, hit: first, ours: a test, rows: {x: {when: "a / b > c", value: 2}, y: {when: q, value: 4}}}
sector: {table: code, by: w, ours: a test, rows: {soft: {prefix: ["65"], except_prefix: ["659"], value: soft}, made: {in: [m1], value: made}, other: {value: other}}}
size: {scale: [low, mid, high]}
size_a: {level: size, by: a, ours: a test, rows: {high: {ge: 2}, mid: {ge: 0}, low: {}}}
size_b: {level: size, by: b, ours: a test, rows: {high: {gt: 1}, mid: {gt: 0}, low: {}}}
size_least: {level: size, least_of: [size_a, size_b], ours: a test}
size_most: {level: size, greatest_of: [size_a, size_b], ours: a test}
marks: {score: ratio, parts: {x: {of: step_of_a, cap: 2, min: 0}, y: {of: choice}}, cap: 5, pass: {gt: 3}, ours: a test}
judged: {table: ratio, by: b, ours: a test, rows: {low: {lt: 1, value: {from: 1, to: 3, judged_by: expert, answer: c}}, high: {value: 4}}}
"""
NUMBERS = [
    "a",
    "b",
    "c",
    "0",
    "1",
    "tenth",
    "step_of_a",
    "choice",
    "total",
    "first",
    "marks",
    "judged",
    "floor_then",
]
TRUTHS = ["p", "q", "k = 'one'", "k IN ('one', 'two')", "w LIKE '65%'", "sector = 'soft'", "size_least >= 'mid'", "size_most = 'high'",
          "PASSES(marks)", "MONTHS(born, as_of) >= year", "YEAR(born) = base_year", "ADD_MONTHS(born, year) < as_of", "YEARS(born, as_of) > year"]  # fmt: skip


def _number(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.25:
        return random.choice(NUMBERS)
    one, two = _number(random, depth - 1), _number(random, depth - 1)
    return random.choice(
        [f"({one} {random.choice('+-*/')} {two})"] * 5
        + [f"{random.choice(['LEAST', 'GREATEST', 'COALESCE', 'NULLIF'])}({one}, {two})"] * 2
        + [f"ABS({one})", f"{random.choice(['FLOOR', 'CEIL', 'ROUND'])}({one}, tenth)", f"POWER({one}, 2)", f"GROWTH({one}, {two}, 1)"]
        + [f"CASE WHEN {_truth(random, depth - 1)} THEN {one} ELSE {two} END"]
    )  # fmt: skip


def _truth(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.2:
        return random.choice(TRUTHS)
    compare = f"{_number(random, depth - 1)} {random.choice(['<', '<=', '>', '>=', '=', '<>'])} {_number(random, depth - 1)}"
    logic = f"({_truth(random, depth - 1)} {random.choice(['AND', 'OR'])} {_truth(random, depth - 1)})"
    return random.choice([compare, compare, compare, logic, f"(NOT {_truth(random, depth - 1)})"])


def _listed(random: Random) -> str:
    items = ", ".join(f'"{_truth(random, 1)}"' for _ in range(3))
    kind = random.choice(["all_of: [", "any_of: [", "at_least: 2, of: ["])
    return f"{{{kind}{items}], ours: a test}}"


def random_book(root: Path, seed: int, count: int = 12, page: str = PAGE) -> Rulebook:
    """A book of random values, conditions and groups over the rules of a page."""
    random = Random(seed)
    rules = [f'n{i}: {{value: "{_number(random, 3)}", unit: ratio, ours: a test}}' for i in range(count)]
    rules += [f't{i}: {{condition: "{_truth(random, 3)}", ours: a test}}' for i in range(count)]
    rules += [f"g{i}: {_listed(random)}" for i in range(3)]
    (root / "rulebook.yaml").write_text('name: random\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "r.md").write_text(f"{page}{chr(10).join(rules)}\n```\n", encoding="utf-8")
    return load(root)


def random_rows(random: Random, count: int, holes: float) -> list[dict[str, object]]:
    """Enterprises with a share of holes, each with its own as-of date."""

    def number(name: str) -> str:
        value = Fraction(random.choice([*range(-4, 5), Fraction(1, 10), Fraction(-1, 2), Fraction(7, 20)]))
        return str(float(abs(value) if name == "b" else value))

    huge = ["123456789012345.678901", "-98765432109876543", "0.000001", "31415926535897932384"]
    found: list[dict[str, object]] = []
    for place in range(count):
        row: dict[str, object] = {name: number(name) for name in "abc"}
        if random.random() < 0.05:
            row["c"] = random.choice(huge)
        row |= {name: random.choice(["true", "false"]) for name in "pq"}
        row |= {
            "k": random.choice(["one", "two", "three"]),
            "w": random.choice(["65x", "659", "m1", "zz", "65"]),
        }
        row |= {"born": f"{random.randint(2019, 2025)}-0{random.randint(1, 9)}-{random.randint(10, 28)}"}
        told = {n: v if random.random() > holes else random.choice(["", "", "n/a"]) for n, v in row.items()}
        found.append({ROOT: f"e{place}", "as_of": random.choice(DAYS), **told})
    return found


# ---------------------------------------------------------------------- with grades

SOURCES = "s: {title: {en: A source}, force: law}\n"
MORE = """
no: {input: text}
since: {input: date}
till: {input: date}
waived: {condition: "p", unless: "q AND a > 0", ours: a test}
grant: {amount: CNY, limits: {one: "a * unit", two: "b * unit", three: "c * unit"}, when: q, ours: a test}
unit: {parameter: CNY, value: 1 CNY, ours: a test}
badge: {title: waived, certificate: {number: no, from: since, to: till}, ours: a test}
with_badge: {any_of: ["HELD(badge)", "CONDITIONS_MET(badge)", "PASSES(marks)"], ours: a test}
deed: {entity: dealt_on}
deed.dealt_on: {input: date}
deed.worth: {input: number, range: {ge: 0}}
deed.large: {condition: "deed.worth > one", ours: a test}
deed.full: {value: "deed.worth + one", unit: ratio, ours: a test}
one: {parameter: ratio, value: 1, ours: a test}
deeds: {value: "count(deed) FILTER (WHERE deed.large)", unit: count, ours: a test}
worth: {value: "sum(deed.full)", unit: ratio, ours: a test}
chosen: {condition: "CASE WHEN p THEN deeds > 0 WHEN q THEN worth > b ELSE with_badge END", ours: a test}
"""


def graded_book(root: Path, seed: int) -> Rulebook:
    """A random book in which most rules cite a source, with random grades."""
    random = Random(seed)
    book = PAGE.removesuffix("\n") + MORE
    random_book(root, seed, 8, book)
    text = (root / "r.md").read_text(encoding="utf-8")
    pieces = text.split("ours: a test")
    cited = pieces[0]
    for piece in pieces[1:]:
        grade = random.choice(GRADES)
        cited += (
            "ours: a test" if random.random() < 0.3 else f"cite: {{source: s, at: art. 1, grade: {grade}}}"
        )
        cited += piece
    (root / "r.md").write_text(cited, encoding="utf-8")
    (root / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return load(root)


def graded_rows(seed: int, count: int) -> dict[str, list[dict[str, object]]]:
    """Enterprises with certificates and deeds, with holes."""
    random = Random(seed)
    rows = random_rows(random, count, 0.15)
    deeds: list[dict[str, object]] = []
    for row in rows:
        row["no"] = random.choice(["", "n/a", "N 1", "N 2"])
        row["since"] = random.choice(["", "2020-01-01", "2024-01-01"])
        row["till"] = random.choice(["", "n/a", "2023-01-01", "2030-01-01"])
        row["complete"] = random.choice(["", "deed"])
        for day in random.sample(["2020-05-05", "2024-12-31", "2023-03-03"], random.randint(0, 3)):
            worth = random.choice(["", "0", "0.5", "1", "3"])
            deeds.append({ROOT: row[ROOT], "dealt_on": day, "worth": worth})
    return {ROOT: rows, "deed": deeds}
