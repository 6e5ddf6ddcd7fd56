"""How far a rulebook covers its ground, page by page: rules, numbers, sources as far as read, cases.

A number is *checked* where every source that it is cited to was read as an official text or in transcriptions
that agree, *retold* where one retelling or sources that disagree stand behind it, *recalled* where nothing
was read, *ours* where it is no law. A number with none of these is uncited; the loader refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rich.console import Console
from rich.table import Table

from gangmu.reform.numbers import numbers_of
from gangmu.rulebook import model

CHECKED = ("official", "transcriptions")
RETOLD = ("secondary", "conflict")


@dataclass(frozen=True, slots=True)
class Coverage:
    """One page, or the whole book where `page` is empty."""

    page: str
    rules: int = 0
    inputs: int = 0
    named: int = 0  # items and indicators
    numbers: int = 0
    checked: int = 0
    retold: int = 0
    recalled: int = 0
    ours: int = 0
    cases: int = 0
    first: date | None = None  # the first day on which a rule of law is in force
    last: date | None = None  # the last day on which an edition begins or has ended

    @property
    def uncited(self) -> int:
        """Numbers without a source and without a reason of our own."""
        return self.numbers - self.checked - self.retold - self.recalled - self.ours

    def plus(self, other: Coverage) -> Coverage:
        """Both together, as the whole book."""
        days = (
            [day for day in (self.first, other.first) if day],
            [day for day in (self.last, other.last) if day],
        )
        return Coverage(
            "", self.rules + other.rules, self.inputs + other.inputs, self.named + other.named,
            self.numbers + other.numbers, self.checked + other.checked, self.retold + other.retold,
            self.recalled + other.recalled, self.ours + other.ours, self.cases + other.cases,
            min(days[0], default=None), max(days[1], default=None),
        )  # fmt: skip


def coverage(book: model.Rulebook) -> tuple[Coverage, ...]:
    """Every page of the book in the order of its names, then the whole."""
    pages = [_page(book, name) for name in sorted(book.pages)]
    whole = Coverage("")
    for page in pages:
        whole = whole.plus(page)
    return (*pages, whole)


def _page(book: model.Rulebook, page: str) -> Coverage:
    rules = [rule for rule in book.rules.values() if rule.page == page]
    grades = [_word(standing) for rule in rules for standing in _standings(rule)]
    kinds = [rule.kind for rule in rules]
    days = [day for rule in rules for edition in rule.editions for day in (edition.start, edition.end) if day]
    named, inputs = sum(kind in model.NAMED_ONLY for kind in kinds), kinds.count("input")
    return Coverage(
        page, len(rules) - inputs - named, inputs, named, len(grades), grades.count("checked"),
        grades.count("retold"), grades.count("recalled"), grades.count("ours"),
        sum(case.page == page for case in book.cases), min(days, default=None), max(days, default=None),
    )  # fmt: skip


def _standings(rule: model.Rule) -> Iterator[model.Standing]:
    """On what each number of a rule rests."""
    for edition in rule.editions:
        body = edition.body
        if isinstance(body, model.Indicator):
            for _ in (*body.baselines, *body.targets):
                yield edition.standing
            for one in body.observations:
                if one.cite is not None:
                    yield model.Standing((one.cite,))
            continue
        if isinstance(body, model.Index):
            shipped = body.population.count("\n") - 1  # rows under the heading
            for element in body.elements:
                yield from [element.standing] * (shipped if element.leaf else 0)
            continue
        rows = {row.name: row.standing for row in body.rows} if isinstance(body, model.Table) else {}
        for keys in numbers_of(body):
            yield rows.get(keys[0]) or edition.standing


def _word(standing: model.Standing) -> str:
    grade = standing.grade
    if grade in CHECKED:
        return "checked"
    if grade in RETOLD:
        return "retold"
    return "recalled" if grade else "ours" if standing.ours else ""


# ---------------------------------------------------------------------- shown

HEADINGS = (
    "page", "rules", "inputs", "named", "numbers", "checked", "retold", "recalled", "ours", "uncited",
    "cases", "from", "to",
)  # fmt: skip


def cells(one: Coverage) -> tuple[str, ...]:
    """One line as texts, in the order of `HEADINGS`."""
    counts = (
        one.rules, one.inputs, one.named, one.numbers, one.checked, one.retold, one.recalled, one.ours,
        one.uncited, one.cases,
    )  # fmt: skip
    days = (day.isoformat() if day else "" for day in (one.first, one.last))
    return (one.page or "the whole book", *(str(count) if count else "" for count in counts), *days)


WIDEST = 200  # columns


def show_coverage(console: Console, book: model.Rulebook) -> None:
    """The table in a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in HEADINGS:
        left = heading in ("page", "from", "to")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    lines = coverage(book)
    for line in lines[:-1]:
        table.add_row(*cells(line))
    table.add_section()
    table.add_row(*cells(lines[-1]), style="bold")
    if not console.is_terminal:  # a file or a pipe has no edge
        console.width = max(
            console.width, console.measure(table, options=console.options.update(width=WIDEST)).maximum
        )
    console.print(table)
    console.print(EXPLAINED, style="dim")


EXPLAINED = (
    "checked: the official text was read, or transcriptions agree; retold: one retelling, or sources that "
    "disagree; recalled: nothing was read; ours: no law, with our reason."
)


def markdown(book: model.Rulebook) -> str:
    """The table as `docs/coverage.md` has it."""
    head = [
        f"# What the rulebook `{book.name}` covers", "",
        f"Made by `gangmu rules -r {book.name} --coverage --markdown`; a test holds it to the rulebook.",
        "", EXPLAINED, "",
        f"| {' | '.join(HEADINGS)} |",
        f"|---{'|--:' * (len(HEADINGS) - 3)}|---|---|",
    ]  # fmt: skip
    return "\n".join([*head, *(f"| {' | '.join(cells(line))} |" for line in coverage(book))]) + "\n"
