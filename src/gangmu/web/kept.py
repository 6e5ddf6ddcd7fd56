"""What was worked out and will be asked again: the last few, in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by what they were made from; those not asked for the longest give way. Threads may share it."""

    def __init__(self, most: int) -> None:
        """At most `most` values are kept."""
        self.most = most
        self._made: OrderedDict[tuple[object, ...], T] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: tuple[object, ...]) -> T | None:
        """What was made under this key, if it is still there."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def __call__(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made under this key, or made now."""
        found = self.known(key)
        if found is not None:
            return found
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self.most:
                self._made.popitem(last=False)
        return made
