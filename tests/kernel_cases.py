"""What tests of the kernel share: the interpreter beside the kernel, and worked cases as evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.kernel import Answers
from gangmu.engine.kernel.assess import answer_of
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import NAMED_ONLY, ROOT, Rulebook


def asked(book: Rulebook) -> list[str]:
    """All rules that can be asked, but inputs."""
    left = ("scale", "input", *NAMED_ONLY)
    return [rule.name for rule in book.rules.values() if rule.entity == ROOT and rule.kind not in left]


def differences(
    book: Rulebook, cases: Iterable[Case], answers: Answers, dating: Dating, *, grades: bool = False
) -> list[tuple[Any, ...]]:
    """Where the kernel's answer is not the interpreter's: rule, place, wanted, got."""
    wrong = []
    for place, case in enumerate(cases):
        day = dating.of(case)
        assert day is not None
        run = Run(book, case, day)
        for name, column in answers.columns.items():
            wanted, got = answer_of(run, name, grades=grades), column.answer(place)
            if wanted != got:
                wrong.append((name, place, wanted, got))
    return wrong


def worked(book: Rulebook) -> Evidence:
    """The evidence of all worked cases of a book, as one body."""
    tables: dict[str, list[dict[str, object]]] = {ROOT: [], "stated": []}
    for number, case in enumerate(book.cases):
        owner, given = {ROOT: f"case {number}"}, dict(case.raw.get("given") or {})  # type: ignore[call-overload]
        own = {key: given[key] for key in ("base_year",) if key in given}
        own |= {key: "|".join(_texts(given.get(key))) for key in ("complete", "empty")}
        tables[ROOT].append({**given.get(ROOT, {}), **own, "as_of": str(case.raw["as_of"]), **owner})
        for name, content in given.items():
            if isinstance(content, list) and name not in ("complete", "empty"):
                tables.setdefault(name, []).extend({**row, **owner} for row in content)
        tables["stated"] += [{**owner, "rule": r, "value": v} for r, v in given.get("stated", {}).items()]
    return read_evidence({name: rows for name, rows in tables.items() if rows}, book)


def _texts(node: object) -> list[str]:
    return [str(item) for item in node] if isinstance(node, list) else [str(node)] if node else []
