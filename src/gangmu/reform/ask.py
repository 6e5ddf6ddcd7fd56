"""From what a person wants to a question that can be counted, and what the decision record says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gangmu.engine.dates import Dating
from gangmu.errors import Problem, QuestionError
from gangmu.evidence.cases import Evidence
from gangmu.evidence.reach import Reach, reach_of
from gangmu.reform.compare import Counted, Listing, Question
from gangmu.reform.question import asked, groupings, weights_of
from gangmu.reform.reforms import Reform, grid, read_reform, read_sweep, reform_of, split_setting
from gangmu.rulebook import model

MAX_TALLIES = 1_000_000  # reforms times rules times groups
LISTINGS: tuple[Listing, ...] = ("none", "winners", "losers", "both")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reform as asked for: `change` is numbers by path, or a file or folder; `sweeps` are texts."""

    change: Mapping[str, str] | str | Path | None = None
    sweeps: Sequence[str] = ()
    rules: Sequence[str] | None = None
    by: Sequence[str] = ()
    weight: str = ""
    listing: Listing = "none"


def settings_of(settings: Sequence[str], source: str | None) -> dict[str, str] | str | None:
    """`NAME=VALUE` texts or the place of a file as a change. Raises `QuestionError`."""
    if source is not None and settings:
        what, todo = "a file of reforms beside numbers", "write the numbers into the file, or leave it out"
        raise QuestionError(Problem("reform-invalid", source, what, "--set or --reform", todo))
    if source is not None:
        return source
    pairs = [split_setting(text) for text in settings]
    names = [path for path, _ in pairs]
    if twice := [path for path in names if names.count(path) > 1]:
        raise QuestionError(
            Problem("key-twice", twice[0], "is set twice", "each number once", "leave one out")
        )
    return dict(pairs) or None


def ask(
    base: model.Rulebook, wanted: Wanted, read: Callable[[model.Rulebook, Reach], Evidence], dating: Dating
) -> Question:
    """Make the question; evidence is read only once everything else is understood. Raises `QuestionError`."""
    if wanted.listing not in LISTINGS:
        what = f"`{wanted.listing}` is no list"
        raise QuestionError(Problem("list-unknown", "list", what, ", ".join(LISTINGS), "choose one"))
    reforms = reforms_of(base, wanted)
    rules = asked(base, reforms, wanted.rules)
    _can_be_compared(base, reforms, rules)
    overlay = next((reform.book for reform in reforms if not reform.changes), base)
    named = [base.names[name][0] for name in _named(wanted) if len(base.names.get(name, ())) == 1]
    reach = reach_of(base, [*rules, *named]).together(reach_of(overlay, rules))
    evidence = read(overlay, reach)
    weights = weights_of(base, evidence, wanted.weight) if wanted.weight else None
    groups = groupings(base, evidence, dating, wanted.by)
    count = len(reforms) * len(rules) * sum(len(grouping.groups) for grouping in groups)
    if count > MAX_TALLIES:
        what, todo = f"{count:,} tallies in one comparison", "ask for fewer reforms, rules or groups at once"
        raise QuestionError(Problem("groups-many", "by", what, f"at most {MAX_TALLIES:,}", todo))
    return Question(base, reforms, tuple(rules), evidence, dating, groups, weights, wanted.listing)


def _named(wanted: Wanted) -> list[str]:
    """What groups and weights are called: some are rules, the others columns."""
    return [part.strip() for name in (*wanted.by, wanted.weight) for part in name.split("*")]


def reforms_of(base: model.Rulebook, wanted: Wanted) -> tuple[Reform, ...]:
    """The reforms that are asked for."""
    change = wanted.change
    if isinstance(change, str | Path):
        if wanted.sweeps:
            what, todo = "a file of reforms beside a sweep", "ask for one of the two"
            raise QuestionError(Problem("reform-invalid", str(change), what, "one or the other", todo))
        return read_reform(base, change)
    fixed = list((change or {}).items())
    if wanted.sweeps:
        return grid(base, [read_sweep(base, text) for text in wanted.sweeps], fixed)
    return (reform_of(base, fixed),)


def _can_be_compared(base: model.Rulebook, reforms: Sequence[Reform], rules: Sequence[str]) -> None:
    """An overlay may not make another kind of thing of a rule that is compared."""
    for reform in reforms:
        for name in rules:
            if reform.book.rules[name].type != base.rules[name].type:
                was, becomes = base.rules[name].type, reform.book.rules[name].type
                what = f"`{base.column_name(name)}` is {was}, under {reform.name} {becomes}"
                raise QuestionError(
                    Problem("type-mismatch", reform.name, what, "the same type", "ask for another")
                )


def told(question: Question, wanted: Wanted, counted: Counted) -> dict[str, object]:
    """What the decision record says of the reforms."""
    return {
        "reforms": [
            {"name": one.name, "digest": one.digest, "set": {c.path: c.new.text for c in one.changes}}
            for one in question.reforms
        ],
        "by": [grouping.name for grouping in question.groupings], "weight": wanted.weight,
        "list": wanted.listing, "engine": counted.engine,
        "case_by_case": dict(counted.refused), "rows_by_path": dict(counted.paths),
    }  # fmt: skip
