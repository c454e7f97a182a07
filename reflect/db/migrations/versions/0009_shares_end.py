"""Every link ends, one share of a person and report runs, and a link has parts of its own.

A link without an end gets that of the school year of its round. Of several shares of a report that
run with the same person the newest stays: the student changed the days, or pressed twice.
"""

from datetime import UTC, datetime, time

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LINKS_SQL = sa.text(
    "SELECT share.id, share.begins_at, school_year.ends_on FROM share"
    " JOIN report ON report.id = share.report_id"
    " JOIN round ON round.id = report.round_id"
    " JOIN school_year ON school_year.id = round.year_id"
    " WHERE share.person_id IS NULL AND share.ends_at IS NULL"
).columns(begins_at=sa.DateTime(), ends_on=sa.Date())
_SET_END_SQL = sa.text("UPDATE share SET ends_at = :ends_at WHERE id = :id").bindparams(
    sa.bindparam("ends_at", type_=sa.DateTime())
)
_REVOKE_OLDER_SQL = sa.text(
    "UPDATE share SET revoked_at = :now"
    " WHERE person_id IS NOT NULL AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :now)"
    " AND EXISTS (SELECT 1 FROM share AS newer WHERE newer.report_id = share.report_id"
    " AND newer.person_id = share.person_id AND newer.id > share.id"
    " AND newer.revoked_at IS NULL AND (newer.ends_at IS NULL OR newer.ends_at > :now))"
).bindparams(sa.bindparam("now", type_=sa.DateTime()))


def upgrade() -> None:
    # SQLite copies the table: it can add no named constraint to one.
    with op.batch_alter_table("section_grant") as batch:
        batch.add_column(sa.Column("share_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_section_grant_share_id"), "share", ["share_id"], ["id"])
    connection = op.get_bind()
    for share_id, begins_at, ends_on in connection.execute(_LINKS_SQL).all():
        # One that begins later than the year ends was never open, and never will be.
        ends_at = max(begins_at, datetime.combine(ends_on, time.min))
        connection.execute(_SET_END_SQL, {"id": share_id, "ends_at": ends_at})
    connection.execute(_REVOKE_OLDER_SQL, {"now": datetime.now(UTC).replace(tzinfo=None)})
