"""The booklet of a student in one round as a page: for the mentor, the student and guardians."""

from flask import Blueprint, g, render_template, url_for

from reflect.errors import NothingToPrint
from reflect.printing import booklet_builder, html_view
from reflect.printing.booklet import Booklet
from reflect.school import queries
from reflect.web.request_context import app_settings, current_actor
from reflect.web.translations import gettext

booklet = Blueprint("booklet", __name__)


@booklet.route(
    "/mentorgroepen/<int:group_id>/ronde/<int:round_id>/leerlingen/<int:student_id>/boekje"
)
def of_student(group_id: int, round_id: int, student_id: int) -> str:
    # Raises NotFound for somebody else's group, before anything of the student is loaded.
    group = queries.get_mentored_group(group_id, by=current_actor())
    built = booklet_builder.build_for_screen(
        group,
        student_id=student_id,
        round_id=round_id,
        school=app_settings().school,
        by=current_actor(),
        at=g.now,
    )
    note = gettext(
        "The same words in the same order as on paper. The student sees that you read them."
    )
    back_url = url_for("groups.student", group_id=group_id, student_id=student_id)
    return _render_booklet(built, note=note, back_url=back_url)


@booklet.route("/rondes/<int:round_id>/boekje")
def own(round_id: int) -> str:
    built = booklet_builder.build_own(
        round_id=round_id, school=app_settings().school, by=current_actor(), at=g.now
    )
    note = gettext(
        "In the order of the paper for the conversation. "
        "What is only yours, and a letter, are not in it."
    )
    return _render_booklet(built, note=note, back_url=url_for("reports.home"))


@booklet.route("/kinderen/<int:child_id>/ronde/<int:round_id>/boekje")
def of_child(child_id: int, round_id: int) -> str:
    built = booklet_builder.build_for_guardian(
        child_id, round_id=round_id, school=app_settings().school, by=current_actor(), at=g.now
    )
    note = gettext(
        "What you may read of this round, on one page, in the order of the paper. "
        "Your child sees that you read it."
    )
    return _render_booklet(built, note=note, back_url=url_for("children.show", child_id=child_id))


def _render_booklet(built: Booklet | None, *, note: str, back_url: str) -> str:
    # None: there is no answered report in this round that the reader may see.
    if built is None:
        raise NothingToPrint
    return render_template(
        "shared/booklet.html",
        booklet=built,
        booklet_html=html_view.render_booklet(built, evidence_url=_evidence_url),
        note=note,
        back_link=(back_url, gettext("Back")),
    )


def _evidence_url(report_id: int, key: str) -> str:
    return url_for("evidence_files.show", report_id=report_id, key=key)
