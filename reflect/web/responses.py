"""What a view answers with: a redirect, a message for the next page, a download."""

from urllib.parse import quote

from flask import Response, flash, make_response, redirect, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from reflect.errors import UserError
from reflect.web.translations import gettext

# What a view returns: a page, a page with its status, or a response such as a redirect.
ViewResponse = str | tuple[str, int] | BaseResponse


def wants_json() -> bool:
    """Return whether a script of ours sent this request; a browser asks for HTML first."""
    return request.accept_mimetypes.best == "application/json"


def form_status(form: FlaskForm) -> int:
    """Return the status of a page with this form: 422 if it was sent and not accepted."""
    # 422, as for every refusal that the sender can correct (reflect.errors).
    return 422 if form.is_submitted() else 200


def refusal_response(html: str, error: UserError) -> Response:
    """Return a page that shows this error at one of its fields, with the error's own status."""
    response = make_response(html, error.status)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def flash_message(message: str, *, category: str = "notice", **variables: str) -> None:
    """Show a message on the next page: on top, or where the page shows this category."""
    flash(gettext(message, **variables), category)


def see_other(endpoint: str, *, anchor: str | None = None, **values: object) -> BaseResponse:
    """Return a redirect to look at the result of a POST; the element `anchor` gets the focus."""
    # url_for takes these three besides the values of a route, and mypy cannot tell them apart.
    url = url_for(endpoint, _anchor=anchor, _method=None, _scheme=None, _external=None, **values)
    # 303 and not 302: a reload of the next page must not send the form again.
    return redirect(url, 303)


def attachment_response(content: bytes, *, file_name: str, mime_type: str) -> Response:
    """Return a download under this name; letters, digits and "-._" of it are kept."""
    # A name from a roster goes into a header here: a quote or a line end could change its
    # meaning.
    ascii_name = "".join(
        char if char.isascii() and (char.isalnum() or char in "-._") else "-" for char in file_name
    )
    disposition = f'attachment; filename="{ascii_name}"'
    if not file_name.isascii():
        # As RFC 6266 has it: a browser that knows it takes this one, in letters of any script.
        disposition += f"; filename*=UTF-8''{quote(file_name, safe='')}"
    headers = {"Content-Disposition": disposition}
    return Response(content, mimetype=mime_type, headers=headers)
