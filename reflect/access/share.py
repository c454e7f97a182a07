"""Sharing: the student decides with whom, from when and until when, and which sections to open."""

import hashlib
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain, count

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base, Instant
from reflect.db.session import execute, session
from reflect.errors import (
    InvalidShareDates,
    LinkEndsTooLate,
    LinkExpired,
    NotFound,
    ShareNotAllowed,
)
from reflect.i18n import N_
from reflect.reports.report import Report, lock
from reflect.reports.rounds import Round
from reflect.school import ties
from reflect.school.people import Actor, Person, PersonRef, SchoolYear, by_surname

# How long a link is open when nobody says until when, and no talk is to come.
LINK_PERIOD = timedelta(days=30)
_TOKEN_CHARACTERS = string.ascii_letters + string.digits
_TOKEN_LENGTH = 33  # 196 bits, which nobody can try out


class Share(Base):
    """A report shared with a person, or by a link with whoever has its token.

    In force from `begins_at` until, not including, `ends_at`, which every link has. Of a person
    and a report one share at most is in force or still to begin: see `share_with`.
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
    Audience.HOME:       N_("home, who may read this report there"),
    Audience.COUNSELLOR: N_("the counsellor, where I share this report"),
}  # fmt: skip


class SectionGrant(Base):
    """A section that the student opened to an audience at `at`, and closed again at `ended_at`.

    `share_id`: the link that it is open through; None: it is open to people, and no link has it.
    """

    __tablename__ = "section_grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    section: Mapped[str]
    audience: Mapped[Audience]
    share_id: Mapped[int | None] = mapped_column(sa.ForeignKey("share.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def in_force(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a share is in force then."""
    return sa.and_(Share.begins_at <= at, _is_not_over(at))


def _is_not_over(at: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    # A link without an end would outlive its student's time at the school: it opens nothing.
    is_endless = sa.and_(Share.ends_at.is_(None), Share.person_id.is_not(None))
    return sa.and_(sa.or_(is_endless, Share.ends_at > at), Share.revoked_at.is_(None))


@dataclass(frozen=True)
class ShareView:
    """A share as the student sees it; `recipient`: a person's name, or the label of a link.

    `person_id`: None for a link. `is_replaced`: another share with the same person took its place.
    """

    id: int
    recipient: str
    person_id: int | None
    created_at: datetime
    begins_at: datetime
    ends_at: datetime | None
    revoked_at: datetime | None
    is_replaced: bool

    @property
    def by_link(self) -> bool:
        return self.person_id is None

    def is_over(self, at: datetime) -> bool:
        """Return whether it has ended, by itself or by the student."""
        return self.revoked_at is not None or (self.ends_at is not None and self.ends_at <= at)


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
    return by_surname(person.ref for person in session().scalars(people_sql))


def require_own_report(report: Report, *, by: Actor) -> None:
    """Raise NotFound for a report that is not mine."""
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
    """Share with a person; what was shared with them so far of this report ends with it.

    Raises ShareNotAllowed, InvalidShareDates, NotFound (not my report).
    """
    require_own_report(report, by=by)
    guardians, counsellors = possible_recipients(report.student_id, by=by)
    # The page offers only these people, but a request can name anybody.
    if person_id not in {person.id for person in (*guardians, *counsellors)}:
        raise ShareNotAllowed
    share = Share(report_id=report.id, person_id=person_id, begins_at=begins_at, ends_at=ends_at)
    _require_days(share)
    lock(report)
    # One share of a person at a time: else stopping the one that is seen would leave the other.
    _end_shares_with(person_id, report, at=at)
    _add_share(share, by=by, at=at)


def _end_shares_with(person_id: int, report: Report, *, at: datetime) -> None:
    shares_sql = (
        sa.select(Share)
        .where(Share.report_id == report.id, Share.person_id == person_id, _is_not_over(at))
        # As the row is now, and not as this session read it before the lock.
        .execution_options(populate_existing=True)
    )
    for share in session().scalars(shares_sql):
        share.revoked_at = at


@dataclass(frozen=True)
class LinkDays:
    """Until which day a link of a report is open by itself, and until which it can be."""

    default_last: date
    last: date


def link_days(report: Report, *, first_day: date, by: Actor) -> LinkDays:
    """Return the last day of a link of my report: the talk or 30 days, and the school year.

    Raises LinkEndsTooLate when the school year is over.
    """
    require_own_report(report, by=by)
    report_round = session().get_one(Round, report.round_id)
    # Of the year that it is now; in a holiday between two years, of the one of the round.
    year_ends_sql = sa.select(SchoolYear.ends_on).where(
        sa.or_(SchoolYear.begins_on <= by.today, SchoolYear.id == report_round.year_id),
        SchoolYear.ends_on > by.today,
    )
    year_ends_on = session().scalar(year_ends_sql.order_by(SchoolYear.ends_on))
    last = year_ends_on - timedelta(days=1) if year_ends_on else None
    if last is None or last < first_day:
        raise LinkEndsTooLate
    talk_on = report_round.conversation_on
    default = talk_on if talk_on and talk_on >= first_day else first_day + LINK_PERIOD
    return LinkDays(default_last=min(default, last), last=last)


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

    `ends_at`: None for LINK_PERIOD; the page asks `link_days` for a day. Raises InvalidShareDates,
    LinkEndsTooLate, NotFound (not my report).
    """
    require_own_report(report, by=by)
    # The zone of the school is not known here: a day of play, and the page refuses to the day.
    latest = link_days(report, first_day=by.today, by=by).last + timedelta(days=2)
    if ends_at is None:
        ends_at = begins_at + LINK_PERIOD
    if ends_at.date() > latest:
        raise LinkEndsTooLate
    lock(report)
    token = _new_token()
    share = Share(
        report_id=report.id,
        # Only the hash is stored: whoever reads the database cannot open the link.
        token_hash=_hash_token(token),
        label=_distinct_label(label.strip(), report),
        begins_at=begins_at,
        ends_at=ends_at,
    )
    _require_days(share)
    _add_share(share, by=by, at=at)
    return token


def _new_token() -> str:
    # Letters and digits alone: programs for mail leave a sign at the end out of the link.
    return "".join(secrets.choice(_TOKEN_CHARACTERS) for _ in range(_TOKEN_LENGTH))


def _distinct_label(label: str, report: Report) -> str:
    """Return the label, or with a number behind it where an earlier link of the report has it."""
    labels_sql = sa.select(Share.label).where(
        Share.report_id == report.id, Share.person_id.is_(None)
    )
    taken = set(session().scalars(labels_sql))
    numbered = (f"{label} ({number})" for number in count(2))
    return next(each for each in chain([label], numbered) if each not in taken)


def _require_days(share: Share) -> None:
    if share.ends_at is not None and share.ends_at <= share.begins_at:
        raise InvalidShareDates


def _add_share(share: Share, *, by: Actor, at: datetime) -> None:
    share.by_id = by.id
    share.created_at = at
    session().add(share)
    session().flush()


def revoke(report: Report, *, share_id: int, by: Actor, at: datetime) -> None:
    """End a share now, and whatever else of this report is shared with the same person.

    Raises NotFound when this report of mine has no such share.
    """
    require_own_report(report, by=by)
    lock(report)
    share = session().get(Share, share_id, populate_existing=True)
    # A share of another report looks like one that does not exist.
    if share is None or share.report_id != report.id:
        raise NotFound
    # Ending it twice keeps the first moment.
    share.revoked_at = share.revoked_at or at
    if share.person_id is not None:
        # A share that began while this page stood open would go on unseen.
        session().flush()
        _end_shares_with(share.person_id, report, at=at)


def shares_of(report: Report, *, by: Actor) -> list[ShareView]:
    """Return the shares of my report, the newest first. Raises NotFound (not my report)."""
    require_own_report(report, by=by)
    shares_sql = (
        sa.select(Share, Person)
        .outerjoin(Person, Person.id == Share.person_id)
        .where(Share.report_id == report.id)
        .order_by(Share.id.desc())
    )
    rows = list(session().execute(shares_sql))
    begun = {(share.person_id, share.created_at) for share, _ in rows if share.person_id}
    return [
        ShareView(
            id=share.id,
            recipient=person.name if person else share.label,
            person_id=share.person_id,
            created_at=share.created_at,
            begins_at=share.begins_at,
            ends_at=share.ends_at,
            revoked_at=share.revoked_at,
            is_replaced=(share.person_id, share.revoked_at) in begun,
        )
        for share, person in rows
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
    # No slow hash as for passwords: nobody can try out as many tokens as there are.
    return hashlib.sha256(token.encode()).hexdigest()


def open_section(
    report: Report,
    *,
    section: str,
    audience: Audience,
    by: Actor,
    at: datetime,
    share_id: int | None = None,
) -> None:
    """Open a section to an audience, unless it is open; `share_id`: through this link only.

    Raises NotFound (not my report, or no such link of it).
    """
    require_own_report(report, by=by)
    if share_id is not None:
        _require_link(share_id, report)
    # One open row for an audience is enough: closing ends all that are open.
    if session().scalar(_open_grants_sql(report, section, audience, share_id)) is None:
        grant = SectionGrant(
            report_id=report.id, section=section, audience=audience, share_id=share_id, at=at
        )
        session().add(grant)
        session().flush()


def _require_link(share_id: int, report: Report) -> None:
    share = session().get(Share, share_id)
    if share is None or share.report_id != report.id or share.person_id is not None:
        raise NotFound


def _open_grants_sql(
    report: Report, section: str, audience: Audience, share_id: int | None
) -> sa.Select[SectionGrant]:
    return sa.select(SectionGrant).where(
        SectionGrant.report_id == report.id,
        SectionGrant.section == section,
        SectionGrant.audience == audience,
        SectionGrant.share_id == share_id,
        SectionGrant.ended_at.is_(None),
    )


def close_section(
    report: Report,
    *,
    section: str,
    audience: Audience,
    by: Actor,
    at: datetime,
    share_id: int | None = None,
) -> None:
    """Close a section to an audience, if it is open. Raises NotFound (not my report)."""
    require_own_report(report, by=by)
    # The row stays, since it says when the section was open.
    for grant in session().scalars(_open_grants_sql(report, section, audience, share_id)):
        grant.ended_at = at


# Built once: the writing page asks it (decision 22).
_GRANTS_SQL = (
    sa.select(SectionGrant.section, SectionGrant.audience, SectionGrant.share_id, Share.label)
    .outerjoin(Share, Share.id == SectionGrant.share_id)
    .where(SectionGrant.report_id == sa.bindparam("report", type_=sa.Integer))
    .where(SectionGrant.ended_at.is_(None))
    .where(sa.or_(SectionGrant.share_id.is_(None), _is_not_over(sa.bindparam("at", type_=Instant))))
    .order_by(Share.id)
)


@dataclass(frozen=True)
class SectionGrants:
    """To whom the sections of a report are open, by section.

    `links`: those that carry it and are not over, labels by the ids of shares.
    """

    audiences: Mapping[str, set[Audience]]
    links: Mapping[str, Mapping[int, str]]


def section_grants_of(report: Report, *, by: Actor, at: datetime) -> SectionGrants:
    """Return to whom each section of my report is open now. Raises NotFound (not my report)."""
    require_own_report(report, by=by)
    audiences: dict[str, set[Audience]] = {}
    links: dict[str, dict[int, str]] = {}
    params = {"report": report.id, "at": at}
    for section, audience, share_id, label in execute(_GRANTS_SQL, params):
        if share_id is None:
            audiences.setdefault(section, set()).add(audience)
        else:
            links.setdefault(section, {})[share_id] = label
    return SectionGrants(audiences, links)
