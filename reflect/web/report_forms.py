"""WTForms classes built at run time from the form of a report, and reading what they send.

A field is named after its section and itself: "begrijp--text", "closing--a.goal".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from reflect.i18n import DEFAULT_LANGUAGE
from reflect.peer_review import reviews
from reflect.reports.form_schema import (
    CLOSING,
    OVERALL,
    OVERALL_FIELDS,
    FieldSpec,
    FieldType,
    FormSchema,
    Section,
    caption_field,
    last_word_section,
)
from reflect.text.markdown import MAX_TEXT_LENGTH
from reflect.text.numbers import parse_id
from reflect.web.forms import TOO_LONG_MESSAGE
from reflect.web.translations import lazy_gettext as _

# A goal is one sentence: it comes back on the student's pages, and on a line of print.
MAX_GOAL_LENGTH = 500

_CAPTION_SEPARATOR = f"--{caption_field('')}"
# The name of a page, and the number of its save: a save that is sent again is known by both.
_SAVE_KEY = re.compile(r"[\w-]{1,48}(\.(0|[1-9][0-9]{0,8}))?", re.ASCII)


class CheckboxListField(SelectMultipleField):
    """A list of boxes to tick; a report keeps the keys of the ticked ones, with spaces between."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    # WTForms would refuse the whole form for one unknown key, and nothing typed may be lost.
    def pre_validate(self, form: Any) -> None:
        """Accept every key: one that the form does not know is left out when it is saved."""


class ReportForm(FlaskForm):
    """The base of the classes below; `version` is the newest revision that the page knows."""

    version = HiddenField("")
    save_key = HiddenField("")


def field_name(section: str, field: str) -> str:
    return f"{section}--{field}"


def split_name(name: str) -> tuple[str, str]:
    """Return the section and the field of a name, both "" when it is no name of a report form."""
    # The key of a remark, or of a piece of evidence, may have a "--" of its own. A remark's key is
    # the section, so its name is split at the last "--". The key of a piece of evidence is at the
    # end of the field of a caption, so such a name is split at the first.
    section, separator, evidence_key = name.partition(_CAPTION_SEPARATOR)
    if separator:
        return section, caption_field(evidence_key)
    section, _dashes, field = name.rpartition("--")
    return section, field if section else ""


# Built once per form: a saved form never changes (docs/decisions/0002).
@lru_cache(maxsize=64)
def writing_form_class(form: FormSchema) -> type[ReportForm]:
    """Return the class in which a student fills in this form."""
    return _form_class(_schema_fields(form.sections))


@lru_cache(maxsize=64)
def answering_form_class(form: FormSchema) -> type[ReportForm]:
    """Return the class in which a teacher answers: per section, in fields of words, overall."""
    # What is private is not shown to the teacher, so there is no field to answer it.
    sections = [section for section in form.sections if not section.private]
    return _form_class(
        [
            *_answer_fields(sections),
            *_schema_fields(form.teacher_sections),
            *_overall_fields(),
        ]
    )


@lru_cache(maxsize=64)
def suggestion_form_class(form: FormSchema) -> type[ReportForm]:
    """Return the class in which a reviewer suggests another answer.

    The hidden field `on` of a section holds the revision of the answer that was shown there.
    """
    sections = reviews.reviewable_sections(form)
    based_on_fields = [
        (field_name(key, reviews.BASED_ON_FIELD), HiddenField(""))
        for key in (*(section.key for section in sections), OVERALL)
    ]
    comment = (field_name(*reviews.REVIEWER_COMMENT), _text_area(_("A word to your colleague")))
    return _form_class([*_answer_fields(sections), *_overall_fields(), *based_on_fields, comment])


@lru_cache(maxsize=1)
def closing_form_class() -> type[ReportForm]:
    """Return the class for the student's last word and goals."""
    section = last_word_section(DEFAULT_LANGUAGE)  # only its prompt depends on the language
    return _form_class(
        (field_name(CLOSING, field.name), _wtforms_field(field, max_line_length=MAX_GOAL_LENGTH))
        for field in section.fields
    )


def _form_class(fields: Iterable[tuple[str, Any]]) -> type[ReportForm]:
    return type("BuiltForm", (ReportForm,), dict(fields))


def _schema_fields(sections: Iterable[Section]) -> list[tuple[str, Field]]:
    return [
        (field_name(section.key, field.name), _wtforms_field(field))
        for section in sections
        for field in section.fields
    ]


def _wtforms_field(field: FieldSpec, *, max_line_length: int = MAX_TEXT_LENGTH) -> Field:
    label = _label(field)
    choices = [SelectChoice(option.key, option.label) for option in field.options]
    match field.field_type:
        case FieldType.TICKS:
            return CheckboxListField(label, choices=choices)
        case FieldType.CHOICE:
            # Without it a choice that was made once could not be undone.
            choices = [SelectChoice("", _("not chosen yet")), *choices]
            # Unchecked here, as the ticked boxes are: saving leaves out what the form does not
            # know.
            return RadioField(label, choices=choices, default="", validate_choice=False)
        case FieldType.LINE:
            return StringField(label, [_max_length(max_line_length)])
        case FieldType.TEXT:
            return _text_area(label)
    assert_never(field.field_type)


def _answer_fields(sections: Iterable[Section]) -> list[tuple[str, Field]]:
    return [(field_name(section.key, "text"), _text_area(_("Your answer"))) for section in sections]


def _overall_fields() -> list[tuple[str, Field]]:
    return [
        (field_name(OVERALL, field.name), _text_area(_(field.label), description=_(field.help)))
        for field in OVERALL_FIELDS
    ]


def _text_area(label: Any, *, description: Any = "") -> TextAreaField:
    return TextAreaField(label, [_max_length(MAX_TEXT_LENGTH)], description=description)


def _label(field: FieldSpec) -> Any:
    return _(field.label) if field.label else ""


def _max_length(limit: int) -> Length:
    return Length(max=limit, message=TOO_LONG_MESSAGE)


@dataclass(frozen=True)
class Submission:
    """What a page sent to be saved: by section a content, of those that the page mentions.

    `version` is the newest revision that the page knew, 0 for none; `save_key` identifies the save.
    """

    contents: dict[str, dict[str, str]]
    version: int
    save_key: str | None


def parse_submission(form_data: MultiDict[str, str]) -> Submission:
    """Return what was sent, read from the names alone: no form is built to save a text."""
    contents: dict[str, dict[str, str]] = {}
    for name, values in form_data.lists():
        section, field = split_name(name)
        if section:
            # More than one value is a list of ticked boxes.
            contents.setdefault(section, {})[field] = _with_unix_lines(" ".join(values))
    save_key = form_data.get("save_key", "")
    return Submission(
        contents=contents,
        # 0, which knows nothing, is safe: a text that is there already becomes a conflict.
        version=parse_id(form_data.get("version", "")),
        save_key=save_key if _SAVE_KEY.fullmatch(save_key) else None,
    )


def _with_unix_lines(text: str) -> str:
    # Browsers send \r\n and scripts \n: the same text sent by both must be the same text.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def known_fields_only(
    contents: Mapping[str, Mapping[str, str]], form: type[ReportForm]
) -> dict[str, dict[str, str]]:
    """Return the contents without the fields, and so the sections, that this class lacks."""
    known = {section: _known_fields(section, fields, form) for section, fields in contents.items()}
    return {section: fields for section, fields in known.items() if fields}


def _known_fields(
    section: str, fields: Mapping[str, str], form: type[ReportForm]
) -> dict[str, str]:
    return {name: text for name, text in fields.items() if hasattr(form, field_name(section, name))}


def initial_values(
    contents: Mapping[str, Mapping[str, str]], form: type[ReportForm]
) -> dict[str, Any]:
    """Return contents as the `data` of this class: by field name a text, or a list of keys."""
    texts = {
        field_name(section, name): text
        for section, fields in contents.items()
        for name, text in fields.items()
    }
    return {
        name: text.split() if _is_checkbox_list(form, name) else text
        for name, text in texts.items()
    }


def _is_checkbox_list(form: type[ReportForm], name: str) -> bool:
    unbound_field = getattr(form, name, None)
    return getattr(unbound_field, "field_class", None) is CheckboxListField
