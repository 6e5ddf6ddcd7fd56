"""DuckDB, PostgreSQL and Spark give one answer: the interpreter's."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from gangmu.engine.assess import answers_of
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.sql import Answers, assess_tables
from gangmu.engine.sql.places import Warehouse
from gangmu.evidence.cases import Evidence
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import ROOT, Rulebook
from random_rules import graded_book, graded_rows, random_book, random_rows
from related_rules import related_book, related_rows

AS_OF = Dating(day=date(2025, 6, 30))
EACH = Dating("as_of")
FEW = 8


def answered(book: Rulebook, evidence: Evidence, dating: Dating, warehouse: Warehouse) -> Answers:
    """The answers of every rule, after they were held against the interpreter's."""
    names = [rule.name for rule in book.rules.values() if rule.entity == ROOT and rule.kind != "scale"]
    if warehouse.dialect.name == "spark":
        names = names[-FEW:]  # it takes its time to plan
    answers = assess_tables(book, evidence, names, dating, warehouse)
    assert answers.refused == {}
    for place, case in enumerate(evidence.cases()):
        day = dating.of(case)
        assert day is not None
        wanted = answers_of(Run(book, case, day), names)
        got = [answers.columns[name].answer(place) for name in names]
        assert got == wanted
    return answers


def test_owner_facts(rulebook: Path, warehouse: Warehouse) -> None:
    book = random_book(rulebook, 11, 4)
    evidence = read_evidence({ROOT: random_rows(Random(11), 40, 0.2)}, book)
    answered(book, evidence, EACH, warehouse)


def test_related_rows(rulebook: Path, warehouse: Warehouse) -> None:
    book = related_book(rulebook, 12, 3)
    evidence = read_evidence(related_rows(Random(12), 30, 0.15), book)
    answers = answered(book, evidence, AS_OF, warehouse)
    assert answers.stats["beyond"] < answers.stats["answers"] / 20


def test_postgres_holds_every_number(rulebook: Path, postgres: Warehouse) -> None:
    """Its numbers have no limit, so no row is beyond."""
    book = random_book(rulebook, 13, 8)
    evidence = read_evidence({ROOT: random_rows(Random(13), 40, 0.1)}, book)
    assert answered(book, evidence, EACH, postgres).stats["interpreter"] == 0


def test_grades_in_postgres(rulebook: Path, postgres: Warehouse) -> None:
    book = graded_book(rulebook, 14)
    answered(book, read_evidence(graded_rows(14, 30), book), EACH, postgres)


@pytest.mark.parametrize("name", ["answers", 'a "table" of 企业'])
def test_a_table_is_written_back(warehouse: Warehouse, rulebook: Path, name: str) -> None:
    if warehouse.dialect.name == "spark" and '"' in name:
        pytest.skip("Spark's catalog takes no such names")
    book = random_book(rulebook, 15, 1)
    evidence = read_evidence({ROOT: random_rows(Random(15), 5, 0.1)}, book)
    table = evidence.tables[ROOT].select([ROOT])
    for _ in range(2):  # the second gives way to the first
        warehouse.store(name, table)
    assert name in warehouse.names()
    assert sorted(warehouse.read(name).column(ROOT).to_pylist()) == table.column(ROOT).to_pylist()
