"""What filters leave of a portfolio, what the upload says of it, and how numbers lie in it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gangmu.web.about import about_of, write_about
from gangmu.web.sieve import (
    MOST_BINS,
    Filter,
    columns_about,
    counted,
    edges_of,
    filters_of,
    first,
    number_shape,
    places,
    shapes,
    taken,
)

KEYS = [f"firm {number}" for number in range(100)]


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A hundred answers, and an upload with a province, a name and industry codes."""
    path = tmp_path / "answers.parquet"
    table = {
        "enterprise": KEYS,
        "size": pa.array(["small", "micro"] * 50).dictionary_encode(),
        "size.status": pa.array(["known"] * 100).dictionary_encode(),
        "open.status": pa.array((["true"] * 3 + ["unknown"]) * 25).dictionary_encode(),
        "open": [True, True, True, None] * 25,
        "amount": [float(number) for number in range(100)],
        "amount.low": [0.0] * 100,
        "amount.status": ["known"] * 100,
    }
    pq.write_table(pa.table(table), path)
    upload = {
        "key": KEYS,
        "province": ["安徽", "江苏", "浙江", None] * 25,
        "name": [f"name {number}" for number in range(100)],
        "code": [f"{number % 2 + 10}{number:04d}" for number in range(100)],
    }
    pq.write_table(pa.table(upload), tmp_path / "upload.parquet")
    pa.csv.write_csv(pa.table(upload), tmp_path / "upload.csv")
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_of_few_values_are_filters_and_codes_by_their_division(answers: Path, kind: str) -> None:
    write_about(answers.with_name(f"upload.{kind}"), answers)
    assert columns_about(answers) == ["province", "code"]
    assert counted(pq.read_table(about_of(answers)).column("code")) == {"10": 50, "11": 50}


def test_an_upload_whose_rows_are_others_is_no_filter(answers: Path) -> None:
    """No column is the key in this order: which row is whose cannot be told."""
    upload = pq.read_table(answers.with_name("upload.parquet"))
    pq.write_table(upload.slice(1).slice(0, 99), answers.with_name("short.parquet"))
    pq.write_table(upload.take(list(range(99, -1, -1))), answers.with_name("turned.parquet"))
    for name in ("short", "turned"):
        write_about(answers.with_name(f"{name}.parquet"), answers)
        assert columns_about(answers) == []


def test_filters_leave_the_rows_that_pass_all_of_them(answers: Path) -> None:
    write_about(answers.with_name("upload.parquet"), answers)
    asked = [
        ("is.open", "true"),
        ("at.size", "small"),
        ("of.province", "安徽"),
        ("is.secret", "x"),
        ("q", "y"),
    ]
    found = filters_of(asked, ["size", "open", "amount"], answers)
    assert [one.parameter for one in found] == ["is.open", "at.size", "of.province"]
    rows = places(answers, found)
    assert rows.to_pylist() == list(range(0, 100, 4))
    total, shown = first(answers, rows, 20, 3)
    assert (total, [place for place, _ in shown]) == (25, [80, 84, 88])
    assert taken(answers, rows).column("province").to_pylist() == ["安徽"] * 25
    told = shapes(answers, ["size", "amount"], rows)
    assert told["size"]["codes"] == {"small": 25}
    assert (told["amount"]["n"], told["amount"]["cuts"][-1]) == (25, 96.0)
    assert len(places(answers, [Filter("of", "province", "nowhere")])) == 0


@given(st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=30))
def test_every_number_is_in_one_bin(numbers: list[float]) -> None:
    shape = number_shape(pa.chunked_array([pa.array(numbers)]))
    assert sum(n for _, _, n in shape["bins"]) == len(numbers) == shape["n"]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_edges_are_few_and_reach_both_ends(low: float, span: float) -> None:
    assume(low + span > low)
    edges = edges_of(low, low + span)
    assert edges[0] <= low
    assert edges[-1] >= low + span
    assert len(edges) <= MOST_BINS + 3
    assert all(one < other for one, other in pairwise(edges))
