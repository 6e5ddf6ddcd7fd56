"""Targets on a terminal: a table by task with sparklines, what sources dispute, and the backtest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gangmu.plan.standing import indicator_of
from gangmu.plan.track import Tracked
from gangmu.report.labels import capital, label_of
from gangmu.report.tracked import Tracking, has_target
from gangmu.report.tracked_numbers import bounded, chance, percent, short, sparkline, unit_words
from gangmu.report.tracked_words import ASIDE, GRADE, LEVEL, MODEL, SIGN, STATUS, tell
from gangmu.report.words import word
from gangmu.rulebook import model

if TYPE_CHECKING:
    from gangmu.plan.backtest import Trial
    from gangmu.plan.local import Split
    from gangmu.plan.propose import Drafted

_COLOURS = {
    "met": "green", "on_track": "green", "likely": "cyan", "off_track": "red", "missed": "red",
    "disputed": "yellow", "not_judgeable": "yellow", "no_target": "dim",
}  # fmt: skip
_DIM = "dim"
NARROWEST = 22  # cells of the column of indicators
COLUMNS = ("base any", "target any", "latest", "trend", "way", "pace", "ends", "chance")
AHEAD = ("ends", "chance")
WORDS = ("indicator", "trend", "status", "grade")
DROPPED = ("grade", "way", "base any", "trend", "pace")
NOTHING = "–"
TRIED = (
    "known by", "points", "last known", "forecast", "band any", "held", "error", "naive", "linear",
)  # fmt: skip
PROPOSED = (
    "indicator", "points", "last value", "year", "draft", "chance", "with 50%", "with 70%", "with 90%",
    "remarks",
)  # fmt: skip
INDENT = {"province": "  ", "city": "    ", "county": "      "}


def render_tracking(console: Console, result: Tracking, lang: str = "en") -> None:
    """Print the targets."""
    counts = tell(lang, "list").join(
        tell(lang, "counted", n=count, status=word(STATUS, status, lang))
        for status, count in result.counts.items()
    )
    title = result.book.label.in_(lang) or result.book.name
    head = f"{title} · {tell(lang, 'title', day=result.as_of.isoformat())}"
    console.print(Text(head, style="bold"), highlight=False)
    console.print(Text(tell(lang, "count", n=len(result), counts=counts)), highlight=False)
    console.print()
    _tables(console, result, lang)
    _splits(console, result, lang)
    _conflicts(console, result, lang)
    _aside(console, result, lang)
    console.print(Text(tell(lang, "pace says"), style=_DIM), highlight=False)
    if any(one.projections or one.reach for one in result.targets):
        console.print(Text(band_says(lang), style=_DIM), highlight=False)
    if result.others:
        console.print(Text(tell(lang, "more", n=result.others), style=_DIM), highlight=False)


def band_says(lang: str) -> str:
    """How bands and chances are made."""
    from gangmu.plan.forecast import calibration

    known = calibration()
    cases = sum(errors.cases for errors in known.errors.values())
    return tell(
        lang,
        "band says",
        models=tell(lang, "list").join(word(MODEL, name, lang) for name in known.combined),
        cases=f"{cases:,}",
    )


def _tables(console: Console, result: Tracking, lang: str) -> None:
    """A table a task, all with the same columns, so that numbers stand under one another."""
    ahead = any(one.projections or one.reach for one in result.targets)
    years = Counter(one.standing.target.year for one in result.targets if one.standing.target)
    year = years.most_common(1)[0][0] if years else 0
    keys = ["indicator", *(key for key in COLUMNS if ahead or key not in AHEAD), "status", "grade"]
    rows = {one.key: _cells(one, lang) for one in result.targets}
    heads = {key: Text(tell(lang, key, year=year)) for key in keys}
    widths = {key: max(cells[key].cell_len for cells in (heads, *rows.values())) for key in keys}
    for key in DROPPED:  # what matters least goes first where the terminal is narrow
        if sum(widths.values()) - widths["indicator"] + len(widths) + NARROWEST > console.width:
            widths.pop(key, None)
    room = console.width - sum(widths.values()) + widths["indicator"] - len(widths)
    widths["indicator"] = max(NARROWEST, min(widths["indicator"], room))
    console.print(_grid(widths, [heads], "bold"), highlight=False)
    for task, targets in result.tasks:
        if not targets and not task:
            continue
        name = capital(label_of(result.book.rules[task], lang)) if task else tell(lang, "whole")
        title = Text(f"{result.book.rules[task].short} {name}" if task else name, style="bold")
        if not targets:
            title.append(f" · {tell(lang, 'no indicator')}", style=_DIM)
        console.print(title, highlight=False)
        console.print(_grid(widths, [rows[one.key] for one in targets]), highlight=False)


def _grid(widths: Mapping[str, int], rows: Sequence[Mapping[str, Text]], style: str = "") -> Table:
    """Rows in columns of given widths, folded where longer; words stand to the left, numbers to the right."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for key, width in widths.items():
        table.add_column(
            width=width + 1, justify="left" if key in WORDS else "right", overflow="fold", style=style,
        )  # fmt: skip
    for row in rows:
        table.add_row(*(row[key] for key in widths))
    return table


def _cells(one: Tracked, lang: str) -> dict[str, Text]:
    """One target's cells by the keys of their columns."""
    kind, standing = one.indicator.kind, one.standing
    unit = unit_words(one.indicator, lang)
    label = Text(target_label(one, lang))
    if unit and not one.place:
        label.append(f", {unit}", style=_DIM)
    base, aim = (
        short(mark.value.value, kind, lang) if mark else NOTHING
        for mark in (standing.baseline, standing.target)
    )
    covered = standing.covered
    way = NOTHING if covered is None else "/".join(dict.fromkeys(percent(part) for part in covered))
    paces = [one.pace.linear, one.pace.compound] if one.pace else []
    pace = "·".join(percent(ratio) if ratio is not None else NOTHING for ratio in paces) or NOTHING
    trend = sparkline([(year.year, float(year.value)) for year in one.series.years])
    likely = chance(one.probability, lang) if one.probability is not None else NOTHING
    cells = {
        "base any": base, "target any": aim, "latest": latest_text(one, lang), "trend": trend, "way": way,
        "pace": pace, "ends": ends_text(one, lang), "chance": likely,
    }  # fmt: skip
    status = Text(f"{SIGN[one.status]} {word(STATUS, one.status, lang)}", style=_COLOURS[one.status])
    grade = Text(word(GRADE, standing.grade, lang), style=_DIM)
    return {
        "indicator": label,
        **{key: Text(text) for key, text in cells.items()},
        "status": status,
        "grade": grade,
    }


def target_label(one: Tracked, lang: str) -> str:
    """An indicator's label; of a place its name, moved in by its level."""
    if one.place is None:
        return label_of(one.rule, lang)
    inside, name = INDENT.get(one.place.level, ""), one.place.label.in_(lang)
    return f"{inside}{name} ({word(LEVEL, one.place.level, lang)})"


def latest_text(one: Tracked, lang: str) -> str:
    """The last period's values, each bounded as its source says, and the period."""
    found = one.standing.latest
    if not found:
        return NOTHING
    kind = one.indicator.kind
    texts = [bounded(seen, short(seen.value.value, kind, lang), lang) for seen in found if seen.value]
    return tell(lang, "of period", value=" / ".join(dict.fromkeys(texts)), period=found[-1].period)


def ends_text(one: Tracked, lang: str) -> str:
    """The band of the target's year, or the spread."""
    kind = one.indicator.kind
    bounds = one.last.band if one.last else one.reach
    if bounds is None:
        return NOTHING
    low, high = (short(value, kind, lang) for value in bounds)
    return tell(lang, "band" if one.last else "spread", low=low, high=high)


def conflict_text(one: Tracked, group: tuple[model.Observation, ...], lang: str) -> str:
    """The values of one year on which sources differ, each with its source."""
    kind = one.indicator.kind
    values = [
        tell(lang, "value of", value=bounded(seen, short(seen.value.value, kind, lang), lang),
             source=seen.cite.source if seen.cite else "")
        for seen in group if seen.value
    ]  # fmt: skip
    return f"{capital(label_of(one.rule, lang))} {group[0].ends.year}: {tell(lang, 'against').join(values)}"


def split_text(one: Split, lang: str) -> str:
    """What the targets below one come to."""
    kind = indicator_of(one.above.rule).kind
    name = one.above.place.label.in_(lang) if one.above.place else ""
    label = capital(label_of(one.above.rule, lang))
    return tell(
        lang, "split", label=tell(lang, "label in", a=label, b=name) if name else label, n=len(one.below),
        total=short(one.total, kind, lang), target=short(one.target, kind, lang), part=percent(one.part),
    )  # fmt: skip


def _splits(console: Console, result: Tracking, lang: str) -> None:
    if result.splits:
        console.print()
    for one in result.splits:
        console.print(Text(split_text(one, lang)), highlight=False)


def _conflicts(console: Console, result: Tracking, lang: str) -> None:
    lines = [conflict_text(one, group, lang) for one in result.targets for group in one.series.conflicts]
    if not lines:
        return
    console.print()
    console.print(Text(tell(lang, "conflicts"), style="bold"), highlight=False)
    for line in lines:
        console.print(Text(f"  ≠ {line}", style="yellow"), highlight=False)


def _aside(console: Console, result: Tracking, lang: str) -> None:
    counts = Counter(reason for one in result.targets for _, reason in one.series.aside)
    console.print()
    if counts:
        told = tell(lang, "list").join(
            tell(lang, "aside of", n=count, reason=word(ASIDE, reason, lang))
            for reason, count in counts.items()
        )
        console.print(Text(tell(lang, "aside", counts=told), style=_DIM), highlight=False)


# -------------------------------------------------------------------- backtest


def render_backtest(console: Console, year: int, trials: list[Trial], lang: str = "en") -> None:
    """Print what would have been forecast from each day, what came, and the scores."""
    from gangmu.plan.backtest import score

    console.print(Text(tell(lang, "backtest", year=year), style="bold"), highlight=False)
    heads = {key: Text(tell(lang, key)) for key in TRIED}
    rows = {id(one): _trial(one, lang) for one in trials}
    widths = _widths_of_trials(heads, list(rows.values()), console.width)
    console.print()
    console.print(_grid(widths, [heads], "bold"), highlight=False)
    for name in dict.fromkeys(trial.rule.name for trial in trials):
        group = sorted((one for one in trials if one.rule.name == name), key=lambda one: one.origin)
        console.print(_tried(group[0], lang), highlight=False)
        console.print(_grid(widths, [rows[id(one)] for one in group]), highlight=False)
    console.print()
    own = [trial for trial in trials if has_target(trial.rule)]
    for name, some in (("own", own), ("all series", trials)):
        found = score(some)
        who = capital(tell(lang, name))
        if found is None:
            console.print(Text(tell(lang, "no score", who=who)), highlight=False)
            continue
        low, high = found.interval
        told = tell(
            lang, "score", who=who, n=found.count, a=percent(found.combined, 1), b=percent(found.naive, 1),
            c=percent(found.linear, 1), k=found.held, low=percent(low), high=percent(high),
        )  # fmt: skip
        console.print(Text(told), highlight=False)
    guessed = sum(trial.undated for trial in trials)
    console.print(Text(tell(lang, "backtest says", n=guessed), style=_DIM), highlight=False)


def _tried(trial: Trial, lang: str) -> Text:
    """The line above the forecasts of an indicator: its label, and what came."""
    came = tell(lang, "came", value=short(trial.actual.value, indicator_of(trial.rule).kind, lang))
    mark = "" if has_target(trial.rule) else "· "
    return Text.assemble((f"{mark}{label_of(trial.rule, lang)}", "bold"), (f" · {came}", _DIM))


def _trial(trial: Trial, lang: str) -> dict[str, Text]:
    """One forecast's cells by the keys of their columns."""
    kind, made = indicator_of(trial.rule).kind, trial.projection
    cells = {
        "known by": trial.origin.isoformat(), "points": str(len(trial.series)),
        "last known": str(trial.last.year), "naive": _signed(trial.error(trial.naive)),
        "linear": _signed(trial.error(trial.linear)),
    }  # fmt: skip
    if made is not None:
        low, high = (short(bound, kind, lang) for bound in made.band)
        cells |= {
            "forecast": short(made.value, kind, lang), "band any": tell(lang, "band", low=low, high=high),
            "held": tell(lang, "yes" if trial.held else "no"), "error": _signed(trial.error(made.value)),
        }  # fmt: skip
    return {key: Text(cells.get(key, NOTHING)) for key in TRIED}


def _widths_of_trials(
    heads: Mapping[str, Text], rows: Sequence[Mapping[str, Text]], room: int
) -> dict[str, int]:
    """Columns as wide as their cells, with heads folded; the band too, where that is wider than the room."""
    widths = {
        key: max(cell_len(part) for part in (*head.plain.split(), *(row[key].plain for row in rows)))
        for key, head in heads.items()
    }
    over = sum(widths.values()) + len(widths) - room
    widths["band any"] = max(NARROWEST // 2, widths["band any"] - max(0, over))
    return widths


def _signed(error: float) -> str:
    return f"{'+' if error > 0 else ''}{percent(error)}"


# ------------------------------------------------------------------- proposals


def render_proposals(console: Console, as_of: date, proposals: Sequence[Drafted], lang: str = "en") -> None:
    """Print what can be said of draft targets."""
    console.print(Text(tell(lang, "proposals", day=as_of.isoformat()), style="bold"), highlight=False)
    console.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in PROPOSED:
        left = key in ("indicator", "remarks")
        table.add_column(tell(lang, key), justify="left" if left else "right", overflow="fold")
    for one in proposals:
        table.add_row(*_proposal(one, lang))
    console.print(table, highlight=False)
    console.print()
    console.print(Text(band_says(lang), style=_DIM), highlight=False)


def _proposal(one: Drafted, lang: str) -> list[str]:
    kind, years = indicator_of(one.draft.rule).kind, one.series.years
    last = NOTHING
    if years:
        value = short(years[-1].value, kind, lang)
        last = tell(lang, "of period", value=value, period=years[-1].year)
    draft = short(one.draft.target.value, kind, lang) if one.draft.target else NOTHING
    likely = chance(one.probability, lang) if one.probability is not None else NOTHING
    targets = [short(value, kind, lang) for value in one.targets.values()] or [NOTHING] * 3
    told = tell(lang, f"why {one.why}") if one.why else ""
    if one.spread is not None:
        low, high = (short(value, kind, lang) for value in one.spread)
        told = tell(lang, "list").join([told, tell(lang, "spread", low=low, high=high)])
    return [
        label_of(one.draft.rule, lang),
        str(len(years)),
        last,
        str(one.draft.year),
        draft,
        likely,
        *targets,
        told,
    ]
