"""What was typed in a form that could not be kept: it stands on the answer, to be sent again."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import g, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from reflect.errors import UserError
from reflect.reports.form_schema import CLOSING
from reflect.web.forms import SHOW_ONLY, EmptyForm, LoginForm
from reflect.web.redirects import next_url, start_url
from reflect.web.report_forms import split_name

# Not sent again: what belongs to signing in, and the button. What a button does is chosen by
# whoever is signed in by then.
_EXCLUDED_FIELDS = ("csrf_token", "name", "password", "do", "language", "onward", "writes")
# Texts of forms that are no editor. A field of an editor has "--" in its name.
PLAIN_TEXT_FIELDS = ("reason", "text", "label")
# Fields of a report that hold no words of whoever sends them: keys and numbers, and of a remark
# the student's words that it is about.
_MACHINE_FIELDS = (
    *("evidence", "ticked", "on", "away"),
    *("section", "field", "start", "quote", "before", "after"),
)
# Of a row, such as "a.word": the key of the option that was chosen.
_CHOICE_FIELDS = ("word", "kind")
# After these the same request may go well in a moment.
_MAY_BE_SENT_AGAIN = (429, 500, 503)


@dataclass(frozen=True)
class PendingSubmission:
    """The fields as they were sent; `texts` are those of them that are worth showing."""

    fields: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]


def pending_submission() -> PendingSubmission | None:
    """Return what this request sent, or None if it holds no text or no page of ours sent it."""
    fields = [
        (name, text)
        for name, text in _submitted_form().items(multi=True)
        if name not in _EXCLUDED_FIELDS
    ]
    texts = tuple(text for name, text in fields if text.strip() and _holds_words(name))
    if not texts or not _is_same_origin():
        return None
    return PendingSubmission(tuple(fields), texts)


def _submitted_form() -> MultiDict[str, str]:
    try:
        return request.form
    # A body that is too large is not read, and asking for it raises the same error again.
    except HTTPException:
        return MultiDict()


def _holds_words(name: str) -> bool:
    """Return whether somebody typed what is in the field of this name."""
    section, field = split_name(name)
    if not section:
        return name in PLAIN_TEXT_FIELDS
    row, _, row_field = field.rpartition(".")
    is_choice = bool(row) and row != "caption" and row_field in _CHOICE_FIELDS
    return field not in _MACHINE_FIELDS and not (is_choice and section != CLOSING)


def _is_same_origin() -> bool:
    """Return whether the browser names no other site as the sender.

    Another site could send a form with its own texts, which we would show as what was typed here.
    """
    origin = request.headers.get("Origin")
    # An old browser sends none with a form of the same site; a forged one from elsewhere has it.
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:  # no browser sends what is no address
        return False


def login_page(pending: PendingSubmission, *, next_url: str) -> tuple[str, int]:
    """Return a sign-in page, with its status, that shows the texts and sends them again."""
    html = render_login(LoginForm(formdata=None), pending, next_url=next_url)
    # 401 and no redirect: the texts are in the body of this request, and a redirect would lose
    # them.
    return html, 401


def render_login(form: LoginForm, pending: PendingSubmission | None, *, next_url: str) -> str:
    """Return the page on which somebody signs in, with what they typed before."""
    return render_template(
        "shared/login.html",
        form=form,
        pending=pending,
        next_url=next_url,
        language_url=f"{url_for('auth.login', verder=next_url)}&{SHOW_ONLY}=1",
    )


def resubmit_page(pending: PendingSubmission, *, next_url: str, status: int) -> tuple[str, int]:
    """Return a page with the texts, and a button that sends them once more to `next_url`.

    Without one they cannot be kept, and are there to be copied.
    """
    g.pop("csrf_token", None)  # Flask-WTF keeps one per request; it may be of the old session
    form = EmptyForm(formdata=None)
    html = render_template("shared/resubmit.html", form=form, pending=pending, next_url=next_url)
    return html, status


def error_page(error: UserError, *, message: str, hint: str) -> str:
    """Return the page of an error; what was typed in the form that met it stands there too."""
    pending = pending_submission() if request.method == "POST" else None
    return render_template(
        "shared/error.html",
        message=message,
        hint=hint,
        pending=pending,
        form=EmptyForm(formdata=None) if pending else None,
        resend_url=next_url() if error.status in _MAY_BE_SENT_AGAIN else "",
        # Nobody can go to an address that was posted to.
        **({"current_url": start_url()} if request.method == "POST" else {}),
    )
