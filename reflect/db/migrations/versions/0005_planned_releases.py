"""An answer that is planned to be given at a moment."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_VERBS = (
    "write",
    "hand_in",
    "take_back",
    "write_answer",
    "ask_on",
    "answer",
    "write_closing",
    "close",
    "reopen",
)
_WHY = ("not_yours", "moved_on", "no_answer", "no_question", "planned")
_OPEN = sa.text("revoked_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column(
            "verb", sa.Enum(*_VERBS, name="verb", native_enum=False, length=24), nullable=False
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("lapsed_at", sa.DateTime(), nullable=True),
        sa.Column("why", sa.Enum(*_WHY, name="why", native_enum=False, length=24), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_release_by_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_release_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_batch"), "release", ["batch"], unique=False)
    for name, column, unique in (
        ("uq_release_report_id", "report_id", True),
        ("ix_release_due_at", "due_at", False),
    ):
        op.create_index(
            name, "release", [column], unique=unique, sqlite_where=_OPEN, postgresql_where=_OPEN
        )
