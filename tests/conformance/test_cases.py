"""Every flat case, on every engine that is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cases import FlatPage, expected, flat_pages
from conformance.compare import same, told
from conformance.engines import ENGINES, Found, ask, missing, oracle
from conformance.sample import load_page
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.types import TitleType

PAGES = {page.name: page for page in flat_pages()}


@pytest.mark.parametrize("engine", ["interpreter", *ENGINES])
@pytest.mark.parametrize("name", PAGES)
def test_each_line_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, engine: str) -> None:
    if engine in ENGINES and (why := missing(engine)):
        pytest.skip(why)
    monkeypatch.setenv("GANGMU_CACHE", str(tmp_path / "cache"))
    wrong, found = _wrong(tmp_path, PAGES[name], engine)
    assert wrong == []
    assert found.failed == {}


def _wrong(folder: Path, page: FlatPage, engine: str) -> tuple[list[str], Found]:
    """What came out otherwise than the page says; a refusal is no answer."""
    book = load_page(folder, page.page)
    evidence = read_evidence(dict(page.evidence.tables), book)
    assert not evidence.quarantine
    rules, dating = list(dict.fromkeys(case.rule for case in page.cases)), page.evidence.dating
    if engine == "interpreter":
        found = Found(dict(oracle(book, evidence, rules, dating).columns))
    else:
        found = ask(engine, book, evidence, (rules, dating), 200)
    keys = evidence.keys.to_pylist()
    wrong = []
    for case in page.cases:
        if case.rule in found.columns:
            got = found.columns[case.rule][keys.index(f"line {case.line}")]
            if not same(expected(case.outcome), got, title=isinstance(book.rules[case.rule].type, TitleType)):
                wrong.append(f"{page.name}.md:{case.line}: {case.text} is {told(got)}, not {case.outcome}")
    return wrong, found
