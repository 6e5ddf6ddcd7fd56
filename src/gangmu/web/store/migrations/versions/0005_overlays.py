"""Pages of an institution that extend a served rulebook."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of overlays."""
    op.create_table(
        "overlays",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("base", sa.String(length=100), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution"], ["institutions.id"], name=op.f("fk_overlays_institution")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlays")),
    )
    op.create_index(op.f("ix_overlays_institution"), "overlays", ["institution"], unique=False)


def downgrade() -> None:
    """Take the table of overlays away."""
    op.drop_index(op.f("ix_overlays_institution"), table_name="overlays")
    op.drop_table("overlays")
