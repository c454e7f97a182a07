"""A design: what a school makes its own on paper, as it stands in the folder `paper` of its data."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reflect.paper import contrast, logo
from reflect.paper.drawing import Unfit
from reflect.paper.logo import Logo
from reflect.tongue import LANGUAGES

FOLDER, FILE, LOGO = "paper", "paper.toml", "logo"
MOST_LINES, MOST_LETTERS = 6, 45  # of the letterhead
MOST_CLOSING, MOST_CLOSING_LINES = 500, 6
_MOST_BYTES = 100_000
_SMALL = 4  # mm


@dataclass(frozen=True)
class Design:
    """What is on the paper of this school; without anything it is the house's own design.

    `main` colours titles and is dark enough to be read; `second` colours the line beside the teacher's words.
    """

    main: str = ""
    second: str = ""
    letterhead: tuple[str, ...] = ()
    closing: Mapping[str, str] = field(default_factory=dict)
    logo: Logo | None = None
    logo_says: str = ""

    @property
    def style(self) -> str:
        """Give the colours as CSS; empty for the house's own."""
        colours = (("--school", self.main), ("--school-line", self.second))
        return "; ".join(f"{name}: {colour}" for name, colour in colours if colour)

    @property
    def pictures(self) -> dict[str, bytes]:
        return {LOGO: self.logo.content} if self.logo else {}

    def closing_in(self, language: str) -> tuple[str, str]:
        """Give the closing text and its language: this one, or else what there is; empty when there is none."""
        found = language if language in self.closing else next(iter(self.closing), language)
        return self.closing.get(found, ""), found


HOUSE = Design()


@dataclass
class _Reading:
    """A design in the making, and what there is to say about it: each a sentence for who keeps the school's paper."""

    design: Design = HOUSE
    notes: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.notes.append(sentence)

    def take(self, **more: Any) -> None:
        self.design = replace(self.design, **more)


def read(folder: Path) -> tuple[Design, list[str]]:
    """Read a design, and what to say about it. What is wrong is said, and there the house's own stands."""
    reading = _Reading()
    path = folder / FILE
    if path.is_file():
        _take_told(_told(path, reading), reading)
    if found := logo.find(folder):
        _take_logo(found, reading)
    return reading.design, reading.notes


def _told(path: Path, reading: _Reading) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            reading.say(f"{FILE} is larger than {_MOST_BYTES // 1000} kB, so it is not read.")
            return {}
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as wrong:
        reading.say(f"{FILE} cannot be opened ({wrong.strerror}), so it is not read.")
    except UnicodeDecodeError:
        reading.say(f"{FILE} is not UTF-8 text, so it is not read. Save it as UTF-8.")
    except tomllib.TOMLDecodeError as wrong:
        reading.say(f"{FILE} cannot be read: {wrong}. A text stands between quotes, or three of them on each side.")
    return {}


def _take_told(told: dict[str, Any], reading: _Reading) -> None:
    for name, value in told.items():
        if name in _TAKES:
            _TAKES[name](name, value, reading)
        else:
            reading.say(f"{FILE}: “{name}” is not known. What can stand there is: {', '.join(_TAKES)}.")


def _take_colour(name: str, value: Any, reading: _Reading) -> None:
    least, what = _COLOURS[name]
    try:
        wanted = contrast.colour(value if isinstance(value, str) else "")
    except ValueError:
        reading.say(f'{FILE}: {name} = {value!r} is no colour. Write it as "#1d4f5f", with the quotes.')
        return
    taken = contrast.dark_enough(wanted, least=least)
    if taken != wanted:
        reading.say(f"{FILE}: {name} = {value} is too light for {what} on white paper (contrast"
                    f" {contrast.apart(wanted):.1f} to 1, and {least:g} is needed), so {contrast.written(taken)} is"
                    " printed: the same hue, darker.")  # fmt: skip
    reading.take(**{name: contrast.written(taken)})


def _take_letterhead(name: str, value: Any, reading: _Reading) -> None:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        reading.say(f'{FILE}: {name} is a list of lines: {name} = ["Street 1", "www.school.example"].')
        return
    lines = [" ".join(line.split()) for line in value if line.strip()]
    if len(lines) > MOST_LINES:
        reading.say(f"{FILE}: {name} has {len(lines)} lines; the first {MOST_LINES} are printed.")
    for line in lines[:MOST_LINES]:
        if len(line) > MOST_LETTERS:
            reading.say(f"{FILE}: {name} has a line of more than {MOST_LETTERS} letters, left out: “{line[:30]} …”.")
    reading.take(letterhead=tuple(line for line in lines[:MOST_LINES] if len(line) <= MOST_LETTERS))


def _take_closing(name: str, value: Any, reading: _Reading) -> None:
    if not isinstance(value, dict):
        reading.say(f"{FILE}: {name} is a text for each language: [{name}] with below it nl = and en =.")
        return
    kept = {}
    for language, text in value.items():
        if language not in LANGUAGES or not isinstance(text, str):
            reading.say(f"{FILE}: {name} has a text for “{language}”; it can have one for {' and '.join(LANGUAGES)}.")
        elif len(text.strip()) > MOST_CLOSING or text.strip().count("\n") >= MOST_CLOSING_LINES:
            reading.say(f"{FILE}: the closing text for “{language}” is longer than {MOST_CLOSING} letters or"
                        f" {MOST_CLOSING_LINES} lines, so it is left out. People have just had a talk.")  # fmt: skip
        elif text.strip():
            kept[language] = text.strip()
    reading.take(closing=kept)


def _take_words(name: str, value: Any, reading: _Reading) -> None:
    if not isinstance(value, str) or len(value) > 2 * MOST_LETTERS:
        reading.say(f"{FILE}: {name} says in one short sentence what the logo shows, for who cannot see it.")
        return
    reading.take(**{name: " ".join(value.split())})


_COLOURS = {"main": (contrast.READ, "words"), "second": (contrast.LINE, "a line")}
_TAKES: dict[str, Callable[[str, Any, _Reading], None]] = {
    "main": _take_colour, "second": _take_colour, "letterhead": _take_letterhead, "closing": _take_closing,
    "logo_says": _take_words,
}  # fmt: skip


def _take_logo(path: Path, reading: _Reading) -> None:
    try:
        if path.stat().st_size > logo.MOST_BYTES:
            raise Unfit(logo.TOO_LARGE)
        found = logo.made(path.read_bytes())
    except OSError as wrong:
        reading.say(f"{path.name} cannot be opened ({wrong.strerror}), so it is not printed.")
        return
    except Unfit as no:
        reading.say(f"{path.name} {no}. Until then it is not printed.")
        return
    width, height = found.large
    if min(width, height) < _SMALL:
        reading.say(f"{path.name} will be {width:g} by {height:g} mm on paper, which is hard to see."
                    " Take one with more pixels, or a shape that is less long or tall.")  # fmt: skip
    reading.take(logo=found)
