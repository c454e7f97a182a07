"""A student writes, hands in, and decides who may know."""

import re

import pytest

from tests.cast import PASSWORD

WRITE = "/verslagen/{}/schrijven"


def fields(page, **words):
    return {"version": page.field("version"), "save_key": page.field("save_key"), **words}


def begin(as_, cast):
    noor = as_("noor")
    noor.get("/")
    page = noor.post("/verslagen/begin", {"round": cast.round, "course": cast.course})
    return noor, page


def test_noor_signs_in_writes_hands_in_and_takes_it_back(client_of, cast):
    noor, page = begin(client_of, cast)
    path = WRITE.format(1)
    kept = noor.post(path, fields(page, **{"begrijp--text": "Ik haal links en rechts 3 weg."}))
    assert "Bewaard" in kept.words
    assert "Ik haal links en rechts 3 weg." in kept.html
    noor.post(
        path,
        fields(
            noor.page,
            **{"begrijp--text": "Ik haal links en rechts 3 weg: $2x=8$.", "do": "hand_in"},
        ),
    )
    assert "<math" in noor.page.html, "a formula is shown as a formula before handing in"
    shown = noor.post("/verslagen/1/inleveren")
    assert "Ingeleverd" in shown.words
    back = noor.post("/verslagen/1/terugnemen")
    assert "Je hebt het terug" in back.words


def test_saving_a_part_leaves_the_other_parts_alone(client_of, cast):
    noor, page = begin(client_of, cast)
    noor.post(WRITE.format(1), fields(page, **{"begrijp--text": "een", "fout--text": "twee"}))
    noor.post(WRITE.format(1), fields(noor.page, **{"begrijp--text": "drie"}))
    assert "drie" in noor.page.html
    assert "twee" in noor.page.html


def test_two_windows_keep_both_texts_and_the_writer_is_told(client_of, cast):
    noor, page = begin(client_of, cast)
    noor.post(WRITE.format(1), fields(page, **{"fout--text": "Uit het ene venster."}))
    second = fields(page, **{"fout--text": "Uit het andere venster."}) | {"save_key": "anders"}
    reply = noor.post(WRITE.format(1), second)
    assert "Beide teksten zijn bewaard" in reply.words
    assert "Uit het ene venster." in reply.html
    assert "Uit het andere venster." in reply.html
    look = noor.get("/verslagen/1/inleveren")
    assert "Je schreef hier twee teksten" in look.words, (
        "nobody hands in the one and means the other"
    )
    assert "Uit het andere venster." not in look.html


def test_a_text_that_is_too_long_comes_back_whole_and_the_rest_is_kept(client_of, cast):
    noor, page = begin(client_of, cast)
    long = "woord " * 4000
    shown = noor.post(
        WRITE.format(1), fields(page, **{"begrijp--text": long, "fout--text": "kort"}), status=422
    )
    assert long.strip() in shown.html
    assert "20000" in shown.words
    assert "kort" in noor.get(WRITE.format(1)).html


def test_section_by_section_a_text_that_is_too_long_comes_back_in_its_own_section(client_of, cast):
    noor, page = begin(client_of, cast)
    noor.post(WRITE.format(1), fields(page, **{"fout--text": "kort"}))
    noor.post("/mijn/schrijfwijze", {"writes": "one", "report": "1"})
    page = noor.get(WRITE.format(1) + "?deel=fout")
    long = "woord " * 4000
    shown = noor.post(
        WRITE.format(1), fields(page, **{"fout--text": long, "do": "go:begrijp"}), status=422
    )
    assert long.strip() in shown.html, "the other section would hide it, and it would be lost"


def test_autosave_answers_in_json_and_says_what_it_did(client_of, cast):
    noor, page = begin(client_of, cast)
    reply = noor.client.post(
        WRITE.format(1),
        data={"csrf_token": page.field("csrf_token"), **fields(page, **{"fout--text": "tik tik"})},
        headers={"Accept": "application/json"},
    )
    assert reply.json["sentence"] == "Bewaard om 10:00"
    assert reply.json["outcomes"] == {"fout": "written"}
    # Pages that were opened before an upgrade go on reading these names.
    assert set(reply.json) == {"outcomes", "aside", "too_long", "left_out", "sentence"}
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_words_sent_after_the_session_ended_go_along_while_noor_signs_in(client_of, cast):
    noor, page = begin(client_of, cast)
    typed = fields(
        page,
        **{"begrijp--text": "Te laat, <b>maar</b> niet weg.", "stap--step": "x", "do": "hand_in"},
    )
    noor.client.delete_cookie("reflect")
    shown = noor.post(WRITE.format(1), typed, status=401)
    assert "je tekst staat er nog" in shown.words
    assert "Te laat, &lt;b&gt;maar&lt;/b&gt; niet weg." in shown.html
    login_url = next(
        form["action"] for form in shown.all("form") if "/inloggen" in form.get("action", "")
    )
    hidden_fields = {
        one["name"]: one["value"]
        for one in shown.all("input")
        if "value" in one and one["type"] == "hidden"
    }
    assert "x" in hidden_fields.values(), "short words go along too"
    shown = noor.post(
        login_url,
        {
            **hidden_fields,
            "csrf_token": shown.field("csrf_token"),
            "name": "noor",
            "password": "mis",
        },
        status=422,
    )
    assert "niet weg" in shown.words, "a wrong password takes nothing away"
    shown = noor.post(
        login_url,
        {
            **hidden_fields,
            "csrf_token": shown.field("csrf_token"),
            "name": "noor",
            "password": PASSWORD,
        },
    )
    assert "niet weg" in shown.words
    assert not client_of("noor").get(WRITE.format(1)).html.count("niet weg"), (
        "nothing is kept before it is asked for"
    )
    kept = noor.post(WRITE.format(1), {**hidden_fields, "csrf_token": shown.field("csrf_token")})
    assert "Te laat, &lt;b&gt;maar&lt;/b&gt; niet weg." in kept.html
    assert "do" not in hidden_fields, "what was wished is done by who sees the page again"


def test_words_of_a_page_from_an_earlier_session_are_kept_with_one_press(client_of, cast):
    noor, page = begin(client_of, cast)
    old = {
        "csrf_token": page.field("csrf_token"),
        **fields(page, **{"begrijp--text": "Uit de vorige sessie."}),
    }
    noor.client.delete_cookie("reflect")
    noor.sign_in("noor")
    noor.page = None
    shown = noor.post(WRITE.format(1), old, status=400)
    assert "Wat je typte staat er nog" in shown.words
    kept = noor.post(WRITE.format(1), {**old, "csrf_token": shown.field("csrf_token")})
    assert "Uit de vorige sessie." in kept.html


def test_another_house_puts_no_words_into_somebodys_mouth(client_of, cast):
    noor, page = begin(client_of, cast)
    words = fields(page, **{"begrijp--text": "Niet van Noor."})
    reply = noor.client.post(
        WRITE.format(1), data=words, headers={"Origin": "https://elders.example"}
    )
    assert reply.status_code == 400
    assert "Niet van Noor" not in reply.text


def test_a_private_part_stays_private_until_noor_opens_it(client_of, make_report):
    number = make_report("handed_in")
    assert "Geheim" not in client_of("dewit").get(f"/verslagen/{number}").html
    noor = client_of("noor")
    offered = noor.get(f"/verslagen/{number}/delen").words
    assert (
        "Hoe was het voor mij? Niemand leest dit onderdeel, tenzij jij aanvinkt wie het mag."
        in offered
    )
    noor.post(f"/verslagen/{number}/openen", {"section": "gevoel", "audience": ["teacher"]})
    assert "Geheim" in client_of("dewit").get(f"/verslagen/{number}").html
    noor.post(f"/verslagen/{number}/openen", {"section": "gevoel"})
    assert "Geheim" not in client_of("dewit").get(f"/verslagen/{number}").html


def test_the_letter_is_for_the_teacher_and_not_for_the_mentor(client_of, make_report):
    number = make_report("answered")
    offered = client_of("noor").get(f"/verslagen/{number}/delen").words
    assert (
        "Brief aan je docent Je docent leest deze brief. Vink aan wie hem ook mag lezen." in offered
    )
    assert re.search(r"\w+, begeleider op school", offered), (
        "who may be at home and who at school is told apart"
    )
    assert "mag ik iets vragen" in client_of("dewit").get(f"/verslagen/{number}").html
    assert "mag ik iets vragen" not in client_of("smit").get(f"/verslagen/{number}").html


def test_noor_rounds_off_with_a_last_word_and_goals(client_of, make_report):
    number = make_report("answered")
    noor = client_of("noor")
    page = noor.get(f"/verslagen/{number}/afronden")
    words = {
        "closing--word": "Dank u, ik ga het doen.",
        "closing--a.goal": "Elke dag een som",
        "do": "close",
    }
    shown = noor.post(f"/verslagen/{number}/afronden", fields(page, **words))
    assert "Elke dag een som" in shown.words
    assert "Je voornemens komen terug in de volgende ronde" in shown.words
    assert "Dank u" in client_of("smit").get(f"/verslagen/{number}").words


@pytest.mark.parametrize("word", ["", "Dank u, ik ga het doen."])
def test_without_a_goal_nothing_is_said_to_come_back(client_of, make_report, word):
    number = make_report("answered")
    page = client_of("noor").get(f"/verslagen/{number}/afronden")
    empty = dict.fromkeys(("closing--a.goal", "closing--a.notice"), "")
    said = fields(page, **empty, **{"closing--word": word, "do": "close"})
    shown = client_of("noor").post(f"/verslagen/{number}/afronden", said)
    if not word:
        assert "Je schreef nog niets. Wil je toch afronden?" in shown.words
        assert "Afgerond" not in client_of("noor").get(f"/verslagen/{number}").words, (
            "it is asked once, before anything is done"
        )
        shown = client_of("noor").post(
            f"/verslagen/{number}/afronden",
            {**said, "do": "close_anyway"},
            on=f"/verslagen/{number}/afronden",
        )
    assert "Afgerond." in shown.words
    assert "volgende ronde" not in shown.words


def test_two_last_words_stand_side_by_side_with_their_labels(client_of, make_report):
    number = make_report("answered")
    noor, path = client_of("noor"), f"/verslagen/{number}/afronden"
    page = noor.get(path)
    noor.post(
        path,
        fields(
            page,
            **{"closing--word": "Dank u.", "closing--a.goal": "Elke dag een som", "do": "keep"},
        ),
    )
    other = {
        "closing--word": "Bedankt!",
        "closing--a.goal": "Sommen",
        "closing--a.notice": "sneller",
    }
    shown = noor.post(path, fields(page, **other, **{"save_key": "another"}))
    here, there = shown.words.split("Dit staat er nu")[1].split("Dit kwam ergens anders vandaan")
    for text, words in ((here, ("Dank u.", "Elke dag een som")), (there, ("Bedankt!", "Sommen"))):
        assert f"Mijn slotwoord {words[0]}" in text
        assert f"Ik neem mij voor {words[1]}" in text
    assert "sneller" in there


def test_the_pages_speak_the_language_that_the_reader_chose(client_of, make_report):
    noor = client_of("noor")
    assert "Mijn verslagen" in noor.get("/").html
    noor.post("/taal", {"language": "en", "onward": "/"})
    page = noor.get("/")
    assert page.all("html")[0]["lang"] == "en"
    assert "My reports" in page.html
    noor.post("/mijn", {"language": "nl", "font": "dyslexic", "text_size": "large"}, on="/mijn")
    assert noor.get("/").all("html")[0]["data-font"] == "dyslexic"


def test_a_wrong_password_says_so_and_keeps_the_name(client_of):
    browser = client_of("nobody")
    browser.get("/inloggen")
    page = browser.post("/inloggen", {"name": "noor", "password": "mis"}, status=422)
    assert page.field("name") == "noor"
    assert "horen niet bij elkaar" in page.words
    assert "Hallo Noor" in browser.post("/inloggen", {"name": "Noor", "password": PASSWORD}).words
