"""Entries that are not saved yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of drafts."""
    op.create_table(
        "drafts",
        sa.Column("enterprise", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise"], ["enterprises.id"], name=op.f("fk_drafts_enterprise"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["institution"], ["institutions.id"], name=op.f("fk_drafts_institution")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_drafts_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("enterprise", "person", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_institution"), "drafts", ["institution"], unique=False)


def downgrade() -> None:
    """Take the table of drafts away."""
    op.drop_index(op.f("ix_drafts_institution"), table_name="drafts")
    op.drop_table("drafts")
