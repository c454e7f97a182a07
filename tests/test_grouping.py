"""Rows under a heading: each heading once, whatever opens on one day or has the same name."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from reflect.db.session import begin_write, commit, read_only, session
from reflect.printing import export
from reflect.reports.report import start_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import Action
from reflect.school import ties
from reflect.school.people import Course, Group, Person, SchoolYear, Subject
from reflect.text.grouping import group_by
from tests.cast import NOW, TODAY, YEAR_BEGINS_ON, add_row
from tests.conftest import ANSWER, CLOSING_TEXTS, TEXTS, save_texts

TOP = Path(__file__).parent.parent
ROUNDS = ["Herfst", "Winter"]


def test_a_key_that_comes_back_is_one_group_in_the_order_of_its_first_row():
    rows = [("b", 1), ("a", 2), ("b", 3), ("a", 4)]
    grouped = group_by(rows, lambda row: row[0])
    assert list(grouped.items()) == [("b", [("b", 1), ("b", 3)]), ("a", [("a", 2), ("a", 4)])]


def test_nothing_groups_by_neighbours():
    """`itertools.groupby` needs an order that holds its key, and one day that is not so."""
    for path in (TOP / "reflect").rglob("*.py"):
        imports = re.findall(r"^(?:from|import) .*", path.read_text("utf-8"), re.MULTILINE)
        assert not any("groupby" in line for line in imports), f"{path.name}: use group_by"
    for path in (TOP / "templates").rglob("*.html"):
        assert "loop.changed" not in path.read_text("utf-8"), path.name


@pytest.fixture
def busy_school(app, cast):
    """Two rounds that open on one day, two courses and two students of one name, two years.

    Noor rounds off a report in each round and course, and had one last year in a round of the same
    name, in a group and a course with the same codes.
    """
    with app.app_context():
        year_id = session().get(Course, cast.course).year_id
        form_id = cast.forms["wiskunde-periode", "nl"]
        namesake = add_row(Person(given_name="Noor", infix="el", family_name="Amrani"))
        biology = add_row(Subject(code="biologie", name="Biologie"))
        course = add_row(
            Course(code="2b.bi", name="Wiskunde 2b", subject_id=biology.id, year_id=year_id)
        )
        winter = add_row(
            Round(
                name="Winter",
                year_id=year_id,
                opens_on=date(2026, 11, 2),
                hand_in_on=date(2026, 11, 27),
            )
        )
        both_courses = [cast.course, course.id]
        add_row(RoundCourse(round_id=cast.round, course_id=course.id, form_id=form_id))
        for course_id in both_courses:
            add_row(RoundCourse(round_id=winter.id, course_id=course_id, form_id=form_id))
            _tie(ties.Enrolment, namesake.id, course_id=course_id)
        _tie(ties.Membership, namesake.id, group_id=cast.group)
        for name in ("noor", "sam"):
            _tie(ties.Enrolment, cast.people[name], course_id=course.id)
        _tie(ties.Teaching, cast.people["dewit"], course_id=course.id)
        _tie(ties.Teaching, cast.people["bakker"], course_id=course.id)
        _add_last_year(cast, form_id)
        commit()
        for round_id in (cast.round, winter.id):
            for course_id in both_courses:
                _round_off(cast, round_id, course_id)
        commit()
    return course.id


def _tie(table, person_id, **target):
    add_row(table(person_id=person_id, begins_on=YEAR_BEGINS_ON, **target))


def _add_last_year(cast, form_id):
    begins_on = date(2025, 8, 1)
    year = add_row(SchoolYear(name="2025-2026", begins_on=begins_on, ends_on=YEAR_BEGINS_ON))
    group = add_row(Group(code="2b", name="Klas 2b", year_id=year.id))
    subject_id = session().get(Course, cast.course).subject_id
    course = add_row(
        Course(code="2b.wi", name="Wiskunde 2b", subject_id=subject_id, year_id=year.id)
    )
    last_autumn = add_row(
        Round(name="Herfst", year_id=year.id, opens_on=begins_on, hand_in_on=begins_on)
    )
    add_row(RoundCourse(round_id=last_autumn.id, course_id=course.id, form_id=form_id))
    for table, person, target in (
        (ties.Membership, "noor", {"group_id": group.id}),
        (ties.Enrolment, "noor", {"course_id": course.id}),
        (ties.Teaching, "dewit", {"course_id": course.id}),
    ):
        add_row(table(person_id=cast.people[person], begins_on=begins_on, **target))
    at = NOW.replace(year=2025)
    _round_off(cast, last_autumn.id, course.id, at=at)


def _round_off(cast, round_id, course_id, *, at=NOW):
    """Take Noor's report in this round and course to its end, on the day of `at`."""
    noor, teacher = (cast.actor(name, at.date()) for name in ("noor", "dewit"))
    report = start_report(round_id, course_id=course_id, by=noor, at=at)
    save_texts(report, Action.WRITE, TEXTS, by=noor, at=at)
    report.hand_in(by=noor, at=at)
    save_texts(report, Action.WRITE_ANSWER, ANSWER, by=teacher, at=at)
    report.answer(by=teacher, at=at)
    save_texts(report, Action.WRITE_CLOSING, CLOSING_TEXTS, by=noor, at=at)
    report.close(by=noor, at=at)


def headings(browser, path):
    """Return how often each round is a heading of this page."""
    browser.get(path)
    html = browser.client.get(path).text
    texts = re.findall(r"(?s)<h2[^>]*>(.*?)</h2>", html)
    found = [re.sub(r"<[^>]+>", "", text).strip() for text in texts]
    return Counter(text for text in found if text in ROUNDS)


def test_every_list_has_each_round_once(busy_school, client_of, cast):
    noor = cast.people["noor"]
    # Hers are three: last year's has the same name, and a heading of its own.
    assert headings(client_of("noor"), "/") == {"Herfst": 2, "Winter": 1}
    assert headings(client_of("noor"), "/groeipad") == {"Herfst": 2, "Winter": 1}
    for course_id in (cast.course, busy_school):
        page = f"/lesgroepen/{course_id}"
        assert headings(client_of("dewit"), page) == {"Herfst": 1, "Winter": 1}
    page = f"/mentorgroepen/{cast.group}/leerlingen/{noor}"
    assert headings(client_of("smit"), page) == {"Herfst": 1, "Winter": 1}


def test_the_group_has_a_row_for_each_of_two_students_of_one_name(busy_school, client_of, cast):
    page = client_of("smit").get(f"/mentorgroepen/{cast.group}")
    assert [cell.get("scope") for cell in page.all("th")].count("row") == 3


def test_the_export_has_a_booklet_for_each_round_of_both_years(busy_school, app, cast):
    with app.app_context():
        by = cast.actor("noor", TODAY)
        records = export.load_records(by=by, at=NOW)
        # As the worker does, which only reads: nobody waits for a press.
        session().rollback()
        read_only()
        files = export._booklet_pdfs(
            records, school="Lyceum", language="nl", seconds=300, by=by, at=NOW
        )
        begin_write()
        assert sorted(files) == ["pdf/herfst-2.pdf", "pdf/herfst.pdf", "pdf/winter.pdf"]
        session().rollback()
