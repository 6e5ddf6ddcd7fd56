"""Types of values: numbers with a dimension, truth values, codes, levels, dates, texts.

A dimension is a sorted tuple of (base unit, exponent); the empty tuple is a plain ratio, None that of a
literal 0.
"""

from __future__ import annotations

from dataclasses import dataclass

Dimension = tuple[tuple[str, int], ...]
RATIO: Dimension = ()


@dataclass(frozen=True, slots=True)
class NumberType:
    """A number; `dimension` None fits every dimension (the literal 0)."""

    dimension: Dimension | None

    def __str__(self) -> str:
        """Write as people write units: `CNY/person`."""
        if self.dimension is None:
            return "0"
        if not self.dimension:
            return "ratio"
        above = "*".join(
            name if power == 1 else f"{name}^{power}" for name, power in self.dimension if power > 0
        )
        below = "/".join(
            name if power == -1 else f"{name}^{-power}" for name, power in self.dimension if power < 0
        )
        return f"{above or '1'}/{below}" if below else above


@dataclass(frozen=True, slots=True)
class TruthType:
    """True or false."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "condition"


@dataclass(frozen=True, slots=True)
class CodeType:
    """A code; `options` None means any text."""

    options: frozenset[str] | None = None

    def __str__(self) -> str:
        """Write with its options."""
        return "code" if self.options is None else f"code of {{{', '.join(sorted(self.options))}}}"


@dataclass(frozen=True, slots=True)
class LevelType:
    """A place on a scale."""

    scale: tuple[str, ...]

    def __str__(self) -> str:
        """Write with its scale."""
        return f"level of {' < '.join(self.scale)}"


@dataclass(frozen=True, slots=True)
class DateType:
    """A day."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "date"


@dataclass(frozen=True, slots=True)
class TextType:
    """A text that formulas cannot use."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "text"


@dataclass(frozen=True, slots=True)
class TitleType:
    """A title; formulas ask for a state of it by name."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "title"


@dataclass(frozen=True, slots=True)
class ScaleType:
    """A scale itself, no value."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "scale"


@dataclass(frozen=True, slots=True)
class NamedType:
    """A thing that a document names, no value."""

    def __str__(self) -> str:
        """Write the word used in messages."""
        return "named thing"


Type = NumberType | TruthType | CodeType | LevelType | DateType | TextType | TitleType | ScaleType | NamedType

TRUTH = TruthType()
DATE = DateType()
YEAR = NumberType((("calendar_year", 1),))
PLAIN = NumberType(RATIO)
