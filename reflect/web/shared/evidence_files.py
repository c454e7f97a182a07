"""Evidence over HTTP: a file is sent to a report, and shown to whoever may read its text."""

import io
import secrets
from typing import Literal

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    render_template,
    request,
    send_file,
)
from werkzeug.datastructures import FileStorage

from reflect.access import share
from reflect.access.evidence_access import find_evidence, record_file
from reflect.access.permissions import Viewer
from reflect.errors import (
    EvidenceLost,
    EvidenceQuotaReached,
    EvidenceRejected,
    InvalidTransition,
    StorageUnavailable,
    TooMuchEvidence,
)
from reflect.media.kinds import MediaKind
from reflect.media.limits import MediaLimits
from reflect.reports import evidence
from reflect.reports.form_schema import evidence_keys
from reflect.reports.report import Report
from reflect.storage import BlobStore, blob_store
from reflect.text.file_names import shown_file_name
from reflect.web.auth import public
from reflect.web.guardian.share_link import asks_for_headers, link_viewer
from reflect.web.request_context import app_settings, current_actor
from reflect.web.security_headers import let_browser_keep
from reflect.web.student.report_actions import own_report_or_404
from reflect.web.translations import translate_error

evidence_files = Blueprint("evidence_files", __name__)

# The field of a section in which a page without scripts sends a file: "fout--file".
FILE_FIELD_SUFFIX = "--file"
# Handed in from another window while the file was made safe, too: the words are kept all the same.
_REFUSALS = (
    *(StorageUnavailable, EvidenceRejected, TooMuchEvidence, EvidenceQuotaReached),
    InvalidTransition,
)
# Every other view keeps the small bound: a large body takes memory before anything checks it.
_UPLOAD_ENDPOINTS = ("evidence_files.add", "writing.save")


def init_app(app: Flask) -> None:
    """Let the views of `app` that take files read a larger body than the others.

    To be called before `auth.init_app`, which reads the form and so the body.
    """
    app.before_request(_raise_upload_limit)


def _raise_upload_limit() -> None:
    if request.endpoint in _UPLOAD_ENDPOINTS:
        form_bytes = current_app.config["MAX_CONTENT_LENGTH"]
        request.max_content_length = _upload_limits().max_bytes + form_bytes


def _upload_limits() -> MediaLimits:
    return MediaLimits(max_bytes=app_settings().evidence_mb * 1024 * 1024)


def _blob_store() -> BlobStore:
    return blob_store(app_settings().evidence)


def add_uploaded_files(
    report: Report, contents: dict[str, dict[str, str]]
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Add the files that came with a form to the evidence of their sections in `contents`.

    Returns the contents, and by section why a file was refused. A page with scripts sends its
    files one by one to `add`.
    """
    refusals = {}
    for name, file in request.files.items():
        section = name.removesuffix(FILE_FIELD_SUFFIX)
        if not file.filename or section not in contents:
            continue
        try:
            # No page made a key for it: without scripts nothing is sent twice by itself.
            stored = _store_file(report, file, upload_key=secrets.token_urlsafe(16))
            keys = [*evidence_keys(contents[section]), stored.key]
            contents[section]["evidence"] = " ".join(keys)
        except _REFUSALS as error:
            message, hint = translate_error(error)
            # Its text is saved all the same: where a file cannot be kept, the words are.
            refusals[section] = f"{shown_file_name(file.filename)}: {message} {hint}"
    return contents, refusals


def _store_file(report: Report, file: FileStorage, *, upload_key: str) -> evidence.Evidence:
    return evidence.add_evidence(
        report,
        file.stream.read(),
        upload_key=upload_key,
        limits=_upload_limits(),
        quota_mb=app_settings().evidence_year_mb,
        blob_store=_blob_store(),
        by=current_actor(),
        at=g.now,
    )


def file_input_id(section: str) -> str:
    """Return the id of the field in which a file is chosen."""
    return f"{section}-file"


@evidence_files.route("/verslagen/<int:report_id>/bewijs", methods=["POST"])
def add(report_id: int) -> Response:
    """Store one file, and return its key with the HTML that shows it in the editor.

    Sent twice with one `upload`, it is stored once; sent without the file, an earlier one is
    looked up.
    """
    report = own_report_or_404(report_id)
    # Made by the page, so that a photo which is sent again after a lost connection is stored
    # once.
    upload_key = request.form.get("upload", "")[:64] or secrets.token_urlsafe(16)
    if "file" in request.files:
        item = _store_file(report, request.files["file"], upload_key=upload_key)
    else:
        item = evidence.find_upload(report, upload_key, by=current_actor())
    html = render_template(
        "student/evidence_item.html",
        report_id=report_id,
        section_key=request.form.get("section", ""),
        evidence_item=item,
        caption="",
    )
    return jsonify(key=item.key, html=html)


@evidence_files.route("/verslagen/<int:report_id>/bewijs/<key>")
def show(report_id: int, key: str) -> Response:
    # By the same table as the text, also where the browser has the file already: a file is as
    # private as the section that it is in.
    item = find_evidence(report_id, key, by=current_actor(), at=g.now)
    if request.if_none_match.contains(item.key):
        record_file(report_id, by=current_actor(), at=g.now)
        response = Response(status=304)
        response.set_etag(item.key)
        return let_browser_keep(response)
    return let_browser_keep(_file_response(report_id, item, by=current_actor(), etag=item.key))


@evidence_files.route("/gedeeld/<token>/bewijs/<key>")
@public
def show_by_link(token: str, key: str) -> Response:
    if asks_for_headers():
        return Response()
    # Asked again for each picture: a share that was taken back shows no more of them. Nobody signs
    # out of a link, so nothing would ever take the file out of a browser that keeps it.
    share_id, report_id = share.by_token(token, at=g.now)
    viewer = link_viewer(share_id)
    item = find_evidence(report_id, key, by=viewer, at=g.now)
    return _file_response(report_id, item, by=viewer, etag=False)


def _file_response(
    report_id: int, item: evidence.Evidence, *, by: Viewer, etag: str | Literal[False]
) -> Response:
    content = evidence.read_file(item.blob_name, blob_store=_blob_store())
    if content is None:
        raise EvidenceLost
    # Only now is it sure that somebody gets it.
    record_file(report_id, by=by, at=g.now)
    return send_file(
        io.BytesIO(content),
        mimetype=item.mime,
        conditional=True,  # a browser asks for a sound in ranges
        etag=etag,
        # A PDF can do more than be looked at, and other software has to guard against that.
        as_attachment=item.kind is MediaKind.DOCUMENT,
        download_name=f"{report_id}-{item.key[:6]}.{item.extension}",
    )
