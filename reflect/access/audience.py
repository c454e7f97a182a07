"""Who reads what of a report, in sentences for its student, from the table of permissions.

A page that says who can or cannot read something shows what this module returns: the sentences
are made of the answers of `WHO_SEES`, so they change with it. tests/test_audience.py compares them
with the oracle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from reflect.access import policy, share
from reflect.access.permissions import (
    VIEWER_RELATIONS,
    WHO_SEES,
    ProspectiveViewer,
    ShareLinkViewer,
    Viewer,
    facts,
    opened_sections_sql,
    parts_by_relation,
    viewer_params,
)
from reflect.access.policy import PolicyKind
from reflect.access.share import Audience, Share, ShareView, in_force
from reflect.access.view_models import ReportPart
from reflect.db.session import execute, session
from reflect.i18n import N_
from reflect.reports.form_schema import Section
from reflect.reports.report import Report
from reflect.reports.rounds import Round
from reflect.school import ties
from reflect.school.people import Actor, Person, SchoolYear, by_surname

_TEXT_PARTS = frozenset((ReportPart.TEXT, ReportPart.ANSWERED_TEXT))


@dataclass(frozen=True)
class Sentence:
    """A msgid with what fills its places: words, days, or sentences, which the web layer joins."""

    msgid: str
    values: Mapping[str, "str | date | Sentence"] = field(default_factory=dict)


# Who may read a section, by the relation and the condition of its cell in WHO_SEES: a cell with
# another condition needs its own words here.
_RELATION_PHRASES = {
    ("teacher", "handed_in"): N_("your teacher, once you hand it in"),
    ("mentor", "answered_in_mentor_year"): N_("your mentor, once it has been answered"),
    ("guardian", "shared_or_shown_by_policy"): N_(
        "at home, whoever may read this report there, once it has been answered"
    ),
    ("counsellor", "shared_with_them"): N_(
        "the counsellor, if you share this report with them, once you hand it in"
    ),
}
_LINK_PHRASE = N_("whoever has your link “%(label)s”, once it has been answered")
_AUDIENCE_RELATIONS = {
    Audience.TEACHER:    "teacher",
    Audience.MENTOR:     "mentor",
    Audience.HOME:       "guardian",
    Audience.COUNSELLOR: "counsellor",
}  # fmt: skip
_ROLES = {
    "teacher":    N_("your teacher"),
    "mentor":     N_("your mentor"),
    "guardian":   N_("at home"),
    "counsellor": N_("counsellor at school"),
}  # fmt: skip


@dataclass(frozen=True)
class SectionAudience:
    """For whom a confidential section, private or a letter, is besides its student.

    `relations`: those of VIEWER_RELATIONS with which one reads it, once its cell is true;
    `links`: the labels of the links that carry it, by the ids of their shares.
    """

    is_private: bool
    relations: frozenset[str]
    links: Mapping[int, str]

    @property
    def is_nobody(self) -> bool:
        return not self.relations and not self.links

    @property
    def is_default(self) -> bool:
        """Whether it is for whom its kind of section is for by itself."""
        return not self.links and self.relations == _relations_that_see(_own_part(self.is_private))

    @property
    def choice(self) -> Sentence:
        """What stands above the boxes with which its student chooses."""
        if not self.is_default:
            return Sentence(N_("Tick who may read it."))
        if self.is_private:
            return Sentence(N_("Nobody reads this part, unless you tick who may."))
        return Sentence(N_("Your teacher reads this letter. Tick who else may."))

    @property
    def phrases(self) -> list[Sentence]:
        """Each of them in words, with when they read it."""
        by_relation = [
            Sentence(_RELATION_PHRASES[relation, _condition_name(relation)])
            for relation in VIEWER_RELATIONS
            if relation in self.relations
        ]
        by_link = [Sentence(_LINK_PHRASE, {"label": label}) for label in self.links.values()]
        return by_relation + by_link

    @property
    def sentences(self) -> list[Sentence]:
        """Whom it is for, said to its student."""
        if self.is_nobody:
            return [Sentence(N_("Only you read this part."))]
        return [Sentence(N_("Besides you, this part is for:")), *self.phrases]


def _cell(part: ReportPart, relation: str) -> str:
    """Return the name of the condition in a cell of the table."""
    return WHO_SEES[part][list(VIEWER_RELATIONS).index(relation)].__name__


def _condition_name(relation: str) -> str:
    return _cell(ReportPart.OPENED_SECTIONS, relation).removeprefix("if_opened_and_")


def section_audiences(
    report: Report, sections: list[Section], *, by: Actor, at: datetime
) -> dict[str, SectionAudience]:
    """Return for whom each confidential section of my report is. Raises NotFound."""
    share.require_own_report(report, by=by)
    confidential = [section for section in sections if section.is_confidential]
    if not confidential:
        return {}
    grants = share.section_grants_of(report, by=by, at=at)
    return {
        section.key: SectionAudience(
            is_private=section.private,
            relations=_reading_relations(section, grants.audiences.get(section.key, set())),
            links=grants.links.get(section.key, {}),
        )
        for section in confidential
    }


def _reading_relations(section: Section, audiences: set[Audience]) -> frozenset[str]:
    opened = {_AUDIENCE_RELATIONS[audience] for audience in audiences}
    by_grant = _relations_that_see(ReportPart.OPENED_SECTIONS) & opened
    return _relations_that_see(_own_part(section.private)) | by_grant


def _own_part(is_private: bool) -> ReportPart:
    return ReportPart.PRIVATE if is_private else ReportPart.LETTER


def _relations_that_see(part: ReportPart) -> frozenset[str]:
    """Return the relations other than the student's whose cell can be true."""
    others = (relation for relation in VIEWER_RELATIONS if relation != "student")
    return frozenset(relation for relation in others if _cell(part, relation) != "never")


def teacher_reads(section: Section, audiences: Mapping[str, SectionAudience]) -> bool:
    """Return whether the teacher reads this section once it is handed in."""
    return not section.is_confidential or "teacher" in audiences[section.key].relations


@dataclass(frozen=True)
class Reader:
    """Somebody who can read text of a report, and what; one of the two ids is 0."""

    name: str
    person_id: int
    share_id: int
    parts_by_relation: Mapping[str, frozenset[ReportPart]]
    opened_sections: frozenset[str]

    @property
    def parts(self) -> frozenset[ReportPart]:
        return frozenset[ReportPart]().union(*self.parts_by_relation.values())

    @property
    def reads_text(self) -> bool:
        return bool(self.parts & _TEXT_PARTS)

    @property
    def reads_handed_in(self) -> bool:
        """Whether they read what is handed in before it is answered."""
        return ReportPart.TEXT in self.parts

    @property
    def is_teacher(self) -> bool:
        return "teacher" in self.relations

    @property
    def relations(self) -> list[str]:
        """The relations with which they read text."""
        return [name for name, parts in self.parts_by_relation.items() if parts & _TEXT_PARTS]

    @property
    def who(self) -> Sentence:
        """Who it is, with each relation by which they read."""
        if self.share_id:
            return Sentence(N_("whoever has the link “%(label)s”"), {"label": self.name})
        roles, *others = (Sentence(_ROLES[name]) for name in self.relations)
        for role in others:
            roles = Sentence(N_("%(roles)s and %(role)s"), {"roles": roles, "role": role})
        return Sentence(N_("%(name)s, %(roles)s"), {"name": self.name, "roles": roles})

    @property
    def what(self) -> Sentence:
        """Which text it is, besides opened sections."""
        if ReportPart.TEXT not in self.parts:
            return Sentence(N_("what has been answered"))
        # A teacher's own answer is theirs before it is given: it says nothing of this report.
        if ReportPart.ANSWERED_TEXT in self.parts and not self.is_teacher:
            return Sentence(N_("what you handed in, and the answer"))
        return Sentence(N_("what you handed in"))


@lru_cache(maxsize=1)
def _candidates_sql() -> sa.Select[Any]:
    """Select everybody who may have a relation of VIEWER_RELATIONS to a report, or a share."""
    student_id = sa.bindparam("student", type_=sa.Integer)
    course_id = sa.bindparam("course", type_=sa.Integer)
    person_ids: sa.CompoundSelect[int | None] = sa.union(
        sa.select(ties.Teaching.person_id).where(ties.Teaching.course_id == course_id),
        sa.select(ties.Mentoring.person_id)
        .join(ties.Membership, ties.Membership.group_id == ties.Mentoring.group_id)
        .where(ties.Membership.person_id == student_id),
        sa.select(ties.Guardianship.person_id).where(ties.Guardianship.student_id == student_id),
        sa.select(ties.Duty.person_id),
        sa.select(Share.person_id).where(Share.report_id == sa.bindparam("report")),
    )
    return sa.select(Person).where(
        Person.id.in_(person_ids.scalar_subquery()), Person.id != student_id
    )


_REPORT_ID = sa.bindparam("id", type_=sa.Integer)


@lru_cache(maxsize=1)
def _facts_sql() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*facts()).where(Report.id == _REPORT_ID)


def _reader(
    report: Report, viewer: Viewer | ProspectiveViewer, *, name: str, at: datetime
) -> Reader:
    """Return what the table says of this viewer."""
    params = viewer_params(viewer, at=at) | {"id": report.id, "ids": [report.id]}
    # The report as it is in the database, where the table looks.
    row = execute(_facts_sql(), params).one()
    opened = {section for _, section in execute(opened_sections_sql(), params)}
    return Reader(
        name=name,
        person_id=int(str(params["actor_id"])),
        share_id=int(str(params["share"])),
        parts_by_relation=parts_by_relation(row),
        opened_sections=frozenset(opened),
    )


def readers_of(report: Report, *, by: Actor, at: datetime) -> list[Reader]:
    """Return everybody else who can read text of my report now. Raises NotFound (not my report)."""
    return _readers(report, by=by, at=at, if_handed_in=False)


def readers_once_handed_in(report: Report, *, by: Actor, at: datetime) -> list[Reader]:
    """Return who else could read text of my report if I handed it in now. Raises NotFound."""
    return _readers(report, by=by, at=at, if_handed_in=True)


def _readers(report: Report, *, by: Actor, at: datetime, if_handed_in: bool) -> list[Reader]:
    share.require_own_report(report, by=by)
    params = {"student": report.student_id, "course": report.course_id, "report": report.id}
    readers = [
        _reader(
            report,
            ProspectiveViewer(person.id, by.today, if_handed_in=if_handed_in),
            name=person.name,
            at=at,
        )
        for person in by_surname(each.ref for each in session().scalars(_candidates_sql(), params))
    ]
    links_sql = sa.select(Share).where(
        Share.report_id == report.id, Share.person_id.is_(None), in_force(at)
    )
    readers += [
        _reader(
            report,
            ProspectiveViewer(0, by.today, share_id=link.id, if_handed_in=if_handed_in),
            name=link.label,
            at=at,
        )
        for link in session().scalars(links_sql.order_by(Share.id))
    ]
    return [reader for reader in readers if reader.reads_text]


def _policy_of(report: Report, *, by: Actor) -> tuple[PolicyKind, date | None]:
    """Return the policy for home, and the day of the talk in the round of this report."""
    report_round = session().get_one(Round, report.round_id)
    kind = policy.kind_for(report.student_id, on=by.today)
    year_ends_on = session().get_one(SchoolYear, report_round.year_id).ends_on
    # The policy of this year's group is not about what was written before.
    if kind is PolicyKind.AT_MOMENT and year_ends_on <= by.today:
        kind = PolicyKind.STUDENT_CHOICE
    return kind, report_round.conversation_on


def home_notices(report: Report, *, by: Actor) -> list[Sentence]:
    """Return what home sees of my report without my doing, and what they do not see."""
    kind, talk_on = _policy_of(report, by=by)
    if kind is PolicyKind.CONVERSATION_ONLY:
        return [Sentence(kind.notice)]
    if kind is PolicyKind.STUDENT_CHOICE:
        return [Sentence(_NOT_SHARED)]
    return [_shown_by_policy(talk_on, by=by)]


_NOT_SHARED = N_(
    "What you do not share, your parents do not see in the app. If a parent formally asks for "
    "access, the school first looks at it together with you."
)


def _shown_by_policy(talk_on: date | None, *, by: Actor) -> Sentence:
    if talk_on is None:
        return Sentence(PolicyKind.AT_MOMENT.notice)
    if talk_on > by.today:
        return Sentence(
            N_(
                "The conversation is %(day)s. From that day on your school shows at home what has "
                "been answered. Before that, the telling is yours."
            ),
            {"day": talk_on},
        )
    return Sentence(
        N_("Your school shows at home what has been answered: the day of the talk has come.")
    )


def nothing_to_read(student_id: int, *, name: str, by: Actor) -> tuple[Sentence, Sentence]:
    """Return what I, a guardian, am told where I may read no report of this child."""
    shares_sql = (
        sa.select(Share.id)
        .join(Report, Report.id == Share.report_id)
        .where(Report.student_id == student_id, Share.person_id == by.id)
    )
    nothing = N_("There is nothing of %(name)s for you to read now.")
    if session().scalars(shares_sql.limit(1)).first() is None:
        nothing = N_("%(name)s has not shared anything with you yet.")
    return Sentence(nothing, {"name": name}), Sentence(
        _HOME_WAITS_FOR[policy.kind_for(student_id, on=by.today)], {"name": name}
    )


_HOME_WAITS_FOR = {
    PolicyKind.STUDENT_CHOICE: N_(
        "You can ask how it goes. When %(name)s shares a report, it stands here."
    ),
    PolicyKind.AT_MOMENT: N_(
        "You can ask how it goes. What %(name)s shares stands here, and from the day of the "
        "conversation on what has been answered."
    ),
    PolicyKind.CONVERSATION_ONLY: N_(
        "You can ask how it goes. The school keeps reports for the conversation: the mentor of "
        "%(name)s brings them on paper."
    ),
}


def after_sharing(
    report: Report, person_id: int, *, name: str, begins_at: datetime, by: Actor, at: datetime
) -> Sentence:
    """Return what sharing this report with somebody has brought, as the table says."""
    if _would_read(report, person_id, by=by, at=at):
        if begins_at > at:
            return Sentence(
                N_("%(name)s can read this report from %(day)s on. You can stop at any moment."),
                {"name": name, "day": begins_at},
            )
        return Sentence(
            N_("%(name)s can read this report now. You can stop at any moment."), {"name": name}
        )
    if begins_at > at and _would_read(report, person_id, by=by, at=at, if_handed_in=True):
        return Sentence(
            N_("%(name)s can read this report from %(day)s on, once you have handed it in."),
            {"name": name, "day": begins_at},
        )
    return _why_not(report, person_id, name=name, by=by, at=at)


def _would_read(
    report: Report, person_id: int, *, by: Actor, at: datetime, if_handed_in: bool = False
) -> bool:
    viewer = ProspectiveViewer(person_id, by.today, if_shared=True, if_handed_in=if_handed_in)
    return _reader(report, viewer, name="", at=at).reads_text


def _why_not(report: Report, person_id: int, *, name: str, by: Actor, at: datetime) -> Sentence:
    """Return why a share with this person opens nothing now."""
    if _would_read(report, person_id, by=by, at=at, if_handed_in=True):
        return Sentence(
            N_("%(name)s can read this report as soon as you hand it in."), {"name": name}
        )
    if _policy_of(report, by=by)[0] is PolicyKind.CONVERSATION_ONLY:
        return Sentence(
            N_(
                "%(name)s reads nothing of it here: your school keeps reports for the "
                "conversation, and your mentor brings it on paper."
            ),
            {"name": name},
        )
    return Sentence(N_("%(name)s cannot read this report now."), {"name": name})


def share_note(item: ShareView, report: Report, *, by: Actor, at: datetime) -> Sentence | None:
    """Return what a share that runs does not open; None where it does what it says."""
    if item.is_over(at) or item.begins_at > at:
        return None
    if item.person_id is None:
        if _reader(report, ShareLinkViewer(item.id, by.today), name="", at=at).reads_text:
            return None
        return _why_not(report, 0, name=item.recipient, by=by, at=at)
    viewer = ProspectiveViewer(item.person_id, by.today)
    if _reader(report, viewer, name="", at=at).reads_text:
        return None
    return _why_not(report, item.person_id, name=item.recipient, by=by, at=at)


def preview_notice(
    report: Report, person_id: int, *, name: str, by: Actor, at: datetime
) -> Sentence:
    """Return what a preview as this person is, or why they would see nothing; 0: a new link."""
    if not _would_read(report, person_id, by=by, at=at):
        return _why_not(report, person_id, name=name, by=by, at=at)
    return Sentence(
        N_(
            "This is what %(name)s sees when you share it. Nothing has been shared by looking here."
        ),
        {"name": name},
    )


def link_preview_notice(link: ShareView, report: Report, *, by: Actor, at: datetime) -> Sentence:
    """Return what a preview through this link is, or why it opens nothing."""
    if link.begins_at > at:
        return Sentence(
            N_("This link opens on %(day)s. Until then nobody sees anything with it."),
            {"day": link.begins_at},
        )
    note = share_note(link, report, by=by, at=at)
    return note or Sentence(
        N_("This is what whoever has the link “%(label)s” sees."), {"label": link.recipient}
    )


def after_stopping(item: ShareView, report: Report, *, by: Actor, at: datetime) -> list[Sentence]:
    """Return what stopping a share has brought: who still reads the report, reads it by a tie."""
    if item.person_id is None:
        return [Sentence(N_("Stopped. This link opens nothing any more."))]
    viewer = ProspectiveViewer(item.person_id, by.today)
    reader = _reader(report, viewer, name=item.recipient, at=at)
    name = {"name": item.recipient}
    if reader.reads_text:
        return [
            Sentence(N_("Stopped. Without your share too, the school lets them read it:")),
            reader.who,
        ]
    stopped = Sentence(N_("Stopped. From now on %(name)s cannot open it any more."), name)
    kind, talk_on = _policy_of(report, by=by)
    is_at_home = "guardian" in reader.parts_by_relation
    if is_at_home and kind is PolicyKind.AT_MOMENT and (talk_on is None or talk_on > by.today):
        stopped = Sentence(N_("Stopped. Now %(name)s cannot open it."), name)
        return [stopped, _shown_by_policy(talk_on, by=by)]
    return [stopped]
