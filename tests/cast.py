"""The cast: a small school whose people every test knows by name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from reflect.report.form import keep_library
from reflect.report.round import Round, RoundCourse
from reflect.school import ties
from reflect.school.people import Course, Group, Me, Person, SchoolYear, Subject
from reflect.school.sign_in import hashed
from reflect.school.ties import Custody, DutyKind
from reflect.store import keep, session

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BEGAN = date(2026, 8, 1)
PASSWORD = "een-lang-wachtwoord"

NAMES = {
    "noor": "Noor|el|Amrani",  # writes
    "sam": "Sam||Jansen",  # a classmate
    "dewit": "Marleen|de|Wit",  # teaches Noor and Sam mathematics
    "bakker": "Henk||Bakker",  # teaches mathematics to others
    "smit": "Carla||Smit",  # mentors Noor's group
    "visser": "Ingrid||Visser",  # mentors another group
    "fatima": "Fatima||Amrani",  # Noor's mother
    "hassan": "Hassan|el|Amrani",  # Noor's father, custody unknown to the school
    "karin": "Karin||Jansen",  # Sam's mother
    "winter": "Anneke||Winter",  # counsellor
    "brandt": "Martijn||Brandt",  # coordinator
    "beheer": "Ria||Postma",  # administrator
}


@dataclass
class Cast:
    """Ids of everybody and everything, by short name."""

    people: dict[str, int]
    group: int
    other_group: int
    course: int
    other_course: int
    round: int
    forms: dict[tuple[str, str], int]

    def me(self, name: str, on: date = TODAY) -> Me:
        given = NAMES[name].split("|")[0]
        return Me(id=self.people[name], name=NAMES[name].replace("|", " "), first=given, on=on)


def settle() -> Cast:
    """Make the cast in an empty database, with one open round for both courses, and keep it."""
    password = hashed(PASSWORD)
    people = {}
    for sign_in, full in NAMES.items():
        given, infix, family = full.split("|")
        people[sign_in] = _add(
            Person(given_name=given, infix=infix, family_name=family, sign_in_name=sign_in, password_hash=password)
        ).id
    year = _add(SchoolYear(name="2026-2027", begins_on=BEGAN, ends_on=date(2027, 8, 1)))
    groups = [_add(Group(code=code, name=f"Klas {code}", year_id=year.id)).id for code in ("2b", "3a")]
    maths = _add(Subject(code="wiskunde", name="Wiskunde"))
    courses = [
        _add(
            Course(code=f"{code}.wi", name=f"Wiskunde {code}", subject_id=maths.id, group_id=group, year_id=year.id)
        ).id
        for code, group in zip(("2b", "3a"), groups, strict=True)
    ]
    forms = keep_library(NOW)
    opened = _add(Round(name="Herfst", year_id=year.id, opens_on=date(2026, 11, 2), hand_in_on=date(2026, 11, 27),
                        conversation_on=date(2026, 12, 11)))  # fmt: skip
    for course in courses:
        _add(RoundCourse(round_id=opened.id, course_id=course, form_id=forms["wiskunde-periode", "nl"].id))
    _tie_all(people, groups, courses)
    keep()
    return Cast(
        people, groups[0], groups[1], courses[0], courses[1], opened.id, {key: form.id for key, form in forms.items()}
    )


def _tie_all(people: dict[str, int], groups: list[int], courses: list[int]) -> None:
    for student in ("noor", "sam"):
        _add(ties.Membership(person_id=people[student], group_id=groups[0], begins_on=BEGAN))
        _add(ties.Enrolment(person_id=people[student], course_id=courses[0], begins_on=BEGAN))
    for teacher, course in zip(("dewit", "bakker"), courses, strict=True):
        _add(ties.Teaching(person_id=people[teacher], course_id=course, begins_on=BEGAN))
    for mentor, group in zip(("smit", "visser"), groups, strict=True):
        _add(ties.Mentoring(person_id=people[mentor], group_id=group, begins_on=BEGAN))
    for guardian, child, custody in (
        ("fatima", "noor", Custody.YES), ("hassan", "noor", Custody.UNKNOWN), ("karin", "sam", Custody.YES),
    ):  # fmt: skip
        _add(ties.Guardianship(person_id=people[guardian], student_id=people[child], custody=custody, begins_on=BEGAN))
    for name, duty in (
        ("winter", DutyKind.COUNSELLOR), ("brandt", DutyKind.COORDINATOR), ("beheer", DutyKind.ADMINISTRATOR),
    ):  # fmt: skip
        _add(ties.Duty(person_id=people[name], duty=duty, begins_on=BEGAN))


def _add(row):
    session().add(row)
    session().flush()
    return row
