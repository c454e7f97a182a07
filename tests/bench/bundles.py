"""Booklets for the bench: six subjects in the demo's words, formulas that are each student's own, and two photos each."""

import io
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from PIL import Image

from reflect import places
from reflect.demo.texts import voices
from reflect.media import pictures
from reflect.media.kinds import HOUSE_LIMITS, Kind
from reflect.paper.booklet import Booklet
from reflect.report.form_text import parse
from reflect.school.people import Who
from reflect.trust.seen import Goal, Piece, Said, Seen

SUBJECTS = ("aardrijkskunde.en", "biologie.nl", "engels.nl", "geschiedenis.nl", "nederlands.nl", "wiskunde-periode.nl")
PHOTOS = 2
ANSWERED = datetime(2026, 11, 20, 14, tzinfo=UTC)


def booklet(number: int, *, keep) -> Booklet:
    """Make the booklet of student `number`; `keep(name, content)` gets their photos at print size."""
    who = Who(id=number + 1, name=f"Voornaam{number} van der Achternaam", first=f"Voornaam{number}")
    reports = [_report(number, place, file, who) for place, file in enumerate(SUBJECTS)]
    for place in range(PHOTOS):
        key = f"{number:011d}{place:011d}"
        keep(f"{key}.print.jpg", _photo(number * PHOTOS + place))
        reports[place] = _with_photo(reports[place], key)
    return Booklet(
        student=who, group="Klas 2b", round="Herfst", school="Lyceum", talk_on=date(2026, 12, 11),
        at_table=("Een Ouder", "Een Mentor"), language="nl", reports=tuple(reports), waiting=(),
    )  # fmt: skip


def _report(number: int, place: int, file: str, who: Who) -> Seen:
    slug, language = file.split(".")
    told = voices(file, year=2)
    voice, form = told[number % len(told)], _form("wiskunde-periode" if slug.startswith("wis") else "periode", language)
    said = [
        Said(section, voice.said.get(section.key, {}), voice.feedback.get(section.key, {}).get("text", ""), False)
        for section in form.sections
        if not section.private
    ]
    first = next(place for place, one in enumerate(said) if one.student.get("text"))
    own = f"{said[first].student['text']} {_formulas(number * len(SUBJECTS) + place)}"
    said[first] = replace(said[first], student={**said[first].student, "text": own})
    answer = voice.answer_for(who.first)
    return Seen(
        id=number * len(SUBJECTS) + place + 1, student=who, teachers=(Who(9000 + place, "Een Docent", "Een"),),
        course=slug, course_id=0, subject=slug.split("-")[0].capitalize(), group="2b", round="Herfst",
        language=language, form=form, state=None, since=None, said=tuple(said), remarks=(), in_words=(),
        overall=answer["overall"], closing_word=voice.closing.get("word", ""),
        goals=(Goal(voice.closing.get("a.goal", "Oefenen"), voice.closing.get("a.notice", "")),), pieces={},
        handed_in_at=ANSWERED, answered_at=ANSWERED, parts=frozenset(),
    )  # fmt: skip


@lru_cache
def _form(slug: str, language: str):
    path = places.FORMS / f"{slug}.{language}.md"
    return parse(path.read_text("utf-8"), source=path.name)


def _formulas(number: int) -> str:
    a, b, c = number % 7 + 2, number % 11 + 1, number + 20
    return f"$ {a}x+{b}={c}$".replace("$ ", "$") + f", dus $x=\\frac{{{c - b}}}{{{a}}}$ en $\\sqrt{{{c}}}>{b}$."


def _photo(number: int) -> bytes:
    chance = random.Random(number)
    grain = Image.frombytes("RGB", (200, 150), chance.randbytes(200 * 150 * 3)).resize(
        (2400, 1800), Image.Resampling.BICUBIC
    )
    sent = io.BytesIO()
    grain.save(sent, "JPEG", quality=88)
    return pictures.refit(sent.getvalue(), format="JPEG", limits=HOUSE_LIMITS).print


def _with_photo(seen: Seen, key: str) -> Seen:
    first = next(place for place, one in enumerate(seen.said) if one.student.get("text"))
    words = {**seen.said[first].student, "evidence": key, f"caption.{key}": "Mijn uitwerking op ruitjespapier"}
    said = [*seen.said]
    said[first] = replace(said[first], student=words)
    return replace(seen, said=tuple(said), pieces={key: Piece(key, Kind.PICTURE, "image/jpeg", 1000, 750)})
