"""The schema of a form: what a section can ask for. There is no kind for numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import assert_never

from reflect.i18n import FORM_LANGUAGES, N_, per_language
from reflect.text.characters import is_blank

# Keys of sections that no form text may use.
EARLIER_GOALS = "earlier"  # how the goals of the last round went
CLOSING = "closing"  # the student's last word and goals
OVERALL = "overall"  # the teacher's answer to the report as a whole
REQUEST_NOTE = "along"  # a teacher's note to the colleague who is asked for a peer review
RESERVED_KEYS = frozenset({CLOSING, OVERALL, EARLIER_GOALS, REQUEST_NOTE})

# A goal is kept in a row of fields, such as "b.goal" and "b.notice".
GOAL_ROWS = "abc"


class SectionKind(StrEnum):
    """What a section asks for."""

    TEXT = "text"
    WORDS = "words"
    CHECKLIST = "checklist"
    PLAN = "plan"
    ERROR_MAP = "error_map"
    WORKED_EXAMPLE = "worked_example"
    LETTER = "letter"
    TEACHER_WORDS = "teacher_words"
    LOOK_BACK = "look_back"
    LAST_WORD = "last_word"

    @property
    def keeps_rows_together(self) -> bool:
        """Whether a row is a few lines that belong together: on paper, no page ends within it."""
        return _KEEPS_ROWS_TOGETHER[self]


_KEEPS_ROWS_TOGETHER = {
    SectionKind.TEXT:           False,
    SectionKind.WORDS:          True,
    SectionKind.CHECKLIST:      False,
    SectionKind.PLAN:           True,
    SectionKind.ERROR_MAP:      False,
    SectionKind.WORKED_EXAMPLE: False,
    SectionKind.LETTER:         False,
    SectionKind.TEACHER_WORDS:  True,
    SectionKind.LOOK_BACK:      True,
    SectionKind.LAST_WORD:      False,
}  # fmt: skip


class FieldType(StrEnum):
    """How one field is filled in."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    TICKS = "ticks"

    @property
    def is_running_text(self) -> bool:
        """Whether a field holds what somebody typed; otherwise it holds keys of its options."""
        return _IS_RUNNING_TEXT[self]


_IS_RUNNING_TEXT = {
    FieldType.LINE:   True,
    FieldType.TEXT:   True,
    FieldType.CHOICE: False,
    FieldType.TICKS:  False,
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    key: str
    label: str


@dataclass(frozen=True)
class FieldSpec:
    """A field; `label` is an English msgid, empty where the section's prompt is label enough."""

    name: str
    label: str
    field_type: FieldType
    options: tuple[Option, ...] = ()

    def chosen_labels(self, text: str) -> tuple[str, ...]:
        """Return the labels of the options that `text` names; none in a field of running text."""
        chosen_keys = text.split()
        return tuple(option.label for option in self.options if option.key in chosen_keys)


@dataclass(frozen=True)
class FilledField:
    """A field in which something was written or chosen, as every reader sees it.

    `label` as in FieldSpec; `shows_label` is False where the prompt above is label enough.
    `chosen`: the labels of the chosen options, empty in a field of running text.
    """

    name: str
    field_type: FieldType
    label: str
    shows_label: bool
    text: str
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One question of a form; its key stays the same in every language and version."""

    key: str
    prompt: str
    help: str
    guide: str
    starters: tuple[str, ...]
    kind: SectionKind
    options: tuple[Option, ...]
    goals: tuple[str, ...]
    private: bool
    optional: bool

    @property
    def is_confidential(self) -> bool:
        """Whether no booklet and no colleague shows it: private, or a letter to the teacher."""
        return self.private or self.kind is SectionKind.LETTER

    @cached_property
    def rows(self) -> tuple[tuple[FieldSpec, ...], ...]:
        """The fields by row; in a kind with several rows a field's name begins with the letter."""
        row_letters = _ROW_LETTERS.get(self.kind)
        if row_letters is None:
            return (_make_fields(self.kind, self.options, prefix=""),)
        return tuple(
            _make_fields(self.kind, self.options, prefix=f"{letter}.") for letter in row_letters
        )

    @cached_property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The fields of all rows."""
        return tuple(field for row in self.rows for field in row)

    def filled_rows(self, content: Mapping[str, str]) -> list[list[FilledField]]:
        """Return what was filled in, by row, without the fields and rows that are empty."""
        rows = [self._filled_row(row, content) for row in self.rows]
        return [row for row in rows if row]

    def _filled_row(
        self, row: tuple[FieldSpec, ...], content: Mapping[str, str]
    ) -> list[FilledField]:
        # A checklist has two fields, but its prompt is label enough.
        shows_label = len(row) > 1 and self.kind is not SectionKind.CHECKLIST
        return [
            FilledField(
                name=field.name,
                field_type=field.field_type,
                label=field.label,
                shows_label=shows_label,
                text=content[field.name],
                chosen=field.chosen_labels(content[field.name]),
            )
            for field in row
            if not is_blank(content.get(field.name, ""))
        ]


@dataclass(frozen=True)
class FormSchema:
    """A form as its text describes it; `name` is the title that people read.

    `sections` are the student's; in `teacher_sections` the teacher chooses words for the level
    that a learning goal has reached.
    """

    name: str
    subject: str
    language: str
    intro: str
    sections: tuple[Section, ...]
    teacher_sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class OverallField:
    """A field of the teacher's answer to the whole report; `label` and `help` are msgids."""

    name: str
    label: str
    help: str


# In the order of every screen and print, except for the one-pager, which has its own.
OVERALL_FIELDS = (
    OverallField(
        "seen",
        N_("What I see"),
        N_("Name something the student writes or does. Quote one sentence."),
    ),
    OverallField(
        "aim",
        N_("What it is about"),
        N_("Say in one sentence what good work looks like here."),
    ),
    OverallField(
        "next",
        N_("Your next step"),
        N_("One step that fits within a week. Say how, not only what."),
    ),
    OverallField(
        "question",
        N_("My question to you"),
        N_("One open question. The student answers it."),
    ),
    OverallField(
        "appreciate",
        N_("What I appreciate"),
        N_("May stay empty. Appreciate the approach, not the person."),
    ),
)

_ROW_LETTERS = {
    SectionKind.WORDS: "abc",
    SectionKind.TEACHER_WORDS: "abc",
    SectionKind.ERROR_MAP: "abcdef",
    SectionKind.LOOK_BACK: GOAL_ROWS,
}
# Short names, so that the table below fits in columns.
_LINE, _TEXT, _CHOICE, _TICKS = FieldType
_GOAL_FIELDS = (("goal", N_("I take on")), ("notice", N_("I will notice that it works when")))
_FIELD_TEMPLATES: dict[SectionKind, tuple[tuple[str, str, FieldType], ...]] = {
    SectionKind.TEXT: (
        ("text", "", _TEXT),
    ),
    SectionKind.LETTER: (
        ("text", "", _TEXT),
    ),
    SectionKind.WORDS: (
        ("goal",     N_("My learning goal"),        _LINE),
        ("word",     N_("Where am I now?"),         _CHOICE),
        ("evidence", N_("Where can you see that?"), _TEXT),
    ),
    SectionKind.CHECKLIST: (
        ("ticked", N_("Tick what fits"),     _TICKS),
        ("text",   N_("Tell more about it"), _TEXT),
    ),
    SectionKind.PLAN: (
        ("step",   N_("My step"),                     _TEXT),
        ("moment", N_("When"),                        _LINE),
        ("help",   N_("Who can help"),                _LINE),
        ("notice", N_("I notice that it works when"), _LINE),
    ),
    SectionKind.ERROR_MAP: (
        ("problem",  N_("Which problem"),           _LINE),
        ("wrote",    N_("What I wrote"),            _TEXT),
        ("kind",     N_("What kind of mistake"),    _CHOICE),
        ("cause",    N_("How that came about"),     _TEXT),
        ("remember", N_("What I want to remember"), _LINE),
    ),
    SectionKind.WORKED_EXAMPLE: (
        ("problem", N_("The problem"),               _TEXT),
        ("work",    N_("My steps"),                  _TEXT),
        ("reason",  N_("Why these steps are right"), _TEXT),
    ),
    SectionKind.TEACHER_WORDS: (
        ("goal",     N_("Learning goal"),         _LINE),
        ("word",     N_("Where this stands now"), _CHOICE),
        ("evidence", N_("Where I see that"),      _TEXT),
    ),
    SectionKind.LOOK_BACK: (
        ("goal", N_("I took on"),        _LINE),
        ("how",  N_("How did that go?"), _TEXT),
    ),
    SectionKind.LAST_WORD: (
        ("word", N_("What will I do with this answer?"), _TEXT),
        *((f"{row}.{name}", label, _LINE) for row in GOAL_ROWS for name, label in _GOAL_FIELDS),
    ),
}  # fmt: skip


def _make_fields(
    kind: SectionKind, options: tuple[Option, ...], *, prefix: str
) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(prefix + name, label, field_type, () if field_type.is_running_text else options)
        for name, label, field_type in _FIELD_TEMPLATES[kind]
    )


# These two sections are in no form text, and so they bring their texts in every form's language.
_LOOK_BACK_TEXTS = per_language(
    "reflect/reports/form_schema.py: _LOOK_BACK_TEXTS",
    FORM_LANGUAGES,
    {
        "nl": (
            "Wat ik me de vorige keer voornam",
            "Schrijf hoe het ging. Het mag ook anders gelopen zijn dan je dacht.",
        ),
        "en": (
            "What I took on last time",
            "Write how it went. It may have gone differently from what you thought.",
        ),
    },
)
_LAST_WORD_PROMPTS = per_language(
    "reflect/reports/form_schema.py: _LAST_WORD_PROMPTS",
    FORM_LANGUAGES,
    {"nl": "Mijn slotwoord", "en": "My last word"},
)


def look_back_section(language: str) -> Section:
    """Return the section with which a report opens when there are earlier goals."""
    prompt, help_text = _LOOK_BACK_TEXTS[language]
    return _built_in_section(EARLIER_GOALS, prompt, help_text=help_text, kind=SectionKind.LOOK_BACK)


def last_word_section(language: str) -> Section:
    """Return the section that the student's last word and goals are kept under."""
    prompt = _LAST_WORD_PROMPTS[language]
    return _built_in_section(CLOSING, prompt, help_text="", kind=SectionKind.LAST_WORD)


def _built_in_section(key: str, prompt: str, *, help_text: str, kind: SectionKind) -> Section:
    return Section(
        key=key,
        prompt=prompt,
        help=help_text,
        guide="",
        starters=(),
        kind=kind,
        options=(),
        goals=(),
        private=False,
        optional=True,
    )


def goal_rows(content: Mapping[str, str], detail: str) -> list[tuple[str, str]]:
    """Return each row's goal with another field of that row, both "" where nothing is written.

    `detail` is "notice" in the closing section, "how" in the look back.
    """
    return [
        (content.get(f"{row}.goal", ""), content.get(f"{row}.{detail}", "")) for row in GOAL_ROWS
    ]


def clean_content(section: Section, raw: Mapping[str, str]) -> dict[str, str]:
    """Return what a page sent for this section, as it is kept.

    Unknown fields and options are left out, and line ends become "\\n". Every other character
    that was typed stays.
    """
    # Only fields of the form: a page cannot store anything under a name of its own.
    cleaned = {field.name: _clean_text(field, raw.get(field.name, "")) for field in section.fields}
    if section.kind is SectionKind.LOOK_BACK:
        cleaned = _without_bare_goals(cleaned)
    return cleaned | _evidence_fields(raw)


def _clean_text(field: FieldSpec, raw_text: str) -> str:
    text = raw_text.replace("\r\n", "\n").replace("\r", "\n")
    option_keys = {option.key for option in field.options}
    # An unknown option is left out and not refused, so that the rest of the page is still saved.
    match field.field_type:
        case FieldType.CHOICE:
            return text if text in option_keys else ""
        case FieldType.TICKS:
            return " ".join(key for key in text.split() if key in option_keys)
        case FieldType.LINE | FieldType.TEXT:
            return text
    assert_never(field.field_type)


def _without_bare_goals(look_back: Mapping[str, str]) -> dict[str, str]:
    """Return a look back without the goals about which nothing is said.

    The page sends every earlier goal again; one alone would make the section look filled in.
    """
    return {
        # A field's name begins with the letter of its row, such as "b.goal".
        name: text if not is_blank(look_back[f"{name[0]}.how"]) else ""
        for name, text in look_back.items()
    }


# The 22 characters of secrets.token_urlsafe(16); see Evidence.key.
_EVIDENCE_KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def evidence_keys(content: Mapping[str, str]) -> list[str]:
    """Return the keys of the evidence that belongs to a text, in its order."""
    keys = (key for key in content.get("evidence", "").split() if _EVIDENCE_KEY.fullmatch(key))
    return list(dict.fromkeys(keys))


def caption_field(key: str) -> str:
    """Return the name of the field that holds the caption of this piece of evidence."""
    return f"caption.{key}"


def captioned_evidence(content: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the key and the caption of each piece of evidence of a text, in its order."""
    return [(key, content.get(caption_field(key), "")) for key in evidence_keys(content)]


def _evidence_fields(raw: Mapping[str, str]) -> dict[str, str]:
    keys = evidence_keys(raw)
    if not keys:
        return {}
    # A caption is one line, whatever was pasted into it.
    captions = {
        caption_field(key): " ".join(raw.get(caption_field(key), "").split()) for key in keys
    }
    return {"evidence": " ".join(keys), **captions}


def display_text(field: FieldSpec, content: Mapping[str, str]) -> str:
    """Return what was filled in as a reader sees it: the labels of options, not their keys."""
    text = content.get(field.name, "")
    return text if field.field_type.is_running_text else "\n".join(field.chosen_labels(text))


def is_empty(content: Mapping[str, str]) -> bool:
    """Return whether nothing was written or chosen here."""
    return all(map(is_blank, content.values()))


def overall_texts(answer: Mapping[str, str]) -> list[tuple[OverallField, str]]:
    """Return the parts of an overall answer that were written, in their order."""
    return [
        (field, answer[field.name])
        for field in OVERALL_FIELDS
        if not is_blank(answer.get(field.name, ""))
    ]
