"""Evidence in a database, by SQLAlchemy (an optional extra). The one module that touches it.

Tables named like entities are read whole, read-only by intent: the only statement is a SELECT that
SQLAlchemy writes from the reflected table. A password in the address never reaches a message.
"""

from __future__ import annotations

from gangmu.errors import EvidenceError, Problem
from gangmu.evidence.sheets import Sheet
from gangmu.evidence.tables import texts_sheet


def is_url(source: str) -> bool:
    """Whether a text is the address of a database, not a path."""
    head, mark, _ = source.partition("://")
    return bool(mark) and head.replace("+", "").isalnum()


def read_database(url: str) -> list[Sheet]:
    """Read all tables and views that the address shows. Raises `EvidenceError`."""
    try:
        import sqlalchemy
    except ImportError:
        raise EvidenceError(
            Problem(
                "extra-missing",
                "database",
                "SQLAlchemy is not installed",
                "the extra `db`",
                "pip install 'gangmu[db]'",
            )
        ) from None
    try:
        address = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError:
        raise EvidenceError(
            Problem("database-address", "database", "its address cannot be read", "dialect://user@host/name")
        ) from None
    shown = address.render_as_string(hide_password=True)
    engine = None
    try:
        engine = sqlalchemy.create_engine(address)
        metadata = sqlalchemy.MetaData()
        metadata.reflect(bind=engine, views=True)
        with engine.connect() as connection:
            return [
                texts_sheet(
                    table.name,
                    f"{shown} table {table.name}",
                    [column.name for column in table.columns],
                    list(connection.execute(sqlalchemy.select(table)).fetchall()),
                )
                for table in metadata.sorted_tables
            ]
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise EvidenceError(
            Problem("database-unreachable", shown, f"it cannot be read ({reason})", "a reachable database")
        ) from None
    finally:
        if engine is not None:
            engine.dispose()
