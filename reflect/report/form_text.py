"""Reading a form: from Markdown with a TOML head to sections, and every error with file, line and remedy."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from reflect.report.grammar import RESERVED, FormText, Kind, Option, Section
from reflect.report.marks import looks_like_a_mark
from reflect.tongue import LANGUAGES

MAX_CHARACTERS, MAX_SECTIONS = 64_000, 40
_HEAD = ("name", "subject", "language")
_HEADING = re.compile(r"^##\s+(?P<prompt>.*?)\s*(?:\{#(?P<key>[^}]*)\})?\s*$")
_TAG = re.compile(r"^\[(?P<tag>[^\]]+)\]\s*(?::(?P<value>.*))?$")
_KEY = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")

_KINDS = {
    "woorden": Kind.WORDS, "words": Kind.WORDS,
    "vinklijst": Kind.CHECKLIST, "checklist": Kind.CHECKLIST,
    "plan": Kind.PLAN,
    "foutenkaart": Kind.ERROR_MAP, "mistakes": Kind.ERROR_MAP,
    "uitgewerkt": Kind.WORKED_EXAMPLE, "worked example": Kind.WORKED_EXAMPLE,
    "woorden van docent": Kind.TEACHER_WORDS, "words of teacher": Kind.TEACHER_WORDS,
    "brief aan docent": Kind.LETTER, "letter to teacher": Kind.LETTER,
}  # fmt: skip
_FLAGS = {"alleen van mij": "private", "only mine": "private", "mag leeg": "optional", "optional": "optional"}
_TEXTS = {"richtlijn": "guide", "guide": "guide", "leerdoelen": "goals", "learning goals": "goals"}
_NUMBERS = {"cijfer", "cijfers", "getal", "number", "grade", "score", "punten", "points", "percentage", "schaal",
            "scale", "rating", "range", "slider"}  # fmt: skip
_WITH_OPTIONS = {Kind.WORDS, Kind.TEACHER_WORDS, Kind.CHECKLIST, Kind.ERROR_MAP}


@dataclass(frozen=True)
class FormError:
    """What is wrong, where, and what to do about it."""

    source: str
    line: int
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.sentence} {self.remedy}"


class FormErrors(Exception):
    """A form text that cannot be used; `errors` holds everything that is wrong with it, in the order of its lines."""

    def __init__(self, errors: tuple[FormError, ...]) -> None:
        self.errors = errors
        super().__init__("\n".join(map(str, errors)))


@dataclass
class _Draft:
    """A section while its lines are being read."""

    line: int
    prompt: str
    key: str
    kind: Kind | None = None
    options: tuple[Option, ...] = ()
    help: list[str] = field(default_factory=list)
    starters: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)


def parse(text: str, *, source: str) -> FormText:
    """Read a form; `source` is the file that errors name. Raises FormErrors with all that is wrong."""
    return _Reader(source).read(text)


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.errors = source, list[FormError]()

    def wrong(self, line: int, sentence: str, remedy: str) -> None:
        self.errors.append(FormError(self.source, line, sentence, remedy))

    def read(self, text: str) -> FormText:
        if len(text) > MAX_CHARACTERS:
            self.wrong(1, "The form is too long.", f"Keep it under {MAX_CHARACTERS} characters.")
            raise FormErrors(tuple(self.errors))
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        head, begins = self._head(lines)
        intro, drafts = self._body(lines, begins)
        self._check(drafts)
        if self.errors:
            raise FormErrors(tuple(sorted(self.errors, key=lambda error: error.line)))
        sections = tuple(_section(draft) for draft in drafts)
        students = tuple(section for section in sections if section.kind is not Kind.TEACHER_WORDS)
        teachers = tuple(section for section in sections if section.kind is Kind.TEACHER_WORDS)
        words = "\n".join(intro).strip()
        return FormText(head["name"], head["subject"], head["language"], words, students, teachers)

    def _head(self, lines: list[str]) -> tuple[dict[str, str], int]:
        fences = [number for number, line in enumerate(lines) if line.strip() == "+++"]
        if len(fences) < 2 or any(line.strip() for line in lines[: fences[0]]):
            self.wrong(1, "The head is missing.", "Begin with +++, then name, subject and language, then +++ again.")
            return dict.fromkeys(_HEAD, ""), 0
        try:
            told = tomllib.loads("\n".join(lines[fences[0] + 1 : fences[1]]))
        except tomllib.TOMLDecodeError as wrong:
            found = re.search(r"line (\d+)", str(wrong))
            at = fences[0] + 1 + int(found.group(1)) if found else 1
            self.wrong(at, f"The head cannot be read: {wrong}.", 'Write lines such as name = "My form".')
            return dict.fromkeys(_HEAD, ""), fences[1] + 1
        self._check_head(told)
        return {name: str(told.get(name, "")) for name in _HEAD}, fences[1] + 1

    def _check_head(self, told: dict[str, Any]) -> None:
        for name in _HEAD:
            if not isinstance(told.get(name), str) or not told[name].strip():
                self.wrong(1, f"The head does not say the {name}.", f'Add a line such as {name} = "..." to it.')
        for name in sorted(set(told) - set(_HEAD)):
            self.wrong(1, f"The head says {name}, which means nothing here.", f"It may say: {', '.join(_HEAD)}.")
        language = told.get("language")
        if isinstance(language, str) and language.strip() and language not in LANGUAGES:
            self.wrong(1, f"Reflect does not speak {language!r}.", f"Choose one of: {', '.join(LANGUAGES)}.")

    def _body(self, lines: list[str], begins: int) -> tuple[list[str], list[_Draft]]:
        intro, drafts = list[str](), list[_Draft]()
        for number, line in enumerate(lines[begins:], start=begins + 1):
            heading, tag = _HEADING.match(line), _TAG.match(line.strip())
            if heading:
                drafts.append(_Draft(number, heading["prompt"], heading["key"] or ""))
            elif not drafts:
                intro.append(line)
            elif tag:
                self._tag(drafts[-1], tag["tag"].strip().casefold(), (tag["value"] or "").strip(), number)
            elif line.startswith(("- ", "* ")):
                drafts[-1].starters.append(line[2:].strip())
            else:
                drafts[-1].help.append(line.strip())
        return intro, drafts

    def _tag(self, draft: _Draft, tag: str, value: str, line: int) -> None:
        if tag in _NUMBERS:
            self.wrong(
                line, f"There is no kind [{tag}].", "A form asks for words, never for numbers: use [words] or a text."
            )
        elif tag in _FLAGS:
            draft.told[_FLAGS[tag]] = True
        elif tag in _TEXTS:
            draft.told[_TEXTS[tag]] = value
        elif tag not in _KINDS:
            near = get_close_matches(tag, [*_KINDS, *_FLAGS, *_TEXTS], n=1)
            remedy = f"Did you mean [{near[0]}]?" if near else "docs/forms.md lists the tags."
            self.wrong(line, f"Nobody knows the tag [{tag}].", remedy)
        elif draft.kind is not None:
            self.wrong(line, "This section has two kinds.", "Make it two sections, each with its own key.")
        else:
            draft.kind = _KINDS[tag]
            draft.options = self._options(draft.kind, value, line)

    def _options(self, kind: Kind, value: str, line: int) -> tuple[Option, ...]:
        found = [_option(part.strip()) for part in value.split("|") if part.strip()]
        if kind in _WITH_OPTIONS and len(found) < 2:
            self.wrong(line, "There is nothing to choose from.", "Write at least two options, with | between them.")
        if kind not in _WITH_OPTIONS and found:
            self.wrong(line, "This kind has no options.", "Leave out what stands behind the colon.")
        keys = [option.key for option in found]
        for option in found:
            if looks_like_a_mark(option.words) or looks_like_a_mark(option.key):
                self.wrong(line, f"The option {option.words!r} looks like a mark.",
                           "Say in words what the student can do, such as: Dit lukt mij zelf.")  # fmt: skip
            elif not _KEY.match(option.key) or keys.count(option.key) > 1:
                self.wrong(line, f"The option {option.words!r} has no key of its own.",
                           "Write key = words, with a different key for each, of small letters.")  # fmt: skip
        return tuple(found)

    def _check(self, drafts: list[_Draft]) -> None:
        if not drafts:
            self.wrong(1, "The form has no sections.", "Begin a section with: ## The question {#key}")
        if len(drafts) > MAX_SECTIONS:
            self.wrong(drafts[MAX_SECTIONS].line, "The form has too many sections.", f"Keep it to {MAX_SECTIONS}.")
        keys = [draft.key for draft in drafts]
        rules: tuple[tuple[Callable[[_Draft], bool], str, str], ...] = (
            (lambda one: not one.prompt, "A section has no question.", "Write it behind the ##."),
            (lambda one: not one.key, "A section has no key.", "Put one behind the question, such as {#stuck}."),
            (lambda one: bool(one.key) and not _KEY.match(one.key), "A key is not a key.",
             "Use small letters, figures, - and _, and begin with a letter."),
            (lambda one: one.key in RESERVED, "This key is taken by Reflect itself.", "Choose another one."),
            (lambda one: bool(one.key) and keys.count(one.key) > 1, "Two sections have the same key.",
             "Give each section a key of its own."),
        )  # fmt: skip
        for draft in drafts:
            for is_wrong, sentence, remedy in rules:
                if is_wrong(draft):
                    self.wrong(draft.line, sentence, remedy)


def _option(written: str) -> Option:
    key, equals, words = written.partition("=")
    if equals and key.strip():
        return Option(key.strip(), words.strip())
    slug = re.sub(r"[^a-z0-9]+", "_", written.casefold()).strip("_")[:40]
    return Option(slug if slug[:1].isalpha() else f"o_{slug}"[:40], written)


def _section(draft: _Draft) -> Section:
    goals = tuple(goal.strip() for goal in str(draft.told.get("goals", "")).split("|") if goal.strip())
    return Section(
        key=draft.key, prompt=draft.prompt, help=" ".join(filter(None, draft.help)), guide=draft.told.get("guide", ""),
        starters=tuple(draft.starters), kind=draft.kind or Kind.TEXT, options=draft.options, goals=goals,
        private=draft.told.get("private", False), optional=draft.told.get("optional", False),
    )  # fmt: skip
