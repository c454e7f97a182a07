"""Evidence, the choice between two texts, and how a person likes to write."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("picture", "sound", "document", name="kind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("upload", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_evidence_by_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_evidence_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_evidence_key")),
        sa.UniqueConstraint("report_id", "upload", name=op.f("uq_evidence_report_id_upload")),
    )
    op.create_index(op.f("ix_evidence_report_id"), "evidence", ["report_id"], unique=False)
    op.add_column("person", sa.Column("writes", sa.String(), nullable=False, server_default="all"))
    settles = sa.ForeignKey("revision.id", name=op.f("fk_revision_settles"))
    op.add_column(
        "revision",
        sa.Column("settles", sa.Integer(), settles, nullable=True),
        inline_references=True,
    )
