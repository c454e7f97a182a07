"""The page of a course: who waits for an answer, and how far each other student is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, g, render_template, request

from reflect import clock
from reflect.access import inbox, report_lists
from reflect.access.report_lists import ReportRow
from reflect.reports.workflow import STATE_LABELS, State
from reflect.school import calendar
from reflect.text.grouping import group_by
from reflect.web.request_context import app_settings, current_actor
from reflect.web.teacher.bulk_release import planned_context, taught_course_or_404

courses = Blueprint("courses", __name__)

NOT_STARTED = "none"  # in the address of the page, for reports without a state
LONG_WAIT_SCHOOL_DAYS = 10  # two weeks: within these a student should have an answer
# A teacher can see the reports in one of these only; the order is that of their work.
_FILTER_STATES = (
    State.HANDED_IN,
    State.RETURNED,
    State.DRAFT,
    None,
    State.ANSWERED,
    State.CLOSED,
)


@dataclass(frozen=True)
class CourseRound:
    """A round with the reports of it that are shown.

    `info` is any row, for the name and the days of the round. `waiting`: those handed in, the
    longest first; `others`: in the order of the names; `left`: of students who have left the
    school, who wait for nobody. `can_release`: an answer to one that waits has been begun.
    `long_wait_before`: set when a report has waited long. It is a day, and every report that was
    handed in before it has waited long.
    """

    info: ReportRow
    waiting: list[ReportRow]
    others: list[ReportRow]
    left: list[ReportRow]
    can_release: bool
    long_wait_before: date | None


@courses.route("/lesgroepen/<int:course_id>")
def show(course_id: int) -> str:
    course = taught_course_or_404(course_id)
    rows = report_lists.for_course(course_id, by=current_actor(), at=g.now)
    started_ids = inbox.with_draft_answer(course_id, by=current_actor(), at=g.now)
    state_filters = _state_filters(rows)
    chosen_filter = request.args.get("stand", "")
    # A report may have left this state since the link was made.
    if chosen_filter not in state_filters:
        chosen_filter = ""
    rounds = [
        _course_round(round_rows, chosen_filter, started_ids=started_ids)
        for round_rows in group_by(rows, lambda row: row.round_id).values()
    ]
    return render_template(
        "teacher/course.html",
        course=course,
        rounds=rounds,
        state_filters=state_filters,
        chosen_filter=chosen_filter,
        started_ids=started_ids,
        **planned_context(course_id),
    )


def _state_filters(rows: list[ReportRow]) -> dict[str, str]:
    """Return the states that some report is in, by their name in the address, with their msgids."""
    present = {row.state for row in rows}
    return {
        state or NOT_STARTED: STATE_LABELS[state].in_course
        for state in _FILTER_STATES
        if state in present
    }


def _course_round(
    rows: list[ReportRow], chosen_filter: str, *, started_ids: set[int]
) -> CourseRound:
    of_state = [row for row in rows if chosen_filter in ("", row.state or NOT_STARTED)]
    shown = [row for row in of_state if not row.has_left]
    handed_in = [row for row in shown if row.state is State.HANDED_IN]
    waiting = sorted(handed_in, key=_waiting_since)
    return CourseRound(
        info=rows[0],
        waiting=waiting,
        others=[row for row in shown if row.state is not State.HANDED_IN],
        left=[row for row in of_state if row.has_left],
        can_release=any(row.report_id in started_ids for row in waiting),
        long_wait_before=_long_wait_before(waiting),
    )


def _waiting_since(row: ReportRow) -> datetime:
    return row.state_since or g.now  # none is without: its teacher sees its state


def _long_wait_before(waiting: list[ReportRow]) -> date | None:
    if not waiting:
        return None
    zone_name = app_settings().timezone
    longest_since = clock.local_date(_waiting_since(waiting[0]), zone=zone_name)
    cutoff = _long_wait_cutoff()
    return cutoff if longest_since < cutoff else None


def _long_wait_cutoff() -> date:
    """Return the day such that a report handed in before it waits long."""
    # Counted back day by day, since weekends do not count.
    day: date = g.today
    while calendar.count_school_days(day, until=g.today) < LONG_WAIT_SCHOOL_DAYS:
        day -= timedelta(days=1)
    return day
