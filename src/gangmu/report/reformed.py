"""Baseline against reform as tables: totals (a row a reform, rule and group), moves, and cases listed.

`totals` has, for each reform, rule asked and group (`by` and `group` are empty for everyone): how many cases,
how many meet the rule before and after, gain, lose, stay, become or cease to be unknown; of numbers the total
before and after (at least, at most: a missing fact leaves a range) and the mean change. Columns that end in
`.weighted` count each case as many times as it weighs. `moves` is the whole table of transitions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from gangmu.engine.assess import Answer, near
from gangmu.errors import GangmuError, Problem, QuestionError
from gangmu.evidence.whole import write_whole
from gangmu.reform.compare import Counted, Key, Question
from gangmu.reform.tally import MET, UNKNOWN, Sums, Tally
from gangmu.report.result import METADATA
from gangmu.rulebook import model
from gangmu.rulebook.types import NumberType

SUFFIXES = (".parquet", ".csv", ".json", ".xlsx")
_COUNTS = ("met_before", "met_after", "gain", "lose", "unknown_before", "unknown_after",
           "stay_unknown", "become_unknown", "become_known")  # fmt: skip


@dataclass(frozen=True)
class ReformResult:
    """What reforms do to a population: exact tallies, and tables made from them."""

    question: Question
    counted: Counted
    names: tuple[str, ...]  # of the rules, as asked
    record: Mapping[str, Any]

    @property
    def base(self) -> model.Rulebook:
        """The rulebook that is reformed."""
        return self.question.base

    @property
    def reforms(self) -> tuple[str, ...]:
        """The reforms' names."""
        return tuple(reform.name for reform in self.question.reforms)

    def __len__(self) -> int:
        """Number of reforms."""
        return len(self.question.reforms)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the totals to any Arrow library (PyCapsule interface)."""
        return self.totals.__arrow_c_stream__(requested_schema)

    def tally(self, rule: str, reform: int | str = 0, by: str = "", group: str | Sequence[str] = ()) -> Tally:
        """The exact counts and sums of one rule (a name as asked), reform (its place or name) and group.

        Raises `QuestionError`.
        """
        words = (group,) if isinstance(group, str) and by else tuple(group)
        groupings = self.question.all_groupings
        try:
            full = self.question.rules[self.names.index(rule)] if rule in self.names else rule
            number = self.reforms.index(reform) if isinstance(reform, str) else reform
            place = next(n for n, grouping in enumerate(groupings) if grouping.name == by)
            return self.counted.tallies[number, full, place, groupings[place].groups.index(words)]
        except (KeyError, ValueError, StopIteration):
            what = f"nothing was counted for {rule}, {reform}, {by or 'everyone'} {'/'.join(words)}".rstrip()
            todo = near(self.base, rule)
            raise QuestionError(Problem("tally-unknown", "reform", what, "what was asked", todo)) from None

    # ------------------------------------------------------------------ tables

    @property
    def parameters(self) -> tuple[str, ...]:
        """The paths that every reform sets: columns of their own, so that a sweep can be drawn."""
        sets = [{change.path for change in reform.changes} for reform in self.question.reforms]
        return tuple(sorted(set.intersection(*sets))) if len(sets) > 1 else ()

    @cached_property
    def totals(self) -> pa.Table:
        """A row a reform, rule and group."""
        rows = [self._heads(key) | _figures(tally) for key, tally in self.counted.tallies.items()]
        return pa.Table.from_pylist(rows, self._schema()).replace_schema_metadata(self._metadata())

    def _schema(self) -> pa.Schema:
        texts, numbers = ["reform", "rule", "by", "group"], pa.float64()
        fields = [pa.field(name, pa.string()) for name in texts]
        fields += [pa.field(path, numbers) for path in self.parameters]
        fields.append(pa.field("cases", pa.int64()))
        fields += [pa.field(name, pa.int64()) for name in _COUNTS]
        if self.question.weights is not None:
            fields += [pa.field(f"{name}.weighted", numbers) for name in ("cases", *_COUNTS)]
        if any(tally.kind == "number" for tally in self.counted.tallies.values()):
            fields.append(pa.field("unit", pa.string()))
            fields += [pa.field(f"total_{when}.{end}", numbers) for when in _WHEN for end in ("low", "high")]
            fields.append(pa.field("mean_change", numbers))
        return pa.schema(fields)

    def _heads(self, key: Key) -> dict[str, object]:
        number, name, place, group = key
        reform, grouping = self.question.reforms[number], self.question.all_groupings[place]
        rule = self.base.rules[name]
        return {
            "reform": reform.name, "rule": self._name(name), "by": grouping.name,
            "group": "/".join(grouping.groups[group]),
            **{c.path: float(c.new.value) for c in reform.changes if c.path in self.parameters},
            "unit": str(rule.type) if isinstance(rule.type, NumberType) else None,
        }  # fmt: skip

    def _name(self, full: str) -> str:
        return self.names[self.question.rules.index(full)]

    @cached_property
    def moves(self) -> pa.Table:
        """The table of transitions: a row a reform, rule, group, state before and state after."""
        weighted = self.question.weights is not None
        rows = []
        for key, tally in self.counted.tallies.items():
            heads = {
                name: value
                for name, value in self._heads(key).items()
                if name in ("reform", "rule", "by", "group")
            }
            for (one, two), count in sorted(tally.cases.items()):
                row = heads | {"before": one, "after": two, "cases": count}
                if weighted and tally.weights is not None:
                    row["cases.weighted"] = float(tally.weights[one, two])
                rows.append(row)
        texts = ("reform", "rule", "by", "group", "before", "after")
        fields = [*((name, pa.string()) for name in texts), ("cases", pa.int64())]
        if weighted:
            fields.append(("cases.weighted", pa.float64()))
        return pa.Table.from_pylist(rows, pa.schema(fields)).replace_schema_metadata(self._metadata())

    @cached_property
    def cases(self) -> pa.Table:
        """The winners and losers that were asked for: a row a reform, rule and case."""
        rows = [
            {
                "reform": self.reforms[mover.reform], "rule": self._name(mover.rule),
                "enterprise": mover.case, "gains": mover.direction > 0,
                "before": _text(mover.before), "after": _text(mover.after),
                "change": _change(mover.before, mover.after),
            }
            for mover in self.counted.movers
        ]  # fmt: skip
        texts = [(name, pa.string()) for name in ("reform", "rule", "enterprise")]
        fields = [*texts, ("gains", pa.bool_()), ("before", pa.string()), ("after", pa.string())]
        schema = pa.schema([*fields, ("change", pa.float64())])
        return pa.Table.from_pylist(rows, schema).replace_schema_metadata(self._metadata())

    def _metadata(self) -> dict[bytes, bytes]:
        return {METADATA: json.dumps(dict(self.record), ensure_ascii=False).encode()}

    @property
    def tables(self) -> dict[str, pa.Table]:
        """All tables by name; `cases` only where cases were asked for."""
        found = {"totals": self.totals, "moves": self.moves}
        return found if self.question.listing == "none" else found | {"cases": self.cases}

    # ------------------------------------------------------------------ files

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON; what has no end is "inf"."""
        tables = {name: [_plain(row) for row in table.to_pylist()] for name, table in self.tables.items()}
        return {"record": dict(self.record), **tables}

    def write(self, path: str | Path, lang: str = "en") -> Path:
        """Write as .parquet, .csv, .json or .xlsx, each file whole or not at all.

        `.xlsx` and `.json` hold everything. Beside `NAME.parquet` or `NAME.csv` (the totals) stand
        `NAME.moves` and, where cases are listed, `NAME.cases`; the decision record is in the schema of
        Parquet, and beside CSV as `NAME.record.json`. Raises `GangmuError` for any other suffix.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in SUFFIXES:
            what = f"{target.suffix or 'no suffix'} is no kind of file that can be written"
            raise GangmuError(Problem("suffix-unknown", str(target), what, f"one of {', '.join(SUFFIXES)}"))
        if suffix == ".json":
            return write_whole(target, lambda to: to.write_text(_json(self.to_dict()), encoding="utf-8"))
        if suffix == ".xlsx":
            from gangmu.report.excel import write_sheets

            return write_sheets(target, self.tables, self.record, lang)
        for name, table in self.tables.items():
            to = target if name == "totals" else target.with_suffix(f".{name}{target.suffix}")
            write_whole(to, lambda to, table=table: _write_table(to, table))  # type: ignore[misc]
        if suffix == ".csv":
            beside = target.with_suffix(".record.json")
            write_whole(beside, lambda to: to.write_text(_json(dict(self.record)), encoding="utf-8"))
        return target


_WHEN = ("before", "after")


def _figures(tally: Tally) -> dict[str, object]:
    """The counts and sums of a tally as columns."""
    row: dict[str, object] = {"cases": tally.total}
    row |= {name: None if found is None else int(found) for name, found in _counts(tally, weighted=False)}
    if tally.weights is not None:
        row["cases.weighted"] = float(tally.count(lambda *_: True, weighted=True))
        for name, found in _counts(tally, weighted=True):
            row[f"{name}.weighted"] = None if found is None else float(found)
    if tally.kind == "number":
        for when, sums in zip(_WHEN, (tally.before, tally.after), strict=True):
            row[f"total_{when}.low"], row[f"total_{when}.high"] = ends_of(sums)
        row["mean_change"] = float(tally.change / tally.known) if tally.known else None
    return row


def ends_of(sums: Sums) -> tuple[float, float]:
    """The least and the most that a total can be; endless where one of its cases is."""
    low = float("-inf") if sums.endless_low else float(sums.low)
    return low, float("inf") if sums.endless_high else float(sums.high)


def _counts(tally: Tally, *, weighted: bool) -> Iterator[tuple[str, Fraction | None]]:
    def count(test: Any) -> Fraction:  # noqa: ANN401  a test of two states
        return tally.count(test, weighted=weighted)

    has_met = tally.kind in MET
    yield "met_before", count(lambda one, _: tally.met(one)) if has_met else None
    yield "met_after", count(lambda _, two: tally.met(two)) if has_met else None
    yield "gain", None if tally.kind == "code" else tally.gain(weighted=weighted)
    yield "lose", None if tally.kind == "code" else tally.lose(weighted=weighted)
    yield "unknown_before", count(lambda one, _: one == UNKNOWN)
    yield "unknown_after", count(lambda _, two: two == UNKNOWN)
    yield "stay_unknown", count(lambda one, two: one == two == UNKNOWN)
    yield "become_unknown", count(lambda one, two: one != UNKNOWN == two)
    yield "become_known", count(lambda one, two: one == UNKNOWN != two)


def _text(answer: Answer) -> str:
    """An outcome in plain words for a file: its value, else its status with what bounds are known."""
    if answer.status in ("known", "true", "false") and answer.value is not None:
        value = answer.value
        return str(value).lower() if isinstance(value, bool) else _number(value)
    return answer.status


def _number(value: object) -> str:
    return repr(float(value)) if isinstance(value, Fraction) else str(value)


def _change(before: Answer, after: Answer) -> float | None:
    if isinstance(before.value, Fraction) and isinstance(after.value, Fraction):
        return float(after.value - before.value)
    return None


def _write_table(to: Path, table: pa.Table) -> None:
    if to.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, to)
    else:
        import pyarrow.csv as pa_csv

        pa_csv.write_csv(table, to)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    endless = {float("inf"): "inf", float("-inf"): "-inf"}
    return {
        name: endless.get(value, value) if isinstance(value, float) else value for name, value in row.items()
    }
