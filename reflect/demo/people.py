"""The demo's people: three mentor groups, their teachers and parents, and their ties."""

import random
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from reflect.db.session import no_transaction, session
from reflect.school import ties
from reflect.school.passwords import hash_password
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.ties import Custody, DutyKind

PASSWORD = "samen-leren"  # noqa: S105 - the demo's password is printed on the screen
_SEPARATED_EVERY = 6  # in every sixth family the parents live apart


@dataclass
class DemoSchool:
    """What was made, by its code, for whoever fills it with reports."""

    year: SchoolYear
    begins_on: date
    groups: dict[str, Group] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    students: dict[str, list[Person]] = field(default_factory=dict)
    teachers: dict[str, Person] = field(default_factory=dict)
    by_name: dict[str, Person] = field(default_factory=dict)
    parents: dict[int, list[Person]] = field(default_factory=dict)
    courses: dict[tuple[str, str], Course] = field(default_factory=dict)
    english: frozenset[str] = frozenset()
    staff: dict[str, Person] = field(default_factory=dict)

    def teacher_of(self, subject: str, group: str) -> Person:
        return self.teachers[f"{subject} {group}"]

    def all_students(self) -> Iterator[Person]:
        """Yield the students of every group, in the order of people.toml."""
        for students in self.students.values():
            yield from students


def create_people(*, year_begins: date, year_ends: date, begins_on: date) -> DemoSchool:
    """Make all people, groups and courses, with ties that begin on `begins_on`."""
    data = tomllib.loads(Path(__file__).with_name("people.toml").read_text("utf-8"))
    # Once for all of them: Argon2 takes some 20 ms, which is its purpose.
    with no_transaction():
        password_hash = hash_password(PASSWORD)
    year = SchoolYear(
        name=f"{year_begins.year}-{year_ends.year}", begins_on=year_begins, ends_on=year_ends
    )
    session().add(year)
    session().flush()
    school = DemoSchool(
        year=year, begins_on=begins_on, english=frozenset(data["english"]["subjects"])
    )
    for name, full_name in data["teachers"].items():
        school.by_name[name] = _add_person(full_name, name, password_hash)
    session().flush()
    for code, group in data["groups"].items():
        _add_group(school, code, group, password_hash=password_hash)
    _add_courses(school, data)
    for number, student in enumerate(school.all_students()):
        school.parents[student.id] = _add_parents(
            school, student, number, data["parents"], password_hash=password_hash
        )
    for duty, entry in data["staff"].items():
        person = _add_person(entry["name"], entry["sign_in"], password_hash)
        session().flush()
        school.staff[duty] = person
        _add_tie(school, ties.Duty, person_id=person.id, duty=DutyKind(duty))
    session().flush()
    return school


def _add_person(full_name: str, sign_in_name: str, password_hash: str) -> Person:
    """Add a person; the parts of the name are "given|infix|family"."""
    given, infix, family = full_name.split("|")
    person = Person(
        given_name=given,
        infix=infix,
        family_name=family,
        sign_in_name=sign_in_name,
        password_hash=password_hash,
    )
    session().add(person)
    return person


def _add_tie(school: DemoSchool, tie_class: Callable[..., ties.Tie], **columns: Any) -> None:
    session().add(tie_class(begins_on=school.begins_on, **columns))


def _ascii_name(name: str) -> str:
    """Return a name in characters that everybody can type: "Zoë" becomes "zoe"."""
    # NFKD leaves the dotless i as it is, and encoding to ASCII would then drop it.
    decomposed = unicodedata.normalize("NFKD", name.replace("\u0131", "i"))
    ascii_name = decomposed.encode("ascii", "ignore").decode()
    return "".join(char for char in ascii_name.casefold() if char.isalnum())


def _add_group(school: DemoSchool, code: str, data: dict[str, Any], *, password_hash: str) -> None:
    group = Group(code=code, name=data["name"], year_id=school.year.id)
    session().add(group)
    session().flush()
    school.groups[code] = group
    school.languages[code] = data["language"]
    mentor = school.by_name[data["mentor"]]
    _add_tie(school, ties.Mentoring, person_id=mentor.id, group_id=group.id)
    school.students[code] = [
        _add_person(full_name, _ascii_name(full_name.split("|")[0]), password_hash)
        for full_name in data["students"]
    ]
    session().flush()
    for student in school.students[code]:
        _add_tie(school, ties.Membership, person_id=student.id, group_id=group.id)


def _add_courses(school: DemoSchool, data: dict[str, Any]) -> None:
    for code, name in data["subjects"].items():
        subject = Subject(code=code, name=name)
        session().add(subject)
        session().flush()
        for group_code, teacher in data["teaching"][code].items():
            co_teacher = data["together"].get(code, {}).get(group_code)
            teachers = [teacher, co_teacher] if co_teacher else [teacher]
            _add_course(school, subject, group_code, teachers=teachers)


def _add_course(
    school: DemoSchool, subject: Subject, group_code: str, *, teachers: list[str]
) -> None:
    """Add a course for a whole group; the first of its teachers answers the reports."""
    course = Course(
        code=f"{group_code}.{subject.code}",
        name=f"{subject.name} {group_code}",
        subject_id=subject.id,
        group_id=school.groups[group_code].id,
        year_id=school.year.id,
    )
    session().add(course)
    session().flush()
    school.courses[subject.code, group_code] = course
    school.teachers[f"{subject.code} {group_code}"] = school.by_name[teachers[0]]
    for name in teachers:
        teacher = school.by_name[name]
        _add_tie(school, ties.Teaching, person_id=teacher.id, course_id=course.id)
    for student in school.students[group_code]:
        _add_tie(school, ties.Enrolment, person_id=student.id, course_id=course.id)


def _add_parents(
    school: DemoSchool, student: Person, number: int, data: dict[str, Any], *, password_hash: str
) -> list[Person]:
    # One seed per student: a student more in the list leaves the other families as they are.
    seed = f"parents {student.given_name} {number}"
    rng = random.Random(seed)  # noqa: S311 - a demo must come out the same each time
    # Her mother is among the accounts that `reflect demo` prints, so these two are fixed.
    is_noor = student.given_name == "Noor"
    are_separated = number % _SEPARATED_EVERY == 1 and not is_noor
    family_name = f"{student.infix}|{student.family_name}"
    family_names = [family_name, family_name]
    if are_separated:
        family_names[1] = f"|{rng.choice(data['other_family'])}"
    given_names = ["Fatima", "Hassan"] if is_noor else rng.sample(data["given"], 2)
    parents: list[Person] = []
    for given_name, parent_family_name in zip(given_names, family_names, strict=True):
        sign_in_name = f"{_ascii_name(given_name)}.{_ascii_name(student.given_name)}"
        parent = _add_person(f"{given_name}|{parent_family_name}", sign_in_name, password_hash)
        session().flush()
        is_second = bool(parents)
        # Of some parents who live apart the school has still to confirm the custody.
        is_unconfirmed = are_separated and is_second and rng.random() < 0.4
        custody = Custody.UNKNOWN if is_unconfirmed else Custody.YES
        _add_tie(
            school,
            ties.Guardianship,
            person_id=parent.id,
            student_id=student.id,
            custody=custody,
        )
        parents.append(parent)
    return parents
