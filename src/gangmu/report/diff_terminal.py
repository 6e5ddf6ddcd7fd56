"""Two runs compared, on a terminal: what differs at all, counts by reason, each answer with what moved it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gangmu.report.change_words import tell
from gangmu.report.compared_runs import comparable, differ
from gangmu.report.diff import REASONS, DiffLine, DiffResult
from gangmu.report.words import say

MOST = 30  # answers told one by one
MOST_KEYS = 8
SHORT = 12  # signs of a digest


def render_diff(console: Console, result: DiffResult, lang: str) -> None:
    """Print the comparison."""
    compared = result.compared
    one, two = (run.path for run in compared.runs)
    console.print(Text(tell(lang, "diff title", a=one, b=two), style="bold"), highlight=False)
    for told in _records(result, lang):
        console.print(Padding(Text(told, style="dim"), (0, 0, 0, 2)), highlight=False)
    told = tell(lang, "diff common", n=f"{compared.common:,}", m=len(compared.asked), k=f"{len(result):,}")
    console.print(told, highlight=False)
    for key, keys in (("diff gone", compared.gone), ("diff new", compared.new)):
        if keys:
            console.print(tell(lang, key, n=_some(keys, lang)), highlight=False, markup=False)
    if result.missing and result.lines:
        why = say(lang, "pause").join(tell(lang, key) for key in result.missing)
        console.print(Text(tell(lang, "diff missing", n=why), style="yellow"), highlight=False)
    if result.lines:
        console.print()
        console.print(_counts(result, lang), highlight=False)
    for line in result.lines[:MOST]:
        console.print()
        console.print(_line(result, line, lang), highlight=False)
    if len(result) > MOST:
        console.print(tell(lang, "further", n=len(result) - MOST))


def _records(result: DiffResult, lang: str) -> list[str]:
    """What differs between the records."""
    runs = result.compared.runs
    told = [tell(lang, "diff same law")]
    if differ(runs, "rulebook_digest"):
        books = [
            f"{run.text('rulebook')} {run.text('rulebook_version')} {run.text('rulebook_digest')[:SHORT]}"
            for run in runs
        ]
        told = [tell(lang, "diff law", a=books[0], b=books[1])]
    digests = [run.text("evidence_digest") for run in runs]
    same = "diff same evidence" if digests[0] == digests[1] else "diff evidence"
    key = same if comparable(runs) else "diff unknown evidence"
    told.append(tell(lang, key))
    days = [run.text("as_of") for run in runs]
    told.append(
        tell(lang, "diff time", a=days[0], b=days[1]) if days[0] != days[1] else tell(lang, "diff same time")
    )
    versions = [run.text("gangmu") for run in runs]
    if versions[0] != versions[1]:
        told.append(
            say(
                lang,
                "colon",
                a=tell(lang, "part software"),
                b=tell(lang, "turn", a=versions[0], b=versions[1]),
            )
        )
    return told


def _counts(result: DiffResult, lang: str) -> Table:
    """A row a rule, a column a reason that occurs."""
    counts = result.counts()
    reasons = [reason for reason in REASONS if any(found[reason] for found in counts.values())]
    table = Table(box=None, pad_edge=False)
    table.add_column(tell(lang, "col answer"), overflow="fold")
    for reason in reasons:
        table.add_column(tell(lang, f"part {reason}"), justify="right", overflow="fold")
    for rule, found in counts.items():
        table.add_row(
            result.label(rule, lang), *(f"{found[reason]:,}" if found[reason] else "" for reason in reasons)
        )
    return table


def _line(result: DiffResult, line: DiffLine, lang: str) -> Text:
    texts = result.texts(line, lang)
    turn = tell(lang, "turn", a=texts["before"], b=texts["after"])
    text = Text(f"{texts['enterprise']} · {say(lang, 'colon', a=texts['label'], b=turn)}")
    text.append(f"\n  {texts['parts']}", style="bold")
    for sentence, source, grade in result.because(line, lang):
        text.append(f"\n  {sentence}")
        text.append(f"\n    {say(lang, 'brackets', a=source, b=grade)}" if source else "", style="dim")
    shares = [
        tell(lang, "share", a=tell(lang, f"part {part}"), b=f"{number:+,.2f}")
        for part, number in line.shares().items()
    ]
    if len(shares) > 1:
        text.append(f"\n  {tell(lang, 'shares', n=say(lang, 'list').join(shares))}")
    return text


def _some(keys: Sequence[str], lang: str) -> str:
    told = say(lang, "list").join(keys[:MOST_KEYS])
    if len(keys) <= MOST_KEYS:
        return told
    return tell(lang, "and others", a=told, n=len(keys) - MOST_KEYS)
