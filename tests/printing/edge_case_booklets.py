"""Booklets with what is hard to lay out: one word, a very long name, twelve photos, two scripts."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from PIL import Image, ImageDraw

from reflect import paths
from reflect.access.view_models import (
    EvidenceView,
    Goal,
    RemarkView,
    ReportView,
    SectionView,
    parse_goals,
)
from reflect.demo.sample_texts import load_samples
from reflect.media.kinds import MediaKind
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.reports.evidence import print_blob_name
from reflect.reports.form_parser import parse
from reflect.reports.form_schema import SectionKind, caption_field
from reflect.school.people import PersonRef
from reflect.text import highlights

ANSWERED_AT = datetime(2026, 11, 20, 14, tzinfo=UTC)
CONVERSATION_ON = date(2026, 12, 11)
SIZES = {
    "portrait": (750, 1000),
    "landscape": (1000, 750),
    "panorama": (1600, 360),
    "square": (640, 640),
}


@lru_cache
def load_form(slug: str, language: str):
    path = paths.FORMS / f"{slug}.{language}.md"
    return parse(path.read_text("utf-8"), source=path.name)


def person_ref(name: str, number: int) -> PersonRef:
    return PersonRef(number, name, name.split()[0])


def report_view(
    number,
    student,
    answers,
    *,
    subject,
    teacher="Marleen de Wit",
    slug="periode",
    language="nl",
    **fields,
):
    """Return an answered report.

    `answers` has by the section's key what the student wrote and what the teacher answered.
    """
    parsed_form = load_form(slug, language)
    section_views = tuple(
        SectionView(section, *answers.get(section.key, ({}, "")), visible_to_student_only=False)
        for section in parsed_form.sections
        if not section.is_confidential
    )
    defaults = {
        "remarks": (),
        "overall": {},
        "teacher_sections": (),
        "closing_word": "",
        "goals": (),
        "evidence_by_key": {},
    }
    return ReportView(
        id=number,
        student=student,
        teachers=(person_ref(teacher, 900 + number),) if teacher else (),
        course_name=slug,
        course_id=1,
        subject=subject,
        group="2b",
        round_name="Herfst",
        language=language,
        form=parsed_form,
        state=None,
        state_since=None,
        sections=section_views,
        handed_in_at=ANSWERED_AT,
        answered_at=ANSWERED_AT,
        visible_parts=frozenset(),
        **{**defaults, **fields},
    )


def demo_report_view(number, student, file, *, subject, voice=0, teacher="Marleen de Wit"):
    """Return an answered report with the texts of the demo."""
    demo_voice = load_samples(file, year=2)[voice]
    answer = demo_voice.answer_for(student.given_name)
    content = {
        key: (demo_voice.sections.get(key, {}), answer.get(key, {}).get("text", ""))
        for key in {*demo_voice.sections, *answer}
    }
    return report_view(
        number,
        student,
        content,
        subject=subject,
        teacher=teacher,
        slug=demo_voice.form,
        language=demo_voice.language,
        overall=answer["overall"],
        closing_word=demo_voice.closing.get("word", ""),
        goals=parse_goals(demo_voice.closing),
    )


def add_remarks(report, key, *remarks):
    """Return the report with remarks, given as (passage, text), on the text of a section."""
    text = highlights.visible_text(section_of(report, key).student_content["text"])
    new_remarks = [
        remark_view(number, key, text.find(quote), quote, remark_text)
        for number, (quote, remark_text) in enumerate(remarks, start=len(report.remarks) + 1)
    ]
    return replace(report, remarks=(*report.remarks, *new_remarks))


def remark_view(number, key, start, quote, text):
    """Return a remark; `start` is -1 when its passage is gone."""
    return RemarkView(
        f"{number:022d}",
        key,
        "text",
        quote=quote,
        span=(start, start + len(quote)) if start >= 0 else None,
        text=text,
        number=number,
    )


def add_photos(report, key, shapes, *, store_file):
    """Return the report with photos of these shapes in a section.

    `store_file(name, content)` is called with each photo at print size.
    """
    shape_by_key = {f"{report.id:011d}{index:011d}": shape for index, shape in enumerate(shapes)}
    photo_fields = {"evidence": " ".join(shape_by_key)}
    evidence_by_key = {}
    for number, (photo_key, shape) in enumerate(shape_by_key.items()):
        width, height = SIZES[shape]
        store_file(print_blob_name(photo_key), photo_bytes(width, height, number=number))
        photo_fields[caption_field(photo_key)] = f"Mijn werk op papier, {shape}: zo tekende ik het"
        evidence_by_key[photo_key] = EvidenceView(
            photo_key, MediaKind.PICTURE, "image/jpeg", width, height
        )
    content = {**section_of(report, key).student_content, **photo_fields}
    return replace(replace_content(report, key, content), evidence_by_key=evidence_by_key)


def section_of(report, key):
    return next(view for view in report.sections if view.section.key == key)


def replace_content(report, key, content):
    """Return the report with this as what the student wrote in a section."""
    changed = replace(section_of(report, key), student_content=content)
    return replace(
        report,
        sections=tuple(changed if view.section.key == key else view for view in report.sections),
    )


def photo_bytes(width, height, *, number):
    """Return a JPEG of squared paper with a line and a circle on it."""
    sheet = Image.new("RGB", (width, height), (246, 243, 235))
    draw = ImageDraw.Draw(sheet)
    for offset in range(0, max(width, height), 40):
        draw.line([(offset, 0), (offset, height)], fill=(200, 212, 222), width=2)
        draw.line([(0, offset), (width, offset)], fill=(200, 212, 222), width=2)
    points = [
        (x, height * 0.9 - (x * (number + 2) / 9) % (height * 0.8)) for x in range(0, width, 20)
    ]
    draw.line(points, fill=(40, 60, 110), width=8)
    left = width * 0.6
    top = height * 0.15
    draw.ellipse([left, top, left + 120, top + 120], outline=(150, 60, 50), width=8)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def make_booklet(student, *reports, **more):
    defaults = {
        "group": "Klas 2b",
        "round": "Herfst",
        "school": "Lyceum De Brug",
        "talk_on": CONVERSATION_ON,
        "language": "nl",
        "attendees": ("Fatima el Amrani", "Carla Smit"),
    }
    return Booklet(student=student, reports=reports, **{**defaults, **more})


def demo_booklet(*, store_file):
    """Four subjects with the texts of the demo: formulas, remarks, two photos, one in English."""
    noor = person_ref("Noor el Amrani", 1)
    maths = demo_report_view(1, noor, "wiskunde-periode.nl", subject="Wiskunde")
    maths = add_photos(maths, "begrijp", ["landscape"], store_file=store_file)
    maths = add_remarks(maths, "begrijp", ("dat is 20% van 40", "Dit is het hart van je uitleg."))
    maths = add_remarks(
        maths, "denken", ("deed ik toch de controle", "Wat zou er zonder controle gebeurd zijn?")
    )
    biology = demo_report_view(4, noor, "biologie.nl", subject="Biologie", voice=1)
    return make_booklet(
        noor,
        maths,
        demo_report_view(
            2, noor, "nederlands.nl", subject="Nederlands", voice=2, teacher="Joost Prins"
        ),
        demo_report_view(3, noor, "aardrijkskunde.en", subject="Geography", teacher="Emma Brown"),
        add_photos(biology, "geleerd", ["portrait"], store_file=store_file),
        unanswered_subjects=("Engels", "Geschiedenis"),
    )


def demo_one_pager(*, store_file):
    """The four subjects of the demo, on one sheet."""
    return replace(demo_booklet(store_file=store_file), layout=BookletLayout.ONE_PAGER)


OTHER_SUBJECTS = (
    ("geschiedenis.nl", "Geschiedenis"),
    ("engels.nl", "Engels"),
    ("biologie.nl", "Biologie"),
    ("nederlands.nl", "Nederlandse taal en literatuur, met drama en debat"),
    ("aardrijkskunde.en", "Geography"),
)
LONG_GOALS = tuple(
    Goal(
        f"Mijn {ordinal} voornemen, dat een regel of wat lang is omdat ik precies wil zeggen"
        " wat ik doe",
        "ik merk het aan de rust bij het huiswerk en aan de vragen die ik stel",
    )
    for ordinal in ("eerste", "tweede", "derde")
)


def long_booklet(*, store_file):
    """A surname of forty letters, twelve photos, long texts, remarks, a ladder, many attendees."""
    student = person_ref("Anna-Sophia van Wassenaer-Obdam tot Twickel en Weldam", 2)
    others = [
        replace(demo_report_view(12 + index, student, file, subject=subject), goals=LONG_GOALS)
        for index, (file, subject) in enumerate(OTHER_SUBJECTS)
    ]
    return make_booklet(
        student,
        _long_report(student, store_file=store_file),
        *others,
        round="Tweede ronde: terugkijken op het hele najaar",
        school="Christelijke Scholengemeenschap voor Gymnasium, Atheneum en Havo De Brug",
        attendees=(
            "Maria van Wassenaer-Obdam tot Twickel en Weldam",
            "Hendrik Jan Wassenaer",
            "Carla Smit",
        ),
        unanswered_subjects=(
            "Frans",
            "Duits",
            "Lichamelijke opvoeding",
            "Beeldende vorming",
            "Muziek",
        ),
    )


def _long_report(student, *, store_file):
    maths = demo_report_view(11, student, "wiskunde-periode.nl", subject="Wiskunde", voice=1)
    text = section_of(maths, "denken").student_content["text"]
    long_text = "\n\n".join(f"{number}. {text}" for number in range(1, 9))
    maths = replace_content(maths, "denken", {"text": long_text})
    maths = add_photos(
        maths, "begrijp", ["portrait", "landscape", "panorama", "square"] * 3, store_file=store_file
    )
    maths = add_remarks(
        maths, "fout", ("zo lekker", "Vertel hier meer over."), ("weg is weg", "Ook hierover.")
    )
    return replace(maths, goals=LONG_GOALS, teacher_sections=((_ladder_section(), LADDER_ANSWERS),))


LADDER_ANSWERS = {
    "a.goal": "Ik los vergelijkingen op en leg elke stap uit",
    "a.word": "zelf",
    "a.evidence": "In opgave 31 leg je elke stap uit.",
    "b.goal": "Ik bereken of schat een kans",
    "b.word": "met_hulp",
    "b.evidence": "Met de boom erbij gaat het.",
}


def _ladder_section():
    """Return a section in which the teacher chooses words of the student's own ladder."""
    sections = load_form("wiskunde-periode", "nl").sections
    student_section = next(section for section in sections if section.kind is SectionKind.WORDS)
    return replace(
        student_section,
        key="docent",
        prompt="Waar staat dit nu volgens mij?",
        kind=SectionKind.TEACHER_WORDS,
    )


def short_booklet(*, store_file):
    """One sentence, one answer, no goals, no day, no attendees yet."""
    student = person_ref("Bo Li", 3)
    report = report_view(
        21,
        student,
        {"geleerd": ({"text": "Breuken."}, "")},
        subject="Wiskunde",
        overall={"seen": "Kort."},
    )
    return make_booklet(student, report, talk_on=None, attendees=())


def unanswered_booklet(*, store_file):
    """An export with a text without an answer, an answer without a text, and neither."""
    student = person_ref("Sam Jansen", 4)
    without_answer = demo_report_view(
        31, student, "nederlands.nl", subject="Nederlands", voice=1, teacher=""
    )
    without_answer = replace(
        without_answer,
        sections=tuple(replace(view, teacher_text="") for view in without_answer.sections),
        overall={},
        closing_word="",
        goals=(),
        answered_at=None,
    )
    answer_only = report_view(
        32, student, {"trots": ({}, "Waar ben je trots op? Vertel het me eens.")}, subject="Engels"
    )
    empty_report = replace(report_view(33, student, {}, subject="Wiskunde"), answered_at=None)
    return make_booklet(
        student,
        without_answer,
        answer_only,
        empty_report,
        talk_on=None,
        attendees=(),
        exported_at=ANSWERED_AT,
    )


ARABIC = """تعلمت هذا الخريف كيف أحل المعادلة $2x+3=11$ خطوة بخطوة.\
 في البداية كنت أظن أن الجواب هو 7، ثم فهمت أن علي أن أطرح 3 من الجهتين.

- أولا أطرح
- ثم أقسم"""
HEBREW = "שלום נור, קראתי את הסיפור שלך בעניין רב. כתבת ״צעד אחר צעד״, וזה בדיוק מה שראיתי."


def right_to_left_booklet(*, store_file):
    """Names and texts in Arabic and Hebrew beside Dutch ones."""
    student = person_ref("نور بنت يوسف العمراني", 5)
    answers = {
        "geleerd": ({"text": ARABIC}, HEBREW),
        "trots": (
            {"text": "Mijn oma heet نور, net als ik. Zij schreef: «تعلّم» en dat deed ik."},
            "Wat mooi, نور!",
        ),
        "lastig": ({"text": "Łukasz en Gülşah hielpen mij."}, ""),
    }
    goals = (Goal("أكتب كل خطوة", "أخطئ أقل"), Goal("Elke stap opschrijven", "ik raad minder"))
    report = report_view(
        41,
        student,
        answers,
        subject="Wiskunde",
        teacher="יעל כהן",
        overall={"seen": HEBREW, "question": "En nu?"},
        closing_word=ARABIC,
        goals=goals,
    )
    report = add_remarks(report, "geleerd", ("خطوة بخطوة", "Dit lees ik graag."))
    return make_booklet(student, report, attendees=("يوسف العمراني", "Carla Smit"))


HARD_TEXT = """Dit woord: {word} en dit adres: {address}

# Een kop in de tekst

| vak | doel |
|---|---|
| wiskunde | haakjes |

> Een citaat van iemand,
> over twee regels.

1. eerst
2. dan
    - diep
        - dieper
7. zeven

    ingesprongen code met {word}

Met `code`, **sterk** en *schuin*, en een som: $\\frac{{a^2+b^2}}{{\\sqrt{{c}}}}$ in de regel,\
 gevolgd door een hele lange:

$${long_sum}=465$$

En half: $\\frac{{1}}{{$ en $\\onbekend{{x}}$."""


def hard_booklet(*, store_file):
    """Endless words, a table, quotes, nested lists, code, formulas that are too wide or half."""
    student = person_ref("Maximiliaan Hottentottententententoonstellingsbezoeker", 6)
    text = HARD_TEXT.format(
        long_sum="+".join(map(str, range(1, 31))),
        word="hottentottententententoonstellingsbezoekersvergunningsaanvraagformulier" * 2,
        address="https://voorbeeld.nl/een/heel/lang/pad?" + "a=1&" * 60,
    )
    answers = {"geleerd": ({"text": text}, text), "trots": ({"text": "x" * 400}, "")}
    report = report_view(
        51,
        student,
        answers,
        subject="Wiskunde",
        overall={"seen": text[:200]},
        goals=(Goal("y" * 200, "z" * 200),),
    )
    return make_booklet(
        student,
        report,
        round="Verantwoordelijkheidsgevoelsontwikkelingsperiode" * 2,
        attendees=("w" * 120,),
    )


def every_height_booklet(*, store_file):
    """Reports that are each a line longer than the one before.

    So every heading comes to the end of a page in one of them.
    """
    student = person_ref("Kop aan het eind", 7)
    return make_booklet(student, *(_report_of_lines(number, student) for number in range(1, 24)))


def _report_of_lines(count, student):
    plan = {"step": "Oefenen", "moment": "morgen", "help": "Sam", "notice": "ik ga sneller"}
    return report_view(
        60 + count,
        student,
        subject=f"Vak {count}",
        overall={"seen": "Ja.", "next": "Verder."},
        answers={
            "geleerd": ({"text": "Regel.\n\n" * count}, "Een antwoord."),
            "trots": ({"text": "Kort."}, "Ja."),
            "lastig": ({"text": "Nog iets. " * 30}, ""),
            "stap": (plan, ""),
        },
    )


BOOKLET_MAKERS = {
    "demo": demo_booklet,
    "long": long_booklet,
    "short": short_booklet,
    "unanswered": unanswered_booklet,
    "right-to-left": right_to_left_booklet,
    "hard": hard_booklet,
    "every-height": every_height_booklet,
}
