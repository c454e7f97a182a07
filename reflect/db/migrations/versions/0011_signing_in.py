"""Signing in: devices that are known, waits between tries, sessions that say where they are."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_known_device_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint(
            "person_id", "token_hash", name=op.f("uq_known_device_person_id_token_hash")
        ),
    )
    with op.batch_alter_table("user_session") as batch_op:
        batch_op.add_column(sa.Column("browser", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("system", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(), nullable=True))
    _keep_one_attempt_per_key()
    _compose_sign_in_names()


def _keep_one_attempt_per_key() -> None:
    """Let a key have one row: the last attempt, after which nobody has to wait now."""
    op.execute(
        "DELETE FROM sign_in_attempt WHERE id NOT IN"
        " (SELECT max(id) FROM sign_in_attempt GROUP BY key)"
    )
    op.add_column("sign_in_attempt", sa.Column("wait_until", sa.DateTime(), nullable=True))
    op.execute("UPDATE sign_in_attempt SET wait_until = at")
    with op.batch_alter_table("sign_in_attempt") as batch_op:
        batch_op.alter_column("wait_until", existing_type=sa.DateTime(), nullable=False)
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_key"))
        batch_op.create_unique_constraint(batch_op.f("uq_sign_in_attempt_key"), ["key"])
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_at"), ["at"], unique=False)


def _compose_sign_in_names() -> None:
    """Put sign-in names into NFC; one whose NFC is another person's stays as it is."""
    person = sa.table("person", sa.column("id"), sa.column("sign_in_name"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(person.c.id, person.c.sign_in_name)).all()
    taken = {row.sign_in_name for row in rows}
    for row in rows:
        composed = unicodedata.normalize("NFC", row.sign_in_name or "")
        if row.sign_in_name and composed not in taken:
            taken.add(composed)
            connection.execute(
                sa.update(person).where(person.c.id == row.id).values(sign_in_name=composed)
            )
