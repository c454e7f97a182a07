"""The forms that are the same for everybody; those of a report are in `report_forms`."""

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from reflect.i18n import LANGUAGES
from reflect.jobs.print_jobs import FILE_KIND_LABELS, FileKind
from reflect.printing.booklet import LAYOUT_LABELS, BookletLayout
from reflect.reports.release import RELEASE_LABELS
from reflect.reports.workflow import Action
from reflect.web.fields import DayField, TimeOfDayField
from reflect.web.translations import lazy_gettext as _

TOO_LONG_MESSAGE = _(
    "This text is longer than %(max)d characters. "
    "Make it shorter, or spread it over more sections. Nothing is gone."
)


# Hashing takes as long as the password is: nobody may keep the server busy with a book.
MAX_PASSWORD_LENGTH = 500
_PASSWORD_LENGTH = Length(
    max=MAX_PASSWORD_LENGTH, message=_("A password has at most %(max)d characters.")
)


# In the address of a form: show what was typed in it, such as in another language, and do nothing.
SHOW_ONLY = "tonen"


class TypedForm(FlaskForm):
    """A form in which words are typed; sent with SHOW_ONLY it only shows them again."""

    def is_submitted(self) -> bool:
        return super().is_submitted() and SHOW_ONLY not in request.args


class LoginForm(TypedForm):
    name = StringField(
        _("Name to sign in with"), [InputRequired(_("Fill in your name.")), Length(max=200)]
    )
    password = PasswordField(
        _("Password"), [InputRequired(_("Fill in your password.")), _PASSWORD_LENGTH]
    )


class PreferencesForm(FlaskForm):
    language = RadioField(
        _("Language"),
        choices=[SelectChoice(language.code, language.own_name) for language in LANGUAGES],
    )
    font = RadioField(
        _("Letter type"),
        choices=[
            SelectChoice("normal", "Atkinson Hyperlegible"),
            SelectChoice("dyslexic", _("Letters for dyslexia, made from OpenDyslexic")),
        ],
    )
    text_size = RadioField(
        _("Letter size"),
        choices=[SelectChoice("normal", _("Normal")), SelectChoice("large", _("Large"))],
    )


class ChangePasswordForm(FlaskForm):
    current = PasswordField(
        _("Current password"),
        [InputRequired(_("Fill in your password.")), _PASSWORD_LENGTH],
    )
    new = PasswordField(
        _("New password"),
        [InputRequired(_("Fill in a new password.")), _PASSWORD_LENGTH],
        description=_("At least ten characters. Some words after each other are fine."),
    )


class ConfirmPasswordForm(FlaskForm):
    """The password of whoever is signed in, once more."""

    password = PasswordField(
        _("Your password"),
        [InputRequired(_("Fill in your password.")), _PASSWORD_LENGTH],
        description=_("Once more, so that nobody takes this along from a screen you left open."),
    )


class EmptyForm(FlaskForm):
    """A button: it sends the token against forgery and nothing else."""


class ReopenForm(TypedForm):
    reason = TextAreaField(
        _("Why do you want to open this report again?"),
        [Length(max=2000, message=TOO_LONG_MESSAGE)],
    )


class ShareForm(TypedForm):
    """Share with a person, or by a link with a label; the last day is included."""

    # Its choices are the people around one student: the view sets them.
    whom = RadioField(_("With whom?"), [InputRequired(_("Choose with whom you share this."))])
    label = StringField(
        _("For whom is the link?"),
        [Length(max=100)],
        description=_("Only for a link. You see this name when somebody opens it."),
    )
    first_day = DayField(_("From"), [Optional()], description=_("Leave empty: from now on."))
    last_day = DayField(
        _("Up to and including"),
        [Optional()],
        description=_(
            "Leave empty: until you stop it. A link stops by itself, on the day of the "
            "conversation or after thirty days."
        ),
    )


class BulkReleaseForm(FlaskForm):
    """Release to many at once; `day` and `time` are the school's, for when "moment" is chosen."""

    action = RadioField(
        _("What do they get?"),
        name="verb",
        choices=[
            SelectChoice(action, _(labels.choice)) for action, labels in RELEASE_LABELS.items()
        ],
        default=Action.ANSWER,
    )
    when = RadioField(
        _("When?"),
        choices=[
            SelectChoice("now", _("Now. For ten minutes you can still take it back.")),
            SelectChoice("moment", _("All at one moment, which you choose:")),
        ],
        default="now",
    )
    day = DayField(_("Day"), [Optional()])
    time = TimeOfDayField(_("Time"), [Optional()])


class PhraseForm(TypedForm):
    """A phrase of my own; `subject` is the id of a subject, whose teachers it is for too, or ""."""

    text = TextAreaField(
        _("Your phrase"),
        description=_(
            "Write {name} for the first name of the student, "
            "and {goal} for what the student took on."
        ),
    )
    # The view sets the choices, and answers 404 for another: no page of ours sends one.
    subject = RadioField(_("For whom?"), default="", validate_choice=False)


class PrintForm(FlaskForm):
    shape = RadioField(
        _("How much comes on paper?"),
        choices=[
            SelectChoice(layout, _(labels.choice)) for layout, labels in LAYOUT_LABELS.items()
        ],
        default=BookletLayout.BOOKLET,
    )
    kind = RadioField(
        _("What do you want?"),
        choices=[SelectChoice(kind, _(label)) for kind, label in FILE_KIND_LABELS.items()],
        default=FileKind.MERGED,
    )
