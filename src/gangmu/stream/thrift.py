"""The compact form of Thrift, in which a Parquet file's footer is written: read as plain data, written back.

A struct is a list of `Field`; a list is `Listed` with the type of its elements. Nothing needs to be known of
what the fields mean, so a footer of any version comes back as it was, but for what is changed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_LONG = 15  # from so many elements on a list's length stands apart
MAX_DEPTH = 32


@dataclass(slots=True)
class Field:
    """One field of a struct; of a truth value the type is the value."""

    number: int
    kind: int
    value: Any = None


@dataclass(slots=True)
class Listed:
    """Elements of one type; of a map pairs, and `kind` is that of keys and values."""

    kind: int | tuple[int, int]
    values: list[Any]


Struct = list[Field]


def field(fields: Struct, number: int) -> Field | None:
    """The field of that number, if it is there."""
    return next((one for one in fields if one.number == number), None)


class Reader:
    """Reads values one after the other from bytes. Raises `ValueError` where they are no Thrift."""

    def __init__(self, data: bytes) -> None:
        """From the beginning."""
        self.data, self.at = data, 0

    def struct(self, depth: int = 0) -> Struct:
        """A struct up to its end."""
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        found: Struct = []
        number = 0
        while (head := self._byte()) != 0:
            kind, step = head & 0x0F, head >> 4
            number = number + step if step else self._signed()
            found.append(Field(number, kind, self._value(kind, depth)))
        return found

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401  whatever is there
        match kind:
            case 1 | 2:
                return None
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 7:
                return self._bytes(8)
            case 8:
                return self._bytes(self._unsigned())
            case 9 | 10:
                head = self._byte()
                count, element = head >> 4, head & 0x0F
                count = self._unsigned() if count == _LONG else count
                return Listed(element, [self._element(element, depth) for _ in range(count)])
            case 11:
                count = self._unsigned()
                kinds = self._byte() if count else 0
                pair = (kinds >> 4, kinds & 0x0F)
                values = [[self._element(one, depth) for one in pair] for _ in range(count)]
                return Listed(pair, values)
            case 12:
                return self.struct(depth + 1)
        raise ValueError(f"no type of Thrift: {kind}")

    def _element(self, kind: int, depth: int) -> Any:  # noqa: ANN401  as above
        return self._byte() if kind in (TRUE, FALSE) else self._value(kind, depth)

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) != count:
            raise ValueError("it ends too early")
        self.at += count
        return found

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004  the last byte has no high bit
                return number
            shift += 7

    def _signed(self) -> int:
        number = self._unsigned()
        return (number >> 1) ^ -(number & 1)


def written(fields: Struct) -> bytes:
    """A struct as bytes."""
    out = bytearray()
    _struct(out, fields)
    return bytes(out)


def _struct(out: bytearray, fields: Struct) -> None:
    number = 0
    for one in fields:
        step = one.number - number
        if 0 < step <= _LONG:
            out.append(step << 4 | one.kind)
        else:
            out.append(one.kind)
            _signed(out, one.number)
        number = one.number
        if one.kind not in (TRUE, FALSE):
            _value(out, one.kind, one.value)
    out.append(0)


def _value(out: bytearray, kind: int, value: Any) -> None:  # noqa: ANN401, C901  as in `Reader`; a branch a type
    match kind:
        case 1 | 2 | 3:
            out.append(value)
        case 4 | 5 | 6:
            _signed(out, value)
        case 7:
            out += value
        case 8:
            _unsigned(out, len(value))
            out += value
        case 9 | 10:
            count = len(value.values)
            out.append(min(count, _LONG) << 4 | value.kind)
            if count >= _LONG:
                _unsigned(out, count)
            for one in value.values:
                _value(out, value.kind, one)
        case 11:
            _unsigned(out, len(value.values))
            if value.values:
                out.append(value.kind[0] << 4 | value.kind[1])
            for pair in value.values:
                for one, what in zip(pair, value.kind, strict=True):
                    _value(out, what, one)
        case 12:
            _struct(out, value)


def _unsigned(out: bytearray, number: int) -> None:
    while number >= 0x80:  # noqa: PLR2004  seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _signed(out: bytearray, number: int) -> None:
    _unsigned(out, number << 1 if number >= 0 else (-number << 1) - 1)
