"""Columns of all parts of one body of evidence are widened: code is written for few shapes of them."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gangmu.book import load
from gangmu.engine.kernel import run
from gangmu.engine.kernel.columns import GIVEN, MISSING, Column, number_column
from gangmu.engine.kernel.loops import Loop
from gangmu.engine.kernel.run import column_shape
from gangmu.engine.kernel.sources import Spread
from gangmu.engine.kernel.widest import Widest
from gangmu.rulebook.model import Rulebook

BOOK = """
```yaml
wages: {input: number, unit: CNY, decimals: 2, ask: {en: wages?}}
sales: {input: number, unit: CNY, decimals: 2, ask: {en: sales?}}
floor: {parameter: ratio, value: 20%, ours: a test}
rich: {condition: sales / wages >= floor, ours: a test}
```
"""


def _numbers(values: list[int], den: int = 1, state: list[int] | None = None) -> Column:
    return number_column(
        np.array(values, np.int64), den, None if state is None else np.array(state, np.uint8)
    )


def test_a_column_that_grows_has_room_from_then_on() -> None:
    widest = Widest()
    parts = [_numbers([1, 200]), _numbers([5, 70_000]), _numbers([0, 300, 16_000_000]), _numbers([7])]
    found = [widest.column("sales", part) for part in parts]
    assert [column_shape(one) == column_shape(found[1]) for one in found] == [False, True, True, True]
    for part, one in zip(parts, found, strict=True):
        assert one.values.tolist() == part.values.tolist()
        assert one.lo <= min(part.values) <= max(part.values) <= one.hi


def test_numbers_of_another_scale_stay_the_same_numbers() -> None:
    widest = Widest()
    widest.column("rate", _numbers([1, 25], 100))
    found = widest.column("rate", _numbers([3, 9], 1))
    assert (found.values / found.den).tolist() == [3, 9]
    assert found.den == 100
    far = _numbers([2**60], 7)
    alone = widest.column("rate", far)
    assert alone.values.tolist() == far.values.tolist()
    assert alone.den == 7


def test_a_column_with_holes_is_one_in_every_later_part() -> None:
    widest = Widest()
    widest.column("staff", _numbers([1, 2], state=[GIVEN, MISSING]))
    found = widest.column("staff", _numbers([3, 4]))
    assert found.state is not None
    assert found.state.tolist() == [GIVEN, GIVEN]


def test_a_quotient_stays_one() -> None:
    widest = Widest()
    ends, flags = _numbers([3, 5]), np.ones(2, np.uint8)
    widest.spread("mean", Spread(ends, ends, flags, _numbers([2, 3]), _numbers([2, 3])))
    found = widest.spread("mean", Spread(ends, ends, flags))
    assert found.den_lo is not None
    assert found.den_lo.values.tolist() == [1, 1]
    assert found.den_lo.lo <= 1


def test_few_loops_are_written_for_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "rulebook.yaml").write_text("name: parts\nversion: '1'\noutcomes: [rich]\n")
    (folder / "sources.yaml").write_text("{}\n")
    (folder / "rules.md").write_text(f"# Rules\n{BOOK}")
    book, count, size = load(folder), 2000, 100
    rows = range(count)
    # every part has sales eight times as high as the last, some of them not known in the seventh part only
    table = pa.table({
        "enterprise": [f"E{row:05d}" for row in rows],
        "wages": pa.array([None if row == 650 else row % 97 for row in rows], pa.int64()),
        "sales": pa.array([(row % size) * 8 ** min(row // size, 16) for row in rows], pa.int64()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "firms.parquet", row_group_size=size)
    written: list[str] = []
    write = run._write  # noqa: SLF001  to count its calls

    def counted(task: run.Task, path: run.Path_) -> run.Written:
        written.append(path)
        return write(task, path)

    monkeypatch.setattr(run, "_write", counted)
    out = tmp_path / "out.parquet"
    book.assess_into(tmp_path / "firms.parquet", out, "2025-06-30", part_cases=size, engine="kernel")
    expected = book.assess(tmp_path / "firms.parquet", "2025-06-30", engine="interpreter")
    assert pq.read_table(out).equals(expected.table)
    assert 0 < written.count("points") <= math.log2(8**16) / 8 + 2
    assert written.count("points") < count // size // 2


def test_what_was_not_asked_for_longest_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_LINES", 10)
    book = load("cn").model
    kept: dict[object, tuple[Rulebook, Kept]] = {}
    for name in "abc":
        run.once(kept, name, book, lambda: Kept(4))
        run.once(kept, "a", book, lambda: Kept(4))
    assert list(kept) == ["c", "a"]


class Kept:
    """A loop of so many lines."""

    def __init__(self, lines: int) -> None:
        self.loop = Loop([""] * lines, [], 0, 0, 0, indexed=False)
