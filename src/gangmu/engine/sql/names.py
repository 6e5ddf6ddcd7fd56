"""Column names: the rulebook's own, made unique, and short enough for PostgreSQL's 63 bytes."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 63
_ROOM = 6  # for the number of a name given before


class Names:
    """Gives names that no other column has."""

    def __init__(self) -> None:
        """Begin with none."""
        self._given: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """The name wished for, or one like it. Compared without case, since some dialects do."""
        short = wish.encode()[: MAX_BYTES - _ROOM].decode(errors="ignore")
        known = short.lower()
        count = self._given[known] = self._given.get(known, 0) + 1
        return short if count == 1 else self.new(f"{short}~{count}")
