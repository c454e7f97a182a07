"""How Alembic takes a step: on the connection that `reflect.db.migrate` gives it."""

from alembic import context

from reflect.db.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
