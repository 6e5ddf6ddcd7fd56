"""A checked book as plain data and back: every value once, after those that it is made of, beside its like.

JSON, because it can hold nothing but data: what is read back is made of the dataclasses of a rulebook, of
fractions and dates, or refused. Equal labels, places, types and the like are written once and shared when
they are read. Two numbers of law, or two parts of formulas, stay two even where they are equal: an engine
tells them apart, and a reform may change one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from itertools import chain, starmap
from typing import Any

from gangmu.rulebook import expression, model, types

_BASIC: dict[str, Callable[..., object]] = {
    "tuple": lambda *parts: parts,
    "frozenset": lambda *parts: frozenset(parts),
    "mapping": lambda *parts: dict(zip(parts[::2], parts[1::2], strict=True)),
    "fraction": Fraction,
    "date": date.fromordinal,
}
_CLASSES: dict[str, type] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": made
    for module in (expression, model, types)
    for name, made in vars(module).items()
    if isinstance(made, type) and is_dataclass(made) and made.__module__ == module.__name__
}
_KINDS = (*_BASIC, *_CLASSES)
_PLACES = {made: place for place, made in enumerate([None] * len(_BASIC) + list(_CLASSES.values())) if made}
_FIELDS = {made: tuple(field.name for field in fields(made) if field.init) for made in _CLASSES.values()}
_AS_IT_IS = -1  # texts, numbers, truth values, and worked cases as they were written
_SHARED = frozenset(
    made for made in _CLASSES.values()
    if made.__module__ == types.__name__
    or made in (model.Where, model.Label, model.Citation, model.Standing, model.Source)
)  # fmt: skip
_TUPLE, _FROZENSET, _MAPPING, _FRACTION, _DATE = range(len(_BASIC))


def to_bytes(value: object) -> bytes:
    """A book or parts of one as JSON: the kinds of value, then the values group by group, it itself last."""
    writer = _Writer()
    writer.place_of(value)
    return json.dumps([_KINDS, writer.groups()], ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(content: bytes) -> model.Rulebook:
    """The book that `to_bytes` wrote. Raises `ValueError` on anything else."""
    found = _from(content)
    if not isinstance(found, model.Rulebook):
        raise ValueError("this is no book")  # noqa: TRY004  what is wrong is the value of the bytes
    return found


def parts_from_bytes(content: bytes) -> tuple[Any, ...]:
    """The parts of a book that `to_bytes` wrote. Raises `ValueError` on anything else."""
    found = _from(content)
    if not isinstance(found, tuple):
        raise ValueError("these are no parts of a book")  # noqa: TRY004  as above
    return found


def _from(content: bytes) -> object:
    try:
        kinds, groups = json.loads(content)
        return _read(kinds, groups)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise ValueError("this is no book") from error


class _Writer:
    """Gives every value its place, each only once."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.places: dict[object, int] = {}
        self.apart: dict[int, int] = {}  # by id: the book keeps them all alive

    def place_of(self, value: object) -> int:
        """Where a value is, writing it first if it is new."""
        kind = type(value)
        if isinstance(value, str):
            return self._put((str, value), str(value))
        if value is None or kind is bool or kind is int:
            return self._put((kind, value), value)
        if kind in _PLACES and kind not in _SHARED:
            if (place := self.apart.get(id(value))) is None:
                self.nodes.append(self._parts(kind, value))
                place = self.apart[id(value)] = len(self.nodes) - 1
            return place
        parts = self._parts(kind, value)
        return self._put(parts, parts)

    def groups(self) -> list[tuple[int, int, list[Any]]]:
        """The values, alike together: kind, number of parts, and the places of the parts of all of them.

        What is no list is itself. A group comes after all that its members are made of.
        """
        depths: list[int] = []
        for node in self.nodes:
            parts = node[1:] if isinstance(node, tuple) else ()
            depths.append(
                1 + max((depths[part] for part in parts), default=0) if isinstance(node, tuple) else 0
            )
        groups: dict[tuple[int, int, int], list[int]] = {}
        for number, (node, depth) in enumerate(zip(self.nodes, depths, strict=True)):
            kind, width = (node[0], len(node) - 1) if isinstance(node, tuple) else (_AS_IT_IS, 1)
            groups.setdefault((depth, kind, width), []).append(number)
        ordered = sorted(groups.items())
        places = {old: new for new, old in enumerate(chain.from_iterable(numbers for _, numbers in ordered))}
        return [
            (kind, width, self._content(kind, width, numbers, places))
            for (_, kind, width), numbers in ordered
        ]

    def _content(self, kind: int, width: int, numbers: list[int], places: dict[int, int]) -> list[Any]:
        if kind == _AS_IT_IS:
            return [self.nodes[number] for number in numbers]
        if not width:
            return [0] * len(numbers)
        parts = (self.nodes[number][1:] for number in numbers)
        return [places[part] for part in chain.from_iterable(parts)]

    def _put(self, key: object, node: object) -> int:
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self.nodes)
            self.nodes.append(node)
        return place

    def _as_it_is(self, written: Mapping[str, object]) -> int:
        """A worked case as it was written, which is plain data already."""
        self.nodes.append(written)
        return len(self.nodes) - 1

    def _parts(self, kind: type, value: Any) -> tuple[int, ...]:  # noqa: ANN401  whatever a book is made of
        put = self.place_of
        if kind in _PLACES:
            if kind is model.WorkedCase:
                told = (value.page, value.where, value.name, value.kind)
                return (_PLACES[kind], *map(put, told), self._as_it_is(value.raw))
            return (_PLACES[kind], *[put(getattr(value, name)) for name in _FIELDS[kind]])
        match value:
            case tuple() | list():
                return (_TUPLE, *map(put, value))
            case frozenset():
                return (_FROZENSET, *map(put, sorted(value)))
            case Mapping():
                return (_MAPPING, *map(put, chain.from_iterable(value.items())))
            case Fraction():
                return (_FRACTION, put(value.numerator), put(value.denominator))
            case date():
                return (_DATE, put(value.toordinal()))
        raise TypeError(f"a book holds no {kind.__name__}")


def _read(kinds: list[str], groups: list[tuple[int, int, list[Any]]]) -> object:
    makers = [_BASIC.get(name) or _CLASSES[name] for name in kinds]
    found: list[object] = []
    for kind, width, content in groups:
        if kind == _AS_IT_IS:
            found.extend(content)
            continue
        part = map(found.__getitem__, content)
        made = zip(*[part] * width, strict=True) if width else [()] * len(content)
        found.extend(made if kinds[kind] == "tuple" else starmap(makers[kind], made))
    return found[-1]
