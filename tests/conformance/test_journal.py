"""The journal of a long run: it goes on after a cut, and asks again what other code answered."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from conformance import journal
from conformance.code import FAULTS, digests
from conformance.compare import Tally
from conformance.journal import Entry, Journal, OtherRunError

CODE = {"": "1", "kernel": "2", "duckdb": "3", FAULTS: "4"}


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "digests", lambda: dict(CODE))


def _entry(number: int, *engines: str, differences: int = 0) -> Entry:
    tally = Tally(200, Counter(true=128), asked=Counter(dict.fromkeys(engines, 200)), differences=differences)
    return Entry(number, engines, tally)


def test_it_goes_on_after_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "state"
    first = Journal.of(path, 1, (200, 64))
    first.add(_entry(0, "kernel", "duckdb"))
    first.add(_entry(1, "kernel"))
    first.hunted("kernel", {"a fault": True})
    path.write_bytes(path.read_bytes() + b'{"number": 2, "eng')
    again = Journal.of(path, 1, (200, 64))
    assert again.done(0) == {"", "kernel", "duckdb"}
    assert again.done(1) == {"", "kernel"}
    assert again.done(2) == set()
    assert again.hunts == {"kernel": {"a fault": True}}
    again.add(_entry(1, "duckdb"))
    whole = Journal.of(path, 1, (200, 64)).tally()
    assert (whole.programs, whole.asked) == (400, Counter(kernel=400, duckdb=400))
    with pytest.raises(OtherRunError, match="another run"):
        Journal.of(path, 2, (200, 64))


@pytest.mark.parametrize(
    ("changed", "left", "hunted"),
    [("kernel", {"", "duckdb"}, False), ("duckdb", {"", "kernel"}, True), ("", set(), False)],
)
def test_what_other_code_answered_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str, left: set[str], hunted: bool
) -> None:
    path = tmp_path / "state"
    first = Journal.of(path, 1, (200, 64))
    first.add(_entry(0, "kernel", "duckdb"))
    first.add(_entry(1, "kernel", "duckdb", differences=3))
    first.hunted("kernel", {"a fault": True})
    # the interpreter's code is part of every engine's
    other = {name: digest if name != changed and changed else "0" for name, digest in CODE.items()}
    monkeypatch.setattr(journal, "digests", lambda: other)
    again = Journal.of(path, 1, (200, 64))
    assert again.done(0) == left
    assert again.done(1) == set()  # which engine differed is not said
    assert again.outdated == 2
    assert bool(again.hunts) == hunted
    assert again.tally().asked == Counter(dict.fromkeys(left - {""}, 200))


def test_other_faults_are_hunted_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engines answered stays as it is."""
    path = tmp_path / "state"
    first = Journal.of(path, 1, (200, 64))
    first.add(_entry(0, "kernel"))
    first.hunted("kernel", {"a fault": False})
    monkeypatch.setattr(journal, "digests", lambda: CODE | {FAULTS: "0"})
    again = Journal.of(path, 1, (200, 64))
    assert (again.done(0), again.hunts, again.outdated) == ({"", "kernel"}, {}, 0)


def test_code_of_an_engine_is_what_it_imports(tmp_path: Path) -> None:
    found = digests()
    assert len(set(found.values())) == len(found)
    path = tmp_path / "state"
    Journal(path, {}, found).add(_entry(0, "kernel"))
    assert json.loads(path.read_text(encoding="utf-8"))["code"] == {"": found[""], "kernel": found["kernel"]}
