"""Alembic's entry: the connection comes from backend/storage/migrate.py."""

from alembic import context

from backend.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
