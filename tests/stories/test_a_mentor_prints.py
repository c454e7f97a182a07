"""A mentor sees the group in words and prints for the talks; each print is a reading."""

import io

import pikepdf


def test_the_group_is_shown_in_words_and_only_answers_can_be_opened(as_, cast, told):
    answered, waiting = told("answered"), told("handed_in", student="sam")
    page = as_("smit").get(f"/mentorgroepen/{cast.group}")
    assert f"/verslagen/{answered}" in page.links()
    assert f"/verslagen/{waiting}" not in page.links()
    shown = as_("smit").get(f"/verslagen/{waiting}")
    assert "haal je links en rechts" not in shown.html


def test_printing_one_student_gives_a_pdf_and_noor_sees_it(as_, cast, told):
    number = told("answered")
    mentor = as_("smit")
    mentor.get(f"/mentorgroepen/{cast.group}/leerlingen/{cast.people['noor']}")
    answer = mentor.post(f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
    assert "afgedrukt" in as_("noor").get(f"/verslagen/{number}/gelezen").words


def test_one_sheet_of_a_student_is_two_pages_and_a_reading_as_any_print(as_, cast, told):
    number = told("answered")
    mentor = as_("smit")
    page = mentor.get(f"/mentorgroepen/{cast.group}/leerlingen/{cast.people['noor']}")
    assert "Op één vel afdrukken" in page.words
    address = f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken"
    answer = mentor.post(address, {"shape": "sheet"})
    assert "klas-2b-noor-el-amrani-een-vel.pdf" in answer.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 2
    assert as_("noor").get(f"/verslagen/{number}/gelezen").words.count("Carla Smit") == 1


def test_a_sheet_is_for_the_mentor_alone_and_only_of_what_is_answered(as_, cast, told):
    address = f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken"
    told("handed_in")
    as_("smit").get(f"/mentorgroepen/{cast.group}")
    assert "niets om af te drukken" in as_("smit").post(address, {"shape": "sheet"}, status=409).words
    for name in ("visser", "dewit", "noor", "beheer"):
        as_(name).get("/")
        as_(name).post(address, {"shape": "sheet"}, status=404)


def test_a_group_with_one_answer_is_printed_on_a_sheet_at_once(as_, cast, told):
    told("answered")
    mentor = as_("smit")
    for kind, ending in (("merged", "2b-een-vel.pdf"), ("zip", "2b-een-vel.zip")):
        mentor.get(f"/mentorgroepen/{cast.group}")
        answer = mentor.post(
            f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", {"kind": kind, "shape": "sheet"}
        )
        assert ending in answer.headers["Content-Disposition"]


def test_with_nothing_answered_the_print_says_so_and_notes_nothing(as_, cast, told):
    number = told("handed_in")
    mentor = as_("smit")
    mentor.get(f"/mentorgroepen/{cast.group}")
    page = mentor.post(f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", {"kind": "merged"}, status=409)
    assert "niets om af te drukken" in page.words
    assert "Carla Smit" not in as_("noor").get(f"/verslagen/{number}/gelezen").words


def test_another_mentor_prints_nothing_of_this_group(as_, cast, told):
    told("answered")
    other = as_("visser")
    other.get("/")
    other.post(f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", {"kind": "merged"}, status=404)
