"""The parser of forms: Markdown with a TOML head, and every error with its line and a remedy."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from reflect.i18n import FORM_LANGUAGES
from reflect.reports.form_schema import RESERVED_KEYS, FormSchema, Option, Section, SectionKind
from reflect.reports.grade_questions import asks_for_grade
from reflect.reports.grade_words import grade_like_ladder_words, grade_like_ticks
from reflect.reports.reader_sentences import without_readers

MAX_CHARACTERS = 64_000
MAX_SECTIONS = 40
_MAX_KEY_LENGTH = 40
_HEAD_FIELDS = ("name", "subject", "language")
_HEADING = re.compile(r"^##\s+(?P<prompt>.*?)\s*(?:\{#(?P<key>[^}]*)\})?\s*$")
_TAG_LINE = re.compile(r"^\[(?P<tag>[^\]]+)\]\s*(?::(?P<value>.*))?$")
_KEY = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")

# Tags in every language that a form can be written in; docs/forms.md explains them.
_KIND_TAGS = {
    "woorden":            SectionKind.WORDS,
    "words":              SectionKind.WORDS,
    "vinklijst":          SectionKind.CHECKLIST,
    "checklist":          SectionKind.CHECKLIST,
    "plan":               SectionKind.PLAN,
    "foutenkaart":        SectionKind.ERROR_MAP,
    "mistakes":           SectionKind.ERROR_MAP,
    "uitgewerkt":         SectionKind.WORKED_EXAMPLE,
    "worked example":     SectionKind.WORKED_EXAMPLE,
    "woorden van docent": SectionKind.TEACHER_WORDS,
    "words of teacher":   SectionKind.TEACHER_WORDS,
    "brief aan docent":   SectionKind.LETTER,
    "letter to teacher":  SectionKind.LETTER,
}  # fmt: skip
_FLAG_TAGS = {
    "alleen van mij": "private",
    "only mine":      "private",
    "mag leeg":       "optional",
    "optional":       "optional",
}  # fmt: skip
_TEXT_TAGS = {
    "richtlijn":      "guide",
    "guide":          "guide",
    "leerdoelen":     "goals",
    "learning goals": "goals",
}  # fmt: skip
# No tag, and yet known, so that the error can say why there is no such kind.
_NUMBER_TAGS = {
    *("cijfer", "cijfers", "getal", "punten", "schaal"),
    *("number", "grade", "score", "points", "percentage", "scale", "rating", "range", "slider"),
}
_KINDS_WITH_OPTIONS = {
    SectionKind.WORDS,
    SectionKind.TEACHER_WORDS,
    SectionKind.CHECKLIST,
    SectionKind.ERROR_MAP,
}


@dataclass(frozen=True)
class FormIssue:
    """What is wrong, on which line of which file, and what to do about it."""

    source: str
    line: int
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.message} {self.hint}"


class InvalidForm(Exception):
    """A form text that cannot be used; `issues` is everything wrong with it, by line."""

    def __init__(self, issues: tuple[FormIssue, ...]) -> None:
        self.issues = issues
        super().__init__("\n".join(map(str, issues)))


@dataclass
class _SectionDraft:
    """A section while its lines are being read."""

    line: int
    prompt: str
    key: str
    kind: SectionKind | None = None
    options: tuple[Option, ...] = ()
    help: list[str] = field(default_factory=list)
    starters: list[str] = field(default_factory=list)
    tags: dict[str, Any] = field(default_factory=dict)


def parse(text: str, *, source: str) -> FormSchema:
    """Return the form that this text describes; `source` is the file that errors name.

    Raises InvalidForm with all that is wrong.
    """
    return _FormParser(source).parse(text)


class _FormParser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.issues: list[FormIssue] = []

    def add_issue(self, line: int, message: str, hint: str) -> None:
        self.issues.append(FormIssue(self.source, line, message, hint))

    def parse(self, text: str) -> FormSchema:
        if len(text) > MAX_CHARACTERS:
            hint = f"Keep it under {MAX_CHARACTERS} characters."
            self.add_issue(1, "The form is too long.", hint)
            raise InvalidForm(tuple(self.issues))
        # Editors on Windows put a byte order mark in front, and write other line ends.
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        head, body_start = self._parse_head(lines)
        intro, drafts = self._parse_body(lines, body_start)
        self._check_sections(drafts)
        self._check_prose(lines)
        # Only here, so that the author reads all errors at once and not one per attempt.
        if self.issues:
            raise InvalidForm(tuple(sorted(self.issues, key=lambda issue: issue.line)))
        language = head["language"]
        sections = [_build_section(draft, language) for draft in drafts]
        teacher_kind = SectionKind.TEACHER_WORDS
        return FormSchema(
            name=head["name"],
            subject=head["subject"],
            language=language,
            intro=without_readers("\n".join(intro), language=language),
            sections=tuple(section for section in sections if section.kind is not teacher_kind),
            teacher_sections=tuple(section for section in sections if section.kind is teacher_kind),
        )

    def _parse_head(self, lines: list[str]) -> tuple[dict[str, str], int]:
        """Return the fields of the head, and the index of the first line after it."""
        # With an empty head the rest is still parsed, so that its errors are reported as well.
        empty_head = dict.fromkeys(_HEAD_FIELDS, "")
        fences = [index for index, line in enumerate(lines) if line.strip() == "+++"]
        if len(fences) < 2 or any(line.strip() for line in lines[: fences[0]]):
            hint = "Begin with +++, then name, subject and language, then +++ again."
            self.add_issue(1, "The head is missing.", hint)
            return empty_head, 0
        first, last = fences[:2]
        try:
            head = tomllib.loads("\n".join(lines[first + 1 : last]))
        except tomllib.TOMLDecodeError as error:
            line_match = re.search(r"line (\d+)", str(error))
            line_number = first + 1 + int(line_match.group(1)) if line_match else 1
            message = f"The head cannot be read: {error}."
            self.add_issue(line_number, message, 'Write lines such as name = "My form".')
            return empty_head, last + 1
        self._check_head(head)
        return {name: str(head.get(name, "")) for name in _HEAD_FIELDS}, last + 1

    def _check_head(self, head: dict[str, Any]) -> None:
        for name in _HEAD_FIELDS:
            if not isinstance(head.get(name), str) or not head[name].strip():
                hint = f'Add a line such as {name} = "..." to it.'
                self.add_issue(1, f"The head does not say the {name}.", hint)
        # A misspelled name would otherwise be ignored, and nobody would know.
        for name in sorted(set(head) - set(_HEAD_FIELDS)):
            hint = f"It may say: {', '.join(_HEAD_FIELDS)}."
            self.add_issue(1, f"The head says {name}, which means nothing here.", hint)
        language = head.get("language")
        if isinstance(language, str) and language.strip() and language not in FORM_LANGUAGES:
            hint = f"Choose one of: {', '.join(FORM_LANGUAGES)}."
            self.add_issue(1, f"Reflect does not speak {language!r}.", hint)

    def _parse_body(
        self, lines: list[str], body_start: int
    ) -> tuple[list[str], list[_SectionDraft]]:
        """Return the lines before the first section, and the sections."""
        intro: list[str] = []
        drafts: list[_SectionDraft] = []
        for number, line in enumerate(lines[body_start:], start=body_start + 1):
            heading = _HEADING.match(line)
            tag_line = _TAG_LINE.match(line.strip())
            if heading:
                drafts.append(_SectionDraft(number, heading["prompt"], heading["key"] or ""))
            elif not drafts:
                intro.append(line)
            elif tag_line:
                tag = tag_line["tag"].strip().casefold()
                self._parse_tag(drafts[-1], tag, (tag_line["value"] or "").strip(), number)
            elif line.startswith(("- ", "* ")):
                drafts[-1].starters.append(line[2:].strip())
            else:
                drafts[-1].help.append(line.strip())
        return intro, drafts

    def _parse_tag(self, draft: _SectionDraft, tag: str, value: str, line: int) -> None:
        if tag in _NUMBER_TAGS:
            hint = "A form asks for words, never for numbers: use [words] or a text."
            self.add_issue(line, f"There is no kind [{tag}].", hint)
        elif tag in _FLAG_TAGS:
            draft.tags[_FLAG_TAGS[tag]] = True
        elif tag in _TEXT_TAGS:
            draft.tags[_TEXT_TAGS[tag]] = value
        elif tag not in _KIND_TAGS:
            self.add_issue(line, f"Nobody knows the tag [{tag}].", _unknown_tag_hint(tag))
        elif draft.kind is not None:
            hint = "Make it two sections, each with its own key."
            self.add_issue(line, "This section has two kinds.", hint)
        else:
            draft.kind = _KIND_TAGS[tag]
            draft.options = self._parse_options(draft.kind, value, line)

    def _parse_options(self, kind: SectionKind, value: str, line: int) -> tuple[Option, ...]:
        options = [_parse_option(part.strip()) for part in value.split("|") if part.strip()]
        if kind in _KINDS_WITH_OPTIONS and len(options) < 2:
            hint = "Write at least two options, with | between them."
            self.add_issue(line, "There is nothing to choose from.", hint)
        if kind not in _KINDS_WITH_OPTIONS and options:
            hint = "Leave out what stands behind the colon."
            self.add_issue(line, "This kind has no options.", hint)
        keys = [option.key for option in options]
        is_ladder = kind in (SectionKind.WORDS, SectionKind.TEACHER_WORDS)
        grade_like = grade_like_ladder_words if is_ladder else grade_like_ticks
        graded_labels = grade_like([option.label for option in options])
        for option in options:
            # No grades: the first promise is kept here, before any screen exists (decision 2).
            if option.label in graded_labels or grade_like([option.key]):
                hint = "Say in words what the student can do, such as: Dit lukt mij zelf."
                self.add_issue(line, f"The option {option.label!r} looks like a mark.", hint)
            elif not _KEY.match(option.key) or keys.count(option.key) > 1:
                hint = "Write key = words, with a different key for each, of small letters."
                self.add_issue(line, f"The option {option.label!r} has no key of its own.", hint)
        return tuple(options)

    def _check_prose(self, lines: list[str]) -> None:
        """Refuse what asks for a grade, wherever it stands: a question, its help, a starter."""
        for number, line in enumerate(lines, start=1):
            heading = _HEADING.match(line)
            tag_line = _TAG_LINE.match(line.strip())
            # Of a line with a tag only what is said behind it; options have a rule of their own.
            text = heading["prompt"] if heading else line
            if tag_line:
                is_text = tag_line["tag"].strip().casefold() in _TEXT_TAGS
                text = (tag_line["value"] or "") if is_text else ""
            if asks_for_grade(text.strip().removeprefix("- ").removeprefix("* ")):
                hint = "Ask for words, such as: Wat lukt je nu, dat eerst niet lukte?"
                self.add_issue(number, "This asks for a mark or a comparison.", hint)

    def _check_sections(self, drafts: list[_SectionDraft]) -> None:
        if not drafts:
            hint = "Begin a section with: ## The question {#key}"
            self.add_issue(1, "The form has no sections.", hint)
        if len(drafts) > MAX_SECTIONS:
            line = drafts[MAX_SECTIONS].line
            self.add_issue(line, "The form has too many sections.", f"Keep it to {MAX_SECTIONS}.")
        keys = [draft.key for draft in drafts]
        rules: tuple[tuple[Callable[[_SectionDraft], bool], str, str], ...] = (
            (
                lambda draft: not draft.prompt,
                "A section has no question.",
                "Write it behind the ##.",
            ),
            (
                lambda draft: not draft.key,
                "A section has no key.",
                "Put one behind the question, such as {#stuck}.",
            ),
            (
                # Where there is no key at all, the rule above has said so already.
                lambda draft: bool(draft.key) and not _KEY.match(draft.key),
                "A key is not a key.",
                "Use small letters, figures, - and _, and begin with a letter.",
            ),
            (
                lambda draft: draft.key in RESERVED_KEYS,
                "This key is taken by Reflect itself.",
                "Choose another one.",
            ),
            (
                lambda draft: bool(draft.key) and keys.count(draft.key) > 1,
                "Two sections have the same key.",
                "Give each section a key of its own.",
            ),
        )
        for draft in drafts:
            for is_broken, message, hint in rules:
                if is_broken(draft):
                    self.add_issue(draft.line, message, hint)


def _unknown_tag_hint(tag: str) -> str:
    close_matches = get_close_matches(tag, [*_KIND_TAGS, *_FLAG_TAGS, *_TEXT_TAGS], n=1)
    if close_matches:
        return f"Did you mean [{close_matches[0]}]?"
    return "docs/forms.md lists the tags."


def _parse_option(text: str) -> Option:
    """Return an option from "key = label", or from a label alone, of which the key is made."""
    key, equals, label = text.partition("=")
    if equals and key.strip():
        return Option(key.strip(), label.strip())
    slug = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:_MAX_KEY_LENGTH]
    if not slug[:1].isalpha():  # a key begins with a letter
        slug = f"o_{slug}"[:_MAX_KEY_LENGTH]
    return Option(slug, text)


def _build_section(draft: _SectionDraft, language: str) -> Section:
    goals = [goal.strip() for goal in draft.tags.get("goals", "").split("|")]
    return Section(
        key=draft.key,
        prompt=draft.prompt,
        help=without_readers(" ".join(filter(None, draft.help)), language=language),
        guide=without_readers(draft.tags.get("guide", ""), language=language),
        starters=tuple(draft.starters),
        kind=draft.kind or SectionKind.TEXT,
        options=draft.options,
        goals=tuple(filter(None, goals)),
        private=draft.tags.get("private", False),
        optional=draft.tags.get("optional", False),
    )
