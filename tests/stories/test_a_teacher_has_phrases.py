"""A teacher has phrases, shares them within the subject, and finds them filled in at the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reflect.db.session import commit, session
from reflect.reports.rounds import Round, RoundCourse
from tests.cast import NOW, TODAY
from tests.conftest import report_in_state

QUESTION = "Wat zou jij nu anders doen, {naam}?"
GOAL = "Je nam je voor: {voornemen}. Hoe ging dat?"


@pytest.fixture
def earlier_round(app, cast, clock):
    """Noor's closed report of one round, and the one that she handed in of the next."""
    with app.app_context():
        before = report_in_state(
            cast, "closed", student="noor", course=cast.course, at=NOW - timedelta(days=3)
        ).id
        winter = Round(
            name="Winter", year_id=1, opens_on=TODAY, hand_in_on=TODAY + timedelta(days=20)
        )
        session().add(winter)
        session().flush()
        form = cast.forms["wiskunde-periode", "nl"]
        session().add(RoundCourse(round_id=winter.id, course_id=cast.course, form_id=form))
        number = report_in_state(
            replace(cast, round=winter.id), "handed_in", student="noor", course=cast.course, at=NOW
        ).id
        commit()
        session().close()
        return before, number


def added(client_of, name, text, *, subject=""):
    browser = client_of(name)
    browser.get("/zinnen")
    return browser.post("/zinnen", {"text": text, "subject": subject})


def maths(page):
    return next(
        field["value"]
        for field in page.all("input")
        if field.get("name") == "subject" and field["value"]
    )


def test_the_first_time_there_is_advice_instead_of_a_list(client_of):
    page = client_of("dewit").get("/")
    assert "/zinnen" in page.links()
    page = client_of("dewit").get("/zinnen")
    assert "Je hebt nog geen zinnen" in page.words
    assert "helpt niemand" in page.words


def test_a_phrase_is_kept_changed_taken_away_and_put_back(client_of):
    page = added(client_of, "dewit", QUESTION)
    assert QUESTION in page.html
    edit = next(link for link in page.links() if link.startswith("/zinnen/"))
    dewit = client_of("dewit")
    dewit.get(edit)
    page = dewit.post(edit, {"text": "Wat doe je nu anders?", "subject": ""})
    now, _, before = page.words.partition("weghaalde of veranderde")
    assert "Wat doe je nu anders?" in now
    assert "zou jij nu anders" not in now
    assert "zou jij nu anders" in before, "what it was is still to be found"
    edit = next(link for link in page.links() if link.startswith("/zinnen/"))
    page = dewit.post(f"{edit}/weghalen")
    assert "Je hebt nog geen zinnen" in page.words
    page = dewit.post("/zinnen", {"text": "Wat doe je nu anders?", "subject": ""})
    assert "Je hebt nog geen zinnen" not in page.words


def test_what_cannot_be_kept_stays_on_the_page_with_a_reason(client_of):
    dewit = client_of("dewit")
    dewit.get("/zinnen")
    assert (
        "nog geen woorden" in dewit.post("/zinnen", {"text": "  ", "subject": ""}, status=422).words
    )
    long = "Lang " * 250
    assert long.strip() in dewit.post("/zinnen", {"text": long, "subject": ""}, status=422).html
    dewit.post("/zinnen", {"text": "x", "subject": "999"}, status=404)


def test_a_shared_phrase_is_there_for_who_teaches_the_subject_and_for_nobody_else(
    client_of, make_report
):
    page = client_of("bakker").get("/zinnen")
    added(client_of, "bakker", "Laat je tussenstappen zien.", subject=maths(page))
    added(client_of, "bakker", "Alleen voor mij bedoeld.")
    page = client_of("dewit").get("/zinnen")
    assert "Laat je tussenstappen zien." in page.html
    assert "Henk Bakker" in page.words
    assert "Alleen voor mij" not in page.words.split("Gedeeld door collega")[-1]
    number = make_report("handed_in")
    assert (
        "Laat je tussenstappen zien."
        in client_of("dewit").get(f"/verslagen/{number}/beantwoorden").html
    )
    for name in ("noor", "smit", "brandt", "beheer"):
        client_of(name).get("/zinnen", status=404)
        assert "tussenstappen" not in client_of(name).client.get(f"/verslagen/{number}").text


def test_a_colleague_can_use_my_phrase_and_not_change_it(client_of):
    page = client_of("bakker").get("/zinnen")
    page = added(client_of, "bakker", "Laat je tussenstappen zien.", subject=maths(page))
    edit = next(link for link in page.links() if link.startswith("/zinnen/"))
    dewit = client_of("dewit")
    dewit.get("/")
    dewit.get(edit, status=404)
    dewit.get("/")
    dewit.post(edit, {"text": "van mij nu", "subject": ""}, status=404)
    dewit.get("/")
    dewit.post(f"{edit}/weghalen", status=404)


def test_the_desk_fills_in_the_name_and_leaves_a_goal_that_is_not_there(client_of, make_report):
    for text in (QUESTION, GOAL):
        added(client_of, "dewit", text)
    page = client_of("dewit").get(f"/verslagen/{make_report('handed_in')}/beantwoorden")
    assert "Wat zou jij nu anders doen, Noor?" in page.html
    assert "Je nam je voor: {voornemen}." in page.html


def test_the_goal_of_the_last_report_comes_in_the_students_own_words_and_is_a_reading(
    client_of, app, cast, earlier_round, clock
):
    before, number = earlier_round

    def readings():
        return client_of("noor").get(f"/verslagen/{before}/gelezen").words.count("Marleen de Wit")

    clock.shift(timedelta(hours=1))
    dewit, at_first = client_of("dewit"), readings()
    added(client_of, "dewit", GOAL)
    assert readings() == at_first, "nothing of it was shown yet"
    page = dewit.get(f"/verslagen/{number}/beantwoorden")
    assert "Je nam je voor: ‘Haakjes schrijven’. Hoe ging dat?" in page.html
    assert readings() == at_first + 1
