"""Goals over the rounds: what a student took on before, how it went, and the growth path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reflect.access import report_loading
from reflect.access.access_log import Channel, Purpose
from reflect.access.permissions import can_see, viewer_params
from reflect.access.view_models import Goal, ReportPart, ReportView, parse_goals
from reflect.db.session import execute, session
from reflect.errors import NotFound
from reflect.reports.form_schema import EARLIER_GOALS, goal_rows
from reflect.reports.report import CLOSING, Report, Voice
from reflect.reports.revisions import RevisionQuery, latest_by_voice, section_contents
from reflect.reports.rounds import Round
from reflect.school.people import Actor, Course, SchoolYear, Subject
from reflect.text.characters import is_blank
from reflect.text.collation import collation_key
from reflect.text.grouping import group_by


@dataclass(frozen=True)
class GoalOutcome:
    """A goal with what I wrote later about how it went, "" as long as I did not."""

    description: str
    success_criterion: str
    outcome: str


@dataclass(frozen=True)
class PathPoint:
    """What one report contributes to my path."""

    report_id: int
    subject: str
    language: str
    goals: tuple[GoalOutcome, ...]
    closing_word: str


@dataclass(frozen=True)
class PathSegment:
    """One round of my path."""

    round_name: str
    points: tuple[PathPoint, ...]


def _reports_of_student(student_id: int | sa.ScalarSelect[int]) -> sa.Select[int, int, str]:
    """Select id, subject and round of a student's reports, the first round first."""
    return (
        sa.select(Report.id, Course.subject_id, Round.name)
        .join(Course, Course.id == Report.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(Round, Round.id == Report.round_id)
        .where(Report.student_id == student_id)
        .order_by(Round.opens_on, Round.id, Report.id)
    )


# Built once, since building a statement takes longer than running it (decision 22).
@lru_cache(maxsize=1)
def _same_subject_sql() -> sa.Select[int, int, str]:
    """Select a report and those of the same student and subject whose goals the viewer sees."""
    report_id = sa.bindparam("report", type_=sa.Integer)
    this_report = aliased(Report)
    its_course = aliased(Course)
    student_id = sa.select(this_report.student_id).where(this_report.id == report_id)
    subject_id = (
        sa.select(its_course.subject_id)
        .join(this_report, this_report.course_id == its_course.id)
        .where(this_report.id == report_id)
    )
    return _reports_of_student(student_id.scalar_subquery()).where(
        Course.subject_id == subject_id.scalar_subquery(),
        # The report itself is always among them: it marks where "before" ends.
        sa.or_(Report.id == report_id, can_see(ReportPart.GOALS)),
    )


@dataclass(frozen=True)
class EarlierGoals:
    """A report of an earlier year of which I read the goals alone."""

    report_id: int
    subject: str
    round_name: str
    year_name: str


def earlier_goals_of(student_id: int, *, by: Actor, at: datetime) -> list[EarlierGoals]:
    """Return the reports of a student of which I, a mentor, read the goals alone: newest first.

    Those in which there are any. No goal itself is among it, so no reading is logged.
    """
    params = {**viewer_params(by, at=at), "student": student_id}
    rows = [EarlierGoals(*row) for row in execute(_goals_alone_sql(), params)]
    # Up to what I may read: not even that a draft has goals is told.
    released = RevisionQuery(Voice.STUDENT, Report.home_sees_student_until_revision_id)
    revisions = latest_by_voice({released: [row.report_id for row in rows]})
    closings = {
        row.report_id: revisions.get((row.report_id, Voice.STUDENT), {}).get(CLOSING)
        for row in rows
    }
    return [row for row in rows if (it := closings[row.report_id]) and parse_goals(it.content)]


@lru_cache(maxsize=1)
def _goals_alone_sql() -> sa.Select[int, str, str, str]:
    return (
        sa.select(Report.id, Subject.name, Round.name, SchoolYear.name)
        .join(Course, Course.id == Report.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(Round, Round.id == Report.round_id)
        .join(SchoolYear, SchoolYear.id == Course.year_id)
        .where(Report.student_id == sa.bindparam("student", type_=sa.Integer))
        .where(can_see(ReportPart.GOALS), ~can_see(ReportPart.ANSWERED_TEXT))
        .order_by(Round.opens_on.desc(), Round.id.desc(), Subject.name, Report.id)
    )


def previous_goals(report_id: int, *, by: Actor, at: datetime) -> tuple[Goal, ...]:
    """Return the goals of my last report before this one, in the same subject, that has any."""
    # Only the ids of reports whose goals I may see: looking for the last one shows nothing yet.
    report_ids = _ids_before(report_id, by=by, at=at)
    closings = section_contents(report_ids, CLOSING, voice=Voice.STUDENT)
    with_goals = [
        earlier_id for earlier_id in report_ids if parse_goals(closings.get(earlier_id, {}))
    ]
    return report_loading.load(with_goals[-1], by=by, at=at).goals if with_goals else ()


def load_with_previous(
    report_id: int, *, by: Actor, at: datetime
) -> tuple[Report, ReportView, ReportView | None]:
    """Return a report, my view of it, and my view of the last one before it in the same subject.

    Of the one before, its goals and its answer. Both readings are logged. Raises NotFound.
    """
    previous_ids = _ids_before(report_id, by=by, at=at)[-1:]
    loaded = report_loading.load_many_with_reports(
        [report_id, *previous_ids],
        by=by,
        at=at,
        channel=Channel.SCREEN,
        purpose=Purpose.ANSWERING,  # the one before too is read for the answer to this one
        narrow=lambda view: view if view.id == report_id else view.with_answer_only(),
    )
    loaded_by_id = {view.id: (report, view) for report, view in loaded}
    if report_id not in loaded_by_id:
        raise NotFound
    report, report_view = loaded_by_id.pop(report_id)
    previous_view = next((view for _, view in loaded_by_id.values()), None)
    return report, report_view, previous_view


def _ids_before(report_id: int, *, by: Actor, at: datetime) -> list[int]:
    """Return the student's reports before this one, in its subject, whose goals I may see.

    The first round first.
    """
    params = {**viewer_params(by, at=at), "report": report_id}
    report_ids = [row_id for row_id, _, _ in execute(_same_subject_sql(), params)]
    # Whoever does not see this report does not see what was before it.
    return report_ids[: report_ids.index(report_id)] if report_id in report_ids else []


def growth_path(*, by: Actor, at: datetime) -> list[PathSegment]:
    """Return my growth path, the first round first: my reports with goals or a last word."""
    rows = list(session().execute(_reports_of_student(by.id)))
    subject_ids = {report_id: subject_id for report_id, subject_id, _ in rows}
    report_views = report_loading.load_many(list(subject_ids), by=by, at=at, channel=Channel.SCREEN)
    outcomes = _outcomes_by_report(report_views, subject_ids)
    on_path = [view for view in report_views if view.goals or not is_blank(view.closing_word)]
    return [
        PathSegment(
            round_views[0].round_name,
            tuple(
                _to_path_point(view, outcomes.get(view.id, {}))
                for view in sorted(round_views, key=lambda view: collation_key(view.subject))
            ),
        )
        for round_views in group_by(on_path, lambda view: view.round_id).values()
    ]


def _outcomes_by_report(
    report_views: Iterable[ReportView], subject_ids: Mapping[int, int]
) -> dict[int, dict[str, str]]:
    """Return what I wrote later about the goals of each report, by the text of the goal.

    `report_views`: the first round first. A report looks back on the goals of an earlier one: the
    last in the same subject that had goals. The same goal may be taken on more than once.
    """
    outcomes: dict[int, dict[str, str]] = {}
    last_report_ids: dict[int, int] = {}
    for view in report_views:
        subject_id = subject_ids[view.id]
        if subject_id in last_report_ids:
            last_id = last_report_ids[subject_id]
            # Two rounds may look back on the same goal: the earlier words stay. In a union of dicts
            # the right side wins.
            outcomes[last_id] = _outcomes_by_goal(view) | outcomes.get(last_id, {})
        if view.goals:
            last_report_ids[subject_id] = view.id
    return outcomes


def _outcomes_by_goal(report_view: ReportView) -> dict[str, str]:
    """Return what the look back of a report says, by the text of the goal."""
    look_back = [view for view in report_view.sections if view.section.key == EARLIER_GOALS]
    content = look_back[0].student_content if look_back else {}
    return {goal: outcome for goal, outcome in goal_rows(content, "how") if not is_blank(outcome)}


def _to_path_point(report_view: ReportView, outcomes: Mapping[str, str]) -> PathPoint:
    goals = tuple(
        GoalOutcome(goal.description, goal.success_criterion, outcomes.get(goal.description, ""))
        for goal in report_view.goals
    )
    return PathPoint(
        report_view.id, report_view.subject, report_view.language, goals, report_view.closing_word
    )
