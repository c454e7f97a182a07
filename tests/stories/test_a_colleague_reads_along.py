"""A teacher asks a colleague of the course to read a draft answer along; what is suggested stays beside it."""

import re
from datetime import timedelta

import pytest

from reflect.report.form import Form
from reflect.report.remark import section_of
from reflect.school import ties
from reflect.store import keep, session
from tests.cast import BEGAN, NAMES

DRAFT = {"begrijp--text": "Mooi uitgelegd met een weegschaal.", "overall--seen": "Je legt het uit."}
BETTER = "Mooi uitgelegd met een echte weegschaal."


@pytest.fixture
def desk(as_, told, app, cast):
    """Noor handed in, Mr Bakker teaches the course too, and Ms de Wit has a draft answer."""
    with app.app_context():
        session().add(ties.Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=BEGAN))
        keep()
        session().close()
    number = told("handed_in")
    path = f"/verslagen/{number}/beantwoorden"
    as_("dewit").get(path)
    post(as_("dewit"), path, **DRAFT)
    return path


def post(browser, path, *, status=200, follow=True, **words):
    page = browser.page
    sent = {"version": page.field("version"), "save_key": page.field("save_key"), **words}
    return browser.post(path, sent, status=status, follow=follow)


def ask(as_, cast, desk, note="Is dit te kort?"):
    post(as_("dewit"), desk, do="ask_along", colleague=str(cast.people["bakker"]), **{"along--note": note})
    home = as_("bakker").get("/")
    return next(link for link in home.links() if link.startswith("/meelezen/"))


def suggest(as_, path, **words):
    bakker = as_("bakker")
    page = bakker.get(path)
    shown = {f"{section}--on": page.field(f"{section}--on") for section in ("begrijp", "overall")}
    return post(bakker, path, **{**shown, **words})


def button(page, wish):
    return next(one["value"] for one in page.all("button") if (one.get("value") or "").startswith(wish))


def test_a_colleague_is_asked_reads_both_voices_and_is_done(as_, cast, desk):
    path = ask(as_, cast, desk)
    home = as_("bakker").page
    assert "Noor el Amrani" in home.words
    assert "Marleen de Wit" in home.words
    page = as_("bakker").get(path)
    for words in ("haal je links en rechts", "met een weegschaal", "Je legt het uit.", "Is dit te kort?"):
        assert words in page.html
    assert "Geheim" not in page.html
    suggest(as_, path, **{"begrijp--text": BETTER, "overall--note": "Verder goed.", "do": "done"})
    assert "/meelezen" not in as_("bakker").page.html
    page = as_("dewit").get(desk)
    assert "Henk Bakker stelt voor" in page.words
    assert "Verder goed." in page.words
    assert re.search(r"erbij: </span>\s*echte\s*</ins>", page.html), "what changes is said, not coloured"


def test_what_the_teacher_takes_over_is_the_answer_and_what_not_stays_to_be_found(as_, cast, desk):
    path = ask(as_, cast, desk)
    suggest(as_, path, **{"begrijp--text": BETTER, "overall--seen": "Je legt het helder uit."})
    dewit = as_("dewit")
    dewit.get(desk)
    post(dewit, desk, do=button(dewit.page, "accept"))
    assert f"\n{BETTER}</textarea>" in dewit.page.html
    post(dewit, desk, do=button(dewit.page, "decline"))
    assert "Je legt het uit.</textarea>" in dewit.page.html
    assert "Niet overgenomen, van Henk Bakker" in dewit.page.words
    assert not [one for one in dewit.page.all("button") if (one.get("value") or "").startswith("accept")]


def test_after_a_choice_the_page_stays_at_that_field_and_says_there_what_became_of_it(as_, cast, desk):
    path = ask(as_, cast, desk)
    suggest(as_, path, **{"begrijp--text": BETTER, "overall--seen": "Je legt het helder uit."})
    dewit = as_("dewit")
    for wish, place, said in (
        ("accept", "begrijp--text", "Overgenomen"),
        ("decline", "overall--seen", "Niet overgenomen"),
    ):
        dewit.get(desk)
        answer = post(dewit, desk, do=button(dewit.page, wish), status=303, follow=False)
        assert answer.location == f"{desk}#{place}"
        under_it = dewit.get(desk).html.split(f'id="{place}"')[1].split("</section>")[0]
        assert said in under_it


def test_what_colleagues_write_to_each_other_is_shown_as_words_are_shown(as_, cast, desk):
    path = ask(as_, cast, desk, note="Is dit *te* kort? <b>")
    page = as_("bakker").get(path)
    assert "Is dit <em>te</em> kort? &lt;b&gt;" in page.html
    suggest(as_, path, **{"begrijp--text": "Mooi **uitgelegd** met $x^2$.", "overall--note": "- goed\n- kort"})
    page = as_("dewit").get(desk)
    assert "<strong>uitgelegd</strong> met <math" in page.html
    assert "<li>goed</li>" in page.html
    assert "Is dit <em>te</em> kort? &lt;b&gt;" in page.html
    post(as_("dewit"), desk, do=button(page, "decline"))
    assert "<strong>uitgelegd</strong> met <math" in as_("dewit").page.html


def test_what_was_typed_before_taking_over_is_kept_and_both_texts_stand_side_by_side(as_, cast, desk):
    path = ask(as_, cast, desk)
    suggest(as_, path, **{"begrijp--text": BETTER})
    dewit = as_("dewit")
    dewit.get(desk)
    post(
        dewit,
        desk,
        **{"begrijp--text": "Intussen anders.", "overall--next": "Som 12.", "do": button(dewit.page, "accept")},
    )
    assert "Intussen anders.</textarea>" in dewit.page.html
    assert "Som 12." in dewit.page.html
    assert "Hier zijn twee teksten" in dewit.page.words
    assert BETTER in dewit.page.html


def test_taking_over_twice_does_it_once(as_, cast, desk):
    path = ask(as_, cast, desk)
    suggest(as_, path, **{"begrijp--text": BETTER})
    dewit = as_("dewit")
    dewit.get(desk)
    wish = button(dewit.page, "accept")
    post(dewit, desk, do=wish)
    post(dewit, desk, **{"begrijp--text": "En verder.", "do": wish})
    assert "En verder.</textarea>" in dewit.page.html
    assert "Hier zijn twee teksten" not in dewit.page.words


def test_asking_twice_is_one_asking_and_only_a_colleague_of_the_course_can_be_asked(as_, cast, desk):
    path = ask(as_, cast, desk)
    assert ask(as_, cast, desk) == path
    for somebody in ("smit", "noor", "dewit"):
        post(as_("dewit"), desk, do="ask_along", colleague=str(cast.people[somebody]), **{"overall--aim": "Getypt."})
        assert "kan niet meelezen" in as_("dewit").page.words
        assert "Getypt." in as_("dewit").page.html, "what was typed beside it is kept"


def test_the_teacher_can_end_it_and_a_late_suggestion_is_still_kept_for_the_colleague(as_, cast, desk):
    path = ask(as_, cast, desk)
    page = as_("bakker").get(path)
    dewit = as_("dewit")
    dewit.get(desk)
    post(dewit, desk, do=button(dewit.page, "end_along"))
    assert "/meelezen" not in as_("bakker").client.get("/").text
    late = {"csrf_token": page.field("csrf_token"), "version": "0", "begrijp--text": BETTER}
    kept = as_("bakker").client.post(path, data=late, headers={"Accept": "application/json"})
    assert kept.json["aside"] == ["begrijp"]
    assert BETTER not in dewit.get(desk).html
    page = as_("bakker").get(path)
    assert BETTER in page.html
    assert "Dit begrijp ik nu" in page.words
    assert not page.all("textarea"), "it is there to read and to copy, not to go on with"


def test_what_was_sent_after_the_end_is_shown_at_once_also_without_scripts(as_, cast, desk):
    path = ask(as_, cast, desk)
    page = as_("bakker").get(path)
    dewit = as_("dewit")
    dewit.get(desk)
    post(dewit, desk, do=button(dewit.page, "end_along"))
    assert as_("bakker").client.get(path).status_code == 303, "with nothing of their own left there is nothing to show"
    as_("bakker").page = page
    page = post(as_("bakker"), path, **{"begrijp--text": BETTER, "overall--note": "Te laat gezegd.", "do": "done"})
    for words in (
        BETTER,
        "Te laat gezegd.",
        "Een woord aan je collega",
        "meelezen is voorbij",
        "meelezen was al voorbij",
    ):
        assert words in page.html


def test_the_student_finds_the_colleague_among_the_readings_and_nothing_of_the_rest(as_, cast, desk, told):
    number = desk.split("/")[2]
    path = ask(as_, cast, desk, note="Geheim tussen collega’s")
    suggest(as_, path, **{"begrijp--text": BETTER, "overall--note": "Ook geheim"})
    assert "Henk Bakker" in as_("noor").get(f"/verslagen/{number}/gelezen").words
    dewit = as_("dewit")
    dewit.get(desk)
    post(dewit, desk, do=button(dewit.page, "decline"))
    for name in NAMES:
        if name in ("dewit", "bakker"):
            continue
        for address in ("/", f"/verslagen/{number}", f"/verslagen/{number}/gelezen", desk, path):
            shown = as_(name).client.get(address).text
            for secret in (BETTER, "Geheim tussen", "Ook geheim"):
                assert secret not in shown, (name, address)
        assert as_(name).client.get(path).status_code == 404


def test_another_teacher_of_the_course_who_was_not_asked_sees_no_suggestions(as_, app, cast, desk):
    path = ask(as_, cast, desk)
    suggest(as_, path, **{"begrijp--text": BETTER})
    with app.app_context():
        session().add(ties.Teaching(person_id=cast.people["visser"], course_id=cast.course, begins_on=BEGAN))
        keep()
        session().close()
    assert BETTER not in as_("visser").get(desk).html
    assert BETTER not in as_("bakker").get(desk).html, "not on the colleague's own desk either"
    post(as_("visser"), desk, do="accept:1", status=404)
    as_("visser").get(path, status=404)


def test_once_the_report_went_back_to_the_student_the_asking_is_over(as_, cast, desk, clock):
    path = ask(as_, cast, desk)
    clock.shift(timedelta(minutes=30))
    dewit = as_("dewit")
    dewit.get(desk)
    post(dewit, desk, **{"overall--question": "En waarom?", "do": "ask_on"})
    assert "/meelezen" not in as_("bakker").get("/").html
    assert as_("bakker").client.get(path).status_code == 303


def test_typing_is_kept_while_the_colleague_types_and_a_repeated_save_once(as_, cast, desk):
    path = ask(as_, cast, desk)
    page = as_("bakker").get(path)
    save = {"csrf_token": page.field("csrf_token"), "version": page.field("version"), "save_key": "page.1",
            "begrijp--text": BETTER, "begrijp--on": page.field("begrijp--on")}  # fmt: skip
    answers = [
        as_("bakker").client.post(path, data=save, headers={"Accept": "application/json"}).json for _ in range(2)
    ]
    assert answers[0]["sentence"] == "Bewaard om 10:00"
    assert answers[0]["outcomes"] == {"begrijp": "written"}
    assert answers[1]["outcomes"] == {"begrijp": "same"}
    assert BETTER in as_("bakker").get(path).html


@pytest.fixture
def ladder(desk, app, cast):
    """The form also asks the teacher where the goals stand."""
    with app.app_context():
        form = session().get_one(Form, cast.forms["wiskunde-periode", "nl"])
        staan = "\n## Waar staan we? {#staan}\n\n[woorden van docent]: nieuw = is nog nieuw | zelf = lukt jou zelf\n"
        form.text += staan
        keep()
        session().close()


def test_every_word_of_the_draft_is_read_along(as_, cast, desk, ladder):
    dewit, key = as_("dewit"), section_of("k" * 22)
    dewit.get(desk)
    remark = {f"{key}--section": "fout", f"{key}--words": "gelijk is aan", f"{key}--text": "Waarom gelijk?"}
    post(dewit, desk, **{"staan--a.goal": "Breuken optellen", "staan--a.word": "zelf", **remark})
    page = as_("bakker").get(ask(as_, cast, desk))
    for words in ("Breuken optellen", "lukt jou zelf", "gelijk is aan</mark>", "Waarom gelijk?"):
        assert words in page.html


def test_the_letter_and_what_is_said_about_it_are_not_read_along(as_, cast, desk):
    dewit, key = as_("dewit"), section_of("k" * 22)
    dewit.get(desk)
    remark = {f"{key}--section": "brief", f"{key}--words": "iets vragen", f"{key}--text": "Vraag maar."}
    post(dewit, desk, **{"brief--text": "Dank voor je woorden.", **remark})
    page = as_("bakker").get(ask(as_, cast, desk))
    for secret in ("mag ik iets vragen", "Dank voor je woorden", "Vraag maar", "brief--"):
        assert secret not in page.html


def test_what_the_page_does_not_show_cannot_be_suggested(as_, cast, desk, ladder):
    path = ask(as_, cast, desk)
    page = as_("bakker").get(path)
    sent = {"csrf_token": page.field("csrf_token"), "brief--text": "x", "gevoel--text": "x", "staan--a.goal": "x"}
    kept = as_("bakker").client.post(path, data=sent, headers={"Accept": "application/json"})
    assert kept.json["outcomes"] == {}
