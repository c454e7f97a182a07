"""Remarks on screens: marked passages for every reader, and what stands at a section of the teacher's desk."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reflect import passage
from reflect.passage import Part
from reflect.report import remark, remarking
from reflect.report.report import Report
from reflect.tongue import N_
from reflect.trust.seen import Remark, Seen
from reflect.web.sentences import gettext
from reflect.words import MAX_LENGTH

Typed = Mapping[str, Mapping[str, str]]

NOT_FOUND = N_(
    "These words do not stand in the text like this. Copy them from the text, then the remark finds its place."
)
NO_WORDS = N_("Copy here the words that your remark is about.")
NO_REMARK = N_("Write your remark about these words, or leave both fields empty.")
LONG = N_("This remark is longer than %(max)d characters. Make it shorter. Nothing is gone.")


@dataclass(frozen=True)
class Box:
    """One remark that has its place (`remark` says which), with what stands in its field now."""

    remark: Remark
    text: str
    error: str


@dataclass(frozen=True)
class ByHand:
    """A remark of which the place is told by copying words; `error` is the sentence that says what is still needed."""

    key: str
    words: str
    text: str
    error: str


@dataclass(frozen=True)
class Margin:
    """What stands beside one section of the desk; the last of `by_hand` is always empty."""

    boxes: tuple[Box, ...]
    by_hand: tuple[ByHand, ...]


def passages(text: str, language: str, found: Sequence[Remark]) -> list[Part]:
    """Give a text in parts, each with the keys of the remarks that begin in it; for templates."""
    marks = [passage.Mark(*one.span, one.key, one.number) for one in found if one.span]
    return passage.on_screen(text, marks, language=language, name=name_of)


def name_of(number: int) -> str:
    """Say what a reference to this remark is called."""
    return gettext("remark %(number)d", number=number)


def contents(report: Report, seen: Seen, typed: Typed) -> dict[str, dict[str, str]]:
    """Give what is to be kept of the remarks that a page sent; one that is ticked to be taken away says nothing."""
    texts = {said.section.key: said.student for said in seen.said}
    left = {name: {**content, "text": ""} if content.get("away") else content for name, content in typed.items()}
    return remarking.contents(report, left, form=seen.form, texts=texts)


def left_out(typed: Typed, *, kept: Typed) -> list[str]:
    """Name what came with words and is not kept, as a remark on a text that this teacher may not read any more."""
    return [name for name, content in typed.items() if name not in kept
            and any(content.get(field, "").strip() for field in ("text", "words"))]  # fmt: skip


def need_a_look(contents: Typed, typed: Typed) -> bool:
    """Say whether one of these remarks is not ready to be read, or says nothing about the words that were copied."""
    silent = {
        name for name, content in contents.items() if typed[name].get("words", "").strip() and not content["text"]
    }
    return bool(silent) or any(_error(content, field=content["field"]) for content in contents.values())


def _error(content: Mapping[str, str], *, field: str) -> str:
    text, words = content.get("text", ""), content.get("words", content.get("quote", ""))
    if len(text) > MAX_LENGTH:
        return gettext(LONG, max=MAX_LENGTH)
    if field or not (text.strip() or words.strip()):
        return ""
    return gettext(NO_REMARK if not text.strip() else NOT_FOUND if words.strip() else NO_WORDS)


def without_a_place(seen: Seen) -> list[Remark]:
    """Give the remarks whose words do not stand in the text, so that no student would ever read them."""
    return [one for one in seen.remarks if not one.field]


def margins(seen: Seen, typed: Typed) -> dict[str, Margin]:
    """Give what stands beside each section: what is kept, and over it what was typed on a page that came back."""
    return {said.section.key: _margin(seen.remarks_on(said.section.key), said.section.key, typed) for said in seen.said}


def _margin(own: list[Remark], section: str, typed: Typed) -> Margin:
    known = {remark.section_of(one.key): one for one in own}
    fresh = [name for name, content in typed.items() if name not in known and _is_new(name, content, section)]
    placed = [(one, typed.get(name, {}).get("text", one.text)) for name, one in known.items() if one.field]
    loose = {
        name: {"words": one.quote, "text": one.text, **typed.get(name, {})}
        for name, one in known.items()
        if not one.field
    }
    by_hand = [_by_hand(name, content) for name, content in {**loose, **{name: typed[name] for name in fresh}}.items()]
    return Margin(
        tuple(Box(one, text, _error({"text": text}, field=one.field)) for one, text in placed),
        (*by_hand, ByHand(secrets.token_urlsafe(16), "", "", "")),
    )


def _is_new(name: str, content: Mapping[str, str], section: str) -> bool:
    says = content.get("text", "").strip() or content.get("words", "").strip()
    return bool(remark.key_of(name) and content.get("section") == section and says)


def _by_hand(name: str, content: Mapping[str, str]) -> ByHand:
    words = content.get("words", content.get("quote", ""))
    return ByHand(remark.key_of(name) or "", words, content.get("text", ""), _error(content, field=""))
