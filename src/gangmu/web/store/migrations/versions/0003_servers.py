"""Which server works on a portfolio, so that several can share the work; when a session was last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What ran under the old schema belongs to no server: it waits again."""
    op.add_column("portfolios", sa.Column("holder", sa.String(length=36), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("used", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE portfolios SET state = 'waiting' WHERE state = 'running'"))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("sessions", "used")
    op.drop_column("portfolios", "holder")
