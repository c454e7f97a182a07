"""A teacher answers what was handed in, asks on, and opens again."""

from datetime import timedelta


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


def test_after_an_answer_comes_the_next_report_that_waits(client_of, make_report):
    first, second = make_report("handed_in"), make_report("handed_in", student="sam")
    teacher = client_of("dewit")
    page = teacher.get(f"/verslagen/{first}/beantwoorden")
    response = teacher.post(
        f"/verslagen/{first}/beantwoorden",
        fields(page, **{"overall--seen": "Goed.", "do": "answer"}),
        status=303,
        follow=False,
    )
    assert response.headers["Location"].endswith(f"/verslagen/{second}/beantwoorden")


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
