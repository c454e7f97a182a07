"""The answer desk: the previous report, the next one, hints that lock nothing, ladder words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reflect.app import create_app
from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.reports.forms import save_form
from reflect.reports.rounds import Round, RoundCourse
from tests.cast import NOW
from tests.conftest import CheckedClient, report_in_state
from tests.stories.test_a_teacher_answers import fields

DESK = "/verslagen/{}/beantwoorden"


def test_the_way_leads_from_report_to_report_as_they_wait(client_of, make_report, clock):
    first = make_report("handed_in")
    clock.shift(timedelta(hours=1))
    second = make_report("handed_in", student="sam")
    page = client_of("dewit").get(DESK.format(first))
    assert [link["href"] for link in page.all("a") if link.get("rel") == "next"] == [
        DESK.format(second)
    ]
    page = client_of("dewit").get(DESK.format(second))
    assert [link["href"] for link in page.all("a") if link.get("rel") == "prev"] == [
        DESK.format(first)
    ]
    assert not [link for link in page.all("a") if link.get("rel") == "next"]


@pytest.fixture
def second_round(app, cast, make_report):
    """Noor closed her report of last time with a goal, and handed in this time's."""
    before = make_report("closed")
    with app.app_context():
        year = session().get(Round, cast.round).year_id
        row = Round(
            name="Winter", year_id=year, opens_on=date(2026, 11, 20), hand_in_on=date(2026, 12, 18)
        )
        session().add(row)
        session().flush()
        session().add(
            RoundCourse(
                round_id=row.id, course_id=cast.course, form_id=cast.forms["wiskunde-periode", "nl"]
            )
        )
        autumn, cast.round = cast.round, row.id
        number = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW).id
        cast.round = autumn
        commit()
        session().close()
    return before, number


def test_last_times_goals_and_answer_are_at_hand_and_reading_them_is_noted(
    client_of, second_round, clock
):
    before, now = second_round
    clock.shift(timedelta(hours=1))
    page = client_of("dewit").get(DESK.format(now))
    assert "Vorige keer: Herfst" in page.words
    assert "Haakjes schrijven" in page.words
    assert "Dit zie ik Ik zie dat je het uitlegt." in page.words, "each part says what it is"
    assert "Dit begrijp ik nu Mooi uitgelegd." in page.words
    assert client_of("noor").get(f"/verslagen/{before}/gelezen").words.count("Marleen de Wit") == 2


HINTED = {"overall--seen": "Je hebt een 7,5 gehaald voor deze toets, en Sam had hetzelfde."}


def test_a_kind_hint_says_what_it_is_about_and_locks_nothing(client_of, make_report):
    number = make_report("handed_in")
    make_report("handed_in", student="sam")
    teacher = client_of("dewit")
    page = teacher.get(DESK.format(number))
    teacher.post(DESK.format(number), fields(page, **HINTED))
    assert "Dit lijkt op een cijfer." in teacher.page.words
    assert "Hier staat de naam van een andere leerling." in teacher.page.words
    told_again = teacher.client.get(f"/verslagen/{number}/let-op").json["hints"]
    assert "Dit lijkt op een cijfer." in told_again["overall--seen"]
    teacher.post(DESK.format(number), fields(teacher.page, **HINTED, do="answer"))
    read = client_of("noor").get(f"/verslagen/{number}").words
    assert "Je hebt een 7,5 gehaald" in read, "a hint is never a lock"
    assert "Dit lijkt op" not in read, "and the student is not told"


def test_a_school_can_ask_once_more_before_an_answer_with_a_hint_is_given(
    app, make_report, cast, clock
):
    number = make_report("handed_in")
    asking = create_app(replace(app.extensions["reflect"], hints="ask"))
    teacher = CheckedClient(asking).sign_in("dewit")
    page = teacher.get(DESK.format(number))
    again = teacher.post(DESK.format(number), fields(page, **HINTED, do="answer"), status=422)
    assert "Er is nog niets gegeven." in again.words
    assert "7,5" in again.html
    teacher.post(DESK.format(number), fields(again, **HINTED, do="answer_anyway"))
    assert "Beantwoord vandaag" in teacher.get(f"/verslagen/{number}").words
    with asking.app_context():
        db.engine.dispose()


def test_the_letter_is_read_by_its_teacher_and_by_the_mentor_only_if_the_student_says_so(
    client_of, make_report
):
    number = make_report("answered")
    assert "Brief: mag ik iets vragen?" in client_of("dewit").get(f"/verslagen/{number}").words
    assert "Brief: mag ik iets vragen?" not in client_of("smit").get(f"/verslagen/{number}").words
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/openen", {"section": "brief", "audience": "mentor"})
    assert "Brief: mag ik iets vragen?" in client_of("smit").get(f"/verslagen/{number}").words


LADDER = """+++
name = "Met woorden"
subject = "wiskunde"
language = "nl"
+++
## Wat begrijp je nu? {#begrijp}
Leg het uit.
- Het werkt zo ...

## Waar staat het? {#staat}
[woorden van docent]: nieuw = Dit is nog nieuw | zelf = Dit lukt zelf
[leerdoelen]: Haakjes wegwerken | Vergelijkingen
"""


def test_words_of_a_ladder_are_words_for_every_reader(app, client_of, cast, clock):
    with app.app_context():
        session().get(RoundCourse, (cast.round, cast.course)).form_id = save_form(
            LADDER, slug="ladder", at=NOW
        ).id
        number = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW).id
        commit()
        session().close()
    assert "Waar staat het?" not in client_of("noor").get(f"/verslagen/{number}").words
    teacher = client_of("dewit")
    page = teacher.get(DESK.format(number))
    ladder = {
        "staat--a.goal": "Haakjes wegwerken",
        "staat--a.word": "zelf",
        "staat--a.evidence": "In opgave drie.",
    }
    teacher.post(DESK.format(number), fields(page, **ladder, do="answer"))
    for name in ("noor", "smit"):
        read = client_of(name).get(f"/verslagen/{number}")
        assert "Waar staat het?" in read.words
        assert "Dit lukt zelf" in read.words
        assert "In opgave drie." in read.words
    assert not [
        attrs
        for _, attrs in read.tags
        if any(key.startswith("data-") and "word" in key for key in attrs)
    ]


def test_the_keys_have_a_page(client_of):
    assert "Alt + Page Down" in client_of("dewit").get("/toetsen").words


def test_two_texts_stop_the_answer_until_the_teacher_chose(client_of, make_report):
    """Found by a review: the second time the same words came, the other text was given."""
    number, teacher = make_report("handed_in"), client_of("dewit")
    page = teacher.get(DESK.format(number))
    one, other = (
        fields(page, **{"overall--seen": "Eén."}),
        fields(page, **{"overall--seen": "Twee."}),
    )
    teacher.post(DESK.format(number), {**one, "save_key": "a.1"})
    for _ in range(2):  # the page keeps by itself, and then the button sends the same words
        teacher.post(DESK.format(number), {**other, "save_key": "b.1", "do": "answer"})
        assert (
            "Twee teksten staan" in teacher.page.words
            or "Hier staan twee teksten" in teacher.page.words
        )
    assert "Eén." not in client_of("noor").get(f"/verslagen/{number}").words


@pytest.mark.parametrize("wish", ["keep", "answer", "ask_on"])
def test_words_that_come_after_the_answer_was_given_are_kept_and_shown(
    client_of, make_report, wish
):
    number, teacher = make_report("handed_in"), client_of("dewit")
    page = teacher.get(DESK.format(number))
    teacher.post(DESK.format(number), fields(page, **{"overall--seen": "Gegeven.", "do": "answer"}))
    late = {
        **fields(page, **{"overall--seen": "Gegeven.", "overall--next": "Te laat getypt."}),
        "save_key": "late.1",
    }
    shown = teacher.post(DESK.format(number), {**late, "do": wish})
    assert "Te laat getypt." in shown.words
    assert "Dit typte je toen het verslag al verder was" in shown.words
    assert "Te laat getypt." not in client_of("noor").get(f"/verslagen/{number}").words


def test_an_answer_that_was_emptied_again_is_no_answer(client_of, make_report, cast):
    number, teacher = make_report("handed_in"), client_of("dewit")
    page = teacher.get(DESK.format(number))
    teacher.post(DESK.format(number), fields(page, **{"overall--seen": "x"}))
    teacher.post(DESK.format(number), fields(teacher.page, **{"overall--seen": ""}))
    teacher.post(
        DESK.format(number),
        fields(teacher.page, **{"overall--seen": "", "do": "answer"}),
        status=422,
    )
    assert (
        "Er staat nog geen antwoord klaar"
        in teacher.get(f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven").words
    )


def test_enter_in_a_line_never_gives_the_answer(app, make_report, clock):
    number = make_report("handed_in")
    asking = create_app(replace(app.extensions["reflect"], hints="ask"))
    teacher = CheckedClient(asking).sign_in("dewit")
    page = teacher.get(DESK.format(number))
    again = teacher.post(DESK.format(number), fields(page, **HINTED, do="answer"), status=422)
    of_the_form = again.html[again.html.index("data-editor") :]
    assert of_the_form.index('value="keep"') < of_the_form.index('value="answer_anyway"')
    with asking.app_context():
        db.engine.dispose()


def test_words_of_a_ladder_are_shown_before_they_are_given_to_many(app, client_of, cast, clock):
    with app.app_context():
        session().get(RoundCourse, (cast.round, cast.course)).form_id = save_form(
            LADDER, slug="ladder", at=NOW
        ).id
        number = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW).id
        commit()
        session().close()
    teacher = client_of("dewit")
    page = teacher.get(DESK.format(number))
    teacher.post(
        DESK.format(number),
        fields(page, **{"staat--a.goal": "Haakjes wegwerken", "staat--a.word": "zelf"}),
    )
    assert (
        "Haakjes wegwerken"
        in teacher.get(f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven").words
    )
