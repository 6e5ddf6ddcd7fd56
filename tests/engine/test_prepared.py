"""A prepared question: the interpreter's answers from a dict of facts, whatever type a fact comes in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from gangmu.book import Book, load
from gangmu.engine.assess import answer, outcome
from gangmu.engine.interpreter import Run
from gangmu.engine.prepared import Prepared
from gangmu.errors import EvidenceError, QuestionError
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import ROOT
from kernel_cases import asked
from random_rules import DAYS, graded_book, random_book, random_rows

BIG = 10**9
ROOT_FOLDER = Path(__file__).parents[2]


def as_written(_: str, text: str) -> object:
    return text


def as_python(name: str, text: str) -> object:
    """A cell as a program would hold it."""
    if text in ("", "n/a"):
        return text or None
    if name in "abc":
        return int(text) if text.lstrip("-").isdigit() else float(text) if len(text) < 15 else Decimal(text)
    if name in "pq":
        return text == "true"
    return date.fromisoformat(text) if name == "born" else text


@pytest.mark.parametrize("typed", [as_written, as_python])
@pytest.mark.parametrize("seed", range(4))
def test_random_rules_over_random_facts(
    tmp_path: Path, seed: int, typed: Callable[[str, str], object]
) -> None:
    """Holes, ties, numbers beyond a word, what is said to be none: every answer is the interpreter's."""
    book, day = random_book(tmp_path, seed), DAYS[seed]
    names = Random(seed).sample(asked(book), 12)
    ask = Prepared(book, {name: name for name in names}, date.fromisoformat(day))
    assert set(ask.interpreted) < set(names)
    rows = random_rows(Random(seed), 60, 0.1)
    by: dict[object, int] = {}
    for case, row in zip(read_evidence({ROOT: rows}, book).cases(), rows, strict=True):
        facts = {name: typed(name, str(row[name])) for name in (*"abcpqkw", "born")}
        told = ask(facts)
        by[told.outcome and told.outcome.path] = by.get(told.outcome and told.outcome.path, 0) + 1
        run = Run(book, case, ask.day)
        assert {name: told[name] for name in names} == {name: outcome(run, name) for name in names}
    assert by["exact"] > 5


def bench_facts(random: Random, book: Book) -> dict[str, object]:
    """A firm of the benchmark: whole numbers, many of them on a threshold."""
    facts: dict[str, object] = {}
    for name, rule in book.model.inputs_of(ROOT).items():
        if rule.input.input == "condition":
            facts[name] = random.random() < 0.2
        else:
            size = random.choice([1, 10, 1_000, 1_000_000])
            span = rule.input.range
            low = -BIG if span.lo is None else int(span.lo)
            high = BIG if span.hi is None else int(span.hi)
            facts[name] = max(low, min(high, random.randint(-2, 20) * size))
    return facts


@pytest.fixture(scope="module")
def bench() -> Book:
    return load(ROOT_FOLDER / "benchmarks" / "rulebooks" / "bench34")


def test_cases_without_holes_take_doubles_where_those_decide(bench: Book) -> None:
    names = [name for name in asked(bench.model) if bench.model.rules[name].kind != "parameter"]
    ask = bench.prepared(names, as_of="2026-06-30")
    paths = set()
    for seed in range(150):
        told = ask(bench_facts(Random(seed), bench))
        assert {name: told[name] for name in names} == {name: outcome(told.run, name) for name in names}
        assert ask(bench_facts(Random(seed), bench)).all() == dict(told)
        paths.add(told.outcome and told.outcome.path)
    assert paths == {"points", "exact"}


def test_threads_may_ask_at_once(bench: Book) -> None:
    """One question, many askers: no answer is another's."""
    ask = bench.prepared(as_of="2026-06-30")
    firms = [bench_facts(Random(seed), bench) for seed in range(40)] * 20
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda facts: dict(ask(facts)), firms))
    assert together == [dict(ask(facts)) for facts in firms]


def test_grades_and_titles(tmp_path: Path) -> None:
    """The weakest grade on the deciding path, held titles, rules over related rows."""
    book = graded_book(tmp_path, 1)
    names = [
        name
        for name in asked(book)
        if name.rpartition(".")[2] in ("waived", "badge", "with_badge", "t0", "n1", "g0", "deeds")
    ]
    ask = Prepared(book, {name: name for name in names}, date(2025, 6, 30), grades=True)
    rows = random_rows(Random(5), 40, 0.2)
    told_of = [{"no": "X1", "since": "2024-01-01", "till": "2026-01-01"}, {"no": "n/a"}, {}]
    deeds = [{"dealt_on": "2025-01-03", "worth": "4"}, {"dealt_on": "2025-02-03", "worth": ""}]
    for place, row in enumerate(rows):
        facts = {name: row[name] for name in (*"abcpqkw", "born")} | told_of[place % 3]
        given = {ROOT: facts, "deed": deeds[: place % 3], "complete": ["deed"] if place % 2 else []}
        [case] = read_evidence(given, book).cases()
        told = ask(facts, {"deed": deeds[: place % 3]}, ["deed"] if place % 2 else [])
        run = Run(book, case, ask.day)
        assert dict(told) == told.all() == {name: answer(run, name) for name in names}


def test_a_case_with_statements_and_patents_of_cn() -> None:
    """Worked cases of a page over annual statements: what comes out is what the page says."""
    book = load("cn")
    cases = [case for case in book.model.cases if case.page == "recognition/hnte"][:12]
    for case in cases:
        given = dict(case.raw.get("given") or {})  # type: ignore[call-overload]
        complete = given.pop("complete", [])
        stated = {key: given.pop(key, None) for key in ("empty", "stated", "base_year")}
        if stated["empty"] or stated["stated"]:
            continue
        year = stated["base_year"]
        facts = given.pop(ROOT, {})
        expected = list(case.raw["expect"])  # type: ignore[call-overload]
        names = [name if name in book.model.names else f"{case.page}.{name}" for name in expected]
        ask = book.prepared(names, str(case.raw["as_of"]), base_year=int(year) if year else None)
        told = ask(facts, given, complete)
        run = book.run(
            {ROOT: facts, **given, "complete": complete, **({"base_year": year} if year else {})},
            as_of=str(case.raw["as_of"]),
        )
        assert {name: told[name] for name in names} == {name: outcome(run, ask.names[name]) for name in names}


# ---------------------------------------------------------------------- what a fact may be

PAGE = """# Facts
```yaml
page: {cite: {source: act, grade: official}}
money: {input: number, unit: 万元, decimals: 2, range: {ge: 0, le: 5000 万元}}
share: {input: number, unit: "%", decimals: 2}
count: {input: number, decimals: 0}
flag: {input: condition}
kind: {input: code, options: {maker: {en: Maker, zh: 制造}, trader: {en: Trader}}}
day: {input: date}
fiscal: {input: year}
audited: {input: number, origin: [audited, registry]}
shown_money: {value: money, unit: CNY, cite: art. 1}
shown_share: {value: share, unit: ratio, cite: art. 1}
shown_count: {value: count, unit: ratio, cite: art. 1}
shown_flag: {condition: flag, cite: art. 1}
is_maker: {condition: "kind = 'maker'", cite: art. 1}
since: {value: "YEAR(day)", unit: calendar_year, cite: art. 1}
shown_fiscal: {value: fiscal, unit: calendar_year, cite: art. 1}
shown_audited: {value: audited, unit: ratio, cite: art. 1}
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("facts")
    shown = ("money", "share", "count", "flag", "fiscal", "audited")
    head = f"outcomes: [is_maker, since, {', '.join(f'shown_{name}' for name in shown)}]"
    (folder / "rulebook.yaml").write_text(f'name: facts\nversion: "1"\n{head}\n', encoding="utf-8")
    (folder / "sources.yaml").write_text("act: {title: An act, force: law}\n", encoding="utf-8")
    (folder / "facts.md").write_text(PAGE, encoding="utf-8")
    return load(folder)


@pytest.mark.parametrize(
    ("name", "value", "rule", "wanted"),
    [
        ("money", 12, "shown_money", 120_000), ("money", 0.1, "shown_money", 1_000),
        ("money", "12.34", "shown_money", 123_400), ("money", "0.5 亿元", "shown_money", 50_000_000),
        ("money", Decimal("1.005"), "shown_money", 10_050), ("money", Fraction(1, 8), "shown_money", 1_250),
        ("money", 1e-3, "shown_money", 10), ("money", "1,000", "shown_money", 10_000_000),
        ("share", 7.5, "shown_share", Fraction(3, 40)), ("share", "7.5%", "shown_share", Fraction(3, 40)),
        ("share", 0.1 + 0.2, "shown_share", Fraction("0.0030000000000000004")),
        ("count", 10**30, "shown_count", 10**30), ("count", -5, "shown_count", -5),
        ("count", 1e22, "shown_count", 10**22), ("flag", 1, "shown_flag", True),
        ("flag", True, "shown_flag", True), ("flag", "否", "shown_flag", False),
        ("kind", "制造", "is_maker", True), ("kind", "trader", "is_maker", False),
        ("day", date(2024, 2, 29), "since", 2024), ("day", "2024年2月29日", "since", 2024),
        ("fiscal", 2023, "shown_fiscal", 2023), ("fiscal", "2023年度", "shown_fiscal", 2023),
    ],
)  # fmt: skip
def test_a_fact_means_what_its_cell_means(
    book: Book, name: str, value: object, rule: str, wanted: object
) -> None:
    ask = book.prepared(as_of="2026-06-30")
    for _ in range(2):  # the second time it is remembered
        told = ask({name: value})
        assert told[rule].value == wanted
        assert told[rule] == outcome(book.run({ROOT: {name: value}}, as_of="2026-06-30"), ask.names[rule])


@pytest.mark.parametrize("value", [None, "", "n/a", "无"])
def test_what_is_not_given_is_not_none(book: Book, value: object) -> None:
    ask = book.prepared(as_of="2026-06-30")
    status = "unknown" if not value else "undefined"
    assert ask({"money": value})["shown_money"].status == status
    assert ask({})["shown_money"].status == "unknown"


def test_an_origin_that_an_input_demands(book: Book) -> None:
    facts = {"audited": 3}
    assert book.prepared(as_of="2026-06-30")(facts)["shown_audited"].status == "unknown"
    ask = book.prepared(as_of="2026-06-30", origin="audited")
    assert ask(facts)["shown_audited"].value == 3


def test_everything_that_is_wrong_is_told_at_once(book: Book) -> None:
    ask = book.prepared(as_of="2026-06-30")
    wrong = {
        "money": 5001,
        "monney": 1,
        "flag": "perhaps",
        "kind": "baker",
        "day": "2026-02-30",
        "count": float("nan"),
        "fiscal": True,
    }
    with pytest.raises(EvidenceError) as refused:
        ask(wrong)
    assert [problem.where for problem in refused.value.problems] == list(wrong)
    assert "did you mean money" in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "complete", "what"),
    [
        ({"statements": []}, (), "statements"), ({}, ("patents",), "patents"),
        ({"statement": [{"revenue": 1}]}, (), "fiscal_year"),
        ({"statement": [{"fiscal_year": 2024, "revenues": 1}]}, (), "revenues"),
        ({"statement": [{"fiscal_year": 2024}, {"fiscal_year": 2024}]}, (), "second row"),
        ({"statement": [{"fiscal_year": 2024, "origin": "hearsay"}]}, (), "hearsay"),
    ],
)  # fmt: skip
def test_rows_that_are_wrong_are_refused(
    rows: dict[str, list[dict[str, object]]], complete: tuple[str, ...], what: str
) -> None:
    ask = load("cn").prepared(["hnte"], as_of="2026-06-30")
    with pytest.raises(EvidenceError, match=what):
        ask({}, rows, complete)


def test_a_question_that_is_wrong_is_refused(book: Book) -> None:
    with pytest.raises(QuestionError):
        book.prepared(["nothing"])
    with pytest.raises(QuestionError):
        book.prepared(as_of="as_of,today")


def test_an_answer_looks_like_a_mapping(book: Book) -> None:
    told = book.prepared(["is_maker", "since"], as_of="2026-06-30")({"kind": "maker"})
    assert list(told) == ["is_maker", "since"]
    assert len(told) == 2
    assert told["is_maker"] is told["is_maker"]
    assert "money" not in told
