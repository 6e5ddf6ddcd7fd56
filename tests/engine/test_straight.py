"""Facts read all at once mean what each means by itself, and what is not so is not read at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from gangmu.engine.kernel.one_answer import ratio
from gangmu.engine.straight import Field, straight_of

KINDS = {"maker": 1, "trader": 2}
FIELDS = {
    "money": Field(int, 0, 100, 0, 5_000, None),
    "count": Field(int, 1, 1, -9, 9, None),
    "day": Field(date, 2, 7, 1, date.max.toordinal(), {}),
    "kind": Field(str, 3, 1, 0, 9, dict(KINDS)),
    "flag": Field(bool, 4, 1, 0, 1, None),
}
FACTS = {"flag": True, "day": date(2024, 2, 29), "money": 12, "kind": "trader", "count": -5}
WORDS = [1_200, -5, date(2024, 2, 29).toordinal(), 2, 1]


def test_the_words_stand_where_their_places_are_whatever_the_order_of_facts() -> None:
    straight = straight_of(FIELDS)
    assert straight is not None
    for seed in range(10):
        names = Random(seed).sample(list(FACTS), len(FACTS))
        assert straight({name: FACTS[name] for name in names}) == WORDS


@pytest.mark.parametrize(
    "changed",
    [
        {"money": 51}, {"money": -1}, {"money": 12.0}, {"money": True}, {"count": 10}, {"flag": 1},
        {"flag": None}, {"kind": "unheard of"}, {"day": "2024-02-29"}, {"more": 1},
    ],
)  # fmt: skip
def test_what_needs_a_look_is_left_to_it(changed: dict[str, object]) -> None:
    straight = straight_of(FIELDS)
    assert straight is not None
    assert straight({**FACTS, **changed}) is None


def test_a_fact_left_out_is_not_invented() -> None:
    straight = straight_of(FIELDS)
    assert straight is not None
    fewer = {name: value for name, value in FACTS.items() if name != "count"}
    assert straight(fewer) is None
    assert straight(fewer | {"other": 3}) is None
    assert straight(dict(defaultdict(int, fewer | {"other": 3}))) is None


def test_a_text_met_later_is_known_from_then_on() -> None:
    codes: dict[str, int] = {}
    straight = straight_of({**FIELDS, "kind": FIELDS["kind"]._replace(codes=codes)})
    assert straight is not None
    assert straight(FACTS) is None
    codes.update(KINDS)
    assert straight(FACTS) == WORDS


def test_an_input_that_always_needs_a_look_has_no_straight_way() -> None:
    assert straight_of({**FIELDS, "year": Field(None, 5, 1, 0, 9_999, None)}) is None


@pytest.mark.parametrize("num", [-(10**30), -6, -1, 0, 1, 4, 10**18])
@pytest.mark.parametrize("den", [-4, -1, 1, 2, 10**8, 3**40])
def test_a_quick_fraction_is_the_fraction(num: int, den: int) -> None:
    quick, plain = ratio(num, den), Fraction(num, den)
    assert (quick, hash(quick), repr(quick)) == (plain, hash(plain), repr(plain))
    assert quick + 1 == plain + 1
