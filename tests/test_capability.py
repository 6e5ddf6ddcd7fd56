"""The capability pages are questionnaires: every question can be put, in both languages, on a sheet.

And what a questionnaire says is kept apart from what a certificate says.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import gangmu
from gangmu.evidence.template import needed_inputs, write_template
from gangmu.rulebook.model import Input

QUESTIONNAIRES = {
    "sme_digital_level": 65,  # fifteen questions with their boxes, sixteen scenes
    "dcmm_level": 29,
    "dsmm_level": 30,
    "cmmm_level": 26,
    "dtmm_level": 30,
    "integration_grade": 5,
    "supplier_level": 60,
}
CERTIFIED = {
    "dcmm": ("l0", "l3"),
    "dsmm": ("l0", "l3"),
    "cmmm": ("l0", "l3"),
    "dtmm": ("l0", "l3"),
    "integration": ("ungraded", "aaa"),
}


@pytest.fixture(scope="module")
def book() -> gangmu.Book:
    """The shipped rulebook."""
    return gangmu.load("cn")


def test_every_question_is_put_in_both_languages(book: gangmu.Book) -> None:
    """An input of these folders has a label and a question, in English and Chinese; a text has no need."""
    folders = ("capability/", "competition/")
    silent = [
        rule.name
        for rule in book.model.rules.values()
        if isinstance(rule.body, Input)
        and rule.page.startswith(folders)
        and not (
            rule.label.en
            and rule.label.zh
            and (rule.body.input == "text" or (rule.body.ask.en and rule.body.ask.zh))
        )
    ]
    assert silent == []


@pytest.mark.parametrize(("rule", "least"), QUESTIONNAIRES.items())
def test_a_form_asks_for_what_a_level_needs(book: gangmu.Book, tmp_path: Path, rule: str, least: int) -> None:
    """Every input on which the level rests has a column of its own."""
    wanted = {name.rsplit(".", 1)[-1] for name in needed_inputs(book.model, [rule])}
    workbook = openpyxl.load_workbook(write_template(book.model, tmp_path / "form.xlsx", [rule]))
    asked = {
        str(cell.value).splitlines()[-1] for sheet in workbook for cell in sheet[1] if cell.value is not None
    }
    assert len(wanted) >= least
    assert sorted(wanted - asked) == []


@pytest.mark.parametrize(("scheme", "levels"), CERTIFIED.items())
def test_only_a_certificate_proves(book: gangmu.Book, scheme: str, levels: tuple[str, str]) -> None:
    """Without one the proven level is the lowest, whatever was answered; with one it is what it states."""
    lowest, stated = levels
    done = {f"{scheme}_self_done": "yes", f"{scheme}_certified": stated}
    shown = {f"{scheme}_no": "C-1", f"{scheme}_from": "2024-01-01", f"{scheme}_to": "2027-01-01"}
    rules = [f"{scheme}_proven", f"{scheme}_proof"]

    def row(**facts: str) -> dict[str, object]:
        given: dict[str, object] = {"enterprise": facts}
        return dict(book.assess(given, "2025-06-30", rules).to_arrow().to_pylist()[0])

    without = row(**done, **{f"{scheme}_no": "n/a"})
    assert (without[rules[0]], without[rules[1]]) == (lowest, "self_assessed")
    held = row(**done, **shown)
    assert (held[rules[0]], held[rules[1]]) == (stated, "certified")
