"""The door: closed unless a screen says open; who stands there, in which language, and every "no" as a kind page."""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from reflect import clock, refusal
from reflect.refusal import NotSignedIn, Refusal
from reflect.school import accounts, people, sign_in
from reflect.school.people import Me, Person
from reflect.settings import Settings
from reflect.tongue import LANGUAGES, N_
from reflect.web import typed
from reflect.web.fields import PasswordForm, PreferencesForm, SignInForm
from reflect.web.onward import onward, relative
from reflect.web.sentences import gettext

door = Blueprint("door", __name__)
log = logging.getLogger("reflect.door")
Screen = TypeVar("Screen", bound=Callable[..., object])
_OPEN = {"static"}
_LOOKS_ON = "keeping.session_now"  # asking how long a session lasts must not make it last longer

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; "
    "media-src 'self'; frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# A file of our own is no page, so it travels light; there are eight of them for each first page.
FILE_HEADERS = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}


def open_to_all(screen: Screen) -> Screen:
    """Mark a screen as one that nobody needs to sign in for."""
    screen.is_open = True  # type: ignore[attr-defined]  # a mark on a function, read by `_who`
    return screen


def house() -> Settings:
    return current_app.extensions["reflect"]  # type: ignore[no-any-return]  # put there by create_app


def me() -> Me:
    """Give who acts. Raises NotSignedIn."""
    if g.get("me") is None:
        raise NotSignedIn
    return g.me  # type: ignore[no-any-return]  # `g` has no types; set in `_who`


def running() -> sign_in.Running:
    """Give the session in which somebody acts. Raises NotSignedIn."""
    found: sign_in.Running | None = g.get("running")
    if found is None:
        raise NotSignedIn
    return found


def person() -> Person | None:
    found: Person | None = g.get("person")
    return found


def language() -> str:
    """Give the language of this reader: their own, else this device's, else the browser's, else the school's."""
    signed_in = person()
    chosen = (signed_in.language if signed_in else None) or session.get("language")
    return chosen or (None if signed_in else request.accept_languages.best_match(LANGUAGES)) or house().language


def _who() -> None:
    g.now = clock.now()
    g.today = clock.day(g.now, zone=house().timezone)
    screen = current_app.view_functions.get(request.endpoint or "")
    if request.endpoint in _OPEN or request.endpoint == "door.health":
        return
    token = session.get("sign_in")
    look = sign_in.running if request.endpoint == _LOOKS_ON else sign_in.used
    g.running = look(token, limits=limits(), at=g.now) if token else None
    if g.running is not None:
        g.person = g.running.person
        who = g.person.who
        g.me = Me(id=who.id, name=who.name, first=who.first, on=g.today)
    elif screen is not None and not getattr(screen, "is_open", False):
        raise NotSignedIn


def limits() -> sign_in.Limits:
    """Give how long a session may last in this house."""
    return sign_in.Limits(timedelta(minutes=house().idle_minutes), timedelta(hours=house().session_hours))


def _dress(response: Response) -> Response:
    for name, value in (FILE_HEADERS if request.endpoint == "static" else HEADERS).items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    if house().hsts:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _refused(no: Refusal) -> tuple[str, int, dict[str, str]] | AnyResponse:
    if isinstance(no, NotSignedIn) and not _wants_json():
        if found := typed.typed():
            return *typed.sign_in_first(found, onward=onward()), {}
        return redirect(url_for("door.enter", verder=onward() if request.method == "GET" else "/"), 303)
    headers = {"Retry-After": "900" if no.status == 429 else "5"} if no.status in (429, 503) else {}
    sentence = gettext(no.sentence) % no.values
    if _wants_json():
        return (
            current_app.json.dumps({"sentence": sentence, "remedy": gettext(no.remedy) % no.values}),
            no.status,
            {"Content-Type": "application/json", **headers},
        )
    page = render_template("parts/refusal.html", sentence=sentence, remedy=gettext(no.remedy) % no.values)
    return page, no.status, headers


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _http(wrong: HTTPException) -> tuple[str, int, dict[str, str]] | AnyResponse:
    known: dict[int | None, type[Refusal]] = {
        404: refusal.NotFound, 405: refusal.WrongMethod, 413: refusal.TooLarge, 503: refusal.Busy,
    }  # fmt: skip
    if isinstance(wrong, CSRFError):
        return _too_old()
    if wrong.code is not None and wrong.code < 400:
        return wrong.get_response()
    if wrong.code is None or (wrong.code >= 500 and wrong.code not in known):
        return _broke(getattr(wrong, "original_exception", None) or wrong)
    return _refused(known.get(wrong.code, refusal.NotFound)())


def _too_old() -> tuple[str, int, dict[str, str]] | AnyResponse:
    """The page is from another session than the one that runs now, if any does."""
    found = None if _wants_json() else typed.typed()
    if found is None:
        return _refused(refusal.PageTooOld())
    try:
        _who()
        me()
    except NotSignedIn:
        return *typed.sign_in_first(found, onward=onward()), {}
    return *typed.keep_it(found, onward=onward(), status=refusal.PageTooOld.status), {}


def _broke(wrong: Exception) -> tuple[str, int, dict[str, str]] | AnyResponse:
    reference = secrets.token_hex(4)
    if "database is locked" in str(wrong):
        log.warning("busy", extra={"reference": reference})
        return _refused(refusal.Busy())
    log.error("broke", extra={"reference": reference, "endpoint": request.endpoint}, exc_info=wrong)
    return _refused(refusal.SomethingBroke(reference=reference))


def say(sentence: str, *, place: str = "notice", **words: str) -> None:
    """Tell the person something on the next page: on top, or at the place on it where it belongs."""
    flash(gettext(sentence, **words), place)


def to(endpoint: str, *, place: str | None = None, **values: object) -> AnyResponse:
    """See other: what was done is done, look there; at this place of the page, which then has the focus."""
    return redirect(url_for(endpoint, _anchor=place, _method=None, _scheme=None, _external=None, **values), 303)


@door.route("/healthz")
@open_to_all
def health() -> tuple[str, dict[str, str]]:
    people.person(0)  # asks the database
    return "ok\n", {"Content-Type": "text/plain"}


@door.route("/inloggen", methods=["GET", "POST"])
@open_to_all
def enter() -> str | tuple[str, int] | AnyResponse:
    form, found = SignInForm(), typed.typed()
    if not form.validate_on_submit():
        return _asked(form, found), 422 if form.is_submitted() else 200
    name, password = form.name.data or "", form.password.data or ""
    token = sign_in.sign_in(name, password=password, address=request.remote_addr or "", at=g.now)
    if token is None:
        form.password.errors = [gettext(refusal.SignInFailed.sentence), gettext(refusal.SignInFailed.remedy)]
        return _asked(form, found), 422
    speaks = session.get("language")
    session.clear()
    session["sign_in"] = token
    session.update({"language": speaks} if speaks else {})
    if found is None:
        return redirect(onward(), 303)
    _who()
    return typed.keep_it(found, onward=onward(), status=200)


def _asked(form: SignInForm, found: typed.Typed | None) -> str:
    return render_template("parts/enter.html", form=form, typed=found, onward=onward())


@door.route("/uitloggen", methods=["POST"])
def leave() -> AnyResponse:
    me()
    sign_in.sign_out(session["sign_in"], at=g.now)
    session.clear()
    answer = to("door.enter")
    answer.headers["Clear-Site-Data"] = '"cache"'  # what waits in the storage is locked, and may be the only copy
    return answer


@door.route("/taal", methods=["POST"])
@open_to_all
def speak() -> AnyResponse:
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if (signed_in := person()) is not None:
            signed_in.language = chosen
    return redirect(relative(request.form.get("onward", "/")), 303)


@door.route("/mijn", methods=["GET", "POST"])
def mine() -> str | tuple[str, int] | AnyResponse:
    me()
    form = PreferencesForm(obj=person())
    if not form.is_submitted() and not form.language.data:
        form.language.data = language()
    if not form.validate_on_submit():
        page = render_template("parts/preferences.html", form=form, password=PasswordForm(formdata=None))
        return page, 422 if form.is_submitted() else 200
    form.populate_obj(person())
    say(N_("Kept. This is how Reflect looks for you from now on."))
    return to("door.mine")


@door.route("/mijn/wachtwoord", methods=["POST"])
def choose_password() -> str | tuple[str, int] | AnyResponse:
    me()
    form, signed_in = PasswordForm(), person()
    try:
        if form.validate() and signed_in is not None:
            accounts.choose_password(signed_in, current=form.current.data or "", new=form.new.data or "")
            say(N_("Your password is changed."))
            return to("door.mine")
    except refusal.PasswordRefused as no:
        form.new.errors = [gettext(no.sentence), gettext(no.remedy)]
    preferences = PreferencesForm(formdata=None, obj=signed_in)
    return render_template("parts/preferences.html", form=preferences, password=form), 422


@door.route("/mijn/overal-uitloggen", methods=["POST"])
def leave_everywhere() -> AnyResponse:
    sign_in.sign_out_everywhere(me().id, at=g.now)
    session.clear()
    return to("door.enter")


def attach(app: Flask) -> None:
    """Put the door before every screen of `app`."""
    CSRFProtect(app)
    app.before_request(_who)
    app.after_request(_dress)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broke)
    app.register_blueprint(door)
