"""One sample through the interpreter and every engine: differences, and counts of what was met on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from conformance.engines import WAYS, Found, ask, oracle
from conformance.sample import Sample
from gangmu.engine.assess import Answer
from gangmu.evidence.cases import Evidence
from gangmu.evidence.read import read_evidence
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.resolve import expressions_of
from gangmu.rulebook.types import TitleType

_LONG = 10_000  # bits
_NAMES = re.compile(r"`[^`]*`|[a-z]+\.\w+")


@dataclass(frozen=True)
class Difference:
    """An engine's answer that is not the interpreter's."""

    engine: str
    rule: str  # full name
    case: str  # key of the evidence; empty if the engine broke
    wanted: str
    got: str


@dataclass
class Tally:
    """What was met; tallies add up."""

    programs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    ties: int = 0
    asked: Counter[str] = field(default_factory=Counter)  # programs by engine
    paths: dict[str, Counter[str]] = field(default_factory=dict)
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    differences: int = 0

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        self.programs += other.programs
        self.ties += other.ties
        self.differences += other.differences
        for mine, theirs in ((self.verdicts, other.verdicts), (self.operators, other.operators),
                             (self.kinds, other.kinds), (self.asked, other.asked)):  # fmt: skip
            mine.update(theirs)
        for ours, others in ((self.paths, other.paths), (self.refused, other.refused)):
            for engine, counts in others.items():
                ours.setdefault(engine, Counter()).update(counts)

    @property
    def rows(self) -> int:
        """All verdicts."""
        return sum(self.verdicts.values())


def run_sample(
    sample: Sample, folder: Path, engines: Sequence[str], turn: int = 0
) -> tuple[Tally, list[Difference]]:
    """Load a sample into a folder, ask all engines, compare."""
    book = sample.book(folder)
    evidence = read_evidence(dict(sample.evidence.tables), book)
    assert not evidence.quarantine, evidence.quarantine[:3]
    right = oracle(book, evidence, sample.names, sample.evidence.dating)
    tally = Tally(len(sample.names), ties=right.ties)
    for name, column in right.columns.items():
        tally.verdicts.update(_verdict(answer) for answer in column)
        tally.kinds[book.rules[name].kind] += 1
        tally.operators.update(operators_of(book.rules[name]))
    differences = [
        Difference("interpreter", name, case, "an answer", error)
        for name, (case, error) in right.failed.items()
    ]
    for engine in engines:
        ways = WAYS[engine]
        found = ask(engine, book, evidence, (sample.names, sample.evidence.dating), ways[turn % len(ways)])
        tally.asked[engine] += len(sample.names)
        tally.paths[engine] = found.paths
        tally.refused[engine] = Counter(_NAMES.sub("...", reason) for reason in found.refused.values())
        differences += differences_of(book, evidence, engine, right.columns, found)
    tally.differences = len({(one.engine, one.rule) for one in differences})
    return tally, differences


def differences_of(
    book: model.Rulebook, evidence: Evidence, engine: str, right: Mapping[str, Sequence[Answer]], found: Found
) -> list[Difference]:
    """Every answer that is not the oracle's, and every error."""
    keys = evidence.keys.to_pylist()
    wrong = [Difference(engine, name, "", "an answer", error) for name, error in found.failed.items()]
    for name, column in right.items():
        got = found.columns.get(name)
        if got is None:
            if name not in found.refused and name not in found.failed:
                wrong.append(Difference(engine, name, "", "an answer or a refusal", "nothing"))
            continue
        title = isinstance(book.rules[name].type, TitleType)
        for key, wanted, answer in zip(keys, column, got, strict=True):
            if not same(wanted, answer, title=title):
                wrong.append(Difference(engine, name, key, told(wanted), told(answer)))
    return wrong


def same(wanted: Answer, got: Answer, *, title: bool) -> bool:
    """Equal in status, value and both ends; of a title the status alone says all."""
    if title:
        return wanted.status == got.status
    return (wanted.status, wanted.value, wanted.low, wanted.high) == (
        got.status,
        got.value,
        got.low,
        got.high,
    )


def told(answer: Answer) -> str:
    """An answer in words."""
    if answer.status == "known":
        return _short(answer.value)
    ends = "" if answer.low is None else f" [{_short(answer.low)}, {_short(answer.high)}]"
    return f"{answer.status}{ends}"


def _short(value: object) -> str:
    """A value as text; EXP makes numbers of more digits than Python writes."""
    if isinstance(value, Fraction) and max(abs(value.numerator), value.denominator).bit_length() > _LONG:
        bits = value.numerator.bit_length() - value.denominator.bit_length()
        return f"{'-' if value < 0 else ''}about 2^{bits}"
    return str(value)


def _verdict(answer: Answer) -> str:
    if answer.status == "known":
        return "known number" if answer.low is not None else "known code or date"
    return "unknown, with bounds" if answer.status == "unknown" and answer.low is not None else answer.status


def operators_of(rule: model.Rule) -> Iterable[str]:
    """The operators of a rule's formulas, its hit policies, and other shapes worth a count."""
    for edition in rule.editions:
        yield from _shapes(edition)
        for top in expressions_of(edition):
            yield from (name for node in ex.walk(top) for name in _operator(node))


def _shapes(edition: model.Edition) -> Iterable[str]:
    if edition.start or edition.end:
        yield "edition by date"
    if edition.when is not None:
        yield "edition by condition"
    match edition.body:
        case model.Table() as table:
            yield f"table {table.hit}"
            if any(row.cell.band for row in table.rows):
                yield "table with an expert's band"
            if any(row.prefixes or row.codes for row in table.rows):
                yield "table by code"
        case model.Formula(unless=unless, rounding=rounding):
            if unless is not None:
                yield "unless"
            if rounding is not None:
                yield f"round {rounding.how}"
        case model.Score(rounding=rounding) | model.Amount(rounding=rounding) if rounding is not None:
            yield f"round {rounding.how}"
        case model.LevelOf(pick=pick):
            yield f"{pick}_of"


def _operator(node: ex.Expression) -> Iterable[str]:  # noqa: C901  one arm a node
    match node:
        case ex.Call("POWER", (_, exponent)) if not isinstance(exponent, ex.Number):
            yield "POWER by a fraction"
        case ex.Call(name):
            yield name
        case ex.Compare(op):
            yield op
        case ex.In():
            yield "IN"
        case ex.Like():
            yield "LIKE"
        case ex.Not():
            yield "NOT"
        case ex.Group(kind, _, _, listed):
            yield kind if listed or kind == "at_least" else {"all_of": "AND", "any_of": "OR"}[kind]
        case ex.Case(_, otherwise):
            yield "CASE with ELSE" if otherwise is not None else "CASE without ELSE"
        case ex.Last():
            yield "LAST"
        case ex.Clock(which):
            yield which
        case ex.StateOf(state):
            yield state
        case ex.Aggregate(function, _, _, where):
            yield function
            yield "FILTER" if where is not None else "no FILTER"
