"""A checked book as plain data and back: every value once, those that it is made of before it.

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
from itertools import chain
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
_FIELDS = {made: tuple(field.name for field in fields(made)) for made in _CLASSES.values()}
_SHARED = frozenset(
    made for made in _CLASSES.values()
    if made.__module__ == types.__name__
    or made in (model.Where, model.Label, model.Citation, model.Standing, model.Source)
)  # fmt: skip
_TUPLE, _FROZENSET, _MAPPING, _FRACTION, _DATE = range(len(_BASIC))


def to_bytes(book: model.Rulebook) -> bytes:
    """The book as JSON: its kinds of value, then its values, the book itself last."""
    writer = _Writer()
    writer.place_of(book)
    return json.dumps([_KINDS, writer.nodes], ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(content: bytes) -> model.Rulebook:
    """The book that `to_bytes` wrote. Raises `ValueError` on anything else."""
    try:
        kinds, nodes = json.loads(content)
        found = _read(kinds, nodes)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise ValueError("this is no book") from error
    if not isinstance(found, model.Rulebook):
        raise ValueError("this is no book")  # noqa: TRY004  what is wrong is the value of the bytes
    return found


class _Writer:
    """Gives every value its place, each only once."""

    def __init__(self) -> None:
        self.nodes: list[object] = []
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


def _read(kinds: list[str], nodes: list[object]) -> object:
    makers = [_BASIC.get(name) or _CLASSES[name] for name in kinds]
    found: list[object] = []
    add, at = found.append, found.__getitem__
    for node in nodes:  # a list is made of what stands before it; all else is itself
        add(makers[node[0]](*map(at, node[1:])) if type(node) is list else node)
    return found[-1]
