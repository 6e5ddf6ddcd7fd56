"""Evidence as typed columns: scaled integers, days, truth values, atoms of codes, and what is not known.

A column's range and scale are found once when it is made, and rounded up to whole bytes, so that the same
code serves other data of the same size. `state` is 0 where a fact is given, 1 where it is not, 2 where it is
said not to exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gangmu.engine.kernel.atoms import Atoms, Families
from gangmu.rulebook import model

Array = npt.NDArray[Any]
Kind = Literal["number", "date", "truth", "code", "text"]
GIVEN, MISSING, NONE = 0, 1, 2
LIMIT = 1 << 61
EXACT_DOUBLE = 1 << 48  # with room to round the range up to bytes


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one input: numbers are `values / den`."""

    kind: Kind
    values: Array
    den: int = 1
    lo: int = 0
    hi: int = 0
    state: Array | None = None  # None: every fact is given
    hard: Array | None = None  # rows whose value does not fit a word
    nones: bool = True  # whether a fact may be said to be none: without, code has one state less to tell

    @property
    def holes(self) -> Array | None:
        """Where a fact is not given, or said to be none."""
        return None if self.state is None else self.state != GIVEN


def bucket(lo: int, hi: int) -> tuple[int, int]:
    """A range rounded outwards to whole bytes; what is never negative stays so."""

    def up(value: int) -> int:
        return (1 << (-(-value.bit_length() // 8) * 8)) - 1 if value else 0

    return (-up(-lo) if lo < 0 else min(lo, 1)), (up(hi) if hi > 0 else 0)


@dataclass(slots=True)
class Columns:
    """The columns of one entity, by field name, with `owner` for related rows."""

    length: int
    by_name: dict[str, Column] = field(default_factory=dict)


def number_column(
    values: Array, den: int = 1, state: Array | None = None, hard: Array | None = None
) -> Column:
    """A column of scaled integers (of 32 or 64 bits, or whole numbers in doubles)."""
    seen = values if state is None else values[state == GIVEN]
    low, high = (int(seen.min()), int(seen.max())) if len(seen) else (0, 0)
    lo, hi = bucket(low, high)
    if state is not None:
        values = np.where(state == GIVEN, values, low).astype(values.dtype)
    if values.dtype == np.int64 and max(-low, high) < EXACT_DOUBLE:
        values = values.astype(np.float64)
    return Column("number", np.ascontiguousarray(values), den, lo, hi, state, hard)


def states(array: pa.Array, none: pa.Array | None) -> Array | None:
    """Which facts are given."""
    if array.null_count == 0:
        return None
    found = np.where(array.is_null().to_numpy(zero_copy_only=False), MISSING, GIVEN).astype(np.uint8)
    if none is not None:
        said = pc.fill_null(none, False).to_numpy(zero_copy_only=False)
        found[(found == MISSING) & said] = NONE
    return found


def column_of(rule: model.Rule, array: pa.Array, none: pa.Array | None, families: Families) -> Column:
    """The column of an input from an Arrow array, as the evidence holds it."""
    state = states(array, none)
    made = _column(rule, array, state, families)
    return made if state is None else replace(made, nones=bool((state == NONE).any()))


def _column(rule: model.Rule, array: pa.Array, state: Array | None, families: Families) -> Column:
    match rule.input.input:
        case "number" | "year":
            return _numbers(array, state)
        case "date":
            days = pc.fill_null(array.cast(pa.int32()), 0).to_numpy(zero_copy_only=False)
            return Column("date", days + np.int32(719_163), 1, 1, 3_652_059, state)
        case "condition":
            flags = pc.fill_null(array, False).to_numpy(zero_copy_only=False)
            return Column("truth", flags.astype(np.uint8), state=state)
        case "text":
            return Column("text", np.zeros(1, np.uint8), state=state)
        case _:
            return _codes(array, state, families.of(rule.name))


def _codes(array: pa.Array, state: Array | None, atoms: Atoms) -> Column:
    coded = array.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    places = np.array([atoms.of(str(text)) for text in coded.dictionary.to_pylist()] or [0], np.uint16)
    index = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)
    return Column("code", places[index], state=state)


def _numbers(array: pa.Array, state: Array | None) -> Column:
    if not pa.types.is_decimal(array.type):
        return number_column(_plain(array), 1, state)
    scale = array.type.scale
    if not pa.types.is_decimal128(array.type) or scale < 0:
        array = array.cast(pa.decimal256(76, max(scale, 0)))
    words = 2 if pa.types.is_decimal128(array.type) else 4
    raw = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, words)
    raw = raw[array.offset : array.offset + len(array)]
    low = raw[:, 0].copy()
    given = np.ones(len(low), bool) if state is None else state == GIVEN
    low[~given] = 0
    fits = (raw[:, 1:] == (raw[:, :1] >> 63)).all(axis=1) & (np.abs(low) < LIMIT) | ~given
    low[~fits] = 0
    return number_column(low, 10 ** max(scale, 0), state, None if fits.all() else ~fits)


def _plain(array: pa.Array) -> Array:
    found = pc.fill_null(array, 0).to_numpy(zero_copy_only=False) if array.null_count else array.to_numpy()
    whole: Array = found if found.dtype in (np.int32, np.int64) else found.astype(np.int64)
    return whole


def from_arrays(
    rules: Mapping[str, model.Rule], arrays: Mapping[str, object], families: Families
) -> dict[str, Column]:
    """Columns from NumPy or Arrow arrays of inputs in base units.

    A null is a fact not given, and so is every fact of an input that is not named.
    """
    found = {}
    for name, given in arrays.items():
        if isinstance(given, Column):
            found[name] = given
            continue
        array = given if isinstance(given, pa.Array | pa.ChunkedArray) else pa.array(given)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        found[name] = column_of(rules[name], array, None, families)
    return found
