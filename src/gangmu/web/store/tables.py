"""The tables. Every one that holds an institution's data names the institution: each query asks for it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(36)
_DAY = DateTime(timezone=True)

institutions = Table(
    "institutions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("made", _DAY, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("login", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("password", Text, nullable=False),  # argon2id; empty: signs in elsewhere
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", _DAY),
    Column("made", _DAY, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("made", _DAY, nullable=False),
    Column("ends", _DAY, nullable=False),
    Column("used", _DAY),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(300), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("made", _DAY, nullable=False),
    Column("used", _DAY, nullable=False),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the cookie
    Column("provider", String(40), nullable=False),
    Column("state", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("back", String(500), nullable=False),
    Column("destination", String(1000), nullable=False),
    Column("ends", _DAY, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("secret", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("scope", String(20), nullable=False),  # read, or write
    Column("made", _DAY, nullable=False),
    Column("ends", _DAY, nullable=False),
    Column("used", _DAY),
)

enterprises = Table(
    "enterprises",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("owner", _ID, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", String(300), nullable=False),
    Column("book", String(100), nullable=False),
    Column("facts", JSON, nullable=False),  # tables of texts, as `Book.read` takes them
    Column("version", Integer, nullable=False),
    Column("made", _DAY, nullable=False),
    Column("changed", _DAY, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("enterprise", _ID, ForeignKey("enterprises.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("facts", JSON, nullable=False),
    Column("person", _ID, nullable=False),
    Column("made", _DAY, nullable=False),
)

drafts = Table(  # entries that are not saved as a version yet: one person's, of one enterprise
    "drafts",
    metadata,
    Column("enterprise", _ID, ForeignKey("enterprises.id", ondelete="CASCADE"), primary_key=True),
    Column("person", _ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("name", String(300), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("version", Integer, nullable=False),  # the one that was being changed
    Column("changed", _DAY, nullable=False),
)

overlays = Table(  # pages of an institution that extend a served rulebook
    "overlays",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("person", _ID, nullable=False),
    Column("name", String(300), nullable=False),
    Column("base", String(100), nullable=False),
    Column("page", Text, nullable=False),
    Column("rules", Integer, nullable=False),
    Column("made", _DAY, nullable=False),
)

files = Table(
    "files",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of the content: where it lies
    Column("name", String(300), nullable=False),
    Column("size", Integer, nullable=False),
    Column("person", _ID, nullable=False),
    Column("made", _DAY, nullable=False),
    UniqueConstraint("institution", "digest", "name"),
)

portfolios = Table(
    "portfolios",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("institution", _ID, ForeignKey("institutions.id"), nullable=False, index=True),
    Column("person", _ID, nullable=False),
    Column("name", String(300), nullable=False),
    Column("book", String(100), nullable=False),
    Column("file", _ID, ForeignKey("files.id"), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("rules", JSON, nullable=False),
    Column("state", String(20), nullable=False, index=True),  # waiting, running, done, failed
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("holder", _ID, nullable=False, server_default=""),  # the server that works on it
    Column("problems", JSON, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("made", _DAY, nullable=False),
    Column("ended", _DAY),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", _DAY, nullable=False),
    Column("institution", _ID, nullable=False, index=True),
    Column("person", _ID, nullable=False),
    Column("action", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("object", String(100), nullable=False),
    Column("address", String(64), nullable=False),
    Index("ix_audit_institution_at", "institution", "at"),
)
