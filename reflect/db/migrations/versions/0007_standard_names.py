"""Tables and columns under the standard terms for what they hold; no row and no value is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = {
    "opening": "section_grant",
    "phrase": "snippet",
    "reading": "access_log",
    "reading_along": "review_request",
    "sign_in": "user_session",
    "step_taken": "state_change",
    "take_along": "export_job",
}

# By table, under its new name: old column, new column.
_COLUMNS = {
    "access_log": {"door": "channel"},
    "evidence": {"measure": "dimensions", "upload": "upload_key"},
    "export_job": {"asked_at": "requested_at", "moved_at": "stage_changed_at"},
    "person": {"writes": "editor_mode"},
    "print_job": {
        "binding": "output_format",
        "asked_at": "requested_at",
        "moved_at": "stage_changed_at",
    },
    "print_member": {"came": "status"},
    "release": {
        "verb": "action",
        "lapsed_at": "failed_at",
        "why": "reason",
        "made_at": "created_at",
    },
    "report": {
        "handed_in_upto": "teacher_sees_until_revision_id",
        "given_upto": "student_sees_until_revision_id",
        "answered_upto": "home_sees_until_revision_id",
    },
    "review_request": {
        "asked_by_id": "requested_by_id",
        "colleague_id": "reviewer_id",
        "asked_at": "requested_at",
    },
    "revision": {"kept_aside": "is_conflict", "settles": "settled_conflict_id"},
    "share": {"made_at": "created_at", "taken_back_at": "revoked_at"},
    "snippet": {"follows": "replaces_id", "made_at": "created_at"},
    "state_change": {
        "verb": "action",
        "upto": "visible_revision_id_after",
        "upto_before": "visible_revision_id_before",
    },
    "suggestion": {
        "reading_along_id": "review_request_id",
        "based_on": "based_on_id",
        "kept_aside": "is_conflict",
    },
}

# By table, under its new name: old constraint, new constraint.
_CONSTRAINTS = {
    "access_log": {
        "pk_reading": "pk_access_log",
        "fk_reading_person_id": "fk_access_log_person_id",
        "fk_reading_report_id": "fk_access_log_report_id",
        "fk_reading_share_id": "fk_access_log_share_id",
    },
    "evidence": {"uq_evidence_report_id_upload": "uq_evidence_report_id_upload_key"},
    "export_job": {
        "pk_take_along": "pk_export_job",
        "fk_take_along_person_id": "fk_export_job_person_id",
        "uq_take_along_key": "uq_export_job_key",
    },
    "review_request": {
        "pk_reading_along": "pk_review_request",
        "fk_reading_along_asked_by_id": "fk_review_request_requested_by_id",
        "fk_reading_along_colleague_id": "fk_review_request_reviewer_id",
        "fk_reading_along_report_id": "fk_review_request_report_id",
    },
    "section_grant": {
        "pk_opening": "pk_section_grant",
        "fk_opening_report_id": "fk_section_grant_report_id",
    },
    "snippet": {
        "pk_phrase": "pk_snippet",
        "fk_phrase_follows": "fk_snippet_replaces_id",
        "fk_phrase_owner_id": "fk_snippet_owner_id",
        "fk_phrase_subject_id": "fk_snippet_subject_id",
    },
    "state_change": {
        "pk_step_taken": "pk_state_change",
        "fk_step_taken_by_id": "fk_state_change_by_id",
        "fk_step_taken_report_id": "fk_state_change_report_id",
    },
    "suggestion": {
        "fk_suggestion_based_on": "fk_suggestion_based_on_id",
        "fk_suggestion_reading_along_id": "fk_suggestion_review_request_id",
        "uq_suggestion_reading_along_id_section_field_save_key": (
            "uq_suggestion_review_request_id_section_field_save_key"
        ),
    },
    "user_session": {
        "pk_sign_in": "pk_user_session",
        "fk_sign_in_person_id": "fk_user_session_person_id",
        "uq_sign_in_token_hash": "uq_user_session_token_hash",
    },
}

_INDEXES = {
    "ix_opening_report_id": "ix_section_grant_report_id",
    "ix_phrase_owner_id": "ix_snippet_owner_id",
    "ix_phrase_subject_id": "ix_snippet_subject_id",
    "ix_reading_along_colleague_id": "ix_review_request_reviewer_id",
    "ix_reading_along_report_id": "ix_review_request_report_id",
    "ix_reading_report_id": "ix_access_log_report_id",
    "ix_sign_in_person_id": "ix_user_session_person_id",
    "ix_step_taken_report_id": "ix_state_change_report_id",
    "ix_take_along_person_id": "ix_export_job_person_id",
    "ix_take_along_stage": "ix_export_job_stage",
}


def upgrade() -> None:
    for old, new in _TABLES.items():
        op.rename_table(old, new)
    for table, columns in _COLUMNS.items():
        for old, new in columns.items():
            # The partial indexes of `release` follow: both databases rewrite their condition.
            op.alter_column(table, old, new_column_name=new)
    if op.get_bind().dialect.name == "sqlite":
        for table, names in _CONSTRAINTS.items():
            _copy_with_new_names(table, names | _INDEXES)
    else:
        _rename_in_place()
    # The word of what is now Voice.REQUEST_NOTE.
    op.execute("UPDATE revision SET voice = 'request_note' WHERE voice = 'between'")


def _copy_with_new_names(table: str, names: dict[str, str]) -> None:
    """Copy the rows into a table with the new names: SQLite can rename no constraint or index.

    `revision` needs none of this: the foreign key of the one column that changes has no name on
    SQLite, see step 0002. Nor may it be copied without care: the copy would forget which ids were
    given out before, and the id of a revision must never come back.
    """
    description = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    for item in (*description.constraints, *description.indexes):
        item.name = names.get(item.name, item.name)
    with op.batch_alter_table(table, copy_from=description, recreate="always"):
        pass


def _rename_in_place() -> None:
    for table, names in _CONSTRAINTS.items():
        for old, new in names.items():
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    # The name that PostgreSQL chose in step 0002, where the reference stands with its column.
    op.execute(
        "ALTER TABLE revision"
        " RENAME CONSTRAINT revision_settles_fkey TO fk_revision_settled_conflict_id"
    )
    for old, new in _INDEXES.items():
        op.execute(f"ALTER INDEX {old} RENAME TO {new}")
    for old, new in _TABLES.items():
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
