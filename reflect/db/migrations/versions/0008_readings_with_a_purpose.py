"""For what a report was read, and which reports the pages of a print hold."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PURPOSES = ("answering", "talk", "print", "reading_along", "formal_request", "take_along")
# Of a reading on a screen nobody can tell any more what it was for.
_PURPOSE_BY_CHANNEL = {"print": "print", "link": "reading_along"}


def upgrade() -> None:
    op.add_column(
        "access_log",
        sa.Column(
            "purpose",
            sa.Enum(*_PURPOSES, name="purpose", native_enum=False, length=24),
            nullable=True,
        ),
    )
    for channel, purpose in _PURPOSE_BY_CHANNEL.items():
        op.execute(
            sa.text("UPDATE access_log SET purpose = :purpose WHERE channel = :channel").bindparams(
                purpose=purpose, channel=channel
            )
        )
    # NULL for what was printed before: its readings were noted when it was laid out.
    op.add_column("print_member", sa.Column("report_ids", sa.JSON(), nullable=True))
