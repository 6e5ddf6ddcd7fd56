"""The dates on which answers change by themselves, as a table, a calendar and files of other kinds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from gangmu.changes.due import Change
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.report.causes import Cause, causes, direction, source_of
from gangmu.report.change_words import tell
from gangmu.report.labels import capital, label_of
from gangmu.report.result import METADATA
from gangmu.report.verdict import verdict
from gangmu.report.words import say
from gangmu.rulebook import model

SUFFIXES = (".ics", ".xlsx", ".csv", ".parquet", ".json")
_TEXTS = (
    "enterprise", "rule", "label", "before", "after", "direction", "because", "source", "grade", "todo",
)  # fmt: skip


@dataclass(frozen=True)
class DueResult:
    """Every change, by date and enterprise; `first` to `until` are the days that were looked at."""

    book: model.Rulebook
    changes: Sequence[Change]
    first: date
    until: date
    enterprises: int
    rules: tuple[str, ...]
    record: Mapping[str, Any]

    def __len__(self) -> int:
        """Number of changes."""
        return len(self.changes)

    def lines(self, lang: str) -> list[DueLine]:
        """The changes in words."""
        return [DueLine.of(self.book, change, lang) for change in self.changes]

    def table(self, lang: str = "en") -> pa.Table:
        """One row a change: date, enterprise, rule, from what to what, why, source, grade, what to do."""
        rows = [{"date": line.change.day, **line.texts(lang)} for line in self.lines(lang)]
        schema = pa.schema([("date", pa.date32()), *((name, pa.string()) for name in _TEXTS)])
        metadata = {METADATA: json.dumps(dict(self.record), ensure_ascii=False).encode()}
        return pa.Table.from_pylist(rows, schema).replace_schema_metadata(metadata)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Everything as plain data for JSON."""
        rows = [{**row, "date": row["date"].isoformat()} for row in self.table(lang).to_pylist()]
        return {"record": dict(self.record), "changes": rows}

    def write(self, path: str | Path, lang: str = "en", *, remind: int = 0) -> Path:
        """Write as .ics, .xlsx, .csv, .parquet or .json, whole or not at all.

        `remind` days before the day a calendar reminds (0: not at all). Raises `GangmuError` for any other
        suffix.
        """
        target, suffix = Path(path), Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            what = f"{target.suffix or 'no suffix'} is no kind of file that can be written"
            raise GangmuError(Problem("suffix-unknown", str(target), what, f"one of {', '.join(SUFFIXES)}"))
        if suffix == ".xlsx":
            from gangmu.report.excel import write_sheets

            return write_sheets(target, {"due": self.table(lang)}, self.record, lang)
        if suffix == ".ics":
            from gangmu.report.calendar_file import calendar_of

            content = calendar_of(self, lang, remind)
            return write_whole(target, lambda to: to.write_bytes(content))
        if suffix == ".json":
            text = json.dumps(self.to_dict(lang), ensure_ascii=False, indent=1, default=str) + "\n"
            return write_whole(target, lambda to: to.write_text(text, encoding="utf-8"))
        write_whole(target, lambda to: write_table(to, self.table(lang)))
        if suffix == ".csv":
            record = json.dumps(dict(self.record), ensure_ascii=False, indent=1, default=str) + "\n"
            beside = target.with_suffix(".record.json")
            write_whole(beside, lambda to: to.write_text(record, encoding="utf-8"))
        return target


@dataclass(frozen=True)
class DueLine:
    """A change in words."""

    change: Change
    label: str
    before: str
    after: str
    direction: str
    causes: tuple[Cause, ...]
    own_source: tuple[str, str]  # of the rule asked, and its grade

    @classmethod
    def of(cls, book: model.Rulebook, change: Change, lang: str) -> DueLine:
        """Put a change into words."""
        way = direction(change.before, change.after)
        told = [str(verdict(book, change.rule, answer, lang)) for answer in (change.before, change.after)]
        why, rule = causes(book, change.roots, way, lang), book.rules[change.rule]
        edition = next((one for one in rule.editions if one.in_force(change.day)), rule.editions[-1])
        own = source_of(book, edition.standing, lang)
        return cls(change, capital(label_of(rule, lang)), told[0], told[1], way, tuple(why), own)

    def sources(self) -> list[tuple[str, str]]:
        """The sources of what moved the answer, or if they are our own rules that of the answer itself."""
        found = [(cause.source, cause.grade) for cause in self.causes if cause.source]
        return list(dict.fromkeys(found or [self.own_source]))

    def texts(self, lang: str) -> dict[str, str]:
        """The columns of a table but the date."""
        pause = say(lang, "pause")
        return {
            "enterprise": self.change.enterprise, "rule": self.change.rule, "label": self.label,
            "before": self.before, "after": self.after, "direction": self.direction,
            "because": pause.join(dict.fromkeys(cause.text for cause in self.causes)),
            "source": pause.join(dict.fromkeys(source for source, _ in self.sources())),
            "grade": pause.join(dict.fromkeys(grade for _, grade in self.sources())),
            "todo": self.todo(lang),
        }  # fmt: skip

    def todo(self, lang: str) -> str:
        """What to do before the day."""
        return say(lang, "pause").join(dict.fromkeys(cause.todo for cause in self.causes if cause.todo))

    def turn(self, lang: str) -> str:
        """From what to what."""
        return tell(lang, "turn", a=self.before, b=self.after)


def write_table(to: Path, table: pa.Table) -> None:
    """Write a table as Parquet or CSV, as the suffix says."""
    if to.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, to)
    else:
        import pyarrow.csv as pa_csv

        pa_csv.write_csv(table, to)
