"""Read a school's branding from the folder `paper` of its data: a TOML file and a logo."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reflect.i18n import PRINT_LANGUAGES
from reflect.printing.branding import contrast, logo
from reflect.printing.branding.logo import Logo
from reflect.printing.branding.svg_sanitizer import UnusableLogo

BRANDING_FOLDER = "paper"
BRANDING_FILE = "paper.toml"
LOGO_KEY = "logo"
MAX_LETTERHEAD_LINES = 6
MAX_LINE_CHARACTERS = 45  # of the letterhead
MAX_CLOSING_CHARACTERS = 500
MAX_CLOSING_LINES = 6
_MAX_FILE_BYTES = 100_000
_MIN_LOGO_MM = 4
# So that a light line is seen from a printer without colours too; the words stay where they are.
_WIDE_LINE = "--school-line-width: 1.6mm; --school-line-gap: 3.3mm"


@dataclass(frozen=True)
class Branding:
    """What a school has chosen for its paper; the default is Reflect's own look.

    `main`: the colour of lines, and of titles where it can be read. `second`: the colour of the
    line beside the teacher's words.
    `closing`: by language. `logo_says`: the text for whoever cannot see the logo.
    """

    main: str = ""
    second: str = ""
    letterhead: tuple[str, ...] = ()
    closing: Mapping[str, str] = field(default_factory=dict)
    logo: Logo | None = None
    logo_says: str = ""

    @property
    def css_variables(self) -> str:
        """The school's colours as CSS declarations; empty without any.

        A colour is never changed: what is too light for words is for shapes alone, and a line
        that says whose words these are gets wider.
        """
        declarations = list[str]()
        if self.main:
            declarations.append(f"--school: {self.main}")
            if _contrast_of(self.main) >= contrast.MIN_TEXT_CONTRAST:
                declarations.append(f"--school-ink: {self.main}")
        if self.second:
            declarations.append(f"--school-line: {self.second}")
            if _contrast_of(self.second) < contrast.MIN_LINE_CONTRAST:
                declarations.append(_WIDE_LINE)
        return "; ".join(declarations)

    @property
    def pictures(self) -> dict[str, bytes]:
        return {LOGO_KEY: self.logo.content} if self.logo else {}

    def closing_in(self, language: str) -> tuple[str, str]:
        """Return the closing text and its language: this one, or else any other; "" without one."""
        available = language if language in self.closing else next(iter(self.closing), language)
        return self.closing.get(available, ""), available


DEFAULT_BRANDING = Branding()


def _contrast_of(colour: str) -> float:
    return contrast.contrast_ratio(contrast.parse_colour(colour))


@dataclass
class _ConfigReader:
    """The branding as it is read, with notes for whoever keeps the file on what is wrong in it."""

    branding: Branding = DEFAULT_BRANDING
    notes: list[str] = field(default_factory=list)

    def add_note(self, note: str) -> None:
        self.notes.append(note)

    def add_file_note(self, note: str) -> None:
        self.add_note(f"{BRANDING_FILE}: {note}")

    def set_fields(self, **values: Any) -> None:
        self.branding = replace(self.branding, **values)


def load_branding(folder: Path) -> tuple[Branding, list[str]]:
    """Return the branding in this folder, without what is wrong in it, and a note on each error."""
    reader = _ConfigReader()
    path = folder / BRANDING_FILE
    if path.is_file():
        _apply_entries(_parse_toml(path, reader), reader)
    if logo_path := logo.find_logo_file(folder):
        _read_logo(logo_path, reader)
    return reader.branding, reader.notes


def _parse_toml(path: Path, reader: _ConfigReader) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            reader.add_note(
                f"{BRANDING_FILE} is larger than {_MAX_FILE_BYTES // 1000} kB, so it is not read."
            )
            return {}
        # Editors on Windows put a byte order mark in front, which utf-8-sig skips.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        reader.add_note(f"{BRANDING_FILE} cannot be opened ({error.strerror}), so it is not read.")
    except UnicodeDecodeError:
        reader.add_note(f"{BRANDING_FILE} is not UTF-8 text, so it is not read. Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        reader.add_note(
            f"{BRANDING_FILE} cannot be read: {error}. A text stands between quotes,"
            " or three of them on each side."
        )
    return {}


def _apply_entries(entries: dict[str, Any], reader: _ConfigReader) -> None:
    for name, value in entries.items():
        if name in _ENTRY_READERS:
            _ENTRY_READERS[name](name, value, reader)
        else:
            known_names = ", ".join(_ENTRY_READERS)
            reader.add_file_note(f"“{name}” is not known. What can stand there is: {known_names}.")


def _read_colour(name: str, value: Any, reader: _ConfigReader) -> None:
    try:
        wanted = contrast.parse_colour(value if isinstance(value, str) else "")
    except ValueError:
        reader.add_file_note(
            f'{name} = {value!r} is no colour. Write it as "#1d4f5f", with the quotes.'
        )
        return
    ratio = contrast.contrast_ratio(wanted)
    if ratio < contrast.MIN_SHAPE_CONTRAST:
        reader.add_file_note(
            f"{name} = {value} cannot be seen on white paper (contrast {ratio:.1f} to 1), so the"
            " house's own colour is printed."
        )
        return
    min_contrast, consequence = _COLOUR_RULES[name]
    if ratio < min_contrast:
        reader.add_file_note(
            f"{name} = {value} is light on white paper (contrast {ratio:.1f} to 1, and"
            f" {min_contrast:g} is needed), so {consequence}."
        )
    reader.set_fields(**{name: contrast.to_css(wanted)})


def _read_letterhead(name: str, value: Any, reader: _ConfigReader) -> None:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        reader.add_file_note(
            f'{name} is a list of lines: {name} = ["Street 1", "www.school.example"].'
        )
        return
    lines = [" ".join(line.split()) for line in value if line.strip()]
    if len(lines) > MAX_LETTERHEAD_LINES:
        reader.add_file_note(
            f"{name} has {len(lines)} lines; the first {MAX_LETTERHEAD_LINES} are printed."
        )
    letterhead = []
    for line in lines[:MAX_LETTERHEAD_LINES]:
        if len(line) <= MAX_LINE_CHARACTERS:
            letterhead.append(line)
        else:
            reader.add_file_note(
                f"{name} has a line of more than {MAX_LINE_CHARACTERS} letters, left out:"
                f" “{line[:30]} …”."
            )
    reader.set_fields(letterhead=tuple(letterhead))


def _read_closing(name: str, value: Any, reader: _ConfigReader) -> None:
    if not isinstance(value, dict):
        reader.add_file_note(
            f"{name} is a text for each language: [{name}] with below it nl = and en =."
        )
        return
    texts = {}
    for language, text in value.items():
        if language not in PRINT_LANGUAGES or not isinstance(text, str):
            languages = " and ".join(PRINT_LANGUAGES)
            reader.add_file_note(
                f"{name} has a text for “{language}”; it can have one for {languages}."
            )
        elif _is_too_long(text.strip()):
            reader.add_file_note(
                f"the closing text for “{language}” is longer than {MAX_CLOSING_CHARACTERS} letters"
                f" or {MAX_CLOSING_LINES} lines, so it is left out. People have just had a talk."
            )
        elif text.strip():
            texts[language] = text.strip()
    reader.set_fields(closing=texts)


def _is_too_long(closing: str) -> bool:
    return len(closing) > MAX_CLOSING_CHARACTERS or closing.count("\n") >= MAX_CLOSING_LINES


def _read_logo_text(name: str, value: Any, reader: _ConfigReader) -> None:
    if not isinstance(value, str) or len(value) > 2 * MAX_LINE_CHARACTERS:
        reader.add_file_note(
            f"{name} says in one short sentence what the logo shows, for who cannot see it."
        )
        return
    reader.set_fields(**{name: " ".join(value.split())})


_COLOUR_RULES = {
    "main": (contrast.MIN_TEXT_CONTRAST, "titles are in ink; lines have this colour"),
    "second": (contrast.MIN_LINE_CONTRAST, "the line beside the teacher's words is wider"),
}
_ENTRY_READERS: dict[str, Callable[[str, Any, _ConfigReader], None]] = {
    "main": _read_colour,
    "second": _read_colour,
    "letterhead": _read_letterhead,
    "closing": _read_closing,
    "logo_says": _read_logo_text,
}


def _read_logo(path: Path, reader: _ConfigReader) -> None:
    try:
        # Checked before reading, since the file may have any size.
        if path.stat().st_size > logo.MAX_LOGO_BYTES:
            raise UnusableLogo(logo.TOO_LARGE_MESSAGE)
        loaded_logo = logo.logo_from_bytes(path.read_bytes())
    except OSError as error:
        reader.add_note(f"{path.name} cannot be opened ({error.strerror}), so it is not printed.")
        return
    except UnusableLogo as error:
        reader.add_note(f"{path.name} {error}. Until then it is not printed.")
        return
    width, height = loaded_logo.cover_size
    if min(width, height) < _MIN_LOGO_MM:
        reader.add_note(
            f"{path.name} will be {width:g} by {height:g} mm on paper, which is hard to see."
            " Take one with more pixels, or a shape that is less long or tall."
        )
    reader.set_fields(logo=loaded_logo)
