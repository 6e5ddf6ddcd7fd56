"""Where two columns differ, whatever types they were stored with."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def unlike(one: pa.ChunkedArray, two: pa.ChunkedArray) -> pa.ChunkedArray:
    """Row by row, whether two columns (arrays, or chunked) differ; nothing is like nothing."""
    one, two = (_plain(column) for column in (one, two))
    if one.type != two.type:
        kinds = (one.type, two.type)
        numbers = all(pa.types.is_floating(kind) or pa.types.is_integer(kind) for kind in kinds)
        shared = pa.float64() if numbers else pa.string()
        one, two = (column.cast(shared) for column in (one, two))
    if pa.types.is_null(one.type):
        return pa.chunked_array([pa.repeat(pa.scalar(value=False), len(one))])
    apart = pc.fill_null(pc.not_equal(one, two), fill_value=False)
    return pc.or_(apart, pc.xor(pc.is_valid(one), pc.is_valid(two)))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
