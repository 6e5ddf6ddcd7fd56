"""A question prepared once, then put to one enterprise after another, each a dict of facts.

    ask = book.prepared(["eligible", "limit"], as_of="2026-06-30")
    told = ask({"staff": 42, "revenue": 18_000_000, "listed": False})
    told["eligible"].status, told["limit"].value

What the kernel answers takes microseconds. The rest (rules that it refuses, a row that it cannot decide) is
the interpreter's, worked out when it is looked at. The answers are the interpreter's either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from gangmu.engine.assess import answer, outcome
from gangmu.engine.interpreter import Run
from gangmu.engine.outcomes import Answer
from gangmu.engine.straight import Field, straight_of
from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.cell import Cell, NotGiven
from gangmu.evidence.single import Reader, unknown_name
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of
from gangmu.rulebook.types import CodeType, LevelType

if TYPE_CHECKING:
    from gangmu.engine.kernel.one import Outcome, Place, Row

Facts = Mapping[str, Any]  # numbers, texts, truth values, dates
Rows = Mapping[str, Sequence[Mapping[str, object]]]
NO_ROWS: Final[Rows] = {}
GIVEN, MISSING, NONE = 0, 1, 2  # as in a column of the kernel
_QUICK: dict[str, type] = {"number": int, "truth": bool, "code": str, "date": date}
_POWERS = frozenset(10**digits for digits in range(16))
_SURE = 10**15  # a decimal of so many digits is the shortest of its double
MAX_CODES = 10_000  # texts remembered of an input


class Prepared:
    """Some rules on one day, ready to be asked of one enterprise at a time.

    `interpreted` has the rules that the kernel does not answer, by full name, with the reason.
    """

    def __init__(  # noqa: PLR0913  each side of a question has its keyword
        self, book: model.Rulebook, names: Mapping[str, str], day: date,
        *, base_year: int | None = None, origin: str = "", grades: bool = False,
    ) -> None:  # fmt: skip
        """`names` has the full name of each rule by the name under which it is asked.

        `origin` is where the facts come from (an input may demand one); `base_year` is the base fiscal year,
        if it is not the year of the day; `grades` asks for the weakest grade on the deciding path as well.
        """
        self.book, self.names, self.day = book, dict(names), day
        self.base_year, self.origin, self.grades = base_year, origin, grades
        self._inputs = book.inputs_of(model.ROOT)
        self._reader = Reader(book)
        self.row, self.interpreted = self._prepare()
        places = {} if self.row is None else self.row.places
        self._places = {place.rule.short: place for place in places.values()}
        self._blank = [] if self.row is None else self.row.blank
        self._codes: dict[str, dict[str, int]] = {}
        self._readers: dict[str, Callable[[bytes], dict[str, Answer]]] = {}  # by the code that answered
        self._fields = {name: self._field(name, place) for name, place in self._places.items()}
        coded = (book.rules[full].type for full in self.names.values())
        self.coded = any(
            isinstance(kind, CodeType | LevelType) for kind in coded
        )  # whether an answer is a code
        self._straight = straight_of(self._fields)
        self._read_by_interpreter = graph_of(book).below(self.interpreted)

    def _prepare(self) -> tuple[Row | None, dict[str, str]]:
        full = list(dict.fromkeys(self.names.values()))
        missing = " and ".join(name for name in ("llvmlite", "numpy") if find_spec(name) is None)
        if missing:
            return None, dict.fromkeys(full, f"{missing} is not installed")
        from gangmu.engine.kernel.one import prepare_row

        year = self.day.year if self.base_year is None else self.base_year
        return prepare_row(self.book, full, self.day, year, grades=self.grades)

    def _field(self, name: str, place: Place) -> Field:
        body, quick = place.rule.input, _QUICK.get(place.kind)
        times = place.den * body.factor
        if not self._counts(place.rule) or body.input == "year" or times.denominator != 1:
            quick = None
        codes = self._codes.setdefault(name, {}) if quick in (str, date) else None
        return Field(quick, place.value, times.numerator, place.lo, place.hi, codes)

    def _counts(self, rule: model.Rule) -> bool:
        """Whether facts of this origin count for an input."""
        return not rule.input.origins or self.origin in rule.input.origins

    # ------------------------------------------------------------------ asking

    def __call__(  # noqa: C901, PLR0912  a call more a fact would take as long as the code that answers
        self, facts: Facts, rows: Rows = NO_ROWS, complete: Iterable[str] = ()
    ) -> Told:
        """What comes out for one enterprise.

        `facts` has its facts by the names of inputs: numbers (int, float as its shortest decimal, Decimal,
        Fraction, or a text as in a cell) in the input's own unit, bool, code, date or ISO text. None and what
        is left out are not given, `n/a` is said to be none. `rows` has its related rows by entity, `complete`
        names the entities of which no row is missing. Raises `EvidenceError` with everything that is wrong.
        """
        facts = dict(facts)
        told = Told(self, facts, rows, tuple(complete))
        if self.row is not None and self._straight is not None and (words := self._straight(facts)):
            if rows or complete:
                told.settle()
            told.outcome = self.row.run(words, None)
            return told
        values, fields, slow = self._blank.copy(), self._fields, []
        for name, value in facts.items():  # hardly a call in here: this loop is most of the time
            try:
                quick, place, times, least, most, codes = fields[name]
            except KeyError:
                slow.append(name)
                continue
            scaled: int | None = None
            if type(value) is quick:
                if codes is None:
                    scaled = value * times
                elif quick is str:
                    scaled = codes.get(value)
                else:
                    scaled = value.toordinal()
            elif quick is int and type(value) is float:
                scaled = _whole(value, times)
            if scaled is not None and least <= scaled <= most:
                values[place] = scaled
            else:
                slow.append(name)
        states = None
        if slow or len(facts) != len(fields):
            states = bytearray(len(fields))
            for name in (fields.keys() - facts.keys()).union(slow):
                if name in fields:
                    states[self._places[name].state] = MISSING
        fits = states is None or self._read(values, states, facts, slow)
        if rows or complete:
            told.settle()
        if self.row is not None and fits:
            told.outcome = self.row.run(values, states if states is not None and any(states) else None)
        return told

    def _read(self, values: list[int], states: bytearray, facts: Facts, names: Sequence[str]) -> bool:
        """Write facts that take more than a look; returns whether all fit their words.

        Raises `EvidenceError` with everything that is wrong.
        """
        problems: list[Problem] = []
        fits = True
        for name in names:
            rule = self._inputs.get(name)
            if rule is None:
                problems.append(unknown_name(name, name, self._inputs))
            elif name in self._places:
                cell = self._reader.cell(rule, facts[name], name, problems)
                if not isinstance(cell, NotGiven) and self._counts(rule):
                    place = self._places[name]
                    states[place.state] = NONE if cell is None else GIVEN
                    fits = self._write(values, place, cell, facts[name]) and fits
            elif rule.name in self._read_by_interpreter:
                self._reader.cell(rule, facts[name], name, problems)
        if problems:
            raise EvidenceError(problems)
        return fits

    def _write(self, values: list[int], place: Place, cell: Cell, value: object) -> bool:
        """Write a cell that was read; returns whether it fits its word."""
        if cell is None or place.value < 0:
            return True
        word = self._encoded(place, cell)
        if word is None or not place.lo <= word <= place.hi:
            return False
        values[place.value] = word
        codes = self._codes.get(place.rule.short)
        if codes is not None and type(value) is str and len(codes) < MAX_CODES:
            codes[value] = word
        return True

    def _encoded(self, place: Place, cell: Cell) -> int | None:
        """A cell as its word; None if it has more digits than that holds."""
        match cell:
            case bool():
                return int(cell)
            case str():
                assert self.row is not None  # noqa: S101  places are a row's
                return self.row.atom(place.rule.name, cell)
            case date():
                return cell.toordinal()
            case Fraction():
                scaled = cell * place.den
                return scaled.numerator if scaled.denominator == 1 else None
        return None

    def read_all(self, outcome_: Outcome) -> dict[str, Answer]:
        """All answers, in the order asked."""
        read = self._readers.get(outcome_.path)
        if read is None:
            read = self._readers[outcome_.path] = outcome_.readers.all(self.names)
        return read(outcome_.content)

    def run(self, facts: Facts, rows: Rows = NO_ROWS, complete: Iterable[str] = ()) -> Run:
        """The interpreter's run of one enterprise, as for an explanation. Raises `EvidenceError`."""
        case = self._reader.case(facts, rows, complete=complete, origin=self.origin, base_year=self.base_year)
        return Run(self.book, case, self.day)


class Told(Mapping[str, Answer]):
    """Answers for one enterprise by the names asked; each is made when it is looked at."""

    __slots__ = ("_answers", "_by", "_complete", "_facts", "_related", "_run", "outcome")

    def __init__(self, by: Prepared, facts: Facts, rows: Rows, complete: tuple[str, ...]) -> None:
        """What `by` was told; `outcome` is what machine code made of it."""
        self._by, self._facts, self._related, self._complete = by, facts, rows, complete
        self.outcome: Outcome | None = None
        self._run: Run | None = None
        self._answers: dict[str, Answer] | None = None

    @property
    def run(self) -> Run:
        """The interpreter's run of this enterprise: for what the kernel leaves, and for explanations."""
        return self.settle()

    def settle(self) -> Run:
        """Read everything for the interpreter. Raises `EvidenceError` with everything that is wrong."""
        if self._run is None:
            self._run = self._by.run(self._facts, self._related, self._complete)
        return self._run

    def __getitem__(self, name: str) -> Answer:
        if self._answers is None:
            self._answers = {}
        found = self._answers.get(name)
        if found is None:
            found = self._answers[name] = self._answer(self._by.names[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._by.names)

    def __len__(self) -> int:
        return len(self._by.names)

    def all(self) -> dict[str, Answer]:
        """All answers, in the order asked."""
        if self.outcome is None or self._by.interpreted or self._by.coded:
            return {name: self[name] for name in self}
        return self._by.read_all(self.outcome)

    def _answer(self, full: str) -> Answer:
        if self.outcome is not None:
            reader = self.outcome.readers.one.get(full)
            found = reader(self.outcome.content) if reader else None
            if found is not None:
                return found
        return answer(self.run, full) if self._by.grades else outcome(self.run, full)


def _whole(number: float, times: int) -> int | None:
    """A double's shortest decimal times a power of ten, if that is whole and easily told; else None.

    A decimal of at most 15 digits is the shortest that its double has.
    """
    product = number * times
    if not -_SURE < product < _SURE or times not in _POWERS:
        return None
    found = round(product)
    return found if found / times == number else None
