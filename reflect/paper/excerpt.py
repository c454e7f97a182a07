"""An excerpt: how a text begins, ending at the end of a sentence, on one line; whether that is all of it is known."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape

from markupsafe import Markup, escape

from reflect.formula import Formula, Place
from reflect.words import PARKED, Laid, laid

_TOKEN = re.compile(r'<(?P<close>/?)(?P<tag>\w+)(?:[^>]*\bvalue="(?P<value>\d+)")?[^>]*>|[^<]+')
_NEW_LINE = {"p", "br", "li", "ul", "ol", "blockquote", "pre"}
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’)\]]*(?=\s+[^\sa-zà-ÿ]|\s*$)|$)\s*")
_GOES_ON = re.compile(r"[.!?…:;,]$")
_FORMULA_LETTERS = 40  # a formula counts as what was typed, up to so many letters


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text as HTML within a line, formulas still to be drawn; without the rest it ends with “…”."""

    html: Markup
    whole: bool
    letters: int


@lru_cache(maxsize=4096)
def beginning(text: str, *, letters: int, language: str) -> Excerpt:
    """Give as many whole sentences as fit in so many letters; of a first one that is longer, as many words."""
    found = laid(text)
    sentences = [one for line in _lines(found.html) for one in _sentences(line)]
    kept, left = list[str](), letters
    for sentence in sentences:
        left -= _letters(sentence, found.formulas)
        if left < 0:
            break
        kept.append(sentence)
    whole = len(kept) == len(sentences)
    if not kept and sentences:
        kept = _words(sentences[0], letters, found.formulas)
    said = _joined(kept) + ("" if whole else "\u00a0…")  # never alone on a line
    formulas = tuple(replace(formula, place=Place.INLINE) for formula in found.formulas)
    return Excerpt(Laid(str(escape(said.strip())), formulas).for_press(language), whole, _letters(said, found.formulas))


def _lines(html: str) -> list[str]:
    """Give what is read there, line by line; in a numbered list each with its number."""
    lines, numbers = [""], list[int | None]()
    for found in _TOKEN.finditer(html):
        tag, opens = found["tag"], not found["close"]
        if tag is None:
            lines[-1] += " ".join(f".{unescape(found[0])}.".split())[1:-1]
        if tag in _NEW_LINE:
            lines.append("")
        if tag in ("ol", "ul"):
            numbers = [*numbers, 0 if tag == "ol" else None] if opens else numbers[:-1]
        if tag == "li" and opens and numbers and (last := numbers[-1]) is not None:
            numbers[-1] = int(found["value"] or last + 1)
            lines[-1] = f"{numbers[-1]}. "
    return [line.strip() for line in lines if line.strip()]


def _sentences(line: str) -> list[str]:
    """Give the sentences of a line; the number of an item stays with what it numbers."""
    found = [one.strip() for one in _SENTENCE.findall(line) if one.strip()]
    if len(found) > 1 and re.fullmatch(r"\d+\.", found[0]):
        return [f"{found[0]} {found[1]}", *found[2:]]
    return found


def _letters(words: str, formulas: tuple[Formula, ...]) -> int:
    typed = PARKED.sub(lambda found: formulas[int(found[1])].latex[:_FORMULA_LETTERS], words)
    return len(typed) + 1


def _words(sentence: str, letters: int, formulas: tuple[Formula, ...]) -> list[str]:
    """Give the words that fit; of one endless word its first letters."""
    kept, left = list[str](), letters
    for word in sentence.split(" "):
        left -= _letters(word, formulas)
        if left < 0:
            break
        kept.append(word)
    first = sentence.split(" ")[0]
    return [" ".join(kept) if kept or PARKED.search(first) else first[:letters]]


def _joined(sentences: list[str]) -> str:
    """Put sentences on one line; where a line of the text ended without a sign, a dot in the middle stands for it."""
    said = ""
    for sentence in sentences:
        said += (" " if _GOES_ON.search(said) else " · ") * bool(said) + sentence
    return said
