"""Which server works on what: it takes a portfolio by one statement that only one server can win.

What a server held when it ended waits again as soon as another one looks. After three attempts that came no
further a portfolio has failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, select, update

from gangmu.errors import Problem
from gangmu.web.presence import Presence
from gangmu.web.render import plain
from gangmu.web.store import tables
from gangmu.web.store.database import now

ATTEMPTS: Final = 3
_TABLE: Final = tables.portfolios


def claim(connection: Connection, holder: str) -> Mapping[str, Any] | None:
    """Take the oldest portfolio that waits; None if nothing does. No two servers ever get the same one."""
    files = tables.files
    asked = (
        select(_TABLE, files.c.digest, files.c.name.label("file_name"))
        .join_from(_TABLE, files, _TABLE.c.file == files.c.id)
        .where(_TABLE.c.state == "waiting")
        .order_by(_TABLE.c.made, _TABLE.c.id)
        .limit(1)
    )
    while (row := connection.execute(asked).mappings().first()) is not None:
        values: dict[str, Any] = {"state": "running", "attempts": row["attempts"] + 1, "holder": holder}
        over = row["attempts"] >= ATTEMPTS
        if over:
            what = f"stopped {ATTEMPTS} times at the same place"
            values = failed(Problem("work-stopped", row["file_name"], what, todo="ask your administrator"))
            values["ended"] = now()
        # Another server may have taken it since it was read: then this changes no row.
        same = (_TABLE.c.id == row["id"], _TABLE.c.state == "waiting", _TABLE.c.attempts == row["attempts"])
        if connection.execute(update(_TABLE).where(*same).values(values)).rowcount == 1 and not over:
            return dict(row)
    return None


def take_up(connection: Connection, presence: Presence) -> None:
    """What servers held that have ended waits again, and what this one holds: it works on nothing now."""
    running = _TABLE.c.state == "running"
    holders = set(connection.execute(select(_TABLE.c.holder).where(running).distinct()).scalars())
    # Who is alive is asked after the holders: who enters meanwhile is not among them.
    ended = holders - (presence.alive() - {presence.key})
    if ended:
        orphaned = update(_TABLE).where(running, _TABLE.c.holder.in_(ended))
        connection.execute(orphaned.values(state="waiting", holder=""))


def failed(problem: Problem) -> dict[str, Any]:
    """What is kept of a portfolio that cannot be worked out."""
    return {"state": "failed", "problems": plain([problem])}
