"""Seeded faults of each engine: what would make it wrong in a way that a person could write.

A fault replaces one function of an engine by one that does a little too much or too little, for as long as
it is entered; no fault stands in the engines themselves. A suite that lets a mutant live is not worth
running, so each must be caught by a bounded share of the random programs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from conformance.compare import differences_of
from conformance.engines import ENGINES, Oracle, Way, ask, oracle
from conformance.facts import VAST
from conformance.sample import Sample, draw
from gangmu.evidence.cases import Evidence
from gangmu.evidence.read import read_evidence
from gangmu.rulebook.model import Rulebook

Wrapped = Callable[..., Any]


@dataclass(frozen=True)
class Fault:
    """One function of one engine, and what is put in its place."""

    engine: str
    name: str
    owner: str  # module, or module:class
    attribute: str
    make: Callable[[Wrapped], Wrapped]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The engine with the fault in it."""
        module, _, kind = self.owner.partition(":")
        holder = importlib.import_module(module)
        holder = getattr(holder, kind) if kind else holder
        sound = getattr(holder, self.attribute)
        setattr(holder, self.attribute, self.make(sound))
        try:
            yield
        finally:
            setattr(holder, self.attribute, sound)


def _no_flag(*names: str) -> Callable[[Wrapped], Wrapped]:
    """The result without some of its flags."""

    def make(sound: Wrapped) -> Wrapped:
        return lambda *args, **kwargs: replace(sound(*args, **kwargs), **dict.fromkeys(names, False))

    return make


def _operator(change: Callable[[str], str]) -> Callable[[Wrapped], Wrapped]:
    """A comparison by another sign."""

    def make(sound: Wrapped) -> Wrapped:
        return lambda self, op, a, b: sound(self, change(op), a, b)

    return make


def _flipped(sound: Wrapped) -> Wrapped:
    return lambda self, a, b, *guard: sound(self, b, a, *guard)


def _divisor_trusted(sound: Wrapped) -> Wrapped:
    """A quotient that is never undefined through its divisor."""

    def divide(self: Any, a: Any, b: Any) -> Any:
        found = sound(self, a, b)
        logic = getattr(self, "e", None) or self.t
        return replace(found, undefined=logic.or_(a.undefined, b.undefined))

    return divide


def _skipping(sound: Wrapped) -> Wrapped:
    """LEAST and GREATEST as SQL has them: an undefined argument is passed over."""

    def extreme(self: Any, values: Sequence[Any], *, greatest: bool) -> Any:
        found = sound(self, values, greatest=greatest)
        first, *others = values
        for value in others:
            if value.undefined is not False:
                kept = self.where(value.undefined, first)
                found = self.union([found, replace(kept, undefined=False, absent=False)])
        return replace(found, undefined=False)

    return extreme


def _never_listed(sound: Wrapped) -> Wrapped:
    """A list that does not skip what is not in force."""
    return lambda self, items, *, listed=True: sound(self, items, listed=False)  # noqa: ARG005  that is the fault


def _first_alone(sound: Wrapped) -> Wrapped:
    """A union whose bounds are those of its first part, wherever that has any."""
    return lambda self, a, b, second, *, low: sound(self, a, b, False, low=low)  # noqa: ARG005, FBT003  the fault


def _ends_alone(sound: Wrapped) -> Wrapped:
    """ABS of an interval from its ends, forgetting that it may hold 0."""

    def absolute(self: Any, a: Any) -> Any:
        found = sound(self, a)
        if a.is_point:
            return found
        r = self.r
        return replace(found, lo=r.minimum(r.maximum(a.lo, r.neg(a.lo)), r.maximum(a.hi, r.neg(a.hi))))

    return absolute


def _two_corners(sound: Wrapped) -> Wrapped:
    """A product whose bounds are low times low and high times high."""

    def multiply(self: Any, a: Any, b: Any) -> Any:
        found = sound(self, a, b)
        if a.is_point and b.is_point:
            return found
        return replace(found, lo=self.r.mul(a.lo, b.lo), hi=self.r.mul(a.hi, b.hi))

    return multiply


def _other_how(wrong: dict[str, str]) -> Callable[[Wrapped], Wrapped]:
    """A way of rounding taken for another."""

    def make(sound: Wrapped) -> Wrapped:
        return lambda *args: sound(*args[:-1], wrong.get(args[-1], args[-1]))

    return make


def _nearly(sound: Wrapped) -> Wrapped:
    """At least k, one too few."""
    return lambda self, k, items: sound(self, max(1, k - 1), items)


def _of_domain(engine: str, package: str) -> list[Fault]:
    """Faults of the operators, which the kernel and SQL have under the same names."""
    domain, rationals = f"{package}.domain:Domain", f"{package}.numbers:Rationals"
    strict = {">=": ">", "<=": "<", ">": ">=", "<": "<="}
    return [
        Fault(engine, "a flipped comparison", rationals, "less", _flipped),
        Fault(engine, "a tie lost: > for >=", domain, "compare", _operator(lambda op: strict.get(op, op))),
        Fault(engine, "= and <> exchanged", domain, "compare_codes",
              _operator(lambda op: {"=": "<>", "<>": "="}[op])),
        Fault(engine, "a comparison with what is undefined", domain, "compare", _no_flag("undefined")),
        Fault(engine, "a dropped NULL guard: 0/0 is a number", domain, "divide", _divisor_trusted),
        Fault(engine, "LEAST passes over NULL", domain, "extreme", _skipping),
        Fault(engine, "AND forgets what is undefined", domain, "all_of", _no_flag("undefined")),
        Fault(engine, "lists do not skip what is not in force", domain, "all_of", _never_listed),
        Fault(engine, "NOT of what is undefined", domain, "negate", _no_flag("undefined")),
        Fault(engine, "at least one too few", domain, "at_least", _nearly),
        Fault(engine, "a union keeps its first bounds", domain, "_merged", _first_alone),
        Fault(engine, "ABS from the ends alone", domain, "absolute", _ends_alone),
        Fault(engine, "a product of two corners", domain, "multiply", _two_corners),
        Fault(engine, "what is not in force is lost", domain, "nothing", _absent_lost),
    ]  # fmt: skip


def _absent_lost(sound: Wrapped) -> Wrapped:
    def nothing(self: Any, like: Any, **flags: Any) -> Any:
        return sound(self, like, **{**flags, "absent": False})

    return nothing


# ---------------------------------------------------------------------- the kernel alone

KERNEL = "gangmu.engine.kernel"


def _blind(sound: Wrapped) -> Wrapped:
    """Doubles trusted where they cannot tell."""

    def begin(self: Any, emitter: Any, *, exact: bool, blind: bool = False) -> None:  # noqa: ARG001  that is the fault
        sound(self, emitter, exact=exact, blind=True)

    return begin


def _no_holes(sound: Wrapped) -> Wrapped:
    """Rows with holes taken for points."""
    return lambda *args: (None, sound(*args)[1])


def _last_day(sound: Wrapped) -> Wrapped:
    """An edition in force on the day it ends."""

    def editions(self: Any, rule: Any) -> Any:
        ended = [edition for edition in rule.editions if edition.end == self.day and edition.when is None]
        return ended[:1] or sound(self, rule)

    return editions


def _closed(sound: Wrapped) -> Wrapped:
    """Table rows whose open bounds are taken as closed."""

    def begins(program: Any, by: Any, cuts: Any, begin: Any) -> Any:
        return sound(program, by, cuts, None if begin is None else (begin[0], True))

    return begins


def _first_of(sound: Wrapped) -> Wrapped:
    """COALESCE that keeps its first argument, undefined or not."""
    return lambda program, args: sound(program, args[:1])


def _month_more(sound: Wrapped) -> Wrapped:
    """Months counted without looking at the day."""

    def months(self: Any, start: str, end: str) -> Any:
        return sound(self, start, self.op("add", end, 3))

    return months


def _all_certain(sound: Wrapped) -> Wrapped:
    """Every row of an aggregate counted for certain."""

    def member(*args: Any) -> Any:
        found = sound(*args)
        return replace(found, certain=found.included)

    return member


def _no_missing_years(sound: Wrapped) -> Wrapped:
    """Years not handed in taken for years that are none."""

    def missing(*args: Any) -> Any:
        return [], sound(*args)[1]

    return missing


def _of_kernel() -> list[Fault]:
    numbers = f"{KERNEL}.numbers:Rationals"
    return [
        Fault("kernel", "a double where exactness is due", numbers, "__init__", _blind),
        Fault("kernel", "rows with holes taken for points", f"{KERNEL}.tasks", "holes_of", _no_holes),
        Fault(
            "kernel",
            "an edition in force on the day it ends",
            f"{KERNEL}.program:Program",
            "editions",
            _last_day,
        ),
        Fault("kernel", "an open bound taken as closed", f"{KERNEL}.tables", "_from", _closed),
        Fault("kernel", "COALESCE keeps its first argument", f"{KERNEL}.calls", "_coalesce", _first_of),
        Fault(
            "kernel",
            "months counted three days too early",
            f"{KERNEL}.calendars:Calendar",
            "months",
            _month_more,
        ),
        Fault(
            "kernel",
            "floor for ceil",
            f"{KERNEL}.steps",
            "_stepped",
            _other_how({"ceil": "floor", "up": "down"}),
        ),
        Fault(
            "kernel",
            "half up taken for floor",
            f"{KERNEL}.steps",
            "_stepped",
            _other_how({"half_up": "floor"}),
        ),
        Fault("kernel", "undecided rows counted", f"{KERNEL}.reduce", "member_of", _all_certain),
        Fault(
            "kernel", "missing years taken for none", f"{KERNEL}.lines", "_missing_years", _no_missing_years
        ),
    ]


# ---------------------------------------------------------------------- SQL alone

SQL = "gangmu.engine.sql"


def _last_day_too(_sound: Wrapped) -> Wrapped:
    """An edition in force on the day it ends."""

    def in_force(self: Any, edition: Any) -> Any:
        t, day = self.t, self.facts.clock("as_of").lo.num
        begun = edition.start is None or t.le(edition.start.toordinal(), day)
        ended = edition.end is not None and t.lt(edition.end.toordinal(), day)
        return t.and_(begun, t.not_(ended))

    return in_force


def _always_closed(sound: Wrapped) -> Wrapped:
    return lambda program, by, cut, *, closed: sound(program, by, cut, closed=True)  # noqa: ARG005  that is the fault


def _days_more(sound: Wrapped) -> Wrapped:
    return lambda self, start, end: sound(self, start, self.t.add(end, 3))


def _holes_are_nought(sound: Wrapped) -> Wrapped:
    """A fact that is not given is the 0 that stands in its cell."""

    def states(self: Any, rule: Any) -> Any:
        given, missing, none = sound(self, rule)
        return (True, False, none) if given is not False else (given, missing, none)

    return states


def _none_is_open(sound: Wrapped) -> Wrapped:
    """A fact said not to exist is one that is not given."""

    def states(self: Any, rule: Any) -> Any:
        given, missing, none = sound(self, rule)
        return given, self.terms.or_(missing, none), False

    return states


def _in_doubles(sound: Wrapped) -> Wrapped:
    """Whole numbers compared as doubles."""

    def text_of(query: Any, dialect: Any, **kwargs: Any) -> str:
        from sqlglot import exp

        def rough(node: Any) -> Any:
            if isinstance(node, exp.LT | exp.GTE):
                node.set("this", exp.cast(node.this, "double"))
                node.set("expression", exp.cast(node.expression, "double"))
            return node

        return str(sound(query.transform(rough), dialect, **kwargs))

    return text_of


def _of_sql(engine: str) -> list[Fault]:
    program, facts = f"{SQL}.program:Program", f"{SQL}.facts:ColumnFacts"
    return [
        *_of_domain(engine, SQL),
        Fault(engine, "a double where exactness is due", f"{SQL}.render", "text_of", _in_doubles),
        Fault(engine, "a hole taken for nought", facts, "states", _holes_are_nought),
        Fault(engine, "none taken for not given", facts, "states", _none_is_open),
        Fault(engine, "an edition in force on the day it ends", program, "_in_force", _last_day_too),
        Fault(engine, "an open bound taken as closed", f"{SQL}.tables", "_reaches", _always_closed),
        Fault(engine, "COALESCE keeps its first argument", program, "_coalesce", _first_of),
        Fault(engine, "months counted three days too early", f"{SQL}.calendars:Calendar", "months",
              _days_more),
        Fault(engine, "floor for ceil", f"{SQL}.functions:Functions", "_stepped",
              _other_how({"ceil": "floor", "up": "down"})),
        Fault(engine, "half up taken for floor", f"{SQL}.functions:Functions", "_stepped",
              _other_how({"half_up": "floor"})),
    ]  # fmt: skip


# Spark runs the same query as the others and takes half a minute over a few rules, so it is spared the rest.
MAIN = ("a flipped comparison", "a dropped NULL guard: 0/0 is a number", "a double where exactness is due")
FAULTS: tuple[Fault, ...] = (
    *_of_domain("kernel", KERNEL), *_of_kernel(), *_of_sql("duckdb"), *_of_sql("postgres"),
    *(fault for fault in _of_sql("spark") if fault.name in MAIN),
)  # fmt: skip


# ---------------------------------------------------------------------- the hunt

PROGRAMS, ROWS, GROUP = 40, 32, 10


def hunt(
    engine: str, seed: int, folder: Path, names: Sequence[str] = (), samples: int = 24
) -> dict[str, bool]:
    """Which faults of an engine (of these names, if any are given) so many small samples catch."""
    mine = [fault for fault in FAULTS if fault.engine == engine and (not names or fault.name in names)]
    caught = {fault.name: False for fault in mine}
    for number in range(samples):
        # every other one with numbers that a double cannot tell apart
        sample = draw(Random(f"{seed}/fault/{number}"), PROGRAMS, ROWS, vast=100 if number % 2 else VAST)
        book = sample.book(folder)
        evidence = read_evidence(dict(sample.evidence.tables), book)
        right = oracle(book, evidence, sample.names, sample.evidence.dating)
        for fault in mine:
            if not caught[fault.name]:
                # another object for each fault, since an engine keeps what it has written for a book
                with fault.planted():
                    caught[fault.name] = _differs(engine, replace(book), evidence, right, sample)
        if all(caught.values()):
            break
    return caught


def _differs(engine: str, book: Rulebook, evidence: Evidence, right: Oracle, sample: Sample) -> bool:
    """Whether the engine, as it is now, differs or breaks."""
    for start in range(0, PROGRAMS, GROUP):
        names = sample.names[start : start + GROUP]
        found = ask(engine, book, evidence, (names, sample.evidence.dating), Way(GROUP))
        columns = {name: column for name, column in right.columns.items() if name in names}
        if differences_of(book, evidence, engine, columns, found):
            return True
    return False


assert {fault.engine for fault in FAULTS} <= set(ENGINES)
