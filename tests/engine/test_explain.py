"""An explanation says of each rule and formula what the interpreter says, and works nothing out twice."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from gangmu.engine.explain import Reason, explain
from gangmu.engine.interpreter import Run
from gangmu.engine.shapes import Shapes
from gangmu.evidence.read import read_evidence
from gangmu.rulebook import expression as ex
from gangmu.rulebook.infer import type_of_formula
from gangmu.rulebook.model import ROOT
from random_rules import graded_book, graded_rows

DAY = date(2025, 6, 30)
A, B, C = ex.Ref("a"), ex.Ref("b"), ex.Ref("c")


@pytest.mark.parametrize("seed", range(2))
def test_reasons_say_what_the_interpreter_says(tmp_path: Path, seed: int) -> None:
    book = graded_book(tmp_path, seed)
    asked = [rule.name for rule in book.rules.values() if rule.entity == ROOT and rule.kind != "scale"]
    seen: set[str] = set()
    for case in read_evidence(graded_rows(seed, 12), book).cases():
        plain = Run(book, case, DAY)
        for name in asked:
            for reason in explain(Run(book, case, DAY), name).walk():
                seen.add(reason.kind)
                _holds(reason, plain)
    assert seen >= {"rule", "input", "parameter", "comparison", "all_of", "any_of", "unless"}


def _holds(reason: Reason, plain: Run) -> None:
    """The reason has the values that a run has which keeps nothing of formulas."""
    rule, node = reason.rule, reason.expression
    if rule is not None and reason.kind in ("rule", "input", "parameter"):
        assert reason.value == plain.value(rule.name, reason.line)
        editions = plain.editions(rule, reason.line)
        if reason.row is not None:
            assert [reason.row] == plain.rows(editions[0][0].body, reason.line)  # type: ignore[arg-type]
    if isinstance(node, ex.Compare) and not any(
        isinstance(part, ex.Field | ex.Last) for part in ex.walk(node)
    ):
        assert reason.value == plain.eval(node, None)
        assert reason.sides == (plain.eval(node.left, None), plain.eval(node.right, None))
        assert reason.type in [type_of_formula(plain.book, side) for side in (node.left, node.right)]


def test_what_is_told_is_told_once_and_a_copy_differs_in_what_it_decides(tmp_path: Path) -> None:
    book = graded_book(tmp_path, 0)
    case = next(iter(read_evidence(graded_rows(0, 1), book).cases()))
    for name in [rule.name for rule in book.rules.values() if rule.entity == ROOT and rule.kind != "scale"]:
        tree = explain(Run(book, case, DAY), name)
        assert tree.children is tree.children
        told: dict[str, tuple[Reason, ...]] = {}
        for reason in tree.walk():
            if reason.rule is not None and reason.kind == "rule" and reason.line is None:
                assert told.setdefault(reason.rule.name, reason.children) is reason.children


def test_named_parts_come_from_left_to_right_and_a_case_is_one(tmp_path: Path) -> None:
    shapes = Shapes(graded_book(tmp_path, 0))
    either = ex.Case(((ex.Compare(">", A, B), A),), C)
    least = ex.Call("LEAST", (either, C))
    assert shapes.parts(ex.Call("+", (ex.Call("/", (B, A)), least))) == (B, A, either, C)
    both = ex.Group("all_of", (A, B))
    assert shapes.parts(both) == (both,)
    assert all(shapes.parts(ex.Number(Fraction(number))) == () for number in (0, 1))
