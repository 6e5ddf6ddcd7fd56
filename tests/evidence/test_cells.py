"""What a cell means: numbers with units, dates, codes, yes and no; and what none of them may be."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.evidence.cells import read_column
from gangmu.evidence.numbers import Asked, CellError, last_digit, read_number, unit_of
from gangmu.rulebook.model import Input, Label, Range

MONEY = Asked((("CNY", 1),), Fraction(1), "CNY")
WAN = Asked((("CNY", 1),), Fraction(10_000), "万元")
RATIO = Asked((), Fraction(1), "ratio")
PEOPLE = Asked((("person", 1),), Fraction(1), "persons")


@pytest.mark.parametrize(
    ("text", "asked", "value"),
    [
        ("12345.60", MONEY, Fraction(123456, 10)),
        ("12,345.60", MONEY, Fraction(123456, 10)),
        ("１２，３４５．６", MONEY, Fraction(123456, 10)),
        ("-3", MONEY, Fraction(-3)),
        ("−3", MONEY, Fraction(-3)),
        ("(1,234.5)", MONEY, Fraction(-12345, 10)),
        ("（100）", MONEY, Fraction(-100)),
        ("3 亿元", MONEY, Fraction(300_000_000)),
        ("3亿元", WAN, Fraction(300_000_000)),
        ("3亿", MONEY, Fraction(300_000_000)),
        ("5,000万元", MONEY, Fraction(50_000_000)),
        ("50 million CNY", MONEY, Fraction(50_000_000)),
        ("12.5", WAN, Fraction(125_000)),
        ("5%", RATIO, Fraction(1, 20)),
        ("5％", RATIO, Fraction(1, 20)),
        ("0.1", RATIO, Fraction(1, 10)),
        ("40人", PEOPLE, Fraction(40)),
    ],
)
def test_a_number_is_read_from_its_text(text: str, asked: Asked, value: Fraction) -> None:
    assert read_number(text, asked) == value


@pytest.mark.parametrize(
    ("text", "asked", "reason"),
    [
        ("abc", MONEY, "not a number"),
        ("nan", MONEY, "not a number"),
        ("inf", MONEY, "not a number"),
        ("-", MONEY, "not a number"),
        ("1,5", MONEY, "thousands commas"),
        ("3 人", MONEY, "CNY is asked"),
        ("5%", MONEY, "CNY is asked"),
        ("3 USD", MONEY, "CNY is asked"),
        ("3 furlongs", MONEY, "unknown unit"),
        ("3亿", WAN, "no unit"),
        ("1" * 100, MONEY, "too long"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, asked: Asked, reason: str) -> None:
    with pytest.raises(CellError, match=reason):
        read_number(text, asked)


@pytest.mark.parametrize(
    ("heading", "factor"),
    [
        ("万元", 10_000),
        ("亿元", 10**8),
        ("10k CNY", 10_000),
        ("million CNY", 10**6),
        ("单位：万元", 10_000),
        ("CNY", 1),
    ],
)
def test_a_unit_of_a_heading(heading: str, factor: int) -> None:
    assert unit_of(heading) == (Fraction(factor), (("CNY", 1),))


@pytest.mark.parametrize(
    ("text", "asked", "digit"),
    [
        ("6.2603", RATIO, Fraction(1, 10_000)),
        ("5%", RATIO, Fraction(1, 100)),
        ("3.81 billion CNY", MONEY, Fraction(10_000_000)),
        ("0", MONEY, Fraction(1)),
        ("5,000万元", MONEY, Fraction(10_000)),
    ],
)
def test_the_last_digit_written(text: str, asked: Asked, digit: Fraction) -> None:
    assert last_digit(text, asked) == digit


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6))
def test_any_decimal_comes_back_exactly(number: Decimal) -> None:
    column = read_column(pa.array([format(number, "f")]), Input("number", "CNY"))
    assert Fraction(column.values[0].as_py()) == Fraction(number)


@given(st.floats(min_value=1e-6, max_value=1e15))
def test_a_double_is_read_through_its_shortest_decimal(number: float) -> None:
    column = read_column(pa.array([number]), Input("number", "CNY"))
    assert Fraction(column.values[0].as_py()) == Fraction(repr(number))


def test_a_column_mixes_plain_and_written_out_numbers() -> None:
    column = read_column(pa.array(["1.5", "2 万元", "", None, "n/a", "无", "x"]), Input("number", "CNY"))
    assert [None if value is None else Fraction(value) for value in column.values.to_pylist()] == [
        Fraction(3, 2), 20_000, None, None, None, None, None,
    ]  # fmt: skip
    assert column.none.to_pylist() == [False, False, False, False, True, True, False]
    assert column.bad == {6: "is not a number"}


def test_numbers_outside_the_possible_range_are_bad_and_the_ends_are_not() -> None:
    staff = Input("number", "persons", range=Range(Fraction(0), Fraction(10)))
    column = read_column(pa.array([-1, 0, 10, 11]), staff)
    assert column.values.to_pylist() == [None, 0, 10, None]
    assert column.bad == {
        0: "is below 0 persons, the possible least",
        3: "is above 10 persons, the possible most",
    }


def test_more_decimals_than_declared_are_kept() -> None:
    column = read_column(pa.array(["0.123456789"]), Input("number", "CNY", decimals=2))
    assert Fraction(column.values[0].as_py()) == Fraction(123456789, 10**9)


@pytest.mark.parametrize(
    "number",
    [
        pa.array([40], pa.int8()),
        pa.array([40.0]),
        pa.array([Decimal("40.00")]),
        pa.array(["40"]),
        pa.array(["40"]).dictionary_encode(),
    ],
)
def test_numbers_of_every_arrow_type_are_the_same_number(number: pa.Array) -> None:
    assert read_column(number, Input("number", "persons")).values.to_pylist() == [40]


def test_a_nan_is_bad() -> None:
    assert read_column(pa.array([float("nan"), float("inf")]), Input("number")).bad.keys() == {0, 1}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("yes", True),
        ("TRUE", True),
        ("1", True),
        ("是", True),
        ("no", False),
        ("0", False),
        ("否", False),
        ("无", False),
    ],
)
def test_yes_and_no(text: str, truth: bool) -> None:
    assert read_column(pa.array([text]), Input("condition")).values.to_pylist() == [truth]


def test_a_condition_may_be_said_not_to_exist_or_be_bad() -> None:
    column = read_column(pa.array(["n/a", "maybe"]), Input("condition"))
    assert column.none.to_pylist() == [True, False]
    assert "neither yes nor no" in column.bad[1]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31",
        "2024/1/31",
        "2024年1月31日",
        "20240131",
        "2024.1.31",
        "2024-01-31 22:00:00",
        "2024-01-31T22:00:00Z",
    ],
)
def test_a_day_as_people_and_programs_write_it(text: str) -> None:
    assert read_column(pa.array([text]), Input("date")).values.to_pylist() == [date(2024, 1, 31)]


@pytest.mark.parametrize("text", ["2024-02-30", "2024-01", "31.1.2024", "45291", "2024-1/31"])
def test_what_is_no_day(text: str) -> None:
    column = read_column(pa.array([text]), Input("date"))
    assert column.values.to_pylist() == [None]
    assert column.bad.keys() == {0}


def test_a_timestamp_is_its_day() -> None:
    stamps = pa.array([1706738399], pa.timestamp("s"))
    assert read_column(stamps, Input("date")).values.to_pylist() == [date(2024, 1, 31)]


@pytest.mark.parametrize("text", ["2024", "2024年", "2024年度"])
def test_a_year(text: str) -> None:
    assert read_column(pa.array([text]), Input("year")).values.to_pylist() == [2024]


def test_what_is_no_year() -> None:
    assert read_column(pa.array(["24", "12024", "2024-01-01"]), Input("year")).bad.keys() == {0, 1, 2}


def test_codes_by_code_by_label_and_by_pattern() -> None:
    kind = Input(
        "code", options={"maker": Label("maker of things", "生产企业"), "other": Label("other", "其他")}
    )
    column = read_column(pa.array(["maker", "Maker of Things", "生产企业", "robot"]), kind)
    assert column.values.to_pylist() == ["maker", "maker", "maker", None]
    assert column.bad == {3: "is none of maker, other"}
    industry = read_column(pa.array(["6513", "65x"]), Input("code", pattern="[0-9]{2,4}"))
    assert industry.values.to_pylist() == ["6513", None]
    assert read_column(pa.array([6513.0, None]), Input("code", pattern="[0-9]{4}")).values.to_pylist() == [
        "6513",
        None,
    ]


def test_a_cell_with_too_much_text_is_bad() -> None:
    column = read_column(pa.array(["x" * 32_767, "x" * 32_768]), Input("text"))
    assert column.values[1].as_py() is None
    assert "32,767 characters" in column.bad[1]
