"""What mentor and home see of the student's texts: what had been handed in when it was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The last answer or closing says what the teacher could see then. A report without one of either,
# which only a hand could have made, keeps what it showed.
_FILL = """
    UPDATE report SET home_sees_student_until_revision_id = COALESCE(
        (SELECT change.visible_revision_id_after FROM state_change AS change
         WHERE change.report_id = report.id AND change.action IN ('answer', 'close')
         ORDER BY change.id DESC LIMIT 1),
        home_sees_until_revision_id)
    WHERE home_sees_until_revision_id IS NOT NULL
"""


def upgrade() -> None:
    op.add_column(
        "report", sa.Column("home_sees_student_until_revision_id", sa.Integer(), nullable=True)
    )
    op.execute(_FILL)
