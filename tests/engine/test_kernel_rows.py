"""The kernel's aggregates give the interpreter's answers: random formulas over random rows with holes.

Rows missing or undecided, years not handed in, lists complete, partial or empty, several origins, facts known
late, days and base years of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("llvmlite")

from gangmu.engine.dates import Dating
from gangmu.engine.kernel import assess_table, cuts, loops
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook
from kernel_cases import asked, differences

EXAMPLES = Path(__file__).parents[2] / "examples"
AS_OF = date(2025, 6, 30)
DAYS = ("2025-06-30", "2024-12-31", "2024-02-29", "2021-12-31", "2022-01-01")

PAGE = """# Rows
```yaml
born: {input: date, ask: {en: When?}}
floor: {input: number}
p: {input: condition}
st: {entity: year, expects: {every: year, since: born}}
st.year: {input: year}
st.x: {input: number, range: {ge: 0}}
st.y: {input: number}
st.ok: {input: condition}
st.kind: {input: code, options: {one: {en: one}, two: {en: two}, three: {en: three}}}
st.ratio: {value: st.y / st.x, unit: ratio, ours: a test}
st.big: {condition: st.x >= floor, ours: a test}
st.some: {value: "CASE WHEN p THEN st.x ELSE st.y + floor END", unit: ratio, ours: a test}
st.old: {condition: "LAST(5) AND NOT LAST(2)", ours: a test}
st.root: {value: SQRT(st.x), unit: ratio, ours: a test}
st.audited: {input: number, origin: [audited, registry]}
bill: {entity: paid_on, key: no}
bill.no: {input: text}
bill.paid_on: {input: date}
bill.worth: {input: number, range: {le: 9}}
bill.kind: {input: code, pattern: "[a-z0-9]{2,3}"}
bill.late: {condition: "MONTHS(bill.paid_on, as_of) > year", ours: a test}
bill.rate: {table: ratio, by: bill.kind, ours: a test, editions: [
  {from: 2022-01-01, to: 2025-01-01, rows: {a: {prefix: ["65"], value: 1}, b: {value: 2}}}, {from: 2025-01-01, rows: {a: {in: [m1], value: 3}}}]}
note: {entity: none, key: code}
note.code: {input: text}
note.worth: {input: number}
note.good: {input: condition}
year: {parameter: months, value: 12 months, ours: a test}
tenth: {parameter: ratio, value: 0.1, ours: a test}
last_x: {value: sum(st.x) FILTER (WHERE LAST(1)), unit: ratio, ours: a test}
last_x_more: {value: last_x + tenth, unit: ratio, ours: a test}
rate: {value: "GROWTH(sum(st.x) FILTER (WHERE LAST(1)), sum(st.x) FILTER (WHERE LAST(3)), 2)", unit: ratio, ours: a test}
root: {value: "SQRT(last_x + floor) + LN(last_x_more)", unit: ratio, ours: a test}
powers: {value: "POWER(last_x, tenth) - EXP(rate) / POWER(floor, 9)", unit: ratio, ours: a test}
above: {condition: "POWER(SQRT(last_x), 2) >= last_x", ours: a test}
told: {value: sum(bill.worth), unit: ratio, stated: true, ours: a test}
told_twice: {condition: "told + told >= last_x", ours: a test}
note.above: {condition: note.worth > last_x_more, ours: a test}
"""
ITEMS = {
    "st": ["st.x", "st.y", "st.ratio", "st.some", "st.x - st.y", "st.x * tenth", "st.audited", "COALESCE(st.y, floor)",
           "st.root", "GROWTH(st.x, floor, 2)"],
    "bill": ["bill.worth", "bill.rate", "bill.worth * SQRT(floor)", "bill.worth * bill.rate", "bill.worth / tenth"],
    "note": ["note.worth", "ABS(note.worth)", "note.worth + last_x_more"],
}  # fmt: skip
FILTERS = {
    "st": ["st.big", "st.ok", "st.kind = 'one'", "st.kind IN ('one', 'two')", "st.x > st.y", "st.old", "p", "st.year < base_year",
           "st.ratio > tenth", "st.root * st.root >= st.x", "LN(st.x) > tenth"],
    "bill": ["bill.late", "bill.kind LIKE '65%'", "bill.worth >= floor", "bill.rate > 1", "NOT p", "bill.paid_on > born"],
    "note": ["note.good", "note.above", "note.worth = floor", "p OR note.good"],
}  # fmt: skip


def _filter(random: Random, entity: str) -> str:
    found = random.choice(FILTERS[entity])
    if random.random() < 0.4:
        found = f"{found} {random.choice(['AND', 'OR'])} {random.choice(FILTERS[entity])}"
    if entity == "st" and random.random() < 0.7:
        n = random.randint(1, 4)
        years = random.choice([f"LAST({n})", f"LAST({n})", f"LAST({n + 1}) AND NOT LAST({n})"])
        found = random.choice([years, f"{years} AND ({found})"])
    return found


def _aggregate(random: Random) -> str:
    entity = random.choice(["st", "st", "bill", "note"])
    function = random.choice(["sum", "min", "max", "avg", "count"])
    item = entity if function == "count" else random.choice(ITEMS[entity])
    where = f" FILTER (WHERE {_filter(random, entity)})" if random.random() < 0.85 else ""
    return f"{function}({item}){where}"


def _book(root: Path, seed: int, count: int = 30) -> Rulebook:
    random = Random(seed)
    formulas = [_aggregate(random) for _ in range(count)]
    units = ["count" if formula.startswith("count") else "ratio" for formula in formulas]
    rules = [
        f'a{i}: {{value: "{formula}", unit: {unit}, ours: a test}}'
        for i, (formula, unit) in enumerate(zip(formulas, units, strict=True))
    ]
    ratios = [i for i, unit in enumerate(units) if unit == "ratio"]
    for i in range(6):
        one, two = random.choice(ratios), random.choice(ratios)
        rules.append(f't{i}: {{condition: "a{one} >= a{two}", ours: a test}}')
        rules.append(f'd{i}: {{value: "a{one} / a{two}", unit: ratio, ours: a test}}')
    (root / "rulebook.yaml").write_text('name: rows\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "r.md").write_text(f"{PAGE}{chr(10).join(rules)}\n```\n", encoding="utf-8")
    return load(root)


def _number(random: Random) -> str:
    return str(float(random.choice([*range(-3, 5), Fraction(1, 10), Fraction(-1, 2), Fraction(7, 20)])))


Rows = list[dict[str, object]]


def _told(random: Random, holes: float, row: Mapping[str, object]) -> dict[str, object]:
    """A row with holes, and some facts said to be none."""
    return {n: v if random.random() > holes else random.choice(["", "", "n/a"]) for n, v in row.items()}


def _day(random: Random, years: list[int]) -> str:
    return f"{random.choice(years)}-0{random.randint(1, 9)}-{random.randint(10, 28)}"


def _statements(random: Random, holes: float) -> Rows:
    found = []
    for year in random.sample(range(2010, 2026), random.choice([0, 1, 3, 4, 14])):
        for origin in random.choice([["audited"], ["tax_return"], ["tax_return", "audited"]]):
            x = _number(random).lstrip("-")
            row = {"x": x, "y": _number(random), "ok": random.choice(["true", "false"]), "audited": x}
            facts = _told(random, holes, row) | {"kind": random.choice(["one", "two", "three", ""])}
            found.append(
                {"year": year, "origin": origin, "known_on": random.choice(["", "", "2024-05-01"]), **facts}
            )
    return found


def _bills(random: Random, holes: float) -> Rows:
    def one(number: int) -> dict[str, object]:
        row = {"worth": _number(random), "kind": random.choice(["65x", "659", "m1", "zz"])}
        day = _day(random, list(range(2020, 2026)))
        return {"no": f"b{number}", "paid_on": day, **_told(random, holes, row)}

    return [one(number) for number in range(random.choice([0, 1, 2, 5]))]


def _notes(random: Random, holes: float) -> Rows:
    def one(number: int) -> dict[str, object]:
        row = {"worth": _number(random), "good": random.choice(["true", "false"])}
        return {"code": f"n{number}", **_told(random, holes, row)}

    return [one(number) for number in range(random.choice([0, 1, 3]))]


def _tables(random: Random, owners: int, holes: float) -> dict[str, Rows]:
    found: dict[str, Rows] = {ROOT: [], "st": [], "bill": [], "note": [], "stated": []}
    for place in range(owners):
        key: dict[str, object] = {ROOT: f"e{place}"}
        states: dict[str, list[str]] = {"complete": [], "empty": [], "": []}
        for entity, rows in (("st", _statements), ("bill", _bills), ("note", _notes)):
            state = random.choice(["complete", "complete", "empty", "", ""])
            states[state].append(entity)
            if state != "empty":
                found[entity] += [{**key, **row} for row in rows(random, holes)]
        own = {"as_of": random.choice(DAYS), "base_year": random.choice(["", "", "2023", "2024"])}
        own |= {state: "|".join(entities) for state, entities in states.items() if state}
        row = {"born": _day(random, [2005, 2012, *range(2017, 2026)]), "floor": _number(random)}
        facts = _told(random, holes, {**row, "p": random.choice(["true", "false"])})
        found[ROOT].append({**key, **own, **facts})
        if random.random() < 0.5:
            found["stated"].append({**key, "rule": "told", "value": _number(random)})
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("seed", range(4))
def test_random_aggregates_over_random_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book = _book(tmp_path, seed)
    for holes, dating in ((0.0, Dating(day=AS_OF)), (0.15, Dating("as_of"))):
        evidence = read_evidence(_tables(Random(seed), 60, holes), book)
        assert not evidence.quarantine
        answers = assess_table(book, evidence, asked(book), dating)
        assert answers.refused == {}
        assert answers.stats["interpreter"] <= len(evidence) // 10
        assert differences(book, evidence.cases(), answers, dating) == []


@pytest.mark.parametrize(("example", "day"), [("listed", "2025-06-30"), ("small_firm", "2026-06-30")])
def test_rules_of_cn_over_the_examples(example: str, day: str) -> None:
    """One rule in eight, of every page."""
    book, dating = load("cn"), Dating(day=date.fromisoformat(day))
    evidence = read_evidence(EXAMPLES / example, book)
    answers = assess_table(book, evidence, asked(book)[::8], dating)
    assert answers.refused == {}
    assert answers.stats["interpreter"] == 0
    assert differences(book, evidence.cases(), answers, dating) == []


def test_pieces_of_a_long_loop_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops cut into very short pieces, over many blocks of rows."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loops, "WHOLE", 20)
    monkeypatch.setattr(cuts, "PIECE", 60)
    for module in (cuts, loops):
        monkeypatch.setattr(module, "BLOCK", 16)
    book, dating = _book(tmp_path, 77), Dating(day=AS_OF)
    evidence = read_evidence(_tables(Random(77), 60, 0.1), book)
    answers = assess_table(book, evidence, asked(book), dating)
    assert differences(book, evidence.cases(), answers, dating) == []


@pytest.mark.parametrize("told", ["complete", "empty", ""])
def test_nobody_has_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """No table of related rows, or none known on the day: lists are empty, or nothing is said of them."""
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    book, dating = _book(tmp_path, 3), Dating(day=AS_OF)
    whole = _tables(Random(3), 6, 0.0)
    late = {name: [{**row, "known_on": "2026-01-01"} for row in rows] for name, rows in whole.items()}
    for related in ({}, {name: late[name] for name in ("st", "bill", "note")}):
        owners = [{**row, "complete": "", "empty": ""} for row in whole[ROOT]]
        if told and not (told == "empty" and related):
            owners = [{**row, told: "st|bill|note"} for row in owners]
        evidence = read_evidence({ROOT: owners, **related}, book)
        answers = assess_table(book, evidence, asked(book), dating)
        assert answers.refused == {}
        assert differences(book, evidence.cases(), answers, dating) == []
