"""One enterprise under the whole rulebook `cn`: its outcomes with related rows, and one of them explained.

The enterprise is that of `examples/small_firm`, with twenty of its related rows. What is explained is blocked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from worker import Work, serve

from gangmu.book import Explanation, load
from gangmu.engine.assess import outcome

FIRM = Path(__file__).parents[2] / "examples" / "small_firm"
DAY = "2026-06-30"
ROWS = 20
BLOCKED = "little_giant"
REPEATS, EXPLAINED = 50, 5  # in a run


def firm() -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Its facts and related rows as texts; of each kind of rows as many as give twenty in all."""
    case = next(iter(load("cn").read(FIRM).cases()))
    facts = {name: told[0].text for name, told in case.facts.items() if told[0].text}
    rows = {
        entity: [{name: told[0].text for name, told in row.facts.items() if told[0].text} for row in listed]
        for entity, listed in case.rows.items()
    }
    while sum(map(len, rows.values())) > ROWS:
        max(rows.values(), key=len).pop()
    return facts, rows


def outcomes(_: Path) -> Work:
    """All outcomes of the book."""
    facts, rows = firm()
    ask = load("cn").prepared(as_of=DAY)

    def run() -> object:
        for _ in range(REPEATS):
            told = ask(facts, rows)
            found = [told[name].status for name in told]
        return found

    about = {
        "rows": sum(map(len, rows.values())),
        "outcomes": len(ask.names),
        "interpreted": len(ask.interpreted),
    }
    return Work(run, times=1 / REPEATS, about=about)


def _one(told: Callable[[Explanation], object]) -> Work:
    """One outcome, blocked, of the enterprise as facts in hand, and something of its explanation."""
    facts, rows = firm()
    book = load("cn")
    ask = book.prepared([BLOCKED], as_of=DAY)
    name = ask.names[BLOCKED]

    def run() -> object:
        for _ in range(EXPLAINED):
            found = told(book.explain_run(ask.run(facts, rows), name))
        return found

    return Work(run, times=1 / EXPLAINED, about={"status": outcome(ask.run(facts, rows), name).status})


def answer(_: Path) -> Work:
    """The answer, none of its reasons looked at."""
    return _one(lambda why: why.tree.value)


def reasons(_: Path) -> Work:
    """All that the answer rests on, with its grade."""
    return _one(lambda why: [(reason.value, reason.standing) for reason in why.tree.deciding()])


def ways(_: Path) -> Work:
    """What is missing, and the shortest lawful ways."""
    return _one(lambda why: (why.missing, why.ways))


if __name__ == "__main__":
    serve({"outcomes": outcomes, "answer": answer, "reasons": reasons, "ways": ways})
