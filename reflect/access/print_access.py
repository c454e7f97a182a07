"""Texts on pages: loaded to be laid out, and logged as readings when the pages are handed over."""

from collections.abc import Iterable
from datetime import datetime

from reflect.access import access_log
from reflect.access.access_log import Channel, Purpose
from reflect.access.report_loading import Narrow, load_unlogged
from reflect.access.view_models import ReportView
from reflect.school.people import Actor


def load_to_print(
    report_ids: list[int], *, by: Actor, at: datetime, narrow: Narrow
) -> list[ReportView]:
    """Return those of these reports that I may see, with what `narrow` leaves of each.

    Nobody reads anything yet. Whoever hands the pages over calls `record_print` before.
    """
    return [narrow(view) for view in load_unlogged(report_ids, by=by, at=at)]


def printed_report_ids(report_views: Iterable[ReportView], *, reader_id: int | None) -> list[int]:
    """Return the reports that somebody reads by getting pages with these views: not their own.

    `reader_id`: None for the school's IT at the command line.
    """
    return [
        view.id
        for view in report_views
        if view.has_something_to_read and view.student.id != reader_id
    ]


def record_print(
    report_ids: list[int],
    *,
    reader_id: int | None,
    at: datetime,
    purpose: Purpose = Purpose.PRINT,
) -> None:
    """Log that pages with these reports are handed over: each time that somebody gets them."""
    access_log.record(
        report_ids,
        person_id=reader_id,
        share_id=None,
        channel=Channel.PRINT,
        purpose=purpose,
        at=at,
    )
