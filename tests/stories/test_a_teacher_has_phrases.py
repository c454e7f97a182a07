"""A teacher keeps phrases, shares them with who teaches the subject, and finds them filled in at the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reflect.report.round import Round, RoundCourse
from reflect.store import keep, session
from tests.cast import NOW, TODAY
from tests.conftest import live

QUESTION = "Wat zou jij nu anders doen, {naam}?"
GOAL = "Je nam je voor: {voornemen}. Hoe ging dat?"


@pytest.fixture
def earlier_round(app, cast, clock):
    """Noor's closed report of one round, and the one that she handed in of the next."""
    with app.app_context():
        before = live(cast, "closed", student="noor", course=cast.course, at=NOW - timedelta(days=3)).id
        winter = Round(name="Winter", year_id=1, opens_on=TODAY, hand_in_on=TODAY + timedelta(days=20))
        session().add(winter)
        session().flush()
        form = cast.forms["wiskunde-periode", "nl"]
        session().add(RoundCourse(round_id=winter.id, course_id=cast.course, form_id=form))
        number = live(replace(cast, round=winter.id), "handed_in", student="noor", course=cast.course, at=NOW).id
        keep()
        session().close()
        return before, number


def added(as_, name, text, *, subject=""):
    browser = as_(name)
    browser.get("/zinnen")
    return browser.post("/zinnen", {"text": text, "subject": subject})


def maths(page):
    return next(field["value"] for field in page.all("input") if field.get("name") == "subject" and field["value"])


def test_the_first_time_there_is_advice_instead_of_a_list(as_):
    page = as_("dewit").get("/")
    assert "/zinnen" in page.links()
    page = as_("dewit").get("/zinnen")
    assert "Je hebt nog geen zinnen" in page.words
    assert "helpt niemand" in page.words


def test_a_phrase_is_kept_changed_taken_away_and_put_back(as_):
    page = added(as_, "dewit", QUESTION)
    assert QUESTION in page.html
    edit = next(link for link in page.links() if link.startswith("/zinnen/"))
    dewit = as_("dewit")
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


def test_what_cannot_be_kept_stays_on_the_page_with_a_reason(as_):
    dewit = as_("dewit")
    dewit.get("/zinnen")
    assert "nog geen woorden" in dewit.post("/zinnen", {"text": "  ", "subject": ""}, status=422).words
    long = "Lang " * 250
    assert long.strip() in dewit.post("/zinnen", {"text": long, "subject": ""}, status=422).html
    dewit.post("/zinnen", {"text": "x", "subject": "999"}, status=404)


def test_a_shared_phrase_is_there_for_who_teaches_the_subject_and_for_nobody_else(as_, told):
    page = as_("bakker").get("/zinnen")
    added(as_, "bakker", "Laat je tussenstappen zien.", subject=maths(page))
    added(as_, "bakker", "Alleen voor mij bedoeld.")
    page = as_("dewit").get("/zinnen")
    assert "Laat je tussenstappen zien." in page.html
    assert "Henk Bakker" in page.words
    assert "Alleen voor mij" not in page.words.split("Gedeeld door collega")[-1]
    number = told("handed_in")
    assert "Laat je tussenstappen zien." in as_("dewit").get(f"/verslagen/{number}/beantwoorden").html
    for name in ("noor", "smit", "brandt", "beheer"):
        as_(name).get("/zinnen", status=404)
        assert "tussenstappen" not in as_(name).client.get(f"/verslagen/{number}").text


def test_a_colleague_can_use_my_phrase_and_not_change_it(as_):
    page = as_("bakker").get("/zinnen")
    page = added(as_, "bakker", "Laat je tussenstappen zien.", subject=maths(page))
    edit = next(link for link in page.links() if link.startswith("/zinnen/"))
    dewit = as_("dewit")
    dewit.get("/")
    dewit.get(edit, status=404)
    dewit.get("/")
    dewit.post(edit, {"text": "van mij nu", "subject": ""}, status=404)
    dewit.get("/")
    dewit.post(f"{edit}/weghalen", status=404)


def test_the_desk_fills_in_the_name_and_leaves_a_goal_that_is_not_there(as_, told):
    for text in (QUESTION, GOAL):
        added(as_, "dewit", text)
    page = as_("dewit").get(f"/verslagen/{told('handed_in')}/beantwoorden")
    assert "Wat zou jij nu anders doen, Noor?" in page.html
    assert "Je nam je voor: {voornemen}." in page.html


def test_the_goal_of_the_last_report_in_the_subject_comes_in_the_students_own_words_and_is_a_reading(
    as_, app, cast, earlier_round, clock
):
    before, number = earlier_round
    clock.shift(timedelta(hours=1))
    dewit = as_("dewit")
    dewit.get(f"/verslagen/{number}/beantwoorden")
    assert "10:00" not in as_("noor").get(f"/verslagen/{before}/gelezen").words, "nothing of it was shown yet"
    added(as_, "dewit", GOAL)
    page = dewit.get(f"/verslagen/{number}/beantwoorden")
    assert "Je nam je voor: ‘Haakjes schrijven’. Hoe ging dat?" in page.html
    assert "vandaag om 11:00" in as_("noor").get(f"/verslagen/{before}/gelezen").words
