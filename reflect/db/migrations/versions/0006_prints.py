"""Prints of a group and archives to take along, which a worker makes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STAGES = ("waiting", "busy", "no_room", "ready", "stopped", "removed")
_CAME = ("waiting", "printed", "failed", "outside", "too_long", "not_yours", "nothing")


def upgrade() -> None:
    op.create_table(
        "print_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column(
            "binding",
            sa.Enum("merged", "zip", name="binding", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "stage", sa.Enum(*_STAGES, name="stage", native_enum=False, length=24), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("moved_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_print_job_by_id")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["mentor_group.id"], name=op.f("fk_print_job_group_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_print_job_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
        sa.UniqueConstraint("key", name=op.f("uq_print_job_key")),
    )
    op.create_table(
        "print_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column(
            "came", sa.Enum(*_CAME, name="came", native_enum=False, length=24), nullable=False
        ),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["print_job.id"], name=op.f("fk_print_member_job_id")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["person.id"], name=op.f("fk_print_member_student_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_member")),
    )
    op.create_table(
        "take_along",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage", sa.Enum(*_STAGES, name="stage", native_enum=False, length=24), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("moved_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_take_along_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_along")),
        sa.UniqueConstraint("key", name=op.f("uq_take_along_key")),
    )
    for table, column in (
        ("print_job", "by_id"), ("print_job", "stage"), ("print_member", "job_id"),
        ("take_along", "person_id"), ("take_along", "stage"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
