"""Numbers as people write them: exact value, type, English, Chinese."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gangmu.engine.values import INF, Interval, Value, between
from gangmu.report.format import apart, interval_text, margin_text, number_text, value_text
from gangmu.rulebook.types import DATE, PLAIN, YEAR, NumberType, Type

CNY = NumberType((("CNY", 1),))
PERSONS = NumberType((("person", 1),))
MONTHS = NumberType((("month", 1),))
POINTS = NumberType((("point", 1),))
COUNT = NumberType((("count", 1),))
SHARES = NumberType((("share", 1),))
PER_PERSON = NumberType((("CNY", 1), ("person", -1)))

NUMBERS: list[tuple[str, Type, str, str]] = [
    ("0", CNY, "0 CNY", "0元"),
    ("1230000", CNY, "1.23 million CNY", "123万元"),
    ("159134400", CNY, "159.1 million CNY", "1.591亿元"),
    ("60993000000", CNY, "60.99 billion CNY", "609.9亿元"),
    ("999999.99", CNY, "999,999.99 CNY", "100万元"),
    ("-88270000", CNY, "-88.27 million CNY", "-8,827万元"),
    ("50000", CNY, "50,000 CNY", "5万元"),
    ("0.05", PLAIN, "5%", "5%"),
    ("0.1177", PLAIN, "11.77%", "11.77%"),
    ("6.2603", PLAIN, "626.03%", "626.03%"),
    ("1/3", PLAIN, "33.33%", "33.33%"),
    ("0.00001234", PLAIN, "0.001234%", "0.001234%"),
    ("1", PERSONS, "1 person", "1人"),
    ("12345", PERSONS, "12,345 persons", "12,345人"),
    ("28066" + "0" * 40, PERSONS, "2.807e44 persons", "2.807e44人"),
    ("-99996" + "0" * 40, COUNT, "-1e45", "-1e45"),
    ("0", MONTHS, "0 months", "0个月"),
    ("12", MONTHS, "1 year", "1年"),
    ("18", MONTHS, "1 year 6 months", "1年6个月"),
    ("75", MONTHS, "6 years 3 months", "6年3个月"),
    ("84.5", POINTS, "84.5 points", "84.5分"),
    ("7", COUNT, "7", "7"),
    ("400000000", SHARES, "400 million shares", "4亿股"),
    ("1200000", PER_PERSON, "1.2 million CNY per person", "120万元/人"),
    ("2024", YEAR, "2024", "2024"),
    ("738886", DATE, "2024-01-01", "2024-01-01"),
]


@pytest.mark.parametrize(("number", "kind", "english", "chinese"), NUMBERS)
def test_number(number: str, kind: Type, english: str, chinese: str) -> None:
    assert number_text(Fraction(number), kind, "en") == english
    assert number_text(Fraction(number), kind, "zh") == chinese


INTERVALS: list[tuple[str | None, str | None, Type, str, str]] = [
    ("0.042", "0.07", PLAIN, "4.2% to 7%", "4.2%至7%"),
    ("3", None, COUNT, "at least 3", "至少3"),
    (None, "3", COUNT, "at most 3", "至多3"),
    (None, None, CNY, "unknown", "未知"),
    ("5", "5", POINTS, "5 points", "5分"),
    ("738886", None, DATE, "2024-01-01 or later", "2024-01-01或以后"),
]


@pytest.mark.parametrize(("low", "high", "kind", "english", "chinese"), INTERVALS)
def test_interval(low: str | None, high: str | None, kind: Type, english: str, chinese: str) -> None:
    ends = Interval(-INF if low is None else Fraction(low), INF if high is None else Fraction(high))
    assert interval_text(ends, kind, "en") == english
    assert interval_text(ends, kind, "zh") == chinese


def test_numbers_that_differ_look_different() -> None:
    assert apart([Fraction("499999999.99"), Fraction(500_000_000)], CNY, "en") == [
        "499.99999999 million CNY",
        "500 million CNY",
    ]
    assert apart([Fraction("0.05"), Fraction("0.05")], PLAIN, "en") == ["5%", "5%"]


def test_margins_have_their_own_words() -> None:
    assert margin_text(Fraction("0.002"), PLAIN, "en") == "0.2 percentage points"
    assert margin_text(Fraction("-0.002"), PLAIN, "zh") == "0.2个百分点"
    assert margin_text(Fraction(31), DATE, "en") == "31 days"


def test_what_else_a_value_may_be() -> None:
    assert value_text(Value(None, undefined=True), CNY, "en") == "undefined"
    assert value_text(Value(None, absent=True), CNY, "zh") == "未生效或已失效"
    open_ = Value(between(Fraction(0), None).ordinary, undefined=True)
    assert value_text(open_, PLAIN, "en") == "at least 0% or undefined"


def test_a_number_of_more_digits_than_python_writes() -> None:
    """As EXP gives them."""
    assert number_text(Fraction(28066 * 10**43425), COUNT, "en") == "2.807e43429"
    assert number_text(Fraction(28066 * 10**43425), MONTHS, "en") == "2.339e43428 years 4 months"
    assert apart([Fraction(28066 * 10**43425), Fraction(28067 * 10**43425)], COUNT, "en") == [
        "2.8066e43429", "2.8067e43429",
    ]  # fmt: skip
