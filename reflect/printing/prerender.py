"""Render what a mentor is going to print, as soon as it is answered or closed, into the cache.

Nobody reads anything by this: the PDFs are not shown, so no reading is logged. Their cache key is
made from their whole content. When the mentor prints, the access layer loads the reports and logs
the reading, and only whoever may load exactly this content finds exactly these PDFs.
"""

from dataclasses import replace
from datetime import date, datetime

from flask import current_app

from reflect.access import prerender_access, report_lists
from reflect.access.prerender_access import BookletTarget
from reflect.errors import PrintFailed
from reflect.printing import booklet_builder, booklet_rendering
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding import active
from reflect.printing.render_request import Usage
from reflect.settings import Settings


def prerender_reports(report_ids: list[int], *, on: date, at: datetime, seconds: float) -> int:
    """Render the booklets and one-pagers with these reports that are not in the cache yet.

    Return how many were rendered.
    """
    settings: Settings = current_app.extensions["reflect"]
    active.prepare()
    pdf_cache = booklet_rendering.open_cache()
    booklets = list[Booklet]()
    for target in prerender_access.booklet_targets(report_ids, on=on):
        booklets += _booklets_of(target, school=settings.school, at=at)
    keys = [booklet_rendering.booklet_key(booklet, usage=Usage.PRINT) for booklet in booklets]
    missing = [
        booklet
        for booklet, key in zip(booklets, keys, strict=True)
        if not pdf_cache.contains(key, student_id=booklet.student.id)
    ]
    # A list, since booklets are rendered only while somebody takes the results.
    results = [result for _, result in booklet_rendering.render_or_cached(missing, seconds=seconds)]
    return sum(not isinstance(result, PrintFailed) for result in results)


def _booklets_of(target: BookletTarget, *, school: str, at: datetime) -> list[Booklet]:
    group_rows = report_lists.for_group(
        target.group.id, by=target.mentor, at=at, round_id=target.round_id
    )
    rows = [row for row in group_rows if row.student.id == target.student_id]
    report_ids = booklet_builder.answered_report_ids(rows)
    reports = prerender_access.load_for_prerender(report_ids, by=target.mentor, at=at)
    booklets = booklet_builder.build_from_rows(
        rows, reports, group=target.group, school=school, by=target.mentor
    )
    # A mentor may print either layout, so both are rendered (decision 19).
    return [replace(booklet, layout=layout) for booklet in booklets for layout in BookletLayout]
