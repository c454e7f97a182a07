"""The cast: a small school whose people every test knows by name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from reflect.db.session import commit, session
from reflect.reports.forms import save_form_library
from reflect.reports.rounds import Round, RoundCourse
from reflect.school import ties
from reflect.school.passwords import hash_password
from reflect.school.people import Actor, Course, Group, Person, PersonRef, SchoolYear, Subject
from reflect.school.ties import Custody, DutyKind

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
YEAR_BEGINS_ON = date(2026, 8, 1)
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

    def actor(self, name: str, on: date = TODAY) -> Actor:
        given = NAMES[name].split("|")[0]
        person = PersonRef(
            id=self.people[name], name=NAMES[name].replace("|", " "), given_name=given
        )
        return person.as_actor(on)


def create_cast() -> Cast:
    """Make the cast in an empty database, with one open round for both courses, and keep it."""
    password = hash_password(PASSWORD)
    people = {}
    for sign_in, full_name in NAMES.items():
        given, infix, family = full_name.split("|")
        people[sign_in] = add_row(
            Person(
                given_name=given,
                infix=infix,
                family_name=family,
                sign_in_name=sign_in,
                password_hash=password,
            )
        ).id
    year = add_row(SchoolYear(name="2026-2027", begins_on=YEAR_BEGINS_ON, ends_on=date(2027, 8, 1)))
    groups = [
        add_row(Group(code=code, name=f"Klas {code}", year_id=year.id)).id for code in ("2b", "3a")
    ]
    maths = add_row(Subject(code="wiskunde", name="Wiskunde"))
    courses = [
        add_row(
            Course(
                code=f"{code}.wi",
                name=f"Wiskunde {code}",
                subject_id=maths.id,
                group_id=group,
                year_id=year.id,
            )
        ).id
        for code, group in zip(("2b", "3a"), groups, strict=True)
    ]
    forms = save_form_library(NOW)
    autumn_round = add_row(
        Round(
            name="Herfst",
            year_id=year.id,
            opens_on=date(2026, 11, 2),
            hand_in_on=date(2026, 11, 27),
            conversation_on=date(2026, 12, 11),
        )
    )
    for course in courses:
        add_row(
            RoundCourse(
                round_id=autumn_round.id,
                course_id=course,
                form_id=forms["wiskunde-periode", "nl"].id,
            )
        )
    _add_ties(people, groups, courses)
    commit()
    return Cast(
        people,
        groups[0],
        groups[1],
        courses[0],
        courses[1],
        autumn_round.id,
        {key: form.id for key, form in forms.items()},
    )


def _add_ties(people: dict[str, int], groups: list[int], courses: list[int]) -> None:
    for student in ("noor", "sam"):
        add_row(
            ties.Membership(person_id=people[student], group_id=groups[0], begins_on=YEAR_BEGINS_ON)
        )
        add_row(
            ties.Enrolment(
                person_id=people[student], course_id=courses[0], begins_on=YEAR_BEGINS_ON
            )
        )
    for teacher, course in zip(("dewit", "bakker"), courses, strict=True):
        add_row(
            ties.Teaching(person_id=people[teacher], course_id=course, begins_on=YEAR_BEGINS_ON)
        )
    for mentor, group in zip(("smit", "visser"), groups, strict=True):
        add_row(ties.Mentoring(person_id=people[mentor], group_id=group, begins_on=YEAR_BEGINS_ON))
    for guardian, child, custody in (
        ("fatima", "noor", Custody.YES),
        ("hassan", "noor", Custody.UNKNOWN),
        ("karin", "sam", Custody.YES),
    ):
        add_row(
            ties.Guardianship(
                person_id=people[guardian],
                student_id=people[child],
                custody=custody,
                begins_on=YEAR_BEGINS_ON,
            )
        )
    for name, duty in (
        ("winter", DutyKind.COUNSELLOR),
        ("brandt", DutyKind.COORDINATOR),
        ("beheer", DutyKind.ADMINISTRATOR),
    ):
        add_row(ties.Duty(person_id=people[name], duty=duty, begins_on=YEAR_BEGINS_ON))


def add_row(row):
    session().add(row)
    session().flush()
    return row
