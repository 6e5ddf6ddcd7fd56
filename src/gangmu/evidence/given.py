"""Evidence that is already in memory: a dict of tables.

Or a dict for one case in the shape of `given` in a worked case.

Told apart by `enterprise`: a mapping of facts means one case, anything else is tables by entity name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.sheets import Sheet, sheet_of, sheet_of_rows
from gangmu.evidence.tables import arrow_table, is_table
from gangmu.rulebook.model import ROOT

ONE_CASE = "case"  # the key of a single case that names none
_CASE_KEYS = ("complete", "empty", "base_year", "as_of")


def read_given(source: Mapping[str, object]) -> list[Sheet]:
    """The sheets of a dict. Raises `EvidenceError`."""
    if not source:
        raise EvidenceError(
            Problem("evidence-empty", "evidence", "the dict is empty", "tables, or the facts of one case")
        )
    if not isinstance(source.get(ROOT), Mapping) and any(is_table(value) for value in source.values()):
        return [_table(str(name), value) for name, value in source.items()]
    if _is_tables_of_rows(source):
        return [_table(str(name), value) for name, value in source.items()]
    return _one_case(source)


def _is_tables_of_rows(source: Mapping[str, object]) -> bool:
    return isinstance(source.get(ROOT), Sequence) and not isinstance(source.get(ROOT), str)


def _table(name: str, value: object) -> Sheet:
    if is_table(value):
        return sheet_of(name, name, arrow_table(value, name))
    return sheet_of_rows(name, name, _rows_of(name, value))


def _rows_of(name: str, value: object) -> list[Mapping[str, object]]:
    if (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(row, Mapping) for row in value)
    ):
        return list(value)
    raise EvidenceError(
        Problem(
            "evidence-shape",
            name,
            f"a {type(value).__name__} is no table",
            "an Arrow, Polars, pandas or DuckDB table, or a list of mappings",
        )
    )


def _one_case(source: Mapping[str, object]) -> list[Sheet]:
    """A case's facts as a root table of one row, its rows as tables without an owner's column.

    Its stated figures as a table.
    """
    facts = source.get(ROOT, {})
    if not isinstance(facts, Mapping):
        raise EvidenceError(Problem("evidence-shape", ROOT, "is no mapping", "field: value"))
    root = {**facts, **{name: source[name] for name in _CASE_KEYS if name in source}}
    sheets = [sheet_of_rows(ROOT, ROOT, [root])]
    for name, value in source.items():
        if name in (ROOT, *_CASE_KEYS):
            continue
        if name == "stated" and isinstance(value, Mapping):
            rows: list[Mapping[str, object]] = [
                {"rule": rule, "value": figure}
                if not isinstance(figure, Mapping)
                else {"rule": rule, **figure}
                for rule, figure in value.items()
            ]
        else:
            rows = _rows_of(str(name), value)
        if rows:
            sheets.append(sheet_of_rows(str(name), str(name), rows))
    return sheets
