"""The database: opened, brought to the present schema, and asked in transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite

from gangmu.web.presence import alone
from gangmu.web.settings import Settings

_MIGRATIONS = Path(__file__).parent / "migrations"
_CHANGES, _WHO = ("UPDATE", "DELETE"), ("people", "tokens", "institutions")
_BUSY = 15_000  # milliseconds that SQLite waits for a writer


class Database:
    """One database, at its newest schema."""

    def __init__(self, settings: Settings) -> None:
        """Open it, make it if there is none, and migrate it."""
        settings.data.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(settings.url, pool_pre_ping=True)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _careful)
        self.changes = 0  # how often accounts or tokens were changed here
        event.listen(self.engine, "after_cursor_execute", self._note)
        with alone(settings.data / ".schema.lock"):  # of two servers that start at once, one waits
            self.migrate()

    def migrate(self, to: str = "head") -> None:
        """Bring the schema to its newest step; back to an older one, or take it away (`base`)."""
        config = Config()
        config.set_main_option("script_location", _MIGRATIONS.as_posix())
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            (command.upgrade if to == "head" else command.downgrade)(config, to)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: kept at the end, undone on an error."""
        with self.engine.begin() as connection:
            yield connection

    def _note(self, _: Connection, __: object, statement: str, *___: object) -> None:
        """Whoever remembers who somebody is has to look again."""
        if statement.startswith(_CHANGES) and any(name in statement for name in _WHO):
            self.changes += 1

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same unique values is there; whether it was inserted.

    One statement, so that of two who do it at once one is told, and neither fails.
    """
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    asked = make(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(asked).first() is not None


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """A moment as the database gives it back (SQLite forgets the zone)."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _careful(connection: object, _: object) -> None:
    """SQLite: keys are held to, writers wait, what is written is on the disk."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the DB-API has no type for it
    for pragma in (
        "foreign_keys = ON",
        f"busy_timeout = {_BUSY}",
        "journal_mode = WAL",
        "synchronous = FULL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
