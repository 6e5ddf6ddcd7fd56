"""A page of the book on a terminal: prose first, then its numbers, then who serves it and who pays.

Lays out what `book_page` gathered; decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gangmu.report.book_page import (
    Answered,
    AnswerLine,
    BookPage,
    ChannelLine,
    IndicatorLine,
    ItemGroup,
    ItemLine,
    PageGroup,
    grade_words,
    item_words,
)
from gangmu.report.labels import capital
from gangmu.report.words import say

_DIM = "dim"
_CASES = ("worked cases", "cases")  # sections that stand in the page's text and in the tests
_STYLES = {"met": "green", "missed": "red", "disputed": "yellow", "not_judgeable": "yellow"}
_GROUP_STYLES = {"met": "green", "blocked": "red", "missing": "yellow"}
_DOUBTFUL = ("recalled", "conflict")  # grades that a verdict must not be shown without
WIDTH = 110
MAX_OWN, MAX_OTHERS = (
    10,
    4,
)  # answers told of an item of this page, and of one that another page tells in full


def show_page(console: Console, page: BookPage, evidence: str = "") -> None:
    """Print a page; `evidence` is what a reader would type to ask why an answer came out so."""
    console.width = min(console.width, WIDTH)
    about = " · ".join(
        part for part in (page.name, say(page.lang, "as of", day=page.as_of), page.book) if part
    )
    console.print(Text(page.label, style="bold"))
    console.print(Text(about, style=_DIM))
    _prose(console, page)
    _serves(console, page)
    for group in page.parts:
        _items(console, page, group)
    _indicators(console, say(page.lang, "page measures"), page.indicators, page.lang)
    _indicators(console, say(page.lang, "page series"), page.series, page.lang)
    _by_item(console, page)
    _indices(console, page)
    for group in page.names:
        _items(console, page, group)
    for group in page.served_by:
        _items(console, page, _without_figures(group, page))
    _channels(console, page.channels, page.lang)
    for pages in page.pages:
        _pages(console, pages)
    if page.answered is None:
        _rules(console, page)
    else:
        _answer(console, page.answered, page.lang, evidence)
    _sources(console, page)


def _head(console: Console, text: str, after: str = "") -> None:
    console.print()
    console.print(Text.assemble((text, "bold"), (f"  {after}" if after else "", _DIM)))


def _indented(console: Console, what: RenderableType) -> None:
    console.print(Padding(what, (0, 0, 0, 2)), highlight=False)


def _prose(console: Console, page: BookPage) -> None:
    """What the page is about; the sections are written in English and are left to the text in Chinese."""
    for text in page.says:
        console.print()
        console.print(Text(text), highlight=False)
    if page.lang != "en":
        console.print(Text(say(page.lang, "page text", n=page.name), style=_DIM))
        return
    for section in page.prose:
        if section.heading.casefold() in _CASES:
            continue
        console.print()
        if section.heading:
            console.print(Text(section.heading, style="bold"))
        console.print(Markdown(section.text), highlight=False)


def _serves(console: Console, page: BookPage) -> None:
    if not page.serves:
        return
    _head(console, say(page.lang, "page serves"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style=_DIM)
    table.add_column(overflow="fold")
    for named in page.serves:
        table.add_row(named.name.rpartition(".")[2], capital(named.label))
    _indented(console, table)


# ---------------------------------------------------------------------- items


def _items(console: Console, page: BookPage, group: ItemGroup) -> None:
    if not group.items:
        return
    _head(console, capital(group.words))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style=_DIM)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style=_DIM, max_width=26)
    for line in group.items:
        short = line.name.rpartition(".")[2]
        table.add_row("  " * line.depth + short, _item_text(line, page), grade_words(line.grade, page.lang))
    _indented(console, table)


def _without_figures(group: ItemGroup, page: BookPage) -> ItemGroup:
    """Items whose figures stand above are not told twice."""
    shown = {one.item.name for one in page.by_item}
    return replace(group, items=tuple(line for line in group.items if line.name not in shown))


def _item_text(line: ItemLine, page: BookPage) -> Text:
    text = Text(capital(line.label))
    if line.page == page.name and line.serves:
        shown = say(page.lang, "list").join(one.name.rpartition(".")[2] for one in line.serves)
        text.append(f"  {say(page.lang, 'page for', n=shown)}", style=_DIM)
    if line.says:
        text.append(f"\n{line.says}", style=_DIM)
    others = [named for named in line.served_by if named.page != page.name]
    if others:
        labels = list(dict.fromkeys(capital(one.label) for one in others))
        most = MAX_OWN if line.page == page.name else MAX_OTHERS
        if len(labels) > most:
            labels = [*labels[:most], say(page.lang, "and more", n=len(labels) - most)]
        shown = say(page.lang, "pause").join(labels)
        arrow = "→" if page.lang == "zh" else "→ "  # a space is where Rich breaks a line of Chinese
        text.append(f"\n{arrow}{shown}", style=_DIM)
    return text


def _pages(console: Console, group: PageGroup) -> None:
    _head(console, group.words)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style=_DIM, no_wrap=True)
    for named in group.pages:
        table.add_row(named.label, named.page)
    _indented(console, table)


# ---------------------------------------------------------------------- indicators


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_DIM, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold", header_style=_DIM)
    return table


def _indicators(console: Console, title: str, lines: Sequence[IndicatorLine], lang: str) -> None:
    if not lines:
        return
    _head(console, title)
    _indented(console, _indicator_table(lines, lang))


def _by_item(console: Console, page: BookPage) -> None:
    """The figures of what the plan names for this page: a table a kind, a heading line for each thing."""
    for key, groups in groupby(page.by_item, key=lambda group: group.item.word):
        _head(console, say(page.lang, "page figures", n=item_words(key, page.lang)))
        told = list(groups)
        table = _heads([line for group in told for line in group.indicators], page.lang)
        for group in told:
            table.add_row(Text(capital(group.item.label), style="italic"))
            for line in group.indicators:
                _add(table, line, page.lang, "  ")
        _indented(console, table)


def _indicator_table(lines: Sequence[IndicatorLine], lang: str) -> Table:
    table = _heads(lines, lang)
    for line in lines:
        _add(table, line, lang)
    return table


def _heads(lines: Sequence[IndicatorLine], lang: str) -> Table:
    """As many columns as the lines have something to say for."""
    aimed = any(line.target or line.baseline for line in lines)
    heads = ["indicator", *(("start", "target") if aimed else ()), "latest", *(("state",) if aimed else ())]
    return _table(*(say(lang, f"col {head}") for head in heads))


def _add(table: Table, line: IndicatorLine, lang: str, indent: str = "") -> None:
    name = Padding(Text(capital(line.label)), (0, 0, 0, len(indent)))
    cells: list[RenderableType] = [
        name,
        line.baseline,
        _with_sources(line.target, line.sources),
        _latest(line, lang),
    ]
    if line.target:
        state = Text(f"{line.sign} {line.words}", style=_STYLES.get(line.state, ""))
        if line.state in ("met", "missed", "under_way") and line.grade in _DOUBTFUL:
            state.append(f"\n{grade_words(line.grade, lang)}", style=_DIM)
        cells.append(state)
    table.add_row(*(cells if len(table.columns) > len(("name", "latest")) else (cells[0], cells[-1])))


def _with_sources(text: str, numbers: Sequence[int]) -> Text:
    """A text with the numbers of its sources, dim."""
    return Text.assemble(text, (f" [{','.join(map(str, numbers))}]" if text and numbers else "", _DIM))


def _latest(line: IndicatorLine, lang: str) -> Text:
    """The last values with the numbers of their sources."""
    if not line.latest:
        told = say(lang, "page sought" if line.sought else "page no value")
        note = line.sought_note if lang == "en" else ""  # notes are written in English
        return Text(say(lang, "pause").join(part for part in (told, note) if part), style=_DIM)
    parts = [
        _with_sources(say(lang, "brackets", a=one.text, b=one.period), [one.source] if one.source else [])
        for one in line.latest
    ]
    return Text(say(lang, "or")).join(parts)


def _indices(console: Console, page: BookPage) -> None:
    if not page.indices:
        return
    _head(console, say(page.lang, "page indices"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style=_DIM)
    for line in page.indices:
        shown = f"gangmu index {line.name.rpartition('.')[2]}"
        table.add_row(
            Text.assemble(capital(line.label), (f"\n{line.covers}" if line.covers else "", _DIM)), shown
        )
    _indented(console, table)


def _sources(console: Console, page: BookPage) -> None:
    if not page.sources:
        return
    _head(console, say(page.lang, "sources"))
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", style=_DIM, no_wrap=True)
    table.add_column(overflow="fold", style=_DIM)
    for one in page.sources:
        table.add_row(
            f"[{one.number}]",
            Text(say(page.lang, "comma").join(part for part in (one.title, one.date) if part)),
        )
    _indented(console, table)


# ---------------------------------------------------------------------- channels, answers, rules


def _channels(console: Console, lines: Sequence[ChannelLine], lang: str) -> None:
    if not lines:
        return
    asked = any(line.open for line in lines)
    _head(console, say(lang, "page channels"))
    heads = ["channel", "who", *(("open", "amount") if asked else ())]
    table = _table(*(say(lang, f"col {head}") for head in heads))
    for line in lines:
        cells: list[RenderableType] = [capital(line.label), line.who]
        if line.open is not None:
            cells.append(Text(str(line.open), style=_GROUP_STYLES.get(line.open.group, "")))
            cells.append(str(line.amount or ""))
        table.add_row(*cells)
    _indented(console, table)


def _answer(console: Console, told: Answered, lang: str, evidence: str) -> None:
    if not told.lines:
        return
    _head(console, say(lang, "page answer", n=told.case), say(lang, "as of", day=told.day))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    table.add_column(style=_DIM, no_wrap=True)
    for line in told.lines:
        table.add_row(*_answer_row(line, lang))
    _indented(console, table)
    if told.more:
        _indented(console, Text(say(lang, "and more", n=told.more), style=_DIM))
    chief = next((line.name for line in told.lines if line.chief), "")
    if chief and evidence:
        rule = chief.rpartition(".")[2]
        _indented(console, Text(say(lang, "page explain", evidence=evidence, rule=rule), style=_DIM))


def _answer_row(line: AnswerLine, lang: str) -> tuple[Text, Text, str]:
    name = Text(line.label, style="bold" if line.chief else "")
    told = Text(str(line.verdict), style=_GROUP_STYLES.get(line.verdict.group, "") if line.chief else "")
    if line.missing:
        told.append(f"\n{say(lang, 'page missing', n=say(lang, 'pause').join(line.missing))}", style=_DIM)
    return name, told, line.name.rpartition(".")[2]


def _rules(console: Console, page: BookPage) -> None:
    if not page.rules:
        return
    _head(console, say(page.lang, "page rules"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True, style=_DIM)
    table.add_column(overflow="fold")
    for line in page.rules:
        table.add_row(line.name.rpartition(".")[2], line.kind, capital(line.label))
    _indented(console, table)
