"""What a reader is told, line by line: the text on the left is the specification."""

# ruff: noqa: E501  the lines are the specification

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from textwrap import dedent
from typing import Any

import pytest

from gangmu.engine.explain import explain
from gangmu.engine.interpreter import Run
from gangmu.report.blocks import block_sentences, blocks
from gangmu.report.sentence import Sentence
from gangmu.report.sentences import sentences

RunOf = Callable[..., Run]
Given = dict[str, Any]


def shown(lines: list[Sentence]) -> str:
    return "\n".join(f"{'  ' * line.depth}{line.sign} {line.text}" for line in lines)


def told(run: Run, name: str, lang: str = "en", *, full: bool = False) -> str:
    return shown(sentences(run, explain(run, run.book.names[name][0]), lang, full=full))


def blocking(run: Run, name: str, lang: str = "en") -> str:
    return shown(block_sentences(run, explain(run, run.book.names[name][0]), lang))


def a_cent_less(given: Given) -> None:
    given["statement"][2]["rd_expense"] = "2159999.99 CNY"


def without_2022(given: Given) -> None:
    given["statement"].pop(0)


def stated(given: Given) -> None:
    without_2022(given)
    given["stated"] = {"rd_intensity": "5%"}


TOLD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an exact tie is met exactly, with threshold, row and every figure": (
        {}, "rd_intensive", "en",
        """
        ✓ Spends enough on R&D: R&D intensity of three years is 5% – at least 5% needed (floor of R&D intensity, row `small`); met exactly
          · Sum of R&D expense, fiscal years 2022 to 2024: 5.66 million CNY
            · R&D expense, fiscal year 2022: 1.5 million CNY
            · R&D expense, fiscal year 2023: 2 million CNY
            · R&D expense, fiscal year 2024: 2.16 million CNY
          · Sum of revenue, fiscal years 2022 to 2024: 113.2 million CNY
            · Revenue, fiscal year 2022: 30 million CNY
            · Revenue, fiscal year 2023: 40 million CNY
            · Revenue, fiscal year 2024: 43.2 million CNY
          · Revenue of the last fiscal year: 43.2 million CNY
            · Revenue, fiscal year 2024: 43.2 million CNY
        """,
    ),
    "the same in Chinese": (
        {}, "rd_intensive", "zh",
        """
        ✓ 研发投入达标：近三年研发费用占比为5%，要求不低于5%（研发费用占比下限，“small”行）；恰好达标
          · 2022至2024会计年度研发费用之和：566万元
            · 2022会计年度研发费用：150万元
            · 2023会计年度研发费用：200万元
            · 2024会计年度研发费用：216万元
          · 2022至2024会计年度营业收入之和：1.132亿元
            · 2022会计年度营业收入：3,000万元
            · 2023会计年度营业收入：4,000万元
            · 2024会计年度营业收入：4,320万元
          · 上年营业收入：4,320万元
            · 2024会计年度营业收入：4,320万元
        """,
    ),
    "a year that was not handed in is unknown, and named": (
        {"change": without_2022}, "rd_intensive", "en",
        """
        ? Spends enough on R&D: R&D intensity of three years is at least 0% – at least 5% needed (floor of R&D intensity, row `small`); open
          ? Sum of R&D expense, fiscal years 2022 to 2024: at least 4.16 million CNY
            ? No row handed in for fiscal year 2022: unknown
            · R&D expense, fiscal year 2023: 2 million CNY
            · R&D expense, fiscal year 2024: 2.16 million CNY
          ? Sum of revenue, fiscal years 2022 to 2024: at least 83.2 million CNY
            ? No row handed in for fiscal year 2022: unknown
            · Revenue, fiscal year 2023: 40 million CNY
            · Revenue, fiscal year 2024: 43.2 million CNY
          · Revenue of the last fiscal year: 43.2 million CNY
            · Revenue, fiscal year 2024: 43.2 million CNY
        """,
    ),
    "a failing condition with its exception": (
        {"staff": 600}, "not_too_large", "en",
        """
        ✗ Is not too large: staff is 600 persons – at most 500 persons allowed (staff ceiling); 100 persons too much
          · Exception not met: has won a national award: no
        """,
    ),
    "an exception that waives": (
        {"staff": 600, "has_award": "yes"}, "not_too_large", "en",
        """
        ✓ Is not too large: met
          ✓ Waived by the exception: has won a national award: yes
        """,
    ),
    "an exception that waives, in Chinese": (
        {"staff": 600, "has_award": "yes"}, "not_too_large", "zh",
        """
        ✓ 规模未超限：符合
          ✓ 因除外情形免除：获国家级奖项：是
        """,
    ),
    "what is not known": (
        {"staff": None, "has_award": None}, "not_too_large", "en",
        """
        ? Is not too large: staff is unknown – at most 500 persons allowed (staff ceiling); open
          ? Exception, still open: has won a national award: unknown
        """,
    ),
    "a rule that is not in force": (
        {"day": date(2020, 6, 30)}, "eligible", "en", "– Is eligible: not in force on 2020-06-30",
    ),
    "a rule that is not in force, in Chinese": (
        {"day": date(2020, 6, 30)}, "eligible", "zh", "– 符合条件：在2020-06-30未生效或已失效",
    ),
    "an open level names what is still possible": (
        {"staff": None}, "maker_size", "en",
        """
        ? Size class: micro or small or medium
          ? Staff size: micro or small or medium or large
            ? Staff: unknown
          · Revenue size: medium
            · Revenue of the last fiscal year: 43.2 million CNY
              · Revenue, fiscal year 2024: 43.2 million CNY
        """,
    ),
    "a certificate": (
        {"innovator_no": "A1", "innovator_from": "2024-01-01"}, "innovator", "en",
        """
        ✓ Certified innovator: held until 2027-01-01
          · Certificate number: “A1”
          · Certificate valid from: 2024-01-01
        """,
    ),
    "a certificate that has run out, in Chinese": (
        {"innovator_no": "A1", "innovator_from": "2020-01-01"}, "innovator", "zh",
        """
        ✗ 认定创新企业：已失效，自2023-01-01起
          · 证书编号：“A1”
          · 证书起始日：2020-01-01
        """,
    ),
    "a test that only chooses is told as holding": (
        {}, "ceiling_by_kind", "en",
        """
        · Ceiling by kind: 800 persons
          · Kind of firm: maker – “maker”: holds
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", TOLD)
def test_told(title: str, run_of: RunOf) -> None:
    changes, name, lang, text = TOLD[title]
    assert told(run_of(**changes), name, lang) == dedent(text).strip()


def test_rounding_never_hides_a_miss(run_of: RunOf) -> None:
    run = run_of(a_cent_less)
    assert told(run, "rd_intensive").splitlines()[0] == (
        "✗ Spends enough on R&D: R&D intensity of three years is 4.99999999% – at least 5% needed "
        "(floor of R&D intensity, row `small`); 0.000000008834 percentage points short"
    )


BLOCKING: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "all that fails, and only that": (
        {"staff": 600, "founded_on": "2025-01-01"}, "eligible", "en",
        """
        ✗ Is old enough: time from date of founding to as-of date is 5 months – at least 1 year needed (least age); 7 months short
        ✗ Is not too large: staff is 600 persons – at most 500 persons allowed (staff ceiling); 100 persons too much
        """,
    ),
    "alternatives with what each lacks": (
        {"staff": 600}, "grant_open", "en",
        """
        ✗ The grant is open: none of these 2 ways is open:
          ✗ Has won a national award: no
          ✗ Is eligible – lacks:
            ✗ Is not too large: staff is 600 persons – at most 500 persons allowed (staff ceiling); 100 persons too much
        """,
    ),
    "alternatives, in Chinese": (
        {"staff": 600}, "grant_open", "zh",
        """
        ✗ 可申请补助：以下2种情形均不具备：
          ✗ 获国家级奖项：否
          ✗ 符合条件，缺：
            ✗ 规模未超限：从业人员为600人，要求不超过500人（staff ceiling）；超出100人
        """,
    ),
    "what closes an amount": (
        {"staff": 600}, "loan_limit", "en",
        "✗ Is not too large: staff is 600 persons – at most 500 persons allowed (staff ceiling); 100 persons too much",
    ),
    "a title by its conditions": (
        {"founded_on": "2025-01-01"}, "innovator", "en",
        "✗ Is old enough: time from date of founding to as-of date is 5 months – at least 1 year needed (least age); 7 months short",
    ),
    "a certificate that has run out": (
        {"innovator_no": "A1", "innovator_from": "2020-01-01"}, "innovator", "en", "✗ Certified innovator: lapsed since 2023-01-01",
    ),
    "nothing blocks what is met": ({}, "grant_open", "en", ""),
    "nothing blocks what is only unknown": ({"staff": None, "has_award": None}, "eligible", "en", ""),
}  # fmt: skip


@pytest.mark.parametrize("title", BLOCKING)
def test_blocking(title: str, run_of: RunOf) -> None:
    changes, name, lang, text = BLOCKING[title]
    assert blocking(run_of(**changes), name, lang) == dedent(text).strip()


def test_every_blocking_condition_fails(run_of: RunOf) -> None:
    run = run_of(staff=600, founded_on="2025-01-01")
    found = blocks(explain(run, run.book.names["eligible"][0]))
    assert len(found) == 2
    assert all(reason.value.is_false for reason in found)


def test_a_line_says_on_what_it_rests(run_of: RunOf) -> None:
    run = run_of()
    lines = sentences(run, explain(run, run.book.names["eligible"][0]), "en")
    large = next(line for line in lines if line.text.startswith("Is not too large"))
    assert large.details == (
        "Innovation Support Act (made up for this page) art. 5; official text read",
        "Circular 2 (made up for this page) item 1; one retelling read",
        "enterprise, row 1, column staff",
    )
    expense = next(line for line in lines if line.text.startswith("R&D expense, fiscal year 2022"))
    assert expense.rests.evidence == ("statement, row 1, column rd_expense, audited",)
    in_chinese = sentences(run, explain(run, run.book.names["eligible"][0]), "zh")
    assert any("已读官方原文" in detail for line in in_chinese for detail in line.details)
    assert any("statement 第1行“rd_expense”列，经审计" in line.rests.evidence for line in in_chinese)


def test_a_stated_figure_is_marked(run_of: RunOf) -> None:
    run = run_of(stated)
    line = sentences(run, explain(run, run.book.names["rd_intensive"][0]), "en")[0]
    assert line.status == "met"
    assert "stated by its source" in line.rests.marks


def test_the_full_tree_has_what_does_not_decide(run_of: RunOf) -> None:
    run = run_of()
    short, full = told(run, "loan_limit"), told(run, "loan_limit", full=True)
    assert "Limit “ceiling”: 10 million CNY" in full
    assert "Limit “ceiling”" not in short
