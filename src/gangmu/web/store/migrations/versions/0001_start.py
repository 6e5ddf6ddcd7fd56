"""The first schema."""

from __future__ import annotations

from alembic import op

from gangmu.web.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Take every table away."""
    metadata.drop_all(op.get_bind())
