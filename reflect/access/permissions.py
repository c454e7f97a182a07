"""Who sees what: one table; a column is a relation, a cell is a condition, both are SQL."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from reflect.access import policy
from reflect.access.share import Audience, SectionGrant, Share, in_force
from reflect.access.view_models import ReportPart
from reflect.db.base import Instant
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.reports.report import Report, teaches_report
from reflect.reports.rounds import Round
from reflect.school import ties
from reflect.school.people import Actor, SchoolYear
from reflect.school.ties import ACTOR_ID, TODAY

# Parameters besides those of `ties`; `viewer_params` has a value for each.
SHARE_ID = sa.bindparam("share", type_=sa.Integer)
NOW = sa.bindparam("at", type_=Instant)
# True only for a `ProspectiveViewer`.
IF_SHARED = sa.bindparam("if_shared", type_=sa.Boolean)
IF_HANDED_IN = sa.bindparam("if_handed_in", type_=sa.Boolean)

Condition = Callable[[], ColumnElement[bool]]


@dataclass(frozen=True)
class ShareLinkViewer:
    """Whoever opened a share link: what they may see follows from the share alone.

    `person_id`: who it is, if they are signed in.
    """

    share_id: int
    today: date
    person_id: int | None = None


Viewer = Actor | ShareLinkViewer


@dataclass(frozen=True)
class ProspectiveViewer:
    """Somebody as they would be after an act that the student thinks about.

    Only for questions of the student about an own report: so a preview is asked of the same table
    as what it promises. Nobody reads by it. `person_id` is 0 for whoever has the link `share_id`,
    which is 0 too for whoever would get a new one.
    """

    person_id: int
    today: date
    share_id: int = 0
    if_shared: bool = False
    if_handed_in: bool = False


# The cells of the table: conditions on a report. Their names are in README, by _CONDITION_LABELS.


def always() -> ColumnElement[bool]:
    return sa.true()


def never() -> ColumnElement[bool]:
    return sa.false()


def handed_in() -> ColumnElement[bool]:
    return sa.or_(Report.teacher_sees_until_revision_id.is_not(None), IF_HANDED_IN)


def answered() -> ColumnElement[bool]:
    return Report.home_sees_until_revision_id.is_not(None)


def in_mentor_year() -> ColumnElement[bool]:
    # A group is of one school year: its mentor reads what was written in that year.
    return ties.mentors_student_in_year_of(ACTOR_ID, Report.student_id, Report.course_id, on=TODAY)


def answered_in_mentor_year() -> ColumnElement[bool]:
    return sa.and_(answered(), in_mentor_year())


def _shared_with_viewer() -> ColumnElement[bool]:
    # A viewer is a person or a share. The other of the two ids is 0, which no row has.
    to_viewer = sa.or_(Share.person_id == ACTOR_ID, Share.id == SHARE_ID)
    is_shared = Report.id.in_(sa.select(Share.report_id).where(to_viewer, in_force(NOW)))
    return sa.or_(is_shared, IF_SHARED)


def shared() -> ColumnElement[bool]:
    # A policy of CONVERSATION_ONLY closes even what the student shared: it comes on paper.
    is_open_online = ~policy.closes_online(Report.student_id, on=TODAY)
    return sa.and_(handed_in(), _shared_with_viewer(), is_open_online)


def shared_or_shown_by_policy() -> ColumnElement[bool]:
    # Not before that day: until then it is up to the student to tell at home.
    # Nor after the year: the policy of this year's group is not about what was written before.
    day_has_come = Report.round_id.in_(
        sa.select(Round.id)
        .join(SchoolYear, SchoolYear.id == Round.year_id)
        .where(Round.conversation_on <= TODAY, SchoolYear.ends_on > TODAY)
    )
    shown_by_policy = sa.and_(
        policy.shows_at_conversation(Report.student_id, on=TODAY), day_has_come
    )
    return sa.and_(answered(), sa.or_(shared(), shown_by_policy))


def shared_with_them() -> ColumnElement[bool]:
    # No check of the policy as in `shared`: that is about home, and this is the counsellor's.
    return sa.and_(handed_in(), _shared_with_viewer())


def answered_shared() -> ColumnElement[bool]:
    return sa.and_(answered(), _shared_with_viewer())


def _if_opened_to(audience: Audience, base_condition: Condition) -> Condition:
    def is_opened() -> ColumnElement[bool]:
        # The statement that uses it joins SectionGrant (`opened_sections_sql`).
        # A link carries only what was ticked for it, and a person nothing of a link.
        is_for_person = sa.and_(SectionGrant.share_id.is_(None), ACTOR_ID != 0)
        is_for_viewer = sa.or_(SectionGrant.share_id == SHARE_ID, is_for_person)
        return sa.and_(SectionGrant.audience == audience, is_for_viewer, base_condition())

    # README prints the cells by this name; see _condition_label.
    is_opened.__name__ = f"if_opened_and_{base_condition.__name__}"
    return is_opened


to_teacher = _if_opened_to(Audience.TEACHER, handed_in)
to_mentor = _if_opened_to(Audience.MENTOR, answered_in_mentor_year)
to_home = _if_opened_to(Audience.HOME, shared_or_shown_by_policy)
to_counsellor = _if_opened_to(Audience.COUNSELLOR, shared_with_them)

# The columns of the table: what the viewer is to the student.
VIEWER_RELATIONS: dict[str, Condition] = {
    "student": lambda: Report.student_id == ACTOR_ID,
    # Until the school year ends, and for six weeks what was still open then (decision 37).
    "teacher": lambda: teaches_report(ACTOR_ID, on=TODAY),
    "mentor": lambda: ties.mentors_student(ACTOR_ID, Report.student_id, on=TODAY),
    "guardian": lambda: sa.or_(
        ties.has_custody_of(ACTOR_ID, Report.student_id, on=TODAY),
        # A share link has no person: it reads through the guardian's column (decision 1).
        Report.id.in_(sa.select(Share.report_id).where(Share.id == SHARE_ID)),
        sa.and_(IF_SHARED, ACTOR_ID == 0),
    ),
    "counsellor": lambda: ties.has_duty(ACTOR_ID, ties.DutyKind.COUNSELLOR, on=TODAY),
    "coordinator": lambda: ties.has_duty(ACTOR_ID, ties.DutyKind.COORDINATOR, on=TODAY),
}

# A test compares this table with tests/oracle.py, which states the same in plain Python. So a
# change needs a new sentence there too (decision 1).
WHO_SEES: dict[ReportPart, tuple[Condition, ...]] = {
    #    student teacher     mentor     guardian            counsellor         coordinator
    ReportPart.STATE:
        (always, always,     in_mentor_year, never,         never,             always),
    ReportPart.DRAFT:
        (always, never,      never,     never,              never,             never),
    ReportPart.TEXT:
        (always, handed_in,  never,     shared,             shared_with_them, never),
    ReportPart.ANSWERED_TEXT:
        (always, handed_in,  answered_in_mentor_year, shared_or_shown_by_policy, answered_shared,
         never),
    ReportPart.FEEDBACK:
        (always, always,     answered_in_mentor_year, shared_or_shown_by_policy, answered_shared,
         never),
    ReportPart.FEEDBACK_DRAFT:
        (never,  always,     never,     never,              never,             never),
    ReportPart.PRIVATE:
        (always, never,      never,     never,              never,             never),
    ReportPart.LETTER:
        (always, handed_in,  never,     never,              never,             never),
    ReportPart.OPENED_SECTIONS:
        (always, to_teacher, to_mentor, to_home,            to_counsellor,     never),
    ReportPart.GOALS:
        (always, answered,   answered,  shared_or_shown_by_policy, answered_shared,  never),
    ReportPart.VERSIONS:
        (always, never,      never,     never,              never,             never),
    ReportPart.HANDED_IN_VERSIONS:
        (always, handed_in,  never,     never,              never,             never),
    ReportPart.READINGS:
        (always, never,      never,     never,              never,             never),
    # Words of the student or the teacher, for who reads the text: knowing the state is not enough.
    ReportPart.REOPENING_REASON:
        (always, handed_in,  answered_in_mentor_year, never,    never,             never),
}  # fmt: skip


def _report_rules() -> dict[ReportPart, tuple[Condition, ...]]:
    """Return the rows about a whole report: OPENED_SECTIONS is asked of one section at a time."""
    return {
        part: cells for part, cells in WHO_SEES.items() if part is not ReportPart.OPENED_SECTIONS
    }


def _distinct_conditions() -> list[Condition]:
    # Many cells are the same, and the database is asked each condition once (decision 22).
    cells = dict.fromkeys(cell for cells in _report_rules().values() for cell in cells)
    return [cell for cell in cells if cell is not never]


def as_column(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition in the form in which it is selected, true or false in each row.

    As it is, SQLite answers every part of it for every row, though the first one decides
    (decision 22).
    """
    return sa.case((condition, sa.true()), else_=sa.false())


def facts() -> list[ColumnElement[bool]]:
    """Return what the table asks about a report: the relations, then each condition once.

    One query selects them for a report, and `visible_parts` reads the table with the answers:
    much less work for the database than `can_see` for every part.
    """
    return [
        *(as_column(relation()) for relation in VIEWER_RELATIONS.values()),
        *(as_column(condition()) for condition in _distinct_conditions()),
    ]


def visible_parts(fact_values: Sequence[bool]) -> frozenset[ReportPart]:
    """Return the parts that the viewer sees, except for opened sections.

    `fact_values`: the answers to `facts`, in their order.
    """
    return _visible_parts(tuple(fact_values))


# The same answers are the same parts, whoever asks; a school has some dozens of them.
@lru_cache(maxsize=1024)
def _visible_parts(fact_values: tuple[bool, ...]) -> frozenset[ReportPart]:
    return frozenset[ReportPart]().union(*parts_by_relation(fact_values).values())


def parts_by_relation(fact_values: Sequence[bool]) -> dict[str, frozenset[ReportPart]]:
    """Return the parts of `visible_parts` by the relation that gives them."""
    relation_values = fact_values[: len(VIEWER_RELATIONS)]
    condition_values = fact_values[len(VIEWER_RELATIONS) :]
    # With `strict` a missing fact is an error; it can never shift all others by one.
    answers = zip(_distinct_conditions(), condition_values, strict=True)
    true_conditions = {condition for condition, is_true in answers if is_true}
    rules = _report_rules().items()
    return {
        relation: frozenset(part for part, cells in rules if cells[index] in true_conditions)
        for index, relation in enumerate(VIEWER_RELATIONS)
        if relation_values[index]
    }


def can_see(part: ReportPart) -> ColumnElement[bool]:
    """Return the condition that the viewer sees this part: any relation with its condition.

    Its parameters are those of `viewer_params`.
    """
    cells = zip(VIEWER_RELATIONS.values(), WHO_SEES[part], strict=True)
    return sa.or_(
        # So that a row of nothing but "never" is a condition too.
        sa.false(),
        *(sa.and_(relation(), cell()) for relation, cell in cells if cell is not never),
    )


@lru_cache(maxsize=1)
def opened_sections_sql() -> sa.Select[int, str]:
    """Select the private sections of reports (`ids`) that the viewer was let into."""
    return (
        sa.select(SectionGrant.report_id, SectionGrant.section)
        .join(Report, Report.id == SectionGrant.report_id)
        .where(Report.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer)))
        .where(SectionGrant.ended_at.is_(None), can_see(ReportPart.OPENED_SECTIONS))
    )


def viewer_params(by: Viewer | ProspectiveViewer, *, at: datetime) -> dict[str, object]:
    """Return the parameters of a statement with `can_see`, `facts` or `can_see_anything`."""
    # No row has the id 0: a viewer is either a person or a share.
    params: dict[str, object] = {"actor_id": 0, "share": 0, "today": by.today, "at": at}
    params |= {"if_shared": False, "if_handed_in": False}
    if isinstance(by, Actor):
        return params | {"actor_id": by.id}
    if isinstance(by, ShareLinkViewer):
        return params | {"share": by.share_id}
    return params | {
        "actor_id": by.person_id,
        "share": by.share_id,
        "if_shared": by.if_shared,
        "if_handed_in": by.if_handed_in,
    }


# Built once, since building this expression takes longer than running it (decision 1).
@lru_cache(maxsize=1)
def _visible_report_sql() -> sa.Select[Report]:
    report_id = sa.bindparam("id", type_=sa.Integer)
    return sa.select(Report).where(Report.id == report_id, can_see_anything())


def can_see_anything() -> ColumnElement[bool]:
    """Return the condition that the viewer sees any part at all.

    Column by column: most relations see some part always, and for those the relation alone is
    the condition.
    """
    columns = zip(*_report_rules().values(), strict=True)
    relations = zip(VIEWER_RELATIONS.values(), columns, strict=True)
    return sa.or_(*(sa.and_(relation(), _any_of(cells)) for relation, cells in relations))


def _any_of(cells: Iterable[Condition]) -> ColumnElement[bool]:
    conditions = dict.fromkeys(cell for cell in cells if cell is not never)
    if always in conditions:
        return sa.true()
    return sa.or_(sa.false(), *(condition() for condition in conditions))


def get_or_404(report_id: int, *, by: Viewer, at: datetime) -> Report:
    """Return a report, to call an action on.

    Raises NotFound, which looks the same for what is not there and what is not theirs.
    """
    params = {**viewer_params(by, at=at), "id": report_id}
    report = session().scalar(_visible_report_sql(), params)
    if report is None:
        raise NotFound
    return report


@lru_cache(maxsize=16)
def _report_with_part_sql(part: ReportPart) -> sa.Select[Report]:
    return sa.select(Report).where(Report.id == sa.bindparam("id", type_=sa.Integer), can_see(part))


def get_with_part_or_404(report_id: int, part: ReportPart, *, by: Viewer, at: datetime) -> Report:
    """Return a report of which the viewer may see this part. Raises NotFound."""
    params = {**viewer_params(by, at=at), "id": report_id}
    report = session().scalar(_report_with_part_sql(part), params)
    if report is None:
        raise NotFound
    return report


def has_part(report_id: int, part: ReportPart, *, by: Viewer, at: datetime) -> bool:
    """Return whether the viewer may see this part of a report."""
    params = {**viewer_params(by, at=at), "id": report_id}
    return session().scalar(_report_with_part_sql(part), params) is not None


_CONDITION_LABELS = {
    "always": "yes",
    "never": "no",
    "handed_in": "once handed in",
    "answered": "once answered",
    "in_mentor_year": "yes, of the year in which they mentor",
    "answered_in_mentor_year": "once answered, of the year in which they mentor",
    "shared": "if shared",
    "shared_or_shown_by_policy": "once answered, if shared or shown by policy",
    "shared_with_them": "if shared with them",
    "answered_shared": "once answered, if shared with them",
}


def _condition_label(condition: Condition) -> str:
    name = condition.__name__
    base_name = name.removeprefix("if_opened_and_")
    label = _CONDITION_LABELS[base_name]
    return label if name == base_name else f"if opened to them, {label}"


def as_markdown() -> str:
    """Return the table as README has it."""
    # An administrator sees nothing of any report, and so has no column in the table itself.
    head = f"| | {' | '.join(VIEWER_RELATIONS)} | administrator |"
    rule = "|---|" + "---|" * (len(VIEWER_RELATIONS) + 1)
    rows = [
        f"| {part.replace('_', ' ')} | {' | '.join(map(_condition_label, cells))} | no |"
        for part, cells in WHO_SEES.items()
    ]
    return "\n".join([head, rule, *rows])
