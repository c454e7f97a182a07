"""Which of the reports that are handed out are readings, and for what; and logging those."""

from datetime import datetime

from reflect.access import access_log
from reflect.access.access_log import Channel, Purpose
from reflect.access.permissions import Viewer
from reflect.access.view_models import ReportPart, ReportView
from reflect.reports.workflow import State
from reflect.school.people import Actor

# Once it has been answered, a teacher who reads it again does so for something else.
_TO_ANSWER = (State.HANDED_IN, State.RETURNED)


def person_id_of(by: Viewer) -> int | None:
    """Return who it is; None for whoever opened a link without signing in."""
    return by.id if isinstance(by, Actor) else by.person_id


def is_viewer(student_id: int, *, by: Viewer) -> bool:
    """Return whether the student looks at their own report, perhaps by a link that they gave."""
    return person_id_of(by) == student_id


def readings_in(report_views: list[ReportView], *, by: Viewer) -> list[ReportView]:
    """Return those of these views in which somebody else than the student reads something."""
    return [
        view
        for view in report_views
        if view.has_something_to_read and not is_viewer(view.student.id, by=by)
    ]


def readings_by_teacher(readings: list[ReportView]) -> list[ReportView]:
    """Return those of these readings in which a teacher of the course reads the text."""
    # Only they see these two together (permissions.WHO_SEES).
    return [
        view
        for view in readings
        if {ReportPart.FEEDBACK_DRAFT, ReportPart.TEXT} <= view.visible_parts
    ]


def has_unrecorded(
    readings: list[ReportView], *, by: Viewer, at: datetime, channel: Channel
) -> bool:
    """Return whether `record_readings` would log any of these now."""
    report_ids = [view.id for view in readings]
    return bool(
        access_log.unrecorded_ids(report_ids, person_id=person_id_of(by), channel=channel, at=at)
    )


def record_readings(
    readings: list[ReportView],
    *,
    by: Viewer,
    at: datetime,
    channel: Channel,
    purpose: Purpose | None = None,
) -> None:
    """Log these readings; without a `purpose`, each for what such a viewer reads it."""
    ids_by_purpose: dict[Purpose, list[int]] = {}
    for view in readings:
        ids_by_purpose.setdefault(purpose or _purpose_of(view), []).append(view.id)
    for its_purpose, report_ids in ids_by_purpose.items():
        access_log.record(
            report_ids,
            person_id=person_id_of(by),
            share_id=None if isinstance(by, Actor) else by.share_id,
            channel=channel,
            purpose=its_purpose,
            at=at,
        )


def _purpose_of(view: ReportView) -> Purpose:
    # Only a teacher of the course sees the first of these parts, and besides them only a mentor
    # sees the second (permissions.WHO_SEES).
    if ReportPart.FEEDBACK_DRAFT in view.visible_parts and view.state in _TO_ANSWER:
        return Purpose.ANSWERING
    if ReportPart.FEEDBACK_DRAFT in view.visible_parts:
        return Purpose.READING_ALONG
    if ReportPart.REOPENING_REASON in view.visible_parts:
        return Purpose.TALK
    return Purpose.READING_ALONG
