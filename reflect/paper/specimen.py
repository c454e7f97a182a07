"""A specimen: a booklet of nobody with a bit of everything, for the press to warm up on."""

from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace as Thing
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from reflect import passage, places
from reflect.formula_picture import drawn, paper
from reflect.paper.design import Design
from reflect.paper.manuscript import Manuscript
from reflect.tongue import LANGUAGES

_LONG = {"nl": "verantwoordelijkheidsgevoel ", "en": "understandability "}  # that the press learns to break words
_WORDS = ("Woorden die *niemand* schreef, **sterk**, met `code` en $2x+3=\\frac{1}{4}$ erin, voor twee regels.\n\n"
          "- een\n- twee\n\n1. drie\n2. vier\n\n> een citaat\n\n$$x^2+1=\\sqrt{5}$$")  # fmt: skip


_REMARKS = (
    Thing(key="r", field="text", span=(8, 40), text="Een *kanttekening*.", number=1, was="die niemand las"),
    Thing(key="s", field="text", span=None, quote="weg", text="Bij wat er niet meer staat.", number=2, was=None),
)


def manuscript(language: str) -> Manuscript:
    """Give the pages of a booklet."""
    return Manuscript(_environment().get_template("paper/booklet.html").render(
        booklet=_booklet(language), paper=paper, passages=_passages, address=lambda _key, _kind: ""))  # fmt: skip


def sheet(language: str) -> Manuscript:
    """Give the pages of a one-sheet."""
    line = Thing(about="Vraag", language=language, text=Thing(html=Markup(paper(_WORDS, language=language))))  # noqa: S704 - ours
    parts = [
        Thing(subject="Vak", language=language, teachers="Docent", told=said, takes_on=said, answer=said, whole=False)
        for said in ((line,), ())
    ]
    return Manuscript(_environment().get_template("paper/sheet.html").render(
        booklet=_booklet(language), paper=paper, parts=parts))  # fmt: skip


def _passages(text: str, language: str, remarks: Sequence[Thing]) -> Markup:
    marks = [passage.Mark(one.span[0], one.span[1], one.key, one.number) for one in remarks if one.span]
    return Markup(drawn(passage.for_press(text, marks, language=language, name=str)))  # noqa: S704 - ours


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Templates as the house has them, with stand-ins for what only a house knows."""
    made = Environment(
        loader=FileSystemLoader(places.TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"],
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.filters |= {
        "long_date": str, "msg": str, "words": str, "written": lambda _row, _content: True,
        "is_empty": lambda content: not content, "isolated": str,
    }  # fmt: skip
    made.tests["unwritten"] = lambda content: not content
    return made


def _booklet(language: str) -> Thing:
    who = Thing(id=0, name="Voornaam Achternaam", first="Voornaam")
    reports = [_report(number, other, who) for number, other in enumerate(LANGUAGES)]
    return Thing(
        student=who, group="1a", round="Ronde", school="School", talk_on="vrijdag", at_table=("Iemand",),
        language=language, reports=reports, waiting=("Vak",), taken_at=None,
        design=Design(letterhead=("Straat 1",), closing={language: _WORDS}),
    )  # fmt: skip


def _report(number: int, language: str, who: Thing) -> Thing:
    options = (Thing(key="a", words="een"), Thing(key="b", words="twee"))
    said = [
        _said({"text": _WORDS, "evidence": "k s", "caption.k": "Bijschrift"}, _field("text", "text"), key="a"),
        _said({"ticked": "a b", "text": _WORDS}, _field("ticked", "ticks", options), _field("text", "text"), row=True),
        _said({"word": "a", "step": _WORDS}, _field("word", "choice", options), _field("step", "text")),
        _said({}, _field("text", "text")),
    ]
    return Thing(
        id=number, subject="Vak", language=language, student=who, teachers=(Thing(name="Docent"),),
        answered_at="maandag", said=said, overall={"seen": _WORDS, "next": _WORDS}, closing_word=_LONG[language] * 12,
        goals=(Thing(words="Voornemen", notice="merkbaar"),),
        remarks_on=lambda key, field=None: _REMARKS if key == "a" and number == 0 else (),
        in_words=((said[2].section, {"word": "a", "step": _WORDS}),),
        pieces={"k": Thing(kind="picture", is_wide=False), "s": Thing(kind="sound", is_wide=False)},
    )  # fmt: skip


def _field(name: str, shape: str, options: tuple[Thing, ...] = ()) -> Thing:
    return Thing(name=name, label="Veld", shape=shape, options=options)


def _said(content: dict[str, str], *fields: Thing, row: bool = False, key: str = "b") -> Any:
    rows = (fields,) if row else tuple((field,) for field in fields)
    section = Thing(prompt="Wat heb je geleerd?", rows=rows, kind="text", key=key)
    return Thing(section=section, student=content, teacher=_WORDS)
