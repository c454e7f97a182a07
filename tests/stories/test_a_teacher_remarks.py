"""A teacher remarks on a passage; the student finds it beside the words and goes on writing."""

import re

import pytest
import sqlalchemy as sa

from reflect.access import report_loading
from reflect.db.session import session
from reflect.reports import annotations
from reflect.reports.report import Revision
from reflect.web.teacher import remarks
from tests.cast import NOW
from tests.stories.remark_forms import (
    REMARK_KEY,
    REMARK_SECTION,
    autosave_answer,
    opened_to_teacher,
    post_answer,
    remark_fields,
)
from tests.stories.test_a_teacher_answers import fields


def test_a_remark_by_hand_is_marked_at_the_desk_and_reaches_the_student_with_the_answer(
    answer_desk, client_of
):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Waarom *gelijk*?"))
    assert re.search(r'<mark id="passage-k+1">gelijk is aan</mark><sup', teacher.page.html)
    noor = client_of("noor")
    assert "Waarom" not in noor.get(f"/verslagen/{number}").html
    post_answer(teacher, path, **{"overall--seen": "Helder.", "do": "answer"})
    page = noor.get(f"/verslagen/{number}")
    assert '<a href="#remark.' + REMARK_KEY + '" aria-label="kanttekening 1">1</a>' in page.html
    assert f'<li id="remark.{REMARK_KEY}">' in page.html
    assert f'href="#passage-{REMARK_KEY}"' in page.html
    assert "Waarom <em>gelijk</em>?" in page.html


def test_words_that_are_copied_with_a_formula_find_their_place(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(
        teacher, path, **remark_fields("dat \N{MINUS SIGN}\n3\n2\n gelijk", "Kijk nog eens.")
    )
    assert re.search(
        r'<mark id="passage-k+1">dat <math.*?</math> gelijk</mark>', teacher.page.html, re.DOTALL
    )


def test_words_that_do_not_stand_there_are_said_kindly_and_nothing_is_lost(answer_desk, client_of):
    number, teacher, path = answer_desk()
    page = post_answer(
        teacher,
        path,
        status=422,
        **remark_fields("heel andere woorden", "Dit blijft staan."),
        do="answer",
    )
    assert "Deze woorden staan zo niet in de tekst." in page.words
    assert "Dit blijft staan." in teacher.get(path).html, "it is kept, also when the page is left"
    assert "heel andere woorden" in teacher.page.html
    assert "Dit blijft staan." not in client_of("noor").get(f"/verslagen/{number}").html
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Dit blijft staan."))
    assert '<mark id="passage-' in teacher.page.html


def test_a_remark_without_words_and_words_without_a_remark_are_asked_for(answer_desk):
    _, teacher, path = answer_desk()
    assert (
        "Kopieer hier de woorden"
        in post_answer(teacher, path, status=422, **remark_fields("", "Zomaar iets.")).words
    )
    assert (
        "Schrijf je kanttekening"
        in post_answer(
            teacher,
            path,
            status=422,
            **remark_fields("gelijk", "", name=annotations.section_name("b" * 22)),
        ).words
    )


def test_an_empty_form_for_a_remark_keeps_nothing(answer_desk, app):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("", ""))
    with app.app_context():
        assert (
            not session()
            .scalars(
                sa.select(Revision).where(
                    Revision.report_id == number, Revision.section == REMARK_SECTION
                )
            )
            .all()
        )


def test_a_remark_is_changed_taken_away_and_nothing_of_it_is_deleted(answer_desk, app):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Eerst dit."))
    post_answer(teacher, path, **{f"{REMARK_SECTION}--text": "Toen dat."})
    assert "Toen dat." in teacher.page.html
    post_answer(
        teacher, path, **{f"{REMARK_SECTION}--text": "Toen dat.", f"{REMARK_SECTION}--away": "1"}
    )
    assert "<mark" not in teacher.page.html
    with app.app_context():
        rows = session().scalars(
            sa.select(Revision)
            .where(Revision.report_id == number, Revision.section == REMARK_SECTION)
            .order_by(Revision.id)
        )
        assert [row.content["text"] for row in rows] == ["Eerst dit.", "Toen dat.", ""]


def test_a_remark_that_is_known_keeps_its_place_whatever_a_page_sends(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Hier."))
    submitted = {"section": "begrijp", "field": "text", "quote": "Ik dacht", "text": "Daar."}
    post_answer(
        teacher, path, **{f"{REMARK_SECTION}--{name}": text for name, text in submitted.items()}
    )
    assert re.search(r'<mark id="passage-k+1">gelijk is aan</mark>', teacher.page.html)
    assert "Daar." in teacher.page.html


def test_words_that_are_typed_and_not_pasted_find_their_place_when_they_are_whole(answer_desk):
    _, teacher, path = answer_desk()
    for number, words in enumerate(("ge", "gelijk is", "gelijk is aa", "gelijk is aan"), start=1):
        autosave_answer(teacher, path, number, **remark_fields(words, "Waarom?"))
    assert '<mark id="passage-' + REMARK_KEY + '">gelijk is aan</mark>' in teacher.get(path).html


def test_words_that_are_changed_into_others_that_do_not_stand_there_are_asked_for_again(
    answer_desk,
):
    _, teacher, path = answer_desk()
    autosave_answer(teacher, path, **remark_fields("gelijk", "Waarom?"))
    page = post_answer(
        teacher,
        path,
        status=422,
        **remark_fields("gelijk en nog wat", "Waarom?"),
        save_key="page.2",
    )
    assert "Deze woorden staan zo niet in de tekst." in page.words
    assert f'id="{REMARK_SECTION}"' in page.html, (
        "so that a script finds the box of a text that is next to another"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"section": "gevoel"},
        {"section": "onzin"},
        {"field": "evidence"},
        {"field": "caption.x"},
        {"quote": "verzonnen"},
    ],
)
def test_what_a_page_says_about_a_place_is_looked_up(answer_desk, app, change):
    number, teacher, path = answer_desk()
    submitted = {
        "section": "fout",
        "field": "text",
        "quote": "gelijk is aan",
        "before": "",
        "after": "",
        "start": "20",
        "text": "Ja.",
    }
    post_answer(
        teacher,
        path,
        status=422 if "quote" in change else 200,
        **{f"{REMARK_SECTION}--{name}": text for name, text in {**submitted, **change}.items()},
    )
    with app.app_context():
        kept = (
            session()
            .scalars(
                sa.select(Revision).where(
                    Revision.report_id == number, Revision.section == REMARK_SECTION
                )
            )
            .all()
        )
        assert all(
            row.content["field"] in ("", "text") and row.content["section"] == "fout"
            for row in kept
        )
        assert bool(kept) == ("section" not in change)
    assert "Geheim" not in teacher.page.html


def test_a_name_of_another_shape_is_no_remark(answer_desk, app):
    number, teacher, path = answer_desk()
    for name in ("remark.kort", "remark." + "x" * 23, "remark.", "Remark." + "x" * 22):
        post_answer(teacher, path, **remark_fields("gelijk", "Nee.", name=name))
    with app.app_context():
        assert (
            not session()
            .scalars(
                sa.select(Revision).where(
                    Revision.report_id == number, Revision.section.like("%emark%")
                )
            )
            .all()
        )


@pytest.mark.parametrize("key", ["a--" + "b" * 19, "-" * 22, "---" + "c" * 18 + "-"])
def test_every_key_that_a_page_makes_up_is_kept(answer_desk, key):
    _, teacher, path = answer_desk()
    post_answer(
        teacher,
        path,
        **remark_fields("gelijk is aan", "Met streepjes.", name=annotations.section_name(key)),
    )
    assert f'<mark id="passage-{key}">gelijk is aan</mark>' in teacher.page.html
    assert "Met streepjes." in teacher.page.html


def test_words_that_have_no_place_are_never_called_kept(answer_desk):
    _, teacher, path = answer_desk()
    reply = autosave_answer(
        teacher,
        path,
        **remark_fields("gelijk", "Verdwaald.", section="gevoel"),
        **{"overall--seen": "Helder."},
    )
    assert reply["outcomes"] == {"overall": "written"}
    assert reply["left_out"] == [REMARK_SECTION]
    assert "Bewaard om" not in reply["sentence"]
    assert autosave_answer(teacher, path, 2, **remark_fields("", ""))["left_out"] == []
    again = post_answer(teacher, path, **remark_fields("gelijk", "Verdwaald.", section="gevoel"))
    assert "Een tekst is niet bewaard" in again.words


def test_a_remark_stays_kept_when_its_section_is_closed_meanwhile(answer_desk, app, cast):
    number, teacher, path = answer_desk()
    with opened_to_teacher(number, app=app, cast=cast):
        post_answer(
            teacher, path, **remark_fields("ik was zenuwachtig", "Eerst dit.", section="gevoel")
        )
    reply = autosave_answer(
        teacher, path, **remark_fields("ik was zenuwachtig", "Toen dat.", section="gevoel")
    )
    assert reply["outcomes"] == {REMARK_SECTION: "written"}
    assert "Toen dat." not in teacher.get(path).html


def test_a_student_can_write_no_remark(client_of, make_report, app):
    number = make_report("returned")
    noor = client_of("noor")
    page = noor.get(f"/verslagen/{number}/schrijven")
    for path in ("schrijven", "afronden"):
        noor.client.post(
            f"/verslagen/{number}/{path}",
            data={
                "csrf_token": page.field("csrf_token"),
                **fields(page, **remark_fields("gelijk", "Nee.")),
            },
        )
    noor.post(
        f"/verslagen/{number}/beantwoorden",
        {**remark_fields("gelijk", "Nee."), "version": "0"},
        status=404,
    )
    with app.app_context():
        assert (
            not session()
            .scalars(sa.select(Revision).where(Revision.section == REMARK_SECTION))
            .all()
        )


def test_two_remarks_are_numbered_in_reading_order(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Tweede."))
    post_answer(
        teacher,
        path,
        **remark_fields(
            "haal je links", "Eerste.", section="begrijp", name=annotations.section_name("a" * 22)
        ),
    )
    numbers = re.findall(r'aria-label="kanttekening (\d)">\d</a></sup>', teacher.page.html)
    assert numbers == ["1", "2"]
    assert teacher.page.words.index("Eerste.") < teacher.page.words.index("Tweede.")


def test_a_remark_too_long_stays_on_the_page(answer_desk):
    _, teacher, path = answer_desk()
    page = post_answer(teacher, path, status=422, **remark_fields("gelijk", "x" * 20_001))
    assert "langer dan 20000 tekens" in page.words
    assert "x" * 20_001 in page.html


HINTED = "Je hebt een 7,5 gehaald voor deze toets."


def test_a_kind_hint_about_a_remark_stands_under_its_field(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", HINTED))
    assert f'id="{REMARK_SECTION}--text"' in teacher.page.html, "where a list of hints leads to"
    assert hints_under(REMARK_SECTION, teacher.page)
    other = annotations.section_name("o" * 22)
    post_answer(teacher, path, status=422, **remark_fields("staat er niet", HINTED, name=other))
    assert f'id="{other}--text"' in teacher.page.html
    assert hints_under(other, teacher.page)
    assert set(re.findall(r'href="#(remark[^"]*-words)"', teacher.page.html)) == {f"{other}--words"}
    assert f'id="{other}--words"' in teacher.page.html


def hints_under(name, page):
    return re.search(rf'data-hints="{name}--text"[^>]*><ul><li>', page.html)


def test_the_remarks_without_a_place_are_named(answer_desk, app, cast):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Hier."))
    post_answer(
        teacher,
        path,
        status=422,
        **remark_fields("staat er niet", "Nergens.", name=annotations.section_name("o" * 22)),
    )
    with app.app_context():
        seen = report_loading.load(number, by=cast.actor("dewit"), at=NOW)
    assert [one.text for one in remarks.unplaced_remarks(seen)] == ["Nergens."]
