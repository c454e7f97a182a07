"""A remark as others read it: beside its passage, also when that has changed."""

import pytest

from reflect.access import report_loading, share
from reflect.access.share import Audience
from reflect.db.session import commit, session
from reflect.reports import revisions
from reflect.reports.report import Report
from reflect.reports.workflow import Action
from tests.cast import NOW
from tests.stories.remark_forms import MISTAKE_TEXT, REMARK_SECTION, post_answer, remark_fields
from tests.stories.test_a_teacher_answers import fields


def test_asked_on_the_student_finds_it_while_writing_and_it_stays_or_says_that_its_words_are_gone(
    answer_desk, client_of
):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Waarom?"))
    post_answer(teacher, path, **{"overall--question": "En nu?", "do": "ask_on"})
    noor, writing_page = client_of("noor"), f"/verslagen/{number}/schrijven"
    page = noor.get(writing_page)
    assert "Kanttekeningen van je docent" in page.words
    assert page.words.index("gelijk is aan Waarom?") > 0
    noor.post(
        writing_page,
        fields(page, **{"fout--text": f"Eerst nog iets anders vooraf. {MISTAKE_TEXT}"}),
    )
    assert '<mark id="passage-' in noor.get(f"/verslagen/{number}").html
    noor.get(writing_page)
    noor.post(
        writing_page, fields(noor.page, **{"fout--text": "Nu schrijf ik het heel anders op."})
    )
    for page in (noor.get(f"/verslagen/{number}"), noor.get(writing_page)):
        assert (
            "Deze kanttekening hoorde bij woorden die er nu niet meer staan: gelijk is aan"
            in page.words
        )
        assert "Waarom?" in page.words


def test_words_that_were_only_changed_say_so_with_what_stood_there(
    answer_desk, client_of, app, cast
):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("dacht dat $-3^2$ gelijk is aan", "Waarom?"))
    post_answer(teacher, path, **{"overall--question": "En nu?", "do": "ask_on"})
    noor, writing_page = client_of("noor"), f"/verslagen/{number}/schrijven"
    page = noor.get(writing_page)
    assert "sindsdien veranderd" not in page.words
    noor.post(
        writing_page,
        fields(page, **{"fout--text": MISTAKE_TEXT.replace("dacht dat", "dacht eerst dat")}),
    )
    said = "Deze woorden zijn sindsdien veranderd. Er stond: dacht dat $-3^2$ gelijk is aan"
    assert said in noor.get(writing_page).words
    assert said in noor.get(f"/verslagen/{number}").words
    noor.get(f"/verslagen/{number}/inleveren")
    noor.post(f"/verslagen/{number}/inleveren")
    assert said in teacher.get(path).words
    post_answer(teacher, path, **{"overall--seen": "Mooi.", "do": "answer"})
    with app.app_context():
        (mentor,) = report_loading.load(number, by=cast.actor("smit"), at=NOW).remarks
        session().rollback()
    assert mentor.previous_quote == "", (
        "who sees no earlier versions reads that it changed, not what stood there"
    )


def test_words_that_are_gone_are_not_for_who_sees_no_earlier_versions(
    answer_desk, client_of, app, cast
):
    number, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Waarom?"))
    post_answer(teacher, path, **{"overall--question": "En nu?", "do": "ask_on"})
    noor = client_of("noor")
    page = noor.get(f"/verslagen/{number}/schrijven")
    noor.post(f"/verslagen/{number}/schrijven", fields(page, **{"fout--text": "Anders."}))
    noor.get(f"/verslagen/{number}/inleveren")
    noor.post(f"/verslagen/{number}/inleveren")
    assert "Waarom?" in teacher.get(path).html
    post_answer(teacher, path, **{"overall--seen": "Mooi.", "do": "answer"})
    with app.app_context():
        shared(number, cast)
    for name in ("smit", "fatima"):
        html = client_of(name).get(f"/verslagen/{number}").html
        assert "Mooi." in html
        assert "gelijk is aan" not in html
        assert "Waarom?" not in html


def shared(number, cast):
    report = session().get(Report, number)
    share.share_with(
        report,
        person_id=cast.people["fatima"],
        begins_at=NOW,
        ends_at=None,
        by=cast.actor("noor"),
        at=NOW,
    )
    commit()


@pytest.mark.parametrize(
    ("section", "field", "secret"),
    [("brief", "text", "mag ik iets vragen"), ("gevoel", "text", "ik was zenuwachtig")],
)
def test_a_remark_on_the_letter_or_on_what_was_opened_leaks_no_word(
    make_report, client_of, app, cast, section, field, secret
):
    number = make_report("handed_in")
    noor, everybody = cast.actor("noor"), ("smit", "fatima", "brandt", "dewit")
    with app.app_context():
        report, teacher = session().get(Report, number), cast.actor("dewit")
        opening = {"section": section, "audience": Audience.TEACHER}
        if section == "gevoel":
            share.open_section(report, **opening, by=noor, at=NOW)
        report_loading.load(number, by=teacher, at=NOW)
        told_by_teacher = {
            "section": section,
            "field": field,
            "quote": secret,
            "before": "",
            "after": "",
            "start": "0",
        }
        answer = {
            REMARK_SECTION: {**told_by_teacher, "text": "Stil antwoord."},
            "overall": {"seen": "Mooi."},
        }
        revisions.save(
            report,
            answer,
            action=Action.WRITE_ANSWER,
            base_version=2**62,
            save_key=None,
            by=teacher,
            at=NOW,
        )
        report.answer(by=teacher, at=NOW)
        shared(number, cast)
        if section == "gevoel":
            share.close_section(report, **opening, by=noor, at=NOW)
            commit()
        seen = {name: read_by(number, cast, name) for name in (*everybody, "noor")}
        assert secret in repr(seen["noor"])
        for name in everybody:
            may = name == "dewit" and section == "brief"
            assert (secret in repr(seen[name])) == may, name
            assert ("Stil antwoord." in repr(seen[name])) == may, name
        assert secret not in repr(report_loading.load_home_preview(number, by=noor, at=NOW).remarks)
    assert secret not in client_of("fatima").get(f"/verslagen/{number}").html


def read_by(number, cast, name):
    seen = report_loading.load(number, by=cast.actor(name), at=NOW)
    return seen.sections, seen.remarks
