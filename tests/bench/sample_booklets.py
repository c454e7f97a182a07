"""Booklets for the bench: six subjects, formulas of each student's own, and two photos each."""

import io
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from PIL import Image

from reflect import paths
from reflect.access.view_models import EvidenceView, Goal, ReportView, SectionView
from reflect.demo.sample_texts import load_samples
from reflect.media import pictures
from reflect.media.kinds import MediaKind
from reflect.media.limits import DEFAULT_MEDIA_LIMITS
from reflect.printing.booklet import Booklet
from reflect.reports.evidence import print_blob_name
from reflect.reports.form_parser import parse
from reflect.school.people import PersonRef

SUBJECTS = (
    "aardrijkskunde.en",
    "biologie.nl",
    "engels.nl",
    "geschiedenis.nl",
    "nederlands.nl",
    "wiskunde-periode.nl",
)
PHOTOS = 2
ANSWERED = datetime(2026, 11, 20, 14, tzinfo=UTC)


def sample_booklet(number: int, *, store_file) -> Booklet:
    """Return the booklet of student `number`; `keep(name, content)` gets their photos."""
    student = PersonRef(
        id=number + 1, name=f"Voornaam{number} van der Achternaam", given_name=f"Voornaam{number}"
    )
    reports = [_report_view(number, place, file, student) for place, file in enumerate(SUBJECTS)]
    for place in range(PHOTOS):
        key = f"{number:011d}{place:011d}"
        store_file(print_blob_name(key), _photo_bytes(number * PHOTOS + place))
        reports[place] = _with_photo(reports[place], key)
    return Booklet(
        student=student,
        group="Klas 2b",
        round="Herfst",
        school="Lyceum",
        talk_on=date(2026, 12, 11),
        attendees=("Een Ouder", "Een Mentor"),
        language="nl",
        reports=tuple(reports),
        unanswered_subjects=(),
    )


def _report_view(number: int, place: int, file: str, who: PersonRef) -> ReportView:
    slug, language = file.split(".")
    voice_texts = load_samples(file, year=2)
    voice, form = (
        voice_texts[number % len(voice_texts)],
        _load_form("wiskunde-periode" if slug.startswith("wis") else "periode", language),
    )
    section_views = [
        SectionView(
            section,
            voice.sections.get(section.key, {}),
            voice.feedback.get(section.key, {}).get("text", ""),
            False,
        )
        for section in form.sections
        if not section.is_confidential
    ]
    first = next(
        place for place, one in enumerate(section_views) if one.student_content.get("text")
    )
    content = section_views[first].student_content
    formulas = _formulas(number * len(SUBJECTS) + place)
    section_views[first] = replace(
        section_views[first],
        student_content={**content, "text": f"{content['text']} {formulas}"},
    )
    answer = voice.answer_for(who.given_name)
    return ReportView(
        id=number * len(SUBJECTS) + place + 1,
        student=who,
        teachers=(PersonRef(9000 + place, "Een Docent", "Een"),),
        course_name=slug,
        course_id=0,
        subject=slug.split("-")[0].capitalize(),
        group="2b",
        round_name="Herfst",
        language=language,
        form=form,
        state=None,
        state_since=None,
        sections=tuple(section_views),
        remarks=(),
        teacher_sections=(),
        overall=answer["overall"],
        closing_word=voice.closing.get("word", ""),
        goals=(Goal(voice.closing.get("a.goal", "Oefenen"), voice.closing.get("a.notice", "")),),
        evidence_by_key={},
        handed_in_at=ANSWERED,
        answered_at=ANSWERED,
        visible_parts=frozenset(),
    )


@lru_cache
def _load_form(slug: str, language: str):
    path = paths.FORMS / f"{slug}.{language}.md"
    return parse(path.read_text("utf-8"), source=path.name)


def _formulas(number: int) -> str:
    a, b, c = number % 7 + 2, number % 11 + 1, number + 20
    return (
        f"$ {a}x+{b}={c}$".replace("$ ", "$")
        + f", dus $x=\\frac{{{c - b}}}{{{a}}}$ en $\\sqrt{{{c}}}>{b}$."
    )


def _photo_bytes(number: int) -> bytes:
    chance = random.Random(number)
    grain = Image.frombytes("RGB", (200, 150), chance.randbytes(200 * 150 * 3)).resize(
        (2400, 1800), Image.Resampling.BICUBIC
    )
    sent = io.BytesIO()
    grain.save(sent, "JPEG", quality=88)
    return pictures.transcode_picture(
        sent.getvalue(), format_name="JPEG", limits=DEFAULT_MEDIA_LIMITS
    ).print_jpeg


def _with_photo(seen: ReportView, key: str) -> ReportView:
    first = next(
        place for place, one in enumerate(seen.sections) if one.student_content.get("text")
    )
    answers = {
        **seen.sections[first].student_content,
        "evidence": key,
        f"caption.{key}": "Mijn uitwerking op ruitjespapier",
    }
    section_views = [*seen.sections]
    section_views[first] = replace(section_views[first], student_content=answers)
    return replace(
        seen,
        sections=tuple(section_views),
        evidence_by_key={key: EvidenceView(key, MediaKind.PICTURE, "image/jpeg", 1000, 750)},
    )
