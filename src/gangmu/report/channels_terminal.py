"""Channels that go together, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gangmu.report.channel_words import tell
from gangmu.report.channels import Together, UseText
from gangmu.report.words import say

WIDTH = 100
_DIM = "dim"
_GAP = 2
_SIGNS = {"open": ("✓", "green"), "undecided": ("?", "yellow")}


def render_channels(console: Console, told: Together, lang: str = "en") -> None:
    """Print the first compatible set, what may stand instead, what is shared, what is left out."""
    run = told.run
    console.print(Text(tell(lang, "title", a=run.case.key, b=run.as_of.isoformat()), style="bold"))
    console.print(Text(told.counted(lang)))
    room = min(console.width, WIDTH)
    uses = told.uses(lang)
    for standing in ("open", "undecided"):
        listed = [use for use in uses if use.standing == standing]
        if listed:
            console.print(Text(f"\n{tell(lang, standing)}", style="bold"))
            console.print(_uses(listed, lang, room))
    for line in told.choices(lang):
        console.print(Text(line, style=_DIM))
    pools = told.pools(lang)
    if pools:
        console.print(Text(f"\n{tell(lang, 'shared')}", style="bold"))
        grid = _grid(room, (2, 3, 4))
        for pool in pools:
            grid.add_row(pool.label, pool.amount, Text(pool.uses, style=_DIM))
        console.print(grid)
    left = told.left_out(lang)
    if left:
        console.print()
    for line in left:
        console.print(Text(line, style=_DIM))


def _uses(uses: Iterable[UseText], lang: str, room: int) -> Table:
    grid = _grid(room, (0, 4, 4, 2))
    for use in uses:
        sign, style = _SIGNS[use.standing]
        label = Text.assemble(f"{use.label}  ", (use.short, _DIM))
        figures = say(lang, "comma").join(part for part in (use.amount, use.cost, use.days) if part)
        grid.add_row(Text(sign, style=style), label, figures, Text(use.shares, style=_DIM))
    return grid


def _grid(room: int, ratios: Iterable[int]) -> Table:
    """Columns that share the width; a ratio of nothing is the column of signs."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0), width=room)
    for ratio in ratios:
        grid.add_column(ratio=ratio or None, width=None if ratio else 1, overflow="fold")
    return grid
