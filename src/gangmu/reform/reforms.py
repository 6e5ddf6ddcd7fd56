"""Reforms as people write them: `NAME=VALUE`, a file of several, a sweep between two values, an overlay.

A sweep `NAME=lo:hi:n` is n reforms at even distances, both ends included, exact; several sweeps are their
grid. A reform of structure is a rulebook that `extends` the base: then its pages say what changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

from gangmu.errors import Problem, QuestionError
from gangmu.reform.change import Change, changed_book, read_changes, read_value
from gangmu.reform.numbers import find_number, number_at, path_of
from gangmu.rulebook import located, model
from gangmu.rulebook.load import load
from gangmu.rulebook.model import Label
from gangmu.rulebook.quantity import read_number
from gangmu.rulebook.types import DATE

NO_LABEL = Label()
MAX_REFORMS = 10_000
MAX_FILE = 1_000_000  # characters
_MILLION = 10**6
_DIGITS = re.compile(r"\s*[+-]?\d[\d,]*(?:\.\d+)?")
_FILE = "a list of {name, label, set: {NAME: VALUE}}, or one of them"


@dataclass(frozen=True, slots=True)
class Reform:
    """One changed book, what it is called, and the numbers that differ (none, of an overlay)."""

    name: str
    book: model.Rulebook
    changes: tuple[Change, ...] = ()
    label: Label = NO_LABEL

    @property
    def digest(self) -> str:
        """The digest of the changed book."""
        return self.book.digest

    @property
    def places(self) -> frozenset[str]:
        """The rules (full names) whose numbers differ."""
        return frozenset(change.place.rule for change in self.changes)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Values that a number takes one after the other; `paths` as written (several joined by `+`)."""

    paths: str
    texts: tuple[str, ...]


def reform_of(
    base: model.Rulebook, given: Iterable[tuple[str, str]], name: str = "", label: Label = NO_LABEL
) -> Reform:
    """One reform from paths and values. Raises `QuestionError`."""
    changes = read_changes(base, given)
    if not changes:
        todo = "name at least one number"
        raise QuestionError(Problem("reform-empty", name or "reform", "changes nothing", "NAME=VALUE", todo))
    return Reform(name or "; ".join(map(str, changes)), changed_book(base, changes), changes, label)


def split_setting(text: str) -> tuple[str, str]:
    """`NAME=VALUE` as its two sides. Raises `QuestionError`."""
    path, sign, value = text.partition("=")
    if not sign or not path.strip() or not value.strip():
        raise QuestionError(Problem("setting-invalid", text, "is no setting", "NAME=VALUE", "write it so"))
    return path.strip(), value.strip()


# ---------------------------------------------------------------------- sweeps


def read_sweep(base: model.Rulebook, text: str) -> Sweep:
    """`NAME=lo:hi:n` as n values at even distances, each with at most six decimals in the unit written.

    Raises `QuestionError`.
    """
    paths, values = split_setting(text)
    parts = [part.strip() for part in values.split(":")]
    if len(parts) != 3 or not parts[2].isdigit() or not 2 <= int(parts[2]) <= MAX_REFORMS:  # noqa: PLR2004
        expected = f"NAME=LOWEST:HIGHEST:STEPS, with 2 to {MAX_REFORMS:,} steps"
        raise QuestionError(Problem("sweep-invalid", text, "is no sweep", expected, "e.g. floor=1%:10%:10"))
    place = find_number(base, paths.partition("+")[0])
    like, path = number_at(base, place), path_of(base, place)
    low, high = (read_value(like, path, part).value for part in parts[:2])
    count = int(parts[2])
    steps = [low + (high - low) * step / (count - 1) for step in range(count)]
    if like.type == DATE:
        texts = [date.fromordinal(round(step)).isoformat() for step in steps]
    else:
        texts = [_written(step, parts[1] if high else parts[0]) for step in steps]
    return Sweep(paths, tuple(dict.fromkeys(texts)))


def _written(value: Fraction, like: str) -> str:
    """A value as a text in the unit of another."""
    match = _DIGITS.match(like)
    assert match is not None  # noqa: S101  it has been read as a number
    number, unit = Fraction(match.group().replace(",", "")), like[match.end() :]
    if number == 0:
        return str(value)
    digits = f"{Decimal(round(value * number / read_number(like)[0] * _MILLION)) / _MILLION:f}"
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + unit


def grid(
    base: model.Rulebook, sweeps: Sequence[Sweep], fixed: Sequence[tuple[str, str]] = ()
) -> tuple[Reform, ...]:
    """Every combination of the sweeps' values, each beside the fixed ones. Raises `QuestionError`."""
    count = 1
    for sweep in sweeps:
        count *= len(sweep.texts)
    if count > MAX_REFORMS:
        what, todo = f"{count:,} reforms in one grid", "take fewer steps"
        raise QuestionError(Problem("sweep-invalid", "sweep", what, f"at most {MAX_REFORMS:,}", todo))
    steps = product(*([(sweep.paths, text) for text in sweep.texts] for sweep in sweeps))
    return tuple(reform_of(base, [*fixed, *step]) for step in steps)


# ---------------------------------------------------------------------- files and overlays


def read_reform(base: model.Rulebook, where: str | Path) -> tuple[Reform, ...]:
    """The reforms of a YAML file, or the one that a folder's rulebook makes of the base.

    Raises `QuestionError` or `RulebookError`.
    """
    path = Path(where)
    return (_overlay(base, path),) if path.is_dir() else _from_file(base, path)


def _overlay(base: model.Rulebook, folder: Path) -> Reform:
    """A rulebook that extends the base: its pages are the reform."""
    book = load(folder)
    count = len(base.layers)
    shared = [name for name in base.rules if name in book.rules]
    if book.layers[:count] != base.layers or len(book.layers) == count or len(shared) < len(base.rules):
        what = f"`{book.name}` does not extend `{base.name}`"
        todo = f"write `extends:` in {folder.name}/rulebook.yaml"
        raise QuestionError(
            Problem("reform-invalid", str(folder), what, f"a rulebook over {base.name}", todo)
        )
    return Reform(book.name, book, (), book.label)


def _from_file(base: model.Rulebook, path: Path) -> tuple[Reform, ...]:
    """All reforms of a file, with everything that is wrong in it."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_FILE + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is no text"
        todo = "check the path"
        raise QuestionError(
            Problem("file-unreadable", str(path), f"cannot be read: {why}", _FILE, todo)
        ) from None
    if len(text) > MAX_FILE:
        raise QuestionError(Problem("file-unreadable", str(path), "is too long", f"{MAX_FILE:,} characters"))
    node, problems = located.read_yaml(text, path.name)
    listed = node if isinstance(node, located.Sequence) else [node]
    if problems:
        raise QuestionError(problems)
    found: list[Reform] = []
    for number, item in enumerate(listed, 1):
        try:
            found.append(_from_node(base, item, f"{path.name}:{getattr(item, 'line', 1)}", number))
        except QuestionError as error:
            problems.extend(error.problems)
    names = [reform.name for reform in found]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        what = f"`{twice[0]}` is the name of several reforms"
        problems.append(Problem("key-twice", path.name, what, "each name once", "rename one"))
    if problems:
        raise QuestionError(problems)
    return tuple(found)


def _from_node(base: model.Rulebook, node: located.Node | None, where: str, number: int) -> Reform:
    """One reform of a file."""
    given = located.get(node, "set") if isinstance(node, located.Mapping) else None
    if not isinstance(node, located.Mapping) or not isinstance(given, located.Mapping):
        raise QuestionError(Problem("reform-invalid", where, "is no reform", _FILE, "write it so"))
    if unknown := [key for key in node if key not in ("name", "label", "set")]:
        what = f"`{unknown[0]}` is not a key of a reform"
        raise QuestionError(Problem("key-unknown", where, what, "name, label, set", "remove or correct it"))
    if wrong := [key for key, value in given.items() if not isinstance(value, located.Text)]:
        what = f"`{wrong[0]}` has no one value"
        raise QuestionError(
            Problem("value-invalid", where, what, "NAME: VALUE", "write a number with its unit")
        )
    label = _label(located.get(node, "label"))
    name = str(located.get(node, "name") or label.en or f"reform {number}")
    return reform_of(base, [(str(key), str(value)) for key, value in given.items()], name, label)


def _label(node: located.Node | None) -> Label:
    if isinstance(node, located.Mapping):
        return Label(str(located.get(node, "en") or ""), str(located.get(node, "zh") or ""))
    return Label(str(node or ""))
