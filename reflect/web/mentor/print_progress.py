"""A print job as its mentor follows it: how far it is, its file when it is ready, and stopping."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, g, render_template
from werkzeug.sansio.response import Response as SansResponse
from werkzeug.wrappers import Response as BaseResponse

from reflect.access.print_access import record_print
from reflect.errors import NotFound
from reflect.i18n import N_
from reflect.jobs import heartbeat, print_jobs
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import (
    LEFT_OUT_REASONS,
    NO_WORKER_MESSAGE,
    STAGE_MESSAGES,
    MemberStatus,
    OutputFormat,
    PrintJobView,
)
from reflect.jobs.print_steps import blob_name
from reflect.printing import booklet_rendering
from reflect.reports.rounds import opened_rounds
from reflect.school import queries
from reflect.school.queries import NamedRef
from reflect.storage import blob_store
from reflect.text.file_names import file_name
from reflect.web.request_context import app_settings, current_actor
from reflect.web.responses import attachment_response, flash_message, see_other, wants_json
from reflect.web.translations import gettext

print_progress = Blueprint("print_progress", __name__)

_MIME_TYPES = {"pdf": "application/pdf", "zip": "application/zip"}


def _own_print_or_404(key: str) -> tuple[PrintJobView, NamedRef]:
    """Return a print that I asked for, and its group, which I still mentor. Raises NotFound."""
    # Both are asked: whoever does not mentor the group any more gets no file of it.
    print_job = print_jobs.get_own_job(key, by=current_actor())
    return print_job, queries.get_mentored_group(print_job.group_id, by=current_actor())


@print_progress.route("/afdrukken/<key>")
def show(key: str) -> SansResponse | str:
    """Show how far a print is; as JSON for the script that updates the page."""
    print_job, group = _own_print_or_404(key)
    status_text = _status_text(print_job)
    if wants_json():
        return current_app.json.response(
            going=print_job.is_in_progress,
            done=print_job.done,
            all=print_job.total,
            sentence=status_text,
        )
    keep_for = timedelta(hours=app_settings().print_hours)
    return render_template(
        "mentor/print_job.html",
        print_job=print_job,
        group=group,
        round_name=_round_name(print_job.round_id),
        status_text=status_text,
        can_download=_has_file(print_job),
        left_out=[
            (student, LEFT_OUT_REASONS[status], status is not MemberStatus.NOT_YOURS)
            for student, status in print_job.left_out
        ],
        available_until=print_job.ended_at + keep_for if print_job.ended_at else None,
    )


def _has_file(print_job: PrintJobView) -> bool:
    return print_job.stage is Stage.READY and bool(print_job.printed)


def _status_text(print_job: PrintJobView) -> str:
    """Return in words how far a print is, with the number of students, none by name."""
    if print_job.is_in_progress and heartbeat.is_silent(since=print_job.requested_at, at=g.now):
        return gettext(NO_WORKER_MESSAGE)
    if print_job.stage is Stage.BUSY and print_job.done == print_job.total:
        return gettext("Everybody's pages are printed and are being put together.")
    if print_job.stage is Stage.BUSY:
        return gettext(
            "%(done)s of %(all)s students are printed.", done=print_job.done, all=print_job.total
        )
    if print_job.stage is Stage.READY and not print_job.printed:
        return gettext("Nobody's pages could be printed.")
    return gettext(STAGE_MESSAGES[print_job.stage])


@print_progress.route("/afdrukken/<key>/bestand")
def download(key: str) -> Response:
    print_job, group = _own_print_or_404(key)
    if not _has_file(print_job):
        raise NotFound
    try:
        content = blob_store(app_settings().evidence).get(blob_name(key, print_job.output_format))
    except FileNotFoundError:
        # The worker has just removed it, and the stage that was read above is older.
        raise NotFound from None
    # Each time: whoever has pages in hand has read them, also of a student who left the group.
    report_ids = print_jobs.report_ids_in_file(key, by=current_actor())
    record_print(report_ids, reader_id=current_actor().id, at=g.now)
    return attachment_response(
        content,
        file_name=_download_name(group, print_job.output_format, round_id=print_job.round_id),
        mime_type=_MIME_TYPES[print_job.output_format.file_kind.extension],
    )


def _download_name(group: NamedRef, output_format: OutputFormat, *, round_id: int) -> str:
    """Return a file name such as winter-2b.zip, which is found among other downloads."""
    return file_name(
        [_round_name(round_id), group.code],
        extension=output_format.file_kind.extension,
        ending=booklet_rendering.file_name_suffix(output_format.layout),
    )


def _round_name(round_id: int) -> str:
    return next((each.name for each in opened_rounds(on=g.today) if each.id == round_id), "")


@print_progress.route("/afdrukken/<key>/stoppen", methods=["POST"])
def stop(key: str) -> BaseResponse:
    _own_print_or_404(key)
    print_jobs.stop_job(key, by=current_actor(), at=g.now)
    flash_message(N_("The print is stopped."))
    return see_other("print_progress.show", key=key)


@print_progress.route("/afdrukken/<key>/opnieuw", methods=["POST"])
def print_again(key: str) -> BaseResponse:
    """Begin a print of the students whose pages failed in this one."""
    _own_print_or_404(key)
    new_key = print_jobs.request_again(key, by=current_actor(), at=g.now)
    return see_other("print_progress.show", key=new_key)
