"""Every number of a rulebook by its path: rule, row or part, column, and edition where there are several.

`rd_floor.small.value@2024-04-30` is the cell of row `small` of the parameter `rd_floor` in the wording in
force on that day; `rd_floor.small.le` its bound; `marks.pass`, `marks.novelty.cap` numbers of a score;
`loan.round` the step of a rounding; `hnte.valid_for` how long a certificate lasts. `value` may be left out.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gangmu.errors import Problem, QuestionError
from gangmu.rulebook import model

Keys = tuple[str, ...]
Numbers = Mapping[Keys, model.Quantity]
_DAY = timedelta(days=1)
_LISTED = 8  # paths that a refusal lists


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands: rule (full name), which of its editions, and the keys within."""

    rule: str
    edition: int
    keys: Keys


def numbers_of(body: model.Body) -> dict[Keys, model.Quantity]:
    """The numbers of one body, by their keys."""
    match body:
        case model.Table():
            return {keys: number for row in body.rows for keys, number in _of_row(row)}
        case model.Score():
            found: dict[Keys, model.Quantity | None] = {("cap",): body.cap}
            if body.passing is not None:
                found["pass",] = body.passing[1]
            for part in body.parts:
                found[part.name, "cap"], found[part.name, "min"] = part.cap, part.min
            return _given(found | _of_rounding(body.rounding))
        case model.Formula() | model.Amount():
            return _given(_of_rounding(body.rounding))
        case model.Title():
            return _given({("valid_for",): body.valid_months})
        case _:
            return {}


def _of_row(row: model.Row) -> Iterator[tuple[Keys, model.Quantity]]:
    head = () if row.name == "value" and row.is_rest else (row.name,)
    if row.cell.number is not None:
        yield (*head, "value"), row.cell.number
    if row.cell.band is not None:
        yield (*head, "from"), row.cell.band[0]
        yield (*head, "to"), row.cell.band[1]
    for side, bound in row.bounds.items():
        yield (*head, side), bound


def _of_rounding(rounding: model.Rounding | None) -> dict[Keys, model.Quantity | None]:
    return {("round",): None if rounding is None else rounding.to}


def _given(found: Mapping[Keys, model.Quantity | None]) -> dict[Keys, model.Quantity]:
    return {keys: number for keys, number in found.items() if number is not None}


def with_numbers(body: model.Body, new: Numbers) -> model.Body:
    """The same body with other numbers at some keys."""
    match body:
        case model.Table():
            return replace(body, rows=tuple(_row_with(row, new) for row in body.rows))
        case model.Score():
            parts = tuple(
                replace(
                    part, cap=new.get((part.name, "cap"), part.cap), min=new.get((part.name, "min"), part.min)
                )
                for part in body.parts
            )
            passing = body.passing
            if passing is not None:
                passing = (passing[0], new.get(("pass",), passing[1]))
            return replace(
                body, parts=parts, cap=new.get(("cap",), body.cap), passing=passing,
                rounding=_rounding_with(body.rounding, new),
            )  # fmt: skip
        case model.Formula() | model.Amount():
            return replace(body, rounding=_rounding_with(body.rounding, new))
        case model.Title():
            return replace(body, valid_months=new.get(("valid_for",), body.valid_months))
        case _:
            return body


def _row_with(row: model.Row, new: Numbers) -> model.Row:
    mine = {keys[-1]: new[keys] for keys, _ in _of_row(row) if keys in new}
    if not mine:
        return row
    cell = row.cell
    if cell.number is not None:
        cell = replace(cell, number=mine.get("value", cell.number))
    if cell.band is not None:
        cell = replace(cell, band=(mine.get("from", cell.band[0]), mine.get("to", cell.band[1])))
    bounds = {side: mine.get(side, bound) for side, bound in row.bounds.items()}
    return replace(row, cell=cell, bounds=bounds)


def _rounding_with(rounding: model.Rounding | None, new: Numbers) -> model.Rounding | None:
    return None if rounding is None else replace(rounding, to=new.get(("round",), rounding.to))


def number_at(book: model.Rulebook, place: Place) -> model.Quantity:
    """The number that stands at a place."""
    return numbers_of(book.rules[place.rule].editions[place.edition].body)[place.keys]


def places_of(rule: model.Rule) -> Iterator[Place]:
    """Every place of a number in a rule, edition by edition."""
    for edition, wording in enumerate(rule.editions):
        for keys in numbers_of(wording.body):
            yield Place(rule.name, edition, keys)


def path_of(book: model.Rulebook, place: Place) -> str:
    """The shortest path that means one place (the edition only where the rule has several)."""
    rule = book.rules[place.rule]
    keys = () if place.keys == ("value",) else place.keys
    text = ".".join((book.column_name(place.rule), *keys))
    return text if len(rule.editions) == 1 else f"{text}@{_day_of(rule, place.edition)}"


def _day_of(rule: model.Rule, edition: int) -> str:
    """A day on which an edition is in force, and which of those of that day it is, if there are several."""
    wording = rule.editions[edition]
    day = wording.start or (wording.end - _DAY if wording.end else date.max)
    same = [place for place, other in enumerate(rule.editions) if other.in_force(day)]
    return day.isoformat() if same == [edition] else f"{day.isoformat()}/{same.index(edition) + 1}"


# ---------------------------------------------------------------------- from a path to a place


def find_number(book: model.Rulebook, path: str) -> Place:
    """The one number that a path means.

    Raises `QuestionError` for a path that means none (with paths like it) or several (with all of them).
    """
    text, at, when = path.strip().partition("@")
    found = list(dict.fromkeys(_named(book, text)))
    if not found:
        raise QuestionError(_unknown(book, path, text))
    if at:
        chosen = _on_day(book, path, when)
        dated = [place for place in found if chosen(place)]
        if not dated:
            what = f"`{text}` has no such number in force on {when}"
            raise QuestionError(
                _problem("edition-unknown", path, what, _paths(book, found), "name one of these days")
            )
        found = dated
    if len(found) > 1:
        what = f"`{path}` can mean {len(found)} numbers"
        raise QuestionError(_problem("name-ambiguous", path, what, _paths(book, found), "write one of these"))
    return found[0]


def _named(book: model.Rulebook, text: str) -> Iterator[Place]:
    """Places whose rule and keys read like the text, whatever their edition."""
    words = text.split(".")
    for cut in range(len(words), 0, -1):
        rest = ".".join(words[cut:])
        for full in book.names.get(".".join(words[:cut]), ()):
            for place in places_of(book.rules[full]):
                if rest == ".".join(place.keys) or (
                    place.keys[-1] == "value" and rest == ".".join(place.keys[:-1])
                ):
                    yield place


def _on_day(book: model.Rulebook, path: str, when: str) -> Callable[[Place], bool]:
    """Whether a place belongs to the edition of a day (of several on that day, to the numbered one)."""
    text, slash, number = when.partition("/")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        what = f"`{text}` is no date"
        raise QuestionError(
            _problem("date-invalid", path, what, "NAME@YYYY-MM-DD", "correct the date")
        ) from None

    def chosen(place: Place) -> bool:
        rule = book.rules[place.rule]
        same = [edition for edition, wording in enumerate(rule.editions) if wording.in_force(day)]
        return place.edition in same and (not slash or number == str(same.index(place.edition) + 1))

    return chosen


def _unknown(book: model.Rulebook, path: str, text: str) -> Problem:
    words = text.split(".")
    for cut in range(len(words), 0, -1):
        rules = book.names.get(".".join(words[:cut]), ())
        places = [place for full in rules for place in places_of(book.rules[full])]
        if places:
            what = f"`{text}` is no number of {' or '.join(rules)}"
            return _problem("name-unknown", path, what, _paths(book, places), "name one of these")
        if rules:
            told = f"`{rules[0]}` is a {book.rules[rules[0]].kind} without numbers of its own"
            return _problem("name-unknown", path, told, "a number of law, by its path", _hint(book, rules[0]))
    close = difflib.get_close_matches(words[0], _bare(book), n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(close)}?" if close else "see `gangmu rules`"
    return _problem("name-unknown", path, f"no number is called `{path}`", "RULE.ROW.value", hint)


def _hint(book: model.Rulebook, full: str) -> str:
    """The numbers that a rule without any rests on."""
    from gangmu.rulebook.graph import graph_of

    below = [name for name in graph_of(book).direct.get(full, ()) if any(places_of(book.rules[name]))]
    places = [place for name in sorted(below) for place in places_of(book.rules[name])]
    return f"change what it reads: {_paths(book, places)}" if places else "see `gangmu rules`"


def _bare(book: model.Rulebook) -> list[str]:
    """Names of rules that have numbers."""
    return [name for name, full in book.names.items() if any(places_of(book.rules[full[0]]))]


def _paths(book: model.Rulebook, places: list[Place]) -> str:
    shown = [path_of(book, place) for place in places[:_LISTED]]
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    return ", ".join(shown) + more


def _problem(code: str, path: str, what: str, expected: str, todo: str) -> Problem:
    return Problem(code, path, what, expected, todo)
