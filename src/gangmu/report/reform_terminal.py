"""Reforms on a terminal: what each changes, who gains and loses, by group; a sweep as one table a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gangmu.reform.reforms import Reform
from gangmu.reform.tally import MET, UNKNOWN, Sums, Tally
from gangmu.report.format import number_text, rounded
from gangmu.report.labels import capital, column_labels
from gangmu.report.reformed import ReformResult
from gangmu.report.words import say
from gangmu.rulebook import model
from gangmu.rulebook.types import Type

MAX_ALONE = 3  # reforms shown one by one; more are a table of steps
MAX_GROUPS = 40
MAX_CASES = 20
MAX_STEPS = 60
SHORT = 24  # cells of a terminal
_DIM = "dim"
Row = tuple[Sequence[str], str, Tally]  # words that head it, rule (full name), what was counted


def render_reform(console: Console, result: ReformResult, lang: str = "en") -> None:
    """Print what the reforms do."""
    count = f"{len(result.question.evidence):,}"
    title = result.base.label.in_(lang) or result.base.name
    head = say(lang, "baseline", name=title, n=count)
    if len(result) > 1:
        head = say(lang, "reforms", name=title, n=f"{len(result):,}", m=count)
    weight = result.record.get("weight")
    told = f"{head} · {say(lang, 'weighs', n=weight)}" if weight else head
    console.print(Text(told, style="bold"), highlight=False)
    if len(result) <= MAX_ALONE:
        for number, reform in enumerate(result.question.reforms):
            _alone(console, result, (number, reform), lang)
    else:
        _steps(console, result, lang)
    if result.counted.refused:
        names = ", ".join(result.base.column_name(name) for name in result.counted.refused)
        console.print(Text(say(lang, "left to interpreter", n=names), style=_DIM), highlight=False)


def _alone(console: Console, result: ReformResult, one: tuple[int, Reform], lang: str) -> None:
    """One reform: what it sets, a row a rule, then a table for each grouping, then the cases listed."""
    number, reform = one
    console.print()
    console.print(Text(reform.label.in_(lang) or reform.name, style="bold"), highlight=False)
    for change in reform.changes:
        told = say(lang, "sets", path=change.path, a=change.old.text, b=change.new.text)
        console.print(Text(f"  {told}", style=_DIM), highlight=False)
    if not reform.changes:
        layers = ", ".join(reform.book.layers[len(result.base.layers) :])
        console.print(Text(f"  {say(lang, 'overlaid', n=layers)}", style=_DIM), highlight=False)
    console.print()
    labels = [capital(label) for label in column_labels(result.base, result.question.rules, lang)]
    tallies = [result.counted.tallies[number, name, 0, 0] for name in result.question.rules]
    rows: list[Row] = [
        ((label,), name, tally)
        for label, name, tally in zip(labels, result.question.rules, tallies, strict=True)
    ]
    _print(console, result, [say(lang, "rule")], rows, lang)
    for place, grouping in enumerate(result.question.groupings, 1):
        for name, label in zip(result.question.rules, labels, strict=True):
            if not _moves(result.counted.tallies[number, name, 0, 0]):
                continue
            title = say(lang, "colon", a=label, b=say(lang, "by group", n=grouping.name))
            rows = [
                (words, name, result.counted.tallies[number, name, place, group])
                for group, words in enumerate(_worded(result.base, grouping.parts, grouping.groups, lang))
            ]
            console.print()
            console.print(Text(title), highlight=False)
            _print(console, result, list(grouping.parts), rows, lang)
    _cases(console, result, number, lang)


def _steps(console: Console, result: ReformResult, lang: str) -> None:
    """Many reforms: a table a rule, a row a reform."""
    labels = column_labels(result.base, result.question.rules, lang)
    paths = result.parameters
    heads = list(paths) or [say(lang, "reform")]
    for name, label in zip(result.question.rules, labels, strict=True):
        rows = []
        for number, reform in enumerate(result.question.reforms):
            set_ = {change.path: change.new.text for change in reform.changes}
            words = tuple(set_[path] for path in paths) or (reform.label.in_(lang) or reform.name,)
            rows.append((words, name, result.counted.tallies[number, name, 0, 0]))
        console.print()
        console.print(Text(capital(label), style="bold"), highlight=False)
        _print(console, result, heads, rows, lang)


def _moves(tally: Tally) -> bool:
    """Whether anything moved."""
    return tally.before != tally.after or any(one != two for one, two in tally.cases)


def _print(
    console: Console, result: ReformResult, heads: Sequence[str], rows: Sequence[Row], lang: str
) -> None:
    """Rows of tallies: first those of states, then those of numbers, which have other columns."""
    for numbers in (False, True):
        mine = [row for row in rows if (row[2].kind == "number") == numbers]
        if mine:
            most = MAX_GROUPS if len(result) <= MAX_ALONE else MAX_STEPS
            cells = [dict(_cells(result, name, tally, lang)) for _, name, tally in mine[:most]]
            _table(console, heads, [words for words, _, _ in mine[:most]], cells, lang)
            if len(mine) > most:
                console.print(Text(say(lang, "and more", n=len(mine) - most), style=_DIM), highlight=False)


def _table(
    console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]],
    cells: Sequence[dict[str, str]], lang: str,
) -> None:  # fmt: skip
    columns = list(dict.fromkeys(name for row in cells for name, text in row.items() if text))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, head in enumerate(heads):
        # what is short stays whole, and the words above the counts fold
        short = max(cell_len(text) for text in (head, *(words[place] for words in rows))) <= SHORT
        table.add_column(head, max_width=40, overflow="fold", no_wrap=short)
    for name in columns:
        table.add_column(say(lang, f"col {name}"), justify="right", overflow="fold")
    for words, row in zip(rows, cells, strict=True):
        table.add_row(*words, *(Text(row.get(name, ""), style=_STYLES.get(name, "")) for name in columns))
    console.print(table, highlight=False)


_STYLES = {"gain": "green", "rise": "green", "lose": "red", "fall": "red"}


def _cells(result: ReformResult, name: str, tally: Tally, lang: str) -> Iterator[tuple[str, str]]:
    """The columns of one tally as texts; what is nought is empty but for the counts that matter."""
    weighted = result.question.weights is not None

    def count(number: Fraction, *, always: bool = False) -> str:
        return rounded(number, 1) if number or always else ""

    def of(test: object) -> Fraction:
        return tally.count(test, weighted=weighted)  # type: ignore[arg-type]

    yield "cases", count(of(lambda *_: True), always=True)
    if tally.kind in MET:
        yield "met before", count(of(lambda one, _: tally.met(one)), always=True)
        yield "met after", count(of(lambda _, two: tally.met(two)), always=True)
    if tally.kind == "number":
        kind = result.base.rules[name].type
        yield "total before", _sum_text(tally.before, kind, lang)
        yield "total after", _sum_text(tally.after, kind, lang)
        yield "mean change", number_text(tally.change / tally.known, kind, lang) if tally.change else ""
    if tally.kind == "code":
        yield "changed", count(of(lambda one, two: one != two), always=True)
    else:
        up, down = ("gain", "lose") if tally.kind in MET else ("rise", "fall")
        yield up, count(tally.gain(weighted=weighted), always=True)
        yield down, count(tally.lose(weighted=weighted), always=True)
    yield "stay unknown", count(of(lambda one, two: one == two == UNKNOWN))
    yield "become unknown", count(of(lambda one, two: one != UNKNOWN == two))
    yield "become known", count(of(lambda one, two: one == UNKNOWN != two))


def _sum_text(sums: Sums, kind: Type | None, lang: str) -> str:
    low = float("-inf") if sums.endless_low else sums.low
    high = float("inf") if sums.endless_high else sums.high
    one, two = number_text(low, kind, lang), number_text(high, kind, lang)
    return one if low == high else say(lang, "from_to", a=one, b=two)


def _worded(
    base: model.Rulebook, parts: Sequence[str], groups: Sequence[Sequence[str]], lang: str
) -> Iterator[tuple[str, ...]]:
    """The words of groups; codes by their labels where the book has them."""
    labels = [_labels(base, part, lang) for part in parts]
    for words in groups:
        yield tuple(
            known.get(word, word) if word else say(lang, "no group")
            for word, known in zip(words, labels, strict=True)
        )


def _labels(base: model.Rulebook, part: str, lang: str) -> dict[str, str]:
    full = base.names.get(part, ())
    rule = base.rules[full[0]] if len(full) == 1 else None
    if rule is None:
        return {}
    from gangmu.report.labels import code_labels

    found = {code: label.in_(lang) or code for code, label in code_labels(base, rule.type, rule).items()}
    if not found and rule.kind != "input":
        from gangmu.report.words import STATUS_WORDS, word

        found = {status: word(STATUS_WORDS, status, lang) for status in STATUS_WORDS}
    return found


def _cases(console: Console, result: ReformResult, number: int, lang: str) -> None:
    """The first of the cases listed, by rule and direction."""
    for name in result.question.rules:
        for sign, head in ((1, "gainers"), (-1, "losers")):
            keys = [
                mover.case for mover in result.counted.movers
                if (mover.reform, mover.rule, mover.direction) == (number, name, sign)
            ]  # fmt: skip
            if keys:
                more = f", {say(lang, 'and more', n=len(keys) - MAX_CASES)}" if len(keys) > MAX_CASES else ""
                [label] = column_labels(result.base, [name], lang)
                told = say(lang, head, n=", ".join(keys[:MAX_CASES]) + more)
                console.print()
                console.print(Text(say(lang, "colon", a=capital(label), b=told)), highlight=False)
