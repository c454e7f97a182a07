"""Sharing: the student decides with whom, from when and until when, and which sections to open."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import InvalidShareDates, LinkExpired, NotFound, ShareNotAllowed
from reflect.i18n import N_
from reflect.reports.report import Report
from reflect.school import ties
from reflect.school.people import Actor, Person, PersonRef


class Share(Base):
    """A report shared with a person, or by a link with whoever has its token.

    In force from `begins_at` until, not including, `ends_at`.
    """

    __tablename__ = "share"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column(default="")
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Audience(StrEnum):
    """To whom a student can open a private section, or the letter to the teacher."""

    TEACHER = "teacher"
    MENTOR = "mentor"
    HOME = "home"
    COUNSELLOR = "counsellor"

    @property
    def label(self) -> str:
        """The msgid of the box to tick."""
        return _AUDIENCE_LABELS[self]


_AUDIENCE_LABELS = {
    Audience.TEACHER:    N_("my teacher"),
    Audience.MENTOR:     N_("my mentor"),
    Audience.HOME:       N_("home, where I share this report"),
    Audience.COUNSELLOR: N_("the counsellor, where I share this report"),
}  # fmt: skip


class SectionGrant(Base):
    """A section that the student opened to an audience at `at`, and closed again at `ended_at`."""

    __tablename__ = "section_grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    section: Mapped[str]
    audience: Mapped[Audience]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def in_force(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a share is in force then."""
    return sa.and_(
        Share.begins_at <= at,
        sa.or_(Share.ends_at.is_(None), Share.ends_at > at),
        Share.revoked_at.is_(None),
    )


@dataclass(frozen=True)
class ShareView:
    """A share as the student sees it; `recipient`: a person's name, or the label of a link."""

    id: int
    recipient: str
    by_link: bool
    begins_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None


def possible_recipients(student_id: int, *, by: Actor) -> tuple[list[PersonRef], list[PersonRef]]:
    """Return the guardians with custody of a student, and the school's counsellors.

    A counsellor who is a guardian too is only among the guardians.
    """
    guardian_ids = sa.select(ties.Guardianship.person_id).where(
        ties.Guardianship.student_id == student_id,
        # Without custody the school may not show this guardian anything.
        ties.Guardianship.custody == ties.Custody.YES,
        ties.is_current(ties.Guardianship, on=by.today),
    )
    counsellor_ids = sa.select(ties.Duty.person_id).where(
        ties.Duty.duty == ties.DutyKind.COUNSELLOR, ties.is_current(ties.Duty, on=by.today)
    )
    guardians = _people_except(student_id, person_ids=guardian_ids)
    counsellors = _people_except(student_id, person_ids=counsellor_ids)
    return guardians, [person for person in counsellors if person not in guardians]


def _people_except(student_id: int, *, person_ids: sa.Select[int]) -> list[PersonRef]:
    people_sql = sa.select(Person).where(Person.id != student_id, Person.id.in_(person_ids))
    return [person.ref for person in session().scalars(people_sql.order_by(Person.given_name))]


def _require_own_report(report: Report, *, by: Actor) -> None:
    if report.student_id != by.id:
        raise NotFound


def share_with(
    report: Report,
    *,
    person_id: int,
    begins_at: datetime,
    ends_at: datetime | None,
    by: Actor,
    at: datetime,
) -> None:
    """Share with a person. Raises ShareNotAllowed, InvalidShareDates, NotFound (not my report)."""
    _require_own_report(report, by=by)
    guardians, counsellors = possible_recipients(report.student_id, by=by)
    # The page offers only these people, but a request can name anybody.
    if person_id not in {person.id for person in (*guardians, *counsellors)}:
        raise ShareNotAllowed
    _add_share(
        Share(report_id=report.id, person_id=person_id, begins_at=begins_at, ends_at=ends_at),
        by=by,
        at=at,
    )


def share_by_link(
    report: Report,
    *,
    label: str,
    begins_at: datetime,
    ends_at: datetime | None,
    by: Actor,
    at: datetime,
) -> str:
    """Share by a link, and return its token: only its hash is stored, so it is shown only now.

    Raises InvalidShareDates, NotFound (not my report).
    """
    _require_own_report(report, by=by)
    token = secrets.token_urlsafe(24)
    share = Share(
        report_id=report.id,
        # Only the hash is stored: whoever reads the database cannot open the link.
        token_hash=_hash_token(token),
        label=label.strip(),
        begins_at=begins_at,
        ends_at=ends_at,
    )
    _add_share(share, by=by, at=at)
    return token


def _add_share(share: Share, *, by: Actor, at: datetime) -> None:
    if share.ends_at is not None and share.ends_at <= share.begins_at:
        raise InvalidShareDates
    share.by_id = by.id
    share.created_at = at
    session().add(share)
    session().flush()


def revoke(report: Report, *, share_id: int, by: Actor, at: datetime) -> None:
    """End a share now. Raises NotFound when this report of mine has no such share."""
    _require_own_report(report, by=by)
    share = session().get(Share, share_id)
    # A share of another report looks like one that does not exist.
    if share is None or share.report_id != report.id:
        raise NotFound
    # Ending it twice keeps the first moment.
    share.revoked_at = share.revoked_at or at


def shares_of(report: Report, *, by: Actor) -> list[ShareView]:
    """Return the shares of my report, the newest first. Raises NotFound (not my report)."""
    _require_own_report(report, by=by)
    shares_sql = (
        sa.select(Share, Person)
        .outerjoin(Person, Person.id == Share.person_id)
        .where(Share.report_id == report.id)
        .order_by(Share.id.desc())
    )
    return [
        ShareView(
            id=share.id,
            recipient=person.name if person else share.label,
            by_link=person is None,
            begins_at=share.begins_at,
            ends_at=share.ends_at,
            revoked_at=share.revoked_at,
        )
        for share, person in session().execute(shares_sql)
    ]


def by_token(token: str, *, at: datetime) -> tuple[int, int]:
    """Return the ids of the share and the report of a link. Raises LinkExpired."""
    share = session().scalar(
        sa.select(Share).where(Share.token_hash == _hash_token(token), in_force(at))
    )
    # The same error for an unknown, an ended and a revoked link: a guess learns nothing.
    if share is None:
        raise LinkExpired
    return share.id, share.report_id


def _hash_token(token: str) -> str:
    # No slow hash as for passwords: the token is 192 random bits, which nobody can try out.
    return hashlib.sha256(token.encode()).hexdigest()


def open_section(
    report: Report, *, section: str, audience: Audience, by: Actor, at: datetime
) -> None:
    """Open a section to an audience, unless it is open. Raises NotFound (not my report)."""
    _require_own_report(report, by=by)
    # One open row for an audience is enough: closing ends all that are open.
    if audience not in section_grants_of(report, by=by).get(section, set()):
        session().add(SectionGrant(report_id=report.id, section=section, audience=audience, at=at))
        session().flush()


def close_section(
    report: Report, *, section: str, audience: Audience, by: Actor, at: datetime
) -> None:
    """Close a section to an audience, if it is open. Raises NotFound (not my report)."""
    _require_own_report(report, by=by)
    open_grants = sa.and_(
        SectionGrant.report_id == report.id,
        SectionGrant.section == section,
        SectionGrant.audience == audience,
        SectionGrant.ended_at.is_(None),
    )
    # The row stays, since it says when the section was open.
    session().execute(sa.update(SectionGrant).where(open_grants).values(ended_at=at))


def section_grants_of(report: Report, *, by: Actor) -> dict[str, set[Audience]]:
    """Return to whom each section of my report is open now. Raises NotFound (not my report)."""
    _require_own_report(report, by=by)
    grants_sql = sa.select(SectionGrant).where(
        SectionGrant.report_id == report.id, SectionGrant.ended_at.is_(None)
    )
    grants: dict[str, set[Audience]] = {}
    for row in session().scalars(grants_sql):
        grants.setdefault(row.section, set()).add(row.audience)
    return grants
