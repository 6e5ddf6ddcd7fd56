"""No answer changes on a day that is not named: small random books, every day of years, every rule."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from gangmu.changes.clocked import clocked
from gangmu.changes.turning import turning_days
from gangmu.engine.assess import outcome
from gangmu.engine.interpreter import Run
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.load import load
from gangmu.rulebook.model import ROOT, Rulebook

START, UNTIL = date(2024, 2, 1), date(2025, 1, 10)

PAGE = """# Time
```yaml
born: {input: date, ask: {en: When?}}
p: {input: condition}
x: {input: number, range: {ge: 0, le: 900}}
no: {input: text}
since: {input: date}
till: {input: date}
year: {parameter: months, value: 12 months, ours: a test}
quarter: {parameter: months, value: 3 months, ours: a test}
weeks: {parameter: days, value: 100 days, ours: a test}
half: {parameter: ratio, value: 0.5, ours: a test}
two: {parameter: count, value: 2 items, ours: a test}
mark: {parameter: points, value: 50 points, ours: a test}
floor: {parameter: months, ours: a test, editions: [
  {from: 2020-01-01, to: 2024-05-17, value: 12 months}, {from: 2024-05-17, when: p, value: 3 months}, {from: 2024-05-17, value: 24 months}]}
sunset: {condition: p, ours: a test, from: 2022-01-01, to: 2024-09-30}
badge: {title: p, certificate: {number: no, from: since}, valid_for: 12 months, ours: a test}
medal: {title: "born < since", certificate: {number: no, from: since, to: till}, ours: a test, from: 2024-02-02}
s: {entity: year, expects: {every: year, since: born}}
s.year: {input: year}
s.v: {input: number, range: {ge: 0}}
u: {entity: day, key: name}
u.day: {input: date}
u.name: {input: text}
u.due: {input: date}
u.v: {input: number}
u.fresh: {condition: "MONTHS(u.day, as_of) < year", ours: a test}
u.late: {value: "DAYS(u.due, as_of)", unit: days, ours: a test}
age: {value: "MONTHS(born, as_of)", unit: months, ours: a test}
age_days: {value: "DAYS(born, as_of)", unit: days, ours: a test}
band: {table: points, by: age_days, ours: a test, rows: {low: {lt: 500 days, value: 10 points}, mid: {lt: 800 days, value: 60 points}, high: {value: 5 points}}}
marks: {score: points, parts: {x: {of: band, min: 10 points}, y: {of: "CASE WHEN age >= year THEN mark ELSE 0 END"}}, pass: {ge: 50 points}, ours: a test}
"""
TRUTHS = [
    "age >= floor", "MONTHS(born, as_of) < quarter", "as_of >= since", "ADD_MONTHS(since, quarter) > as_of",
    "since <= ADD_MONTHS(as_of, 0 - quarter)", "YEAR(as_of) = YEAR(since)", "YEARS(born, as_of) > year",
    "age_days >= weeks", "DAYS(as_of, till) < weeks", "DAYS(since, as_of) * half > weeks", "as_of = till",
    "COALESCE(till > as_of, TRUE)", "HELD(badge)", "HELD(medal)", "CONDITIONS_MET(medal)", "sunset", "PASSES(marks)",
    "sum(u.v) FILTER (WHERE u.fresh) > x", "count(u) FILTER (WHERE u.late > weeks) >= two",
    "max(u.late) > weeks", "MONTHS(min(u.day), as_of) >= year", "min(u.day) <= since", "sum(s.v) FILTER (WHERE LAST(2)) > x",
    "count(s) >= two", "count(u) FILTER (WHERE u.day > ADD_MONTHS(as_of, 0 - year)) >= two",
    "COALESCE(min(u.due), as_of) < since", "LEAST(since, as_of) < till", "ABS(DAYS(since, as_of)) < weeks",
    "CASE WHEN p THEN as_of ELSE since END > till", "u_worst * half > weeks", "base_year = YEAR(till)",
]  # fmt: skip
MORE = """
u_worst: {value: "max(u.late) FILTER (WHERE u.late < age_days)", unit: days, ours: a test}
"""


def book_of(root: Path, random: Random) -> Rulebook:
    rules = []
    for number in range(8):
        one, two, three = (random.choice(TRUTHS) for _ in range(3))
        shape = random.choice(["({a} AND {b}) OR {c}", "{a} OR NOT ({b})", "{a} AND {b}", "{a}"])
        rules.append(
            f't{number}: {{condition: "{shape.format(a=one, b=two, c=three)}", unless: "{three}", ours: a test}}'
        )
    rules.append("all: {all_of: [t0, t1, sunset, t2], ours: a test}")
    rules.append("way: {channel: t3, decides: lender, ours: a test}")
    (root / "rulebook.yaml").write_text('name: time\nversion: "1"\noutcomes: []\n', encoding="utf-8")
    (root / "r.md").write_text(f"{PAGE}{MORE}{chr(10).join(rules)}\n```\n", encoding="utf-8")
    return load(root)


def case_of(book: Rulebook, random: Random) -> Case:
    def day(low: int = 2021, high: int = 2025) -> str:
        place = date(low, 1, 1) + timedelta(days=random.randrange((high - low) * 365))
        return random.choice(["", "n/a", *[place.isoformat()] * 6])

    facts: dict[str, object] = {ROOT: "e", "born": day(2020, 2024), "since": day(), "till": day(2023, 2026)}
    facts |= {"p": random.choice(["yes", "no", ""]), "x": random.choice(["", "0", "40"])}
    facts |= {"no": random.choice(["", "n/a", "N 1"]), "complete": random.choice(["", "u", "u|s", "s"])}
    rows: list[dict[str, object]] = []
    for number in range(random.randrange(4)):
        known = random.choice(["", "", "2024-03-09", "2024-11-30"])
        rows.append(
            {
                ROOT: "e",
                "day": day(2022, 2025),
                "name": f"n{number}",
                "due": day(2023, 2025),
                "v": "30",
                "known_on": known,
            }
        )
    years = [
        {ROOT: "e", "year": year, "v": "20", "known_on": f"{year + 1}-04-20"} for year in range(2021, 2025)
    ]
    tables = {ROOT: [facts], "u": rows, "s": random.sample(years, random.randrange(5))}
    return next(iter(read_evidence({name: one for name, one in tables.items() if one}, book).cases()))


@pytest.mark.parametrize("seed", range(8))
def test_every_change_falls_on_a_named_day(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    book = book_of(tmp_path, random)
    names = [
        name
        for name, rule in book.rules.items()
        if rule.entity == ROOT and rule.kind not in ("input", "parameter")
    ]
    names = [name for name in names if not name.endswith(("age_days", "u_worst"))]  # they change every day
    for _ in range(2):
        case = case_of(book, random)
        named = set(turning_days(clocked(book, names), case, START, UNTIL))
        before = None
        for number in range((UNTIL - START).days + 1):
            day = START + timedelta(days=number)
            run = Run(book, case, day)
            now = {name: outcome(run, name) for name in names}
            if before is not None and now != before:
                moved = [name for name in names if now[name] != before[name]]
                assert day in named, (day, moved)
            before = now
