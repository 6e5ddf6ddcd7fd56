"""How fast and how many at once: so many requests a minute, so many uploads at the same time."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gangmu.errors import GangmuError, Problem

REMEMBERED: Final = 10_000  # addresses or accounts


class TooFastError(GangmuError):
    """More than is let through at a time."""


class Pace:
    """So many requests a minute of one caller; what was not used fills up again."""

    def __init__(self, a_minute: int) -> None:
        """`a_minute` requests at once at most, and as many in every minute after."""
        self.most, self.rate = float(a_minute), a_minute / 60
        self.left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def let(self, caller: str) -> bool:
        """Whether one more request is let through."""
        with self._lock:
            moment = time.monotonic()
            left, then = self.left.pop(caller, (self.most, moment))
            left = min(self.most, left + (moment - then) * self.rate)
            self.left[caller] = (max(0.0, left - 1), moment)
            while len(self.left) > REMEMBERED:
                self.left.popitem(last=False)
            return left >= 1

    def check(self, caller: str) -> None:
        """Raise `TooFastError` unless one more is let through."""
        if not self.let(caller):
            raise TooFastError(
                Problem("too-fast", "account", "too many requests of this account", "fewer", "wait a minute")
            )


class Turns:
    """So many at the same time of one caller."""

    def __init__(self, most: int) -> None:
        """`most` at the same time."""
        self.most, self.now = most, Counter[str]()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, caller: str) -> Iterator[None]:
        """One of them. Raises `TooFastError` if there are enough."""
        with self._lock:
            if self.now[caller] >= self.most:
                what = f"{self.most} uploads of your institution are arriving already"
                raise TooFastError(Problem("uploads-many", "upload", what, "fewer", "wait for one to end"))
            self.now[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self.now[caller] -= 1
                if not self.now[caller]:
                    del self.now[caller]
