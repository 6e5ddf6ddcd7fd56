"""Terms to CTEs: what is used more than once, and the value of every rule, becomes a column of its level.

A column's level is one above the highest that it reads, so the query is as deep as the rules are, and each is
worked out once. Columns that later levels need are carried along; the others are dropped as soon as they can
be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
class Chain:
    """CTEs over the rows of one entity, from the columns of one level to groups of rows.

    `rows` are the columns of the rows themselves, `owner` those of the enterprise that they need.
    """

    entity: str
    stage: int
    rows: list[Term]
    owner: list[Term]
    levels: list[Level]
    groups: list[Term]


@dataclass(slots=True)
class Plan:
    """What is a column, what it is called, and in which CTE it is worked out.

    `base` are the columns read from evidence. A term of `columns` is written by its name.
    """

    columns: dict[Term, str]
    base: list[Term]
    levels: list[Level]
    chains: list[Chain] = field(default_factory=list)
    arguments: frozenset[str] = frozenset()  # the parameters that are read


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
    columns = to_be_columns(terms, {*wanted, *_forced(terms)}, set(wishes), uses(terms, wanted))
    under = _under(terms, columns)
    level: dict[Term, int] = {}
    for term in terms:
        if term in columns and not term.space:
            level[term] = 1 + max((level.get(one, 0) for one in under.owner[term]), default=0)
    top = max(level.values(), default=0)
    last = dict.fromkeys(terms, 0)
    for term, number in level.items():
        for one in under.owner[term]:
            last[one] = max(last[one], number)
    for term in wanted:
        last[term] = top + 1
    base = [term for term in terms if term.op == "col"]
    alive = [term for term in base if not term.space and last[term] > 0]
    levels = _levels(terms, level, last, alive)
    chains = _chains(terms, level, under)
    arguments = frozenset(str(term.args[0]) for term in terms if term.op == "param")
    return Plan(_named(terms, columns, wishes, names, owner), base, levels, chains, arguments)


def _levels(
    terms: Iterable[Term], level: Mapping[Term, int], last: Mapping[Term, int], alive: list[Term]
) -> list[Level]:
    """CTEs in order; what none needs any more is left behind."""
    made: dict[int, list[Term]] = defaultdict(list)
    for term in terms:
        if term in level:
            made[level[term]].append(term)
    levels = []
    for number in range(1, max(made, default=0) + 1):
        carried = [term for term in alive if last.get(term, 0) > number]
        levels.append(Level(made[number], carried))
        alive = [*carried, *made[number]]
    return levels


def _forced(terms: Iterable[Term]) -> Iterable[Term]:
    """Groups of rows, and what rows read of their owner: both have to be columns."""
    for term in terms:
        grouped = term.op.startswith("agg.")
        if grouped:
            yield term
        if term.space or grouped:
            yield from (part for part in term.parts if not part.space and part.op not in GIVEN)


@dataclass(slots=True)
class _Under:
    """For each term the columns that it reads: of the rows it is in, and of the enterprise, however deep."""

    rows: dict[Term, dict[Term, None]] = field(default_factory=dict)
    owner: dict[Term, dict[Term, None]] = field(default_factory=dict)


def _under(terms: Iterable[Term], columns: set[Term]) -> _Under:
    found = _Under()
    for term in terms:
        rows: dict[Term, None] = {}
        owner: dict[Term, None] = {}
        for part in term.parts:
            own = part in columns or part.op == "col"
            if own:
                (rows if part.space else owner)[part] = None
            else:
                rows |= found.rows[part]
            if not own or part.space:
                owner |= found.owner[part]
        found.rows[term], found.owner[term] = rows, owner
    return found


def _chains(terms: Sequence[Term], level: Mapping[Term, int], under: _Under) -> list[Chain]:
    """The groups of rows, by entity and by the level whose columns they read."""
    groups: dict[tuple[str, int], list[Term]] = defaultdict(list)
    for term in terms:
        if term.op.startswith("agg."):
            groups[str(term.args[0]), level[term] - 1].append(term)
    return [_chain(terms, key, found, under) for key, found in groups.items()]


def _chain(terms: Sequence[Term], key: tuple[str, int], groups: list[Term], under: _Under) -> Chain:
    needed: set[Term] = set()
    stack = list(groups)
    while stack:
        for one in under.rows[stack.pop()]:
            if one not in needed:
                needed.add(one)
                stack.append(one)
    depth: dict[Term, int] = {}
    for term in terms:
        if term in needed and term.op != "col":
            depth[term] = 1 + max((depth.get(one, 0) for one in under.rows[term]), default=0)
    top = max(depth.values(), default=0)
    last: dict[Term, int] = {}
    for term, number in [*depth.items(), *((group, top + 1) for group in groups)]:
        for one in (*under.rows[term], *under.owner[term]):
            last[one] = max(last.get(one, 0), number)
    rows = [term for term in terms if term in needed and term.op == "col"]
    owner = list(dict.fromkeys(one for group in groups for one in under.owner[group]))
    return Chain(key[0], key[1], rows, owner, _levels(terms, depth, last, [*rows, *owner]), groups)


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
