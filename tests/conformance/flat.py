"""A page of flat cases through one engine."""

from __future__ import annotations

from pathlib import Path

from conformance.cases import FlatPage, expected
from conformance.compare import same, told
from conformance.engines import WAYS, Found, ask, oracle
from conformance.sample import load_page
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.types import TitleType


def differing(page: FlatPage, engine: str, folder: Path) -> tuple[list[str], Found]:
    """What comes out otherwise than the page says, and all that the engine found; a refusal is no answer."""
    book = load_page(folder, page.page)
    evidence = read_evidence(dict(page.evidence.tables), book)
    assert not evidence.quarantine, evidence.quarantine[:3]
    rules, dating = list(dict.fromkeys(case.rule for case in page.cases)), page.evidence.dating
    if engine == "interpreter":
        found = Found(dict(oracle(book, evidence, rules, dating).columns))
    else:
        found = ask(engine, book, evidence, (rules, dating), WAYS[engine][-1])
    keys = evidence.keys.to_pylist()
    wrong = []
    for case in page.cases:
        if case.rule in found.columns:
            got = found.columns[case.rule][keys.index(f"line {case.line}")]
            if not same(expected(case.outcome), got, title=isinstance(book.rules[case.rule].type, TitleType)):
                wrong.append(f"{page.name}.md:{case.line}: {case.text} is {told(got)}, not {case.outcome}")
    return wrong, found
