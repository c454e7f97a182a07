"""What somebody typed on a page whose session had ended: it stays in sight, and goes along while they sign in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import g, render_template, request

from reflect.web.fields import ActForm, SignInForm, parted

_LEFT = ("csrf_token", "name", "password", "do")  # of the door; and what was wished is done by who sees the page again
_LONELY = ("reason", "text")  # words outside an editor; in an editor every name has dashes in it
_AROUND = ("quote", "before", "after")  # the student's words that a remark is about


@dataclass(frozen=True)
class Typed:
    """The fields as they were sent, to be sent again; `texts` are those of them that are worth showing."""

    fields: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]


def typed() -> Typed | None:
    """Give what this request brings, when there are words in it and a page of this house sent it."""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _LEFT]
    words = [(parted(name)[1], text) for name, text in fields if "--" in name or name in _LONELY]
    if not _from_here() or not any(text.strip() for _, text in words):
        return None
    texts = [text for field, text in words if field not in _AROUND and len(text.split()) > 1]
    return Typed(tuple(fields), tuple(texts))


def _from_here() -> bool:
    """Say whether the browser names no other house as the sender: nobody puts words into somebody else's mouth."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def sign_in_first(found: Typed, *, onward: str) -> tuple[str, int]:
    """Ask to sign in, with the words in sight; they go along."""
    form = SignInForm(formdata=None)
    return render_template("parts/enter.html", form=form, typed=found, onward=onward), 401


def keep_it(found: Typed, *, onward: str, status: int) -> tuple[str, int]:
    """Show the words to who is signed in now, with a button that sends them once more."""
    g.pop("csrf_token", None)  # a token made before this session would not fit
    return render_template("parts/typed.html", form=ActForm(formdata=None), typed=found, onward=onward), status
