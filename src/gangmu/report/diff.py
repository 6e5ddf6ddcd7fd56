"""Two runs compared, for people and files: each answer that changed, and law, evidence or time as reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from gangmu.changes.attribute import PARTS, Attribution
from gangmu.engine.outcomes import Answer, double
from gangmu.errors import GangmuError, Problem
from gangmu.evidence.whole import write_whole
from gangmu.report.causes import causes, direction, source_of
from gangmu.report.change_words import tell
from gangmu.report.compared_runs import Changed, Compared
from gangmu.report.labels import capital, label_of
from gangmu.report.result import METADATA
from gangmu.report.verdict import verdict
from gangmu.report.words import STATUS_WORDS, say, word
from gangmu.rulebook import model

SUFFIXES = (".xlsx", ".csv", ".parquet", ".json")
REASONS = ("law", "evidence", "time", "together", "either", "undecided", "software")
_TEXTS = ("enterprise", "rule", "label", "before", "after", "reason", "parts", "because", "source", "grade")


@dataclass(frozen=True)
class DiffLine:
    """An answer that changed; `attribution` is there if it was worked out."""

    changed: Changed
    attribution: Attribution | None = None

    @property
    def reason(self) -> str:
        """One of `REASONS`: undecided is what records cannot tell, software another version of the engine."""
        if self.attribution is None:
            moved = self.changed.moved
            return moved[0] if len(moved) == 1 else "undecided" if moved else "software"
        sets = self.attribution.sets
        if not sets or not self.reproduced:
            return "software"
        if len(sets) > 1:
            return "either"
        [only] = sets
        return next(iter(only)) if len(only) == 1 else "together"

    @property
    def reproduced(self) -> bool:
        """Whether the answers of both runs came out again; if not, another version gave them."""
        if self.attribution is None:
            return True
        pairs = (
            (self.changed.before, self.attribution.before),
            (self.changed.after, self.attribution.after),
        )
        return all(
            one is not None and two is not None and one.status == two.status
            and double(one.value) == double(two.value)
            for one, two in pairs
        )  # fmt: skip

    def parts(self, lang: str) -> str:
        """The reason in words."""
        if self.attribution is None:
            told = say(lang, "or").join(tell(lang, f"part {part}") for part in self.changed.moved)
            return (
                tell(lang, "undecided", n=told)
                if self.reason == "undecided"
                else told or tell(lang, "part software")
            )
        sets = [_joined(one, lang) for one in self.attribution.sets]
        if not sets or not self.reproduced:
            return tell(lang, "part software")
        return sets[0] if len(sets) == 1 else tell(lang, "either", n=say(lang, "list").join(sets))

    def shares(self) -> dict[str, float]:
        """What each part adds to a difference of numbers."""
        return (
            {}
            if self.attribution is None
            else {part: float(n) for part, n in self.attribution.shares.items()}
        )


def _joined(parts: frozenset[Any], lang: str) -> str:
    told = say(lang, "and").join(tell(lang, f"part {part}") for part in PARTS if part in parts)
    return told if len(parts) == 1 else tell(lang, "together", n=told)


@dataclass(frozen=True)
class DiffResult:
    """All answers that are others, with the book by which they are put into words (None: none is at hand)."""

    compared: Compared
    lines: Sequence[DiffLine]
    book: model.Rulebook | None
    missing: tuple[str, ...] = ()  # why the reasons were not worked out, if they were not

    def __len__(self) -> int:
        """Number of answers that are others."""
        return len(self.lines)

    def counts(self) -> dict[str, Counter[str]]:
        """How many answers of each rule are others, by reason."""
        found: dict[str, Counter[str]] = {}
        for line in self.lines:
            found.setdefault(line.changed.rule, Counter())[line.reason] += 1
        return found

    def label(self, rule: str, lang: str) -> str:
        """A rule's label, or its full name."""
        if self.book is None or rule not in self.book.rules:
            return rule
        return capital(label_of(self.book.rules[rule], lang))

    def text(self, rule: str, answer: Answer | None, lang: str) -> str:
        """An answer in words."""
        if answer is None:
            return tell(lang, "not there")
        if self.book is None or rule not in self.book.rules or not answer.status:
            return word(STATUS_WORDS, answer.status, lang) if answer.value is None else str(answer.value)
        return str(verdict(self.book, rule, answer, lang))

    def texts(self, line: DiffLine, lang: str) -> dict[str, str]:
        """The columns of a line."""
        one = line.changed
        told = self.because(line, lang)
        pause = say(lang, "pause")
        return {
            "enterprise": one.enterprise, "rule": one.rule, "label": self.label(one.rule, lang),
            "before": self.text(one.rule, one.before, lang), "after": self.text(one.rule, one.after, lang),
            "reason": line.reason, "parts": line.parts(lang),
            "because": pause.join(dict.fromkeys(text for text, _, _ in told)),
            "source": pause.join(dict.fromkeys(source for _, source, _ in told if source)),
            "grade": pause.join(dict.fromkeys(grade for _, _, grade in told if grade)),
        }  # fmt: skip

    def because(self, line: DiffLine, lang: str) -> list[tuple[str, str, str]]:
        """What moved an answer: sentence, source, grade."""
        if line.attribution is None or self.book is None:
            return []
        one = line.changed
        way = direction(one.before, one.after) if one.before and one.after else "moves"
        found = []
        several = len({part for part, _ in line.attribution.roots}) > 1
        for part in PARTS:
            mine = [root for whose, root in line.attribution.roots if whose == part]
            for cause in causes(self.book, mine, way, lang):
                named = say(lang, "colon", a=tell(lang, f"part {part}"), b=cause.text)
                found.append((named if several else cause.text, cause.source, cause.grade))
        if found and not any(source for _, source, _ in found) and one.rule in self.book.rules:
            own = source_of(self.book, self.book.rules[one.rule].editions[-1].standing, lang)
            found[-1] = (found[-1][0], *own)
        return list(dict.fromkeys(found))

    @property
    def record(self) -> Mapping[str, Any]:
        """The decision records of both runs."""
        return {"run_1": dict(self.compared.runs[0].record), "run_2": dict(self.compared.runs[1].record)}

    def table(self, lang: str = "en") -> pa.Table:
        """One row an answer that is another; `share.PART` is what a part adds to a difference of numbers."""
        rows = []
        for line in self.lines:
            shares = {f"share.{part}": value for part, value in line.shares().items()}
            rows.append({**self.texts(line, lang), **shares})
        fields = [(name, pa.string()) for name in _TEXTS] + [
            (f"share.{part}", pa.float64()) for part in PARTS
        ]
        metadata = {METADATA: json.dumps(self.record, ensure_ascii=False).encode()}
        return pa.Table.from_pylist(rows, pa.schema(fields)).replace_schema_metadata(metadata)

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Everything as plain data for JSON."""
        compared = self.compared
        return {
            "record": dict(self.record), "common": compared.common, "new": list(compared.new),
            "gone": list(compared.gone), "reasons": {rule: dict(n) for rule, n in self.counts().items()},
            "not_worked_out": list(self.missing), "changes": self.table(lang).to_pylist(),
        }  # fmt: skip

    def write(self, path: str | Path, lang: str = "en") -> Path:
        """Write as .xlsx, .csv, .parquet or .json, whole or not at all. Raises `GangmuError` else."""
        target, suffix = Path(path), Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            what = f"{target.suffix or 'no suffix'} is no kind of file that can be written"
            raise GangmuError(Problem("suffix-unknown", str(target), what, f"one of {', '.join(SUFFIXES)}"))
        if suffix == ".xlsx":
            from gangmu.report.excel import write_sheets

            return write_sheets(target, {"changes": self.table(lang)}, self.record, lang)
        if suffix == ".json":
            text = json.dumps(self.to_dict(lang), ensure_ascii=False, indent=1, default=str) + "\n"
            return write_whole(target, lambda to: to.write_text(text, encoding="utf-8"))
        from gangmu.report.due import write_table

        return write_whole(target, lambda to: write_table(to, self.table(lang)))
