"""How Alembic takes a step: on the connection that `reflect.migrate` gives it."""

from alembic import context

from reflect.store import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
