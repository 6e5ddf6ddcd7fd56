"""The dates on a terminal: day by day what changes, why, and what to do before; for many, counts a day."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gangmu.report.change_words import tell
from gangmu.report.due import DueLine, DueResult
from gangmu.report.labels import capital
from gangmu.report.verdict import verdict
from gangmu.report.words import say

SIGNS = {"gains": "▲", "loses": "▼", "asks": "?", "moves": "·"}
_STYLES = {"gains": "green", "loses": "red", "asks": "yellow", "moves": ""}
FEW = 5  # enterprises that are told one by one
NAMED = 2  # enterprises named beside a count
MOST_ROWS = 40  # of counts a day


def render_due(console: Console, result: DueResult, lang: str) -> None:
    """Print every change, or for a portfolio how many enterprises have it on which day."""
    title = tell(lang, "due title", a=result.first.isoformat(), b=result.until.isoformat())
    console.print(Text(title, style="bold"))
    if not result.changes:
        console.print(Text(tell(lang, "due none"), style="dim"))
    elif result.enterprises <= FEW:
        _told(console, result, lang)
    else:
        _counted(console, result, lang)


def _told(console: Console, result: DueResult, lang: str) -> None:
    several = result.enterprises > 1
    for day, lines in groupby(result.lines(lang), key=lambda line: line.change.day):
        console.print()
        console.print(Text(day.isoformat(), style="bold"), highlight=False)
        for line in lines:
            console.print(Padding(_line(line, lang, several=several), (0, 0, 0, 2)), highlight=False)


def _line(line: DueLine, lang: str, *, several: bool) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    who = f"{line.change.enterprise} · " if several else ""
    text = Text(f"{who}{say(lang, 'colon', a=line.label, b=line.turn(lang))}")
    for cause in line.causes:
        text.append(f"\n{tell(lang, 'because', n=cause.text)}")
    for source, grade in line.sources():
        text.append(f"\n{say(lang, 'brackets', a=source, b=grade) if source else grade}", style="dim")
    todo = line.todo(lang)
    text.append(f"\n{capital(tell(lang, 'todo', n=todo))}" if todo else "", style="italic")
    grid.add_row(Text(SIGNS[line.direction], style=_STYLES[line.direction]), text)
    return grid


def _counted(console: Console, result: DueResult, lang: str) -> None:
    """Counts a day; where these are too many to read, counts a change with its first and last day."""
    by_day: dict[tuple[object, ...], list[DueLine]] = {}
    by_turn: dict[tuple[object, ...], list[DueLine]] = {}
    for line in result.lines(lang):
        same = (line.change.rule, *_plain(result, line, lang))
        by_day.setdefault((line.change.day, *same), []).append(line)
        by_turn.setdefault(same, []).append(line)
    daily = len(by_day) <= MOST_ROWS
    table = Table(box=None, pad_edge=False)
    table.add_column(tell(lang, "col date" if daily else "col dates"), no_wrap=True)
    for head in ("col answer", "col turn"):
        table.add_column(tell(lang, head), overflow="fold")
    table.add_column(tell(lang, "col enterprises"), justify="right", overflow="fold")
    table.add_column(tell(lang, "col first"), overflow="fold")
    groups = (by_day if daily else by_turn).values()
    for lines in sorted(groups, key=lambda group: (group[0].change.day, -len(group))):
        line, days = lines[0], sorted({one.change.day.isoformat() for one in lines})
        before, after = _plain(result, line, lang)
        turn = Text(
            f"{SIGNS[line.direction]} {tell(lang, 'turn', a=before, b=after)}", style=_STYLES[line.direction]
        )
        named = say(lang, "list").join(one.change.enterprise for one in lines[:NAMED])
        shown = days[0] if len(days) == 1 else tell(lang, "day to day", a=days[0], b=days[-1])
        table.add_row(shown, line.label, turn, f"{len(lines):,}", named)
    console.print(table, highlight=False)
    if not daily:
        console.print(Text(tell(lang, "each day in a file"), style="dim"))


def _plain(result: DueResult, line: DueLine, lang: str) -> tuple[str, str]:
    """The answer before and after, without the day of each certificate."""
    pair = (line.change.before, line.change.after)
    before, after = (
        str(verdict(result.book, line.change.rule, one._replace(until=None), lang)) for one in pair
    )
    return before, after
