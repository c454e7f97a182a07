"""The export page: a student asks for everything of theirs, and downloads it when it is packed."""

from datetime import datetime, timedelta

from flask import Blueprint, g, jsonify, render_template, request

from reflect.errors import NotFound, TooManyAttempts, WrongPassword
from reflect.i18n import N_
from reflect.jobs import export_jobs, heartbeat
from reflect.jobs.job import JobView, Stage
from reflect.jobs.print_jobs import NO_WORKER_MESSAGE
from reflect.school import queries
from reflect.school.password_confirmation import confirm_password
from reflect.school.people import Actor
from reflect.text.file_names import file_name
from reflect.web.forms import ConfirmPasswordForm
from reflect.web.request_context import app_settings, current_actor, current_session
from reflect.web.responses import (
    ViewResponse,
    attachment_response,
    refusal_response,
    see_other,
    wants_json,
)
from reflect.web.translations import gettext, translate_error

export = Blueprint("export", __name__)

_PACKING_MESSAGE = N_("Your file is being packed. This page looks by itself whether it is ready.")
_NO_SPACE_MESSAGE = N_(
    "The school's disk is nearly full. Packing goes on by itself as soon as there is room."
)


@export.route("/meenemen")
def show() -> ViewResponse:
    export_job = export_jobs.latest_export(by=_student_or_404())
    is_in_progress = export_job is not None and export_job.is_in_progress
    waits_for_space = export_job is not None and export_job.stage is Stage.NO_ROOM
    status_text = gettext(_NO_SPACE_MESSAGE if waits_for_space else _PACKING_MESSAGE)
    if (
        export_job is not None
        and is_in_progress
        and heartbeat.is_silent(since=export_job.requested_at, at=g.now)
    ):
        status_text = gettext(NO_WORKER_MESSAGE)
    # The script of the page asks again until the file is ready.
    if wants_json():
        return jsonify(going=is_in_progress, sentence=status_text)
    return _render_page(export_job, ConfirmPasswordForm(), status_text=status_text)


def _render_page(
    export_job: JobView | None, password_form: ConfirmPasswordForm, *, status_text: str = ""
) -> str:
    return render_template(
        "student/export.html",
        export_job=export_job,
        status_text=status_text,
        available_until=_available_until(export_job),
        password_form=password_form,
        is_confirmed=current_session().is_confirmed(g.now),
    )


def _student_or_404() -> Actor:
    """Return whoever asks, if they ever were a student: others have nothing to export."""
    if not queries.roles_of(current_actor()).is_student:
        raise NotFound
    return current_actor()


def _available_until(export_job: JobView | None) -> datetime | None:
    if export_job is None or export_job.ended_at is None:
        return None
    # After that `jobs.schedule` removes the file.
    return export_job.ended_at + timedelta(hours=app_settings().print_hours)


@export.route("/meenemen", methods=["POST"])
def start() -> ViewResponse:
    """Pack the file, or open the way to one that is ready, for whoever typed their password."""
    student = _student_or_404()
    form = ConfirmPasswordForm()
    if not current_session().is_confirmed(g.now):
        if not form.validate():
            return _render_page(export_jobs.latest_export(by=student), form), 422
        try:
            g.user_session = confirm_password(
                current_session(), password=form.password.data or "", at=g.now
            )
        except (WrongPassword, TooManyAttempts) as error:
            form.password.errors = translate_error(error)
            page = _render_page(export_jobs.latest_export(by=student), form)
            return refusal_response(page, error)
    if request.form.get("do") != "open":
        export_jobs.request_export(by=student, at=g.now)
    return see_other("export.show")


@export.route("/meenemen/<export_key>")
def download(export_key: str) -> ViewResponse:
    content = export_jobs.read_archive(export_key, by=current_actor(), settings=app_settings())
    if not current_session().is_confirmed(g.now):
        # The page asks for the password, and has the way to the file after that.
        return see_other("export.show")
    download_name = file_name(["reflect", current_actor().name], extension="zip")
    return attachment_response(content, file_name=download_name, mime_type="application/zip")
