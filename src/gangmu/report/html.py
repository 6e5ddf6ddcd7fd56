"""Templates into HTML, everything escaped: the one module that touches Jinja."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gangmu.report.channel_words import tell
from gangmu.report.words import GRADE_WORDS, STATUS_WORDS, say, word

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=say, tell=tell, status_word=_status_word, grade_word=_grade_word)
    return environment


def _status_word(status: str, lang: str) -> str:
    return word(STATUS_WORDS, status, lang)


def _grade_word(grade: str, lang: str) -> str:
    return word(GRADE_WORDS, grade, lang)


def render(template: str, **values: object) -> str:
    """A template of `report/templates` filled in; a name that is not given is an error."""
    return _environment().get_template(template).render(**values)
