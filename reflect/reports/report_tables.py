"""The one list of what belongs to a report, so that export and erasure cover every table.

tests/test_report_tables.py compares it with the foreign keys of the database, and fails until a
new table has its row.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportTable:
    """A table whose rows belong to reports.

    `export_key`: where a student's export has them (docs/export.md); None: `why_not` says why
    they are not in it.
    """

    name: str
    export_key: str | None = None
    why_not: str = ""


# In the order in which rows can be deleted: a table comes before those that it refers to.
REPORT_TABLES = (
    ReportTable(
        "suggestion", why_not="a colleague's to the teacher; the answer has what came of it"
    ),
    ReportTable("review_request", why_not="between two teachers; that they read is in readings"),
    ReportTable("section_grant", why_not="says whom a section is open to, not what it says"),
    ReportTable("release", why_not="a plan; that the answer was released is in steps"),
    ReportTable("access_log", export_key="readings"),
    ReportTable("share", export_key="shares"),
    ReportTable("evidence", export_key="evidence"),
    ReportTable("state_change", export_key="steps"),
    ReportTable("revision", export_key="versions"),
)
