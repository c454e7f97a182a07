"""A mentor sees the group in words and prints for the talks; each print is a reading."""

import io

import pikepdf
import pytest


def test_the_group_is_shown_in_words_and_only_answers_can_be_opened(client_of, cast, make_report):
    answered, waiting = make_report("answered"), make_report("handed_in", student="sam")
    page = client_of("smit").get(f"/mentorgroepen/{cast.group}")
    assert f"/verslagen/{answered}" in page.links()
    assert f"/verslagen/{waiting}" not in page.links()
    shown = client_of("smit").get(f"/verslagen/{waiting}")
    assert "haal je links en rechts" not in shown.html


@pytest.mark.slow
def test_printing_one_student_gives_a_pdf_and_noor_sees_it(client_of, cast, make_report):
    number = make_report("answered")
    mentor = client_of("smit")
    mentor.get(f"/mentorgroepen/{cast.group}/leerlingen/{cast.people['noor']}")
    response = mentor.post(
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken"
    )
    assert response.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(response.data)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
    assert "afgedrukt" in client_of("noor").get(f"/verslagen/{number}/gelezen").words


@pytest.mark.slow
def test_one_sheet_of_a_student_is_two_pages_and_a_reading_as_any_print(
    client_of, cast, make_report
):
    number = make_report("answered")
    mentor = client_of("smit")
    page = mentor.get(f"/mentorgroepen/{cast.group}/leerlingen/{cast.people['noor']}")
    assert "Op één vel afdrukken" in page.words
    address = (
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken"
    )
    response = mentor.post(address, {"shape": "sheet"})
    assert "klas-2b-noor-el-amrani-een-vel.pdf" in response.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(response.data)) as pdf:
        assert len(pdf.pages) == 2
    assert client_of("noor").get(f"/verslagen/{number}/gelezen").words.count("Carla Smit") == 1


def test_a_sheet_is_for_the_mentor_alone_and_only_of_what_is_answered(client_of, cast, make_report):
    address = (
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/leerlingen/{cast.people['noor']}/afdrukken"
    )
    make_report("handed_in")
    client_of("smit").get(f"/mentorgroepen/{cast.group}")
    assert (
        "niets om af te drukken"
        in client_of("smit").post(address, {"shape": "sheet"}, status=409).words
    )
    for name in ("visser", "dewit", "noor", "beheer"):
        client_of(name).get("/")
        client_of(name).post(address, {"shape": "sheet"}, status=404)


@pytest.mark.parametrize("words", [{"kind": "pdf"}, {"shape": "poster"}, {"shape": ""}], ids=str)
def test_a_word_that_no_page_of_ours_sends_prints_nothing(client_of, cast, make_report, words):
    number = make_report("answered")
    mentor = client_of("smit")
    mentor.get(f"/mentorgroepen/{cast.group}")
    mentor.post(f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", words, status=404)
    assert "Carla Smit" not in client_of("noor").get(f"/verslagen/{number}/gelezen").words


def test_with_nothing_answered_the_print_says_so_and_notes_nothing(client_of, cast, make_report):
    number = make_report("handed_in")
    mentor = client_of("smit")
    mentor.get(f"/mentorgroepen/{cast.group}")
    page = mentor.post(
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", {"kind": "merged"}, status=409
    )
    assert "niets om af te drukken" in page.words
    assert "Carla Smit" not in client_of("noor").get(f"/verslagen/{number}/gelezen").words


def test_another_mentor_prints_nothing_of_this_group(client_of, cast, make_report):
    make_report("answered")
    other = client_of("visser")
    other.get("/")
    other.post(
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken", {"kind": "merged"}, status=404
    )
