"""Templates into pages, everything escaped, in one of two languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gangmu.report.words import GRADE_WORDS, STATUS_WORDS, word
from gangmu.report.words import say as say_report
from gangmu.web.words import say, say_if

_HERE = Path(__file__).parent
_REPORT = _HERE.parent / "report" / "templates"


@cache
def environment() -> Environment:
    """Templates of the site, and those macros of the report that it shares."""
    made = Environment(
        loader=FileSystemLoader([_HERE / "templates", _REPORT], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        t=say,
        called=called,
        say=say_report,
        status_word=lambda status, lang: word(STATUS_WORDS, status, lang),
        grade_word=lambda grade, lang: word(GRADE_WORDS, grade, lang),
    )
    made.filters.update(day=day, moment=moment, count=count, safe_prose=Markup)
    return made


def called(kind: str, name: str, lang: str) -> str:
    """A name of ours (a role, a scope, an action) in words; the name itself where there are none."""
    found = say_if(f"{kind} {name}", lang)
    return name if found == f"{kind} {name}" else found


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in; a name that is not given is an error."""
    return environment().get_template(template).render(**values)


def day(value: date | str | None, lang: str) -> str:
    """A date as it is written in the language."""
    if value is None or value == "":
        return "–"
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return (
        f"{found.year}年{found.month}月{found.day}日"
        if lang == "zh"
        else f"{found.day} {found:%b} {found.year}"
    )


def moment(value: datetime, lang: str) -> str:
    """A moment to the minute, in UTC."""
    return f"{day(value.date(), lang)} {value:%H:%M} UTC"


def count(value: float, lang: str) -> str:
    """A number for people: with separators in English, by 万 and 亿 in Chinese."""
    if lang == "zh":
        for unit, word_of in ((10**8, "亿"), (10**4, "万")):
            if abs(value) >= unit:
                return f"{value / unit:,.4g}{word_of}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def plain(value: object) -> Any:  # noqa: ANN401  JSON
    """What a page shows as JSON: dataclasses are objects, dates ISO text, fractions numbers or exact text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
