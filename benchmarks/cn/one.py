"""One enterprise under the whole rulebook `cn`: its outcomes with related rows, and a full explanation.

The enterprise is that of `examples/small_firm`; its rights are repeated until there are twenty related rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worker import Work, serve

from gangmu.book import Explanation, load

FIRM = Path(__file__).parents[2] / "examples" / "small_firm"
DAY = "2026-06-30"
ROWS = 20
REPEATS, EXPLAINED = 50, 20  # in a run


def firm() -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], Any]:
    """Its facts and related rows as texts, and its case."""
    book = load("cn")
    case = next(iter(book.read(FIRM).cases()))
    facts = {name: told[0].text for name, told in case.facts.items() if told[0].text}
    rows = {
        entity: [{name: told[0].text for name, told in row.facts.items() if told[0].text} for row in listed]
        for entity, listed in case.rows.items()
    }
    rights = rows["patent"]
    while sum(map(len, rows.values())) < ROWS:
        again = dict(rights[len(rights) % 5])
        again["number"] = f"again {len(rights)}"
        rights.append(again)
    return facts, rows, case


def outcomes(_: Path) -> Work:
    """All outcomes of the book."""
    facts, rows, _case = firm()
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


def explanation(_: Path) -> Work:
    """One outcome with its reasons, what is missing, and the shortest lawful ways."""
    book = load("cn")
    read = book.read(FIRM)
    [name] = (
        [book.model.names["hnte_open"][0]] if "hnte_open" in book.model.names else [book.model.outcomes[0]]
    )

    def run() -> Explanation:
        for _ in range(EXPLAINED):
            found = book.explain_run(book.run(read, as_of=DAY), name)
        return found

    return Work(run, times=1 / EXPLAINED)


if __name__ == "__main__":
    serve({"outcomes": outcomes, "explanation": explanation})
