"""What is asked of whom: outcomes that can move, the groups that cases fall into, what each case weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.assess import near, resolve_rule, resolve_rules
from gangmu.engine.assessed import assess
from gangmu.engine.dates import Dating
from gangmu.engine.outcomes import STATUS, VALUE
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.place import CASE
from gangmu.reform.reforms import Reform
from gangmu.reform.tally import MET, kind_of
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of

MAX_GROUPS = 20_000
_WEIGHT = r"^\d{1,15}(\.\d{1,6})?$"
_EXACT = pa.decimal128(38, 6)
_NAMED = 5  # cases that a refusal names


def moved_rules(base: model.Rulebook, reforms: Sequence[Reform]) -> frozenset[str]:
    """The rules that any of the reforms changes itself."""
    found: set[str] = set()
    for reform in reforms:
        found |= reform.places
        if not reform.changes:
            found |= {name for name, rule in reform.book.rules.items() if base.rules.get(name) != rule}
    return frozenset(found)


def touched(base: model.Rulebook, reforms: Sequence[Reform]) -> frozenset[str]:
    """The rules that are changed, or read what is."""
    moved = moved_rules(base, reforms)
    found = graph_of(base).above(moved)
    for reform in reforms:
        if not reform.changes:
            found |= graph_of(reform.book).above(moved)
    return frozenset(found)


def asked(base: model.Rulebook, reforms: Sequence[Reform], names: Sequence[str] | None) -> list[str]:
    """The rules to compare: as named, else the book's outcomes that can move. Raises `QuestionError`."""
    if names is not None:
        return resolve_rules(base, names)
    above = touched(base, reforms)
    found = [name for name in base.outcomes if name in above]
    if not found:
        moved = ", ".join(
            base.column_name(name) for name in sorted(moved_rules(base, reforms)) if name in base.rules
        )
        others = sorted(base.column_name(name) for name in above if name in base.rules)
        what = f"no outcome of {base.name} depends on {moved or 'the reform'}"
        todo = f"ask with --rules for one of: {', '.join(others[:12])}"
        raise QuestionError(Problem("no-outcome", "reform", what, "an outcome that depends on it", todo))
    return found


# ---------------------------------------------------------------------- groups


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way of dividing the cases: its name (`region`, `region*size`), groups, and each case's group."""

    name: str
    parts: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]  # the words of each group, a word a part; empty: not known
    places: pa.Array  # int32, a case each


def everyone(evidence: Evidence) -> Grouping:
    """All cases in one group."""
    return Grouping("", (), ((),), pa.repeat(pa.scalar(0, pa.int32()), len(evidence)))


def groupings(
    base: model.Rulebook, evidence: Evidence, dating: Dating, by: Sequence[str]
) -> tuple[Grouping, ...]:
    """The groupings asked for: columns, inputs or rules, or several of them joined by `*`.

    Raises `QuestionError`.
    """
    found = []
    kept: dict[str, pa.Array] = {}
    for name in dict.fromkeys(part.strip() for part in by if part.strip()):
        parts = tuple(part.strip() for part in name.split("*"))
        for part in parts:
            if part not in kept:
                kept[part] = _words(base, evidence, dating, part)
        found.append(_grouping(name, parts, [kept[part] for part in parts]))
    return tuple(found)


def _grouping(name: str, parts: tuple[str, ...], columns: Sequence[pa.Array]) -> Grouping:
    """Number the combinations of words that occur; first those not known, then in order of the words."""
    coded = [column.fill_null("").dictionary_encode() for column in columns]
    mixed = coded[0].indices.cast(pa.int64())
    for one in coded[1:]:
        mixed = pc.add(pc.multiply(mixed, len(one.dictionary)), one.indices.cast(pa.int64()))
    met = mixed.dictionary_encode()
    if len(met.dictionary) > MAX_GROUPS:
        what, todo = f"`{name}` makes {len(met.dictionary):,} groups", "group by something coarser"
        raise QuestionError(Problem("groups-many", "by", what, f"at most {MAX_GROUPS:,}", todo))
    words = [_split(number, coded) for number in met.dictionary.to_pylist()]
    order = sorted(range(len(words)), key=lambda place: words[place])
    rank = pa.array(sorted(range(len(order)), key=order.__getitem__), pa.int32())
    return Grouping(name, parts, tuple(words[place] for place in order), rank.take(met.indices))


def _split(number: int, coded: Sequence[pa.DictionaryArray]) -> tuple[str, ...]:
    """The words that a combination stands for."""
    found: list[str] = []
    for one in reversed(coded):
        number, place = divmod(number, len(one.dictionary))
        found.append(one.dictionary[place].as_py())
    return tuple(reversed(found))


def _words(base: model.Rulebook, evidence: Evidence, dating: Dating, name: str) -> pa.Array:
    """The word of every case: a column's text, an input's code, a rule's answer under the base."""
    column = _column(base, evidence, name)
    if column is not None:
        return column.cast(pa.string())
    if name not in base.names:
        todo = f"{_known(base, evidence)}; {near(base, name)}"
        raise QuestionError(
            Problem("group-unknown", "by", f"`{name}` is no column or rule", "a column", todo)
        )
    full = resolve_rule(base, name)
    rule = base.rules[full]
    if rule.kind == "input" and kind_of(rule) not in ("number", "date"):
        return pa.nulls(len(evidence), pa.string())  # nobody says
    if kind_of(rule) in ("number", "date"):
        todo = "group by a code, a level or a condition"
        raise QuestionError(Problem("group-invalid", "by", f"`{name}` is a {kind_of(rule)}", "groups", todo))
    [found] = assess(base, evidence, [full], dating.column_of(evidence)).columns
    arrays = found.arrays(rule)
    return arrays[STATUS] if kind_of(rule) in MET else pc.coalesce(arrays[VALUE], arrays[STATUS])


def _column(base: model.Rulebook, evidence: Evidence, name: str) -> pa.Array | None:
    """A column of the enterprise table, a row a case: an input that is no number, or any other column."""
    table = evidence.tables[model.ROOT]
    rule = _input(base, name)
    if rule is None:
        return _first(evidence, table, f"={name}") if f"={name}" in table.column_names else None
    if rule.short in table.column_names and rule.input.input not in ("number", "date"):
        return _first(evidence, table, rule.short)
    return None


def _input(base: model.Rulebook, name: str) -> model.Rule | None:
    """The enterprise's input that a name means."""
    found = [base.rules[full] for full in base.names.get(name, ())]
    return (
        found[0] if len(found) == 1 and found[0].kind == "input" and found[0].entity == model.ROOT else None
    )


def _first(evidence: Evidence, table: pa.Table, name: str) -> pa.Array:
    """The first value given for each case."""
    owners = table.column(CASE).combine_chunks()
    column = table.column(name).combine_chunks()
    if len(owners) == len(evidence):
        return column  # a row a case, in order
    first: list[object] = [None] * len(evidence)
    for owner, value in zip(owners.to_pylist(), column.to_pylist(), strict=True):
        if first[owner] is None:
            first[owner] = value
    return pa.array(first, column.type)


def _known(base: model.Rulebook, evidence: Evidence) -> str:
    table = evidence.tables[model.ROOT]
    extra = [name[1:] for name in table.column_names if name.startswith("=")]
    codes = [
        rule.short for rule in base.inputs_of(model.ROOT).values()
        if rule.input.input in ("code", "condition") and rule.short in table.column_names
    ]  # fmt: skip
    return f"the evidence has {', '.join([*extra, *codes][:12]) or 'no such column'}"


# ---------------------------------------------------------------------- weights


def weights_of(base: model.Rulebook, evidence: Evidence, name: str) -> pa.Array:
    """What every case weighs, as exact decimals: a number input or any other column of numbers.

    Raises `QuestionError`.
    """
    table = evidence.tables[model.ROOT]
    rule = _input(base, name)
    column = rule.short if rule is not None else f"={name}"
    if column not in table.column_names:
        what = f"`{name}` is no column of the evidence"
        raise QuestionError(
            Problem("weight-unknown", "weight", what, "a column of numbers", _known(base, evidence))
        )
    found = _first(evidence, table, column)
    if pa.types.is_string(found.type) or pa.types.is_large_string(found.type):
        told = pc.match_substring_regex(found, _WEIGHT)
        found = pc.if_else(told, found, pa.scalar(None, found.type))
    if not (
        pa.types.is_decimal(found.type) or pa.types.is_integer(found.type) or pa.types.is_string(found.type)
    ):
        raise QuestionError(Problem("weight-invalid", "weight", f"`{name}` holds no numbers", "numbers"))
    weights = found.cast(_EXACT)
    wrong = evidence.keys.filter(pc.fill_null(pc.less(weights, 0), fill_value=True)).to_pylist()
    if wrong:
        some = ", ".join(wrong[:_NAMED]) + (f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else "")
        what = f"`{name}` gives no weight for {some}"
        todo = "give each case a weight, or leave those cases out"
        raise QuestionError(Problem("weight-invalid", "weight", what, "a number of at least 0", todo))
    return weights
