"""A mentor's group: how far each student is, one student's reports, and printing for the talks."""

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response as BaseResponse

from reflect.access import goals, report_lists
from reflect.access.report_lists import ReportRow
from reflect.errors import NotFound
from reflect.jobs import direct_print, print_jobs
from reflect.printing import booklet_builder, booklet_rendering, letters
from reflect.printing.booklet import LAYOUT_LABELS, Booklet, BookletLayout
from reflect.reports.rounds import opened_rounds_of_group
from reflect.school import queries
from reflect.school.queries import NamedRef
from reflect.text.collation import collation_key
from reflect.text.grouping import group_by
from reflect.web.forms import PrintForm
from reflect.web.request_context import app_settings, current_actor
from reflect.web.responses import attachment_response, see_other

groups = Blueprint("groups", __name__)


def _mentored_group_or_404(group_id: int) -> NamedRef:
    return queries.get_mentored_group(group_id, by=current_actor())


@groups.route("/mentorgroepen/<int:group_id>")
@groups.route("/mentorgroepen/<int:group_id>/ronde/<int:round_id>")
def show(group_id: int, round_id: int | None = None) -> str:
    group = _mentored_group_or_404(group_id)
    rounds = opened_rounds_of_group(group_id, on=g.today)
    newest_round_id = rounds[0].id if rounds else 0
    selected_round_id = round_id or newest_round_id
    rows = _load_rows(group_id, selected_round_id) if selected_round_id else []
    students = list(dict.fromkeys(row.student for row in rows))
    return render_template(
        "mentor/group.html",
        group=group,
        # Of names alone: the texts are read when they are printed, and then that is logged.
        missing_letters=[
            (student, " ".join(missing))
            for student in students
            if (missing := letters.missing_letters([student.name]))
        ],
        rounds=[(opened_round.id, opened_round.name) for opened_round in rounds],
        selected_round_id=selected_round_id,
        rows_by_student=list(group_by(rows, lambda row: row.student).items()),
        subjects=sorted({row.subject for row in rows}, key=collation_key),
        form=PrintForm(),
        print_jobs=print_jobs.jobs_of_group(group_id, by=current_actor()),
    )


def _load_rows(group_id: int, round_id: int = 0) -> list[ReportRow]:
    """Return the reports of a group in one round, or (0) in every opened round."""
    return report_lists.for_group(group_id, by=current_actor(), at=g.now, round_id=round_id)


@groups.route("/mentorgroepen/<int:group_id>/leerlingen/<int:student_id>")
def student(group_id: int, student_id: int) -> str:
    group = _mentored_group_or_404(group_id)
    # From the list of the group, so a student of another group is not found.
    rows = [row for row in _load_rows(group_id) if row.student.id == student_id]
    if not rows:
        raise NotFound
    return render_template(
        "mentor/student.html",
        group=group,
        student=rows[0].student,
        rows_by_round=[
            (round_id, round_rows[0].round_name, round_rows)
            for round_id, round_rows in group_by(rows, lambda row: row.round_id).items()
        ],
        earlier_goals=goals.earlier_goals_of(student_id, by=current_actor(), at=g.now),
        form=PrintForm(),
        layout_labels=LAYOUT_LABELS,
    )


@groups.route("/mentorgroepen/<int:group_id>/ronde/<int:round_id>/afdrukken", methods=["POST"])
def print_group(group_id: int, round_id: int) -> BaseResponse:
    """Begin a print job, whose page says who is not in it and why."""
    form = PrintForm()
    key = print_jobs.request_group_print(
        _mentored_group_or_404(group_id),
        round_id=round_id,
        output_format=print_jobs.parse_output_format(form.kind.data, form.shape.data),
        by=current_actor(),
        at=g.now,
    )
    return see_other("print_progress.show", key=key)


@groups.route(
    "/mentorgroepen/<int:group_id>/ronde/<int:round_id>/leerlingen/<int:student_id>/afdrukken",
    methods=["POST"],
)
def print_student(group_id: int, round_id: int, student_id: int) -> BaseResponse:
    """Return the PDF of one student: their booklet, or their one-pager."""
    form = PrintForm()
    output_format = print_jobs.parse_output_format(form.kind.data, form.shape.data)
    booklets, content = direct_print.print_booklets(
        lambda: _student_booklet(group_id, student_id, round_id, layout=output_format.layout),
        render=lambda loaded: booklet_rendering.render_one(
            loaded[0], seconds=app_settings().print_seconds
        ),
    )
    booklet_builder.record_print(booklets, reader_id=current_actor().id, at=g.now)
    return attachment_response(
        content,
        file_name=booklet_rendering.file_names(booklets)[0],
        mime_type="application/pdf",
    )


def _student_booklet(
    group_id: int, student_id: int, round_id: int, *, layout: BookletLayout
) -> list[Booklet]:
    booklet = booklet_builder.build_for_student(
        _mentored_group_or_404(group_id),
        student_id=student_id,
        round_id=round_id,
        school=app_settings().school,
        by=current_actor(),
        at=g.now,
        layout=layout,
    )
    return [booklet] if booklet else []
