"""Evidence: a photo, sound or document that stands with a section; a text names the pieces that belong to it."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.media.kinds import Kind, Limits, MediaRefused, Refitted
from reflect.media.refit import refit
from reflect.refusal import EvidenceNotKept, EvidenceRefused, NotFound, NotNow, TooMuchEvidence
from reflect.report.grammar import caption, pieces
from reflect.report.life import Actor, Verb
from reflect.report.report import Report, acts_as
from reflect.school.people import Me
from reflect.store import Base, keep, session
from reflect.vault import Vault

MOST = 60  # pieces ever sent to one report, those taken away included


class Evidence(Base):
    """One piece, made anew by `media`: `key` names it everywhere; `upload` is what the sender's page called it."""

    __tablename__ = "evidence"
    __table_args__ = (sa.UniqueConstraint("report_id", "upload"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    kind: Mapped[Kind]
    mime: Mapped[str]
    extension: Mapped[str]
    measure: Mapped[str]  # "1600x1200"; empty for what is not a picture
    upload: Mapped[str]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[datetime]

    @property
    def file(self) -> str:
        return f"{self.key}.{self.extension}"

    @property
    def print_file(self) -> str:
        return f"{self.key}.print.jpg"


def add(
    report: Report, content: bytes, *, upload: str, limits: Limits, into: Vault, by: Me, at: datetime
) -> Evidence:  # fmt: skip
    """Keep a piece of evidence, or give the one that this upload made before.

    Making it anew takes seconds, so it happens outside any transaction.
    Raises NotFound, NotNow, TooMuchEvidence, EvidenceRefused, EvidenceNotKept.
    """
    if not acts_as(Actor.STUDENT, report, by):
        raise NotFound
    if not report.may(Verb.WRITE, by=by):
        raise NotNow
    if (known := _sent_before(report.id, upload)) is not None:
        return known
    if len(of({report.id})) >= MOST:
        raise TooMuchEvidence
    keep()
    made, key = _refitted(content, limits=limits), secrets.token_urlsafe(16)
    row = Evidence(
        key=key, report_id=report.id, kind=made.kind, mime=made.mime, extension=made.extension,
        measure=f"{made.width}x{made.height}" if made.width else "", upload=upload, by_id=by.id, added_at=at,
    )  # fmt: skip
    _put(row, made, into=into)
    if (known := _sent_before(report.id, upload)) is not None:
        return known
    session().add(row)
    session().flush()
    return row


def _put(row: Evidence, made: Refitted, *, into: Vault) -> None:
    try:
        into.put(row.file, made.screen)
        if made.print:
            into.put(row.print_file, made.print)
    except OSError as no:
        raise EvidenceNotKept from no


def _refitted(content: bytes, *, limits: Limits) -> Refitted:
    try:
        return refit(content, limits=limits)
    except MediaRefused as no:
        raise EvidenceRefused(no.why) from no


def _sent_before(report_id: int, upload: str) -> Evidence | None:
    return session().scalar(sa.select(Evidence).where(Evidence.report_id == report_id, Evidence.upload == upload))


def sent_before(report: Report, upload: str, *, by: Me) -> Evidence:
    """Give what this upload made. Raises NotFound."""
    known = _sent_before(report.id, upload) if acts_as(Actor.STUDENT, report, by) else None
    if known is None:
        raise NotFound
    return known


def of(report_ids: Iterable[int]) -> dict[str, Evidence]:
    """Give all pieces of these reports, by key."""
    ids = list(report_ids)
    found = session().scalars(sa.select(Evidence).where(Evidence.report_id.in_(ids))) if ids else ()
    return {row.key: row for row in found}


def only_of(report_id: int, contents: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Leave out of these texts every piece that is not this report's own."""
    if not any(pieces(content) for content in contents.values()):
        return dict(contents)
    own = of({report_id})
    return {section: _without_foreign(content, own) for section, content in contents.items()}


def _without_foreign(content: Mapping[str, str], own: Mapping[str, Evidence]) -> Mapping[str, str]:
    foreign = {caption(key) for key in pieces(content) if key not in own}
    kept = {name: text for name, text in content.items() if name not in foreign}
    return kept | {"evidence": " ".join(key for key in pieces(content) if key in own)} if foreign else content
