"""What a command prints through: JSON, a console, a bar that tells how long it will take."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

WORTH_A_BAR = 50  # cases; fewer are done before a bar is read


def dumps(data: object) -> str:
    """Plain data as JSON text."""
    import json

    return json.dumps(data, ensure_ascii=False, indent=1, default=str)


def console() -> Console:
    """The terminal."""
    from rich.console import Console

    return Console(soft_wrap=False)


def _bar() -> Progress:
    """A bar on standard error, with the time since it began and what is left, that goes when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        Left(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def counting(what: str, *, quiet: bool) -> Iterator[tuple[Callable[[int], object], Callable[[int], object]]]:
    """Two functions: one says how much there is to do, one how much more is done; a bar on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None), (lambda _: None)
        return
    with _bar() as bar:
        task = bar.add_task(what, total=None)
        yield (lambda total: bar.update(task, total=total)), (lambda more: bar.advance(task, more))


class progress:  # noqa: N801  reads as a verb where it is used
    """A bar on a terminal, nothing elsewhere: with an estimate once cases are done one by one.

    Machine code works on all cases at once: until the first is told of, the bar only shows that work goes on.
    """

    def __init__(self, total: int, what: str, *, quiet: bool, worth: int = WORTH_A_BAR) -> None:
        self.total, self.what = total, what
        self.shown = not quiet and total >= worth and sys.stderr.isatty()

    def __enter__(self) -> Callable[[], object]:
        if not self.shown:
            return lambda: None
        self.bar = _bar()
        self.bar.start()
        task = self.bar.add_task(f"{self.what} {self.total:,}", total=None)

        def advance() -> None:
            self.bar.update(task, total=self.total, advance=1)

        return advance

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.bar.stop()
