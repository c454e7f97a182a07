"""A seeded school of 1,200 students and 60,000 reports, written straight into the tables."""

import random
from datetime import date, timedelta

from sqlalchemy import insert

from reflect.db.session import commit, session
from reflect.reports.forms import save_form_library
from reflect.reports.report import Report, Revision
from reflect.reports.rounds import Round, RoundCourse
from reflect.school import ties
from reflect.school.passwords import hash_password
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from tests.cast import NOW

STUDENTS, GROUPS, SUBJECTS, ROUNDS = 1200, 40, 10, 5
PASSWORD = "bench-wachtwoord"
TIES_BEGIN_ON = date(2026, 8, 1)
SENTENCE = (
    "Ik haal links en rechts hetzelfde weg, want dan blijft de weegschaal in evenwicht: "
    "$2x+3=11$ geeft $x=4$. "
)
WORDS = """
aantal antwoord balans begin berekening bewijs breuk delen eerst exact factor fout formule
functie gelijk getal grafiek haakjes helling herhalen hoek idee invullen kant klopt kwadraat
lijn links macht meten minteken molecuul nakijken noemer omtrek ontbinden oppervlakte opnieuw
opgave optellen ordenen oplossing punt rechts reden rekenen richting schatten schema schets
som splitsen stap straal tabel teken teller term toets tussenstap uitleg uitwerking variabele
vermenigvuldigen vergelijking verhouding verschil vierkant volgorde voorbeeld vraag waarde
weegschaal weghalen wortel zijde zoeken
""".split()  # noqa: SIM905 - a column of one word each would be longer than the rest


def own_text(chance, sentences):
    """Return sentences that no other report has, each with a formula of its own.

    With one sentence for all, a reading was measured out of the caches of sentences and formulas.
    """
    made = []
    for _ in range(sentences):
        words = " ".join(chance.choices(WORDS, k=12))
        a, b, x = chance.randint(2, 9999), chance.randint(1, 9999), chance.randint(1, 999)
        made.append(f"{words.capitalize()}, want ${a}x+{b}={a * x + b}$ geeft $x={x}$.")
    return " ".join(made)


def _insert_one(table, **columns):
    row = table(**columns)
    session().add(row)
    session().flush()
    return row.id


def _insert_many(table, rows):
    session().execute(insert(table), rows)


def create_large_school(today: date) -> dict[str, int]:
    """Make it; give the numbers that the bench asks for."""
    began, chance = today - timedelta(days=200), random.Random(1)
    password = hash_password(PASSWORD)
    year = _insert_one(
        SchoolYear, name="bench", begins_on=began, ends_on=today + timedelta(days=200)
    )
    form = save_form_library(NOW)["wiskunde-periode", "nl"]
    sections = [
        section.key
        for section in form.schema.sections
        if not section.private and section.rows[0][0].name == "text"
    ]
    groups = [
        _insert_one(Group, code=f"g{number}", name=f"Klas {number}", year_id=year)
        for number in range(GROUPS)
    ]
    subjects = [
        _insert_one(Subject, code=f"s{number}", name=f"Vak {number}") for number in range(SUBJECTS)
    ]
    rounds = [
        _insert_one(
            Round,
            name=f"Ronde {number}",
            year_id=year,
            opens_on=today - timedelta(days=40 * (ROUNDS - number)),
            hand_in_on=today,
            conversation_on=today,
        )
        for number in range(ROUNDS)
    ]
    per_group = STUDENTS // GROUPS
    for group_index, group in enumerate(groups):
        mentor = _insert_one(
            Person,
            given_name="Mentor",
            family_name=str(group_index),
            sign_in_name=f"mentor{group_index}",
            password_hash=password,
        )
        _insert_one(ties.Mentoring, person_id=mentor, group_id=group, begins_on=began)
        members = [
            _insert_one(
                Person,
                given_name="Leerling",
                family_name=f"{group_index}-{number}",
                sign_in_name=f"l{group_index}-{number}",
                password_hash=password,
            )
            for number in range(per_group)
        ]
        _insert_many(
            ties.Membership,
            [{"person_id": one, "group_id": group, "begins_on": began} for one in members],
        )
        for subject in subjects:
            _fill_course(
                subject,
                group,
                group_index,
                members,
                rounds,
                year=year,
                form=form.id,
                sections=sections,
                began=began,
                chance=chance,
                password=password,
            )
        commit()
    return {"group": groups[0], "round": rounds[-1]}


def _fill_course(
    subject, group, group_index, members, rounds, *, year, form, sections, began, chance, password
):
    course = _insert_one(
        Course,
        code=f"{group}-{subject}",
        name=f"Vak {subject}",
        subject_id=subject,
        group_id=group,
        year_id=year,
    )
    teacher = _insert_one(
        Person,
        given_name="Docent",
        family_name=f"{group_index}-{subject}",
        sign_in_name=f"d{group_index}-{subject}",
        password_hash=password,
    )
    _insert_one(ties.Teaching, person_id=teacher, course_id=course, begins_on=began)
    _insert_many(
        ties.Enrolment,
        [{"person_id": one, "course_id": course, "begins_on": began} for one in members],
    )
    _insert_many(
        RoundCourse, [{"round_id": one, "course_id": course, "form_id": form} for one in rounds]
    )
    for round_id in rounds:
        running = round_id == rounds[-1] and chance.random() < 0.5
        for student in members:
            _insert_report(
                student, course, round_id, form, sections, teacher, running=running, chance=chance
            )


def _insert_report(student, course, round_id, form, sections, teacher, *, running, chance):
    report = Report(
        student_id=student,
        course_id=course,
        round_id=round_id,
        form_id=form,
        state_since=NOW,
        state="draft" if running else "answered",
    )
    session().add(report)
    session().flush()
    base = {"report_id": report.id, "written_at": NOW, "is_conflict": False, "save_key": None}
    rows = [
        {
            **base,
            "voice": "student",
            "section": key,
            "content": {"text": own_text(chance, 4)},
            "by_id": student,
        }
        for key in sections
        for _ in range(2)
    ]
    if not running:
        teacher_base = {**base, "voice": "teacher", "by_id": teacher}
        answer = {"text": own_text(chance, 4)}
        rows += [{**teacher_base, "section": sections[0], "content": answer}]
        rows += [
            {
                **teacher_base,
                "section": "overall",
                "content": {name: own_text(chance, 1) for name in ("seen", "next", "question")},
            }
        ]
    _insert_many(Revision, rows)
    if not running:
        newest = session().connection().exec_driver_sql("select max(id) from revision").scalar()
        report.teacher_sees_until_revision_id = report.student_sees_until_revision_id = (
            report.home_sees_until_revision_id
        ) = report.home_sees_student_until_revision_id = newest
        report.handed_in_at = report.opened_at = report.answered_at = NOW
