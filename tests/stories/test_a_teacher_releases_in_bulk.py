"""A teacher releases to many at once: sees who gets what and when, confirms, and can revoke it."""

from datetime import timedelta

import pytest

from reflect import clock as reflect_clock
from reflect.db.session import commit, session
from reflect.reports import release
from tests.cast import TODAY
from tests.stories.test_a_teacher_answers import fields


@pytest.fixture
def course(client_of, make_report, cast):
    """Noor and Sam handed in; Ms de Wit wrote something to each, and the course's round is open."""
    for student, words in (("noor", "Helder, Noor."), ("sam", "Mooi stap voor stap, Sam.")):
        number = make_report("handed_in", student=student)
        path = f"/verslagen/{number}/beantwoorden"
        page = client_of("dewit").get(path)
        client_of("dewit").post(
            path,
            fields(page, **{"overall--seen": words, "overall--question": f"En nu, {student}?"}),
        )
    return f"/lesgroepen/{cast.course}", f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven"


def let_time_pass(app, clock, **span):
    """Move the clock, and let the worker take what is due by then."""
    clock.shift(timedelta(**span))
    with app.app_context():
        release.run_due(on=TODAY, at=reflect_clock.now())
        commit()
        session().close()


def test_nothing_is_sent_before_it_was_looked_at_and_confirmed(client_of, app, clock, course):
    teacher, (page, give) = client_of("dewit"), course
    assert "Meer tegelijk geven" in teacher.get(page).words
    shown = teacher.get(give)
    assert "Helder, Noor." in shown.words
    teacher.post(give, {"reports": ["1", "2"], "verb": "answer", "when": "now"})
    assert "Klopt dit?" in teacher.page.words
    assert "Mooi stap voor stap, Sam." in teacher.page.words
    let_time_pass(app, clock, minutes=30)
    assert "Helder, Noor." not in client_of("noor").get("/verslagen/1").words, (
        "looking gives nothing"
    )
    teacher.post(
        give, {"reports": ["1", "2"], "verb": "answer", "when": "now", "do": "give"}, on=give
    )
    let_time_pass(app, clock, minutes=9)
    assert "Helder, Noor." not in client_of("noor").get("/verslagen/1").words, (
        "ten minutes to take it back"
    )
    let_time_pass(app, clock, minutes=2)
    assert "Helder, Noor." in client_of("noor").get("/verslagen/1").words
    assert "Mooi stap voor stap, Sam." in client_of("sam").get("/verslagen/2").words
    assert "Sam." not in client_of("noor").get("/verslagen/1").words


def test_everybody_at_one_moment_and_taken_back_before_it(client_of, app, clock, course):
    teacher, (_, give) = client_of("dewit"), course
    friday = {
        "reports": ["1", "2"],
        "verb": "answer",
        "when": "moment",
        "day": "2026-11-27",
        "time": "15:00",
    }
    teacher.get(give)
    teacher.post(give, friday)
    assert "vrijdag 27 november om 15:00" in teacher.page.words
    teacher.post(give, {**friday, "do": "give"})
    assert "Gaat vrijdag 27 november om 15:00" in teacher.page.words
    back = next(
        form["action"] for form in teacher.page.all("form") if "gepland" in form.get("action", "")
    )
    teacher.post(back)
    assert "Er is niets gegeven" in teacher.page.words
    let_time_pass(app, clock, days=4)
    assert "Helder, Noor." not in client_of("noor").sign_in("noor").get("/verslagen/1").words


def test_a_question_to_all_lets_them_write_on(client_of, app, clock, course):
    teacher, (_, give) = client_of("dewit"), course
    teacher.get(give)
    teacher.post(give, {"reports": ["1"], "verb": "ask_on", "when": "now", "do": "give"})
    let_time_pass(app, clock, minutes=11)
    assert "En nu, noor?" in client_of("noor").get("/verslagen/1/schrijven").words


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"when": "now"}, "Er is nog niemand gekozen."),
        ({"reports": "1", "when": "moment", "day": "", "time": ""}, "Er is nog geen moment."),
        (
            {"reports": "1", "when": "moment", "day": "2026-11-23", "time": "15:00"},
            "Dat moment is voorbij.",
        ),
        ({"reports": "999", "when": "now"}, "Er is nog niemand gekozen."),
    ],
)
def test_what_cannot_be_says_what_to_do_and_keeps_the_choice(client_of, course, sent, said):
    teacher, (_, give) = client_of("dewit"), course
    teacher.get(give)
    page = teacher.post(give, {"verb": "ask_on", **sent}, status=422)
    assert said in page.words
    chosen = [box for box in page.all("input") if "checked" in box]
    assert any(box["value"] == "ask_on" for box in chosen)


def test_a_report_without_an_answer_is_not_opened_by_looking_who_is_ready(
    client_of, make_report, cast
):
    make_report("handed_in", student="sam")
    client_of("dewit").get(f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven")
    assert "Terugnemen" in client_of("sam").get("/verslagen/1").words


def test_giving_by_hand_ends_what_was_planned(client_of, app, clock, course):
    teacher, (page, give) = client_of("dewit"), course
    teacher.get(give)
    teacher.post(
        give,
        {
            "reports": ["1", "2"],
            "verb": "answer",
            "when": "moment",
            "day": "2026-11-25",
            "time": "15:00",
            "do": "give",
        },
    )
    desk = teacher.get("/verslagen/1/beantwoorden")
    assert "morgen om 15:00" in desk.words
    teacher.post(
        "/verslagen/1/beantwoorden",
        fields(desk, **{"overall--seen": "Helder, Noor.", "do": "answer"}),
    )
    assert "Helder, Noor." in client_of("noor").get("/verslagen/1").words
    let_time_pass(app, clock, hours=30)
    teacher.sign_in("dewit")
    assert "Niet gegeven" not in teacher.get(page).words
