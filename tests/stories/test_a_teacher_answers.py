"""A teacher answers what was handed in, asks on, and opens again."""

from datetime import timedelta

import pytest

from reflect.db.session import session
from reflect.reports.report import Report


def fields(page, **words):
    return {"version": page.field("version"), "save_key": page.field("save_key"), **words}


def test_the_course_says_in_words_who_waits_the_longest(client_of, cast, make_report, clock):
    make_report("handed_in", student="sam")
    clock.shift(timedelta(hours=1))
    make_report("handed_in")
    page = client_of("dewit").get(f"/lesgroepen/{cast.course}")
    assert page.words.index("Sam Jansen") < page.words.index("Noor el Amrani")


def test_keeping_an_answer_shows_the_student_nothing_giving_it_does(client_of, make_report):
    number = make_report("handed_in")
    teacher, path = client_of("dewit"), f"/verslagen/{number}/beantwoorden"
    page = teacher.get(path)
    teacher.post(
        path, fields(page, **{"begrijp--text": "Helder!", "overall--seen": "Je legt het goed uit."})
    )
    assert "Helder!" in teacher.page.html
    assert "Helder!" not in client_of("noor").get(f"/verslagen/{number}").html
    teacher.post(path, fields(teacher.page, **{"overall--next": "Maak som 12.", "do": "answer"}))
    read = client_of("noor").get(f"/verslagen/{number}")
    assert "Helder!" in read.html
    assert "Maak som 12." in read.html
    assert "Marleen de Wit" in read.words


def test_asking_on_needs_a_question_and_keeps_what_was_typed(client_of, make_report):
    number = make_report("handed_in")
    teacher, path = client_of("dewit"), f"/verslagen/{number}/beantwoorden"
    page = teacher.get(path)
    again = teacher.post(
        path, fields(page, **{"overall--seen": "Bijna.", "do": "ask_on"}), status=422
    )
    assert "Bijna." in again.html
    assert "vraag" in again.words
    teacher.post(path, fields(again, **{"overall--question": "Waarom mag dat?", "do": "ask_on"}))
    back = client_of("noor").get(f"/verslagen/{number}/schrijven")
    assert "Waarom mag dat?" in back.html


NEXT_BUTTONS = {
    "answer": {"overall--seen": "Goed."},
    "ask_on": {"overall--seen": "Goed.", "overall--question": "Waarom?"},
    "morning": {"overall--seen": "Goed."},
}


@pytest.mark.parametrize("button", NEXT_BUTTONS)
def test_after_an_answer_the_next_report_is_offered_and_not_opened(
    client_of, app, make_report, button
):
    """Its student would be told of a reading that nobody asked for, and could not take it back."""
    first, second = make_report("handed_in"), make_report("handed_in", student="sam")
    teacher = client_of("dewit")
    page = teacher.get(f"/verslagen/{first}/beantwoorden")
    page = teacher.post(
        f"/verslagen/{first}/beantwoorden",
        fields(page, **NEXT_BUTTONS[button], do=button),
    )
    (offered,) = [link for link in page.all("a") if link.get("rel") == "next"]
    assert offered["href"] == f"/verslagen/{second}/beantwoorden"
    assert "Volgende: Sam Jansen" in page.words
    assert "haal je links en rechts" not in page.html, "no text of anybody is shown"
    assert "Marleen de Wit" not in client_of("sam").get(f"/verslagen/{second}/gelezen").words
    with app.app_context():
        assert session().get(Report, second).opened_at is None
    client_of("sam").get(f"/verslagen/{second}")
    page = client_of("sam").post(f"/verslagen/{second}/terugnemen")
    assert "Je hebt het terug." in page.words


def test_after_the_last_answer_comes_the_course(client_of, cast, make_report):
    number = make_report("handed_in")
    teacher = client_of("dewit")
    page = teacher.get(f"/verslagen/{number}/beantwoorden")
    response = teacher.post(
        f"/verslagen/{number}/beantwoorden",
        fields(page, **{"overall--seen": "Goed.", "do": "answer"}),
        status=303,
        follow=False,
    )
    assert response.headers["Location"] == f"/lesgroepen/{cast.course}"


def test_a_teacher_who_sees_no_word_has_read_nothing(client_of, app, make_report):
    """Of a draft, of one that was taken back, and on a page that only asks for a reason."""
    draft = make_report("draft")
    client_of("dewit").get(f"/verslagen/{draft}")
    for path in ("let-op", "beantwoorden", "heropenen"):
        client_of("dewit").client.get(f"/verslagen/{draft}/{path}")
    assert "Marleen de Wit" not in client_of("noor").get(f"/verslagen/{draft}/gelezen").words
    with app.app_context():
        assert session().get(Report, draft).opened_at is None


def test_opening_the_page_that_asks_for_a_reason_is_no_reading(client_of, make_report, clock):
    number = make_report("closed")

    def readings():
        return client_of("noor").get(f"/verslagen/{number}/gelezen").words.count("Marleen de Wit")

    clock.shift(timedelta(hours=1))
    before = readings()
    client_of("dewit").get(f"/verslagen/{number}/heropenen")
    assert readings() == before
    client_of("dewit").get(f"/verslagen/{number}")
    assert readings() == before + 1


def test_a_teacher_opens_again_with_a_reason_that_noor_reads(client_of, make_report):
    number = make_report("closed")
    teacher = client_of("dewit")
    teacher.get(f"/verslagen/{number}/heropenen")
    teacher.post(f"/verslagen/{number}/heropenen", {"reason": ""}, status=422)
    teacher.post(f"/verslagen/{number}/heropenen", {"reason": "Er is nieuwe stof."})
    assert "Er is nieuwe stof." in client_of("noor").get(f"/verslagen/{number}").words


def test_what_the_teacher_types_after_the_answer_is_kept_beside_it(client_of, make_report, app):
    number = make_report("answered")
    teacher = client_of("dewit")
    teacher.get("/")
    teacher.post(
        f"/verslagen/{number}/beantwoorden", {"version": "0", "overall--seen": "Nog iets."}
    )
    assert "Nog iets." not in client_of("noor").get(f"/verslagen/{number}").html


def test_the_teacher_looks_back_at_what_was_handed_in_and_never_at_what_was_not(
    client_of, make_report
):
    number = make_report("returned")
    noor = client_of("noor")
    page = noor.get(f"/verslagen/{number}/schrijven")
    noor.post(
        f"/verslagen/{number}/schrijven", fields(page, **{"fout--text": "Tweede keer, tussendoor."})
    )
    noor.post(
        f"/verslagen/{number}/schrijven", fields(noor.page, **{"fout--text": "Tweede keer, af."})
    )
    noor.get(f"/verslagen/{number}/inleveren")
    noor.post(f"/verslagen/{number}/inleveren")
    shown = client_of("dewit").get(f"/verslagen/{number}/ingeleverd").html
    assert "Ik dacht dat" in shown
    assert "Tweede keer, af." in shown
    assert "tussendoor" not in shown
    assert "Geheim" not in shown


def test_an_answer_is_kept_while_the_teacher_types(client_of, make_report):
    number = make_report("handed_in")
    teacher, path = client_of("dewit"), f"/verslagen/{number}/beantwoorden"
    page = teacher.get(path)
    kept = teacher.client.post(
        path,
        data={
            "csrf_token": page.field("csrf_token"),
            **fields(page, **{"overall--seen": "Half af"}),
        },
        headers={"Accept": "application/json"},
    )
    assert kept.json["sentence"] == "Bewaard om 10:00"
    assert "Half af" in teacher.get(path).html
