"""Two days, two enterprises or two rulebooks side by side: the answers that differ, and what made them so."""

from __future__ import annotations

from gangmu.web.pages.answers import State, counts_of, moved_answers
from gangmu.web.pages.rulebooks import choices, chosen
from gangmu.web.site import View, Visit, read_day
from gangmu.web.words import say


def compare(visit: Visit) -> View:
    """Two states: an enterprise, a rulebook, a day each; what the second does not say is as in the first."""
    asked = visit.request.query_params
    first, second = read_day(asked.get("first")), read_day(asked.get("second"))
    one, other = asked.get("one", ""), asked.get("other", "") or asked.get("one", "")
    moved = None
    with visit.desk() as desk:
        listed = desk.enterprises()
        found = [desk.enterprise(key) for key in (one, other)] if one else []
    own = found[0]["book"] if found else visit.site.names[0]
    books = [asked.get("book", "") or own, asked.get("other_book", "") or asked.get("book", "") or own]
    if found:
        states = [
            State(chosen(visit, name), kept["facts"], day)
            for name, kept, day in zip(books, found, (first, second), strict=True)
        ]
        moved = moved_answers(states[0], states[1], visit.lang)
    values = {
        "enterprises": listed,
        "books": choices(visit),
        "moved": moved,
        "counts": counts_of(moved or ()),
        "one": one,
        "other": other,
        "book": books[0],
        "other_book": books[1],
        "first": first,
        "second": second,
    }
    return View("compare.html", say("compare", visit.lang), values)
