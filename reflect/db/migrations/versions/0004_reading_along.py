"""Colleagues who read along, and what they suggest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_along",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("colleague_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_reading_along_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["colleague_id"], ["person.id"], name=op.f("fk_reading_along_colleague_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_reading_along_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_along")),
    )
    op.create_index(
        op.f("ix_reading_along_colleague_id"), "reading_along", ["colleague_id"], unique=False
    )
    op.create_index(
        op.f("ix_reading_along_report_id"), "reading_along", ["report_id"], unique=False
    )
    decision = sa.Enum("accepted", "declined", name="decision", native_enum=False, length=24)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_along_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("save_key", sa.String(), nullable=True),
        sa.Column("kept_aside", sa.Boolean(), nullable=False),
        sa.Column("decision", decision, nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["based_on"], ["revision.id"], name=op.f("fk_suggestion_based_on")),
        sa.ForeignKeyConstraint(["reading_along_id"], ["reading_along.id"],
                                name=op.f("fk_suggestion_reading_along_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("reading_along_id", "section", "field", "save_key",
                            name=op.f("uq_suggestion_reading_along_id_section_field_save_key")),
    )  # fmt: skip
