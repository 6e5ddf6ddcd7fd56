"""The files of a book: where its folder is, which files count, and the digest over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from gangmu.errors import Problem, RulebookError

SHIPPED = Path(__file__).parent.parent / "rulebooks"


def find_rulebook(name: str, beside: Path | None = None) -> Path:
    """The folder of a rulebook: a shipped name, or a path (relative to `beside` if given).

    Raises `RulebookError`.
    """
    candidates = [beside / name] if beside else []
    candidates.append(Path(name))
    shipped_name = name.removeprefix("rulebooks/")
    if shipped_name.replace("_", "").replace("-", "").isalnum():
        candidates.append(SHIPPED / shipped_name)
    for folder in candidates:
        if (folder / "rulebook.yaml").is_file():
            return folder
    shipped = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/rulebook.yaml")))
    expected, todo = f"a folder with rulebook.yaml, or one of: {shipped}", "check the name or the path"
    raise RulebookError(Problem("rulebook-missing", name, "is no rulebook", expected, todo))


def is_shipped(name: str) -> bool:
    """Whether a name (no path) is that of a rulebook that comes with Gangmu."""
    return name.replace("_", "").replace("-", "").isalnum() and (SHIPPED / name / "rulebook.yaml").is_file()


def files_of(folder: Path) -> list[Path]:
    """Every file that makes a book, in the order of their paths."""
    pages, data = folder.rglob("*.md"), folder.rglob("*.csv")
    listed = sorted([folder / "rulebook.yaml", folder / "sources.yaml", *pages, *data])
    return [file for file in listed if file.is_file()]


def digest_of(layers: Iterable[tuple[str, Path]]) -> str:
    """SHA-256 over every file of the layers (name and folder, from the base up)."""
    found = hashlib.sha256()
    for layer, folder in layers:
        for file in files_of(folder):
            name = f"{layer}/{file.relative_to(folder).as_posix()}"
            found.update(f"{name}\0".encode() + file.read_bytes())
    return found.hexdigest()
