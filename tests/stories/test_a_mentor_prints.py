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
