"""Rules for a reader: the list, and one rule or page with its editions, its sources and who reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from gangmu.errors import Problem, QuestionError
from gangmu.report.words import GRADE_WORDS, word
from gangmu.rulebook import model
from gangmu.rulebook.graph import graph_of


def find_rule(book: model.Rulebook, name: str) -> str:
    """The full name of a rule. Raises `QuestionError` with near names."""
    found = book.names.get(name, ())
    if len(found) == 1:
        return found[0]
    if found:
        raise QuestionError(
            Problem(
                "name-ambiguous",
                "rules",
                f"`{name}` can mean {' or '.join(found)}",
                "one rule",
                "use the full name",
            )
        )
    near = difflib.get_close_matches(name, [*book.names, *book.pages], n=3, cutoff=0.5)
    todo = f"did you mean {', '.join(near)}?" if near else "see `gangmu rules`"
    raise QuestionError(
        Problem("name-unknown", "rules", f"no rule or page is called `{name}`", "a rule or page", todo)
    )


def rule_dict(book: model.Rulebook, full: str) -> dict[str, Any]:
    """A rule as plain data.

    Names, labels, kind, unit or type, editions with their sources, what it reads, who reads it.
    """
    rule, graph = book.rules[full], graph_of(book)
    return {
        "name": full,
        "kind": rule.kind,
        "type": str(rule.type),
        "label": {"en": rule.label.en, "zh": rule.label.zh},
        "note": rule.note,
        "layer": rule.layer,
        "where": str(rule.where),
        "editions": [
            {
                "from": edition.start.isoformat() if edition.start else None,
                "to": edition.end.isoformat() if edition.end else None,
                "conditional": edition.when is not None,
                "cites": [
                    {"source": cite.source, "at": cite.at, "grade": cite.grade}
                    for cite in edition.standing.cites
                ],
                "ours": edition.standing.ours,
                "numbers": numbers_of(edition),
            }
            for edition in rule.editions
        ],
        "reads": sorted(graph.direct[full]),
        "read_by": sorted(graph.readers.get(full, ())),
    }


def numbers_of(edition: model.Edition) -> dict[str, str]:
    """The numbers of an edition by path (`small.le`), as written."""
    body = edition.body
    if not isinstance(body, model.Table):
        return {}
    found = {f"{row.name}.{side}": number.text for row in body.rows for side, number in row.bounds.items()}
    for row in body.rows:
        if row.cell.number is not None:
            found["value" if row.name == "value" else f"{row.name}.value"] = row.cell.number.text
        elif row.cell.band is not None:
            found[f"{row.name}.value"] = f"{row.cell.band[0].text} to {row.cell.band[1].text}"
        else:
            found[f"{row.name}.value"] = str(
                row.cell.code if row.cell.code is not None else row.cell.truth
            ).lower()
    return found


def list_rules(console: Console, book: model.Rulebook, names: Iterable[str], lang: str) -> None:
    """A table of rules, page by page."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "kind", "label", "from", "to", "grade"):
        table.add_column(heading, overflow="fold")
    for name in names:
        rule = book.rules[name]
        starts = [edition.start for edition in rule.editions if edition.start]
        ends = [edition.end for edition in rule.editions]
        grades = [
            edition.standing.grade or ("ours" if edition.standing.ours else "") for edition in rule.editions
        ]
        table.add_row(
            name,
            rule.kind,
            rule.label.in_(lang),
            str(min(starts)) if starts else "",
            str(max(end for end in ends if end)) if ends and all(ends) else "",
            max(
                grades,
                key=lambda grade: model.GRADES.index(grade) if grade in model.GRADES else -1,
                default="",
            ),
        )
    console.print(table)
    console.print(Text(f"{table.row_count} rules"), style="dim")


def show_rule(console: Console, book: model.Rulebook, name: str, lang: str) -> None:
    """One rule with its editions, sources and dependents; or a whole page (by name or stem) as prose."""
    pages = [page for page in book.pages.values() if name in (page.name, page.name.rpartition("/")[2])]
    if pages and name not in book.names:
        for page in pages:
            console.print(Markdown(page.text))
        return
    full = find_rule(book, name)
    rule, told = book.rules[full], rule_dict(book, full)
    console.print(Text(f"{rule.label.in_(lang) or rule.short}", style="bold"))
    console.print(Text(f"{full} · {rule.kind} · {rule.type} · {rule.where} · {rule.layer}", style="dim"))
    if rule.note:
        console.print(Text(rule.note))
    for edition in told["editions"]:
        when = f"{edition['from'] or '…'} – {edition['to'] or '…'}" + (
            " (on a condition)" if edition["conditional"] else ""
        )
        console.print(Text(f"\n{when}", style="bold"))
        for path, number in edition["numbers"].items():
            console.print(Text(f"  {path}: {number}"))
        for cite in edition["cites"]:
            source = book.sources[cite["source"]]
            console.print(
                Text(f"  {source.title.in_(lang)} {cite['at']}; {word(GRADE_WORDS, cite['grade'], lang)}")
            )
        if edition["ours"]:
            console.print(Text(f"  ours: {edition['ours']}"))
    for heading, names in (("reads", told["reads"]), ("is read by", told["read_by"])):
        if names:
            console.print(Text(f"\n{heading}", style="bold"))
            for other in names:
                console.print(Text(f"  {other}  {book.rules[other].label.in_(lang)}"))
