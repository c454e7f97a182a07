"""Every error as a page, or as JSON for a script: what happened, and what to do next."""

import logging
import secrets

from flask import Flask, current_app, redirect, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from reflect import errors
from reflect.errors import NotSignedIn, UserError
from reflect.web import resubmit
from reflect.web.auth import authenticate
from reflect.web.redirects import next_url, start_url
from reflect.web.request_context import current_actor
from reflect.web.responses import wants_json
from reflect.web.translations import translate_error

logger = logging.getLogger("reflect.web")

ErrorResponse = tuple[str, int, dict[str, str]] | BaseResponse

_ERROR_BY_STATUS: dict[int, type[UserError]] = {
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.RequestTooLarge,
    503: errors.ServiceBusy,
}


def _user_error_response(error: UserError) -> ErrorResponse:
    # A script stays on its page and asks there: what was typed is still in it.
    if isinstance(error, NotSignedIn) and not wants_json():
        return _login_response()
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    message, hint = translate_error(error)
    if wants_json():
        headers["Content-Type"] = "application/json"
        body = current_app.json.dumps({"sentence": message, "remedy": hint})
        return body, error.status, headers
    return resubmit.error_page(error, message=message, hint=hint), error.status, headers


def _login_response() -> ErrorResponse:
    """Ask to sign in: on this page when texts were sent to it, else at the address for that."""
    pending = resubmit.pending_submission()
    if pending:
        return *resubmit.login_page(pending, next_url=next_url()), {}
    # An address that was posted to cannot be gone to afterwards.
    onward = next_url() if request.method in ("GET", "HEAD") else start_url()
    response = redirect(url_for("auth.login", verder=onward), 303)
    # An expired cookie is there, and has nothing in it.
    is_expired = not session and current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if "sign_in" in session or is_expired:
        # The session ended without signing out: photos that this browser kept go all the same.
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _http_error_response(error: HTTPException) -> ErrorResponse:
    """Answer an error of Flask's own: no such address, a body that is too large, a redirect."""
    if isinstance(error, CSRFError):
        return _csrf_error_response()
    status = error.code or 500
    # A redirect of the router, such as for a slash at the end, is an exception too.
    if status < 400:
        return error.get_response()
    if status >= 500 and status not in _ERROR_BY_STATUS:
        return _server_error_response(getattr(error, "original_exception", None) or error)
    # Any other error of the sender is shown as "not here": the rest says nothing to a person.
    error_class = _ERROR_BY_STATUS.get(status, errors.NotFound)
    return _user_error_response(error_class())


def _csrf_error_response() -> ErrorResponse:
    """Answer a form whose token is of an earlier session, or of none.

    What was typed is shown again, to be sent once more with a new token.
    """
    pending = None if wants_json() else resubmit.pending_submission()
    if pending is None:
        return _user_error_response(errors.CsrfTokenExpired())
    try:
        # The token is checked before `authenticate` has its turn.
        authenticate()
        current_actor()
    except NotSignedIn:
        return *resubmit.login_page(pending, next_url=next_url()), {}
    status = errors.CsrfTokenExpired.status
    return *resubmit.resubmit_page(pending, next_url=next_url(), status=status), {}


def _server_error_response(error: Exception) -> ErrorResponse:
    """Log the error under a reference; the person can name it to the administrator."""
    reference = secrets.token_hex(4)
    # No address: that of a shared link holds its token.
    context = {"reference": reference, "endpoint": request.endpoint}
    logger.error("request failed", extra=context, exc_info=error)
    return _user_error_response(errors.InternalError(reference=reference))


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page (or JSON) that says what to do next."""
    app.register_error_handler(UserError, _user_error_response)
    app.register_error_handler(HTTPException, _http_error_response)
    app.register_error_handler(Exception, _server_error_response)
