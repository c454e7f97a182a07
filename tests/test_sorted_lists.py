"""Every list of people has one order, on pages and in what is printed, on both databases."""

import random
import re

import pytest

from reflect.access import report_lists
from reflect.db.session import commit, session
from reflect.school import queries, ties
from reflect.school.people import Course, Group, Person, Subject
from tests.cast import NOW, TODAY, YEAR_BEGINS_ON, add_row
from tests.conftest import DATABASE_KINDS

# In the order of every list: by surname, without regard to accents, case, and infix.
NAMES = [
    ("Noor", "el", "Amrani"),  # of the cast
    ("Anna", "van den", "Berg"),
    ("Bo", "", "berg"),
    ("Ruşen", "", "Çağla"),
    ("Jan", "", "D'Hondt"),
    ("Fatima", "", "El-Amrani"),
    ("Élise", "", "Jansen"),
    ("Sam", "", "Jansen"),  # of the cast
    ("Zoë", "van", "Jansen"),
    ("Łukasz", "", "Łapiński"),
    ("Bo", "", "Luiten"),
    ("Suharto", "", ""),
    ("Tim", "in 't", "Veld"),
]


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def class_list(active_app, cast):
    """Put the students of NAMES into the group and the course of Noor and Sam; return the names."""
    new = [names for names in NAMES if names[0] not in ("Noor", "Sam")]
    for given, infix, family in random.Random(5).sample(new, len(new)):
        person = Person(given_name=given, infix=infix, family_name=family)
        session().add(person)
        session().flush()
        days = {"person_id": person.id, "begins_on": YEAR_BEGINS_ON}
        add_row(ties.Membership(group_id=cast.group, **days))
        add_row(ties.Enrolment(course_id=cast.course, **days))
    commit()
    return [" ".join(filter(None, names)) for names in NAMES]


def test_the_lists_of_a_group_and_of_a_course_have_one_order(class_list, cast):
    members = queries.members_of_group(cast.group, on=TODAY)
    assert [person.name for person in members] == class_list
    teacher = cast.actor("dewit")
    students = queries.students_of_course(cast.course, by=teacher)
    assert [person.name for person in students] == class_list
    assert queries.people_of_course(cast.course, by=teacher)[1] == students


@pytest.mark.parametrize(("name", "scope"), [("smit", "group"), ("dewit", "course")])
def test_the_reports_of_a_group_and_of_a_course_have_that_order(class_list, cast, name, scope):
    load = {"group": report_lists.for_group, "course": report_lists.for_course}[scope]
    rows = load(getattr(cast, scope), by=cast.actor(name), at=NOW)
    assert list(dict.fromkeys(row.student.name for row in rows)) == class_list


def test_the_page_of_the_group_has_that_order(class_list, cast, client_of):
    html = client_of("smit").get(f"/mentorgroepen/{cast.group}").words
    places = [re.search(re.escape(name), html).start() for name in class_list]
    assert places == sorted(places)


def test_courses_and_groups_are_sorted_by_their_number(active_app, cast):
    subject_id = session().query(Subject.id).limit(1).scalar()
    year_id = session().query(Group.year_id).filter_by(id=cast.group).scalar()
    for code in ("10a", "1c", "Ä1", "9b"):
        course = Course(code=code, name=f"Klas {code}", subject_id=subject_id, year_id=year_id)
        group = Group(code=code, name=code, year_id=year_id)
        session().add_all([course, group])
        session().flush()
        person_id = cast.people["dewit"]
        add_row(ties.Teaching(person_id=person_id, course_id=course.id, begins_on=YEAR_BEGINS_ON))
        add_row(ties.Mentoring(person_id=person_id, group_id=group.id, begins_on=YEAR_BEGINS_ON))
    roles = queries.roles_of(cast.actor("dewit"))
    assert [group.code for group in roles.groups] == ["1c", "9b", "10a", "Ä1"]
    codes = [course.code for course in roles.courses if course.code in ("10a", "1c", "Ä1", "9b")]
    assert codes == ["1c", "9b", "10a", "Ä1"]
    of_year = [group.code for group in queries.groups_of_year(on=TODAY)]
    assert [code for code in of_year if code in codes] == ["1c", "9b", "10a", "Ä1"]
