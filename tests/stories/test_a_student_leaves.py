"""A student leaves the school: nobody waits for them, and they take along what is theirs."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.access import inbox
from reflect.access.access_log import AccessLogEntry, Purpose
from reflect.cli.root import main
from reflect.db.session import commit, session
from reflect.printing import export
from reflect.reports import release
from reflect.reports.release import Release, ReleaseRefusal
from reflect.reports.report import OVERALL, Report
from reflect.reports.workflow import Action, State
from reflect.school.people import Person
from tests.cast import NOW, TODAY
from tests.conftest import ANSWER, CheckedClient, save_texts

LEFT_ON = TODAY - timedelta(days=3)
QUESTION = {OVERALL: {"question": "Hoe ging het verder?"}}


@pytest.fixture
def leave(app, cast):
    def leave_on(day, *, name="noor"):
        with app.app_context():
            session().get(Person, cast.people[name]).left_on = day
            commit()

    return leave_on


def test_their_report_is_out_of_the_pile_and_in_a_fold_of_its_own(
    app, cast, leave, make_report, client_of
):
    numbers = {name: make_report("handed_in", student=name) for name in ("noor", "sam")}
    leave(LEFT_ON)
    page = client_of("dewit").get(f"/lesgroepen/{cast.course}")
    assert "Is van school" in page.words
    assert page.words.index("Sam Jansen") < page.words.index("Is van school")
    assert page.words.index("Is van school") < page.words.index("Noor el Amrani")
    with app.app_context():
        waiting = inbox.unanswered_reports(
            cast.course, round_id=cast.round, by=cast.actor("dewit"), at=NOW
        )
        assert [item.report_id for item in waiting] == [numbers["sam"]]
    # It can be answered still: the student takes the answer along.
    assert "van school" in client_of("dewit").get(f"/verslagen/{numbers['noor']}").words
    client_of("dewit").get(f"/verslagen/{numbers['noor']}/beantwoorden")


def test_a_course_where_only_somebody_who_left_waits_is_not_marked(
    cast, leave, make_report, client_of
):
    make_report("handed_in")
    assert "wachten leerlingen op jouw woorden" in client_of("dewit").get("/").words
    leave(LEFT_ON)
    assert "wachten leerlingen op jouw woorden" not in client_of("dewit").get("/").words


@pytest.mark.parametrize(
    ("action", "texts", "state", "reason"),
    [
        (Action.ANSWER, ANSWER, State.ANSWERED, None),
        (Action.RETURN_WITH_QUESTION, QUESTION, State.HANDED_IN, ReleaseRefusal.LEFT),
    ],
)
def test_a_planned_answer_is_given_and_a_planned_question_would_wait_for_ever(
    app, cast, leave, make_report, action, texts, state, reason
):
    number = make_report("handed_in")
    with app.app_context():
        teacher = cast.actor("dewit")
        save_texts(session().get(Report, number), Action.WRITE_ANSWER, texts, by=teacher, at=NOW)
        commit()
        release.plan([number], action=action, due_at=NOW, by=teacher, at=NOW)
        commit()
    leave(TODAY)
    with app.app_context():
        release.run_due(on=TODAY, at=NOW)
        assert session().get(Report, number).state is state
        assert session().query(Release).one().reason is reason
        refusals = release.plan(
            [number], action=action, due_at=NOW, by=cast.actor("dewit"), at=NOW
        ).refusals
        assert refusals.get(number) in (ReleaseRefusal.LEFT, ReleaseRefusal.MOVED_ON)


def signs_in(app, name):
    browser = CheckedClient(app)
    browser.get("/inloggen")
    token = browser.page.field("csrf_token")
    fields = {"csrf_token": token, "name": name, "password": "een-lang-wachtwoord"}
    return browser.client.post("/inloggen", data=fields).status_code == 303


def test_a_student_who_left_signs_in_for_some_weeks_and_others_do_not(
    app, leave, clock, make_report, change_settings
):
    make_report("closed")
    leave(TODAY + timedelta(days=1))
    leave(TODAY, name="dewit")
    assert signs_in(app, "noor"), "the day before"
    assert not signs_in(app, "dewit"), "a teacher has nothing to take along"
    leave(LEFT_ON)
    browser = CheckedClient(app).sign_in("noor")
    words = browser.get("/").words
    assert "Je bent van deze school af" in words
    assert "Meenemen" in words
    browser.get("/meenemen")
    browser.post("/meenemen")
    change_settings(leaver_weeks=0)
    assert not signs_in(app, "noor")
    assert browser.client.get("/").status_code == 303, "the session has ended too"
    change_settings(leaver_weeks=12)
    clock.move_to(NOW + timedelta(weeks=12))
    assert not signs_in(app, "noor")


@contextmanager
def texts_loaded():
    """Yield a list that grows with each statement that loads what people wrote."""
    loads = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT") and "revision.content" in statement:
            loads.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield loads
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_the_school_writes_the_archives_of_everybody_who_left(
    app, cast, leave, make_report, tmp_path, monkeypatch
):
    make_report("closed")
    number = make_report("closed", student="sam")
    leave(TODAY, name="sam")
    leave(TODAY, name="dewit")
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    monkeypatch.setenv("REFLECT_DATABASE", app.extensions["reflect"].database)
    out = tmp_path / "leavers"
    with texts_loaded() as in_one_load, app.app_context():
        export.load_records(by=cast.actor("sam"), at=NOW)
        session().close()
    with texts_loaded() as by_the_command:
        assert main(["export", "leavers", "--out", str(out)]) == 0
    assert len(by_the_command) == len(in_one_load) > 0
    names = [re.sub(r"\d+\.zip", "", path.name) for path in out.iterdir()]
    assert names == ["left-sam-jansen-"]
    with app.app_context():
        taken = sa.select(AccessLogEntry.report_id).where(
            AccessLogEntry.purpose == Purpose.TAKE_ALONG
        )
        assert session().scalars(taken).all() == [number]


def test_a_teacher_cannot_ask_them_on_and_keeps_the_words(client_of, leave, make_report):
    number = make_report("handed_in")
    path = f"/verslagen/{number}/beantwoorden"
    teacher = client_of("dewit")
    assert "Doorvragen en teruggeven" in teacher.get(path).words
    leave(LEFT_ON)
    page = teacher.get(path)
    assert "Doorvragen en teruggeven" not in page.words
    # A page that was open since before, or a request that no page of ours made.
    fields = {field["name"]: field.get("value", "") for field in page.all("input")}
    sent = {**fields, "overall--question": "Hoe ging het verder?", "do": "ask_on"}
    refused = teacher.post(path, sent, status=422)
    assert "Deze leerling is van school, dus niemand schrijft verder" in refused.words
    assert "Hoe ging het verder?" in refused.html
    assert "Hoe ging het verder?" in teacher.get(path).html, "it is kept"
    sent = {**sent, "overall--question": "", "overall--seen": "Goed gezien.", "do": "answer"}
    teacher.post(path, sent)
    assert "Beantwoord" in teacher.get(f"/verslagen/{number}").words


def test_a_teacher_cannot_open_their_report_again_and_keeps_the_words(
    client_of, leave, make_report
):
    number = make_report("closed")
    path = f"/verslagen/{number}/heropenen"
    teacher = client_of("dewit")
    assert "Opnieuw openen" in teacher.get(f"/verslagen/{number}").words
    leave(LEFT_ON)
    assert "Opnieuw openen" not in teacher.get(f"/verslagen/{number}").words
    refused = teacher.post(path, {"reason": "Nog één vraag."}, status=422)
    assert "Deze leerling is van school, dus niemand schrijft verder" in refused.words
    assert "Nog één vraag." in refused.html
