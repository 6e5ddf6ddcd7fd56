"""Which outcomes an enterprise's evidence asks about: those of which it says anything of their own.

A book answers dozens of outcomes, and most evidence is about few of them. An outcome that is unknown, and of
whose own facts none is given, is *not asked*: nobody wants its thirty questions read out. Its own facts are
those that the fewest pages of outcomes read: a questionnaire, a list of deals, the machines for a loan on
machines. Of a channel only what opens it counts: that somebody wants money asks about no channel in
particular.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gangmu.evidence.facts import Case
from gangmu.rulebook import model
from gangmu.rulebook.expression import Field, Ref, StateOf, walk
from gangmu.rulebook.graph import Graph, graph_of
from gangmu.rulebook.resolve import expressions_of, names_used

MAX_KEPT = 8  # books of which the facts are kept
_kept: dict[str, Mapping[str, frozenset[str]]] = {}


def own_facts(book: model.Rulebook) -> Mapping[str, frozenset[str]]:
    """For each outcome (full name) the inputs that are its own."""
    if book.digest not in _kept:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[book.digest] = _own_facts(book)
    return _kept[book.digest]


def _own_facts(book: model.Rulebook) -> dict[str, frozenset[str]]:
    graph = graph_of(book)
    below = {name: _inputs(book, graph.below(_decides(graph, book.rules[name]))) for name in book.outcomes}
    readers: dict[str, set[str]] = {}
    for name, inputs in below.items():
        for each in inputs:
            readers.setdefault(each, set()).add(book.rules[name].page)
    found = {}
    for name, inputs in below.items():
        fewest = min((len(readers[each]) for each in inputs), default=0)
        found[name] = frozenset(each for each in inputs if len(readers[each]) == fewest)
    return found


def _decides(graph: Graph, rule: model.Rule) -> Collection[str]:
    """What an outcome rests on: itself, or of a channel the rules that open it."""
    if rule.kind != "channel":
        return [rule.name]
    figures = {name for edition in rule.editions for name in names_used(edition)}
    opening = {
        node.name
        for edition in rule.editions for top in expressions_of(edition) for node in walk(top)
        if isinstance(node, Ref | Field | StateOf)
    }  # fmt: skip
    return (graph.direct[rule.name] - figures) | opening


def _inputs(book: model.Rulebook, names: Collection[str]) -> frozenset[str]:
    """The inputs among some rules; the period of a row is no fact about anything."""
    periods = {f"{entity.name}.{entity.period}" for entity in book.entities.values()}
    return frozenset(
        name for name in names if book.rules[name].kind == "input" and book.rules[name].short not in periods
    )


def facts_of(book: model.Rulebook, case: Case) -> set[str]:
    """The inputs (full names) of which a case gives a fact, in its own row or in a related one."""
    given = {(book.root, name) for name, facts in case.facts.items() if facts}
    for entity, rows in case.rows.items():
        given.update((entity, name) for row in rows for name, facts in row.facts.items() if facts)
    return {
        name for name, rule in book.rules.items()
        if rule.kind == "input" and (rule.entity, rule.short.rpartition(".")[2]) in given
    }  # fmt: skip


def is_asked(book: model.Rulebook, name: str, given: Collection[str]) -> bool:
    """Whether a fact of an outcome's own is among those given; a rule that is no outcome always is."""
    own = own_facts(book).get(name)
    return own is None or not own.isdisjoint(given)
