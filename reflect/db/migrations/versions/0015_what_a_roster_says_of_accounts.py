"""What a roster says of accounts: who cannot sign in, and which duties it gave."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "person", sa.Column("may_sign_in", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    # Until now every duty was given by hand.
    op.add_column(
        "duty", sa.Column("from_roster", sa.Boolean(), nullable=False, server_default=sa.false())
    )
