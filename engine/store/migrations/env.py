"""Run the migrations on the connection that was handed over; nothing is read from a file or the environment."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
context.run_migrations()
