"""Random rules over related rows: statements that are expected every year, rights that are not, and gaps in both."""

from __future__ import annotations

from pathlib import Path
from random import Random

from gangmu.rulebook.model import ROOT, Rulebook
from random_rules import PAGE, random_book, random_rows

RELATED = """s: {entity: year, expects: {every: year, since: born}}
s.year: {input: year}
s.x: {input: number, range: {ge: -5, le: 5}}
s.y: {input: number, range: {ge: 0}}
s.on: {input: condition}
s.twice: {value: "s.x + s.y", unit: ratio, ours: a test}
u: {entity: day, key: name}
u.day: {input: date}
u.name: {input: text}
u.v: {input: number}
u.kind: {input: code, options: {one: {en: one}, two: {en: two}}}
two_items: {parameter: count, value: 2 items, ours: a test}
"""
SUMS = [
    "sum(s.x) FILTER (WHERE LAST(2))", "sum(s.y)", "min(s.x) FILTER (WHERE s.on)", "max(s.y) FILTER (WHERE LAST(3))",
    "avg(s.x) FILTER (WHERE LAST(2))", "avg(s.y)", "max(s.x) FILTER (WHERE LAST(3) AND NOT LAST(1))",
    "sum(s.twice) FILTER (WHERE LAST(3))", "sum(u.v)", "min(u.v) FILTER (WHERE u.kind = 'one')", "max(u.v)",
    "avg(u.v) FILTER (WHERE u.v > b)", "sum(s.y) FILTER (WHERE s.x > a)", "avg(s.x) FILTER (WHERE s.on)",
]  # fmt: skip
COUNTS = [
    "count(s)", "count(s) FILTER (WHERE LAST(3))", "count(u)", "count(u) FILTER (WHERE u.kind = 'two')",
    "count(u) FILTER (WHERE MONTHS(u.day, as_of) < year)",
]  # fmt: skip


def related_book(root: Path, seed: int, count: int = 12) -> Rulebook:
    """A book whose formulas mix aggregates with everything else."""
    random = Random(seed)
    rules = []
    for place in range(count):
        one, two = random.choice(SUMS), random.choice([*SUMS, "a", "b", "tenth"])
        sign = random.choice("+-*/")
        rules.append(f'm{place}: {{value: "{one} {sign} {two}", unit: ratio, ours: a test}}')
        test = f"{random.choice(COUNTS)} {random.choice(['<', '>=', '='])} two_items"
        rules.append(f'v{place}: {{condition: "{test} AND {one} >= {two}", ours: a test}}')
    return random_book(root, seed, 2, f"{PAGE}{RELATED}{chr(10).join(rules)}\n")


def related_rows(random: Random, count: int, holes: float) -> dict[str, list[dict[str, object]]]:
    """Tables of enterprises, statements and rights, with empty cells and whole rows left out."""

    def cell(text: object) -> object:
        return text if random.random() > holes else random.choice(["", "n/a"])

    root = random_rows(random, count, holes)
    tables: dict[str, list[dict[str, object]]] = {ROOT: root, "s": [], "u": []}
    for row in root:
        owner = row[ROOT]
        if random.random() < 0.3:
            row[random.choice(["complete", "empty"])] = random.choice(["s", "u", "s|u"])
        for year in range(2019, 2026):
            if random.random() < 0.75 and "s" not in str(row.get("empty", "")):
                y, on = random.choice(["0", "1", "2.5", "0.1"]), random.choice(["yes", "no"])
                facts = {"x": cell(random.randint(-4, 4)), "y": cell(y), "on": cell(on)}
                tables["s"].append({ROOT: owner, "year": year, **facts})
        for number in range(random.randint(0, 3)):
            if "u" not in str(row.get("empty", "")):
                day = f"{random.randint(2020, 2025)}-{random.randint(1, 12):02}-15"
                kind, value = random.choice(["one", "two"]), random.choice(["-1", "0", "0.35", "7"])
                tables["u"].append(
                    {ROOT: owner, "day": day, "name": f"r{number}", "v": cell(value), "kind": cell(kind)}
                )
    return tables
