"""My account: language, preferences, password, my sessions, and signing out everywhere."""

from flask import Blueprint, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as BaseResponse

from reflect.errors import (
    PasswordChangedMeanwhile,
    PasswordRejected,
    TooManyAttempts,
    WrongPassword,
)
from reflect.i18n import INTERFACE_LANGUAGES, N_
from reflect.school import accounts, sessions
from reflect.web import resubmit
from reflect.web.auth import public
from reflect.web.forms import SHOW_ONLY, ChangePasswordForm, EmptyForm, PreferencesForm
from reflect.web.i18n_setup import select_locale
from reflect.web.redirects import safe_next_url
from reflect.web.request_context import (
    app_settings,
    current_actor,
    current_session,
    current_user,
    signed_in_user,
)
from reflect.web.responses import (
    ViewResponse,
    flash_message,
    form_status,
    refusal_response,
    see_other,
)
from reflect.web.translations import translate_error

account = Blueprint("account", __name__)


@account.route("/taal", methods=["POST"])
@public
def set_language() -> ViewResponse:
    """Show every page in this language: on this device, and for a signed-in person on all."""
    _choose_language(request.form.get("language", ""))
    named = request.form.get("onward", "")
    # The address comes from the page, so it may only lead to this site.
    onward = safe_next_url(named)
    pending = resubmit.pending_submission()
    if pending is None:
        return redirect(onward, 303)
    if current_user() is None:
        return resubmit.login_page(pending, next_url=onward)
    # Without an address the words cannot be sent again, and are shown all the same.
    onward = onward if named else ""
    return resubmit.resubmit_page(pending, next_url=onward, status=200)


@account.before_app_request
def _choose_language_on_the_way() -> None:
    """Choose the language of a button that sends the words of a page to that page itself."""
    if request.method == "POST" and SHOW_ONLY in request.args:
        _choose_language(request.form.get("language", ""))


def _choose_language(language: str) -> None:
    if language not in INTERFACE_LANGUAGES:
        return
    session["language"] = language
    user = current_user()
    if user is not None:
        user.language = language  # so that the next device knows it too


@account.route("/mijn", methods=["GET", "POST"])
def preferences() -> ViewResponse:
    user = signed_in_user()
    form = PreferencesForm(obj=user) if request.method == "POST" else _saved_preferences()
    if not form.validate_on_submit():
        password_form = ChangePasswordForm(formdata=None)
        return _render_preferences(form, password_form), form_status(form)
    form.populate_obj(user)
    flash_message(N_("Kept. This is how Reflect looks for you from now on."))
    return see_other("account.preferences")


def _saved_preferences() -> PreferencesForm:
    """Return the form with what is saved, whatever was sent."""
    form = PreferencesForm(formdata=None, obj=signed_in_user())
    # No preference yet: the language that this page is shown in is used.
    form.language.data = form.language.data or select_locale()
    return form


@account.route("/mijn/wachtwoord", methods=["POST"])
def change_password() -> ViewResponse:
    form = ChangePasswordForm()
    if not form.validate():
        return _render_preferences(_saved_preferences(), form), 422
    try:
        accounts.change_password(
            current_session(),
            current=form.current.data or "",
            new=form.new.data or "",
            school=app_settings().school,
            at=g.now,
        )
    except (WrongPassword, TooManyAttempts, PasswordRejected, PasswordChangedMeanwhile) as error:
        field = form.new if isinstance(error, PasswordRejected) else form.current
        field.errors = translate_error(error)
        return refusal_response(_render_preferences(_saved_preferences(), form), error)
    flash_message(N_("Your password is changed. On your other devices you sign in anew."))
    return see_other("account.preferences")


def _render_preferences(form: PreferencesForm, password_form: ChangePasswordForm) -> str:
    return render_template(
        "shared/preferences.html",
        form=form,
        password_form=password_form,
        sessions=sessions.list_sessions(current_session(), at=g.now),
        empty_form=EmptyForm(formdata=None),
    )


@account.route("/mijn/inlogsessies/<int:session_id>/beeindigen", methods=["POST"])
def end_session(session_id: int) -> BaseResponse:
    sessions.sign_out_of(session_id, person_id=current_actor().id, at=g.now)
    flash_message(N_("On that device you are signed out."))
    return see_other("account.preferences")


@account.route("/mijn/inlogsessies/beeindigen", methods=["POST"])
def end_other_sessions() -> BaseResponse:
    sessions.sign_out_elsewhere(current_session(), at=g.now)
    flash_message(N_("On all other devices you are signed out."))
    return see_other("account.preferences")


@account.route("/mijn/overal-uitloggen", methods=["POST"])
def logout_everywhere() -> BaseResponse:
    # Every session has just been ended, this one too.
    sessions.sign_out_everywhere(current_actor().id, at=g.now)
    session.clear()
    response = see_other("auth.login")
    # The page sends what waits on this device first, and says so where something still waits: that
    # may be the only copy, also of somebody else's words, and it is encrypted.
    cleared = ["cache", "cookies"] if request.form.get("waits") else ["cache", "cookies", "storage"]
    response.headers["Clear-Site-Data"] = ", ".join(f'"{kind}"' for kind in cleared)
    return response
