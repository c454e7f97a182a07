"""Signing in and out, and the rule that a view needs a session unless it is marked public."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    make_response,
    redirect,
    request,
    session,
)
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from reflect import clock
from reflect.errors import NotSignedIn, ServiceBusy, SignInFailed, TooManyAttempts
from reflect.school import known_devices, sessions, sign_in
from reflect.web import resubmit
from reflect.web.forms import LoginForm
from reflect.web.redirects import next_url
from reflect.web.request_context import app_settings
from reflect.web.responses import ViewResponse, form_status, refusal_response, see_other
from reflect.web.translations import translate_error
from reflect.web.user_agents import parse_browser

auth = Blueprint("auth", __name__)
View = TypeVar("View", bound=Callable[..., object])

# These show nothing of a person, so the database is not asked who sends the request.
ANONYMOUS_ENDPOINTS = {"static", "health.check"}
# A page asks here how long its session lasts, and must not make it last longer by asking.
_PASSIVE_ENDPOINT = "editor_api.session_status"


def public(view: View) -> View:
    """Mark a view as one that needs no session."""
    view.is_public = True  # type: ignore[attr-defined]  # read in `authenticate`
    return view


def authenticate() -> None:
    """Put the time, and the session with its person, into `g`.

    Raises NotSignedIn when there is no session and the view is not public.
    """
    # Read once, so that everything in a request happens at the same instant and on the same day.
    g.now = clock.now()
    g.today = clock.local_date(g.now, zone=app_settings().timezone)
    endpoint = request.endpoint or ""
    if endpoint in ANONYMOUS_ENDPOINTS:
        return
    g.user_session = _load_session(endpoint)
    if g.user_session is not None:
        g.user = g.user_session.person
        g.actor = g.user.as_actor(g.today)
        return
    if not _is_public(endpoint):
        raise NotSignedIn


def check_session_again() -> None:
    """Raise NotSignedIn where the session ended while this request did its slow work."""
    if g.get("user_session") is None or _is_public(request.endpoint or ""):
        return
    # By a clock that went on, unlike `g.now`.
    active = sessions.find_active(session["sign_in"], limits=session_limits(), at=clock.now())
    if active is None:
        raise NotSignedIn


def _is_public(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    # Without a view there is no such address, and that is said to everybody.
    return view is None or getattr(view, "is_public", False)


def _load_session(endpoint: str) -> sessions.ActiveSession | None:
    token = session.get("sign_in")
    if not token:
        return None
    if endpoint == _PASSIVE_ENDPOINT:
        return sessions.find_active(token, limits=session_limits(), at=g.now)
    return sessions.touch_if_old(token, limits=session_limits(), at=g.now)


def session_limits() -> sessions.SessionLimits:
    """Return how long a session may last, unused and in all, by the settings."""
    config = app_settings()
    return sessions.SessionLimits(
        timedelta(minutes=config.idle_minutes),
        timedelta(hours=config.session_hours),
        timedelta(weeks=config.leaver_weeks),
    )


@auth.route("/inloggen", methods=["GET", "POST"])
@public
def login() -> ViewResponse:
    form = LoginForm()
    # Texts that arrived after the session had ended are sent with the sign-in form.
    pending = resubmit.pending_submission()
    if not form.validate_on_submit():
        return _render_login(form, pending), form_status(form)
    device_token = request.cookies.get(device_cookie_name()) or known_devices.new_token()
    try:
        token = _sign_in(form, device_token)
    # Shown and not raised: the name, and the texts that are sent with it, stay on the page.
    except (SignInFailed, TooManyAttempts, ServiceBusy) as error:
        form.password.errors = translate_error(error)
        return refusal_response(_render_login(form, pending), error)
    _start_session(token)
    response = make_response(_response_after_login(pending))
    _set_device_cookie(response, device_token)
    return response


def _sign_in(form: LoginForm, device_token: str) -> str:
    """Return the token of a new session. Raises SignInFailed, TooManyAttempts, ServiceBusy."""
    token = sign_in.sign_in(
        form.name.data or "",
        password=form.password.data or "",
        remote_address=request.remote_addr or "",
        device_token=device_token,
        browser=parse_browser(request.headers.get("User-Agent", "")),
        at=g.now,
        leaver=session_limits().leaver,
    )
    if token is None:
        raise SignInFailed
    return token


def _response_after_login(pending: resubmit.PendingSubmission | None) -> ViewResponse:
    if pending is None:
        return redirect(next_url(), 303)
    # The page that follows is made in this request, for the person who has just signed in.
    authenticate()
    # One more press is asked for, since another person may have signed in than the one who typed.
    return resubmit.resubmit_page(pending, next_url=next_url(), status=200)


def device_cookie_name() -> str:
    """Return the name of the cookie by which a browser is known at its next sign-in."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _set_device_cookie(response: BaseResponse, device_token: str) -> None:
    response.set_cookie(
        device_cookie_name(),
        device_token,
        max_age=known_devices.REMEMBERED_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _render_login(form: LoginForm, pending: resubmit.PendingSubmission | None) -> str:
    return resubmit.render_login(form, pending, next_url=next_url())


def _start_session(token: str) -> None:
    """Begin a new cookie, so that nothing of whoever used this device before stays in it."""
    if "sign_in" in session:
        # Nobody has its token any more, so it would only live on for a thief.
        sessions.sign_out(session["sign_in"], at=g.now)
    language = session.get("language")
    session.clear()
    session["sign_in"] = token
    if language:
        session["language"] = language


@auth.route("/uitloggen", methods=["POST"])
def logout() -> BaseResponse:
    sessions.sign_out(session["sign_in"], at=g.now)
    session.clear()
    response = see_other("auth.login")
    # Not "storage": a text that waits there may be the only copy, and it is encrypted.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def init_app(app: Flask) -> None:
    """Close every view of `app` that is not `public`, and protect its forms against forgery."""
    # Before `authenticate`: where a token is refused, nobody is known yet (see error_handlers).
    CSRFProtect(app)
    app.before_request(authenticate)
