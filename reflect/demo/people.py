"""The demo's people: three mentor groups, their teachers, their parents (some apart), and what ties them."""

import random
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.school.sign_in import hashed
from reflect.school.ties import Custody, DutyKind
from reflect.store import session

PASSWORD = "samen-leren"  # noqa: S105 - the demo's password is printed on the screen
_APART_EVERY = 6  # in every sixth family the parents live apart


@dataclass
class School:
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


def people_text() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("people.toml").read_text("utf-8"))


def settle(*, year_begins: date, year_ends: date, begins_on: date) -> School:
    """Make everybody and everything, with ties that hold from `begins_on`."""
    told = people_text()
    year = SchoolYear(name=f"{year_begins.year}-{year_ends.year}", begins_on=year_begins, ends_on=year_ends)
    session().add(year)
    session().flush()
    made = School(year=year, begins_on=begins_on, english=frozenset(told["english"]["subjects"]))
    password = hashed(PASSWORD)
    by_name = {name: _person(full, name, password) for name, full in told["teachers"].items()}
    made.by_name = by_name
    session().flush()
    for code, group in told["groups"].items():
        _settle_group(made, code, group, mentor=by_name[group["mentor"]], password=password)
    _settle_courses(made, told, by_name)
    for number, student in enumerate(one for group in made.students.values() for one in group):
        made.parents[student.id] = _settle_parents(made, student, number, told["parents"], password)
    for duty, one in told["staff"].items():
        made.staff[duty] = person = _person(one["name"], one["sign_in"], password)
        session().flush()
        _tie(made, ties.Duty, person_id=person.id, duty=DutyKind(duty))
    session().flush()
    return made


def _person(full: str, sign_in: str | None, password: str) -> Person:
    given, infix, family = full.split("|")
    person = Person(
        given_name=given,
        infix=infix,
        family_name=family,
        sign_in_name=sign_in,
        password_hash=password if sign_in else None,
    )
    session().add(person)
    return person


def _tie(made: School, kind: Callable[..., ties.Tie], **what: Any) -> None:
    session().add(kind(begins_on=made.begins_on, **what))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("\u0131", "i")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in letters.casefold() if letter.isalnum())


def _settle_group(made: School, code: str, told: dict[str, Any], *, mentor: Person, password: str) -> None:
    group = Group(code=code, name=told["name"], year_id=made.year.id)
    session().add(group)
    session().flush()
    made.groups[code], made.languages[code] = group, told["language"]
    _tie(made, ties.Mentoring, person_id=mentor.id, group_id=group.id)
    made.students[code] = [_person(full, _plain(full.split("|")[0]), password) for full in told["students"]]
    session().flush()
    for student in made.students[code]:
        _tie(made, ties.Membership, person_id=student.id, group_id=group.id)


def _settle_courses(made: School, told: dict[str, Any], by_name: dict[str, Person]) -> None:
    for code, name in told["subjects"].items():
        subject = Subject(code=code, name=name)
        session().add(subject)
        session().flush()
        for group_code, teacher in told["teaching"][code].items():
            group = made.groups[group_code]
            course = Course(code=f"{group_code}.{code}", name=f"{name} {group_code}", subject_id=subject.id,
                            group_id=group.id, year_id=made.year.id)  # fmt: skip
            session().add(course)
            session().flush()
            made.courses[code, group_code] = course
            made.teachers[f"{code} {group_code}"] = by_name[teacher]
            beside = told["together"].get(code, {}).get(group_code)
            for one in filter(None, (teacher, beside)):
                _tie(made, ties.Teaching, person_id=by_name[one].id, course_id=course.id)
            for student in made.students[group_code]:
                _tie(made, ties.Enrolment, person_id=student.id, course_id=course.id)


def _settle_parents(
    made: School, student: Person, number: int, told: dict[str, Any], password: str
) -> list[Person]:  # fmt: skip
    chance = random.Random(f"parents {student.given_name} {number}")  # noqa: S311 - a demo must come out the same each time
    apart = number % _APART_EVERY == 1 and student.given_name != "Noor"
    family = f"{student.infix}|{student.family_name}"
    other = f"|{chance.choice(told['other_family'])}" if apart else family
    names = ["Fatima", "Hassan"] if student.given_name == "Noor" else chance.sample(told["given"], 2)
    parents = []
    for place, (given, name) in enumerate(zip(names, (family, other), strict=True)):
        sign_in = f"{_plain(given)}.{_plain(student.given_name)}"
        parent = _person(f"{given}|{name}", sign_in, password)
        session().flush()
        unsure = apart and place == 1 and chance.random() < 0.4
        _tie(made, ties.Guardianship, person_id=parent.id, student_id=student.id,
             custody=Custody.UNKNOWN if unsure else Custody.YES)  # fmt: skip
        parents.append(parent)
    return parents
