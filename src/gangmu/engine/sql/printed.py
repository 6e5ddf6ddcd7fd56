"""A query as a person reads it: over tables as the rulebook declares them, on one day."""

from __future__ import annotations

from collections.abc import Sequence

from gangmu.engine.assess import resolve_rules
from gangmu.engine.dates import read_dating
from gangmu.engine.sql.declared import declared_layout
from gangmu.engine.sql.dialects import dialect_of
from gangmu.engine.sql.query import build
from gangmu.errors import Problem, QuestionError
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of


def printed(book: model.Rulebook, rules: Sequence[str], dialect: str, as_of: str) -> str:
    """The text of the query of some rules (by any name).

    Raises `QuestionError` for an unknown rule, dialect or date, and for what cannot be written.
    """
    names, chosen = resolve_rules(book, rules), dialect_of(dialect)
    day = read_dating(as_of).day
    if day is None:
        what = f"`{as_of}` is no one day"
        raise QuestionError(Problem("date-invalid", "as-of", what, "YYYY-MM-DD, or today"))
    reached = graph_of(book).below(names)
    used = [rule for name, rule in book.rules.items() if name in reached]
    layout = declared_layout(book, used, day)
    query = build(book, names, layout, chosen, lambda entity: entity or book.root)
    if query.refused:
        wanted, todo = "a rule that a query can answer", "the interpreter answers it"
        problems = [
            Problem("sql-refused", name, reason, wanted, todo) for name, reason in query.refused.items()
        ]
        raise QuestionError(problems)
    return query.sql(pretty=True) + ";"
