"""Answers on a terminal: a table of verdicts, and one explanation as a tree with what would change it.

Colour only repeats what a sign and a word already say, so nothing is lost where there is none (Rich leaves it
out when the output is no terminal).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from gangmu.engine.assess import CaseAnswers, answer
from gangmu.engine.explain import Reason
from gangmu.engine.interpreter import Run
from gangmu.engine.missing import Missing
from gangmu.engine.way import Proposal
from gangmu.report.blocks import block_sentences
from gangmu.report.explanation import explanation_json
from gangmu.report.glance import grouped, sections
from gangmu.report.labels import capital, column_labels, label_of
from gangmu.report.outlook import finding_text, finding_texts, missing_texts, way_texts
from gangmu.report.result import Result
from gangmu.report.sentence import Sentence, without_repeats
from gangmu.report.sentences import sentences
from gangmu.report.verdict import Verdict, verdict
from gangmu.report.words import DECIDES_WORDS, GRADE_WORDS, SIGNS, STATUS_WORDS, say, word
from gangmu.rulebook import model

__all__ = ["explanation_json", "render_explanation", "render_summary"]

MAX_CASES = 40  # more are folded into counts
WIDTH = 100
MAX_RULES = 16  # more are told group by group, or counted
COUNTED_COLUMN, STATUS_COLUMN = 26, 10
MAX_KEY = 24
MAX_COLUMN = 16
MAX_LISTED = 8  # missing facts and findings shown
_STYLES = {
    **dict.fromkeys(("met", "true", "held", "conditions_met"), "green"),
    **dict.fromkeys(("failed", "false", "blocked", "lapsed"), "red"),
    "unknown": "yellow",
}
_SILENT = {"unknown", "not_in_force"}
_DIM = "dim"
_GAP = 2


def render_explanation(  # noqa: PLR0913, PLR0917  an explanation has these parts
    console: Console,
    run: Run,
    tree: Reason,
    missing: Sequence[Missing],
    ways: Sequence[Proposal],
    lang: str = "en",
    *,
    full: bool = False,
) -> None:
    """Print why a rule came out as it did (all of it if `full`), then what would change it."""
    console.print(_title(run, tree, lang), highlight=False)
    console.print()
    for root in _trees(sentences(run, tree, lang, full=full)):
        console.print(root, highlight=False)
    blocking = block_sentences(run, tree, lang)
    _section(console, say(lang, "blocks"), _trees(blocking), "" if blocking else say(lang, "nothing blocks"))
    _section(console, say(lang, "missing"), _missing(run, missing, lang), _no_missing(tree, missing, lang))
    if ways or blocking:
        _section(console, say(lang, "way"), _ways(run, ways, lang), "" if ways else say(lang, "no way"))
    findings = finding_texts(run.book, run.findings, lang)
    if findings:
        _section(console, say(lang, "findings"), [_hanging(Text("!"), Text(text)) for text in findings], "")


def _title(run: Run, tree: Reason, lang: str) -> Text:
    """Rule, case, date; the verdict; who decides; the weakest citation."""
    if tree.rule is None:
        raise TypeError(tree)
    rule, found = tree.rule, answer(run, tree.rule.name)
    told = verdict(run.book, rule.name, found, lang)
    day = say(lang, "as of", day=run.as_of.isoformat())
    title = Text.assemble((capital(label_of(rule, lang)), "bold"), f" · {run.case.key} · {day}\n")
    title.append(f"{told}", style=f"bold {_STYLES.get(told.status, '')}".strip())
    parts = []
    if isinstance(rule.body, model.Channel):
        who = rule.body.who.in_(lang) or word(DECIDES_WORDS, rule.body.decides, lang)
        parts.append(say(lang, "decided by", n=who))
    if found.grade:
        parts.append(say(lang, "grade", n=word(GRADE_WORDS, found.grade, lang)))
    title.append("".join(f" · {part}" for part in parts))
    return title


def _section(console: Console, title: str, items: Iterable[RenderableType], nothing: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    for item in items:
        console.print(Padding(item, (0, 0, 0, 2)), highlight=False)
    if nothing:
        console.print(Padding(Text(nothing, style=_DIM), (0, 0, 0, 2)))


def _trees(lines: Sequence[Sentence]) -> list[Tree]:
    """Lines with a depth as trees."""
    roots: list[Tree] = []
    stack: list[Tree] = []
    for line in without_repeats(lines):
        del stack[line.depth :]
        node = Tree(_line(line), guide_style=_DIM) if not stack else stack[-1].add(_line(line))
        if not stack:
            roots.append(node)
        stack.append(node)
    return roots


def _line(line: Sentence) -> Table:
    """Sign and sentence; below, dim, what it rests on."""
    text = Text(line.text, style="" if line.decides else _DIM)
    if line.details:
        text.append(f"\n{' · '.join(line.details)}", style=_DIM)
    return _hanging(Text(line.sign, style=_STYLES.get(line.status, "")), text)


def _hanging(sign: Text, text: Text) -> Table:
    """A sign with a text that wraps beside it, not below."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(sign, text)
    return grid


def _missing(run: Run, missing: Sequence[Missing], lang: str) -> list[RenderableType]:
    items: list[RenderableType] = []
    for number, item in enumerate(missing_texts(run, missing[:MAX_LISTED], lang), 1):
        text = Text(f"{item.what}")
        text.append(f" – {item.share}" if item.share else "")
        if item.ask:
            text.append(f"\n{item.ask}", style=_DIM)
        items.append(_hanging(Text(f"{number}."), text))
    if len(missing) > MAX_LISTED:
        items.append(Text(say(lang, "and more", n=len(missing) - MAX_LISTED), style=_DIM))
    return items


def _no_missing(tree: Reason, missing: Sequence[Missing], lang: str) -> str:
    if missing:
        return ""
    return say(lang, "nothing missing" if tree.value.is_known else "nothing alone")


def _ways(run: Run, ways: Sequence[Proposal], lang: str) -> list[RenderableType]:
    items: list[RenderableType] = []
    for number, way in enumerate(way_texts(run, ways, lang), 1):
        text = Text(say(lang, "and").join(way.changes) or way.when)
        told = [way.when if way.changes else "", way.note]
        shown = say(lang, "pause").join(part for part in told if part)
        if shown:
            text.append(f"\n{shown}", style=_DIM)
        items.append(_hanging(Text(f"{number}."), text))
    return items


# ---------------------------------------------------------------------- many cases


def render_summary(console: Console, result: Result, lang: str = "en") -> None:
    """Print one row a case and one column a rule; counts instead, where there are many cases."""
    console.print(Text(_heading(result, lang), style="bold"))
    for table in _summary(result, lang, console.width):
        console.print(table)
    console.print(Text(say(lang, "legend"), style=_DIM))
    if result.quarantine:
        console.print(Text(f"! {say(lang, 'quarantined', n=len(result.quarantine))}"))
    for item in result.findings[:MAX_LISTED]:
        text = Text(f"{item.enterprise}: {finding_text(result.book, item.finding, lang)}")
        console.print(_hanging(Text("!"), text))
    if len(result.findings) > MAX_LISTED:
        console.print(Text(say(lang, "and more", n=len(result.findings) - MAX_LISTED), style=_DIM))


def _summary(result: Result, lang: str, width: int) -> list[RenderableType]:
    """A few rules as columns; many rules of one case group by group; many of many as counts."""
    if len(result.rules) > MAX_RULES and len(result) == 1:
        return _glance(result, lang, min(width, WIDTH))
    if len(result) > MAX_CASES or len(result.rules) > MAX_RULES:
        return [*_counts(result, lang)]
    return [*_cases(result, lang, width)]


def _glance(result: Result, lang: str, room: int) -> list[RenderableType]:
    """One case group by group: verdict, what it is about, figures, and the name that one asks for."""
    item = result.answers[0]
    run = Run(result.book, item.case, item.as_of)
    shown: list[RenderableType] = [Text(item.case.key)]
    for section in sections(run, result.rules, item.answers, lang):
        shown.append(Text(f"\n{section.label}", style="bold"))
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0), width=room)
        table.add_column(width=1, no_wrap=True)
        table.add_column(ratio=3, overflow="fold")
        table.add_column(ratio=2, overflow="fold")
        for line in section.lines:
            style = _STYLES.get(line.verdict.status, "")
            label = Text.assemble(f"{line.label}  ", (line.short, _DIM))
            words = Text(line.verdict.words, style=style)
            for part in (line.remark, line.figures):
                words.append(f"{say(lang, 'comma')}{part}" if part else "", style="")
            table.add_row(Text(line.verdict.sign, style=style), label, words)
        if section.lines:
            shown.append(table)
        for key, listed in (("not asked", section.not_asked), ("not in force list", section.not_in_force)):
            if listed:
                shown.append(Text(f"{say(lang, key, n=say(lang, 'pause').join(listed))}", style=_DIM))
    return [*shown, Text()]


def _heading(result: Result, lang: str) -> str:
    days = result.days
    one = len(days) == 1
    shown = say(lang, "as of", day=days[0].isoformat()) if one else say(lang, "own date")
    label = result.book.label.in_(lang) or result.book.name
    count = say(lang, "one case") if len(result) == 1 else say(lang, "cases", n=len(result))
    return f"{label} · {count} · {shown}"


def _column_title(result: Result, place: int, lang: str) -> str:
    """Short enough for a column: the name asked in English, the label in Chinese."""
    if lang == "zh":
        return column_labels(result.book, result.rules, lang)[place]
    return result.names[place].replace("_", " ")


def _cases(result: Result, lang: str, width: int) -> list[Table]:
    """As many tables as it takes for the columns to fit the width."""
    rows = [_verdicts(result, item, lang) for item in result.answers]
    leads = _leads(result, lang)
    taken = sum(max(cell_len(text) for text in (head, *texts)) + _GAP for head, texts in leads)
    room = min(width, WIDTH) - taken
    tables, places, used = [], list[int](), 0
    for place in range(len(result.rules)):
        title = _column_title(result, place, lang)
        need = _column_width(title, [str(row[place]) for row in rows]) + _GAP
        if places and used + need > room:
            tables.append(_case_table(result, leads, rows, places, lang))
            places, used = [], 0
        places.append(place)
        used += need
    return [*tables, _case_table(result, leads, rows, places, lang)]


def _leads(result: Result, lang: str) -> list[tuple[str, list[str]]]:
    """The columns before the verdicts: case; board and date where they say something."""
    answers = result.answers
    columns = [(say(lang, "case"), [item.case.key[:MAX_KEY] for item in answers])]
    boards = [item.case.extra.get("board", "")[:MAX_KEY] for item in answers]
    if any(boards):
        columns.append((say(lang, "board"), boards))
    if len(result.days) > 1:
        columns.append((say(lang, "date"), [item.as_of.isoformat() for item in answers]))
    return columns


def _column_width(title: str, cells: Sequence[str]) -> int:
    """As wide as its longest word, and as wide as its cells, up to a limit."""
    words = [cell_len(word) for word in title.split()]
    return min(MAX_COLUMN, max([*words, *(cell_len(cell) for cell in cells), 1]))


def _verdicts(result: Result, item: CaseAnswers, lang: str) -> list[Verdict]:
    pairs = zip(result.rules, item.answers, strict=True)
    return [verdict(result.book, name, found, lang) for name, found in pairs]


def _case_table(
    result: Result,
    leads: Sequence[tuple[str, Sequence[str]]],
    rows: Sequence[Sequence[Verdict]],
    places: Sequence[int],
    lang: str,
) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for head, _ in leads:
        table.add_column(head, no_wrap=True)
    for place in places:
        title = _column_title(result, place, lang)
        width = _column_width(title, [str(row[place]) for row in rows])
        table.add_column(title, width=width, overflow="fold")
    for number, row in enumerate(rows):
        known = [Text(texts[number]) for _, texts in leads]
        cells = [Text(str(row[place]), style=_STYLES.get(row[place].status, "")) for place in places]
        table.add_row(*known, *cells)
    return table


def _counts(result: Result, lang: str) -> list[RenderableType]:
    """Rules as rows group by group, how many cases have each status as columns."""
    counts = {rule: result.counts(name) for rule, name in zip(result.rules, result.names, strict=True)}
    shown: list[RenderableType] = []
    for label, rules in grouped(result.book, result.rules, lang):
        known = [rule for rule in rules if not counts[rule].keys() <= _SILENT] if label else rules
        statuses = [status for status in SIGNS if any(counts[rule].get(status) for rule in known)]
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        table.add_column(label or say(lang, "rule"), width=COUNTED_COLUMN, overflow="fold")
        for status in statuses:
            head = f"{SIGNS[status]} {word(STATUS_WORDS, status, lang)}"
            table.add_column(head, justify="right", width=STATUS_COLUMN, overflow="fold")
        for rule in known:
            cells = [f"{counts[rule][status]:,}" if counts[rule].get(status) else "" for status in statuses]
            table.add_row(_column_title(result, result.rules.index(rule), lang), *cells)
        rest = [capital(label_of(result.book.rules[rule], lang)) for rule in rules if rule not in known]
        shown.extend([table] if known or not label else [Text(label, style="bold")])
        if rest and label:
            shown.append(Text(say(lang, "nothing known", n=say(lang, "pause").join(rest)), style=_DIM))
        shown.append(Text())
    return shown
