"""Phrases that teachers write often, their own or shared."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["follows"], ["phrase.id"], name=op.f("fk_phrase_follows")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_phrase_owner_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_phrase_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_index(op.f("ix_phrase_owner_id"), "phrase", ["owner_id"], unique=False)
    op.create_index(op.f("ix_phrase_subject_id"), "phrase", ["subject_id"], unique=False)
