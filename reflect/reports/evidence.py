"""Evidence: a photo, sound or document of a section; the section's text names its pieces by key."""

import logging
import secrets
from collections.abc import Container, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import no_transaction, session
from reflect.errors import (
    EvidenceQuotaReached,
    EvidenceRejected,
    InvalidTransition,
    NotFound,
    StorageUnavailable,
    TooMuchEvidence,
)
from reflect.media.kinds import MediaKind, SafeFile
from reflect.media.limits import MediaLimits, MediaRejected
from reflect.media.picture_size import PictureSize
from reflect.media.transcode import to_safe_file
from reflect.reports.form_schema import caption_field, captioned_evidence, evidence_keys
from reflect.reports.report import Report, has_role, lock
from reflect.reports.workflow import Action, Role
from reflect.school.people import Actor, Course, lock_person
from reflect.storage import BlobStore

log = logging.getLogger(__name__)

MAX_CAPTION_LENGTH = 500  # it stands under a picture, on paper too
MAX_PER_REPORT = 60  # pieces ever uploaded, those that no text names any more included


class Evidence(Base):
    """One piece of evidence, as `reflect.media` transcoded it.

    `key` names it everywhere; `upload_key` is the name that the page gave to the upload, so that
    an upload sent twice makes one piece. `dimensions`: "1600x1200", or empty without a picture.
    `stored_bytes`: of all its files together; 0 where it was added before this was noted.
    """

    __tablename__ = "evidence"
    __table_args__ = (sa.UniqueConstraint("report_id", "upload_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    kind: Mapped[MediaKind]
    mime: Mapped[str]
    extension: Mapped[str]
    dimensions: Mapped[str]
    stored_bytes: Mapped[int] = mapped_column(default=0)
    upload_key: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[datetime]

    @property
    def size(self) -> PictureSize:
        """The size of a picture."""
        return PictureSize.parse(self.dimensions)

    @property
    def blob_name(self) -> str:
        return f"{self.key}.{self.extension}"

    @property
    def blob_names(self) -> tuple[str, ...]:
        """The names of all its files in the blob store: a picture has one for paper too."""
        is_picture = self.kind is MediaKind.PICTURE
        return (self.blob_name, print_blob_name(self.key)) if is_picture else (self.blob_name,)


def print_blob_name(key: str) -> str:
    """Return the name in the blob store of a picture at print size, by the key of its evidence."""
    return f"{key}.print.jpg"


def read_file(name: str, *, blob_store: BlobStore) -> bytes | None:
    """Return the bytes of a file of evidence; None when the file is lost, which is logged."""
    try:
        return blob_store.get(name)
    except FileNotFoundError:
        # Never the whole key, which is the name of the file, in a log.
        log.warning("a file of evidence is missing", extra={"reference": name[:6]})
        return None


def add_evidence(
    report: Report,
    content: bytes,
    *,
    upload_key: str,
    limits: MediaLimits,
    quota_mb: int,
    blob_store: BlobStore,
    by: Actor,
    at: datetime,
) -> Evidence:
    """Store a piece of evidence, or return the one that this upload made before.

    `quota_mb`: what all files of a student may take in a school year. Raises NotFound,
    InvalidTransition, TooMuchEvidence, EvidenceQuotaReached, EvidenceRejected, StorageUnavailable.
    """
    existing = _existing_or_allowed(report, upload_key, by=by)
    if existing is not None:
        return existing
    _check_quota(report, 1, quota_mb=quota_mb)
    report_id = report.id
    # Transcoding takes seconds, in which nobody may wait for this transaction (decision 33).
    with no_transaction():
        safe_file = _transcode_upload(content, limits=limits)
        row = _evidence_row(report_id, safe_file, upload_key=upload_key, by=by, at=at)
        # Files first, then the row: where the storage fails, no row names a file that is missing.
        _store_files(row, safe_file, blob_store=blob_store)
    added = False
    try:
        # Meanwhile the report may have been handed in, or the same upload have come again.
        existing = _existing_or_fitting(report, row, quota_mb=quota_mb, by=by)
        added = existing is None
    finally:
        if not added:
            _delete_files(row, blob_store=blob_store)
    if added:
        session().add(row)
        session().flush()
    return existing or row


def _delete_files(row: Evidence, *, blob_store: BlobStore) -> None:
    """Remove the files of a piece that is not to be."""
    # No transaction: the storage may be another machine.
    with no_transaction():
        for name in row.blob_names:
            blob_store.delete(name)


def _existing_or_allowed(report: Report, upload_key: str, *, by: Actor) -> Evidence | None:
    """Return what this upload made before; None when it may make a piece now.

    Raises NotFound, InvalidTransition, TooMuchEvidence.
    """
    if not has_role(Role.STUDENT, report, by):
        raise NotFound
    # An upload that is sent twice makes one piece: the second gets the result of the first, also
    # when the report was handed in between the two.
    existing = _find_by_upload_key(report.id, upload_key)
    if existing is not None:
        return existing
    if not report.can(Action.WRITE, by=by):
        raise InvalidTransition
    if len(evidence_of({report.id})) >= MAX_PER_REPORT:
        raise TooMuchEvidence
    return None


def _existing_or_fitting(
    report: Report, row: Evidence, *, quota_mb: int, by: Actor
) -> Evidence | None:
    """Return what the upload of `row` made before; None when that may be added now.

    Raises as `add_evidence` does.
    """
    # The person too: two uploads to two of their reports share one quota.
    lock_person(by.id)
    lock(report)
    existing = _existing_or_allowed(report, row.upload_key, by=by)
    if existing is None:
        _check_quota(report, row.stored_bytes, quota_mb=quota_mb)
    return existing


def _check_quota(report: Report, more_bytes: int, *, quota_mb: int) -> None:
    """Raise EvidenceQuotaReached where the student has no room for so many bytes in this year."""
    year_sql = sa.select(Course.year_id).where(Course.id == report.course_id).scalar_subquery()
    used_sql = (
        sa.select(sa.func.coalesce(sa.func.sum(Evidence.stored_bytes), 0))
        .join(Report, Report.id == Evidence.report_id)
        .join(Course, Course.id == Report.course_id)
        .where(Report.student_id == report.student_id, Course.year_id == year_sql)
    )
    used_bytes: int = session().execute(used_sql).scalar_one()
    if used_bytes + more_bytes > quota_mb * 1_000_000:
        raise EvidenceQuotaReached(megabytes=quota_mb)


def _evidence_row(
    report_id: int, safe_file: SafeFile, *, upload_key: str, by: Actor, at: datetime
) -> Evidence:
    return Evidence(
        # 128 random bits: nobody can guess the name of a file (decision 16).
        key=secrets.token_urlsafe(16),
        report_id=report_id,
        kind=safe_file.kind,
        mime=safe_file.mime,
        extension=safe_file.extension,
        dimensions=f"{safe_file.width}x{safe_file.height}" if safe_file.width else "",
        stored_bytes=len(safe_file.content) + len(safe_file.print_jpeg),
        upload_key=upload_key,
        by_id=by.id,
        added_at=at,
    )


def _store_files(row: Evidence, safe_file: SafeFile, *, blob_store: BlobStore) -> None:
    contents = [content for content in (safe_file.content, safe_file.print_jpeg) if content]
    try:
        for name, content in zip(row.blob_names, contents, strict=True):
            blob_store.put(name, content)
    except OSError as error:
        # The page says so, and the text of the section is kept all the same (decision 16).
        raise StorageUnavailable from error


def _transcode_upload(content: bytes, *, limits: MediaLimits) -> SafeFile:
    try:
        return to_safe_file(content, limits=limits)
    except MediaRejected as error:
        raise EvidenceRejected(error.reason) from error


def _find_by_upload_key(report_id: int, upload_key: str) -> Evidence | None:
    return session().scalar(
        sa.select(Evidence).where(
            Evidence.report_id == report_id, Evidence.upload_key == upload_key
        )
    )


def find_upload(report: Report, upload_key: str, *, by: Actor) -> Evidence:
    """Return what this upload of mine made. Raises NotFound."""
    if not has_role(Role.STUDENT, report, by):
        raise NotFound
    existing = _find_by_upload_key(report.id, upload_key)
    if existing is None:
        raise NotFound
    return existing


def evidence_of(report_ids: Iterable[int]) -> dict[str, Evidence]:
    """Return all pieces of these reports, by key."""
    ids = list(report_ids)
    if not ids:
        return {}
    rows = session().scalars(sa.select(Evidence).where(Evidence.report_id.in_(ids)))
    return {row.key: row for row in rows}


def first_long_caption(contents: Mapping[str, Mapping[str, str]]) -> tuple[str, str] | None:
    """Return the section and the key of the first piece with a caption over MAX_CAPTION_LENGTH."""
    long_captions = (
        (section, key)
        for section, content in contents.items()
        for key, caption in captioned_evidence(content)
        if len(caption) > MAX_CAPTION_LENGTH
    )
    return next(long_captions, None)


def drop_foreign_evidence(
    report_id: int, contents: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    """Return these texts, by section, without the pieces that are not this report's own."""
    # No query where no text names any evidence.
    if not any(evidence_keys(content) for content in contents.values()):
        return dict(contents)
    # A page could name a photo of somebody else's report by its key, and so get to see it.
    own_keys = evidence_of({report_id}).keys()
    return {section: _drop_keys_not_in(own_keys, content) for section, content in contents.items()}


def _drop_keys_not_in(own_keys: Container[str], content: Mapping[str, str]) -> Mapping[str, str]:
    kept_keys = [key for key in evidence_keys(content) if key in own_keys]
    foreign_keys = [key for key in evidence_keys(content) if key not in own_keys]
    if not foreign_keys:
        return content
    foreign_captions = {caption_field(key) for key in foreign_keys}
    fields = {name: text for name, text in content.items() if name not in foreign_captions}
    return {**fields, "evidence": " ".join(kept_keys)}
