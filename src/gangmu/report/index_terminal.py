"""An index on a terminal: ranks with their bands, the methods, which choice matters."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gangmu.plan.index.frame import TOP
from gangmu.report.index_words import say
from gangmu.report.indexed import IndexResult
from gangmu.report.labels import capital
from gangmu.report.words import GRADE_WORDS, word

MOST_PARTS = 6  # groups of the top shown beside the score
NEEDED, PART = 52, 10  # columns of a terminal: for the rest of a row, and for each part
_DIM = "dim"
_TRACK = 24  # characters of the rank axis


def render_index(console: Console, result: IndexResult, lang: str = "en", most: int = 0) -> None:
    """Print an index; `most` units (0: all)."""
    computed = result.computed
    label = result.label(TOP, lang)
    head = f"{label} · {computed.year}" if computed.year else label
    told = say(lang, "units of", n=len(computed.population.units))
    console.print(Text(f"{head} · {told}", style="bold"), highlight=False)
    console.print()
    console.print(_ranks(result, lang, most, console.width))
    for line in notes_text(result, lang):
        console.print(Text(line, style=_DIM), highlight=False)
    console.print()
    console.print(_methods(result, lang))
    if result.sensitivity is not None:
        console.print()
        console.print(Text(say(lang, "sobol", n=f"{result.sensitivity.runs:,}")), highlight=False)
        console.print(_sobol(result, lang))


def _ranks(result: IndexResult, lang: str, most: int, width: int) -> Table:
    """A row a unit; the parts where there is room for them."""
    top = next(group for group in result.computed.frame.groups if group.name == TOP)
    room = min(MOST_PARTS, (width - NEEDED) // PART)
    parts = top.children if len(top.children) <= room else ()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(capital(say(lang, "rank")), justify="right", overflow="fold")
    table.add_column(capital(say(lang, "unit")), overflow="fold")
    table.add_column(capital(say(lang, "score")), justify="right", no_wrap=True)
    if result.uncertainty is not None:
        table.add_column(capital(say(lang, "band")), no_wrap=True)
    if result.body.tiers:
        table.add_column(capital(say(lang, "tier")), justify="right", overflow="fold")
    for part in parts:
        table.add_column(result.label(part, lang), justify="right", overflow="fold")
    for place in result.order[: most or None]:
        cells = [str(result.computed.ranks[place] or "–"), result.computed.population.names[place].in_(lang)]
        cells.append(_score(result.computed.score[place]))
        if result.uncertainty is not None:
            cells.append(_band(result, place))
        if result.body.tiers:
            cells.append(result.tier_text(place))
        cells += [_score(result.computed.scores[part][place]) for part in parts]
        table.add_row(*cells)
    return table


def _band(result: IndexResult, place: int) -> str:
    """The interval of ranks in figures, and drawn along an axis on which the first rank is to the left."""
    made = result.uncertainty
    if made is None or not made.low[place]:
        return ""
    low, high = int(made.low[place]), int(made.high[place])
    last = max(int(result.computed.ranks.max()) - 1, 1)
    width = min(_TRACK, last + 1)
    start, end, own = (
        round((rank - 1) / last * (width - 1)) for rank in (low, high, int(result.computed.ranks[place]))
    )
    drawn = "".join("●" if at == own else "─" if start <= at <= end else " " for at in range(width))
    return f"{low:>3}-{high:<3} {drawn}"


def notes_text(result: IndexResult, lang: str) -> list[str]:
    """What a reader has to know beside the table."""
    notes, lines = result.notes(), []
    cover = result.body.covers.in_(lang)
    if cover:
        lines.append(cover)
    for key, count in (("missing cells", "missing"), ("filled cells", "filled")):
        if notes[count]:
            lines.append(say(lang, key, n=notes[count], m=f"{notes['cells']:,}"))
    for key in ("beyond", "constant", "unranked"):
        names = notes[key]
        if isinstance(names, list) and names:
            lines.append(say(lang, key, n=len(names), names=", ".join(map(str, names))))
    if result.uncertainty is None:
        lines.append(say(lang, "no runs"))
    else:
        runs, factors = result.record.get("runs"), len(result.body.vary)
        lines.append(say(lang, "runs", n=f"{runs:,}", m=factors, seed=result.record.get("seed")))
    if result.grade:
        lines.append(say(lang, "weakest", grade=word(GRADE_WORDS, result.grade, lang)))
    return lines


def _methods(result: IndexResult, lang: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in ("stage", "method", "on what"):
        table.add_column(capital(say(lang, key)), overflow="fold")
    for one in result.methods(lang):
        told = f"{one['word']} ({one['options']})" if one["options"] else str(one["word"])
        table.add_row(say(lang, f"stage {one['stage']}"), told, str(one["standing"]))
    return table


def _sobol(result: IndexResult, lang: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in ("factor", "first", "interval", "total", "interval"):
        left = key == "factor"
        table.add_column(capital(say(lang, key)), justify="left" if left else "right", overflow="fold")
    for one in result.sobol():
        cells = [say(lang, f"stage {one['factor']}")]
        for kind in ("first", "total"):
            cells += [_two(one[kind]), f"{_two(one[f'{kind}.low'])} … {_two(one[f'{kind}.high'])}"]
        table.add_row(*cells)
    return table


def render_audit(console: Console, result: IndexResult, lang: str = "en") -> None:
    """Print the statistical audit: findings, then a row an element."""
    console.print()
    console.print(Text(say(lang, "audit head"), style="bold"), highlight=False)
    for line in findings_text(result, lang):
        console.print(Text(line), highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = {
        "group": "part of", "element": "indicator", "with_group": "with group", "with_index": "with index",
        "weight": "weight", "influence": "influence", "alpha": "alpha", "gone": "left out",
    }  # fmt: skip
    for key in heads.values():
        table.add_column(capital(say(lang, key)), overflow="fold")
    for row in audit_text(result, lang):
        table.add_row(*(row[key] for key in heads))
    console.print(table)


def audit_text(result: IndexResult, lang: str) -> list[dict[str, str]]:
    """A row an element of the audit, with what leaving it out does."""
    out = {one.element: one for one in result.without}
    rows = []
    for one in result.audits:
        for place, child in enumerate(one.children):
            gone = out.get(child)
            rows.append({
                "group": result.label(one.group, lang), "element": result.label(child, lang),
                "with_group": _score(one.with_score[place]), "with_index": _score(one.with_top[place]),
                "weight": _percent(one.share[place]), "influence": _percent(one.influence[place]),
                "alpha": "" if one.alpha is None or place else _score(one.alpha),
                "gone": "" if gone is None else f"{gone.mean:.1f}, {gone.most}",
            })  # fmt: skip
    return rows


def findings_text(result: IndexResult, lang: str) -> list[str]:
    """The findings of the audit in words."""
    found = []
    for flag in result.findings():
        names = [result.label(one, lang) for one in flag.elements]
        parts = dict(zip("ab", names, strict=False))
        found.append(say(lang, f"flag {flag.kind}", v=f"{flag.value:.2f}", **parts))
    return found or [say(lang, "no flags")]


def _percent(value: float) -> str:
    return "–" if value != value else f"{100 * value:.0f}%"  # noqa: PLR0124  NaN


def _score(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"  # noqa: PLR0124  NaN


def _two(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "–"
