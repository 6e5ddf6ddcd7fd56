"""Two days or two enterprises side by side: the answers that differ."""

from __future__ import annotations

from gangmu.web.pages.answers import State, counts_of, moved_answers
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say


def compare(visit: Visit) -> View:
    """One enterprise on two days, or two enterprises."""
    asked = visit.request.query_params
    first, second = read_day(asked.get("first")), read_day(asked.get("second"))
    one, other = asked.get("one", ""), asked.get("other", "") or asked.get("one", "")
    moved = None
    with visit.desk() as desk:
        listed = desk.enterprises()
        found = [desk.enterprise(key) for key in (one, other)] if one else []
    if found:
        book = visit.site.book(found[0]["book"])
        states = State(book, found[0]["facts"], first), State(book, found[1]["facts"], second)
        moved = moved_answers(*states, visit.lang)
    values = {
        "enterprises": listed,
        "moved": moved,
        "counts": counts_of(moved or ()),
        "one": one,
        "other": other,
        "first": first,
        "second": second,
    }
    return View("compare.html", say("compare", visit.lang), values)
