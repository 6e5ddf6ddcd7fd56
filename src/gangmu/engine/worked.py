"""Worked cases: run what a page says must come out, and say where it does not.

The evidence of most cases is plain: facts and rows under the names of inputs, each read by itself as in
`evidence.single`. What is more (stated figures, headings with units, origins, papers) goes the way of tables,
all such cases as one body of evidence. A test of the shipped rulebook holds the two ways against each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import cast

from gangmu.engine.interpreter import Run
from gangmu.engine.values import INF, Interval, Value
from gangmu.errors import EvidenceError, GangmuError, Problem
from gangmu.evidence.facts import Case
from gangmu.evidence.read import read_evidence
from gangmu.evidence.single import Reader
from gangmu.rulebook.model import ROOT, Rule, Rulebook, WorkedCase
from gangmu.rulebook.quantity import NotANumberError, read_number
from gangmu.rulebook.types import DATE, NumberType
from gangmu.rulebook.units import UnknownUnitError

_STATES = ("unknown", "undefined", "not_in_force")


def run_worked_cases(book: Rulebook) -> list[Problem]:
    """Run the worked cases of the book's own layer; a problem for each rule that comes out otherwise.

    A book that extends another may tighten its rules, so the base's cases are checked with the base. Only if
    something in the cases that are read together is refused are those of a page, and then of a page with
    something refused each case, read on their own, to say which.
    """
    own = [case for case in book.cases if book.pages[case.page].layer == book.layers[-1]]
    pages = itertools.groupby(own, key=lambda case: case.page)
    problems = _run_together(book, own)
    if problems is not None:
        return problems
    return [problem for _, cases in pages for problem in _run_page(book, list(cases))]


def _run_page(book: Rulebook, cases: Sequence[WorkedCase]) -> list[Problem]:
    problems = _run_together(book, cases)
    if problems is not None:
        return problems
    return [problem for case in cases for problem in run_worked_case(book, case)]


def _run_together(book: Rulebook, cases: Sequence[WorkedCase]) -> list[Problem] | None:
    """Run cases; None if any of what is read together is refused."""
    reader = Reader(book)
    plain = [read_plainly(reader, case) for case in cases]
    rest = [case for case, read in zip(cases, plain, strict=True) if read is None]
    together = read_together(book, rest)
    if together is None:
        return None
    others = iter(together)
    read = [next(others) if known is None else known for known in plain]
    return [problem for at in zip(cases, read, strict=True) for problem in _outcome(book, *at)]


def run_worked_case(book: Rulebook, case: WorkedCase) -> list[Problem]:
    """Run one worked case."""
    try:
        evidence = _read_alone(book, case)
    except (GangmuError, ValueError) as error:
        return [_problem(case, "", f"its evidence cannot be read: {error}", "")]
    return _outcome(book, case, evidence)


def _outcome(book: Rulebook, case: WorkedCase, evidence: Case) -> list[Problem]:
    try:
        run = Run(book, evidence, date.fromisoformat(str(case.raw["as_of"])))
    except ValueError as error:
        return [_problem(case, "", f"its date cannot be read: {error}", "YYYY-MM-DD")]
    problems = []
    for name, wanted in cast("Mapping[str, object]", case.raw["expect"]).items():
        candidates = (
            (f"{case.page}.{name}",) if f"{case.page}.{name}" in book.rules else book.names.get(str(name), ())
        )
        if len(candidates) != 1:
            problems.append(_problem(case, str(name), "is no rule, or several", "the name of one rule"))
            continue
        rule = book.rules[candidates[0]]
        value = run.value(rule.name)
        try:
            fits = _fits(rule, value, wanted)
        except (NotANumberError, UnknownUnitError, ValueError) as error:
            problems.append(
                _problem(case, str(name), f"`{wanted}` cannot be read: {error}", "a value, bounds or a state")
            )
            continue
        if not fits:
            problems.append(_problem(case, str(name), f"comes out as {describe(value)}", str(wanted)))
    return problems


def _read_alone(book: Rulebook, case: WorkedCase) -> Case:
    evidence = read_evidence({"as_of": str(case.raw["as_of"]), **_given(case)}, book)
    if evidence.quarantine:
        raise EvidenceError(
            [Problem("case-evidence", str(case.where), str(entry)) for entry in evidence.quarantine]
        )
    return next(iter(evidence.cases()))


def _given(case: WorkedCase) -> dict[str, object]:
    given = case.raw.get("given")
    return {ROOT: {}, **given} if isinstance(given, Mapping) else {ROOT: {}}


def read_plainly(reader: Reader, case: WorkedCase) -> Case | None:
    """The evidence of a case that has nothing but facts and rows under the names of inputs; else None."""
    given, book = _given(case), reader.book
    facts = given.pop(ROOT)
    told = {key: given.pop(key, None) for key in ("complete", "empty", "base_year")}
    year = str(told["base_year"] or "")
    if not (year.isdecimal() or not year) or not _plain(book, ROOT, [facts]):
        return None
    if not all(name in book.entities and _plain(book, name, listed) for name, listed in given.items()):
        return None
    try:
        return reader.case(
            cast("Mapping[str, object]", facts), cast("Mapping[str, list[Mapping[str, object]]]", given),
            complete=_texts(told["complete"]), empty=_texts(told["empty"]),
            base_year=int(year) if year else None,
        )  # fmt: skip
    except EvidenceError:  # it is told where it stands among tables
        return None


def _plain(book: Rulebook, entity: str, rows: object) -> bool:
    """Whether rows say nothing but facts of an entity, by the names of its inputs."""
    known = book.inputs_of(entity).keys()
    return isinstance(rows, list) and all(isinstance(row, Mapping) and row.keys() <= known for row in rows)


def read_together(book: Rulebook, cases: Sequence[WorkedCase]) -> list[Case] | None:
    """The evidence of some cases in their order, read as tables, or None if any of it is refused."""
    if not cases:
        return []
    tables: dict[str, list[dict[str, object]]] = {ROOT: [], "stated": []}
    for number, case in enumerate(cases):
        given, owner = _given(case), {ROOT: f"case {number}"}
        for name, content in given.items():
            if name == ROOT and isinstance(content, Mapping):
                own = {"base_year": given["base_year"]} if "base_year" in given else {}
                lists = {key: "|".join(_texts(given.get(key))) for key in ("complete", "empty")}
                tables[name].append({**content, **own, **lists, "as_of": str(case.raw["as_of"]), **owner})
            elif name == "stated" and isinstance(content, Mapping):
                stated = ({"rule": rule, "value": value} for rule, value in content.items())
                tables[name].extend({**owner, **row} for row in stated)
            elif isinstance(content, list):
                rows = (row for row in content if isinstance(row, Mapping))
                tables.setdefault(name, []).extend({**row, **owner} for row in rows)
    try:
        evidence = read_evidence({name: rows for name, rows in tables.items() if rows}, book)
    except GangmuError:
        return None
    if evidence.quarantine:
        return None
    found = {case.key: case for case in evidence.cases()}
    return [found[f"case {number}"] for number in range(len(cases))]


def _texts(node: object) -> list[str]:
    return [str(item) for item in node] if isinstance(node, list) else [str(node)] if node else []


def _problem(case: WorkedCase, rule: str, what: str, expected: str) -> Problem:
    return Problem(
        "case-fails",
        str(case.where),
        f"{case.name}: {rule} {what}",
        expected,
        "correct the rule or the case",
        rule=rule,
    )


def _fits(rule: Rule, value: Value, wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        listed = wanted.get("one_of")
        return isinstance(listed, list) and value.codes == frozenset(str(code) for code in listed)
    if isinstance(wanted, list):
        ends = [_end(str(end)) for end in wanted]
        return isinstance(value.ordinary, Interval) and [value.ordinary.lo, value.ordinary.hi] == ends
    text = str(wanted)
    if text in _STATES:
        return text == state_of(value)
    if text in ("true", "false"):
        return value.is_true if text == "true" else value.is_false
    if not value.is_known or value.ordinary is None:
        return False
    if isinstance(rule.type, NumberType):
        number, dimension = read_number(text)
        return value.interval.lo == number and (dimension == rule.type.dimension or number == 0)
    if rule.type == DATE:
        return value.interval.lo == date.fromisoformat(text).toordinal()
    return value.codes == frozenset({text})


def _end(text: str) -> Fraction | float:
    return {"inf": INF, "-inf": -INF}.get(text) or read_number(text)[0]


def state_of(value: Value) -> str:
    """`known`, `unknown`, `undefined` or `not_in_force`."""
    if not value.is_known:
        return "unknown"
    if value.ordinary is None:
        return "undefined" if value.undefined else "not_in_force"
    return "known"


def describe(value: Value) -> str:
    """A value in a few words, for messages."""
    parts = []
    match value.ordinary:
        case Interval(lo, hi):
            parts.append(str(lo) if lo == hi else f"{lo} to {hi}")
        case None:
            pass
        case options:
            codes = options.codes
            parts.append(
                "any text"
                if codes is None
                else " or ".join(
                    sorted(str(code).lower() if isinstance(code, bool) else code for code in codes)
                )
            )
    parts += ["undefined"] * value.undefined + ["not in force"] * value.absent
    return " or ".join(parts)
