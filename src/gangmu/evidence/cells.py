"""Cells to values: a whole column at once, exactly, with a reason for each cell that cannot be read.

The trick is to do the usual in one stroke and the unusual once: plain numbers are cast by Arrow, everything
else is read by Python one *distinct* text at a time. A double is read through its shortest decimal, so 0.1
is one tenth. A cell is given, not given (null), or said not to exist (`none`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gangmu.evidence.limits import MAX_CELL_CHARS
from gangmu.evidence.numbers import Asked, CellError, plain, read_number
from gangmu.evidence.sheets import text_of
from gangmu.rulebook.model import NONE_WORDS, Input

NOT_GIVEN = ("", "NULL", "null", "Null")
YES = frozenset({"yes", "true", "1", "是", "y", "t", "有", "√"})
NO = frozenset({"no", "false", "0", "否", "n", "f", "无", "没有", "×"})

WIDE = 76  # digits of a decimal256
SCALE = 24  # digits after the point that a cell may have, in base units
_DIGITS = 18  # digits before the point of a plain number
PLAIN = r"^-?[0-9]{1,18}(\.[0-9]{1,16})?$"
_DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_DAY_8 = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(\d{4})(?:年度?|\.0|财年)?")
_EXACT = Context(prec=WIDE + 2 * SCALE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column read: values of one Arrow type, where it says that there is none.

    And the reason of each bad cell by position.
    """

    values: pa.Array
    none: pa.Array
    bad: dict[int, str] = field(default_factory=dict)


def read_column(raw: pa.Array, body: Input, asked: Asked | None = None) -> Column:
    """Read a column as an input says. `asked` replaces the input's own unit (a unit given by the heading)."""
    kind = raw.type
    if body.input == "number" and pa.types.is_integer(kind):
        return _typed_numbers(pc.cast(raw, pa.decimal128(20, 0)), body, asked)
    if body.input == "number" and pa.types.is_decimal128(kind) and 0 <= kind.scale <= SCALE:
        return _typed_numbers(raw, body, asked)
    if (body.input == "condition" and pa.types.is_boolean(kind)) or (
        body.input == "date" and pa.types.is_date32(kind)
    ):
        return Column(raw, _nowhere(raw))
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return _read_coded(raw, body, asked)
    return read_texts(as_texts(raw), body, asked)


def is_typed(raw: pa.Array, body: Input) -> bool:
    """Whether a column is read without its texts, which are then made of it only when they are shown."""
    kind = raw.type
    match body.input:
        case "number":
            return bool(pa.types.is_integer(kind) or pa.types.is_decimal128(kind))
        case "condition":
            return bool(pa.types.is_boolean(kind))
        case "date":
            return bool(pa.types.is_date32(kind))
    return bool(pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))


def _nowhere(raw: pa.Array) -> pa.Array:
    return pa.repeat(pa.scalar(value=False), len(raw))


def _typed_numbers(raw: pa.Array, body: Input, asked: Asked | None) -> Column:
    wanted = asked or Asked.by(body)
    values, bad = _within(_times(raw, wanted.factor), {}, body)
    return Column(values, _nowhere(raw), bad)


def _read_coded(raw: pa.DictionaryArray, body: Input, asked: Asked | None) -> Column:
    """Read each distinct text once, where the table has them so."""
    distinct = read_texts(as_texts(raw.dictionary), body, asked)
    none = pc.fill_null(distinct.none.take(raw.indices), fill_value=False)
    return Column(distinct.values.take(raw.indices), none, _spread(raw.indices, distinct.bad))


def words_for_none(body: Input) -> tuple[str, ...]:
    """The words by which a cell says that there is none; to a question of yes or no one of them says no."""
    return NONE_WORDS if body.input != "condition" else tuple(word for word in NONE_WORDS if word != "无")


def read_texts(texts: pa.Array, body: Input, asked: Asked | None = None) -> Column:
    """Read a column of texts without blanks around."""
    given = pc.fill_null(pc.invert(pc.is_in(texts, value_set=pa.array(NOT_GIVEN))), fill_value=False)
    words = pa.array(words_for_none(body))
    none = pc.and_(given, pc.fill_null(pc.is_in(texts, value_set=words), fill_value=False))
    texts = pc.if_else(pc.and_not(given, none), texts, pa.scalar(None, pa.string()))
    long = pc.fill_null(pc.greater(pc.utf8_length(texts), MAX_CELL_CHARS), fill_value=False)
    bad: dict[int, str] = {}
    if pc.any(long).as_py():
        bad = dict.fromkeys(_places(long), f"has more than {MAX_CELL_CHARS:,} characters")
        texts = pc.if_else(long, pa.scalar(None, pa.string()), texts)
    values, more = _reader(body)(texts, body, asked)
    return Column(values, none, {**bad, **more})


_Read = tuple[pa.Array, dict[int, str]]


def _reader(body: Input) -> Callable[[pa.Array, Input, Asked | None], _Read]:
    match body.input:
        case "number":
            return _numbers
        case "condition":
            return lambda texts, _body, _asked: _by_text(texts, read_truth, pa.bool_())
        case "code":
            return lambda texts, body, _asked: _by_text(texts, code_reader(body), pa.string())
        case "date":
            return lambda texts, _body, _asked: _by_text(texts, read_day, pa.date32())
        case "year":
            return lambda texts, _body, _asked: _by_text(texts, read_year, pa.int32())
        case _:
            return lambda texts, _body, _asked: (texts, {})


def as_texts(raw: pa.Array) -> pa.Array:
    """Any column as the texts that a person would have written, without blanks around."""
    kind = raw.type
    if pa.types.is_dictionary(kind):
        return as_texts(pc.cast(raw, kind.value_type))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        texts = pc.cast(raw, pa.string())
        with_exponent = pc.fill_null(pc.match_substring(texts, "e", ignore_case=True), fill_value=False)
        if not pc.any(with_exponent).as_py():
            return texts
        return pa.array([text_of(cell) for cell in raw.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        return pc.cast(pc.cast(raw, pa.date32(), safe=False), pa.string())
    if pa.types.is_null(kind):
        return pa.nulls(len(raw), pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array([None if cell is None else str(cell) for cell in raw.to_pylist()], pa.string())
    return pc.utf8_trim_whitespace(pc.cast(raw, pa.string()))


def _by_text(
    texts: pa.Array, read: Callable[[str], Any], kind: pa.DataType | Callable[[list[Any]], pa.DataType]
) -> _Read:
    """Read each distinct text once."""
    encoded = texts.dictionary_encode()
    values: list[Any] = []
    reasons: dict[int, str] = {}
    for number, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            values.append(read(text))
        except CellError as error:
            values.append(None)
            reasons[number] = str(error)
    array = pa.array(values, kind if isinstance(kind, pa.DataType) else kind(values))
    return pc.take(array, encoded.indices), _spread(encoded.indices, reasons)


def _spread(indices: pa.Array, reasons: dict[int, str]) -> dict[int, str]:
    """Reasons by distinct text as reasons by position."""
    if not reasons:
        return {}
    hit = pc.fill_null(pc.is_in(indices, value_set=pa.array(list(reasons), indices.type)), fill_value=False)
    return {place: reasons[indices[place].as_py()] for place in _places(hit)}


def _places(mask: pa.Array) -> list[int]:
    """Where a mask is true."""
    places: list[int] = pc.indices_nonzero(mask).to_pylist()
    return places


def _numbers(texts: pa.Array, body: Input, asked: Asked | None) -> _Read:
    """Numbers in base units as decimals, within the input's range."""
    wanted = asked or Asked.by(body)
    usual = pc.fill_null(pc.match_substring_regex(texts, PLAIN), fill_value=False)
    plain_texts = pc.if_else(usual, texts, pa.scalar(None, pa.string()))
    scale = _most_decimals(plain_texts)
    values = _times(pc.cast(plain_texts, pa.decimal128(_DIGITS + scale, scale)), wanted.factor)
    bad: dict[int, str] = {}
    rest = pc.if_else(usual, pa.scalar(None, pa.string()), texts)
    if rest.null_count < len(rest):
        slow, bad = _by_text(rest, lambda text: exact(read_number(text, wanted)), _wide_enough)
        values = narrow(pc.coalesce(*common_scale([values, slow])))
    return _within(values, bad, body)


def _most_decimals(texts: pa.Array) -> int:
    """The most digits after the point of any plain number."""
    point = pc.find_substring(texts, ".")
    after = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(pc.binary_length(texts), point), 1))
    return int(pc.max(after).as_py() or 0)


def _wide_enough(values: list[Any]) -> pa.DataType:
    """A decimal type with as few digits after the point as the values need."""
    exponents = [value.as_tuple().exponent for value in values if value]
    return pa.decimal256(WIDE, max([0, *(-exponent for exponent in exponents)]))


def _times(values: pa.Array, factor: Fraction) -> pa.Array:
    if factor == 1:
        kind = pa.decimal128(38, values.type.scale)  # the same integers: nothing is copied
        return pa.Array.from_buffers(kind, len(values), values.buffers(), values.null_count, values.offset)
    by = pa.scalar(exact(factor))
    if values.type.precision + by.type.precision < 38:  # noqa: PLR2004  what 128 bits hold
        product = pc.multiply(values, by)
        return pc.cast(product, pa.decimal128(38, product.type.scale))
    wide = pc.cast(values, pa.decimal256(values.type.precision, values.type.scale))
    return narrow(pc.multiply(wide, by.cast(pa.decimal256(by.type.precision, by.type.scale))))


def narrow(values: pa.Array) -> pa.Array:
    """Decimals of 128 bits where they have room."""
    try:
        return pc.cast(values, pa.decimal128(38, values.type.scale))
    except pa.ArrowInvalid:
        return values


def common_scale(columns: list[pa.Array]) -> list[pa.Array]:
    """Decimals with one type, the finest of theirs."""
    scale = max(column.type.scale for column in columns)
    return [pc.cast(column, pa.decimal256(WIDE, scale)) for column in columns]


def exact(value: Fraction) -> Decimal:
    """A fraction as the decimal it is, without idle zeros. Raises `CellError` if no column can hold it."""
    scaled = value * 10**SCALE
    if scaled.denominator != 1:
        raise CellError(f"has more than {SCALE} decimals")
    if abs(scaled) >= 10**WIDE:
        raise CellError("is too large a number")
    return Decimal(scaled.numerator).scaleb(-SCALE, _EXACT).normalize(_EXACT)


def _within(values: pa.Array, bad: dict[int, str], body: Input) -> _Read:
    """Numbers outside the possible range are bad."""
    for limit, beyond, said in ((body.range.lo, pc.less, below), (body.range.hi, pc.greater, above)):
        if limit is None:
            continue
        outside = pc.fill_null(beyond(*_comparable(values, exact(limit))), fill_value=False)
        if pc.any(outside).as_py():
            bad = {**bad, **dict.fromkeys(_places(outside), said(limit, body))}
            values = pc.if_else(outside, pa.scalar(None, values.type), values)
    return values, bad


def out_of_range(number: Fraction, body: Input) -> str:
    """Why a number cannot be; empty if it can."""
    lo, hi = body.range.lo, body.range.hi
    if lo is not None and number < lo:
        return below(lo, body)
    return above(hi, body) if hi is not None and number > hi else ""


def below(limit: Fraction, body: Input) -> str:
    """The reason of a number below the least."""
    return f"is below {_shown(limit / body.factor)} {body.unit}, the possible least"


def above(limit: Fraction, body: Input) -> str:
    """The reason of a number above the most."""
    return f"is above {_shown(limit / body.factor)} {body.unit}, the possible most"


def _comparable(values: pa.Array, limit: Decimal) -> tuple[pa.Array, pa.Scalar]:
    """Decimals and a limit in one type."""
    try:
        return values, pa.scalar(limit, values.type)
    except pa.ArrowInvalid:
        wide, bound = common_scale([values, pa.array([limit], _wide_enough([limit]))])
        return wide, bound[0]


def _shown(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else str(float(value))


def read_truth(text: str) -> bool:
    """Yes or no. Raises `CellError`."""
    word = plain(text).casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError("is neither yes nor no (yes, no, true, false, 1, 0, 是, 否)")


def code_reader(body: Input) -> Callable[[str], str]:
    """How the codes of an input are read: the code, its label in either language, or its pattern."""
    known = {code.casefold(): code for code in body.options}
    for code, label in body.options.items():
        for name in (label.en, label.zh):
            if name:
                known.setdefault(name.casefold(), code)
    pattern = re.compile(body.pattern) if body.pattern else None

    def read(text: str) -> str:
        word = plain(text)
        if body.options:
            code = known.get(word.casefold())
            if code is None:
                raise CellError(f"is none of {', '.join(list(body.options)[:12])}")
            return code
        if pattern and not pattern.fullmatch(word):
            whole = word.removesuffix(".0")
            if whole == word or not pattern.fullmatch(whole):
                raise CellError(f"does not match {body.pattern}")
            return whole
        return word

    return read


def read_day(text: str) -> date:
    """A day: `2024-01-31`, `2024/1/31`, `2024年1月31日`, `20240131`, a time of day after it being left out.

    Raises `CellError`.
    """
    written = plain(text)
    match = _DAY.fullmatch(written) or _DAY_8.fullmatch(written)
    if match is None:
        raise CellError("is not a date (year-month-day, as 2024-01-31)")
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError("is a day that does not exist") from None


def read_year(text: str) -> int:
    """A fiscal year: `2024`, `2024年`, `2024年度`. Raises `CellError`."""
    match = _YEAR.fullmatch(plain(text))
    if match is None or not 1900 <= int(match.group(1)) <= 2200:  # noqa: PLR2004  the years that bookkeeping has
        raise CellError("is not a year (four digits, as 2024)")
    return int(match.group(1))
