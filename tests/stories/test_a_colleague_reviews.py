"""A teacher asks a colleague to review a draft answer; suggestions do not change it."""

import re
from datetime import timedelta

import pytest

from reflect.db.session import commit, session
from reflect.reports.annotations import section_name
from reflect.reports.forms import Form
from reflect.school import ties
from tests.cast import NAMES, YEAR_BEGINS_ON

DRAFT = {"begrijp--text": "Mooi uitgelegd met een weegschaal.", "overall--seen": "Je legt het uit."}
BETTER = "Mooi uitgelegd met een echte weegschaal."


@pytest.fixture
def answer_desk(client_of, make_report, app, cast):
    """Noor handed in, Mr Bakker teaches the course too, and Ms de Wit has a draft answer."""
    with app.app_context():
        session().add(
            ties.Teaching(
                person_id=cast.people["bakker"], course_id=cast.course, begins_on=YEAR_BEGINS_ON
            )
        )
        commit()
        session().close()
    number = make_report("handed_in")
    path = f"/verslagen/{number}/beantwoorden"
    client_of("dewit").get(path)
    post(client_of("dewit"), path, **DRAFT)
    return path


def post(browser, path, *, status=200, follow=True, **words):
    page = browser.page
    sent = {"version": page.field("version"), "save_key": page.field("save_key"), **words}
    return browser.post(path, sent, status=status, follow=follow)


def ask(client_of, cast, answer_desk, note="Is dit te kort?"):
    post(
        client_of("dewit"),
        answer_desk,
        do="ask_along",
        colleague=str(cast.people["bakker"]),
        **{"along--note": note},
    )
    home = client_of("bakker").get("/")
    return next(link for link in home.links() if link.startswith("/meelezen/"))


def suggest(client_of, path, **words):
    bakker = client_of("bakker")
    page = bakker.get(path)
    shown = {f"{section}--on": page.field(f"{section}--on") for section in ("begrijp", "overall")}
    return post(bakker, path, **{**shown, **words})


def button(page, wish):
    return next(
        one["value"] for one in page.all("button") if (one.get("value") or "").startswith(wish)
    )


def test_a_colleague_is_asked_reads_both_voices_and_is_done(client_of, cast, answer_desk):
    path = ask(client_of, cast, answer_desk)
    home = client_of("bakker").page
    assert "Noor el Amrani" in home.words
    assert "Marleen de Wit" in home.words
    page = client_of("bakker").get(path)
    for words in (
        "haal je links en rechts",
        "met een weegschaal",
        "Je legt het uit.",
        "Is dit te kort?",
    ):
        assert words in page.html
    assert "Geheim" not in page.html
    suggest(
        client_of, path, **{"begrijp--text": BETTER, "overall--note": "Verder goed.", "do": "done"}
    )
    assert "/meelezen" not in client_of("bakker").page.html
    page = client_of("dewit").get(answer_desk)
    assert "Henk Bakker stelt voor" in page.words
    assert "Verder goed." in page.words
    assert re.search(r"erbij: </span>\s*echte\s*</ins>", page.html), (
        "what changes is said, not coloured"
    )


def test_what_the_teacher_takes_over_is_the_answer_and_what_not_stays_to_be_found(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    suggest(
        client_of, path, **{"begrijp--text": BETTER, "overall--seen": "Je legt het helder uit."}
    )
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(dewit, answer_desk, do=button(dewit.page, "accept"))
    assert f"\n{BETTER}</textarea>" in dewit.page.html
    post(dewit, answer_desk, do=button(dewit.page, "decline"))
    assert "Je legt het uit.</textarea>" in dewit.page.html
    assert "Niet overgenomen, van Henk Bakker" in dewit.page.words
    assert not [
        one for one in dewit.page.all("button") if (one.get("value") or "").startswith("accept")
    ]


def test_after_a_choice_the_page_stays_at_that_field_and_says_there_what_became_of_it(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    suggest(
        client_of, path, **{"begrijp--text": BETTER, "overall--seen": "Je legt het helder uit."}
    )
    dewit = client_of("dewit")
    for wish, place, said in (
        ("accept", "begrijp--text", "Overgenomen"),
        ("decline", "overall--seen", "Niet overgenomen"),
    ):
        dewit.get(answer_desk)
        answer = post(dewit, answer_desk, do=button(dewit.page, wish), status=303, follow=False)
        assert answer.location == f"{answer_desk}#{place}"
        under_it = dewit.get(answer_desk).html.split(f'id="{place}"')[1].split("</section>")[0]
        assert said in under_it


def test_what_colleagues_write_to_each_other_is_shown_as_words_are_shown(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk, note="Is dit *te* kort? <b>")
    page = client_of("bakker").get(path)
    assert "Is dit <em>te</em> kort? &lt;b&gt;" in page.html
    suggest(
        client_of,
        path,
        **{"begrijp--text": "Mooi **uitgelegd** met $x^2$.", "overall--note": "- goed\n- kort"},
    )
    page = client_of("dewit").get(answer_desk)
    assert "<strong>uitgelegd</strong> met <math" in page.html
    assert "–</span> goed</li>" in page.html
    assert "Is dit <em>te</em> kort? &lt;b&gt;" in page.html
    post(client_of("dewit"), answer_desk, do=button(page, "decline"))
    assert "<strong>uitgelegd</strong> met <math" in client_of("dewit").page.html


def test_what_was_typed_before_taking_over_is_kept_and_both_texts_stand_side_by_side(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    suggest(client_of, path, **{"begrijp--text": BETTER})
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(
        dewit,
        answer_desk,
        **{
            "begrijp--text": "Intussen anders.",
            "overall--next": "Som 12.",
            "do": button(dewit.page, "accept"),
        },
    )
    assert "Intussen anders.</textarea>" in dewit.page.html
    assert "Som 12." in dewit.page.html
    assert "Hier zijn twee teksten" in dewit.page.words
    assert BETTER in dewit.page.html


def test_taking_over_twice_does_it_once(client_of, cast, answer_desk):
    path = ask(client_of, cast, answer_desk)
    suggest(client_of, path, **{"begrijp--text": BETTER})
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    wish = button(dewit.page, "accept")
    post(dewit, answer_desk, do=wish)
    post(dewit, answer_desk, **{"begrijp--text": "En verder.", "do": wish})
    assert "En verder.</textarea>" in dewit.page.html
    assert "Hier zijn twee teksten" not in dewit.page.words


def test_asking_twice_is_one_asking_and_only_a_colleague_of_the_course_can_be_asked(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    assert ask(client_of, cast, answer_desk) == path
    for somebody in ("smit", "noor", "dewit"):
        post(
            client_of("dewit"),
            answer_desk,
            do="ask_along",
            colleague=str(cast.people[somebody]),
            **{"overall--aim": "Getypt."},
        )
        assert "kan niet meelezen" in client_of("dewit").page.words
        assert "Getypt." in client_of("dewit").page.html, "what was typed beside it is kept"


def test_the_teacher_can_end_it_and_a_late_suggestion_is_still_kept_for_the_colleague(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    page = client_of("bakker").get(path)
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(dewit, answer_desk, do=button(dewit.page, "end_along"))
    assert "/meelezen" not in client_of("bakker").client.get("/").text
    late = {"csrf_token": page.field("csrf_token"), "version": "0", "begrijp--text": BETTER}
    kept = client_of("bakker").client.post(path, data=late, headers={"Accept": "application/json"})
    assert kept.json["aside"] == ["begrijp"]
    assert BETTER not in dewit.get(answer_desk).html
    page = client_of("bakker").get(path)
    assert BETTER in page.html
    assert "Dit begrijp ik nu" in page.words
    assert not page.all("textarea"), "it is there to read and to copy, not to go on with"


def test_what_was_sent_after_the_end_is_shown_at_once_also_without_scripts(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    page = client_of("bakker").get(path)
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(dewit, answer_desk, do=button(dewit.page, "end_along"))
    assert client_of("bakker").client.get(path).status_code == 303, (
        "with nothing of their own left there is nothing to show"
    )
    client_of("bakker").page = page
    page = post(
        client_of("bakker"),
        path,
        **{"begrijp--text": BETTER, "overall--note": "Te laat gezegd.", "do": "done"},
    )
    for words in (
        BETTER,
        "Te laat gezegd.",
        "Een woord aan je collega",
        "meelezen is voorbij",
        "meelezen was al voorbij",
    ):
        assert words in page.html


def test_the_student_finds_the_colleague_among_the_readings_and_nothing_of_the_rest(
    client_of, cast, answer_desk, make_report
):
    number = answer_desk.split("/")[2]
    path = ask(client_of, cast, answer_desk, note="Geheim tussen collega’s")
    suggest(client_of, path, **{"begrijp--text": BETTER, "overall--note": "Ook geheim"})
    assert "Henk Bakker" in client_of("noor").get(f"/verslagen/{number}/gelezen").words
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(dewit, answer_desk, do=button(dewit.page, "decline"))
    for name in NAMES:
        if name in ("dewit", "bakker"):
            continue
        for address in (
            "/",
            f"/verslagen/{number}",
            f"/verslagen/{number}/gelezen",
            answer_desk,
            path,
        ):
            shown = client_of(name).client.get(address).text
            for secret in (BETTER, "Geheim tussen", "Ook geheim"):
                assert secret not in shown, (name, address)
        assert client_of(name).client.get(path).status_code == 404


def test_another_teacher_of_the_course_who_was_not_asked_sees_no_suggestions(
    client_of, app, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    suggest(client_of, path, **{"begrijp--text": BETTER})
    with app.app_context():
        session().add(
            ties.Teaching(
                person_id=cast.people["visser"], course_id=cast.course, begins_on=YEAR_BEGINS_ON
            )
        )
        commit()
        session().close()
    assert BETTER not in client_of("visser").get(answer_desk).html
    assert BETTER not in client_of("bakker").get(answer_desk).html, (
        "not on the colleague's own desk either"
    )
    post(client_of("visser"), answer_desk, do="accept:1", status=404)
    client_of("visser").get(path, status=404)


def test_once_the_report_went_back_to_the_student_the_asking_is_over(
    client_of, cast, answer_desk, clock
):
    path = ask(client_of, cast, answer_desk)
    clock.shift(timedelta(minutes=30))
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    post(dewit, answer_desk, **{"overall--question": "En waarom?", "do": "ask_on"})
    assert "/meelezen" not in client_of("bakker").get("/").html
    assert client_of("bakker").client.get(path).status_code == 303


def test_typing_is_kept_while_the_colleague_types_and_a_repeated_save_once(
    client_of, cast, answer_desk
):
    path = ask(client_of, cast, answer_desk)
    page = client_of("bakker").get(path)
    save = {
        "csrf_token": page.field("csrf_token"),
        "version": page.field("version"),
        "save_key": "page.1",
        "begrijp--text": BETTER,
        "begrijp--on": page.field("begrijp--on"),
    }
    answers = [
        client_of("bakker")
        .client.post(path, data=save, headers={"Accept": "application/json"})
        .json
        for _ in range(2)
    ]
    assert answers[0]["sentence"] == "Bewaard om 10:00"
    assert answers[0]["outcomes"] == {"begrijp": "written"}
    assert answers[1]["outcomes"] == {"begrijp": "same"}
    assert BETTER in client_of("bakker").get(path).html


@pytest.fixture
def ladder(answer_desk, app, cast):
    """The form also asks the teacher where the goals stand."""
    with app.app_context():
        form = session().get_one(Form, cast.forms["wiskunde-periode", "nl"])
        staan = (
            "\n## Waar staan we? {#staan}\n\n"
            "[woorden van docent]: nieuw = is nog nieuw | zelf = lukt jou zelf\n"
        )
        form.text += staan
        commit()
        session().close()


def test_every_word_of_the_draft_is_read_along(client_of, cast, answer_desk, ladder):
    dewit, key = client_of("dewit"), section_name("k" * 22)
    dewit.get(answer_desk)
    remark = {
        f"{key}--section": "fout",
        f"{key}--words": "gelijk is aan",
        f"{key}--text": "Waarom gelijk?",
    }
    post(
        dewit,
        answer_desk,
        **{"staan--a.goal": "Breuken optellen", "staan--a.word": "zelf", **remark},
    )
    page = client_of("bakker").get(ask(client_of, cast, answer_desk))
    for words in ("Breuken optellen", "lukt jou zelf", "gelijk is aan</mark>", "Waarom gelijk?"):
        assert words in page.html


def test_the_letter_and_what_is_said_about_it_are_not_read_along(client_of, cast, answer_desk):
    dewit, key = client_of("dewit"), section_name("k" * 22)
    dewit.get(answer_desk)
    remark = {
        f"{key}--section": "brief",
        f"{key}--words": "iets vragen",
        f"{key}--text": "Vraag maar.",
    }
    post(dewit, answer_desk, **{"brief--text": "Dank voor je woorden.", **remark})
    page = client_of("bakker").get(ask(client_of, cast, answer_desk))
    for secret in ("mag ik iets vragen", "Dank voor je woorden", "Vraag maar", "brief--"):
        assert secret not in page.html


def test_what_the_page_does_not_show_cannot_be_suggested(client_of, cast, answer_desk, ladder):
    path = ask(client_of, cast, answer_desk)
    page = client_of("bakker").get(path)
    sent = {
        "csrf_token": page.field("csrf_token"),
        "brief--text": "x",
        "gevoel--text": "x",
        "staan--a.goal": "x",
    }
    kept = client_of("bakker").client.post(path, data=sent, headers={"Accept": "application/json"})
    assert kept.json["outcomes"] == {}
