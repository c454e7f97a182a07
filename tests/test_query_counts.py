"""A page of the teacher asks the database as often for forty reports as for one."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.reports import snippets
from reflect.reports.report import Report, Revision, Voice
from reflect.reports.workflow import State
from reflect.school import ties
from reflect.school.people import Person
from tests.cast import NOW, YEAR_BEGINS_ON
from tests.stories.test_a_teacher_answers import fields

PAGES = {
    "course": ("GET", "/lesgroepen/{course}"),
    "desk": ("GET", "/verslagen/{report}/beantwoorden"),
    "hints": ("GET", "/verslagen/{report}/let-op"),
    "choose": ("GET", "/lesgroepen/{course}/ronde/{round}/geven"),
    "confirm": ("POST", "/lesgroepen/{course}/ronde/{round}/geven"),
}


@contextmanager
def counted(app):
    asked = []
    note = lambda *args: asked.append(args[2])  # noqa: E731 - args: SQLAlchemy's
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    with app.app_context():
        sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_often_for_forty_reports_as_for_one(client_of, app, cast, make_report, name):
    number, dewit = make_report("handed_in"), client_of("dewit")
    with app.app_context():
        for text in ("Wat zou jij nu anders doen dan toen?", "Dag {naam}, {voornemen}"):
            snippets.add_snippet(text, subject_id=None, by=cast.actor("dewit"), at=NOW)
        commit()
        session().close()
    desk = PAGES["desk"][1].format(report=number)
    dewit.post(desk, fields(dewit.get(desk), **{"overall--seen": "Je legt het goed uit."}))
    method, path = PAGES[name]
    path = path.format(course=cast.course, round=cast.round, report=number)
    few = ask(dewit, app, method, path, [number])
    with app.app_context():
        more = [others_answer(cast, f"Leerling{one}") for one in range(40)]
        commit()
        session().close()
    many = ask(dewit, app, method, path, [number, *more])
    assert len(many) == len(few) > 0
    if name == "desk":
        assert "aan Leerling0, Leerling1 en anderen" in dewit.page.words, "named, not counted"


def ask(browser, app, method, path, reports):
    if method == "GET":
        browser.get(path)  # what is noted once per sitting is noted
        with counted(app) as asked:
            browser.get(path)
        return asked
    browser.get(path)
    sent = {"reports": [str(id) for id in reports], "verb": "answer", "when": "now"}
    with counted(app) as asked:
        page = browser.post(path, sent)
    assert "Klopt dit?" in page.words
    return asked


def others_answer(cast, name):
    """Let another student hand in, and give Ms de Wit's words to them; give the report."""
    person = Person(given_name=name, family_name="X")
    session().add(person)
    session().flush()
    session().add(
        ties.Enrolment(person_id=person.id, course_id=cast.course, begins_on=YEAR_BEGINS_ON)
    )
    form = cast.forms["wiskunde-periode", "nl"]
    made = Report(
        student_id=person.id,
        course_id=cast.course,
        round_id=cast.round,
        form_id=form,
        teacher_sees_until_revision_id=0,
        handed_in_at=NOW,
        opened_at=NOW,
        state=State.HANDED_IN,
        state_since=NOW,
    )
    session().add(made)
    session().flush()
    session().add(
        Revision(
            report_id=made.id,
            voice=Voice.TEACHER,
            section="overall",
            by_id=cast.people["dewit"],
            content={"seen": "Wat zou jij nu anders doen dan toen?"},
            written_at=NOW,
            is_conflict=False,
        )
    )
    return made.id
