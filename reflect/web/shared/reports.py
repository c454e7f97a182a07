"""The start page, and one report as its reader may see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, g, render_template

from reflect.access import audience, history, inbox, permissions, report_lists, report_loading
from reflect.access.report_lists import ReportRow
from reflect.access.view_models import ReportPart, ReportView
from reflect.peer_review import request_note, review_loading
from reflect.reports import revisions
from reflect.reports.report import Report, Voice
from reflect.reports.workflow import Action, State
from reflect.school import queries
from reflect.school.queries import NamedRef
from reflect.text.grouping import group_by
from reflect.web.forms import EmptyForm
from reflect.web.request_context import app_settings, current_actor

reports = Blueprint("reports", __name__)


@reports.route("/")
def home() -> str:
    actor = current_actor()
    roles = queries.roles_of(actor)
    roles = replace(roles, courses=_courses_with_work(roles.courses))
    # Each list costs a query, and most people have one role.
    involved_reports = []
    if roles.is_counsellor:
        involved_reports = report_lists.for_counsellor(by=actor, at=g.now)
    review_requests = []
    waiting_course_ids = set[int]()
    if roles.courses:
        review_requests = review_loading.open_requests_to_me(by=actor, at=g.now)
        waiting_course_ids = inbox.courses_with_unanswered(by=actor, at=g.now)
    children = [
        (child, report_lists.for_child(child.id, by=actor, at=g.now)) for child in roles.children
    ]
    return render_template(
        "shared/home.html",
        roles=roles,
        rows_by_round=_own_rows_by_round() if roles.is_student else [],
        children=children,
        notices_by_child={
            child.id: audience.nothing_to_read(child.id, name=child.given_name, by=actor)
            for child, rows in children
            if not rows
        },
        involved_reports=involved_reports,
        review_requests=review_requests,
        waiting_course_ids=waiting_course_ids,
        open_until=_account_open_until(),
    )


def _account_open_until() -> date | None:
    """Return the last day on which somebody who has left can sign in; None for all others."""
    left_on: date | None = g.user.left_on
    if left_on is None or not g.user.has_left(on=g.today):
        return None
    return left_on + timedelta(weeks=app_settings().leaver_weeks, days=-1)


def _courses_with_work(courses: Sequence[NamedRef]) -> tuple[NamedRef, ...]:
    """Return the courses of this year, and those of last year with something still to finish."""
    open_ids = set[int]()
    if any(course.ended_year for course in courses):
        open_ids = inbox.courses_to_finish(by=current_actor(), at=g.now)
    return tuple(course for course in courses if not course.ended_year or course.id in open_ids)


def _own_rows_by_round() -> list[tuple[str, list[ReportRow]]]:
    rows = report_lists.own_reports(by=current_actor(), at=g.now)
    # By id: a round of last year may have the same name.
    rows_by_round = group_by(rows, lambda row: row.round_id)
    return [(round_rows[0].round_name, round_rows) for round_rows in rows_by_round.values()]


@reports.route("/verslagen/<int:report_id>")
def show(report_id: int) -> str:
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    # This logs the reading; the page is sent after the commit that keeps it
    # (docs/decisions/0007).
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    # Home reads what was shared, and not how the work went.
    state_changes = []
    if ReportPart.STATE in report_view.visible_parts:
        state_changes = history.state_changes(
            report_id, by=current_actor(), at=g.now, zone=app_settings().timezone
        )
    return render_template(
        _template_for(report_view),
        report_view=report_view,
        allowed_actions={action for action in Action if report.can(action, by=current_actor())},
        state_changes=state_changes,
        is_opened=report.opened_at is not None,
        empty_form=EmptyForm(),
        undelivered_texts=_undelivered_texts(report, report_view),
    )


def _undelivered_texts(report: Report, report_view: ReportView) -> list[str]:
    """Return what a teacher typed when the report had moved on already: nobody received it."""
    is_teacher = ReportPart.FEEDBACK_DRAFT in report_view.visible_parts
    if not is_teacher or report.state is State.HANDED_IN:
        return []
    # The save kept them as conflicts. They are shown here, since the answer desk does not open
    # for this report any more.
    conflicts = revisions.conflicts_of(report, voice=Voice.TEACHER)
    answer_texts = [
        text
        for conflicting in conflicts.values()
        for revision in conflicting
        for text in revision.content.values()
    ]
    note_texts = request_note.load_note(report, by=current_actor()).conflicts
    return [text for text in (*answer_texts, *note_texts) if text.strip()]


def _template_for(report_view: ReportView) -> str:
    """Return the page for this reader, known by what they may see of the report."""
    parts = report_view.visible_parts
    # From the reader who may see most to the one who may see least: a reader with two ties gets
    # the fuller page.
    if ReportPart.READINGS in parts:
        return "student/report_page.html"
    if ReportPart.FEEDBACK_DRAFT in parts:
        return "teacher/report_page.html"
    if not parts & {ReportPart.TEXT, ReportPart.ANSWERED_TEXT}:
        # Of an earlier year a mentor reads the goals alone.
        has_goals = ReportPart.GOALS in parts
        return "mentor/earlier_goals.html" if has_goals else "mentor/report_not_readable.html"
    if ReportPart.STATE not in parts:
        return "guardian/report_page.html"
    return "mentor/report_page.html"
