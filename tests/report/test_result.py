"""The table of answers: its columns, its types, its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError
from gangmu.evidence.whole import write_whole
from gangmu.report.result import Result

RunOf = Callable[..., Run]
ResultOf = Callable[..., Result]
NAMES = ["grant_open", "rd_intensity", "loan_limit", "innovator", "maker_size"]


def without_2022(given: dict[str, Any]) -> None:
    given["statement"].pop(0)


@pytest.fixture
def result(run_of: RunOf, result_of: ResultOf) -> Result:
    held = run_of(innovator_no="A1", innovator_from="2024-01-01")
    return result_of([run_of(), held, run_of(without_2022, staff=None)], NAMES)


def test_columns_and_types(result: Result) -> None:
    assert {name: str(result.table.schema.field(name).type) for name in result.table.column_names} == {
        "enterprise": "string",
        "as_of": "date32[day]",
        "grant_open": "bool",
        "grant_open.status": "string",
        "grant_open.grade": "string",
        "rd_intensity": "double",
        "rd_intensity.low": "double",
        "rd_intensity.high": "double",
        "rd_intensity.status": "string",
        "rd_intensity.grade": "string",
        "loan_limit": "double",
        "loan_limit.low": "double",
        "loan_limit.high": "double",
        "loan_limit.status": "string",
        "loan_limit.grade": "string",
        "innovator": "bool",
        "innovator.status": "string",
        "innovator.grade": "string",
        "innovator.until": "date32[day]",
        "maker_size": "string",
        "maker_size.status": "string",
        "maker_size.grade": "string",
    }


def test_rows(result: Result) -> None:
    met, held, open_ = result.table.to_pylist()
    assert (met["grant_open"], met["grant_open.status"]) == (True, "true")
    assert (met["innovator"], met["innovator.status"]) == (None, "conditions_met")
    assert (met["rd_intensity"], met["loan_limit"], met["maker_size"]) == (0.05, 4_320_000, "small")
    assert (held["innovator"], held["innovator.until"]) == (True, date(2027, 1, 1))
    assert (open_["grant_open"], open_["grant_open.status"]) == (None, "unknown")
    assert (open_["rd_intensity.low"], open_["rd_intensity.high"]) == (0, float("inf"))
    assert open_["maker_size"] is None
    assert met["rd_intensity.grade"] == "official"


def test_it_is_arrow_to_everyone(result: Result) -> None:
    assert pa.table(result) == result.to_arrow()
    assert pl.DataFrame(result).equals(result.to_polars())
    assert isinstance(result.to_pandas(), pd.DataFrame)
    assert len(result) == len(result.to_pandas()) == 3


def test_parquet_carries_the_record(result: Result, tmp_path: Path) -> None:
    path = result.write(tmp_path / "out.parquet")
    read = pq.read_table(path)
    assert read.equals(result.table)
    assert json.loads(read.schema.metadata[b"gangmu.record"]) == result.record


def test_csv_has_the_record_beside(result: Result, tmp_path: Path) -> None:
    result.write(tmp_path / "out.csv")
    read = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert read["grant_open.status"].tolist() == ["true", "true", "unknown"]
    assert json.loads((tmp_path / "out.record.json").read_text()) == result.record


def test_json_says_what_is_endless(result: Result, tmp_path: Path) -> None:
    told = json.loads(result.write(tmp_path / "out.json").read_text())
    assert told["record"] == result.record
    assert told["rows"][2]["rd_intensity.high"] == "inf"
    assert told["rows"][0]["as_of"] == "2025-06-30"


def test_an_unknown_suffix_is_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(GangmuError) as caught:
        result.write(tmp_path / "out.docx")
    assert caught.value.problems[0].code == "suffix-unknown"
    assert ".parquet" in caught.value.problems[0].expected
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def half(to: Path) -> None:
        to.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, half)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_a_folder_that_is_not_there_is_a_message(result: Result, tmp_path: Path) -> None:
    with pytest.raises(GangmuError) as caught:
        result.write(tmp_path / "nowhere" / "out.parquet")
    assert caught.value.problems[0].code == "cannot-write"
