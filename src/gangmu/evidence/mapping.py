"""Mapping files: a person says in YAML which column of which table is which field, and in what unit.

    firms:                        # file stem, sheet or table
      公司: enterprise            # column: field
      人数: staff
    annual:
      公司: enterprise
      年: statement.fiscal_year   # the entity, where the table's name does not say it
      收入: {field: statement.revenue, unit: 万元}

Each column's field is a name of the rulebook's inputs or a reserved column; what it says wins over any name
in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.columns import STATED, Wish, bare
from gangmu.rulebook.model import ROOT, Rulebook

MAX_BYTES = 1 << 20
Wishes = Mapping[str, Mapping[str, Wish]]  # bare table name -> column -> wish


def load_yaml(path: Path) -> object:
    """A small YAML file. Raises `EvidenceError`."""
    import yaml

    try:
        if path.stat().st_size > MAX_BYTES:
            raise EvidenceError(
                Problem("mapping-broken", path.name, "the file is too large", f"at most {MAX_BYTES:,} bytes")
            )
        loaded: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise EvidenceError(
            Problem(
                "mapping-broken",
                path.name,
                f"it cannot be read ({error})",
                "a YAML file: table, column, field",
            )
        ) from None
    return loaded


def read_mapping(path: Path, book: Rulebook) -> Wishes:
    """Read a mapping file and check every field in it. Raises `EvidenceError` with all that is wrong."""
    loaded = load_yaml(path)
    problems: list[Problem] = []
    wishes: dict[str, dict[str, Wish]] = {}
    if not isinstance(loaded, Mapping):
        raise EvidenceError(
            Problem("mapping-broken", path.name, "it is no mapping", "table: {column: field}")
        )
    for table, columns in loaded.items():
        if not isinstance(columns, Mapping):
            problems.append(
                Problem("mapping-broken", f"{path.name} {table}", "it has no columns", "column: field")
            )
            continue
        wishes[bare(str(table))] = {
            str(column): wish
            for column, said in columns.items()
            if (wish := _wish(said, f"{path.name} {table}.{column}", book, problems)) is not None
        }
    if problems:
        raise EvidenceError(problems)
    return wishes


def _wish(said: object, where: str, book: Rulebook, problems: list[Problem]) -> Wish | None:
    if isinstance(said, str):
        wish = Wish(said)
    elif isinstance(said, Mapping) and isinstance(said.get("field"), str) and set(said) <= {"field", "unit"}:
        wish = Wish(str(said["field"]), str(said.get("unit", "")))
    else:
        problems.append(
            Problem("mapping-broken", where, f"{said!r} is no field", "field, or {field: ..., unit: ...}")
        )
        return None
    entity, _, name = wish.field.rpartition(".")
    if entity and (entity not in (ROOT, *book.entities) or name not in book.inputs_of(entity)):
        problems.append(
            Problem(
                "mapping-field",
                where,
                f"{wish.field} is no input of the rulebook",
                "entity.field",
                "see `gangmu rules`",
            )
        )
        return None
    return wish


def entity_by_wishes(columns: Mapping[str, Wish], book: Rulebook) -> str:
    """The entity that a table's fields name, or that alone has all of them; empty if none does."""
    named = {wish.field.rpartition(".")[0] for wish in columns.values()} - {""}
    if len(named) == 1:
        return named.pop()
    fields = {wish.field for wish in columns.values()}
    if {"rule", "value"} <= fields:
        return STATED
    for entity in (ROOT, *book.entities):
        inputs = set(book.inputs_of(entity))
        if fields & inputs and not {field for field in fields - inputs if "." in field}:
            return entity
    return ""
