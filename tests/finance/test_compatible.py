"""Compatible channels against trying out every set, their order, and amounts that are never added up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.engine.values import INF
from gangmu.errors import GangmuError
from gangmu.finance.compatible import MOST_ALTERNATIVES, Compatible, Pool, Span, Use, compatible_uses

Pairs = set[frozenset[str]]


def use(name: str, standing: str = "open", *, days: int | None = None, **more: object) -> Use:
    span = None if days is None else (Fraction(days), Fraction(days))
    return Use(name, standing, days=span, **more)  # type: ignore[arg-type]


def names(uses: Sequence[Use]) -> list[str]:
    return [one.name for one in uses]


def listed(found: Compatible, most: int | None = None) -> list[list[str]]:
    return [names(chosen) for chosen in found.sets(most)]


# ---------------------------------------------------------------------- every set tried out


@st.composite
def channels(draw: st.DrawFn) -> tuple[list[Use], Pairs]:
    standings = st.sampled_from(["open", "undecided", "closed"])
    days = st.one_of(st.none(), st.integers(0, 3))
    uses = [use(f"c{place}", draw(standings), days=draw(days)) for place in range(draw(st.integers(0, 8)))]
    pairs = [frozenset(pair) for pair in combinations(names(uses), 2)]
    return uses, {pair for pair in pairs if draw(st.integers(0, 2)) == 0}


def tried(uses: list[Use], excluded: Pairs) -> list[frozenset[str]]:
    """All maximal sets without exclusions, by trying every set; best first, by the words of the docstring."""
    usable = [one for one in uses if one.standing != "closed"]
    sets = [frozenset(names(some)) for size in range(len(usable) + 1) for some in combinations(usable, size)]
    sound = [one for one in sets if not any(pair <= one for pair in excluded)]
    maximal = [one for one in sound if not any(one < other for other in sound)]
    by_name = {one.name: one for one in usable}
    steps = sorted({one.most_days for one in usable})

    def counts(chosen: frozenset[str], standing: str) -> list[int]:
        found = [by_name[name] for name in chosen if by_name[name].standing == standing]
        return [len(found), *(sum(one.most_days == step for one in found) for step in steps)]

    def rank(chosen: frozenset[str]) -> tuple[list[int], list[int], list[bool]]:
        in_order = [one.name in chosen for one in usable]
        return counts(chosen, "open"), counts(chosen, "undecided"), in_order

    return sorted(maximal, key=rank, reverse=True)


@given(channels())
def test_the_sets_are_those_found_by_trying_all(drawn: tuple[list[Use], Pairs]) -> None:
    uses, excluded = drawn
    found = compatible_uses(uses, excluded)
    expected = tried(uses, excluded)
    assert [frozenset(chosen) for chosen in listed(found)] == expected
    assert found.number == len(expected)
    assert frozenset(names(found.best)) == expected[0]
    assert set(names(found.together)) == set.intersection(*map(set, expected)) or found.choices
    assert listed(found, 2) == list(islice(listed(found), 2))


@given(channels())
def test_in_a_set_open_ones_come_first_and_the_fastest_of_them(drawn: tuple[list[Use], Pairs]) -> None:
    for chosen in compatible_uses(*drawn).sets():
        keys = [(one.standing != "open", one.most_days) for one in chosen]
        assert keys == sorted(keys)


# ---------------------------------------------------------------------- order


def test_more_open_ones_win_over_faster_ones() -> None:
    uses = [use("fast", days=1), use("a", days=90), use("b", days=90)]
    excluded = {frozenset(("fast", "a")), frozenset(("fast", "b"))}
    assert listed(compatible_uses(uses, excluded)) == [["a", "b"], ["fast"]]


def test_of_as_many_the_faster_wins_and_unknown_days_come_last() -> None:
    uses = [use("slow", days=90), use("unknown"), use("fast", days=1)]
    excluded = {frozenset(pair) for pair in combinations(names(uses), 2)}
    assert listed(compatible_uses(uses, excluded)) == [["fast"], ["slow"], ["unknown"]]


def test_one_that_is_open_wins_over_several_that_may_be() -> None:
    uses = [use("a", "undecided"), use("b", "undecided"), use("c")]
    excluded = {frozenset(("a", "c")), frozenset(("b", "c"))}
    assert listed(compatible_uses(uses, excluded)) == [["c"], ["a", "b"]]


def test_a_folded_one_and_a_closed_one_are_in_no_set() -> None:
    found = compatible_uses([use("a"), use("b", "closed"), use("c", "undecided", folded=True)], set())
    assert listed(found) == [["a"]]
    assert (found.closed, found.folded) == (("b",), ("c",))


def test_nothing_at_all_is_one_empty_set() -> None:
    found = compatible_uses([], set())
    assert (listed(found), found.pools()) == ([[]], ())


def test_sets_without_number_are_counted_and_begun() -> None:
    """Twenty knots of three: 3^20 sets, of which the best are had at once."""
    uses = [use(f"{knot}{place}", days=place) for knot in range(20) for place in range(3)]
    pairs = list(combinations(range(3), 2))
    excluded = {frozenset((f"{k}{a}", f"{k}{b}")) for k in range(20) for a, b in pairs}
    found = compatible_uses(uses, excluded)
    assert found.number == 3**20
    first, second = found.sets(2)
    assert {one.most_days for one in first} == {0}
    assert sorted(one.most_days for one in second) == [0] * 19 + [1]


def test_a_knot_past_all_reading_is_refused() -> None:
    """Pairs that exclude each other, tied by one channel that excludes all: 2^n alternatives and one."""
    pairs = range(MOST_ALTERNATIVES.bit_length())
    uses = [use("all"), *(use(f"{side}{place}") for place in pairs for side in "ab")]
    excluded = {frozenset((f"a{place}", f"b{place}")) for place in pairs}
    excluded |= {frozenset(("all", one.name)) for one in uses[1:]}
    with pytest.raises(GangmuError, match="ways of combining"):
        compatible_uses(uses, excluded)


# ---------------------------------------------------------------------- amounts


def lent(name: str, low: int, high: int | None, standing: str = "open", *shares: str) -> Use:
    top = INF if high is None else Fraction(high)
    return use(name, standing, amount=(Fraction(low), top), shares=shares)


def pool(uses: list[Use], **bounds: Span) -> Pool:
    [found] = compatible_uses(uses, set(), bounds).pools()
    return found


def test_amounts_through_one_resource_are_not_added() -> None:
    found = pool([lent("a", 2, 5, "open", "patent"), lent("b", 3, 4, "open", "patent")])
    assert (found.now, found.at_most) == ((3, 5), 5)


def test_a_resource_that_is_measured_bounds_all_together() -> None:
    uses = [lent("a", 2, 9, "open", "capacity"), lent("b", 3, 4, "open", "capacity")]
    found = pool(uses, capacity=(Fraction(6), Fraction(7)))
    assert (found.now, found.at_most) == ((3, 7), 7)


def test_undecided_ones_count_only_for_the_most() -> None:
    found = pool([lent("a", 2, 2, "open", "patent"), lent("b", 5, None, "undecided", "patent")])
    assert (found.now, found.at_most) == ((2, 2), INF)


def test_each_resource_has_its_own_figure() -> None:
    uses = [lent("a", 1, 1, "open", "patent", "capacity"), lent("b", 2, 2, "open", "capacity")]
    pools = {one.resource: one for one in compatible_uses(uses, set()).pools()}
    assert {name: (names(one.uses), one.at_most) for name, one in pools.items()} == {
        "patent": (["a"], 1),
        "capacity": (["a", "b"], 2),
    }


def test_what_shares_nothing_is_in_no_pool() -> None:
    assert compatible_uses([lent("grant", 1, 1)], set()).pools() == ()
