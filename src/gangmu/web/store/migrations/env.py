"""How migrations run: over the connection that the application hands in."""

from __future__ import annotations

from alembic import context

from gangmu.web.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
