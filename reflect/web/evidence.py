"""Evidence on the web: a piece is sent beside the text, and shown to whoever may read that text."""

import io
import secrets

from flask import Blueprint, Flask, Response, g, jsonify, render_template, request, send_file
from werkzeug.datastructures import FileStorage

from reflect.media.kinds import Kind, Limits
from reflect.refusal import EvidenceNotKept, EvidenceRefused, TooMuchEvidence
from reflect.report import evidence
from reflect.report.grammar import pieces
from reflect.report.report import Report
from reflect.trust import read, share
from reflect.trust.reading import Door
from reflect.trust.sight import Link, Viewer
from reflect.vault import Vault, vault
from reflect.web.door import house, me, open_to_all
from reflect.web.sentences import gettext
from reflect.web.student import mine

proof = Blueprint("evidence", __name__)
FILE = "--file"


def attach(app: Flask) -> None:
    """Let the addresses of `app` that take files take large ones; before the door, which reads what was sent."""
    app.before_request(_roomy)


def _roomy() -> None:
    if request.endpoint in ("evidence.add", "writing.save"):
        request.max_content_length = (house().evidence_mb + 4) * 1024 * 1024


def _vault() -> Vault:
    return vault(house().evidence)


def _limits() -> Limits:
    return Limits(bytes_in=house().evidence_mb * 1024 * 1024)


def _kept(report: Report, file: FileStorage, *, upload: str) -> evidence.Evidence:
    return evidence.add(
        report, file.stream.read(), upload=upload, limits=_limits(), into=_vault(), by=me(), at=g.now
    )  # fmt: skip


def with_files(report: Report, texts: dict[str, dict[str, str]]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Add the files that a page without scripts sent along to their sections; say where one is refused, and why."""
    refused = {}
    for name, file in request.files.items():
        section = name.removesuffix(FILE)
        if not file.filename or section not in texts:
            continue
        try:
            kept = _kept(report, file, upload=secrets.token_urlsafe(16))
            texts[section]["evidence"] = " ".join([*pieces(texts[section]), kept.key])
        except (EvidenceNotKept, EvidenceRefused, TooMuchEvidence) as no:
            refused[section] = f"{file.filename[:80]}: {gettext(no.sentence)} {gettext(no.remedy)}"
    return texts, refused


def field_of(section: str) -> str:
    """Give the id of the field in which a file is chosen."""
    return f"{section}-file"


@proof.route("/verslagen/<int:id>/bewijs", methods=["POST"])
def add(id: int) -> Response:
    """Keep one piece; sent again under the same name (`upload`) it is the same piece."""
    report, upload = mine(id), request.form.get("upload", "")[:64] or secrets.token_urlsafe(16)
    piece = _kept(report, request.files["file"], upload=upload) if "file" in request.files else None
    kept = piece or evidence.sent_before(report, upload, by=me())
    html = render_template(
        "student/piece.html", report=id, section_key=request.form.get("section", ""), piece=kept, caption=""
    )
    return jsonify(key=kept.key, html=html)


@proof.route("/verslagen/<int:id>/bewijs/<key>")
def show(id: int, key: str) -> Response:
    return _bytes(id, key, by=me(), door=Door.SCREEN)


@proof.route("/gedeeld/<token>/bewijs/<key>")
@open_to_all
def show_by_link(token: str, key: str) -> Response:
    share_id, report_id = share.behind(token, at=g.now)
    return _bytes(report_id, key, by=Link(share=share_id, on=g.today), door=Door.LINK)


def _bytes(report_id: int, key: str, *, by: Viewer, door: Door) -> Response:
    piece = read.piece(report_id, key, by=by, at=g.now, door=door)
    return send_file(
        io.BytesIO(_vault().get(piece.file)), mimetype=piece.mime, conditional=True, etag=False,
        as_attachment=piece.kind is Kind.DOCUMENT, download_name=f"{report_id}-{key[:6]}.{piece.extension}",
    )  # fmt: skip
