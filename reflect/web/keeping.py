"""What every page with an editor needs: the answer to a save, the session's time, a preview, formulas, choosing."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from reflect import words
from reflect.formula import MAX_LENGTH
from reflect.refusal import NotFound
from reflect.report import choosing
from reflect.report.choosing import Choice
from reflect.report.report import CLOSING
from reflect.report.writing import Saved
from reflect.school import sign_in
from reflect.tongue import LANGUAGES, N_
from reflect.trust import sight
from reflect.web.door import POLICY, house, language, me, person, running, say, to
from reflect.web.sentences import gettext
from reflect.web.speech import clock_words

keeping = Blueprint("keeping", __name__)
LEFT_OUT = N_(
    "One text is not kept: what it is about is not here any more. Copy it if you still need it, before you leave."
)
_FRAME = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "frame-ancestors 'none'", "frame-ancestors 'self'"
)


def fresh_key() -> str:
    """Give a page its name; its saves are "name.number"."""
    return secrets.token_urlsafe(9)


def device_key() -> str:
    """Give the key that locks what waits on a device: the same for this person at every sign-in, and only theirs."""
    return hmac.new(house().secret.encode(), f"device {me().id}".encode(), hashlib.sha256).hexdigest()


@keeping.app_context_processor
def _for_editors() -> dict[str, object]:
    return {"device_key": device_key, "seconds_left": seconds_left}


def told(saved: Saved, *, left_out: Sequence[str] = ()) -> Response:
    """Answer a save that a script sent; `left_out` names what came with it and could not be kept."""
    outcomes = {section: outcome.value for section, outcome in saved.outcomes.items()}
    sentence = gettext(LEFT_OUT) if left_out else kept_sentence(saved)
    return jsonify(
        outcomes=outcomes, aside=saved.aside, too_long=saved.too_long, left_out=list(left_out), sentence=sentence
    )  # fmt: skip


def kept_sentence(saved: Saved) -> str:
    if saved.too_long:
        return gettext("One text is too long and is not kept yet.")
    if saved.aside:
        return gettext("Kept beside another text that stood here already.")
    return gettext("Kept at %(time)s", time=clock_words(g.now))


def seconds_left() -> int:
    """Give how long this session lasts without use."""
    return int((running().ends_unused - g.now).total_seconds())


@keeping.route("/mijn/sessie", methods=["GET"])
def session_now() -> Response:
    """Say whose session it is and how long it lasts; a look that does not count as use."""
    now = running()
    return jsonify(
        device=device_key(), token=generate_csrf(), seconds=seconds_left(),
        last=now.ends_unused == now.ends, ends=clock_words(now.ends),
    )  # fmt: skip


@keeping.route("/mijn/sessie", methods=["POST"])
def stay() -> Response:
    g.running = sign_in.stay(running(), at=g.now)
    return session_now()


@keeping.route("/mijn/schrijfwijze", methods=["POST"])
def choose_way() -> AnyResponse:
    """Remember whether this person writes a section at a time or on one page."""
    me()
    chosen, signed_in = request.form.get("writes", ""), person()
    if chosen in ("all", "one") and signed_in is not None:
        signed_in.writes = chosen
    number = request.form.get("report", 0, type=int)
    return to("writing.page", id=number)


@keeping.route("/tonen", methods=["POST"])
def show() -> Response:
    """Give a text as it will look."""
    me()
    speaks = request.form.get("language", "")
    text = request.form.get("text", "")[: words.MAX_LENGTH]
    return jsonify(html=words.html(text, language=speaks if speaks in LANGUAGES else language()))


@keeping.route("/formule")
def formula() -> Response:
    """The formula input, in a frame of its own: what draws it needs inline styles, and nothing of a person is here."""
    me()
    page = make_response(render_template("parts/formula.html", longest=MAX_LENGTH))
    page.headers["Content-Security-Policy"] = _FRAME
    return page


@keeping.route("/verslagen/<int:id>/kiezen", methods=["POST"])
def choose(id: int) -> AnyResponse:
    """Settle two texts that stand side by side."""
    report = sight.find(id, by=me(), at=g.now)
    wish = request.form.get("choice", "")
    if wish not in set(Choice):
        raise NotFound
    other = request.form.get("other", 0, type=int)
    section = choosing.settle(report, other, choice=Choice(wish), by=me(), at=g.now)
    say(N_("Chosen. The other text is kept with the earlier versions."))
    if report.student_id != me().id:
        return to("answering.page", id=id)
    return to("writing.close", id=id) if section == CLOSING else to("writing.page", id=id, deel=section)
