"""How much room the files of each piece of evidence take: a student has a quota for a year."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is there already counts for nothing: its files may be on another machine.
    op.add_column(
        "evidence", sa.Column("stored_bytes", sa.Integer(), nullable=False, server_default="0")
    )
