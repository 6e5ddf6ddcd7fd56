"""Joined files hold what their parts held, for every reader."""

import io
import json
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.stream.join import join, read_footer
from gangmu.stream.thrift import Reader, written

PARTS = [
    {"key": ["a", "b"], "n": [1.5, None], "yes": [True, None], "word": ["x", "x"]},
    {"key": ["c"], "n": [-2.25], "yes": [False], "word": [None]},
    {"key": ["d", "e", "f"], "n": [None, None, None], "yes": [None, None, None], "word": ["y", "z", "y"]},
]
SCHEMA = pa.schema([("key", pa.string()), ("n", pa.float64()), ("yes", pa.bool_()), ("word", pa.string())])


def parts(folder: Path, **options: object) -> list[Path]:
    paths = []
    for number, columns in enumerate(PARTS):
        paths.append(folder / f"{number}.parquet")
        pq.write_table(pa.table(columns, schema=SCHEMA), paths[-1], row_group_size=2, **options)
    return paths


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zstd"},
        {"use_dictionary": False, "compression": "none"},
        {"write_page_index": True},
        {"use_dictionary": ["word"], "data_page_version": "2.0"},
    ],
    ids=str,
)
def test_all_readers_read_a_joined_file(tmp_path: Path, options: dict[str, object]) -> None:
    whole = tmp_path / "whole.parquet"
    with whole.open("wb") as to:
        join(parts(tmp_path, **options), to, {"gangmu.record": json.dumps({"who": "we 我们"})})
    expected = pa.concat_tables([pa.table(columns, schema=SCHEMA) for columns in PARTS]).to_pylist()
    assert pq.read_table(whole).to_pylist() == expected
    assert pl.read_parquet(whole).to_dicts() == expected
    read = duckdb.read_parquet(str(whole)).fetchall()
    assert read == [tuple(row.values()) for row in expected]
    assert duckdb.read_parquet(str(whole)).filter("key = 'e'").fetchall() == [("e", None, None, "z")]
    metadata = pq.ParquetFile(whole).metadata
    assert metadata.num_rows == 6
    assert metadata.num_row_groups == 4
    assert json.loads(metadata.metadata[b"gangmu.record"]) == {"who": "we 我们"}


def test_parts_with_other_columns_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"key": ["a"]}), other)
    with pytest.raises(ValueError, match="other columns"):
        join([*parts(tmp_path), other], io.BytesIO(), {})


@pytest.mark.parametrize("size", [0, 3, 7, 40])
def test_half_a_file_is_refused(tmp_path: Path, size: int) -> None:
    [first, *_] = parts(tmp_path)
    half = tmp_path / "half.parquet"
    half.write_bytes(first.read_bytes()[:size])
    with pytest.raises(ValueError, match="no whole Parquet file"):
        read_footer(half)


def test_a_footer_comes_back_as_it_was(tmp_path: Path) -> None:
    for path in parts(tmp_path, write_page_index=True):
        data = path.read_bytes()
        length = int.from_bytes(data[-8:-4], "little")
        footer = data[-8 - length : -8]
        assert written(Reader(footer).struct()) == footer


@given(st.binary(max_size=60))
def test_bytes_that_are_no_footer_are_refused_or_read(data: bytes) -> None:
    try:
        fields = Reader(data).struct()
    except ValueError:
        return
    assert Reader(written(fields)).struct() == fields
