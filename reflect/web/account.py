"""My account: language, preferences, password, and signing out everywhere."""

from flask import Blueprint, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as BaseResponse

from reflect.errors import PasswordRejected
from reflect.i18n import INTERFACE_LANGUAGES, N_
from reflect.school import accounts, sessions
from reflect.web import resubmit
from reflect.web.auth import public
from reflect.web.forms import SHOW_ONLY, ChangePasswordForm, PreferencesForm
from reflect.web.i18n_setup import select_locale
from reflect.web.redirects import safe_next_url
from reflect.web.request_context import current_actor, current_user, signed_in_user
from reflect.web.responses import ViewResponse, flash_message, form_status, see_other
from reflect.web.translations import translate_error

account = Blueprint("account", __name__)


@account.route("/taal", methods=["POST"])
@public
def set_language() -> ViewResponse:
    """Show every page in this language: on this device, and for a signed-in person on all."""
    _choose_language(request.form.get("language", ""))
    # The address comes from the page, so it may only lead to this site.
    onward = safe_next_url(request.form.get("onward", "/"))
    pending = resubmit.pending_submission()
    if pending is None:
        return redirect(onward, 303)
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
    form = PreferencesForm(obj=user)
    if not form.is_submitted() and not form.language.data:
        # No preference yet: the language that this page is shown in is used.
        form.language.data = select_locale()
    if not form.validate_on_submit():
        password_form = ChangePasswordForm(formdata=None)
        return _render_preferences(form, password_form), form_status(form)
    form.populate_obj(user)
    flash_message(N_("Kept. This is how Reflect looks for you from now on."))
    return see_other("account.preferences")


@account.route("/mijn/wachtwoord", methods=["POST"])
def change_password() -> ViewResponse:
    user = signed_in_user()
    form = ChangePasswordForm()
    try:
        if form.validate():
            accounts.change_password(user, current=form.current.data or "", new=form.new.data or "")
            flash_message(N_("Your password is changed."))
            return see_other("account.preferences")
    except PasswordRejected as error:
        form.new.errors = translate_error(error)
    # The other form of the page shows what is saved: nothing of it was sent.
    return _render_preferences(PreferencesForm(formdata=None, obj=user), form), 422


def _render_preferences(form: PreferencesForm, password_form: ChangePasswordForm) -> str:
    return render_template("shared/preferences.html", form=form, password_form=password_form)


@account.route("/mijn/overal-uitloggen", methods=["POST"])
def logout_everywhere() -> BaseResponse:
    # Every session has just been ended, this one too.
    sessions.sign_out_everywhere(current_actor().id, at=g.now)
    session.clear()
    return see_other("auth.login")
