"""Alembic's way in: the connection comes from `migrate.upgrade`, and the transaction is its own."""

from __future__ import annotations

from alembic import context

from survey.storage import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata, render_as_batch=True
)
context.run_migrations()
