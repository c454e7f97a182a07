"""School years side by side: an id of a roster means the same thing only within its year."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("mentor_group", "course"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"uq_{table}_external_id", type_="unique")
            batch.create_unique_constraint(
                f"uq_{table}_year_id_external_id", ["year_id", "external_id"]
            )
    op.add_column("person", sa.Column("listed_until", sa.Date(), nullable=True))
    # Until now each import was about one year, the newest, and marked whoever it did not list.
    op.execute(
        "UPDATE person SET listed_until = coalesce(left_on, ("
        "SELECT max(ends_on) FROM school_year WHERE external_id IS NOT NULL"
        ")) WHERE external_id IS NOT NULL"
    )
