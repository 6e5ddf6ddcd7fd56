"""The queries, dialect by dialect, are as they were reviewed: one file for each construct under `golden/`.

After a change that is meant, `GANGMU_GOLDEN=write` in the environment of this test writes them anew; the
difference is then read like any other.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gangmu.engine.sql.dialects import DIALECTS
from gangmu.engine.sql.printed import printed
from gangmu.engine.sql.render import ForbiddenNodeError, check
from gangmu.errors import QuestionError
from gangmu.rulebook.load import load

GOLDEN = Path(__file__).parent / "golden"
RULES = (
    "division", "strict_least", "logic", "no_branch", "listed_rules", "old_enough", "by_number", "by_code",
    "by_test", "passed", "class_of_firm", "limit", "badge", "by_date", "profit_two_years", "inventive",
)  # fmt: skip
DAY = "2025-06-30"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("rule", RULES)
def test_the_query_is_the_one_reviewed(rule: str, dialect: str) -> None:
    found = printed(load(GOLDEN / "book"), [rule], dialect, DAY) + "\n"
    kept = GOLDEN / dialect / f"{rule}.sql"
    if os.environ.get("GANGMU_GOLDEN") == "write":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8"), (
        "read the difference; if it is meant, GANGMU_GOLDEN=write"
    )


def test_no_file_is_left_over() -> None:
    kept = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*.sql")}
    assert kept == {f"{dialect}/{rule}.sql" for dialect in DIALECTS for rule in RULES}


def test_a_node_that_is_not_allowed_is_refused() -> None:
    from sqlglot import parse_one

    with pytest.raises(ForbiddenNodeError):
        check(parse_one("SELECT REGEXP_REPLACE(a, b, c) FROM t"))
    with pytest.raises(ForbiddenNodeError):
        check(parse_one("SELECT READ_CSV('/etc/passwd') FROM t"))


WRONG = [("nothing", "duckdb", DAY), ("limit", "oracle", DAY), ("limit", "spark", "soon")]


@pytest.mark.parametrize(("rule", "dialect", "day"), WRONG)
def test_wrong_questions_are_refused(rule: str, dialect: str, day: str) -> None:
    with pytest.raises(QuestionError):
        printed(load(GOLDEN / "book"), [rule], dialect, day)
