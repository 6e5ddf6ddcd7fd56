"""The dates as a calendar (iCalendar, RFC 5545): one all-day event a change, with the same name every time.

An event's UID is made of rulebook, enterprise, rule and day alone, so that a calendar that is imported again
replaces its events instead of doubling them; DTSTAMP is the day from which was looked, so that the later file
is the newer one. Where there are many enterprises, those with the same change on the same day share an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from gangmu.report.change_words import tell
from gangmu.report.due import DueLine, DueResult
from gangmu.report.words import say, standing_text

MANY = 12  # enterprises; more share events
MOST_KEYS = 40  # enterprises that an event names


def calendar_of(result: DueResult, lang: str, remind: int = 0) -> bytes:
    """The calendar as the bytes of an .ics file; `remind` days before an event it reminds (0: never)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Gangmu//gangmu due//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", tell(lang, "calendar"))
    lines = result.lines(lang)
    groups = (
        _shared(lines)
        if len({line.change.enterprise for line in lines}) > MANY
        else [[line] for line in lines]
    )
    for group in groups:
        calendar.add_component(_event(result, group, lang, remind))
    return bytes(calendar.to_ical())


def _shared(lines: Iterable[DueLine]) -> list[list[DueLine]]:
    found: dict[object, list[DueLine]] = {}
    for line in lines:
        key = (line.change.day, line.change.rule, line.before, line.after)
        found.setdefault(key, []).append(line)
    return list(found.values())


def _event(result: DueResult, group: list[DueLine], lang: str, remind: int) -> Event:
    line = group[0]
    keys = [one.change.enterprise for one in group]
    who = keys[0] if len(keys) == 1 else tell(lang, "enterprises", n=len(keys))
    colon = say(lang, "colon", a=line.label, b=line.turn(lang))
    event = Event()
    event.add("uid", _uid(result, line, keys))
    event.add("dtstamp", datetime.combine(result.first, time(), UTC))
    event.add("dtstart", line.change.day)
    event.add("dtend", line.change.day + timedelta(days=1))
    event.add("summary", f"{who} · {colon}")
    event.add("description", "\n".join(_told(result, group, lang)))
    event.add("categories", [tell(lang, line.direction)])
    event.add("transp", "TRANSPARENT")
    if remind:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"{who} · {colon}")
        alarm.add("trigger", -timedelta(days=remind))
        event.add_component(alarm)
    return event


def _uid(result: DueResult, line: DueLine, keys: list[str]) -> str:
    """The same for the same enterprise, rule and day, whichever file it stands in."""
    shared = keys[0] if len(keys) == 1 else f"{line.change.before.status}>{line.change.after.status}"
    told = f"{result.book.name}\0{line.change.rule}\0{line.change.day.isoformat()}\0{shared}"
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@gangmu"


def _told(result: DueResult, group: list[DueLine], lang: str) -> Iterable[str]:
    line = group[0]
    texts = line.texts(lang)
    if len(group) == 1:
        if texts["because"]:
            yield tell(lang, "because", n=texts["because"])
        if texts["todo"]:
            yield tell(lang, "todo", n=texts["todo"])
        if texts["source"]:
            yield tell(lang, "source", n=say(lang, "brackets", a=texts["source"], b=texts["grade"]))
    else:
        named = [one.change.enterprise for one in group[:MOST_KEYS]]
        yield say(lang, "list").join(named)
        if len(group) > MOST_KEYS:
            yield tell(lang, "further", n=len(group) - MOST_KEYS)
    yield line.change.rule
    yield standing_text(lang, result.first.isoformat())
