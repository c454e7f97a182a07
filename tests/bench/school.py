"""A seeded school of 1,200 students and 60,000 reports, written straight into the tables, since a bench wants it fast."""

import random
from datetime import date, timedelta

from sqlalchemy import insert

from reflect.report.form import keep_library
from reflect.report.report import Report, Revision
from reflect.report.round import Round, RoundCourse
from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.sign_in import hashed
from reflect.store import keep, session
from tests.cast import NOW

STUDENTS, GROUPS, SUBJECTS, ROUNDS = 1200, 40, 10, 5
PASSWORD = "bench-wachtwoord"
BEGAN = date(2026, 8, 1)
SENTENCE = "Ik haal links en rechts hetzelfde weg, want dan blijft de weegschaal in evenwicht: $2x+3=11$ geeft $x=4$. "


def _add(table, **columns):
    row = table(**columns)
    session().add(row)
    session().flush()
    return row.id


def _rows(table, rows):
    session().execute(insert(table), rows)


def make(today: date) -> dict[str, int]:
    """Make it; give the numbers that the bench asks for."""
    began, chance = today - timedelta(days=200), random.Random(1)
    password = hashed(PASSWORD)
    year = _add(SchoolYear, name="bench", begins_on=began, ends_on=today + timedelta(days=200))
    form = keep_library(NOW)["wiskunde-periode", "nl"]
    sections = [
        section.key for section in form.parsed.sections if not section.private and section.rows[0][0].name == "text"
    ]
    groups = [_add(Group, code=f"g{number}", name=f"Klas {number}", year_id=year) for number in range(GROUPS)]
    subjects = [_add(Subject, code=f"s{number}", name=f"Vak {number}") for number in range(SUBJECTS)]
    rounds = [
        _add(Round, name=f"Ronde {number}", year_id=year, opens_on=today - timedelta(days=40 * (ROUNDS - number)),
             hand_in_on=today, conversation_on=today)
        for number in range(ROUNDS)
    ]  # fmt: skip
    per_group = STUDENTS // GROUPS
    for place, group in enumerate(groups):
        mentor = _add(
            Person, given_name="Mentor", family_name=str(place), sign_in_name=f"mentor{place}", password_hash=password
        )
        _add(ties.Mentoring, person_id=mentor, group_id=group, begins_on=began)
        members = [
            _add(
                Person,
                given_name="Leerling",
                family_name=f"{place}-{number}",
                sign_in_name=f"l{place}-{number}",
                password_hash=password,
            )
            for number in range(per_group)
        ]
        _rows(ties.Membership, [{"person_id": one, "group_id": group, "begins_on": began} for one in members])
        for subject in subjects:
            _fill(
                subject,
                group,
                place,
                members,
                rounds,
                year=year,
                form=form.id,
                sections=sections,
                began=began,
                chance=chance,
                password=password,
            )
        keep()
    return {"group": groups[0], "round": rounds[-1]}


def _fill(subject, group, place, members, rounds, *, year, form, sections, began, chance, password):
    course = _add(
        Course, code=f"{group}-{subject}", name=f"Vak {subject}", subject_id=subject, group_id=group, year_id=year
    )
    teacher = _add(
        Person,
        given_name="Docent",
        family_name=f"{place}-{subject}",
        sign_in_name=f"d{place}-{subject}",
        password_hash=password,
    )
    _add(ties.Teaching, person_id=teacher, course_id=course, begins_on=began)
    _rows(ties.Enrolment, [{"person_id": one, "course_id": course, "begins_on": began} for one in members])
    _rows(RoundCourse, [{"round_id": one, "course_id": course, "form_id": form} for one in rounds])
    for round in rounds:
        running = round == rounds[-1] and chance.random() < 0.5
        for student in members:
            _report(student, course, round, form, sections, teacher, running=running)


def _report(student, course, round, form, sections, teacher, *, running):
    report = Report(student_id=student, course_id=course, round_id=round, form_id=form, state_since=NOW,
                    state="draft" if running else "answered")  # fmt: skip
    session().add(report)
    session().flush()
    base = {"report_id": report.id, "written_at": NOW, "kept_aside": False, "save_key": None}
    text = {"text": SENTENCE * 4}
    rows = [
        {**base, "voice": "student", "section": key, "content": text, "by_id": student}
        for key in sections
        for _ in range(2)
    ]
    if not running:
        said = {**base, "voice": "teacher", "by_id": teacher}
        rows += [{**said, "section": sections[0], "content": text}]
        rows += [{**said, "section": "overall", "content": {"seen": SENTENCE, "next": SENTENCE, "question": SENTENCE}}]
    _rows(Revision, rows)
    if not running:
        newest = session().connection().exec_driver_sql("select max(id) from revision").scalar()
        report.handed_in_upto = report.given_upto = report.answered_upto = newest
        report.handed_in_at = report.opened_at = report.answered_at = NOW
