"""Who signs in through an institution's own provider, and who is on the way there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("institution", sa.String(length=36), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution"], ["institutions.id"], name=op.f("fk_identities_institution")),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_identities_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_institution"), "identities", ["institution"], unique=False)
    op.create_index(op.f("ix_identities_person"), "identities", ["person"], unique=False)
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("back", sa.String(length=500), nullable=False),
        sa.Column("destination", sa.String(length=1000), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
    )
    op.create_index(op.f("ix_handoffs_ends"), "handoffs", ["ends"], unique=False)


def downgrade() -> None:
    """Take both away."""
    op.drop_index(op.f("ix_handoffs_ends"), table_name="handoffs")
    op.drop_table("handoffs")
    op.drop_index(op.f("ix_identities_person"), table_name="identities")
    op.drop_index(op.f("ix_identities_institution"), table_name="identities")
    op.drop_table("identities")
