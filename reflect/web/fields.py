"""Fields: what a person fills in, as WTForms classes; those of a report are built from its form at run time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from reflect.report import grammar, reading_along
from reflect.report.grammar import FormText, Section, Shape
from reflect.web.sentences import later as _
from reflect.words import MAX_LENGTH

ROWS = ("a", "b", "c")
_SAVE = re.compile(r"[\w-]{1,48}(\.(0|[1-9][0-9]{0,8}))?", re.ASCII)  # the page's name, and the number of its save
_CAPTION = f"--{grammar.caption('')}"
TOO_LONG = _(
    "This text is longer than %(max)d characters. Make it shorter, or spread it over more sections. Nothing is gone."
)


class SignInForm(FlaskForm):
    name = StringField(_("Name to sign in with"), [InputRequired(_("Fill in your name.")), Length(max=200)])
    password = PasswordField(_("Password"), [InputRequired(_("Fill in your password.")), Length(max=500)])


class PreferencesForm(FlaskForm):
    language = RadioField(_("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")])
    font = RadioField(
        _("Letter type"),
        choices=[
            SelectChoice("normal", "Atkinson Hyperlegible"),
            SelectChoice("dyslexic", _("Letters for dyslexia, made from OpenDyslexic")),
        ],
    )
    text_size = RadioField(
        _("Letter size"), choices=[SelectChoice("normal", _("Normal")), SelectChoice("large", _("Large"))]
    )


class PasswordForm(FlaskForm):
    current = PasswordField(_("Current password"), [InputRequired(_("Fill in your password.")), Length(max=500)])
    new = PasswordField(
        _("New password"),
        [InputRequired(_("Fill in a new password.")), Length(max=500)],
        description=_("At least ten characters. Some words after each other are fine."),
    )


class ActForm(FlaskForm):
    """A button: nothing to fill in but the token against forgery."""


class ReasonForm(FlaskForm):
    reason = TextAreaField(_("Why do you want to open this report again?"), [Length(max=2000, message=TOO_LONG)])


class ShareForm(FlaskForm):
    """Share with a person, or by a link with a label; days are the school's, the last day included."""

    whom = RadioField(_("With whom?"), [InputRequired(_("Choose with whom you share this."))])
    label = StringField(
        _("For whom is the link?"),
        [Length(max=100)],
        description=_("Only for a link. You see this name when somebody opens it."),
    )
    first_day = DateField(_("From"), [Optional()], description=_("Leave empty: from now on."))
    last_day = DateField(_("Up to and including"), [Optional()], description=_("Leave empty: until you stop it."))


class GivingForm(FlaskForm):
    """To many at once: what they get, and when; days and times are the school's."""

    verb = RadioField(
        _("What do they get?"),
        choices=[
            SelectChoice("answer", _("My answer")),
            SelectChoice("ask_on", _("My question: they go on writing")),
        ],
        default="answer",
    )
    when = RadioField(
        _("When?"),
        choices=[
            SelectChoice("now", _("Now. For ten minutes you can still take it back.")),
            SelectChoice("moment", _("All at one moment, which you choose:")),
        ],
        default="now",
    )
    day = DateField(_("Day"), [Optional()])
    time = TimeField(_("Time"), [Optional()])


class PhraseForm(FlaskForm):
    """A phrase of my own; `subject` is the id of the subject with whose teachers it is shared, or empty."""

    text = TextAreaField(
        _("Your phrase"),
        description=_("Write {name} for the first name of the student, and {goal} for what the student took on."),
    )
    subject = RadioField(_("For whom?"), default="", validate_choice=False)


class PrintForm(FlaskForm):
    shape = RadioField(
        _("How much comes on paper?"),
        choices=[
            SelectChoice("booklet", _("The booklet: everything that was written and answered")),
            SelectChoice("sheet", _("One sheet, two sides: a choice for the table, and room to write")),
        ],
        default="booklet",
    )
    kind = RadioField(
        _("What do you want?"),
        choices=[
            SelectChoice("merged", _("One file for the printer: each student begins on a new sheet")),
            SelectChoice("zip", _("A file for each student, together in a zip")),
        ],
        default="merged",
    )


class Ticks(SelectMultipleField):
    """Boxes to tick; kept in a report as keys with spaces between."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """A key that the form does not know is left out later, not refused."""


class ReportForm(FlaskForm):
    """The base of every form that is built from a text; `version` is the newest revision that this page knows."""

    version = HiddenField("")
    save_key = HiddenField("")


def name_of(section: str, field: str) -> str:
    return f"{section}--{field}"


def parted(name: str) -> tuple[str, str]:
    """Part a name into section and field, both "" of another name; keys of remarks and evidence may hold dashes too."""
    section, found, key = name.partition(_CAPTION)
    if found:
        return section, grammar.caption(key)
    section, _dashes, field = name.rpartition("--")
    return section, field if section else ""


@lru_cache(maxsize=256)
def writing_form(form: FormText) -> type[ReportForm]:
    """Build the class in which a student fills in this form."""
    return _built(
        (name_of(section.key, field.name), _field(field)) for section in form.sections for field in _of(section)
    )


def _of(section: Section) -> Iterable[grammar.Field]:
    return (field for row in section.rows for field in row)


def _field(field: grammar.Field) -> Any:
    label, bound = (_(field.label) if field.label else ""), [Length(max=MAX_LENGTH, message=TOO_LONG)]
    choices = [SelectChoice(option.key, option.words) for option in field.options]
    if field.shape is Shape.TICKS:
        return Ticks(label, choices=choices)
    if field.shape is Shape.CHOICE:
        return RadioField(
            label, choices=[SelectChoice("", _("not chosen yet")), *choices], default="", validate_choice=False
        )
    return (StringField if field.shape is Shape.LINE else TextAreaField)(label, bound)


def _area(label: Any, *, description: Any = "") -> TextAreaField:
    return TextAreaField(label, [Length(max=MAX_LENGTH, message=TOO_LONG)], description=description)


@lru_cache(maxsize=256)
def answering_form(form: FormText) -> type[ReportForm]:
    """Build the class in which a teacher answers, per section and overall."""
    sections = _answers(section for section in form.sections if not section.private)
    words = [(name_of(section.key, field.name), _field(field)) for section in form.in_words for field in _of(section)]
    return _built([*sections, *words, *_about_the_whole()])


def _answers(sections: Iterable[Section]) -> list[tuple[str, TextAreaField]]:
    return [(name_of(section.key, "text"), _area(_("Your answer"))) for section in sections]


def _about_the_whole() -> list[tuple[str, TextAreaField]]:
    fields = [
        (
            "seen",
            _area(_("What I see"), description=_("Name something the student writes or does. Quote one sentence.")),
        ),
        ("aim", _area(_("What it is about"), description=_("Say in one sentence what good work looks like here."))),
        (
            "next",
            _area(_("Your next step"), description=_("One step that fits within a week. Say how, not only what.")),
        ),
        ("question", _area(_("My question to you"), description=_("One open question. The student answers it."))),
        (
            "appreciate",
            _area(_("What I appreciate"), description=_("May stay empty. Appreciate the approach, not the person.")),
        ),
    ]
    return [(name_of("overall", name), field) for name, field in fields]


@lru_cache(maxsize=256)
def suggesting_form(form: FormText) -> type[ReportForm]:
    """Build the class in which a colleague suggests other words; `on` is the revision that a section was shown in."""
    sections = reading_along.sections(form)
    upon = [(name_of(key, "on"), HiddenField("")) for key in (*(one.key for one in sections), "overall")]
    note = ("overall--note", _area(_("A word to your colleague")))
    return _built([*_answers(sections), *_about_the_whole(), *upon, note])


@lru_cache(maxsize=1)
def closing_form() -> type[ReportForm]:
    """Build the class for the student's last word and goals."""
    word = ("closing--word", _area(_("What will I do with this answer?")))
    goals = [
        pair
        for row in ROWS
        for pair in (
            (f"closing--{row}.goal", StringField(_("I take on"), [Length(max=500, message=TOO_LONG)])),
            (
                f"closing--{row}.notice",
                StringField(_("I will notice that it works when"), [Length(max=500, message=TOO_LONG)]),
            ),
        )
    ]
    return _built([word, *goals])


def _built(fields: Iterable[tuple[str, Any]]) -> type[ReportForm]:
    return type("BuiltForm", (ReportForm,), dict(fields))


@dataclass(frozen=True)
class Sent:
    """What a page sent to be kept: contents by section (only of those it mentions), the revision it knew, its key."""

    words: dict[str, dict[str, str]]
    version: int
    key: str | None


def sent(request_form: MultiDict[str, str]) -> Sent:
    """Read a save straight from the request, since a save needs no more of the form than its names."""
    words: dict[str, dict[str, str]] = {}
    for name, texts in request_form.lists():
        section, field = parted(name)
        if section:  # boxes come one by one, and are kept as keys with spaces between
            words.setdefault(section, {})[field] = " ".join(texts).replace("\r\n", "\n").replace("\r", "\n")
    digits = request_form.get("version", "0")[:18]
    version = int(digits) if digits.isascii() and digits.isdecimal() else 0
    key = request_form.get("save_key", "")
    return Sent(words=words, version=version, key=key if _SAVE.fullmatch(key) else None)


def only(words: Mapping[str, Mapping[str, str]], form: type[ReportForm]) -> dict[str, dict[str, str]]:
    """Keep what this form asks for."""
    asked = {section: {f: t for f, t in content.items() if hasattr(form, name_of(section, f))}
             for section, content in words.items()}  # fmt: skip
    return {section: content for section, content in asked.items() if content}


def filled(contents: Mapping[str, Mapping[str, str]], form: type[ReportForm]) -> dict[str, Any]:
    """Turn contents per section into what the class takes as its starting values."""
    values: dict[str, Any] = {}
    for section, content in contents.items():
        for name, text in content.items():
            is_ticks = getattr(getattr(form, name_of(section, name), None), "field_class", None) is Ticks
            values[name_of(section, name)] = text.split() if is_ticks else text
    return values
