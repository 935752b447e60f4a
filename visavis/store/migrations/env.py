"""Alembic's entry: runs the migrations on the connection it is given."""

from alembic import context

from visavis.store import live_tables  # noqa: F401 - its tables belong to the same metadata
from visavis.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
