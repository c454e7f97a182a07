"""What every page with an editor uses: saving, the session's time, previews, conflicts."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from flask import (
    Blueprint,
    Response,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import generate_csrf

from reflect.access import permissions
from reflect.errors import NotFound
from reflect.i18n import INTERFACE_LANGUAGES, N_, per_language
from reflect.reports import conflict_choice, revisions
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.report import CLOSING, Report
from reflect.reports.revisions import SaveResult
from reflect.reports.workflow import Action
from reflect.school import sessions
from reflect.text import markdown
from reflect.web import resubmit
from reflect.web.formatting import format_time
from reflect.web.forms import TOO_LONG_MESSAGE
from reflect.web.i18n_setup import select_locale
from reflect.web.report_forms import Submission
from reflect.web.request_context import (
    app_settings,
    current_actor,
    current_session,
    form_number,
    signed_in_user,
)
from reflect.web.responses import ViewResponse, flash_message, see_other
from reflect.web.security_headers import CONTENT_SECURITY_POLICY
from reflect.web.translations import gettext

editor_api = Blueprint("editor_api", __name__)

NOT_SAVED_MESSAGE = N_(
    "One text is not kept: what it is about is not here any more. "
    "Copy it if you still need it, before you leave."
)
# The sign on the key, and the LaTeX that it puts into the formula.
_DIVISION_SIGNS = per_language(
    "reflect/web/shared/editor_api.py: _DIVISION_SIGNS",
    INTERFACE_LANGUAGES,
    {"nl": (":", ":"), "en": ("÷", r"\div")},
)
# MathLive, which draws the formula, sets styles on its elements.
_FORMULA_FRAME_POLICY = CONTENT_SECURITY_POLICY.replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
).replace("frame-ancestors 'none'", "frame-ancestors 'self'")


@editor_api.app_context_processor
def _editor_context() -> dict[str, object]:
    return {
        "offline_store_key": offline_store_key,
        "seconds_left": seconds_left,
        "too_long_message": lambda: TOO_LONG_MESSAGE % {"max": markdown.MAX_TEXT_LENGTH},
    }


def new_save_key() -> str:
    """Return a name for a page; its saves are called "name.1", "name.2" and so on."""
    return secrets.token_urlsafe(9)


def offline_store_key() -> str:
    """Return the key that encrypts what waits on a device, as hex digits.

    It is the same for this person after each sign-in, and nobody else's.
    """
    # Derived and not stored: it survives signing out, and a thief of the database has no key
    # (docs/decisions/0015).
    message = f"device {current_actor().id}".encode()
    return hmac.new(app_settings().secret.encode(), message, hashlib.sha256).hexdigest()


def save_submission(
    report: Report,
    contents: Mapping[str, Mapping[str, str]],
    submission: Submission,
    *,
    action: Action,
) -> SaveResult:
    """Save these contents of what a page sent, as whoever acts in this request.

    Raises NotFound.
    """
    return revisions.save(
        report,
        contents,
        action=action,
        base_version=submission.version,
        save_key=submission.save_key,
        by=current_actor(),
        at=g.now,
    )


def save_response(result: SaveResult, *, not_saved: Sequence[str] = ()) -> Response:
    """Return the JSON for a script that saved.

    `not_saved` names fields that were sent with it and belong to nothing any more.
    """
    # The scripts read these names, also those of pages that were open before an upgrade: so they
    # stay as they are. `aside` holds the sections with a conflict.
    outcomes = {section: outcome.value for section, outcome in result.outcomes.items()}
    message = gettext(NOT_SAVED_MESSAGE) if not_saved else _save_message(result)
    return jsonify(
        outcomes=outcomes,
        aside=result.conflicts,
        too_long=result.too_long,
        left_out=list(not_saved),
        sentence=message,
    )


def _save_message(result: SaveResult) -> str:
    if result.too_long:
        return gettext("One text is too long and is not kept yet.")
    if result.conflicts:
        return gettext("Kept beside another text that stood here already.")
    return gettext("Kept at %(time)s", time=format_time(g.now))


def seconds_left() -> int:
    """Return how long this session lasts without use."""
    return int((current_session().idle_expires_at - g.now).total_seconds())


@editor_api.route("/mijn/sessie", methods=["GET"])
def session_status() -> Response:
    """Return whose session it is and how long it lasts, without making it last longer."""
    user_session = current_session()
    # With the absolute end near, using the session does not make it last longer either.
    is_last_period = user_session.idle_expires_at == user_session.absolute_expires_at
    return jsonify(
        # A page compares this with the key it has, and is left when somebody else has signed in.
        device=offline_store_key(),
        # A new token: the page may be older than the session, and its own would be refused.
        token=generate_csrf(),
        seconds=seconds_left(),
        last=is_last_period,
        ends=format_time(user_session.absolute_expires_at),
    )


@editor_api.route("/mijn/sessie", methods=["POST"])
def extend_session() -> Response:
    # The person asked for this, so it counts as use, unlike the question above.
    g.user_session = sessions.extend(current_session(), at=g.now)
    return session_status()


@editor_api.route("/mijn/schrijfwijze", methods=["POST"])
def set_editor_mode() -> ViewResponse:
    """Set whether this person writes a section at a time ("one") or on one page ("all")."""
    choose_editor_mode()
    report_id = form_number("report")
    pending = resubmit.pending_submission()
    if pending is None:
        if not report_id:
            raise NotFound
        return see_other("writing.edit", report_id=report_id)
    onward = url_for("writing.save", report_id=report_id)
    return resubmit.resubmit_page(pending, next_url=onward, status=200)


def choose_editor_mode() -> None:
    """Keep the way of writing that a button of the page names, if it does."""
    mode = request.form.get("writes", "")
    if mode in ("all", "one"):
        signed_in_user().editor_mode = mode


@editor_api.route("/tonen", methods=["POST"])
def preview_text() -> Response:
    """Return a text as the HTML that its readers see."""
    language = request.form.get("language", "")
    if language not in INTERFACE_LANGUAGES:
        language = select_locale()
    # A longer text could not be saved, and rendering it would take long.
    text = request.form.get("text", "")[: markdown.MAX_TEXT_LENGTH]
    return jsonify(html=markdown.preview_html(text, language=language))


@editor_api.route("/formule")
def formula_frame() -> Response:
    """Return the formula editor, a page of its own that holds nothing of any person.

    It is shown in a frame, since its policy is looser than that of the page around it.
    """
    division_sign, division_latex = _DIVISION_SIGNS[select_locale()]
    html = render_template(
        "shared/formula.html",
        division_sign=division_sign,
        division_latex=division_latex,
    )
    response = make_response(html)
    # The one exception to the policy of all pages, and so kept to a page without a word of
    # anybody.
    response.headers["Content-Security-Policy"] = _FORMULA_FRAME_POLICY
    return response


@editor_api.route("/verslagen/<int:report_id>/kiezen", methods=["POST"])
def settle_conflict(report_id: int) -> ViewResponse:
    """Save what a student or teacher chose between two texts of a section."""
    report = permissions.get_or_404(report_id, by=current_actor(), at=g.now)
    choice = request.form.get("choice", "")
    # No page of ours sends another word.
    if choice not in set(ConflictChoice):
        raise NotFound
    section = conflict_choice.settle_conflict(
        report,
        form_number("other"),
        choice=ConflictChoice(choice),
        by=current_actor(),
        at=g.now,
    )
    flash_message(N_("Chosen. The other text is kept with the earlier versions."))
    # The writer of both texts chooses: the student, or else a teacher of the course.
    if report.student_id != current_actor().id:
        return see_other("answering.edit", report_id=report_id)
    return see_section_of_student(report_id, section)


def see_section_of_student(
    report_id: int, section: str, *, anchor: str | None = None
) -> ViewResponse:
    """Return a redirect to the page where a student writes this section."""
    if section == CLOSING:
        return see_other("closing.edit", report_id=report_id)
    return see_other("writing.edit", report_id=report_id, deel=section, anchor=anchor)
