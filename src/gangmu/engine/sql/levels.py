"""Terms to CTEs: what is used more than once, and the value of every rule, becomes a column of its level.

A column's level is one above the highest that it reads, so the query is as deep as the rules are, and each is
worked out once. Columns that later levels need are carried along; the others are dropped as soon as they can
be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gangmu.engine.sql.names import Names
from gangmu.engine.sql.terms import Term

GIVEN: Final = ("col", "param", "beyond")  # read as they are
_DEAR: Final = 8  # nodes that may be written twice in place of a column
_DEEP: Final = 24  # levels of brackets that people, and parsers, bear


@dataclass(slots=True)
class Level:
    """One CTE: the columns that it works out, in order, and those that it carries along."""

    made: list[Term] = field(default_factory=list)
    carried: list[Term] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What is a column, what it is called, and in which CTE it is worked out.

    `base` are the columns read from evidence. A term of `columns` is written by its name.
    """

    columns: dict[Term, str]
    base: list[Term]
    levels: list[Level]


def reachable(roots: Iterable[Term]) -> list[Term]:
    """The terms and everything that they read, parts first."""
    done: dict[Term, None] = {}
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        term, ready = stack.pop()
        if term in done:
            continue
        if ready:
            done[term] = None
        else:
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts) if part not in done)
    return list(done)


def uses(terms: Iterable[Term], outputs: Iterable[Term]) -> Counter[Term]:
    """How often each term is written if none is a column: guards write what they guard twice."""
    counted: Counter[Term] = Counter(outputs)
    for term in terms:
        times = 2 if term.op.endswith("?") else 1
        for part in term.parts:
            counted[part] += times
    return counted


def to_be_columns(
    terms: list[Term], outputs: set[Term], kept: set[Term], counted: Mapping[Term, int]
) -> set[Term]:
    """The terms that are worth a column: outputs, values of rules, and what is written more than once."""
    columns: set[Term] = set()
    size: dict[Term, int] = {}
    depth: dict[Term, int] = {}
    for term in terms:
        inner = [part for part in term.parts if part not in columns]
        size[term] = 1 + sum(size[part] for part in inner) + len(term.parts) - len(inner)
        depth[term] = 1 + max((depth[part] for part in inner), default=0)
        if term.op in GIVEN:
            size[term] = depth[term] = 1
            continue
        again = (counted[term] - 1) * size[term] > _DEAR
        if term in outputs or again or depth[term] > _DEEP or (term in kept and not _trivial(term)):
            columns.add(term)
    return columns


def _trivial(term: Term) -> bool:
    """Whether a term says no more than its name would."""
    return term.op in (*GIVEN, "not") and all(part.op in GIVEN for part in term.parts)


def plan(
    outputs: Iterable[Term], kept: Iterable[tuple[Term, str]], names: Names, owner: Mapping[Term, str]
) -> Plan:
    """Order terms into levels. `kept` are the values of rules with the names that they are to have."""
    wanted = list(dict.fromkeys(outputs))
    terms = reachable(wanted)
    wishes = dict(reversed([*kept]))
    columns = to_be_columns(terms, set(wanted), set(wishes), uses(terms, wanted))
    level: dict[Term, int] = {}
    reads: dict[Term, set[Term]] = {}  # the columns under a term, itself not
    for term in terms:
        below: set[Term] = set()
        for part in term.parts:
            below |= {part} if part in columns or part.op == "col" else reads[part]
        reads[term] = below
        if term in columns:
            level[term] = 1 + max((level.get(one, 0) for one in below), default=0)
    made: dict[int, list[Term]] = defaultdict(list)
    for term in terms:
        if term in columns:
            made[level[term]].append(term)
    top = max(made, default=0)
    last = dict.fromkeys(terms, 0)
    for term in columns:
        for one in reads[term]:
            last[one] = max(last[one], level[term])
    for term in wanted:
        last[term] = top + 1
    base = [term for term in terms if term.op == "col"]
    levels = []
    alive = [term for term in base if last[term] > 0]
    for number in range(1, top + 1):
        carried = [term for term in alive if last[term] > number]
        levels.append(Level(made[number], carried))
        alive = [*carried, *made[number]]
    return Plan(_named(terms, columns, wishes, names, owner), base, levels)


def _named(
    terms: list[Term], columns: set[Term], wishes: Mapping[Term, str], names: Names, owner: Mapping[Term, str]
) -> dict[Term, str]:
    """Names of the columns: the rule's, or `RULE.N` for a step on the way to it."""
    found: dict[Term, str] = {}
    steps: Counter[str] = Counter()
    for term in terms:
        if term.op == "col":
            found[term] = str(term.args[0])
        elif term in columns:
            wish = wishes.get(term)
            if wish is None:
                rule = owner.get(term, "").rpartition("/")[2].partition(".")[2] or "step"
                steps[rule] += 1
                wish = f"{rule}.{steps[rule]}"
            found[term] = names.new(wish)
    return found
