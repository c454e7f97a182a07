"""Booklets of people who never met: each holds what pages find hard, from a word to a name to twelve photos."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from PIL import Image, ImageDraw

from reflect import passage, places
from reflect.demo.texts import voices
from reflect.media.kinds import Kind
from reflect.paper.booklet import Booklet
from reflect.report.form_text import parse
from reflect.report.grammar import Kind as Asked
from reflect.school.people import Who
from reflect.trust.seen import Goal, Piece, Remark, Said, Seen

ANSWERED = datetime(2026, 11, 20, 14, tzinfo=UTC)
TALK = date(2026, 12, 11)
SIZES = {"portrait": (750, 1000), "landscape": (1000, 750), "panorama": (1600, 360), "square": (640, 640)}


@lru_cache
def form(slug: str, language: str):
    path = places.FORMS / f"{slug}.{language}.md"
    return parse(path.read_text("utf-8"), source=path.name)


def who(name: str, number: int) -> Who:
    return Who(number, name, name.split()[0])


def report(number, student, told, *, subject, teacher="Marleen de Wit", slug="periode", language="nl", **more):
    """Make an answered report: `told` holds by section what the student wrote and what the teacher answered."""
    asked = form(slug, language)
    said = tuple(
        Said(section, *told.get(section.key, ({}, "")), only_me=False)
        for section in asked.sections
        if not section.private and section.kind is not Asked.LETTER
    )
    empty = {"remarks": (), "overall": {}, "in_words": (), "closing_word": "", "goals": (), "pieces": {}}
    return Seen(
        id=number, student=student, teachers=(who(teacher, 900 + number),) if teacher else (), course=slug, course_id=1,
        subject=subject, group="2b", round="Herfst", language=language, form=asked, state=None, since=None, said=said,
        handed_in_at=ANSWERED, answered_at=ANSWERED, parts=frozenset(), **{**empty, **more},
    )  # fmt: skip


def of_demo(number, student, file, *, subject, voice=0, teacher="Marleen de Wit"):
    """Make a report in the words of the demo."""
    told = voices(file, year=2)[voice]
    answer = told.answer_for(student.first)
    content = {key: (told.said.get(key, {}), answer.get(key, {}).get("text", "")) for key in {*told.said, *answer}}
    goals = tuple(
        Goal(told.closing[f"{row}.goal"], told.closing.get(f"{row}.notice", ""))
        for row in "abc"
        if told.closing.get(f"{row}.goal")
    )
    return report(
        number, student, content, subject=subject, teacher=teacher, slug=told.form, language=told.language,
        overall=answer["overall"], closing_word=told.closing.get("word", ""), goals=goals,
    )  # fmt: skip


def with_remarks(seen, key, *remarks):
    """Let the teacher say something about these words in the text of this section."""
    one = next(said for said in seen.said if said.section.key == key)
    text, made = passage.read(one.student["text"]), []
    for number, (words, told) in enumerate(remarks, start=len(seen.remarks) + 1):
        begins = text.find(words)
        span = (begins, begins + len(words)) if begins >= 0 else None
        made.append(Remark(f"{number:022d}", key, "text", quote=words, span=span, text=told, number=number))
    return replace(seen, remarks=(*seen.remarks, *made))


def with_photos(seen, key, shapes, *, keep):
    """Put photos of these shapes in this section; `keep(name, content)` gets each at print size."""
    keys = {f"{seen.id:011d}{place:011d}": shape for place, shape in enumerate(shapes)}
    for number, (name, shape) in enumerate(keys.items()):
        keep(f"{name}.print.jpg", photo(*SIZES[shape], number=number))
    captions = {f"caption.{name}": f"Mijn werk op papier, {shape}: zo tekende ik het" for name, shape in keys.items()}
    own = {"evidence": " ".join(keys), **captions}
    said = tuple(replace(one, student={**one.student, **own}) if one.section.key == key else one for one in seen.said)
    pieces = {name: Piece(name, Kind.PICTURE, "image/jpeg", *SIZES[shape]) for name, shape in keys.items()}
    return replace(seen, said=said, pieces=pieces)


def photo(width, height, *, number):
    """Draw a sheet of squared paper with a line on it, as somebody would photograph it."""
    sheet = Image.new("RGB", (width, height), (246, 243, 235))
    draw = ImageDraw.Draw(sheet)
    for place in range(0, max(width, height), 40):
        draw.line([(place, 0), (place, height)], fill=(200, 212, 222), width=2)
        draw.line([(0, place), (width, place)], fill=(200, 212, 222), width=2)
    points = [(x, height * 0.9 - (x * (number + 2) / 9) % (height * 0.8)) for x in range(0, width, 20)]
    draw.line(points, fill=(40, 60, 110), width=8)
    draw.ellipse([width * 0.6, height * 0.15, width * 0.6 + 120, height * 0.15 + 120], outline=(150, 60, 50), width=8)
    into = io.BytesIO()
    sheet.save(into, "JPEG", quality=85)
    return into.getvalue()


def booklet(student, *reports, **more):
    usual = {
        "group": "Klas 2b", "round": "Herfst", "school": "Lyceum De Brug", "talk_on": TALK, "language": "nl",
        "at_table": ("Fatima el Amrani", "Carla Smit"),
    }  # fmt: skip
    return Booklet(student=student, reports=reports, **{**usual, **more})


def in_demo_words(*, keep):
    """Four subjects as the demo tells them: formulas, remarks, two photos, a class in English."""
    noor = who("Noor el Amrani", 1)
    maths = of_demo(1, noor, "wiskunde-periode.nl", subject="Wiskunde")
    maths = with_photos(maths, "begrijp", ["landscape"], keep=keep)
    maths = with_remarks(maths, "begrijp", ("dat is 20% van 40", "Dit is het hart van je uitleg."))
    maths = with_remarks(maths, "denken", ("deed ik toch de controle", "Wat zou er zonder controle gebeurd zijn?"))
    biology = of_demo(4, noor, "biologie.nl", subject="Biologie", voice=1)
    return booklet(
        noor, maths, of_demo(2, noor, "nederlands.nl", subject="Nederlands", voice=2, teacher="Joost Prins"),
        of_demo(3, noor, "aardrijkskunde.en", subject="Geography", teacher="Emma Brown"),
        with_photos(biology, "geleerd", ["portrait"], keep=keep), waiting=("Engels", "Geschiedenis"),
    )  # fmt: skip


OTHERS = (
    ("geschiedenis.nl", "Geschiedenis"), ("engels.nl", "Engels"), ("biologie.nl", "Biologie"),
    ("nederlands.nl", "Nederlandse taal en literatuur, met drama en debat"), ("aardrijkskunde.en", "Geography"),
)  # fmt: skip


def long(*, keep):
    """Everything at once: a surname of forty letters, twelve photos, long texts, notes, words of a ladder, a full table."""
    student = who("Anna-Sophia van Wassenaer-Obdam tot Twickel en Weldam", 2)
    maths = of_demo(11, student, "wiskunde-periode.nl", subject="Wiskunde", voice=1)
    thought = next(one.student["text"] for one in maths.said if one.section.key == "denken")
    endless = {"text": "\n\n".join(f"{number}. {thought}" for number in range(1, 9))}
    said = tuple(replace(one, student=endless) if one.section.key == "denken" else one for one in maths.said)
    maths = replace(maths, said=said, in_words=((_ladder(), LADDER),))
    maths = with_photos(maths, "begrijp", ["portrait", "landscape", "panorama", "square"] * 3, keep=keep)
    maths = with_remarks(maths, "fout", ("zo lekker", "Vertel hier meer over."), ("weg is weg", "Ook hierover."))
    goals = tuple(
        Goal(f"Mijn {which} voornemen, dat een regel of wat lang is omdat ik precies wil zeggen wat ik doe",
             "ik merk het aan de rust bij het huiswerk en aan de vragen die ik stel")
        for which in ("eerste", "tweede", "derde")
    )  # fmt: skip
    others = [
        replace(of_demo(12 + place, student, file, subject=subject), goals=goals)
        for place, (file, subject) in enumerate(OTHERS)
    ]
    return booklet(
        student, replace(maths, goals=goals), *others, round="Tweede ronde: terugkijken op het hele najaar",
        school="Christelijke Scholengemeenschap voor Gymnasium, Atheneum en Havo De Brug",
        at_table=("Maria van Wassenaer-Obdam tot Twickel en Weldam", "Hendrik Jan Wassenaer", "Carla Smit"),
        waiting=("Frans", "Duits", "Lichamelijke opvoeding", "Beeldende vorming", "Muziek"),
    )  # fmt: skip


LADDER = {
    "a.goal": "Ik los vergelijkingen op en leg elke stap uit", "a.word": "zelf",
    "a.evidence": "In opgave 31 leg je elke stap uit.", "b.goal": "Ik bereken of schat een kans",
    "b.word": "met_hulp", "b.evidence": "Met de boom erbij gaat het.",
}  # fmt: skip


def _ladder():
    """Give the section in which the teacher says in words where goals stand, with the ladder of the student's own."""
    asked = next(section for section in form("wiskunde-periode", "nl").sections if section.kind is Asked.WORDS)
    return replace(asked, key="docent", prompt="Waar staat dit nu volgens mij?", kind=Asked.TEACHER_WORDS)


def short(*, keep):
    """One sentence, one answer, no goals, no day, nobody at the table yet."""
    student = who("Bo Li", 3)
    one = report(21, student, {"geleerd": ({"text": "Breuken."}, "")}, subject="Wiskunde", overall={"seen": "Kort."})
    return booklet(student, one, talk_on=None, at_table=())


def unanswered(*, keep):
    """As a student takes it along: nobody has answered yet, or only where nothing was written, or nothing is there."""
    student = who("Sam Jansen", 4)
    one = of_demo(31, student, "nederlands.nl", subject="Nederlands", voice=1, teacher="")
    bare = tuple(replace(said, teacher="") for said in one.said)
    one = replace(one, said=bare, overall={}, closing_word="", goals=(), answered_at=None)
    half = report(32, student, {"trots": ({}, "Waar ben je trots op? Vertel het me eens.")}, subject="Engels")
    nothing = replace(report(33, student, {}, subject="Wiskunde"), answered_at=None)
    return booklet(student, one, half, nothing, talk_on=None, at_table=(), taken_at=ANSWERED)


ARABIC = """تعلمت هذا الخريف كيف أحل المعادلة $2x+3=11$ خطوة بخطوة. في البداية كنت أظن أن الجواب هو 7، ثم فهمت أن علي أن أطرح 3 من الجهتين.

- أولا أطرح
- ثم أقسم"""
HEBREW = "שלום נור, קראתי את הסיפור שלך בעניין רב. כתבת ״צעד אחר צעד״, וזה בדיוק מה שראיתי."


def right_to_left(*, keep):
    """Names and texts in Arabic and Hebrew beside Dutch ones."""
    student = who("نور بنت يوسف العمراني", 5)
    told = {
        "geleerd": ({"text": ARABIC}, HEBREW),
        "trots": ({"text": "Mijn oma heet نور, net als ik. Zij schreef: «تعلّم» en dat deed ik."}, "Wat mooi, نور!"),
        "lastig": ({"text": "Łukasz en Gülşah hielpen mij."}, ""),
    }
    goals = (Goal("أكتب كل خطوة", "أخطئ أقل"), Goal("Elke stap opschrijven", "ik raad minder"))
    one = report(
        41, student, told, subject="Wiskunde", teacher="יעל כהן", overall={"seen": HEBREW, "question": "En nu?"},
        closing_word=ARABIC, goals=goals,
    )  # fmt: skip
    one = with_remarks(one, "geleerd", ("خطوة بخطوة", "Dit lees ik graag."))
    return booklet(student, one, at_table=("يوسف العمراني", "Carla Smit"))


HARD = """Dit woord: {word} en dit adres: {address}

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

Met `code`, **sterk** en *schuin*, en een som: $\\frac{{a^2+b^2}}{{\\sqrt{{c}}}}$ in de regel, gevolgd door een hele lange:

$$1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17+18+19+20+21+22+23+24+25+26+27+28+29+30=465$$

En half: $\\frac{{1}}{{$ en $\\onbekend{{x}}$."""


def hard(*, keep):
    """Endless words and addresses, a table, quotes, lists in lists, code, and formulas that are too wide or half."""
    student = who("Maximiliaan Hottentottententententoonstellingsbezoeker", 6)
    text = HARD.format(
        word="hottentottententententoonstellingsbezoekersvergunningsaanvraagformulier" * 2,
        address="https://voorbeeld.nl/een/heel/lang/pad?" + "a=1&" * 60,
    )
    told = {"geleerd": ({"text": text}, text), "trots": ({"text": "x" * 400}, "")}
    one = report(
        51, student, told, subject="Wiskunde", overall={"seen": text[:200]}, goals=(Goal("y" * 200, "z" * 200),)
    )
    return booklet(student, one, round="Verantwoordelijkheidsgevoelsontwikkelingsperiode" * 2, at_table=("w" * 120,))


def of_every_height(*, keep):
    """Reports that each are a line longer than the one before, so that every heading meets the end of a page."""
    student = who("Kop aan het eind", 7)
    plan = {"step": "Oefenen", "moment": "morgen", "help": "Sam", "notice": "ik ga sneller"}
    reports = [
        report(
            60 + number, student, subject=f"Vak {number}", overall={"seen": "Ja.", "next": "Verder."},
            told={"geleerd": ({"text": "Regel.\n\n" * number}, "Een antwoord."), "trots": ({"text": "Kort."}, "Ja."),
                  "lastig": ({"text": "Nog iets. " * 30}, ""), "stap": (plan, "")},
        )
        for number in range(1, 24)
    ]  # fmt: skip
    return booklet(student, *reports)


ALL = {
    "demo": in_demo_words, "long": long, "short": short, "unanswered": unanswered, "right-to-left": right_to_left,
    "hard": hard, "every-height": of_every_height,
}  # fmt: skip
