"""Which codes can be told apart: families of codes that meet, and in each the sets that rules tell apart.

Codes that are compared, chosen between or read by one another's tables are one family; the others never meet,
so a set of codes is a bit mask as wide as its family. A text that is no named code belongs to its longest
named prefix, or to the rest; texts that no test of the rules asked tells apart share an atom, unless the
family is among the answers. An atom of several texts has a second bit, its shadow, which is set where more
than one of them is possible: so a set is one text if and only if it has one bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gangmu.engine.interpreter import BLOCKED, CONDITIONS_MET, HELD, LAPSED
from gangmu.rulebook import expression as ex
from gangmu.rulebook import model
from gangmu.rulebook.resolve import expressions_of
from gangmu.rulebook.types import CodeType, LevelType, TitleType

STATES = (HELD, CONDITIONS_MET, BLOCKED, LAPSED)
_REST = "\uffff"  # stands for a text that begins with nothing that is named
_WORD = 64


class Atoms:
    """The atoms of one family; `tests` are the sets of texts that have to be told from all others."""

    def __init__(
        self, codes: Iterable[str], prefixes: Iterable[str] = (), tests: Sequence[Test] | None = None
    ) -> None:
        """Take what is named; without `tests` every name is told apart."""
        self.codes = tuple(dict.fromkeys(codes))
        self.prefixes = tuple(sorted(set(prefixes), key=lambda p: (-len(p), p)))
        self._raw = {code: place for place, code in enumerate(self.codes)}
        marks = range(self._count) if tests is None else self._marks(tests)
        members: dict[object, list[int]] = {}
        for raw, mark in enumerate(marks):
            members.setdefault(mark, []).append(raw)
        self._atom = [0] * self._count
        self._shadow: dict[int, int] = {}
        texts: list[str | None] = []
        for raws in members.values():
            for raw in raws:
                self._atom[raw] = len(texts)
            if len(raws) == 1 and raws[0] < len(self.codes):
                texts.append(self.codes[raws[0]])
            else:
                self._shadow[len(texts)] = len(texts) + 1
                texts += [None, None]
        self.texts, self._size = tuple(texts), len(texts)

    @property
    def _count(self) -> int:
        return len(self.codes) + len(self.prefixes) + 1

    def __len__(self) -> int:
        return self._size

    @property
    def width(self) -> int:
        """The bits of a mask."""
        if self._size <= _WORD:
            return next(width for width in (8, 16, 32, _WORD) if self._size <= width)
        return -(-self._size // _WORD) * _WORD

    @property
    def key(self) -> object:
        """Equal for families in which every text has the same atom."""
        return (self.codes, self.prefixes, tuple(self._atom))

    @property
    def everything(self) -> int:
        """The mask of any text."""
        return (1 << self._size) - 1

    def _marks(self, tests: Sequence[Test]) -> list[object]:
        """What the tests say of each name: names with the same mark need not be told apart."""
        texts = [*self.codes, *self.prefixes, _REST]
        found: list[object] = []
        for raw, text in enumerate(texts):
            code = text if raw < len(self.codes) else ""
            found.append(tuple(test.holds(code, text) for test in tests))
        return found

    def _place(self, text: str) -> int:
        if text in self._raw:
            return self._raw[text]
        for place, prefix in enumerate(self.prefixes):
            if text.startswith(prefix):
                return len(self.codes) + place
        return self._count - 1

    def of(self, text: str) -> int:
        """The atom of a text."""
        return self._atom[self._place(text)]

    def mask(self, codes: Iterable[str]) -> int:
        """The bits of a code among some."""
        found = 0
        for code in set(codes):
            bit = 1 << self.of(code)
            found |= bit if not found & bit else 1 << self._shadow[self.of(code)]
        return found

    def where(self, holds: Test) -> int:
        """The bits of all texts for which a test holds."""
        found = 0
        for raw, text in enumerate([*self.codes, *self.prefixes, _REST]):
            # a prefix's place is every other text that begins with it: never one of the codes
            if holds.holds(text if raw < len(self.codes) else "", text):
                atom = self._atom[raw]
                found |= 1 << atom | 1 << self._shadow.get(atom, atom)
        return found


@dataclass(frozen=True, slots=True)
class Test:
    """A set of texts: those named and those that begin with a prefix, but for exceptions."""

    codes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    def holds(self, code: str, text: str) -> bool:
        """Whether a text is in the set; `code` is the text if it is named as a code, else empty."""
        named = code in self.codes or text.startswith(self.prefixes)
        return named and not text.startswith(self.exceptions)


def test_of(row: model.Row) -> Test:
    """What a table's row asks of a code."""
    if not (row.codes or row.prefixes):
        return Test(prefixes=("",))
    return Test(frozenset(row.codes), row.prefixes, row.except_prefixes)


@dataclass(slots=True)
class _Family:
    """What is known of a family while rules are walked."""

    codes: dict[str, None] = field(default_factory=dict)
    prefixes: dict[str, None] = field(default_factory=dict)
    tests: dict[Test, None] = field(default_factory=dict)
    shown: bool = False
    made: Atoms | None = None

    def take(self, other: _Family) -> None:
        """Become one with another family."""
        self.codes.update(other.codes)
        self.prefixes.update(other.prefixes)
        self.tests.update(other.tests)
        self.shown = self.shown or other.shown

    def add(self, test: Test) -> None:
        """Tell a set apart."""
        # in one order in every process, or kept code would never be found again
        self.codes.update(dict.fromkeys(sorted(test.codes)))
        self.prefixes.update(dict.fromkeys((*test.prefixes, *test.exceptions)))
        self.prefixes.pop("", None)
        self.tests[test] = None

    def single(self, codes: Iterable[str]) -> None:
        """Tell codes apart one by one."""
        for code in codes:
            self.add(Test(frozenset({code})))

    def atoms(self) -> Atoms:
        """Its atoms, made once."""
        if self.made is None:
            self.made = Atoms(self.codes, self.prefixes, None if self.shown else list(self.tests))
        return self.made


class Families:
    """The families of codes of some rules; those of `shown` rules (full names) tell every code apart."""

    def __init__(self, rules: Iterable[model.Rule], shown: Iterable[str]) -> None:
        """Walk every formula once."""
        self._rules = {rule.name: rule for rule in rules}
        self._parents: dict[object, object] = {}
        self._families: dict[object, _Family] = {}
        self.states = Atoms(STATES)
        for rule in self._rules.values():
            self._rule(rule)
        for name in shown:
            if self._coded(name):
                self._family(name).shown = True

    def of(self, name: str) -> Atoms:
        """The atoms of a rule's values."""
        return self._family(name).atoms()

    def of_text(self, node: ex.Text) -> Atoms:
        """The atoms among which a code written in a formula stands."""
        return self._family(id(node)).atoms()

    @cached_property
    def key(self) -> object:
        """Equal for families that give the same masks."""
        return tuple((name, self.of(name).key) for name in self._rules if self._coded(name))

    # ------------------------------------------------------------------ one family

    def _coded(self, name: str) -> bool:
        rule = self._rules.get(name)
        return rule is not None and isinstance(rule.type, CodeType | LevelType | TitleType)

    def _top(self, key: object) -> object:
        while (parent := self._parents.setdefault(key, key)) != key:
            key = parent
        return key

    def _family(self, key: object) -> _Family:
        return self._families.setdefault(self._top(key), _Family())

    def _join(self, keys: Iterable[object]) -> object:
        """Make one family; None are no codes."""
        found = [key for key in keys if key is not None]
        for other in found[1:]:
            one, two = self._top(found[0]), self._top(other)
            if one != two:
                self._family(one).take(self._family(two))
                del self._families[two]
                self._parents[two] = one
        return found[0] if found else None

    # ------------------------------------------------------------------ the walk

    def _rule(self, rule: model.Rule) -> None:
        own = rule.name if self._coded(rule.name) else None
        if isinstance(rule.type, LevelType):
            self._family(own).single(rule.type.scale)
        for edition in rule.editions:
            self._body(own, edition.body)
            for top in expressions_of(edition):
                for node in ex.walk(top):
                    self._node(node)

    def _body(self, own: object, body: model.Body) -> None:
        match body:
            case model.Input() if own is not None:
                self._family(own).codes.update(dict.fromkeys(body.options))
            case model.Formula() if own is not None:
                self._join([own, self._value(body.expression)])
            case model.LevelOf():
                self._join([own, *(self._value(node) for node in body.of)])
            case model.Table():
                by = None if body.by is None else self._value(body.by)
                for row in body.rows:
                    if by is not None:
                        self._family(by).add(test_of(row))
                    if own is not None and row.cell.code is not None:
                        self._family(own).codes[row.cell.code] = None

    def _node(self, node: ex.Expression) -> None:
        match node:
            case ex.Compare(_, left, right):
                key = self._join([self._value(left), self._value(right)])
                if key is not None and not isinstance(left, ex.Text) and not isinstance(right, ex.Text):
                    self._family(key).shown = True  # any of its codes may meet any other
            case ex.In(item, codes):
                key = self._value(item)
                if key is not None:
                    self._family(key).add(Test(frozenset(codes)))
            case ex.Like(item, prefix):
                key = self._value(item)
                if key is not None:
                    self._family(key).add(Test(prefixes=(prefix,)))

    def _value(self, node: ex.Expression) -> object:
        """The family of a formula's values; None if they are no codes."""
        match node:
            case ex.Ref(name) | ex.Field(_, name):
                return name if self._coded(name) else None
            case ex.Text(code):
                self._family(id(node)).single([code])
                return id(node)
            case ex.Case(whens, otherwise):
                tops = [then for _, then in whens] + ([] if otherwise is None else [otherwise])
                return self._join([self._value(top) for top in tops])
            case ex.Call("COALESCE" | "NULLIF", args):
                return self._join([self._value(arg) for arg in args])
        return None
