"""The doors of the kernel: a body of evidence, or plain columns, and the rules asked of them.

`assess_table` answers for every case of an `Evidence`, `assess_columns` for NumPy or Arrow columns of the
enterprise's inputs. Both give `Answers`: a column a rule, refused rules by name with the reason, and how
many rows took which path. The weakest grade on the deciding path is answered where `grades` are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import pyarrow as pa

from gangmu.engine.assess import Answer, answer, outcome
from gangmu.engine.dates import Dating
from gangmu.engine.interpreter import Run
from gangmu.engine.kernel.atoms import Families
from gangmu.engine.kernel.columns import Array, Column, from_arrays
from gangmu.engine.kernel.lines import none_given
from gangmu.engine.kernel.outputs import AnswerColumn
from gangmu.engine.kernel.plan import (
    Below,
    Days,
    below,
    days_in,
    days_of,
)
from gangmu.engine.kernel.run import Found, Task, kind_of, run
from gangmu.engine.kernel.statuses import TRACKS
from gangmu.engine.kernel.tables_of import Tables, read_tables
from gangmu.engine.kernel.tasks import base_years, tasks_of
from gangmu.engine.kernel.widest import Widest
from gangmu.evidence.cases import Evidence
from gangmu.evidence.facts import Case, Fact
from gangmu.rulebook import model

PATHS = ("points", "bounds", "exact", "interpreter")


@dataclass(slots=True)
class Answers:
    """Outcomes by rule (full name), the rules refused with the reason, and rows by path."""

    columns: dict[str, AnswerColumn] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    stats: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PATHS, 0))


def answer_of(run_: Run, name: str, *, grades: bool = False) -> Answer:
    """The interpreter's outcome, with its grade if asked for."""
    return answer(run_, name) if grades else outcome(run_, name)


def assess_table(
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], dating: Dating,
    *, grades: bool = False, blind: bool = False,
) -> Answers:  # fmt: skip
    """Answer rules (full names) for every case of the evidence."""
    days = dating.column_of(evidence)
    return assess_days(book, evidence, names, days, grades=grades, blind=blind)


def assess_days(
    book: model.Rulebook, evidence: Evidence, names: Sequence[str], on: pa.Array,
    *, grades: bool = True, blind: bool = False,
) -> Answers:  # fmt: skip
    """As `assess_table`, with the day of every case (date32)."""
    days = days_in(on)
    used = below(book, names)
    families = Families(used.rules, names)
    tables = read_tables(book, evidence, used, families, days.ordinals())
    base = base_years(evidence.base_year, days)
    widest = None if evidence.kin is None else evidence.kin.setdefault(Widest, Widest())
    asked = (book, names, used, families, tables, (days, base), evidence.case_at)
    return _assess(*asked, grades=grades, blind=blind, widest=widest)


def assess_columns(
    book: model.Rulebook, arrays: Mapping[str, object], names: Sequence[str], as_of: date | Sequence[date],
    *, base_year: int | None = None, grades: bool = False, blind: bool = False,
) -> Answers:  # fmt: skip
    """Answer rules for columns of inputs by full name: NumPy or Arrow arrays, or columns made before."""
    used = below(book, names)
    families = Families(used.rules, names)
    columns = from_arrays(book.rules, arrays, families)
    length = max((len(column.values) for column in columns.values() if column.kind != "text"), default=0)
    days = Days(length, as_of) if isinstance(as_of, date) else days_of(list(as_of))
    base = days.years() if base_year is None else np.array([base_year], np.int64)
    related = {name: none_given(book.entities[name]) for name in used.entities}
    tables = Tables(length, columns, related=related)
    case_of = _from_columns(book, arrays)
    return _assess(book, names, used, families, tables, (days, base), case_of, grades=grades, blind=blind)


def prepare(book: model.Rulebook, arrays: Mapping[str, object], names: Sequence[str]) -> dict[str, Column]:
    """Make columns once, for `assess_columns` to be asked many times."""
    return from_arrays(book.rules, arrays, Families(below(book, names).rules, names))


def _from_columns(book: model.Rulebook, arrays: Mapping[str, object]) -> Callable[[int], Case]:
    made: dict[str, Column | pa.Array | pa.ChunkedArray] = {}

    def one(place: int) -> Case:
        if not made:
            made.update((name, _readable(given)) for name, given in arrays.items())
        facts = {}
        for name, given in made.items():
            value = _fact(given, place)
            if value is not None:
                facts[book.rules[name].short] = (Fact(value),)
        return Case(str(place), facts)

    return one


def _readable(given: object) -> Column | pa.Array | pa.ChunkedArray:
    """An array of which one value can be read."""
    return given if isinstance(given, Column | pa.Array | pa.ChunkedArray) else pa.array(given)


def _fact(given: Column | pa.Array | pa.ChunkedArray, place: int) -> Fraction | bool | str | date | None:
    if isinstance(given, Column):
        if given.state is not None and given.state[place]:
            return None
        number = int(given.values[place])
        match given.kind:
            case "truth":
                return bool(number)
            case "date":
                return date.fromordinal(number)
            case "number":
                return Fraction(number, given.den)
        raise TypeError(given.kind)
    value = given[place].as_py()
    return value if value is None or isinstance(value, bool | str | date) else Fraction(value)


# ---------------------------------------------------------------------- stretch by stretch


def _assess(  # noqa: PLR0917  one call, all that it needs
    book: model.Rulebook, names: Sequence[str], used: Below, families: Families, tables: Tables,
    when: tuple[Days, Array], case_of: Callable[[int], Case], *, grades: bool, blind: bool,
    widest: Widest | None = None,
) -> Answers:  # fmt: skip
    answers = Answers()
    found: list[tuple[Array | None, Found]] = []
    asked = (book, names, used, families, tables, when)
    for rows, task in tasks_of(*asked, grades=grades, blind=blind, widest=widest):
        found.append((rows, _counted(task, answers)))
    kept = [name for name in names if name not in answers.refused]
    for name in kept:
        answers.columns[name] = _together(
            book.rules[name], [(r, f.columns[name]) for r, f in found], tables.length
        )
    _interpret(book, answers, found, (when[0], kept), case_of, grades=grades)
    return answers


def _counted(task: Task, answers: Answers) -> Found:
    """Run, note what is refused, and count rows by path."""
    found = run(task)
    answers.refused.update(found.refused)
    for path, count in found.counts.items():
        answers.stats[path] += count
    return found


def _together(
    rule: model.Rule, pieces: Sequence[tuple[Array | None, AnswerColumn]], length: int
) -> AnswerColumn:
    """The columns of all stretches as one."""
    if len(pieces) == 1:
        return pieces[0][1]
    status = np.zeros(length, np.uint8)
    path, place = np.zeros(length, np.uint8), np.zeros(length, np.int32)
    whole = AnswerColumn(rule.name, kind_of(rule), status, [], [], path, place)
    columns = [column for _, column in pieces]
    grades = {column.grade if isinstance(column.grade, int) else -1 for column in columns}
    whole.grade = grades.pop() if len(grades) == 1 and -1 not in grades else np.zeros(length, np.uint8)
    if any(column.held is not None for column in columns):
        whole.held, whole.until = (np.zeros(length, TRACKS[what]) for what in ("held", "until"))
    for given, column in pieces:
        rows = np.arange(length) if given is None else given
        status[rows] = column.status
        if not isinstance(whole.grade, int):
            whole.grade[rows] = column.grade
        if whole.held is not None and whole.until is not None:
            whole.held[rows], whole.until[rows] = column.held, column.until
        path[rows] = len(whole.parts) + (0 if column.path is None else column.path)
        place[rows] = np.arange(len(rows)) if column.place is None else column.place
        whole.parts.extend(column.parts)
        whole.texts = column.texts
    return whole


def _interpret(
    book: model.Rulebook, answers: Answers, found: Sequence[tuple[Array | None, Found]],
    asked: tuple[Days, Iterable[str]], case_of: Callable[[int], Case], *, grades: bool,
) -> None:  # fmt: skip
    """Give the rows left over to the interpreter."""
    days, kept = asked
    names = list(kept)
    for rows, piece in found:
        for row in piece.left if rows is None else rows[piece.left]:
            one = Run(book, case_of(int(row)), days[int(row)])
            for name in names:
                answers.columns[name].give(int(row), answer_of(one, name, grades=grades))
