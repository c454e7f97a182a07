"""What was typed on a page whose session had ended: kept on the page, to be sent once more."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import g, render_template, request

from reflect.web.forms import EmptyForm, LoginForm
from reflect.web.report_forms import split_name

# Not sent again: what belongs to signing in, and the button. What a button does is chosen by
# whoever is signed in by then.
_EXCLUDED_FIELDS = ("csrf_token", "name", "password", "do")
# Texts of forms that are no editor. A field of an editor has "--" in its name.
PLAIN_TEXT_FIELDS = ("reason", "text")
# What a remark of a teacher is about: these are the student's words.
_REMARK_CONTEXT_FIELDS = ("quote", "before", "after")


@dataclass(frozen=True)
class PendingSubmission:
    """The fields as they were sent; `texts` are those of them that are worth showing."""

    fields: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]


def pending_submission() -> PendingSubmission | None:
    """Return what this request sent, or None if it holds no text or no page of ours sent it."""
    fields = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in _EXCLUDED_FIELDS
    ]
    text_fields = [
        (split_name(name)[1], text)
        for name, text in fields
        if "--" in name or name in PLAIN_TEXT_FIELDS
    ]
    has_text = any(text.strip() for _, text in text_fields)
    if not has_text or not _is_same_origin():
        return None
    texts = [text for field, text in text_fields if _is_worth_showing(field, text)]
    return PendingSubmission(tuple(fields), tuple(texts))


def _is_worth_showing(field: str, text: str) -> bool:
    """Return whether the writer would recognise it: one word may be the key of an option."""
    return field not in _REMARK_CONTEXT_FIELDS and len(text.split()) > 1


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
    form = LoginForm(formdata=None)
    html = render_template("shared/login.html", form=form, pending=pending, next_url=next_url)
    # 401 and no redirect: the texts are in the body of this request, and a redirect would lose
    # them.
    return html, 401


def resubmit_page(pending: PendingSubmission, *, next_url: str, status: int) -> tuple[str, int]:
    """Return a page with the texts, and a button that sends them once more to `next_url`."""
    g.pop("csrf_token", None)  # Flask-WTF keeps one per request; it may be of the old session
    form = EmptyForm(formdata=None)
    html = render_template("shared/resubmit.html", form=form, pending=pending, next_url=next_url)
    return html, status
